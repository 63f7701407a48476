//! Tier 2: rules over numbers that have a form of their own, and mostly a check digit.

use super::rules;

rules! {
    /// Individual taxpayer identification number
    ///
    /// Nine digits from 900 on in threes, with a group that the tax office gives.
    ///
    /// Why: it stands in for a social security number.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: 912-78-1234.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G); Internal Revenue Service, Form W-7
    "itin",
    /// French social security number
    ///
    /// Thirteen digits and a key of two that fits modulo 97.
    ///
    /// Why: it belongs to one person, and tells sex, month and place of birth.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: 2 55 08 14 168 025 38.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G); INSEE
    "nir",
    /// Spanish identity number
    ///
    /// Eight digits, or X, Y or Z and seven, and a letter that fits modulo 23.
    ///
    /// Why: it belongs to one person.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: 12345678Z.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G); Ministerio del Interior
    "dni",
    /// Italian tax code
    ///
    /// Sixteen letters and digits, the last of which fits.
    ///
    /// Why: it is made of name, day and place of birth.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: RSSMRA85T10A562S.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G); D.M. 23 December 1976
    "codice-fiscale",
    /// Swedish personal number
    ///
    /// A date of birth, a sign and four digits, the last of which fits the Luhn check.
    ///
    /// Why: it belongs to one person and tells the birthday.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: 811218-9876.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G); Skatteverket SKV 704
    "personnummer",
    /// Finnish personal identity code
    ///
    /// A date of birth, the sign of the century, three digits and a sign that fits modulo 31.
    ///
    /// Why: it belongs to one person and tells the birthday.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: 131052-308T.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G); Digi- ja väestötietovirasto
    "henkilotunnus",
    /// Brazilian taxpayer number
    ///
    /// Eleven digits with points and a hyphen, the last two of which fit modulo 11.
    ///
    /// Why: it belongs to one person.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: 111.444.777-35.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G); Receita Federal
    "cpf",
    /// Canadian or Australian number in threes
    ///
    /// Nine digits in threes that fit the check of the social insurance number (Luhn) or of the tax file number
    /// (modulo 11).
    ///
    /// Why: either belongs to one person.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: 046 454 286.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G); Employment and Social Development Canada; Australian Taxation Office
    "sin",
    /// Indian or Japanese number in fours
    ///
    /// Twelve digits in fours that fit the check of the Aadhaar number (Verhoeff) or of the individual number
    /// (modulo 11).
    ///
    /// Why: either belongs to one person.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: 4991 1866 5246.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G); UIDAI; Japanese Ministry of Internal Affairs
    "aadhaar",
    /// Chinese or Korean resident number
    ///
    /// Eighteen signs with a date of birth and a check sign that fits, or six digits of a date of birth, a hyphen
    /// and seven digits.
    ///
    /// Why: either belongs to one person and tells the birthday.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: 11010519491231002X.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G); GB 11643-1999
    "resident-id",
    /// Swiss social insurance number
    ///
    /// Thirteen digits from 756 on, the last of which fits.
    ///
    /// Why: it belongs to one person.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: 756.9217.0769.85.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G); Zentrale Ausgleichsstelle
    "ahv",
    /// Belgian national number
    ///
    /// Eleven digits in the usual groups, the last two of which fit modulo 97.
    ///
    /// Why: it belongs to one person and tells the birthday.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: 85.07.30-033.28.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G); Rijksregister
    "rijksregister",
    /// Czech or Slovak birth number
    ///
    /// Six digits, a slash and four, together a multiple of 11.
    ///
    /// Why: it belongs to one person and tells the birthday.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: 736028/5163.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G); zákon 133/2000 Sb.
    "rodne-cislo",
    /// British NHS number
    ///
    /// Ten digits in three, three and four, the last of which fits modulo 11.
    ///
    /// Why: it belongs to one patient for life.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (I) health plan numbers
    ///
    /// Example: 943 476 5919.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(I); NHS Data Dictionary
    "nhs-number",
    /// Australian Medicare number
    ///
    /// Ten digits in four, five and one, the ninth of which fits.
    ///
    /// Why: it belongs to one family, and with the last digit to one person.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (I) health plan numbers
    ///
    /// Example: 2123 45670 1.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(I); Services Australia
    "medicare-au",
    /// Medicare beneficiary identifier
    ///
    /// Eleven letters and digits, each of the kind that its place prescribes.
    ///
    /// Why: it belongs to one person.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (I) health plan numbers
    ///
    /// Example: 1EG4-TE5-MK72.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(I); Centers for Medicare and Medicaid Services
    "mbi",
    /// German health insurance number
    ///
    /// A letter and nine digits, the last of which fits.
    ///
    /// Why: it belongs to one person for life.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (I) health plan numbers
    ///
    /// Example: A123456780.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(I); § 290 SGB V
    "kvnr",
    /// Bank account number
    ///
    /// An international account number whose check fits modulo 97.
    ///
    /// Why: an account belongs to one person or site.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (J) account numbers
    ///
    /// Example: DE89 3704 0044 0532 0130 00.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(J); ISO 13616
    "iban",
    /// Payment card number
    ///
    /// Thirteen to nineteen digits that fit the Luhn check.
    ///
    /// Why: a card belongs to one person.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (J) account numbers
    ///
    /// Example: 4111 1111 1111 1111.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(J); ISO/IEC 7812-1
    "card",
    /// Number of a health care provider
    ///
    /// Ten digits from 1 or 2 on that fit the Luhn check with the prefix 80840.
    ///
    /// Why: it names a physician or a site in a public register, and so places the patient.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (K) certificate and license numbers
    ///
    /// Example: 1234567893.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(K); 45 CFR 162.406
    "npi",
    /// Registration for controlled substances
    ///
    /// Two letters and seven digits, the last of which fits.
    ///
    /// Why: it names a physician, and so places the patient.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (K) certificate and license numbers
    ///
    /// Example: AB1234563.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(K); 21 CFR 1301
    "dea",
    /// Vehicle identification number
    ///
    /// Seventeen letters and digits, the ninth of which fits.
    ///
    /// Why: a vehicle leads to its keeper.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (L) vehicle identifiers
    ///
    /// Example: 1M8GDM9AXKP042788.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(L); 49 CFR 565.15; ISO 3779
    "vin",
    /// Unique device identifier
    ///
    /// A GS1 element string from item 01 on, or the form of the HIBCC.
    ///
    /// Why: lot and serial number in it name one device and its bearer.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (M) device identifiers and serials
    ///
    /// Example: (01)00844588003288(21)10987654d321.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(M); 21 CFR 830; GS1 General Specifications
    "udi",
}
