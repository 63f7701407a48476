//! Terms that the standard enumerates: a value that is one of them says what the standard lets it say.
//!
//! A patient may be called Text, and a report whose items have no value types can no longer be read. Only attributes
//! are listed whose loss breaks an instance.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// Whether a value of the attribute is one of its enumerated values or defined terms.
///
/// Source: PS3.3 sections C.17.3, C.18, C.7.6.3, C.7.3.1 and C.7.6.1.
pub(crate) fn is_standard_term(tag: Tag, value: &str) -> bool {
    let terms: &[&str] = match tag {
        tags::VALUE_TYPE => &[
            "CODE", "COMPOSITE", "CONTAINER", "DATE", "DATETIME", "IMAGE", "NUM", "PNAME", "SCOORD", "SCOORD3D", "TABLE",
            "TCOORD", "TEXT", "TIME", "UIDREF", "WAVEFORM",
        ],
        tags::RELATIONSHIP_TYPE => &[
            "CONTAINS",
            "HAS ACQ CONTEXT",
            "HAS CONCEPT MOD",
            "HAS OBS CONTEXT",
            "HAS PROPERTIES",
            "INFERRED FROM",
            "SELECTED FROM",
        ],
        tags::CONTINUITY_OF_CONTENT => &["CONTINUOUS", "SEPARATE"],
        tags::COMPLETION_FLAG => &["COMPLETE", "PARTIAL"],
        tags::VERIFICATION_FLAG => &["UNVERIFIED", "VERIFIED"],
        tags::GRAPHIC_TYPE => &[
            "CIRCLE",
            "ELLIPSE",
            "ELLIPSOID",
            "INTERPOLATED",
            "MULTIPOINT",
            "POINT",
            "POLYGON",
            "POLYLINE",
        ],
        tags::TEMPORAL_RANGE_TYPE => &["BEGIN", "END", "MULTIPOINT", "MULTISEGMENT", "POINT", "SEGMENT"],
        tags::PHOTOMETRIC_INTERPRETATION => &[
            "MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "XYB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT",
            "YBR_PARTIAL_420", "YBR_PARTIAL_422", "YBR_RCT",
        ],
        tags::MODALITY => &[
            "ANN", "AR", "ASMT", "AU", "BDUS", "BI", "BMD", "CR", "CT", "CTPROTOCOL", "DMS", "DOC", "DG", "DX", "ECG",
            "EEG", "EMG", "EOG", "EPS", "ES", "FID", "GM", "HC", "HD", "IO", "IOL", "IVOCT", "IVUS", "KER", "KO", "LEN",
            "LS", "M3D", "MG", "MR", "NM", "OAM", "OCT", "OP", "OPM", "OPT", "OPTBSV", "OPTENF", "OPV", "OSS", "OT", "PA",
            "PLAN", "POS", "PR", "PT", "PX", "REG", "RESP", "RF", "RG", "RTDOSE", "RTIMAGE", "RTINTENT", "RTPLAN", "RTRAD",
            "RTRECORD", "RTSEGANN", "RTSTRUCT", "RWV", "SEG", "SM", "SMR", "SR", "SRF", "STAIN", "TEXTUREMAP", "TG", "US",
            "VA", "XA", "XAPROTOCOL", "XC",
        ],
        tags::PATIENT_POSITION => &["FFDL", "FFDR", "FFP", "FFS", "HFDL", "HFDR", "HFP", "HFS"],
        _ => return false,
    };
    terms.contains(&value.trim_matches(['\0', ' ']))
}
