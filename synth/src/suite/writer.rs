//! The files beside the DICOM folder, written patient after patient.

use super::parquet::TruthTable;
use super::{Finished, croissant};
use crate::answer_key::AnswerKey;
use crate::coco::CocoWriter;
use crate::contact_sheet::ContactSheet;
use crate::output::{CHECKSUMS, Hashed, PartialFile};
use crate::provenance::Provenance;
use crate::report::{SuiteReport, card};
use crate::{SynthError, output};
use efface_schema::{Machine, RunManifest, RunStatus, Sha256Hex, TextRecord, Versioned, sha256_hex, to_json_line};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

/// Writes what is known about instances as they come. Every file has another name until the suite is whole.
pub(crate) struct SuiteWriter<'a> {
    provenance: Provenance,
    out: &'a Path,
    report: SuiteReport,
    truth: PartialFile,
    texts: PartialFile,
    table: TruthTable<PartialFile>,
    uids: PartialFile,
    patients: PartialFile,
    checksums: PartialFile,
    key: AnswerKey,
    coco: CocoWriter,
    contact_sheet: ContactSheet,
    attached: Vec<Hashed>,
}

impl<'a> SuiteWriter<'a> {
    pub(crate) fn create(provenance: Provenance, out: &'a Path) -> Result<Self, SynthError> {
        let mapping = |name| -> io::Result<PartialFile> {
            let mut file = PartialFile::create(out, name)?;
            file.write_all(b"id_old,id_new\n")?;
            Ok(file)
        };
        Ok(Self {
            report: SuiteReport::new(&provenance.name),
            provenance,
            out,
            truth: PartialFile::create(out, "truth.jsonl")?,
            texts: PartialFile::create(out, "ner.jsonl")?,
            table: TruthTable::new(PartialFile::create(out, "truth.parquet")?)?,
            uids: mapping("uid_identity.csv")?,
            patients: mapping("patid_identity.csv")?,
            checksums: PartialFile::create(out, CHECKSUMS)?,
            key: AnswerKey::create(&out.join("answer.db.part"))?,
            coco: CocoWriter::create(out)?,
            contact_sheet: ContactSheet::default(),
            attached: Vec::new(),
        })
    }

    /// Adds all instances of a patient, in order of path.
    pub(crate) fn add_patient(&mut self, finished: Vec<Finished>) -> Result<(), SynthError> {
        // Mappings that change nothing: they score the suite itself as the output of a tool that does nothing.
        let uids: BTreeSet<&String> = finished.iter().flat_map(|instance| &instance.uids).collect();
        uids.into_iter().try_for_each(|uid| writeln!(self.uids, "{uid},{uid}"))?;
        let patients: BTreeSet<&String> = finished.iter().map(|done| &done.record.instance.patient_id).collect();
        patients.into_iter().try_for_each(|patient| writeln!(self.patients, "{patient},{patient}"))?;
        self.add_texts(&finished)?;
        self.report.count_patient(finished.iter().map(|instance| &instance.record.instance));
        for instance in finished {
            self.truth.write_all(to_json_line(&instance.record).as_bytes())?;
            self.table.add(&instance.record)?;
            self.key.add(&instance.row)?;
            self.coco.add(&instance.record)?;
            if instance.can_be_shown {
                self.contact_sheet.add(&instance.record);
            }
            writeln!(self.checksums, "{}  dicom/{}", instance.sha256, instance.record.instance.path)?;
            self.report.count(&instance.record, &instance.row.n_checks, instance.has_burned_in_phi);
        }
        Ok(())
    }

    /// Writes a further file about the suite.
    pub(crate) fn attach(&mut self, name: &'static str, bytes: &[u8]) -> Result<(), SynthError> {
        output::write(&self.out.join(name), bytes)?;
        self.attached.push(Hashed::of(name, bytes));
        Ok(())
    }

    /// Writes every text that a patient's instances hold once for each attribute.
    fn add_texts(&mut self, finished: &[Finished]) -> Result<(), SynthError> {
        let mut seen = BTreeSet::new();
        for text in finished.iter().flat_map(|instance| &instance.texts) {
            if seen.insert((&text.context.attribute, &text.text)) {
                let index = self.report.n_texts as u64;
                self.texts.write_all(to_json_line(&TextRecord { index, ..text.clone() }).as_bytes())?;
                self.report.n_texts += 1;
            }
        }
        Ok(())
    }

    /// Ends all files, and writes the card, the checksums and the manifest.
    pub(crate) fn finish(mut self, n_threads: usize) -> Result<SuiteReport, SynthError> {
        let out = self.out;
        let mut about = vec![self.truth.finish()?, self.texts.finish()?, self.table.finish()?.finish()?];
        about.append(&mut self.attached);
        about.extend([self.uids.finish()?, self.patients.finish()?]);
        self.key.finish()?;
        fs::rename(out.join("answer.db.part"), out.join("answer.db"))?;
        about.push(hashed(out, "answer.db")?);
        self.coco.finish()?;
        about.push(hashed(out, "coco.json")?);
        let has_contact_sheet = self.contact_sheet.write(out)?;
        if has_contact_sheet {
            about.push(hashed(out, "contact-sheet.png")?);
        }
        let card = card(&self.provenance, &self.report, has_contact_sheet);
        output::write(&out.join("card.md"), card.as_bytes())?;
        about.push(Hashed::of("card.md", card.as_bytes()));
        about.sort_by_key(|file| file.name);
        let croissant = croissant::metadata(&self.provenance, &self.report, &about);
        output::write(&out.join("croissant.json"), croissant.as_bytes())?;
        about.push(Hashed::of("croissant.json", croissant.as_bytes()));
        for file in &about {
            writeln!(self.checksums, "{}  {}", file.sha256, file.name)?;
        }
        let checksums = self.checksums.finish()?;
        let manifest = manifest(self.provenance, n_threads, checksums.sha256);
        output::write(&out.join("manifest.json"), to_json_line(&manifest).as_bytes())?;
        Ok(self.report)
    }
}

/// Hashes a file that something else wrote.
fn hashed(folder: &Path, name: &'static str) -> io::Result<Hashed> {
    let path = folder.join(name);
    Ok(Hashed { name, sha256: sha256_of(&path)?, n_bytes: fs::metadata(&path)?.len() })
}

fn sha256_of(path: &Path) -> io::Result<Sha256Hex> {
    let mut file = BufReader::new(File::open(path)?);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Sha256Hex::from_bytes(&hasher.finalize())),
            n_read => hasher.update(&buffer[..n_read]),
        }
    }
}

pub(crate) fn manifest(provenance: Provenance, n_threads: usize, outputs_sha256: Sha256Hex) -> RunManifest {
    RunManifest {
        format_version: RunManifest::FORMAT_VERSION,
        command: provenance.command.to_owned(),
        efface_version: env!("CARGO_PKG_VERSION").to_owned(),
        settings_sha256: sha256_hex(provenance.settings.to_string().as_bytes()),
        settings: provenance.settings,
        seeds: BTreeMap::from([("root".to_owned(), provenance.seed)]),
        machine: Machine {
            platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
            n_threads: u32::try_from(n_threads).unwrap_or(u32::MAX),
        },
        inputs_sha256: provenance.inputs_sha256,
        // The file of checksums names every other file.
        outputs_sha256: Some(outputs_sha256),
        counts: None,
        status: RunStatus::Complete,
    }
}
