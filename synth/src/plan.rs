//! What a patient's studies, series and instances are: identifiers, times, places, equipment.
//!
//! A plan is cheap and made before any instance, so that instances can refer to each other.

use crate::dates::ClockTime;
use crate::equipment::{Equipment, devices};
use crate::options::{SeriesSettings, SuiteSettings};
use crate::persona::{FIRST_STUDY_DAY, Institution, Persona, digits, pick};
use crate::plant::Secret;
use crate::streams::Streams;
use crate::{SeriesKind, Syntax};
use efface_schema::PhiLabel;
use jiff::ToSpan;
use jiff::civil::Date;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// One series.
pub(crate) struct SeriesPlan {
    pub(crate) kind: SeriesKind,
    pub(crate) ordinal: u64,
    pub(crate) number: u32,
    pub(crate) uid: Secret,
    pub(crate) frame_of_reference_uid: Secret,
    pub(crate) equipment: Equipment,
    /// Device Serial Number (0018,1000), which must survive.
    pub(crate) device_serial: String,
    /// Serial of a detector or transducer, which free text gives away.
    pub(crate) part_serial: Secret,
    pub(crate) start: ClockTime,
    /// The part of the body; the study's but for MR, which shows heads.
    pub(crate) region: &'static Region,
    pub(crate) settings: SeriesSettings,
    pub(crate) syntax: Syntax,
    pub(crate) instance_uids: Vec<Secret>,
}

/// One study.
pub(crate) struct StudyPlan {
    pub(crate) ordinal: u64,
    pub(crate) uid: Secret,
    pub(crate) date: Date,
    pub(crate) start: ClockTime,
    pub(crate) study_id: Secret,
    pub(crate) accession: Secret,
    pub(crate) order: Secret,
    pub(crate) admission: Secret,
    pub(crate) institution_idx: usize,
    pub(crate) referring: Secret,
    pub(crate) requesting: Secret,
    pub(crate) performing: Secret,
    pub(crate) reading: Secret,
    pub(crate) operator: Secret,
    pub(crate) second_operator: Secret,
    pub(crate) region: &'static Region,
    /// The patient's study before this one.
    pub(crate) previous: Option<(Date, Secret)>,
    pub(crate) series: Vec<SeriesPlan>,
}

/// A patient with all studies.
pub(crate) struct PatientPlan {
    pub(crate) persona: Persona,
    pub(crate) studies: Vec<StudyPlan>,
    pub(crate) has_named_folder: bool,
}

/// A part of the body with its codes (SNOMED CT, as in PS3.16 Annex L).
#[derive(Debug)]
pub(crate) struct Region {
    pub(crate) body_part: &'static str,
    pub(crate) words: &'static str,
    pub(crate) code: &'static str,
}

static REGIONS: &[Region] = &[
    Region { body_part: "CHEST", words: "CHEST", code: "816094009" },
    Region { body_part: "ABDOMEN", words: "ABDOMEN", code: "818981001" },
    Region { body_part: "PELVIS", words: "PELVIS", code: "816092008" },
    Region { body_part: "NECK", words: "NECK", code: "45048000" },
];

static BREAST: Region = Region { body_part: "BREAST", words: "BREAST", code: "76752008" };

static HEART: Region = Region { body_part: "HEART", words: "HEART", code: "80891009" };

static HEAD: Region = Region { body_part: "HEAD", words: "HEAD", code: "69536005" };

/// Plans one patient.
pub(crate) fn plan_patient(
    settings: &SuiteSettings,
    streams: &Streams,
    institutions: &[Institution],
    patient: u64,
) -> PatientPlan {
    let persona = Persona::new(settings.casting(), streams, patient);
    let rng = &mut streams.stream("studies", &[patient]);
    let n_studies = rng.random_range(settings.studies_min..=settings.studies_max);
    let has_named_folder = rng.random_bool(settings.named_folder_share);
    let mut date = FIRST_STUDY_DAY.saturating_add(rng.random_range(0..300).days());
    let mut studies: Vec<StudyPlan> = Vec::new();
    for study in 0..u64::from(n_studies) {
        let previous = studies.last().map(|study| (study.date, study.uid.clone()));
        let institution_idx = rng.random_range(0..institutions.len());
        studies.push(plan_study(
            settings,
            streams,
            &institutions[institution_idx],
            institution_idx,
            [patient, study],
            date,
            previous,
        ));
        date = date.saturating_add(rng.random_range(45..260).days());
    }
    PatientPlan { persona, studies, has_named_folder }
}

fn plan_study(
    settings: &SuiteSettings,
    streams: &Streams,
    institution: &Institution,
    institution_idx: usize,
    ordinals: [u64; 2],
    date: Date,
    previous: Option<(Date, Secret)>,
) -> StudyPlan {
    let rng = &mut streams.stream("study", &ordinals);
    let start = ClockTime::new(rng.random_range(7..15), rng.random_range(0..60), rng.random_range(0..60));
    let first_operator = rng.random_range(0..institution.operators.len());
    let mut physician = || institution.physicians[rng.random_range(0..institution.physicians.len())].clone();
    let (referring, requesting, performing, reading) = (physician(), physician(), physician(), physician());
    let mut study = StudyPlan {
        ordinal: ordinals[1],
        uid: uid(streams, "study uid", &ordinals),
        date,
        start,
        study_id: Secret::new(PhiLabel::OtherId, format!("ST{}", digits(rng, 6))).known(),
        accession: Secret::new(PhiLabel::OtherId, format!("A{}", digits(rng, 9))).known(),
        order: Secret::new(PhiLabel::OtherId, format!("ORD{}", digits(rng, 8))).known(),
        admission: Secret::new(PhiLabel::OtherId, format!("V{}", digits(rng, 9))).known(),
        institution_idx,
        referring,
        requesting,
        performing,
        reading,
        operator: institution.operators[first_operator].clone(),
        second_operator: institution.operators[(first_operator + 1) % institution.operators.len()].clone(),
        region: &REGIONS[rng.random_range(0..REGIONS.len())],
        previous,
        series: Vec::new(),
    };
    let kinds = kinds(settings, rng);
    for (series, kind) in kinds.into_iter().enumerate() {
        let ordinals = [ordinals[0], ordinals[1], series as u64];
        let plan = plan_series(settings, kind, streams, ordinals, &study);
        study.series.push(plan);
    }
    study
}

/// The kinds of a study's series. What refers to images is left out where there is none that it can refer to.
fn kinds(settings: &SuiteSettings, rng: &mut ChaCha8Rng) -> Vec<SeriesKind> {
    let mut kinds: Vec<SeriesKind> = SeriesKind::ALL
        .iter()
        .copied()
        .filter(|kind| settings.series.get(kind).is_some_and(|series| rng.random_bool(series.share)))
        .collect();
    if !kinds.iter().any(|kind| kind.is_image()) {
        let first_image = settings.series.iter().find(|(kind, series)| kind.is_image() && series.share > 0.0);
        kinds.splice(0..0, first_image.map(|(kind, _)| *kind));
    }
    let has_slices = kinds.iter().any(|kind| kind.is_slice());
    let has_gray = kinds.iter().any(|kind| kind.is_gray());
    kinds.retain(|kind| (has_slices || !kind.needs_slices()) && (has_gray || *kind != SeriesKind::Presentation));
    kinds
}

/// Series of one gantry share their frame of reference, as those of a hybrid scanner do.
const fn gantry(kind: SeriesKind) -> u64 {
    match kind {
        SeriesKind::Ct | SeriesKind::EnhancedCt | SeriesKind::Pt => 0,
        SeriesKind::Mr | SeriesKind::EnhancedMr => 1,
        _ => 2,
    }
}

const fn region(kind: SeriesKind, of: &StudyPlan) -> &'static Region {
    match kind {
        SeriesKind::Mr | SeriesKind::EnhancedMr => &HEAD,
        SeriesKind::Mg => &BREAST,
        SeriesKind::Xa | SeriesKind::Ecg => &HEART,
        _ => of.region,
    }
}

fn plan_series(
    settings: &SuiteSettings,
    kind: SeriesKind,
    streams: &Streams,
    ordinals: [u64; 3],
    of: &StudyPlan,
) -> SeriesPlan {
    let rng = &mut streams.stream("series", &ordinals);
    let [patient, study, series] = ordinals;
    let of_kind = settings.series[&kind];
    SeriesPlan {
        kind,
        ordinal: series,
        number: u32::try_from(series).unwrap_or(0) + 1,
        uid: uid(streams, "series uid", &ordinals),
        frame_of_reference_uid: uid(streams, "frame of reference uid", &[patient, study, gantry(kind)]),
        equipment: pick(rng, devices(kind)),
        device_serial: digits(rng, 6),
        part_serial: Secret::new(PhiLabel::DeviceId, format!("SN{}", digits(rng, 8))),
        region: region(kind, of),
        start: of.start.plus(120 + u32::try_from(series).unwrap_or(0) * 900),
        settings: of_kind,
        syntax: Syntax::pick(&settings.syntaxes, kind, patient * 131 + study * 29 + series),
        instance_uids: (0..u64::from(of_kind.instances))
            .map(|instance| uid(streams, "instance uid", &[patient, study, series, instance]))
            .collect(),
    }
}

pub(crate) fn uid(streams: &Streams, purpose: &str, ordinals: &[u64]) -> Secret {
    Secret::new(PhiLabel::OtherId, streams.uid(purpose, ordinals)).known()
}
