//! Tier 2: rules over forms that identify whoever the patient is.

use super::rules;

rules! {
    /// A date in text
    ///
    /// A date finer than a year in the forms that people and machines write, with numbers or names of months.
    ///
    /// Why: the day of an event in a patient's life finds the patient in any register of such events.
    ///
    /// Action: Shifts by the patient's offset, in its own form, where the policy keeps dates; else, and where the
    /// date is impossible, cleans: it is taken out.
    ///
    /// HIPAA: (C) dates and ages over 89
    ///
    /// Example: 21-Mar-2014.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(C)
    "date",
    /// E-mail address
    ///
    /// A local part, @ and a domain.
    ///
    /// Why: an address belongs to one person.
    ///
    /// Action: Cleans: the address is taken out and the rest of the text stays.
    ///
    /// HIPAA: (F) e-mail addresses
    ///
    /// Example: jane.doe@mail.example.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(F)
    "email",
    /// Web address
    ///
    /// An address with a scheme or www.
    ///
    /// Why: a link leads to a person's page or to the record itself, and often holds a number.
    ///
    /// Action: Cleans: the address is taken out and the rest of the text stays.
    ///
    /// HIPAA: (N) web addresses
    ///
    /// Example: https://host.example/a?id=4711.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(N)
    "url",
    /// Domain name
    ///
    /// A name that ends in a common top-level domain, with what follows after a slash.
    ///
    /// Why: a host places the patient at a site.
    ///
    /// Action: Cleans: the name is taken out and the rest of the text stays.
    ///
    /// HIPAA: (N) web addresses
    ///
    /// Example: ct2.radiology.example.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(N)
    "domain",
    /// IP address
    ///
    /// Four numbers up to 255 parted by dots; private networks count.
    ///
    /// Why: the rule names addresses of machines, since they lead to a site or a home.
    ///
    /// Action: Cleans: the address is taken out and the rest of the text stays.
    ///
    /// HIPAA: (O) IP addresses
    ///
    /// Example: 10.1.2.30.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(O)
    "ip",
    /// IPv6 address
    ///
    /// Four to eight groups of hexadecimal digits parted by colons.
    ///
    /// Why: as for addresses of IPv4.
    ///
    /// Action: Cleans: the address is taken out and the rest of the text stays.
    ///
    /// HIPAA: (O) IP addresses
    ///
    /// Example: fe80:0:0:0:204:61ff:fe9d:f156.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(O)
    "ip6",
    /// Hardware address
    ///
    /// Six pairs of hexadecimal digits parted by colons or hyphens.
    ///
    /// Why: it is the serial number of a network card.
    ///
    /// Action: Cleans: the address is taken out and the rest of the text stays.
    ///
    /// HIPAA: (M) device identifiers and serials
    ///
    /// Example: 00:1A:2B:3C:4D:5E.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(M)
    "mac",
    /// Social security number
    ///
    /// The form 123-45-6789.
    ///
    /// Why: it is given to one person for life.
    ///
    /// Action: Cleans: the number is taken out and the rest of the text stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: 219-09-9999.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G)
    "ssn",
    /// Number after a social security keyword
    ///
    /// What follows SSN, SIN, NIR or social security, whole or masked; only what is there is marked.
    ///
    /// Why: the last digits find a person together with little else.
    ///
    /// Action: Cleans: the number is taken out, the keyword stays.
    ///
    /// HIPAA: (G) social security numbers
    ///
    /// Example: SSN: XXX-XX-9999.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(G)
    "ssn-keyword",
    /// Fax number
    ///
    /// A number after the word fax.
    ///
    /// Why: it leads to an office or a home.
    ///
    /// Action: Cleans: the number is taken out, the keyword stays.
    ///
    /// HIPAA: (E) fax numbers
    ///
    /// Example: fax 415 555 2671.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(E)
    "fax",
    /// Telephone number
    ///
    /// Three groups of digits, with country code and extension where they are given.
    ///
    /// Why: it leads to a person or a household.
    ///
    /// Action: Cleans: the number is taken out and the rest of the text stays.
    ///
    /// HIPAA: (D) telephone numbers
    ///
    /// Example: (501) 555-1234 ext 77.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(D)
    "phone",
    /// Number after a telephone keyword
    ///
    /// A number after phone, cell, pager, callback, extension and the like, however short.
    ///
    /// Why: after such a word even four digits reach a person.
    ///
    /// Action: Cleans: the number is taken out, the keyword stays.
    ///
    /// HIPAA: (D) telephone numbers
    ///
    /// Example: pager 4711.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(D)
    "phone-keyword",
    /// Local telephone number
    ///
    /// The form 555-1234.
    ///
    /// Why: it leads to a person or a household in the area.
    ///
    /// Action: Cleans: the number is taken out and the rest of the text stays.
    ///
    /// HIPAA: (D) telephone numbers
    ///
    /// Example: 555-1234.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(D)
    "phone-local",
    /// UID in text
    ///
    /// Six and more numbers parted by dots.
    ///
    /// Why: a UID names one instance, study or device.
    ///
    /// Action: Cleans: the UID is taken out and the rest of the text stays.
    ///
    /// HIPAA: (R) other unique identifiers
    ///
    /// Example: 1.2.840.113619.2.55.3.604688.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(R)
    "uid",
    /// UUID in text
    ///
    /// Eight, four, four, four and twelve hexadecimal digits.
    ///
    /// Why: it names one record of some system.
    ///
    /// Action: Cleans: the UUID is taken out and the rest of the text stays.
    ///
    /// HIPAA: (R) other unique identifiers
    ///
    /// Example: 123e4567-e89b-42d3-a456-426614174000.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(R)
    "uuid",
    /// Street address
    ///
    /// A house number, a name and a kind of street, with town, state and ZIP code where they follow.
    ///
    /// Why: it is where somebody lives or works.
    ///
    /// Action: Cleans: the address is taken out and the rest of the text stays.
    ///
    /// HIPAA: (B) places smaller than a state
    ///
    /// Example: 1261 Leawood Street, Springfield, IL 62704.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(B)
    "address",
    /// Town with ZIP code
    ///
    /// A ZIP code after a state, with the town before it, or after the word ZIP.
    ///
    /// Why: five digits place a patient among a few thousand people.
    ///
    /// Action: Cleans: the place is taken out and the rest of the text stays.
    ///
    /// HIPAA: (B) places smaller than a state
    ///
    /// Example: Springfield, IL 62704.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(B)
    "postcode",
    /// Care site, university
    ///
    /// Capitalized words before hospital, clinic, medical center, university and the like, or after hospital of.
    ///
    /// Why: it places the patient.
    ///
    /// Action: Cleans: the name is taken out and the rest of the text stays.
    ///
    /// HIPAA: (B) places smaller than a state
    ///
    /// Example: Northfield Clinic.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(B)
    "organization",
    /// Company name
    ///
    /// Capitalized words before LLC, Inc, Ltd, GmbH, Group and the like.
    ///
    /// Why: it is a patient's employer more often than not, and the rule covers employers.
    ///
    /// Action: Cleans: the name is taken out and the rest of the text stays.
    ///
    /// HIPAA: (A) names, employers included; (B) places smaller than a state
    ///
    /// Example: Wyman and Boyer Group.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i), "of the individual or of relatives, employers, or household members"
    "company",
    /// Employer or school
    ///
    /// Capitalized words after employer, works at, school and the like.
    ///
    /// Why: the rule covers employers as it covers the patient.
    ///
    /// Action: Cleans: the name is taken out, the keyword stays.
    ///
    /// HIPAA: (A) names, employers included; (B) places smaller than a state
    ///
    /// Example: works at Kwik Mart.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i), "of the individual or of relatives, employers, or household members"
    "employer",
    /// Name in DICOM's form
    ///
    /// Parts glued by carets.
    ///
    /// Why: it was copied from an attribute that holds a person's name.
    ///
    /// Action: Cleans: the name is taken out and the rest of the text stays.
    ///
    /// HIPAA: (A) names
    ///
    /// Example: DOE^JANE.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(A)
    "person-name-value",
    /// Name after a title
    ///
    /// A capitalized word or more after Dr, Mr, Mrs, Ms, Prof, Nurse, Herr, Frau and the like.
    ///
    /// Why: a title stands before a person's name.
    ///
    /// Action: Cleans: the name is taken out, the title stays.
    ///
    /// HIPAA: (A) names
    ///
    /// Example: Dr. Iyer.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(A)
    "title-name",
    /// Name before a degree
    ///
    /// Capitalized words before MD, DO, RN, PhD, RT and the like.
    ///
    /// Why: a degree stands behind a person's name.
    ///
    /// Action: Cleans: the name is taken out, the degree stays.
    ///
    /// HIPAA: (A) names
    ///
    /// Example: Anna Kovacs, MD.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(A)
    "degree-name",
    /// Name after a word of kinship
    ///
    /// A capitalized word or more after wife, father, contact, patient and the like.
    ///
    /// Why: relatives and household members are named so; the rule covers them.
    ///
    /// Action: Cleans: the name is taken out, the word of kinship stays.
    ///
    /// HIPAA: (A) names
    ///
    /// Example: wife Anna Kovacs.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(A)
    "kin-name",
    /// Name after an act
    ///
    /// A capitalized word or more after scanned by, discussed with, technologist and the like.
    ///
    /// Why: whoever acts is a person, and staff place the patient.
    ///
    /// Action: Cleans: the name is taken out, the act stays.
    ///
    /// HIPAA: (A) names
    ///
    /// Example: scanned by Anna Kovacs.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(A)
    "act-name",
    /// Capitals after an act and a colon
    ///
    /// One to three words after an act and a colon or an equals sign, in text without lower case too.
    ///
    /// Why: fields of forms are filled with names in capitals.
    ///
    /// Action: Cleans: the name is taken out, the act stays.
    ///
    /// HIPAA: (A) names
    ///
    /// Example: OPERATOR: KOVACS.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(A)
    "act-name-capitals",
    /// Name of who was there
    ///
    /// Two capitalized words before present, at bedside, consented and the like, or after accompanied by.
    ///
    /// Why: companions are relatives, household members or staff.
    ///
    /// Action: Cleans: the name is taken out and the rest of the text stays.
    ///
    /// HIPAA: (A) names
    ///
    /// Example: Anna Kovacs present.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(A)
    "companion-name",
    /// License plate
    ///
    /// What follows the word plate, in one or two parts.
    ///
    /// Why: a plate leads to its owner.
    ///
    /// Action: Cleans: the plate is taken out, the keyword stays.
    ///
    /// HIPAA: (L) vehicle identifiers
    ///
    /// Example: plate 7Q 3575.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(L)
    "plate",
    /// Name that begins with a given name
    ///
    /// A given name of the 1990 US Census in sentence case, with the capitalized words behind it; not before a noun
    /// that makes it an eponym (Baker cyst). Names that are English words count only before another capitalized word.
    ///
    /// Why: in a clinical text a given name in sentence case names a person.
    ///
    /// Action: Cleans: the name is taken out and the rest of the text stays.
    ///
    /// HIPAA: (A) names
    ///
    /// Example: Diana Kovacs drove the patient in.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(A); list: US Census Bureau, 1990
    "given-name",
    /// Initials after an act and a colon
    ///
    /// Two or three letters after technologist, operator, initials and the like and a colon.
    ///
    /// Why: within a site initials name one person.
    ///
    /// Action: Cleans: the initials are taken out, the keyword stays.
    ///
    /// HIPAA: (A) names
    ///
    /// Example: initials: AK.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(A)
    "initials",
    /// Number after a medical-record keyword
    ///
    /// A number that follows a keyword: MRN, medical record, chart, patient ID and the like. It has a digit; a plain
    /// word after the keyword is no number.
    ///
    /// Why: it finds the patient in the institution's system.
    ///
    /// Action: Cleans: the number is taken out, the keyword and the rest of the text stays.
    ///
    /// HIPAA: (H) medical record numbers
    ///
    /// Example: MRN 0012345.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(H)
    "mrn-keyword",
    /// Number after a health-plan keyword
    ///
    /// A number that follows a keyword: plan, member, policy, Medicare and the like. It has a digit; a plain word
    /// after the keyword is no number.
    ///
    /// Why: it finds the patient in the insurer's system.
    ///
    /// Action: Cleans: the number is taken out, the keyword and the rest of the text stays.
    ///
    /// HIPAA: (I) health plan numbers
    ///
    /// Example: member id W12345678.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(I)
    "plan-keyword",
    /// Number after an account keyword
    ///
    /// A number that follows a keyword: account, billing, claim, invoice, visit and the like. It has a digit; a plain
    /// word after the keyword is no number.
    ///
    /// Why: it finds who was billed.
    ///
    /// Action: Cleans: the number is taken out, the keyword and the rest of the text stays.
    ///
    /// HIPAA: (J) account numbers
    ///
    /// Example: acct# A-99812.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(J)
    "account-keyword",
    /// Number after a licence keyword
    ///
    /// A number that follows a keyword: licence, NPI, DEA, certificate and the like. It has a digit; a plain word
    /// after the keyword is no number.
    ///
    /// Why: registers of licences are public and lead to a person.
    ///
    /// Action: Cleans: the number is taken out, the keyword and the rest of the text stays.
    ///
    /// HIPAA: (K) certificate and license numbers
    ///
    /// Example: NPI 1234567893.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(K)
    "license-keyword",
    /// Number after a vehicle keyword
    ///
    /// A number that follows a keyword: VIN, vehicle, plate, tail and the like. It has a digit; a plain word after
    /// the keyword is no number.
    ///
    /// Why: it leads to the owner.
    ///
    /// Action: Cleans: the number is taken out, the keyword and the rest of the text stays.
    ///
    /// HIPAA: (L) vehicle identifiers
    ///
    /// Example: VIN 1HGCM82633A004352.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(L)
    "vehicle-keyword",
    /// Number after a device keyword
    ///
    /// A number that follows a keyword: serial, implant, pacemaker, detector, lot, UDI and the like. It has a digit;
    /// a plain word after the keyword is no number.
    ///
    /// Why: an implant's number is registered with its bearer, a scanner's with its site.
    ///
    /// Action: Cleans: the number is taken out, the keyword and the rest of the text stays.
    ///
    /// HIPAA: (M) device identifiers and serials
    ///
    /// Example: pacemaker 88-1234.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(M)
    "device-keyword",
    /// Number after a biometric keyword
    ///
    /// A number that follows a keyword: fingerprint, iris, voice, template and the like. It has a digit; a plain word
    /// after the keyword is no number.
    ///
    /// Why: it names a record of the patient's body.
    ///
    /// Action: Cleans: the number is taken out, the keyword and the rest of the text stays.
    ///
    /// HIPAA: (P) biometric identifiers
    ///
    /// Example: fingerprint FP-20931.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(P)
    "biometric-keyword",
    /// Number after another keyword
    ///
    /// A number that follows a keyword: accession, order, case, encounter, passport, user and the like. It has a
    /// digit; a plain word after the keyword is no number.
    ///
    /// Why: it names one event or person in some system.
    ///
    /// Action: Cleans: the number is taken out, the keyword and the rest of the text stays.
    ///
    /// HIPAA: (R) other unique identifiers
    ///
    /// Example: case 47-11.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(R)
    "other-keyword",
    /// Long number without a keyword
    ///
    /// Six digits and more that are no decimal fraction.
    ///
    /// Why: in free text such a number is an identifier until somebody shows otherwise.
    ///
    /// Action: Cleans: the number is taken out and the rest of the text stays.
    ///
    /// HIPAA: (R) other unique identifiers
    ///
    /// Example: copy 5551234987 sent.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(R)
    "bare-number",
    /// Letters with a long number
    ///
    /// One to five capital letters and five digits and more.
    ///
    /// Why: accession and specimen numbers look so.
    ///
    /// Action: Cleans: the code is taken out and the rest of the text stays.
    ///
    /// HIPAA: (R) other unique identifiers
    ///
    /// Example: folder XR20993.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(R)
    "bare-code",
    /// Name in a social network
    ///
    /// A name behind @ with a digit in it, or a name behind the word for a network.
    ///
    /// Why: the name leads to the person's own page.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (N) web addresses
    ///
    /// Example: @janedoe77.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(N)
    "handle",
    /// Latitude and longitude
    ///
    /// A pair of decimals behind a word such as GPS, one behind lat or lon, or degrees and minutes with a point of
    /// the compass.
    ///
    /// Why: a point on the map is finer than a state.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (B) places smaller than a state
    ///
    /// Example: GPS 40.7128, -74.0060.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(B)
    "coordinates",
    /// Town or county
    ///
    /// Capitalized words behind words such as born in, resident of, moved here from; or before County and the like.
    ///
    /// Why: a town narrows down who it may be.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (B) places smaller than a state
    ///
    /// Example: moved here from Port Huron.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(B)
    "place",
    /// Owner of a folder
    ///
    /// The part of a path behind Users or home.
    ///
    /// Why: the folder has the name of its owner.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (R) other unique identifiers
    ///
    /// Example: /home/akovacs/ct.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(R)
    "path-user",
    /// Path on a server
    ///
    /// Two backslashes, a server and folders.
    ///
    /// Why: servers and folders bear the names of sites and people.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (N) web addresses
    ///
    /// Example: a server called RADSRV01 and its folder doe.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(N)
    "share",
    /// Name of a user
    ///
    /// What follows user, login and the like and a colon, or stands before logged in.
    ///
    /// Why: such names are made of names of people.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (R) other unique identifiers
    ///
    /// Example: login: kovacs.a.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(R)
    "user-name",
    /// Name of a computer
    ///
    /// What follows host, workstation, station name and the like.
    ///
    /// Why: it places the device, and may name its owner.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (M) device identifiers and serials; (R) other unique identifiers
    ///
    /// Example: hostname rad-ws-017.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(M), (R)
    "host-name",
    /// Title of an application entity
    ///
    /// What follows AE title, in capitals or with a digit.
    ///
    /// Why: it places the device at a site.
    ///
    /// Action: Cleans: it is taken out and the rest of the text stays.
    ///
    /// HIPAA: (R) other unique identifiers
    ///
    /// Example: AE title CT_STM_2.
    ///
    /// Source: 45 CFR 164.514(b)(2)(i)(R); PS3.8
    "ae-title",
}
