//! Suites of texts: what a classifier of tokens is taught and scored on. No DICOM is written.

use crate::identity::draw::Draw;
use crate::identity::numbers;
use crate::options::{SuiteKind, SuiteSettings};
use crate::output::{CHECKSUMS, Hashed, PartialFile};
use crate::persona::{FIRST_STUDY_DAY, Institution, Persona};
use crate::plant::{Phrase, Secret};
use crate::provenance::Provenance;
use crate::report::{SuiteReport, text_card};
use crate::streams::Streams;
use crate::text::{Breadth, Cast, TextKind, compose};
use crate::{SeriesKind, SynthError, conll, output, suite, written};
use efface_schema::{PhiLabel, TextContext, TextRecord, sha256_hex, to_json_line};
use jiff::ToSpan;
use jiff::civil::Date;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::io::Write;
use std::path::Path;

/// Texts about one patient, one after another.
const TEXTS_PER_PATIENT: u64 = 8;

/// Patients whose texts are held at once. The number of threads does not change the order of the texts.
const PATIENTS_PER_BATCH: u64 = 512;

/// Patients who go to one care site.
const PATIENTS_PER_INSTITUTION: u64 = 40;

/// An attribute that holds text.
struct Target {
    attribute: Option<&'static str>,
    keyword: &'static str,
    vr: Option<&'static str>,
    kind: TextKind,
    most_sentences: usize,
}

const fn target(
    attribute: &'static str,
    keyword: &'static str,
    vr: &'static str,
    kind: TextKind,
    most_sentences: usize,
) -> Target {
    Target { attribute: Some(attribute), keyword, vr: Some(vr), kind, most_sentences }
}

/// Where texts stand; comments and reports come more often, since that is where most words are.
static TARGETS: &[Target] = &[
    target("(0008,1030)", "StudyDescription", "LO", TextKind::Description, 1),
    target("(0008,103e)", "SeriesDescription", "LO", TextKind::SeriesName, 1),
    target("(0018,1030)", "ProtocolName", "LO", TextKind::SeriesName, 1),
    target("(0032,1060)", "RequestedProcedureDescription", "LO", TextKind::Description, 1),
    target("(0010,4000)", "PatientComments", "LT", TextKind::Sentence, 3),
    target("(0020,4000)", "ImageComments", "LT", TextKind::Sentence, 3),
    target("(0040,1400)", "RequestedProcedureComments", "LT", TextKind::Sentence, 3),
    target("(0032,4000)", "StudyComments", "LT", TextKind::Sentence, 3),
    target("(0008,1080)", "AdmittingDiagnosesDescription", "LO", TextKind::Line, 1),
    target("(0010,2000)", "MedicalAlerts", "LO", TextKind::Line, 1),
    target("(0010,21b0)", "AdditionalPatientHistory", "LT", TextKind::History, 3),
    target("(0032,1030)", "ReasonForStudy", "LO", TextKind::Reason, 1),
    target("(0040,1002)", "ReasonForTheRequestedProcedure", "LO", TextKind::Reason, 1),
    target("(0040,a160)", "TextValue", "UT", TextKind::Report, 3),
    target("(0040,a160)", "TextValue", "UT", TextKind::Sentence, 2),
    target("(0040,0280)", "CommentsOnThePerformedProcedureStep", "ST", TextKind::Technologist, 2),
    target("(0018,4000)", "AcquisitionComments", "LT", TextKind::Technologist, 2),
    target("(0029,\"EXPORT STATION 2.0\",10)", "", "LT", TextKind::Private, 1),
    Target { attribute: None, keyword: "", vr: None, kind: TextKind::FileName, most_sentences: 1 },
    target("(0008,1030)", "StudyDescription", "LO", TextKind::Clean, 1),
    target("(0008,103e)", "SeriesDescription", "LO", TextKind::Clean, 1),
    target("(0040,0254)", "PerformedProcedureStepDescription", "LO", TextKind::Clean, 1),
    target("(0040,a160)", "TextValue", "UT", TextKind::Clean, 3),
    target("(4008,0115)", "InterpretationDiagnosisDescription", "LT", TextKind::Clean, 3),
    target("(0018,9423)", "AcquisitionProtocolDescription", "LT", TextKind::Clean, 2),
    target("(0040,a160)", "TextValue", "UT", TextKind::Paragraph, 1),
    target("(4008,010b)", "InterpretationText", "ST", TextKind::Paragraph, 1),
    target("(0010,4000)", "PatientComments", "LT", TextKind::Fields, 1),
    target("(0040,a160)", "TextValue", "UT", TextKind::Fields, 1),
    target("(0029,\"EXPORT STATION 2.0\",11)", "", "UT", TextKind::Message, 1),
    target("(0029,\"EXPORT STATION 2.0\",12)", "", "UT", TextKind::Log, 1),
    target("(0018,1400)", "AcquisitionDeviceProcessingDescription", "LO", TextKind::Log, 1),
    target("(0020,4000)", "ImageComments", "LT", TextKind::Screen, 1),
    target("(0010,4000)", "PatientComments", "LT", TextKind::Alone, 1),
    target("(0040,a160)", "TextValue", "UT", TextKind::Alone, 1),
];

/// What a patient came for.
struct Visit {
    date: Date,
    prior: Option<Date>,
    staff: [Secret; 4],
    accession: Secret,
    order: Secret,
    uid: Secret,
    part_serial: Secret,
    modality: &'static str,
    shortest_name: usize,
}

impl Visit {
    fn new(
        rng: &mut ChaCha8Rng,
        settings: &SuiteSettings,
        streams: &Streams,
        site: &Institution,
        patient: u64,
    ) -> Self {
        let date = FIRST_STUDY_DAY.saturating_add(rng.random_range(0..900).days());
        let prior = rng.random_bool(0.6).then(|| date.saturating_sub(rng.random_range(20..1500).days()));
        let mut physician = || site.physicians[rng.random_range(0..site.physicians.len())].clone();
        let (referring, requesting, reading) = (physician(), physician(), physician());
        let operator = site.operators[rng.random_range(0..site.operators.len())].clone();
        let kind = SeriesKind::ALL[rng.random_range(0..SeriesKind::ALL.len())];
        let draw = &mut Draw::new(rng, settings.split);
        Self {
            date,
            prior,
            staff: [referring, requesting, reading, operator],
            accession: Secret::new(PhiLabel::OtherId, numbers::accession(draw)).known(),
            order: Secret::new(PhiLabel::OtherId, draw.pattern("ORD%#######")).known(),
            uid: Secret::new(PhiLabel::OtherId, streams.uid("study uid", &[patient])).known(),
            part_serial: Secret::new(PhiLabel::DeviceId, numbers::serial(draw)),
            modality: kind.modality(),
            shortest_name: settings.casting().shortest_name,
        }
    }

    fn cast<'a>(&'a self, persona: &'a Persona, institution: &'a Institution) -> Cast<'a> {
        let [referring, requesting, reading, operator] = &self.staff;
        Cast {
            persona,
            institution,
            language: persona.locale.profile().language,
            date: self.date,
            prior: self.prior,
            referring,
            requesting,
            reading,
            operator,
            accession: &self.accession,
            order: &self.order,
            uid: &self.uid,
            part_serial: &self.part_serial,
            shortest_name: self.shortest_name,
            breadth: Breadth::Texts,
        }
    }
}

/// The texts of one patient, as they are written.
#[derive(Default)]
struct Written {
    lines: String,
    conll: String,
    records: Vec<TextRecord>,
    n_sentences: usize,
}

impl Written {
    fn add(&mut self, record: TextRecord, n_sentences: usize) {
        self.lines.push_str(&to_json_line(&record));
        conll::write(&record, &mut self.conll);
        self.records.push(record);
        self.n_sentences += n_sentences;
    }
}

/// The texts of one patient.
type TextsOf = fn(&SuiteSettings, &Streams, u64) -> Written;

/// Writes a suite of texts: `ner.jsonl`, `ner.conll`, `card.md`, `SHA256SUMS` and `manifest.json`.
pub(crate) fn generate(
    settings: &SuiteSettings,
    out: &Path,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<SuiteReport, SynthError> {
    output::prepare(out)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.threads).build()?;
    let streams = Streams::of(settings.seed, settings.split);
    let mut lines = PartialFile::create(out, "ner.jsonl")?;
    let mut conll = PartialFile::create(out, "ner.conll")?;
    let mut report = SuiteReport::new(&settings.name);
    let (n_patients, write): (u64, TextsOf) = match settings.kind {
        SuiteKind::WrittenText => (written::n_texts().min(settings.texts), written_texts),
        SuiteKind::Text | SuiteKind::Dicom => (settings.texts.div_ceil(TEXTS_PER_PATIENT), patient_texts),
    };
    for first in (0..n_patients).step_by(usize::try_from(PATIENTS_PER_BATCH).unwrap_or(1)) {
        let batch = first..n_patients.min(first + PATIENTS_PER_BATCH);
        let written: Vec<Written> =
            pool.install(|| batch.into_par_iter().map(|patient| write(settings, &streams, patient)).collect());
        for patient in &written {
            lines.write_all(patient.lines.as_bytes())?;
            conll.write_all(patient.conll.as_bytes())?;
            report.n_sentences += patient.n_sentences;
            patient.records.iter().for_each(|record| report.count_text(record));
        }
        progress(report.n_texts, usize::try_from(settings.texts).unwrap_or(usize::MAX));
    }
    report.n_patients = usize::try_from(n_patients).unwrap_or(usize::MAX);
    let card = text_card(settings, &report);
    output::write(&out.join("card.md"), card.as_bytes())?;
    let about = [Hashed::of("card.md", card.as_bytes()), conll.finish()?, lines.finish()?];
    let list: String = about.iter().map(|file| format!("{}  {}\n", file.sha256, file.name)).collect();
    output::write(&out.join(CHECKSUMS), list.as_bytes())?;
    let n_threads = pool.current_num_threads();
    let manifest = suite::manifest(Provenance::synthetic(settings), n_threads, sha256_hex(list.as_bytes()));
    output::write(&out.join("manifest.json"), to_json_line(&manifest).as_bytes())?;
    Ok(report)
}

fn patient_texts(settings: &SuiteSettings, streams: &Streams, patient: u64) -> Written {
    let persona = Persona::new(settings.casting(), streams, patient);
    let site = patient / PATIENTS_PER_INSTITUTION;
    let institution = Institution::new(settings.casting(), persona.locale, streams, site);
    let rng = &mut streams.stream("texts", &[patient]);
    let visit = Visit::new(rng, settings, streams, &institution, patient);
    let cast = visit.cast(&persona, &institution);
    let first = patient * TEXTS_PER_PATIENT;
    let mut written = Written::default();
    for index in first..settings.texts.min(first + TEXTS_PER_PATIENT) {
        let target = &TARGETS[rng.random_range(0..TARGETS.len())];
        let n_sentences = rng.random_range(1..=target.most_sentences);
        let phrase = (0..n_sentences)
            .fold(Phrase::default(), |text, _| text.then(compose(&cast, settings.split, target.kind, None, rng)));
        let context = TextContext {
            attribute: target.attribute.map(str::to_owned),
            keyword: target.keyword.to_owned(),
            vr: target.vr.map(str::to_owned),
            modality: visit.modality.to_owned(),
            locale: persona.locale.as_str().to_owned(),
            patient,
        };
        written.add(phrase.record(index, context), n_sentences);
    }
    written
}

/// The variants of one written text: it is a case of its own, so that no variant of it is on another side of a split by
/// patient. All have as many, or one more.
fn written_texts(settings: &SuiteSettings, streams: &Streams, number: u64) -> Written {
    let rng = &mut streams.stream("written texts", &[number]);
    let (n_each, n_left) = (settings.texts / written::n_texts(), settings.texts % written::n_texts());
    let first = number * n_each + number.min(n_left);
    let mut written = Written::default();
    for index in first..first + n_each + u64::from(number < n_left) {
        let (phrase, context) = written::variant(number, index == first, settings.casting(), rng);
        written.add(phrase.record(index, context), 1);
    }
    written
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::options::{SuiteKind, SuiteOptions};
    use crate::vocabulary::Split;

    /// Calls back with a cast of English speakers.
    pub(crate) fn stage(split: Split, mut act: impl FnMut(&Cast<'_>, &mut ChaCha8Rng)) {
        let options = SuiteOptions { kind: Some(SuiteKind::Text), split: Some(split), ..SuiteOptions::default() };
        let settings = options.resolve().expect("the defaults are valid");
        let streams = Streams::new(5);
        let persona = Persona::new(settings.casting(), &streams, 1);
        let institution = Institution::new(settings.casting(), persona.locale, &streams, 0);
        let rng = &mut streams.stream("test", &[]);
        let visit = Visit::new(rng, &settings, &streams, &institution, 1);
        act(&visit.cast(&persona, &institution), rng);
    }
}
