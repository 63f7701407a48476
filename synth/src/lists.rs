//! Vocabulary that the suite draws from beside the crate `fake`; written for this project.

pub(crate) const DEPARTMENTS: &[&str] =
    &["Radiology", "Diagnostic Imaging", "Emergency Radiology", "Thoracic Imaging", "Neuroradiology", "Ultrasound"];

/// Family names that are clinical or everyday words and stand in no rule for text: a person is never called
/// so, since the truth would then ask to remove a word and to keep it.
pub(crate) const RESERVED_NAMES: &[&str] = &[
    "baker",
    "dixon",
    "hounsfield",
    "cobb",
    "schmorl",
    "kerley",
    "hill",
    "sachs",
    "virchow",
    "robin",
    "gleason",
    "foley",
    "doppler",
    "bosniak",
    "alzheimer",
    "crohn",
    "hodgkin",
    "chiari",
    "head",
    "hand",
    "foot",
    "ray",
    "skin",
    "chest",
    "will",
    "may",
    "april",
    "june",
    "august",
    "short",
    "long",
    "small",
    "gray",
    "contrast",
    "art",
    "king",
    "lung",
    "brown",
    "black",
    "green",
    "white",
    "rice",
    "stone",
    "neal",
    "law",
    "ace",
    "guy",
    "mark",
    "rod",
    "hal",
    "ora",
    "ali",
    "ian",
    "al",
    "ed",
    "eve",
    "lee",
    "ray",
    "dee",
    "van",
    "bo",
    "ty",
    "lea",
    "eli",
    "ana",
    "ines",
];

/// Words of technique that stand in attributes which must survive.
pub(crate) const TECHNIQUE: &[&str] = &[
    "ORIGINAL PRIMARY AXIAL DERIVED SECONDARY ABDOMINAL",
    "HELICAL MODE BODY FILTER STANDARD LOSSY",
    "CURVED LINEAR CONTAINER SEPARATE MONOCHROME TRANSVERSAL DIRECTIONAL",
    "SIEMENS Philips Medical Systems Carestream Health FUJIFILM Corporation Vingmed Ultrasound TeraRecon Vital Images",
    "LightSpeed SOMATOM Definition syngo Brilliance Avanto Signa Achieva Vivid ACUSON Aquarius Vitrea",
    "Diagnostic Imaging Report History Findings Impressions Person Observer Subject Procedure Study Key",
];

pub(crate) const OCCUPATIONS: &[&str] = &["TEACHER", "WELDER", "NURSE", "FARMER", "RETIRED", "DRIVER"];

pub(crate) const ETHNIC_GROUPS: &[&str] = &["HISPANIC", "NON-HISPANIC", "ASIAN", "UNKNOWN"];

/// Burned-in words that identify nobody, as cross-sectional scanners write them.
pub(crate) const CROSS_SECTION_MARKS: &[&str] = &["SUPINE", "120 kV", "250 mAs", "W:400 L:40", "FOV 350mm", "A", "R"];

/// The same for projection radiography.
pub(crate) const PROJECTION_MARKS: &[&str] = &["L", "R", "PORTABLE", "AP", "ERECT", "110 kV", "3 mAs"];

/// The same for ultrasound.
pub(crate) const ULTRASOUND_MARKS: &[&str] = &["Gain 52", "MI 0.9", "TIS 0.4", "FR 33Hz", "14 cm", "THI"];

/// The same for screenshots.
pub(crate) const SCREENSHOT_MARKS: &[&str] = &["VRT", "Volume 12.5 ml", "Mean 41 HU", "NOT FOR DIAGNOSIS"];
