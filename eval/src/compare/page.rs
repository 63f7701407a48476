//! A comparison as a page: the gate's verdict, what became better and what worse, case by case.

use super::evaluated::Evaluated;
use super::gate::GateResult;
use super::measured::{ErrorChange, SpeedRatio};
use super::pairs::{Comparison, PairedRate};
use crate::EvaluationError;
use crate::cases::Case;
use crate::models::page::{Card, Page, Section, Table, Verdict};
use crate::report::html::percent;
use efface_schema::Rate;

/// So many changed cases are listed by kind of change; the JSON has all.
const MAX_LISTED: usize = 200;

/// Renders the page. It holds no value and no identifier, as its sources do not.
///
/// # Errors
/// When the template fails.
pub fn page(
    comparison: &Comparison,
    gates: &[GateResult],
    base: &Evaluated,
    new: &Evaluated,
) -> Result<String, EvaluationError> {
    let changes = changes(comparison);
    let sections = [thresholds(gates), shares(comparison), scores(comparison)];
    let sections = sections.into_iter().filter(|section| !section.tables.is_empty());
    Page {
        title: "Comparison",
        lead: format!(
            "Two evaluations of one ground truth, paired case by case: {} instances, {} patients with judged values.",
            new.metrics.instances.instances, new.metrics.recall.overall.patients
        ),
        verdict: verdict(gates),
        cards: cards(comparison),
        sections: sections.chain([changes, measured(base, new), limits(comparison, new)]).collect(),
    }
    .render()
}

fn verdict(gates: &[GateResult]) -> Option<Verdict> {
    let unmet: Vec<String> =
        gates.iter().filter(|gate| !gate.passed).map(|gate| format!("{}: {}", gate.threshold, gate.found)).collect();
    let (kept, all) = (gates.len() - unmet.len(), gates.len());
    let said = if unmet.is_empty() { "Gate passed" } else { "Gate not passed" };
    (all > 0).then(|| Verdict { title: format!("{said}: {kept} of {all} thresholds kept"), faults: unmet })
}

fn cards(comparison: &Comparison) -> Vec<Card> {
    let paired = |name: &str, of: &PairedRate| {
        let share = |rate: Option<Rate>| rate.map_or_else(|| "not measured".to_owned(), |rate| percent(rate.value()));
        Card {
            name: name.to_owned(),
            figure: of.new.map(|rate| percent(rate.value())),
            unit: "%",
            interval: of.by_patient.map(|by| {
                format!("{:+.2} points, 95 % {:+.2} to {:+.2}", 100.0 * by.difference, 100.0 * by.low, 100.0 * by.high)
            }),
            note: format!("{} % before", share(of.base)),
        }
    };
    let count = |name: &str, count: u64, note: String| Card {
        name: name.to_owned(),
        figure: Some(count.to_string()),
        unit: "",
        interval: Some(note),
        note: "counted value by value".to_owned(),
    };
    let (removed, kept) = (&comparison.removed, &comparison.kept);
    vec![
        paired("PHI removed", removed),
        count("New leaks", removed.worse, format!("{} leaks mended", removed.better)),
        paired("Harmless values kept", kept),
        count("Values lost now", kept.worse, format!("{} kept again", kept.better)),
    ]
}

fn thresholds(gates: &[GateResult]) -> Section {
    let row = |gate: &GateResult| {
        vec![gate.threshold.clone(), gate.found.clone(), if gate.passed { "kept" } else { "NOT KEPT" }.to_owned()]
    };
    let table = Table {
        name: "Threshold by threshold".to_owned(),
        caption: "What was asked for before the measurement, and what was found.".to_owned(),
        columns: vec!["Threshold", "Found", "Verdict"],
        rows: gates.iter().map(row).collect(),
        ..Table::default()
    };
    Section {
        id: "gate",
        title: "Gate",
        tables: if gates.is_empty() { Vec::new() } else { vec![table] },
        ..Section::default()
    }
}

fn shown(rate: Option<Rate>) -> String {
    rate.map_or_else(String::new, |rate| {
        format!("{} %\n{} of {}", percent(rate.value()), rate.numerator, rate.denominator)
    })
}

fn shares(comparison: &Comparison) -> Section {
    let row = |name: String, of: &PairedRate| {
        let difference = of
            .by_patient
            .map(|by| format!("{:+.3}\n{:+.3} – {:+.3}", 100.0 * by.difference, 100.0 * by.low, 100.0 * by.high));
        vec![
            name,
            shown(of.base),
            shown(of.new),
            of.better.to_string(),
            of.worse.to_string(),
            format!("{:.4}", of.mcnemar),
            difference.unwrap_or_default(),
        ]
    };
    let elements = comparison.removed_by_element.iter();
    let rows = [row("PHI removed".to_owned(), &comparison.removed)]
        .into_iter()
        .chain(elements.map(|(element, of)| row(format!("PHI removed, {element}"), of)))
        .chain([row("harmless values kept".to_owned(), &comparison.kept)]);
    Section {
        id: "shares",
        title: "Paired shares",
        about: vec![
            "Better and worse count cases that ended otherwise than before. McNemar's exact test takes cases for independent; the difference, in points with its 95 % interval below, is drawn by patient.".to_owned(),
        ],
        tables: vec![Table {
            name: "Before and now".to_owned(),
            caption: "The same cases on both sides.".to_owned(),
            columns: vec!["Share", "Base", "New", "Better", "Worse", "McNemar p", "Difference"],
            rows: rows.collect(),
            ..Table::default()
        }],
        ..Section::default()
    }
}

fn scores(comparison: &Comparison) -> Section {
    let changed = comparison.scores.iter().filter(|(_, change)| change.base != change.new);
    let row = |name: &str, base: Option<Rate>, new: Option<Rate>| vec![name.to_owned(), shown(base), shown(new)];
    let mut rows: Vec<Vec<String>> =
        changed.map(|(name, change)| row(name, Some(change.base), Some(change.new))).collect();
    rows.extend(comparison.not_measured.iter().map(|name| row(name, None, None)));
    if let ErrorChange { base: Some(base), new: Some(new) } = comparison.calibration {
        rows.push(vec!["expected calibration error".to_owned(), format!("{base:.4}"), format!("{new:.4}")]);
    }
    let about = match comparison.throughput {
        SpeedRatio::Ratio(ratio) => format!("Files a second: {ratio:.3} times the base's."),
        SpeedRatio::NotCompared(why) => format!("Speeds are not compared: {why}."),
    };
    let table = Table {
        name: "Scores that changed".to_owned(),
        caption: "Others are equal on both sides.".to_owned(),
        columns: vec!["Score", "Base", "New"],
        rows,
        ..Table::default()
    };
    let unchanged =
        Table { rows: vec![vec!["none".to_owned(), "equal".to_owned(), "equal".to_owned()]], ..table.clone() };
    Section {
        id: "scores",
        title: "Other scores",
        about: vec![about],
        tables: vec![if table.rows.is_empty() { unchanged } else { table }],
        ..Section::default()
    }
}

fn changes(comparison: &Comparison) -> Section {
    let table = |name: &str, changes: &[Case]| {
        let all: u64 = changes.iter().map(|change| change.count).sum();
        let row = |change: &Case| {
            let words = [&change.place, &change.element, &change.label, &change.locus];
            let words = words.map(|word| if word.is_empty() { "–".to_owned() } else { word.replace('_', " ") });
            [change.instance.to_string()].into_iter().chain(words).chain([change.count.to_string()]).collect()
        };
        (!changes.is_empty()).then(|| Table {
            name: format!("{name}: {all}"),
            caption: match changes.len().saturating_sub(MAX_LISTED) {
                0 => "By instance of the ground truth, counted from 0.".to_owned(),
                more => format!(
                    "By instance of the ground truth, counted from 0; {more} more places are in comparison.json."
                ),
            },
            columns: vec!["Instance", "Place", "Element", "Label", "Attribute", "Values"],
            rows: changes.iter().take(MAX_LISTED).map(row).collect(),
            is_folded: true,
        })
    };
    let tables: Vec<Table> = [
        ("New leaks", &comparison.new_leaks),
        ("Leaks mended", &comparison.mended_leaks),
        ("Values lost now", &comparison.new_losses),
        ("Values kept again", &comparison.mended_losses),
    ]
    .into_iter()
    .filter_map(|(name, changes)| table(name, changes))
    .collect();
    let about = if tables.is_empty() {
        "Every case ended as before."
    } else {
        "No value is shown: a case is told by its place."
    };
    Section { id: "changes", title: "Case by case", about: vec![about.to_owned()], tables, ..Section::default() }
}

fn measured(base: &Evaluated, new: &Evaluated) -> Section {
    let of = |evaluated: &Evaluated| evaluated.metrics.measured_on.clone();
    let (base, new) = (of(base), of(new));
    let hash =
        |of: Option<efface_schema::Sha256Hex>| of.map_or_else(String::new, |hash| hash.as_str()[..16].to_owned());
    let rows = vec![
        vec!["efface".to_owned(), base.efface_version, new.efface_version],
        vec!["ground truth".to_owned(), hash(base.truth_sha256), hash(new.truth_sha256)],
        vec!["answer key".to_owned(), hash(base.key_sha256), hash(new.key_sha256)],
        vec!["run settings".to_owned(), hash(base.run_settings_sha256), hash(new.run_settings_sha256)],
        vec!["scored files".to_owned(), hash(base.outputs_sha256), hash(new.outputs_sha256)],
    ];
    Section {
        id: "measured",
        title: "What was compared",
        tables: vec![Table {
            name: "Versions and hashes".to_owned(),
            caption: "The first 16 digits of SHA-256; metrics.json of both sides has all.".to_owned(),
            columns: vec!["What", "Base", "New"],
            rows,
            ..Table::default()
        }],
        ..Section::default()
    }
}

fn limits(comparison: &Comparison, new: &Evaluated) -> Section {
    let patients = new.metrics.recall.overall.patients;
    let mut list = vec![format!(
        "{} of {} judged values ended otherwise than before; they are of {patients} patients, and what a change does to others is not shown.",
        comparison.removed.better + comparison.removed.worse,
        comparison.removed.new.map_or(0, |rate| rate.denominator)
    )];
    if comparison.removed.by_patient.is_none() {
        list.push("The difference of what was removed has no interval by patient: too few patients differ.".to_owned());
    }
    let elements = comparison.removed_by_element.len();
    if elements > 1 {
        list.push(format!(
            "{elements} elements are tested one by one: at the usual level of 0.05 one in twenty tests finds a change where there is none."
        ));
    }
    let withheld = new.metrics.recall.overall.withheld;
    if withheld > 0 {
        list.push(format!("{withheld} values stand in instances without a result now and are in no share: what is newly withheld is no new leak."));
    }
    if !comparison.not_measured.is_empty() {
        list.push(format!("Not measured any more: {}.", comparison.not_measured.join(", ")));
    }
    Section { id: "limits", title: "Limits of the evidence", list, ..Section::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::compare;
    use efface_schema::{Metrics, sha256_hex};

    fn evaluated(leaks: u64) -> Evaluated {
        let mut metrics = Metrics::default();
        metrics.measured_on.truth_sha256 = Some(sha256_hex(b"truth"));
        let case = |verdict: &str, locus: &str, count| Case {
            instance: 0,
            patient: 0,
            place: "free_text".to_owned(),
            element: "A".to_owned(),
            label: "NAME".to_owned(),
            locus: locus.to_owned(),
            verdict: verdict.to_owned(),
            count,
        };
        let mut cases = vec![case("removed", "", 10 - leaks)];
        cases.extend((leaks > 0).then(|| case("leaked", "(0010,4000)", leaks)));
        Evaluated::new(metrics, cases)
    }

    #[test]
    fn a_page_tells_what_became_worse_and_whether_that_is_allowed() {
        let (base, new) = (evaluated(0), evaluated(2));
        let comparison = compare(&base, &new).expect("the same truth");
        let gates = [GateResult::new("at most 0 new leaks", "2 new leaks", false)];
        let html = page(&comparison, &gates, &base, &new).expect("the template holds");
        for words in
            ["Gate not passed: 0 of 1", "New leaks: 2", "(0010,4000)", "8 of 10", "2 of 10 judged values", "NOT KEPT"]
        {
            assert!(html.contains(words), "no “{words}” in {html}");
        }
        let same = compare(&base, &base).expect("the same truth");
        let html = page(&same, &[], &base, &base).expect("the template holds");
        assert!(html.contains("Every case ended as before.") && !html.contains("Gate"), "{html}");
    }
}
