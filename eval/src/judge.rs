//! Whether a planted text is still in a text.
//!
//! A leak does not have to be literal: `DOE^JANE` leaks in `Jane, d.o.e.`, `555-0199` leaks in `5550199`.
//! The rules, tried in this order; the first that fits says "leaked":
//!
//! 1. **Squeezed**: case folded, accents and everything but letters and digits dropped, the value is a part
//!    of the text. Values of one or two characters must equal the whole text, or stand in it as words of their own if
//!    they have two; an ideograph or a syllable of Hangul or kana says as much as two letters.
//!    `O'Neil^Ann` → `oneilann`, found in `pt O'NEIL, ANN`; `A.D.` leaks in `seen by A. D.`, not in `admitted`.
//! 2. **Names**: any part of three letters or more, between separators or glued by `^`, is a word of the text;
//!    parts of five letters or more also leak inside a longer word. Particles such as `van` do not count.
//!    `DOE^JANE` leaks in `seen by Jane`; `LEE^ANN` does not leak in `planned sleep study`.
//! 3. **Numbers**: the digits of a value with five digits or more, in order, are a part of the text's digits.
//!    `(501) 555-0199` leaks in `501.555.0199`. Values with fewer digits, or with more letters than digits, are rule 1's.
//! 4. **Dates** of eight digits also in the orders month-day-year and day-month-year.
//!    `20180805` leaks in `08/05/2018`.
//!
//! Elsewhere in the instance, where chance agreement is likelier, rule 1 needs six characters, rule 2 needs
//! every part of a name of at least two, and rules 3 and 4 need eight digits.

use efface_schema::PhiLabel;
use unicode_normalization::UnicodeNormalization;

/// A text in the forms that are searched.
#[derive(Debug, Clone, Default)]
pub(crate) struct Searchable {
    folded: String,
    squeezed: String,
    digits: String,
}

impl Searchable {
    pub(crate) fn new(text: &str) -> Self {
        let folded = fold(text);
        Self { squeezed: squeeze(&folded), digits: folded.chars().filter(char::is_ascii_digit).collect(), folded }
    }

    fn has_word(&self, wanted: &str) -> bool {
        words(&self.folded).any(|word| word == wanted)
    }

    /// Whether two letters are a word, or two words that follow each other.
    fn has_words(&self, two_letters: &str) -> bool {
        let single = |word: &str| word.chars().count() == 1;
        let next = words(&self.folded).skip(1);
        self.has_word(two_letters)
            || words(&self.folded)
                .zip(next)
                .any(|(one, other)| single(one) && single(other) && two_letters == format!("{one}{other}"))
    }
}

/// All texts of an instance. What each of them holds is also kept in one piece, since most searches find nothing.
#[derive(Debug, Default)]
pub(crate) struct AllTexts {
    each: Vec<Searchable>,
    /// Between line ends, which no value holds in this form.
    squeezed: String,
    digits: String,
}

impl AllTexts {
    pub(crate) fn add(&mut self, text: &str) {
        let text = Searchable::new(text);
        for (all, one) in [(&mut self.squeezed, &text.squeezed), (&mut self.digits, &text.digits)] {
            if !one.is_empty() {
                all.push_str(one);
                all.push('\n');
            }
        }
        self.each.push(text);
    }
}

/// Which rule found a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeakKind {
    /// Rule 1.
    Squeezed,
    /// Rule 2.
    NamePart,
    /// Rules 3 and 4.
    Digits,
}

/// A planted value, made ready to be searched.
#[derive(Debug, Clone)]
pub(crate) struct Planted {
    squeezed: String,
    name_parts: Vec<String>,
    digit_forms: Vec<String>,
}

/// Parts of names that name nobody.
const PARTICLES: &[&str] = &[
    "van", "von", "der", "den", "del", "dela", "della", "des", "dos", "las", "los", "les", "bin", "ibn", "ter", "ten",
    "zur", "and", "the", "mrs", "miss", "prof", "phd", "jnr", "esq", "iii",
];

impl Planted {
    pub(crate) fn new(value: &str, label: PhiLabel) -> Self {
        let folded = fold(value);
        let squeezed = squeeze(&folded);
        let name_parts = if label == PhiLabel::Name {
            let parts = words(&folded).filter(|part| part.chars().count() >= 3 && !PARTICLES.contains(part));
            parts.map(str::to_owned).collect()
        } else {
            Vec::new()
        };
        Self { digit_forms: digit_forms(&squeezed, label), squeezed, name_parts }
    }

    /// Whether the value is in the text that now stands at its place.
    pub(crate) fn leaks_at_place(&self, text: &Searchable) -> bool {
        self.leak_in(text).is_some()
    }

    /// The first rule by which the value is in the text that now stands at its place.
    pub(crate) fn leak_in(&self, text: &Searchable) -> Option<LeakKind> {
        if self.squeezed.is_empty() {
            return None;
        }
        let squeezed = match self.squeezed.chars().map(weight).sum() {
            0..=1_usize => text.squeezed == self.squeezed,
            2 => text.squeezed == self.squeezed || text.has_words(&self.squeezed),
            _ => text.squeezed.contains(&self.squeezed),
        };
        if squeezed {
            return Some(LeakKind::Squeezed);
        }
        let in_words = |part: &String| text.has_word(part) || part.chars().count() >= 5 && text.squeezed.contains(part);
        if self.name_parts.iter().any(in_words) {
            return Some(LeakKind::NamePart);
        }
        self.digit_forms.iter().any(|digits| text.digits.contains(digits)).then_some(LeakKind::Digits)
    }

    /// Whether the value is in any other text of the instance.
    pub(crate) fn leaks_elsewhere(&self, texts: &AllTexts) -> bool {
        self.squeezed.chars().count() >= 6 && texts.squeezed.contains(&self.squeezed)
            || self.name_parts.len() >= 2 && self.is_name_in(texts)
            || self.digit_forms.iter().any(|digits| digits.len() >= 8 && texts.digits.contains(digits))
    }

    /// Whether some text has every part of the name among its words.
    fn is_name_in(&self, texts: &AllTexts) -> bool {
        self.name_parts.iter().all(|part| texts.squeezed.contains(part))
            && texts.each.iter().any(|text| self.name_parts.iter().all(|part| text.has_word(part)))
    }
}

fn squeeze(folded: &str) -> String {
    folded.chars().filter(|character| character.is_alphanumeric()).collect()
}

fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd()
        .filter(|character| !unicode_normalization::char::is_combining_mark(*character))
        .collect::<String>()
        .to_lowercase()
}

/// How many letters a character of a folded text is worth.
fn weight(character: char) -> usize {
    match u32::from(character) {
        // Folding takes syllables of Hangul apart: the first of their two or three letters counts for all.
        0x1160..0x1200 => 0,
        // First letters of Hangul, kana, ideographs.
        0x1100..0x1160 | 0x3040..0x3100 | 0x3400..0xa000 | 0x20000..0x30000 => 2,
        _ => 1,
    }
}

fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn digit_forms(squeezed: &str, label: PhiLabel) -> Vec<String> {
    let digits: String = squeezed.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 5 || digits.len() * 2 < squeezed.chars().count() {
        return Vec::new();
    }
    let is_date =
        label == PhiLabel::Date && digits.len() == 8 && (digits.starts_with("19") || digits.starts_with("20"));
    if is_date {
        let (year, month, day) = (&digits[..4], &digits[4..6], &digits[6..]);
        return vec![format!("{month}{day}{year}"), format!("{day}{month}{year}"), digits];
    }
    vec![digits]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaks(value: &str, label: PhiLabel, text: &str) -> bool {
        Planted::new(value, label).leaks_at_place(&Searchable::new(text))
    }

    #[test]
    fn the_worked_examples_hold() {
        assert!(leaks("O'Neil^Ann", PhiLabel::Name, "pt O'NEIL, ANN"));
        assert!(leaks("DOE^JANE", PhiLabel::Name, "seen by Jane"));
        assert!(!leaks("LEE^ANN", PhiLabel::Name, "planned sleep study"));
        assert!(leaks("Müller", PhiLabel::Name, "MULLER"));
        assert!(leaks("(501) 555-0199", PhiLabel::Phone, "501.555.0199"));
        assert!(leaks("20180805", PhiLabel::Date, "08/05/2018"));
        assert!(!leaks("20180805", PhiLabel::Date, "2018-09-14"));
        assert!(leaks("M", PhiLabel::Name, "m") && !leaks("M", PhiLabel::Name, "normal"));
        assert!(!leaks("van der Berg", PhiLabel::Name, "van transport"));
    }

    #[test]
    fn two_letters_leak_as_words_and_two_ideographs_wherever_they_stand() {
        assert!(leaks("А.Д.", PhiLabel::Name, "проверено А. Д. вчера"));
        assert!(leaks("JS", PhiLabel::Name, "by js, room 4"));
        assert!(!leaks("A.D.", PhiLabel::Name, "admitted, a bed, d ward"));
        assert!(leaks("昞奬", PhiLabel::Name, "CT, 昞奬, 3D"));
        assert!(leaks("広州", PhiLabel::Location, "現住所広州小林通り"));
        assert!(!leaks("昞", PhiLabel::Name, "昞奬"));
        assert!(leaks("은채", PhiLabel::Name, "황보은채님 보호자"));
        assert!(!leaks("이", PhiLabel::Name, "인사"));
    }

    #[test]
    fn elsewhere_a_name_leaks_only_where_all_of_it_is_in_one_text() {
        let texts = |each: &[&str]| {
            let mut all = AllTexts::default();
            each.iter().for_each(|text| all.add(text));
            all
        };
        let name = Planted::new("ROE^ANN", PhiLabel::Name);
        assert!(name.leaks_elsewhere(&texts(&["chest", "ann, dr roe"])));
        assert!(!name.leaks_elsewhere(&texts(&["ann", "roe"])), "two texts");
        assert!(!name.leaks_elsewhere(&texts(&["roebuck and anna"])), "other words");
        let number = Planted::new("12345678", PhiLabel::OtherId);
        assert!(number.leaks_elsewhere(&texts(&["", "no. 1234-5678 x"])));
        assert!(!number.leaks_elsewhere(&texts(&["1234", "5678"])), "digits of two texts");
        assert!(!Planted::new("short", PhiLabel::OtherId).leaks_elsewhere(&texts(&["short"])), "five letters");
    }

    proptest! {
        #[test]
        fn a_value_left_alone_always_leaks(value in "[A-Za-z0-9][A-Za-z0-9 ^./-]{2,30}", before in "[a-z ]{0,10}", after in "[a-z ]{0,10}") {
            prop_assume!(value.chars().filter(|c| c.is_alphanumeric()).count() >= 3);
            let text = format!("{before}{value}{after}");
            for label in PhiLabel::ALL {
                prop_assert!(leaks(&value, *label, &text));
            }
        }

        #[test]
        fn nothing_leaks_in_an_empty_text(value in ".{0,20}") {
            for label in PhiLabel::ALL {
                prop_assert!(!leaks(&value, *label, ""));
            }
        }
    }
}
