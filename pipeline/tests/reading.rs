//! What is read of files that are not as they should be, and what is refused.

#[expect(dead_code, reason = "the other tests need more of it")]
mod support;

use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::open_file;
use efface_pipeline::{Instance, Silent, run};
use efface_schema::{InstanceOutcome, Status, parse_json};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use support::{Lab, Sample, files, sequence, text};

const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";

fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), bytes).expect("a file");
    file
}

fn read(bytes: &[u8]) -> Result<Instance, &'static str> {
    Instance::read(written(bytes).path()).map_err(|error| error.code())
}

/// The transfer syntax, the patient's name and the number of elements, or the reason why there are none.
fn told(bytes: &[u8]) -> Result<(&'static str, String), &'static str> {
    read(bytes).map(|instance| (instance.transfer_syntax.uid(), instance.text(tags::PATIENT_NAME)))
}

fn sample(transfer_syntax: &str) -> Sample {
    let mut sample = Sample::new("1.2.826.0.1.3680043.99.1.1.1");
    sample.transfer_syntax(transfer_syntax);
    sample
}

/// The data set of a file, without preamble, prefix and file meta information.
fn data_set(file: &[u8]) -> Vec<u8> {
    let n_meta = u32::from_le_bytes(file[140..144].try_into().expect("the group length has four bytes"));
    file[144 + n_meta as usize..].to_vec()
}

fn is_read(bytes: &[u8], transfer_syntax: &'static str) {
    assert_eq!(told(bytes), Ok((transfer_syntax, "DOE^JANEDOTTE".to_owned())));
}

#[test]
fn bare_data_sets_are_known_by_their_first_element_and_their_class() {
    for transfer_syntax in [uids::IMPLICIT_VR_LITTLE_ENDIAN, uids::EXPLICIT_VR_LITTLE_ENDIAN, BIG_ENDIAN] {
        let file = sample(transfer_syntax).bytes();
        is_read(&data_set(&file), transfer_syntax);
        // The file meta information is always in explicit little endian.
        is_read(&file[132..], transfer_syntax);
        is_read(&file[128..], transfer_syntax);
    }
    let mut without_class = sample(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    without_class.data_set.remove_element(tags::SOP_CLASS_UID);
    assert_eq!(told(&data_set(&without_class.bytes())), Err("not-dicom"));
    for bytes in
        [&b""[..], b"\x08\0", b"\x08\0\x05\0CS", b"\x08\0\x05\0CS\x0A\0ISO_IR 100", b"GIF89a, and so on", &[0; 300]]
    {
        assert_eq!(told(bytes), Err("not-dicom"), "{bytes:?}");
    }
    // Which compression this is, nothing says.
    assert_eq!(told(&data_set(&file_with_compressed_pixels())), Err("unsupported-transfer-syntax"));
}

fn file_with_compressed_pixels() -> Vec<u8> {
    let mut sample = sample(uids::JPEG_BASELINE8_BIT);
    sample.data_set.remove_element(tags::PIXEL_DATA);
    sample.trailing = b"\xE0\x7F\x10\x00OB\0\0\xFF\xFF\xFF\xFF".to_vec();
    sample
        .trailing
        .extend(b"\xFE\xFF\x00\xE0\0\0\0\0\xFE\xFF\x00\xE0\x04\0\0\0\xFF\xD8\xFF\xD9\xFE\xFF\xDD\xE0\0\0\0\0");
    sample.bytes()
}

#[test]
fn a_wrong_or_missing_transfer_syntax_is_corrected_where_the_data_set_shows_it() {
    let implicit = sample(uids::IMPLICIT_VR_LITTLE_ENDIAN).bytes();
    let explicit = sample(uids::EXPLICIT_VR_LITTLE_ENDIAN).bytes();
    let announced = |uid: &str, data_set: Vec<u8>| {
        let mut file = sample(uid).bytes();
        file.truncate(file.len() - self::data_set(&file).len());
        [file, data_set].concat()
    };
    is_read(&announced(uids::EXPLICIT_VR_LITTLE_ENDIAN, data_set(&implicit)), uids::IMPLICIT_VR_LITTLE_ENDIAN);
    is_read(&announced(uids::IMPLICIT_VR_LITTLE_ENDIAN, data_set(&explicit)), uids::EXPLICIT_VR_LITTLE_ENDIAN);
    let mut nowhere = b"\x02\0\x01\0OB\0\0\x02\0\0\0\0\x01".to_vec();
    nowhere.splice(0..0, explicit[..132].iter().copied());
    nowhere.extend(data_set(&explicit));
    is_read(&nowhere, uids::EXPLICIT_VR_LITTLE_ENDIAN);
    // A group length that counts too little or too much does not matter.
    for n_bytes in [0_u32, 10, 100_000] {
        let mut file = explicit.clone();
        file[140..144].copy_from_slice(&n_bytes.to_le_bytes());
        is_read(&file, uids::EXPLICIT_VR_LITTLE_ENDIAN);
    }
}

#[test]
fn elements_without_vr_among_explicit_ones_are_read() {
    let mut sample = sample(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    sample.data_set.remove_element(tags::PATIENT_NAME);
    sample.raw = Some((tags::PATIENT_NAME, b"\x10\0\x10\0\x0E\0\0\0DOE^JANEDOTTE ".to_vec()));
    is_read(&sample.bytes(), uids::EXPLICIT_VR_LITTLE_ENDIAN);
}

#[test]
fn private_attributes_without_vr_get_it_from_the_dictionary() {
    let mut sample = sample(uids::IMPLICIT_VR_LITTLE_ENDIAN);
    sample.put(text(Tag(0x0009, 0x0010), VR::LO, "GEMS_IDEN_01"));
    sample.put(text(Tag(0x0009, 0x1030), VR::SH, "unit"));
    let nested = sequence(Tag(0x2005, 0x140F), [vec![text(tags::PATIENT_ID, VR::LO, "7712345")]]);
    let item = vec![text(Tag(0x2005, 0x0014), VR::LO, "Philips MR Imaging DD 005"), nested];
    sample.put(sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE, [item]));
    let instance = read(&sample.bytes()).expect("a readable file");
    let vr = |tag| instance.data_set.get(tag).map(|element| element.header().vr);
    assert_eq!(vr(Tag(0x0009, 0x1030)), Some(VR::SH));
    let items = instance.data_set.get(tags::REQUEST_ATTRIBUTES_SEQUENCE).and_then(|element| element.value().items());
    let nested = items.and_then(|items| items[0].get(Tag(0x2005, 0x140F)));
    assert!(nested.is_some_and(|element| element.value().items().is_some_and(|items| items.len() == 1)));
}

#[test]
fn zeros_at_the_end_are_no_elements() {
    let mut sample = sample(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    for n_zeros in [1, 7, 8, 500, 5000] {
        sample.trailing = vec![0; n_zeros];
        is_read(&sample.bytes(), uids::EXPLICIT_VR_LITTLE_ENDIAN);
    }
    sample.trailing.push(b'D');
    assert_eq!(told(&sample.bytes()), Err("broken-data-set"));
}

#[test]
fn hostile_input_is_refused_by_name() {
    let mut sample = sample(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    let mut nested = Vec::new();
    for _ in 0..100_000 {
        nested.extend(b"\x40\0\x75\x02SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF");
    }
    for (trailing, reason) in [
        (nested, "broken-data-set"),
        (b"\x40\0\x75\x02SQ\0\0\xFF\xFF\xFF\x7F\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF".to_vec(), "truncated"),
        (b"\x40\0\x75\x02UT\0\0\xF0\xFF\xFF\xFFDoe".to_vec(), "truncated"),
        (b"\x40\0\x75\x02LO\xFF\xFFDoe".to_vec(), "truncated"),
        (b"\x40\0\x75\x02UT\0\0\xFF\xFF\xFF\xFFDoe".to_vec(), "broken-data-set"),
        (b"\xFE\xFF\x0D\xE0\0\0\0\0".to_vec(), "broken-data-set"),
        (b"\xFE\xFF\xDD\xE0\0\0\0\0".to_vec(), "broken-data-set"),
        (b"\x40\0\x75".to_vec(), "broken-data-set"),
        (b"\x08\0\x05\0CS\x0A\0ISO_IR 100".to_vec(), "broken-data-set"),
    ] {
        sample.trailing = trailing;
        assert_eq!(told(&sample.bytes()), Err(reason));
    }
}

/// Sequences under UN that may be read in two ways at each level do not take ever more time.
#[test]
fn ambiguous_nesting_ends_soon() {
    let mut sample = sample(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    let mut value = b"\xFE\xFF\0\xE0\x08\0\0\0\x10\0\x10\0\xFF\xFF\0\0".to_vec();
    for _ in 0..60 {
        let mut outer = b"\xFE\xFF\0\xE0".to_vec();
        outer.extend(u32::try_from(value.len() + 12).expect("small").to_le_bytes());
        outer.extend(b"\x11\0\x10\x10UN\0\0");
        outer.extend(u32::try_from(value.len()).expect("small").to_le_bytes());
        outer.extend(&value);
        value = outer;
    }
    sample.trailing = b"\x11\0\x10\x10UN\0\0".to_vec();
    sample.trailing.extend(u32::try_from(value.len()).expect("small").to_le_bytes());
    sample.trailing.extend(&value);
    // Group 0011 comes before the pixels; the order does not matter.
    is_read(&sample.bytes(), uids::EXPLICIT_VR_LITTLE_ENDIAN);
    let mut raw = Vec::new();
    for _ in 0..60 {
        raw.extend(b"\x40\0\x75\x02UN\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF");
    }
    sample.trailing = raw;
    assert!(told(&sample.bytes()).is_err());
}

fn outcomes(lab: &Lab) -> Vec<InstanceOutcome> {
    let settings = lab.settings("out");
    run(&settings, &Silent, &AtomicBool::new(false)).expect("the run ends");
    let decisions = fs::read_to_string(settings.run.join("decisions.jsonl")).expect("the decisions are written");
    decisions.lines().map(|line| parse_json(line).expect("an outcome")).collect()
}

fn reasons(outcomes: &[InstanceOutcome]) -> Vec<(Status, Vec<String>)> {
    outcomes.iter().map(|outcome| (outcome.status, outcome.reasons.clone())).collect()
}

#[test]
fn an_identical_duplicate_is_told_from_a_conflict() {
    let lab = Lab::new();
    let mut sample = sample(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    sample.write(&lab.path("in/a.dcm"));
    sample.write(&lab.path("in/b.dcm"));
    sample.put(text(tags::SERIES_DESCRIPTION, VR::LO, "bone axial"));
    sample.write(&lab.path("in/c.dcm"));
    let quarantined = |reason: &str| (Status::Quarantined, vec![reason.to_owned()]);
    let expected = [
        (Status::Deidentified, Vec::new()),
        quarantined("identical-duplicate"),
        quarantined("duplicate-sop-instance-uid"),
    ];
    assert_eq!(reasons(&outcomes(&lab)), expected);
}

fn uid(path: &Path, tag: Tag) -> String {
    let object = open_file(path).expect("a readable result");
    object.get(tag).and_then(|element| element.to_str().ok()).map(|uid| uid.into_owned()).unwrap_or_default()
}

#[test]
fn instances_without_study_and_series_stay_together_under_made_up_uids() {
    let lab = Lab::new();
    for (number, series) in [(1, "3"), (2, "3"), (3, "4")] {
        let mut sample = Sample::new(&format!("1.2.826.0.1.3680043.99.1.1.{number}"));
        sample.data_set.remove_element(tags::STUDY_INSTANCE_UID);
        sample.data_set.remove_element(tags::SERIES_INSTANCE_UID);
        sample.put(text(tags::SERIES_NUMBER, VR::IS, series));
        sample.write(&lab.path(&format!("in/{number}.dcm")));
    }
    let outcomes = outcomes(&lab);
    let result = |idx: usize| lab.path("out").join(outcomes[idx].output.as_ref().expect("a result"));
    let ids: Vec<(String, String)> = (0..3)
        .map(|idx| (uid(&result(idx), tags::STUDY_INSTANCE_UID), uid(&result(idx), tags::SERIES_INSTANCE_UID)))
        .collect();
    assert!(ids.iter().all(|(study, series)| study.starts_with("2.25.") && series.starts_with("2.25.")));
    assert_eq!(ids[0], ids[1]);
    assert_eq!(ids[0].0, ids[2].0);
    assert_ne!(ids[0].1, ids[2].1);
    let rules = outcomes[0].decisions.iter().filter(|decision| decision.rule == "made-up-uid").count();
    assert_eq!(rules, 2);
}

#[test]
fn objects_of_no_patient_need_no_study() {
    let lab = Lab::new();
    let mut sample = sample(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    for tag in [tags::STUDY_INSTANCE_UID, tags::SERIES_INSTANCE_UID, tags::PATIENT_ID, tags::PATIENT_NAME] {
        sample.data_set.remove_element(tag);
    }
    sample.put(text(tags::SOP_CLASS_UID, VR::UI, uids::COLOR_PALETTE_STORAGE));
    sample.write(&lab.path("in/palette.dcm"));
    let outcomes = outcomes(&lab);
    assert_eq!(outcomes[0].status, Status::Deidentified, "{:?}", outcomes[0].reasons);
    let names: Vec<String> = files(&lab.path("out")).into_keys().collect();
    assert!(names.len() == 1 && names[0].starts_with("objects/2.25."), "{names:?}");
}

#[test]
fn bare_data_sets_leave_as_part_10_files() {
    let lab = Lab::new();
    fs::write(lab.path("in/bare"), data_set(&sample(BIG_ENDIAN).bytes())).expect("a file");
    let outcomes = outcomes(&lab);
    let object = open_file(lab.path("out").join(outcomes[0].output.as_ref().expect("a result"))).expect("Part 10");
    assert_eq!(object.meta().transfer_syntax(), BIG_ENDIAN);
    assert_eq!(object.element(tags::ROWS).expect("kept").to_int::<u16>().expect("a number"), 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is changed in a file, reading it ends, with a data set or with a reason.
    #[test]
    fn damaged_files_are_an_outcome(
        syntax in 0_usize..4,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let syntaxes = [
            uids::IMPLICIT_VR_LITTLE_ENDIAN,
            uids::EXPLICIT_VR_LITTLE_ENDIAN,
            BIG_ENDIAN,
            uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
        ];
        let mut sample = sample(syntaxes[syntax]);
        let item = vec![text(tags::CODE_MEANING, VR::LO, "head")];
        sample.put(sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE, [item]));
        let mut bytes = sample.bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(instance) = read(&bytes) {
            prop_assert!(instance.bulk.iter().all(|bulk| bulk.offset + bulk.n_bytes <= instance.n_bytes));
        }
    }
}
