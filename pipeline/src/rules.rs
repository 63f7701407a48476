//! The manuals of the rules whose codes stand in decisions.

/// What a rule matches, why that identifies, and what is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The code in decisions.
    pub code: &'static str,
    /// A few words.
    pub title: &'static str,
    /// What it matches, why, what is done, and an example.
    pub manual: &'static str,
    /// Where it comes from.
    pub origin: &'static str,
}

impl Rule {
    /// Finds a rule by its code.
    ///
    /// # Example
    /// ```
    /// use efface_pipeline::rules::Rule;
    /// assert_eq!(Rule::by_code("ssn").unwrap().title, "social security number");
    /// ```
    pub fn by_code(code: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.code == code)
    }
}

const fn rule(code: &'static str, title: &'static str, origin: &'static str, manual: &'static str) -> Rule {
    Rule { code, title, manual, origin }
}

const E11: &str = "PS3.15 table E.1-1";
const OWN: &str = "Efface; 45 CFR 164.514(b)(2)(i)";
const CLOSED: &str = "Efface: unknown means removed, withheld or reviewed";

/// Every rule, tier by tier.
pub const RULES: &[Rule] = &[
    rule(
        "e1.1-basic",
        "the Basic Profile's action",
        E11,
        "The attribute is in the table, and no option of the policy changes its action. Combined codes are decided by their last alternative, which is valid whatever the attribute's Type: X/Z empties, X/D and Z/D replace. Example: (0010,1040) Patient's Address is removed.",
    ),
    rule(
        "e1.1-clean",
        "cleaned by an option",
        E11,
        "An option column of the policy says C. Dates are shifted by the patient's offset, text loses its identifying parts, items of sequences are taken one by one. Example: (0008,103E) Series Description under Clean Descriptors.",
    ),
    rule(
        "e1.1-keep",
        "kept by an option",
        E11,
        "An option column of the policy says K. Text that is kept is still searched for the patient's own identities. Example: (0018,1000) Device Serial Number under Retain Device Identity.",
    ),
    rule(
        "policy-attribute",
        "named in the policy",
        "the policy's [attributes]",
        "The policy gives this attribute an action of its own, which goes before the table. Example: (0010,0020) Patient ID is replaced by a keyed identifier.",
    ),
    rule(
        "preamble",
        "preamble not empty",
        "PS3.10 section 7.1",
        "The 128 bytes before the prefix may hold anything, another file format included; they are set to zero.",
    ),
    rule(
        "misplaced-group",
        "groups 0000 and 0002 inside the data set",
        CLOSED,
        "Command and file meta elements do not belong into a data set; they are removed.",
    ),
    rule(
        "group-length",
        "group length",
        "PS3.5 section 7.2",
        "Retired elements whose values no longer hold; they are removed.",
    ),
    rule("curve", "group 50xx", E11, "Retired curves can hold traces and text; all of the group is removed."),
    rule("overlay", "group 60xx", E11, "Overlay planes can hold drawn text and comments; all of the group is removed."),
    rule(
        "signature-or-padding",
        "groups FFFA and FFFC",
        E11,
        "Signatures no longer hold and name their signers; padding can hold anything. Removed.",
    ),
    rule(
        "unknown-attribute",
        "not in the standard's dictionary",
        CLOSED,
        "An even group's attribute that the dictionary does not know cannot be judged; it is removed.",
    ),
    rule(
        "vr-mismatch",
        "value of the wrong kind",
        CLOSED,
        "The value's VR cannot be what the dictionary says, such as text where a number belongs; it is removed.",
    ),
    rule(
        "opaque-sequence",
        "a sequence that cannot be opened",
        CLOSED,
        "A sequence under VR UN hides its items from every rule; it is removed.",
    ),
    rule(
        "undecodable-text",
        "text that cannot be decoded",
        CLOSED,
        "What cannot be read cannot be cleared; it is removed.",
    ),
    rule(
        "invalid-for-vr",
        "value without its VR's form",
        CLOSED,
        "A number, time, age or UID that is none may be anything; it is removed.",
    ),
    rule(
        "oversized",
        "unlisted bulk value",
        CLOSED,
        "A value of 16 MiB and more that is not known as bulk data is not searched; it is removed.",
    ),
    rule(
        "unlisted",
        "known and not in the table",
        E11,
        "The dictionary knows the attribute and the table does not list it: it is kept, and its text is searched.",
    ),
    rule(
        "unlisted-person-name",
        "person name outside the table",
        CLOSED,
        "An attribute of VR PN that the table does not list is replaced.",
    ),
    rule(
        "unlisted-address",
        "AE title or URI outside the table",
        CLOSED,
        "Attributes of VR AE and UR name machines and places; outside the table they are removed.",
    ),
    rule(
        "unlisted-uid",
        "UID outside the table",
        "PS3.15 section E.3.9",
        "A UID that is not the standard's own is replaced by a keyed one, the same everywhere.",
    ),
    rule(
        "unlisted-date",
        "date outside the table",
        E11,
        "A date that the table does not list is shifted, or emptied where the policy keeps no dates.",
    ),
    rule(
        "private",
        "private attribute",
        E11,
        "A private attribute that is not on the safe list under its creator is removed, and with it all that it holds.",
    ),
    rule(
        "safe-private",
        "private attribute on the safe list",
        "PS3.15 table E.3.10-1; TCIA knowledge base",
        "Kept, by creator and element whatever the block. Its UIDs are mapped, its dates shifted, its text and bytes searched.",
    ),
    rule(
        "private-creator",
        "creator of an empty block",
        E11,
        "A private creator of whose block nothing stays is removed.",
    ),
    rule(
        "within-replaced-sequence",
        "text inside a replaced sequence",
        E11,
        "The table replaces the sequence; its structure stays, and its free text is replaced. Codes and their meanings stay.",
    ),
    rule(
        "age-over-89",
        "age over 89",
        "45 CFR 164.514(b)(2)(i)(C)",
        "Ages over 89 identify. An AS value becomes 090Y; in text the age is taken out. Example: \"94-year-old\".",
    ),
    rule(
        "lexicon",
        "the patient's own words",
        "Efface, tier 2",
        "A name, place, institution or other value that an explicit attribute of any of the patient's instances gives stands here too: whatever its case, accents, order and glue. It is taken out.",
    ),
    rule(
        "lexicon-inferred",
        "somebody named in another text",
        "Efface, tier 2",
        "A free text of any of the patient's instances names this person in full, and a part of that name stands here as a word of its own.",
    ),
    rule(
        "lexicon-identifier",
        "the patient's own numbers",
        "Efface, tier 2",
        "An identifier of the patient stands here too, whatever separates its parts and with or without leading zeros.",
    ),
    rule(
        "lexicon-in-bytes",
        "the patient's own words in opaque bytes",
        "Efface, tier 2",
        "A value that may stay, but whose form is unknown, holds one of the patient's words of five characters or more; it is removed.",
    ),
    rule(
        "date",
        "a date in text",
        OWN,
        "A date finer than a year in any of ten families of forms. Where the policy keeps dates it is shifted in its own form, else it is taken out; an impossible date is always taken out. Example: \"21-Mar-2014\".",
    ),
    rule("email", "e-mail address", OWN, "Example: jane.doe@mail.example."),
    rule("url", "web address", OWN, "An address with a scheme or www. Example: https://host.example/a."),
    rule("domain", "domain name", OWN, "A name that ends in a common top-level domain. Example: host.example."),
    rule("ip", "IP address", OWN, "Four numbers up to 255 parted by dots; private networks count."),
    rule("ip6", "IPv6 address", OWN, "Groups of hexadecimal digits parted by colons."),
    rule("mac", "hardware address", OWN, "Six pairs of hexadecimal digits; it identifies a device."),
    rule("ssn", "social security number", OWN, "The form 123-45-6789."),
    rule(
        "ssn-keyword",
        "number after a social security keyword",
        OWN,
        "Whole or masked: only what is there is marked.",
    ),
    rule("fax", "fax number", OWN, "A number after the word fax."),
    rule("phone", "telephone number", OWN, "Three groups of digits, country code and extension included."),
    rule("phone-keyword", "number after a telephone keyword", OWN, "Phone, cell, pager, callback, extension."),
    rule("phone-local", "local telephone number", OWN, "The form 555-1234."),
    rule("uid", "UID in text", OWN, "Six and more numbers parted by dots."),
    rule("uuid", "UUID in text", OWN, "Eight, four, four, four and twelve hexadecimal digits."),
    rule(
        "address",
        "street address",
        OWN,
        "A house number, a name and a kind of street, with town, state and ZIP code where they follow.",
    ),
    rule("postcode", "town with ZIP code", OWN, "A ZIP code after a state, or after the word ZIP."),
    rule(
        "organization",
        "care site, university",
        OWN,
        "Capitalized words before hospital, clinic, medical center and the like; it places the patient.",
    ),
    rule(
        "company",
        "company name",
        OWN,
        "Capitalized words before LLC, Inc, Ltd, GmbH, Group and the like; an employer falls under the rule. Example: Wyman and Boyer Group.",
    ),
    rule("employer", "employer or school", OWN, "What follows such a word; the rule covers employers."),
    rule("person-name-value", "name in DICOM's form", OWN, "Parts glued by carets. Example: DOE^JANE."),
    rule("title-name", "name after a title", OWN, "Example: Dr. Iyer; the title stays."),
    rule("degree-name", "name before a degree", OWN, "Example: Anna Kovacs, MD; the degree stays."),
    rule("kin-name", "name after a word of kinship", OWN, "Example: wife Anna Kovacs."),
    rule("act-name", "name after an act", OWN, "Example: scanned by Anna Kovacs."),
    rule("act-name-capitals", "capitals after an act and a colon", OWN, "Example: OPERATOR: KOVACS."),
    rule(
        "companion-name",
        "name of who was there",
        OWN,
        "Two capitalized words before present, at bedside, consented and the like, or after accompanied by. Example: Anna Kovacs present.",
    ),
    rule("plate", "license plate", OWN, "What follows the word plate, in one or two parts."),
    rule(
        "given-name",
        "name that begins with a given name",
        OWN,
        "A given name of the 1990 US Census in sentence case, with the capitalized words behind it; not before a noun that makes it an eponym (Baker cyst), and names that are English words only before another capitalized word. Example: Diana Kovacs drove the patient in.",
    ),
    rule("initials", "initials after an act and a colon", OWN, "Example: tech: AK."),
    rule("mrn-keyword", "number after a medical-record keyword", OWN, "The value holds a digit. Example: MRN 0012345."),
    rule("plan-keyword", "number after a health-plan keyword", OWN, "Example: member id W12345678."),
    rule("account-keyword", "number after an account keyword", OWN, "Example: acct# A-99812."),
    rule("license-keyword", "number after a licence keyword", OWN, "Example: NPI 1234567893."),
    rule("vehicle-keyword", "number after a vehicle keyword", OWN, "Example: plate 8KLM332."),
    rule("device-keyword", "number after a device keyword", OWN, "Example: serial 88-1234."),
    rule("biometric-keyword", "number after a biometric keyword", OWN, "Example: fingerprint FP-20931."),
    rule("other-keyword", "number after another keyword", OWN, "Accession, order, case, user and the like."),
    rule(
        "bare-number",
        "long number without a keyword",
        CLOSED,
        "Six digits and more that are no decimal fraction: in free text such a number is an identifier until somebody shows otherwise.",
    ),
    rule("bare-code", "letters with a long number", CLOSED, "One to five letters and five digits and more."),
    rule(
        "detector-unread",
        "text in the image that was not read",
        CLOSED,
        "Glyph-like marks in a line that the reader could not read are painted over, unless the policy says otherwise.",
    ),
    rule(
        "ocr-unknown-word",
        "unknown word in the image",
        CLOSED,
        "A word that was read and is neither known to identify nor known to be harmless is painted over, unless the policy says otherwise.",
    ),
    rule(
        "ocr-phi-neighbour",
        "word beside an identity in the image",
        CLOSED,
        "Words of a line that holds an identity are painted over too, unless they are known to be harmless.",
    ),
    rule(
        "encapsulated-document",
        "document inside the instance",
        CLOSED,
        "PDF and CDA documents are not searched: the instance is withheld for a person.",
    ),
    rule(
        "embedded-overlay",
        "overlay in the pixels' high bits",
        CLOSED,
        "The retired form hides drawn text in unused bits: the instance is withheld for a person.",
    ),
    rule(
        "codestream-comment",
        "comment inside compressed pixels",
        "ITU-T T.81 annex B, T.800 annex A",
        "Comment and application segments of JPEG, JPEG-LS and JPEG 2000 are blanked in place; segments that decoders need, colour profiles and encoders' words about themselves stay unless they hold one of the patient's words.",
    ),
    rule(
        "codestream-header",
        "compressed pixels that cannot be followed",
        CLOSED,
        "The header of a codestream is broken, or the fragment is a container that may hold anything: the instance is withheld for a person.",
    ),
    rule(
        "pixels-not-decoded",
        "pixels that cannot be decoded",
        CLOSED,
        "What cannot be looked at cannot be cleared: the instance is withheld for a person.",
    ),
    rule("pixels-not-read", "the text reader failed", CLOSED, "The instance is withheld for a person."),
    rule("pixels-not-redacted", "pixels that cannot be painted over", CLOSED, "The instance is withheld for a person."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique() {
        let codes: BTreeSet<_> = RULES.iter().map(|rule| rule.code).collect();
        assert_eq!(codes.len(), RULES.len());
    }

    #[test]
    fn every_recognizer_has_a_manual() {
        for code in crate::tier2::Recognizers::new().codes() {
            assert!(Rule::by_code(code).is_some(), "{code}");
        }
    }
}
