//! Sums of products over rows of features, made for vector units.
//!
//! Features of an image lie row after row: of a row every channel, of a channel every column, filled up to a multiple
//! of [`LANES`] with values that mean nothing. A row is one piece, so threads share rows out, and no number of threads
//! changes a sum.

use pulp::{Arch, Simd, WithSimd};

/// Columns are filled up to a multiple of this: the floats of the widest registers.
pub(crate) const LANES: usize = 16;
/// Rows that are convolved together, since they read each other's.
pub(crate) const STRIPE: usize = 4;
/// Channels that are made together: each value that is read serves so many sums.
const TOGETHER: usize = 8;
/// The widest kernel of a convolution.
const WIDEST: usize = 7;

/// Numbers of one register, or of two.
type Columns<S, const N: usize> = [<S as Simd>::f32s; N];

fn lanes<S: Simd>() -> usize {
    size_of::<S::f32s>() / size_of::<f32>()
}

#[inline(always)]
fn load<S: Simd>(values: &[f32]) -> S::f32s {
    S::as_simd_f32s(values).0[0]
}

#[inline(always)]
fn store<S: Simd>(values: &mut [f32], register: S::f32s) {
    S::as_mut_simd_f32s(values).0[0] = register;
}

/// A product with a matrix and a bias, over the channels of every place by itself.
#[derive(Debug, Clone)]
pub(crate) struct Mixer {
    /// For each eight channels of the result, eight weights for each channel of the source.
    weights: Vec<[f32; TOGETHER]>,
    biases: Vec<[f32; TOGETHER]>,
    from: usize,
    to: usize,
}

impl Mixer {
    /// A matrix `[to, from]`, row after row, with a bias for each row.
    pub(crate) fn new(weights: &[f32], biases: &[f32]) -> Self {
        let (to, from) = (biases.len(), weights.len() / biases.len());
        let row = |group: usize, one: usize| Some(TOGETHER * group + one).filter(|row| *row < to);
        let weight = |group: usize, column: usize| {
            std::array::from_fn(|one| row(group, one).map_or(0.0, |row| weights[row * from + column]))
        };
        let groups = 0..to.div_ceil(TOGETHER);
        Self {
            weights: groups.clone().flat_map(|group| (0..from).map(move |column| weight(group, column))).collect(),
            biases: groups
                .map(|group| std::array::from_fn(|one| row(group, one).map_or(0.0, |row| biases[row])))
                .collect(),
            from,
            to,
        }
    }

    /// Channels of the result.
    pub(crate) const fn to(&self) -> usize {
        self.to
    }

    /// The same of values of which each channel is first multiplied and then moved.
    pub(crate) fn of_scaled(&self, scales: &[f32], shifts: &[f32]) -> Self {
        let mut scaled = self.clone();
        for (weights, biases) in scaled.weights.chunks_exact_mut(self.from).zip(&mut scaled.biases) {
            for ((weights, scale), shift) in weights.iter_mut().zip(scales).zip(shifts) {
                for (weight, bias) in weights.iter_mut().zip(biases.iter_mut()) {
                    *bias += *weight * shift;
                    *weight *= scale;
                }
            }
        }
        scaled
    }

    fn groups(&self) -> impl Iterator<Item = (&[[f32; TOGETHER]], &[f32; TOGETHER])> {
        self.weights.chunks_exact(self.from).zip(&self.biases)
    }
}

/// Eight channels of a product.
#[inline(always)]
fn product<S: Simd, const N: usize>(
    simd: S,
    weights: &[[f32; TOGETHER]],
    biases: &[f32; TOGETHER],
    source: &[Columns<S, N>],
) -> [Columns<S, N>; TOGETHER] {
    let mut sums = [[simd.splat_f32s(0.0); N]; TOGETHER];
    for (sum, bias) in sums.iter_mut().zip(biases) {
        *sum = [simd.splat_f32s(*bias); N];
    }
    for (weights, values) in weights.iter().zip(source) {
        for (sum, weight) in sums.iter_mut().zip(weights) {
            let weight = simd.splat_f32s(*weight);
            for (sum, value) in sum.iter_mut().zip(values) {
                *sum = simd.mul_add_e_f32s(weight, *value, *sum);
            }
        }
    }
    sums
}

/// What becomes of a row: a product, or one product, a rectifier and another product.
pub(crate) struct RowOfProducts<'a> {
    /// The row that is read.
    pub(crate) source: &'a [f32],
    /// The row that is written.
    pub(crate) result: &'a mut [f32],
    /// From one channel of a row to the next.
    pub(crate) stride: usize,
    /// The first product.
    pub(crate) first: &'a Mixer,
    /// The second one, of the rectified first.
    pub(crate) second: Option<&'a Mixer>,
    /// Whether what is in the result is added to.
    pub(crate) adds: bool,
}

impl RowOfProducts<'_> {
    /// Does it.
    pub(crate) fn make(self) {
        Arch::new().dispatch(self);
    }

    #[inline(always)]
    fn columns<S: Simd, const N: usize>(&mut self, simd: S, at: usize, hidden: &mut Hidden<S, N>) {
        let place = |channel: usize| channel * self.stride + at;
        for (channel, values) in hidden.source.iter_mut().enumerate() {
            let from = &self.source[place(channel)..];
            for (number, value) in values.iter_mut().enumerate() {
                *value = load::<S>(&from[number * lanes::<S>()..]);
            }
        }
        let zero = simd.splat_f32s(0.0);
        if self.second.is_some() {
            for ((weights, biases), made) in self.first.groups().zip(hidden.between.chunks_exact_mut(TOGETHER)) {
                let sums = product::<S, N>(simd, weights, biases, &hidden.source);
                for (made, sum) in made.iter_mut().zip(sums) {
                    *made = sum.map(|sum| simd.max_f32s(sum, zero));
                }
            }
        }
        let last = self.second.unwrap_or(self.first);
        let read: &[Columns<S, N>] = if self.second.is_some() { &hidden.between } else { &hidden.source };
        for (group, (weights, biases)) in last.groups().enumerate() {
            let sums = product::<S, N>(simd, weights, biases, read);
            let channels = (TOGETHER * group)..last.to.min(TOGETHER * (group + 1));
            for (channel, sum) in channels.zip(sums) {
                let to = &mut self.result[channel * self.stride + at..];
                for (number, sum) in sum.into_iter().enumerate() {
                    let to = &mut to[number * lanes::<S>()..];
                    let sum = if self.adds { simd.add_f32s(sum, load::<S>(to)) } else { sum };
                    store::<S>(to, sum);
                }
            }
        }
    }

    fn hidden<S: Simd, const N: usize>(&self, simd: S) -> Hidden<S, N> {
        let zero = [simd.splat_f32s(0.0); N];
        Hidden {
            source: vec![zero; self.first.from],
            between: vec![zero; self.second.map_or(0, |_| self.first.biases.len() * TOGETHER)],
        }
    }
}

/// What the columns of a row are while they are worked on.
struct Hidden<S: Simd, const N: usize> {
    source: Vec<Columns<S, N>>,
    between: Vec<Columns<S, N>>,
}

impl WithSimd for RowOfProducts<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (lanes, mut at) = (lanes::<S>(), 0);
        // Where there are registers enough, each weight serves two.
        if lanes == LANES {
            let mut hidden = self.hidden::<S, 2>(simd);
            while at + 2 * lanes <= self.stride {
                self.columns(simd, at, &mut hidden);
                at += 2 * lanes;
            }
        }
        let mut hidden = self.hidden::<S, 1>(simd);
        while at < self.stride {
            self.columns(simd, at, &mut hidden);
            at += lanes;
        }
    }
}

/// The rows of a picture of features that a stripe of a convolution reads and writes.
pub(crate) struct Convolution<'a> {
    /// All rows.
    pub(crate) source: &'a [f32],
    /// The rows of the stripe, [`STRIPE`] at most.
    pub(crate) result: &'a mut [f32],
    /// The first row of the stripe.
    pub(crate) first: usize,
    /// Rows of the source.
    pub(crate) rows: usize,
    /// Columns that mean something.
    pub(crate) columns: usize,
    /// From one channel of a row to the next.
    pub(crate) stride: usize,
    /// For each channel the weights, row after row.
    pub(crate) kernels: &'a [f32],
}

/// Convolves each channel of a stripe with its own kernel of `side` by `side`, 3, 5 or 7; what lies outside is 0, and
/// so are the columns of the result that mean nothing.
pub(crate) fn convolve(stripe: Convolution<'_>, side: usize) {
    match side {
        3 => Arch::new().dispatch(Sided::<3>(stripe)),
        5 => Arch::new().dispatch(Sided::<5>(stripe)),
        _ => Arch::new().dispatch(Sided::<WIDEST>(stripe)),
    }
}

struct Sided<'a, const SIDE: usize>(Convolution<'a>);

impl<const SIDE: usize> WithSimd for Sided<'_, SIDE> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Convolution { source, result, first, rows, columns, stride, kernels } = self.0;
        let (lanes, margin, pitch) = (lanes::<S>(), SIDE / 2, stride + SIDE - 1);
        let channels = kernels.len() / (SIDE * SIDE);
        let in_stripe = result.len() / (channels * stride);
        let mut read = vec![0.0; (STRIPE + SIDE - 1) * pitch];
        for (channel, kernel) in kernels.chunks_exact(SIDE * SIDE).enumerate() {
            for (line, read) in read.chunks_exact_mut(pitch).enumerate() {
                let to = &mut read[margin..margin + columns];
                match (first + line).checked_sub(margin).filter(|row| *row < rows) {
                    Some(row) => to.copy_from_slice(&source[(row * channels + channel) * stride..][..columns]),
                    None => to.fill(0.0),
                }
            }
            for at in (0..stride).step_by(lanes) {
                let mut sums = [simd.splat_f32s(0.0); STRIPE];
                for down in 0..SIDE {
                    let weights = &kernel[down * SIDE..(down + 1) * SIDE];
                    for (line, sum) in sums.iter_mut().enumerate() {
                        let window = &read[(line + down) * pitch + at..][..lanes + SIDE - 1];
                        for across in 0..SIDE {
                            let values = load::<S>(&window[across..across + lanes]);
                            *sum = simd.mul_add_e_f32s(simd.splat_f32s(weights[across]), values, *sum);
                        }
                    }
                }
                for (line, sum) in sums.into_iter().enumerate().take(in_stripe) {
                    store::<S>(&mut result[(line * channels + channel) * stride + at..][..lanes], sum);
                }
            }
        }
        for row in result.chunks_exact_mut(stride) {
            row[columns..].fill(0.0);
        }
    }
}

/// The sum of the values of a channel of a row, and that of their squares; columns that mean nothing must be 0.
pub(crate) struct Moments<'a>(pub(crate) &'a [f32]);

impl WithSimd for Moments<'_> {
    type Output = (f32, f32);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> (f32, f32) {
        let (values, _) = S::as_simd_f32s(self.0);
        let zero = simd.splat_f32s(0.0);
        let add = |(sum, squares), value: &S::f32s| {
            (simd.add_f32s(sum, *value), simd.mul_add_e_f32s(*value, *value, squares))
        };
        let (sum, squares) = values.iter().fold((zero, zero), add);
        (simd.reduce_sum_f32s(sum), simd.reduce_sum_f32s(squares))
    }
}

/// Adds rows of a table, each with its weight: `result += Σ weight · table[row]`.
pub(crate) struct WeighedRows<'a> {
    /// All rows.
    pub(crate) table: &'a [f32],
    /// Which rows, by their first place in the table.
    pub(crate) rows: &'a [usize],
    /// The weight of each.
    pub(crate) weights: &'a [f32],
    /// As long as a row.
    pub(crate) result: &'a mut [f32],
}

impl WithSimd for WeighedRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (length, lanes) = (self.result.len(), lanes::<S>());
        let whole = length / lanes * lanes;
        for at in (0..whole).step_by(lanes) {
            let mut sum = load::<S>(&self.result[at..]);
            for (row, weight) in self.rows.iter().zip(self.weights) {
                sum = simd.mul_add_e_f32s(simd.splat_f32s(*weight), load::<S>(&self.table[row + at..]), sum);
            }
            store::<S>(&mut self.result[at..], sum);
        }
        for at in whole..length {
            for (row, weight) in self.rows.iter().zip(self.weights) {
                self.result[at] += weight * self.table[row + at];
            }
        }
    }
}

/// Calls [`WithSimd`] work with the widest registers that there are.
pub(crate) fn done<W: WithSimd>(work: W) -> W::Output {
    Arch::new().dispatch(work)
}
