//! Takes all inputs of a run through their stages: patients, their lexicons, what the network reads, results.
//!
//! Without a network, patients are handled side by side. With one, they are taken in stretches, so that the texts of all
//! of a stretch go through the network at once: batches are full, and few wait for others.

use crate::crosswalk::Crosswalk;
use crate::error::{InstanceError, RunError};
use crate::inputs::Inputs;
use crate::instance::{Handled, InstanceTask, RunContext, Tools, handle, questions};
use crate::journal::Journal;
use crate::keep::{Keeper, Kept};
use crate::key::DeidentificationKey;
use crate::locators::Locators;
use crate::ner::{Question, TextReader};
use crate::patients::{GroupedInput, Grouping, PatientGroup, group};
use crate::pixels::TextLocator;
use crate::read::Instance;
use crate::remember::DecisionMemory;
use crate::review;
use crate::run::{Progress, RunFolders, RunSettings};
use crate::stage_times::{StageTimes, Stopwatch};
use crate::tier1::Tier1;
use crate::tier2::{LexiconBuilder, Recognizers, TextSearch};
use efface_schema::Status;
use rayon::prelude::*;
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::vec;

/// How many of a patient's instances are read at once for the lexicon.
const N_READ_AHEAD: usize = 32;
/// The texts of how many instances the network reads at once.
const N_READ_TOGETHER: usize = 512;
/// Of how many patients at most these are: each has a lexicon in memory.
const MAX_PATIENTS_TOGETHER: usize = 64;

/// Reads an instance. What cannot be read says nothing of its patient here; its outcome is found when it is handled.
fn read_contained(path: &Path) -> Option<Instance> {
    catch_unwind(|| Instance::read(path)).ok().and_then(Result::ok)
}

/// What is known of an instance before it is handled.
struct Waiting {
    kept: Option<Kept>,
    /// How long it was read, where that is to be known.
    reading: Option<Duration>,
}

/// What a run works with.
pub(crate) struct Worker<'a> {
    /// The settings.
    pub(crate) settings: &'a RunSettings,
    /// The inputs.
    pub(crate) inputs: &'a Inputs,
    /// Where results go.
    pub(crate) folders: &'a RunFolders,
    /// The secret.
    pub(crate) key: &'a DeidentificationKey,
    /// The explicit rules.
    pub(crate) tier1: &'a Tier1,
    /// The recognizers.
    pub(crate) recognizers: &'a Recognizers,
    /// The token classifier, where the run has one.
    pub(crate) reader: Option<&'a TextReader>,
    /// What was done.
    pub(crate) journal: &'a Journal,
    /// The way back, where it is written.
    pub(crate) crosswalk: Option<&'a Crosswalk>,
    /// How long stages took, where that is to be known.
    pub(crate) stage_times: Option<&'a StageTimes>,
    /// Readers of text in images.
    pub(crate) locators: &'a Locators,
    /// What was read and is kept.
    pub(crate) keeper: &'a Keeper,
    /// Hears how far the run is.
    pub(crate) progress: &'a dyn Progress,
    /// Whether the user has stopped the run.
    pub(crate) stop: &'a AtomicBool,
}

/// A patient whose lexicon is complete.
struct Ready<'a> {
    patient: &'a PatientGroup,
    search: TextSearch<'a>,
    memory: DecisionMemory,
}

/// Some instances of a patient.
struct Part<'a> {
    of: &'a Ready<'a>,
    inputs: &'a [GroupedInput],
    waiting: Vec<Waiting>,
}

impl<'a> Worker<'a> {
    /// Handles all inputs but those that are done.
    ///
    /// # Errors
    /// [`RunError`] when the disk refuses or the user stops the run.
    pub(crate) fn work(&self, done: &HashSet<usize>) -> Result<(), RunError> {
        let n_inputs = self.inputs.len() as u64;
        self.progress.begin("reading", n_inputs);
        let Grouping { patients, failures } = group(self.inputs, &|| {
            self.progress.advance();
            !self.stop.load(Ordering::Relaxed)
        });
        self.check_stop()?;
        self.progress.begin("de-identifying", n_inputs);
        for (index, error) in failures {
            if !done.contains(&index) {
                self.journal.record(&Handled::quarantined(index, &error).outcome)?;
            }
            self.progress.advance();
        }
        match self.reader {
            None => patients.par_iter().try_for_each(|patient| self.work_patient(patient, done)),
            Some(reader) => {
                stretches(&patients).into_iter().try_for_each(|stretch| self.work_together(reader, stretch, done))
            }
        }
    }

    fn work_patient(&self, patient: &PatientGroup, done: &HashSet<usize>) -> Result<(), RunError> {
        let Some((ready, waiting)) = self.make_ready(patient, done)? else { return Ok(()) };
        let inputs = &patient.inputs;
        self.work_part(Part { of: &ready, inputs, waiting: waiting.collect() }, done)
    }

    /// Handles some patients, the texts of all of them before their decisions. A patient with more instances than are
    /// read at once is a stretch by itself, and handled in parts.
    fn work_together(
        &self,
        reader: &TextReader,
        stretch: &[PatientGroup],
        done: &HashSet<usize>,
    ) -> Result<(), RunError> {
        let ready: Vec<Option<_>> =
            stretch.par_iter().map(|patient| self.make_ready(patient, done)).collect::<Result<_, RunError>>()?;
        let (ready, mut waiting): (Vec<Ready<'_>>, Vec<vec::IntoIter<Waiting>>) = ready.into_iter().flatten().unzip();
        for round in 0.. {
            let part = |(of, waiting)| next_part(of, waiting, round);
            let parts: Vec<Part<'_>> = ready.iter().zip(&mut waiting).filter_map(part).collect();
            if parts.is_empty() {
                break;
            }
            self.check_stop()?;
            self.read_texts(reader, &parts, done);
            parts.into_par_iter().try_for_each(|part| self.work_part(part, done))?;
        }
        Ok(())
    }

    /// Reads all that a patient's instances say about the patient; nothing when all of them are done.
    fn make_ready<'p>(
        &'p self,
        patient: &'p PatientGroup,
        done: &HashSet<usize>,
    ) -> Result<Option<(Ready<'p>, vec::IntoIter<Waiting>)>, RunError> {
        if patient.inputs.iter().all(|input| done.contains(&input.index)) {
            patient.inputs.iter().for_each(|_| self.progress.advance());
            return Ok(None);
        }
        let mut lexicon = LexiconBuilder::default();
        let mut waiting: Vec<Waiting> = Vec::with_capacity(patient.inputs.len());
        for stretch in patient.inputs.chunks(N_READ_AHEAD) {
            self.check_stop()?;
            let read: Vec<(Option<Instance>, Option<Duration>)> =
                stretch.par_iter().map(|input| self.read_for_lexicon(input)).collect();
            for (input, (instance, reading)) in stretch.iter().zip(read) {
                instance.iter().for_each(|instance| lexicon.add(instance, self.tier1));
                let wanted = instance.filter(|_| !done.contains(&input.index));
                waiting.push(Waiting { kept: wanted.and_then(|instance| self.keeper.keep(instance)), reading });
            }
        }
        let search = TextSearch::new(lexicon.build(self.recognizers), self.recognizers);
        Ok(Some((Ready { patient, search, memory: DecisionMemory::default() }, waiting.into_iter())))
    }

    fn context<'c>(&'c self, memory: &'c DecisionMemory) -> RunContext<'c> {
        RunContext {
            policy: &self.settings.policy,
            key: self.key,
            tier1: self.tier1,
            memory,
            reader: self.reader,
            crosswalk: self.settings.crosswalk,
            result_digests: self.settings.result_digests,
            review_crops: self.settings.review_crops,
        }
    }

    fn work_part(&self, part: Part<'_>, done: &HashSet<usize>) -> Result<(), RunError> {
        let Part { of, inputs, waiting } = part;
        let context = self.context(&of.memory);
        inputs.par_iter().zip(waiting).try_for_each(|(input, waiting)| {
            self.check_stop()?;
            if !done.contains(&input.index) {
                self.work_instance(input, waiting, &context, &of.search)?;
            }
            self.progress.advance();
            Ok(())
        })
    }

    /// Lets the network read all texts of some instances at once, so that their decisions find the answers. What goes
    /// wrong with an instance is found again when it is handled.
    fn read_texts(&self, reader: &TextReader, parts: &[Part<'_>], done: &HashSet<usize>) {
        let asked: Vec<BTreeSet<Question>> = parts.par_iter().map(|part| self.asked(part, done)).collect();
        let asked: Vec<Question> = asked.into_iter().flatten().collect::<BTreeSet<Question>>().into_iter().collect();
        let _ = catch_unwind(AssertUnwindSafe(|| reader.read(&asked)));
    }

    fn asked(&self, part: &Part<'_>, done: &HashSet<usize>) -> BTreeSet<Question> {
        let Part { of, inputs, waiting } = part;
        // Nothing is decided with it: it knows which elements were asked about.
        let memory = DecisionMemory::default();
        let context = self.context(&memory);
        inputs
            .par_iter()
            .zip(waiting)
            .filter(|(input, _)| !done.contains(&input.index))
            .map(|(input, waiting)| {
                let ask = |instance: &Instance| questions(instance, &context, &of.search, &memory);
                let asked = catch_unwind(AssertUnwindSafe(|| match &waiting.kept {
                    Some(kept) => ask(kept.instance()),
                    None => read_contained(&self.inputs.path(input.index)).as_ref().map(ask).unwrap_or_default(),
                }));
                asked.unwrap_or_default()
            })
            .reduce(BTreeSet::new, |mut all, mut more| {
                all.append(&mut more);
                all
            })
    }

    fn read_for_lexicon(&self, input: &GroupedInput) -> (Option<Instance>, Option<Duration>) {
        let begun = self.stage_times.map(|_| Instant::now());
        let instance = read_contained(&self.inputs.path(input.index));
        (instance, begun.map(|begun| begun.elapsed()))
    }

    fn check_stop(&self) -> Result<(), RunError> {
        if self.stop.load(Ordering::Relaxed) { Err(RunError::Interrupted) } else { Ok(()) }
    }

    fn work_instance(
        &self,
        input: &GroupedInput,
        waiting: Waiting,
        context: &RunContext<'_>,
        search: &TextSearch<'_>,
    ) -> Result<(), RunError> {
        let index = input.index;
        let path = self.inputs.path(index);
        let staging = self.folders.staging.join(format!("{index}.dcm"));
        let mut locator = self.locators.take()?;
        let mut stopwatch = Stopwatch::after(waiting.reading);
        let handled = catch_unwind(AssertUnwindSafe(|| {
            let locator = locator.as_mut().map(|locator| locator.as_mut() as &mut dyn TextLocator);
            let kept = waiting.kept.and_then(|kept| self.keeper.give_back(kept, &path));
            let task = InstanceTask { index, path: &path, staging: &staging, filed: input, kept };
            handle(task, context, Tools { search, locator, stopwatch: &mut stopwatch })
        }));
        self.stage_times.map_or(Ok(()), |times| times.note(&stopwatch))?;
        match handled {
            Ok(handled) => {
                self.locators.give_back(locator);
                self.commit(index, handled?)
            }
            Err(_) => {
                let _ = fs::remove_file(&staging);
                // The reader may be in any state after a panic: it is not used again.
                self.commit(index, Handled::quarantined(index, &InstanceError::Panic))
            }
        }
    }

    /// The way back first, then pictures for a person, then the result, then the journal: what the journal names is
    /// complete.
    fn commit(&self, index: usize, handled: Handled) -> Result<(), RunError> {
        review::write(&self.folders.review_crops, &handled.pictures)?;
        if let (Some(staged), Some(output)) = (handled.staged, &handled.outcome.output) {
            if let Some(crosswalk) = self.crosswalk {
                let old = self.inputs.relative(index);
                crosswalk.note(&handled.replaced, &old.to_string_lossy(), output)?;
            }
            let folder = match handled.outcome.status {
                Status::Deidentified => &self.folders.output,
                Status::NeedsReview | Status::Quarantined => &self.folders.review,
            };
            self.move_result(staged, &folder.join(output))?;
        }
        self.journal.record(&handled.outcome)
    }

    /// Renames where that is possible; the review folder may be on another file system than the output.
    fn move_result(&self, staged: crate::write::StagedFile, to: &Path) -> Result<(), RunError> {
        let from = staged.path().to_owned();
        match staged.commit(to) {
            Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices => {
                let partial = to.with_extension("partial");
                fs::copy(&from, &partial)
                    .and_then(|_| fs::rename(&partial, to))
                    .and_then(|()| fs::remove_file(&from))
                    .map_err(RunError::io("move a result into the review folder"))
            }
            result => result.map_err(RunError::io("move a result into its place")),
        }
    }
}

/// Patients in the order in which they are handled, so many together that the network has enough to read at once. What a
/// stretch holds depends on the inputs alone.
fn stretches(patients: &[PatientGroup]) -> Vec<&[PatientGroup]> {
    let mut stretches = Vec::new();
    let (mut start, mut n_instances) = (0, 0);
    for (idx, patient) in patients.iter().enumerate() {
        let is_full = n_instances + patient.inputs.len() > N_READ_TOGETHER || idx - start == MAX_PATIENTS_TOGETHER;
        if is_full && idx > start {
            stretches.push(&patients[start..idx]);
            (start, n_instances) = (idx, 0);
        }
        n_instances += patient.inputs.len();
    }
    if start < patients.len() {
        stretches.push(&patients[start..]);
    }
    stretches
}

/// The instances of a patient that are handled in a round.
fn next_part<'a>(of: &'a Ready<'a>, waiting: &mut vec::IntoIter<Waiting>, round: usize) -> Option<Part<'a>> {
    let inputs = of.patient.inputs.chunks(N_READ_TOGETHER).nth(round)?;
    Some(Part { of, inputs, waiting: waiting.take(inputs.len()).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_hold_all_patients_in_order_and_no_more_than_fits() {
        let sizes = |n_instances: &[usize]| -> Vec<Vec<usize>> {
            let patients: Vec<PatientGroup> = n_instances.iter().map(|n| PatientGroup::of_size(*n)).collect();
            let stretches = stretches(&patients);
            stretches.iter().map(|stretch| stretch.iter().map(|patient| patient.inputs.len()).collect()).collect()
        };
        assert_eq!(sizes(&[]), Vec::<Vec<usize>>::new());
        assert_eq!(
            sizes(&[300, 200, 12, 1, 600, 500, 13]),
            [vec![300, 200, 12], vec![1], vec![600], vec![500], vec![13]]
        );
        let many = sizes(&[1; 150]);
        assert_eq!(many.iter().map(Vec::len).collect::<Vec<_>>(), [64, 64, 22]);
    }
}
