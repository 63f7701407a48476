//! The rules themselves: complete, and different on the two sides.

use super::*;
use crate::corpus::tests::stage;
use crate::vocabulary::Wording;
use efface_schema::PhiLabel;
use slots::{Slot, SlotKind};

/// The alternatives of a file, folded, with secrets and rules masked.
fn templates(file: &str) -> BTreeSet<String> {
    let lines = file.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '=']));
    let masked = lines.map(|line| {
        // A line break is no word.
        let line = line.replace("\\n", " ");
        let mut text = String::new();
        let mut rest = line.as_str();
        while let Some(open) = rest.find(['{', '<']) {
            let close = if rest.as_bytes()[open] == b'{' { '}' } else { '>' };
            text.push_str(&rest[..open]);
            text.push('_');
            rest = rest[open..].split_once(close).map_or("", |(_, rest)| rest);
        }
        text.push_str(rest);
        let folded: String = text.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
        folded
    });
    // Two letters between slots, as in "c/o", are no wording that a side could own.
    masked.filter(|template| template.chars().filter(|character| character.is_alphabetic()).count() > 2).collect()
}

#[test]
fn the_sides_share_no_template_and_no_wording() {
    let side = |files: &[&str]| files.iter().flat_map(|file| templates(file)).collect::<BTreeSet<String>>();
    let (train, test) = (side(&[&[TRAIN], TRAIN_TEXTS].concat()), side(&[&[TEST], TEST_TEXTS].concat()));
    assert!(train.len() > 700 && test.len() > 280, "{} and {}", train.len(), test.len());
    assert_eq!(train.intersection(&test).collect::<Vec<_>>(), Vec::<&String>::new());
    let wording = |split| Wording::all(split).map(fold).collect::<BTreeSet<String>>();
    let (train, test) = (wording(Split::Train), wording(Split::Test));
    assert!(train.len() > 40);
    assert_eq!(train.intersection(&test).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn every_alternative_can_be_composed_on_both_sides() {
    let kinds = [
        TextKind::Description,
        TextKind::SeriesName,
        TextKind::Line,
        TextKind::Sentence,
        TextKind::History,
        TextKind::Reason,
        TextKind::Report,
        TextKind::Technologist,
        TextKind::Private,
        TextKind::FileName,
        TextKind::OverAge,
    ];
    for split in [Split::Train, Split::Test] {
        stage(split, |cast, rng| {
            for kind in kinds {
                for alternative in 0..n_alternatives(split, kind) {
                    let phrase = compose(cast, split, kind, Some(alternative), rng);
                    assert!(phrase.n_characters() > 1, "{split:?} {kind:?} {alternative}");
                }
            }
        });
    }
}

#[test]
fn every_alternative_of_every_rule_for_texts_can_be_composed() {
    for split in [Split::Train, Split::Test] {
        stage(split, |cast, rng| {
            let rules = rules(split, Breadth::Texts);
            let mut fill = |slot: &Slot, rng: &mut ChaCha8Rng| slots::fill(slot, cast, &mut Draw::new(rng, split));
            for (rule, n_alternatives) in rules.all() {
                for alternative in 0..n_alternatives {
                    // Choices within an alternative are drawn, so each comes more than once.
                    for _ in 0..8 {
                        let phrase = rules.expand(rule, Some(alternative), rng, &mut fill);
                        assert!(phrase.n_characters() > 0, "{split:?} {rule} {alternative}");
                    }
                }
            }
        });
    }
}

#[test]
fn rules_name_only_rules_that_there_are() {
    for split in [Split::Train, Split::Test] {
        assert_eq!(rules(split, Breadth::Texts).unknown(), BTreeSet::new(), "{split:?}");
        assert_eq!(rules(split, Breadth::Instances).unknown(), BTreeSet::new(), "{split:?}");
    }
}

#[test]
fn what_only_texts_have_stands_in_no_rule_for_instances() {
    for split in [Split::Train, Split::Test] {
        assert!(rules(split, Breadth::Instances).all().all(|(rule, _)| rule != "Paragraph" && rule != "When"));
    }
}

#[test]
fn the_slots_name_every_label_but_those_of_pictures() {
    stage(Split::Train, |cast, rng| {
        let labels: BTreeSet<PhiLabel> = SlotKind::ALL
            .iter()
            .map(|kind| slots::fill(&Slot::of(*kind), cast, &mut Draw::new(rng, Split::Train)).label())
            .collect();
        assert_eq!(labels.len(), PhiLabel::ALL.len());
    });
}

#[test]
fn every_word_of_a_reserved_word_is_reserved() {
    let parts = reserved_parts();
    for part in ["baker", "foley", "chest", "hest", "crohn", "doppler"] {
        assert!(parts.contains(part), "{part}");
    }
    assert!(!parts.contains("ramirez"));
}

#[test]
fn a_kind_of_care_site_alone_is_no_short_name_to_train_on() {
    let words = |pattern: &&'static str| pattern.split(' ').filter(|word| !word.contains('{'));
    let kinds: BTreeSet<&str> = organizations::CARE_SITES.of(Split::Train).iter().flat_map(words).collect();
    assert!(kinds.contains("Ospedale") && kinds.contains("Hospital"));
    stage(Split::Train, |cast, rng| {
        let mut shorts = BTreeSet::new();
        for _ in 0..4000 {
            let draw = &mut Draw::new(rng, Split::Train);
            slots::fill(&Slot::of(SlotKind::CareShort), cast, draw).derive(|short| {
                shorts.insert(short.to_owned());
                String::new()
            });
        }
        assert!(shorts.len() > 2000, "{}", shorts.len());
        // First letters may be those of a kind, as `CHU` is of many a site.
        let alone = |short: &&String| short.chars().any(char::is_lowercase) && kinds.contains(short.as_str());
        assert_eq!(shorts.iter().filter(alone).collect::<Vec<_>>(), Vec::<&String>::new());
    });
}
