//! Writes the inputs that the benches and `scripts/measure-memory.sh` use.
//!
//! ```text
//! write-inputs ct FOLDER COUNT
//! write-inputs multi-frame FILE FRAMES
//! ```

use efface_benches::{write_ct_instances, write_multi_frame_instance};
use std::error::Error;
use std::path::Path;

const USAGE: &str = "usage: write-inputs ct FOLDER COUNT | write-inputs multi-frame FILE FRAMES";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, path, count] = arguments.as_slice() else { return Err(USAGE.into()) };
    let (path, count) = (Path::new(path), count.parse()?);
    match kind.as_str() {
        "ct" => {
            std::fs::create_dir_all(path)?;
            write_ct_instances(path, count)?;
        }
        "multi-frame" => {
            std::fs::create_dir_all(path.parent().ok_or(USAGE)?)?;
            write_multi_frame_instance(path, count)?;
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}
