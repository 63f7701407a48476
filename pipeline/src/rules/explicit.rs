//! Tier 1: rules over attributes.

use super::rules;

rules! {
    /// The Basic Profile's action
    ///
    /// An attribute that PS3.15 table E.1-1 lists, where no option of the policy changes its action. Between the
    /// alternatives of combined codes (X/Z, X/D, Z/D, X/Z/D, X/Z/U*) the attribute's Type in the instance's IOD
    /// decides, nested attributes by their path: Type 1 gets a dummy, Type 2 is emptied, and what may be absent goes.
    /// Where the IOD is not known, the last alternative is taken, which is valid whatever the Type.
    ///
    /// Why: the standard's committee found that the attribute names or can name the patient, a relative, staff, a
    /// place, a device or an event.
    ///
    /// Action: Removes (X), empties (Z), replaces by a dummy (D) or maps to another UID (U), as the table says.
    ///
    /// HIPAA: any element: the row says which
    ///
    /// Example: (0010,1040) Patient's Address is removed, (0008,0050) Accession Number is emptied.
    ///
    /// Source: PS3.15 table E.1-1, column Basic Prof.; PS3.15 section E.2
    "e1.1-basic",
    /// Required where the profile removes
    ///
    /// An attribute that the profile removes or empties and that the instance's IOD requires in this place.
    ///
    /// Why: without it the result would not be a valid instance; the old value identifies all the same.
    ///
    /// Action: Empties where the IOD says Type 2, replaces by a dummy where it says Type 1. The old value is never
    /// kept.
    ///
    /// HIPAA: any element: the table's row says which
    ///
    /// Example: (0040,1001) Requested Procedure ID in a report's Referenced Request Sequence is emptied.
    ///
    /// Source: PS3.15 section E.2; PS3.3
    "e1.1-required",
    /// Cleaned by an option
    ///
    /// An attribute for which an option column that the policy uses says C.
    ///
    /// Why: such a value is useful to research and may hold an identity as well: a date of an event, or a name inside
    /// a description.
    ///
    /// Action: Cleans: dates are shifted by the patient's offset, text loses its identifying parts and keeps the
    /// rest, items of sequences are taken one by one.
    ///
    /// HIPAA: any element
    ///
    /// Example: (0008,103E) Series Description under Clean Descriptors, (0008,0020) Study Date under Modified Dates.
    ///
    /// Source: PS3.15 table E.1-1, option columns; PS3.15 sections E.3.3 to E.3.6
    "e1.1-clean",
    /// Kept by an option
    ///
    /// An attribute for which an option column that the policy uses says K.
    ///
    /// Why: the value describes the patient, the device or the institution and research asks for it; whoever chose
    /// the option accepts what it tells.
    ///
    /// Action: Keeps. A kept text is still searched for the words and numbers of this patient, which are taken out.
    ///
    /// HIPAA: any element: the option says which
    ///
    /// Example: (0018,1000) Device Serial Number under Retain Device Identity, (0010,1030) Patient's Weight under
    /// Retain Patient Characteristics.
    ///
    /// Source: PS3.15 table E.1-1, option columns; PS3.15 sections E.3.6 to E.3.11
    "e1.1-keep",
    /// Named in the policy
    ///
    /// An attribute to which the policy gives an action of its own; that goes before the table.
    ///
    /// Why: the author of the policy knows the study: what it must keep and what its attributes really hold.
    ///
    /// Action: Does what the policy says: keeps, cleans, removes, empties, replaces, maps or shifts.
    ///
    /// HIPAA: any element
    ///
    /// Example: (0010,0020) Patient ID is replaced by a keyed identifier, the same in every instance.
    ///
    /// Source: the policy's [attributes]
    "policy-attribute",
    /// Free text under a policy without any
    ///
    /// Text of VR SH, LO, ST, LT, UT and UC where the policy says `free-text = "remove"`, whatever the options say.
    ///
    /// Why: whoever types free text may write anything, and no search finds every identity in it.
    ///
    /// Action: Removes, or empties where the IOD requires the attribute. Coded entries stay and are searched.
    ///
    /// HIPAA: any element
    ///
    /// Example: (0008,103E) Series Description under the policy `strict`.
    ///
    /// Source: the policy's [text]; PS3.15 section E.3.5
    "free-text",
    /// Not in the standard's dictionary
    ///
    /// An attribute of an even group that the dictionary does not know.
    ///
    /// Why: nobody can say what it holds; tools write names and numbers into such places.
    ///
    /// Action: Removes.
    ///
    /// HIPAA: any element
    ///
    /// Example: (0008,FFF1) with a name in it.
    ///
    /// Source: PS3.15 section E.1.1; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "unknown-attribute",
    /// Value of the wrong kind
    ///
    /// A value whose VR cannot be what the dictionary says, such as text where a number belongs.
    ///
    /// Why: a value in the wrong place was put there by somebody, and no rule for the attribute was made for it.
    ///
    /// Action: Removes.
    ///
    /// HIPAA: any element
    ///
    /// Example: (0028,0106) Smallest Image Pixel Value with VR LO and a name.
    ///
    /// Source: PS3.6; Efface: what is unknown is removed, withheld or reviewed; 45 CFR 164.514(b)(2)(i)(R)
    "vr-mismatch",
    /// A sequence that cannot be opened
    ///
    /// A sequence whose items stand under VR UN and cannot be read.
    ///
    /// Why: its items are hidden from every rule.
    ///
    /// Action: Removes, with all that it holds.
    ///
    /// HIPAA: any element
    ///
    /// Example: (0018,9346) CTDI Phantom Type Code Sequence under UN.
    ///
    /// Source: PS3.5 section 6.2.2; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "opaque-sequence",
    /// Text that cannot be decoded
    ///
    /// Text with bytes that are not in the character set that the data set names, or with escape sequences that it
    /// does not allow.
    ///
    /// Why: what cannot be read cannot be searched, and a name may stand in it.
    ///
    /// Action: Removes.
    ///
    /// HIPAA: any element
    ///
    /// Example: M\xFCller in a data set that claims UTF-8.
    ///
    /// Source: PS3.3 section C.12.1.1.2; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "undecodable-text",
    /// Value without its VR's form
    ///
    /// A number, time, date, age or UID that does not have the form of its VR.
    ///
    /// Why: a value that is not what it should be may be anything, a name included.
    ///
    /// Action: Removes.
    ///
    /// HIPAA: any element
    ///
    /// Example: (0018,0060) KVP with the value JANE.
    ///
    /// Source: PS3.5 section 6.2; Efface: what is unknown is removed, withheld or reviewed; 45 CFR
    /// 164.514(b)(2)(i)(R)
    "invalid-for-vr",
    /// Unlisted bulk value
    ///
    /// A value of 16 MiB and more that is not known as bulk data.
    ///
    /// Why: it is not read into memory and so not searched.
    ///
    /// Action: Removes.
    ///
    /// HIPAA: any element
    ///
    /// Example: an image comment of 20 MiB.
    ///
    /// Source: Efface: what is unknown is removed, withheld or reviewed; 45 CFR 164.514(b)(2)(i)(R)
    "oversized",
    /// Known and not in the table
    ///
    /// An attribute that the dictionary knows and the table does not list.
    ///
    /// Why: the standard's committee did not find that it identifies; its text may still repeat an identity from
    /// elsewhere.
    ///
    /// Action: Keeps; text is searched and loses its identifying parts.
    ///
    /// HIPAA: none by itself
    ///
    /// Example: (0018,0050) Slice Thickness stays.
    ///
    /// Source: PS3.15 table E.1-1: attributes that are not listed are not affected
    "unlisted",
    /// Person name outside the table
    ///
    /// An attribute of VR PN that the table does not list.
    ///
    /// Why: a value of this VR names a person, whatever the attribute.
    ///
    /// Action: Replaces by a dummy.
    ///
    /// HIPAA: (A) names
    ///
    /// Example: (0014,2006) Evaluator Name.
    ///
    /// Source: PS3.5 section 6.2; 45 CFR 164.514(b)(2)(i)(A)
    "unlisted-person-name",
    /// AE title or URI outside the table
    ///
    /// Attributes of VR AE and UR that the table does not list.
    ///
    /// Why: they name machines and places, and URIs often carry a patient's number.
    ///
    /// Action: Removes.
    ///
    /// HIPAA: (N) web addresses; (R) other unique identifiers
    ///
    /// Example: (0008,0407) Stored Instance Base URI.
    ///
    /// Source: PS3.5 section 6.2; 45 CFR 164.514(b)(2)(i)(N)
    "unlisted-address",
    /// UID outside the table
    ///
    /// A UID that is not the standard's own, in an attribute that the table does not list.
    ///
    /// Why: a UID is unique by its purpose; many hold a serial number, a date or a patient's number.
    ///
    /// Action: Maps to another UID, the same in every reference and file made with the same key.
    ///
    /// HIPAA: (R) other unique identifiers
    ///
    /// Example: (0020,9312) Volume Frame of Reference UID.
    ///
    /// Source: PS3.15 section E.3.9; 45 CFR 164.514(b)(2)(i)(R)
    "unlisted-uid",
    /// UID of the standard
    ///
    /// UIDs that the standard registered under 1.2.840.10008, and the attributes that name a class.
    ///
    /// Why: they name kinds of things, such as SOP Classes, transfer syntaxes and coding schemes, and nobody.
    ///
    /// Action: Keeps.
    ///
    /// HIPAA: none
    ///
    /// Example: (0008,0016) SOP Class UID.
    ///
    /// Source: PS3.6 annex A
    "registered-uid",
    /// Date outside the table
    ///
    /// A date (VR DA, DT) that the table does not list.
    ///
    /// Why: a date finer than a year that belongs to the patient identifies.
    ///
    /// Action: Shifts by the patient's offset, or empties where the policy keeps no dates.
    ///
    /// HIPAA: (C) dates and ages over 89
    ///
    /// Example: (0014,0102) Secondary Review Date.
    ///
    /// Source: PS3.15 section E.3.6; 45 CFR 164.514(b)(2)(i)(C)
    "unlisted-date",
    /// Private attribute
    ///
    /// A private attribute that is not on the safe list under its creator, or that has no creator.
    ///
    /// Why: only its maker knows what it holds; many hold names, dates and numbers of the patient.
    ///
    /// Action: Removes, with all that it holds.
    ///
    /// HIPAA: any element
    ///
    /// Example: (0011,"ACME 1.1",10).
    ///
    /// Source: PS3.15 table E.1-1, row Private Attributes
    "private",
    /// Private attribute on the safe list
    ///
    /// A private attribute that is listed under its creator, whatever block it reserved.
    ///
    /// Why: its maker documents what it holds, and that is technical.
    ///
    /// Action: Keeps; UIDs are mapped, dates shifted, text and bytes searched.
    ///
    /// HIPAA: none by itself
    ///
    /// Example: (0019,"SIEMENS CT VA0  COAD",90).
    ///
    /// Source: PS3.15 table E.3.10-1; TCIA's private-tag knowledge base
    "safe-private",
    /// Creator of a private block
    ///
    /// The element that reserves a block for a maker.
    ///
    /// Why: it says who made the instance's private attributes; without them it says nothing that is needed, and it
    /// may be free text.
    ///
    /// Action: Keeps while an attribute of its block stays, else removes.
    ///
    /// HIPAA: none by itself
    ///
    /// Example: (0011,0010) ACME 1.1, of whose block nothing stays.
    ///
    /// Source: PS3.15 table E.1-1, row Private Attributes
    "private-creator",
    /// Text inside a replaced sequence
    ///
    /// Free text and names inside a sequence that the table replaces. Codes and their meanings are no such text.
    ///
    /// Why: the table asks for other content, since the old one may tell everything; the structure tells nobody.
    ///
    /// Action: Replaces by a dummy; the structure and its codes stay.
    ///
    /// HIPAA: any element
    ///
    /// Example: (0040,A160) Text Value of a report under the policy `basic`.
    ///
    /// Source: PS3.15 table E.1-1, action D for sequences; PS3.15 section E.3.4
    "within-replaced-sequence",
    /// Age over 89
    ///
    /// Ages of 90 and more: in attributes of VR AS, and in text before words such as years old, yo, y/o.
    ///
    /// Why: so few people are that old that age and place find them.
    ///
    /// Action: Replaces an AS value by 090Y; in text the age is taken out and the rest of the text stays.
    ///
    /// HIPAA: (C) dates and ages over 89
    ///
    /// Example: 097Y becomes 090Y; "94-year-old male" becomes "male".
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(C)
    "age-over-89",
}
