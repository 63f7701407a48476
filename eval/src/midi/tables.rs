//! The official reports: totals by action and category, and the rows that did not pass.

use super::compare::Verdict;
use super::score::CheckResult;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What one row of the report stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReportMode {
    /// A check of a file.
    Instance,
    /// A check of a series: one row per action, attribute, patient, study and series. A failure hides a
    /// pass, and a pass hides a blank.
    #[default]
    Series,
}

impl ReportMode {
    /// The word in the workbook's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Series => "series",
        }
    }
}

/// How many checks ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Neither passed nor failed.
    pub blank: u64,
    /// Failed.
    pub fail: u64,
    /// Passed.
    pub pass: u64,
}

impl Tally {
    /// All checks, the blank ones too.
    pub const fn total(&self) -> u64 {
        self.blank + self.fail + self.pass
    }

    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Blank => self.blank += 1,
            Verdict::Fail => self.fail += 1,
            Verdict::Pass => self.pass += 1,
        }
    }

    /// Passed checks per hundred, as the official report prints them.
    pub fn score_text(&self) -> String {
        format!("{:.2}%", 100.0 * self.pass as f64 / self.total() as f64)
    }
}

/// The totals of a report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// All checks.
    pub all: Tally,
    /// By action, in alphabetical order.
    pub by_action: BTreeMap<&'static str, Tally>,
    /// By family and code. Absent if any row has none: the official report then lacks the table.
    pub by_category: Option<BTreeMap<(String, String), Tally>>,
}

/// Adds up rows in a report mode.
pub fn totals(rows: &[CheckResult], mode: ReportMode) -> Totals {
    let mut totals = Totals { by_category: Some(BTreeMap::new()), ..Totals::default() };
    for row in counted_rows(rows, mode) {
        let verdict = row.judgement.verdict;
        totals.all.add(verdict);
        totals.by_action.entry(row.check.action.as_str()).or_default().add(verdict);
        match (row.category(), &mut totals.by_category) {
            (Some((family, code)), Some(categories)) => {
                categories.entry((family.to_owned(), code.to_owned())).or_default().add(verdict);
            }
            // A code that is null drops out of the official pivot table; no code at all drops the table.
            (None, categories) if has_code_by_rule(row) => drop(categories.as_mut()),
            (None, categories) => *categories = None,
            (Some(_), None) => {}
        }
    }
    totals
}

/// Tag and null checks take whatever the key names, even nothing.
fn has_code_by_rule(row: &CheckResult) -> bool {
    use efface_schema::midi::CheckAction;
    matches!(row.check.action, CheckAction::TagRetained | CheckAction::TextNotnull)
}

fn counted_rows(rows: &[CheckResult], mode: ReportMode) -> Vec<&CheckResult> {
    if mode == ReportMode::Instance {
        return rows.iter().collect();
    }
    let mut sorted: Vec<&CheckResult> = rows.iter().collect();
    sorted.sort_by_key(|row| row.judgement.verdict);
    let mut seen = HashSet::new();
    sorted.retain(|row| {
        let [_, _, patient, study, series, _] = &row.identity;
        seen.insert((row.check.action, &row.check.tag_ds, patient, study, series))
    });
    sorted
}

/// A column of counts: its title and how to take it from a tally.
pub(crate) type Column = (&'static str, fn(&Tally) -> u64);

/// Which verdicts occur: only those get a column.
pub(crate) fn columns(all: &Tally) -> Vec<Column> {
    let candidates: [Column; 3] =
        [("Blank", |tally| tally.blank), ("Fail", |tally| tally.fail), ("Pass", |tally| tally.pass)];
    candidates.into_iter().filter(|(_, count)| count(all) > 0).collect()
}

/// Lookup names of the actions that occur, as the report prints them.
pub fn action_names(totals: &Totals) -> BTreeSet<String> {
    totals.by_action.keys().map(|action| format!("<{action}>")).collect()
}
