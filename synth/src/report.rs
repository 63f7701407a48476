//! What a suite holds, counted; and its dataset card.

use crate::options::SuiteSettings;
use crate::vocabulary::Split;
use efface_schema::midi::CheckAction;
use efface_schema::{HipaaElement, InstanceIdentity, NegativeKind, Place, TextRecord, TruthRecord};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The counts of a suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SuiteReport {
    /// The suite's name.
    pub name: String,
    /// Number of patients.
    pub n_patients: usize,
    /// Number of studies.
    pub n_studies: usize,
    /// Number of series.
    pub n_series: usize,
    /// Number of instances.
    pub n_instances: usize,
    /// Number of instances with identifying text in their pixels.
    pub n_burned_in: usize,
    /// Number of texts written for entity recognition.
    pub n_texts: usize,
    /// Number of sentences in a suite of texts; 0 in a suite of instances.
    pub n_sentences: usize,
    /// Number of values planted.
    pub n_planted: usize,
    /// Number of values that must survive.
    pub n_retained: usize,
    /// Hard negatives in the texts, by kind.
    pub negatives_by_kind: BTreeMap<NegativeKind, usize>,
    /// Texts by locale.
    pub texts_by_locale: BTreeMap<String, usize>,
    /// Instances by Modality (0008,0060).
    pub instances_by_modality: BTreeMap<String, usize>,
    /// Planted values by kind of place.
    pub planted_by_place: BTreeMap<Place, usize>,
    /// Planted values by HIPAA element.
    pub planted_by_element: BTreeMap<HipaaElement, usize>,
    /// Planted values by label.
    pub planted_by_label: BTreeMap<String, usize>,
    /// Checks of the MIDI-B answer key by action.
    pub checks_by_action: BTreeMap<CheckAction, usize>,
}

impl SuiteReport {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            n_patients: 0,
            n_studies: 0,
            n_series: 0,
            n_instances: 0,
            n_burned_in: 0,
            n_texts: 0,
            n_sentences: 0,
            n_planted: 0,
            n_retained: 0,
            negatives_by_kind: BTreeMap::new(),
            texts_by_locale: BTreeMap::new(),
            instances_by_modality: BTreeMap::new(),
            planted_by_place: BTreeMap::new(),
            planted_by_element: BTreeMap::new(),
            planted_by_label: BTreeMap::new(),
            checks_by_action: BTreeMap::new(),
        }
    }

    pub(crate) fn count(
        &mut self,
        record: &TruthRecord,
        n_checks: &BTreeMap<CheckAction, usize>,
        has_burned_in_phi: bool,
    ) {
        self.n_burned_in += usize::from(has_burned_in_phi);
        self.n_planted += record.planted.len();
        self.n_retained += record.retained.len();
        *self.instances_by_modality.entry(record.instance.modality.clone()).or_default() += 1;
        for planted in &record.planted {
            *self.planted_by_place.entry(planted.place).or_default() += 1;
            *self.planted_by_element.entry(planted.element).or_default() += 1;
            *self.planted_by_label.entry(planted.label.to_string()).or_default() += 1;
        }
        for (action, n_checks) in n_checks {
            *self.checks_by_action.entry(*action).or_default() += n_checks;
        }
    }

    /// Counts one text of a suite of texts, whose spans are all that is planted.
    pub(crate) fn count_text(&mut self, record: &TextRecord) {
        self.n_texts += 1;
        self.n_planted += record.spans.len();
        *self.texts_by_locale.entry(record.context.locale.clone()).or_default() += 1;
        for span in &record.spans {
            *self.planted_by_element.entry(span.element).or_default() += 1;
            *self.planted_by_label.entry(span.label.to_string()).or_default() += 1;
        }
        for negative in &record.negatives {
            *self.negatives_by_kind.entry(negative.kind).or_default() += 1;
        }
    }

    pub(crate) fn finish(&mut self, instances: &[&InstanceIdentity]) {
        let distinct = |key: fn(&InstanceIdentity) -> &str| -> usize {
            instances.iter().map(|instance| key(instance)).collect::<BTreeSet<_>>().len()
        };
        self.n_instances = instances.len();
        self.n_patients = distinct(|instance| &instance.patient_id);
        self.n_studies = distinct(|instance| &instance.study_instance_uid);
        self.n_series = distinct(|instance| &instance.series_instance_uid);
    }
}

/// The dataset card of a suite.
pub(crate) fn card(settings: &SuiteSettings, report: &SuiteReport) -> String {
    let mut text = format!(
        "# Synthetic suite `{}`\n\n\
         Made by `efface synth` from seed {}.\n\
         Every person, place and number in it is invented; the images are drawn, not acquired.\n\n\
         {} patients, {} studies, {} series, {} instances; {} instances have identifying text in their pixels.\n\
         {} values are planted and must go; {} values must survive.\n",
        report.name,
        settings.seed,
        report.n_patients,
        report.n_studies,
        report.n_series,
        report.n_instances,
        report.n_burned_in,
        report.n_planted,
        report.n_retained,
    );
    table(&mut text, "Instances by modality", "modality", report.instances_by_modality.iter());
    table(&mut text, "Planted values by place", "place", report.planted_by_place.iter());
    let elements = report.planted_by_element.iter().map(|(element, n)| (format!("{element} {}", element.title()), n));
    table(&mut text, "Planted values by HIPAA element", "element", elements);
    table(&mut text, "Planted values by label", "label", report.planted_by_label.iter());
    table(&mut text, "Checks of the answer key", "action", report.checks_by_action.iter());
    text.push_str(LIMITS);
    text
}

/// The dataset card of a suite of texts.
pub(crate) fn text_card(settings: &SuiteSettings, report: &SuiteReport) -> String {
    let n_negatives: usize = report.negatives_by_kind.values().sum();
    let side = match settings.split {
        Split::Train => "to train on",
        Split::Test => "to test on",
    };
    let mut text = format!(
        "# Synthetic texts `{}`\n\n\
         Made by `efface synth` from seed {}, {side}; every person, place and number in them is invented.\n\n\
         {} texts of {} sentences about {} patients; {} spans that identify, {n_negatives} hard negatives.\n\
         `ner.jsonl` holds a text a line with its spans, `ner.conll` the same as tokens with BIO tags.\n",
        report.name, settings.seed, report.n_texts, report.n_sentences, report.n_patients, report.n_planted,
    );
    table(&mut text, "Spans by label", "label", report.planted_by_label.iter());
    let elements = report.planted_by_element.iter().map(|(element, n)| (format!("{element} {}", element.title()), n));
    table(&mut text, "Spans by HIPAA element", "element", elements);
    table(&mut text, "Hard negatives by kind", "kind", report.negatives_by_kind.iter());
    table(&mut text, "Texts by locale", "locale", report.texts_by_locale.iter());
    text.push_str(
        "\n## What is not in it\n\n\
         - Full-face photographs (HIPAA element Q): they are no text.\n\
         - Texts that anybody wrote: every sentence comes from rules, and real ones vary in more ways.\n",
    );
    text
}

fn table<'a>(text: &mut String, title: &str, column: &str, rows: impl Iterator<Item = (impl ToString, &'a usize)>) {
    let _ = write!(text, "\n## {title}\n\n| {column} | n |\n|---|---:|\n");
    for (name, n) in rows {
        let _ = writeln!(text, "| {} | {n} |", name.to_string());
    }
}

const LIMITS: &str = "\n## What the truth asks for\n\n\
    The profile is the one of TCIA: the Basic Application Level Confidentiality Profile of PS3.15 with Clean \
    Descriptors, Clean Pixel Data, Retain Longitudinal Temporal Information with Modified Dates, Retain Patient \
    Characteristics, Retain Device Identity and Retain Safe Private.\n\
    A planted date must be another date; a planted UID another UID, the same one everywhere.\n\n\
    ## What is not in it\n\n\
    - Full-face photographs (HIPAA element Q): images are drawn.\n\
    - Overlays, encapsulated documents, DICOMDIR, file meta information and the preamble.\n\
    - Handwriting and scanned paper in pixels; text is set in the DejaVu fonts.\n\
    - Long texts: sentences are composed by rules, and nothing is told over several of them.\n\
    - The images are no substitute for acquired ones in what their backgrounds do to text detection.\n";
