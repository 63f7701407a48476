//! Changes of what is learnt, drawn anew each time: a network that sees few kinds of sentences must not lean on their
//! words alone, nor on the few thousand names that fill them.

use super::store::{Example, IGNORED};
use crate::config::AugmentationConfig;
use crate::streams::{below, stream, unit};
use efface_nets::tags;
use efface_nets::text::Tokenizer;
use efface_nets::text::features::{is_letters, is_within_piece};
use efface_schema::PhiLabel;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// Hides words around what identifies, and puts strange words in the place of names.
pub(super) struct Augmentation {
    config: AugmentationConfig,
    seed: u64,
    mask: u32,
    /// Tokens of letters that begin a word, and such that go on with one.
    letters: [Vec<u32>; 2],
}

/// Labels whose words may be any: their letters say little, what is written around them much.
fn may_be_strange(label: PhiLabel) -> bool {
    matches!(label, PhiLabel::Name | PhiLabel::Location | PhiLabel::Organization)
}

impl Augmentation {
    /// None if the configuration asks for none.
    pub(super) fn new(config: AugmentationConfig, seed: u64, tokenizer: &Tokenizer) -> Option<Self> {
        let asks = config != AugmentationConfig::default();
        asks.then(|| Self { config, seed, mask: tokenizer.mask(), letters: tokenizer.letters() })
    }

    /// Changes an example as it is seen in one epoch: the same whenever and wherever that happens.
    pub(super) fn apply(&self, example: &mut Example, epoch: u64, number: u64) {
        let mut random = stream(self.seed, "augmentation", &[epoch, number]);
        let mut is_strange = false;
        for piece in pieces(example) {
            let tag = usize::from(example.tags[piece.start]);
            if tags::begins(tag) {
                is_strange = unit(&mut random) < self.config.strange_names;
            }
            if !is_letters(&example.sequence.features[piece.start]) {
                continue;
            }
            let ids = &mut example.sequence.ids[piece];
            match tags::label(tag) {
                Some(label) if is_strange && may_be_strange(label) => self.estrange(ids, &mut random),
                None if unit(&mut random) < self.config.hidden_words => ids.fill(self.mask),
                _ => {}
            }
        }
    }

    fn estrange(&self, ids: &mut [u32], random: &mut ChaCha8Rng) {
        for id in ids {
            if let Some(others) = self.letters.iter().find(|tokens| tokens.binary_search(id).is_ok()) {
                *id = others[below(random, others.len())];
            }
        }
    }
}

/// The runs of tokens that are one piece of the text each and have tags to learn.
fn pieces(example: &Example) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (place, (row, tag)) in example.sequence.features.iter().zip(&example.tags).enumerate() {
        match pieces.last_mut() {
            _ if *tag == IGNORED => {}
            Some(piece) if piece.end == place && is_within_piece(row) => piece.end += 1,
            _ => pieces.push(place..place + 1),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_nets::classifier::Sequence;
    use efface_nets::text::features::Row;

    const MASK: u32 = 103;

    fn augmentation(hidden_words: f64, strange_names: f64) -> Augmentation {
        let letters = [(1000..2000).collect(), (2000..3000).collect()];
        Augmentation { config: AugmentationConfig { hidden_words, strange_names }, seed: 1, mask: MASK, letters }
    }

    /// `seen by Miller, 12` with its special tokens; the name is two tokens, and all words were known to be others.
    fn example() -> Example {
        const WORD: Row = [1, 15, 4, 0, 0, 0, 0, 0];
        const WITHIN: Row = [1, 15, 1, 0, 0, 0, 0, 0];
        const SIGN: Row = [25, 6, 5, 0, 0, 0, 0, 0];
        const DIGITS: Row = [14, 7, 4, 0, 0, 0, 0, 0];
        let name = tags::begin(PhiLabel::Name) as u8;
        let inside = tags::inside(PhiLabel::Name) as u8;
        Example {
            sequence: Sequence {
                ids: vec![101, 1001, 1002, 1003, 2004, 5, 6, 102],
                features: vec![Row::default(), WORD, WORD, WORD, WITHIN, SIGN, DIGITS, Row::default()],
            },
            tags: vec![IGNORED, 0, 0, name, inside, 0, 0, IGNORED],
        }
    }

    #[test]
    fn all_words_around_a_name_are_hidden_and_nothing_else() {
        let mut changed = example();
        augmentation(1.0, 0.0).apply(&mut changed, 0, 0);
        assert_eq!(changed.sequence.ids, [101, MASK, MASK, 1003, 2004, 5, 6, 102]);
        assert_eq!((changed.sequence.features, changed.tags), (example().sequence.features, example().tags));
    }

    #[test]
    fn a_strange_name_has_tokens_of_the_same_kinds() {
        let mut changed = example();
        augmentation(0.0, 1.0).apply(&mut changed, 0, 0);
        let ids = changed.sequence.ids;
        assert_eq!(ids[..3], [101, 1001, 1002]);
        assert!((1000..2000).contains(&ids[3]) && (2000..3000).contains(&ids[4]), "{ids:?}");
        assert_ne!(ids[3..5], [1003, 2004]);
        assert_eq!(ids[5..], [5, 6, 102]);
    }

    #[test]
    fn an_epoch_draws_the_same_again_and_another_epoch_does_not() {
        let ids = |epoch, number| {
            let mut changed = example();
            augmentation(0.5, 1.0).apply(&mut changed, epoch, number);
            changed.sequence.ids
        };
        assert_eq!(ids(0, 7), ids(0, 7));
        assert_ne!(ids(0, 7), ids(1, 7));
        assert_ne!(ids(0, 7), ids(0, 8));
    }
}
