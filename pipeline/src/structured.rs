//! Structured content: what an item of a content tree holds, by its value type and its concept name.
//!
//! The table of tier 1 rules on attributes; inside a content tree the same attribute holds a finding in one item and
//! the name of a person in the next. Where the policy cleans structured content, this module refines the table's
//! rulings item by item. Sources: PS3.3 section C.17.3 (value types); PS3.16 TID 1001 to 1010 (observation and subject
//! context), TID 1020 (person participant), TID 1021 (device participant), chapter 8 (coding schemes).

use crate::policy::ProfileOptions;
use crate::rules::rule;
use crate::tier1::Ruling;
use dicom_core::Tag;
use dicom_core::value::Value;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use efface_schema::{Action, AttributePath, Decision, ElementReference, Locus, PhiLabel, Probability, Source};
use regex::RegexSet;
use std::sync::OnceLock;

/// What a concept name demands of the value beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Concept {
    /// A person's name: the patient's or somebody else's.
    PersonName,
    /// A number or word that stands for the patient, a person, an order or a specimen.
    Identifier,
    /// The date of birth.
    BirthDate,
    /// The age.
    Age,
    /// The name of an institution, an organization or a place.
    Institution,
    /// An address, telephone number or login.
    Contact,
    /// The name, maker or serial number of a device.
    Device,
    /// A kind of thing, of which a UID is no instance.
    Class,
    /// A finding, a measurement or anything else.
    Other,
}

/// Codes of scheme DCM whose values name somebody or something (PS3.16 annex D).
const DICOM_CONCEPTS: &[(&str, Concept)] = &[
    ("110119", Concept::Contact),
    ("110122", Concept::Contact),
    ("110181", Concept::Class),
    ("110182", Concept::Device),
    ("110190", Concept::Institution),
    ("111700", Concept::Identifier),
    ("111705", Concept::Identifier),
    ("111706", Concept::Institution),
    ("111724", Concept::Institution),
    ("113511", Concept::Identifier),
    ("113516", Concept::Identifier),
    ("113870", Concept::PersonName),
    ("113871", Concept::Identifier),
    ("113872", Concept::Institution),
    ("113873", Concept::Institution),
    ("113877", Concept::Device),
    ("113878", Concept::Device),
    ("113879", Concept::Device),
    ("113880", Concept::Device),
    ("121008", Concept::PersonName),
    ("121009", Concept::Institution),
    ("121013", Concept::Device),
    ("121014", Concept::Device),
    ("121015", Concept::Device),
    ("121016", Concept::Device),
    ("121017", Concept::Institution),
    ("121020", Concept::Identifier),
    ("121021", Concept::Identifier),
    ("121022", Concept::Identifier),
    ("121029", Concept::PersonName),
    ("121030", Concept::Identifier),
    ("121031", Concept::BirthDate),
    ("121033", Concept::Age),
    ("121036", Concept::PersonName),
    ("121040", Concept::Identifier),
    ("121041", Concept::Identifier),
    ("121043", Concept::Identifier),
    ("121081", Concept::PersonName),
    ("121114", Concept::PersonName),
    ("121152", Concept::PersonName),
    ("121193", Concept::Device),
    ("121194", Concept::Device),
    ("121195", Concept::Device),
    ("121196", Concept::Device),
    ("121197", Concept::Institution),
    ("121434", Concept::Institution),
    ("122143", Concept::Device),
    ("128774", Concept::Contact),
    ("128775", Concept::Identifier),
];

/// Words of a concept's meaning that tell the same where the code is not on the list; the first that fits counts.
const MEANINGS: &[(&str, Concept)] = &[
    (r"(?i)\b(?:address|telephone|phone|fax|e-?mail|pager|login|password)\b", Concept::Contact),
    (r"(?i)\b(?:birth ?date|date of birth|dob)\b", Concept::BirthDate),
    (r"(?i)\b(?:subject|patient)(?:'s)? age\b", Concept::Age),
    (r"(?i)\bserial (?:number|no\b)|\bdevice (?:id|identifier|name)\b|\bstation name\b", Concept::Device),
    (
        r"(?i)\b(?:institution|hospital|clinic|facility|organi[sz]ation|department|ward|employer)(?:'s|al)?(?: name)?$|\b(?:institution|hospital|clinic|facility|organi[sz]ation|department)(?:al)? (?:name|location)\b|\bissuer of\b",
        Concept::Institution,
    ),
    (
        r"(?i)\b(?:patient|subject|person|medical record|mrn|accession|account|insurance|policy|social security|passport|licen[cs]e|placer|filler|order|encounter|visit|admission|specimen|slide|prescription)(?:'s)?(?: order)? (?:id|identifier|number|no\.?|num)\b|\b(?:mrn|ssn)\b",
        Concept::Identifier,
    ),
    (
        r"(?i)\b(?:patient|subject|person|observer|physician|doctor|operator|technologist|technician|radiologist|sonographer|radiographer|nurse|surgeon|author|reader|signer|recipient|requester|performer|reviewer|transcriber|mother|father|relative|guardian|emergency contact|maiden|family|given|first|last|middle)(?:'s)? name\b|\b(?:(?:performing|referring|requesting|attending|reading|consulting|ordering|primary|treating) (?:physician|doctor|radiologist|surgeon)|physician|operator|technologist|radiologist|sonographer|radiographer|surgeon|author|read by|performed by|signed by|verified by|dictated by|reported by|approved by)$",
        Concept::PersonName,
    ),
];

/// Designators of coding schemes that somebody publishes for all (PS3.16 table 8-1 and those it had before).
const STANDARD_SCHEMES: &[&str] = &[
    "ACR",
    "ANS",
    "ARM",
    "ASTM-SIGPURPOSE",
    "BARI",
    "BI",
    "CAPOCPT",
    "CD2",
    "C4",
    "C5",
    "CDT-2",
    "CPT",
    "CTCAE",
    "CVX",
    "DCM",
    "DCMUID",
    "DCMR",
    "DOI",
    "FDAUFI",
    "FDI",
    "FMA",
    "GEOIPCC",
    "HGNC",
    "HL7",
    "HPC",
    "I10",
    "I10P",
    "I11",
    "I9",
    "I9C",
    "IBSI",
    "ICDO3",
    "ICD10",
    "ICD9CM",
    "IETF4646",
    "ISO3166_1",
    "ISO639_1",
    "ISO639_2",
    "ISO_3166-1",
    "ISO_3166-2",
    "ISO_639-1",
    "ISO_639-2",
    "ITIS_TSN",
    "LN",
    "LOINC",
    "MA",
    "MAYOASRG",
    "MDC",
    "MDNS",
    "MGI",
    "MITRAAPP",
    "MSH",
    "NCDR",
    "NCIT",
    "NCIt",
    "NCIM",
    "NCDRR",
    "NDC",
    "NEU",
    "NICIP",
    "NPI",
    "NYUMCCG",
    "PATHLEX",
    "POS",
    "PUBCHEM_CID",
    "RADELEMENT",
    "RADLEX",
    "RFC3066",
    "RFC5646",
    "RO",
    "RXNORM",
    "SCT",
    "SDM",
    "SENO",
    "SNM3",
    "SNO",
    "SRT",
    "TNM",
    "UBERON",
    "UCUM",
    "UMLS",
    "UNII",
    "UNS",
    "UPC",
    "USPS",
    "ICDO",
    "W3C",
    "X12DE1270",
];

/// Units of age whose number is years (UCUM).
const YEARS: &[&str] = &["a", "a_j", "a_g", "a_t", "year", "years", "y"];

/// Marks the meaning of a code that somebody made up at one place: it is searched whole. No decision names it; the
/// table's rule stands in the record.
pub(crate) const LOCAL_CODE: &str = "local-code-meaning";
/// The rule for a value of which the item's concept demands more than the table does.
const CONTENT_ITEM: &str = rule!("content-item");

/// What is to be known of one data set before its attributes are decided about.
pub(crate) struct Structured<'a> {
    item: Option<ContentItem>,
    is_local_code: bool,
    options: &'a ProfileOptions,
}

impl<'a> Structured<'a> {
    /// Looks at a data set. Inside a sequence that is to be replaced, the table's own action stays.
    pub(crate) fn of(data_set: &InMemDicomObject, options: &'a ProfileOptions, replaced: bool) -> Self {
        let cleans = options.clean_structured_content && !replaced;
        Self {
            item: cleans.then(|| ContentItem::of(data_set)).flatten(),
            is_local_code: data_set.get(tags::CODE_MEANING).is_some() && !is_standard_code(data_set),
            options,
        }
    }

    /// Whether there is nothing to be known: the table's rulings stand.
    pub(crate) const fn is_plain(&self) -> bool {
        self.item.is_none() && !self.is_local_code
    }

    /// The ruling on an attribute, made stricter where the item's concept or the code's scheme demands it.
    pub(crate) fn refine(&self, tag: Tag, ruling: Ruling) -> Ruling {
        if ruling.rule == "policy-attribute" {
            return ruling;
        }
        if self.is_local_code && tag == tags::CODE_MEANING && ruling.action == Action::Clean {
            return Ruling { action: Action::Clean, rule: LOCAL_CODE };
        }
        self.item.and_then(|item| item.ruling(tag, self.options)).unwrap_or(ruling)
    }

    /// Says in the record what the values of this item are.
    pub(crate) fn label(&self, tag: Tag, decisions: &mut [Decision]) {
        let label = self.item.and_then(|item| item.label(tag));
        decisions
            .iter_mut()
            .filter(|decision| decision.rule == CONTENT_ITEM)
            .for_each(|decision| decision.label = label);
    }

    /// The decisions about an age of 90 years and more that is given as a number.
    pub(crate) fn age_over_89(&self, path: &AttributePath) -> Option<[Decision; 3]> {
        self.item.filter(|item| item.is_age_over_89)?;
        let number = |tag: Tag, action| Decision {
            locus: Locus::Attribute {
                path: path.element(reference(tags::MEASURED_VALUE_SEQUENCE)).item(0).element(reference(tag)),
            },
            action,
            source: Source::Tier1,
            rule: rule!("age-over-89").to_owned(),
            label: Some(PhiLabel::AgeOver89),
            probability: Probability::ONE,
        };
        Some([
            number(tags::NUMERIC_VALUE, Action::Replace),
            number(tags::FLOATING_POINT_VALUE, Action::Remove),
            number(tags::RATIONAL_NUMERATOR_VALUE, Action::Remove),
        ])
    }
}

fn reference(tag: Tag) -> ElementReference {
    ElementReference::tag(tag.group(), tag.element())
}

/// One item of a content tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ContentItem {
    concept: Concept,
    is_age_over_89: bool,
}

impl ContentItem {
    /// Looks at a data set; nothing where it is no item of a content tree.
    fn of(data_set: &InMemDicomObject) -> Option<Self> {
        data_set.get(tags::VALUE_TYPE)?;
        let concept = items(data_set, tags::CONCEPT_NAME_CODE_SEQUENCE).first().map_or(Concept::Other, Concept::of);
        Some(Self {
            concept,
            is_age_over_89: concept == Concept::Age && age_years(data_set).is_some_and(|age| age > 89.0),
        })
    }

    /// What the concept demands of an attribute of this item, where that is more than the table says.
    fn ruling(&self, tag: Tag, options: &ProfileOptions) -> Option<Ruling> {
        let ruling = |action| Some(Ruling { action, rule: CONTENT_ITEM });
        match (tag, self.concept) {
            // Everybody keeps one name in all reports, so that readers of one study can be told apart.
            (tags::PERSON_NAME, _) => ruling(Action::MapIdentifier),
            (tags::UID, Concept::Class) => ruling(Action::Keep),
            (tags::TEXT_VALUE, Concept::PersonName | Concept::Identifier) => ruling(Action::MapIdentifier),
            (tags::TEXT_VALUE, Concept::Contact | Concept::BirthDate) => ruling(Action::Replace),
            (tags::TEXT_VALUE, Concept::Institution) if !options.retain_institution_identity => ruling(Action::Replace),
            (tags::TEXT_VALUE, Concept::Device) if !options.retain_device_identity => ruling(Action::Replace),
            (tags::DATE | tags::DATE_TIME, Concept::BirthDate) if !options.retain_longitudinal_full_dates => {
                ruling(Action::Replace)
            }
            _ => None,
        }
    }

    /// What the value of this item is, for the record.
    const fn label(&self, tag: Tag) -> Option<PhiLabel> {
        match (tag, self.concept) {
            (tags::PERSON_NAME, _) | (_, Concept::PersonName) => Some(PhiLabel::Name),
            (_, Concept::Identifier) => Some(PhiLabel::OtherId),
            (_, Concept::BirthDate) => Some(PhiLabel::Date),
            (_, Concept::Institution) => Some(PhiLabel::Organization),
            (_, Concept::Device) => Some(PhiLabel::DeviceId),
            _ => None,
        }
    }
}

impl Concept {
    /// Tells a concept by its code, or by the words of its meaning.
    fn of(code: &InMemDicomObject) -> Self {
        let (value, scheme) = (text(code, tags::CODE_VALUE), text(code, tags::CODING_SCHEME_DESIGNATOR));
        if scheme == "DCM" {
            let found = DICOM_CONCEPTS.binary_search_by_key(&value.as_str(), |(code, _)| code);
            if let Ok(index) = found {
                return DICOM_CONCEPTS[index].1;
            }
        }
        static SET: OnceLock<RegexSet> = OnceLock::new();
        let set = SET.get_or_init(|| {
            RegexSet::new(MEANINGS.iter().map(|(pattern, _)| pattern)).expect("the patterns of this file are valid")
        });
        let found = set.matches(text(code, tags::CODE_MEANING).trim());
        found.iter().next().map_or(Self::Other, |index| MEANINGS[index].1)
    }
}

/// Whether the coded entry is of a scheme that its makers publish, so that its meaning was written for everybody.
///
/// A private scheme begins with 99 or with L (PS3.16 chapter 8); a scheme that is not on the list may be one too.
fn is_standard_code(data_set: &InMemDicomObject) -> bool {
    STANDARD_SCHEMES.contains(&text(data_set, tags::CODING_SCHEME_DESIGNATOR).as_str())
}

/// The age that an item gives in years.
fn age_years(item: &InMemDicomObject) -> Option<f64> {
    let measured = items(item, tags::MEASURED_VALUE_SEQUENCE).first()?;
    let unit = items(measured, tags::MEASUREMENT_UNITS_CODE_SEQUENCE).first()?;
    YEARS.contains(&text(unit, tags::CODE_VALUE).as_str()).then(|| text(measured, tags::NUMERIC_VALUE).parse().ok())?
}

fn items(data_set: &InMemDicomObject, tag: Tag) -> &[InMemDicomObject] {
    match data_set.get(tag).map(|element| element.value()) {
        Some(Value::Sequence(sequence)) => sequence.items(),
        _ => &[],
    }
}

fn text(data_set: &InMemDicomObject, tag: Tag) -> String {
    let element = data_set.get(tag).and_then(|element| element.value().to_str().ok());
    element.map(|text| text.trim_matches(['\0', ' ']).to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_core::{DataElement, PrimitiveValue, VR};

    fn concept(value: &str, scheme: &str, meaning: &str) -> Concept {
        let entries = [
            (tags::CODE_VALUE, VR::SH, value),
            (tags::CODING_SCHEME_DESIGNATOR, VR::SH, scheme),
            (tags::CODE_MEANING, VR::LO, meaning),
        ];
        Concept::of(&InMemDicomObject::from_element_iter(
            entries.map(|(tag, vr, text)| DataElement::new(tag, vr, PrimitiveValue::from(text))),
        ))
    }

    #[test]
    fn the_list_of_codes_is_in_order() {
        assert!(DICOM_CONCEPTS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn concepts_are_known_by_code_and_by_meaning() {
        for (value, scheme, meaning, expected) in [
            ("121008", "DCM", "Person Observer Name", Concept::PersonName),
            ("121030", "DCM", "anything", Concept::Identifier),
            ("121012", "DCM", "Device Observer UID", Concept::Other),
            ("121071", "DCM", "Finding", Concept::Other),
            ("121106", "DCM", "Comment", Concept::Other),
            ("X1", "99LOCAL", "Referring Physician", Concept::PersonName),
            ("X2", "99LOCAL", "Patient's Name", Concept::PersonName),
            ("X3", "99LOCAL", "Hospital Name", Concept::Institution),
            ("X4", "99LOCAL", "Medical Record Number", Concept::Identifier),
            ("X5", "99LOCAL", "Telephone", Concept::Contact),
            ("X6", "99LOCAL", "Series Number", Concept::Other),
            ("121173", "DCM", "Physician Note", Concept::Other),
            ("111001", "DCM", "Algorithm Name", Concept::Other),
            ("X7", "99LOCAL", "Patient position", Concept::Other),
            ("X8", "99LOCAL", "Date of Birth", Concept::BirthDate),
        ] {
            assert_eq!(concept(value, scheme, meaning), expected, "{meaning}");
        }
    }
}
