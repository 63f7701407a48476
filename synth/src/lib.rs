//! Synthetic DICOM full of protected health information, with its ground truth.
//!
//! A suite is defined by a TOML file ([`SuiteOptions`]), which resolves to [`SuiteSettings`]; [`generate`]
//! writes it. The work runs from the general to the particular:
//!
//! 1. `vocabulary` and `identity`: names, places and numbers for one side of the split; `persona`: who the
//!    patients and the care sites are, consistent over all studies;
//! 2. `plan`: which studies, series and instances there are, when, on which device, under which UIDs;
//! 3. `iod`: one data set after another, with `grammar` over the rules of `text` for free text, `pixels` for images, `burn` for
//!    text in them;
//! 4. `plant`: the only way to put an identifying value anywhere, which writes the truth as it does so;
//! 5. `suite`, `answer_key`, `report`: the files; `charset`: text to bytes; `corpus`, `conll`: suites of texts.
//!
//! All randomness comes from named streams (`streams`), so the same seed gives the same bytes at any
//! thread count.

mod answer_key;
mod burn;
mod charset;
mod conll;
mod corpus;
mod dates;
mod encode;
mod error;
mod grammar;
mod identity;
mod iod;
mod lists;
mod options;
mod output;
mod persona;
mod pixels;
mod plan;
mod plant;
mod report;
mod streams;
mod suite;
mod text;
mod vocabulary;

pub use error::SynthError;
pub use options::{SeriesKind, SeriesOptions, SeriesSettings, SuiteKind, SuiteOptions, SuiteSettings};
pub use report::SuiteReport;
pub use suite::generate;
pub use vocabulary::{Locale, Split};
