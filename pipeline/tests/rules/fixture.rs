//! The form of a fixture: what is planted into a small instance, as TOML. `README.md` beside describes it.

use crate::support::{Sample, bytes, text};
use dicom_core::value::{DataSetSequence, PrimitiveValue, Value};
use dicom_core::{DataElement, Length, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use efface_schema::{AttributePath, ElementReference, PathStep};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::str::FromStr;

/// One fixture.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Fixture {
    /// What it shows, in a sentence.
    pub(crate) about: String,
    /// A built-in policy, or the text of one.
    #[serde(default = "tcia")]
    pub(crate) policy: String,
    /// What the instance has in addition to the sample.
    #[serde(default)]
    pub(crate) elements: BTreeMap<String, Planted>,
    /// What the sample has and the instance has not.
    #[serde(default)]
    pub(crate) without: Vec<AttributePath>,
    /// Further instances of the patient: what they have in addition.
    #[serde(default)]
    pub(crate) others: Vec<BTreeMap<String, Planted>>,
    /// How the instance is encoded.
    pub(crate) transfer_syntax: Option<String>,
    /// The source AE title of the file meta information, which is then shown.
    pub(crate) source_ae_title: Option<String>,
    /// The first of the 128 bytes before the prefix.
    pub(crate) preamble: Option<String>,
    /// What follows the data set.
    pub(crate) trailing: Option<String>,
    /// Encapsulated pixel data: the offset table and the fragments.
    pub(crate) fragments: Option<Vec<String>>,
    /// Text drawn into the pixels, which are then looked at.
    pub(crate) picture: Option<Picture>,
    /// Whether the pixels are looked at though nothing is drawn.
    #[serde(default)]
    pub(crate) pixels: bool,
}

/// A value.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Planted {
    Text(String),
    Numbers(Vec<i64>),
    Bytes { bytes: String },
}

/// A dark picture with light text.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Picture {
    /// Lines of text.
    #[serde(default)]
    pub(crate) lines: Vec<String>,
    /// A row of strokes that look like writing and that nobody can read.
    #[serde(default)]
    pub(crate) strokes: bool,
    /// Whether the pixels are stored in JPEG Baseline.
    #[serde(default)]
    pub(crate) jpeg_baseline: bool,
}

/// Elements of the file meta information that a fixture with a source AE title shows.
const FILE_META: [Tag; 4] = [
    tags::MEDIA_STORAGE_SOP_INSTANCE_UID,
    tags::TRANSFER_SYNTAX_UID,
    tags::IMPLEMENTATION_CLASS_UID,
    tags::SOURCE_APPLICATION_ENTITY_TITLE,
];

fn tcia() -> String {
    "tcia".to_owned()
}

impl Fixture {
    pub(crate) fn looks_at_pixels(&self) -> bool {
        self.pixels || self.picture.is_some()
    }

    /// The tags at the root under which something was planted.
    pub(crate) fn planted_roots(&self) -> Vec<Tag> {
        let roots = self.elements.keys().map(|key| steps(&parse_key(key).0)[0].0);
        roots.chain(self.source_ae_title.iter().flat_map(|_| FILE_META)).collect()
    }

    /// The instance.
    pub(crate) fn sample(&self) -> Sample {
        let mut sample = Sample::new("1.2.826.0.1.3680043.99.1.1.1");
        for path in &self.without {
            sample.data_set.remove_element(steps(path)[0].0);
        }
        plant_all(&mut sample.data_set, &self.elements);
        if let Some(transfer_syntax) = &self.transfer_syntax {
            sample.transfer_syntax(transfer_syntax);
        }
        if let Some(title) = &self.source_ae_title {
            sample.meta.source_application_entity_title = Some(title.clone());
            sample.meta.update_information_group_length();
        }
        if let Some(preamble) = &self.preamble {
            let bytes = unescaped(preamble);
            sample.preamble[..bytes.len()].copy_from_slice(&bytes);
        }
        if let Some(picture) = &self.picture {
            crate::picture::draw(picture, &mut sample.data_set);
            if picture.jpeg_baseline {
                let codestream = crate::picture::jpeg_baseline(&sample.data_set);
                sample.transfer_syntax(uids::JPEG_BASELINE8_BIT);
                sample.data_set.remove_element(tags::PIXEL_DATA);
                sample.trailing = encapsulated(&[Vec::new(), codestream]);
            }
        }
        if let Some(items) = &self.fragments {
            sample.data_set.remove_element(tags::PIXEL_DATA);
            sample.trailing = encapsulated(&items.iter().map(|item| unescaped(item)).collect::<Vec<_>>());
        }
        sample.trailing.extend(self.trailing.as_deref().map(unescaped).unwrap_or_default());
        sample
    }

    /// The patient's further instances.
    pub(crate) fn other_samples(&self) -> Vec<Sample> {
        let others = (2_usize..).zip(&self.others).map(|(number, elements)| {
            let mut sample = Sample::new(&format!("1.2.826.0.1.3680043.99.1.1.{number}"));
            plant_all(&mut sample.data_set, elements);
            sample
        });
        others.collect()
    }
}

fn encapsulated(items: &[Vec<u8>]) -> Vec<u8> {
    let mut element = b"\xE0\x7F\x10\x00OB\0\0\xFF\xFF\xFF\xFF".to_vec();
    for item in items {
        let mut item = item.clone();
        item.resize(item.len().next_multiple_of(2), 0);
        element.extend(b"\xFE\xFF\x00\xE0");
        element.extend(u32::try_from(item.len()).expect("a short fragment").to_le_bytes());
        element.extend(item);
    }
    element.extend(b"\xFE\xFF\xDD\xE0\0\0\0\0");
    element
}

fn plant_all(data_set: &mut InMemDicomObject, elements: &BTreeMap<String, Planted>) {
    for (key, value) in elements {
        let (path, vr) = parse_key(key);
        plant(data_set, &steps(&path), vr, value);
    }
}

/// `(0040,0275)[0](0040,0007) LO`: the path by tags as they stand in the file, and the VR.
pub(crate) fn parse_key(key: &str) -> (AttributePath, VR) {
    let (path, vr) = key.rsplit_once(' ').unwrap_or_else(|| panic!("{key}: a path, a blank and a VR"));
    let path = path.parse().unwrap_or_else(|_| panic!("{key}: no path of tags and items"));
    (path, VR::from_str(vr).unwrap_or_else(|_| panic!("{key}: no VR")))
}

/// The tags of a path, each with the item that leads on.
pub(crate) fn steps(path: &AttributePath) -> Vec<(Tag, Option<u32>)> {
    let mut steps: Vec<(Tag, Option<u32>)> = Vec::new();
    for step in path.steps() {
        match (step, steps.last_mut()) {
            (PathStep::Element(ElementReference::Tag { group, element }), _) => {
                steps.push((Tag(*group, *element), None));
            }
            (PathStep::Item(item_idx), Some(last)) => last.1 = Some(*item_idx),
            _ => panic!("fixtures name private attributes by their tags as well"),
        }
    }
    steps
}

fn plant(data_set: &mut InMemDicomObject, steps: &[(Tag, Option<u32>)], vr: VR, value: &Planted) {
    let (tag, item_idx) = steps[0];
    let Some(item_idx) = item_idx else {
        data_set.put(element(tag, vr, value));
        return;
    };
    let mut items: Vec<InMemDicomObject> =
        data_set.take(tag).and_then(|sequence| sequence.into_value().into_items()).unwrap_or_default().into_vec();
    items.resize_with(items.len().max(item_idx as usize + 1), InMemDicomObject::new_empty);
    plant(&mut items[item_idx as usize], &steps[1..], vr, value);
    let sequence = Value::Sequence(DataSetSequence::new(items, Length::UNDEFINED));
    data_set.put(DataElement::new_with_len(tag, VR::SQ, Length::UNDEFINED, sequence));
}

fn element(tag: Tag, vr: VR, value: &Planted) -> InMemElement {
    match value {
        Planted::Text(value) => text(tag, vr, value),
        Planted::Bytes { bytes: value } => bytes(tag, vr, &unescaped(value)),
        Planted::Numbers(numbers) => DataElement::new(tag, vr, numeric(vr, numbers)),
    }
}

fn numeric(vr: VR, numbers: &[i64]) -> PrimitiveValue {
    let fits = "a number that fits its VR";
    match vr {
        VR::US | VR::OW => PrimitiveValue::U16(numbers.iter().map(|&n| u16::try_from(n).expect(fits)).collect()),
        VR::SS => PrimitiveValue::I16(numbers.iter().map(|&n| i16::try_from(n).expect(fits)).collect()),
        VR::UL => PrimitiveValue::U32(numbers.iter().map(|&n| u32::try_from(n).expect(fits)).collect()),
        VR::SL => PrimitiveValue::I32(numbers.iter().map(|&n| i32::try_from(n).expect(fits)).collect()),
        VR::FL => PrimitiveValue::F32(numbers.iter().map(|&n| n as f32).collect()),
        VR::FD => PrimitiveValue::F64(numbers.iter().map(|&n| n as f64).collect()),
        VR::OB | VR::UN => PrimitiveValue::U8(numbers.iter().map(|&n| u8::try_from(n).expect(fits)).collect()),
        _ => panic!("{vr:?} has no numbers: give text or bytes"),
    }
}

/// Text with `\xHH` for bytes.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\x") {
        bytes.extend(&rest.as_bytes()[..at]);
        bytes.push(u8::from_str_radix(&rest[at + 2..at + 4], 16).expect("two hexadecimal digits after \\x"));
        rest = &rest[at + 4..];
    }
    bytes.extend(rest.as_bytes());
    bytes
}
