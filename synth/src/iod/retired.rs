//! Attributes and a class that PS3.6 has retired and that real archives are full of.

use dicom_core::Tag;

pub(super) const INSURANCE_PLAN_IDENTIFICATION: Tag = Tag(0x0010, 0x1050);
pub(super) const MEDICAL_RECORD_LOCATOR: Tag = Tag(0x0010, 0x1090);
pub(super) const ETHNIC_GROUP: Tag = Tag(0x0010, 0x2160);
pub(super) const ACQUISITION_COMMENTS: Tag = Tag(0x0018, 0x4000);
pub(super) const REASON_FOR_STUDY: Tag = Tag(0x0032, 0x1030);
pub(super) const STUDY_COMMENTS: Tag = Tag(0x0032, 0x4000);

/// Detached Study Management SOP Class, which Referenced Study Sequence names.
pub(super) const STUDY_CLASS: &str = "1.2.840.10008.3.1.2.3.1";
