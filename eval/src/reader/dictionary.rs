//! Names and value representations as pydicom 2.2.1 knows them.
//!
//! Source: the dictionaries of pydicom 2.2.1 (MIT licence; its private part comes from GDCM, BSD licence),
//! written by `eval/data/generate_dictionaries.py`. See `eval/data/README.md`.

use super::Tag;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a dictionary says about one attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The value representation; several joined by ` or ` where the standard leaves the choice.
    pub vr: &'static str,
    /// The name in words.
    pub name: &'static str,
}

struct Dictionaries {
    elements: HashMap<Tag, Entry>,
    /// Attributes of repeating groups, by mask and pattern.
    repeaters: Vec<(u32, u32, Entry)>,
    private: HashMap<&'static str, HashMap<&'static str, Entry>>,
    uids: HashMap<&'static str, &'static str>,
}

static DICTIONARIES: LazyLock<Dictionaries> = LazyLock::new(|| Dictionaries {
    elements: rows(include_str!("../../data/pydicom/elements.csv"))
        .filter_map(|[tag, vr, name]| Some((Tag::from_u32(u32::from_str_radix(tag, 16).ok()?), Entry { vr, name })))
        .collect(),
    repeaters: rows(include_str!("../../data/pydicom/elements.csv")).filter_map(|row| repeater(&row)).collect(),
    private: private(),
    uids: rows(include_str!("../../data/pydicom/uids.csv")).map(|[uid, name]| (uid, name)).collect(),
});

/// The fields of the lines after the header. A quoted field stands alone in quotes and holds no doubled quotes.
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().skip(1).filter_map(|line| fields(line).try_into().ok())
}

fn fields(line: &'static str) -> Vec<&'static str> {
    let mut found = Vec::with_capacity(4);
    let mut rest = line;
    loop {
        let (field, tail) = match rest.strip_prefix('"') {
            Some(quoted) => match quoted.split_once('"') {
                Some((field, tail)) => (field, tail.strip_prefix(',')),
                None => (quoted, None),
            },
            None => match rest.split_once(',') {
                Some((field, tail)) => (field, Some(tail)),
                None => (rest, None),
            },
        };
        found.push(field);
        match tail {
            Some(tail) => rest = tail,
            None => return found,
        }
    }
}

fn repeater(row: &[&'static str; 3]) -> Option<(u32, u32, Entry)> {
    let [pattern, vr, name] = *row;
    if !pattern.contains('x') {
        return None;
    }
    let mask =
        u32::from_str_radix(&pattern.chars().map(|digit| if digit == 'x' { '0' } else { 'f' }).collect::<String>(), 16);
    let value = u32::from_str_radix(&pattern.replace('x', "0"), 16);
    Some((mask.ok()?, value.ok()?, Entry { vr, name }))
}

fn private() -> HashMap<&'static str, HashMap<&'static str, Entry>> {
    let mut creators: HashMap<&'static str, HashMap<&'static str, Entry>> = HashMap::new();
    for [creator, pattern, vr, name] in rows(include_str!("../../data/pydicom/private_elements.csv")) {
        creators.entry(creator).or_default().insert(pattern, Entry { vr, name });
    }
    creators
}

/// A standard attribute, repeating groups included.
pub(crate) fn element(tag: Tag) -> Option<Entry> {
    let found = DICTIONARIES.elements.get(&tag).copied();
    found.or_else(|| {
        let number = tag.to_u32();
        DICTIONARIES.repeaters.iter().find(|(mask, value, _)| number & mask == *value).map(|(_, _, entry)| *entry)
    })
}

/// A private attribute by its creator as it stands in the data set.
pub(crate) fn private_element(tag: Tag, creator: &str) -> Option<Entry> {
    let elements = DICTIONARIES.private.get(creator)?;
    let (group, element) = (tag.group, tag.element);
    let low = element & 0xff;
    [format!("{group:04x}{element:04x}"), format!("{group:04x}xx{low:02x}"), format!("{:02x}xxxx{low:02x}", group >> 8)]
        .iter()
        .find_map(|pattern| elements.get(pattern.as_str()).copied())
}

/// The registered name of a UID.
pub(crate) fn uid_name(uid: &str) -> Option<&'static str> {
    DICTIONARIES.uids.get(uid).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_attributes_have_their_names() {
        let description = element(Tag::new(0x0008, 0x103e)).expect("in the dictionary");
        assert_eq!((description.vr, description.name), ("LO", "Series Description"));
        assert_eq!(element(Tag::new(0x6002, 0x3000)).map(|entry| entry.name), Some("Overlay Data"));
        assert_eq!(element(Tag::new(0x0008, 0x9999)), None);
        assert_eq!(uid_name("1.2.840.10008.1.2.1"), Some("Explicit VR Little Endian"));
    }

    #[test]
    fn every_row_of_the_tables_is_read() {
        assert_eq!(DICTIONARIES.elements.len() + DICTIONARIES.repeaters.len(), 4927);
        assert_eq!(DICTIONARIES.private.values().map(HashMap::len).sum::<usize>(), 8916);
        assert_eq!(DICTIONARIES.uids.len(), 447);
    }

    #[test]
    fn private_attributes_are_found_in_any_block() {
        let found = private_element(Tag::new(0x0019, 0x1110), "1.2.840.113681").expect("in the dictionary");
        assert_eq!(found.vr, "ST");
        assert_eq!(private_element(Tag::new(0x0019, 0x1110), "nobody"), None);
    }
}
