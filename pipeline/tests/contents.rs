//! What hides inside values: structured content, graphics, waveforms, overlays, compressed pixels, documents.
//!
//! Each test plants the patient of [`Sample`] or somebody else into one kind of content, and says what must go and what
//! must stay.

mod support;

use dicom_core::value::{PixelFragmentSequence, PrimitiveValue, Value};
use dicom_core::{DataElement, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::TransferSyntaxIndex;
use dicom_object::mem::InMemElement;
use dicom_object::{DefaultDicomObject, InMemDicomObject, open_file};
use dicom_pixeldata::{PixelDecoder, Transcode};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use efface_pipeline::{Policy, Silent, run};
use efface_schema::{InstanceOutcome, Status, parse_json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use support::{Lab, Sample, bytes, files, sequence, text};

/// How an instance ended.
struct Ended {
    lab: Lab,
    outcome: InstanceOutcome,
    file: Vec<u8>,
    path: PathBuf,
}

impl Ended {
    fn object(&self) -> DefaultDicomObject {
        open_file(&self.path).expect("a result can be read")
    }

    /// Whether the result holds a text, whatever the case.
    fn holds(&self, needle: &str) -> bool {
        let needle = needle.to_ascii_lowercase();
        self.file.to_ascii_lowercase().windows(needle.len()).any(|window| window == needle.as_bytes())
    }

    fn check(&self, gone: &[&str], kept: &[&str]) {
        assert_eq!(self.outcome.status, Status::Deidentified, "{:?}", self.outcome.reasons);
        gone.iter().for_each(|text| assert!(!self.holds(text), "{text} survives"));
        kept.iter().for_each(|text| assert!(self.holds(text), "{text} is lost"));
    }

    fn rules(&self) -> Vec<&str> {
        self.outcome.decisions.iter().map(|decision| decision.rule.as_str()).collect()
    }
}

fn deidentify_file(file: &[u8], policy: &str) -> Ended {
    let lab = Lab::new();
    fs::write(lab.path("in/1.dcm"), file).expect("a file");
    let mut settings = lab.settings("out");
    settings.policy = Policy::load(policy).expect("built in");
    run(&settings, &Silent, &AtomicBool::new(false)).expect("a run");
    let decisions = fs::read_to_string(settings.run.join("decisions.jsonl")).expect("the decisions are written");
    let outcome: InstanceOutcome = parse_json(&decisions).expect("one line for one instance");
    let folder = if outcome.status == Status::Deidentified { settings.output } else { settings.run.join("review") };
    let (name, file) = files(&folder).pop_first().expect("a result");
    Ended { path: folder.join(name), lab, outcome, file }
}

fn deidentify(sample: &Sample, policy: &str) -> Ended {
    deidentify_file(&sample.bytes(), policy)
}

fn code(tag: Tag, value: &str, scheme: &str, meaning: &str) -> InMemElement {
    sequence(
        tag,
        [vec![
            text(tags::CODE_VALUE, VR::SH, value),
            text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, scheme),
            text(tags::CODE_MEANING, VR::LO, meaning),
        ]],
    )
}

/// An item of a content tree.
fn item(value_type: &str, concept: (&str, &str, &str), mut values: Vec<InMemElement>) -> Vec<InMemElement> {
    let relationship = if concept.0.starts_with("1210") { "HAS OBS CONTEXT" } else { "CONTAINS" };
    values.push(text(Tag(0x0040, 0xA010), VR::CS, relationship));
    values.push(text(tags::VALUE_TYPE, VR::CS, value_type));
    values.push(code(tags::CONCEPT_NAME_CODE_SEQUENCE, concept.0, concept.1, concept.2));
    values
}

fn number(value: &str, unit: &str) -> InMemElement {
    let units = code(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, unit, "UCUM", unit);
    sequence(tags::MEASURED_VALUE_SEQUENCE, [vec![units, text(tags::NUMERIC_VALUE, VR::DS, value)]])
}

fn referenced(class: &str, uid: &str) -> InMemElement {
    let reference =
        vec![text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, class), text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, uid)];
    sequence(tags::REFERENCED_SOP_SEQUENCE, [reference])
}

const FINDING: (&str, &str, &str) = ("121071", "DCM", "Finding");

/// A report with every value type, and with the names of people, places and things where templates put them.
fn report() -> Sample {
    let mut sample = Sample::new("1.2.826.0.1.3680043.99.1.1.1");
    let is_of_image = |tag: Tag| matches!(tag.group(), 0x0028 | 0x7FE0 | 0x0018 | 0x0019 | 0x0020);
    sample.data_set.retain(|element| !is_of_image(dicom_core::header::Header::tag(element)));
    sample.meta.media_storage_sop_class_uid = uids::COMPREHENSIVE_SR_STORAGE.to_owned();
    sample.meta.update_information_group_length();
    let observer_context = [
        item(
            "PNAME",
            ("121008", "DCM", "Person Observer Name"),
            vec![text(tags::PERSON_NAME, VR::PN, "Quackenbos^Hugo")],
        ),
        item(
            "TEXT",
            ("121009", "DCM", "Person Observer's Organization Name"),
            vec![text(tags::TEXT_VALUE, VR::UT, "zeta four")],
        ),
        item("UIDREF", ("121012", "DCM", "Device Observer UID"), vec![text(tags::UID, VR::UI, "1.2.3.7712345")]),
        item("TEXT", ("121016", "DCM", "Device Observer Serial Number"), vec![text(tags::TEXT_VALUE, VR::UT, "zeta9")]),
        item("PNAME", ("121029", "DCM", "Subject Name"), vec![text(tags::PERSON_NAME, VR::PN, "DOE^JANEDOTTE")]),
        item("TEXT", ("121030", "DCM", "Subject ID"), vec![text(tags::TEXT_VALUE, VR::UT, "zeta 77")]),
        item("DATE", ("121031", "DCM", "Subject Birth Date"), vec![text(tags::DATE, VR::DA, "19510627")]),
        item("NUM", ("121033", "DCM", "Subject Age"), vec![number("94", "a")]),
    ];
    let findings = [
        item("TEXT", FINDING, vec![text(tags::TEXT_VALUE, VR::UT, "Mrs. Doe has a nodule in the left lobe.")]),
        item("TEXT", ("X4", "99LOCAL", "Accession Number"), vec![text(tags::TEXT_VALUE, VR::UT, "zeta 40417")]),
        item("NUM", ("121206", "DCM", "Distance"), vec![number("12.5", "mm")]),
        item("CODE", FINDING, vec![code(tags::CONCEPT_CODE_SEQUENCE, "4147007", "SCT", "Mass")]),
        item("CODE", FINDING, vec![code(tags::CONCEPT_CODE_SEQUENCE, "X9", "99LOCAL", "Recall by Dr. Kovacs, mass")]),
        item("DATE", ("121125", "DCM", "DateTime of Recording"), vec![text(tags::DATE, VR::DA, "20010203")]),
        item("DATETIME", ("121125", "DCM", "Recorded"), vec![text(tags::DATE_TIME, VR::DT, "20010203101530")]),
        item("TIME", ("121125", "DCM", "Recorded"), vec![text(tags::TIME, VR::TM, "101530")]),
        item("IMAGE", FINDING, vec![referenced(uids::CT_IMAGE_STORAGE, "1.2.3.4.7712345")]),
        item("COMPOSITE", FINDING, vec![referenced(uids::ENCAPSULATED_PDF_STORAGE, "1.2.3.5.7712345")]),
        item("UIDREF", ("110181", "DCM", "SOP Class UID"), vec![text(tags::UID, VR::UI, uids::MR_IMAGE_STORAGE)]),
        item(
            "PNAME",
            ("121114", "DCM", "Performing Physician"),
            vec![text(tags::PERSON_NAME, VR::PN, "QUACKENBOS^HUGO^^Dr")],
        ),
    ];
    let tree = observer_context.into_iter().chain(findings).map(InMemDicomObject::from_element_iter);
    let tree = dicom_core::value::DataSetSequence::new(tree.collect::<Vec<_>>(), dicom_core::Length::UNDEFINED);
    let identifier = vec![
        text(tags::CODE_VALUE, VR::SH, "P77"),
        text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "99LOCAL"),
        text(tags::CODE_MEANING, VR::LO, "Hugo Quackenbos"),
    ];
    for element in [
        text(tags::SOP_CLASS_UID, VR::UI, uids::COMPREHENSIVE_SR_STORAGE),
        text(tags::MODALITY, VR::CS, "SR"),
        text(tags::SERIES_NUMBER, VR::IS, "1"),
        text(tags::INSTANCE_NUMBER, VR::IS, "1"),
        text(tags::STUDY_ID, VR::SH, ""),
        text(tags::STUDY_TIME, VR::TM, "101500"),
        text(tags::ACCESSION_NUMBER, VR::SH, ""),
        text(tags::REFERRING_PHYSICIAN_NAME, VR::PN, ""),
        text(tags::MANUFACTURER, VR::LO, "ACME"),
        text(Tag(0x0008, 0x1090), VR::LO, "R1"),
        text(Tag(0x0018, 0x1000), VR::LO, "S1"),
        text(Tag(0x0018, 0x1020), VR::LO, "V1"),
        text(tags::CONTENT_DATE, VR::DA, "20010203"),
        text(tags::CONTENT_TIME, VR::TM, "101530"),
        sequence(Tag(0x0008, 0x1111), []),
        sequence(Tag(0x0040, 0xA372), []),
        text(Tag(0x0040, 0xA491), VR::CS, "COMPLETE"),
        text(Tag(0x0040, 0xA493), VR::CS, "VERIFIED"),
        text(tags::VALUE_TYPE, VR::CS, "CONTAINER"),
        text(Tag(0x0040, 0xA050), VR::CS, "SEPARATE"),
        code(tags::CONCEPT_NAME_CODE_SEQUENCE, "126000", "DCM", "Imaging Measurement Report"),
        sequence(
            Tag(0x0040, 0xA073),
            [vec![
                text(Tag(0x0040, 0xA075), VR::PN, "Quackenbos^Hugo"),
                text(Tag(0x0040, 0xA027), VR::LO, "zeta clinic"),
                text(Tag(0x0040, 0xA030), VR::DT, "20010203101530"),
                sequence(Tag(0x0040, 0xA088), [identifier]),
            ]],
        ),
        sequence(Tag(0x0040, 0xA078), [vec![text(Tag(0x0040, 0xA123), VR::PN, "Scrivener^Sam")]]),
        sequence(Tag(0x0040, 0xA07A), [vec![text(Tag(0x0040, 0xA123), VR::PN, "Scrivener^Sam")]]),
        sequence(Tag(0x0040, 0xA07C), [vec![text(tags::INSTITUTION_NAME, VR::LO, "zeta clinic")]]),
        sequence(
            Tag(0x0040, 0xA360),
            [vec![
                sequence(
                    tags::REFERENCED_SERIES_SEQUENCE,
                    [vec![
                        text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.3.6.7712345"),
                        referenced(uids::COMPREHENSIVE_SR_STORAGE, "1.2.3.7.7712345"),
                    ]],
                ),
                text(tags::STUDY_INSTANCE_UID, VR::UI, "1.2.826.0.1.3680043.99.1"),
            ]],
        ),
        DataElement::new_with_len(tags::CONTENT_SEQUENCE, VR::SQ, dicom_core::Length::UNDEFINED, Value::Sequence(tree)),
    ] {
        sample.put(element);
    }
    sample
}

/// The names, numbers and texts of the report that must go.
const REPORT_SECRETS: &[&str] = &[
    "doe",
    "janedotte",
    "7712345",
    "quackenbos",
    "kovacs",
    "scrivener",
    "zeta four",
    "zeta 77",
    "zeta 40417",
    "zeta clinic",
    "19510627",
    "20010203",
    "P77",
];

#[test]
fn a_report_keeps_its_findings_and_loses_its_people() {
    let ended = deidentify(&report(), "tcia");
    let kept =
        ["nodule in the left lobe", "12.5", "4147007", "Mass", "mass", uids::MR_IMAGE_STORAGE, "zeta9", "101530"];
    ended.check(REPORT_SECRETS, &kept);
    let object = ended.object();
    let items = object.element(tags::CONTENT_SEQUENCE).expect("the tree").items().expect("items").to_vec();
    assert_eq!(items.len(), 20);
    let value = |item: usize, tag: Tag| items[item].element(tag).expect("a value").to_str().expect("text").into_owned();
    // One person has one name, and the patient's is the new identifier.
    assert_eq!(value(0, tags::PERSON_NAME), value(19, tags::PERSON_NAME));
    assert_ne!(value(0, tags::PERSON_NAME), value(4, tags::PERSON_NAME));
    assert_eq!(value(4, tags::PERSON_NAME), object.element(tags::PATIENT_ID).expect("there").to_str().expect("text"));
    // Dates move together.
    let study = object.element(tags::STUDY_DATE).expect("there").to_str().expect("text").into_owned();
    assert_eq!(value(13, tags::DATE), study);
    assert_eq!(value(14, tags::DATE_TIME), format!("{study}101530"));
    let age = items[7].element(tags::MEASURED_VALUE_SEQUENCE).expect("there").items().expect("items");
    assert_eq!(age[0].element(tags::NUMERIC_VALUE).expect("there").to_str().expect("text"), "90");
}

#[test]
fn stricter_policies_replace_the_texts_of_a_report() {
    let ended = deidentify(&report(), "basic");
    ended.check(REPORT_SECRETS, &["12.5", "4147007"]);
    assert!(!ended.holds("nodule in the left lobe") && !ended.holds("zeta9"));
}

/// What a program says of a file, where it is installed.
fn said(program: &str, path: &Path) -> Option<(bool, String)> {
    let output = Command::new(program).arg(path).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
}

#[test]
fn other_programs_read_the_report_as_before() {
    let ended = deidentify(&report(), "tcia");
    let original = ended.lab.path("in/1.dcm");
    if let (Some(before), Some(after)) = (said("dsrdump", &original), said("dsrdump", &ended.path)) {
        assert!(after.0 || !before.0, "dsrdump:\n{}\n{}", before.1, after.1);
        // The tree has the same shape.
        assert_eq!(before.1.matches("<contains").count(), after.1.matches("<contains").count());
    }
    let errors = |text: &str| text.lines().filter(|line| line.starts_with("Error")).count();
    if let (Some(before), Some(after)) = (said("dciodvfy", &original), said("dciodvfy", &ended.path)) {
        assert!(errors(&after.1) <= errors(&before.1), "dciodvfy:\n{}\nbecame\n{}", before.1, after.1);
    }
}

#[test]
fn graphics_lose_their_words_and_keep_their_shapes() {
    let mut sample = Sample::new("1.2.826.0.1.3680043.99.1.1.1");
    let points = |values: Vec<f32>| DataElement::new(Tag(0x0070, 0x0022), VR::FL, PrimitiveValue::F32(values.into()));
    let text_object = vec![text(tags::UNFORMATTED_TEXT_VALUE, VR::ST, "nodule of JANEDOTTE DOE, 4 mm")];
    let graphic = vec![
        text(Tag(0x0070, 0x0005), VR::CS, "PIXEL"),
        points(vec![1.5, 2.5, 3.5, 4.5]),
        text(Tag(0x0070, 0x0023), VR::CS, "POLYLINE"),
    ];
    let compound = vec![
        text(Tag(0x0070, 0x0294), VR::CS, "MULTILINE"),
        sequence(tags::TEXT_STYLE_SEQUENCE, [vec![text(Tag(0x0070, 0x0229), VR::LO, "Janedotte Doe")]]),
        sequence(Tag(0x0070, 0x0287), [vec![text(Tag(0x0070, 0x0288), VR::SH, "Janedotte")]]),
    ];
    sample.put(sequence(
        tags::GRAPHIC_ANNOTATION_SEQUENCE,
        [vec![
            text(tags::GRAPHIC_LAYER, VR::CS, "LAYER1"),
            sequence(tags::TEXT_OBJECT_SEQUENCE, [text_object]),
            sequence(Tag(0x0070, 0x0009), [graphic]),
            sequence(Tag(0x0070, 0x0209), [compound]),
        ]],
    ));
    sample.put(sequence(
        Tag(0x0070, 0x0060),
        [vec![text(tags::GRAPHIC_LAYER, VR::CS, "LAYER1"), text(Tag(0x0070, 0x0068), VR::LO, "marks of Janedotte")]],
    ));
    sample.put(text(Tag(0x0070, 0x0080), VR::CS, "JANEDOTTE"));
    sample.put(text(Tag(0x0070, 0x0081), VR::LO, "for Janedotte Doe, chest"));
    sample.put(text(tags::CONTENT_CREATOR_NAME, VR::PN, "Quackenbos^Hugo"));
    let ended = deidentify(&sample, "tcia");
    ended.check(&["janedotte", "quackenbos"], &["nodule", "4 mm", "LAYER1", "POLYLINE", "MULTILINE"]);
    let object = ended.object();
    let annotation =
        object.element(tags::GRAPHIC_ANNOTATION_SEQUENCE).expect("there").items().expect("items")[0].clone();
    let graphics = annotation.element(Tag(0x0070, 0x0009)).expect("there").items().expect("items")[0].clone();
    let shape = graphics.element(Tag(0x0070, 0x0022)).expect("there").to_multi_float32().expect("numbers");
    assert_eq!(shape, [1.5, 2.5, 3.5, 4.5]);
}

#[test]
fn waveforms_lose_their_words_and_keep_their_samples() {
    let mut sample = Sample::new("1.2.826.0.1.3680043.99.1.1.1");
    sample.put(sequence(
        tags::WAVEFORM_ANNOTATION_SEQUENCE,
        [
            vec![text(tags::UNFORMATTED_TEXT_VALUE, VR::ST, "sinus rhythm, Janedotte Doe")],
            vec![
                code(tags::CONCEPT_NAME_CODE_SEQUENCE, "X1", "99LOCAL", "note of Dr. Kovacs, lead"),
                text(tags::NUMERIC_VALUE, VR::DS, "71.25"),
            ],
        ],
    ));
    let channel = vec![text(Tag(0x003A, 0x0203), VR::SH, "Doe II")];
    let samples = DataElement::new(Tag(0x5400, 0x1010), VR::OW, PrimitiveValue::U16((900..932).collect()));
    sample.put(sequence(
        tags::WAVEFORM_SEQUENCE,
        [vec![text(Tag(0x003A, 0x0020), VR::SH, "RHYTHM"), sequence(Tag(0x003A, 0x0200), [channel]), samples]],
    ));
    let ended = deidentify(&sample, "tcia");
    ended.check(&["janedotte", "kovacs", "doe"], &["sinus rhythm", "71.25", "RHYTHM"]);
    let object = ended.object();
    let group = object.element(tags::WAVEFORM_SEQUENCE).expect("there").items().expect("items")[0].clone();
    let kept = group.element(Tag(0x5400, 0x1010)).expect("there").to_multi_int::<u16>().expect("numbers");
    assert_eq!(kept, (900..932).collect::<Vec<u16>>());
}

#[test]
fn overlays_curves_signatures_and_sealed_values_go() {
    let mut sample = Sample::new("1.2.826.0.1.3680043.99.1.1.1");
    for (tag, label) in [
        (Tag(0x6000, 0x4000), "an overlay comment"),
        (Tag(0x6000, 0x0022), "an overlay description"),
        (Tag(0x6002, 0x1500), "an overlay label"),
        (Tag(0x5000, 0x0022), "a curve description"),
        (Tag(0x5000, 0x2500), "a curve label"),
        (Tag(0x5000, 0x200E), "an audio comment"),
    ] {
        sample.put(text(tag, VR::LO, label));
    }
    sample.put(bytes(Tag(0x6000, 0x3000), VR::OW, b"drawn text of plane"));
    sample.put(bytes(Tag(0x5000, 0x200C), VR::OW, b"spoken dictation"));
    sample.put(bytes(Tag(0x5000, 0x3000), VR::OW, b"traced curve"));
    sample.put(sequence(
        Tag(0x0400, 0x0500),
        [vec![
            text(Tag(0x0400, 0x0510), VR::UI, uids::EXPLICIT_VR_LITTLE_ENDIAN),
            bytes(Tag(0x0400, 0x0520), VR::OB, b"sealed names"),
        ]],
    ));
    sample.put(sequence(
        Tag(0x4FFE, 0x0001),
        [vec![
            text(Tag(0x0400, 0x0010), VR::UI, uids::EXPLICIT_VR_LITTLE_ENDIAN),
            text(Tag(0x0400, 0x0015), VR::CS, "SHA1MAC"),
        ]],
    ));
    sample.put(sequence(
        Tag(0xFFFA, 0xFFFA),
        [vec![
            bytes(Tag(0x0400, 0x0115), VR::OB, b"certificate of a signer"),
            bytes(Tag(0x0400, 0x0120), VR::OB, b"signed by"),
        ]],
    ));
    let ended = deidentify(&sample, "tcia");
    let gone = [
        "an overlay",
        "a curve",
        "an audio",
        "drawn text",
        "spoken",
        "traced",
        "sealed",
        "sha1mac",
        "certificate",
        "signed by",
    ];
    ended.check(&gone, &[]);
}

#[test]
fn equipment_and_earlier_values_lose_people_and_keep_purposes() {
    let mut sample = Sample::new("1.2.826.0.1.3680043.99.1.1.1");
    sample.put(sequence(
        tags::CONTRIBUTING_EQUIPMENT_SEQUENCE,
        [vec![
            text(tags::MANUFACTURER, VR::LO, "ACME"),
            text(tags::INSTITUTION_NAME, VR::LO, "Springfield General"),
            text(tags::STATION_NAME, VR::SH, "CT-OF-DOE"),
            text(tags::OPERATORS_NAME, VR::PN, "Knipser^Olga"),
            text(Tag(0x0018, 0xA003), VR::ST, "reformatted for Janedotte Doe"),
            code(tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, "109101", "DCM", "Acquisition Equipment"),
        ]],
    ));
    sample.put(sequence(
        tags::ORIGINAL_ATTRIBUTES_SEQUENCE,
        [vec![
            sequence(
                tags::MODIFIED_ATTRIBUTES_SEQUENCE,
                [vec![text(tags::PATIENT_NAME, VR::PN, "Maidenova^Janedotte")]],
            ),
            text(tags::SOURCE_OF_PREVIOUS_VALUES, VR::LO, "Springfield General"),
        ]],
    ));
    deidentify(&sample, "tcia").check(&["springfield", "knipser", "doe", "janedotte", "maidenova"], &["B30f"]);
}

/// A segment of a JPEG stream.
fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xFF, marker];
    bytes.extend(u16::try_from(payload.len() + 2).expect("short").to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// The sample with its pixels in another transfer syntax, and each fragment changed.
fn compressed(transfer_syntax: &str, change: impl Fn(&[u8]) -> Vec<u8>) -> (DefaultDicomObject, Vec<u8>) {
    let lab = Lab::new();
    Sample::new("1.2.826.0.1.3680043.99.1.1.1").write(&lab.path("in/1.dcm"));
    let mut object = open_file(lab.path("in/1.dcm")).expect("the sample");
    let syntax = TransferSyntaxRegistry.get(transfer_syntax).expect("known");
    object.transcode(syntax).expect("an encoder");
    planted(object, change)
}

fn planted(mut object: DefaultDicomObject, change: impl Fn(&[u8]) -> Vec<u8>) -> (DefaultDicomObject, Vec<u8>) {
    let before = object.clone();
    let Value::PixelSequence(pixels) = object.take(tags::PIXEL_DATA).expect("pixels").into_value() else {
        panic!("the pixels are compressed")
    };
    let fragments: Vec<Vec<u8>> = pixels
        .fragments()
        .iter()
        .map(|fragment| {
            let mut fragment = change(fragment);
            fragment.resize(fragment.len().next_multiple_of(2), 0);
            fragment
        })
        .collect();
    let sequence = PixelFragmentSequence::new_fragments(fragments);
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, Value::PixelSequence(sequence)));
    let mut file = Vec::new();
    object.write_all(&mut file).expect("memory takes all");
    (before, file)
}

fn pixels(object: &DefaultDicomObject) -> Vec<u8> {
    object.decode_pixel_data().expect("the pixels can be decoded").data().to_vec()
}

fn check_pixels(before: &DefaultDicomObject, file: &[u8], name: &str) {
    let ended = deidentify_file(file, "tcia");
    assert_eq!(ended.outcome.status, Status::Deidentified, "{name}: {:?}", ended.outcome.reasons);
    assert!(ended.rules().contains(&"codestream-comment"), "{name}");
    for gone in ["somebody", "thumbnail", "behind"] {
        assert!(!ended.holds(gone), "{name}: {gone}");
    }
    let expected = pixels(before);
    assert!(expected == pixels(&ended.object()), "{name}: the pixels changed");
}

#[test]
fn cleaned_jpeg_ls_decodes_to_the_same_pixels() {
    let (before, file) = compressed(uids::JPEGLS_LOSSLESS, |stream| {
        let comment = segment(0xFE, b"exported for somebody");
        let exif = segment(0xE1, b"Exif\0\0thumbnail");
        [&stream[..2], &comment, &exif, &stream[2..], b"behind the end"].concat()
    });
    check_pixels(&before, &file, "JPEG-LS");
}

#[test]
fn cleaned_run_lengths_decode_to_the_same_pixels() {
    // Two planes of 16 pixels: high bytes zero, low bytes literal.
    let mut stream = [2_u32, 64, 66].into_iter().flat_map(u32::to_le_bytes).collect::<Vec<u8>>();
    stream.resize(64, 0);
    stream.extend([241, 0, 15]);
    stream.extend(0..16_u8);
    let lab = Lab::new();
    let mut sample = Sample::new("1.2.826.0.1.3680043.99.1.1.1");
    sample.transfer_syntax(uids::RLE_LOSSLESS);
    let sequence = PixelFragmentSequence::new_fragments(vec![[stream.as_slice(), &[0]].concat()]);
    sample.put(DataElement::new(tags::PIXEL_DATA, VR::OB, Value::PixelSequence(sequence)));
    sample.write(&lab.path("in/1.dcm"));
    let object = open_file(lab.path("in/1.dcm")).expect("the sample");
    let (before, file) = planted(object, |stream| {
        let mut stream = [&stream[..stream.len() - 1], b"behind the end"].concat();
        stream[20..28].copy_from_slice(b"somebody");
        stream
    });
    check_pixels(&before, &file, "RLE");
}

/// Real files, where they are at hand: a comment and bytes behind the end are planted into each.
#[test]
fn cleaned_real_files_decode_to_the_same_pixels() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/real/pydicom/pydicom/data/test_files");
    for name in [
        "JPEG2000.dcm",
        "MR_small_jp2klossless.dcm",
        "SC_rgb_jpeg_dcmtk.dcm",
        "SC_rgb_jpeg_gdcm.dcm",
        "MR_small_RLE.dcm",
    ] {
        let Ok(object) = open_file(folder.join(name)) else { continue };
        let (before, file) = planted(object, |stream| {
            let stream = stream.strip_suffix(b"\0").unwrap_or(stream);
            let comment = if stream.starts_with(&[0xFF, 0x4F]) {
                let size = 2 + 2 + usize::from(u16::from_be_bytes([stream[4], stream[5]]));
                [&stream[..size], &segment(0x64, b"\0\x01exported for somebody"), &stream[size..]].concat()
            } else if stream.starts_with(&[0xFF, 0xD8]) {
                [&stream[..2], &segment(0xFE, b"exported for somebody"), &stream[2..]].concat()
            } else {
                stream.to_vec()
            };
            [&comment[..], b"behind the end"].concat()
        });
        check_pixels(&before, &file, name);
    }
}

#[test]
fn icons_are_followed_like_pixels() {
    let (before, _) = compressed(uids::JPEGLS_LOSSLESS, <[u8]>::to_vec);
    let Value::PixelSequence(icon) = before.element(tags::PIXEL_DATA).expect("pixels").value().clone() else {
        panic!("the pixels are compressed")
    };
    let stream = icon.fragments()[0].clone();
    let comment = segment(0xFE, b"exported for somebody");
    let icon = PixelFragmentSequence::new_fragments(vec![[&stream[..2], &comment, &stream[2..]].concat()]);
    let mut object = before;
    let item = InMemDicomObject::from_element_iter([
        DataElement::new(tags::ROWS, VR::US, PrimitiveValue::from(4_u16)),
        DataElement::new(tags::COLUMNS, VR::US, PrimitiveValue::from(4_u16)),
        DataElement::new(tags::PIXEL_DATA, VR::OB, Value::PixelSequence(icon)),
    ]);
    let sequence = dicom_core::value::DataSetSequence::new(vec![item], dicom_core::Length::UNDEFINED);
    object.put(DataElement::new_with_len(
        Tag(0x0048, 0x0105),
        VR::SQ,
        dicom_core::Length::UNDEFINED,
        Value::Sequence(sequence),
    ));
    let mut file = Vec::new();
    object.write_all(&mut file).expect("memory takes all");
    let ended = deidentify_file(&file, "tcia");
    ended.check(&["somebody"], &[]);
    assert!(ended.rules().contains(&"codestream-comment"));
}

#[test]
fn video_and_other_streams_are_withheld() {
    let mut sample = Sample::new("1.2.826.0.1.3680043.99.1.1.1");
    sample.transfer_syntax(uids::MPEG2MPML);
    let sequence = PixelFragmentSequence::new_fragments(vec![b"\0\0\x01\xB3video with text".to_vec()]);
    sample.put(DataElement::new(tags::PIXEL_DATA, VR::OB, Value::PixelSequence(sequence)));
    let ended = deidentify(&sample, "tcia");
    assert_eq!(ended.outcome.reasons, ["codestream-header"]);
}

#[test]
fn overlays_in_unused_bits_are_cleared_and_pixels_stay() {
    let words: Vec<u16> = (0..16).map(|value| (value * 17) | 0xF000).collect();
    let mut sample = Sample::new("1.2.826.0.1.3680043.99.1.1.1");
    sample.put(DataElement::new(Tag(0x6000, 0x0102), VR::US, PrimitiveValue::from(12_u16)));
    sample.put(DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(words.into())));
    let ended = deidentify(&sample, "tcia");
    ended.check(&[], &[]);
    let kept = ended.object().element(tags::PIXEL_DATA).expect("pixels").to_multi_int::<u16>().expect("words");
    assert_eq!(kept, (0..16).map(|value| value * 17).collect::<Vec<u16>>());

    // In the source of a large value, in either order of bytes.
    for syntax in [uids::EXPLICIT_VR_LITTLE_ENDIAN, "1.2.840.10008.1.2.2"] {
        let words: Vec<u16> = (0..40_000).map(|value| (value % 4096) | 0xA000).collect();
        let mut sample = sample.clone();
        sample.transfer_syntax(syntax);
        for (tag, size) in [(tags::ROWS, 200_u16), (tags::COLUMNS, 200)] {
            sample.put(DataElement::new(tag, VR::US, PrimitiveValue::from(size)));
        }
        sample.put(DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(words.into())));
        let ended = deidentify(&sample, "tcia");
        assert!(ended.rules().contains(&"embedded-overlay-cleared"));
        let kept = ended.object().element(tags::PIXEL_DATA).expect("pixels").to_multi_int::<u16>().expect("words");
        assert!(kept == (0..40_000).map(|value| value % 4096).collect::<Vec<u16>>(), "{syntax}");
    }
}

#[test]
fn documents_stay_when_clean_and_wait_when_they_name_somebody() {
    let with = |document: &[u8]| {
        let mut sample = Sample::new("1.2.826.0.1.3680043.99.1.1.1");
        sample.put(bytes(tags::ENCAPSULATED_DOCUMENT, VR::OB, document));
        deidentify(&sample, "tcia")
    };
    let clean = with(b"<report><text>Lungs are clear</text></report>");
    clean.check(&["janedotte"], &["Lungs are clear"]);
    assert!(clean.rules().contains(&"document-clean"));
    let named = with(b"<report><text>Janedotte is well, call 415-555-2671</text></report>");
    // The last look finds the word, too.
    assert_eq!(named.outcome.reasons, ["encapsulated-document", "residual-identity"]);
    // A person learns by which rules it was found.
    assert!(named.rules().contains(&"lexicon") && named.rules().iter().any(|rule| rule.starts_with("phone")));
    let unknown = with(b"\x89PNG\r\n\x1a\n picture ");
    assert_eq!(unknown.outcome.reasons, ["document-not-understood"]);
    let large = with(&b"<!-- of somebody -->".repeat(900_000));
    assert_eq!(large.outcome.reasons, ["document-not-understood"]);
}
