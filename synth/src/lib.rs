//! Synthetic DICOM full of protected health information, with its ground truth.
//!
//! A suite is defined by a TOML file ([`SuiteOptions`]), which resolves to [`SuiteSettings`]; [`generate`]
//! writes it. The work runs from the general to the particular:
//!
//! 1. `vocabulary` and `identity`: names, places and numbers for one side of the split; `persona`: who the
//!    patients and the care sites are, consistent over all studies;
//! 2. `plan`: which studies, series and instances there are, when, on which device, under which UIDs;
//! 3. `iod`: one data set after another, with `grammar` over the rules of `text` for free text, `pixels` for images,
//!    `burn` for text in them;
//! 4. `plant`: the only way to put an identifying value anywhere, which writes the truth as it does so;
//! 5. `suite`, `answer_key`, `coco`, `contact_sheet`, `report`: the files; `charset`: text to bytes; `corpus`, `conll`:
//!    suites of texts.
//!
//! [`inject`] plants such persons into the user's own de-identified files instead.
//!
//! All randomness comes from named streams (`streams`), so the same seed gives the same bytes at any
//! thread count.

mod answer_key;
mod burn;
mod charset;
mod coco;
mod conll;
mod contact_sheet;
mod corpus;
mod dates;
mod encode;
mod equipment;
mod error;
mod grammar;
mod identity;
mod inject;
mod iod;
mod kinds;
mod lists;
mod odd;
mod options;
mod output;
mod persona;
mod pixels;
mod plan;
mod plant;
mod provenance;
mod report;
mod streams;
mod suite;
mod syntax;
mod text;
mod vocabulary;
mod written;

pub use burn::options::{TextOptions, TextSettings, TextSplit};
pub use error::SynthError;
pub use inject::{InjectReport, InjectSettings, inject};
pub use kinds::SeriesKind;
pub use odd::Oddity;
pub use options::{SeriesOptions, SeriesSettings, SuiteKind, SuiteOptions, SuiteSettings};
pub use report::{DrawnCounts, SuiteReport};
pub use suite::generate;
pub use syntax::Syntax;
pub use vocabulary::{Locale, Split};
