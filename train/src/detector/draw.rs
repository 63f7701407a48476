//! Which squares a step learns from.

use super::crops::{Crop, crop};
use super::{DetectorTraining, PictureStore};
use crate::config::Split;
use crate::error::TrainError;
use crate::streams::{below, stream};
use rayon::prelude::*;

/// The squares of a step, counted from 0. What a square is depends on seed, step and place alone: not on the steps
/// before, nor on the threads.
///
/// # Errors
/// [`TrainError::Nets`], and [`TrainError::Empty`] if no picture is for training.
pub fn squares(config: &DetectorTraining, store: &PictureStore, step: u64) -> Result<Vec<Crop>, TrainError> {
    let pictures: Vec<_> = store.pictures().iter().filter(|picture| picture.split == Split::Train).collect();
    if pictures.is_empty() {
        return Err(TrainError::Empty { part: "train" });
    }
    let sizes = &config.crops.sizes;
    let side = sizes[below(&mut stream(config.seed, "crop-size", &[step]), sizes.len())];
    let one = |place: u64| {
        let mut random = stream(config.seed, "crop", &[step, place]);
        let picture = pictures[below(&mut random, pictures.len())];
        crop(store, picture, side, &config.crops, &mut random)
    };
    (0..u64::from(config.optimizer.squares)).into_par_iter().map(one).collect()
}
