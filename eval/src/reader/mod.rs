//! A reader of DICOM files that only reads.
//!
//! The scorer grades files that a tool wrote with its own library.
//! If both used the same one, a value that the library overlooks (behind an odd length, in an unknown
//! sequence, after the pixel data) would be left in by the tool and missed by the grader.
//! So this reader shares no code with the pipeline: it walks the encoded elements, keeps every value as
//! the bytes that stand in the file, and lets its callers decide what they mean.
//! It never fails on a damaged data set; it says how far it came.
//!
//! - [`data_set`]: elements, items and their bytes.
//! - [`dictionary`]: names and value representations as pydicom 2.2.1 knows them.
//! - [`text`]: character sets.

pub(crate) mod data_set;
pub(crate) mod dictionary;
pub(crate) mod text;

pub(crate) use data_set::{DataSet, Element, Instance, Source, Tag, Value};
pub(crate) use text::Charset;
