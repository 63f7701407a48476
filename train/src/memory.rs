//! Whether the machine can hold what a step remembers: said before it begins, since a processor's memory ends in a
//! kill and not in an error.

use crate::error::TrainError;

const MEBIBYTE: u64 = 1 << 20;

/// Bytes that are free, as the system says; nothing where it does not.
fn free() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}

/// Refuses a step that needs more bytes than are free; `knob` is the setting that makes it smaller.
pub(crate) fn check(needed: u64, knob: &'static str) -> Result<(), TrainError> {
    match free() {
        Some(free) if needed > free => {
            Err(TrainError::Memory { knob, needed: needed / MEBIBYTE, free: free / MEBIBYTE })
        }
        _ => Ok(()),
    }
}
