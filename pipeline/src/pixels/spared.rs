//! What unsure places must not hide: words that were read more surely, and that identify nobody.
//!
//! Beside the words of a line the network now and then boxes a block of several lines, or a line and a half, with a
//! low probability. Nobody can read such a box, so it would be hidden with all the words in it. Words that were found
//! and read more surely are cut out of it; the rest of it is hidden all the same.

use super::tesseract::DOUBTFUL_READING;
use efface_schema::{PixelRegion, Probability, RegionEvidence};

/// Parts of a place with a shorter side, in pixels, are gaps between words.
const LEAST_SIDE_PX: u32 = 4;

/// A word must be found as surely as a place that it is cut out of, but for a fifth.
const AS_SURE: f64 = 0.8;

/// A word that identifies nobody.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SparedWord {
    pub(super) region: PixelRegion,
    /// How sure the network is that it is text.
    pub(super) text: Probability,
    /// How sure the reader is of it.
    pub(super) reading: Probability,
}

impl SparedWord {
    /// Whether it was found about as surely as a place that nobody knows, and read surely, and more surely than that.
    fn outdoes(&self, place: &RegionEvidence) -> bool {
        let is_read = self.reading.get() >= DOUBTFUL_READING && place.reading.is_none_or(|other| other < self.reading);
        is_read && place.text.is_some_and(|text| AS_SURE * text.get() <= self.text.get())
    }
}

/// What of a place stays hidden where some words are spared; nothing if none of them outdoes it or lies in it.
pub(super) fn rest(region: &PixelRegion, evidence: &RegionEvidence, spared: &[SparedWord]) -> Option<Vec<PixelRegion>> {
    let inside = |word: &&SparedWord| word.region.intersection(region).is_some() && word.outdoes(evidence);
    let words: Vec<PixelRegion> = spared.iter().filter(inside).map(|word| word.region).collect();
    (!words.is_empty()).then(|| words.iter().fold(vec![*region], |parts, word| without(&parts, word)))
}

/// What is left of parts without a word's place.
fn without(parts: &[PixelRegion], word: &PixelRegion) -> Vec<PixelRegion> {
    parts.iter().flat_map(|part| around(part, word)).collect()
}

fn around(part: &PixelRegion, word: &PixelRegion) -> Vec<PixelRegion> {
    let Some(hole) = part.intersection(word) else { return vec![*part] };
    let above = PixelRegion { y1: hole.y0, ..*part };
    let below = PixelRegion { y0: hole.y1, ..*part };
    let beside = PixelRegion { y0: hole.y0, y1: hole.y1, ..*part };
    let (left, right) = (PixelRegion { x1: hole.x0, ..beside }, PixelRegion { x0: hole.x1, ..beside });
    let is_place = |place: &PixelRegion| (place.x1 - place.x0).min(place.y1 - place.y0) >= LEAST_SIDE_PX;
    [above, left, right, below].into_iter().filter(is_place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn region(x0: u32, y0: u32, x1: u32, y1: u32) -> PixelRegion {
        PixelRegion { x0, y0, x1, y1 }
    }

    fn sure(value: f64) -> Probability {
        Probability::new(value).expect("a probability")
    }

    fn word(region: PixelRegion, text: f64, reading: f64) -> SparedWord {
        SparedWord { region, text: sure(text), reading: sure(reading) }
    }

    fn evidence(text: Option<f64>, reading: Option<f64>) -> RegionEvidence {
        RegionEvidence { text: text.map(sure), reading: reading.map(sure), ..RegionEvidence::default() }
    }

    #[test]
    fn a_sure_word_is_cut_out_of_a_block() {
        let block = region(0, 0, 60, 40);
        let words = [word(region(4, 10, 30, 20), 0.99, 0.9)];
        let left = rest(&block, &evidence(Some(0.05), None), &words).expect("a word is spared");
        let expected = [region(0, 0, 60, 10), region(0, 10, 4, 20), region(30, 10, 60, 20), region(0, 20, 60, 40)];
        assert_eq!(left, expected);
        // Of a place that is the word's own, nothing is left.
        assert_eq!(rest(&region(3, 9, 32, 21), &evidence(Some(0.05), None), &words), Some(vec![]));
    }

    #[test]
    fn what_was_found_or_read_less_surely_spares_nothing() {
        let block = region(0, 0, 60, 40);
        let inside = region(4, 10, 30, 20);
        let left = |word, evidence| rest(&block, &evidence, &[word]);
        assert_eq!(left(word(inside, 0.03, 0.9), evidence(Some(0.05), None)), None);
        assert_eq!(left(word(inside, 0.99, 0.5), evidence(Some(0.05), None)), None);
        assert_eq!(left(word(inside, 0.99, 0.7), evidence(Some(0.05), Some(0.7))), None);
        assert_eq!(left(word(inside, 0.99, 0.9), evidence(None, None)), None, "the search is another finder");
        assert_eq!(left(word(region(70, 0, 90, 10), 0.99, 0.9), evidence(Some(0.05), None)), None);
    }

    proptest! {
        #[test]
        fn parts_are_apart_and_hold_all_that_no_word_and_no_gap_has(
            words in prop::collection::vec((0_u32..50, 0_u32..30, 1_u32..20, 1_u32..12), 1..5),
        ) {
            let block = region(0, 0, 60, 40);
            let words: Vec<SparedWord> =
                words.into_iter().map(|(x, y, width, height)| word(region(x, y, x + width, y + height), 0.9, 0.9)).collect();
            let parts = rest(&block, &evidence(Some(0.1), None), &words).expect("a word is spared");
            let holds = |place: &PixelRegion, x: u32, y: u32| (place.x0..place.x1).contains(&x) && (place.y0..place.y1).contains(&y);
            for (x, y) in (0..60).flat_map(|x| (0..40).map(move |y| (x, y))) {
                let n_parts = parts.iter().filter(|part| holds(part, x, y)).count();
                let is_spared = words.iter().any(|word| holds(&word.region, x, y));
                prop_assert!(n_parts <= usize::from(!is_spared));
            }
            prop_assert!(parts.iter().all(|part| part.x1 <= 60 && part.y1 <= 40));
        }
    }
}
