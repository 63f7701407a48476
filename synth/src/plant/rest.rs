//! What nobody has a reason to touch: the attributes that no rule of PS3.15 names.
//!
//! The original answer keys ask for these far more often than for all else together (their category TCIA-REV), since
//! a tool that removes what it does not know makes images useless.

use super::sheet::{Basis, ClaimKind, Sheet};
use dicom_core::header::Header;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::mem::InMemElement;
use efface_schema::{AttributePath, ElementReference};
use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

/// Table E.1-1's attributes.
static RULED: LazyLock<HashSet<Tag>> = LazyLock::new(|| {
    include_str!("../../data/ruled_attributes.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .map(|tag| {
            let number = u32::from_str_radix(tag, 16).expect("a test reads the whole list");
            Tag((number >> 16) as u16, (number & 0xFFFF) as u16)
        })
        .collect()
});

impl Sheet<'_> {
    /// Claims that every attribute at the root must keep its value which no rule names and nothing was claimed about.
    pub(crate) fn keep_the_rest(&mut self) {
        let claimed: BTreeSet<AttributePath> = self.claimed_paths().collect();
        let unruled: Vec<Tag> = self
            .elements()
            .filter(|element| is_comparable(element.vr()) && is_unruled(element.tag()) && has_value(element))
            .map(|element| element.tag())
            .filter(|tag| !claimed.contains(&AttributePath::tag(tag.group(), tag.element())))
            .collect();
        for tag in unruled {
            self.retain_text(&ElementReference::tag(tag.group(), tag.element()), tag, Basis::Technique);
        }
    }

    fn claimed_paths(&self) -> impl Iterator<Item = AttributePath> + '_ {
        self.truth().claims.iter().filter_map(|claim| match &claim.kind {
            ClaimKind::Planted(planted) => planted.locus.path().cloned(),
            ClaimKind::Retained(retained, _) => Some(retained.path.clone()),
        })
    }
}

/// Whether no rule speaks of an attribute, and none of de-identification's own marks stands there.
fn is_unruled(tag: Tag) -> bool {
    let is_mark = matches!(
        tag,
        tags::PATIENT_IDENTITY_REMOVED
            | tags::DEIDENTIFICATION_METHOD
            | tags::BURNED_IN_ANNOTATION
            | tags::RECOGNIZABLE_VISUAL_FEATURES
            | tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED
            // Text may come out in another character set, with the same characters.
            | tags::SPECIFIC_CHARACTER_SET
            // The role of a person whose name must go: whoever takes it away with the name is right (PS3.3 C.7.1.1).
            | tags::RESPONSIBLE_PERSON_ROLE
    );
    let group = tag.group();
    let repeats = matches!(group & 0xFF00, 0x5000 | 0x6000);
    group.is_multiple_of(2) && (8..0x7FE0).contains(&group) && !repeats && !is_mark && !RULED.contains(&tag)
}

/// Codes and numbers. Dates and UIDs change, names and free texts may identify, and bulk is compared as pixels are.
const fn is_comparable(vr: VR) -> bool {
    matches!(vr, VR::CS | VR::DS | VR::IS | VR::US | VR::SS | VR::UL | VR::SL | VR::FL | VR::FD)
}

fn has_value(element: &InMemElement) -> bool {
    element.value().primitive().is_some_and(|value| !value.to_str().trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::{Secret, Truth};
    use efface_schema::{PhiLabel, Retention};

    #[test]
    fn the_list_of_ruled_attributes_is_whole() {
        assert!(RULED.len() > 600);
        assert!(RULED.contains(&tags::PATIENT_NAME) && RULED.contains(&tags::PROTOCOL_NAME));
        assert!(!RULED.contains(&tags::KVP));
    }

    #[test]
    fn what_no_rule_names_is_claimed_once() {
        let mut truth = Truth::default();
        let mut sheet = Sheet::new(&mut truth);
        sheet.keep(tags::KVP, Basis::Technique, "120");
        sheet.put(tags::EXPOSURE, "200");
        sheet.put(tags::FILTER_TYPE, "");
        sheet.put(tags::PATIENT_IDENTITY_REMOVED, "NO");
        sheet.put(tags::CONTENT_TIME, "101500");
        sheet.plant(tags::ACCESSION_NUMBER, &Secret::new(PhiLabel::OtherId, "A123"));
        sheet.keep_the_rest();
        let retained: Vec<_> = truth
            .claims
            .iter()
            .filter_map(|claim| match &claim.kind {
                ClaimKind::Retained(retained, _) => Some(retained),
                ClaimKind::Planted(_) => None,
            })
            .collect();
        assert_eq!(retained.len(), 2);
        assert_eq!(retained[1].path, AttributePath::tag(0x0018, 0x1152));
        assert_eq!((retained[1].retention, retained[1].text.as_deref()), (Retention::Text, Some("200")));
    }
}
