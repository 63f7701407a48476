//! Features of an image at one stride, and what is done to all of its rows.

use super::kernels::{Convolution, LANES, Mixer, Moments, RowOfProducts, STRIPE, convolve, done};
use rayon::prelude::*;

/// Channels of cells, row after row, of a row channel after channel; see [`super::kernels`].
#[derive(Debug, Clone)]
pub(crate) struct Features {
    pub(crate) values: Vec<f32>,
    pub(crate) channels: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// From one channel of a row to the next.
    pub(crate) stride: usize,
}

/// A multiple and a shift for each channel.
pub(crate) struct Scales {
    pub(crate) scales: Vec<f32>,
    pub(crate) shifts: Vec<f32>,
}

/// A normalisation over groups of channels of one image (Wu and He 2018).
#[derive(Debug)]
pub(crate) struct Normalisation {
    pub(crate) gamma: Vec<f32>,
    pub(crate) beta: Vec<f32>,
    pub(crate) groups: usize,
    pub(crate) epsilon: f64,
}

/// A convolution of each channel by itself.
#[derive(Debug)]
pub(crate) struct Around {
    /// For each channel its weights, row after row.
    pub(crate) kernels: Vec<f32>,
    /// The side of a kernel.
    pub(crate) side: usize,
}

impl Features {
    /// Nothing but zeros.
    pub(crate) fn zeros(channels: usize, rows: usize, columns: usize) -> Self {
        let stride = columns.next_multiple_of(LANES);
        Self { values: vec![0.0; channels * rows * stride], channels, rows, columns, stride }
    }

    /// Values of a row.
    pub(crate) const fn row_length(&self) -> usize {
        self.channels * self.stride
    }

    /// A channel of a row, without what means nothing.
    pub(crate) fn line(&self, row: usize, channel: usize) -> &[f32] {
        &self.values[(row * self.channels + channel) * self.stride..][..self.columns]
    }

    /// Rectangles of `down` by `across` pixels become channels, as [`crate::layers::fold`] has it.
    pub(crate) fn folded_pixels(pixels: &[f32], width: usize, height: usize, [down, across]: [usize; 2]) -> Self {
        let mut folded = Self::zeros(down * across, height / down, width / across);
        let (stride, length) = (folded.stride, folded.row_length());
        folded.values.par_chunks_exact_mut(length).zip(pixels.par_chunks_exact(down * width)).for_each(|(to, from)| {
            for (channel, line) in to.chunks_exact_mut(stride).enumerate() {
                let from = &from[channel / across * width..][..width];
                for (cell, run) in line.iter_mut().zip(from.chunks_exact(across)) {
                    *cell = run[channel % across];
                }
            }
        });
        folded
    }

    /// Rectangles of `down` by `across` cells become channels.
    pub(crate) fn folded(&self, [down, across]: [usize; 2]) -> Self {
        let cells = down * across;
        let mut folded = Self::zeros(self.channels * cells, self.rows / down, self.columns / across);
        let (stride, length) = (folded.stride, folded.row_length());
        folded.values.par_chunks_exact_mut(length).enumerate().for_each(|(row, to)| {
            for (channel, line) in to.chunks_exact_mut(stride).enumerate() {
                let (of, place) = (channel / cells, channel % cells);
                let from = self.line(row * down + place / across, of);
                for (cell, run) in line.iter_mut().zip(from.chunks_exact(across)) {
                    *cell = run[place % across];
                }
            }
        });
        folded
    }

    /// One product, or two with a rectifier between, of every cell.
    pub(crate) fn mixed(&self, first: &Mixer, second: Option<&Mixer>) -> Self {
        let mut mixed = Self::zeros(second.unwrap_or(first).to(), self.rows, self.columns);
        mixed.mix_in(self, first, second, false);
        mixed
    }

    /// Becomes such products of other features, or has them added.
    pub(crate) fn mix_in(&mut self, source: &Self, first: &Mixer, second: Option<&Mixer>, adds: bool) {
        let (stride, length) = (self.stride, self.row_length());
        let rows = self.values.par_chunks_exact_mut(length).zip(source.values.par_chunks_exact(source.row_length()));
        rows.for_each(|(result, source)| RowOfProducts { source, result, stride, first, second, adds }.make());
    }

    /// Each channel convolved by itself.
    pub(crate) fn around(&self, around: &Around) -> Self {
        let mut found = Self::zeros(self.channels, self.rows, self.columns);
        let length = found.row_length();
        found.values.par_chunks_mut(STRIPE * length).enumerate().for_each(|(number, result)| {
            let stripe = Convolution {
                source: &self.values,
                result,
                first: number * STRIPE,
                rows: self.rows,
                columns: self.columns,
                stride: self.stride,
                kernels: &around.kernels,
            };
            convolve(stripe, around.side);
        });
        found
    }

    /// What the normalisation multiplies and adds; columns that mean nothing must be 0.
    pub(crate) fn scales(&self, normalisation: Option<&Normalisation>) -> Scales {
        let Some(normalisation) = normalisation else {
            return Scales { scales: vec![1.0; self.channels], shifts: vec![0.0; self.channels] };
        };
        let lines = self.values.par_chunks_exact(self.stride).map(|line| done(Moments(line)));
        let moments: Vec<(f32, f32)> = lines.collect();
        let together = self.channels / normalisation.groups;
        let count = (together * self.rows * self.columns) as f64;
        let mut sums = vec![(0.0_f64, 0.0_f64); normalisation.groups];
        for row in moments.chunks_exact(self.channels) {
            for (sum, channels) in sums.iter_mut().zip(row.chunks_exact(together)) {
                for (values, squares) in channels {
                    sum.0 += f64::from(*values);
                    sum.1 += f64::from(*squares);
                }
            }
        }
        let (mut scales, mut shifts) = (Vec::with_capacity(self.channels), Vec::with_capacity(self.channels));
        for channel in 0..self.channels {
            let (values, squares) = sums[channel / together];
            let mean = values / count;
            let variance = (squares / count - mean * mean).max(0.0);
            let scale = f64::from(normalisation.gamma[channel]) / (variance + normalisation.epsilon).sqrt();
            scales.push(scale as f32);
            shifts.push((f64::from(normalisation.beta[channel]) - mean * scale) as f32);
        }
        Scales { scales, shifts }
    }

    /// Sets columns that mean nothing to 0.
    pub(crate) fn clear_margin(&mut self) {
        let columns = self.columns;
        self.values.par_chunks_exact_mut(self.stride).for_each(|line| line[columns..].fill(0.0));
    }

    /// Every channel multiplied and moved.
    pub(crate) fn scale(&mut self, by: &Scales) {
        let (stride, length) = (self.stride, self.row_length());
        self.values.par_chunks_exact_mut(length).for_each(|row| {
            for ((line, scale), shift) in row.chunks_exact_mut(stride).zip(&by.scales).zip(&by.shifts) {
                line.iter_mut().for_each(|value| *value = *value * scale + shift);
            }
        });
    }

    /// Every cell twice in both directions, filled up or cut to so many rows and columns.
    pub(crate) fn doubled(&self, rows: usize, columns: usize) -> Self {
        let mut doubled = Self::zeros(self.channels, rows, columns);
        let (stride, length) = (doubled.stride, doubled.row_length());
        doubled.values.par_chunks_exact_mut(length).enumerate().for_each(|(row, to)| {
            for (channel, line) in to.chunks_exact_mut(stride).enumerate() {
                for (pair, value) in line[..columns].chunks_mut(2).zip(self.line(row / 2, channel)) {
                    pair.fill(*value);
                }
            }
        });
        doubled
    }
}
