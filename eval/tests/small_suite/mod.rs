//! A suite of two small instances with a ground truth written by hand.
//!
//! The instances are those of the minimal golden run: originals full of an invented patient, and
//! de-identified copies with one leak, "Nicholas" in the study description of the second.

use efface_eval::{Evaluation, EvaluationSettings, evaluate};
use efface_schema::{
    HipaaElement, InstanceIdentity, Locus, PhiLabel, PixelRegion, Place, PlantedValue, RetainedValue, Retention,
    TruthRecord, Versioned, to_json_line,
};
use std::path::{Path, PathBuf};

/// The folder of the minimal golden run.
pub(crate) fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/midi-golden/min")
}

fn planted(path: &str, place: Place, label: PhiLabel, value: &str) -> PlantedValue {
    let locus = Locus::Attribute { path: path.parse().unwrap() };
    PlantedValue { locus, place, label, element: label.element(), value: value.to_owned(), expected: None }
}

fn record(path: &str, modality: &str, sop_instance_uid: &str, mut more: Vec<PlantedValue>) -> TruthRecord {
    let mut values = vec![
        planted("(0010,0010)", Place::ExplicitAttribute, PhiLabel::Name, "SANCHEZ^TIMOTHY"),
        planted("(0010,0020)", Place::ExplicitAttribute, PhiLabel::Mrn, "31780971"),
        planted("(0008,0020)", Place::ExplicitAttribute, PhiLabel::Date, "20180805"),
    ];
    values.append(&mut more);
    TruthRecord {
        format_version: TruthRecord::FORMAT_VERSION,
        instance: InstanceIdentity {
            path: path.to_owned(),
            patient_id: "31780971".to_owned(),
            study_instance_uid: "1.3.9.100.1".to_owned(),
            series_instance_uid: "1.3.9.100.2".to_owned(),
            sop_instance_uid: sop_instance_uid.to_owned(),
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.7".to_owned(),
            modality: modality.to_owned(),
        },
        locale: Some(if modality == "CT" { "de_DE" } else { "ja_JP" }.to_owned()),
        planted: values,
        retained: vec![RetainedValue {
            path: "(0008,0060)".parse().unwrap(),
            retention: Retention::Text,
            text: Some(modality.to_owned()),
            expected: None,
        }],
        drawn: None,
    }
}

/// A suite folder as synthesis writes it.
fn suite(folder: &Path) {
    std::fs::create_dir(folder.join("dicom")).unwrap();
    for name in ["ct.dcm", "dx.dcm"] {
        std::fs::copy(golden().join("orig").join(name), folder.join("dicom").join(name)).unwrap();
    }
    for name in ["answer.db", "uid_identity.csv", "patid_identity.csv"] {
        std::fs::copy(golden().join(name), folder.join(name)).unwrap();
    }
    let reference = planted("(0008,1140)[0](0008,1155)", Place::Sequence, PhiLabel::OtherId, "1.3.9.100.4");
    let description = planted("(0008,1030)", Place::FreeText, PhiLabel::Name, "Nicholas Lee");
    let burned_in = PlantedValue {
        locus: Locus::PixelRegion { frame_idx: None, region: PixelRegion { x0: 15, y0: 15, x1: 330, y1: 90 } },
        place: Place::Pixels,
        label: PhiLabel::Name,
        element: HipaaElement::A,
        value: "SANCHEZ TIMOTHY".to_owned(),
        expected: None,
    };
    let truth = [
        record("ct.dcm", "CT", "1.3.9.100.5", vec![reference, description]),
        record("dx.dcm", "DX", "1.3.9.100.4", vec![burned_in]),
    ];
    std::fs::write(folder.join("truth.jsonl"), truth.iter().map(to_json_line).collect::<String>()).unwrap();
}

fn settings(output: &Path, suite: &Path, mapped: bool) -> EvaluationSettings {
    EvaluationSettings {
        uid_mapping: mapped.then(|| golden().join("uid_mapping.csv")),
        patient_mapping: mapped.then(|| golden().join("patid_mapping.csv")),
        ..EvaluationSettings::new(output, suite)
    }
}

/// Scores a folder of results, with the mapping of the golden run or as unchanged.
pub(crate) fn score(output: &Path, mapped: bool) -> Evaluation {
    let folder = tempfile::tempdir().unwrap();
    suite(folder.path());
    evaluate(&settings(output, folder.path(), mapped), None, &|_| {}).unwrap()
}
