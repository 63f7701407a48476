//! Rules over text in the image.

use super::rules;

rules! {
    /// Text in the image that was not read
    ///
    /// Marks in a line that look like glyphs and that the reader could not read.
    ///
    /// Why: burned-in text names the patient more often than not, and what was not read may be a name.
    ///
    /// Action: Paints over, unless the policy's `unread-text` or its `[pixels.risk]` says otherwise.
    ///
    /// HIPAA: any element
    ///
    /// Example: small text on a noisy ultrasound image.
    ///
    /// Source: PS3.15 section E.3.1; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "detector-unread",
    /// Unknown word in the image
    ///
    /// A word that was read and is neither known to identify nor known to be harmless.
    ///
    /// Why: names are words that no list has.
    ///
    /// Action: Paints over, unless the policy's `unknown-words` or its `[pixels.risk]` says otherwise.
    ///
    /// HIPAA: any element
    ///
    /// Example: NAKAMURA, where no attribute has that name.
    ///
    /// Source: PS3.15 section E.3.1; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "ocr-unknown-word",
    /// Word beside an identity in the image
    ///
    /// Words of a line that holds an identity, unless they are known to be harmless.
    ///
    /// Why: a line that names the patient goes on with the date of birth, the number or the other name.
    ///
    /// Action: Paints over.
    ///
    /// HIPAA: any element
    ///
    /// Example: the second name in "DOE Quorl".
    ///
    /// Source: PS3.15 section E.3.1; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "ocr-phi-neighbour",
    /// Pixels that cannot be decoded
    ///
    /// Pixel data of a form that no decoder here reads, or that is damaged.
    ///
    /// Why: what cannot be looked at cannot be cleared.
    ///
    /// Action: Withholds for a person.
    ///
    /// HIPAA: any element
    ///
    /// Example: a truncated JPEG stream.
    ///
    /// Source: PS3.15 section E.3.1; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "pixels-not-decoded",
    /// The text reader failed
    ///
    /// An image on which the text reader gave up.
    ///
    /// Why: without the reader nothing is known of the text in the image.
    ///
    /// Action: Withholds for a person.
    ///
    /// HIPAA: any element
    ///
    /// Example: an image that the reader refuses.
    ///
    /// Source: PS3.15 section E.3.1; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "pixels-not-read",
    /// Pixels that cannot be painted over
    ///
    /// An image in which text was found and whose pixels cannot be written.
    ///
    /// Why: the text that identifies would stay.
    ///
    /// Action: Withholds for a person.
    ///
    /// HIPAA: any element
    ///
    /// Example: pixel data that would be longer than 4 GiB.
    ///
    /// Source: PS3.15 section E.3.1; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "pixels-not-redacted",
    /// Identity that is left in the image
    ///
    /// A word that identifies and that can still be read in a frame after it was painted on.
    ///
    /// Why: a second look finds what painting did not reach.
    ///
    /// Action: Paints over it; what can be read even then withholds for a person.
    ///
    /// HIPAA: any element
    ///
    /// Example: a name of which paint covers too little.
    ///
    /// Source: PS3.15 section E.3.1; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "pixels-residual",
}
