//! Writes the drawings of the tests as DICOM files in every transfer syntax that this crate encodes.
//!
//! `scripts/codestream-fixtures.sh` gives them to other programs, which say what they decode to.

#[path = "../tests/drawn/mod.rs"]
mod drawn;

use sha2::{Digest, Sha256};
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: write-codestreams FOLDER")?);
    for (name, drawing) in drawn::DRAWINGS {
        for (encoder_name, transfer_syntax, encoder) in drawn::ENCODERS {
            drawing
                .encapsulated(transfer_syntax, encoder)
                .write_to_file(folder.join(format!("{name}.{encoder_name}.dcm")))?;
            let digest = Sha256::digest(drawing.codestreams(encoder).concat());
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            println!("{name},{encoder_name},{digest}");
        }
    }
    Ok(())
}
