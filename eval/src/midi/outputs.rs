//! The output files of a submission, found as the official scorer finds them.

use super::score::OutputFile;
use crate::EvaluationError;
use crate::files::list_files;
use crate::reader::{Source, Tag};
use rayon::prelude::*;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The SOP Instance UID stands among the first attributes; few files need more of their beginning.
const HEAD_BYTES: u64 = 16 * 1024;

/// Every DICOM file below a folder, in order of path, hidden files and folders left out; files without a
/// SOP Instance UID are counted and not listed.
///
/// # Errors
/// When the folder cannot be listed.
pub fn list_outputs(folder: &Path) -> Result<(Vec<OutputFile>, usize), EvaluationError> {
    let listed = list_files(folder, "output folder")?;
    let read: Vec<Option<OutputFile>> = listed
        .into_par_iter()
        .map(|file| Some(OutputFile { sop_instance_uid: sop_instance_uid(&file.path)?, path: file.path }))
        .collect();
    let n_unknown = read.iter().filter(|file| file.is_none()).count();
    Ok((read.into_iter().flatten().collect(), n_unknown))
}

/// The SOP Instance UID of a file, from its beginning where that suffices.
pub(crate) fn sop_instance_uid(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let mut bytes = Vec::new();
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut bytes).ok()?;
    uid_in(&bytes).or_else(|| {
        file.read_to_end(&mut bytes).ok()?;
        uid_in(&bytes)
    })
}

fn uid_in(bytes: &[u8]) -> Option<String> {
    let source = Source::new(bytes.to_vec())?;
    source.parse().data_set.text(Tag::new(0x0008, 0x0018)).filter(|uid| !uid.is_empty())
}
