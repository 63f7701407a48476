//! Numbers that states and insurers give to people.

use super::check_digits::*;
use super::context::is_no_measurement;
use super::engine::{Candidate, Recognizer, Signs, after_word, pattern};
use efface_schema::PhiLabel;

/// Words before a number that a state gave.
const NATIONAL_WORDS: &[&str] = &[
    "ssn",
    "ss#",
    "ssn ending",
    "social security",
    "soc sec",
    "sin",
    "social insurance",
    "itin",
    "taxpayer id",
    "nir",
    "sécurité sociale",
    "securite sociale",
    "sécu",
    "insee",
    "steuer-id",
    "steuerid",
    "steueridentifikationsnummer",
    "steuerliche identifikationsnummer",
    "idnr",
    "dni",
    "nie",
    "nif",
    "documento",
    "codice fiscale",
    "bsn",
    "burgerservicenummer",
    "sofinummer",
    "personnummer",
    "pnr",
    "född",
    "henkilötunnus",
    "hetu",
    "fødselsnummer",
    "fodselsnummer",
    "cpr",
    "cpr-nr",
    "cpr-nummer",
    "cpf",
    "tfn",
    "tax file",
    "aadhaar",
    "aadhar",
    "uid card",
    "pesel",
    "rodné číslo",
    "rodne cislo",
    "снилс",
    "инн",
    "amka",
    "αμκα",
    "kimlik",
    "tckn",
    "ahv",
    "avs",
    "ahv-nr",
    "sozialversicherungsnummer",
    "svnr",
    "rvnr",
    "rijksregisternummer",
    "numéro national",
    "my number",
    "national id",
    "identity card",
    "personal id",
    "身份证",
    "身份证号码",
    "주민등록번호",
    "マイナンバー",
    "個人番号",
];
/// Chunks of letters and digits, joined as such numbers are.
const NATIONAL_VALUE: &str = r"(?:[A-Z]{0,4}\d[0-9A-Z]*|[*x]{2,})(?:[./*x-]{1,3}(?:[0-9*x][0-9A-Z*x]*|[A-Z]\b)|\x20(?:\d{2,6}\b|[A-Z]\x20\d{3}\b))*";

const PLAN_WORDS: &[&str] = &[
    "health plan",
    "plan",
    "member",
    "policy",
    "insurance",
    "insurer",
    "subscriber",
    "beneficiary",
    "medicare",
    "medicaid",
    "mbi",
    "nhs",
    "chi",
    "ohip",
    "health card",
    "hpid",
    "group",
    "versichertennummer",
    "versicherten",
    "krankenversicherung",
    "kvnr",
    "mutuelle",
    "tessera sanitaria",
    "cartão sus",
    "cns",
    "eligibility",
    "保険証",
    "医保",
    "건강보험",
];
const PLAN_VALUE: &str = r"[A-Z]{0,6}[-/.]?\d[0-9A-Z/.-]*(?:\x20\d{2,5}\b|\x20\d\b)*[0-9A-Z]|[A-Z][A-Z0-9]*-[A-Z0-9-]*\d[0-9A-Z-]*|\d(?:\x20\d{2,5}\b)+";

pub(super) const RECOGNIZERS: &[Recognizer] = &[
    pattern("ssn", PhiLabel::Ssn, 0.97, r"\b\d{3}-\d{2}-\d{4}\b")
        .digits(9)
        .signs(Signs::HYPHEN)
        .when(|candidate| ssn(candidate.value())),
    pattern("itin", PhiLabel::Ssn, 0.97, r"\b9\d{2}[- ]\d{2}[- ]\d{4}\b").digits(9).when(|candidate| itin(candidate.value())),
    after_word("ssn-keyword", PhiLabel::Ssn, 0.97, NATIONAL_WORDS, NATIONAL_VALUE)
        .digits(4)
        .when(|candidate| is_no_measurement(candidate) && n_digits(candidate) >= 4)
        .checked(any_national),
    pattern("ssn-keyword", PhiLabel::Ssn, 0.97, r"(?i)\bPAN\b[\s:#.=-]{1,4}(?P<v>[A-Z]{5}\d{4}[A-Z])\b").words(&["pan"]),
    pattern("nir", PhiLabel::Ssn, 0.97, r"\b[1-478] ?\d{2} ?\d{2} ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3} ?\d{2}\b")
        .digits(14)
        .when(|candidate| nir(candidate.value())),
    pattern("dni", PhiLabel::Ssn, 0.95, r"\b(?:[XYZ][ -]?\d{7}|\d{8})[ -]?[A-HJ-NP-TV-Z]\b")
        .digits(7)
        .signs(Signs::CAPITAL)
        .when(|candidate| dni(candidate.value())),
    pattern(
        "codice-fiscale",
        PhiLabel::Ssn,
        0.99,
        r"(?i)\b[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]\b",
    )
    .digits(7)
    .when(|candidate| codice_fiscale(candidate.value())),
    pattern("personnummer", PhiLabel::Ssn, 0.95, r"\b(?:19|20)?\d{6}[-+]\d{4}\b")
        .digits(10)
        .when(|candidate| personnummer(candidate.value())),
    pattern("henkilotunnus", PhiLabel::Ssn, 0.97, r"\b\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]\b")
        .digits(9)
        .when(|candidate| henkilotunnus(candidate.value())),
    pattern("cpf", PhiLabel::Ssn, 0.97, r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b").digits(11).signs(Signs::POINT).when(|candidate| cpf(candidate.value())),
    pattern("sin", PhiLabel::Ssn, 0.96, r"\b\d{3}[ -]\d{3}[ -]\d{3}\b")
        .digits(9)
        .when(|candidate| sin(candidate.value()) || tfn(candidate.value())),
    pattern("aadhaar", PhiLabel::Ssn, 0.9, r"\b\d{4}[ -]\d{4}[ -]\d{4}\b")
        .digits(12)
        .when(|candidate| aadhaar(candidate.value()) || my_number(candidate.value())),
    pattern("resident-id", PhiLabel::Ssn, 0.97, r"(?:^|[^\d])(?P<v>\d{17}[\dXx])(?:[^\d]|$)")
        .digits(17)
        .when(|candidate| resident_id_cn(candidate.value())),
    pattern("resident-id", PhiLabel::Ssn, 0.95, r"(?:^|[^\d])(?P<v>\d{6}-[1-8]\d{6})(?:[^\d]|$)")
        .digits(13)
        .signs(Signs::HYPHEN)
        .when(|candidate| resident_id_kr(candidate.value())),
    pattern("ahv", PhiLabel::Ssn, 0.97, r"\b756\.?\d{4}\.?\d{4}\.?\d{2}\b").digits(13).when(|candidate| ahv(candidate.value())),
    pattern("rijksregister", PhiLabel::Ssn, 0.97, r"\b\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}\b")
        .digits(11)
        .signs(Signs::POINT)
        .when(|candidate| rijksregister(candidate.value())),
    pattern("rodne-cislo", PhiLabel::Ssn, 0.9, r"\b\d{6}/\d{4}\b").digits(10).signs(Signs::SLASH).when(|candidate| rodne_cislo(candidate.value())),
    pattern("nhs-number", PhiLabel::HealthPlanId, 0.96, r"\b\d{3} \d{3} \d{4}\b").digits(10).signs(Signs::BLANK).when(|candidate| nhs(candidate.value())),
    pattern("medicare-au", PhiLabel::HealthPlanId, 0.9, r"\b[2-6]\d{3} \d{5} \d\b")
        .digits(10)
        .signs(Signs::BLANK)
        .when(|candidate| medicare_au(candidate.value())),
    pattern(
        "mbi",
        PhiLabel::HealthPlanId,
        0.95,
        r"\b[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}\b",
    )
    .digits(5)
    .signs(Signs::CAPITAL),
    pattern("kvnr", PhiLabel::HealthPlanId, 0.9, r"\b[A-Z]\d{9}\b").digits(9).signs(Signs::CAPITAL).when(|candidate| kvnr(candidate.value())),
    after_word("plan-keyword", PhiLabel::HealthPlanId, 0.9, PLAN_WORDS, PLAN_VALUE)
        .digits(1)
        .when(|candidate| is_no_measurement(candidate) && candidate.value().len() > 1)
        .checked(any_plan),
];

fn n_digits(candidate: &Candidate<'_>) -> usize {
    candidate.value().chars().filter(char::is_ascii_digit).count()
}

/// Whether a number fits one of the checks of the numbers behind the words above.
fn any_national(value: &str) -> bool {
    [
        ssn,
        itin,
        nir,
        steuer_id,
        dni,
        codice_fiscale,
        bsn,
        personnummer,
        henkilotunnus,
        fodselsnummer,
        cpf,
        sin,
        tfn,
        aadhaar,
        resident_id_cn,
        resident_id_kr,
        my_number,
        pesel,
        rodne_cislo,
        rijksregister,
        kimlik,
        ahv,
    ]
    .into_iter()
    .any(|check: fn(&str) -> bool| check(value))
}

fn any_plan(value: &str) -> bool {
    nhs(value) || medicare_au(value) || kvnr(value)
}
