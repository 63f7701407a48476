//! The figures of an evaluation as Markdown, for a pull request.

use crate::compare::GateResult;
use efface_schema::{CheckCounts, Metrics, PrecisionCell, Rate, RecallCell};
use std::fmt::Write as _;

/// Renders the summary: requirements first, then what was removed, kept and scored.
pub(super) fn markdown(metrics: &Metrics, requirements: &[GateResult]) -> String {
    let mut text = String::from("# De-identification report\n\n");
    let mut line = |row: &str| writeln!(text, "{row}").expect("a String takes any text");
    if !requirements.is_empty() {
        let kept = requirements.iter().filter(|result| result.passed).count();
        line(&format!("**{kept} of {} requirements kept**\n", requirements.len()));
        line("| requirement | found | |\n|---|---|---|");
        for result in requirements {
            let mark = if result.passed { "kept" } else { "**not kept**" };
            line(&format!("| {} | {} | {mark} |", result.threshold, result.found));
        }
        line("");
    }
    line("| planted values | removed | 95 % by value | 95 % by patient | leaks at most | leaked | withheld |");
    line("|---|---|---|---|---|---|---|");
    line(&recall("all", &metrics.recall.overall));
    for (element, cell) in &metrics.recall.by_element {
        line(&recall(&format!("{element} {}", element.title()), cell));
    }
    if let Some(precision) = &metrics.precision {
        line("\n| decisions that took something away | right | 95 % by decision | 95 % by patient | not judged |");
        line("|---|---|---|---|---|");
        line(&decisions("all", &precision.overall));
        precision.by_source.iter().for_each(|(source, cell)| line(&decisions(source.as_str(), cell)));
    }
    line("\n| kept | share | 95 % by value | 95 % by patient |\n|---|---|---|---|");
    for (name, rate, by_patient) in super::kept(&metrics.retention) {
        let (share, by_value, by_patient) = (share(Some(rate)), interval(Some(rate)), interval(by_patient));
        line(&format!("| {name} | {share} | {by_value} | {by_patient} |"));
    }
    if let Some(midi) = &metrics.midi {
        line("\n| MIDI-B | all | removal | retention |\n|---|---|---|---|");
        let mut row = |name: &str, counts: [CheckCounts; 3]| {
            let [all, removal, retention] = counts.map(|counts| share(counts.rate()));
            line(&format!("| {name} | {all} | {removal} | {retention} |"));
        };
        if let Some(strict) = &midi.strict {
            row("strict", [strict.scores.all, strict.scores.removal, strict.scores.retention]);
        }
        row("official", [midi.official.all, midi.official.removal, midi.official.retention]);
        for (name, baseline) in [("do nothing", midi.do_nothing), ("empty output", midi.empty)] {
            if let Some(baseline) = baseline {
                row(name, [baseline.all, baseline.removal, baseline.retention]);
            }
        }
    }
    text
}

fn decisions(name: &str, cell: &PrecisionCell) -> String {
    let (by_value, by_patient) = (interval(cell.right), interval(cell.right_by_patient));
    format!("| {name} | {} | {by_value} | {by_patient} | {} |", share(cell.right), cell.unjudged)
}

fn share(rate: Option<Rate>) -> String {
    rate.map_or_else(
        || "not measured".to_owned(),
        |rate| format!("{} % ({} of {})", super::html::percent(rate.value()), rate.numerator, rate.denominator),
    )
}

fn interval(rate: Option<Rate>) -> String {
    rate.map_or_else(
        || "not measured".to_owned(),
        |rate| format!("{} to {} %", super::html::percent(rate.low), super::html::percent(rate.high)),
    )
}

fn recall(name: &str, cell: &RecallCell) -> String {
    let bound =
        cell.leak_upper_bound.map_or_else(|| "not measured".to_owned(), |bound| format!("{:.3} %", 100.0 * bound));
    format!(
        "| {name} | {} | {} | {} | {bound} | {} | {} |",
        share(cell.removed),
        interval(cell.removed),
        interval(cell.removed_by_patient),
        cell.leaked,
        cell.withheld,
    )
}
