//! One instance in, one outcome out.

use crate::apply::{Replaced, Replacer, apply};
use crate::clean::Cleaner;
use crate::codestream::Blanked;
use crate::content::{self, EmbeddedOverlays};
use crate::decide::{Decided, Decider};
use crate::error::{InstanceError, RunError};
use crate::faces;
use crate::key::DeidentificationKey;
use crate::made_up;
use crate::marks::{PixelMarks, mark};
use crate::ner::{Doubt, Network, Place, Question, TextReader};
use crate::patients::{GroupedInput, keys};
use crate::pixels::vocabulary::is_age_below_90;
use crate::pixels::{Judgement, PixelError, TextJudge, TextLocator, inspect, paint};
use crate::policy::{DoubtfulText, Policy, TimeHandling};
use crate::read::Instance;
use crate::remember::DecisionMemory;
use crate::residual;
use crate::review::{self, WaitingRegion};
use crate::rules::rule;
use crate::stage_times::{Stage, Stopwatch};
use crate::tier1::Tier1;
use crate::tier2::{FoundSpan, Scope, TextSearch};
use crate::write::{NewIdentity, StagedFile, WriteError, stage};
use dicom_core::Tag;
use dicom_core::header::Header;
use dicom_dictionary_std::tags;
use dicom_encoding::TransferSyntaxIndex;
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use efface_frames::FrameSet;
use efface_schema::{
    Action, AttributePath, Decision, InstanceOutcome, Locus, Phi, Probability, ResultDigests, Source, Status, Versioned,
};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a run knows beside an instance.
pub(crate) struct RunContext<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The secret.
    pub key: &'a DeidentificationKey,
    /// The explicit rules.
    pub tier1: &'a Tier1,
    /// What was decided about the same patient's elements.
    pub memory: &'a DecisionMemory,
    /// The token classifier, where the run has one.
    pub reader: Option<&'a TextReader>,
    /// Whether the way back is written.
    pub crosswalk: bool,
    /// Whether results are hashed.
    pub result_digests: ResultDigests,
    /// Whether regions that wait for a person get a picture of their surroundings.
    pub review_crops: bool,
}

/// Which instance, and where its result is written first.
pub(crate) struct InstanceTask<'a> {
    /// The instance's place in the list of inputs.
    pub(crate) index: usize,
    /// The original.
    pub(crate) path: &'a Path,
    /// The staging file.
    pub(crate) staging: &'a Path,
    /// Whom the input was filed under.
    pub(crate) filed: &'a GroupedInput,
    /// The instance as it was read for the lexicon, if it was kept.
    pub(crate) kept: Option<Instance>,
}

/// What an instance is worked on with.
pub(crate) struct Tools<'a, 'l> {
    /// Searches for the patient in texts.
    pub(crate) search: &'a TextSearch<'a>,
    /// Finds text in images, where they are looked into.
    pub(crate) locator: Option<&'l mut dyn TextLocator>,
    /// Times the stages.
    pub(crate) stopwatch: &'a mut Stopwatch,
}

/// A handled instance: its outcome, and its result if there is one, not yet in its place.
pub(crate) struct Handled {
    /// How it ended; the output's name is relative.
    pub outcome: InstanceOutcome,
    /// The result.
    pub staged: Option<StagedFile>,
    /// What was replaced by what.
    pub replaced: Replaced,
    /// Pictures for a person, with their names.
    pub pictures: Vec<(String, Vec<u8>)>,
}

impl Handled {
    /// An instance without a result.
    pub(crate) fn quarantined(index: usize, error: &InstanceError) -> Self {
        let outcome = InstanceOutcome {
            format_version: InstanceOutcome::FORMAT_VERSION,
            index: index as u64,
            status: Status::Quarantined,
            reasons: vec![error.code().to_owned()],
            output: None,
            output_sha256: None,
            n_kept: 0,
            decisions: Vec::new(),
            review_regions: Vec::new(),
        };
        Self { outcome, staged: None, replaced: Replaced::default(), pictures: Vec::new() }
    }
}

/// What was done about the pixels.
#[derive(Default)]
struct PixelOutcome {
    decisions: Vec<Decision>,
    review: Vec<&'static str>,
    waiting: Vec<WaitingRegion>,
    cleaned: bool,
}

/// Handles one instance: read, decide, apply, mark, write, verify. The result is staged, not committed.
///
/// # Errors
/// [`RunError`] when the run must end, as on a full disk. What is wrong with the instance is an outcome.
pub(crate) fn handle(
    task: InstanceTask<'_>,
    context: &RunContext<'_>,
    tools: Tools<'_, '_>,
) -> Result<Handled, RunError> {
    let index = task.index;
    match try_handle(task, context, tools) {
        Ok(handled) => Ok(handled),
        Err(WriteError::Instance(error)) => Ok(Handled::quarantined(index, &error)),
        Err(WriteError::Run(error)) => Err(error),
    }
}

impl From<InstanceError> for WriteError {
    fn from(error: InstanceError) -> Self {
        Self::Instance(error)
    }
}

fn try_handle(task: InstanceTask<'_>, context: &RunContext<'_>, tools: Tools<'_, '_>) -> Result<Handled, WriteError> {
    let Tools { search, locator, stopwatch } = tools;
    let instance = task.kept.map_or_else(|| Instance::read(task.path), Ok)?;
    stopwatch.note_original(&instance);
    stopwatch.lap(Stage::Read);
    if !task.filed.is(&keys(&instance)?) {
        return Err(InstanceError::DataSet.into());
    }
    let tools = Tools { search, locator, stopwatch: &mut *stopwatch };
    let mut prepared = prepare(instance, context, tools, Decided::default())?;
    let staged = stage_prepared(&mut prepared, task.staging, context.result_digests)?;
    stopwatch.lap(Stage::Write);
    stopwatch.note_result(staged.n_bytes, staged.hashing);
    let Prepared { instance, mut decided, output, replaced, waiting, .. } = prepared;
    let searched = residual::verify_staged(&staged, &instance.character_set(), search);
    stopwatch.lap(Stage::Search);
    match searched {
        Ok(true) => {}
        Ok(false) => decided.review.push("residual-identity"),
        Err(error) => {
            staged.discard();
            return Err(error.into());
        }
    }
    Ok(finish(task.index, decided, waiting, output, staged, replaced))
}

fn stage_prepared(prepared: &mut Prepared, staging: &Path, digests: ResultDigests) -> Result<StagedFile, WriteError> {
    let Prepared { instance, blanked, .. } = prepared;
    let (sop_class, sop_instance) = (instance.text(tags::SOP_CLASS_UID), instance.text(tags::SOP_INSTANCE_UID));
    let identity = NewIdentity { sop_class_uid: &sop_class, sop_instance_uid: &sop_instance };
    stage(instance, blanked, &identity, staging, digests)
}

/// Writes an instance where no disk is and searches the bytes, as a run does before it files a result. `None` where
/// the machine has no such place.
///
/// # Errors
/// [`InstanceError`] when the result could not be written or read back.
pub(crate) fn check_written(prepared: &mut Prepared, search: &TextSearch<'_>) -> Result<Option<bool>, InstanceError> {
    // A file without a name in memory; the system gives it a path while it is open.
    let Ok(memory) = tempfile::tempfile_in("/dev/shm") else { return Ok(None) };
    let path = PathBuf::from(format!("/proc/self/fd/{}", memory.as_raw_fd()));
    match stage_prepared(prepared, &path, ResultDigests::None) {
        Ok(_) => residual::verify(&path, search).map(Some),
        Err(WriteError::Instance(error)) => Err(error),
        Err(WriteError::Run(_)) => Ok(None),
    }
}

/// An instance as it will be written, and what was decided about it.
pub(crate) struct Prepared {
    /// The instance with all decisions carried out.
    pub(crate) instance: Instance,
    /// What is blanked when bulk values are copied.
    pub(crate) blanked: Vec<Blanked>,
    /// The decisions.
    pub(crate) decided: Decided,
    /// The result's name, relative.
    pub(crate) output: String,
    /// What was replaced by what.
    pub(crate) replaced: Replaced,
    /// Regions of pixels that wait for a person.
    pub(crate) waiting: Vec<WaitingRegion>,
}

fn decider<'a>(
    context: &RunContext<'a>,
    search: &'a TextSearch<'a>,
    memory: &'a DecisionMemory,
    network: Network<'a>,
) -> Decider<'a> {
    let cleaner = Cleaner {
        replacement: context.policy.text.replacement,
        shift_days: context.policy.options.retain_longitudinal_modified_dates.then_some(-1),
        surrogates: None,
    };
    Decider { tier1: context.tier1, search, cleaner, memory, network }
}

/// What the decisions about an instance will ask the network. `memory` is one that nothing is decided with: elements
/// that it knows were asked about already.
pub(crate) fn questions(
    instance: &Instance,
    context: &RunContext<'_>,
    search: &TextSearch<'_>,
    memory: &DecisionMemory,
) -> BTreeSet<Question> {
    let questions = RefCell::default();
    decider(context, search, memory, Network::Collect(&questions)).decide(instance, Decided::default());
    questions.into_inner()
}

/// Decides, applies and marks; nothing is written. `decided` says whether notes are taken of all rulings.
///
/// # Errors
/// [`InstanceError`] when the instance can have no result.
pub(crate) fn prepare(
    mut instance: Instance,
    context: &RunContext<'_>,
    tools: Tools<'_, '_>,
    decided: Decided,
) -> Result<Prepared, InstanceError> {
    let Tools { search, locator, stopwatch } = tools;
    let patient = keys(&instance)?.patient;
    let network = context.reader.map_or(Network::Absent, Network::Read);
    let mut decided = decider(context, search, context.memory, network).decide(&instance, decided);
    let may_show_face = faces::decide(&instance, context.policy.faces, &mut decided);
    let pixels = match locator {
        Some(locator) if has_pixels(&instance) => {
            stopwatch.lap(Stage::Decide);
            let pixels = clean_pixels(&mut instance, context, search, locator)?;
            stopwatch.lap(Stage::Pixels);
            pixels
        }
        _ => PixelOutcome::default(),
    };
    let replacer = Replacer {
        key: context.key,
        uid_root: &context.policy.uid_root,
        patient: patient.expose(),
        shift_days: context.key.date_shift_days(patient.expose(), context.policy.dates.max_shift_days),
        patient_identifier: context.key.map_identifier(patient.expose()),
        patient_name: Phi::new(instance.text(tags::PATIENT_NAME)),
        keeps_dates: context.policy.options.retain_longitudinal_modified_dates,
        keeps_times: context.policy.dates.times == TimeHandling::Keep,
        replacement: context.policy.text.replacement,
        lexicon: Some(search.lexicon()),
        notes_replaced: context.crosswalk,
    };
    let overlays = EmbeddedOverlays::of(&instance.data_set);
    let data_set = std::mem::replace(&mut instance.data_set, InMemDicomObject::new_empty());
    let (data_set, replaced) = apply(data_set, &decided.decisions, &replacer);
    instance.data_set = data_set;
    drop_decided_bulk(&mut instance, &decided);
    let blanked = content::clean(&mut instance, &overlays, (search, context.reader), &mut decided)?;
    let withholds_doubtful = context.policy.text.doubtful == DoubtfulText::Withhold;
    if withholds_doubtful
        && decided.decisions.iter().any(|decision| Doubt::ALL.iter().any(|doubt| doubt.is_in(decision)))
    {
        decided.review.push("doubtful-text");
    }
    mark(&mut instance.data_set, context.policy, PixelMarks { cleaned: pixels.cleaned, may_show_face });
    decided.decisions.extend(pixels.decisions);
    decided.decisions.iter_mut().for_each(|decision| hide_creators(&mut decision.locus, context.tier1, search));
    decided.decisions.sort_by(|a, b| a.locus.cmp(&b.locus));
    decided.review.extend(pixels.review);
    let output = output_name(&instance, &replacer)?;
    stopwatch.lap(Stage::Decide);
    Ok(Prepared { instance, blanked, decided, output, replaced, waiting: pixels.waiting })
}

fn finish(
    index: usize,
    mut decided: Decided,
    waiting: Vec<WaitingRegion>,
    output: String,
    staged: StagedFile,
    replaced: Replaced,
) -> Handled {
    decided.review.sort_unstable();
    decided.review.dedup();
    let status = if decided.review.is_empty() { Status::Deidentified } else { Status::NeedsReview };
    let (review_regions, pictures) = review::named(index, waiting);
    let outcome = InstanceOutcome {
        format_version: InstanceOutcome::FORMAT_VERSION,
        index: index as u64,
        status,
        reasons: decided.review.iter().map(|reason| (*reason).to_owned()).collect(),
        output: Some(output),
        output_sha256: staged.sha256.clone(),
        n_kept: decided.n_kept,
        decisions: decided.decisions,
        review_regions,
    };
    Handled { outcome, staged: Some(staged), replaced, pictures }
}

/// A private creator is a value too: where it is not known or identifies, the record of what was done does not
/// repeat it.
fn hide_creators(locus: &mut Locus, tier1: &Tier1, search: &TextSearch<'_>) {
    if let Locus::Attribute { path } | Locus::TextSpan { path, .. } = locus
        && path.is_private()
    {
        *path = shown_path(path, tier1, search);
    }
}

/// A path as the record of what was done names it.
pub(crate) fn shown_path(path: &AttributePath, tier1: &Tier1, search: &TextSearch<'_>) -> AttributePath {
    path.without_creators(|creator| !tier1.knows_creator(creator) || !search.find(creator, Scope::Lexicon).is_empty())
}

fn pixel_data_decision(action: Action, source: Source, rule: &str) -> Decision {
    Decision {
        locus: Locus::PixelData,
        action,
        source,
        rule: rule.to_owned(),
        label: None,
        probability: Probability::ONE,
    }
}

fn has_pixels(instance: &Instance) -> bool {
    let pixel_tags = [tags::PIXEL_DATA, tags::FLOAT_PIXEL_DATA, tags::DOUBLE_FLOAT_PIXEL_DATA];
    pixel_tags
        .iter()
        .any(|tag| instance.data_set.get(*tag).is_some() || instance.bulk.iter().any(|bulk| bulk.tag == *tag))
}

/// Finds text in the image and paints over what identifies. Pixels that cannot be looked at go to a person.
fn clean_pixels(
    instance: &mut Instance,
    context: &RunContext<'_>,
    search: &TextSearch<'_>,
    locator: &mut dyn TextLocator,
) -> Result<PixelOutcome, InstanceError> {
    let withheld = |rule: &'static str| PixelOutcome {
        decisions: vec![pixel_data_decision(Action::Review, Source::Unknown, rule)],
        review: vec![rule],
        ..PixelOutcome::default()
    };
    let Ok(mut object) = instance.with_pixels() else { return Ok(withheld(rule!("pixels-not-decoded"))) };
    let Ok(frames) = FrameSet::open(&object) else { return Ok(withheld(rule!("pixels-not-decoded"))) };
    let keeps_ages = context.policy.options.retain_patient_characteristics;
    let (judge, settings) = (OcrJudge { search, reader: context.reader, keeps_ages }, &context.policy.pixels);
    let inspected = match inspect(&frames, locator, &judge, settings) {
        Ok(inspected) => inspected,
        Err(PixelError::Frames(_)) => return Ok(withheld(rule!("pixels-not-decoded"))),
        Err(_) => return Ok(withheld(rule!("pixels-not-read"))),
    };
    let mut review = Vec::new();
    let Ok(painted) = paint(&mut object, locator, &judge, settings, inspected) else {
        return Ok(withheld(rule!("pixels-not-redacted")));
    };
    if painted.is_legible {
        review.push("residual-text-in-pixels");
    }
    let decisions = painted.decisions;
    let mut waiting = review::waiting_regions(&decisions);
    if context.review_crops && !waiting.is_empty() {
        match FrameSet::open(&object) {
            Ok(frames) => review::draw(&mut waiting, &frames, &decisions),
            Err(_) => return Ok(withheld(rule!("pixels-not-redacted"))),
        }
    }
    if decisions.iter().any(|decision| decision.painted().is_some()) {
        instance.transfer_syntax = TransferSyntaxRegistry
            .get(object.meta().transfer_syntax().trim_end_matches('\0'))
            .ok_or(InstanceError::TransferSyntax)?;
        take_pixels(object.into_inner(), instance);
    }
    if waiting.iter().any(|waiting| waiting.known.rule != rule!("pixels-residual")) {
        review.push("doubtful-text-in-pixels");
    }
    let cleaned = review.is_empty();
    let decisions = decisions.into_iter().map(|one| one.decision).collect();
    Ok(PixelOutcome { decisions, review, waiting, cleaned })
}

/// Replaces the pixels, and what describes them, by those of an object that was painted over. All else stays as this
/// crate read and judged it: another reader may decode text otherwise.
fn take_pixels(painted: InMemDicomObject, instance: &mut Instance) {
    let of_pixels = |tag: Tag| matches!(tag.group(), 0x0028 | 0x7FE0);
    instance.bulk.retain(|bulk| bulk.tag.group() != 0x7FE0);
    let bulk: Vec<Tag> = instance.bulk.iter().map(|bulk| bulk.tag).collect();
    instance.data_set.retain(|element| !of_pixels(element.tag()));
    for element in painted.into_iter().filter(|element| of_pixels(element.tag()) && !bulk.contains(&element.tag())) {
        instance.data_set.put(element);
    }
}

/// Judges words that were read in an image as if they stood in free text.
struct OcrJudge<'a> {
    search: &'a TextSearch<'a>,
    reader: Option<&'a TextReader>,
    /// Whether ages below 90 stay, as the policy has it for Patient's Age.
    keeps_ages: bool,
}

impl TextJudge for OcrJudge<'_> {
    fn judge(&self, lines: &[Vec<&str>]) -> Vec<Vec<Judgement>> {
        let texts: Vec<String> = lines.iter().map(|words| words.join(" ")).collect();
        let found: Vec<Arc<[FoundSpan]>> = texts.iter().map(|text| self.search.find(text, Scope::Everything)).collect();
        let questions = || {
            let texts = texts.iter().zip(&found);
            texts.map(|(text, found)| Question::about(text, Place::default(), found)).collect()
        };
        let answers = self.reader.map_or_else(|| vec![None; texts.len()], |reader| reader.read_asked(questions()));
        let spans = texts.iter().zip(&found).zip(&answers).map(|((text, found), answer)| match answer {
            Some(answer) => answer.join(text, found),
            None => found.to_vec(),
        });
        let judged = |(words, spans): (&Vec<&str>, Vec<FoundSpan>)| {
            let judgements = words.iter().zip(judgements(words, &spans));
            let known = |(word, judgement): (&&str, Judgement)| match judgement {
                Judgement::Unknown if self.keeps_ages && is_age_below_90(word) => Judgement::Harmless,
                judgement => judgement,
            };
            judgements.map(known).collect()
        };
        lines.iter().zip(spans).map(judged).collect()
    }
}

/// What the spans of a line, whose words have a blank between them, say of each word.
fn judgements(words: &[&str], spans: &[FoundSpan]) -> Vec<Judgement> {
    let mut start = 0;
    words
        .iter()
        .map(|word| {
            let end = start + word.chars().count();
            let found = spans.iter().find(|span| span.start < end && start < span.end);
            start = end + 1;
            found.map_or(Judgement::Unknown, |span| Judgement::Phi {
                source: span.source,
                rule: span.rule.to_owned(),
                label: Some(span.label),
                probability: span.probability,
            })
        })
        .collect()
}

/// Bulk values that a decision takes away are not copied.
fn drop_decided_bulk(instance: &mut Instance, decided: &Decided) {
    instance.bulk.retain(|bulk| {
        let path = efface_schema::AttributePath::tag(bulk.tag.group(), bulk.tag.element());
        !decided.decisions.iter().any(|decision| {
            decision.action == Action::Remove && decision.locus == Locus::Attribute { path: path.clone() }
        })
    });
}

/// The result's name: new identifiers only.
fn output_name(instance: &Instance, replacer: &Replacer<'_>) -> Result<String, InstanceError> {
    let uid = |tag| {
        let uid = instance.text(tag);
        let valid = !uid.is_empty() && uid.len() <= 64 && uid.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if valid && !uid.starts_with('.') { Ok(uid) } else { Err(InstanceError::MissingUid) }
    };
    if made_up::is_of_no_patient(instance) {
        return Ok(format!("objects/{}.dcm", uid(tags::SOP_INSTANCE_UID)?));
    }
    Ok(format!(
        "{}/{}/{}/{}.dcm",
        replacer.patient_identifier,
        uid(tags::STUDY_INSTANCE_UID)?,
        uid(tags::SERIES_INSTANCE_UID)?,
        uid(tags::SOP_INSTANCE_UID)?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tier2::{LexiconBuilder, Recognizers};

    #[test]
    fn lines_of_an_image_are_judged_together_as_each_alone() {
        let recognizers = Recognizers::new();
        let mut builder = LexiconBuilder::default();
        builder.add_name("Doe^Janedotte");
        let search = TextSearch::new(builder.build(&recognizers), &recognizers);
        let judge = OcrJudge { search: &search, reader: None, keeps_ages: false };
        let lines = [vec!["AXIAL", "DOE,", "JANEDOTTE"], vec!["-"], vec!["Supine"], vec!["Tel", "(555)", "555-0147"]];
        let together = judge.judge(&lines);
        let alone: Vec<Vec<Judgement>> =
            lines.iter().flat_map(|line| judge.judge(std::slice::from_ref(line))).collect();
        assert_eq!(together, alone);
        let identifies = |line: usize| -> Vec<bool> {
            together[line].iter().map(|judgement| matches!(judgement, Judgement::Phi { .. })).collect()
        };
        assert_eq!(identifies(0), [false, true, true]);
        assert_eq!((identifies(1), identifies(2)), (vec![false], vec![false]));
        assert_eq!(together[3].len(), 3);
    }

    #[test]
    fn ages_below_90_stay_where_the_policy_keeps_them() {
        let recognizers = Recognizers::new();
        let search = TextSearch::new(LexiconBuilder::default().build(&recognizers), &recognizers);
        let judged = |keeps_ages| OcrJudge { search: &search, reader: None, keeps_ages }.judge(&[vec!["064Y", "92Y"]]);
        assert_eq!(judged(false)[0][0], Judgement::Unknown);
        assert_eq!(judged(true)[0][0], Judgement::Harmless);
        assert!(matches!(judged(true)[0][1], Judgement::Phi { .. }));
    }
}
