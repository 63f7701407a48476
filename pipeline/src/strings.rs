//! Spans in bare strings: the same rules and the same network as for instances, without any instance around.
//!
//! What tier 2 finds and what the network finds are joined: characters that either takes for PHI are inside of a span,
//! which has the label of the surer one.

mod network;

pub use network::Doubted;

use crate::tier2::{FoundSpan, LexiconBuilder, Recognizers, TextSearch, merge};
use efface_nets::device::DeviceName;
use efface_nets::{Context, ModelFolder, NetsError, Reading, Recognizer, Settings};
use efface_schema::{PhiLabel, PredictedSpan, Probability, Source};
use rayon::prelude::*;
use std::ops::Range;
use std::path::Path;

/// The rule of spans that only the network found.
pub const NER_RULE: &str = "ner-span";

/// A string and what is known about it.
#[derive(Clone, Default)]
pub struct BareString {
    /// The characters.
    pub text: String,
    /// The keyword of its attribute; empty if there is none.
    pub keyword: String,
    /// The VR of its attribute; empty if not known.
    pub vr: String,
    /// Values of the patient's own attributes, such as the name.
    pub known: Vec<String>,
}

/// Finds spans in strings.
pub struct StringReader {
    rules: Option<Recognizers>,
    network: Option<Recognizer>,
}

/// What a reader is made of.
#[derive(Debug, Clone, Copy, Default)]
pub struct StringSettings<'a> {
    /// Whether the rules of tier 2 look at strings.
    pub rules: bool,
    /// The folder of the network, if one looks at them.
    pub model: Option<&'a Path>,
    /// Where it computes.
    pub device: DeviceName,
    /// The probability from which on a token is taken for PHI; 0.5 if neither this nor a budget is given.
    pub threshold: Option<f32>,
    /// The share of PHI that may be missed on average: the threshold that was fitted for it is taken.
    pub budget: Option<f64>,
}

impl StringReader {
    /// Loads what is needed.
    ///
    /// # Errors
    /// [`NetsError`] if the model's folder is not as it was released, the device is missing, or no threshold was
    /// fitted for the budget.
    pub fn open(settings: &StringSettings<'_>) -> Result<Self, NetsError> {
        let network = settings.model.map(|folder| open(folder, settings)).transpose()?;
        Ok(Self { rules: settings.rules.then(Recognizers::new), network })
    }

    /// The spans of each string: in order, without overlap, in characters. They do not depend on the other strings.
    pub fn find(&self, strings: &[BareString]) -> Vec<Vec<PredictedSpan>> {
        let ruled: Vec<(Vec<FoundSpan>, Vec<Range<usize>>)> =
            strings.par_iter().map(|string| self.by_rules(string)).collect();
        let readings = self.by_network(strings, &ruled);
        ruled
            .into_iter()
            .zip(readings)
            .map(|((spans, _), reading)| joined(spans, &reading).into_iter().map(predicted).collect())
            .collect()
    }

    /// What the rules find, and where the known values stand.
    fn by_rules(&self, string: &BareString) -> (Vec<FoundSpan>, Vec<Range<usize>>) {
        let fresh;
        let recognizers = match &self.rules {
            Some(recognizers) => recognizers,
            None if string.known.is_empty() => return (Vec::new(), Vec::new()),
            None => {
                fresh = Recognizers::new();
                &fresh
            }
        };
        let mut lexicon = LexiconBuilder::default();
        for value in &string.known {
            if value.chars().any(char::is_numeric) {
                lexicon.add_phrase(value, PhiLabel::OtherId);
            } else {
                lexicon.add_name(value);
            }
        }
        let search = TextSearch::new(lexicon.build(recognizers), recognizers);
        let known = search.lexicon().find(&string.text);
        let ranges = known.iter().map(|span| span.start..span.end).collect();
        let spans = match self.rules {
            Some(_) => search.find(&string.text, crate::tier2::Scope::Everything).to_vec(),
            None => merge(known),
        };
        (spans, ranges)
    }

    fn by_network(&self, strings: &[BareString], ruled: &[(Vec<FoundSpan>, Vec<Range<usize>>)]) -> Vec<Reading> {
        let Some(network) = &self.network else { return vec![Reading::default(); strings.len()] };
        let contexts: Vec<Context<'_>> = strings
            .iter()
            .zip(ruled)
            .map(|(string, (_, known))| Context { text: &string.text, keyword: &string.keyword, vr: &string.vr, known })
            .collect();
        network.read(&contexts)
    }
}

fn open(folder: &Path, settings: &StringSettings<'_>) -> Result<Recognizer, NetsError> {
    let model = ModelFolder::open(folder)?;
    let threshold = match (settings.threshold, settings.budget) {
        (Some(threshold), _) => threshold,
        (None, Some(budget)) => model.threshold(budget)?,
        (None, None) => Settings::default().threshold,
    };
    Recognizer::open(&model, settings.device, Settings { threshold, ..Settings::default() })
}

/// Both sources in one list.
fn joined(mut spans: Vec<FoundSpan>, reading: &Reading) -> Vec<FoundSpan> {
    spans.extend(reading.spans.iter().map(|found| FoundSpan {
        start: found.start,
        end: found.end,
        label: found.label,
        source: Source::Ner,
        rule: NER_RULE,
        probability: Probability::new(f64::from(found.probability)).unwrap_or(Probability::ONE),
    }));
    merge(spans)
}

fn predicted(span: FoundSpan) -> PredictedSpan {
    PredictedSpan {
        start: span.start as u32,
        end: span.end as u32,
        label: span.label,
        probability: Some(span.probability.get()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(known: &[&str], rules: bool) -> Vec<(u32, u32, PhiLabel)> {
        let reader = StringReader::open(&StringSettings { rules, ..StringSettings::default() }).expect("no model");
        let string = BareString {
            text: "MRN 4471189, seen by Quillfeather on 3 May 2019".to_owned(),
            known: known.iter().map(|value| (*value).to_owned()).collect(),
            ..BareString::default()
        };
        let spans = reader.find(&[string]).remove(0);
        spans.into_iter().map(|span| (span.start, span.end, span.label)).collect()
    }

    #[test]
    fn rules_and_known_values_find_what_they_can() {
        assert_eq!(find(&[], false), []);
        assert_eq!(find(&["Quillfeather^Ada"], false), [(21, 33, PhiLabel::Name)]);
        let all = find(&["Quillfeather^Ada"], true);
        assert!(all.contains(&(4, 11, PhiLabel::Mrn)) && all.contains(&(37, 47, PhiLabel::Date)), "{all:?}");
    }

    #[test]
    fn the_surer_source_names_a_joint_span() {
        let rule = FoundSpan {
            start: 0,
            end: 4,
            label: PhiLabel::Mrn,
            source: Source::Recognizer,
            rule: "test",
            probability: Probability::ONE,
        };
        let found = efface_nets::Found { start: 2, end: 9, label: PhiLabel::Phone, probability: 0.6 };
        let reading = Reading { spans: vec![found], ..Reading::default() };
        let spans = joined(vec![rule], &reading);
        assert_eq!((spans.len(), spans[0].start, spans[0].end, spans[0].label), (1, 0, 9, PhiLabel::Mrn));
    }
}
