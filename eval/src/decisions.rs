//! The decisions of a run beside the ground truth of the instances that they are about.

use crate::error::EvaluationError as Error;
use crate::midi::Mapping;
use efface_schema::{InstanceOutcome, RunManifest, RunStatus, TruthRecord, parse_json};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

const DECISIONS: &str = "decisions of the run (decisions.jsonl)";

/// Reads the manifest of a run that ended.
///
/// # Errors
/// When there is none, or it says that the run did not end.
pub(crate) fn read_run(run: &Path) -> Result<RunManifest, Error> {
    const WHAT: &str = "manifest of the run (manifest.json of its folder)";
    let text =
        std::fs::read_to_string(run.join("manifest.json")).map_err(|source| Error::Read { what: WHAT, source })?;
    let manifest: RunManifest = parse_json(&text).map_err(|source| Error::Record { what: WHAT, line: 1, source })?;
    if manifest.status == RunStatus::Complete { Ok(manifest) } else { Err(Error::RunNotComplete) }
}

/// The way back from results to originals, where the run kept one.
///
/// # Errors
/// When it is there and cannot be read.
pub(crate) fn paths_of(run: &Path) -> Result<Option<Mapping>, Error> {
    let path = run.join("crosswalk").join("paths.csv");
    if path.is_file() { Mapping::read(&path, "crosswalk of paths").map(Some) } else { Ok(None) }
}

/// Hands on every outcome with a result of which the ground truth knows the original, with that record's place.
/// Returns how many there were.
///
/// # Errors
/// With the line of what is no outcome, or comes twice; when there are not as many outcomes as the manifest counts; and
/// what the receiver returns.
pub(crate) fn each_outcome(
    run: &Path,
    paths: &Mapping,
    truth: &[TruthRecord],
    receive: &mut dyn FnMut(usize, InstanceOutcome) -> Result<(), Error>,
) -> Result<u64, Error> {
    let manifest = read_run(run)?;
    let unreadable = |source| Error::Read { what: DECISIONS, source };
    let decisions = File::open(run.join("decisions.jsonl")).map_err(unreadable)?;
    let by_path: HashMap<&str, usize> =
        truth.iter().enumerate().map(|(at, record)| (record.instance.path.as_str(), at)).collect();
    let (mut n_outcomes, mut n_known) = (0, 0);
    let (mut inputs, mut records) = (HashSet::new(), HashSet::new());
    for (line, text) in (1..).zip(BufReader::new(decisions).lines()) {
        let refused = |problem| Err(Error::Line { what: DECISIONS, line, problem });
        let outcome: InstanceOutcome =
            parse_json(&text.map_err(unreadable)?).map_err(|source| Error::Record { what: DECISIONS, line, source })?;
        n_outcomes += 1;
        if !inputs.insert(outcome.index) {
            return refused("an earlier line is about the same input; start the run again");
        }
        let old = outcome.output.as_deref().and_then(|output| paths.old_of(output));
        let Some(&record) = old.and_then(|old| by_path.get(old)) else { continue };
        if !records.insert(record) {
            return refused("an earlier line has a result of the same original; start the run again");
        }
        n_known += 1;
        receive(record, outcome)?;
    }
    match manifest.counts {
        Some(counts) if counts.inputs != n_outcomes => Err(Error::Line {
            what: DECISIONS,
            line: usize::try_from(n_outcomes).unwrap_or(usize::MAX).max(1),
            problem: "it is the last one, and the manifest counts another number; start the run again",
        }),
        _ => Ok(n_known),
    }
}
