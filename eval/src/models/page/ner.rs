//! Entities.

use super::{Card, Page, Section, Table, bar, bars, clustered, gold_and_predictions, interval, limits, share};
use efface_schema::{MatchCounts, NerMetrics, TagMetrics, TagScores, TextGroup, UnitMetrics, UnitScores};
use std::collections::BTreeMap;

pub(super) fn page(metrics: &NerMetrics) -> Page {
    let (n_texts, n_clusters) = (metrics.n_texts, metrics.n_clusters);
    let (n_gold, n_found) = (metrics.n_gold_spans, metrics.n_predicted_spans);
    let any = &metrics.characters.any_label;
    let strict = &metrics.spans.strict.overall;
    Page {
        title: "Entity recognition",
        lead: format!(
            "{n_texts} texts of {n_clusters} patients with {n_gold} spans that identify someone; {n_found} spans predicted."
        ),
        cards: vec![
            Card::clustered("PHI characters found", any.recall, "whatever the label: what is not found leaks"),
            Card::clustered("Found characters that are PHI", any.precision, "the rest is lost without need"),
            Card::clustered("Clean texts touched", metrics.touched_clean_texts, "texts without PHI: fewer is better"),
            Card::share(
                "F1 of exact spans",
                strict.f1,
                interval(strict.f1_interval),
                "the same ends and the same label",
            ),
        ],
        sections: vec![
            units(
                "characters",
                "By character",
                &metrics.characters,
                "A character that identifies and is not found stays in the text, so this is the view that matters for removal.",
            ),
            units("tokens", "By token", &metrics.tokens, "A token belongs to the first span that shares a character with it."),
            spans(metrics),
            tags(metrics),
            groups(metrics),
            limits(
                n_clusters,
                metrics.resampling.as_ref(),
                &[
                    "Shares have Wilson intervals across patients; figures that are no shares have intervals by drawing.",
                    "Texts that a suite made are as hard as its maker made them.",
                ],
            ),
        ]
        .into_iter()
        .chain(gold_and_predictions(metrics.measured_files.as_ref()))
        .filter(|section| !section.tables.is_empty() || !section.list.is_empty())
        .collect(),
        ..Page::default()
    }
}

fn unit_row(name: &str, scores: &UnitScores) -> Vec<String> {
    let ([recall, of_recall, counts], [precision, of_precision, _]) =
        (clustered(scores.recall), clustered(scores.precision));
    let f1 = [share(scores.f1), interval(scores.f1_interval).unwrap_or_default()];
    [name.to_owned(), recall, of_recall, counts, precision, of_precision].into_iter().chain(f1).collect()
}

fn units(id: &'static str, title: &'static str, metrics: &UnitMetrics, about: &str) -> Section {
    let of_labels = metrics.by_label.iter().map(|(label, scores)| (label.as_str().replace('_', " "), scores));
    let all = [("any label".to_owned(), &metrics.any_label)];
    let rows: Vec<(String, &UnitScores)> = all.into_iter().chain(of_labels).collect();
    let of_recall: Vec<_> = rows.iter().filter_map(|(name, scores)| bar(name, scores.recall)).collect();
    Section {
        id,
        title,
        about: vec![about.to_owned()],
        plots: bars(&format!("Recall {}, with 95 % intervals across patients", title.to_lowercase()), &of_recall),
        tables: vec![Table {
            name: format!("Recall and precision {}", title.to_lowercase()),
            caption: "“Any label” asks only whether something is taken for PHI; a label's row asks for that label."
                .to_owned(),
            columns: vec!["Label", "Recall", "95 %", "Found", "Precision", "95 %", "F1", "95 %"],
            rows: rows.iter().map(|(name, scores)| unit_row(name, scores)).collect(),
            ..Table::default()
        }],
        ..Section::default()
    }
}

fn match_row(name: &str, counts: &MatchCounts) -> Vec<String> {
    let numbers = [counts.correct, counts.incorrect, counts.partial, counts.missed, counts.spurious];
    let figures = [counts.precision, counts.recall, counts.f1].map(share);
    let ends = interval(counts.f1_interval).unwrap_or_default();
    let cells = numbers.map(|number| number.to_string()).into_iter().chain(figures).chain([ends]);
    [name.to_owned()].into_iter().chain(cells).collect()
}

const MATCH_COLUMNS: [&str; 10] =
    ["", "Correct", "Incorrect", "Partial", "Missed", "Spurious", "Precision", "Recall", "F1", "95 %"];

fn spans(metrics: &NerMetrics) -> Section {
    let schemes = [
        ("strict: same ends, same label", &metrics.spans.strict),
        ("exact: same ends", &metrics.spans.exact),
        ("partial: some characters", &metrics.spans.partial),
        ("type: some characters, same label", &metrics.spans.entity_type),
    ];
    let by_label = metrics.spans.strict.by_label.iter().map(|(label, of)| match_row(label.as_str(), of));
    Section {
        id: "spans",
        title: "By span",
        about: vec!["Spans are matched in the four ways of SemEval-2013, and counted as nervaluate does.".to_owned()],
        tables: vec![
            Table {
                name: "Spans in four ways".to_owned(),
                caption: "A partial match counts half. Intervals are those of F1.".to_owned(),
                columns: MATCH_COLUMNS.to_vec(),
                rows: schemes.iter().map(|(name, of)| match_row(name, &of.overall)).collect(),
                ..Table::default()
            },
            Table {
                name: "Exact spans by label".to_owned(),
                caption: "The same ends and the same label.".to_owned(),
                columns: MATCH_COLUMNS.to_vec(),
                rows: by_label.collect(),
                is_folded: true,
            },
        ],
        ..Section::default()
    }
}

fn tag_row(name: &str, scores: &TagScores) -> Vec<String> {
    let figures = [scores.precision, scores.recall, scores.f1].map(share);
    let ends = interval(scores.f1_interval).unwrap_or_default();
    let cells = figures.into_iter().chain([ends, scores.support.to_string()]);
    [name.to_owned()].into_iter().chain(cells).collect()
}

fn tags(metrics: &NerMetrics) -> Section {
    let means = |of: &TagMetrics, reading: &str| {
        [("micro", of.micro), ("macro", of.macro_average), ("weighted", of.weighted)]
            .map(|(name, scores)| tag_row(&format!("{name}, {reading}"), &scores))
    };
    Section {
        id: "tags",
        title: "By tag",
        about: vec!["Entities are read off BIO tags and compared as seqeval does.".to_owned()],
        tables: vec![Table {
            name: "Tags".to_owned(),
            caption: "Macro is the mean over labels, weighted counts each as often as the gold has it. Intervals are those of F1.".to_owned(),
            columns: vec!["", "Precision", "Recall", "F1", "95 %", "Gold entities"],
            rows: means(&metrics.tags_default, "lenient").into_iter().chain(means(&metrics.tags_strict, "IOB2")).collect(),
            ..Table::default()
        }],
        ..Section::default()
    }
}

fn groups(metrics: &NerMetrics) -> Section {
    let table = |name: &str, of: &BTreeMap<String, TextGroup>| Table {
        name: name.to_owned(),
        caption: "Characters, whatever the label.".to_owned(),
        columns: vec!["", "Recall", "95 %", "Found", "Precision", "95 %", "F1", "95 %", "Texts"],
        rows: of
            .iter()
            .map(|(name, group)| [unit_row(name, &group.characters), vec![group.n_texts.to_string()]].concat())
            .collect(),
        ..Table::default()
    };
    let tables = [("By modality", &metrics.by_modality), ("By locale", &metrics.by_locale)];
    Section {
        id: "groups",
        title: "By modality and locale",
        tables: tables.into_iter().filter(|(_, of)| !of.is_empty()).map(|(name, of)| table(name, of)).collect(),
        ..Section::default()
    }
}
