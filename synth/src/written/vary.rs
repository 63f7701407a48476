//! Other people, places, days and numbers in the place of those that a text was written with.
//!
//! What identifies keeps its form: capitals, initials, particles, groups of digits, what stands between them. Words of
//! which the vocabulary knows that they stand on the other side of the split are never kept.

use crate::identity::draw::Draw;
use crate::plant::Secret;
use crate::text::side_of_word_name;
use crate::vocabulary::{Entry, Lists, Locale, Split, side_of};
use efface_schema::PhiLabel;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// How often a name is another one.
const NAME_SHARE: f64 = 0.85;

/// How often a place that the vocabulary knows is another one.
const PLACE_SHARE: f64 = 0.8;

/// How often a month is another one.
const MONTH_SHARE: f64 = 0.6;

/// How often a name is of another country than the text.
const ABROAD_SHARE: f64 = 0.25;

/// How often the letters of a code are other ones.
const CODE_SHARE: f64 = 0.3;

/// Words in a name that are none by themselves, where they are written small or all of the name in capitals.
const PARTICLES: &[&str] = &[
    "van", "von", "de", "der", "den", "del", "della", "di", "da", "dos", "das", "du", "la", "le", "al", "el", "bin",
    "bint", "ibn", "ben", "bat", "abu", "ter", "ten", "zu", "zur", "y", "e", "af", "av", "jr", "sr", "ii", "iii", "iv",
    "st",
];

/// Words that some list has as a name or a place and that mean what they say in names of sites and streets.
const ORDINARY: &[&str] = &[
    "center",
    "centre",
    "lake",
    "lakes",
    "college",
    "general",
    "hospital",
    "clinic",
    "park",
    "hill",
    "hills",
    "valley",
    "north",
    "south",
    "east",
    "west",
    "river",
    "mount",
    "county",
    "city",
    "church",
    "house",
    "street",
    "road",
    "lane",
    "drive",
    "box",
    "grove",
    "point",
    "bay",
    "beach",
    "island",
    "forest",
    "garden",
    "gardens",
    "spring",
    "springs",
    "union",
    "mission",
    "university",
    "school",
    "station",
    "bridge",
    "farm",
    "villa",
    "casa",
    "mercy",
    "memorial",
    "regional",
    "medical",
    "health",
    "care",
    "saint",
    "santa",
    "san",
    "sankt",
    "maria",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "test",
    "palm",
];

/// Months as they are written in English, in full and in short.
const MONTHS: [&[&str]; 2] = [
    &[
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ],
    &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"],
];

/// Draws what identifies anew, for one variant of a text.
pub(super) struct Variation<'r> {
    draw: Draw<'r>,
    locale: Locale,
    /// Without this only what stands on the other side of the split changes.
    is_free: bool,
}

/// What the characters of a run are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letters,
    Digits,
    Signs,
}

impl<'r> Variation<'r> {
    pub(super) fn new(
        rng: &'r mut ChaCha8Rng,
        split: Split,
        locale: Locale,
        is_free: bool,
        shortest_name: usize,
    ) -> Self {
        Self { draw: Draw::new(rng, split).with_names_from(shortest_name), locale, is_free }
    }

    /// The secret of this variant.
    pub(super) fn of(&mut self, secret: &Secret) -> Secret {
        let label = secret.label();
        secret.derive(|text| match label {
            PhiLabel::Name => self.name(text),
            PhiLabel::Location | PhiLabel::Organization => self.place(text),
            PhiLabel::Date => self.date(text),
            PhiLabel::AgeOver89 => self.age(text),
            PhiLabel::Email => match text.split_once('@') {
                Some((user, host)) => format!("{}@{}", self.place(user), self.known_words(host)),
                None => self.place(text),
            },
            PhiLabel::Url => self.known_words(text),
            PhiLabel::Ip => self.address(text),
            _ => self.identifier(text),
        })
    }

    fn chance(&mut self, share: f64) -> bool {
        self.is_free && self.draw.chance(share)
    }

    /// Whether a word is known to stand on the other side, and says nothing but whom or where.
    fn must_go(&self, word: &str) -> bool {
        !is_ordinary(word) && side_of(word).is_some_and(|side| side != self.draw.split)
    }

    fn name(&mut self, text: &str) -> String {
        let text = self.without_strangers(text, Self::person);
        let is_in_capitals = !text.chars().any(char::is_lowercase);
        self.rewrite(&text, |variation, text, run, kind| {
            let word = &text[run.clone()];
            let is_followed_by_apostrophe = text[run.end..].starts_with(['\'', '’']);
            let small = word.to_lowercase();
            let is_called_by = side_of_word_name(word).is_some_and(|side| side != variation.draw.split);
            let is_particle = PARTICLES.contains(&small.as_str()) && (word == small || is_in_capitals);
            let n_letters = word.chars().count();
            let stands_for_letters = n_letters < 4
                && word.is_ascii()
                && side_of(word).is_none()
                && (word == small || word == word.to_uppercase());
            match kind {
                Kind::Digits => variation.digits(word),
                Kind::Signs => word.to_owned(),
                Kind::Letters if is_called_by => variation.person(word),
                Kind::Letters if n_letters > 2 && word != small && variation.must_go(word) => variation.person(word),
                Kind::Letters if is_particle => word.to_owned(),
                Kind::Letters if stands_for_letters && is_followed_by_apostrophe => word.to_owned(),
                Kind::Letters if stands_for_letters => variation.initials(word),
                Kind::Letters if n_letters > 1 && (variation.must_go(word) || variation.chance(NAME_SHARE)) => {
                    variation.person(word)
                }
                Kind::Letters => word.to_owned(),
            }
        })
    }

    fn place(&mut self, text: &str) -> String {
        let text = self.without_strangers(text, Self::town);
        self.rewrite(&text, |variation, text, run, kind| {
            let word = &text[run];
            let is_place = !is_ordinary(word) && side_of(word).is_some();
            match kind {
                Kind::Digits => variation.digits(word),
                Kind::Letters if variation.must_go(word) => variation.town(word),
                Kind::Letters if is_place && variation.chance(PLACE_SHARE) => variation.town(word),
                _ => word.to_owned(),
            }
        })
    }

    /// The text without names and places of several words, such as `Baton Rouge`, that stand on the other side.
    fn without_strangers(&mut self, text: &str, mut other: impl FnMut(&mut Self, &str) -> String) -> String {
        let words: Vec<Range<usize>> =
            runs(text).into_iter().filter(|(_, kind)| *kind == Kind::Letters).map(|(run, _)| run).collect();
        let mut written = String::new();
        let (mut at, mut first) = (0, 0);
        while first < words.len() {
            let last = (first + 1..words.len().min(first + 3))
                .rev()
                .find(|last| self.must_go(&text[words[first].start..words[*last].end]));
            if let Some(last) = last {
                written.push_str(&text[at..words[first].start]);
                written.push_str(&other(self, &text[words[first].clone()]));
                at = words[last].end;
                first = last;
            }
            first += 1;
        }
        written + &text[at..]
    }

    /// Words of the other side are changed, and long numbers.
    fn known_words(&mut self, text: &str) -> String {
        self.rewrite(text, |variation, text, run, kind| {
            let word = &text[run];
            match kind {
                Kind::Digits if word.len() > 2 => variation.digits(word),
                Kind::Letters if variation.must_go(word) => variation.town(word),
                _ => word.to_owned(),
            }
        })
    }

    fn date(&mut self, text: &str) -> String {
        self.rewrite(text, |variation, text, run, kind| {
            let word = &text[run.clone()];
            match kind {
                Kind::Digits if is_ordinal(&text[run.end..]) || is_time(text, &run) => word.to_owned(),
                Kind::Digits => variation.part_of_date(word),
                Kind::Letters => variation.month(word),
                Kind::Signs => word.to_owned(),
            }
        })
    }

    fn age(&mut self, text: &str) -> String {
        self.rewrite(text, |variation, text, run, kind| {
            let word = &text[run];
            let is_age = kind == Kind::Digits && word.parse().is_ok_and(|age: u32| (90..110).contains(&age));
            if is_age && variation.is_free {
                let width = if word.starts_with('0') { word.len() } else { 0 };
                format!("{:0width$}", variation.draw.rng.random_range(90..106_u32))
            } else {
                word.to_owned()
            }
        })
    }

    /// An address of four numbers; others stay.
    fn address(&mut self, text: &str) -> String {
        if text.contains(':') {
            return text.to_owned();
        }
        self.rewrite(text, |variation, text, run, kind| match kind {
            Kind::Digits if variation.is_free => variation.draw.rng.random_range(1..254_u32).to_string(),
            _ => text[run].to_owned(),
        })
    }

    fn identifier(&mut self, text: &str) -> String {
        // Of a UID the long components, since the short ones are an organization's or a standard's.
        let is_uid = text.chars().all(|character| character.is_ascii_digit() || character == '.')
            && text.matches('.').count() > 4;
        let draws_letters = self.chance(CODE_SHARE);
        self.rewrite(text, |variation, text, run, kind| {
            let word = &text[run.clone()];
            let is_coded = kind == Kind::Letters
                && word.chars().all(|letter| letter.is_ascii_uppercase())
                && has_digit_beside(text, &run);
            match kind {
                Kind::Digits if !is_uid || word.len() > 3 => variation.digits(word),
                Kind::Letters if is_coded && draws_letters => variation.draw.pattern(&"@".repeat(word.len())),
                _ => word.to_owned(),
            }
        })
    }

    /// The text with each of its runs of letters, digits and signs written by `write`.
    fn rewrite(&mut self, text: &str, mut write: impl FnMut(&mut Self, &str, Range<usize>, Kind) -> String) -> String {
        runs(text).into_iter().map(|(run, kind)| write(self, text, run, kind)).collect()
    }

    /// As many digits; one that began with another digit than 0 does so again.
    fn digits(&mut self, digits: &str) -> String {
        if !self.is_free || !digits.is_ascii() {
            return digits.to_owned();
        }
        let n_zeros = digits.len() - digits.trim_start_matches('0').len();
        let n_drawn = digits.len() - n_zeros;
        if n_drawn == 0 { digits.to_owned() } else { "0".repeat(n_zeros) + &self.draw.digits(n_drawn) }
    }

    fn initials(&mut self, letters: &str) -> String {
        if !self.is_free {
            return letters.to_owned();
        }
        let pattern = if letters.chars().all(char::is_uppercase) { "@" } else { "$" };
        self.draw.pattern(&pattern.repeat(letters.len()))
    }

    /// A given or a family name in the script and the capitals of another one.
    fn person(&mut self, like: &str) -> String {
        let abroad = Script::of(like) == Script::Latin && self.draw.chance(ABROAD_SHARE);
        let locale = if abroad { self.draw.pick(Locale::ALL) } else { self.locale };
        self.word_like(like, locale, |lists, draw| match draw.rng.random_range(0..3_u32) {
            0 => draw.entry(&lists.given_female),
            1 => draw.entry(&lists.given_male),
            _ => draw.entry(&lists.family),
        })
    }

    /// A city or a family name in the script and the capitals of another one.
    fn town(&mut self, like: &str) -> String {
        self.word_like(like, self.locale, |lists, draw| {
            if draw.chance(0.5) { draw.entry(&lists.cities) } else { draw.entry(&lists.family) }
        })
    }

    /// A single word of the lists of a locale, or of the United States where these have none in the script; the same word
    /// where neither has.
    fn word_like(
        &mut self,
        like: &str,
        locale: Locale,
        mut draw: impl FnMut(&Lists, &mut Draw<'_>) -> Entry,
    ) -> String {
        const N_TRIES: usize = 32;
        let script = Script::of(like);
        for locale in [locale, Locale::EnUs] {
            let lists = Lists::of(self.draw.split, locale);
            for _ in 0..N_TRIES {
                let entry = draw(lists, &mut self.draw);
                let word = if script == Script::Latin { entry.alphabetic() } else { entry.native };
                if word.chars().all(|letter| letter.is_alphabetic() || is_mark(letter)) && Script::of(word) == script {
                    return with_capitals_of(like, word);
                }
            }
        }
        like.to_owned()
    }

    fn part_of_date(&mut self, digits: &str) -> String {
        let Some(number) = digits.parse::<u32>().ok().filter(|_| self.is_free) else { return digits.to_owned() };
        let width = digits.len();
        let rng = &mut *self.draw.rng;
        let (month, day) = (rng.random_range(1..13_u32), rng.random_range(1..29_u32));
        let year = rng.random_range(1930..2030_u32);
        match (width, number) {
            (1, 1..) => rng.random_range(1..10_u32).to_string(),
            (2, 1..=12) => format!("{month:02}"),
            (2, 13..=31) => format!("{:02}", rng.random_range(13..29_u32)),
            (2, _) => format!("{:02}", rng.random_range(0..100_u32)),
            (4, 1900..2100) => year.to_string(),
            // Years of the Hijri, the Solar Hijri and the Buddhist calendar.
            (4, 1300..1500 | 2400..2700) => digits.to_owned(),
            (4, 101..=1231) => format!("{month:02}{day:02}"),
            (6, _) => format!("{:02}{month:02}{day:02}", year % 100),
            (8, 19_000_000..21_000_000) => format!("{year}{month:02}{day:02}"),
            (8, _) => format!("{day:02}{month:02}{year}"),
            _ => self.digits(digits),
        }
    }

    fn month(&mut self, word: &str) -> String {
        let small = word.to_lowercase();
        match MONTHS.iter().find(|months| months.contains(&small.as_str())) {
            Some(months) if self.chance(MONTH_SHARE) => with_capitals_of(word, self.draw.pick(months)),
            _ => word.to_owned(),
        }
    }
}

fn runs(text: &str) -> Vec<(Range<usize>, Kind)> {
    let mut runs: Vec<(Range<usize>, Kind)> = Vec::new();
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        let kind = match character {
            // Marks on letters of Thai, Hebrew and Arabic belong to their words.
            _ if character.is_ascii_digit() => Kind::Digits,
            _ if character.is_alphabetic() || is_mark(character) => Kind::Letters,
            _ => Kind::Signs,
        };
        match runs.last_mut() {
            Some((run, last)) if *last == kind => run.end = end,
            _ => runs.push((at..end, kind)),
        }
    }
    runs
}

/// Whether a character stands above or below a letter.
fn is_mark(character: char) -> bool {
    matches!(u32::from(character), 0x300..0x370 | 0x591..0x5c8 | 0x64b..0x660 | 0xe31 | 0xe34..0xe3b | 0xe47..0xe4f)
}

/// The script of a word, by its first letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Thai,
    Kana,
    Hangul,
    Han,
    Other,
}

impl Script {
    fn of(word: &str) -> Self {
        match word.chars().next().map_or(0, u32::from) {
            0..0x250 | 0x1e00..0x1f00 => Self::Latin,
            0x370..0x400 | 0x1f00..0x2000 => Self::Greek,
            0x400..0x530 => Self::Cyrillic,
            0x590..0x600 => Self::Hebrew,
            0x600..0x700 => Self::Arabic,
            0xe00..0xe80 => Self::Thai,
            0x3040..0x3100 => Self::Kana,
            0xac00..0xd7b0 => Self::Hangul,
            0x3400..0xa000 => Self::Han,
            _ => Self::Other,
        }
    }
}

fn is_ordinary(word: &str) -> bool {
    ORDINARY.contains(&word.to_lowercase().as_str())
}

/// Whether digits are those of a time: before or behind a colon, or behind a `T`.
fn is_time(text: &str, run: &Range<usize>) -> bool {
    text[..run.start].ends_with([':', 'T']) || text[run.end..].starts_with(':')
}

/// Whether what follows a number makes an ordinal of it.
fn is_ordinal(rest: &str) -> bool {
    ["st", "nd", "rd", "th"].iter().any(|ending| rest.to_lowercase().starts_with(ending))
}

fn has_digit_beside(text: &str, run: &Range<usize>) -> bool {
    text[..run.start].ends_with(|character: char| character.is_ascii_digit())
        || text[run.end..].starts_with(|character: char| character.is_ascii_digit())
}

fn with_capitals_of(like: &str, word: &str) -> String {
    let mut letters = like.chars();
    let first_is_capital = letters.next().is_some_and(char::is_uppercase);
    let others_are_capital = like.chars().count() > 1 && letters.all(|letter| !letter.is_lowercase());
    match (first_is_capital, others_are_capital) {
        (true, true) => word.to_uppercase(),
        (true, false) => {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        }
        (false, _) => word.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use std::collections::BTreeSet;

    fn vary(label: PhiLabel, text: &str, seed: u64, is_free: bool) -> String {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let mut variation = Variation::new(rng, Split::Train, Locale::EnUs, is_free, 2);
        let mut written = String::new();
        variation.of(&Secret::new(label, text)).derive(|text| {
            written = text.to_owned();
            String::new()
        });
        written
    }

    /// Letters and digits masked, runs of letters by one sign.
    fn shape(text: &str) -> String {
        let masked = runs(text).into_iter().map(|(run, kind)| match kind {
            Kind::Letters => "a".to_owned(),
            Kind::Digits => "0".repeat(run.len()),
            Kind::Signs => text[run].to_owned(),
        });
        masked.collect()
    }

    #[test]
    fn every_variant_has_the_form_of_its_text() {
        for (label, text) in [
            (PhiLabel::Name, "van der BERG, J."),
            (PhiLabel::Location, "14 Elm Row, York YO1 7HH"),
            (PhiLabel::Date, "15MAR24"),
            (PhiLabel::Date, "2024-03-05"),
            (PhiLabel::AgeOver89, "094Y"),
            (PhiLabel::Mrn, "MK-0042/77"),
            (PhiLabel::Phone, "+1 (212) 555-0142"),
        ] {
            let variants: Vec<String> = (0..20).map(|seed| vary(label, text, seed, true)).collect();
            assert!(variants.iter().all(|variant| shape(variant) == shape(text)), "{variants:?}");
            assert!(variants.iter().any(|variant| variant != text), "{text}");
        }
    }

    #[test]
    fn a_name_keeps_its_particles_and_capitals() {
        for seed in 0..20 {
            let name = vary(PhiLabel::Name, "van der BERG, J.", seed, true);
            assert!(name.starts_with("van der ") && name[8..].chars().all(|letter| !letter.is_lowercase()), "{name}");
        }
    }

    #[test]
    fn an_age_stays_over_89_and_an_ordinal_its_number() {
        for seed in 0..20 {
            let age: u32 = vary(PhiLabel::AgeOver89, "94", seed, true).parse().expect("an age");
            assert!(age >= 90);
            assert_eq!(vary(PhiLabel::Date, "the 3rd", seed, true), "the 3rd");
        }
    }

    #[test]
    fn initials_stay_letters() {
        for text in ["jq", "KMW", "X. Y."] {
            let n_letters = |text: &str| text.chars().filter(|sign| sign.is_alphabetic()).count();
            let variants = (0..20).map(|seed| vary(PhiLabel::Name, text, seed, true));
            assert!(variants.into_iter().all(|variant| n_letters(&variant) == n_letters(text)), "{text}");
        }
    }

    #[test]
    fn every_month_comes_and_a_time_stays() {
        let dates: BTreeSet<String> =
            (0..300).map(|seed| vary(PhiLabel::Date, "2024-03-05 11:47", seed, true)).collect();
        let months: BTreeSet<&str> = dates.iter().map(|date| &date[5..7]).collect();
        assert_eq!(months.len(), 12);
        assert!(dates.iter().all(|date| date.ends_with(" 11:47")));
    }

    #[test]
    fn an_address_has_four_numbers_that_fit() {
        for seed in 0..50 {
            let address = vary(PhiLabel::Ip, "192.168.4.17", seed, true);
            assert!(address.split('.').all(|number| number.parse::<u8>().is_ok()), "{address}");
        }
    }

    #[test]
    fn a_place_of_two_words_on_the_other_side_goes_and_ordinary_words_stay() {
        assert_eq!(side_of("Baton Rouge"), Some(Split::Test));
        let place = vary(PhiLabel::Location, "Baton Rouge, LA", 1, false);
        assert!(!place.contains("Baton") && place.ends_with(", LA"), "{place}");
        let site = "Saguaro Vascular Center";
        assert!((0..20).all(|seed| vary(PhiLabel::Organization, site, seed, true).ends_with(" Vascular Center")));
    }

    #[test]
    fn what_stands_on_the_other_side_goes_even_if_all_else_stays() {
        let foreign = Lists::of(Split::Test, Locale::EnUs).family[0].native;
        let own = Lists::of(Split::Train, Locale::EnUs).family[0].native;
        let name = vary(PhiLabel::Name, &format!("{own} {foreign}"), 1, false);
        assert!(name.starts_with(own) && !name.ends_with(foreign), "{name}");
        assert_eq!(side_of(name.rsplit(' ').next().unwrap_or_default()), Some(Split::Train));
    }
}
