//! Content items: relationship, concept and value (PS3.3 C.17.3).

use super::super::common::code;
use super::super::references;
use crate::plant::{Phrase, Secret, Sheet};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

/// A code: value, scheme and meaning.
pub(super) type Code = (&'static str, &'static str, &'static str);

/// A content item.
pub(super) struct Content {
    pub(super) relationship: &'static str,
    /// Images among key objects have none.
    pub(super) concept: Option<Code>,
    pub(super) value: Value,
    pub(super) children: Vec<Content>,
}

pub(super) enum Value {
    PersonName(Secret),
    Identifier(Secret),
    Date(Secret),
    DateTime(Secret),
    Uid(Secret),
    Text(Phrase),
    Code(Code),
    /// A number with its unit.
    Number(&'static str, Code),
    Image(&'static str, Secret),
    /// A closed line on the image that is the only child.
    Outline([f64; 10]),
    Container,
}

impl Content {
    pub(super) const fn new(relationship: &'static str, concept: Code, value: Value) -> Self {
        Self { relationship, concept: Some(concept), value, children: Vec::new() }
    }

    pub(super) const fn image(relationship: &'static str, class: &'static str, uid: Secret) -> Self {
        Self { relationship, concept: None, value: Value::Image(class, uid), children: Vec::new() }
    }

    pub(super) fn with(mut self, children: Vec<Self>) -> Self {
        self.children = children;
        self
    }

    fn write(&self, item: &mut Sheet<'_>) {
        item.put(tags::RELATIONSHIP_TYPE, self.relationship);
        item.put(tags::VALUE_TYPE, self.value.type_name());
        if let Some((value, scheme, meaning)) = self.concept {
            code(item, tags::CONCEPT_NAME_CODE_SEQUENCE, value, scheme, meaning);
        }
        self.value.write(item);
        if !self.children.is_empty() {
            write_all(item, &self.children);
        }
    }
}

/// Content Sequence.
pub(super) fn write_all(sheet: &mut Sheet<'_>, items: &[Content]) {
    let n_items = u32::try_from(items.len()).expect("a report has few items");
    sheet.items(tags::CONTENT_SEQUENCE, n_items, |item_idx, item| items[item_idx as usize].write(item));
}

impl Value {
    fn write(&self, item: &mut Sheet<'_>) {
        match self {
            Self::PersonName(secret) => item.plant(tags::PERSON_NAME, secret),
            Self::Identifier(secret) => item.plant_as(tags::TEXT_VALUE, VR::UT, secret),
            Self::Date(secret) => item.plant(Tag(0x0040, 0xa121), secret),
            Self::DateTime(secret) => item.plant(tags::DATE_TIME, secret),
            Self::Uid(secret) => item.plant(tags::UID, secret),
            Self::Text(phrase) => item.phrase(tags::TEXT_VALUE, phrase),
            Self::Code((value, scheme, meaning)) => {
                code(item, tags::CONCEPT_CODE_SEQUENCE, value, scheme, meaning);
            }
            Self::Number(number, (value, scheme, meaning)) => item.item(tags::MEASURED_VALUE_SEQUENCE, |measured| {
                measured.put(tags::NUMERIC_VALUE, *number);
                code(measured, tags::MEASUREMENT_UNITS_CODE_SEQUENCE, value, scheme, meaning);
            }),
            Self::Image(class, uid) => {
                item.item(tags::REFERENCED_SOP_SEQUENCE, |reference| references::instance(reference, class, uid));
            }
            Self::Outline(points) => {
                item.put_reals(tags::GRAPHIC_DATA, points);
                item.put(tags::GRAPHIC_TYPE, "POLYLINE");
            }
            Self::Container => item.put(tags::CONTINUITY_OF_CONTENT, "SEPARATE"),
        }
    }

    const fn type_name(&self) -> &'static str {
        match self {
            Self::PersonName(_) => "PNAME",
            Self::Identifier(_) | Self::Text(_) => "TEXT",
            Self::Date(_) => "DATE",
            Self::DateTime(_) => "DATETIME",
            Self::Uid(_) => "UIDREF",
            Self::Code(_) => "CODE",
            Self::Number(..) => "NUM",
            Self::Image(..) => "IMAGE",
            Self::Outline(_) => "SCOORD",
            Self::Container => "CONTAINER",
        }
    }
}
