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
    /// Example: JPEG Baseline becomes Explicit VR Little Endian.
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
    /// Signatures, encrypted attributes, groups FFFA and FFFC
    ///
    /// Digital signatures, encrypted attributes, parameters of message authentication codes, and trailing padding.
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
    /// Document that names somebody
    ///
    /// The text of the encapsulated document (PDF, CDA and other XML, STL, OBJ, MTL) is read: what pages show,
    /// titles and other information, metadata, attribute values, names and comments. Something in it identifies;
    /// further decisions about the same attribute name the rules that found it.
    ///
    /// Why: a report has names, dates and numbers on every page, and its text cannot be cut without breaking it.
    ///
    /// Action: Withholds for a person; the document is not changed.
    ///
    /// HIPAA: any element
    ///
    /// Example: a PDF report whose first line is the name of the patient.
    ///
    /// Source: PS3.15 table E.1-1, row Encapsulated Document; ISO 32000-1; 45 CFR 164.514(b)(2)(i)(R)
    "encapsulated-document",
    /// Document that was not understood
    ///
    /// A part of the encapsulated document that may hide text which is not read: images, drawings, attachments,
    /// scripts, forms, annotations, embedded fonts, encryption, earlier revisions, bytes that belong to nothing,
    /// entities, other encodings, or a form that is not known.
    ///
    /// Why: what cannot be read cannot be called clean.
    ///
    /// Action: Withholds for a person.
    ///
    /// HIPAA: any element
    ///
    /// Example: a PDF whose page is one scanned picture.
    ///
    /// Source: Efface: what is unknown is removed, withheld or reviewed; 45 CFR 164.514(b)(2)(i)(R)
    "document-not-understood",
    /// Document proven clean
    ///
    /// Every part of the encapsulated document was understood, all of its text was read, and nothing in it
    /// identifies.
    ///
    /// Why: a document without identities is a result of research like any other.
    ///
    /// Action: Keeps the document as it is.
    ///
    /// HIPAA: any element
    ///
    /// Example: a PDF of one page that says in Helvetica "Lungs are clear."
    ///
    /// Source: Efface, tier 2; 45 CFR 164.514(b)(2)(i)(R)
    "document-clean",
    /// Overlay in bits of the pixels
    ///
    /// An overlay whose bits stand among those of the pixels, and which cannot be cleared because pixels use them or
    /// are compressed.
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
    /// Overlay in unused bits of the pixels, cleared
    ///
    /// The retired form hides drawn text in the bits above or below those that a pixel uses.
    ///
    /// Why: a drawn name is a name.
    ///
    /// Action: Cleans: all of these bits are set to zero; the pixels stay as they are.
    ///
    /// HIPAA: any element
    ///
    /// Example: (6000,0102) Overlay Bit Position 12 beside (0028,0101) Bits Stored 12.
    ///
    /// Source: PS3.3-2004 section C.9.2; PS3.5 section 8.1.1; 45 CFR 164.514(b)(2)(i)(R)
    "embedded-overlay-cleared",
    /// Bytes behind the last pixel
    ///
    /// Rows, columns, samples and frames say where the pixels end; what follows in the value is no pixel.
    ///
    /// Why: bytes that no reader shows may be anything.
    ///
    /// Action: Cleans: the bytes are set to zero.
    ///
    /// HIPAA: any element
    ///
    /// Example: a text of fourteen bytes behind the last pixel of a CT slice.
    ///
    /// Source: PS3.5 section 8.1.1; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "pixel-padding",
    /// More pixels than the attributes declare
    ///
    /// At least another frame's worth of bytes follows the last pixel, or no attribute says how many pixels there are.
    ///
    /// Why: it is a picture that no reader shows and no rule has looked at.
    ///
    /// Action: Withholds for a person.
    ///
    /// HIPAA: any element
    ///
    /// Example: two frames of pixels where (0028,0008) Number of Frames says 1.
    ///
    /// Source: Efface: what is unknown is removed, withheld or reviewed; 45 CFR 164.514(b)(2)(i)(R)
    "undeclared-pixels",
    /// Text in a colour profile
    ///
    /// Descriptions, copyright, device and metadata texts of an ICC profile, and bytes that belong to none of its
    /// tags.
    ///
    /// Why: profiles are made for single devices and name their makers, owners and places.
    ///
    /// Action: Cleans: the patient's own words, people's names, telephone numbers and addresses of mail are blanked
    /// in place; curves and tables stay, and a profile without such text stays byte for byte.
    ///
    /// HIPAA: any element
    ///
    /// Example: a 'desc' tag that reads "Scanner of Dr. Kovacs".
    ///
    /// Source: ICC.1:2022 sections 7.2, 9 and 10; 45 CFR 164.514(b)(2)(i)(R)
    "icc-profile-text",
    /// Colour profile that cannot be followed
    ///
    /// An ICC profile whose structure does not hold, or that holds one of the patient's words where no text
    /// belongs.
    ///
    /// Why: what cannot be followed cannot be searched.
    ///
    /// Action: Removes.
    ///
    /// HIPAA: any element
    ///
    /// Example: a profile whose table of tags points behind its end.
    ///
    /// Source: Efface: what is unknown is removed, withheld or reviewed; 45 CFR 164.514(b)(2)(i)(R)
    "icc-profile",
    /// Text inside compressed pixels
    ///
    /// Comments, application segments and their thumbnails of JPEG and JPEG-LS, wherever they stand in the stream;
    /// comments in the main and tile-part headers of JPEG 2000; text, XML, Exif and unknown identifiers in the
    /// boxes of JP2 and JPEG XL files; unused bytes of RLE headers and segments; and what follows the end of an
    /// image.
    ///
    /// Why: cameras, scanners and converters write names, places and their users into them, and no DICOM attribute
    /// shows it.
    ///
    /// Action: Cleans: the bytes are blanked in place. What decoders need, colour profiles without identities, and
    /// encoders' words about themselves stay.
    ///
    /// HIPAA: any element
    ///
    /// Example: a JPEG comment "exported for J. Doe".
    ///
    /// Source: ITU-T T.81 annex B, T.87 annex C, T.800 annexes A and I; ISO/IEC 18181-2; PS3.5 annex G; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "codestream-comment",
    /// Compressed pixels that cannot be followed
    ///
    /// A codestream that is broken, of a kind that is not known here (such as video), holds a frame that no
    /// attribute declares, or holds one of the patient's words in a part that decoders need.
    ///
    /// Why: what cannot be followed may hold anything beside the image.
    ///
    /// Action: Withholds for a person.
    ///
    /// HIPAA: any element
    ///
    /// Example: a fragment whose marker segment is longer than the fragment.
    ///
    /// Source: PS3.5 section A.4; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "codestream-header",
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
    /// Value of a content item that names somebody or something
    ///
    /// An item of a structured report's content tree says by its concept name what its value is, whatever the value
    /// looks like: a person, an identifier, a date of birth, an institution, an address, a device.
    ///
    /// Why: the concept says who or what is named, even where no list and no pattern knows the name.
    ///
    /// Action: Replaces: names become a name of the same person in all reports (the patient's becomes the new
    /// identifier), identifiers are mapped, other texts are replaced; devices and institutions stay where the
    /// policy retains them.
    ///
    /// HIPAA: any element
    ///
    /// Example: a TEXT item whose concept is (121009, DCM, "Person Observer's Organization Name").
    ///
    /// Source: PS3.15 section E.3.4; PS3.16 TID 1001 to 1010 and annex D; 45 CFR 164.514(b)(2)(i)(R)
    "content-item",
    /// Recording of sound
    ///
    /// A waveform of an audio class, or one that is stored in the laws of telephony.
    ///
    /// Why: a voice is a person's, and what is said is not listened to.
    ///
    /// Action: Withholds for a person.
    ///
    /// HIPAA: (P) biometric identifiers
    ///
    /// Example: a dictation in Basic Voice Audio Waveform Storage.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(P); PS3.3 section A.34
    "voice-recording",
}
