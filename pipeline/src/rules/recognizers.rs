//! Tier 2: rules over forms that identify whoever the patient is.

use super::rules;

rules! {
    /// A date in text
    ///
    /// A date finer than a year in any of ten families of forms. Where the policy keeps dates it is shifted in its
    /// own form, else it is taken out; an impossible date is always taken out.
    ///
    /// Example: "21-Mar-2014".
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "date",
    /// E-mail address
    ///
    /// Example: jane.doe@mail.example.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "email",
    /// Web address
    ///
    /// An address with a scheme or www.
    ///
    /// Example: https://host.example/a.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "url",
    /// Domain name
    ///
    /// A name that ends in a common top-level domain.
    ///
    /// Example: host.example.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "domain",
    /// IP address
    ///
    /// Four numbers up to 255 parted by dots; private networks count.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "ip",
    /// IPv6 address
    ///
    /// Groups of hexadecimal digits parted by colons.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "ip6",
    /// Hardware address
    ///
    /// Six pairs of hexadecimal digits; it identifies a device.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "mac",
    /// Social security number
    ///
    /// The form 123-45-6789.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "ssn",
    /// Number after a social security keyword
    ///
    /// Whole or masked: only what is there is marked.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "ssn-keyword",
    /// Fax number
    ///
    /// A number after the word fax.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "fax",
    /// Telephone number
    ///
    /// Three groups of digits, country code and extension included.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "phone",
    /// Number after a telephone keyword
    ///
    /// Phone, cell, pager, callback, extension.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "phone-keyword",
    /// Local telephone number
    ///
    /// The form 555-1234.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "phone-local",
    /// UID in text
    ///
    /// Six and more numbers parted by dots.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "uid",
    /// UUID in text
    ///
    /// Eight, four, four, four and twelve hexadecimal digits.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "uuid",
    /// Street address
    ///
    /// A house number, a name and a kind of street, with town, state and ZIP code where they follow.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "address",
    /// Town with ZIP code
    ///
    /// A ZIP code after a state, or after the word ZIP.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "postcode",
    /// Care site, university
    ///
    /// Capitalized words before hospital, clinic, medical center and the like; it places the patient.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "organization",
    /// Company name
    ///
    /// Capitalized words before LLC, Inc, Ltd, GmbH, Group and the like; an employer falls under the rule.
    ///
    /// Example: Wyman and Boyer Group.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "company",
    /// Employer or school
    ///
    /// What follows such a word; the rule covers employers.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "employer",
    /// Name in DICOM's form
    ///
    /// Parts glued by carets.
    ///
    /// Example: DOE^JANE.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "person-name-value",
    /// Name after a title
    ///
    /// Example: Dr. Iyer; the title stays.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "title-name",
    /// Name before a degree
    ///
    /// Example: Anna Kovacs, MD; the degree stays.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "degree-name",
    /// Name after a word of kinship
    ///
    /// Example: wife Anna Kovacs.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "kin-name",
    /// Name after an act
    ///
    /// Example: scanned by Anna Kovacs.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "act-name",
    /// Capitals after an act and a colon
    ///
    /// Example: OPERATOR: KOVACS.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "act-name-capitals",
    /// Name of who was there
    ///
    /// Two capitalized words before present, at bedside, consented and the like, or after accompanied by.
    ///
    /// Example: Anna Kovacs present.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "companion-name",
    /// License plate
    ///
    /// What follows the word plate, in one or two parts.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "plate",
    /// Name that begins with a given name
    ///
    /// A given name of the 1990 US Census in sentence case, with the capitalized words behind it; not before a noun
    /// that makes it an eponym (Baker cyst), and names that are English words only before another capitalized word.
    ///
    /// Example: Diana Kovacs drove the patient in.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "given-name",
    /// Initials after an act and a colon
    ///
    /// Example: tech: AK.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "initials",
    /// Number after a medical-record keyword
    ///
    /// The value holds a digit.
    ///
    /// Example: MRN 0012345.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "mrn-keyword",
    /// Number after a health-plan keyword
    ///
    /// Example: member id W12345678.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "plan-keyword",
    /// Number after an account keyword
    ///
    /// Example: acct# A-99812.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "account-keyword",
    /// Number after a licence keyword
    ///
    /// Example: NPI 1234567893.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "license-keyword",
    /// Number after a vehicle keyword
    ///
    /// Example: plate 8KLM332.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "vehicle-keyword",
    /// Number after a device keyword
    ///
    /// Example: serial 88-1234.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "device-keyword",
    /// Number after a biometric keyword
    ///
    /// Example: fingerprint FP-20931.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "biometric-keyword",
    /// Number after another keyword
    ///
    /// Accession, order, case, user and the like.
    ///
    /// Source: Efface; 45 CFR 164.514(b)(2)(i)
    "other-keyword",
    /// Long number without a keyword
    ///
    /// Six digits and more that are no decimal fraction: in free text such a number is an identifier until somebody
    /// shows otherwise.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "bare-number",
    /// Letters with a long number
    ///
    /// One to five letters and five digits and more.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "bare-code",
}
