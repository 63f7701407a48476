//! Groups inputs by patient, so that what one instance says of a patient is searched in all of them.

use crate::error::InstanceError;
use crate::inputs::{InputKind, Inputs};
use crate::made_up;
use crate::peek::peek;
use crate::read::Instance;
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use efface_schema::Phi;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::panic::catch_unwind;
use std::path::Path;

/// A patient's inputs.
pub(crate) struct PatientGroup {
    /// The inputs, by ascending index.
    pub inputs: Vec<GroupedInput>,
}

#[cfg(test)]
impl PatientGroup {
    /// A patient of so many instances, all of them the same.
    pub(crate) fn of_size(n_instances: usize) -> Self {
        let keys = HashedKeys { patient: [0; 16], instance: [0; 16] };
        Self { inputs: (0..n_instances).map(|index| GroupedInput { index, keys }).collect() }
    }
}

/// An input that was filed under its patient.
pub(crate) struct GroupedInput {
    /// Its place in the list of inputs.
    pub index: usize,
    keys: HashedKeys,
}

impl GroupedInput {
    /// Whether the instance is the one that was filed. A file may name its patient twice, or change meanwhile.
    pub(crate) fn is(&self, keys: &InstanceKeys) -> bool {
        self.keys == HashedKeys::of(keys)
    }
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
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest(text.as_bytes())[..16]);
    short
}

/// What tells an instance from others and joins it with its patient's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct HashedKeys {
    patient: ShortHash,
    instance: ShortHash,
}

impl HashedKeys {
    fn of(keys: &InstanceKeys) -> Self {
        Self { patient: short_hash(keys.patient.expose()), instance: short_hash(keys.sop_instance_uid.expose()) }
    }
}

/// Reads all of an instance to tell who it is.
fn full_keys(path: &Path) -> Result<HashedKeys, InstanceError> {
    // A panic must end this input, not the run.
    catch_unwind(|| Instance::read(path).and_then(|instance| keys(&instance)).map(|keys| HashedKeys::of(&keys)))
        .unwrap_or(Err(InstanceError::Panic))
}

/// Groups the inputs. `seen` is called once an input; when it answers `false`, the rest is not read and the grouping
/// must not be used.
pub(crate) fn group(inputs: &Inputs, seen: &(dyn Fn() -> bool + Sync)) -> Grouping {
    let keyed: Vec<Result<HashedKeys, InstanceError>> = (0..inputs.len())
        .into_par_iter()
        .map(|index| {
            if !seen() || inputs.kind(index) != InputKind::File {
                return Err(InstanceError::NotAFile);
            }
            let path = inputs.path(index);
            peek(&path).map_or_else(|| full_keys(&path), |keys| Ok(HashedKeys::of(&keys)))
        })
        .collect();
    let mut failures = BTreeMap::new();
    let mut patients: BTreeMap<ShortHash, Vec<GroupedInput>> = BTreeMap::new();
    for (index, keys) in without_duplicates(inputs, keyed).into_iter().enumerate() {
        match keys {
            Err(error) => {
                failures.insert(index, error);
            }
            Ok(keys) => patients.entry(keys.patient).or_default().push(GroupedInput { index, keys }),
        }
    }
    let mut patients: Vec<PatientGroup> = patients.into_values().map(|inputs| PatientGroup { inputs }).collect();
    patients.sort_by_key(|patient| patient.inputs[0].index);
    Grouping { patients, failures }
}

/// Lets the first readable input of each instance stand, and gives the others their reason.
///
/// Who an instance is was read from its beginning. Only here, where it decides which of two inputs is used, does it
/// matter whether the rest can be read as well.
fn without_duplicates(
    inputs: &Inputs,
    mut keyed: Vec<Result<HashedKeys, InstanceError>>,
) -> Vec<Result<HashedKeys, InstanceError>> {
    let mut firsts: HashMap<ShortHash, usize> = HashMap::new();
    let mut read_whole: HashSet<usize> = HashSet::new();
    for index in 0..keyed.len() {
        let Ok(keys) = keyed[index] else { continue };
        let Some(&first) = firsts.get(&keys.instance) else {
            firsts.insert(keys.instance, index);
            continue;
        };
        if let Err(error) = full_keys(&inputs.path(index)) {
            keyed[index] = Err(error);
            continue;
        }
        if read_whole.insert(first)
            && let Err(error) = full_keys(&inputs.path(first))
        {
            keyed[first] = Err(error);
            read_whole.insert(index);
            firsts.insert(keys.instance, index);
            continue;
        }
        let same = are_identical(&inputs.path(firsts[&keys.instance]), &inputs.path(index)).unwrap_or(false);
        keyed[index] = Err(if same { InstanceError::IdenticalDuplicate } else { InstanceError::DuplicateInstance });
    }
    keyed
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
