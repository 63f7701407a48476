//! What would be done to each element of one instance, and why. Nothing is written.
//!
//! [`explain`] takes the way of a run: the patient's lexicon, the decisions, their application, the search of the
//! bytes that would be written. It then goes through the original in the order of the file and says of every element
//! which rule decided, also where the rule keeps the element as it is.
//!
//! An [`Explanation`] serializes without values; whoever shows values to a person takes them from [`Form::value`].

mod form;
mod walk;

pub use form::Form;

use crate::error::{InstanceError, RunError};
use crate::inputs::{InputKind, Inputs};
use crate::instance::{RunContext, Tools, check_written, prepare};
use crate::key::DeidentificationKey;
use crate::locators::Locators;
use crate::ner::{NerSettings, TextReader};
use crate::patients::keys;
use crate::pixels::{DetectorSettings, TextLocator};
use crate::policy::Policy;
use crate::read::Instance;
use crate::remember::DecisionMemory;
use crate::rules::Rule;
use crate::stage_times::Stopwatch;
use crate::tier1::Tier1;
use crate::tier2::{LexiconBuilder, Recognizers, TextSearch};
use efface_schema::{Action, AttributePath, PhiLabel, Probability, ResultDigests, Source, Status};
use serde::Serialize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// What is to be explained, and as part of which run.
pub struct ExplainSettings {
    /// The instance.
    pub instance: PathBuf,
    /// A folder with the patient's other instances; without it, the instance speaks for the patient alone.
    pub with: Option<PathBuf>,
    /// The policy.
    pub policy: Policy,
    /// The secret; without one, a key is drawn and forgotten.
    pub key: Option<DeidentificationKey>,
    /// Whether pixels are left to another tool.
    pub metadata_only: bool,
    /// The model that reads free text beside the rules, where there shall be one.
    pub ner: Option<NerSettings>,
    /// The model that finds text in pixels beside the search for rows of glyphs, where there shall be one.
    pub text_detector: Option<DetectorSettings>,
}

/// Why there is no explanation.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// The path names nothing that can be explained.
    #[error("find the instance: {0}")]
    Path(&'static str),
    /// The instance cannot be read or filed; a run would quarantine it with this reason.
    #[error("{0}; a run would put it in quarantine ({code})", code = .0.code())]
    Instance(#[from] InstanceError),
    /// Something other than the instance is at fault.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// What would be done to an instance.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// Version of this form.
    pub format_version: u32,
    /// The policy's name.
    pub policy: String,
    /// How the instance would end.
    pub status: Status,
    /// Why it would not simply be de-identified.
    pub reasons: Vec<String>,
    /// How many instances of the patient the lexicon was made from, this one included.
    pub n_patient_instances: u64,
    /// Whether text was looked for in the pixels.
    pub pixels_inspected: bool,
    /// How many texts a model read; absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_texts_read: Option<u64>,
    /// Whether the bytes that would be written were searched for the patient, as a run does.
    pub result_searched: bool,
    /// Everything in the file, in its order.
    pub entries: Vec<Entry>,
}

/// What an [`Entry`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// The 128 bytes before the prefix.
    Preamble,
    /// An element of the file meta information.
    FileMeta,
    /// An element of the data set.
    Element,
    /// An item of the sequence above; its elements follow.
    Item,
    /// A part of the text above.
    Span,
    /// A part of the pixels above, or all of them.
    Pixels,
    /// Another part of the file.
    Elsewhere,
    /// An element that the result has and the original has not.
    Added,
}

/// One line of an explanation: what stands somewhere, what would be done with it, by which rule.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// What it is about.
    pub kind: EntryKind,
    /// How many items lead to it.
    pub depth: usize,
    /// The attribute, with private creators that identify left empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<AttributePath>,
    /// The tag as it stands in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The attribute's keyword, where the standard gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyword: Option<&'static str>,
    /// Which part of the value or of the pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// What stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Form>,
    /// What would stand there; absent when it would go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Form>,
    /// What would be done; absent for items and for what is added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// By which rule; absent for items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The rule's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'static str>,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// What the found value is, where the source can say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<PhiLabel>,
    /// How sure the source is; absent where nothing was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<Probability>,
}

impl Entry {
    fn new(kind: EntryKind, depth: usize) -> Self {
        Self {
            kind,
            depth,
            path: None,
            tag: None,
            keyword: None,
            part: None,
            before: None,
            after: None,
            action: None,
            rule: None,
            title: None,
            source: None,
            label: None,
            probability: None,
        }
    }

    fn ruled(self, action: Option<Action>, rule: &str) -> Self {
        let title = Rule::by_code(rule).map(Rule::title);
        Self { action, rule: Some(rule.to_owned()), title, source: Some(Source::Tier1), ..self }
    }
}

/// Explains one instance, and looks into its pixels as the settings say.
///
/// # Errors
/// [`ExplainError`] when the instance can have no result, or when the text reader or a model cannot start.
///
/// # Example
/// ```no_run
/// use efface_pipeline::Policy;
/// use efface_pipeline::explain::{ExplainSettings, explain};
/// let settings = ExplainSettings {
///     instance: "slice.dcm".into(),
///     with: None,
///     policy: Policy::load("tcia")?,
///     key: None,
///     metadata_only: true,
///     ner: None,
///     text_detector: None,
/// };
/// for entry in explain(&settings)?.entries {
///     println!("{:?} {:?} {:?}", entry.tag, entry.action, entry.rule);
/// }
/// # Ok::<(), efface_pipeline::explain::ExplainError>(())
/// ```
pub fn explain(settings: &ExplainSettings) -> Result<Explanation, ExplainError> {
    if settings.metadata_only || !settings.policy.options.clean_pixel_data {
        return explain_with(settings, None);
    }
    check_path(&settings.instance)?;
    let locators = Locators::new(true, settings.text_detector.as_ref(), rayon::current_num_threads())?;
    let mut locator = locators.take()?;
    explain_with(settings, locator.as_mut().map(|locator| locator.as_mut() as &mut dyn TextLocator))
}

/// Explains one instance with a given finder of text in pixels, or without any.
///
/// # Errors
/// As [`explain`].
pub fn explain_with(
    settings: &ExplainSettings,
    locator: Option<&mut dyn TextLocator>,
) -> Result<Explanation, ExplainError> {
    check_path(&settings.instance)?;
    // A panic in a decoder ends one instance of a run, and one explanation.
    catch_unwind(AssertUnwindSafe(|| explain_unguarded(settings, locator)))
        .unwrap_or(Err(ExplainError::Instance(InstanceError::Panic)))
}

fn check_path(path: &Path) -> Result<(), ExplainError> {
    match path.metadata() {
        Err(_) => Err(ExplainError::Path("it does not exist or cannot be reached")),
        Ok(metadata) if metadata.is_dir() => {
            Err(ExplainError::Path("this is a folder; name one file in it, and the folder itself with --with"))
        }
        Ok(metadata) if !metadata.is_file() => Err(ExplainError::Path("it is not a regular file")),
        Ok(_) => Ok(()),
    }
}

fn explain_unguarded(
    settings: &ExplainSettings,
    locator: Option<&mut dyn TextLocator>,
) -> Result<Explanation, ExplainError> {
    let original = Instance::read(&settings.instance)?;
    let tier1 = Tier1::new(&settings.policy);
    let recognizers = Recognizers::new();
    let (lexicon, n_patient_instances) = lexicon(settings, &original, &tier1)?;
    let search = TextSearch::new(lexicon.build(&recognizers), &recognizers);
    let open = |ner| TextReader::open(ner, rayon::current_num_threads());
    let reader = settings.ner.as_ref().map(open).transpose()?;
    let key = settings.key.clone().map_or_else(DeidentificationKey::draw, Ok)?;
    let context = RunContext {
        policy: &settings.policy,
        key: &key,
        tier1: &tier1,
        memory: &DecisionMemory::default(),
        reader: reader.as_ref(),
        crosswalk: false,
        result_digests: ResultDigests::None,
        review_crops: false,
    };
    let pixels_inspected = locator.is_some();
    let mut prepared = prepare(
        Instance::read(&settings.instance)?,
        &context,
        Tools { search: &search, locator, stopwatch: &mut Stopwatch::off() },
        crate::decide::Decided::with_rulings(),
    )?;
    let entries = walk::entries(&original, &prepared, &tier1, &search);
    let result_searched = match check_written(&mut prepared, &search)? {
        Some(true) => true,
        Some(false) => {
            prepared.decided.review.push("residual-identity");
            true
        }
        None => false,
    };
    let mut reasons: Vec<String> = prepared.decided.review.iter().map(|reason| (*reason).to_owned()).collect();
    reasons.sort();
    reasons.dedup();
    Ok(Explanation {
        format_version: 1,
        policy: settings.policy.name.clone(),
        status: if reasons.is_empty() { Status::Deidentified } else { Status::NeedsReview },
        reasons,
        n_patient_instances,
        pixels_inspected,
        n_texts_read: reader.as_ref().map(TextReader::n_read),
        result_searched,
        entries,
    })
}

/// Collects what the patient's instances say, and counts them.
fn lexicon(
    settings: &ExplainSettings,
    original: &Instance,
    tier1: &Tier1,
) -> Result<(LexiconBuilder, u64), ExplainError> {
    let mut builder = LexiconBuilder::default();
    builder.add(original, tier1);
    let mut n_instances = 1;
    let Some(folder) = &settings.with else { return Ok((builder, n_instances)) };
    let same = keys(original)?;
    let inputs = Inputs::list(folder)?;
    for index in (0..inputs.len()).filter(|&index| inputs.kind(index) == InputKind::File) {
        let Ok(other) = Instance::read(&inputs.path(index)) else { continue };
        let Ok(keys) = keys(&other) else { continue };
        if keys.patient == same.patient && keys.sop_instance_uid != same.sop_instance_uid {
            builder.add(&other, tier1);
            n_instances += 1;
        }
    }
    Ok((builder, n_instances))
}
