//! Multiplies a scored suite until its answer key is as large as the challenge's, to measure the scorer.
//!
//! ```text
//! write-large-key KEY OUTPUT UID_MAPPING FOLDER INSTANCES CHECKS
//! ```
//!
//! The folder gets `key.db` with INSTANCES rows of CHECKS checks each, `files/` with a de-identified file for
//! each row, and `uids.csv`. Copies differ from their originals in their SOP Instance UIDs, old and new, and
//! in nothing else; a row's checks are repeated under other names until there are enough of them.

use efface_eval::midi::list_outputs;
use rusqlite::{Connection, OpenFlags, params};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;

const USAGE: &str = "usage: write-large-key KEY OUTPUT UID_MAPPING FOLDER INSTANCES CHECKS";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key, output, mapping, folder, n_instances, n_checks] = arguments.as_slice() else {
        return Err(USAGE.into());
    };
    let sources = sources(Path::new(key), Path::new(output), Path::new(mapping))?;
    write(&sources, Path::new(mapping), Path::new(folder), n_instances.parse()?, n_checks.parse()?)
}

/// A row of the key with its file.
struct Source {
    identity: [Option<String>; 6],
    checks: Map<String, Value>,
    new_uid: String,
    bytes: Vec<u8>,
}

fn sources(key: &Path, output: &Path, mapping: &Path) -> Result<Vec<Source>, Box<dyn Error>> {
    let (files, _) = list_outputs(output)?;
    let by_uid: HashMap<&str, &Path> =
        files.iter().map(|file| (file.sop_instance_uid.as_str(), file.path.as_path())).collect();
    let mapping = std::fs::read_to_string(mapping)?;
    let new_of: HashMap<&str, &str> = mapping.lines().skip(1).filter_map(|line| line.split_once(',')).collect();
    let connection = Connection::open_with_flags(key, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut statement = connection.prepare(
        "SELECT Modality, SOPClassUID, CAST(PatientID AS TEXT), StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, \
         AnswerData FROM answer_data ORDER BY rowid",
    )?;
    let mut rows = statement.query([])?;
    let mut sources = Vec::new();
    while let Some(row) = rows.next()? {
        let mut identity: [Option<String>; 6] = Default::default();
        for (at, field) in identity.iter_mut().enumerate() {
            *field = row.get(at)?;
        }
        let old = identity[5].clone().unwrap_or_default();
        let Some(new_uid) = new_of.get(old.as_str()).filter(|new| by_uid.contains_key(**new)) else { continue };
        let checks = serde_json::from_str(&row.get::<_, String>(6)?)?;
        let bytes = std::fs::read(by_uid[*new_uid])?;
        // Pixel checks are measured apart, and large files would measure the disk.
        if bytes.len() < 64 * 1024 {
            sources.push(Source { identity, checks, new_uid: (*new_uid).to_owned(), bytes });
        }
    }
    Ok(sources)
}

fn write(
    sources: &[Source],
    mapping: &Path,
    folder: &Path,
    n_instances: usize,
    n_checks: usize,
) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder.join("files"))?;
    std::fs::copy(mapping, folder.join("uids.csv"))?;
    let mut uids = std::fs::OpenOptions::new().append(true).open(folder.join("uids.csv"))?;
    let mut connection = Connection::open(folder.join("key.db"))?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(
        "CREATE TABLE answer_data (Modality TEXT, SOPClassUID TEXT, PatientID TEXT, StudyInstanceUID TEXT, \
         SeriesInstanceUID TEXT, SOPInstanceUID TEXT, AnswerData TEXT)",
    )?;
    let answers: Vec<String> = sources.iter().map(|source| answers(source, n_checks)).collect::<Result<_, _>>()?;
    for copy in 0..n_instances {
        let source = &sources[copy % sources.len()];
        let old = format!("1.2.826.0.1.{copy}");
        let new = same_length(&source.new_uid, copy);
        let file = folder.join("files").join(format!("{:03}", copy / 500));
        std::fs::create_dir_all(&file)?;
        std::fs::write(file.join(format!("{copy}.dcm")), replaced(&source.bytes, &source.new_uid, &new))?;
        writeln!(uids, "{old},{new}")?;
        let [modality, class, patient, study, series, _] = &source.identity;
        transaction.execute(
            "INSERT INTO answer_data VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![modality, class, patient, study, series, old, answers[copy % sources.len()]],
        )?;
    }
    transaction.commit()?;
    Ok(())
}

/// Checks without those of pixels and of the UID that every copy has for itself.
fn answers(source: &Source, n_checks: usize) -> Result<String, Box<dyn Error>> {
    let is_measured = |check: &&Value| {
        !check["action"].as_str().unwrap_or_default().starts_with("<pixels") && check["tag_ds"] != "<(0008,0018)>"
    };
    let checks: Vec<&Value> = source.checks.values().filter(is_measured).collect();
    let repeated = (0..n_checks).map(|at| (at.to_string(), checks[at % checks.len()].clone()));
    Ok(serde_json::to_string(&repeated.collect::<Map<String, Value>>())?)
}

/// A UID of the same length with the copy's number in its last digits.
fn same_length(uid: &str, copy: usize) -> String {
    let number = format!("{copy:07}");
    format!("{}{number}", &uid[..uid.len() - number.len()])
}

fn replaced(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(old.len()).position(|window| window == old.as_bytes()) {
        bytes[at + found..at + found + old.len()].copy_from_slice(new.as_bytes());
        at += found + old.len();
    }
    bytes
}
