//! What a suite holds, counted; and its dataset card.

use crate::options::{SuiteKind, SuiteSettings};
use crate::provenance::Provenance;
use crate::vocabulary::Split;
use efface_schema::midi::CheckAction;
use efface_schema::{DrawnText, HipaaElement, InstanceIdentity, NegativeKind, Place, TextRecord, TruthRecord};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The text in a suite's pictures, counted once per instance, however many frames show it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DrawnCounts {
    /// Number of frames.
    pub n_frames: usize,
    /// Number of lines.
    pub n_lines: usize,
    /// Number of words, each of which has a mask.
    pub n_words: usize,
    /// Number of words that identify.
    pub n_phi_words: usize,
    /// Lines by the name of their layout.
    pub lines_by_layout: BTreeMap<String, usize>,
    /// Lines by the name of their font.
    pub lines_by_font: BTreeMap<String, usize>,
}

impl DrawnCounts {
    fn count(&mut self, drawn: &DrawnText) {
        self.n_frames += drawn.n_frames as usize;
        self.n_lines += drawn.lines.len();
        for line in &drawn.lines {
            self.n_words += line.words.len();
            self.n_phi_words += line.words.iter().filter(|word| word.label.is_some()).count();
            *self.lines_by_layout.entry(line.layout.clone()).or_default() += 1;
            *self.lines_by_font.entry(line.font.clone()).or_default() += 1;
        }
    }
}

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
    /// Text in pictures.
    pub drawn: DrawnCounts,
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
            drawn: DrawnCounts::default(),
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
        record.drawn.iter().for_each(|drawn| self.drawn.count(drawn));
        for (action, n_checks) in n_checks {
            *self.checks_by_action.entry(*action).or_default() += n_checks;
        }
    }

    /// Counts a patient's studies, series and instances.
    pub(crate) fn count_patient<'a>(&mut self, instances: impl Iterator<Item = &'a InstanceIdentity> + Clone) {
        let distinct = |key: fn(&InstanceIdentity) -> &str| instances.clone().map(key).collect::<BTreeSet<_>>().len();
        self.n_patients += distinct(|instance| &instance.patient_id);
        self.n_studies += distinct(|instance| &instance.study_instance_uid);
        self.n_series += distinct(|instance| &instance.series_instance_uid);
        self.n_instances += instances.count();
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
}

/// The dataset card of a suite.
pub(crate) fn card(provenance: &Provenance, report: &SuiteReport, has_contact_sheet: bool) -> String {
    let mut text = format!(
        "# Synthetic suite `{}`\n\n\
         {}\n\n\
         {} patients, {} studies, {} series, {} instances; {} instances have identifying text in their pixels.\n\
         {} values are planted and must go; {} values must survive.\n",
        report.name,
        provenance.origin,
        report.n_patients,
        report.n_studies,
        report.n_series,
        report.n_instances,
        report.n_burned_in,
        report.n_planted,
        report.n_retained,
    );
    if has_contact_sheet {
        text.push_str("\n![Some images of the suite with text burned in](contact-sheet.png)\n");
    }
    table(&mut text, "Instances by modality", "modality", report.instances_by_modality.iter());
    table(&mut text, "Planted values by place", "place", report.planted_by_place.iter());
    let elements = report.planted_by_element.iter().map(|(element, n)| (format!("{element} {}", element.title()), n));
    table(&mut text, "Planted values by HIPAA element", "element", elements);
    table(&mut text, "Planted values by label", "label", report.planted_by_label.iter());
    if report.drawn.n_lines > 0 {
        let drawn = &report.drawn;
        let _ = write!(
            text,
            "\n## Text in pictures\n\n{} lines with {} words, of which {} identify, over images of {} frames; \
             `coco.json` has their boxes and masks by frame.\n",
            drawn.n_lines, drawn.n_words, drawn.n_phi_words, drawn.n_frames
        );
        table(&mut text, "Lines by layout", "layout", drawn.lines_by_layout.iter());
        table(&mut text, "Lines by font", "font", drawn.lines_by_font.iter());
    }
    checks(&mut text, report);
    text.push_str(CLAIMS);
    text.push_str(provenance.limits);
    text
}

/// Checks of the validation key of MIDI-B for each of its 23,921 instances, by action.
///
/// Source: the counts that a run of the official scorer over the whole key was published with (6,173,204 checks).
const MIDI_B_CHECKS: &[(CheckAction, f64)] = &[
    (CheckAction::TagRetained, 46.03),
    (CheckAction::TextNotnull, 25.86),
    (CheckAction::TextRetained, 144.37),
    (CheckAction::TextRemoved, 14.36),
    (CheckAction::DateShifted, 5.84),
    (CheckAction::UidChanged, 9.80),
    (CheckAction::PixelsHidden, 0.0015),
    (CheckAction::PixelsRetained, 0.9985),
    (CheckAction::UidConsistent, 9.80),
    (CheckAction::PatidConsistent, 1.0),
];

/// How many checks ask for what, and how many of them for an instance, beside the original.
fn checks(text: &mut String, report: &SuiteReport) {
    text.push_str(
        "\n## Checks of the answer key\n\n\
         | action | n | for each instance | in MIDI-B |\n|---|---:|---:|---:|\n",
    );
    let n_instances = report.n_instances.max(1) as f64;
    for (action, n) in &report.checks_by_action {
        let original = MIDI_B_CHECKS.iter().find(|(of, _)| of == action).map(|(_, ratio)| *ratio);
        let original = original.map_or_else(String::new, ratio);
        let _ = writeln!(text, "| {action} | {n} | {} | {original} |", ratio(*n as f64 / n_instances));
    }
}

/// Two decimals, or four where two would show nothing.
fn ratio(number: f64) -> String {
    if number < 0.05 || (number < 1.0 && number > 0.99) { format!("{number:.4}") } else { format!("{number:.2}") }
}

/// The dataset card of a suite of texts.
pub(crate) fn text_card(settings: &SuiteSettings, report: &SuiteReport) -> String {
    let n_negatives: usize = report.negatives_by_kind.values().sum();
    let side = match settings.split {
        Split::Train => "to train on",
        Split::Test => "to test on",
    };
    let is_written = settings.kind == SuiteKind::WrittenText;
    let about = if is_written { "cases, variants of one written text each" } else { "patients" };
    let mut text = format!(
        "# Synthetic texts `{}`\n\n\
         Made by `efface synth` from seed {}, {side}; every person, place and number in them is invented.\n\n\
         {} texts of {} sentences about {} {about}; {} spans that identify, {n_negatives} hard negatives.\n\
         `ner.jsonl` holds a text a line with its spans, `ner.conll` the same as tokens with BIO tags.\n",
        report.name, settings.seed, report.n_texts, report.n_sentences, report.n_patients, report.n_planted,
    );
    table(&mut text, "Spans by label", "label", report.planted_by_label.iter());
    let elements = report.planted_by_element.iter().map(|(element, n)| (format!("{element} {}", element.title()), n));
    table(&mut text, "Spans by HIPAA element", "element", elements);
    if !is_written {
        table(&mut text, "Hard negatives by kind", "kind", report.negatives_by_kind.iter());
    }
    table(&mut text, "Texts by locale", "locale", report.texts_by_locale.iter());
    text.push_str(
        "\n## What is not in it\n\n\
         - Full-face photographs (HIPAA element Q): they are no text.\n",
    );
    text.push_str(if is_written {
        "- Texts of hospitals: language models wrote them. Marks of what looks identifying and is not: there are none.\n"
    } else {
        "- Texts that anybody wrote: every sentence comes from rules, and real ones vary in more ways.\n"
    });
    text
}

fn table<'a>(text: &mut String, title: &str, column: &str, rows: impl Iterator<Item = (impl ToString, &'a usize)>) {
    let _ = write!(text, "\n## {title}\n\n| {column} | n |\n|---|---:|\n");
    for (name, n) in rows {
        let _ = writeln!(text, "| {} | {n} |", name.to_string());
    }
}

const CLAIMS: &str = "\n## What the truth asks for\n\n\
    The profile is the one of TCIA: the Basic Application Level Confidentiality Profile of PS3.15 with Clean \
    Descriptors, Clean Pixel Data, Retain Longitudinal Temporal Information with Modified Dates, Retain Patient \
    Characteristics, Retain Device Identity and Retain Safe Private.\n\
    A planted date must be another date; a planted UID another UID, the same one everywhere.\n\n\
    ## What is not in it\n\n";
