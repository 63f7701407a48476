//! Other values for what a patient's texts say: of the same form, the same for the same original, and nobody's.
//!
//! A surrogate is derived by the key from the original and the patient, so that the same name in the same patient's
//! texts is the same other name everywhere, in every run with the key. Names come from `data/surrogate_names.txt`, of
//! the original's script, case and class of length. Numbers keep their length, their punctuation and their leading
//! zeros, and no digit or letter of them stays where it was. Addresses of networks come from the ranges that are
//! reserved for documents.
//!
//! Sources: RFC 2606 (names), RFC 5737 and RFC 3849 (internet protocol addresses).

use crate::key::DeidentificationKey;
use crate::tier2::{Lexicon, folded_text, is_ordinary_word};
use efface_schema::PhiLabel;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// So many other values are tried until one is nobody's of the patient.
const MAX_TRIES: u32 = 32;
/// Longer values are narratives: their surrogate would say nothing.
const MAX_CHARACTERS: usize = 256;

/// Words of places that tell nobody where: they stay in an address.
const STREET_WORDS: &[&str] = &[
    "street",
    "st",
    "avenue",
    "ave",
    "road",
    "rd",
    "boulevard",
    "blvd",
    "lane",
    "ln",
    "drive",
    "dr",
    "court",
    "ct",
    "way",
    "place",
    "pl",
    "terrace",
    "ter",
    "parkway",
    "pkwy",
    "highway",
    "hwy",
    "square",
    "sq",
    "circle",
    "cir",
    "apt",
    "suite",
    "ste",
    "unit",
    "floor",
    "po",
    "box",
    "rue",
    "strasse",
    "str",
    "platz",
    "weg",
    "calle",
    "via",
    "of",
    "the",
    "and",
    "de",
    "la",
    "du",
    "der",
    "in",
    "at",
];

/// Makes the surrogates of one patient.
pub(crate) struct Surrogates<'a> {
    /// The secret.
    pub(crate) key: &'a DeidentificationKey,
    /// The patient's old identifier.
    pub(crate) patient: &'a str,
    /// What must not be made by chance.
    pub(crate) lexicon: &'a Lexicon,
}

/// Where a name stands in for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Given,
    Family,
    Place,
}

/// Scripts of which there are names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Script {
    Latin,
    Cyrillic,
    Greek,
    Han,
    Kana,
    Hangul,
}

static NAMES: LazyLock<BTreeMap<(Script, Role), Vec<&'static str>>> = LazyLock::new(|| {
    let mut names: BTreeMap<(Script, Role), Vec<&str>> = BTreeMap::new();
    let mut group = (Script::Latin, Role::Given);
    for line in include_str!("../data/surrogate_names.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some(header) = line.strip_prefix('[') {
            let (script, role) = header.trim_end_matches(']').split_once(' ').unwrap_or((header, ""));
            let script = match script {
                "cyrillic" => Script::Cyrillic,
                "greek" => Script::Greek,
                "han" => Script::Han,
                "hiragana" => Script::Kana,
                "hangul" => Script::Hangul,
                _ => Script::Latin,
            };
            let role = match role {
                "family" => Role::Family,
                "place" => Role::Place,
                _ => Role::Given,
            };
            group = (script, role);
        } else {
            names.entry(group).or_default().extend(line.split_whitespace());
        }
    }
    names
});

impl Surrogates<'_> {
    /// Another value for what stands in a text; `None` where none can be made that is nobody's of the patient.
    pub(crate) fn replace(&self, text: &str, label: PhiLabel) -> Option<String> {
        if text.chars().count() > MAX_CHARACTERS {
            return None;
        }
        let replaced = match label {
            PhiLabel::Name => self.words(text, Role::Family, &[]),
            PhiLabel::Location => self.words(text, Role::Place, STREET_WORDS),
            PhiLabel::Organization => self.words(text, Role::Place, STREET_WORDS),
            // What could be shifted was: a date without a form has no other date of its form.
            PhiLabel::Date => None,
            PhiLabel::AgeOver89 => Some(capped_age(text)),
            PhiLabel::Email => self.email(text),
            PhiLabel::Url => Some(url(text)),
            PhiLabel::Ip => Some(self.ip(text)),
            PhiLabel::Phone | PhiLabel::Fax | PhiLabel::Ssn => self.number(text, Letters::Keep),
            _ => self.number(text, Letters::Change),
        }?;
        let unchanged = folded_text(&replaced) == folded_text(text) && label != PhiLabel::AgeOver89;
        (!unchanged && self.lexicon.find(&replaced).is_empty()).then_some(replaced)
    }

    /// Bytes that depend on the patient, the purpose and the original.
    fn stream(&self, purpose: &str, original: &str, attempt: u32) -> [u8; 32] {
        self.key.hash(purpose, &format!("{}\0{original}\0{attempt}", self.patient))
    }

    /// Replaces the words of a name or a place; signs stay, numbers become others.
    fn words(&self, text: &str, role: Role, kept: &[&str]) -> Option<String> {
        let mut replaced = String::with_capacity(text.len());
        for run in runs(text) {
            let folded = folded_text(run);
            if folded.is_empty() || kept.contains(&folded.as_str()) {
                replaced.push_str(run);
            } else if run.chars().any(|sign| sign.is_ascii_digit()) {
                replaced.push_str(&self.number(run, Letters::Change)?);
            } else if role == Role::Place && is_ordinary_word(&folded) {
                replaced.push_str(run);
            } else {
                replaced.push_str(&self.word(run, role)?);
            }
        }
        Some(replaced)
    }

    /// Another name for a word of letters.
    fn word(&self, word: &str, role: Role) -> Option<String> {
        let folded = folded_text(word);
        let script = script(word)?;
        let role = if role == Role::Place && script != Script::Latin { Role::Family } else { role };
        let role = if role == Role::Family && is_given(&folded) { Role::Given } else { role };
        (0..MAX_TRIES).find_map(|attempt| {
            let bytes = self.stream("surrogate-name", &folded, attempt);
            let other = match script {
                Script::Latin if folded.chars().count() == 1 => initial(word, &bytes),
                Script::Han | Script::Kana | Script::Hangul => spelled(word, script, &bytes)?,
                _ => shaped(word, listed(word, script, role, &bytes)?),
            };
            let new = folded_text(&other);
            (new != folded && self.lexicon.find(&other).is_empty()).then_some(other)
        })
    }

    /// Another number: from the right, each digit becomes another digit and each letter another letter.
    fn number(&self, text: &str, letters: Letters) -> Option<String> {
        let folded = folded_text(text);
        let original = folded.trim_start_matches('0');
        let n_zeros = folded.len() - original.len();
        (0..MAX_TRIES).find_map(|attempt| {
            let other = self.shifted_signs(text, original, n_zeros, letters, attempt);
            (folded_text(&other) != folded && self.lexicon.find(&other).is_empty()).then_some(other)
        })
    }

    fn shifted_signs(&self, text: &str, original: &str, n_zeros: usize, letters: Letters, attempt: u32) -> String {
        let mut bytes = Vec::new();
        let n_signs = text.chars().filter(|sign| sign.is_ascii_alphanumeric()).count();
        let mut sign_idx = n_signs;
        let characters: Vec<char> = text
            .chars()
            .rev()
            .map(|sign| {
                if !sign.is_ascii_alphanumeric() {
                    return sign;
                }
                let from_right = n_signs - sign_idx;
                sign_idx -= 1;
                if from_right >= bytes.len() {
                    let block = u32::try_from(bytes.len() / 32).unwrap_or(u32::MAX);
                    bytes.extend(self.stream("surrogate-number", &format!("{original}\0{block}"), attempt));
                }
                let byte = bytes[from_right];
                // Leading zeros stay, so that the number is the same with and without them.
                if sign_idx < n_zeros { sign } else { other_sign(sign, byte, letters) }
            })
            .collect();
        characters.into_iter().rev().collect()
    }

    /// Another local part at a host that is reserved for documents.
    fn email(&self, text: &str) -> Option<String> {
        let local = text.split('@').next().unwrap_or(text);
        let local = self.words(local, Role::Family, &[])?.to_lowercase();
        Some(if text.contains('@') { format!("{local}@mail.example") } else { local })
    }

    fn ip(&self, text: &str) -> String {
        let bytes = self.stream("surrogate-ip", text, 0);
        if text.contains(':') {
            format!("2001:db8::{:x}", u16::from_be_bytes([bytes[0], bytes[1]]).max(1))
        } else {
            format!("192.0.2.{}", u16::from(bytes[0]) % 254 + 1)
        }
    }
}

/// What becomes of the letters of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letters {
    Keep,
    Change,
}

fn other_sign(sign: char, byte: u8, letters: Letters) -> char {
    let rotate =
        |first: u8, n_signs: u8, sign: u8| char::from(first + (sign - first + 1 + byte % (n_signs - 1)) % n_signs);
    match sign {
        '0'..='9' => rotate(b'0', 10, sign as u8),
        'a'..='z' if letters == Letters::Change => rotate(b'a', 26, sign as u8),
        'A'..='Z' if letters == Letters::Change => rotate(b'A', 26, sign as u8),
        other => other,
    }
}

/// Stretches of letters and digits, and what stands between them.
fn runs(text: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    let mut start = 0;
    let mut inside = None;
    for (at, sign) in text.char_indices() {
        let is_word = sign.is_alphanumeric() || crate::tier2::is_combining(sign);
        if inside.is_some_and(|inside| inside != is_word) {
            runs.push(&text[start..at]);
            start = at;
        }
        inside = Some(is_word);
    }
    runs.push(&text[start..]);
    runs
}

/// The script of all letters of a word; `None` where there are no names for it.
fn script(word: &str) -> Option<Script> {
    let of = |letter: char| match letter {
        '\u{400}'..='\u{4ff}' => Some(Script::Cyrillic),
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(Script::Greek),
        '\u{3040}'..='\u{30ff}' => Some(Script::Kana),
        '\u{3400}'..='\u{9fff}' => Some(Script::Han),
        '\u{ac00}'..='\u{d7af}' => Some(Script::Hangul),
        other => (folded_text(&other.to_string()).is_ascii() && u32::from(other) < 0x250).then_some(Script::Latin),
    };
    let mut letters = word.chars().filter(|letter| !crate::tier2::is_combining(*letter)).map(of);
    let first = letters.next()??;
    // Han and kana stand in one word.
    let fits = |script: Option<Script>| script == Some(first) || (first >= Script::Han && script >= Some(Script::Han));
    letters.all(fits).then_some(first)
}

fn is_given(folded: &str) -> bool {
    NAMES.iter().any(|((_, role), names)| {
        *role == Role::Given && names.iter().any(|name| name.chars().count() > 1 && folded_text(name) == folded)
    })
}

/// A name of the list of the word's class of length.
fn listed(word: &str, script: Script, role: Role, bytes: &[u8; 32]) -> Option<&'static str> {
    let class = |n_letters: usize| match n_letters {
        0..=3 => 0,
        4 => 1,
        5 | 6 => 2,
        7 | 8 => 3,
        _ => 4,
    };
    let names = NAMES.get(&(script, role))?;
    let wanted = class(word.chars().count());
    let alike: Vec<&str> = names.iter().filter(|name| class(name.chars().count()) == wanted).copied().collect();
    let names = if alike.is_empty() { names.as_slice() } else { alike.as_slice() };
    pick(names, &bytes[..8])
}

fn pick<'n>(names: &[&'n str], bytes: &[u8]) -> Option<&'n str> {
    let number = bytes.iter().fold(0_usize, |number, byte| number.wrapping_mul(257).wrapping_add(usize::from(*byte)));
    names.get(number.checked_rem(names.len())?).copied()
}

/// A name in the case of the word that it replaces.
fn shaped(word: &str, name: &str) -> String {
    let mut letters = word.chars().filter(|letter| letter.is_alphabetic());
    let first_upper = letters.next().is_some_and(char::is_uppercase);
    let rest: Vec<char> = letters.collect();
    if first_upper && !rest.is_empty() && rest.iter().all(|letter| letter.is_uppercase()) {
        name.to_uppercase()
    } else if first_upper {
        name.to_owned()
    } else {
        name.to_lowercase()
    }
}

fn initial(word: &str, bytes: &[u8; 32]) -> String {
    let letter = char::from(b'A' + bytes[0] % 26);
    if word.chars().all(char::is_uppercase) { letter.to_string() } else { letter.to_lowercase().to_string() }
}

/// As many signs of a script as the word has.
fn spelled(word: &str, script: Script, bytes: &[u8; 32]) -> Option<String> {
    let katakana = word.chars().any(|letter| matches!(letter, '\u{30a0}'..='\u{30ff}'));
    let mut written = String::new();
    for (idx, _) in word.chars().enumerate() {
        let role = if idx == 0 { Role::Family } else { Role::Given };
        let sign = pick(NAMES.get(&(script, role))?, &[bytes[idx % 32], bytes[(idx + 7) % 32]])?;
        let shifted = |sign: char| char::from_u32(u32::from(sign) + 0x60).unwrap_or(sign);
        written.extend(sign.chars().map(|sign| if katakana && script == Script::Kana { shifted(sign) } else { sign }));
    }
    Some(written)
}

/// An age over 89 as 90+, with the words around it.
///
/// Source: 45 CFR 164.514(b)(2)(i)(C).
fn capped_age(text: &str) -> String {
    let is_digit = |sign: char| sign.is_ascii_digit();
    match (text.find(is_digit), text.rfind(is_digit)) {
        (Some(first), Some(last)) => format!("{}90+{}", &text[..first], &text[last + 1..]),
        _ => "90+".to_owned(),
    }
}

fn url(text: &str) -> String {
    match text.split_once("://") {
        Some((scheme, _)) if scheme.len() <= 5 && scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            format!("{scheme}://host.example/")
        }
        _ => "host.example".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tier2::{LexiconBuilder, Recognizers};
    use proptest::prelude::*;

    static KEY: LazyLock<DeidentificationKey> =
        LazyLock::new(|| DeidentificationKey::from_bytes(vec![3; 32]).expect("long enough"));
    static RECOGNIZERS: LazyLock<Recognizers> = LazyLock::new(Recognizers::new);

    fn lexicon(names: &[&str], identifiers: &[&str]) -> Lexicon {
        let mut builder = LexiconBuilder::default();
        names.iter().for_each(|name| builder.add_name(name));
        identifiers.iter().for_each(|identifier| builder.add_phrase(identifier, PhiLabel::Mrn));
        builder.build(&RECOGNIZERS)
    }

    fn replace(lexicon: &Lexicon, text: &str, label: PhiLabel) -> Option<String> {
        Surrogates { key: &KEY, patient: "7712345", lexicon }.replace(text, label)
    }

    #[test]
    fn names_keep_their_form() {
        let lexicon = lexicon(&["KOVACS^ANNA"], &[]);
        let name = |text: &str| replace(&lexicon, text, PhiLabel::Name).expect("a surrogate");
        let (upper, title) = (name("KOVACS^ANNA"), name("Anna Kovacs"));
        let (family, given) = upper.split_once('^').expect("the caret stays");
        assert!(upper.chars().all(|letter| letter == '^' || letter.is_uppercase()), "{upper}");
        assert_eq!(title.to_uppercase(), format!("{given} {family}"));
        assert_eq!(name("anna"), given.to_lowercase());
        assert!((5..=6).contains(&family.len()) && given.len() == 4, "{upper}");
        for text in ["Щербаков Юрий", "Παπαδόπουλος", "山田太郎", "やまだ", "ヤマダ", "김철수", "Müller-O'Neil"]
        {
            let other = name(text);
            assert!(other != text && script(runs(text)[0]) == script(runs(&other)[0]), "{text} {other}");
        }
    }

    #[test]
    fn numbers_keep_their_form_whatever_parts_them() {
        let lexicon = lexicon(&[], &["00-123-456"]);
        let number = |text: &str| replace(&lexicon, text, PhiLabel::Mrn).expect("a surrogate");
        let other = number("00-123-456");
        assert_eq!((other.len(), other.matches('-').count(), &other[..3]), (10, 2, "00-"));
        assert_eq!(number("123456"), other[3..].replace('-', ""));
        assert!(other.chars().zip("00-123-456".chars()).skip(3).all(|(new, old)| new != old || old == '-'));
    }

    #[test]
    fn addresses_ages_and_hosts_have_reserved_forms() {
        let lexicon = lexicon(&["KOVACS^ANNA"], &[]);
        let made = |text: &str, label| replace(&lexicon, text, label).expect("a surrogate");
        assert!(made("anna.kovacs@mail.test", PhiLabel::Email).ends_with("@mail.example"));
        assert_eq!(made("https://pacs.kovacs.test/a", PhiLabel::Url), "https://host.example/");
        assert!(made("10.1.2.3", PhiLabel::Ip).starts_with("192.0.2."));
        assert_eq!(made("94-year-old", PhiLabel::AgeOver89), "90+-year-old");
        let address = made("742 Evergreen Terrace", PhiLabel::Location);
        assert!(
            address.ends_with(" Terrace") && !address.contains("Evergreen") && !address.contains("742"),
            "{address}"
        );
        assert_eq!(replace(&lexicon, "summer", PhiLabel::Date), None);
        let phone = made("(217) 555-0147 ext 3", PhiLabel::Phone);
        assert!(phone.starts_with('(') && phone.contains(" ext ") && phone.len() == 20, "{phone}");
    }

    proptest! {
        #[test]
        fn no_surrogate_is_an_original(family in "[A-Z][a-z]{1,10}", given in "[A-Z][a-z]{2,8}", number in "[0-9A-Z]{5,12}") {
            let lexicon = lexicon(&[&format!("{family}^{given}")], &[&number]);
            for (text, label) in [(format!("{given} {family}"), PhiLabel::Name), (number.clone(), PhiLabel::Mrn)] {
                if let Some(other) = replace(&lexicon, &text, label) {
                    prop_assert!(lexicon.find(&other).is_empty());
                    prop_assert_ne!(other.to_lowercase(), text.to_lowercase());
                    prop_assert_eq!(replace(&lexicon, &text, label), Some(other));
                }
            }
        }

        #[test]
        fn any_text_has_a_surrogate_or_none(text in "\\PC{0,30}", label_idx in 0_usize..19) {
            let lexicon = lexicon(&["Doe^Jane"], &["7712345"]);
            let label = PhiLabel::ALL[label_idx % PhiLabel::ALL.len()];
            let _ = replace(&lexicon, &text, label);
        }
    }
}
