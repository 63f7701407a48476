//! Modules that all instances share: SOP Common, General Series, General Image, Image Pixel; and the path.

use super::{Scene, equipment, patient, private, retired, sop_class, study};
use crate::Oddity;
use crate::SeriesKind;
use crate::Syntax;
use crate::burn;
use crate::dates;
use crate::equipment::Habits;
use crate::pixels::Canvas;
use crate::plan::SeriesPlan;
use crate::plant::{Basis, Phrase, Sheet};
use dicom_core::{PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Writes what does not depend on the kind of object.
pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    // Claims about values are rendered as they are made, so the character set comes first.
    sheet.put(tags::SPECIFIC_CHARACTER_SET, scene.persona().character_set);
    sop_common(scene, sheet);
    patient::write(scene, sheet);
    study::write(scene, sheet);
    series(scene, sheet);
    equipment::write(scene, sheet);
    private::write(scene, sheet);
}

fn sop_common(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    sheet.keep(tags::SOP_CLASS_UID, Basis::Technique, sop_class(scene.series.kind));
    sheet.require(tags::SOP_CLASS_UID, Basis::Type1);
    sheet.plant_type1(tags::SOP_INSTANCE_UID, scene.uid());
    sheet.plant(tags::INSTANCE_CREATION_DATE, &dates::dicom_date(scene.study.date));
    sheet.put(tags::INSTANCE_CREATION_TIME, scene.series.start.plus(30 + scene.instance_idx).dicom());
    sheet.keep(tags::INSTANCE_NUMBER, Basis::Technique, number(scene.instance_idx + 1));
}

fn series(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let (plan, day) = (scene.series, dates::dicom_date(scene.study.date));
    let texts = scene.series_grammar();
    let rng = &mut scene.series_stream("series text");
    sheet.keep(tags::MODALITY, Basis::Technique, plan.kind.modality());
    sheet.require(tags::MODALITY, Basis::Type1);
    sheet.plant_type1(tags::SERIES_INSTANCE_UID, &plan.uid);
    sheet.keep(tags::SERIES_NUMBER, Basis::Technique, number(plan.number));
    sheet.plant(tags::SERIES_DATE, &day);
    sheet.put(tags::SERIES_TIME, plan.start.dicom());
    sheet.phrase(tags::SERIES_DESCRIPTION, &texts.protocol(rng));
    if !plan.kind.is_report() {
        sheet.phrase(tags::PROTOCOL_NAME, &protocol_name(scene, rng));
        sheet.plant_values(tags::OPERATORS_NAME, &[&scene.study.operator, &scene.study.second_operator]);
        sheet.plant(tags::PERFORMING_PHYSICIAN_NAME, &scene.study.performing);
        sheet.plant(tags::PERFORMED_PROCEDURE_STEP_START_DATE, &day);
        sheet.put(tags::PERFORMED_PROCEDURE_STEP_START_TIME, plan.start.dicom());
        sheet.plant(tags::PERFORMED_PROCEDURE_STEP_ID, &scene.study.order.derive(|order| format!("P{order}")));
        sheet.phrase(tags::PERFORMED_PROCEDURE_STEP_DESCRIPTION, &texts.description(rng));
        sheet.phrase_secrets(tags::COMMENTS_ON_THE_PERFORMED_PROCEDURE_STEP, &texts.comment(rng, 3));
        study::request_attributes(scene, sheet);
    }
}

/// The protocol as the site calls it.
fn protocol_name(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    let name = scene.series_grammar().protocol(rng);
    let prefix = Habits::of(scene.study.institution_idx).protocol_prefix;
    if prefix.is_empty() || prefix.len() + name.n_characters() > 64 {
        return name;
    }
    let named = Phrase::default().filler(prefix).followed_by(name.clone());
    if named.is_fair() { named } else { name }
}

/// General Image, for the kinds that have it.
pub(super) fn general_image(scene: &Scene<'_>, sheet: &mut Sheet<'_>, image_type: &[&str]) {
    let day = dates::dicom_date(scene.study.date);
    let time = scene.series.start.plus(10 + scene.instance_idx);
    let rng = &mut scene.instance_stream("instance text");
    let texts = scene.instance_grammar();
    sheet.keep(tags::IMAGE_TYPE, Basis::Technique, values(image_type));
    sheet.plant(tags::CONTENT_DATE, &day);
    sheet.put(tags::CONTENT_TIME, time.dicom());
    sheet.plant(tags::ACQUISITION_DATE, &day);
    sheet.put(tags::ACQUISITION_TIME, time.dicom());
    sheet.plant(tags::ACQUISITION_DATE_TIME, &dates::dicom_date_time(scene.study.date, time));
    sheet.keep(tags::ACQUISITION_NUMBER, Basis::Technique, number(1));
    sheet.phrase_secrets(tags::IMAGE_COMMENTS, &texts.comment(rng, 0));
    if rng.random_bool(0.3) {
        sheet.phrase(retired::ACQUISITION_COMMENTS, &texts.comment(rng, 6));
    }
    if scene.instance_idx > 0 {
        sheet.item(tags::REFERENCED_IMAGE_SEQUENCE, |item| {
            item.put(tags::REFERENCED_SOP_CLASS_UID, sop_class(scene.series.kind));
            item.plant(tags::REFERENCED_SOP_INSTANCE_UID, &scene.series.instance_uids[0]);
        });
    }
}

/// Burns text in, with identifying lines for a share of the instances. Says whether the pixels identify.
pub(super) fn burn_in(scene: &Scene<'_>, sheet: &mut Sheet<'_>, canvas: &mut Canvas, ink: i32) -> bool {
    let rng = &mut scene.instance_stream("burned-in text");
    sheet.draw_on(canvas.columns, canvas.rows, canvas.n_frames);
    let kind = scene.series.kind;
    let share = if kind.is_cross_section() {
        scene.settings.burned_in_cross_section_share
    } else {
        scene.settings.burned_in_share
    };
    let content = match (rng.random_bool(share), rng.random_bool(0.5)) {
        (true, _) => Some(burn::Content::Identity),
        (false, true) => Some(burn::Content::Harmless),
        (false, false) => None,
    };
    let identifies = content.is_some_and(|content| burn::burn(scene, sheet, canvas, ink, content, rng));
    // Real files often say nothing here; in these it is of Type 1.
    let must_say = matches!(kind, SeriesKind::Dx | SeriesKind::Mg | SeriesKind::EnhancedCt | SeriesKind::EnhancedMr);
    if must_say || rng.random_bool(0.3) {
        // Enhanced objects may only say NO, so where text is burned into them they lie, as real ones do.
        let admits = identifies && !matches!(kind, SeriesKind::EnhancedCt | SeriesKind::EnhancedMr);
        sheet.put(tags::BURNED_IN_ANNOTATION, if admits { "YES" } else { "NO" });
    }
    identifies
}

/// How samples are stored.
pub(super) struct Storage {
    pub(super) photometric_interpretation: &'static str,
    pub(super) bits_stored: u16,
    pub(super) is_signed: bool,
}

impl Storage {
    pub(super) const fn monochrome2(bits_stored: u16) -> Self {
        Self { photometric_interpretation: "MONOCHROME2", bits_stored, is_signed: false }
    }
}

/// Image Pixel, from a finished canvas.
pub(super) fn image_pixel(scene: &Scene<'_>, sheet: &mut Sheet<'_>, canvas: &Canvas, storage: &Storage) {
    let is_8_bit = storage.bits_stored <= 8;
    let n_samples = u16::try_from(canvas.n_samples).expect("1 or 3 samples");
    sheet.keep(tags::SAMPLES_PER_PIXEL, Basis::Technique, n_samples);
    if storage.photometric_interpretation.starts_with("YBR") {
        // Whoever paints over compressed colour may have to store it as RGB: nothing is claimed.
        sheet.put(tags::PHOTOMETRIC_INTERPRETATION, storage.photometric_interpretation);
    } else {
        sheet.keep(tags::PHOTOMETRIC_INTERPRETATION, Basis::Technique, storage.photometric_interpretation);
    }
    if canvas.n_samples > 1 {
        // Nothing is stored by planes, but ultrasound in YBR_FULL must say so (PS3.3 C.8.5.6.1.3); RLE knows no order.
        let says_planes = storage.photometric_interpretation == "YBR_FULL" && scene.series.syntax == Syntax::Rle;
        sheet.put(tags::PLANAR_CONFIGURATION, u16::from(says_planes));
    }
    for (tag, value) in [
        (tags::ROWS, side(canvas.rows)),
        (tags::COLUMNS, side(canvas.columns)),
        (tags::BITS_ALLOCATED, if is_8_bit { 8 } else { 16 }),
        (tags::BITS_STORED, storage.bits_stored),
        (tags::HIGH_BIT, storage.bits_stored - 1),
        (tags::PIXEL_REPRESENTATION, u16::from(storage.is_signed)),
    ] {
        sheet.keep(tag, Basis::Technique, value);
        sheet.require(tag, Basis::Type1);
    }
    let is_lossy = scene.series.syntax == Syntax::JpegBaseline;
    if is_lossy || says_lossless(scene.series.kind) {
        sheet.keep(tags::LOSSY_IMAGE_COMPRESSION, Basis::Technique, if is_lossy { "01" } else { "00" });
    }
    if is_8_bit {
        // The encoder of JPEG Baseline takes RGB and makes the chrominance itself.
        let bytes = match storage.photometric_interpretation {
            "YBR_FULL" => canvas.to_ybr_full(),
            _ => canvas.to_bytes(),
        };
        sheet.put_as(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(bytes));
    } else {
        sheet.put_as(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(canvas.to_words().into()));
    }
    sheet.require_pixels();
}

/// Where Lossy Image Compression stands even when nothing is lost.
const fn says_lossless(kind: SeriesKind) -> bool {
    use SeriesKind::{Dx, EnhancedCt, EnhancedMr, Mg, Us, UsMultiFrame};
    matches!(kind, Dx | Mg | Us | UsMultiFrame | EnhancedCt | EnhancedMr)
}

/// VOI and Modality LUT of a linear display.
pub(super) fn display(sheet: &mut Sheet<'_>, center: &str, width: &str, rescale: Option<(&str, &str, &str)>) {
    sheet.keep(tags::WINDOW_CENTER, Basis::Technique, center);
    sheet.keep(tags::WINDOW_WIDTH, Basis::Technique, width);
    if let Some((intercept, slope, unit)) = rescale {
        sheet.keep(tags::RESCALE_INTERCEPT, Basis::Technique, intercept);
        sheet.keep(tags::RESCALE_SLOPE, Basis::Technique, slope);
        sheet.keep(tags::RESCALE_TYPE, Basis::Technique, unit);
    }
}

/// How the slices of a stack lie.
pub(super) struct Slices {
    pub(super) spacing_mm: &'static str,
    pub(super) thickness_mm: f64,
}

/// The slices of a kind of series.
pub(super) const fn slices(kind: SeriesKind) -> Slices {
    match kind {
        SeriesKind::Ct | SeriesKind::EnhancedCt => Slices { spacing_mm: "0.625", thickness_mm: 2.5 },
        SeriesKind::Pt => Slices { spacing_mm: "4.0", thickness_mm: 3.3 },
        _ => Slices { spacing_mm: "0.9375", thickness_mm: 5.0 },
    }
}

/// Image Position (Patient) of a slice in mm.
pub(super) fn position(series: &SeriesPlan, slice_idx: u32) -> [f64; 3] {
    [-160.0, -160.0, f64::from(slice_idx).mul_add(-slices(series.kind).thickness_mm, 120.0)]
}

/// The same as DS writes it.
pub(super) fn position_texts(series: &SeriesPlan, slice_idx: u32) -> Vec<String> {
    position(series, slice_idx).iter().map(|coordinate| format!("{coordinate:.1}")).collect()
}

/// Frame of Reference and Image Plane of a stack of axial slices.
pub(super) fn axial_plane(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let Slices { spacing_mm, thickness_mm } = slices(scene.series.kind);
    let [.., z] = position(scene.series, scene.instance_idx);
    sheet.plant_type1(tags::FRAME_OF_REFERENCE_UID, &scene.series.frame_of_reference_uid);
    sheet.type2(tags::POSITION_REFERENCE_INDICATOR, PrimitiveValue::Empty);
    sheet.keep(tags::PIXEL_SPACING, Basis::Technique, values(&[spacing_mm, spacing_mm]));
    sheet.keep(tags::IMAGE_ORIENTATION_PATIENT, Basis::Technique, values(&["1", "0", "0", "0", "1", "0"]));
    sheet.keep(
        tags::IMAGE_POSITION_PATIENT,
        Basis::Technique,
        values(&position_texts(scene.series, scene.instance_idx)),
    );
    sheet.keep(tags::SLICE_THICKNESS, Basis::Technique, format!("{thickness_mm:.1}"));
    sheet.keep(tags::SLICE_LOCATION, Basis::Technique, format!("{z:.1}"));
}

/// A code sequence of one item.
pub(super) fn code(sheet: &mut Sheet<'_>, tag: Tag, value: &str, scheme: &str, meaning: &str) {
    sheet.item(tag, |item| {
        item.put(tags::CODE_VALUE, value);
        item.put(tags::CODING_SCHEME_DESIGNATOR, scheme);
        item.put(tags::CODE_MEANING, meaning);
    });
}

/// Attributes of an acquisition that must survive.
pub(super) fn technique(sheet: &mut Sheet<'_>, attributes: &[(Tag, &str)]) {
    for (tag, value) in attributes {
        sheet.keep(*tag, Basis::Technique, *value);
    }
}

pub(super) fn values<T: AsRef<str>>(texts: &[T]) -> PrimitiveValue {
    PrimitiveValue::Strs(texts.iter().map(|text| text.as_ref().to_owned()).collect())
}

pub(super) fn number(number: u32) -> String {
    number.to_string()
}

fn side(pixels: u32) -> u16 {
    u16::try_from(pixels).expect("the settings allow at most 4096 rows and columns")
}

/// The path of an instance below the DICOM folder. Some patients' folders are named after them.
pub(super) fn file_path(scene: &Scene<'_>, oddity: Option<Oddity>, sheet: &mut Sheet<'_>) -> String {
    let persona = scene.persona();
    let folder = format!("P{:04}", persona.ordinal);
    let patient = if scene.patient.has_named_folder {
        let name = sheet.plant_file_name(&persona.name);
        let id = sheet.plant_file_name(&persona.patient_id);
        format!("{folder}-{name}-{id}")
    } else {
        folder
    };
    let study = if scene.patient.has_named_folder {
        let date = sheet.plant_file_name(&dates::dicom_date(scene.study.date));
        format!("ST{:02}-{date}", scene.study.ordinal)
    } else {
        format!("ST{:02}", scene.study.ordinal)
    };
    let series = format!("SE{:02}-{}", scene.series.ordinal, scene.series.kind.modality());
    let oddity = oddity.map_or_else(String::new, |oddity| format!("-{}", oddity.as_str()));
    format!("{patient}/{study}/{series}/IM{:04}{oddity}.dcm", scene.instance_idx)
}
