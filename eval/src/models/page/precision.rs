//! Decisions that took something away, in the report of an evaluation.

use super::{Section, Table, ends, share};
use efface_schema::{PrecisionCell, PrecisionMetrics, Rate};

pub(super) fn summary(metrics: &PrecisionMetrics) -> Section {
    let sources = metrics.by_source.iter().map(|(source, cell)| (source.as_str().to_owned(), cell));
    let actions = metrics.by_action.iter().map(|(action, cell)| (action.as_str().replace('_', " "), cell));
    let all = [("all".to_owned(), &metrics.overall)].into_iter();
    Section {
        id: "precision",
        title: "What decisions took away",
        about: vec![
            "Recall says how much of what identifies is gone; this says how much of what went identifies. A decision is right when its place holds a planted value or a part of one, and wrong when the ground truth says that the place must stay or identifies nobody.".to_owned(),
        ],
        tables: vec![
            table("By who proposed the decision", "Source", all.chain(sources)),
            table("By what was done", "Action", actions),
        ],
        ..Section::default()
    }
}

fn table<'m>(name: &str, title: &'static str, cells: impl Iterator<Item = (String, &'m PrecisionCell)>) -> Table {
    let interval = |rate: Option<Rate>| rate.and_then(|rate| ends(Some(rate.low), Some(rate.high))).unwrap_or_default();
    let row = |(name, cell): (String, &PrecisionCell)| {
        vec![
            name,
            share(cell.right.map(|rate| rate.value())),
            interval(cell.right),
            cell.right.map(|rate| format!("{} of {}", rate.numerator, rate.denominator)).unwrap_or_default(),
            interval(cell.right_by_patient),
            cell.patients.to_string(),
            cell.unjudged.to_string(),
        ]
    };
    Table {
        name: name.to_owned(),
        caption: "Decisions of the run that took something away. Those about places of which the ground truth says nothing are not judged, and in no share.".to_owned(),
        columns: vec![title, "Right", "95 % by decision", "Right of judged", "95 % by patient", "Patients", "Not judged"],
        rows: cells.map(row).collect(),
        is_folded: false,
    }
}
