//! Tier 1: rules over attributes.

use super::rules;

rules! {
    /// The Basic Profile's action
    ///
    /// The attribute is in the table, and no option of the policy changes its action. Between the alternatives of
    /// combined codes (X/Z, X/D, Z/D, X/Z/D, X/Z/U*) the attribute's Type in the instance's IOD decides, nested
    /// attributes by their path: Type 1 gets a dummy, Type 2 is emptied, and what may be absent goes. Where the IOD is
    /// not known, the last alternative is taken, which is valid whatever the Type.
    ///
    /// Example: (0010,1040) Patient's Address is removed.
    ///
    /// Source: PS3.15 table E.1-1
    "e1.1-basic",
    /// Required where the profile removes
    ///
    /// The profile removes or empties the attribute, but the instance's IOD requires it here: Type 2 is emptied, Type 1
    /// gets a dummy value. The old value is never kept.
    ///
    /// Example: (0040,1001) Requested Procedure ID in a report's Referenced Request Sequence is emptied.
    ///
    /// Source: PS3.15 section E.1.1; PS3.3
    "e1.1-required",
    /// Free text under a policy without any
    ///
    /// The policy says `free-text = "remove"`: texts of VR SH, LO, ST, LT, UT and UC go, whatever the options say.
    /// Coded entries stay and are searched.
    ///
    /// Example: (0008,103E) Series Description under the policy `strict`.
    ///
    /// Source: the policy's [text]
    "free-text",
    /// Cleaned by an option
    ///
    /// An option column of the policy says C. Dates are shifted by the patient's offset, text loses its identifying
    /// parts, items of sequences are taken one by one.
    ///
    /// Example: (0008,103E) Series Description under Clean Descriptors.
    ///
    /// Source: PS3.15 table E.1-1
    "e1.1-clean",
    /// Kept by an option
    ///
    /// An option column of the policy says K. Text that is kept is still searched for the patient's own identities.
    ///
    /// Example: (0018,1000) Device Serial Number under Retain Device Identity.
    ///
    /// Source: PS3.15 table E.1-1
    "e1.1-keep",
    /// Named in the policy
    ///
    /// The policy gives this attribute an action of its own, which goes before the table.
    ///
    /// Example: (0010,0020) Patient ID is replaced by a keyed identifier.
    ///
    /// Source: the policy's [attributes]
    "policy-attribute",
    /// Not in the standard's dictionary
    ///
    /// An even group's attribute that the dictionary does not know cannot be judged; it is removed.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "unknown-attribute",
    /// Value of the wrong kind
    ///
    /// The value's VR cannot be what the dictionary says, such as text where a number belongs; it is removed.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "vr-mismatch",
    /// A sequence that cannot be opened
    ///
    /// A sequence under VR UN hides its items from every rule; it is removed.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "opaque-sequence",
    /// Text that cannot be decoded
    ///
    /// What cannot be read cannot be cleared; it is removed.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "undecodable-text",
    /// Value without its VR's form
    ///
    /// A number, time, age or UID that is none may be anything; it is removed.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "invalid-for-vr",
    /// Unlisted bulk value
    ///
    /// A value of 16 MiB and more that is not known as bulk data is not searched; it is removed.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "oversized",
    /// Known and not in the table
    ///
    /// The dictionary knows the attribute and the table does not list it: it is kept, and its text is searched.
    ///
    /// Source: PS3.15 table E.1-1
    "unlisted",
    /// Person name outside the table
    ///
    /// An attribute of VR PN that the table does not list is replaced.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "unlisted-person-name",
    /// AE title or URI outside the table
    ///
    /// Attributes of VR AE and UR name machines and places; outside the table they are removed.
    ///
    /// Source: Efface: unknown means removed, withheld or reviewed
    "unlisted-address",
    /// UID outside the table
    ///
    /// A UID that is not the standard's own is replaced by a keyed one, the same everywhere.
    ///
    /// Source: PS3.15 section E.3.9
    "unlisted-uid",
    /// UID that was made up
    ///
    /// The instance lacks its Study or Series Instance UID, without which it cannot be filed. One is made of what else
    /// describes the study or the series, so that instances of one stay together, and is replaced by a keyed UID, since
    /// what it is made of identifies.
    ///
    /// Example: an instance without (0020,000E) Series Instance UID joins those of its study, modality and series number.
    ///
    /// Source: PS3.3 sections C.7.2.1 and C.7.3.1; Efface
    "made-up-uid",
    /// Date outside the table
    ///
    /// A date that the table does not list is shifted, or emptied where the policy keeps no dates.
    ///
    /// Source: PS3.15 table E.1-1
    "unlisted-date",
    /// Private attribute
    ///
    /// A private attribute that is not on the safe list under its creator is removed, and with it all that it
    /// holds.
    ///
    /// Source: PS3.15 table E.1-1
    "private",
    /// Private attribute on the safe list
    ///
    /// Kept, by creator and element whatever the block. Its UIDs are mapped, its dates shifted, its text and bytes
    /// searched.
    ///
    /// Source: PS3.15 table E.3.10-1; TCIA knowledge base
    "safe-private",
    /// Creator of an empty block
    ///
    /// A private creator of whose block nothing stays is removed.
    ///
    /// Source: PS3.15 table E.1-1
    "private-creator",
    /// Text inside a replaced sequence
    ///
    /// The table replaces the sequence; its structure stays, and its free text is replaced. Codes and their
    /// meanings stay.
    ///
    /// Source: PS3.15 table E.1-1
    "within-replaced-sequence",
    /// Age over 89
    ///
    /// Ages over 89 identify. An AS value becomes 090Y; in text the age is taken out.
    ///
    /// Example: "94-year-old".
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(C)
    "age-over-89",
}
