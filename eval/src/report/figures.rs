//! `figures.csv` and `figures.parquet`: every share of `metrics.json` in one long table.
//!
//! | column | what |
//! |---|---|
//! | `figure` | which share: `removed` (recall), `right` (precision of decisions), and others by their names |
//! | `element` … `action` | what it is a share of; an empty one means all |
//! | `family`, `code` | the category of the answer key, of MIDI-B's checks |
//! | `numerator`, `denominator`, `share`, `low`, `high` | with Wilson's 95 % interval, by value |
//! | `low_by_patient`, `high_by_patient` | the interval that allows for values of one patient ending alike |
//! | `patients`, `leak_upper_bound`, `leak_upper_bound_by_patient`, `leaked`, `withheld`, `unjudged` | as in `metrics.json`, where it has them |
//! | `blank` | checks that show nothing either way, and count as not passed |
//!
//! What was not measured is empty.

use super::kept;
use super::table::{Table, Values};
use efface_schema::{
    BaselineScore, CheckCounts, CheckScores, ChecksByPatient, HipaaElement, Metrics, MidiMetrics, Place, PrecisionCell,
    Rate, RecallCell, RecallMetrics,
};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default)]
struct Row {
    figure: String,
    element: String,
    place: String,
    label: String,
    modality: String,
    locale: String,
    source: String,
    action: String,
    family: String,
    code: String,
    rate: Option<Rate>,
    by_patient: Option<Rate>,
    patients: Option<u64>,
    leak_upper_bound: Option<f64>,
    leak_upper_bound_by_patient: Option<f64>,
    leaked: Option<u64>,
    withheld: Option<u64>,
    unjudged: Option<u64>,
    blank: Option<u64>,
}

impl Row {
    fn named(figure: &str, rate: Option<Rate>, by_patient: Option<Rate>) -> Self {
        Self { figure: figure.to_owned(), rate, by_patient, ..Self::default() }
    }

    fn of_recall(cell: &RecallCell) -> Self {
        Self {
            patients: Some(cell.patients),
            leak_upper_bound: cell.leak_upper_bound,
            leak_upper_bound_by_patient: cell.leak_upper_bound_by_patient,
            leaked: Some(cell.leaked),
            withheld: Some(cell.withheld),
            unjudged: Some(cell.unjudged),
            ..Self::named("removed", cell.removed, cell.removed_by_patient)
        }
    }

    fn of_precision(cell: &PrecisionCell) -> Self {
        Self {
            patients: Some(cell.patients),
            unjudged: Some(cell.unjudged),
            ..Self::named("right", cell.right, cell.right_by_patient)
        }
    }
}

/// The table of all figures.
pub(super) fn table(metrics: &Metrics) -> Table {
    let rows = rows(metrics);
    let text = |of: fn(&Row) -> &String| Values::Texts(rows.iter().map(of).cloned().collect());
    let count = |of: fn(&Row) -> Option<u64>| Values::KnownCounts(rows.iter().map(of).collect());
    let share = |of: fn(&Row) -> Option<f64>| Values::Shares(rows.iter().map(of).collect());
    Table {
        name: "figures",
        columns: vec![
            ("figure", text(|row| &row.figure)),
            ("element", text(|row| &row.element)),
            ("place", text(|row| &row.place)),
            ("label", text(|row| &row.label)),
            ("modality", text(|row| &row.modality)),
            ("locale", text(|row| &row.locale)),
            ("source", text(|row| &row.source)),
            ("action", text(|row| &row.action)),
            ("family", text(|row| &row.family)),
            ("code", text(|row| &row.code)),
            ("numerator", count(|row| row.rate.map(|rate| rate.numerator))),
            ("denominator", count(|row| row.rate.map(|rate| rate.denominator))),
            ("share", share(|row| row.rate.map(|rate| rate.value()))),
            ("low", share(|row| row.rate.map(|rate| rate.low))),
            ("high", share(|row| row.rate.map(|rate| rate.high))),
            ("low_by_patient", share(|row| row.by_patient.map(|rate| rate.low))),
            ("high_by_patient", share(|row| row.by_patient.map(|rate| rate.high))),
            ("patients", count(|row| row.patients)),
            ("leak_upper_bound", share(|row| row.leak_upper_bound)),
            ("leak_upper_bound_by_patient", share(|row| row.leak_upper_bound_by_patient)),
            ("leaked", count(|row| row.leaked)),
            ("withheld", count(|row| row.withheld)),
            ("unjudged", count(|row| row.unjudged)),
            ("blank", count(|row| row.blank)),
        ],
    }
}

fn rows(metrics: &Metrics) -> Vec<Row> {
    let mut rows = recall(&metrics.recall);
    if let Some(precision) = &metrics.precision {
        rows.push(Row::of_precision(&precision.overall));
        rows.extend(
            precision
                .by_source
                .iter()
                .map(|(source, cell)| Row { source: source.to_string(), ..Row::of_precision(cell) }),
        );
        rows.extend(
            precision
                .by_action
                .iter()
                .map(|(action, cell)| Row { action: action.to_string(), ..Row::of_precision(cell) }),
        );
    }
    rows.extend(
        kept(&metrics.retention).into_iter().map(|(name, rate, by_patient)| Row::named(name, Some(rate), by_patient)),
    );
    rows.push(Row::named("files without residue", metrics.residual.clean_files, None));
    let released = Rate::new(metrics.instances.found, metrics.instances.instances);
    rows.push(Row::named("instances released", released, None));
    rows.extend(metrics.midi.iter().flat_map(midi));
    rows
}

fn recall(recall: &RecallMetrics) -> Vec<Row> {
    let mut rows = vec![Row::of_recall(&recall.overall)];
    let mut add = |row: Row| rows.push(row);
    for (element, cell) in &recall.by_element {
        add(Row { element: element.to_string(), ..Row::of_recall(cell) });
    }
    for (place, cell) in &recall.by_place {
        add(Row { place: place.to_string(), ..Row::of_recall(cell) });
    }
    for (label, cell) in &recall.by_label {
        add(Row { label: label.to_string(), ..Row::of_recall(cell) });
    }
    for (modality, cell) in &recall.by_modality {
        add(Row { modality: modality.clone(), ..Row::of_recall(cell) });
    }
    for (locale, cell) in &recall.by_locale {
        add(Row { locale: locale.clone(), ..Row::of_recall(cell) });
    }
    crossed(&recall.by_element_and_place, &mut add, |place: &Place, row| row.place = place.to_string());
    crossed(&recall.by_element_and_modality, &mut add, |modality, row| row.modality.clone_from(modality));
    crossed(&recall.by_element_and_locale, &mut add, |locale, row| row.locale.clone_from(locale));
    rows
}

fn crossed<K>(
    of: &BTreeMap<HipaaElement, BTreeMap<K, RecallCell>>,
    add: &mut impl FnMut(Row),
    name: impl Fn(&K, &mut Row),
) {
    for (element, cells) in of {
        for (key, cell) in cells {
            let mut row = Row { element: element.to_string(), ..Row::of_recall(cell) };
            name(key, &mut row);
            add(row);
        }
    }
}

fn midi(midi: &MidiMetrics) -> Vec<Row> {
    let strict = midi.strict.as_ref();
    let strict = strict.map(|strict| scores("strict", &strict.scores, midi.strict_by_patient.unwrap_or_default()));
    let official = scores("official", &midi.official, midi.official_by_patient);
    let baselines = [("do nothing", midi.do_nothing), ("empty", midi.empty)];
    let baselines = baselines.into_iter().filter_map(|(name, of)| Some(baseline(name, &of?)));
    strict.into_iter().chain([official]).chain(baselines).flatten().collect()
}

impl Row {
    fn of_checks(name: &str, counts: CheckCounts) -> Self {
        Self { blank: Some(counts.blank), ..Self::named(&format!("MIDI-B {name}"), counts.rate(), None) }
    }
}

fn scores(name: &str, scores: &CheckScores, by_patient: ChecksByPatient) -> Vec<Row> {
    let CheckScores { all, removal, retention, by_action, by_category } = scores;
    let mut rows = baseline(name, &BaselineScore { all: *all, removal: *removal, retention: *retention });
    for (row, by_patient) in rows.iter_mut().zip([by_patient.all, by_patient.removal, by_patient.retention]) {
        row.by_patient = by_patient;
    }
    rows.extend(
        by_action.iter().map(|(action, counts)| Row { action: action.clone(), ..Row::of_checks(name, *counts) }),
    );
    for (family, codes) in by_category {
        rows.extend(codes.iter().map(|(code, counts)| Row {
            family: family.clone(),
            code: code.clone(),
            ..Row::of_checks(name, *counts)
        }));
    }
    rows
}

fn baseline(name: &str, score: &BaselineScore) -> Vec<Row> {
    vec![
        Row::of_checks(name, score.all),
        Row::of_checks(&format!("{name} removal"), score.removal),
        Row::of_checks(&format!("{name} retention"), score.retention),
    ]
}
