//! The MIDI-B answer key: the truth in the form that the challenge's scorer reads.
//!
//! Source: the public validation script of the MIDI-B challenge (`CBIIT/MIDI_validation_script`, e61c8ea).

use crate::SynthError;
use crate::plant::{Basis, Claim, ClaimKind, Truth};
use efface_schema::midi::{AnswerCategory, Check, CheckAction};
use efface_schema::{Action, AttributePath, InstanceIdentity, Locus, Place, PlantedValue, RetainedValue, Retention};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;
use std::path::Path;

/// One row of the key.
pub(crate) struct AnswerRow {
    pub(crate) identity: InstanceIdentity,
    pub(crate) digest: Option<String>,
    /// The checks as the key holds them. A check takes ten times as much memory as its text does.
    pub(crate) answer_data: String,
    /// How many checks ask for which action.
    pub(crate) n_checks: BTreeMap<CheckAction, usize>,
}

impl AnswerRow {
    /// Turns the truth about an instance into checks. Values in file names have no place in this key.
    ///
    /// `has_vrs` says whether the file names the VR of its attributes. Where it does not, the scorer prints
    /// a private attribute that it does not know as a byte string, to which a date or a UID is never equal.
    pub(crate) fn new(
        identity: InstanceIdentity,
        truth: &Truth,
        digest: Option<String>,
        has_burned_in_phi: bool,
        has_vrs: bool,
    ) -> Self {
        let mut checks: Vec<Check> = truth.claims.iter().flat_map(|claim| checks(claim, has_vrs)).collect();
        if let Some(digest) = digest.as_ref().filter(|_| !has_burned_in_phi) {
            let category = category(|codes| codes.tcia_p15 = Some("TCIA-P15-PIX-K".to_owned()));
            checks.push(pixel_check(CheckAction::PixelsRetained, digest.clone(), category));
        }
        let mut n_checks = BTreeMap::new();
        for check in &checks {
            let action = check.action.trim_matches(['<', '>']).parse().expect("made from an action");
            *n_checks.entry(action).or_default() += 1;
        }
        Self { identity, digest, answer_data: answer_data(&checks), n_checks }
    }
}

/// The key as a SQLite database, written row by row.
pub(crate) struct AnswerKey {
    connection: Connection,
    n_rows: i64,
}

impl AnswerKey {
    /// Begins a key in a file that does not exist yet.
    pub(crate) fn create(path: &Path) -> Result<Self, SynthError> {
        let connection = Connection::open(path)?;
        // A key is made anew when its making was interrupted: there is nothing to recover.
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.execute_batch(
            "BEGIN; CREATE TABLE answer_data (\"index\" INTEGER, \"group\" INTEGER, Modality TEXT, SOPClassUID TEXT, \
             PatientID TEXT, StudyInstanceUID TEXT, SeriesInstanceUID TEXT, SOPInstanceUID TEXT, Digest TEXT, \
             AnswerData TEXT)",
        )?;
        Ok(Self { connection, n_rows: 0 })
    }

    /// Adds the checks of one instance.
    pub(crate) fn add(&mut self, row: &AnswerRow) -> Result<(), SynthError> {
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO answer_data VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?;
        let identity = &row.identity;
        insert.execute(params![
            self.n_rows,
            1,
            identity.modality,
            identity.sop_class_uid,
            identity.patient_id,
            identity.study_instance_uid,
            identity.series_instance_uid,
            identity.sop_instance_uid,
            row.digest,
            row.answer_data,
        ])?;
        self.n_rows += 1;
        Ok(())
    }

    /// Ends the key.
    pub(crate) fn finish(self) -> Result<(), SynthError> {
        self.connection.execute_batch("COMMIT")?;
        self.connection.close().map_err(|(_, error)| error)?;
        Ok(())
    }
}

/// The checks as an object of objects, numbered from 0 in order.
fn answer_data(checks: &[Check]) -> String {
    let numbered: Vec<String> = checks
        .iter()
        .enumerate()
        .map(|(index, check)| {
            let check = serde_json::to_string(check).expect("a check has string keys only");
            format!("\"{index}\":{check}")
        })
        .collect();
    format!("{{{}}}", numbered.join(","))
}

fn checks(claim: &Claim, has_vrs: bool) -> Vec<Check> {
    match &claim.kind {
        ClaimKind::Planted(planted) => planted_checks(claim, planted, has_vrs),
        ClaimKind::Retained(retained, basis) => retained_checks(claim, retained, *basis),
    }
}

fn planted_checks(claim: &Claim, planted: &PlantedValue, has_vrs: bool) -> Vec<Check> {
    let hipaa = category(|codes| {
        codes.hipaa_m = Some(format!("HIPAA-{}", planted.element));
        if planted.place == Place::Private {
            codes.tcia_ptkb = Some("TCIA-PTKB-X".to_owned());
        }
    });
    let path = match &planted.locus {
        // The key knows no frames and no overlays: what the first frame does not show is not asked for.
        Locus::PixelRegion { frame_idx: Some(1..), .. } => return Vec::new(),
        _ if planted.place == Place::Overlay => return Vec::new(),
        Locus::PixelRegion { region, .. } => {
            let text = serde_json::json!({
                "text": planted.value,
                "top_left": [region.x0, region.y0],
                "bottom_right": [region.x1, region.y1],
            });
            return vec![pixel_check(CheckAction::PixelsHidden, text.to_string(), hipaa)];
        }
        // The scorer looks into the data set only.
        _ if planted.place == Place::FileMeta => return Vec::new(),
        // The original key knows nothing of what is inside a document.
        Locus::Attribute { .. } if planted.place == Place::Document => return Vec::new(),
        Locus::Attribute { path } => path,
        Locus::TextSpan { path, .. } => {
            return vec![text_check(claim, path, CheckAction::TextRemoved, Some(&planted.value), hipaa)];
        }
        _ => return Vec::new(),
    };
    let actions: &[CheckAction] = match planted.expected {
        _ if !has_vrs && planted.place == Place::Private => &[CheckAction::TextRemoved],
        Some(Action::MapUid) => &[CheckAction::UidChanged, CheckAction::UidConsistent],
        Some(Action::ShiftDate) => &[CheckAction::DateShifted],
        Some(Action::MapIdentifier) => &[CheckAction::PatidConsistent],
        _ => &[CheckAction::TextRemoved],
    };
    actions.iter().map(|action| text_check(claim, path, *action, Some(&planted.value), hipaa.clone())).collect()
}

fn retained_checks(claim: &Claim, retained: &RetainedValue, basis: Basis) -> Vec<Check> {
    let category = basis_category(basis);
    let check = |action, text: Option<&str>| text_check(claim, &retained.path, action, text, category.clone());
    match retained.retention {
        Retention::Present => vec![check(CheckAction::TagRetained, None)],
        Retention::NotEmpty => vec![check(CheckAction::TagRetained, None), check(CheckAction::TextNotnull, None)],
        Retention::Text => {
            // A whole value is compared in the key's own rendering, a part of a text as it stands.
            let text = if basis == Basis::Descriptor {
                retained.text.clone().unwrap_or_default()
            } else {
                claim.midi_value.trim_start_matches('<').trim_end_matches('>').to_owned()
            };
            vec![check(CheckAction::TextRetained, Some(&text))]
        }
    }
}

fn basis_category(basis: Basis) -> AnswerCategory {
    category(|codes| match basis {
        Basis::Type1 => codes.dicom_iod = Some("DICOM-IOD-1".to_owned()),
        Basis::Type2 => codes.dicom_iod = Some("DICOM-IOD-2".to_owned()),
        Basis::Descriptor => codes.tcia_p15 = Some("TCIA-P15-DESC-C".to_owned()),
        Basis::Patient => codes.tcia_p15 = Some("TCIA-P15-PAT-K".to_owned()),
        Basis::Device => codes.tcia_p15 = Some("TCIA-P15-DEV-K".to_owned()),
        Basis::Private => codes.tcia_ptkb = Some("TCIA-PTKB-K".to_owned()),
        Basis::Technique => codes.tcia_rev = Some("TCIA-REV".to_owned()),
    })
}

fn text_check(
    claim: &Claim,
    path: &AttributePath,
    action: CheckAction,
    text: Option<&str>,
    category: AnswerCategory,
) -> Check {
    let tag = path.to_midi();
    // Presence is asked without a value, as in the original key.
    let value = text.map(|_| claim.midi_value.clone());
    Check {
        scope: Some("<Instance>".to_owned()),
        tag: Some(tag.clone()),
        tag_ds: Some(tag),
        tag_name: Some(format!("<{}>", claim.keyword)),
        value,
        action: format!("<{action}>"),
        action_text: text.map(|text| format!("<{text}>")),
        answer_category_v2: category,
    }
}

fn pixel_check(action: CheckAction, text: String, category: AnswerCategory) -> Check {
    Check {
        scope: Some("<Instance>".to_owned()),
        tag: None,
        tag_ds: None,
        tag_name: None,
        value: None,
        action: format!("<{action}>"),
        action_text: Some(format!("<{text}>")),
        answer_category_v2: category,
    }
}

#[derive(Default)]
struct Codes {
    hipaa_m: Option<String>,
    dicom_iod: Option<String>,
    tcia_p15: Option<String>,
    tcia_ptkb: Option<String>,
    tcia_rev: Option<String>,
}

/// A category with all eight leaves, since the scorer loses its reports where one is missing.
fn category(fill: impl FnOnce(&mut Codes)) -> AnswerCategory {
    let mut codes = Codes::default();
    fill(&mut codes);
    let leaves = |pairs: &[(&str, Option<String>)]| -> BTreeMap<String, Option<String>> {
        pairs.iter().map(|(name, code)| ((*name).to_owned(), code.clone())).collect()
    };
    AnswerCategory {
        hipaa: leaves(&[("z", None), ("m", codes.hipaa_m)]),
        dicom: leaves(&[("p15", None), ("iod", codes.dicom_iod), ("safe", None)]),
        tcia: leaves(&[("ptkb", codes.tcia_ptkb), ("p15", codes.tcia_p15), ("rev", codes.tcia_rev)]),
        prev_cat: Vec::new(),
    }
}
