//! Mail, web and network addresses, telephone and fax numbers.

use super::context::{is_measured, is_version};
use super::engine::{Candidate, Recognizer, Signs, after_word, pattern};
use efface_schema::PhiLabel;
use std::net::Ipv6Addr;

const PHONE_WORDS: &[&str] = &[
    "tel",
    "telephone",
    "phone",
    "ph",
    "cell",
    "mobile",
    "pager",
    "beeper",
    "callback",
    "call",
    "ext",
    "extension",
    "landline",
    "hotline",
    "contact",
    "whatsapp",
    "telefon",
    "telefonnummer",
    "telefonnr",
    "rufnummer",
    "rückruf",
    "rückruf unter",
    "handy",
    "durchwahl",
    "mobil",
    "mobilnummer",
    "téléphone",
    "tél",
    "portable",
    "appeler le",
    "teléfono",
    "tlf",
    "móvil",
    "movil",
    "celular",
    "cellulare",
    "telefono",
    "telefone",
    "telemóvel",
    "telefoon",
    "telefoonnummer",
    "mobiel",
    "puhelin",
    "puh",
    "komórka",
    "тел",
    "телефон",
    "τηλ",
    "τηλέφωνο",
    "電話",
    "電話番号",
    "电话",
    "手机",
    "전화",
    "핸드폰",
    "연락처",
];
const FAX_WORDS: &[&str] = &[
    "fax",
    "fax to",
    "fax report to",
    "faxed to",
    "telefax",
    "facsimile",
    "télécopie",
    "telecopie",
    "faksi",
    "факс",
    "φαξ",
    "ファックス",
    "传真",
    "팩스",
];
const TELEPHONE_VALUE: &str = r"\+?[\d(][\d ().x/-]{2,20}\d";

pub(super) const RECOGNIZERS: &[Recognizer] = &[
    pattern("email", PhiLabel::Email, 0.99, r"[\w.%+'’-]+@[\w-]+(?:\.[\w-]+)+").signs(Signs::AT),
    pattern(
        "email",
        PhiLabel::Email,
        0.95,
        r"(?i)\b[a-z0-9._%+-]+\s?(?:\(at\)|\[at\])\s?[a-z0-9-]+(?:(?:\.|\s?\(dot\)\s?|\s?\[dot\]\s?|\sdot\s)[a-z0-9-]+)+|\b[a-z0-9._%+-]+\sat\s[a-z0-9-]+(?:\sdot\s[a-z0-9-]+)+",
    )
    .words(&["(at)", "[at]", " dot "]),
    pattern("url", PhiLabel::Url, 0.98, r#"(?i)\b(?:https?://|s?ftp://|dicom://|www\.)[^\s<>"']*[^\s<>"'.,;:)\]]"#)
        .words(&["://", "www."]),
    pattern(
        "domain",
        PhiLabel::Url,
        0.9,
        r"(?i)\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|edu|gov|info|health|example|invalid|test)\b(?:/[^\s]*)?",
    )
    .words(&[".com", ".org", ".net", ".edu", ".gov", ".info", ".health", ".example", ".invalid", ".test"]),
    pattern(
        "domain",
        PhiLabel::Url,
        0.85,
        r"(?i)\b[a-z][a-z0-9-]+(?:\.[a-z0-9-]+)+\.(?:de|fr|uk|ch|at|nl|se|dk|fi|pl|cz|pt|br|jp|cn|kr|ca|au|eu|io|us|es|it|no|be)\b(?:/[^\s]*)?",
    )
    .signs(Signs::POINT)
    .words(&[
        ".de", ".fr", ".uk", ".ch", ".at", ".nl", ".se", ".dk", ".fi", ".pl", ".cz", ".pt", ".br", ".jp", ".cn", ".kr",
        ".ca", ".au", ".eu", ".io", ".us", ".es", ".it", ".no", ".be",
    ]),
    pattern("handle", PhiLabel::Url, 0.85, r"(?:^|[^\w@.])(?P<v>@[A-Za-z_][A-Za-z_.]*\d+\w*)").signs(Signs::AT).digits(1),
    pattern(
        "handle",
        PhiLabel::Url,
        0.85,
        r"(?i)\b(?:twitter|instagram|insta|tiktok|snapchat|facebook|linkedin|telegram)\b[\s:/=-]{1,3}(?P<v>@?[\w.]*[\w@]{3,})",
    )
    .words(&["twitter", "insta", "tiktok", "snapchat", "facebook", "linkedin", "telegram"])
    .when(|candidate| candidate.value().contains(['@', '_', '.']) || candidate.value().contains(char::is_numeric)),
    pattern(
        "ip",
        PhiLabel::Ip,
        0.9,
        r"\b(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\b(?::\d{2,5}\b)?",
    )
    .signs(Signs::POINT)
    .digits(4)
    .when(|candidate| !is_version(candidate) && !continues_with_a_number(candidate)),
    pattern("ip6", PhiLabel::Ip, 0.9, r"(?:^|[^\w:.])(?P<v>[0-9A-Fa-f:]*:[0-9A-Fa-f]*:[0-9A-Fa-f:]*(?:\d+(?:\.\d+){3})?)")
        .signs(Signs::COLON)
        .when(is_ip6),
    pattern(
        "mac",
        PhiLabel::DeviceId,
        0.95,
        r"(?i)(?:^|[^0-9a-z:])(?P<v>(?:[0-9a-f]{2}:){5}[0-9a-f]{2})\b|\b(?:[0-9a-f]{2}-){5}[0-9a-f]{2}\b|\b[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}\b",
    )
    .when(|candidate| candidate.value().contains([':', '-']) || candidate.value().contains(char::is_alphabetic)),
    after_word("fax", PhiLabel::Fax, 0.97, FAX_WORDS, TELEPHONE_VALUE).digits(4),
    pattern(
        "phone",
        PhiLabel::Phone,
        0.95,
        r"(?:\+\d{1,3}[\s.-]?)?(?:\(\d{2,5}\)[\s.-]?|\b\d{1,5}[\s./-])(?:\d{2,5}[\s./-]){0,3}\d{2,6}(?:-\d{2,6})?(?:\s*(?:x|ext\.?)\s*\d{1,5})?\b",
    )
    .digits(7)
    .when(is_phone)
    .yields_to_dates(),
    pattern("phone", PhiLabel::Phone, 0.95, r"(?:^|[^\d])(?P<v>\+[1-9]\d{0,2}[\s.()/-]{0,2}\d(?:[\s.()/-]{0,2}\d){6,12}(?:\s*(?:x|ext\.?)\s*\d{1,5})?)\b")
        .digits(8)
        .signs(Signs::PLUS),
    after_word("phone-keyword", PhiLabel::Phone, 0.95, PHONE_WORDS, TELEPHONE_VALUE)
        .digits(3)
        .when(|candidate| !is_measured(candidate)),
    pattern("phone-local", PhiLabel::Phone, 0.8, r"(?:^|[^\d.,-])(?P<v>[2-9]\d{2}-\d{4})\b")
        .digits(7)
        .signs(Signs::HYPHEN)
        .when(|candidate| !is_measured(candidate)),
];

/// Whether a version or an identifier goes on behind numbers with dots.
fn continues_with_a_number(candidate: &Candidate<'_>) -> bool {
    let after = candidate.text[candidate.end..].strip_prefix('.');
    let before = candidate.text[..candidate.start].strip_suffix('.');
    after.is_some_and(|rest| rest.starts_with(|sign: char| sign.is_ascii_digit()))
        || before.is_some_and(|rest| rest.ends_with(|sign: char| sign.is_ascii_digit()))
}

/// RFC 4291 section 2.2, by the standard library's reader; a time of day is no address.
fn is_ip6(candidate: &Candidate<'_>) -> bool {
    let value = candidate.value();
    value.bytes().any(|byte| byte.is_ascii_hexdigit()) && value.parse::<Ipv6Addr>().is_ok()
}

/// Whether groups of digits are grouped as telephone numbers are: with a country code, with a trunk zero, or as the
/// North American plan has it.
fn is_phone(candidate: &Candidate<'_>) -> bool {
    let value = candidate.value();
    let main = value.split(['x', 'e']).next().unwrap_or(value).trim_end();
    let groups: Vec<&str> = main.split(|sign: char| !sign.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let widths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let n_digits: usize = widths.iter().sum();
    if !(7..=15).contains(&n_digits) || is_measured(candidate) {
        return false;
    }
    let first = groups.first().copied().unwrap_or_default();
    // Area codes and exchanges begin with two or more (North American Numbering Plan).
    let north_american = |groups: &[&str]| {
        matches!(groups, [area, exchange, line] if area.len() == 3 && exchange.len() == 3 && line.len() == 4
            && (!main.contains(' ') || !area.starts_with(['0', '1'])))
    };
    let punctuated = main.contains(['-', '.', '(', '+']);
    main.starts_with('+')
        || (main.starts_with('(') && n_digits >= 8)
        || north_american(&groups)
        || (first == "1" && north_american(&groups[1..]))
        || (first.starts_with('0')
            && !first.starts_with("000")
            && (9..=12).contains(&n_digits)
            && groups.len() >= 2
            && !main.contains('.') | (widths[1..].iter().all(|width| *width == 2)))
        || (punctuated
            && widths.len() == 3
            && matches!(widths[..], [2..=5, 3 | 4, 3..=6])
            && !main.contains(' ')
            && n_digits >= 9)
}
