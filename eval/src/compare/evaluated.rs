//! An evaluation as its report folder holds it, and whether all in the folder is of the same run.

use crate::cases::{CASES, Case, IDENTICAL_PIXELS, KEPT, RETAINED, read_cases};
use crate::{EvaluationError, SuiteFiles};
use efface_schema::{
    CalibrationMetrics, FormatError, Metrics, RecallCell, RetentionMetrics, RunManifest, Sha256Hex, ThroughputMetrics,
    Versioned, parse_json, sha256_hex,
};
use std::collections::BTreeMap;
use std::path::Path;

/// An evaluation as its report folder holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// `metrics.json`.
    pub metrics: Metrics,
    /// `cases.csv`.
    pub cases: Vec<Case>,
    /// `run_manifest.json`, where a run of Efface wrote the output.
    pub run: Option<RunManifest>,
    /// `dataset_card.md` and `suite_manifest.json`.
    pub suite: SuiteFiles,
    /// `calibration.json`, where `efface measure calibration --report` wrote one into the folder.
    pub calibration: Option<CalibrationMetrics>,
    /// `throughput.json`, where `efface measure throughput --report` wrote one into the folder.
    pub throughput: Option<ThroughputMetrics>,
}

/// Whether a measurement that lies beside an evaluation is of the run that was evaluated, told by hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It is.
    SameRun,
    /// The same program with the same settings worked on other files.
    OtherFiles,
    /// It is not.
    Other,
    /// One of the two does not say.
    Unknown,
}

impl Evaluated {
    /// Reads a report folder.
    ///
    /// # Errors
    /// When `metrics.json` or `cases.csv` is missing, any of the files is of another version, the two do not count the
    /// same values, or one of the files is of another evaluation than `metrics.json`, by the hashes that they hold.
    pub fn read(folder: &Path) -> Result<Self, EvaluationError> {
        const METRICS: &str = "metrics (metrics.json of a report folder)";
        let text = |name: &str, what| {
            std::fs::read_to_string(folder.join(name)).map_err(|source| EvaluationError::Read { what, source })
        };
        let metrics: Metrics = parse_json(&text("metrics.json", METRICS)?)
            .map_err(|source| EvaluationError::Record { what: METRICS, line: 1, source })?;
        let cases = read_cases(&text("cases.csv", CASES)?)?;
        check_counts(&metrics, &cases)?;
        let suite = SuiteFiles {
            card: text_beside(folder, "dataset_card.md", "dataset card (dataset_card.md of a report folder)")?,
            manifest: text_beside(
                folder,
                "suite_manifest.json",
                "suite manifest (suite_manifest.json of a report folder)",
            )?,
        };
        let evaluated = Self {
            cases,
            run: read_beside(folder, "run_manifest.json", "run manifest (run_manifest.json of a report folder)")?,
            calibration: read_beside(folder, "calibration.json", "calibration (calibration.json of a report folder)")?,
            throughput: read_beside(folder, "throughput.json", "throughput (throughput.json of a report folder)")?,
            suite,
            metrics,
        };
        evaluated.refuse_others()?;
        Ok(evaluated)
    }

    /// An evaluation beside which nothing was measured.
    pub fn new(metrics: Metrics, cases: Vec<Case>) -> Self {
        Self { metrics, cases, run: None, suite: SuiteFiles::default(), calibration: None, throughput: None }
    }

    /// Whether the calibration is that of the decisions of this run: both name the hash of the same rows.
    pub fn calibration_origin(&self) -> Origin {
        let rows = self.calibration.as_ref().and_then(|of| of.rows_sha256.as_ref());
        match (rows, &self.metrics.measured_on.judged_sha256) {
            (Some(rows), Some(judged)) if rows == judged => Origin::SameRun,
            (Some(_), Some(_)) => Origin::Other,
            _ => Origin::Unknown,
        }
    }

    /// Whether the timed runs did what this run did; they have a key of their own, which changes no work.
    pub fn throughput_origin(&self) -> Origin {
        let timed = self.throughput.as_ref().and_then(|of| of.work.clone());
        match (timed, self.run.as_ref().and_then(RunManifest::work)) {
            (Some(timed), Some(run)) if timed == run => Origin::SameRun,
            (Some(timed), Some(run))
                if (&timed.efface_version, &timed.settings_sha256) == (&run.efface_version, &run.settings_sha256) =>
            {
                Origin::OtherFiles
            }
            (Some(_), Some(_)) => Origin::Other,
            _ => Origin::Unknown,
        }
    }

    fn refuse_others(&self) -> Result<(), EvaluationError> {
        let on = &self.metrics.measured_on;
        let refused = |what, problem| Err(EvaluationError::Beside { what, problem });
        // What the figures do not name cannot be compared.
        let is_other = |text: &Option<String>, hash: &Option<Sha256Hex>| {
            text.as_ref().zip(hash.as_ref()).is_some_and(|(text, hash)| sha256_hex(text.as_bytes()) != *hash)
        };
        if is_other(&self.suite.card, &on.card_sha256) {
            return refused("dataset_card.md", "it is not the card of the suite that was measured on");
        }
        if is_other(&self.suite.manifest, &on.suite_manifest_sha256) {
            return refused("suite_manifest.json", "it is not the manifest of the suite that was measured on");
        }
        if let Some(run) = &self.run {
            let is_whole = sha256_hex(run.settings.to_string().as_bytes()) == run.settings_sha256;
            if !is_whole || on.run_settings_sha256.as_ref().is_some_and(|hash| *hash != run.settings_sha256) {
                return refused("run_manifest.json", "it is not the manifest of the run that was scored");
            }
        }
        if self.calibration_origin() == Origin::Other {
            return refused(
                "calibration.json",
                "it was measured on other rows than those that this evaluation wrote; measure it anew or remove it",
            );
        }
        if self.throughput_origin() == Origin::Other {
            return refused(
                "throughput.json",
                "another version of the program or other settings were timed; measure it anew or remove it",
            );
        }
        Ok(())
    }
}

/// Refuses a table of cases that does not count the values which the figures beside it do.
fn check_counts(metrics: &Metrics, cases: &[Case]) -> Result<(), EvaluationError> {
    if planted(&metrics.recall.overall) == listed_as_planted(cases) && kept(&metrics.retention) == listed_as_kept(cases)
    {
        return Ok(());
    }
    let problem = "it is the last one, and metrics.json beside it counts other values: one of both is half written or of \
                   another evaluation; score the output again";
    Err(EvaluationError::Line { what: CASES, line: cases.len() + 1, problem })
}

/// Planted values that were removed, leaked, were withheld, and were not judged.
fn planted(recall: &RecallCell) -> [u64; 4] {
    [recall.removed.map_or(0, |rate| rate.numerator), recall.leaked, recall.withheld, recall.unjudged]
}

fn listed_as_planted(cases: &[Case]) -> [u64; 4] {
    let count = |verdicts: &[&str]| -> u64 {
        cases.iter().filter(|case| verdicts.contains(&case.verdict.as_str())).map(|case| case.count).sum()
    };
    [&["removed"][..], &["leaked", "leaked_elsewhere"], &["withheld"], &["unjudged"]].map(count)
}

/// Of each kind of what must stay, how much did, and of how much.
fn kept(retention: &RetentionMetrics) -> BTreeMap<&str, (u64, u64)> {
    let kinds = retention.by_kind.iter().map(|(kind, rate)| (kind.as_str(), *rate));
    let kinds = kinds.chain(retention.identical_pixels.map(|rate| (IDENTICAL_PIXELS, rate)));
    kinds.map(|(kind, rate)| (kind, (rate.numerator, rate.denominator))).collect()
}

fn listed_as_kept(cases: &[Case]) -> BTreeMap<&str, (u64, u64)> {
    let mut kinds: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for case in cases.iter().filter(|case| case.place == RETAINED) {
        let (kept, all) = kinds.entry(&case.label).or_default();
        *kept += if case.verdict == KEPT { case.count } else { 0 };
        *all += case.count;
    }
    kinds
}

/// The text of a file that need not be there.
fn text_beside(folder: &Path, name: &str, what: &'static str) -> Result<Option<String>, EvaluationError> {
    match std::fs::read_to_string(folder.join(name)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(EvaluationError::Read { what, source }),
    }
}

/// A record that need not be there.
fn read_beside<T: Versioned>(folder: &Path, name: &str, what: &'static str) -> Result<Option<T>, EvaluationError> {
    let of_form = |source: FormatError| EvaluationError::Record { what, line: 1, source };
    text_beside(folder, name, what)?.map(|text| parse_json(&text)).transpose().map_err(of_form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::{Machine, RunStatus, RunWork};

    fn run(policy: &str) -> RunManifest {
        let settings = serde_json::json!({ "policy": policy, "key_fingerprint": "k", "crosswalk": true });
        RunManifest {
            format_version: RunManifest::FORMAT_VERSION,
            command: "deid".to_owned(),
            efface_version: "1".to_owned(),
            settings_sha256: sha256_hex(settings.to_string().as_bytes()),
            settings,
            seeds: Default::default(),
            machine: Machine { platform: "any".to_owned(), n_threads: 1 },
            inputs_sha256: Some(sha256_hex(b"inputs")),
            outputs_sha256: None,
            counts: None,
            status: RunStatus::Complete,
        }
    }

    fn evaluated() -> Evaluated {
        let mut of = Evaluated::new(Metrics::default(), Vec::new());
        of.run = Some(run("tcia"));
        of
    }

    fn check(change: impl FnOnce(&mut Evaluated), is_refused: bool) {
        let mut of = evaluated();
        change(&mut of);
        assert_eq!(of.refuse_others().is_err(), is_refused, "{of:?}");
    }

    #[test]
    fn a_file_of_another_evaluation_is_refused() {
        check(|_| (), false);
        let hash = |text: &str| Some(sha256_hex(text.as_bytes()));
        let card = |of: &mut Evaluated, named: &str| {
            of.suite.card = Some("card".to_owned());
            of.metrics.measured_on.card_sha256 = hash(named);
        };
        check(|of| card(of, "card"), false);
        check(|of| card(of, "another"), true);
        let manifest = |of: &mut Evaluated, named: &str| {
            of.suite.manifest = Some("manifest".to_owned());
            of.metrics.measured_on.suite_manifest_sha256 = hash(named);
        };
        check(|of| manifest(of, "manifest"), false);
        check(|of| manifest(of, "another"), true);
        check(|of| of.metrics.measured_on.run_settings_sha256 = Some(run("tcia").settings_sha256), false);
        check(|of| of.metrics.measured_on.run_settings_sha256 = Some(run("basic").settings_sha256), true);
        check(|of| of.run = Some(RunManifest { settings: serde_json::Value::Null, ..run("tcia") }), true);
    }

    #[test]
    fn speed_is_of_the_run_by_program_settings_and_files_whatever_the_key() {
        let timed = |work: Option<RunWork>| {
            let mut of = evaluated();
            of.throughput = Some(ThroughputMetrics { work, ..ThroughputMetrics::default() });
            (of.throughput_origin(), of.refuse_others().is_err())
        };
        let work = run("tcia").work().expect("it names its inputs");
        assert_eq!(timed(Some(work.clone())), (Origin::SameRun, false));
        assert_eq!(timed(None), (Origin::Unknown, false));
        let files = RunWork { inputs_sha256: sha256_hex(b"others"), ..work.clone() };
        assert_eq!(timed(Some(files)), (Origin::OtherFiles, false));
        assert_eq!(timed(run("basic").work()), (Origin::Other, true));
        assert_eq!(timed(Some(RunWork { efface_version: "2".to_owned(), ..work })), (Origin::Other, true));
        let mut of = evaluated();
        of.run = None;
        assert_eq!(of.throughput_origin(), Origin::Unknown);
    }
}
