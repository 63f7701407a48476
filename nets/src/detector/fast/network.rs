//! The compact network's features and proposals.

use crate::detector::TextDetector;
use crate::detector::anchors;
use crate::detector::backbone::Backbone;
use crate::detector::boxes::Corners;
use crate::detector::config::{DetectorConfig, FINEST_STRIDE};
use crate::detector::nms::best;
use crate::detector::region_proposals::{Proposal, of_level};
use crate::detector::roi_align::{Place, Plan, Region, level_of};
use crate::fast::features::{Around, Features};
use crate::fast::kernels::{Mixer, WeighedRows, done};
use crate::fast::stage::{Stage, around, mixer, numbers};
use rayon::prelude::*;

/// The network but for its head.
#[derive(Debug)]
pub(in crate::detector) struct FastNetwork {
    stages: Vec<Stage>,
    lateral: Vec<Mixer>,
    around: Vec<Around>,
    mix: Vec<Mixer>,
    proposals_around: Around,
    proposals_mix: Mixer,
    /// Scores of the shapes of a cell, then four numbers for each.
    proposals: Mixer,
    config: DetectorConfig,
}

/// Features of all levels, the finest first.
pub(in crate::detector) struct FastPyramid(Vec<Features>);

impl FastNetwork {
    /// The same network; nothing if it is of another kind than the compact one, or reads more than one channel.
    pub(in crate::detector) fn of(detector: &TextDetector) -> Option<Self> {
        let config = detector.config().clone();
        let Backbone::Compact(compact) = &detector.backbone else { return None };
        if config.input_channels != 1 {
            return None;
        }
        let head = &detector.proposals;
        let stacked = |one: Vec<f32>, other: Vec<f32>| [one, other].concat();
        let weights = stacked(numbers(head.objectness.weight.val()), numbers(head.deltas.weight.val()));
        let biases = stacked(numbers(head.objectness.bias.val()), numbers(head.deltas.bias.val()));
        Some(Self {
            stages: compact.stages[..config.levels()]
                .iter()
                .map(|stage| Stage::of(&stage.enter, &stage.norm, &stage.blocks))
                .collect::<Option<_>>()?,
            lateral: detector.pyramid.lateral.iter().map(mixer).collect(),
            around: detector.pyramid.around.iter().map(around).collect::<Option<_>>()?,
            mix: detector.pyramid.mix.iter().map(mixer).collect(),
            proposals_around: around(&head.around)?,
            proposals_mix: mixer(&head.mix),
            proposals: Mixer::new(&weights, &biases),
            config,
        })
    }

    /// Features of an image, whose sides are multiples of [`DetectorConfig::multiple`].
    pub(in crate::detector) fn pyramid(&self, pixels: &[f32], width: usize, height: usize) -> FastPyramid {
        let mut stages: Vec<Features> = Vec::with_capacity(self.stages.len());
        for stage in &self.stages {
            let folded = match stages.last() {
                None => Features::folded_pixels(pixels, width, height, [FINEST_STRIDE; 2]),
                Some(finer) => finer.folded([2; 2]),
            };
            stages.push(stage.forward(&folded));
        }
        let mut levels: Vec<Features> = Vec::with_capacity(stages.len());
        let mut above: Option<Features> = None;
        for (level, stage) in stages.into_iter().enumerate().rev() {
            let joined = match above {
                Some(above) => {
                    let mut joined = above.doubled(stage.rows, stage.columns);
                    joined.mix_in(&stage, &self.lateral[level], None, true);
                    joined
                }
                None => stage.mixed(&self.lateral[level], None),
            };
            levels.push(joined.around(&self.around[level]).mixed(&self.mix[level], None));
            above = Some(joined);
        }
        levels.reverse();
        FastPyramid(levels)
    }

    /// The places that may be text within the width and height that the image has without padding, the surest first,
    /// without those that score less than `least`.
    pub(in crate::detector) fn propose(&self, pyramid: &FastPyramid, size: (f32, f32), least: f32) -> Vec<Proposal> {
        let levels = pyramid.0.iter().zip(&self.config.anchors.heights_px).zip(&self.config.strides);
        let mut found: Vec<Proposal> = Vec::new();
        for ((level, heights), stride) in levels {
            let told = level.around(&self.proposals_around).mixed(&self.proposals_mix, Some(&self.proposals));
            let shapes = anchors::shapes(heights, &self.config.anchors.ratios);
            found.extend(self.of_level(&told, &shapes, *stride, size, least));
        }
        let scores: Vec<f32> = found.iter().map(|proposal| proposal.score).collect();
        best(&scores, self.config.proposals.places(size.0, size.1)).into_iter().map(|place| found[place]).collect()
    }

    fn of_level(
        &self,
        told: &Features,
        shapes: &[Corners],
        stride: usize,
        size: (f32, f32),
        least: f32,
    ) -> Vec<Proposal> {
        let (count, columns) = (shapes.len(), told.columns);
        let mut scores = vec![0.0; told.rows * columns * count];
        for (row, scores) in scores.chunks_exact_mut(columns * count).enumerate() {
            for shape in 0..count {
                let line = told.line(row, shape);
                scores.iter_mut().skip(shape).step_by(count).zip(line).for_each(|(score, value)| *score = *value);
            }
        }
        let cell = |place: usize| (place / count / columns, place / count % columns, place % count);
        let middle = |cell: usize| (cell as f32 + 0.5) * stride as f32;
        let anchor = |place: usize| {
            let (row, column, shape) = cell(place);
            shapes[shape].moved(middle(column), middle(row), 1.0)
        };
        let deltas = |place: usize| {
            let (row, column, shape) = cell(place);
            std::array::from_fn(|side| told.line(row, count + 4 * shape + side)[column])
        };
        of_level(&scores, deltas, anchor, size, &self.config.proposals, least)
    }

    /// Features of boxes, box after box, as [`crate::detector::roi_align::CellTable::pool`] has them.
    pub(in crate::detector) fn box_features(&self, pyramid: &FastPyramid, boxes: &[Corners]) -> Vec<f32> {
        let (table, places) = self.table(pyramid);
        let (config, channels) = (&self.config.regions, self.config.pyramid_channels);
        let read = 4 * config.samples * config.samples;
        let length = config.rows * config.columns * channels;
        let mut features = vec![0.0; boxes.len() * length];
        features.par_chunks_exact_mut(length.max(1)).zip(boxes).for_each(|(features, corners)| {
            let mut plan = Plan::default();
            let place = places[level_of(corners, config, places.len())];
            plan.add(&Region { image: 0, corners: *corners }, place, config);
            let bins = plan.cells.chunks_exact(read).zip(plan.weights.chunks_exact(read));
            for (result, (cells, weights)) in features.chunks_exact_mut(channels).zip(bins) {
                let rows: Vec<usize> = cells.iter().map(|cell| *cell as usize * channels).collect();
                done(WeighedRows { table: &table, rows: &rows, weights, result });
            }
        });
        features
    }

    /// The cells of all levels, one after another, each with its channels.
    fn table(&self, pyramid: &FastPyramid) -> (Vec<f32>, Vec<Place>) {
        let channels = self.config.pyramid_channels;
        let cells = |level: &Features| level.rows * level.columns;
        let mut table = vec![0.0; pyramid.0.iter().map(cells).sum::<usize>() * channels];
        let mut places = Vec::with_capacity(pyramid.0.len());
        let (mut rest, mut first) = (&mut table[..], 0);
        for (level, stride) in pyramid.0.iter().zip(&self.config.strides) {
            let (own, others) = rest.split_at_mut(cells(level) * channels);
            own.par_chunks_exact_mut(level.columns * channels).enumerate().for_each(|(row, cells)| {
                for channel in 0..channels {
                    let to = cells.iter_mut().skip(channel).step_by(channels);
                    to.zip(level.line(row, channel)).for_each(|(cell, value)| *cell = *value);
                }
            });
            places.push(Place { first, rows: level.rows, columns: level.columns, stride: *stride as f32 });
            first += cells(level);
            rest = others;
        }
        (table, places)
    }
}
