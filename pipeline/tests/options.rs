//! Every option of the profile over its column of PS3.15 table E.1-1, and the manual of policies.

use dicom_core::{Tag, VR};
use efface_pipeline::tier1::{Tier1, dictionary_vr};
use efface_pipeline::{Policy, ProfileOptions};
use efface_schema::Action;

const TABLE: &str = include_str!("../data/e1_1.csv");
const MANUAL: &str = include_str!("../../docs/policies.md");

/// A column of the table, how many codes it has, and how its option is switched on.
type Column = (&'static str, usize, fn(&mut ProfileOptions));

const COLUMNS: [Column; 9] = [
    ("retain_uids", 56, |options| options.retain_uids = true),
    ("retain_device_identity", 59, |options| options.retain_device_identity = true),
    ("retain_institution_identity", 10, |options| options.retain_institution_identity = true),
    ("retain_patient_characteristics", 19, |options| options.retain_patient_characteristics = true),
    ("retain_longitudinal_full_dates", 169, |options| options.retain_longitudinal_full_dates = true),
    ("retain_longitudinal_modified_dates", 169, |options| options.retain_longitudinal_modified_dates = true),
    ("clean_descriptors", 139, |options| options.clean_descriptors = true),
    ("clean_structured_content", 4, |options| options.clean_structured_content = true),
    ("clean_graphics", 1, |options| options.clean_graphics = true),
];

fn tier1(switch_on: impl FnOnce(&mut ProfileOptions)) -> Tier1 {
    let mut policy = Policy::parse("none", "format-version = 1\nname = \"none\"\n").expect("a policy");
    switch_on(&mut policy.options);
    Tier1::new(&policy)
}

/// Tag and code of each row of the table in one column; rows of groups that always go are left out.
fn codes(column: &str) -> Vec<(Tag, String)> {
    let mut reader = csv::Reader::from_reader(TABLE.as_bytes());
    let at = reader.headers().expect("a header").iter().position(|name| name == column).expect("a column");
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| {
        let digits = |range| u16::from_str_radix(&row[0][range], 16).expect("hexadecimal digits");
        (Tag(digits(0..4), digits(4..8)), row[at].to_owned())
    })
    .filter(|(tag, _)| !matches!(tag.group(), 0x0000 | 0x0002 | 0x0004 | 0xFFFA | 0xFFFC))
    .collect()
}

/// Whether an action is what a code asks for under an option.
fn carries_out(code: &str, vr: VR, action: Action) -> bool {
    match (code, vr) {
        // An exact value is kept as it is; what could hold a name is kept and searched.
        ("K", VR::UI | VR::DA | VR::DT) => action == Action::Keep,
        ("K", _) => action == Action::Clean,
        ("C", VR::DA | VR::DT) => action == Action::ShiftDate,
        // Titles of machines and opaque bytes cannot be cleaned.
        ("C", VR::AE | VR::OB | VR::UN) => action == Action::Remove,
        ("C", _) => action == Action::Clean,
        _ => false,
    }
}

#[test]
fn every_option_does_what_its_column_says_and_nothing_else() {
    let basic = tier1(|_| {});
    for (column, n_codes, switch_on) in COLUMNS {
        let with_option = tier1(switch_on);
        let mut n_found = 0;
        for (tag, code) in codes(column) {
            let vr = dictionary_vr(tag).unwrap_or(VR::UN);
            let action = with_option.standard(tag, vr).action;
            if code.is_empty() {
                assert_eq!(action, basic.standard(tag, vr).action, "{column} leaves {tag} alone");
            } else {
                n_found += 1;
                assert!(carries_out(&code, vr, action), "{column} {code} {tag} {vr:?}: {action}");
            }
        }
        assert_eq!(n_found, n_codes, "{column}");
    }
}

#[test]
fn the_safe_private_option_keeps_what_is_on_the_list() {
    let (basic, with_option) = (tier1(|_| {}), tier1(|options| options.retain_safe_private = true));
    let creator = with_option.creator("SIEMENS MR HEADER");
    assert_eq!(basic.private(0x0019, creator, 0x0C, VR::IS).action, Action::Remove);
    assert_eq!(with_option.private(0x0019, creator, 0x0C, VR::IS).action, Action::Clean);
    assert_eq!(with_option.private(0x0019, creator, 0xFD, VR::IS).action, Action::Remove);
}

#[test]
fn a_policy_without_free_text_keeps_none() {
    let strict = Tier1::new(&Policy::load("strict").expect("built in"));
    for tag in [Tag(0x0008, 0x103E), Tag(0x0018, 0x1210), Tag(0x0008, 0x0070), Tag(0x0040, 0xA160)] {
        let action = strict.standard(tag, dictionary_vr(tag).expect("a standard attribute")).action;
        assert!(matches!(action, Action::Remove | Action::Replace), "{tag}: {action}");
    }
    assert_eq!(strict.standard(Tag(0x0008, 0x0104), VR::LO).action, Action::Clean, "codes are searched");
    assert_eq!(strict.standard(Tag(0x0028, 0x0010), VR::US).action, Action::Clean);
    for tag in [Tag(0x0008, 0x0030), Tag(0x0008, 0x0020), Tag(0x0018, 0x1078)] {
        let action = strict.standard(tag, dictionary_vr(tag).expect("a standard attribute")).action;
        assert!(matches!(action, Action::Remove | Action::Empty), "{tag}: {action}");
    }
}

#[test]
fn the_example_of_the_manual_is_a_policy() {
    let examples: Vec<&str> =
        MANUAL.split("```toml\n").skip(1).filter_map(|rest| rest.split_once("```").map(|(toml, _)| toml)).collect();
    assert_eq!(examples.len(), 1);
    let policy = Policy::parse("docs/policies.md", examples[0]).expect("the example is valid");
    assert_eq!((policy.name.as_str(), policy.dates.max_shift_days), ("partner", 365));
    assert!(policy.options.clean_descriptors && !policy.options.retain_device_identity);
    let tier1 = Tier1::new(&policy);
    let creator = tier1.creator("Acme Scanner 1.0");
    assert_eq!(tier1.private(0x0019, creator, 0x0C, VR::LO).action, Action::Clean);
}

#[test]
fn the_manual_names_every_key() {
    let policy = serde_json::to_value(Policy::load("tcia").expect("built in")).expect("a policy has string keys");
    for (key, value) in policy.as_object().expect("a policy is a table") {
        assert!(MANUAL.contains(&format!("`{key}`")) || MANUAL.contains(&format!("`[{key}]`")), "{key}");
        if key != "attributes" {
            for key in value.as_object().into_iter().flat_map(|table| table.keys()) {
                assert!(MANUAL.contains(&format!("| `{key}` |")), "{key}");
            }
        }
    }
}
