//! Addresses, postal codes, coordinates, and places smaller than a state.

use super::context::{is_measured, word_before};
use super::engine::{Candidate, Recognizer, Signs, after_word, pattern};
use efface_schema::PhiLabel;

/// Words before a postal code.
const POSTCODE_WORDS: &[&str] = &[
    "zip",
    "zip code",
    "zipcode",
    "postcode",
    "post code",
    "postal code",
    "plz",
    "postleitzahl",
    "code postal",
    "cp",
    "código postal",
    "codigo postal",
    "cap",
    "cep",
    "postnummer",
    "postnr",
    "kod pocztowy",
    "psč",
    "postinumero",
    "郵便番号",
    "〒",
    "邮编",
    "우편번호",
];
/// Every form of a postal code, which the word before it makes one.
const POSTCODE_VALUE: &str = r"\d{5}(?:-\d{3,4})?\b|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b|[A-Z]\d[A-Z]\s?\d[A-Z]\d\b|\d{4}\s?[A-Z]{2}\b|\d{3}[ -]\d{2,4}\b|\d{2}-\d{3}\b|\d{4}\b";

/// The areas of British postcodes (Royal Mail).
const UK_AREAS: &str = " AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE ";

pub(super) const RECOGNIZERS: &[Recognizer] = &[
    pattern(
        "address",
        PhiLabel::Location,
        0.95,
        r"(?i)\b\d{1,6}[a-z]?\s+(?:[\w.'’-]+\s+){0,4}?(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|way|place|pl|terrace|ter|parkway|pkwy|highway|hwy|square|sq|circle|cir|trail|trl|plaza|loop|row|walk)\b\.?(?:,?\s*(?:apt|apartment|suite|ste|unit|floor|#)\.?\s*[\w-]+)?(?:,\s*[\w .'’-]{1,40}?(?:,?\s*[A-Z]{2})?,?\s+(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2})\b)?",
    )
    .digits(1)
    .signs(Signs::BLANK)
    .words(&[
        "street", "st", "avenue", "ave", "road", "rd", "boulevard", "blvd", "lane", "ln", "drive", "dr", "court", "ct",
        "way", "place", "pl", "terrace", "ter", "parkway", "pkwy", "highway", "hwy", "square", "sq", "circle", "cir",
        "trail", "trl", "plaza", "loop", "row", "walk",
    ]),
    pattern(
        "address",
        PhiLabel::Location,
        0.95,
        r"(?i)\b(?:p\.?\s?o\.?\s?box|postfach|boîte postale|apartado|casella postale|postbus)\s+\d{1,6}\b",
    )
    .words(&["box", "postfach", "postale", "apartado", "postbus"])
    .digits(1),
    // A German, Dutch, Swedish, Danish, Norwegian or Finnish street: the kind of street ends the word.
    pattern(
        "address",
        PhiLabel::Location,
        0.93,
        r"\b\p{Lu}[\pL-]+(?:straße|strasse|str\.|weg|platz|allee|gasse|damm|ufer|straat|laan|plein|gracht|kade|dijk|singel|gatan|vägen|gränd|torget|stigen|vej|gade|gata|veien|katu|tie|kuja)\s+\d{1,4}\s?[a-hA-H]?\b(?:,?\s*(?:[A-Z]{1,2}-)?(?:\d{4,5}|\d{4}\s?[A-Z]{2}|\d{3}\s\d{2})\s+\p{Lu}[\pL-]+(?:\s\p{Lu}[\pL-]+)?)?",
    )
    .digits(1)
    .signs(Signs::BLANK.and(Signs::CAPITAL))
    .words(&[
        "straße", "strasse", "str.", "weg", "platz", "allee", "gasse", "damm", "ufer", "straat", "laan", "plein",
        "gracht", "kade", "dijk", "singel", "gatan", "vägen", "gränd", "torget", "stigen", "vej", "gade", "gata",
        "veien", "katu", "tie", "kuja",
    ]),
    // A street in two words with a house number behind it, where a word or a postal code says that somebody lives there.
    pattern(
        "address",
        PhiLabel::Location,
        0.9,
        r"\b(?:(?i:wohnhaft|wohnt|anschrift|adresse|address|adress)[\s:in]{1,5})(?P<v>\p{Lu}[\pL.-]+(?:\s[\pL.-]+){0,3}\s\d{1,4}\s?[a-h]?\b(?:,?\s*(?:D-)?\d{4,5}\s\p{Lu}[\pL-]+)?)|\b(?P<w>\p{Lu}[\pL.-]+(?:\s[\pL.-]+){0,3}\s\d{1,4}\s?[a-h]?,\s*(?:D-)?\d{5}\s\p{Lu}[\pL-]+)",
    )
    .digits(1)
    .signs(Signs::BLANK.and(Signs::CAPITAL)),
    // French: the number, then the kind of street.
    pattern(
        "address",
        PhiLabel::Location,
        0.95,
        r"(?i)\b\d{1,4}(?:\s?(?:bis|ter|quater))?,?\s+(?:rue|avenue|av\.|boulevard|bd|place|chemin|allée|impasse|quai|route|cours|square)\s+(?:(?:de la|de l'|du|des|de|d')\s?)?[\pL'’-]+(?:\s\p{Lu}[\pL'’-]+){0,3}(?:,?\s*\d{5}\s+\p{Lu}[\pL'’-]+)?",
    )
    .digits(1)
    .words(&["rue", "avenue", "av.", "boulevard", "bd", "place", "chemin", "allée", "impasse", "quai", "route", "cours", "square"]),
    // Spanish, Portuguese, Italian, Polish: the kind of street first, the number last.
    pattern(
        "address",
        PhiLabel::Location,
        0.93,
        r"\b(?:Calle|C/|Avda\.?|Avenida|Plaza|Paseo|Carrer|Rua|Travessa|Praça|Via|Viale|Piazza|Corso|Vicolo|Largo|Ul\.|ul\.|Aleja)\s*(?:(?:de la|de los|del|de|das|dos|da|do|della|dei|degli)\s)?[\pL'’.-]+(?:\s[\pL'’.-]+){0,3}?,?\s+(?:n[º°.]\s?)?\d{1,4}[a-zA-Z]?\b(?:,?\s*(?:\d{5}|\d{4}-\d{3}|\d{2}-\d{3})\s+\p{Lu}[\pL'’-]+)?",
    )
    .digits(1)
    .signs(Signs::CAPITAL)
    .words(&[
        "calle", "c/", "avda", "avenida", "plaza", "paseo", "carrer", "rua", "travessa", "praça", "via", "viale",
        "piazza", "corso", "vicolo", "largo", "aleja", "ul.",
    ]),
    pattern(
        "address",
        PhiLabel::Location,
        0.93,
        r"(?i)\bul\.?\s+(?P<v>\pL[\pL'’.-]+(?:\s[\pL'’.-]+){0,2}\s\d{1,4}[a-z]?(?:/\d+)?(?:,?\s*\d{2}-\d{3}\s\pL+)?)",
    )
    .digits(1)
    .words(&["ul"]),
    pattern(
        "postcode",
        PhiLabel::Location,
        0.9,
        r"\b[A-Z][\w.'’ -]{2,30},\s*[A-Z]{2},?\s+\d{5}(?:-\d{4})?\b|\b[A-Z]{2}\s+\d{5}(?:-\d{4})?\b",
    )
    .digits(5)
    .signs(Signs::CAPITAL.and(Signs::BLANK))
    .when(|candidate| !super::context::is_coded(&super::context::last_number(candidate))),
    after_word("postcode", PhiLabel::Location, 0.9, POSTCODE_WORDS, POSTCODE_VALUE).digits(2).when(is_postcode),
    pattern("postcode", PhiLabel::Location, 0.85, r"\b[A-Z]{1,2}\d[A-Z\d]?\s\d[ABD-HJLNP-UW-Z]{2}\b")
        .digits(2)
        .signs(Signs::CAPITAL.and(Signs::BLANK))
        .when(has_uk_area),
    pattern("postcode", PhiLabel::Location, 0.85, r"\b[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]\s\d[ABCEGHJ-NPRSTV-Z]\d\b")
        .digits(3)
        .signs(Signs::CAPITAL.and(Signs::BLANK)),
    pattern("postcode", PhiLabel::Location, 0.85, r"\b(?:D|A|CH|F|B|NL|PL|S|FI|DK|N)-(?P<v>\d{4,5})\b\s+\p{Lu}\p{Ll}")
        .digits(4)
        .signs(Signs::HYPHEN),
    pattern(
        "coordinates",
        PhiLabel::Location,
        0.9,
        r#"(?i)\b(?:gps|coord\w*|location|geo\w*|position)\b[\s:=(]{1,4}(?P<v>[+-]?\d{1,3}\.\d{3,}°?\s*[NS]?[\s,;/]+[+-]?\d{1,3}\.\d{3,}°?\s*[EWO]?)|\b(?:lat|lon|long|lng|latitude|longitude)\b[\s:=]{1,3}(?P<w>[+-]?\d{1,3}\.\d{3,})|(?P<x>\b\d{1,3}\s?°\s?\d{1,2}\s?['′]\s?(?:\d{1,2}(?:\.\d+)?\s?["″])?\s?[NSEWO]\b)"#,
    )
    .digits(4)
    .words(&["gps", "coord", "location", "geo", "position", "lat", "lon", "lng", "°"]),
    // In lower case a sentence must end behind it: one or two words that are all there is to say.
    pattern(
        "place",
        PhiLabel::Location,
        0.8,
        r"\b(?i:lives in|living in|resides in|residing in)\s(?P<v>\p{Ll}[\pL'’-]+(?:\s\p{Ll}[\pL'’-]+)?)(?:\s*$|[.,;)])",
    )
    .words(&["lives in", "living in", "resides in", "residing in"])
    .when(|candidate| !is_kind_of_home(candidate.value())),
    pattern(
        "place",
        PhiLabel::Location,
        0.85,
        r"\b(?i:county of|resident of|citizen of|born in|moved (?:here )?from|moved to|lives in|living in|resides in|native of|hometown|relocated from|visiting from|wohnhaft in|geboren in|né à|née à|habite à|vive en|nacido en|nacida en|nato a|nata a|residente a|residente in|mora em)[\s:]+(?P<v>(?:(?:St|Ste|Mt|Ft)\.\s)?\p{Lu}(?:[\pL'’-]|\.\pL)+(?:[\s-](?:\p{Lu}(?:[\pL'’-]|\.\pL)+)){0,2})",
    )
    .words(&[
        "county of", "resident", "citizen of", "born in", "moved", "lives in", "living in", "resides in", "native of",
        "hometown", "relocated", "visiting from", "wohnhaft", "geboren", "né à", "née à", "habite", "vive en", "nacido",
        "nacida", "nato", "nata", "residente", "mora em",
    ])
    .signs(Signs::CAPITAL),
    pattern("place", PhiLabel::Location, 0.8, r"\b\p{Lu}[\p{Ll}'’-]+(?:\s\p{Lu}[\p{Ll}'’-]+)?\s(?:County|Parish|Borough|Township)\b")
        .words(&["county", "parish", "borough", "township"])
        .signs(Signs::CAPITAL),
];

/// A postal code behind its word, that is no measurement; the words that are others too ask for five digits.
fn is_postcode(candidate: &Candidate<'_>) -> bool {
    let word = word_before(candidate.text, candidate.start);
    let weak = ["cp", "cap"].iter().any(|weak| weak.eq_ignore_ascii_case(word));
    let n_digits = candidate.value().bytes().filter(u8::is_ascii_digit).count();
    !is_measured(candidate) && (!weak || n_digits >= 5)
}

fn has_uk_area(candidate: &Candidate<'_>) -> bool {
    let area: String = candidate.value().chars().take_while(|sign| sign.is_ascii_alphabetic()).collect();
    UK_AREAS.contains(&format!(" {area} "))
}

/// Whether words say in what somebody lives, and not where.
fn is_kind_of_home(words: &str) -> bool {
    const KINDS: [&str; 16] = [
        "home",
        "house",
        "apartment",
        "flat",
        "facility",
        "shelter",
        "hostel",
        "care",
        "alone",
        "poverty",
        "family",
        "household",
        "nursing",
        "assisted",
        "residence",
        "dormitory",
    ];
    words.split(' ').any(|word| KINDS.contains(&word) || crate::pixels::vocabulary::is_harmless(word))
}
