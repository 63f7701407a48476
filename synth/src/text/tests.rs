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
        let mut text = String::new();
        let mut rest = line;
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
    masked.filter(|template| template.contains(char::is_alphabetic)).collect()
}

#[test]
fn the_sides_share_no_template_and_no_wording() {
    let (train, test) = (templates(TRAIN), templates(TEST));
    assert!(train.len() > 150 && test.len() > 150, "{} and {}", train.len(), test.len());
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
