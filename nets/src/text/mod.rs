//! From characters to the numbers that a network reads. Training and inference share every line of this.

pub mod features;
pub mod pieces;
mod tokenizer;
pub mod windows;

pub use tokenizer::{Token, Tokenizer};
