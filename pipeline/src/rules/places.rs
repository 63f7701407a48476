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
    /// Document that names somebody
    ///
    /// The text of the encapsulated document (PDF, CDA and other XML, STL, OBJ, MTL) is read: what pages show, titles and
    /// other information, metadata, attribute values, names and comments. Something in it identifies; further decisions
    /// about the same attribute name the rules that found it. The document is not changed, and the instance is withheld
    /// for a person.
    ///
    /// Example: a PDF report whose first line is the name of the patient.
    ///
    /// Source: PS3.15 table E.1-1, (0042,0011); ISO 32000-1
    "encapsulated-document",
    /// Document that was not understood
    ///
    /// A part of the encapsulated document may hide text that is not read: images, drawings, attachments, scripts,
    /// forms, annotations, embedded fonts, encryption, earlier revisions, bytes that belong to nothing, entities, other
    /// encodings, or a form that is not known. The instance is withheld for a person.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "document-not-understood",
    /// Document proven clean
    ///
    /// Every part of the encapsulated document was understood, all of its text was read, and nothing in it identifies:
    /// it stays as it is.
    ///
    /// Example: a PDF of one page that says in Helvetica "Lungs are clear."
    ///
    /// Source: Efface, tier 2
    "document-clean",
    /// Overlay in bits of the pixels
    ///
    /// The retired form hides drawn text in bits of the pixels. They cannot be cleared where pixels use them, or where
    /// the pixels are compressed: the instance is withheld for a person.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "embedded-overlay",
    /// Overlay in unused bits of the pixels, cleared
    ///
    /// The retired form hides drawn text in the bits above or below those that a pixel uses. All of these bits are set
    /// to zero; the pixels stay as they are.
    ///
    /// Example: (6000,0102) Overlay Bit Position 12 beside (0028,0101) Bits Stored 12.
    ///
    /// Source: PS3.3-2004 section C.9.2; PS3.5 section 8.1.1
    "embedded-overlay-cleared",
    /// Bytes behind the last pixel
    ///
    /// Rows, columns, samples and frames say where the pixels end; what follows in the value is no pixel and may be
    /// anything. It is set to zero.
    ///
    /// Source: PS3.5 section 8.1.1
    "pixel-padding",
    /// More pixels than the attributes declare
    ///
    /// At least another frame's worth of bytes follows the last pixel: a picture that no reader shows and no rule has
    /// looked at. The instance is withheld for a person.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "undeclared-pixels",
    /// Text in a colour profile
    ///
    /// Descriptions, copyright, device and metadata texts of an ICC profile are searched. The patient's own words,
    /// people's names, telephone numbers and addresses of mail are blanked in place, and so are bytes that belong to no
    /// tag; curves and tables stay, and a profile without such text stays byte for byte.
    ///
    /// Example: a 'desc' tag that reads "Scanner of Dr. Kovacs".
    ///
    /// Source: ICC.1:2022 sections 7.2, 9 and 10
    "icc-profile-text",
    /// Colour profile that cannot be followed
    ///
    /// The structure of the ICC profile does not hold, or one of the patient's words stands in it where no text
    /// belongs; it is removed.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "icc-profile",
    /// Text inside compressed pixels
    ///
    /// Comments, application segments and their thumbnails of JPEG and JPEG-LS, wherever they stand in the stream;
    /// comments in the main and tile-part headers of JPEG 2000; text, XML, Exif and unknown identifiers in the boxes of
    /// JP2 and JPEG XL files; unused bytes of RLE headers and segments; and what follows the end of an image. All are
    /// blanked in place. What decoders need, colour profiles without identities, and encoders' words about themselves
    /// stay.
    ///
    /// Example: a JPEG comment with the name of the patient.
    ///
    /// Source: ITU-T T.81 annex B, T.87 annex C, T.800 annexes A and I; ISO/IEC 18181-2; PS3.5 annex G
    "codestream-comment",
    /// Compressed pixels that cannot be followed
    ///
    /// A codestream is broken, of a kind that is not known here (such as video), holds a frame that no attribute
    /// declares, or holds one of the patient's words in a part that decoders need: the instance is withheld for a
    /// person.
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
    /// Value of a content item that names somebody or something
    ///
    /// An item of a structured report's content tree says by its concept name what its value is, whatever the value
    /// looks like: a person, an identifier, a date of birth, an institution, an address, a device. Names become a name
    /// of the same person in all reports (the patient's becomes the new identifier), identifiers are mapped, other
    /// texts are replaced; devices and institutions stay where the policy retains them.
    ///
    /// Example: a TEXT item whose concept is (121009, DCM, "Person Observer's Organization Name").
    ///
    /// Source: PS3.15 section E.3.4; PS3.16 TID 1001 to 1010 and annex D
    "content-item",
}
