//! The list of digests that makes the files of a folder a released model.

use crate::checkpoint::{read, write};
use crate::error::TrainError;
use efface_nets::folder::{CALIBRATION, CONFIG, DIGESTS, TOKENIZER, WEIGHTS};
use efface_schema::sha256_hex;
use std::path::Path;

/// The card: written by hand, its digest is listed with the others.
const CARD: &str = "README.md";

/// Lists the digests of a released model's files anew: after its card was written. A network over images has no
/// vocabulary.
///
/// # Errors
/// [`TrainError::Nets`].
pub fn list(folder: &Path) -> Result<(), TrainError> {
    let mut lines = String::new();
    for name in [CARD, CALIBRATION, CONFIG, WEIGHTS, TOKENIZER] {
        let path = folder.join(name);
        if ![CARD, TOKENIZER].contains(&name) || path.exists() {
            lines += &format!("{}  {name}\n", sha256_hex(&read(&path)?));
        }
    }
    write(&folder.join(DIGESTS), lines.as_bytes())
}
