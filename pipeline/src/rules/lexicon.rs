//! Tier 2: rules over what the patient's own instances say.

use super::rules;

rules! {
    /// The patient's own words
    ///
    /// A name, place, institution or other value that an explicit attribute of any of the patient's instances gives,
    /// standing in another text: whatever its case, accents, order and glue.
    ///
    /// Why: what identifies in one place identifies in every other.
    ///
    /// Action: Cleans: the words are taken out and the rest of the text stays.
    ///
    /// HIPAA: any element: that of the attribute it comes from
    ///
    /// Example: Patient's Name DOE^JANE, and "CT of jane doe" in a description.
    ///
    /// Source: Efface, tier 2; 45 CFR 164.514(b)(2)(i)(A)
    "lexicon",
    /// Somebody named in another text
    ///
    /// A part of a name, as a word of its own, that a free text of any of the patient's instances gives in full.
    ///
    /// Why: relatives and staff are named in full once and by their surname afterwards.
    ///
    /// Action: Cleans: the word is taken out and the rest of the text stays.
    ///
    /// HIPAA: (A) names
    ///
    /// Example: "Diana Lebsack drove the patient" in one text, "LEBSACK told" in another.
    ///
    /// Source: Efface, tier 2; 45 CFR 164.514(b)(2)(i)(A)
    "lexicon-inferred",
    /// The patient's own numbers
    ///
    /// An identifier of the patient, whatever separates its parts and with or without leading zeros.
    ///
    /// Why: a number finds the patient in the institution's system, however it is written.
    ///
    /// Action: Cleans: the number is taken out and the rest of the text stays.
    ///
    /// HIPAA: (H) medical record numbers; (R) other unique identifiers: that of the attribute it comes from
    ///
    /// Example: Patient ID 0077-12345, and "tube 7712345" in a comment.
    ///
    /// Source: Efface, tier 2; 45 CFR 164.514(b)(2)(i)(H)
    "lexicon-identifier",
    /// Another spelling of a name
    ///
    /// What a person of the patient's instances is also called or written: a nickname, the name in another script or
    /// transliteration (ISO 9, BGN, ELOT 743, Hepburn), umlauts spelled out or left out, an institution's acronym.
    ///
    /// Why: a person is the same whatever friends, passports and alphabets make of the name.
    ///
    /// Action: Cleans: the words are taken out and the rest of the text stays.
    ///
    /// HIPAA: (A) names
    ///
    /// Example: "Bob to review" where a physician's given name is Robert.
    ///
    /// Source: Efface, tier 2; 45 CFR 164.514(b)(2)(i)(A)
    "lexicon-variant",
    /// A misspelled or misread word of the patient
    ///
    /// A word of five letters and more that differs from one of the patient's by one typo (a letter too many, too few,
    /// another, or two that changed places) or by what readers of images mistake (0 and O, 1 and l, 5 and S, 8 and B,
    /// rn and m, cl and d, vv and w); in identifiers of six characters and more only the latter. Words of the guard's
    /// list (anatomy, vendors, technique, eponyms, ordinary words) are never taken for one.
    ///
    /// Why: a name with a typo is still read as the name.
    ///
    /// Action: Cleans: the word is taken out and the rest of the text stays.
    ///
    /// HIPAA: any element: that of the attribute it comes from
    ///
    /// Example: "told Kovasc to wait" where the patient is called Kovacs.
    ///
    /// Source: Efface, tier 2; 45 CFR 164.514(b)(2)(i)
    "lexicon-fuzzy",
    /// The patient's own words in opaque bytes
    ///
    /// One of the patient's words of five characters or more in a value that may stay and is no text: in its bytes, in
    /// characters of two or four bytes, with bytes exchanged, or one character in each number of a list.
    ///
    /// Why: bytes that no rule understands can carry text.
    ///
    /// Action: Removes the attribute.
    ///
    /// HIPAA: any element
    ///
    /// Example: an ICC profile described as "scan of Janedotte".
    ///
    /// Source: Efface, tier 2; Efface: what is unknown is removed, withheld or reviewed; 45 CFR 164.514(b)(2)(i)(R)
    "lexicon-in-bytes",
    /// The patient's own dates
    ///
    /// A date of birth or of an examination that an explicit attribute of any of the patient's instances gives, in one
    /// of more than a hundred forms.
    ///
    /// Why: the day of an event in a patient's life finds the patient in any register of such events.
    ///
    /// Action: Shifts by the patient's offset, in its own form, where the policy keeps dates; else, and where the form
    /// does not tell day from month, cleans: it is taken out.
    ///
    /// HIPAA: (C) dates and ages over 89
    ///
    /// Example: 21032014, where Study Date is 20140321.
    ///
    /// Source: Efface, tier 2; 45 CFR 164.514(b)(2)(i)(C)
    "lexicon-date",
}
