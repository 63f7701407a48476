//! Accounts, licences, vehicles, devices and other numbers: by check digit, or by the word before them.

use super::check_digits::{card, dea, gtin, iban, imei, npi, vin};
use super::context::{is_coded, is_measured, is_no_measurement};
use super::engine::{Candidate, Recognizer, Signs, after_word, pattern};
use efface_schema::PhiLabel;

/// Holds a digit; a plain word after the keyword is no number.
const NUMBER: &str = r"[A-Z]{0,6}[-/.]?\d[0-9A-Z_/.-]*[0-9A-Z]|[A-Z][A-Z0-9]*-[A-Z0-9-]*\d[0-9A-Z-]*";

const MRN_WORDS: &[&str] = &[
    "mrn",
    "medical record",
    "med rec",
    "chart",
    "hospital",
    "patient id",
    "pat id",
    "pid",
    "pt id",
    "unit",
    "urn",
    "ur",
    "patientennummer",
    "patienten-id",
    "pat.-nr",
    "pat-nr",
    "patnr",
    "fallnummer",
    "aufnahmenummer",
    "dossier",
    "numéro de dossier",
    "ipp",
    "nip",
    "nhc",
    "historia clínica",
    "historia clinica",
    "expediente",
    "cartella",
    "cartella clinica",
    "prontuário",
    "prontuario",
    "patiëntnummer",
    "patientnummer",
    "journalnummer",
    "journal",
    "potilasnumero",
    "numer pacjenta",
    "病历号",
    "病歴番号",
    "患者id",
    "患者番号",
    "住院号",
    "門診号",
    "등록번호",
    "환자번호",
    "병록번호",
];
const ACCOUNT_WORDS: &[&str] = &[
    "account",
    "acct",
    "guarantor",
    "billing",
    "bill",
    "claim",
    "invoice",
    "card",
    "har",
    "fin",
    "visit",
    "routing",
    "konto",
    "kontonummer",
    "rechnung",
    "rechnungsnummer",
    "rechnungsnr",
    "compte",
    "numéro de compte",
    "facture",
    "cuenta",
    "factura",
    "conto",
    "fattura",
    "conta",
    "fatura",
    "rekening",
    "rekeningnummer",
    "factuur",
    "visa",
    "mastercard",
    "amex",
    "口座番号",
    "账号",
    "계좌번호",
];
const LICENSE_WORDS: &[&str] = &[
    "license",
    "licence",
    "lic",
    "npi",
    "dea",
    "bar",
    "registry",
    "certificate",
    "cert",
    "drivers license",
    "driver's license",
    "driver license",
    "drivers licence",
    "driver's licence",
    "dl",
    "gmc",
    "lanr",
    "bsnr",
    "rpps",
    "adeli",
    "approbation",
    "führerschein",
    "fuehrerschein",
    "personalausweis",
    "ausweis",
    "permis",
    "permiso",
    "carnet",
    "patente",
    "rijbewijs",
    "crm",
    "medical board",
    "upin",
];
const VEHICLE_WORDS: &[&str] =
    &["plate", "vin", "vehicle", "tail", "placard", "tag", "reg", "chassis", "fahrgestellnummer", "fin-nr"];
const DEVICE_WORDS: &[&str] = &[
    "serial",
    "ser",
    "s/n",
    "sn",
    "implant",
    "device",
    "detector",
    "scanner",
    "pacemaker",
    "lot",
    "udi",
    "gtin",
    "imei",
    "seriennummer",
    "seriennr",
    "geräte-nr",
    "gerätenummer",
    "numéro de série",
    "número de serie",
    "numero di serie",
    "serienummer",
    "序列号",
    "製造番号",
    "シリアル番号",
    "시리얼번호",
];
const BIOMETRIC_WORDS: &[&str] = &[
    "biometric",
    "biometric template",
    "fingerprint",
    "finger",
    "iris",
    "retina",
    "palm",
    "voice",
    "voice print",
    "voiceprint",
    "face",
    "gait",
    "template",
    "bio",
    "dna",
    "faceprint",
    "fingerabdruck",
    "empreinte",
    "huella",
];
const OTHER_WORDS: &[&str] = &[
    "accession",
    "acc",
    "order",
    "study",
    "exam",
    "case",
    "ticket",
    "tracking",
    "parcel",
    "shipment",
    "consignment",
    "subject",
    "specimen",
    "pathology",
    "path",
    "req",
    "request",
    "encounter",
    "episode",
    "ref",
    "passport",
    "id",
    "host",
    "station",
    "user",
    "username",
    "login",
    "ae title",
    "aet",
    "auftragsnummer",
    "auftrag",
    "untersuchungsnummer",
    "reisepass",
    "passeport",
    "pasaporte",
    "reisepassnummer",
    "protokollnummer",
    "demande",
    "examen",
    "token",
    "護照",
    "护照",
    "パスポート",
    "여권",
];
/// What a plate is on: behind these, a number has letters in it.
const CAR_WORDS: &[&str] = &[
    "car",
    "truck",
    "lorry",
    "van",
    "motorcycle",
    "motorbike",
    "voiture",
    "wagen",
    "coche",
    "macchina",
    "carro",
    "bil",
];
const PLATE_WORDS: &[&str] = &[
    "plate",
    "license plate",
    "licence plate",
    "kennzeichen",
    "nummernschild",
    "plaque",
    "immatriculation",
    "matrícula",
    "matricula",
    "targa",
    "placa",
    "kenteken",
    "nummerplate",
    "nummerskilt",
    "registration",
    "reg",
    "rekisteritunnus",
    "tablica",
    "fahrzeug",
    "pkw",
    "номер",
    "номерной знак",
    "ナンバー",
    "车牌",
    "번호판",
];

pub(super) const RECOGNIZERS: &[Recognizer] = &[
    // Glued to a word too; under 2.25 stands one number alone (PS3.5 section B.2).
    pattern("uid", PhiLabel::OtherId, 0.99, r"(?:^|[^\d.])(?P<v>[0-2](?:\.\d+){5,}|2\.25\.\d{12,39})\b")
        .digits(6)
        .signs(Signs::POINT),
    pattern("uuid", PhiLabel::OtherId, 0.99, r"(?i)\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")
        .signs(Signs::HYPHEN)
        .digits(1),
    pattern("iban", PhiLabel::Account, 0.99, r"(?i)\b[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,4})?\b")
        .digits(8)
        .when(|candidate| iban(candidate.value())),
    pattern(
        "card",
        PhiLabel::Account,
        0.95,
        r"\b[2-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,7}\b|\b3\d{3}[ -]?\d{6}[ -]?\d{5}\b",
    )
    .digits(13)
    .when(|candidate| card(candidate.value())),
    pattern("npi", PhiLabel::License, 0.9, r"(?:^|[^\d.])(?P<v>[12]\d{9})(?:[^\d]|$)")
        .digits(10)
        .when(|candidate| npi(candidate.value()))
        .yields_to_dates(),
    pattern("dea", PhiLabel::License, 0.9, r"\b[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}\b")
        .digits(7)
        .signs(Signs::CAPITAL)
        .when(|candidate| dea(candidate.value())),
    pattern("vin", PhiLabel::Vehicle, 0.97, r"(?i)\b[A-HJ-NPR-Z0-9]{17}\b").digits(4).when(|candidate| {
        vin(candidate.value()) && candidate.value().contains(|sign: char| sign.is_ascii_alphabetic())
    }),
    pattern("udi", PhiLabel::DeviceId, 0.95, r"\(01\)\d{14}(?:\(\d{2}\)[0-9A-Za-z./+-]{1,20})*")
        .digits(16)
        .signs(Signs::PARENTHESIS)
        .checked(gtin),
    pattern("udi", PhiLabel::DeviceId, 0.9, r"(?:\+[A-Z][A-Z0-9]{5,22}/\$\$?[0-9A-Z/+.-]{4,40})")
        .digits(1)
        .signs(Signs::PLUS),
    after_word(
        "plate",
        PhiLabel::Vehicle,
        0.9,
        PLATE_WORDS,
        r"[A-ZÄÖÜ0-9]{1,4}(?:[ -][A-ZÄÖÜ0-9]{1,5}){1,2}\b|[A-Z0-9]{2,8}\b",
    )
    .digits(1)
    .when(|candidate| {
        candidate.value().contains(|sign: char| sign.is_ascii_digit())
            && !is_measured(candidate)
            && plate_shaped(candidate)
    }),
    after_word(
        "plate",
        PhiLabel::Vehicle,
        0.85,
        CAR_WORDS,
        r"[A-Z]{1,3}[ -]?\d{1,4}(?:[ -]?[A-Z]{1,3})?\b|\d{1,4}[ -]?[A-Z]{2,3}(?:[ -]?\d{1,4})?\b|[A-Z]{2,3}[ -]\d{1,3}[ -][A-Z]{2}\b",
    )
    .digits(1)
    .when(|candidate| !is_measured(candidate) && plate_shaped(candidate)),
    after_word("mrn-keyword", PhiLabel::Mrn, 0.9, MRN_WORDS, NUMBER).digits(1).when(is_no_measurement),
    after_word("account-keyword", PhiLabel::Account, 0.9, ACCOUNT_WORDS, NUMBER)
        .digits(1)
        .when(is_no_measurement)
        .checked(|value| iban(value) || card(value)),
    after_word("license-keyword", PhiLabel::License, 0.9, LICENSE_WORDS, NUMBER)
        .digits(1)
        .when(is_no_measurement)
        .checked(|value| npi(value) || dea(value)),
    after_word("vehicle-keyword", PhiLabel::Vehicle, 0.9, VEHICLE_WORDS, NUMBER)
        .digits(1)
        .when(is_no_measurement)
        .checked(vin),
    after_word("device-keyword", PhiLabel::DeviceId, 0.9, DEVICE_WORDS, NUMBER)
        .digits(1)
        .when(is_no_measurement)
        .checked(|value| gtin(value) || imei(value)),
    after_word("biometric-keyword", PhiLabel::Biometric, 0.9, BIOMETRIC_WORDS, NUMBER)
        .digits(1)
        .when(is_no_measurement),
    after_word("other-keyword", PhiLabel::OtherId, 0.9, OTHER_WORDS, NUMBER).digits(1).when(is_no_measurement),
    pattern("bare-number", PhiLabel::OtherId, 0.8, r"(?:^|[^\d.,])(?P<v>\d[\d-]{4,}\d)(?:[^\d.]|\.?$|\.\D)")
        .digits(6)
        .when(|candidate| !is_coded(candidate) && !is_range(candidate.value()))
        .yields_to_dates(),
    pattern("bare-code", PhiLabel::OtherId, 0.75, r"\b(?P<v>[A-Z]{1,5}-?\d{5,}[A-Z0-9]*)\b")
        .digits(5)
        .signs(Signs::CAPITAL)
        .when(|candidate| !is_coded(candidate))
        .yields_to_dates(),
];

/// Two short numbers, the first the smaller, as in `100-500`.
fn is_range(value: &str) -> bool {
    let Some((low, high)) = value.split_once('-') else { return false };
    let number = |digits: &str| (digits.len() <= 4).then(|| digits.parse::<u16>().ok()).flatten();
    // Seven digits in three and four are a telephone number.
    matches!((number(low), number(high)), (Some(low), Some(high)) if low < high) && (low.len(), high.len()) != (3, 4)
}

/// Letters and digits in a plate's number, not a word and a count.
fn plate_shaped(candidate: &Candidate<'_>) -> bool {
    let value = candidate.value();
    let letters = value.chars().filter(|sign| sign.is_alphabetic());
    letters.clone().all(char::is_uppercase)
        && (3..=10).contains(&value.chars().filter(|sign| sign.is_alphanumeric()).count())
}
