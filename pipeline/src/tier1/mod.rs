//! Tier 1: what PS3.15 table E.1-1, the policy over it and the list of safe private attributes say of one attribute.

mod private;
mod table;

use crate::policy::{Policy, ProfileOptions};
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;
use efface_schema::{Action, AttributePath};
use private::SafePrivate;
use std::collections::HashMap;
use table::ProfileRow;

/// What tier 1 says of an attribute, and by which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ruling {
    /// What shall be done.
    pub action: Action,
    /// The rule's code.
    pub rule: &'static str,
}

const fn ruling(action: Action, rule: &'static str) -> Ruling {
    Ruling { action, rule }
}

/// The rules of tier 1, resolved for one policy.
pub struct Tier1 {
    options: ProfileOptions,
    overrides: HashMap<Tag, Action>,
    rows: HashMap<Tag, ProfileRow>,
    safe_private: SafePrivate,
}

impl Tier1 {
    /// Resolves the tables for a policy.
    pub fn new(policy: &Policy) -> Self {
        let overrides = policy.attributes.iter().filter_map(|(path, action)| Some((root_tag(path)?, (*action).into())));
        Self {
            options: policy.options,
            overrides: overrides.collect(),
            rows: table::rows(),
            safe_private: SafePrivate::load(),
        }
    }

    /// Rules on an attribute of an even group.
    ///
    /// Unknown attributes go (rule `unknown-attribute`): the dictionary is the list of what can be judged.
    pub fn standard(&self, tag: Tag, vr: VR) -> Ruling {
        if let Some(action) = self.overrides.get(&tag) {
            return ruling(*action, "policy-attribute");
        }
        if let Some(by_group) = by_group(tag) {
            return by_group;
        }
        if let Some(row) = self.rows.get(&tag) {
            let expected = dictionary_vr(tag).unwrap_or(vr);
            let resolved = resolve(row, &self.options, expected);
            // What may stay must be what it says it is.
            let stays = matches!(resolved.action, Action::Clean | Action::Keep);
            return if stays && !is_compatible(expected, vr) { ruling(Action::Remove, "vr-mismatch") } else { resolved };
        }
        match dictionary_vr(tag) {
            None => ruling(Action::Remove, "unknown-attribute"),
            Some(expected) => self.unlisted(expected, vr),
        }
    }

    /// Whether the attribute describes rather than names: what it says is no identity to search for elsewhere.
    pub fn is_descriptor(&self, tag: Tag) -> bool {
        self.rows.get(&tag).is_some_and(ProfileRow::is_descriptor)
    }

    /// Rules on a known attribute that the table does not list.
    fn unlisted(&self, expected: VR, found: VR) -> Ruling {
        if !is_compatible(expected, found) {
            return ruling(Action::Remove, "vr-mismatch");
        }
        match expected {
            VR::SQ if found != VR::SQ => ruling(Action::Remove, "opaque-sequence"),
            VR::PN => ruling(Action::Replace, "unlisted-person-name"),
            VR::AE | VR::UR => ruling(Action::Remove, "unlisted-address"),
            VR::UI if self.options.retain_uids => ruling(Action::Keep, "unlisted"),
            VR::UI => ruling(Action::MapUid, "unlisted-uid"),
            VR::DA | VR::DT if self.options.retain_longitudinal_full_dates => ruling(Action::Keep, "unlisted"),
            VR::DA | VR::DT if self.options.retain_longitudinal_modified_dates => {
                ruling(Action::ShiftDate, "unlisted-date")
            }
            VR::DA | VR::DT => ruling(Action::Empty, "unlisted-date"),
            _ => ruling(Action::Clean, "unlisted"),
        }
    }

    /// Rules on a private attribute: kept when its creator's element is on the safe list, else gone.
    pub fn private(&self, group: u16, creator: Option<&str>, element: u8, vr: VR) -> Ruling {
        let Some(creator) = creator.filter(|_| self.options.retain_safe_private) else {
            return ruling(Action::Remove, "private");
        };
        match self.safe_private.get(group, creator, element) {
            None => ruling(Action::Remove, "private"),
            Some(safe) => ruling(safe.action(self.options, vr), "safe-private"),
        }
    }

    /// Whether a private creator is one of those that vendors are known to use.
    pub fn knows_creator(&self, creator: &str) -> bool {
        self.safe_private.knows(creator)
    }

    /// The VR that the safe list gives to a private attribute.
    pub fn private_vr(&self, group: u16, creator: &str, element: u8) -> Option<VR> {
        self.safe_private.get(group, creator, element).and_then(private::SafePrivateRow::vr)
    }
}

fn root_tag(path: &AttributePath) -> Option<Tag> {
    match path.last()? {
        efface_schema::ElementReference::Tag { group, element } => Some(Tag(*group, *element)),
        efface_schema::ElementReference::Private { .. } => None,
    }
}

/// Rules that hold for whole groups: the "rows" of the table that are not single attributes.
fn by_group(tag: Tag) -> Option<Ruling> {
    match tag {
        Tag(0x0000 | 0x0002 | 0x0004, _) => Some(ruling(Action::Remove, "misplaced-group")),
        Tag(_, 0x0000) => Some(ruling(Action::Remove, "group-length")),
        Tag(0x5000..=0x50FF, _) => Some(ruling(Action::Remove, "curve")),
        Tag(0x6000..=0x60FF, _) => Some(ruling(Action::Remove, "overlay")),
        Tag(0xFFFA | 0xFFFC, _) | Tag(0x4FFE, 0x0001) | Tag(0x0400, 0x0500) => {
            Some(ruling(Action::Remove, "signature-or-padding"))
        }
        _ => None,
    }
}

/// The VR of the standard's dictionary, where a single one is given.
pub fn dictionary_vr(tag: Tag) -> Option<VR> {
    StandardDataDictionary.by_tag(tag).map(|entry| entry.vr().relaxed())
}

/// Whether a value found under one VR can be what the dictionary expects.
fn is_compatible(expected: VR, found: VR) -> bool {
    use VR::{AS, AT, DA, DS, DT, FD, FL, IS, OB, OD, OF, OL, OV, OW, SL, SQ, SS, SV, TM, UI, UL, UN, US, UV};
    let binary = |vr: VR| matches!(vr, FD | FL | OB | OD | OF | OL | OV | OW | SL | SS | SV | UL | US | UV | AT);
    let formatted = |vr: VR| matches!(vr, AS | DA | DS | DT | IS | TM | UI);
    found == expected
        || found == UN
        || (binary(expected) && binary(found))
        || (!binary(expected) && !binary(found) && expected != SQ && found != SQ && !formatted(expected))
}

/// Chooses one action from a row, the options and the VR.
fn resolve(row: &ProfileRow, options: &ProfileOptions, vr: VR) -> Ruling {
    if row.cleans(options) {
        return ruling(clean_action(vr, options), "e1.1-clean");
    }
    if row.keeps(options) {
        // Kept values are still searched for the identities that other attributes name.
        let action = if matches!(vr, VR::UI | VR::DA | VR::DT) { Action::Keep } else { Action::Clean };
        return ruling(action, "e1.1-keep");
    }
    let action = match row.basic {
        table::BasicCode::Remove => Action::Remove,
        table::BasicCode::Empty => Action::Empty,
        table::BasicCode::Replace => Action::Replace,
        table::BasicCode::MapUid => Action::MapUid,
    };
    ruling(action, "e1.1-basic")
}

/// What "clean" means for a value of this kind.
fn clean_action(vr: VR, options: &ProfileOptions) -> Action {
    match vr {
        VR::DA | VR::DT if options.retain_longitudinal_full_dates => Action::Keep,
        VR::DA | VR::DT => Action::ShiftDate,
        VR::AE => Action::Remove,
        VR::OB | VR::OW | VR::OF | VR::OD | VR::OL | VR::OV | VR::UN => Action::Remove,
        _ => Action::Clean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_dictionary_std::tags;

    fn action(policy: &str, tag: Tag, vr: VR) -> Action {
        Tier1::new(&Policy::load(policy).expect("built in")).standard(tag, vr).action
    }

    #[test]
    fn the_tcia_policy_rules_as_the_table_and_its_options_say() {
        let cases = [
            (tags::PATIENT_NAME, VR::PN, Action::MapIdentifier),
            (tags::PATIENT_ID, VR::LO, Action::MapIdentifier),
            (tags::PATIENT_BIRTH_DATE, VR::DA, Action::Empty),
            (tags::PATIENT_SEX, VR::CS, Action::Clean),
            (tags::PATIENT_AGE, VR::AS, Action::Clean),
            (tags::STUDY_DATE, VR::DA, Action::ShiftDate),
            (tags::STUDY_TIME, VR::TM, Action::Clean),
            (tags::STUDY_DESCRIPTION, VR::LO, Action::Clean),
            (tags::SERIES_DESCRIPTION, VR::LO, Action::Clean),
            (tags::ACCESSION_NUMBER, VR::SH, Action::Empty),
            (tags::STUDY_INSTANCE_UID, VR::UI, Action::MapUid),
            (tags::INSTITUTION_NAME, VR::LO, Action::Replace),
            (tags::OPERATORS_NAME, VR::PN, Action::Replace),
            (tags::PATIENT_ADDRESS, VR::LO, Action::Remove),
            (tags::DEVICE_SERIAL_NUMBER, VR::LO, Action::Clean),
            (tags::CONTENT_SEQUENCE, VR::SQ, Action::Clean),
            (tags::PIXEL_DATA, VR::OW, Action::Clean),
            (tags::ROWS, VR::US, Action::Clean),
            (Tag(0x6002, 0x3000), VR::OW, Action::Remove),
            (Tag(0x5000, 0x0005), VR::US, Action::Remove),
            (Tag(0x0008, 0x9999), VR::LO, Action::Remove),
        ];
        for (tag, vr, expected) in cases {
            assert_eq!(action("tcia", tag, vr), expected, "{tag}");
        }
    }

    #[test]
    fn the_basic_policy_keeps_no_dates_and_no_descriptions() {
        for (tag, vr, expected) in [
            (tags::STUDY_DATE, VR::DA, Action::Empty),
            (tags::STUDY_DESCRIPTION, VR::LO, Action::Remove),
            (tags::PATIENT_SEX, VR::CS, Action::Empty),
            (tags::CONTENT_SEQUENCE, VR::SQ, Action::Replace),
        ] {
            assert_eq!(action("basic", tag, vr), expected, "{tag}");
        }
    }

    #[test]
    fn text_where_a_number_belongs_is_removed() {
        assert_eq!(action("tcia", tags::ROWS, VR::LO), Action::Remove);
        assert_eq!(action("tcia", tags::SLICE_THICKNESS, VR::LO), Action::Remove);
    }

    #[test]
    fn private_attributes_need_a_creator_on_the_list() {
        let tier1 = Tier1::new(&Policy::load("tcia").expect("built in"));
        assert_eq!(tier1.private(0x0019, Some("SIEMENS MR HEADER"), 0x0C, VR::IS).action, Action::Clean);
        assert_eq!(tier1.private(0x0019, Some("SIEMENS MR HEADER"), 0xFE, VR::IS).action, Action::Remove);
        assert_eq!(tier1.private(0x0019, None, 0x0C, VR::IS).action, Action::Remove);
        let basic = Tier1::new(&Policy::load("basic").expect("built in"));
        assert_eq!(basic.private(0x0019, Some("SIEMENS MR HEADER"), 0x0C, VR::IS).action, Action::Remove);
    }
}
