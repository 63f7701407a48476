//! Names and places to draw from, in two halves that share no word: one to train on, one to test on.
//!
//! The lists come from the crate `fake` and from the files in `synth/vocabulary`, which name their sources
//! and licences. Both sides need every list, so a word's side follows from the word alone: [`Split::of`].
//! Since it does not ask for what a word is used, a family name of one side is no city of the other either.

mod locale;
mod wording;

pub(crate) use locale::Language;
pub use locale::Locale;
pub(crate) use wording::Wording;

use crate::{charset, text};
use fake::locales::{AR_SA, DE_DE, Data, EN, FR_FR, IT_IT, NL_NL, PT_BR, TR_TR};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// What a suite is for. Suites of different splits share no name, no place and no sentence template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    /// To fit models on.
    Train,
    /// To score anything on.
    Test,
}

impl Split {
    /// The side on which a name or a place stands: the lowest bit of the SHA-256 of its folded form
    /// (lower case, without accents, letters and digits only).
    pub fn of(word: &str) -> Self {
        if Sha256::digest(fold(word).as_bytes())[0] & 1 == 0 { Self::Train } else { Self::Test }
    }
}

/// Lower case, without accents, letters and digits only: what two words have in common if they look alike.
pub(crate) fn fold(word: &str) -> String {
    word.nfkd().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A name with its readings: in Chinese characters or Hangul, in kana, in Latin letters. Most have one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The name as it is written at home.
    pub(crate) native: &'static str,
    /// The name in kana, for Japanese ones.
    pub(crate) phonetic: Option<&'static str>,
    /// The name in Latin letters, for East Asian ones.
    pub(crate) latin: Option<&'static str>,
}

impl Entry {
    const fn plain(native: &'static str) -> Self {
        Self { native, phonetic: None, latin: None }
    }

    fn with_readings(line: &'static str) -> Self {
        let mut parts = line.split(' ');
        let native = parts.next().unwrap_or(line);
        let latin = parts.next_back();
        Self { native, phonetic: parts.next(), latin }
    }

    fn forms(self) -> impl Iterator<Item = String> {
        [Some(self.native), self.latin].into_iter().flatten().map(fold)
    }

    /// The form that an alphabet of Latin letters can write, else the one from home.
    pub(crate) fn alphabetic(self) -> &'static str {
        self.latin.unwrap_or(self.native)
    }
}

/// The lists of one locale on one side.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(crate) given_female: Vec<Entry>,
    pub(crate) given_male: Vec<Entry>,
    pub(crate) family: Vec<Entry>,
    pub(crate) cities: Vec<Entry>,
    /// Names of streets without the word for street; empty where streets are called after people.
    pub(crate) streets: Vec<Entry>,
}

impl Lists {
    /// The lists of a locale on a side of the split.
    pub(crate) fn of(split: Split, locale: Locale) -> &'static Self {
        &LISTS[&(split, locale)]
    }

    fn section(&mut self, title: &str) -> Option<&mut Vec<Entry>> {
        Some(match title {
            "given-female" => &mut self.given_female,
            "given-male" => &mut self.given_male,
            "family" => &mut self.family,
            "city" => &mut self.cities,
            "street" => &mut self.streets,
            _ => return None,
        })
    }

    fn all(&self) -> impl Iterator<Item = &Entry> {
        [&self.given_female, &self.given_male, &self.family, &self.cities, &self.streets].into_iter().flatten()
    }
}

static LISTS: LazyLock<BTreeMap<(Split, Locale), Lists>> = LazyLock::new(|| {
    let mut builder = Builder { sides: HashMap::new(), reserved: text::reserved_parts(), lists: BTreeMap::new() };
    for locale in Locale::ALL {
        builder.file(*locale);
        builder.library(*locale);
    }
    builder.lists
});

/// The side of every word of the lists, folded.
static SIDES: LazyLock<HashMap<String, Split>> = LazyLock::new(|| {
    let forms = |lists: &Lists| lists.all().flat_map(|entry| entry.forms()).collect::<Vec<String>>();
    LISTS.iter().flat_map(|((split, _), lists)| forms(lists).into_iter().map(|form| (form, *split))).collect()
});

/// The side on which a word stands that some list has as a name or a place; none for other words.
pub(crate) fn side_of(word: &str) -> Option<Split> {
    SIDES.get(&fold(word)).copied()
}

/// Deals words out to the sides.
struct Builder {
    /// The side of every form that was dealt out: 王 and 林 are names in more than one language.
    sides: HashMap<String, Split>,
    /// Pieces of clinical words, which nobody is called.
    reserved: BTreeSet<String>,
    lists: BTreeMap<(Split, Locale), Lists>,
}

impl Builder {
    fn file(&mut self, locale: Locale) {
        let mut title = "";
        for line in locale.file().lines() {
            if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                title = section;
            } else {
                let has_readings = locale.has_readings() && title != "city";
                self.add(locale, title, if has_readings { Entry::with_readings(line) } else { Entry::plain(line) });
            }
        }
    }

    /// What the crate `fake` knows beyond the files; its East Asian lists have no readings.
    fn library(&mut self, locale: Locale) {
        let (given, family): (&[&str], &[&str]) = match locale {
            Locale::EnUs => (EN::NAME_FIRST_NAME, EN::NAME_LAST_NAME),
            Locale::FrFr => (FR_FR::NAME_FIRST_NAME, FR_FR::NAME_LAST_NAME),
            Locale::DeDe => (DE_DE::NAME_FIRST_NAME, DE_DE::NAME_LAST_NAME),
            Locale::ItIt => (IT_IT::NAME_FIRST_NAME, IT_IT::NAME_LAST_NAME),
            Locale::PtBr => (PT_BR::NAME_FIRST_NAME, PT_BR::NAME_LAST_NAME),
            Locale::NlNl => (NL_NL::NAME_FIRST_NAME, NL_NL::NAME_LAST_NAME),
            Locale::TrTr => (TR_TR::NAME_FIRST_NAME, TR_TR::NAME_LAST_NAME),
            Locale::ArSa => (AR_SA::NAME_FIRST_NAME, AR_SA::NAME_LAST_NAME),
            _ => return,
        };
        // These lists do not tell sexes apart, so the names go to either.
        for (idx, word) in given.iter().enumerate() {
            self.add(locale, ["given-female", "given-male"][idx % 2], Entry::plain(word));
        }
        for word in family {
            self.add(locale, "family", Entry::plain(word));
        }
    }

    fn add(&mut self, locale: Locale, title: &str, entry: Entry) {
        let forms: Vec<String> = entry.forms().collect();
        // A single letter is an initial, and a name within a clinical word could not be told from it.
        let is_short = entry.native.is_ascii() && forms[0].len() < 3;
        // A name that a character set of its country cannot write is left out there as well.
        let sets = locale.profile().character_sets;
        let is_written = |form: &str| {
            sets.iter().all(|set| charset::can_write(set, form) && charset::can_write(set, &form.to_uppercase()))
        };
        if ![Some(entry.native), entry.latin, entry.phonetic].into_iter().flatten().all(is_written) {
            return;
        }
        if is_short || !entry.native.starts_with(char::is_alphabetic) || self.is_reserved(entry) {
            return;
        }
        let dealt: BTreeSet<Split> = forms.iter().filter_map(|form| self.sides.get(form).copied()).collect();
        let side = match dealt.iter().collect::<Vec<_>>().as_slice() {
            [] => Split::of(entry.alphabetic()),
            [side] => **side,
            _ => return,
        };
        self.sides.extend(forms.into_iter().map(|form| (form, side)));
        let lists = self.lists.entry((side, locale)).or_default();
        if let Some(list) = lists.section(title)
            && !list.contains(&entry)
        {
            list.push(entry);
        }
    }

    fn is_reserved(&self, entry: Entry) -> bool {
        let words = entry.native.split([' ', '-', '\'']).chain(entry.latin);
        words.map(fold).any(|word| self.reserved.contains(&word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_locale_has_names_and_places_on_both_sides() {
        for locale in Locale::ALL {
            for split in [Split::Train, Split::Test] {
                let lists = Lists::of(split, *locale);
                for (what, list, fewest) in [
                    ("given names of women", &lists.given_female, 5),
                    ("given names of men", &lists.given_male, 5),
                    ("family names", &lists.family, 8),
                    ("cities", &lists.cities, 4),
                ] {
                    assert!(list.len() >= fewest, "{locale:?} {split:?}: {} {what}", list.len());
                }
            }
        }
        assert!(!Lists::of(Split::Train, Locale::EnUs).streets.is_empty());
    }

    #[test]
    fn the_sides_share_no_word_whatever_it_is_used_for() {
        let forms = |split| -> BTreeSet<String> {
            Locale::ALL.iter().flat_map(|locale| Lists::of(split, *locale).all()).flat_map(|e| e.forms()).collect()
        };
        let (train, test) = (forms(Split::Train), forms(Split::Test));
        assert!(train.len() > 8000 && test.len() > 8000, "{} and {}", train.len(), test.len());
        assert_eq!(train.intersection(&test).collect::<Vec<_>>(), Vec::<&String>::new());
    }

    #[test]
    fn a_word_stands_on_the_same_side_however_it_is_written() {
        for (one, other) in [("José", "JOSE"), ("O'Neil", "oneil"), ("Zoë", "ZOE")] {
            assert_eq!(Split::of(one), Split::of(other));
        }
        let n_train = (0..1000).filter(|number| Split::of(&format!("name{number}")) == Split::Train).count();
        assert!((400..600).contains(&n_train), "{n_train}");
    }

    #[test]
    fn nobody_is_called_by_a_clinical_word() {
        for split in [Split::Train, Split::Test] {
            let lists = Lists::of(split, Locale::EnUs);
            for word in ["Baker", "Foley", "Head", "Chest", "Crohn"] {
                assert!(lists.family.iter().all(|entry| !entry.native.eq_ignore_ascii_case(word)), "{word}");
            }
        }
    }
}
