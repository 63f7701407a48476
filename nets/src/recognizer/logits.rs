//! What the network reads and answers, number by number, so that another implementation can be asked the same.

use super::{Context, Prepared, Recognizer};
use crate::NetsError;
use crate::classifier::Sequence;
use crate::noise::Noise;
use crate::text::features::FEATURES;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// Texts that one pass of the network reads.
const TEXTS_OF_A_BATCH: usize = 16;

/// A text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogitsText {
    /// The text.
    pub text: String,
    /// The attribute's keyword.
    pub keyword: String,
    /// The attribute's VR.
    pub vr: String,
    /// The first characters, and those after the last, of values that the patient's own attributes have.
    pub known: Vec<(usize, usize)>,
}

/// The input and the answers of a network, as `scripts/transformers-logits.py` reads them.
///
/// Shapes: `[texts][tokens]`, special tokens included, filled up to the longest text: the mask is 0 there, and scores
/// there are 0 and mean nothing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Logits {
    /// What was read.
    pub texts: Vec<LogitsText>,
    /// The numbers of the tokens.
    pub input_ids: Vec<Vec<u32>>,
    /// 1 for a token, 0 for padding.
    pub attention_mask: Vec<Vec<u8>>,
    /// The values of each feature, by its name.
    pub features: BTreeMap<&'static str, Vec<Vec<u16>>>,
    /// `[texts][tokens][tags]`, before a softmax and before any temperature.
    pub logits: Vec<Vec<Vec<f32>>>,
}

impl Recognizer {
    /// What the network reads of each text, and what it answers.
    ///
    /// # Errors
    /// [`NetsError::TooLong`] for a text that does not fit into one window: it would be read in parts.
    pub fn logits(&self, texts: &[Context<'_>]) -> Result<Logits, NetsError> {
        let sequences =
            (0..).zip(texts).map(|(number, text)| self.whole(number, text)).collect::<Result<Vec<_>, _>>()?;
        let length = sequences.iter().map(Sequence::len).max().unwrap_or(0);
        let mut logits = Vec::with_capacity(texts.len());
        for part in sequences.chunks(TEXTS_OF_A_BATCH) {
            logits.extend(self.answers(&part.iter().collect::<Vec<_>>(), &mut Noise::none()));
        }
        for (rows, sequence) in logits.iter_mut().zip(&sequences) {
            rows.truncate(sequence.len());
            let tags = rows.first().map_or(0, Vec::len);
            rows.resize(length, vec![0.0; tags]);
        }
        let padded = |of: &dyn Fn(&Sequence, usize) -> u16| -> Vec<Vec<u16>> {
            let row = |sequence| (0..length).map(|place| of(sequence, place)).collect();
            sequences.iter().map(row).collect()
        };
        let value = |feature| padded(&|sequence, place| sequence.features.get(place).map_or(0, |row| row[feature]));
        let id = |sequence: &Sequence, place| sequence.ids.get(place).copied().unwrap_or(self.tokenizer.padding());
        let mask = |sequence: &Sequence, place| u8::from(place < sequence.len());
        Ok(Logits {
            texts: texts.iter().map(record).collect(),
            input_ids: sequences.iter().map(|one| (0..length).map(|place| id(one, place)).collect()).collect(),
            attention_mask: sequences.iter().map(|one| (0..length).map(|place| mask(one, place)).collect()).collect(),
            features: FEATURES.iter().enumerate().map(|(feature, (name, _))| (*name, value(feature))).collect(),
            logits,
        })
    }

    /// A text as one sequence.
    fn whole(&self, number: usize, text: &Context<'_>) -> Result<Sequence, NetsError> {
        let prepared = Prepared::new(&self.tokenizer, text);
        let (tokens, longest) = (prepared.tokens.len() + 2, self.settings.window);
        if tokens > longest {
            return Err(NetsError::TooLong { number, tokens, longest });
        }
        Ok(prepared.sequence(&self.tokenizer, 0..prepared.tokens.len()))
    }
}

fn record(context: &Context<'_>) -> LogitsText {
    let ends = |range: &Range<usize>| (range.start, range.end);
    LogitsText {
        text: context.text.to_owned(),
        keyword: context.keyword.to_owned(),
        vr: context.vr.to_owned(),
        known: context.known.iter().map(ends).collect(),
    }
}
