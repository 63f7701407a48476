//! Names of people and organizations, by the words and signs around them.

use super::engine::{Candidate, Recognizer, Signs, pattern};
use efface_schema::PhiLabel;

pub(super) const RECOGNIZERS: &[Recognizer] = &[
    pattern(
        "organization",
        PhiLabel::Organization,
        0.85,
        r"\b(?:(?i:st\.?|saint)\s+)?(?:[A-Z][\w.'’&-]*\s+){1,4}(?i:hospital|clinic|medical cent(?:er|re)|infirmary|health system|healthcare|imaging cent(?:er|re)|nursing home|hospice|university|radiology associates|memorial)\b|\b(?i:hospital|clinic|university) of (?:[A-Z][\w.'’-]*\s*){1,3}",
    )
    .words(&[
        "hospital", "clinic", "medical cent", "infirmary", "health system", "healthcare", "imaging cent", "nursing home",
        "hospice", "university", "radiology associates", "memorial",
    ])
    .signs(Signs::CAPITAL),
    pattern(
        "organization",
        PhiLabel::Organization,
        0.85,
        r"\b(?:\p{Lu}[\pL-]*(?:klinikum|klinik|krankenhaus|spital|ziekenhuis|sjukhus|sykehus|sairaala)|(?i:klinikum|krankenhaus|spital|hôpital|hopital|clinique|chu|hospital|clínica|ospedale|policlinico|szpital|ziekenhuis)\s+(?:(?i:de la|de|du|des|del|della|di|da|do|am|im|w)\s+)?\p{Lu}[\pL'’.-]*\p{Ll}[\pL'’.-]*(?:[\s-]\p{Lu}[\pL'’.-]+){0,2})\b",
    )
    .words(&[
        "klinik", "krankenhaus", "spital", "ziekenhuis", "sjukhus", "sykehus", "sairaala", "hôpital", "hopital",
        "clinique", "chu", "hospital", "clínica", "ospedale", "policlinico", "szpital",
    ])
    .signs(Signs::CAPITAL.and(Signs::SMALL)),
    pattern(
        "company",
        PhiLabel::Organization,
        0.85,
        r"\b[A-Z][\w'’&-]*(?:(?:,? (?:and|&) |, | )[A-Z][\w'’&-]*){0,3},? (?:LLC|Inc|Ltd|Limited|GmbH|AG|Corp|Corporation|PLC|Group|Company|Co|Brothers|Partners|and Sons|& Sons)\b\.?",
    )
    .words(&["llc", "inc", "ltd", "limited", "gmbh", "ag", "corp", "plc", "group", "company", "co", "brothers", "partners", "sons"])
    .signs(Signs::CAPITAL.and(Signs::BLANK)),
    pattern(
        "employer",
        PhiLabel::Organization,
        0.8,
        r"(?i)\b(?:employer|employed (?:by|at)|works? (?:at|for)|school)\b[\s:]*(?P<v>[A-Z][\w.'’&-]*(?:[\s,]+(?:and|&|[A-Z][\w.'’&-]*)){0,4})",
    )
    .words(&["employer", "employed", "work", "school"]),
    pattern("person-name-value", PhiLabel::Name, 0.95, r"\b\pL[\pL'’-]+\^[\w'’^-]*").signs(Signs::CARET),
    pattern(
        "title-name",
        PhiLabel::Name,
        0.95,
        r"\b(?:(?:Dr|DR|dr|Mr|Mrs|MRS|Ms|Mx|Prof|PROF|Doctor|DOCTOR|Nurse|NURSE|Herr|Frau|FRAU|Mme|Sra)\.?\s+|(?i:dr|mr|mrs|ms|prof)\.\s*)(?P<v>\p{Lu}[\w'’-]*\.?(?:\s+\p{Lu}[\w'’-]*\p{Ll}[\w'’-]*){0,2}|\p{Lu}[\p{Lu}'’-]+)",
    )
    .words(&["dr", "mr", "ms", "mx", "prof", "doctor", "nurse", "herr", "frau", "mme", "sra"])
    .signs(Signs::CAPITAL),
    pattern(
        "degree-name",
        PhiLabel::Name,
        0.95,
        r"\b(?P<v>[A-Z][\w'’-]+(?:\s+[A-Z]\.?)?(?:\s+[A-Z][\w'’-]+){0,2}),?\s+(?:M\.?D\.?|D\.?O\.?|R\.?N\.?|Ph\.?D\.?|R\.?T\.?(?:\(R\))?|FRCR)\b",
    )
    .words(&["md", "m.d", "do", "d.o", "rn", "r.n", "phd", "ph.d", "rt", "r.t", "frcr"])
    .signs(Signs::CAPITAL.and(Signs::BLANK)),
    pattern(
        "kin-name",
        PhiLabel::Name,
        0.9,
        r"\b(?i:husband|wife|mother|father|son|daughter|brother|sister|spouse|mom|dad|aunt|uncle|guardian|caregiver|partner|next of kin|nok|contact|pt|patient|name)\b\s*(?:(?i:is|named|called)\s+)?[:,(]?\s*(?P<v>[A-Z][a-z'’-]+[\w'’-]*(?:\s+[A-Z][\w'’.-]*){0,2})",
    )
    .words(&[
        "husband", "wife", "mother", "father", "son", "daughter", "brother", "sister", "spouse", "mom", "dad", "aunt",
        "uncle", "guardian", "caregiver", "partner", "next of kin", "nok", "contact", "pt", "patient", "name",
    ])
    .signs(Signs::CAPITAL.and(Signs::SMALL))
    .when(is_nobodys_product),
    pattern(
        "act-name",
        PhiLabel::Name,
        0.9,
        r"\b(?i:tech(?:nologist)?|operator|radiographer|sonographer|signed|dictated|read|performed|reviewed|verified|ordered|referred|ref|requested|reported|scanned|interpreted|transcribed|entered|acquired|discussed with|spoke with|called|informed|notified|seen|per|attn|cc|by)\b\.?(?:\s+(?i:by|to|with))?\s*[:=/]?\s*(?P<v>[A-Z][a-z'’-]+[\w'’-]*(?:\s+[A-Z][\w'’.-]*){0,2})",
    )
    .words(&[
        "tech", "operator", "radiographer", "sonographer", "signed", "dictated", "read", "performed", "reviewed",
        "verified", "ordered", "ref", "requested", "reported", "scanned", "interpreted", "transcribed", "entered",
        "acquired", "discussed", "spoke", "called", "informed", "notified", "seen", "per", "attn", "cc", "by",
    ])
    .signs(Signs::CAPITAL.and(Signs::SMALL))
    .when(is_nobodys_product),
    pattern(
        "act-name-capitals",
        PhiLabel::Name,
        0.85,
        r"(?i)\b(?:tech(?:nologist)?|operator|signed|read by|performed by|reviewed by|ordered by|referred by|ref by|ref|scanned by|oper|name|patient|pt|by)\s*[:=]\s*(?P<v>[A-Z][A-Z'’-]{1,}(?:[\s,]+[A-Z][A-Z'’.-]*){0,2})",
    )
    .words(&["tech", "oper", "signed", "ref", "name", "patient", "pt", "by"]),
    pattern(
        "companion-name",
        PhiLabel::Name,
        0.85,
        r"\b(?P<v>[A-Z][a-z'’-]+[\w'’-]*(?:\s+[A-Z]\.)?\s+[A-Z][a-z'’-]+[\w'’-]*)\s+(?i:present|at (?:the )?bedside|in attendance|accompan\w+|attend\w+|interpret\w+|consented|states|reports|requests|notified|informed|called|agrees)\b|\b(?i:accompanied by|escorted by|brought by|lives with|cared for by)\s+(?P<w>[A-Z][a-z'’-]+[\w'’-]*(?:\s+[A-Z][\w'’.-]*){0,2})",
    )
    .words(&[
        "present", "bedside", "attend", "accompan", "interpret", "consented", "states", "reports", "requests",
        "notified", "informed", "called", "agrees", "escorted", "brought by", "lives with", "cared for",
    ])
    .signs(Signs::CAPITAL.and(Signs::SMALL))
    .when(is_nobodys_product),
    pattern(
        "initials",
        PhiLabel::Name,
        0.8,
        r"(?i)\b(?:tech(?:nologist)?|operator|oper|initials|scanned by|performed by|by)\s*[:=]\s*(?P<v>[A-Z]{2,3})\b",
    )
    .words(&["tech", "oper", "initials", "by"]),
];

/// Whether what follows a word such as `by` is not the maker of a device: `pacemaker by Boston Scientific`.
fn is_nobodys_product(candidate: &Candidate<'_>) -> bool {
    const MAKERS: [&str; 40] = [
        "abbott",
        "agfa",
        "barco",
        "baxter",
        "biotronik",
        "boston scientific",
        "bracco",
        "canon",
        "carestream",
        "cook medical",
        "depuy",
        "edwards lifesciences",
        "elekta",
        "esaote",
        "fujifilm",
        "ge healthcare",
        "general electric",
        "guerbet",
        "hitachi",
        "hologic",
        "johnson & johnson",
        "johnson and johnson",
        "konica minolta",
        "lantheus",
        "medtronic",
        "mindray",
        "olympus",
        "philips",
        "samsung",
        "shimadzu",
        "siemens",
        "smith & nephew",
        "smith and nephew",
        "sonosite",
        "st jude medical",
        "st. jude medical",
        "stryker",
        "toshiba",
        "varian",
        "zimmer biomet",
    ];
    // The pattern may end before an ampersand.
    let rest = candidate.text[candidate.start..].to_lowercase();
    !MAKERS.iter().any(|maker| {
        rest.strip_prefix(maker).is_some_and(|after| !after.starts_with(|sign: char| sign.is_alphanumeric()))
    })
}
