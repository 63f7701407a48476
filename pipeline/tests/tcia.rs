//! The policy `tcia` does what the script of The Cancer Imaging Archive does, or what a committed list says and why.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::uids;
use efface_pipeline::Policy;
use efface_pipeline::tier1::{IodPlace, Tier1, dictionary_vr};
use efface_schema::Action;
use std::collections::BTreeMap;

const SCRIPT: &str = include_str!("tcia/ctp_script.csv");
const DIFFERENCES: &str = include_str!("tcia/differences.csv");

fn rows(text: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    reader.records().map(|row| row.expect("a committed table")).collect()
}

/// The tag; `None` for the rows that stand for groups.
fn tag(text: &str) -> Option<Tag> {
    let digits = |range| u16::from_str_radix(text.get(range)?, 16).ok();
    if text.len() != 8 {
        return None;
    }
    Some(Tag(digits(0..4)?, digits(4..8)?))
}

/// Whether an action does what an instruction asks, or leaves less. `None` for an instruction that says nothing.
fn agrees(script: &str, action: Action) -> Option<bool> {
    use Action::{Clean, Empty, Keep, MapIdentifier, MapUid, Remove, Replace, ShiftDate};
    // An empty or invented value says no more than a missing one.
    let gone = matches!(action, Remove | Empty | Replace);
    Some(match script {
        "@keep()" => matches!(action, Keep | Clean),
        "@remove()" | "removed" | "@empty()" | "REV-@hashname(this,4)" => gone,
        "@hashuid(@UIDROOT,this)" => action == MapUid || gone,
        "@incrementdate(this,@DATEINC)" => action == ShiftDate || gone,
        "@process()" => matches!(action, Clean | MapUid | Replace),
        "LOOKUP(this,ptid)" | "LOOKUP(PatientID,ptid)" => action == MapIdentifier,
        "" => return None,
        other => panic!("an instruction that this test does not know: {other}"),
    })
}

#[test]
fn every_row_of_the_script_is_followed_or_its_difference_is_listed() {
    let tier1 = Tier1::new(&Policy::load("tcia").expect("built in"));
    let listed: BTreeMap<String, String> =
        rows(DIFFERENCES).iter().map(|row| (row[0].to_owned(), row[1].to_owned())).collect();
    let (mut differing, mut faults, mut n_followed) = (BTreeMap::new(), Vec::new(), 0);
    for row in rows(SCRIPT) {
        let Some(tag) = tag(&row[0]) else { continue };
        let vr = dictionary_vr(tag).unwrap_or(VR::UN);
        // Where the Type is not known, and where the attribute may be absent.
        for place in [IodPlace::UNKNOWN, IodPlace::root(uids::RAW_DATA_STORAGE)] {
            let action = tier1.standard_at(tag, vr, place).action;
            match (agrees(&row[3], action), listed.get(&row[0])) {
                (None | Some(true), None) => n_followed += 1,
                (Some(false), Some(expected)) if *expected == action.to_string() => {
                    differing.insert(row[0].to_owned(), action.to_string());
                }
                (_, listed) => faults.push(format!("{tag} {}: {} {action} (listed: {listed:?})", &row[1], &row[3])),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(differing, listed, "a listed difference that there is not");
    assert_eq!(n_followed, 2 * (652 - listed.len()), "every attribute of the table but Display URI, and one of none");
}

#[test]
fn whole_groups_go() {
    let tier1 = Tier1::new(&Policy::load("tcia").expect("built in"));
    for (tag, vr) in [
        (Tag(0x5000, 0x3000), VR::OW),
        (Tag(0x501E, 0x0005), VR::US),
        (Tag(0x6000, 0x3000), VR::OW),
        (Tag(0x6002, 0x4000), VR::LT),
    ] {
        assert_eq!(tier1.standard(tag, vr).action, Action::Remove, "{tag}");
    }
    assert_eq!(tier1.private(0x0009, None, 0x01, VR::LO).action, Action::Remove);
}
