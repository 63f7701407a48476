//! Groups inputs by patient, so that what one instance says of a patient is searched in all of them.

use crate::error::InstanceError;
use crate::inputs::{InputKind, Inputs};
use crate::made_up;
use crate::read::Instance;
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use efface_schema::{Phi, sha256_hex};
use rayon::prelude::*;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// A patient's inputs.
pub(crate) struct PatientGroup {
    /// Indices of the inputs, ascending.
    pub indices: Vec<usize>,
}

/// The inputs by patient, and those that cannot be handled at all.
pub(crate) struct Grouping {
    /// The patients, in the order of their first inputs.
    pub patients: Vec<PatientGroup>,
    /// Inputs without a result, with the reason.
    pub failures: BTreeMap<usize, InstanceError>,
}

/// Who an instance is, as far as grouping needs it.
pub(crate) struct InstanceKeys {
    /// What stands for the patient: the identifier, or what is next best.
    pub patient: Phi<String>,
    /// The SOP Instance UID.
    pub sop_instance_uid: Phi<String>,
}

/// Reads who an instance is.
///
/// # Errors
/// When it cannot be filed: no UIDs, or a media directory.
pub(crate) fn keys(instance: &Instance) -> Result<InstanceKeys, InstanceError> {
    if instance.is_media_directory() {
        return Err(InstanceError::MediaDirectory);
    }
    let of_no_patient = made_up::is_of_no_patient(instance);
    let required: &[Tag] = match of_no_patient {
        true => &[tags::SOP_INSTANCE_UID],
        false => &[tags::SOP_CLASS_UID, tags::SOP_INSTANCE_UID, tags::STUDY_INSTANCE_UID, tags::SERIES_INSTANCE_UID],
    };
    if required.iter().any(|tag| instance.text(*tag).is_empty()) {
        return Err(InstanceError::MissingUid);
    }
    let identifier = instance.text(tags::PATIENT_ID);
    let patient = if of_no_patient {
        format!("object:{}", instance.text(tags::SOP_INSTANCE_UID))
    } else if identifier.is_empty() {
        // Without an identifier, only one study is known to be one patient's.
        format!("study:{}", instance.text(tags::STUDY_INSTANCE_UID))
    } else {
        identifier
    };
    Ok(InstanceKeys { patient: Phi::new(patient), sop_instance_uid: Phi::new(instance.text(tags::SOP_INSTANCE_UID)) })
}

/// Half a hash is enough to tell patients and instances apart, and holds no identifier.
type ShortHash = [u8; 16];

fn short_hash(text: &str) -> ShortHash {
    let digest = sha256_hex(text.as_bytes());
    let mut short = [0; 16];
    short.copy_from_slice(&digest.as_str().as_bytes()[..16]);
    short
}

/// Groups the inputs. `seen` is called once an input; when it answers `false`, the rest is not read and the grouping
/// must not be used.
pub(crate) fn group(inputs: &Inputs, seen: &(dyn Fn() -> bool + Sync)) -> Grouping {
    let keyed: Vec<Result<(ShortHash, ShortHash), InstanceError>> = (0..inputs.len())
        .into_par_iter()
        .map(|index| {
            if !seen() {
                return Err(InstanceError::NotAFile);
            }
            let keys = if inputs.kind(index) == InputKind::File {
                Instance::read(&inputs.path(index)).and_then(|instance| keys(&instance))
            } else {
                Err(InstanceError::NotAFile)
            };
            keys.map(|keys| (short_hash(keys.patient.expose()), short_hash(keys.sop_instance_uid.expose())))
        })
        .collect();
    let mut failures = BTreeMap::new();
    let mut patients: BTreeMap<ShortHash, Vec<usize>> = BTreeMap::new();
    let mut instances: HashMap<ShortHash, usize> = HashMap::new();
    for (index, keys) in keyed.into_iter().enumerate() {
        match keys {
            Err(error) => {
                failures.insert(index, error);
            }
            Ok((patient, instance)) => match instances.entry(instance) {
                Entry::Occupied(first) => {
                    let same = are_identical(&inputs.path(*first.get()), &inputs.path(index)).unwrap_or(false);
                    let error = if same { InstanceError::IdenticalDuplicate } else { InstanceError::DuplicateInstance };
                    failures.insert(index, error);
                }
                Entry::Vacant(vacant) => {
                    vacant.insert(index);
                    patients.entry(patient).or_default().push(index);
                }
            },
        }
    }
    let mut patients: Vec<PatientGroup> = patients.into_values().map(|indices| PatientGroup { indices }).collect();
    patients.sort_by_key(|patient| patient.indices[0]);
    Grouping { patients, failures }
}

/// Whether two files hold the same bytes.
fn are_identical(first: &Path, second: &Path) -> io::Result<bool> {
    let (first, second) = (File::open(first)?, File::open(second)?);
    if first.metadata()?.len() != second.metadata()?.len() {
        return Ok(false);
    }
    let (mut first, mut second) = (BufReader::new(first), BufReader::new(second));
    loop {
        let (a, b) = (first.fill_buf()?, second.fill_buf()?);
        let n_bytes = a.len().min(b.len());
        if n_bytes == 0 {
            return Ok(a.is_empty() && b.is_empty());
        }
        if a[..n_bytes] != b[..n_bytes] {
            return Ok(false);
        }
        first.consume(n_bytes);
        second.consume(n_bytes);
    }
}
