//! What is searched: the letters and digits of a value, and how they may stand in a text.

use super::folded::{Folded, confused, fold};
use super::guard;
use efface_schema::PhiLabel;
use std::collections::BTreeMap;

/// How many separators may part two words of one needle.
const MAX_GAP: u8 = 3;
/// One typo or confusion is survived in words of at least this many letters.
pub(super) const MIN_FUZZY_WORD: usize = 5;
/// A confusion is survived in identifiers of at least this many letters and digits.
const MIN_FUZZY_IDENTIFIER: usize = 6;
/// So many needles of one patient are searched; what is beyond is still taken away where it stands explicitly.
const MAX_NEEDLES: usize = 65_536;

/// What may touch a needle in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edges {
    /// Anything: the needle is long enough not to stand inside words by chance.
    Anything,
    /// Another word: digits beside letters, upper case after lower.
    Word,
    /// Separators alone.
    Separators,
    /// Anything but digits.
    NoDigit,
}

/// Where separators may stand inside a needle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gaps {
    /// Anywhere: identifiers are grouped at will.
    Anywhere,
    /// Between its words, or not at all.
    BetweenWords,
    /// Between all of its words.
    BetweenAllWords,
    /// Dots between all of its letters and behind the last.
    Dots,
}

/// What else must hold where a needle stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Context {
    /// Nothing.
    Free,
    /// Its surroundings make it a name, for it could be another word.
    Name,
    /// It is in capitals.
    Capitals,
    /// It is in capitals and follows a word for a patient.
    Initials,
}

/// A needle: exact letters and digits, and how they may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needle {
    /// The folded letters and digits.
    pub(super) exact: String,
    /// Where its words begin, the first apart: bytes, ascending.
    pub(super) joints: Vec<u16>,
    /// What it is.
    pub(super) label: PhiLabel,
    /// By which rule it is found.
    pub(super) rule: &'static str,
    /// What may touch it.
    pub(super) edges: Edges,
    /// Where it may be parted.
    pub(super) gaps: Gaps,
    /// What else must hold.
    pub(super) context: Context,
}

impl Needle {
    /// A needle of words that stand in a row.
    pub(super) fn of_words<'a>(
        words: impl IntoIterator<Item = &'a str>,
        label: PhiLabel,
        rule: &'static str,
    ) -> Option<Self> {
        let mut exact = String::new();
        let mut joints = Vec::new();
        for word in words {
            let folded = Folded::new(word);
            for (start, end) in folded.tokens() {
                joints.extend(u16::try_from(exact.len()).ok());
                exact.push_str(&folded.text[start..end]);
            }
        }
        Self::of_row(exact, &joints, label, rule)
    }

    /// A needle of words that [`folded_words`] gave: each is one row of folded letters and digits.
    pub(super) fn of_folded_words(words: &[String], label: PhiLabel, rule: &'static str) -> Option<Self> {
        let starts = words.iter().scan(0_usize, |end, word| {
            let start = *end;
            *end += word.len();
            Some(start)
        });
        let joints: Vec<u16> = starts.filter_map(|start| u16::try_from(start).ok()).collect();
        Self::of_row(words.concat(), &joints, label, rule)
    }

    /// A needle of a row of letters and digits, and where its words begin.
    fn of_row(exact: String, starts: &[u16], label: PhiLabel, rule: &'static str) -> Option<Self> {
        let joints = starts.get(1..).unwrap_or_default().to_vec();
        let free =
            Self { exact, joints, label, rule, edges: Edges::Word, gaps: Gaps::BetweenWords, context: Context::Free };
        (!free.exact.is_empty() && free.exact.len() <= usize::from(u16::MAX)).then_some(free)
    }

    /// A date's needle: no digit touches it, and its numbers are parted unless all eight digits or a word are there.
    pub(super) fn standing_as_date(self) -> Self {
        let digits = self.exact.bytes().all(|byte| byte.is_ascii_digit());
        let gaps = if digits && self.exact.len() < 8 { Gaps::BetweenAllWords } else { Gaps::BetweenWords };
        Self { edges: Edges::NoDigit, gaps, ..self }
    }

    /// How many letters and digits it has.
    pub(super) fn n_characters(&self) -> usize {
        self.exact.chars().count()
    }

    /// Whether it holds a digit.
    pub(super) fn has_digit(&self) -> bool {
        self.exact.bytes().any(|byte| byte.is_ascii_digit())
    }

    /// Its words.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.joints.iter().map(|joint| usize::from(*joint)));
        let ends = self.joints.iter().map(|joint| usize::from(*joint)).chain([self.exact.len()]);
        starts.zip(ends).map(|(start, end)| &self.exact[start..end])
    }

    /// By which rule the needle is found at a place where its letters, or letters mistaken for them, stand; `None`
    /// where it must not be taken for the patient's.
    pub(super) fn accept(
        &self,
        folded: &Folded,
        text: &str,
        (start, end): (usize, usize),
        guesses: bool,
    ) -> Option<&'static str> {
        let found = folded.text.get(start..end)?;
        let exact = found == self.exact;
        if !(exact || guesses && self.survives_confusion(folded, found, (start, end))) {
            return None;
        }
        let parted_word = self.accept_gaps(folded, text, start, end)?;
        if parted_word && !(guesses && exact && self.survives_split(folded, start, end)) {
            return None;
        }
        let edges = match self.edges {
            Edges::Anything => true,
            Edges::Word => folded.is_word_edge(start) && folded.is_word_edge(end),
            Edges::Separators => folded.is_parted(start) && folded.is_parted(end),
            Edges::NoDigit => !touches_digit(folded, start, end),
        };
        if !edges || !self.accept_context(folded, text, start, end) {
            return None;
        }
        Some(if exact && !parted_word { self.rule } else { "lexicon-fuzzy" })
    }

    /// Whether letters that differ from the needle's may be the needle, misread.
    fn survives_confusion(&self, folded: &Folded, found: &str, (start, end): (usize, usize)) -> bool {
        let is_number = self.has_digit();
        if is_number {
            let n_digits = found.bytes().filter(u8::is_ascii_digit).count();
            self.n_characters() >= MIN_FUZZY_IDENTIFIER && 3 * n_digits >= found.len()
        } else {
            let (start, end) = folded.token(start, end);
            // A lone letter is too little to be mistaken.
            let words_long = self.words().all(|word| word.chars().count() >= 3);
            self.context == Context::Free
                && words_long
                && self.n_characters() >= MIN_FUZZY_WORD
                && !guard::is_known(&folded.text[start..end])
        }
    }

    /// Whether a word that stands in two parts may be the needle.
    fn survives_split(&self, folded: &Folded, start: usize, end: usize) -> bool {
        let inner: Vec<usize> = (start + 1..end).filter(|at| folded.gap(*at) > 0).collect();
        let [gap] = inner.as_slice() else { return false };
        let (first, last) = (&folded.text[start..*gap], &folded.text[*gap..end]);
        self.joints.is_empty()
            && self.context == Context::Free
            && self.n_characters() > MIN_FUZZY_WORD
            && folded.gap(*gap) == 1
            && folded.is_parted(start)
            && folded.is_parted(end)
            && !(guard::is_known(first) || guard::is_known(last))
    }

    /// Whether separators stand only where they may: `Some(true)` when a word of the needle is parted.
    fn accept_gaps(&self, folded: &Folded, text: &str, start: usize, end: usize) -> Option<bool> {
        let is_joint = |at: usize| self.joints.iter().any(|joint| usize::from(*joint) == at - start);
        let parted = |at: usize| folded.gap(at) > 0;
        match self.gaps {
            Gaps::Anywhere => (start + 1..end).all(|at| folded.gap(at) <= MAX_GAP).then_some(false),
            Gaps::BetweenWords | Gaps::BetweenAllWords => {
                let narrow = (start + 1..end).all(|at| folded.gap(at) <= MAX_GAP);
                let missing = self.gaps == Gaps::BetweenAllWords
                    && !self.joints.iter().all(|joint| parted(start + usize::from(*joint)));
                let mut strange = (start + 1..end).filter(|at| parted(*at) && !is_joint(*at));
                (narrow && !missing).then(|| strange.next().is_some())
            }
            Gaps::Dots => {
                let dotted = |at: usize| folded.separators_before(text, at).starts_with('.');
                (start + 1..=end).all(dotted).then_some(false)
            }
        }
    }

    fn accept_context(&self, folded: &Folded, text: &str, start: usize, end: usize) -> bool {
        let capitals = || (start..end).all(|at| folded.is_upper(at));
        match self.context {
            Context::Free => self.digits_or_no_word(folded, start, end),
            Context::Name if self.joints.is_empty() => guard::is_name_here(folded, text, start, end),
            Context::Name => self.is_whole_name_here(folded, text, start),
            Context::Capitals => capitals(),
            Context::Initials => {
                let before = folded.word_before(start).map(|(_, word)| word);
                capitals() && before.is_some_and(|word| matches!(word, "pt" | "patient" | "initials" | "subject"))
            }
        }
    }

    /// A needle inside a word of the guard's list is not a name: `raven` in `intravenous`.
    fn digits_or_no_word(&self, folded: &Folded, start: usize, end: usize) -> bool {
        if self.has_digit() || (start + 1..end).any(|at| folded.gap(at) > 0) {
            return true;
        }
        let (token_start, token_end) = folded.token(start, end);
        let inside = (token_start, token_end) != (start, end);
        (!inside && self.joints.is_empty()) || !guard::is_known(&folded.text[token_start..token_end])
    }

    /// A name all of whose words are guarded: `LONG^HEAD`. Its separators or its case must say that it is one.
    fn is_whole_name_here(&self, folded: &Folded, text: &str, start: usize) -> bool {
        let mut joints = self.joints.iter().map(|joint| start + usize::from(*joint));
        let separated = joints.clone().any(|at| folded.separators_before(text, at).contains(['^', ',', '.']));
        let capitalized = folded.is_upper(start)
            && joints.all(|at| folded.is_upper(at) && folded.gap(at) > 0)
            && folded.word_before(start).is_some_and(|(at, _)| !folded.is_upper(at));
        separated || capitalized
    }
}

fn touches_digit(folded: &Folded, start: usize, end: usize) -> bool {
    let bytes = folded.text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    (folded.gap(start) == 0 && start > 0 && digit(start - 1)) || (folded.gap(end) == 0 && digit(end))
}

/// The needles of one patient: for each row of letters one needle, the least demanding.
#[derive(Default)]
pub(super) struct Needles {
    by_exact: BTreeMap<String, Vec<Needle>>,
    n_needles: usize,
    /// Spellings to look for in bytes that are no text, beside those of the needles.
    pub(super) spellings: BTreeMap<String, ()>,
}

impl Needles {
    /// Adds a needle. Of needles with the same letters, one that another makes needless is left out.
    pub(super) fn add(&mut self, needle: Needle) {
        if self.n_needles >= MAX_NEEDLES {
            return;
        }
        let known = self.by_exact.entry(needle.exact.clone()).or_default();
        let covers = |wide: &Needle, narrow: &Needle| {
            wide.joints == narrow.joints
                && wide.edges <= narrow.edges
                && wide.gaps <= narrow.gaps
                && wide.context <= narrow.context
        };
        if known.iter().any(|other| covers(other, &needle)) {
            return;
        }
        let n_before = known.len();
        known.retain(|other| !covers(&needle, other));
        known.push(needle);
        self.n_needles += known.len();
        self.n_needles -= n_before;
    }

    /// Adds a needle where there is one.
    pub(super) fn add_opt(&mut self, needle: Option<Needle>) {
        if let Some(needle) = needle {
            self.add(needle);
        }
    }

    /// Whether a row of letters is a needle already.
    pub(super) fn contains(&self, exact: &str) -> bool {
        self.by_exact.contains_key(exact)
    }

    /// Remembers a spelling that folding changes.
    pub(super) fn spelling(&mut self, text: &str) {
        if !text.is_ascii() && self.spellings.len() < MAX_NEEDLES {
            for spelling in [text.to_owned(), text.to_lowercase(), text.to_uppercase()] {
                self.spellings.insert(spelling, ());
            }
        }
    }

    /// All needles, in order of their letters.
    pub(super) fn into_sorted(self) -> Vec<Needle> {
        self.by_exact.into_values().flatten().collect()
    }
}

/// The rows of letters that readers of images make of a word by taking two letters for one, or one for two: each with
/// one such change.
pub(super) fn misread(word: &str) -> Vec<String> {
    const PAIRS: [(&str, &str); 6] = [("rn", "m"), ("cl", "d"), ("vv", "w"), ("nn", "m"), ("ii", "u"), ("li", "h")];
    let mut variants = Vec::new();
    let directions = PAIRS.iter().flat_map(|(pair, one)| [(*pair, *one), (*one, *pair)]);
    for (from, to) in directions {
        for (at, _) in word.match_indices(from) {
            variants.push(format!("{}{to}{}", &word[..at], &word[at + from.len()..]));
        }
    }
    variants
}

/// The form in which needles are searched.
pub(super) fn search_form(exact: &str) -> Vec<u8> {
    confused(exact)
}

/// Folds a value to its words.
pub(super) fn folded_words(text: &str) -> Vec<String> {
    text.split(|sign: char| !sign.is_alphanumeric() && !super::folded::is_mark(sign) && !"'’".contains(sign))
        .map(fold)
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tier2::dates::renderings;

    #[test]
    fn folded_dates_need_not_be_folded_again() {
        for (year, month, day) in (1..=12).flat_map(|month| [(1901, month, 1), (1999, month, 28), (2014, month, 11)]) {
            for form in renderings(jiff::civil::date(year, month, day)) {
                let words = folded_words(&form);
                let again = Needle::of_words(words.iter().map(String::as_str), PhiLabel::Date, "lexicon-date");
                assert_eq!(Needle::of_folded_words(&words, PhiLabel::Date, "lexicon-date"), again, "{form}");
            }
        }
    }
}
