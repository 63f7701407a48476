//! Vocabulary that the suite draws from beside the crate `fake`; written for this project.

/// Words of care sites. A city stands before or after them.
pub(crate) const CARE_SITES: &[&str] =
    &["General Hospital", "Memorial Hospital", "Imaging Center", "Regional Clinic", "University Hospital", "Infirmary"];

pub(crate) const DEPARTMENTS: &[&str] =
    &["Radiology", "Diagnostic Imaging", "Emergency Radiology", "Thoracic Imaging", "Neuroradiology", "Ultrasound"];

/// Words after which streets are called.
pub(crate) const STREETS: &[&str] = &["Street", "Avenue", "Boulevard", "Terrace", "Parkway", "Crescent"];

/// Names that are not of a person at hand: signs, devices, methods, diseases. They must stay.
pub(crate) const EPONYMS: &[&str] = &[
    "Baker cyst",
    "Dixon",
    "Hounsfield units",
    "Cobb angle",
    "Schmorl nodes",
    "Kerley B lines",
    "Hill-Sachs lesion",
    "Virchow-Robin spaces",
    "Gleason 3+4",
    "Foley catheter",
    "Doppler",
    "Bosniak II",
    "Alzheimer disease",
    "Crohn disease",
    "Hodgkin lymphoma",
    "Chiari I",
];

/// Family names that occur in [`EPONYMS`] or in clinical words: a person is never called so, since the
/// truth would then ask to remove a word and to keep it.
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

pub(crate) const OCCUPATIONS: &[&str] = &["TEACHER", "WELDER", "NURSE", "FARMER", "RETIRED", "DRIVER"];

pub(crate) const ETHNIC_GROUPS: &[&str] = &["HISPANIC", "NON-HISPANIC", "ASIAN", "UNKNOWN"];

/// Findings of a report or a comment. They must stay.
pub(crate) const FINDINGS: &[&str] = &[
    "no acute abnormality",
    "small pleural effusion",
    "stable 4 mm nodule",
    "degenerative changes",
    "mild cardiomegaly",
    "no fracture",
    "hepatic steatosis",
    "nephrolithiasis",
    "disc protrusion L4-L5",
    "sinus mucosal thickening",
];

/// Reasons for an examination. They must stay.
pub(crate) const INDICATIONS: &[&str] = &[
    "persistent cough",
    "follow-up nodule",
    "trauma",
    "flank pain",
    "headache",
    "dyspnea",
    "hypertension",
    "pre-operative",
];
