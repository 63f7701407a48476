//! Writes the inputs that `scripts/compare-peers.sh` and `scripts/measure-memory.sh` use.
//!
//! ```text
//! write-inputs ct FOLDER COUNT [SIDE]
//! write-inputs multi-frame FILE FRAMES
//! ```
//!
//! SIDE is the number of rows and of columns, 512 when it is not given.

use efface_benches::{CT_SIDE_PX, write_ct_instances_of_side, write_multi_frame_instance};
use std::error::Error;
use std::path::Path;

const USAGE: &str = "usage: write-inputs ct FOLDER COUNT [SIDE] | write-inputs multi-frame FILE FRAMES";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["ct", folder, count] => write_ct(Path::new(folder), count.parse()?, CT_SIDE_PX)?,
        ["ct", folder, count, side] => write_ct(Path::new(folder), count.parse()?, side.parse()?)?,
        ["multi-frame", file, count] => {
            let path = Path::new(file);
            std::fs::create_dir_all(path.parent().ok_or(USAGE)?)?;
            write_multi_frame_instance(path, count.parse()?)?;
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

fn write_ct(folder: &Path, n_instances: u32, side_px: u16) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    Ok(write_ct_instances_of_side(folder, n_instances, side_px)?)
}
