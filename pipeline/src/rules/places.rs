//! Rules over places that are not plain attributes: what surrounds a data set, and what hides inside its values.

use super::rules;

rules! {
    /// Preamble not empty
    ///
    /// The 128 bytes before the prefix may hold anything, another file format included; they are set to zero.
    ///
    /// Source: PS3.10 section 7.1
    "preamble",
    /// File meta information
    ///
    /// Written anew: the new SOP Instance UID, the transfer syntax, and Efface as the implementation.
    ///
    /// Source: PS3.10 section 7.1
    "file-meta",
    /// Marks of de-identification
    ///
    /// Say that, and how, the instance was de-identified.
    ///
    /// Source: PS3.15 section E.1.1
    "marks",
    /// Character set of the result
    ///
    /// Mixed character sets become UTF-8.
    ///
    /// Source: PS3.3 section C.12.1.1.2
    "character-set",
    /// Encoding of painted pixels
    ///
    /// Painted over, pixels may be stored otherwise.
    ///
    /// Source: PS3.3 section C.7.6.3
    "pixel-encoding",
    /// Groups 0000 and 0002 inside the data set
    ///
    /// Command and file meta elements do not belong into a data set; they are removed.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "misplaced-group",
    /// Group length
    ///
    /// Retired elements whose values no longer hold; they are removed.
    ///
    /// Source: PS3.5 section 7.2
    "group-length",
    /// Group 50xx
    ///
    /// Retired curves can hold traces and text; all of the group is removed.
    ///
    /// Source: PS3.15 table E.1-1
    "curve",
    /// Group 60xx
    ///
    /// Overlay planes can hold drawn text and comments; all of the group is removed.
    ///
    /// Source: PS3.15 table E.1-1
    "overlay",
    /// Groups FFFA and FFFC
    ///
    /// Signatures no longer hold and name their signers; padding can hold anything. Removed.
    ///
    /// Source: PS3.15 table E.1-1
    "signature-or-padding",
    /// Document inside the instance
    ///
    /// PDF and CDA documents are not searched: the instance is withheld for a person.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "encapsulated-document",
    /// Overlay in the pixels' high bits
    ///
    /// The retired form hides drawn text in unused bits: the instance is withheld for a person.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "embedded-overlay",
    /// Comment inside compressed pixels
    ///
    /// Comment and application segments of JPEG, JPEG-LS and JPEG 2000 are blanked in place; segments that decoders
    /// need, colour profiles and encoders' words about themselves stay unless they hold one of the patient's words.
    ///
    /// Source: ITU-T T.81 annex B, T.800 annex A
    "codestream-comment",
    /// Compressed pixels that cannot be followed
    ///
    /// The header of a codestream is broken, or the fragment is a container that may hold anything: the instance is
    /// withheld for a person.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "codestream-header",
}
