//! Leaving out attributes that identify and that no object has to have.
//!
//! Real headers hold few of the attributes that could name somebody; a suite says how many with `identity-share`.
//! What is left out is not written, so nothing is planted without its truth.

use super::Sheet;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use efface_schema::AttributePath;

/// Which of the attributes that identify an instance has, beside those that it must have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sparing {
    /// Share of the attributes that are there.
    share: f64,
    /// What the choice is drawn from: the same for all instances of a study.
    key: u64,
}

impl Sparing {
    /// Everything is there.
    pub(crate) const NONE: Self = Self { share: 1.0, key: 0 };

    pub(crate) const fn new(share: f64, key: u64) -> Self {
        Self { share, key }
    }

    fn has(self, tag: Tag) -> bool {
        if self.share >= 1.0 {
            return true;
        }
        let number = u64::from(tag.group()) << 16 | u64::from(tag.element());
        let mixed = mix(self.key ^ mix(number));
        (mixed >> 11) as f64 / (1_u64 << 53) as f64 <= self.share
    }
}

/// Spreads the bits of a number (the finalizer of SplitMix64).
const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

impl Sheet<'_> {
    /// Leaves out a share of what identifies at the root of this data set.
    pub(crate) fn spare(&mut self, sparing: Sparing) {
        self.sparing = sparing;
    }

    /// Whether an optional attribute that identifies is written. UIDs always are, since objects hang together by them, and
    /// so are two dates that some objects must have.
    pub(crate) fn wants(&self, tag: Tag, vr: VR) -> bool {
        let is_root = self.prefix == AttributePath::default();
        let is_needed = vr == VR::UI || matches!(tag, tags::SERIES_DATE | tags::ACQUISITION_DATE);
        !is_root || is_needed || self.sparing.has(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::{Secret, Truth};
    use efface_schema::PhiLabel;

    #[test]
    fn about_the_share_is_there() {
        let n_there = |share| {
            let sparing = Sparing::new(share, 7);
            (0..4000_u16).filter(|element| sparing.has(Tag(0x0010, *element))).count()
        };
        assert_eq!((n_there(1.0), n_there(0.0)), (4000, 0));
        assert!((900..1100).contains(&n_there(0.25)), "{}", n_there(0.25));
    }

    #[test]
    fn what_must_be_there_is_and_nothing_is_claimed_about_the_rest() {
        let secret = Secret::new(PhiLabel::Name, "Doe^Jane");
        let mut truth = Truth::default();
        let mut sheet = Sheet::new(&mut truth);
        sheet.spare(Sparing::new(0.0, 7));
        sheet.plant_type2(tags::PATIENT_NAME, &secret);
        sheet.plant(tags::PATIENT_BIRTH_NAME, &secret);
        sheet.plant_values(tags::OTHER_PATIENT_NAMES, &[&secret, &secret]);
        sheet.plant_private(0x0011, "SIEMENS RIS", 0x30, VR::PN, &secret);
        sheet.plant(tags::CONTENT_DATE, &Secret::new(PhiLabel::Date, "20140102"));
        sheet.plant(tags::SERIES_DATE, &Secret::new(PhiLabel::Date, "20140102"));
        let written: Vec<Tag> = sheet.into_object().tags().collect();
        assert_eq!(written, [tags::SERIES_DATE, tags::PATIENT_NAME]);
        // The name is planted and of Type 2.
        assert_eq!(truth.claims.len(), 3);
    }
}
