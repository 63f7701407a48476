//! Rules over places that are not plain attributes: what surrounds a data set, and what hides inside its values.

use super::rules;

rules! {
    /// Preamble not empty
    ///
    /// The 128 bytes before the prefix may hold anything, another file format included; they are set to zero.
    ///
    /// Source: PS3.10 section 7.1
    "preamble",
    /// Groups 0000, 0002 and 0004 inside the data set
    ///
    /// Command, file meta and directory elements do not belong into the data set of an instance; they are removed.
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
    /// Signatures, encrypted attributes, groups FFFA and FFFC
    ///
    /// Signatures no longer hold and name their signers, encrypted attributes are the original's; padding can hold
    /// anything. All are removed, the parameters of message authentication codes with them.
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
    /// A face may be recognized
    ///
    /// CT, MR, PET and NM volumes whose body part, region or description speaks of the head, and photographs, may show
    /// a face or let one be rendered. Nothing is painted over: (0028,0302) Recognizable Visual Features becomes YES,
    /// and the instance is withheld where the policy says `faces = "withhold"`.
    ///
    /// Example: a CT series with (0018,0015) Body Part Examined HEAD.
    ///
    /// Source: PS3.15 section E.3.2; 45 CFR 164.514(b)(2)(i)(Q)
    "recognizable-visual-features",
}
