//! Several readings of one place.
//!
//! A word that several thresholds or views cut out is read several times, now and then wrongly: of the readings of one
//! place the surest counts. It counts in every line that was read there: a line without the word that another one has
//! read more surely would be judged in pieces, and half of a date is a number.

use super::LocatedText;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// A reading with this confidence says what stands in a place where another threshold found something it could not
/// read; Tesseract gives noise and halves of words less.
const SURE_READING: f64 = 0.8;

/// The surest reading of each place. Its region takes in those of the others, so that less is never hidden.
pub(super) fn surest(located: &[LocatedText]) -> Vec<LocatedText> {
    Chosen::of(located).kept.into_values().collect()
}

/// Lines of the surest readings of their places, each line whole.
pub(super) fn lines(located: &[LocatedText]) -> Vec<Vec<LocatedText>> {
    let chosen = Chosen::of(located);
    let mut lines: BTreeMap<u32, Vec<LocatedText>> = BTreeMap::new();
    let mut shown: BTreeSet<(u32, usize)> = BTreeSet::new();
    for (idx, text) in located.iter().enumerate() {
        let surer = chosen.instead.get(&idx).copied().unwrap_or(idx);
        if shown.insert((text.line, surer)) {
            lines.entry(text.line).or_default().push(LocatedText { line: text.line, ..chosen.kept[&surer].clone() });
        }
    }
    lines.into_values().collect()
}

/// Which readings count.
struct Chosen {
    /// By their number.
    kept: BTreeMap<usize, LocatedText>,
    /// Which of them counts instead of one that does not.
    instead: BTreeMap<usize, usize>,
}

impl Chosen {
    fn of(located: &[LocatedText]) -> Self {
        let mut order: Vec<usize> = (0..located.len()).collect();
        let rank = |text: &LocatedText| (text.text.is_some(), text.confidence);
        order.sort_by(|&a, &b| {
            rank(&located[b]).partial_cmp(&rank(&located[a])).unwrap_or(Ordering::Equal).then(a.cmp(&b))
        });
        let mut chosen = Self { kept: BTreeMap::new(), instead: BTreeMap::new() };
        for idx in order {
            let text = &located[idx];
            match chosen.kept.iter_mut().find(|(_, other)| is_surer_of_the_same(other, text)) {
                Some((surer, other)) => {
                    other.region = other.region.union(&text.region);
                    chosen.instead.insert(idx, *surer);
                }
                None => {
                    chosen.kept.insert(idx, text.clone());
                }
            }
        }
        chosen
    }
}

fn is_surer_of_the_same(other: &LocatedText, text: &LocatedText) -> bool {
    let shared = other.region.intersection(&text.region).map_or(0, |shared| shared.area_px());
    // Two boxes of one word differ by a pixel or two on each side; those of a word and of a part of it by more.
    let same_place = shared * 4 >= text.region.area_px() * 3 && shared * 4 >= other.region.area_px() * 3;
    same_place && other.text.is_some() && (text.text.is_some() || other.confidence.get() >= SURE_READING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::{Phi, PixelRegion, Probability};

    fn word(text: &str, x0: u32, x1: u32, confidence: f64, line: u32) -> LocatedText {
        LocatedText {
            region: PixelRegion { x0, y0: 0, x1, y1: 12 },
            text: Some(Phi::new(text.to_owned())),
            confidence: Probability::new(confidence).expect("a probability"),
            line,
            network: None,
        }
    }

    fn shown(line: &[LocatedText]) -> Vec<&str> {
        line.iter().filter_map(|text| Some(text.text.as_ref()?.expose().as_str())).collect()
    }

    #[test]
    fn of_two_readings_of_one_place_the_surer_counts_and_covers_both() {
        let words = [word("W400", 48, 90, 0.4, 0), word("W:400", 50, 90, 0.9, 0), word("Smith", 100, 140, 0.9, 0)];
        let kept = surest(&words);
        assert_eq!(shown(&kept), ["W:400", "Smith"]);
        assert_eq!(kept[0].region, PixelRegion { x0: 48, y0: 0, x1: 90, y1: 12 });
        assert_eq!(lines(&words), [kept]);
    }

    #[test]
    fn a_line_stays_whole_where_another_one_was_read_more_surely() {
        let first = [word("20", 0, 20, 0.9, 0), word("juln", 30, 60, 0.5, 0), word("2014", 70, 110, 0.6, 0)];
        let second = [word("26", 0, 20, 0.5, 1), word("juin", 30, 60, 0.9, 1), word("2014", 70, 110, 0.8, 1)];
        let words: Vec<LocatedText> = first.into_iter().chain(second).collect();
        let lines = lines(&words);
        assert_eq!(lines.iter().map(|line| shown(line)).collect::<Vec<_>>(), [["20", "juin", "2014"]; 2]);
        assert_eq!((lines[0][1].line, lines[1][1].line), (0, 1));
        assert_eq!(surest(&words).len(), 3);
    }
}
