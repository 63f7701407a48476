//! A report folder as a release takes it.

use super::refused;
use crate::compare::{Evaluated, GateResult};
use crate::report::{pretty, read_requirements, rendered};
use crate::{EvaluationError, files::list_files};
use std::fs;
use std::path::PathBuf;

/// A folder of results and the name that it gets in the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// One path component, such as `smoke`.
    pub name: String,
    /// A report folder of `efface eval`, `efface compare`, `efface measure` or `efface midi`.
    pub folder: PathBuf,
}

/// Files that may be published, all of them without any value of the output. A file under another name is left out: it
/// may quote somebody, as discrepancy reports, results databases, shards and rows do.
const PUBLISHED: [&str; 31] = [
    "calibration.html",
    "calibration.json",
    "cases.csv",
    "cases.parquet",
    "comparison.html",
    "comparison.json",
    "comparison.md",
    "dataset_card.md",
    "detector.html",
    "detector.json",
    "figures.csv",
    "figures.parquet",
    "hiding.svg",
    "junit.xml",
    "metrics.json",
    "midi.json",
    "ner.html",
    "ner.json",
    "reliability.svg",
    "report.html",
    "report.md",
    "requirements.json",
    "review.svg",
    "risk-coverage.svg",
    "run_manifest.json",
    "scaling.svg",
    "scoring_report_instance.xlsx",
    "scoring_report_series.xlsx",
    "suite_manifest.json",
    "throughput.html",
    "throughput.json",
];

/// What a report folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Evaluation,
    Comparison,
    Entities,
    Boxes,
    Calibration,
    Speed,
    Midi,
}

impl Kind {
    /// By the record that makes a folder one of this kind; an evaluation may have others beside it.
    const BY_RECORD: [(&str, Self); 7] = [
        ("metrics.json", Self::Evaluation),
        ("comparison.json", Self::Comparison),
        ("ner.json", Self::Entities),
        ("detector.json", Self::Boxes),
        ("calibration.json", Self::Calibration),
        ("throughput.json", Self::Speed),
        ("midi.json", Self::Midi),
    ];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Evaluation => "evaluation",
            Self::Comparison => "comparison",
            Self::Entities => "entity recognition",
            Self::Boxes => "text detection",
            Self::Calibration => "calibration",
            Self::Speed => "throughput",
            Self::Midi => "MIDI-B score",
        }
    }

    /// The file that a reader opens first.
    pub(crate) const fn page(self) -> &'static str {
        match self {
            Self::Evaluation => "report.html",
            Self::Comparison => "comparison.html",
            Self::Entities => "ner.html",
            Self::Boxes => "detector.html",
            Self::Calibration => "calibration.html",
            Self::Speed => "throughput.html",
            Self::Midi => "midi.json",
        }
    }
}

/// An evaluation with what was required of it.
#[derive(Debug, Clone)]
pub(crate) struct Required {
    pub(crate) evaluated: Evaluated,
    pub(crate) requirements: Vec<GateResult>,
}

/// What of a report folder goes into a release.
#[derive(Debug, Clone)]
pub(crate) struct Collected {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// What was evaluated, if the folder is of an evaluation.
    pub(crate) evaluation: Option<Required>,
    files: Vec<(String, Vec<u8>)>,
    left_out: Vec<String>,
}

impl Collected {
    pub(super) fn read(Evidence { name, folder }: &Evidence) -> Result<Self, EvaluationError> {
        let (mut files, mut left_out) = (Vec::new(), Vec::new());
        for file in list_files(folder, "folder of evidence")? {
            if PUBLISHED.contains(&file.name.as_str()) {
                let bytes =
                    fs::read(&file.path).map_err(|source| EvaluationError::Read { what: "evidence", source })?;
                files.push((file.name, bytes));
            } else {
                left_out.push(file.name);
            }
        }
        let has = |name: &str| files.iter().any(|(file, _)| file == name);
        let Some((_, kind)) = Kind::BY_RECORD.into_iter().find(|(record, _)| has(record)) else {
            return refused(format!("{name} is no report folder: it holds no record of figures"));
        };
        if !has(kind.page()) {
            return refused(format!("{name} has no {}: write its report anew", kind.page()));
        }
        let mut collected = Self { name: name.clone(), kind, evaluation: None, files, left_out };
        if kind == Kind::Evaluation {
            let evaluation = Required { evaluated: Evaluated::read(folder)?, requirements: read_requirements(folder)? };
            collected.check_evaluation(&evaluation)?;
            collected.files.extend(policy(&evaluation.evaluated));
            collected.evaluation = Some(evaluation);
        }
        Ok(collected)
    }

    /// Refuses a report folder in which something is not what its figures give.
    fn check_evaluation(&self, Required { evaluated, requirements }: &Required) -> Result<(), EvaluationError> {
        let name = &self.name;
        if requirements.is_empty() {
            return refused(format!("nothing was required of {name}: score it with efface eval --require"));
        }
        for (file, bytes) in rendered(evaluated, requirements)? {
            if self.file(file) != Some(&bytes) {
                return refused(format!(
                    "{name}/{file} is not what the figures beside it give: write it anew with efface report page"
                ));
            }
        }
        if let Some(midi) = &evaluated.metrics.midi {
            let workbook = format!("scoring_report_{}.xlsx", midi.report);
            if self.file(&workbook).is_none() {
                return refused(format!("{name} has no {workbook}: score it anew"));
            }
        }
        Ok(())
    }

    fn file(&self, name: &str) -> Option<&Vec<u8>> {
        self.files.iter().find(|(file, _)| file == name).map(|(_, bytes)| bytes)
    }

    /// Names in the release, and contents.
    pub(super) fn files(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        self.files.iter().map(|(file, bytes)| (format!("{}/{file}", self.name), bytes.clone()))
    }

    pub(super) fn left_out(&self) -> impl Iterator<Item = String> {
        self.left_out.iter().map(|file| format!("{}/{file}", self.name))
    }
}

/// The policy that a run resolved to, as it stands in its manifest.
fn policy(evaluated: &Evaluated) -> Option<(String, Vec<u8>)> {
    let policy = evaluated.run.as_ref()?.settings.get("policy")?;
    Some(("policy.json".to_owned(), pretty(policy).into_bytes()))
}
