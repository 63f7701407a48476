//! The networks and nothing else: preprocessing that training and inference share, modules, weights, calibration.
//!
//! A text goes this way: [`text::pieces`] cuts it, [`text::Tokenizer`] makes tokens that know their characters,
//! [`text::features`] describes what an uncased vocabulary cannot see, [`TokenClassifier`] gives a score to every
//! tag of every token, and [`tags`] turns scores into spans that are valid and know their probability.
//! [`Recognizer`] is all of it over a folder with a released model.
//!
//! A frame goes another way: [`detector`] finds the text in it, and [`reader`] reads it; both say how sure they are.

pub mod block;
pub mod calibration;
pub mod classifier;
pub mod detector;
pub mod device;
pub mod encoder;
mod error;
mod fast;
pub mod folder;
mod gelu;
pub mod layers;
pub mod noise;
pub mod reader;
pub mod recognizer;
pub mod tags;
pub mod text;
pub mod weights;

pub use classifier::{Batch, TokenClassifier};
pub use error::NetsError;
pub use folder::ModelFolder;
pub use recognizer::{Context, Found, Reading, Recognizer, Settings};
