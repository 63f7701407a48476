//! The index of one output file: every attribute by its lookup key, with its printed value.

use super::render::{Surroundings, effective_vr, value_text};
use crate::reader::{Charset, DataSet, Instance, Tag, Value, dictionary};
use md5::{Digest, Md5};
use std::collections::HashMap;

/// The printed value of pixel data and overlay data.
pub(crate) const BULK_MARK: &str = "<REMOVED>";

/// What the scorer knows of one output file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedFile {
    /// Printed values by lookup key (`tag_ds`), both wrapped in `<` and `>`.
    pub values: HashMap<String, String>,
    /// MD5 of the pixel data as it stands, or the text `None`.
    pub pixel_digest: String,
    /// Modality, SOP class, patient, study, series, instance: wrapped; absent attributes are absent.
    pub identity: [Option<String>; 6],
}

/// The header attributes that the scorer cannot do without, in the order of [`IndexedFile::identity`].
const IDENTITY: [Tag; 6] = [
    Tag::new(0x0008, 0x0060),
    Tag::new(0x0008, 0x0016),
    Tag::new(0x0010, 0x0020),
    Tag::new(0x0020, 0x000d),
    Tag::new(0x0020, 0x000e),
    Tag::new(0x0008, 0x0018),
];

impl IndexedFile {
    /// Indexes a file that was taken apart.
    pub(crate) fn new(instance: &Instance<'_>) -> Self {
        let mut values = HashMap::with_capacity(instance.data_set.elements.len() * 2);
        index(&instance.data_set, "", &Charset::default(), instance.big_endian, &mut values);
        let identity = IDENTITY.map(|tag| values.get(&format!("<({:04x},{:04x})>", tag.group, tag.element)).cloned());
        Self { values, pixel_digest: pixel_digest(&instance.data_set), identity }
    }

    /// The SOP Instance UID, wrapped.
    pub fn sop_instance_uid(&self) -> Option<&str> {
        self.identity[5].as_deref()
    }
}

fn pixel_digest(data_set: &DataSet<'_>) -> String {
    match data_set.bytes(Tag::PIXEL_DATA) {
        Some(bytes) => Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        None => "None".to_owned(),
    }
}

fn index(
    data_set: &DataSet<'_>,
    parent: &str,
    parents_charset: &Charset,
    big_endian: bool,
    values: &mut HashMap<String, String>,
) {
    let own = data_set.bytes(Tag::CHARSET).map(Charset::parse);
    let charset = own.as_ref().unwrap_or(parents_charset);
    let surroundings = Surroundings { data_set, charset, big_endian };
    for element in &data_set.elements {
        let key = format!("{parent}{}", lookup_key(element.tag, data_set));
        let is_bulk = !element.tag.is_private()
            && dictionary::element(element.tag)
                .is_some_and(|entry| matches!(entry.name, "Pixel Data" | "Overlay Data"));
        if is_bulk {
            values.insert(key, BULK_MARK.to_owned());
            continue;
        }
        if let Value::Items(items) = &element.value {
            for (item_idx, item) in items.iter().enumerate() {
                index(item, &format!("{key}[<{item_idx:04}>]"), charset, big_endian, values);
            }
        } else if effective_vr(element, data_set) == "SQ" {
            // An empty sequence of a file that states no representations.
            values.insert(key, "<[]>".to_owned());
            continue;
        }
        let text = value_text(element, &surroundings);
        values.insert(key, format!("<{text}>"));
    }
}

/// `<(gggg,eeee)>`, or `<(gggg,"CREATOR",ee)>` for a private attribute whose creator is there.
fn lookup_key(tag: Tag, data_set: &DataSet<'_>) -> String {
    match data_set.private_creator(tag) {
        Some(creator) => format!("<({:04x},\"{}\",{:02x})>", tag.group, creator.to_uppercase(), tag.element & 0xff),
        None => format!("<({:04x},{:04x})>", tag.group, tag.element),
    }
}
