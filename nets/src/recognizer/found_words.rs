//! What a network takes each word for by itself, before spans are made of them.

use super::{Context, Recognizer, Scored, calibrated};
use crate::calibration::Temperatures;
use crate::tags::{self, OUTSIDE};
use efface_schema::PhiLabel;

/// A word and its most probable label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FoundWord {
    /// The first character.
    pub start: usize,
    /// The character after the last one.
    pub end: usize,
    /// What it is taken for; nothing where it most probably identifies nobody.
    pub label: Option<PhiLabel>,
    /// How probable that is, by the calibration.
    pub probability: f32,
}

impl Recognizer {
    /// What each word of each text is taken for by itself, in order. No threshold and no rule about neighbouring tags
    /// has a say in it.
    pub fn words(&self, texts: &[Context<'_>]) -> Vec<Vec<FoundWord>> {
        self.scores(texts).iter().map(|scored| words(scored, &self.temperatures)).collect()
    }
}

fn words(scored: &Scored, temperatures: &Temperatures) -> Vec<FoundWord> {
    let rows = calibrated(scored, temperatures);
    let found = scored.words.iter().zip(&rows).map(|(word, row)| {
        let of_label = |label: &PhiLabel| {
            let share = row[tags::begin(*label)].exp() + row[tags::inside(*label)].exp();
            (Some(*label), share)
        };
        let labels = PhiLabel::ALL.iter().map(of_label).chain([(None, row[OUTSIDE].exp())]);
        let (label, probability) = labels.max_by(|left, right| left.1.total_cmp(&right.1)).unwrap_or((None, 0.0));
        FoundWord { start: word.start, end: word.end, label, probability: probability.min(1.0) }
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognizer::Word;

    #[test]
    fn the_tags_of_a_label_count_together() {
        let word = |place: usize| Word { start: 3 * place, end: 3 * place + 2 };
        let mut rows = vec![vec![0.0; tags::TAGS]; 2];
        // Either tag of the name is less probable than none, and both together are more.
        rows[0][OUTSIDE] = 9.0;
        rows[0][tags::begin(PhiLabel::Name)] = 8.8;
        rows[0][tags::inside(PhiLabel::Name)] = 8.8;
        rows[1][OUTSIDE] = 9.0;
        let scored = Scored { words: vec![word(0), word(1)], scores: rows };
        let found = words(&scored, &Temperatures::none());
        assert_eq!((found[0].label, found[0].start, found[0].end), (Some(PhiLabel::Name), 0, 2));
        assert!((found[0].probability - 0.62).abs() < 0.01, "{found:?}");
        assert!(found[1].label.is_none() && found[1].probability > 0.99, "{found:?}");
        let warm = Temperatures { global: 3.0, ..Temperatures::none() };
        assert!(words(&scored, &warm)[1].probability < found[1].probability);
    }
}
