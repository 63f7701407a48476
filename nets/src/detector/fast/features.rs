//! Features of an image at one stride, and what is done to all of its rows.

use super::kernels::{Convolution, LANES, Mixer, Moments, RowOfProducts, STRIPE, convolve, done};
use rayon::prelude::*;

/// Channels of cells, row after row, of a row channel after channel; see [`super::kernels`].
#[derive(Debug, Clone)]
pub(super) struct Features {
    pub(super) values: Vec<f32>,
    pub(super) channels: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// From one channel of a row to the next.
    pub(super) stride: usize,
}

/// A multiple and a shift for each channel.
pub(super) struct Scales {
    pub(super) scales: Vec<f32>,
    pub(super) shifts: Vec<f32>,
}

/// A normalisation over groups of channels of one image (Wu and He 2018).
#[derive(Debug)]
pub(super) struct Normalisation {
    pub(super) gamma: Vec<f32>,
    pub(super) beta: Vec<f32>,
    pub(super) groups: usize,
    pub(super) epsilon: f64,
}

/// A convolution of each channel by itself.
#[derive(Debug)]
pub(super) struct Around {
    /// For each channel its weights, row after row.
    pub(super) kernels: Vec<f32>,
    /// The side of a kernel.
    pub(super) side: usize,
}

impl Features {
    /// Nothing but zeros.
    pub(super) fn zeros(channels: usize, rows: usize, columns: usize) -> Self {
        let stride = columns.next_multiple_of(LANES);
        Self { values: vec![0.0; channels * rows * stride], channels, rows, columns, stride }
    }

    /// Values of a row.
    pub(super) const fn row_length(&self) -> usize {
        self.channels * self.stride
    }

    /// A channel of a row, without what means nothing.
    pub(super) fn line(&self, row: usize, channel: usize) -> &[f32] {
        &self.values[(row * self.channels + channel) * self.stride..][..self.columns]
    }

    /// Squares of `side` pixels become channels, as [`crate::detector::backbone::layers::fold`] has it.
    pub(super) fn folded_pixels(pixels: &[f32], width: usize, height: usize, side: usize) -> Self {
        let mut folded = Self::zeros(side * side, height / side, width / side);
        let (stride, length) = (folded.stride, folded.row_length());
        folded.values.par_chunks_exact_mut(length).zip(pixels.par_chunks_exact(side * width)).for_each(|(to, from)| {
            for (channel, line) in to.chunks_exact_mut(stride).enumerate() {
                let from = &from[channel / side * width..][..width];
                for (cell, square) in line.iter_mut().zip(from.chunks_exact(side)) {
                    *cell = square[channel % side];
                }
            }
        });
        folded
    }

    /// Squares of `side` cells become channels.
    pub(super) fn folded(&self, side: usize) -> Self {
        let mut folded = Self::zeros(self.channels * side * side, self.rows / side, self.columns / side);
        let (stride, length) = (folded.stride, folded.row_length());
        folded.values.par_chunks_exact_mut(length).enumerate().for_each(|(row, to)| {
            for (channel, line) in to.chunks_exact_mut(stride).enumerate() {
                let (of, place) = (channel / (side * side), channel % (side * side));
                let from = self.line(row * side + place / side, of);
                for (cell, square) in line.iter_mut().zip(from.chunks_exact(side)) {
                    *cell = square[place % side];
                }
            }
        });
        folded
    }

    /// One product, or two with a rectifier between, of every cell.
    pub(super) fn mixed(&self, first: &Mixer, second: Option<&Mixer>) -> Self {
        let mut mixed = Self::zeros(second.unwrap_or(first).to(), self.rows, self.columns);
        mixed.mix_in(self, first, second, false);
        mixed
    }

    /// Becomes such products of other features, or has them added.
    pub(super) fn mix_in(&mut self, source: &Self, first: &Mixer, second: Option<&Mixer>, adds: bool) {
        let (stride, length) = (self.stride, self.row_length());
        let rows = self.values.par_chunks_exact_mut(length).zip(source.values.par_chunks_exact(source.row_length()));
        rows.for_each(|(result, source)| RowOfProducts { source, result, stride, first, second, adds }.make());
    }

    /// Each channel convolved by itself.
    pub(super) fn around(&self, around: &Around) -> Self {
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
    pub(super) fn scales(&self, normalisation: Option<&Normalisation>) -> Scales {
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
    pub(super) fn clear_margin(&mut self) {
        let columns = self.columns;
        self.values.par_chunks_exact_mut(self.stride).for_each(|line| line[columns..].fill(0.0));
    }

    /// Every channel multiplied and moved.
    pub(super) fn scale(&mut self, by: &Scales) {
        let (stride, length) = (self.stride, self.row_length());
        self.values.par_chunks_exact_mut(length).for_each(|row| {
            for ((line, scale), shift) in row.chunks_exact_mut(stride).zip(&by.scales).zip(&by.shifts) {
                line.iter_mut().for_each(|value| *value = *value * scale + shift);
            }
        });
    }

    /// Every cell twice in both directions, filled up or cut to so many rows and columns.
    pub(super) fn doubled(&self, rows: usize, columns: usize) -> Self {
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
