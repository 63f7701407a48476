//! Rules over places that are not plain attributes: what surrounds a data set, and what hides inside its values.

use super::rules;

rules! {
    /// Preamble
    ///
    /// The 128 bytes before the prefix DICM.
    ///
    /// Why: they may hold anything, another file format included, and no viewer shows them.
    ///
    /// Action: Empties: all bytes become zero.
    ///
    /// HIPAA: any element
    ///
    /// Example: a TIFF header with a title that names the patient.
    ///
    /// Source: PS3.10 section 7.1
    "preamble",
    /// File meta information
    ///
    /// The elements of group 0002 before the data set.
    ///
    /// Why: they say from which machine a file came, and private information may stand among them.
    ///
    /// Action: Replaces: they are written anew with the new SOP Instance UID, the class, the transfer syntax, and
    /// Efface as the implementation; nothing else is carried over.
    ///
    /// HIPAA: (R) other unique identifiers
    ///
    /// Example: (0002,0016) Source Application Entity Title is gone.
    ///
    /// Source: PS3.10 section 7.1; PS3.15 section E.1.1
    "file-meta",
    /// Marks of de-identification
    ///
    /// The attributes that say that and how an instance was de-identified, and what its pixels may show.
    ///
    /// Why: whoever receives the result must know what was done; these attributes name nobody.
    ///
    /// Action: Writes them, over whatever stood there.
    ///
    /// HIPAA: none
    ///
    /// Example: (0012,0062) Patient Identity Removed becomes YES.
    ///
    /// Source: PS3.15 section E.1.1; PS3.3 section C.12.1.4.1.1
    "marks",
    /// Character set of the result
    ///
    /// The character set of a data set that used several.
    ///
    /// Why: text from which parts were taken has to be written in one way that every part of it can be written in.
    ///
    /// Action: Replaces by ISO_IR 192 (UTF-8), and drops those of items.
    ///
    /// HIPAA: none
    ///
    /// Example: ISO 2022 IR 100\ISO 2022 IR 126 becomes ISO_IR 192.
    ///
    /// Source: PS3.3 section C.12.1.1.2
    "character-set",
    /// Encoding of painted pixels
    ///
    /// What says how pixels are stored, where they had to be painted over.
    ///
    /// Why: not every transfer syntax can be written without loss; the description must fit what is written.
    ///
    /// Action: Replaces the transfer syntax and the description of the pixels; pixels that were not painted keep
    /// their values.
    ///
    /// HIPAA: none
    ///
    /// Example: RLE Lossless becomes Explicit VR Little Endian.
    ///
    /// Source: PS3.3 section C.7.6.3; PS3.5 annex A
    "pixel-encoding",
    /// Groups 0000 to 0006 inside the data set
    ///
    /// Elements of commands, file meta information and directories inside a data set.
    ///
    /// Why: they do not belong there, no rule is made for them, and they name machines and files.
    ///
    /// Action: Removes.
    ///
    /// HIPAA: any element
    ///
    /// Example: (0000,1000) Affected SOP Instance UID.
    ///
    /// Source: PS3.7 annex E; Efface: what is unknown is removed, withheld or reviewed; 45 CFR 164.514(b)(2)(i)(R)
    "misplaced-group",
    /// Group length
    ///
    /// Retired elements (gggg,0000) outside group 0002.
    ///
    /// Why: their values no longer hold once anything of the group changed, and a file may put text there.
    ///
    /// Action: Removes.
    ///
    /// HIPAA: none by itself
    ///
    /// Example: (0018,0000).
    ///
    /// Source: PS3.5 section 7.2
    "group-length",
    /// Group 50xx
    ///
    /// Retired curves: traces, labels, comments.
    ///
    /// Why: a trace can be a signature, and labels are free text.
    ///
    /// Action: Removes the whole group.
    ///
    /// HIPAA: any element
    ///
    /// Example: (5000,2500) Curve Label.
    ///
    /// Source: PS3.15 table E.1-1, row Curve Data
    "curve",
    /// Group 60xx
    ///
    /// Overlay planes, their labels and comments.
    ///
    /// Why: a plane can hold drawn text, which nothing here reads.
    ///
    /// Action: Removes the whole group.
    ///
    /// HIPAA: any element
    ///
    /// Example: (6000,3000) Overlay Data.
    ///
    /// Source: PS3.15 table E.1-1, rows Overlay Data and Overlay Comments
    "overlay",
    /// Groups FFFA and FFFC
    ///
    /// Digital signatures and trailing padding.
    ///
    /// Why: a signature no longer holds and its certificate names the signer; padding can hold anything.
    ///
    /// Action: Removes.
    ///
    /// HIPAA: any element
    ///
    /// Example: (FFFC,FFFC) Data Set Trailing Padding.
    ///
    /// Source: PS3.15 table E.1-1, rows Digital Signatures Sequence and Data Set Trailing Padding
    "signature-or-padding",
    /// Document inside the instance
    ///
    /// A PDF, CDA or other document in (0042,0011).
    ///
    /// Why: a report has names, dates and numbers on every page, and its text cannot be cut without breaking it.
    ///
    /// Action: Withholds for a person.
    ///
    /// HIPAA: any element
    ///
    /// Example: an encapsulated PDF of a letter.
    ///
    /// Source: PS3.15 table E.1-1, row Encapsulated Document; Efface: what is unknown is removed, withheld or
    /// reviewed; 45 CFR 164.514(b)(2)(i)(R)
    "encapsulated-document",
    /// Overlay in the pixels' high bits
    ///
    /// An overlay whose bits stand in unused bits of the pixels.
    ///
    /// Why: the retired form hides drawn text where no viewer of pixels sees it.
    ///
    /// Action: Withholds for a person.
    ///
    /// HIPAA: any element
    ///
    /// Example: (6000,0102) Overlay Bit Position of 12.
    ///
    /// Source: PS3.5 section 8.1.2; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "embedded-overlay",
    /// A face may be recognized
    ///
    /// CT, MR, PET and NM volumes whose body part, region or description speaks of the head, and photographs.
    ///
    /// Why: a face can be rendered from a volume of the head and recognized like a photograph.
    ///
    /// Action: Writes (0028,0302) Recognizable Visual Features YES, and withholds where the policy says `faces =
    /// "withhold"`. Nothing is painted over.
    ///
    /// HIPAA: (Q) full-face images
    ///
    /// Example: a CT series with (0018,0015) Body Part Examined HEAD.
    ///
    /// Source: PS3.15 section E.3.2; 45 CFR 164.514(b)(2)(i)(Q)
    "recognizable-visual-features",
    /// Comment inside compressed pixels
    ///
    /// Comment and application segments of JPEG and JPEG-LS, and comments of JPEG 2000.
    ///
    /// Why: cameras, scanners and converters write names, places and their users into them, and no DICOM attribute
    /// shows it.
    ///
    /// Action: Cleans: the bytes are blanked in place. Segments that decoders need, colour profiles and encoders'
    /// words about themselves stay unless they hold one of the patient's words.
    ///
    /// HIPAA: any element
    ///
    /// Example: a JPEG comment "exported for J. Doe".
    ///
    /// Source: ITU-T T.81 annex B, T.87 annex C, T.800 annex A
    "codestream-comment",
    /// Compressed pixels that cannot be followed
    ///
    /// Pixel data whose codestream has a broken header, or whose fragment is a container such as JP2.
    ///
    /// Why: a container may hold anything beside the image.
    ///
    /// Action: Withholds for a person.
    ///
    /// HIPAA: any element
    ///
    /// Example: a fragment that begins with a JP2 signature box.
    ///
    /// Source: PS3.5 section A.4; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "codestream-header",
}
