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

use super::{DetectionSet, Image, PixelBox};
use crate::models::bootstrap::{Draws, Resamples};
use crate::models::clusters::Numbering;
use efface_schema::CocoScores;
use rayon::prelude::*;
use std::collections::BTreeMap;

const N_OVERLAPS: usize = 10;
const N_RECALLS: usize = 101;
const MOST_BOXES: usize = 100;
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
    /// Box and score, by falling score.
    found: Vec<(PixelBox, f64)>,
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
        let of_each: Vec<Option<[f64; N_OVERLAPS]>> =
            tables.iter().map(|(_, tables)| tables.ranked.average_precisions(weights)).collect();
        let of_all = figures(of_each.iter().flatten());
        of_all.into_iter().chain(of_each.iter().flat_map(|of_one| figures(of_one.iter()))).collect()
    });
    // The figures of all categories come first, then those of each.
    let with_intervals = |at: usize, scores: CocoScores| CocoScores {
        ap_interval: draws.interval_of(3 * at, scores.ap),
        ap50_interval: draws.interval_of(3 * at + 1, scores.ap50),
        ap75_interval: draws.interval_of(3 * at + 2, scores.ap75),
        ..scores
    };
    let all = with_intervals(0, scores(&tables.iter().map(|(_, tables)| tables).collect::<Vec<_>>()));
    let each = (1..).zip(&tables).map(|(at, (name, tables))| ((*name).clone(), with_intervals(at, scores(&[tables]))));
    (all, each.collect())
}

/// AP, AP50 and AP75 as the means over categories.
fn figures<'a>(categories: impl Iterator<Item = &'a [f64; N_OVERLAPS]> + Clone) -> [Option<f64>; 3] {
    let at = |overlap: usize| mean(categories.clone().map(|precisions| precisions[overlap]));
    [mean(categories.clone().flatten().copied()), at(AT_50), at(AT_75)]
}

/// The boxes of one category by falling score, with whose they are, so that whole clusters can be drawn anew.
///
/// Boxes of a cluster that is drawn twice count twice at their place: the points of the curve between the two have
/// no more recall, or less precision, than the last of them, so that none of them is read.
struct Ranked {
    /// By box: its cluster, and how it fared at every overlap.
    boxes: Vec<(usize, [Fate; N_OVERLAPS])>,
    /// By image: its cluster, and gold boxes that count.
    gold: Vec<(usize, usize)>,
}

impl Ranked {
    fn of(images: &[Matched], clusters: &[usize]) -> Self {
        let boxes = ranking(images, MOST_BOXES)
            .into_iter()
            .map(|(_, image, found)| (clusters[image], std::array::from_fn(|at| images[image].fates[at][found])));
        let gold = images.iter().zip(clusters).map(|(image, cluster)| (*cluster, image.n_gold));
        Self { boxes: boxes.collect(), gold: gold.collect() }
    }

    /// The average precision at every overlap; absent without a gold box that counts.
    fn average_precisions(&self, weights: &[u32]) -> Option<[f64; N_OVERLAPS]> {
        let n_gold: f64 = self.gold.iter().map(|(cluster, n)| f64::from(weights[*cluster]) * *n as f64).sum();
        let drawn: Vec<(f64, &[Fate; N_OVERLAPS])> = self
            .boxes
            .iter()
            .map(|(cluster, fates)| (f64::from(weights[*cluster]), fates))
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
        (n_gold > 0.0).then(|| {
            std::array::from_fn(|at| {
                let (_, precision) = curve(drawn.iter().map(|(weight, fates)| (fates[at], *weight)), n_gold);
                precision.iter().sum::<f64>() / N_RECALLS as f64
            })
        })
    }
}

/// By image and category, the boxes of the model that count: score, and whether it took a gold box at an overlap of
/// 0.50.
pub(super) fn judged(set: &DetectionSet) -> Vec<(&Image, f64, bool)> {
    let of_image = |image: &&Image| -> Vec<(f64, bool)> {
        let pairs = set.categories.keys().filter_map(|category| Pair::of(image, *category));
        pairs.flat_map(|pair| pair.judged()).collect()
    };
    let images: Vec<&Image> = set.images.values().collect();
    let judged: Vec<Vec<(f64, bool)>> = images.par_iter().map(of_image).collect();
    let mut rows = Vec::new();
    for (image, judged) in images.into_iter().zip(judged) {
        rows.extend(judged.into_iter().map(|(score, is_right)| (image, score, is_right)));
    }
    rows
}

impl Pair {
    /// Score, and whether it took a gold box, of the boxes that did not take one that counts neither way.
    fn judged(&self) -> Vec<(f64, bool)> {
        let Matched { scores, fates, .. } = self.matched(AREAS[0]);
        let counted = scores.into_iter().zip(&fates[AT_50]).filter(|(_, fate)| !fate.is_ignored);
        counted.map(|(score, fate)| (score, fate.is_matched)).collect()
    }

    fn of(image: &Image, category: u64) -> Option<Self> {
        let gold: Vec<_> = image.annotations.iter().filter(|annotation| annotation.category == category).collect();
        let mut found: Vec<(PixelBox, f64)> = image
            .detections
            .iter()
            .filter(|detection| detection.category == category)
            .map(|detection| (detection.bounds, detection.score))
            .collect();
        if gold.is_empty() && found.is_empty() {
            return None;
        }
        found.sort_by(|left, right| right.1.total_cmp(&left.1));
        found.truncate(MOST_BOXES);
        let overlaps = found
            .iter()
            .map(|(found, _)| gold.iter().map(|gold| overlap(found, &gold.bounds, gold.is_crowd)).collect())
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
            let fate = |(row, (bounds, _)): (&Vec<f64>, &(PixelBox, f64))| match self.best(
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
                None => Fate { is_matched: false, is_ignored: outside(bounds.area()) },
            };
            self.overlaps.iter().zip(&self.found).map(fate).collect()
        });
        Matched {
            scores: self.found.iter().map(|(_, score)| *score).collect(),
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
    let width = (found.x + found.width).min(gold.x + gold.width) - found.x.max(gold.x);
    let height = (found.y + found.height).min(gold.y + gold.height) - found.y.max(gold.y);
    if width <= 0.0 || height <= 0.0 {
        return 0.0;
    }
    let common = width * height;
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
    /// All areas, at most 100 boxes.
    ranked: Ranked,
}

impl Tables {
    fn of(set: &DetectionSet, category: u64, clusters: &mut Numbering) -> Self {
        let images: Vec<(usize, &Image)> =
            set.images.values().map(|image| (clusters.number(&image.cluster), image)).collect();
        let (clusters, pairs): (Vec<usize>, Vec<Pair>) =
            images.par_iter().filter_map(|(cluster, image)| Some((*cluster, Pair::of(image, category)?))).unzip();
        let matched =
            |area: usize| -> Vec<Matched> { pairs.par_iter().map(|pair| pair.matched(AREAS[area])).collect() };
        let all = matched(0);
        Self {
            few: [Table::of(&all, 1), Table::of(&all, 10)],
            ranked: Ranked::of(&all, &clusters),
            by_area: std::array::from_fn(|area| match area {
                0 => Table::of(&all, MOST_BOXES),
                _ => Table::of(&matched(area), MOST_BOXES),
            }),
        }
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
        ap_interval: None,
        ap50: at(AT_50),
        ap50_interval: None,
        ap75: at(AT_75),
        ap75_interval: None,
        ap_small: precision(1),
        ap_medium: precision(2),
        ap_large: precision(3),
        ar_1: recall_of_few(0),
        ar_10: recall_of_few(1),
        ar_100: recall(0),
        ar_small: recall(1),
        ar_medium: recall(2),
        ar_large: recall(3),
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
        let precisions = |patients: &[&str], weights: &[u32]| {
            let mut clusters = Numbering::default();
            Tables::of(&set(patients), 1, &mut clusters).ranked.average_precisions(weights).expect("gold boxes")
        };
        for (drawn, weights) in [(["a", "a", "b"], [2, 1]), (["a", "b", "b"], [1, 2])] {
            let (twice, weighted) = (precisions(&drawn, &[1, 1]), precisions(&["a", "b"], &weights));
            assert!(twice.iter().zip(weighted).all(|(left, right)| (left - right).abs() < 1e-12), "{twice:?}");
        }
        assert_eq!(precisions(&["a", "b"], &[0, 1])[AT_75], 0.0, "what is shifted by 3 of 20 overlaps by 0.74");
    }

    #[test]
    fn intervals_hold_what_may_be_drawn() {
        let metrics = measure_detector(&set(&["a", "b"]), &Settings::default()).expect("sensible");
        let (coco, of_words) = (metrics.coco, metrics.by_category["phi_word"]);
        assert_eq!(coco, of_words, "there is one category");
        let interval = coco.ap75_interval.expect("two patients");
        assert!(interval.low == 0.0 && interval.high > 0.999, "{interval:?}");
        assert!(coco.ap_interval.is_some() && coco.ap50_interval.is_some());
        let alone = measure_detector(&set(&["a", "a"]), &Settings::default()).expect("sensible").coco;
        assert!(alone.ap.is_some() && alone.ap_interval.is_none());
    }
}
