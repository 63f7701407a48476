//! A released model as a release takes it: all that tells which it is, and not its weights.

use super::evidence::Collected;
use super::{CHECKSUMS, refused};
use crate::EvaluationError;
use crate::report::measured::network_sha256;
use crate::verify::{file_digest, parse_list};
use efface_schema::{Sha256Hex, sha256_hex};
use std::fs;
use std::path::Path;

/// Where models lie in a release.
pub(crate) const FOLDER: &str = "models";
/// What of a model's files is copied.
const COPIED: [&str; 4] = ["README.md", "calibration.json", "config.json", CHECKSUMS];
/// What the settings of a run call their networks.
const NETWORKS: [&str; 3] = ["ner", "text_detector", "text_reader"];

/// A model that lies in a release.
#[derive(Debug, Clone)]
pub(crate) struct ReleasedModel {
    pub(crate) name: String,
    /// Hash of its list of digests, by which manifests of runs name it.
    pub(crate) sha256: Sha256Hex,
    files: Vec<(String, Vec<u8>)>,
}

impl ReleasedModel {
    /// Reads a model's folder and hashes every file that its list names, the weights too.
    pub(super) fn read(folder: &Path) -> Result<Self, EvaluationError> {
        let read = |name: &str| {
            fs::read(folder.join(name)).map_err(|source| EvaluationError::Read { what: "folder of a model", source })
        };
        let Some(name) = folder.file_name().and_then(|name| name.to_str()) else {
            return refused("the folder of a model has no name");
        };
        let list = String::from_utf8_lossy(&read(CHECKSUMS)?).into_owned();
        for (hash, file) in parse_list(&list)? {
            let is_same =
                file_digest(&folder.join(file)).is_ok_and(|digest| Sha256Hex::from_bytes(&digest).as_str() == hash);
            if !is_same {
                return refused(format!("{file} of the model {name} is not what its list of digests says"));
            }
        }
        let is_there = |file: &&str| folder.join(file).is_file();
        let copied = COPIED.into_iter().filter(is_there);
        let files = copied.map(|file| Ok((format!("{FOLDER}/{name}/{file}"), read(file)?)));
        Ok(Self {
            name: name.to_owned(),
            sha256: sha256_hex(list.as_bytes()),
            files: files.collect::<Result<_, EvaluationError>>()?,
        })
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        self.files.iter().cloned()
    }

    /// The pieces of evidence whose runs used it.
    pub(crate) fn used_by<'c>(&self, collected: &'c [Collected]) -> Vec<&'c str> {
        collected.iter().filter(|of| networks(of).contains(&self.sha256.as_str())).map(|of| of.name.as_str()).collect()
    }
}

/// The networks that the run of an evaluation used.
fn networks(collected: &Collected) -> Vec<&str> {
    let run = collected.evaluation.as_ref().and_then(|of| of.evaluated.run.as_ref());
    run.into_iter().flat_map(|run| NETWORKS.iter().filter_map(|which| network_sha256(run, which))).collect()
}

/// Refuses evidence of a run that used a model of which the release would say nothing.
pub(super) fn refuse_unknown(collected: &[Collected], models: &[ReleasedModel]) -> Result<(), EvaluationError> {
    for of in collected {
        if networks(of).iter().any(|used| models.iter().all(|model| model.sha256.as_str() != *used)) {
            return refused(format!("the run of {} used a model that is not given: name its folder", of.name));
        }
    }
    Ok(())
}
