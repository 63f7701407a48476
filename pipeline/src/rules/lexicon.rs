//! Tier 2: rules over what the patient's own instances say.

use super::rules;

rules! {
    /// The patient's own words
    ///
    /// A name, place, institution or other value that an explicit attribute of any of the patient's instances gives
    /// stands here too: whatever its case, accents, order and glue. It is taken out.
    ///
    /// Source: Efface, tier 2
    "lexicon",
    /// Somebody named in another text
    ///
    /// A free text of any of the patient's instances names this person in full, and a part of that name stands here
    /// as a word of its own.
    ///
    /// Source: Efface, tier 2
    "lexicon-inferred",
    /// The patient's own numbers
    ///
    /// An identifier of the patient stands here too, whatever separates its parts and with or without leading
    /// zeros.
    ///
    /// Source: Efface, tier 2
    "lexicon-identifier",
    /// The patient's own words in opaque bytes
    ///
    /// A value that may stay, but is no text, holds one of the patient's words of five characters or more: in its
    /// bytes, in characters of two or four bytes, with bytes exchanged, or one character in each number of a list. It
    /// is removed.
    ///
    /// Source: Efface, tier 2
    "lexicon-in-bytes",
}
