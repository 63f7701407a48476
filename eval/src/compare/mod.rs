//! What became better and what worse between two evaluations of the same ground truth.
//!
//! The two are compared case by case: a planted value that leaks now and did not before is a new leak,
//! however many others stopped leaking. Rates are compared by pairs too, with McNemar's exact test over
//! discordant values and a bootstrap over patients, whose values are not independent.
//! A [`Gate`] turns that into pass or fail.

mod evaluated;
mod gate;
mod measured;
mod page;
mod pairs;
mod render;
mod statistics;

pub use evaluated::{Evaluated, Origin};
pub use gate::{Gate, GateResult, ShareAsked};
pub use measured::{ErrorChange, SpeedRatio};
pub use page::page;
pub use pairs::{Comparison, PairedRate, RateChange, compare};
pub use render::{junit, markdown};
pub use statistics::{N_RESAMPLES, PairedInterval, mcnemar, paired_bootstrap};
