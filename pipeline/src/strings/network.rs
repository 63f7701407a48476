//! What the network alone says of strings: how it wavers, and its numbers.

use super::{BareString, StringReader};
use crate::ner::{Place, Question, TextReader, with_contexts};
use efface_nets::recognizer::{Doubt, Doubts, FoundWord, Logits, Passes};
use efface_nets::{Context, NetsError};
use efface_schema::{PredictedSpan, PredictedToken};
use rayon::prelude::*;

/// A span, and what passes with dropout say about its characters.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubted {
    /// The span.
    pub span: PredictedSpan,
    /// The mean over its tokens; nothing if no token has a character of it, or no network looks at strings.
    pub doubt: Option<Doubt>,
}

impl StringReader {
    /// Whether [`StringReader::find_with_passes`] can be asked.
    ///
    /// # Errors
    /// [`NetsError::NoDropout`] if the network was trained without dropout.
    pub fn check_passes(&self) -> Result<(), NetsError> {
        self.network.as_ref().map_or(Ok(()), |network| network.recognizer().check_dropout())
    }

    /// The spans that [`StringReader::find`] finds, with what passes say about them.
    ///
    /// # Errors
    /// [`NetsError::NoDropout`] if the network was trained without dropout.
    pub fn find_with_passes(&self, strings: &[BareString], passes: Passes) -> Result<Vec<Vec<Doubted>>, NetsError> {
        let doubts = match &self.network {
            Some(network) => self.asking(strings, |contexts| network.recognizer().doubts(contexts, passes))?,
            None => vec![Doubts::default(); strings.len()],
        };
        let with_doubt = |span: PredictedSpan, doubts: &Doubts| {
            let doubt = doubts.of(span.start as usize, span.end as usize);
            Doubted { span, doubt }
        };
        let texts = self.find(strings).into_iter().zip(&doubts);
        Ok(texts.map(|(spans, doubts)| spans.into_iter().map(|span| with_doubt(span, doubts)).collect()).collect())
    }

    /// What the network takes each word of each string for by itself, in order; nothing if none looks at strings.
    pub fn tokens(&self, strings: &[BareString]) -> Option<Vec<Vec<PredictedToken>>> {
        let recognizer = self.network.as_ref().map(TextReader::recognizer)?;
        let predicted = |word: FoundWord| PredictedToken {
            start: word.start as u32,
            end: word.end as u32,
            label: word.label,
            probability: word.probability.into(),
        };
        let found = self.asking(strings, |contexts| recognizer.words(contexts));
        Some(found.into_iter().map(|words| words.into_iter().map(predicted).collect()).collect())
    }

    /// The input and the answers of the network; nothing if none looks at strings.
    ///
    /// # Errors
    /// [`NetsError::TooLong`] for a string that the network reads in parts.
    pub fn logits(&self, strings: &[BareString]) -> Result<Option<Logits>, NetsError> {
        let recognizer = self.network.as_ref().map(TextReader::recognizer);
        recognizer.map(|recognizer| self.asking(strings, |contexts| recognizer.logits(contexts))).transpose()
    }

    /// Strings as the network is given them.
    fn asking<T>(&self, strings: &[BareString], work: impl FnOnce(&[Context<'_>]) -> T) -> T {
        let question = |string: &BareString| {
            let place = Place::named(&string.keyword, &string.vr);
            Question::new(&string.text, place, &self.by_rules(string).found)
        };
        let questions: Vec<Question> = strings.par_iter().map(question).collect();
        with_contexts(&questions, work)
    }
}
