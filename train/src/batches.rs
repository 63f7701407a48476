//! Which texts are trained on together, and in which order.
//!
//! A batch is padded to its longest text, so texts of like length belong together; but an order by length alone would
//! show the network all short texts first.
//! Every epoch puts all items in a random order, cuts that order into windows, sorts each window by length, cuts it
//! into batches that keep the budget, and puts the batches of the window in a random order.
//!
//! A plan follows from lengths, settings and epoch alone: training that is resumed at some step makes the epoch's plan
//! anew, reads no text for it, and goes on with [`BatchPlan::batches_from`].

use crate::streams::{shuffle, stream};
use rayon::prelude::*;
use std::num::{NonZeroU32, NonZeroUsize};
use std::ops::Range;

/// How batches are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchSettings {
    /// Most tokens of a batch with its padding: number of texts times padded length.
    pub token_budget: NonZeroU32,
    /// Lengths are padded to a multiple of this many tokens; 8 suits the kernels of processors and GPUs, 1 pads least.
    pub pad_multiple: NonZeroU32,
    /// How many texts are sorted by length at a time. More of them mean less padding and less chance.
    pub window: NonZeroUsize,
    /// Root of the random numbers.
    pub seed: u64,
}

/// Texts that are trained on together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch<'p> {
    /// Their numbers, counted from 0, in ascending order of length.
    pub items: &'p [u32],
    /// Tokens that each of them is padded to.
    pub padded_length: u32,
}

/// No plan could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// A text does not fit into a batch of its own.
    #[error(
        "make batches: text {item} has {length} tokens with its padding, more than the budget of {budget}; raise \
         `batch-tokens` or lower `max-tokens`"
    )]
    TooLong {
        /// Which text, counted from 0.
        item: usize,
        /// Its padded length in tokens.
        length: u64,
        /// The budget in tokens.
        budget: u32,
    },
    /// There are more texts than a plan can number.
    #[error("make batches: {n_items} texts are more than {}; train on a part of them", u32::MAX)]
    TooMany {
        /// How many there are.
        n_items: usize,
    },
}

/// The batches of an epoch, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchPlan {
    items: Vec<u32>,
    batches: Vec<(Range<usize>, u32)>,
    n_tokens: u64,
}

impl BatchPlan {
    /// The batches of one epoch, the same at any number of threads. `lengths` are tokens of each text; a text of no
    /// tokens counts as one of one.
    ///
    /// # Errors
    /// [`BatchError`].
    ///
    /// # Example
    /// ```
    /// use efface_train::batches::{BatchPlan, BatchSettings};
    /// let at_least_1 = |number: u32| number.try_into().unwrap();
    /// let settings = BatchSettings {
    ///     token_budget: at_least_1(64),
    ///     pad_multiple: at_least_1(8),
    ///     window: 100.try_into().unwrap(),
    ///     seed: 1,
    /// };
    /// let plan = BatchPlan::for_epoch(&[5, 60, 7, 8, 30], &settings, 0)?;
    /// // The three short texts together, the one of 30 tokens and the one of 60 alone.
    /// let mut sizes: Vec<usize> = plan.batches_from(0).map(|batch| batch.items.len()).collect();
    /// sizes.sort_unstable();
    /// assert_eq!(sizes, [1, 1, 3]);
    /// # Ok::<(), efface_train::batches::BatchError>(())
    /// ```
    pub fn for_epoch(lengths: &[u32], settings: &BatchSettings, epoch: u64) -> Result<Self, BatchError> {
        let mut order = numbers(lengths, settings)?;
        shuffle(&mut order, &mut stream(settings.seed, "order of texts", &[epoch]));
        let windows: Vec<Self> = order
            .par_chunks_mut(settings.window.get())
            .enumerate()
            .map(|(window, items)| {
                let sorted = Self::sorted(items, lengths, settings);
                let mut random = stream(settings.seed, "order of batches", &[epoch, window as u64]);
                sorted.in_random_order(&mut random)
            })
            .collect();
        Ok(windows.into_iter().fold(Self::default(), Self::followed_by))
    }

    /// Batches for evaluation: all texts once, by length, in an order that no seed changes.
    ///
    /// # Errors
    /// [`BatchError`].
    pub fn by_length(lengths: &[u32], settings: &BatchSettings) -> Result<Self, BatchError> {
        let mut order = numbers(lengths, settings)?;
        Ok(Self::sorted(&mut order, lengths, settings))
    }

    /// Number of batches.
    pub const fn n_batches(&self) -> usize {
        self.batches.len()
    }

    /// Tokens of all texts, padding left out.
    pub const fn n_tokens(&self) -> u64 {
        self.n_tokens
    }

    /// Tokens of all batches, with padding.
    pub fn n_padded_tokens(&self) -> u64 {
        self.batches.iter().map(|(range, padded)| range.len() as u64 * u64::from(*padded)).sum()
    }

    /// The batch of a step, counted from 0 in the epoch; nothing after the last one.
    pub fn batch(&self, step: usize) -> Option<Batch<'_>> {
        let (range, padded_length) = self.batches.get(step)?;
        Some(Batch { items: &self.items[range.clone()], padded_length: *padded_length })
    }

    /// The batches from a step on: where training is resumed.
    pub fn batches_from(&self, step: usize) -> impl Iterator<Item = Batch<'_>> {
        (step..self.n_batches()).filter_map(|step| self.batch(step))
    }

    /// Sorts items by length, those of equal length as they come, and cuts them into batches.
    fn sorted(items: &mut [u32], lengths: &[u32], settings: &BatchSettings) -> Self {
        let padded = |item: u32| padded_length(lengths[item as usize], settings) as u32;
        items.sort_by_key(|item| lengths[*item as usize]);
        let mut batches: Vec<(Range<usize>, u32)> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let padded = padded(*item);
            match batches.last_mut() {
                Some((range, longest))
                    if (range.len() as u64 + 1) * u64::from(padded) <= u64::from(settings.token_budget.get()) =>
                {
                    range.end = at + 1;
                    *longest = padded;
                }
                _ => batches.push((at..at + 1, padded)),
            }
        }
        let n_tokens = items.iter().map(|item| u64::from(lengths[*item as usize])).sum();
        Self { items: items.to_vec(), batches, n_tokens }
    }

    fn in_random_order(mut self, random: &mut rand_chacha::ChaCha8Rng) -> Self {
        shuffle(&mut self.batches, random);
        let mut ordered = Self { n_tokens: self.n_tokens, ..Self::default() };
        for (range, padded) in self.batches {
            let start = ordered.items.len();
            ordered.items.extend(&self.items[range]);
            ordered.batches.push((start..ordered.items.len(), padded));
        }
        ordered
    }

    fn followed_by(mut self, next: Self) -> Self {
        let start = self.items.len();
        self.items.extend(next.items);
        let moved = |(range, padded): (Range<usize>, u32)| (range.start + start..range.end + start, padded);
        self.batches.extend(next.batches.into_iter().map(moved));
        self.n_tokens += next.n_tokens;
        self
    }
}

/// Number of batches of the first epochs together: what a learning-rate schedule needs to know.
///
/// # Errors
/// [`BatchError`].
pub fn n_steps(lengths: &[u32], settings: &BatchSettings, n_epochs: u64) -> Result<u64, BatchError> {
    (0..n_epochs).try_fold(0, |sum, epoch| Ok(sum + BatchPlan::for_epoch(lengths, settings, epoch)?.n_batches() as u64))
}

fn padded_length(length: u32, settings: &BatchSettings) -> u64 {
    u64::from(length.max(1)).next_multiple_of(u64::from(settings.pad_multiple.get()))
}

/// The numbers of all texts, each of which fits into a batch.
fn numbers(lengths: &[u32], settings: &BatchSettings) -> Result<Vec<u32>, BatchError> {
    let n_items = u32::try_from(lengths.len()).map_err(|_| BatchError::TooMany { n_items: lengths.len() })?;
    let budget = settings.token_budget.get();
    let padded = lengths.iter().map(|length| padded_length(*length, settings));
    match padded.enumerate().find(|(_, length)| *length > u64::from(budget)) {
        Some((item, length)) => Err(BatchError::TooLong { item, length, budget }),
        None => Ok((0..n_items).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn settings(token_budget: u32, pad_multiple: u32, window: usize, seed: u64) -> BatchSettings {
        BatchSettings {
            token_budget: NonZeroU32::new(token_budget).expect("not 0"),
            pad_multiple: NonZeroU32::new(pad_multiple).expect("not 0"),
            window: NonZeroUsize::new(window).expect("not 0"),
            seed,
        }
    }

    fn at_threads(n_threads: usize, lengths: &[u32], settings: &BatchSettings, epoch: u64) -> BatchPlan {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().expect("a pool");
        pool.install(|| BatchPlan::for_epoch(lengths, settings, epoch)).expect("every text fits")
    }

    fn any_settings() -> impl Strategy<Value = BatchSettings> {
        (64_u32..600, 1_u32..16, 1_usize..40, any::<u64>())
            .prop_map(|(budget, pad, window, seed)| settings(budget, pad, window, seed))
    }

    proptest! {
        #[test]
        fn every_text_comes_once_and_the_budget_is_kept(
            lengths in prop::collection::vec(0_u32..50, 0..150),
            settings in any_settings(),
            epoch in 0_u64..5,
        ) {
            for plan in [
                BatchPlan::for_epoch(&lengths, &settings, epoch).expect("every text fits"),
                BatchPlan::by_length(&lengths, &settings).expect("every text fits"),
            ] {
                let mut seen: Vec<u32> = Vec::new();
                for batch in plan.batches_from(0) {
                    prop_assert!(!batch.items.is_empty());
                    let longest = batch.items.iter().map(|item| lengths[*item as usize]).max().expect("not empty");
                    prop_assert!(batch.padded_length >= longest.max(1));
                    prop_assert!(batch.padded_length < longest.max(1) + settings.pad_multiple.get());
                    prop_assert_eq!(batch.padded_length % settings.pad_multiple, 0);
                    prop_assert!(batch.items.len() as u32 * batch.padded_length <= settings.token_budget.get());
                    seen.extend(batch.items);
                }
                seen.sort_unstable();
                prop_assert_eq!(seen, (0..lengths.len() as u32).collect::<Vec<_>>());
                prop_assert_eq!(plan.n_tokens(), lengths.iter().map(|length| u64::from(*length)).sum::<u64>());
                prop_assert!(plan.n_padded_tokens() >= plan.n_tokens());
            }
        }

        #[test]
        fn a_plan_is_the_same_at_any_number_of_threads_and_resumes_anywhere(
            lengths in prop::collection::vec(1_u32..50, 1..150),
            settings in any_settings(),
            epoch in 0_u64..5,
            step in 0_usize..60,
        ) {
            let plan = at_threads(1, &lengths, &settings, epoch);
            prop_assert_eq!(&at_threads(4, &lengths, &settings, epoch), &plan);
            let rest: Vec<Batch<'_>> = plan.batches_from(step).collect();
            let all: Vec<Batch<'_>> = plan.batches_from(0).collect();
            prop_assert_eq!(rest, all.get(step..).unwrap_or_default());
        }
    }

    #[test]
    fn epochs_and_seeds_give_other_orders() {
        let lengths: Vec<u32> = (0..500).map(|item| 2 + item % 60).collect();
        let plan = |seed, epoch| BatchPlan::for_epoch(&lengths, &settings(512, 8, 100, seed), epoch).expect("they fit");
        assert_ne!(plan(1, 0).items, plan(1, 1).items);
        assert_ne!(plan(1, 0).items, plan(2, 0).items);
    }

    #[test]
    fn sorting_saves_padding_and_leaves_no_order_by_length() {
        let mut random = stream(3, "test", &[]);
        let lengths: Vec<u32> = (0..5000).map(|_| 4 + crate::streams::below(&mut random, 60) as u32).collect();
        let plan = |window| BatchPlan::for_epoch(&lengths, &settings(1024, 1, window, 1), 0).expect("they fit");
        let share = |plan: &BatchPlan| plan.n_padded_tokens() as f64 / plan.n_tokens() as f64;
        // Batches of 16 texts out of 1,000: hardly any padding; out of 16: to nearly twice the mean.
        assert!(share(&plan(1000)) < 1.05, "{}", share(&plan(1000)));
        assert!(share(&plan(16)) > 1.5, "{}", share(&plan(16)));
        let sorted = plan(1000);
        let padded: Vec<u32> = sorted.batches_from(0).map(|batch| batch.padded_length).collect();
        let n_falls = padded.windows(2).filter(|pair| pair[1] < pair[0]).count();
        assert!(n_falls * 3 > padded.len(), "{n_falls} of {}", padded.len());
    }

    #[test]
    fn a_text_beyond_the_budget_is_named() {
        let error = BatchPlan::for_epoch(&[3, 61], &settings(63, 8, 10, 0), 0).expect_err("64 are more than 63");
        assert_eq!(error, BatchError::TooLong { item: 1, length: 64, budget: 63 });
        assert!(error.to_string().contains("batch-tokens"));
    }

    #[test]
    fn steps_are_counted_over_epochs() {
        let lengths: Vec<u32> = (0..300).map(|item| 2 + item % 40).collect();
        let settings = settings(256, 8, 50, 4);
        let count = |epoch| BatchPlan::for_epoch(&lengths, &settings, epoch).expect("they fit").n_batches() as u64;
        assert_eq!(n_steps(&lengths, &settings, 3), Ok(count(0) + count(1) + count(2)));
    }
}
