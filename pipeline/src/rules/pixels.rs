//! Rules over text in the image.

use super::rules;

rules! {
    /// Text in the image that was not read
    ///
    /// Glyph-like marks in a line that the reader could not read are painted over, unless the policy says
    /// otherwise.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "detector-unread",
    /// Unknown word in the image
    ///
    /// A word that was read and is neither known to identify nor known to be harmless is painted over, unless the
    /// policy says otherwise.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "ocr-unknown-word",
    /// Word beside an identity in the image
    ///
    /// Words of a line that holds an identity are painted over too, unless they are known to be harmless.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "ocr-phi-neighbour",
    /// Pixels that cannot be decoded
    ///
    /// What cannot be looked at cannot be cleared: the instance is withheld for a person.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "pixels-not-decoded",
    /// The text reader failed
    ///
    /// The instance is withheld for a person.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "pixels-not-read",
    /// Pixels that cannot be painted over
    ///
    /// The instance is withheld for a person.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "pixels-not-redacted",
}
