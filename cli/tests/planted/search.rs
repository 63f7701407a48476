//! Plain search in bytes for every form of every planted value.

use crate::places::{self, Place};
use crate::token::Token;
use aho_corasick::AhoCorasick;
use std::collections::BTreeSet;
use std::io::Read;

/// A run of digits at least this long is a number that was made by the program: a new UID holds 36 digits and more,
/// and a planted number or date of eight digits stands in one of thousands of them by chance.
const DIGITS_OF_A_NEW_UID: usize = 34;

/// A place that has no attribute: the name of the folder, or of the file.
pub(crate) const NAMES: [&str; 2] = ["the name of a folder", "the name of a file"];

/// Finds what is planted; each place is an index into [`Searcher::names`].
pub(crate) struct Searcher {
    automaton: AhoCorasick,
    place_of_form: Vec<usize>,
    /// The names of the places, those of folders and files last.
    pub(crate) names: Vec<&'static str>,
}

impl Searcher {
    pub(crate) fn new() -> Self {
        let names: Vec<&str> = places::all().map(|place: &Place| place.name).chain(NAMES).collect();
        let mut forms = Vec::new();
        let mut place_of_form = Vec::new();
        for (place_idx, name) in names.iter().enumerate() {
            for form in Token::of(name).forms() {
                assert!(form.len() >= 7, "{name}: a form of {} bytes may occur by chance", form.len());
                forms.push(form);
                place_of_form.push(place_idx);
            }
        }
        let automaton =
            AhoCorasick::builder().ascii_case_insensitive(true).build(&forms).expect("some thousand short needles");
        Self { automaton, place_of_form, names }
    }

    /// The places whose values stand in a file, whatever its encoding.
    pub(crate) fn in_file(&self, file: &[u8]) -> BTreeSet<usize> {
        let mut found = self.in_bytes(file);
        if let Some(inflated) = inflated(file) {
            found.append(&mut self.in_bytes(&inflated));
        }
        found
    }

    /// The places whose values stand in bytes.
    pub(crate) fn in_bytes(&self, bytes: &[u8]) -> BTreeSet<usize> {
        self.automaton
            .find_overlapping_iter(bytes)
            .filter(|found| !within_new_uid(bytes, found.start(), found.end()))
            .map(|found| self.place_of_form[found.pattern().as_usize()])
            .collect()
    }
}

/// Whether a match lies within a long run of digits.
fn within_new_uid(bytes: &[u8], start: usize, end: usize) -> bool {
    if !bytes[start..end].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let n_before = bytes[..start].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let n_after = bytes[end..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    n_before + (end - start) + n_after >= DIGITS_OF_A_NEW_UID
}

/// The data set of a deflated file.
fn inflated(file: &[u8]) -> Option<Vec<u8>> {
    let deflated = b"1.2.840.10008.1.2.1.99";
    let head = file.get(..1024.min(file.len()))?;
    if !head.windows(deflated.len()).any(|window| window == deflated) {
        return None;
    }
    let n_meta = usize::try_from(u32::from_le_bytes(file.get(140..144)?.try_into().ok()?)).ok()?;
    let mut data_set = Vec::new();
    // What can be inflated is searched, also when the end is damaged.
    let _ = flate2::read::DeflateDecoder::new(file.get(144 + n_meta..)?).read_to_end(&mut data_set);
    Some(data_set)
}
