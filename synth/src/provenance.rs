//! Where a suite comes from, as the files about it say.

use crate::options::SuiteSettings;
use efface_schema::Sha256Hex;

/// What distinguishes a suite that was drawn from one that was made out of somebody's files.
pub(crate) struct Provenance {
    pub(crate) name: String,
    pub(crate) seed: u64,
    /// The subcommand, for the manifest.
    pub(crate) command: &'static str,
    /// The resolved settings, for the manifest.
    pub(crate) settings: serde_json::Value,
    pub(crate) inputs_sha256: Option<Sha256Hex>,
    /// Two lines for the card: how it was made, and what in it is real.
    pub(crate) origin: String,
    /// What is not in it, as a Markdown list.
    pub(crate) limits: &'static str,
    /// The license, where it is this project's to give.
    pub(crate) license: Option<&'static str>,
}

impl Provenance {
    /// A suite of which everything is invented.
    pub(crate) fn synthetic(settings: &SuiteSettings) -> Self {
        Self {
            name: settings.name.clone(),
            seed: settings.seed,
            command: "synth",
            settings: serde_json::to_value(settings).expect("settings have string keys and finite numbers"),
            inputs_sha256: None,
            origin: format!(
                "Made by `efface synth` from seed {}.\n\
                 Every person, place and number in it is invented; the images are drawn, not acquired.",
                settings.seed
            ),
            limits: "- Full-face photographs (HIPAA element Q): images are drawn.\n\
                - Documents other than PDF, DICOMDIR, file meta information and the preamble.\n\
                - Real handwriting and real paper in pixels: forms and signatures are drawn, too.\n\
                - Long texts: sentences are composed by rules, and nothing is told over several of them.\n\
                - The images are no substitute for acquired ones in what their backgrounds do to text detection.\n",
            license: Some("https://spdx.org/licenses/MIT.html"),
        }
    }
}
