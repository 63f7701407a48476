//! What the label words of other corpora mean in ours.

use efface_schema::PhiLabel;
use std::collections::BTreeMap;

/// What becomes of a span that carries a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// It is this.
    Label(PhiLabel),
    /// It is [`PhiLabel::AgeOver89`] if it is an age of 90 or more, and nothing otherwise.
    Age,
    /// It is [`PhiLabel::Date`], unless it is a year alone.
    DateOrYear,
    /// It does not identify anyone, as the HIPAA Privacy Rule sees it.
    Nothing,
}

/// The words of the i2b2/UTHealth corpus.
///
/// Source: A. Stubbs, Ö. Uzuner, "Annotating longitudinal clinical narratives for de-identification", Journal of
/// Biomedical Informatics 58 (2015) S20-S29, table 1; 45 CFR 164.514(b)(2)(i).
const I2B2: &[(&str, Meaning)] = &[
    ("PATIENT", Meaning::Label(PhiLabel::Name)),
    ("DOCTOR", Meaning::Label(PhiLabel::Name)),
    ("USERNAME", Meaning::Label(PhiLabel::OtherId)),
    ("PROFESSION", Meaning::Nothing),
    ("ROOM", Meaning::Nothing),
    ("DEPARTMENT", Meaning::Nothing),
    ("HOSPITAL", Meaning::Label(PhiLabel::Organization)),
    ("ORGANIZATION", Meaning::Label(PhiLabel::Organization)),
    ("STREET", Meaning::Label(PhiLabel::Location)),
    ("CITY", Meaning::Label(PhiLabel::Location)),
    ("ZIP", Meaning::Label(PhiLabel::Location)),
    ("LOCATION_OTHER", Meaning::Label(PhiLabel::Location)),
    ("STATE", Meaning::Nothing),
    ("COUNTRY", Meaning::Nothing),
    ("AGE", Meaning::Age),
    ("DATE", Meaning::DateOrYear),
    ("PHONE", Meaning::Label(PhiLabel::Phone)),
    ("FAX", Meaning::Label(PhiLabel::Fax)),
    ("EMAIL", Meaning::Label(PhiLabel::Email)),
    ("URL", Meaning::Label(PhiLabel::Url)),
    ("IPADDR", Meaning::Label(PhiLabel::Ip)),
    ("IPADDRESS", Meaning::Label(PhiLabel::Ip)),
    ("SSN", Meaning::Label(PhiLabel::Ssn)),
    ("MEDICALRECORD", Meaning::Label(PhiLabel::Mrn)),
    ("HEALTHPLAN", Meaning::Label(PhiLabel::HealthPlanId)),
    ("ACCOUNT", Meaning::Label(PhiLabel::Account)),
    ("LICENSE", Meaning::Label(PhiLabel::License)),
    ("VEHICLE", Meaning::Label(PhiLabel::Vehicle)),
    ("DEVICE", Meaning::Label(PhiLabel::DeviceId)),
    ("BIOID", Meaning::Label(PhiLabel::Biometric)),
    ("IDNUM", Meaning::Label(PhiLabel::OtherId)),
];

/// A word that no table knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the label is not known; say under `labels` of the data set in the configuration which of ours it means, or \"ignore\""
)]
pub struct UnknownLabel;

/// Which of our labels a word of another corpus means. Case does not matter, and `-` is `_`.
///
/// | word of i2b2 | label |
/// |---|---|
/// | `PATIENT`, `DOCTOR` | `NAME` |
/// | `HOSPITAL`, `ORGANIZATION` | `ORGANIZATION` |
/// | `STREET`, `CITY`, `ZIP`, `LOCATION-OTHER` | `LOCATION` |
/// | `DATE` | `DATE`; a year alone (`1987`, `1980s`, `'87`) is ignored, as the rule allows years |
/// | `AGE` | `AGE_OVER_89` from 90 on, in digits or in English; ignored otherwise |
/// | `PHONE`, `FAX`, `EMAIL`, `URL`, `SSN`, `ACCOUNT`, `LICENSE`, `VEHICLE` | the same word |
/// | `IPADDR`, `IPADDRESS` | `IP` |
/// | `MEDICALRECORD` | `MRN` |
/// | `HEALTHPLAN` | `HEALTH_PLAN_ID` |
/// | `DEVICE` | `DEVICE_ID` |
/// | `BIOID` | `BIOMETRIC` |
/// | `IDNUM`, `USERNAME` | `OTHER_ID` |
/// | `PROFESSION`, `STATE`, `COUNTRY`, `ROOM`, `DEPARTMENT` | ignored: the rule does not ask for them |
/// | anything else | refused |
///
/// i2b2 labels street, city and ZIP apart where our truth has one span of the whole address, and counts no kin words
/// and titles in; so scores by span on such a corpus are lower than scores by character.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelTable {
    /// Words of the user's, as [`normal`] gives them; nothing for what is to be ignored.
    own: BTreeMap<String, Option<PhiLabel>>,
    knows_ours: bool,
}

impl LabelTable {
    /// The words of i2b2.
    pub fn i2b2() -> Self {
        Self::default()
    }

    /// Our own words (`NAME`, `DATE`, …) as they are, then those of i2b2.
    pub fn brat() -> Self {
        Self { own: BTreeMap::new(), knows_ours: true }
    }

    /// Adds words, which come before all others; nothing means that what carries the word is to be ignored.
    #[must_use]
    pub fn with(mut self, words: impl IntoIterator<Item = (String, Option<PhiLabel>)>) -> Self {
        self.own.extend(words.into_iter().map(|(word, label)| (normal(&word), label)));
        self
    }

    /// What a span that carries the word is; nothing if it does not identify anyone.
    ///
    /// # Errors
    /// [`UnknownLabel`].
    ///
    /// # Example
    /// ```
    /// use efface_schema::PhiLabel;
    /// use efface_train::text::LabelTable;
    /// let table = LabelTable::i2b2();
    /// assert_eq!(table.label("DOCTOR", "Roe"), Ok(Some(PhiLabel::Name)));
    /// assert_eq!(table.label("AGE", "89"), Ok(None));
    /// assert_eq!(table.label("AGE", "94 yo"), Ok(Some(PhiLabel::AgeOver89)));
    /// assert!(table.label("HOBBY", "chess").is_err());
    /// ```
    pub fn label(&self, word: &str, covered: &str) -> Result<Option<PhiLabel>, UnknownLabel> {
        let word = normal(word);
        if let Some(own) = self.own.get(&word) {
            return Ok(*own);
        }
        if let Some(label) = word.parse().ok().filter(|_| self.knows_ours) {
            return Ok(Some(label));
        }
        let (_, meaning) = I2B2.iter().find(|(known, _)| *known == word).ok_or(UnknownLabel)?;
        Ok(match meaning {
            Meaning::Label(label) => Some(*label),
            Meaning::Age => is_age_over_89(covered).then_some(PhiLabel::AgeOver89),
            Meaning::DateOrYear => (!is_year_alone(covered)).then_some(PhiLabel::Date),
            Meaning::Nothing => None,
        })
    }
}

fn normal(word: &str) -> String {
    word.to_ascii_uppercase().replace('-', "_")
}

/// Whether any number of the text is 90 or more. A text without digits is over 89 if it says ninety or hundred.
fn is_age_over_89(text: &str) -> bool {
    let numbers = text.split(|character: char| !character.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let mut has_digits = false;
    for digits in numbers {
        has_digits = true;
        // What is too long for a number is no age that is known to be young.
        if digits.parse::<u64>().map_or(true, |age| age >= 90) {
            return true;
        }
    }
    let lower = text.to_lowercase();
    // "Ninety" and "nineties", and not "nineteen".
    !has_digits && ["ninet", "hundred"].iter().any(|word| lower.contains(word)) && !lower.contains("nineteen")
}

/// Whether the text is a year and nothing beside: four digits, or an apostrophe and two, and an s of a decade.
fn is_year_alone(text: &str) -> bool {
    let text = text.trim();
    let year = text.strip_suffix('s').unwrap_or(text);
    let year = year.strip_suffix(['\'', '’']).unwrap_or(year);
    let are_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    match year.strip_prefix(['\'', '’']) {
        Some(short) => short.len() == 2 && are_digits(short),
        None => year.len() == 4 && are_digits(year),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_phi_from_90_on() {
        for old in ["90", "094Y", "101-year-old", "ninety-two", "in her Nineties", "one hundred and one"] {
            assert!(is_age_over_89(old), "{old}");
        }
        for young in ["89", "7 months", "sixty", "nineteen", "", "45-50"] {
            assert!(!is_age_over_89(young), "{young}");
        }
    }

    #[test]
    fn years_alone_are_not_phi() {
        for year in ["1987", " 2067", "1980s", "1980's", "'87", "’87"] {
            assert!(is_year_alone(year), "{year}");
        }
        for date in ["5/1987", "87", "May", "19870", "12/06", "Tuesday", "s", ""] {
            assert!(!is_year_alone(date), "{date}");
        }
    }

    #[test]
    fn words_of_the_user_come_first_and_ours_are_known_to_brat_only() {
        let own = [("hobby".to_owned(), None), ("Patient-Name".to_owned(), Some(PhiLabel::Name))];
        let table = LabelTable::i2b2().with(own);
        assert_eq!(table.label("HOBBY", "x"), Ok(None));
        assert_eq!(table.label("patient_name", "x"), Ok(Some(PhiLabel::Name)));
        assert_eq!(table.label("AGE_OVER_89", "x"), Err(UnknownLabel));
        assert_eq!(LabelTable::brat().label("AGE_OVER_89", "x"), Ok(Some(PhiLabel::AgeOver89)));
        assert_eq!(LabelTable::brat().label("location-other", "x"), Ok(Some(PhiLabel::Location)));
        assert_eq!(LabelTable::brat().label("DATE", "1987"), Ok(Some(PhiLabel::Date)));
        assert_eq!(LabelTable::i2b2().label("DATE", "1987"), Ok(None));
    }

    #[test]
    fn every_label_is_a_word_of_brat_and_no_word_stands_twice() {
        for label in PhiLabel::ALL {
            assert_eq!(LabelTable::brat().label(label.as_str(), "x"), Ok(Some(*label)));
        }
        let words: std::collections::BTreeSet<&str> = I2B2.iter().map(|(word, _)| *word).collect();
        assert_eq!(words.len(), I2B2.len());
    }
}
