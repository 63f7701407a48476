//! Spans in bare strings: the same rules, the same network and the same way of joining them as for instances
//! (`docs/design/ner-pipeline.md`), without any instance around.

mod network;

pub use network::Doubted;

use crate::clean::{Cleaner, Replacement};
use crate::error::RunError;
use crate::ner::{NerSettings, Place, Question, TextReader};
use crate::settled;
use crate::tier2::{FoundSpan, LexiconBuilder, Recognizers, Scope, TextSearch, merge};
use dicom_core::VR;
use efface_schema::{PhiLabel, PredictedSpan};
use rayon::prelude::*;
use std::sync::Arc;

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
    recognizers: Recognizers,
    rules: bool,
    network: Option<TextReader>,
}

/// What a reader is made of.
#[derive(Debug, Clone, Default)]
pub struct StringSettings {
    /// Whether the rules of tier 2 look at strings; without them, only values that are known are searched.
    pub rules: bool,
    /// The network, if one looks at them.
    pub network: Option<NerSettings>,
}

/// Texts are searched as if labels took the place of what goes, and dates moved.
const CLEANER: Cleaner<'static> = Cleaner { replacement: Replacement::Label, shift_days: Some(-1), surrogates: None };

/// A string that is being looked at.
struct Asked<'a> {
    string: &'a BareString,
    search: TextSearch<'a>,
    found: Arc<[FoundSpan]>,
}

impl BareString {
    /// The VR, or one that holds any text.
    fn text_vr(&self) -> VR {
        self.vr.parse().unwrap_or(VR::UT)
    }
}

impl StringReader {
    /// Loads what is needed.
    ///
    /// # Errors
    /// [`RunError::Model`] if the model's folder is not as it was released, the device is missing, or no threshold was
    /// fitted for the budget.
    pub fn open(settings: &StringSettings) -> Result<Self, RunError> {
        let open = |network| TextReader::open(network, rayon::current_num_threads());
        let network = settings.network.as_ref().map(open).transpose()?;
        Ok(Self { recognizers: Recognizers::new(), rules: settings.rules, network })
    }

    /// The spans of each string: in order, without overlap, in characters. They do not depend on the other strings.
    pub fn find(&self, strings: &[BareString]) -> Vec<Vec<PredictedSpan>> {
        let asked: Vec<Asked<'_>> = strings.par_iter().map(|string| self.by_rules(string)).collect();
        let all: Vec<Arc<[FoundSpan]>> = match &self.network {
            Some(network) => self.with_network(network, asked),
            None => asked.into_iter().map(|asked| asked.found).collect(),
        };
        all.iter().map(|spans| spans.iter().map(predicted).collect()).collect()
    }

    /// What the rules find, or known values alone.
    fn by_rules<'a>(&'a self, string: &'a BareString) -> Asked<'a> {
        let mut lexicon = LexiconBuilder::default();
        for value in &string.known {
            if value.chars().any(char::is_numeric) {
                lexicon.add_phrase(value, PhiLabel::OtherId);
            } else {
                lexicon.add_name(value);
            }
        }
        let search = TextSearch::new(lexicon.build(&self.recognizers), &self.recognizers);
        let found = match self.rules {
            true => settled::find(&string.text, string.text_vr(), Scope::Everything, &search, &CLEANER),
            false => merge(search.lexicon().find(&string.text)).into(),
        };
        Asked { string, search, found }
    }

    /// What the network finds as well: all strings are asked about at once.
    fn with_network(&self, network: &TextReader, asked: Vec<Asked<'_>>) -> Vec<Arc<[FoundSpan]>> {
        let question = |Asked { string, found, .. }: &Asked<'_>| {
            Question::new(&string.text, Place::named(&string.keyword, &string.vr), found)
        };
        let questions: Vec<Question> = asked.iter().map(question).collect();
        let answers = network.read(&questions);
        asked
            .into_par_iter()
            .zip(answers)
            .map(|(Asked { string, search, found }, answer)| match self.rules {
                true => answer.settle(&string.text, found, (string.text_vr(), Scope::Everything), &search, &CLEANER),
                false => answer.join_unguarded(&string.text, &found).into(),
            })
            .collect()
    }
}

fn predicted(span: &FoundSpan) -> PredictedSpan {
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
}
