//! Average precision and recall of boxes, step by step as `COCOeval` of `pycocotools` 2.0 computes them.
//!
//! For each category, range of areas and overlap `t`: in every image the boxes of the model are taken by falling score
//! (ties in the order of the file, at most 100), and each takes the free gold box of the largest overlap that is at
//! least `t`; gold boxes that are crowds or outside the range of areas are taken last and count neither way, and
//! crowds may be taken more than once. The overlap is the intersection over the union; with a crowd, over the box of
//! the model. Boxes that took nothing and lie outside the range of areas do not count either. Precision is made
//! monotonous from the right and read at 101 recalls; average precision is its mean. The key `ignore` has no effect,
//! as in `pycocotools`, where `iscrowd` overrides it.
//!
//! Source: T.-Y. Lin et al., "Microsoft COCO: Common Objects in Context" (2014), and its evaluation.

use super::{Detection, DetectionSet, Image, PixelBox};
use crate::models::bootstrap::{Draws, Resamples};
use crate::models::clusters::Numbering;
use efface_schema::CocoScores;
use rayon::prelude::*;
use std::collections::BTreeMap;

const N_OVERLAPS: usize = 10;
const N_RECALLS: usize = 101;
const MOST_BOXES: usize = 100;
/// So many boxes an image, at most, for the recall of few.
const FEW: [usize; 2] = [1, 10];
const AREAS: [(f64, f64); 4] = [(0.0, 1e10), (0.0, 1024.0), (1024.0, 9216.0), (9216.0, 1e10)];

/// The place of an overlap in [`overlaps`].
const AT_50: usize = 0;
const AT_75: usize = 5;

/// 0.50 to 0.95, computed as NumPy's `linspace` does, since an overlap may equal a threshold to the last digit.
fn overlaps() -> [f64; N_OVERLAPS] {
    let step = (0.95 - 0.5) / 9.0;
    std::array::from_fn(|at| if at == 9 { 0.95 } else { at as f64 * step + 0.5 })
}

fn recalls() -> [f64; N_RECALLS] {
    std::array::from_fn(|at| if at == 100 { 1.0 } else { at as f64 * 0.01 })
}

/// How one box of the model fared at one overlap.
#[derive(Debug, Clone, Copy, Default)]
struct Fate {
    is_matched: bool,
    is_ignored: bool,
}

/// One image, category and range of areas.
struct Matched {
    /// By falling score.
    scores: Vec<f64>,
    /// By overlap, then by box.
    fates: [Vec<Fate>; N_OVERLAPS],
    /// Gold boxes that count.
    n_gold: usize,
}

/// Gold and model's boxes of one image and category.
struct Pair {
    gold: Vec<Gold>,
    /// By falling score.
    found: Vec<Detection>,
    /// By box of the model, then by gold box.
    overlaps: Vec<Vec<f64>>,
}

struct Gold {
    area: f64,
    is_crowd: bool,
}

/// Name of the stream of random numbers.
pub(super) const STREAM: &str = "average precision by cluster";

/// The scores over all categories, and of each by its name; clusters of images are drawn anew for their intervals.
pub(super) fn measure(
    set: &DetectionSet,
    clusters: &mut Numbering,
    resamples: Resamples,
) -> (CocoScores, BTreeMap<String, CocoScores>) {
    let tables: Vec<(&String, Tables)> =
        set.categories.iter().map(|(category, name)| (name, Tables::of(set, *category, clusters))).collect();
    let draws = Draws::make(STREAM, resamples, clusters.len(), |weights| {
        let of_each: Vec<Drawn> = tables.iter().map(|(_, tables)| tables.drawn(weights)).collect();
        let of_all = figures(&of_each);
        of_all.into_iter().chain(of_each.chunks(1).flat_map(figures)).collect()
    });
    // The figures of all categories come first, then those of each.
    let with_intervals = |at: usize, scores: CocoScores| {
        let interval = |figure: usize, value: Option<f64>| draws.interval_of(N_FIGURES * at + figure, value);
        CocoScores {
            ap_interval: interval(0, scores.ap),
            ap50_interval: interval(1, scores.ap50),
            ap75_interval: interval(2, scores.ap75),
            ap_small_interval: interval(3, scores.ap_small),
            ap_medium_interval: interval(4, scores.ap_medium),
            ap_large_interval: interval(5, scores.ap_large),
            ar_1_interval: interval(6, scores.ar_1),
            ar_10_interval: interval(7, scores.ar_10),
            ar_100_interval: interval(8, scores.ar_100),
            ar_small_interval: interval(9, scores.ar_small),
            ar_medium_interval: interval(10, scores.ar_medium),
            ar_large_interval: interval(11, scores.ar_large),
            ..scores
        }
    };
    let all = with_intervals(0, scores(&tables.iter().map(|(_, tables)| tables).collect::<Vec<_>>()));
    let each = (1..).zip(&tables).map(|(at, (name, tables))| ((*name).clone(), with_intervals(at, scores(&[tables]))));
    (all, each.collect())
}

/// Figures of COCO, in the order in which `pycocotools` prints them.
const N_FIGURES: usize = 12;

/// By overlap; absent without a gold box that counts.
type ByOverlap = Option<[f64; N_OVERLAPS]>;

/// What one category has in one draw.
struct Drawn {
    /// By range of areas.
    precision: [ByOverlap; AREAS.len()],
    /// With at most 1 and 10 boxes an image, then with 100 by range of areas.
    recall: [ByOverlap; 2 + AREAS.len()],
}

/// The figures as means over categories.
fn figures(categories: &[Drawn]) -> [Option<f64>; N_FIGURES] {
    let precision = |area: usize| categories.iter().filter_map(move |drawn| drawn.precision[area]);
    let at = |overlap: usize| mean(precision(0).map(|precisions| precisions[overlap]));
    let of_precision = |area: usize| mean(precision(area).flatten());
    let of_recall = |of: usize| mean(categories.iter().filter_map(|drawn| drawn.recall[of]).flatten());
    let [small, medium, large] = [1, 2, 3].map(of_precision);
    let [one, ten, hundred, of_small, of_medium, of_large] = [0, 1, 2, 3, 4, 5].map(of_recall);
    let [all, half, strict] = [of_precision(0), at(AT_50), at(AT_75)];
    [all, half, strict, small, medium, large, one, ten, hundred, of_small, of_medium, of_large]
}

/// The boxes of one category by falling score, with whose they are, so that whole clusters can be drawn anew.
///
/// Boxes of a cluster that is drawn twice count twice at their place: the points of the curve between the two have
/// no more recall, or less precision, than the last of them, so that none of them is read. Boxes that count at no
/// overlap are left out: their points repeat those before them.
struct Ranked {
    /// By box: its cluster, and how it fared at every overlap.
    boxes: Vec<(usize, [Fate; N_OVERLAPS])>,
    /// By cluster, gold boxes that count.
    gold: BTreeMap<usize, u64>,
}

impl Ranked {
    fn of(images: &[Matched], clusters: &[usize], most_boxes: usize) -> Self {
        let boxes = ranking(images, most_boxes)
            .into_iter()
            .map(|(_, image, found)| (clusters[image], std::array::from_fn(|at| images[image].fates[at][found])))
            .filter(|(_, fates): &(usize, [Fate; N_OVERLAPS])| fates.iter().any(|fate| !fate.is_ignored));
        let mut gold = BTreeMap::new();
        for (image, cluster) in images.iter().zip(clusters) {
            *gold.entry(*cluster).or_default() += image.n_gold as u64;
        }
        Self { boxes: boxes.collect(), gold }
    }

    fn n_gold(&self, weights: &[u32]) -> f64 {
        self.gold.iter().map(|(cluster, n)| f64::from(weights[*cluster]) * *n as f64).sum()
    }

    /// The average precision and the recall at every overlap.
    fn precision_and_recall(&self, weights: &[u32]) -> (ByOverlap, ByOverlap) {
        let n_gold = self.n_gold(weights);
        if n_gold == 0.0 {
            return (None, None);
        }
        let drawn: Vec<(f64, &[Fate; N_OVERLAPS])> = self
            .boxes
            .iter()
            .map(|(cluster, fates)| (f64::from(weights[*cluster]), fates))
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
        let mut recalls = [0.0; N_OVERLAPS];
        let precisions = std::array::from_fn(|at| {
            let (recall, precision) = curve(drawn.iter().map(|(weight, fates)| (fates[at], *weight)), n_gold);
            recalls[at] = recall;
            precision.iter().sum::<f64>() / N_RECALLS as f64
        });
        (Some(precisions), Some(recalls))
    }
}

/// The boxes of one category that took a gold box, by cluster: all that recall needs.
struct Recalled {
    /// By cluster, the boxes at every overlap.
    right: BTreeMap<usize, [u64; N_OVERLAPS]>,
    /// By cluster, gold boxes that count.
    gold: BTreeMap<usize, u64>,
}

impl From<Ranked> for Recalled {
    fn from(ranked: Ranked) -> Self {
        let mut right: BTreeMap<usize, [u64; N_OVERLAPS]> = BTreeMap::new();
        for (cluster, fates) in ranked.boxes {
            let counts = right.entry(cluster).or_default();
            let is_right = |fate: &Fate| fate.is_matched && !fate.is_ignored;
            counts.iter_mut().zip(&fates).for_each(|(count, fate)| *count += u64::from(is_right(fate)));
        }
        Self { right, gold: ranked.gold }
    }
}

impl Recalled {
    fn recall(&self, weights: &[u32]) -> ByOverlap {
        let weight = |cluster: &usize| f64::from(weights[*cluster]);
        let n_gold: f64 = self.gold.iter().map(|(cluster, n)| weight(cluster) * *n as f64).sum();
        let right =
            |at: usize| -> f64 { self.right.iter().map(|(cluster, counts)| weight(cluster) * counts[at] as f64).sum() };
        (n_gold > 0.0).then(|| std::array::from_fn(|at| right(at) / n_gold))
    }
}

/// By image and category, the boxes of the model that count, and whether each took a gold box at an overlap of 0.50.
pub(super) fn judged(set: &DetectionSet) -> Vec<(&Image, Detection, bool)> {
    let of_image = |image: &&Image| -> Vec<(Detection, bool)> {
        let pairs = set.categories.keys().filter_map(|category| Pair::of(image, *category));
        pairs.flat_map(|pair| pair.judged()).collect()
    };
    let images: Vec<&Image> = set.images.values().collect();
    let judged: Vec<Vec<(Detection, bool)>> = images.par_iter().map(of_image).collect();
    let mut rows = Vec::new();
    for (image, judged) in images.into_iter().zip(judged) {
        rows.extend(judged.into_iter().map(|(detection, is_right)| (image, detection, is_right)));
    }
    rows
}

impl Pair {
    /// The boxes that did not take a gold box that counts neither way, and whether they took one that does.
    fn judged(&self) -> Vec<(Detection, bool)> {
        let Matched { fates, .. } = self.matched(AREAS[0]);
        let counted = self.found.iter().zip(&fates[AT_50]).filter(|(_, fate)| !fate.is_ignored);
        counted.map(|(detection, fate)| (*detection, fate.is_matched)).collect()
    }

    fn of(image: &Image, category: u64) -> Option<Self> {
        let gold: Vec<_> = image.annotations.iter().filter(|annotation| annotation.category == category).collect();
        let mut found: Vec<Detection> =
            image.detections.iter().filter(|detection| detection.category == category).copied().collect();
        if gold.is_empty() && found.is_empty() {
            return None;
        }
        found.sort_by(|left, right| right.score.total_cmp(&left.score));
        found.truncate(MOST_BOXES);
        let overlaps = found
            .iter()
            .map(|found| gold.iter().map(|gold| overlap(&found.bounds, &gold.bounds, gold.is_crowd)).collect())
            .collect();
        let gold = gold.iter().map(|gold| Gold { area: gold.area, is_crowd: gold.is_crowd }).collect();
        Some(Self { gold, found, overlaps })
    }

    fn matched(&self, (least, most): (f64, f64)) -> Matched {
        let outside = |area: f64| area < least || area > most;
        let is_ignored: Vec<bool> = self.gold.iter().map(|gold| gold.is_crowd || outside(gold.area)).collect();
        let mut order: Vec<usize> = (0..self.gold.len()).collect();
        order.sort_by_key(|at| is_ignored[*at]);
        let thresholds = overlaps();
        let fates = std::array::from_fn(|at| {
            let mut is_taken = vec![false; self.gold.len()];
            let fate = |(row, found): (&Vec<f64>, &Detection)| match self.best(
                row,
                thresholds[at],
                &order,
                &is_ignored,
                &is_taken,
            ) {
                Some(gold) => {
                    is_taken[gold] = true;
                    Fate { is_matched: true, is_ignored: is_ignored[gold] }
                }
                None => Fate { is_matched: false, is_ignored: outside(found.bounds.area()) },
            };
            self.overlaps.iter().zip(&self.found).map(fate).collect()
        });
        Matched {
            scores: self.found.iter().map(|found| found.score).collect(),
            fates,
            n_gold: is_ignored.iter().filter(|ignored| !**ignored).count(),
        }
    }

    /// The gold box that a box of the model takes; of equally good ones the last.
    fn best(
        &self,
        row: &[f64],
        threshold: f64,
        order: &[usize],
        is_ignored: &[bool],
        is_taken: &[bool],
    ) -> Option<usize> {
        let mut least = threshold.min(1.0 - 1e-10);
        let mut best: Option<usize> = None;
        for &at in order {
            if is_taken[at] && !self.gold[at].is_crowd {
                continue;
            }
            if is_ignored[at] && best.is_some_and(|best| !is_ignored[best]) {
                break;
            }
            if row[at] >= least {
                least = row[at];
                best = Some(at);
            }
        }
        best
    }
}

fn overlap(found: &PixelBox, gold: &PixelBox, is_crowd: bool) -> f64 {
    let common = found.common(gold);
    if common == 0.0 {
        return 0.0;
    }
    let whole = if is_crowd { found.area() } else { found.area() + gold.area() - common };
    common / whole
}

/// Precision and recall at every overlap.
struct Table {
    recall: [f64; N_OVERLAPS],
    /// Sum of the precisions at the 101 recalls.
    precision: [[f64; N_RECALLS]; N_OVERLAPS],
}

impl Table {
    /// Absent without a gold box that counts.
    fn of(images: &[Matched], most_boxes: usize) -> Option<Self> {
        let n_gold: usize = images.iter().map(|image| image.n_gold).sum();
        if n_gold == 0 {
            return None;
        }
        let order = ranking(images, most_boxes);
        let mut table = Self { recall: [0.0; N_OVERLAPS], precision: [[0.0; N_RECALLS]; N_OVERLAPS] };
        for at in 0..N_OVERLAPS {
            let fates = order.iter().map(|(_, image, found)| (images[*image].fates[at][*found], 1.0));
            (table.recall[at], table.precision[at]) = curve(fates, n_gold as f64);
        }
        Some(table)
    }

    fn average_precision(&self, overlap: usize) -> f64 {
        self.precision[overlap].iter().sum::<f64>() / N_RECALLS as f64
    }
}

/// Score, image and place in it of the boxes by falling score, ties in the order of the images.
fn ranking(images: &[Matched], most_boxes: usize) -> Vec<(f64, usize, usize)> {
    let kept = |image: &Matched| image.scores.len().min(most_boxes);
    let mut order: Vec<(f64, usize, usize)> = images
        .iter()
        .enumerate()
        .flat_map(|(at, image)| (0..kept(image)).map(move |found| (image.scores[found], at, found)))
        .collect();
    order.sort_by(|left, right| right.0.total_cmp(&left.0));
    order
}

/// The last recall, and the precision at each of the 101 recalls, of boxes that count so many times.
fn curve(fates: impl Iterator<Item = (Fate, f64)>, n_gold: f64) -> (f64, [f64; N_RECALLS]) {
    let (mut right, mut wrong) = (0.0, 0.0);
    // Boxes that do not count add a point all the same, as they do there.
    let (mut recall, mut precision): (Vec<f64>, Vec<f64>) = fates
        .map(|(fate, times)| {
            right += times * f64::from(u8::from(fate.is_matched && !fate.is_ignored));
            wrong += times * f64::from(u8::from(!fate.is_matched && !fate.is_ignored));
            (right / n_gold, right / (wrong + right + f64::EPSILON))
        })
        .unzip();
    for at in (1..precision.len()).rev() {
        precision[at - 1] = precision[at - 1].max(precision[at]);
    }
    let read = recalls().map(|wanted| precision.get(recall.partition_point(|recall| *recall < wanted)).copied());
    (recall.pop().unwrap_or_default(), read.map(Option::unwrap_or_default))
}

/// All that the twelve figures of one category need.
struct Tables {
    /// By range of areas, at most 100 boxes an image.
    by_area: [Option<Table>; 4],
    /// All areas, at most 1 and at most 10 boxes.
    few: [Option<Table>; 2],
    /// At most 100 boxes, by range of areas.
    ranked: [Ranked; 4],
    /// All areas, at most 1 and at most 10 boxes.
    recalled: [Recalled; 2],
}

impl Tables {
    fn of(set: &DetectionSet, category: u64, clusters: &mut Numbering) -> Self {
        let images: Vec<(usize, &Image)> =
            set.images.values().map(|image| (clusters.number(&image.cluster), image)).collect();
        let (clusters, pairs): (Vec<usize>, Vec<Pair>) =
            images.par_iter().filter_map(|(cluster, image)| Some((*cluster, Pair::of(image, category)?))).unzip();
        let matched =
            |area: usize| -> Vec<Matched> { pairs.par_iter().map(|pair| pair.matched(AREAS[area])).collect() };
        let of_areas: [Vec<Matched>; 4] = std::array::from_fn(matched);
        let [all, ..] = &of_areas;
        Self {
            by_area: of_areas.each_ref().map(|matched| Table::of(matched, MOST_BOXES)),
            few: FEW.map(|most_boxes| Table::of(all, most_boxes)),
            ranked: of_areas.each_ref().map(|matched| Ranked::of(matched, &clusters, MOST_BOXES)),
            recalled: FEW.map(|most_boxes| Ranked::of(all, &clusters, most_boxes).into()),
        }
    }

    /// What is found when clusters are drawn so often.
    fn drawn(&self, weights: &[u32]) -> Drawn {
        let [all, small, medium, large] = self.ranked.each_ref().map(|ranked| ranked.precision_and_recall(weights));
        let [one, ten] = self.recalled.each_ref().map(|recalled| recalled.recall(weights));
        Drawn { precision: [all.0, small.0, medium.0, large.0], recall: [one, ten, all.1, small.1, medium.1, large.1] }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
    (n > 0.0).then(|| sum / n)
}

fn scores(categories: &[&Tables]) -> CocoScores {
    let area = |area: usize| categories.iter().filter_map(move |tables| tables.by_area[area].as_ref());
    let few = |few: usize| categories.iter().filter_map(move |tables| tables.few[few].as_ref());
    let at = |overlap| mean(area(0).map(|table| table.average_precision(overlap)));
    let precision = |of| mean(area(of).flat_map(|table| (0..N_OVERLAPS).map(|at| table.average_precision(at))));
    let recall = |of| mean(area(of).flat_map(|table| table.recall));
    let recall_of_few = |of| mean(few(of).flat_map(|table| table.recall));
    CocoScores {
        ap: precision(0),
        ap50: at(AT_50),
        ap75: at(AT_75),
        ap_small: precision(1),
        ap_medium: precision(2),
        ap_large: precision(3),
        ar_1: recall_of_few(0),
        ar_10: recall_of_few(1),
        ar_100: recall(0),
        ar_small: recall(1),
        ar_medium: recall(2),
        ar_large: recall(3),
        ..CocoScores::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Settings, measure as measure_detector, read};
    use super::*;

    /// Images of patients, each with two words of which the boxes find some, with scores that tie across images.
    fn set(patients: &[&str]) -> DetectionSet {
        let (mut images, mut annotations, mut found) = (Vec::new(), Vec::new(), Vec::new());
        for (at, patient) in patients.iter().enumerate() {
            images.push(format!(r#"{{"id":{at},"width":90,"height":90,"file_name":"{patient}/{at}.dcm"}}"#));
            for word in 0..2 {
                let place = format!("[{},5,20,10]", 5 + 40 * word);
                let id = 2 * at + word;
                annotations.push(format!(
                    r#"{{"id":{id},"image_id":{at},"category_id":1,"bbox":{place},"area":200,"iscrowd":0}}"#
                ));
                let (shift, score) = match (*patient, word) {
                    ("a", _) => (0, "0.9"),
                    ("b", 0) => (3, "0.9"),
                    _ => (60, "0.8"),
                };
                found.push(format!(
                    r#"{{"image_id":{at},"category_id":1,"bbox":[{},5,20,10],"score":{score}}}"#,
                    5 + 40 * word + shift
                ));
            }
        }
        let gold = format!(
            r#"{{"categories":[{{"id":1,"name":"phi_word"}}],"images":[{}],"annotations":[{}]}}"#,
            images.join(","),
            annotations.join(",")
        );
        read(gold.as_bytes(), format!("[{}]", found.join(",")).as_bytes()).expect("well formed")
    }

    #[test]
    fn a_cluster_drawn_twice_is_a_cluster_that_is_there_twice() {
        let drawn = |patients: &[&str], weights: &[u32]| {
            let mut clusters = Numbering::default();
            figures(&[Tables::of(&set(patients), 1, &mut clusters).drawn(weights)])
        };
        for (patients, weights) in [(["a", "a", "b"], [2, 1]), (["a", "b", "b"], [1, 2])] {
            let (twice, weighted) = (drawn(&patients, &[1, 1]), drawn(&["a", "b"], &weights));
            for (left, right) in twice.iter().zip(weighted) {
                assert!(left.is_some() == right.is_some(), "{twice:?}, {weighted:?}");
                assert!(left.zip(right).is_none_or(|(left, right)| (left - right).abs() < 1e-12), "{twice:?}");
            }
        }
        let [.., ap75, small, medium, large, one, ten, hundred, of_small, _, _] = drawn(&["a", "b"], &[0, 1]);
        assert_eq!(ap75, Some(0.0), "what is shifted by 3 of 20 overlaps by 0.74");
        assert_eq!((medium, large), (None, None), "all words are small");
        // One of two words is found, at overlaps of 0.50 to 0.70.
        assert_eq!((one, ten, hundred, of_small), (Some(0.25), Some(0.25), Some(0.25), Some(0.25)));
        assert!(small.is_some_and(|small| small > 0.2));
    }

    #[test]
    fn figures_of_all_clusters_once_are_the_figures() {
        let set = set(&["a", "b", "c"]);
        let mut clusters = Numbering::default();
        let tables = Tables::of(&set, 1, &mut clusters);
        let found = scores(&[&tables]);
        let drawn = figures(&[tables.drawn(&[1, 1, 1])]);
        let expected = [
            found.ap,
            found.ap50,
            found.ap75,
            found.ap_small,
            found.ap_medium,
            found.ap_large,
            found.ar_1,
            found.ar_10,
            found.ar_100,
            found.ar_small,
            found.ar_medium,
            found.ar_large,
        ];
        assert_eq!(drawn, expected);
    }

    #[test]
    fn intervals_hold_what_may_be_drawn() {
        let metrics = measure_detector(&set(&["a", "b"]), &Settings::default()).expect("sensible");
        let (coco, of_words) = (metrics.coco, metrics.by_category["phi_word"]);
        assert_eq!(coco, of_words, "there is one category");
        let interval = coco.ap75_interval.expect("two patients");
        assert!(interval.low == 0.0 && interval.high > 0.999, "{interval:?}");
        let recall = coco.ar_100_interval.expect("two patients");
        assert!((recall.low - 0.25).abs() < 1e-12 && recall.high == 1.0, "{recall:?}");
        assert_eq!(coco.ar_small_interval, Some(recall), "all words are small");
        assert!(coco.ap_interval.is_some() && coco.ap50_interval.is_some() && coco.ap_small_interval.is_some());
        assert!(coco.ap_medium_interval.is_none() && coco.ar_large_interval.is_none(), "there is none");
        let alone = measure_detector(&set(&["a", "a"]), &Settings::default()).expect("sensible").coco;
        assert!(alone.ap.is_some() && alone.ap_interval.is_none() && alone.ar_1_interval.is_none());
    }
}
