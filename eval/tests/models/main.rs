//! Metrics for models agree with independent implementations, whose numbers are committed as fixtures.
//!
//! `scripts/fixtures` holds what made them; each fixture names the versions of the packages.

mod calibration;
mod detector;
mod intervals;
mod ner;
mod throughput;

use std::path::PathBuf;

/// Reads a fixture.
fn fixture<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/models");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).expect("a committed fixture");
    serde_json::from_str(&text).expect("a fixture of the expected form")
}

/// Fails unless two numbers are the same within a tolerance, relative where they are large.
#[track_caller]
fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let scale = expected.abs().max(1.0);
    assert!((found - expected).abs() <= tolerance * scale, "{what}: {found} instead of {expected}");
}
