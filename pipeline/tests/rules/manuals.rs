//! Every manual has all its parts, and the committed page holds them all.

use efface_pipeline::rules::{Rule, markdown};
use efface_schema::HipaaElement;
use std::collections::BTreeSet;

/// The words with which an action begins.
const ACTIONS: &[&str] = &[
    "Removes",
    "Cleans",
    "Empties",
    "Replaces",
    "Maps",
    "Shifts",
    "Keeps",
    "Paints over",
    "Withholds",
    "Writes",
    "Does",
];

#[test]
fn codes_are_unique() {
    let codes: BTreeSet<_> = Rule::all().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), Rule::all().count());
}

#[test]
fn every_manual_has_every_part() {
    for rule in Rule::all() {
        let manual = rule.manual();
        let mut parts = vec![("title", manual.title.as_str()), ("what it matches", manual.matches.as_str())];
        parts.extend(manual.named_parts());
        for (name, part) in parts {
            assert!(!part.is_empty(), "the manual of {} has no part `{name}`", rule.code);
            assert!(name == "title" || part.len() > 3, "{}: {name}: {part}", rule.code);
        }
        for (name, part) in [("what it matches", &manual.matches), ("Why", &manual.why), ("Action", &manual.action)] {
            assert!(part.ends_with('.'), "{}: {name} is a sentence and ends with a full stop", rule.code);
        }
        assert!(ACTIONS.iter().any(|action| manual.action.starts_with(action)), "{}: {}", rule.code, manual.action);
        assert!(names_elements(&manual.hipaa), "{}: HIPAA: {}", rule.code, manual.hipaa);
        let sources = ["PS3.", "45 CFR", "ITU-T", "the policy", "RFC", "ISO", "Efface"];
        assert!(sources.iter().any(|source| manual.source.contains(source)), "{}: {}", rule.code, manual.source);
    }
}

/// `(A) names; (R) ...`, `any element`, `none`.
fn names_elements(hipaa: &str) -> bool {
    let is_element = |part: &str| {
        let letter = part.trim().strip_prefix('(').and_then(|rest| rest.split_once(") ")).map(|(letter, _)| letter);
        letter.is_some_and(|letter| letter.parse::<HipaaElement>().is_ok())
    };
    hipaa.starts_with("any element") || hipaa.starts_with("none") || hipaa.split(';').all(is_element)
}

#[test]
fn the_page_of_manuals_is_the_committed_one() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules.md");
    // Who renews the snapshots renews the page.
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, markdown()).expect("the page can be written");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == markdown(), "docs/rules.md is old: efface rule --all > docs/rules.md");
}
