//! What only suites of texts ask for: people whom no attribute names, places and organizations of any country,
//! dates of any year. What is drawn here stands on the cast's side of the split, as everything does.

use super::cast::{Breadth, Cast};
use super::organizations::{CARE_SITES, EMPLOYERS, SCHOOLS, Sided};
use super::slots::SlotKind;
use crate::dates;
use crate::identity::draw::Draw;
use crate::identity::person::person as draw_person;
use crate::identity::place;
use crate::persona::{abbreviation, ascii_slug};
use crate::plant::{NameForm, Secret};
use crate::vocabulary::{Locale, Split};
use efface_schema::PhiLabel;
use jiff::ToSpan;
use jiff::civil::Date;

/// Forms of whole names in which machines, lists and people abroad write them.
pub(super) const WHOLE_NAMES: &[NameForm] = &[
    NameForm::Spoken,
    NameForm::Full,
    NameForm::Capitals,
    NameForm::CapitalFamily,
    NameForm::FamilyFirst,
    NameForm::CommaGlued,
    NameForm::InitialBare,
    NameForm::FamilyCommaInitial,
    NameForm::FamilyInitials,
    NameForm::InitialsFamily,
    NameForm::GivenInitial,
    NameForm::Lower,
    NameForm::CaretInitial,
    NameForm::FamilyCapitals,
    NameForm::Family,
    NameForm::Given,
];

/// Countries whose names stand in Latin letters anywhere in the world.
const LATIN: &[Locale] = &[
    Locale::EnUs,
    Locale::EnGb,
    Locale::EnUs,
    Locale::FrFr,
    Locale::DeDe,
    Locale::EsEs,
    Locale::ItIt,
    Locale::PtBr,
    Locale::NlNl,
    Locale::SvSe,
    Locale::PlPl,
    Locale::LvLv,
    Locale::TrTr,
    Locale::JaJp,
    Locale::KoKr,
    Locale::ZhCn,
    Locale::ZhTw,
];

/// Countries whose addresses stand in Latin letters.
const LATIN_PLACES: &[Locale] = &[
    Locale::EnUs,
    Locale::EnUs,
    Locale::EnGb,
    Locale::FrFr,
    Locale::DeDe,
    Locale::EsEs,
    Locale::ItIt,
    Locale::PtBr,
    Locale::NlNl,
    Locale::SvSe,
    Locale::PlPl,
    Locale::LvLv,
    Locale::TrTr,
];

/// Whether people are called by a word that no list has as a name.
pub(super) fn is_word_name(word: &str) -> bool {
    WORD_GIVEN.iter().chain(WORD_FAMILY).any(|name| name.eq_ignore_ascii_case(word))
}

/// Given names that are words. The rule of the split says which side has which.
const WORD_GIVEN: &[&str] = &[
    "Will",
    "Mark",
    "Grace",
    "Hope",
    "Faith",
    "Dawn",
    "Joy",
    "June",
    "May",
    "April",
    "Rose",
    "Ray",
    "Art",
    "Bill",
    "Chase",
    "Hunter",
    "Penny",
    "Melody",
    "Iris",
    "Ivy",
    "Violet",
    "Olive",
    "Summer",
    "Autumn",
    "Jack",
    "Frank",
    "Pat",
    "Rob",
    "Sue",
    "Drew",
    "Grant",
    "Miles",
    "Dean",
    "Earl",
    "Lance",
    "Rusty",
    "Sandy",
    "Sunny",
    "Star",
    "Crystal",
    "Ruby",
    "Pearl",
    "Amber",
    "Jade",
    "Ginger",
    "Basil",
    "Clay",
    "Cliff",
    "Reed",
    "Wade",
    "Max",
    "Victor",
    "Angel",
    "Christian",
    "Major",
    "Case",
    "Norm",
    "Carol",
    "Daisy",
    "Lily",
    "Robin",
    "Martin",
    "Jay",
    "Colt",
];

/// Family names that are words, of the clinic too.
const WORD_FAMILY: &[&str] = &[
    "Long",
    "Short",
    "Head",
    "Hand",
    "Foot",
    "Bone",
    "Gray",
    "White",
    "Black",
    "Brown",
    "Green",
    "Young",
    "King",
    "Price",
    "Page",
    "Rice",
    "Stone",
    "Wood",
    "Woods",
    "Hill",
    "Field",
    "Fields",
    "Rivers",
    "Lake",
    "Banks",
    "Bush",
    "Park",
    "Lane",
    "Street",
    "Church",
    "Hall",
    "House",
    "Cook",
    "Baker",
    "Carter",
    "Cooper",
    "Fisher",
    "Miller",
    "Potter",
    "Taylor",
    "Walker",
    "Weaver",
    "Day",
    "Knight",
    "Winter",
    "Summers",
    "Frost",
    "Snow",
    "Storm",
    "Fox",
    "Wolf",
    "Bird",
    "Swan",
    "Crane",
    "Drake",
    "Salmon",
    "Lamb",
    "Bishop",
    "Pope",
    "Abbott",
    "Judge",
    "Sharp",
    "Small",
    "Little",
    "Strong",
    "Sweet",
    "Wise",
    "Moody",
    "Blank",
    "Best",
    "Power",
    "Powers",
    "Battle",
    "Cross",
    "Chance",
    "Law",
    "Love",
    "Pain",
    "Paine",
    "Ill",
    "Self",
    "Burns",
    "Cutter",
    "Ray",
    "Marks",
    "Means",
    "Flowers",
    "Berry",
    "Ball",
    "Bell",
    "Bond",
    "Brooks",
    "Rush",
    "Stent",
    "Childs",
    "Person",
    "Chin",
    "Back",
    "Hart",
    "Wells",
    "Field",
    "Skinner",
    "Noble",
    "Gold",
    "Silver",
    "Steel",
    "Glass",
    "Coffin",
    "Graves",
    "Doctor",
    "Nurse",
    "Temple",
    "Sternal",
    "Parkinson",
    "Hodgkin",
    "Crohn",
    "Doppler",
    "Foley",
    "Dixon",
    "Murphy",
    "Paget",
    "Addison",
    "Wilson",
    "Barrett",
];

/// A person whom no attribute names, where the kind asks for one.
pub(super) fn person(kind: SlotKind, cast: &Cast<'_>, draw: &mut Draw<'_>) -> Option<Secret> {
    match kind {
        SlotKind::Person => {
            let chosen = if draw.chance(0.06) { None } else { Some(locale_of(cast, draw, LATIN)) };
            let Some(locale) = chosen else { return Some(word_person(cast, draw)) };
            let name = draw_person(draw, locale);
            Some(if draw.chance(0.5) { name.derive(str::to_uppercase) } else { name })
        }
        SlotKind::WordPerson => Some(word_person(cast, draw)),
        _ => None,
    }
}

/// The cast's own country more often than another one.
fn locale_of(cast: &Cast<'_>, draw: &mut Draw<'_>, others: &[Locale]) -> Locale {
    if draw.chance(0.6) { cast.persona.locale } else { draw.pick(others) }
}

/// Somebody one or both of whose names are words.
fn word_person(cast: &Cast<'_>, draw: &mut Draw<'_>) -> Secret {
    let split = draw.split;
    let own = |list: &[&'static str]| -> Vec<&'static str> {
        list.iter().copied().filter(|word| Split::of(word) == split).collect()
    };
    let (given, family) = (draw.pick(&own(WORD_GIVEN)), draw.pick(&own(WORD_FAMILY)));
    let locale = if cast.persona.locale.has_readings() { Locale::EnUs } else { cast.persona.locale };
    let other = draw_person(draw, locale);
    match draw.number(0, 6) / 2 {
        0 => Secret::new(PhiLabel::Name, format!("{family}^{given}")),
        1 => other.family().derive(|other| format!("{other}^{given}")),
        _ => other.given().derive(|other| format!("{family}^{other}")),
    }
}

/// What only the rules for texts ask for, or what they ask for in more ways than instances have.
pub(super) fn fill(kind: SlotKind, cast: &Cast<'_>, draw: &mut Draw<'_>) -> Option<Secret> {
    if cast.breadth == Breadth::Instances {
        return None;
    }
    Some(match kind {
        SlotKind::Town => town(cast, draw),
        SlotKind::Anywhere => anywhere(cast, draw),
        SlotKind::CareSite => organization(cast, draw, CARE_SITES),
        SlotKind::Hospital if draw.chance(0.4) => organization(cast, draw, CARE_SITES),
        SlotKind::CareShort => care_short(cast, draw),
        SlotKind::Firm => organization(cast, draw, EMPLOYERS).derive_employer(str::to_owned),
        SlotKind::College => organization(cast, draw, SCHOOLS).derive_employer(str::to_owned),
        SlotKind::AnyDate => {
            let day = any_day(draw);
            dates::free_date(draw.rng, day, cast.language)
        }
        SlotKind::AgeBare => {
            let own = cast.persona.age_on(cast.date);
            let age = if own > 89 { i64::from(own) } else { i64::from(draw.rng_age()) };
            Secret::new(PhiLabel::AgeOver89, age.to_string())
        }
        SlotKind::OldYear => {
            let year = i64::from(cast.date.year()) - i64::from(draw.rng_age()) - 1;
            Secret::new(PhiLabel::AgeOver89, year.to_string())
        }
        SlotKind::Login => login(cast, draw),
        SlotKind::Mail => mail(cast, draw),
        SlotKind::Link => link(cast, draw),
        _ => return None,
    })
}

/// A date, with or without its time, in a given format.
pub(super) fn moment(kind: SlotKind, format: &str, cast: &Cast<'_>, draw: &mut Draw<'_>) -> Secret {
    let prior = cast.prior.unwrap_or_else(|| cast.date.saturating_sub(i64::from(draw.number(20, 900)).days()));
    let (day, is_known) = match kind {
        SlotKind::Birth => (cast.persona.birth, true),
        SlotKind::Date => (cast.date, true),
        SlotKind::PriorDate => (prior, false),
        SlotKind::LaterDate => (cast.date.saturating_add(i64::from(draw.number(2, 200)).days()), false),
        _ => (any_day(draw), false),
    };
    let date = dates::formatted(day, draw.number(0, 86_400), format);
    if is_known { date.known() } else { date }
}

/// A day from 1991 to 2026.
fn any_day(draw: &mut Draw<'_>) -> Date {
    Date::constant(1991, 1, 1).saturating_add(i64::from(draw.number(0, 13_000)).days())
}

fn town(cast: &Cast<'_>, draw: &mut Draw<'_>) -> Secret {
    let locale = locale_of(cast, draw, LATIN_PLACES);
    let city = place::city(draw, locale);
    match draw.number(0, 20) / 2 {
        0 => city.derive(|city| format!("{city} County")),
        1 => city.derive(|city| format!("{city} Township")),
        2 => city.derive(|city| format!("greater {city} area")),
        3 => city.derive(|city| format!("{city} Heights")),
        _ => city,
    }
}

/// An address in one of the shapes of forms, letters and labels.
fn anywhere(cast: &Cast<'_>, draw: &mut Draw<'_>) -> Secret {
    let locale = locale_of(cast, draw, LATIN_PLACES);
    let city = place::city(draw, locale);
    let address = place::address(draw, locale, city);
    let (number, other) = (draw.number(2, 4000), place::road(draw, locale));
    let (street, city, code) = (&address.street, &address.city, &address.postcode);
    let after = |mark: &'static str| street.derive_with(city, |street, city| format!("{street}{mark}{city}"));
    let with_code = |place: Secret| place.derive_with(code, |place, code| format!("{place} {code}"));
    match draw.number(0, 26) / 2 {
        0 => with_code(after("\n")),
        1 => with_code(street.derive_with(city, |street, city| format!("{street} Apt {number}, {city}"))),
        2 => with_code(city.derive(|city| format!("PO Box {number}, {city}"))),
        3 => code.derive_with(city, |code, city| format!("{code} {city}")),
        4 => with_code(city.clone()),
        5 => street.derive(|street| format!("{street} & {other}")),
        6 => with_code(street.derive_with(city, |street, city| format!("Unit {number}/{street}, {city}"))),
        7 => after(", "),
        8 => after(" "),
        9 => street.clone(),
        10 => city.derive(|city| format!("RR {number}, {city}")),
        _ => address.whole.clone(),
    }
}

/// How an organization is called before its names are drawn, its country, and its city.
fn organization_pattern(cast: &Cast<'_>, draw: &mut Draw<'_>, names: &Sided) -> (&'static str, Locale, Secret) {
    let own = cast.persona.locale;
    // Wordings are of the alphabet of Latin letters; other countries have their own in `vocabulary`.
    let locale = if LATIN_PLACES.contains(&own) && draw.chance(0.6) { own } else { draw.pick(LATIN_PLACES) };
    let pattern = draw.pick(names.of(draw.split));
    (pattern, locale, place::city(draw, locale))
}

fn organization(cast: &Cast<'_>, draw: &mut Draw<'_>, names: &Sided) -> Secret {
    let (pattern, locale, city) = organization_pattern(cast, draw, names);
    city.derive_as(PhiLabel::Organization, |city| place::fill(draw, locale, pattern, city))
}

/// The short name of a care site: its first letters, or the word that holds a name. A kind alone, such as `Ospedale`,
/// names no site.
///
/// Suites to test on keep the first word, whatever it is: their bytes are what published scores are about.
fn care_short(cast: &Cast<'_>, draw: &mut Draw<'_>) -> Secret {
    let (pattern, locale, city) = organization_pattern(cast, draw, CARE_SITES);
    let site = city.derive_as(PhiLabel::Organization, |city| place::fill(draw, locale, pattern, city));
    let (form, number) = (draw.number(0, 8) / 2, draw.number(2, 30));
    match (form, draw.split) {
        (0, _) => site.derive(abbreviation),
        (1, _) => site.derive(|name| abbreviation(name).to_lowercase()),
        (2, _) => site.derive(|name| format!("{}{number}", abbreviation(name))),
        (_, Split::Train) => {
            let named = pattern.split(' ').find(|word| word.contains('{')).expect("every pattern holds a name");
            city.derive_as(PhiLabel::Organization, |city| place::fill(draw, locale, named, city))
        }
        (_, Split::Test) => site.derive(|name| name.split(' ').next().unwrap_or(name).to_owned()),
    }
}

fn login(cast: &Cast<'_>, draw: &mut Draw<'_>) -> Secret {
    let locale = locale_of(cast, draw, LATIN);
    let name = draw_person(draw, locale);
    let form = draw.pick(&[NameForm::Account, NameForm::DottedLower, NameForm::LowerUnderscored, NameForm::Account]);
    let number = draw.number(1, 99);
    let has_number = draw.chance(0.5);
    name.name(form)
        .derive_as(PhiLabel::OtherId, |name| if has_number { format!("{name}{number}") } else { name.into() })
}

fn mail(cast: &Cast<'_>, draw: &mut Draw<'_>) -> Secret {
    let locale = locale_of(cast, draw, LATIN);
    let name = draw_person(draw, locale);
    let form = draw.pick(&[
        NameForm::Account,
        NameForm::DottedLower,
        NameForm::LowerUnderscored,
        NameForm::Hyphenated,
        NameForm::DottedLower,
    ]);
    let number = draw.number(1, 2000);
    let host = draw.pick(&[
        "example.com",
        "example.org",
        "example.net",
        "mail.example",
        "hospital.example",
        "health.example.org",
        "radiology.example.net",
        "klinik.example",
        "chu.example",
        "nhs.example",
        "uni.example.edu",
        "clinic.example.co",
    ]);
    name.name(form).derive_as(PhiLabel::Email, |name| format!("{name}{number}@{host}"))
}

fn link(cast: &Cast<'_>, draw: &mut Draw<'_>) -> Secret {
    let locale = locale_of(cast, draw, LATIN_PLACES);
    let city = place::city(draw, locale);
    let (form, number) = (draw.number(0, 14) / 2, draw.pattern("%#####"));
    city.derive_as(PhiLabel::Url, |city| {
        let host = ascii_slug(city);
        match form {
            0 => format!("https://{host}.example/portal/{number}"),
            1 => format!("www.{host}-imaging{number}.example"),
            2 => format!("http://pacs.{host}.example:8080/viewer?study={number}"),
            3 => format!("https://share.example.com/{host}/{number}#view"),
            4 => format!("wado.{host}.example/studies/{number}"),
            5 => format!("ftp://{host}{number}.example/drop"),
            _ => format!("https://www.{host}{number}.example.org/"),
        }
    })
}

impl Draw<'_> {
    /// An age over 89.
    fn rng_age(&mut self) -> u32 {
        self.number(90, 104)
    }
}
