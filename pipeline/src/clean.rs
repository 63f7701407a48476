//! Takes identifying spans out of a text, and leaves a text that a reader can use.
//!
//! What stands in the place of a span is the policy's choice ([`Replacement`]). Where nothing does, blanks, separators
//! and brackets around the cut are put in order; the rest of the text is not touched. What is written fits its VR.

use crate::surrogate::Surrogates;
use crate::tier2::dates;
use dicom_core::VR;
use efface_schema::PhiLabel;
use serde::{Deserialize, Serialize};

/// What stands in a text where something identifying stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replacement {
    /// Nothing.
    #[default]
    Empty,
    /// What it was, in brackets: `[NAME]`.
    Label,
    /// Another value of the same form, the same for the same original of the patient.
    Surrogate,
}

/// A span that shall go: characters, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What stands there.
    pub(crate) label: Option<PhiLabel>,
    /// Whether it is a date that is shifted rather than removed.
    pub(crate) shifted: bool,
}

/// A cleaned text.
pub(crate) struct Cleaned {
    pub(crate) text: String,
    /// What stands in the place of the cuts.
    pub(crate) replacement: Replacement,
    /// The cuts as they were made: a date that has no room once it has moved is taken out.
    pub(crate) cuts: Vec<Cut>,
}

/// Cleans the texts of one patient.
pub(crate) struct Cleaner<'a> {
    pub(crate) replacement: Replacement,
    /// By how many days dates move, where the policy keeps them.
    pub(crate) shift_days: Option<i64>,
    /// Other values for what the patient's texts say, where the policy wants them.
    pub(crate) surrogates: Option<&'a Surrogates<'a>>,
}

/// Signs that part values; after a cut they may stand where nothing is left to part.
const SEPARATORS: [char; 9] = [',', ';', ':', '-', '_', '/', '^', '|', '='];
/// Brackets and quotation marks that may hold nothing after a cut.
const PAIRS: [(char, char); 7] = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>'), ('"', '"'), ('\'', '\''), ('“', '”')];

impl Cleaner<'_> {
    /// The text without what the cuts name, as a value of the VR. Cuts that reach outside the text take what there is.
    pub(crate) fn clean(&self, text: &str, vr: VR, cuts: &[Cut]) -> String {
        self.clean_as(text, vr, cuts).text
    }

    /// The cleaned text, and how it was cleaned, which depends on the room that there is.
    pub(crate) fn clean_as(&self, text: &str, vr: VR, cuts: &[Cut]) -> Cleaned {
        let replacement = self.replacement_in(vr);
        let mut cuts = cuts.to_vec();
        let replaced = self.render(text, &cuts, replacement);
        let fits = |text: &str| max_characters(vr).is_none_or(|most| text.chars().count() <= most);
        if fits(&replaced) {
            return Cleaned { text: replaced, replacement, cuts };
        }
        let mut shorter = self.render(text, &cuts, Replacement::Empty);
        // A date that has moved may be longer than it was, and part of a date is another date: the last ones go.
        while !fits(&shorter)
            && let Some(last) = cuts.iter_mut().rfind(|cut| cut.shifted)
        {
            last.shifted = false;
            shorter = self.render(text, &cuts, Replacement::Empty);
        }
        let text = if fits(&shorter) { shorter } else { cut_short(&shorter, vr) };
        Cleaned { text, replacement: Replacement::Empty, cuts }
    }

    /// Codes and titles have an alphabet of their own: nothing is put into them.
    fn replacement_in(&self, vr: VR) -> Replacement {
        if matches!(vr, VR::CS | VR::AE | VR::UR) { Replacement::Empty } else { self.replacement }
    }

    fn render(&self, text: &str, cuts: &[Cut], replacement: Replacement) -> String {
        let characters: Vec<char> = text.chars().collect();
        let mut cleaned = String::with_capacity(text.len());
        // The first character behind a cut that nothing replaced waits for what stands after it.
        let mut open_cut = false;
        let mut at = 0;
        for cut in cuts {
            let (start, end) = (cut.start, cut.end.min(characters.len()));
            if start < at || start >= end {
                continue;
            }
            let kept: String = characters[at..start].iter().collect();
            let found: String = characters[start..end].iter().collect();
            let substitute = self.substitute(&found, cut, replacement);
            // Two cuts with nothing but separators between them are one.
            let one_cut = open_cut && substitute.is_none() && kept.chars().all(is_blank_or_separator);
            if !one_cut {
                append(&mut cleaned, &kept, open_cut, false);
            }
            open_cut = substitute.is_none();
            cleaned.push_str(substitute.as_deref().unwrap_or_default());
            at = end;
        }
        let kept: String = characters[at..].iter().collect();
        append(&mut cleaned, &kept, open_cut, true);
        cleaned
    }

    /// What stands for what a cut takes out of a text.
    pub(crate) fn substitute(&self, found: &str, cut: &Cut, replacement: Replacement) -> Option<String> {
        let shifted = self.shift_days.filter(|_| cut.shifted).and_then(|days| dates::shift_text(found, days));
        if shifted.is_some() {
            return shifted;
        }
        let label = cut.label?;
        match replacement {
            Replacement::Empty => None,
            Replacement::Label => Some(bracketed(label)),
            Replacement::Surrogate => {
                let surrogate = self.surrogates.and_then(|surrogates| surrogates.replace(found, label));
                Some(surrogate.unwrap_or_else(|| bracketed(label)))
            }
        }
    }
}

fn is_blank_or_separator(sign: char) -> bool {
    sign == ' ' || SEPARATORS.contains(&sign)
}

fn bracketed(label: PhiLabel) -> String {
    format!("[{}]", label.as_str())
}

/// Appends what follows a cut, or nothing special, to a cleaned text. `last` says that the text ends here.
fn append(cleaned: &mut String, kept: &str, after_cut: bool, last: bool) {
    if !after_cut {
        cleaned.push_str(kept);
        return;
    }
    let mut kept = kept;
    loop {
        let (before, after) = (cleaned.trim_end_matches(' '), kept.trim_start_matches(' '));
        let pair = PAIRS.iter().find(|(open, close)| before.ends_with(*open) && after.starts_with(*close));
        let Some((open, close)) = pair else { break };
        // Brackets that hold nothing.
        cleaned.truncate(before.len() - open.len_utf8());
        kept = &after[close.len_utf8()..];
    }
    if cleaned.trim_matches(' ').is_empty() {
        cleaned.clear();
        kept = kept.trim_start_matches(|sign| is_blank_or_separator(sign) || matches!(sign, '.' | ')' | ']'));
    }
    if last && kept.chars().all(is_blank_or_separator) {
        let n_bytes = cleaned.trim_end_matches(is_blank_or_separator).len();
        cleaned.truncate(n_bytes);
        return;
    }
    join(cleaned, kept);
}

/// Joins the two sides of a cut: one blank, one separator.
fn join(cleaned: &mut String, kept: &str) {
    let after = kept.trim_start_matches(' ');
    let Some(next) = after.chars().next() else {
        if !cleaned.ends_with([' ', '\n']) {
            cleaned.push_str(kept);
        }
        return;
    };
    let closes = matches!(next, ',' | ';' | '.' | ':' | '!' | '?' | ')' | ']' | '}');
    if closes {
        let mut n_bytes = cleaned.trim_end_matches(' ').len();
        if matches!(next, ',' | ';' | '.' | ':') && cleaned[..n_bytes].ends_with([',', ';', ':']) {
            n_bytes -= 1;
        }
        cleaned.truncate(n_bytes);
        cleaned.push_str(after);
    } else if next != '/' && SEPARATORS.contains(&next) && cleaned.ends_with(next) {
        // A path keeps the place of what was cut: the folder below is not taken for its owner's.
        cleaned.push_str(&kept[next.len_utf8()..]);
    } else if cleaned.ends_with([' ', '\n', '(', '[']) {
        cleaned.push_str(after);
    } else {
        cleaned.push_str(kept);
    }
}

/// How many characters a value of a VR may have.
///
/// Source: PS3.5 table 6.2-1.
const fn max_characters(vr: VR) -> Option<usize> {
    match vr {
        VR::AE | VR::CS | VR::SH => Some(16),
        VR::LO | VR::PN => Some(64),
        VR::ST => Some(1024),
        VR::LT => Some(10_240),
        _ => None,
    }
}

/// As many characters as the VR allows, whole words where that loses little.
fn cut_short(text: &str, vr: VR) -> String {
    let most = max_characters(vr).unwrap_or(usize::MAX);
    let short: String = text.chars().take(most).collect();
    match short.rfind(' ') {
        Some(at) if 2 * at > short.len() => short[..at].to_owned(),
        _ => short,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cleaner(replacement: Replacement) -> Cleaner<'static> {
        Cleaner { replacement, shift_days: Some(-1), surrogates: None }
    }

    /// Cleans a text in which what shall go is marked: `CT of <Doe>`; dates begin with `#`.
    fn clean(marked: &str, vr: VR, replacement: Replacement) -> String {
        let mut text = String::new();
        let mut cuts = Vec::new();
        for part in marked.split_inclusive(['⟨', '⟩']) {
            let bare = part.trim_end_matches(['⟨', '⟩']);
            let start = text.chars().count();
            text.push_str(bare.trim_start_matches('#'));
            if part.ends_with('⟩') {
                let shifted = bare.starts_with('#');
                let label = Some(if shifted { PhiLabel::Date } else { PhiLabel::Name });
                cuts.push(Cut { start, end: text.chars().count(), label, shifted });
            }
        }
        cleaner(replacement).clean(&text, vr, &cuts)
    }

    #[test]
    fn the_rest_reads_on() {
        for (marked, expected) in [
            ("CT chest for ⟨Jane Doe⟩, follow-up", "CT chest for, follow-up"),
            ("⟨Doe⟩_CT", "CT"),
            ("CT_⟨Doe⟩_thorax", "CT_thorax"),
            ("nodule (⟨Doe⟩) stable", "nodule stable"),
            ("nodule (⟨Doe⟩, ⟨Jane⟩) stable", "nodule stable"),
            ("nodule (seen by ⟨Doe⟩) stable", "nodule (seen by) stable"),
            ("lung, ⟨Doe⟩, ⟨Jane⟩, 3 mm", "lung, 3 mm"),
            ("told ⟨Doe⟩ to wait", "told to wait"),
            ("told ⟨Doe⟩.", "told."),
            ("⟨Doe⟩: nodule", "nodule"),
            ("nodule / ⟨Doe⟩", "nodule"),
            ("in /home/⟨doe⟩/ct", "in /home//ct"),
            ("two  blanks stay, ⟨Doe⟩ goes", "two  blanks stay, goes"),
            ("line\n⟨Doe⟩ next", "line\nnext"),
            ("⟨Jane⟩ ⟨Doe⟩", ""),
            ("-5 HU, -7 HU ⟨Doe⟩", "-5 HU, -7 HU"),
            ("prior ⟨#20200301⟩ CT", "prior 20200229 CT"),
            ("prior ⟨#4/31/2020⟩ CT", "prior CT"),
        ] {
            assert_eq!(clean(marked, VR::LO, Replacement::Empty), expected, "{marked}");
        }
    }

    #[test]
    fn labels_say_what_stood_there_where_they_fit() {
        assert_eq!(clean("told ⟨Doe⟩ to wait", VR::LO, Replacement::Label), "told [NAME] to wait");
        assert_eq!(clean("told ⟨Doe⟩ to go", VR::SH, Replacement::Label), "told to go");
        assert_eq!(clean("AB ⟨DOE⟩", VR::CS, Replacement::Label), "AB");
        assert_eq!(clean("prior ⟨#4/31/2020⟩ CT", VR::LO, Replacement::Label), "prior [DATE] CT");
    }

    #[test]
    fn a_date_that_does_not_fit_once_it_has_moved_goes_whole() {
        let text = format!("{} ⟨#1 August 2020⟩ ⟨#2020-08-01⟩ ⟨#October 1, 2021⟩", "x".repeat(22));
        // A day earlier, the first is July 31, and the last September 30: two characters more, and one more than fit.
        let cleaned = clean(&text, VR::LO, Replacement::Empty);
        assert_eq!(cleaned, format!("{} 31 July 2020 2020-07-31", "x".repeat(22)));
    }

    #[test]
    fn cuts_outside_the_text_take_what_there_is() {
        let cuts = [
            Cut { start: 1, end: 99, label: Some(PhiLabel::Name), shifted: false },
            Cut { start: 50, end: 60, label: Some(PhiLabel::Name), shifted: false },
        ];
        assert_eq!(cleaner(Replacement::Empty).clean("Doe", VR::LO, &cuts), "D");
    }

    proptest! {
        #[test]
        fn what_is_cut_is_gone_and_words_around_it_stay(
            words in prop::collection::vec("[a-z]{1,6}", 1..6), marks in prop::collection::vec(any::<bool>(), 6),
            separator in prop::sample::select(vec![" ", ", ", "_", "; ", " - ", "/", "\n"])
        ) {
            let mut marked = String::new();
            for (idx, word) in words.iter().enumerate() {
                let secret = if marks[idx] { format!("⟨Q{word}⟩") } else { word.clone() };
                marked.push_str(&secret);
                marked.push_str(if idx + 1 < words.len() { separator } else { "" });
            }
            let cleaned = clean(&marked, VR::UT, Replacement::Empty);
            prop_assert!(!cleaned.contains('Q'));
            let kept: Vec<&str> = words.iter().zip(&marks).filter(|(_, mark)| !**mark).map(|(word, _)| word.as_str()).collect();
            let left: Vec<&str> = cleaned.split(|sign: char| !sign.is_alphabetic()).filter(|word| !word.is_empty()).collect();
            prop_assert_eq!(left, kept);
        }

        #[test]
        fn no_value_grows_beyond_its_vr(text in "[a-z ]{0,64}", starts in prop::collection::vec(0_usize..64, 0..8)) {
            let mut starts = starts;
            starts.sort_unstable();
            let cuts: Vec<Cut> = starts.iter().map(|start| Cut { start: *start, end: start + 2, label: Some(PhiLabel::HealthPlanId), shifted: false }).collect();
            let cleaned = cleaner(Replacement::Label).clean(&text, VR::LO, &cuts);
            prop_assert!(cleaned.chars().count() <= 64);
        }
    }
}
