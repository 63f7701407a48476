//! Writes a suite without the program around it, for validators and for looking at it.
//!
//! Usage: `write-suite DEFINITION FOLDER`.

use efface_synth::{SuiteOptions, generate};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(definition), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: write-suite DEFINITION FOLDER".into());
    };
    let settings = SuiteOptions::read(Path::new(&definition))?.resolve()?;
    let report = generate(&settings, Path::new(&folder), &|_, _| ())?;
    println!("{} instances, {} planted values", report.n_instances, report.n_planted);
    Ok(())
}
