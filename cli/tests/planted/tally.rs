//! How the copies ended, and where a planted value was found again.

use crate::places::{self, Ends, OPEN};
use crate::search::Searcher;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use walkdir::WalkDir;

/// What is counted of one place, in copies.
#[derive(Default, Clone)]
pub(crate) struct Counts {
    pub(crate) planted: usize,
    pub(crate) released: usize,
    pub(crate) withheld: usize,
    pub(crate) quarantined: usize,
    pub(crate) leaked: usize,
    /// Of the withheld results, those that hold the value: a person must look before anything is released.
    pub(crate) held: usize,
    /// Why copies were stopped, and how many for each reason.
    reasons: BTreeMap<String, usize>,
    /// Some results that leak, by the original's relative path.
    leaking: Vec<String>,
}

/// The counts of all places, and what is wrong beside them.
pub(crate) struct Tally {
    pub(crate) counts: Vec<Counts>,
    elsewhere: Vec<String>,
}

impl Tally {
    /// Searches everything that a run left.
    pub(crate) fn count(
        lab: &Path,
        copies: &BTreeMap<String, Vec<usize>>,
        printed: &[u8],
        searcher: &Searcher,
    ) -> Self {
        let mut tally = Self { counts: vec![Counts::default(); searcher.names.len()], elsewhere: Vec::new() };
        let results = results(lab);
        let reasons = reasons(lab);
        for (index, (old, planted)) in copies.iter().enumerate() {
            let result = results.get(old);
            let bytes = |folder: &str| result.and_then(|name| fs::read(lab.join(folder).join(name)).ok());
            let (released, withheld) = (bytes("out"), bytes("run/review"));
            let found = released.as_deref().or(withheld.as_deref()).map(|file| searcher.in_file(file));
            for &place_idx in planted {
                let counts = &mut tally.counts[place_idx];
                let holds = found.as_ref().is_some_and(|found| found.contains(&place_idx));
                counts.planted += 1;
                counts.released += usize::from(released.is_some());
                counts.withheld += usize::from(withheld.is_some());
                counts.quarantined += usize::from(released.is_none() && withheld.is_none());
                if released.is_none() {
                    for reason in reasons.get(&index).into_iter().flatten() {
                        *counts.reasons.entry(reason.clone()).or_default() += 1;
                    }
                }
                if holds && released.is_some() {
                    counts.leaked += 1;
                    counts.leaking.push(old.clone());
                }
                counts.held += usize::from(holds && released.is_none());
            }
        }
        tally.search_elsewhere(lab, printed, searcher);
        tally
    }

    /// The run's own files, all names, and what was printed.
    fn search_elsewhere(&mut self, lab: &Path, printed: &[u8], searcher: &Searcher) {
        let mut note = |what: &str, found: BTreeSet<usize>| {
            self.elsewhere.extend(found.into_iter().map(|place_idx| format!("{what}: {}", searcher.names[place_idx])));
        };
        note("printed", searcher.in_bytes(printed));
        for folder in ["out", "run"] {
            for entry in WalkDir::new(lab.join(folder)) {
                let entry = entry.expect("a readable folder");
                let name = entry.path().strip_prefix(lab).expect("below the folder").to_string_lossy().into_owned();
                // The way back is what the user asks for and keeps apart.
                if name.starts_with("run/crosswalk") {
                    continue;
                }
                note("a name", searcher.in_bytes(name.as_bytes()));
                let is_result = name.ends_with(".dcm");
                if entry.file_type().is_file() && !is_result {
                    note(&name, searcher.in_bytes(&fs::read(entry.path()).expect("a readable file")));
                }
            }
        }
    }

    /// The table that is printed.
    pub(crate) fn table(&self, names: &[&str]) -> String {
        let mut table = format!(
            "{:<72} {:>8} {:>8} {:>8} {:>8} {:>6}  {}\n",
            "place", "planted", "released", "withheld", "quarant.", "leaked", "reasons"
        );
        for (name, counts) in names.iter().zip(&self.counts) {
            let reasons: Vec<String> =
                counts.reasons.iter().map(|(reason, n_copies)| format!("{reason} {n_copies}")).collect();
            writeln!(
                table,
                "{name:<72} {:>8} {:>8} {:>8} {:>8} {:>6}  {}",
                counts.planted,
                counts.released,
                counts.withheld,
                counts.quarantined,
                counts.leaked,
                reasons.join(", ")
            )
            .expect("writing to memory does not fail");
        }
        let sum = |of: fn(&Counts) -> usize| self.counts.iter().map(of).sum::<usize>();
        writeln!(
            table,
            "{} places, {} values planted, {} in released files, {} in withheld ones ({} of these results hold it), \
             {} in quarantine, {} leaked from {} places",
            self.counts.iter().filter(|counts| counts.planted > 0).count(),
            sum(|counts| counts.planted),
            sum(|counts| counts.released),
            sum(|counts| counts.withheld),
            sum(|counts| counts.held),
            sum(|counts| counts.quarantined),
            sum(|counts| counts.leaked),
            self.counts.iter().filter(|counts| counts.leaked > 0).count(),
        )
        .expect("writing to memory does not fail");
        table
    }

    /// What must not be.
    pub(crate) fn faults(&self, names: &[&str]) -> Vec<String> {
        let mut faults = self.elsewhere.clone();
        let ends = places::all().map(|place| place.ends).chain([Ends::Released; 2]);
        for ((name, counts), ends) in names.iter().zip(&self.counts).zip(ends) {
            if OPEN.contains(name) {
                continue;
            }
            if counts.leaked > 0 {
                let some = &counts.leaking[..counts.leaking.len().min(3)];
                faults.push(format!(
                    "{name}: leaked from {} of {} copies, as from {some:?}",
                    counts.leaked, counts.released
                ));
            }
            if counts.planted == 0 {
                faults.push(format!("{name}: planted nowhere"));
            } else if counts.released == 0 && ends == Ends::Released {
                faults.push(format!(
                    "{name}: no copy ends de-identified, so that nothing is proven: {:?}",
                    counts.reasons
                ));
            }
        }
        faults
    }
}

/// New names by old ones, both relative.
fn results(lab: &Path) -> BTreeMap<String, String> {
    let table = fs::read_to_string(lab.join("run/crosswalk/paths.csv")).expect("a crosswalk");
    table
        .lines()
        .skip(1)
        .filter_map(|line| line.rsplit_once(','))
        .map(|(old, new)| (old.to_owned(), new.to_owned()))
        .collect()
}

/// Why inputs were stopped, by their index in the sorted list of inputs.
fn reasons(lab: &Path) -> BTreeMap<usize, Vec<String>> {
    let decisions = fs::read_to_string(lab.join("run/decisions.jsonl")).expect("decisions");
    decisions
        .lines()
        .map(|line| {
            let outcome: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let index = usize::try_from(outcome["index"].as_u64().expect("an index")).expect("small");
            let reasons = outcome["reasons"].as_array().cloned().unwrap_or_default();
            (index, reasons.iter().filter_map(|reason| reason.as_str().map(str::to_owned)).collect())
        })
        .collect()
}
