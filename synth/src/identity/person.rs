//! Names of people.

use super::draw::Draw;
use crate::plant::Secret;
use crate::vocabulary::{Entry, Lists, Locale, Split};
use efface_schema::PhiLabel;

/// A person's name as PN writes it: `Family^Given^Middle^^Suffix`, with ideographic and phonetic groups
/// where the locale has them (PS3.5 section 6.2.1).
pub(crate) fn person(draw: &mut Draw<'_>, locale: Locale) -> Secret {
    let (given, family) = entries(draw, locale);
    if locale.has_readings() {
        return Secret::new(PhiLabel::Name, grouped(given, family));
    }
    let mut family = family.native.to_owned();
    if draw.chance(0.06) {
        let other = draw.entry(&Lists::of(draw.split, locale).family);
        let joint = if matches!(locale, Locale::EsEs | Locale::PtBr) { " " } else { "-" };
        family = format!("{family}{joint}{}", other.native);
    } else if draw.chance(0.06) {
        family = format!("{}{family}", particle(draw, locale));
    }
    let middle = match draw.pick(&[0, 0, 0, 0, 0, 1, 1, 1, 2]) {
        1 if is_latin(locale) => initial(given_entry(draw, locale).native),
        2 if is_latin(locale) => given_entry(draw, locale).native.to_owned(),
        _ => String::new(),
    };
    let suffix = if is_english(locale) && draw.chance(0.05) { draw.pick(&["Jr", "Sr", "II", "III"]) } else { "" };
    let written = format!("{family}^{}^{middle}^^{suffix}", given.native);
    Secret::new(PhiLabel::Name, written.trim_end_matches('^'))
}

/// The short form of a given name: its first syllable, at times with an ending. Formed by rule, not drawn
/// from a list; the given name itself where it has no such form.
pub(crate) fn nickname(draw: &mut Draw<'_>, name: &Secret) -> Secret {
    let (ending, split) = (draw.pick(&["", "y", "ie"]), draw.split);
    name.given().derive(|given| {
        let vowel = |character: &char| "aeiouyAEIOUY".contains(*character);
        let characters: Vec<char> = given.chars().take_while(|character| character.is_alphabetic()).collect();
        let first_vowel = characters.iter().position(vowel).unwrap_or(0);
        let end = characters.iter().skip(first_vowel).position(|character| !vowel(character));
        let end = end.map_or(characters.len(), |end| (first_vowel + end + 1).max(3).min(characters.len()));
        let stem: String = characters[..end].iter().collect();
        let short = format!("{stem}{ending}");
        // Cut names of the two sides may be the same, so a short form has to stand on its side too.
        if stem.is_ascii() && stem.len() > 2 && Split::of(&short) == split { short } else { given.to_owned() }
    })
}

fn entries(draw: &mut Draw<'_>, locale: Locale) -> (Entry, Entry) {
    let family = draw.entry(&Lists::of(draw.split, locale).family);
    (given_entry(draw, locale), family)
}

fn given_entry(draw: &mut Draw<'_>, locale: Locale) -> Entry {
    let lists = Lists::of(draw.split, locale);
    let list = if draw.chance(0.5) { &lists.given_female } else { &lists.given_male };
    draw.entry(list)
}

/// Chinese: Latin and ideographic groups. Japanese: all three. Korean: Latin and, as phonetic group, Hangul.
fn grouped(given: Entry, family: Entry) -> String {
    let latin = format!("{}^{}", family.alphabetic(), given.alphabetic());
    let native = format!("{}^{}", family.native, given.native);
    match (family.phonetic, given.phonetic) {
        (Some(family), Some(given)) => format!("{latin}={native}={family}^{given}"),
        _ if native.chars().any(|character| ('\u{ac00}'..='\u{d7a3}').contains(&character)) => {
            format!("{latin}=={native}")
        }
        _ => format!("{latin}={native}"),
    }
}

fn particle(draw: &mut Draw<'_>, locale: Locale) -> &'static str {
    match locale {
        Locale::EnUs => draw.pick(&["O'", "Mc", "Van ", "De La ", "St. "]),
        Locale::EnGb => draw.pick(&["O'", "Mac", "Fitz"]),
        Locale::FrFr => draw.pick(&["de ", "Le ", "du "]),
        Locale::DeDe => draw.pick(&["von ", "zu ", "von der "]),
        Locale::NlNl => draw.pick(&["van ", "van der ", "de ", "ten "]),
        Locale::ItIt => draw.pick(&["Di ", "De "]),
        Locale::EsEs => draw.pick(&["de ", "de la "]),
        Locale::PtBr => draw.pick(&["da ", "dos "]),
        _ => "",
    }
}

const fn is_english(locale: Locale) -> bool {
    matches!(locale, Locale::EnUs | Locale::EnGb)
}

const fn is_latin(locale: Locale) -> bool {
    !matches!(locale, Locale::RuRu | Locale::ElGr | Locale::ArSa | Locale::HeIl | Locale::ThTh)
}

fn initial(name: &str) -> String {
    name.chars().take(1).collect()
}
