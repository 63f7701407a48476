//! What a run says that it wrote.

use efface_schema::{Sha256Hex, Status, sha256_hex};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

/// The lines that are hashed: the digest of a file and its name, in order of name.
pub(crate) fn listing_sha256<'f>(files: impl Iterator<Item = (&'f Sha256Hex, &'f str)>) -> Sha256Hex {
    sha256_hex(files.map(|(sha256, name)| format!("{sha256} {name}\n")).collect::<String>().as_bytes())
}

/// Of an outcome, the part that tells what was written.
#[derive(Deserialize)]
struct Written {
    status: Status,
    output: Option<String>,
    output_sha256: Option<Sha256Hex>,
}

/// The hash over the names and contents of the results of a run, as its `decisions.jsonl` names them. It is equal to that
/// of the scored files if these are the run's results, all and unchanged.
///
/// Nothing where there are no decisions, a line is none, or the run noted no digests.
pub(crate) fn run_outputs_sha256(run: &Path) -> Option<Sha256Hex> {
    let decisions = BufReader::new(File::open(run.join("decisions.jsonl")).ok()?);
    let mut results = BTreeMap::new();
    for line in decisions.lines() {
        let Written { status, output, output_sha256 } = serde_json::from_str(&line.ok()?).ok()?;
        if status == Status::Deidentified {
            results.insert(output?, output_sha256?);
        }
    }
    Some(listing_sha256(results.iter().map(|(name, sha256)| (sha256, name.as_str()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_listed_by_name_and_others_are_left_out() {
        let run = tempfile::tempdir().expect("a folder");
        let line = |status: &str, rest: &str| format!("{{\"status\":\"{status}\",\"decisions\":[]{rest}}}\n");
        let result = |name: &str| format!(",\"output\":\"{name}\",\"output_sha256\":\"{}\"", sha256_hex(b"one"));
        let write = |lines: &[String]| std::fs::write(run.path().join("decisions.jsonl"), lines.concat());
        assert_eq!(run_outputs_sha256(run.path()), None, "no decisions");
        write(&[
            line("deidentified", &result("b.dcm")),
            line("quarantined", ""),
            line("needs_review", &result("c.dcm")),
            line("deidentified", &result("a.dcm")),
        ])
        .expect("a file");
        let one = sha256_hex(b"one");
        let expected = listing_sha256([(&one, "a.dcm"), (&one, "b.dcm")].into_iter());
        assert_eq!(run_outputs_sha256(run.path()), Some(expected));
        write(&[line("deidentified", ",\"output\":\"a.dcm\"")]).expect("a file");
        assert_eq!(run_outputs_sha256(run.path()), None, "a run without digests");
    }
}
