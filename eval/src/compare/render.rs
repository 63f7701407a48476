//! A comparison for people who review a change, and for the CI that runs it.

use super::gate::GateResult;
use super::measured::SpeedRatio;
use super::pairs::{Comparison, PairedRate};
use crate::cases::Case;
use efface_schema::Rate;
use std::fmt::Write as _;

/// So many changed cases are listed by kind of change; the JSON has all.
const MAX_LISTED: usize = 20;

/// The comparison as Markdown, for a pull request.
pub fn markdown(comparison: &Comparison, gates: &[GateResult]) -> String {
    let mut text = String::new();
    if !gates.is_empty() {
        let failed = gates.iter().filter(|gate| !gate.passed).count();
        let verdict = if failed == 0 { "passed" } else { "not passed" };
        line(&mut text, &format!("**Gate {verdict}**: {} of {} thresholds kept.\n", gates.len() - failed, gates.len()));
        line(&mut text, "| threshold | found | |\n|---|---|---|");
        for gate in gates {
            let mark = if gate.passed { "kept" } else { "**not kept**" };
            line(&mut text, &format!("| {} | {} | {mark} |", gate.threshold, gate.found));
        }
        text.push('\n');
    }
    line(&mut text, "| share | base | new | better | worse | McNemar p | difference by patient (95 %) |");
    line(&mut text, "|---|---|---|---|---|---|---|");
    row(&mut text, "PHI removed", &comparison.removed);
    for (element, paired) in &comparison.removed_by_element {
        row(&mut text, &format!("PHI removed, {element}"), paired);
    }
    row(&mut text, "harmless values kept", &comparison.kept);
    text.push('\n');
    let changed = comparison.scores.iter().filter(|(_, change)| change.base != change.new);
    let changed: Vec<String> = changed
        .map(|(name, change)| format!("| {name} | {} | {} |", share(Some(change.base)), share(Some(change.new))))
        .collect();
    if !changed.is_empty() {
        line(&mut text, "| score that changed | base | new |\n|---|---|---|");
        line(&mut text, &changed.join("\n"));
        text.push('\n');
    }
    for (what, value) in [("before", comparison.calibration.base), ("now", comparison.calibration.new)] {
        if let Some(error) = value {
            line(&mut text, &format!("Expected calibration error {what}: {error:.4}."));
        }
    }
    if let SpeedRatio::Ratio(ratio) = comparison.throughput {
        line(&mut text, &format!("Files a second: {ratio:.3} times the base's."));
    }
    for name in &comparison.not_measured {
        line(&mut text, &format!("Not measured any more: {name}."));
    }
    list(&mut text, "New leaks", &comparison.new_leaks);
    list(&mut text, "Leaks mended", &comparison.mended_leaks);
    list(&mut text, "Values lost now", &comparison.new_losses);
    list(&mut text, "Values kept again", &comparison.mended_losses);
    text
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a String takes any text");
}

fn share(rate: Option<Rate>) -> String {
    rate.map_or_else(
        || "not measured".to_owned(),
        |rate| format!("{:.3} % ({} of {})", floor(100.0 * rate.value(), rate), rate.numerator, rate.denominator),
    )
}

/// Short of all never prints as all.
fn floor(percent: f64, rate: Rate) -> f64 {
    if rate.numerator < rate.denominator { percent.min(99.999) } else { percent }
}

fn row(text: &mut String, name: &str, paired: &PairedRate) {
    let difference = paired.by_patient.map_or_else(
        || "not measured".to_owned(),
        |by| format!("{:+.3} % [{:+.3}, {:+.3}]", 100.0 * by.difference, 100.0 * by.low, 100.0 * by.high),
    );
    let (base, new) = (share(paired.base), share(paired.new));
    let PairedRate { better, worse, mcnemar, .. } = paired;
    line(text, &format!("| {name} | {base} | {new} | {better} | {worse} | {mcnemar:.4} | {difference} |"));
}

fn list(text: &mut String, title: &str, changes: &[Case]) {
    if changes.is_empty() {
        return;
    }
    let all: u64 = changes.iter().map(|change| change.count).sum();
    line(text, &format!("### {title}: {all}\n"));
    line(text, "| instance | place | element | label | locus | values |\n|---|---|---|---|---|---|");
    for change in changes.iter().take(MAX_LISTED) {
        let Case { instance, place, element, label, locus, count, .. } = change;
        line(text, &format!("| {instance} | {place} | {element} | {label} | `{locus}` | {count} |"));
    }
    if changes.len() > MAX_LISTED {
        line(text, &format!("\nand {} more places, in comparison.json.", changes.len() - MAX_LISTED));
    }
    text.push('\n');
}

/// The gate as JUnit XML: a test case for each threshold.
pub fn junit(gates: &[GateResult]) -> String {
    let failed = gates.iter().filter(|gate| !gate.passed).count();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    line(&mut text, &format!("<testsuite name=\"efface gate\" tests=\"{}\" failures=\"{failed}\">", gates.len()));
    for gate in gates {
        let (threshold, found) = (escaped(&gate.threshold), escaped(&gate.found));
        if gate.passed {
            line(&mut text, &format!("  <testcase classname=\"gate\" name=\"{threshold}\"/>"));
        } else {
            line(&mut text, &format!("  <testcase classname=\"gate\" name=\"{threshold}\">"));
            line(&mut text, &format!("    <failure message=\"{found}\"/>\n  </testcase>"));
        }
    }
    line(&mut text, "</testsuite>");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_threshold_is_a_failed_test_case() {
        let gates = [GateResult::new("a < b", "\"1\"", false), GateResult::new("c", "2", true)];
        let text = junit(&gates);
        assert!(text.contains("tests=\"2\" failures=\"1\""));
        assert!(text.contains("name=\"a &lt; b\">\n    <failure message=\"&quot;1&quot;\"/>"));
    }
}
