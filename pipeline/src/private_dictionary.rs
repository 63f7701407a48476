//! Value representations of private attributes, for files that do not state them.
//!
//! Source: `data/private_dictionary.txt`, whose head names its source and licence; the list of safe private attributes
//! goes before it.

use dicom_core::VR;
use serde::Deserialize;
use std::collections::HashMap;
use std::str::FromStr;
use std::sync::LazyLock;

const DICTIONARY: &str = include_str!("../data/private_dictionary.txt");
const SAFE_LIST: &str = include_str!("../data/safe_private.csv");

type Elements = HashMap<(u16, u8), VR>;

/// Elements by creator in capitals. Few files need it: it is read when the first does.
static CREATORS: LazyLock<HashMap<String, Elements>> = LazyLock::new(load);

/// The VR of a private attribute, by its creator and the last two digits of its element number.
pub(crate) fn private_vr(group: u16, creator: &str, element: u8) -> Option<VR> {
    let creator = creator.trim_matches(['\0', ' ']).to_uppercase();
    CREATORS.get(&creator).and_then(|elements| elements.get(&(group, element))).copied()
}

fn load() -> HashMap<String, Elements> {
    let mut creators: HashMap<String, Elements> = HashMap::new();
    let mut elements = &mut Elements::new();
    for line in DICTIONARY.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix('\t') {
            None => elements = creators.entry(line.to_uppercase()).or_default(),
            Some(group) => add_group(elements, group),
        }
    }
    add_safe_list(&mut creators);
    creators
}

fn add_group(elements: &mut Elements, line: &str) {
    let (group, rest) = line.split_once(' ').expect("a line of the committed dictionary has a group and more");
    let words: Vec<&str> = rest.split(' ').collect();
    for pair in words.chunks_exact(2) {
        let vr = VR::from_str(pair[0]).expect("the committed dictionary has known VRs");
        for digits in pair[1].as_bytes().chunks(2) {
            let digits = std::str::from_utf8(digits).expect("the committed dictionary is ASCII");
            elements.insert((hexadecimal(group), hexadecimal(digits) as u8), vr);
        }
    }
}

#[derive(Deserialize)]
struct SafeRow {
    group: String,
    creator: String,
    element: String,
    vr: String,
}

fn add_safe_list(creators: &mut HashMap<String, Elements>) {
    for row in csv::Reader::from_reader(SAFE_LIST.as_bytes()).deserialize::<SafeRow>() {
        let row = row.expect("the committed list has every column");
        if let Some(vr) = VR::from_str(&row.vr).ok().filter(|vr| *vr != VR::UN) {
            let elements = creators.entry(row.creator.trim().to_uppercase()).or_default();
            elements.insert((hexadecimal(&row.group), hexadecimal(&row.element) as u8), vr);
        }
    }
}

fn hexadecimal(digits: &str) -> u16 {
    u16::from_str_radix(digits, 16).expect("the committed tables have hexadecimal numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_by_creator_and_element() {
        assert!(CREATORS.len() > 400);
        for (group, creator, element, vr) in [
            (0x0029, "SIEMENS CSA HEADER", 0x10, Some(VR::OB)),
            (0x0009, "gems_iden_01 ", 0x04, Some(VR::LO)),
            (0x0009, "GEMS_IDEN_01", 0x30, Some(VR::SH)),
            (0x7FDF, "ACUSON: 1.2.840.11386.1.0", 0x0B, Some(VR::UL)),
            (0x0029, "NOBODY", 0x10, None),
        ] {
            assert_eq!(private_vr(group, creator, element), vr, "{creator} {element:02x}");
        }
    }
}
