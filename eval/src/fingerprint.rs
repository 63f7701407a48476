//! Which output file is a result of which original, told by what de-identification leaves alone.
//!
//! Another tool writes other UIDs, names and folders, and rarely says which became which.
//! Its pixel data and its technical numbers are mostly those of the original, and those of different
//! instances mostly differ. So:
//!
//! 1. An original and an output that share their pixel data with each other and with no other file are a pair.
//! 2. Of what remains, an original and an output of one SOP class are a pair when each is the other's most
//!    similar by [Jaccard's index](https://en.wikipedia.org/wiki/Jaccard_index) over their numbers and codes, at
//!    least [`MIN_SIMILARITY`] and at least [`MIN_MARGIN`] above the second.
//!
//! What stays doubtful is not paired: it counts as not found, never as a guess.
//! A paired file's UIDs, path by path beside those of its original, give the mapping that a MIDI-B key needs.

use crate::EvaluationError;
use crate::files::list_files;
use crate::midi::Mapping;
use crate::midi::render::effective_vr;
use crate::reader::text::latin1;
use crate::reader::{DataSet, Source, Tag, Value};
use efface_schema::TruthRecord;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Less similar files are no pair.
pub const MIN_SIMILARITY: f64 = 0.4;
/// The second most similar file must be less similar by this.
pub const MIN_MARGIN: f64 = 0.02;

/// What was told about an output folder.
#[derive(Debug, Clone, Default)]
pub struct Matches {
    /// Old to new UIDs of all paired files.
    pub uids: Mapping,
    /// Old to new patient identifiers.
    pub patients: Mapping,
    /// Originals with a file, and how they were paired.
    pub by_pixels: usize,
    /// Those paired by their numbers and codes.
    pub by_similarity: usize,
    /// Originals without a file.
    pub n_originals_unmatched: usize,
    /// Output files without an original.
    pub n_outputs_unmatched: usize,
}

/// What de-identification leaves alone.
struct Fingerprint {
    sop_class: String,
    pixels: Option<[u8; 32]>,
    features: BTreeSet<u64>,
    /// Every UID by its path, and the patient identifier.
    uids: HashMap<String, String>,
    patient: String,
}

/// Pairs the files of a folder with the originals of a suite.
///
/// # Errors
/// When the folder cannot be listed or an original cannot be read.
pub fn match_by_fingerprint(
    output: &Path,
    originals: &Path,
    truth: &[TruthRecord],
) -> Result<Matches, EvaluationError> {
    let paths: Vec<PathBuf> = truth.iter().map(|record| originals.join(&record.instance.path)).collect();
    let old: Vec<Option<Fingerprint>> = paths.par_iter().map(|path| fingerprint(path)).collect();
    if old.iter().any(Option::is_none) {
        let source = std::io::Error::other("not a DICOM file");
        return Err(EvaluationError::Read { what: "originals of the suite", source });
    }
    let old: Vec<Fingerprint> = old.into_iter().flatten().collect();
    let files = list_files(output, "output folder")?;
    let new: Vec<Fingerprint> = files.par_iter().filter_map(|file| fingerprint(&file.path)).collect();
    let mut pairs = by_pixels(&old, &new);
    let by_pixels = pairs.len();
    pairs.extend(by_similarity(&old, &new, &pairs));
    let mut matches = Matches {
        by_pixels,
        by_similarity: pairs.len() - by_pixels,
        n_originals_unmatched: old.len() - pairs.len(),
        n_outputs_unmatched: new.len() - pairs.len(),
        ..Matches::default()
    };
    pairs.sort_unstable();
    for (before, after) in pairs {
        matches.add(&old[before], &new[after]);
    }
    Ok(matches)
}

impl Matches {
    fn add(&mut self, before: &Fingerprint, after: &Fingerprint) {
        let mut paths: Vec<&String> = before.uids.keys().filter(|path| after.uids.contains_key(*path)).collect();
        paths.sort_unstable();
        // The instance's own UID decides which file belongs to it; a reference elsewhere must not come before.
        paths.sort_by_key(|path| path.as_str() != "(0008,0018)");
        for path in paths {
            self.uids.insert(&before.uids[path], &after.uids[path]);
        }
        self.patients.insert(&before.patient, &after.patient);
    }
}

/// Pairs whose pixel data is the same and nobody else's.
fn by_pixels(old: &[Fingerprint], new: &[Fingerprint]) -> Vec<(usize, usize)> {
    let by_digest = |files: &[Fingerprint]| {
        let mut places: HashMap<[u8; 32], Vec<usize>> = HashMap::new();
        for (at, file) in files.iter().enumerate() {
            places.entry(file.pixels.unwrap_or_default()).or_default().push(at);
        }
        places.remove(&[0; 32]);
        places
    };
    let new = by_digest(new);
    let mut pairs: Vec<(usize, usize)> = by_digest(old)
        .into_iter()
        .filter_map(|(digest, old)| match (old.as_slice(), new.get(&digest)?.as_slice()) {
            ([before], [after]) => Some((*before, *after)),
            _ => None,
        })
        .collect();
    pairs.sort_unstable();
    pairs
}

/// Pairs of which each is the other's best by a margin, among files that have no pair yet.
fn by_similarity(old: &[Fingerprint], new: &[Fingerprint], pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let free = |n: usize, used: BTreeSet<usize>| (0..n).filter(|at| !used.contains(at)).collect::<Vec<_>>();
    let old_free = free(old.len(), pairs.iter().map(|pair| pair.0).collect());
    let new_free = free(new.len(), pairs.iter().map(|pair| pair.1).collect());
    let best_new = best(&old_free, old, &new_free, new);
    let best_old = best(&new_free, new, &old_free, old);
    let mutual = |(before, after): (&usize, &Option<usize>)| {
        let after = (*after)?;
        let back = new_free.binary_search(&after).ok().and_then(|at| best_old[at])?;
        (back == *before).then_some((*before, after))
    };
    old_free.iter().zip(&best_new).filter_map(mutual).collect()
}

/// For each file of one side, the most similar of the other, if it is similar enough and stands out.
fn best(of: &[usize], files: &[Fingerprint], among: &[usize], others: &[Fingerprint]) -> Vec<Option<usize>> {
    let best_of = |&at: &usize| {
        let file = &files[at];
        let mut scored: Vec<(f64, usize)> = among
            .iter()
            .filter(|&&other| others[other].sop_class == file.sop_class)
            .map(|&other| (similarity(&file.features, &others[other].features), other))
            .collect();
        scored.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
        let (score, other) = *scored.first()?;
        let second = scored.get(1).map_or(0.0, |second| second.0);
        (score >= MIN_SIMILARITY && score - second >= MIN_MARGIN).then_some(other)
    };
    of.par_iter().map(best_of).collect()
}

fn similarity(left: &BTreeSet<u64>, right: &BTreeSet<u64>) -> f64 {
    let shared = left.intersection(right).count();
    let all = left.len() + right.len() - shared;
    if all == 0 { 0.0 } else { shared as f64 / all as f64 }
}

fn fingerprint(path: &Path) -> Option<Fingerprint> {
    let source = Source::new(std::fs::read(path).ok()?)?;
    let instance = source.parse();
    let text = |tag: Tag| instance.data_set.text(tag).unwrap_or_default();
    let pixels = instance.data_set.bytes(Tag::PIXEL_DATA).filter(|bytes| !bytes.is_empty());
    let mut fingerprint = Fingerprint {
        sop_class: text(Tag::new(0x0008, 0x0016)),
        pixels: pixels.map(|bytes| Sha256::digest(bytes).into()),
        features: BTreeSet::new(),
        uids: HashMap::new(),
        patient: text(Tag::new(0x0010, 0x0020)),
    };
    collect(&instance.data_set, "", &mut fingerprint);
    Some(fingerprint)
}

fn collect(data_set: &DataSet<'_>, parent: &str, fingerprint: &mut Fingerprint) {
    for element in &data_set.elements {
        let Tag { group, element: number } = element.tag;
        let path = format!("{parent}({group:04x},{number:04x})");
        match &element.value {
            Value::Items(items) => {
                for (item_idx, item) in items.iter().enumerate() {
                    collect(item, &format!("{path}[{item_idx}]"), fingerprint);
                }
            }
            Value::Bytes(bytes) if !bytes.is_empty() && element.tag != Tag::PIXEL_DATA => {
                match effective_vr(element, data_set) {
                    "UI" => {
                        let uid = latin1(bytes);
                        fingerprint.uids.insert(path, uid.trim_matches([' ', '\0']).to_owned());
                    }
                    // Patient attributes are replaced by some tools and kept by others.
                    "CS" | "DS" | "FD" | "FL" | "IS" | "SL" | "SS" | "UL" | "US" if group != 0x0010 => {
                        let mut hasher = DefaultHasher::new();
                        let trimmed = bytes.trim_ascii();
                        (&path, trimmed).hash(&mut hasher);
                        fingerprint.features.insert(hasher.finish());
                    }
                    _ => {}
                }
            }
            Value::Bytes(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(sop_class: &str, pixels: u8, features: &[u64], uid: &str) -> Fingerprint {
        Fingerprint {
            sop_class: sop_class.to_owned(),
            pixels: (pixels > 0).then_some([pixels; 32]),
            features: features.iter().copied().collect(),
            uids: [("(0008,0018)".to_owned(), uid.to_owned())].into(),
            patient: format!("patient of {uid}"),
        }
    }

    #[test]
    fn files_are_paired_by_pixels_and_then_by_likeness() {
        let old = [
            file("CT", 1, &[1, 2, 3], "a"),
            file("CT", 2, &[1, 2, 4], "b"),
            // Two with the same picture, told apart by their numbers.
            file("CT", 3, &[1, 2, 5, 6], "c"),
            file("CT", 3, &[1, 2, 7, 8], "d"),
            file("SR", 0, &[9, 10], "e"),
        ];
        let new = [
            file("SR", 0, &[9, 10], "E"),
            file("CT", 3, &[1, 2, 7, 8], "D"),
            file("CT", 3, &[1, 2, 5, 6], "C"),
            file("CT", 2, &[], "B"),
            file("CT", 1, &[], "A"),
        ];
        let pixels = by_pixels(&old, &new);
        assert_eq!(pixels, [(0, 4), (1, 3)]);
        let mut similar = by_similarity(&old, &new, &pixels);
        similar.sort_unstable();
        assert_eq!(similar, [(2, 2), (3, 1), (4, 0)]);
    }

    #[test]
    fn what_is_doubtful_is_not_paired() {
        let old = [file("CT", 0, &[1, 2], "a"), file("CT", 0, &[1, 2], "b")];
        let new = [file("CT", 0, &[1, 2], "A"), file("CT", 0, &[3, 4], "B"), file("MR", 0, &[1, 2], "C")];
        assert!(by_similarity(&old, &new, &[]).is_empty());
        let mut matches = Matches::default();
        matches.add(&old[0], &new[0]);
        assert_eq!(matches.uids.new_of("a"), Some("A"));
        assert_eq!(matches.patients.new_of("patient of a"), Some("patient of A"));
    }
}
