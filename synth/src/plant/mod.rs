//! Planting: putting an identifying value somewhere and recording that it stands there, in one operation.
//!
//! The text of a [`Secret`] is private to this module. A persona, a grammar or an information object
//! definition can pass secrets around, derive others from them and combine them into a [`Phrase`], but
//! only the operations of [`Sheet`] (data set), [`Sheet::plant_line`] (image), [`Sheet::plant_pdf`]
//! (document) and [`Sheet::plant_file_name`] reveal the text, and each of them writes the truth as it does so.

mod document;
mod drawn;
mod edit;
mod expected;
mod name;
mod odd;
mod phrase;
mod render;
mod rest;
mod secret;
mod sheet;
mod sparing;

pub(crate) use drawn::{Rendering, bounds};
pub(crate) use name::NameForm;
pub(crate) use phrase::{Phrase, PieceKind};
pub(crate) use secret::Secret;
pub(crate) use sheet::{Basis, Claim, ClaimKind, Sheet, Truth};
pub(crate) use sparing::Sparing;
