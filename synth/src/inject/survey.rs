//! The first look: which files there are, and whose.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::TransferSyntaxIndex;
use dicom_encoding::text::SpecificCharacterSet;
use dicom_object::{DefaultDicomObject, InMemDicomObject, OpenFileOptions};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use efface_schema::{Sha256Hex, UnusedReason};
use jiff::civil::Date;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A file below the folder.
pub(super) struct Input {
    pub(super) path: PathBuf,
    /// Below the folder, with `/`.
    pub(super) relative: String,
    pub(super) facts: Result<Facts, UnusedReason>,
}

/// What a file says about itself before its pixels.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) patient_id: String,
    pub(super) study_uid: String,
    pub(super) series_uid: String,
    pub(super) sop_uid: String,
    pub(super) modality: String,
    pub(super) study_date: Option<Date>,
    pub(super) sex: String,
    /// Patient's Age (0010,1010), as it stands.
    pub(super) age: String,
    /// Whether every name can be written in its character set.
    pub(super) is_unicode: bool,
}

/// Looks at every file below a folder, in bytewise order of their paths.
pub(super) fn survey(root: &Path) -> io::Result<Vec<Input>> {
    let mut inputs = Vec::new();
    list(root, "", &mut inputs)?;
    inputs.sort_by(|one, other| one.relative.as_bytes().cmp(other.relative.as_bytes()));
    inputs.par_iter_mut().filter(|input| input.facts.is_ok()).for_each(|input| input.facts = look(&input.path));
    let mut seen = HashSet::new();
    for input in &mut inputs {
        if input.facts.as_ref().is_ok_and(|facts| !seen.insert(facts.sop_uid.clone())) {
            input.facts = Err(UnusedReason::Repeated);
        }
    }
    Ok(inputs)
}

/// A hash over the names and sizes of the inputs.
pub(super) fn inputs_sha256(inputs: &[Input]) -> Sha256Hex {
    let mut hasher = Sha256::new();
    for input in inputs {
        hasher.update(input.relative.as_bytes());
        hasher.update([0]);
        hasher.update(input.path.symlink_metadata().map_or(0, |metadata| metadata.len()).to_le_bytes());
    }
    Sha256Hex::from_bytes(&hasher.finalize())
}

/// Links are listed and not followed. A folder that cannot be listed is an input that cannot be used.
fn list(folder: &Path, below: &str, inputs: &mut Vec<Input>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let relative = format!("{below}{}", entry.file_name().to_string_lossy());
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            let n_before = inputs.len();
            if list(&path, &format!("{relative}/"), inputs).is_ok() {
                continue;
            }
            inputs.truncate(n_before);
        }
        let facts = if kind.is_file() { Ok(Facts::default()) } else { Err(UnusedReason::NotAFile) };
        inputs.push(Input { path, relative, facts });
    }
    Ok(())
}

impl Default for Facts {
    fn default() -> Self {
        let empty = String::new;
        Self {
            patient_id: empty(),
            study_uid: empty(),
            series_uid: empty(),
            sop_uid: empty(),
            modality: empty(),
            study_date: None,
            sex: empty(),
            age: empty(),
            is_unicode: false,
        }
    }
}

fn look(path: &Path) -> Result<Facts, UnusedReason> {
    let object = read(path, OpenFileOptions::new().read_until(tags::PIXEL_DATA))?;
    let text = |tag: Tag| text_of(&object, tag);
    if text(tags::SOP_CLASS_UID) == uids::MEDIA_STORAGE_DIRECTORY_STORAGE
        || object.get(tags::DIRECTORY_RECORD_SEQUENCE).is_some()
    {
        return Err(UnusedReason::Directory);
    }
    if [tags::SOP_CLASS_UID, tags::SOP_INSTANCE_UID, tags::MODALITY].iter().any(|tag| text(*tag).is_empty()) {
        return Err(UnusedReason::NoIdentity);
    }
    let character_set = text(tags::SPECIFIC_CHARACTER_SET);
    if !has_one_character_set(&object, &character_set) {
        return Err(UnusedReason::CharacterSet);
    }
    Ok(Facts {
        patient_id: text(tags::PATIENT_ID),
        study_uid: text(tags::STUDY_INSTANCE_UID),
        series_uid: text(tags::SERIES_INSTANCE_UID),
        sop_uid: text(tags::SOP_INSTANCE_UID),
        modality: text(tags::MODALITY),
        study_date: parse_date(&text(tags::STUDY_DATE)),
        sex: text(tags::PATIENT_SEX),
        age: text(tags::PATIENT_AGE),
        is_unicode: character_set == "ISO_IR 192",
    })
}

/// Reads a file, or says what is wrong with it.
pub(super) fn read(path: &Path, options: OpenFileOptions) -> Result<DefaultDicomObject, UnusedReason> {
    let mut start = Vec::new();
    let opened = File::open(path).and_then(|file| file.take(132).read_to_end(&mut start));
    if opened.is_err() {
        return Err(UnusedReason::NotAFile);
    }
    if start.get(128..132) != Some(b"DICM") {
        // Groups 0002 and 0008 begin file meta information and nearly every data set.
        let is_bare = [&[2, 0][..], &[8, 0], &[0, 8]].iter().any(|group| start.starts_with(group));
        return Err(if is_bare { UnusedReason::NoFileMeta } else { UnusedReason::NotDicom });
    }
    options.open_file(path).map_err(|_| reason_of(path))
}

/// Why a file with a preamble cannot be read.
fn reason_of(path: &Path) -> UnusedReason {
    let Ok(meta) =
        OpenFileOptions::new().read_until(Tag(0x0003, 0)).open_file(path).map(|object| object.meta().clone())
    else {
        return UnusedReason::NoFileMeta;
    };
    let syntax = TransferSyntaxRegistry.get(meta.transfer_syntax.trim_end_matches(['\0', ' ']));
    if syntax.is_some() { UnusedReason::Damaged } else { UnusedReason::TransferSyntax }
}

/// Whether all text is in one character set, and that one can be read and written.
fn has_one_character_set(object: &InMemDicomObject, character_set: &str) -> bool {
    // Those with several bytes a character need escape sequences, which a change of the text would have to keep.
    const MULTI_BYTE: [&str; 5] = ["ISO_IR 13", "ISO_IR 87", "ISO_IR 149", "ISO_IR 159", "GBK"];
    let is_known = character_set.is_empty()
        || SpecificCharacterSet::from_code(character_set).is_some() && !MULTI_BYTE.contains(&character_set);
    is_known && !character_set.contains("2022") && items_agree(object, character_set)
}

fn items_agree(object: &InMemDicomObject, character_set: &str) -> bool {
    object.iter().filter(|element| element.vr() == VR::SQ).filter_map(|element| element.items()).flatten().all(|item| {
        let own = item.get(tags::SPECIFIC_CHARACTER_SET).is_none()
            || text_of(item, tags::SPECIFIC_CHARACTER_SET) == character_set;
        own && items_agree(item, character_set)
    })
}

fn text_of(object: &InMemDicomObject, tag: Tag) -> String {
    // Bytes, as of VR UN, would be printed as numbers.
    let element = object.get(tag).filter(|element| element.vr() != VR::UN);
    let text = element.and_then(|element| element.to_str().ok());
    text.map_or_else(String::new, |text| text.trim_matches([' ', '\0']).to_owned())
}

/// A date as DA writes it, with or without the points of ACR-NEMA.
pub(super) fn parse_date(text: &str) -> Option<Date> {
    let digits: String = text.chars().filter(|character| *character != '.').collect();
    let is_date = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_date.then(|| Date::strptime("%Y%m%d", &digits).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_dates_are_dates() {
        assert_eq!(parse_date("20040119"), Some(jiff::civil::date(2004, 1, 19)));
        assert_eq!(parse_date("2004.01.19"), Some(jiff::civil::date(2004, 1, 19)));
        for text in ["", "2004", "20041399", "20040119-20040120"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }
}
