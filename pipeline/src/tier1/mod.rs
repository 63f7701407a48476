//! Tier 1: what PS3.15 table E.1-1, the policy over it and the list of safe private attributes say of one attribute.

mod private;
mod table;
mod terms;
mod types;

use crate::dictionary::virtual_vr;
use crate::policy::{FreeText, Policy, ProfileOptions, TimeHandling};
use crate::rules::rule;
use dicom_core::dictionary::VirtualVr;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use efface_schema::{Action, ElementReference};
use private::SafePrivate;
use table::{BasicCode, ProfileRow};

pub use private::CreatorId;
pub(crate) use terms::is_standard_term;
pub use types::{AttributeType, IodPlace};

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

/// A row of the table under one policy.
#[derive(Debug, Clone, Copy)]
enum RowRule {
    /// An option or the policy decides.
    Decided(Ruling),
    /// The Basic Profile decides, by the attribute's Type.
    Basic(BasicCode),
}

impl RowRule {
    fn keeps(self) -> bool {
        matches!(self, Self::Decided(Ruling { action: Action::Keep | Action::Clean, .. }))
    }
}

/// Attributes that the table does not list and that may not stand without another that it takes away.
///
/// Source: PS3.3 section C.7.1.1.
const DEPENDENTS: [(Tag, Tag); 1] = [(tags::RESPONSIBLE_PERSON_ROLE, tags::RESPONSIBLE_PERSON)];

/// The rules of tier 1, resolved for one policy.
pub struct Tier1 {
    options: ProfileOptions,
    keeps_times: bool,
    free_text: FreeText,
    /// In order of tag.
    rows: Vec<(Tag, RowRule)>,
    /// In order of tag: attributes whose text describes, and does not name.
    descriptors: Vec<Tag>,
    safe_private: SafePrivate,
}

impl Tier1 {
    /// Resolves the tables for a policy.
    pub fn new(policy: &Policy) -> Self {
        let mut tier1 = Self {
            options: policy.options,
            keeps_times: policy.dates.times == TimeHandling::Keep,
            free_text: policy.text.free_text,
            rows: Vec::with_capacity(table::N_ROWS),
            descriptors: Vec::new(),
            safe_private: SafePrivate::load(policy),
        };
        let mut rows: std::collections::BTreeMap<Tag, RowRule> = std::collections::BTreeMap::new();
        for (tag, row) in table::rows().filter(|(tag, _)| by_group(*tag).is_none()) {
            rows.insert(tag, tier1.row_rule(&row, dictionary_vr(tag)));
            // What an option would keep is no identity, even where the policy takes it away.
            if row.is_descriptor() || row.keeps(&policy.options) || row.cleans(&policy.options) {
                tier1.descriptors.push(tag);
            }
        }
        for (dependent, on) in DEPENDENTS {
            if rows.get(&on).is_some_and(|rule| !rule.keeps()) {
                rows.insert(dependent, RowRule::Decided(ruling(Action::Remove, "dependent-attribute")));
            }
        }
        for (path, action) in &policy.attributes {
            if let Some(ElementReference::Tag { group, element }) = path.last() {
                let decided = RowRule::Decided(ruling((*action).into(), rule!("policy-attribute")));
                rows.insert(Tag(*group, *element), decided);
            }
        }
        tier1.rows = rows.into_iter().collect();
        tier1.descriptors.sort_unstable();
        tier1
    }

    /// The options of the policy.
    pub const fn options(&self) -> &ProfileOptions {
        &self.options
    }

    /// Rules on an attribute of an even group whose place in the instance is not known.
    pub fn standard(&self, tag: Tag, vr: VR) -> Ruling {
        self.standard_at(tag, vr, IodPlace::UNKNOWN)
    }

    /// Rules on an attribute of an even group at its place in the instance's IOD.
    ///
    /// Unknown attributes go (rule `unknown-attribute`): the dictionary is the list of what can be judged.
    pub fn standard_at(&self, tag: Tag, vr: VR, place: IodPlace) -> Ruling {
        let expected = dictionary_vr(tag);
        let ruling = match self.row(tag) {
            Some(RowRule::Decided(decided)) if decided.rule == rule!("policy-attribute") => decided,
            // What may stay must be what it says it is.
            Some(RowRule::Decided(decided))
                if stays(decided) && expected.is_some_and(|vr_of_tag| !is_compatible(vr_of_tag, vr)) =>
            {
                ruling(Action::Remove, rule!("vr-mismatch"))
            }
            Some(RowRule::Decided(decided)) => self.without_free_text(tag, expected.unwrap_or(vr), decided),
            Some(RowRule::Basic(code)) => ruling(code.action(place.type_of(tag)), rule!("e1.1-basic")),
            None => match (by_group(tag), expected) {
                // What these groups seal, draw or pad is never made up to keep a module whole.
                (Some(by_group), _) => return by_group,
                (None, None) => ruling(Action::Remove, rule!("unknown-attribute")),
                (None, Some(expected)) => self.without_free_text(tag, expected, self.unlisted(expected, vr)),
            },
        };
        let stays = matches!(ruling.action, Action::Clean | Action::Keep) && ruling.rule != rule!("policy-attribute");
        // What may stay must be what the dictionary says it is.
        let ruling = match expected {
            Some(expected) if stays && !is_compatible(expected, vr) => {
                Ruling { action: Action::Remove, rule: rule!("vr-mismatch") }
            }
            _ => ruling,
        };
        required(ruling, expected.unwrap_or(vr), place.type_of(tag))
    }

    fn row(&self, tag: Tag) -> Option<RowRule> {
        let found = self.rows.binary_search_by_key(&tag, |(tag, _)| *tag).ok()?;
        Some(self.rows[found].1)
    }

    /// Chooses what a row says under the policy's options: an option that cleans goes before one that keeps.
    fn row_rule(&self, row: &ProfileRow, vr: Option<VR>) -> RowRule {
        let options = &self.options;
        if vr == Some(VR::TM) && !self.keeps_times {
            return RowRule::Basic(row.basic);
        }
        if row.cleans(options) {
            return RowRule::Decided(ruling(clean_action(vr.unwrap_or(VR::UN), options), rule!("e1.1-clean")));
        }
        if row.keeps(options) {
            // Kept values are still searched for the identities that other attributes name.
            let exact = matches!(vr, Some(VR::UI | VR::DA | VR::DT));
            let action = if exact { Action::Keep } else { Action::Clean };
            return RowRule::Decided(ruling(action, rule!("e1.1-keep")));
        }
        RowRule::Basic(row.basic)
    }

    /// Whether the attribute describes rather than names: what it says is no identity to search for elsewhere.
    pub fn is_descriptor(&self, tag: Tag) -> bool {
        self.descriptors.binary_search(&tag).is_ok()
    }

    /// Where the policy removes free text, what would be cleaned goes.
    fn without_free_text(&self, tag: Tag, vr: VR, decided: Ruling) -> Ruling {
        let text = matches!(vr, VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC);
        if self.free_text == FreeText::Remove && text && decided.action == Action::Clean && !is_coded_text(tag) {
            return ruling(Action::Remove, rule!("free-text"));
        }
        decided
    }

    /// Rules on a known attribute that the table does not list.
    fn unlisted(&self, expected: VR, found: VR) -> Ruling {
        if !is_compatible(expected, found) {
            return ruling(Action::Remove, rule!("vr-mismatch"));
        }
        let options = &self.options;
        let dates = options.retain_longitudinal_full_dates || options.retain_longitudinal_modified_dates;
        match expected {
            VR::SQ if found != VR::SQ => ruling(Action::Remove, rule!("opaque-sequence")),
            VR::PN => ruling(Action::Replace, rule!("unlisted-person-name")),
            VR::AE | VR::UR => ruling(Action::Remove, rule!("unlisted-address")),
            VR::UI if options.retain_uids => ruling(Action::Keep, rule!("unlisted")),
            VR::UI => ruling(Action::MapUid, rule!("unlisted-uid")),
            VR::DA | VR::DT if options.retain_longitudinal_full_dates => ruling(Action::Keep, rule!("unlisted")),
            VR::DA | VR::DT if options.retain_longitudinal_modified_dates => {
                ruling(Action::ShiftDate, rule!("unlisted-date"))
            }
            VR::TM if dates && self.keeps_times => ruling(Action::Clean, rule!("unlisted")),
            VR::DA | VR::DT | VR::TM => ruling(Action::Empty, rule!("unlisted-date")),
            _ => ruling(Action::Clean, rule!("unlisted")),
        }
    }

    /// The private creator by its name, if the safe list or the policy knows it. Asked once for a data set's block.
    pub fn creator(&self, name: &str) -> Option<CreatorId> {
        self.safe_private.creator(name)
    }

    /// Rules on a private attribute: kept when its creator's element is on the safe list or in the policy, else gone.
    pub fn private(&self, group: u16, creator: Option<CreatorId>, element: u8, vr: VR) -> Ruling {
        let Some(creator) = creator else { return ruling(Action::Remove, rule!("private")) };
        if let Some(action) = self.safe_private.policy_action(group, creator, element) {
            return ruling(action, rule!("policy-attribute"));
        }
        match self.safe_private.get(group, creator, element) {
            Some(safe) if self.options.retain_safe_private => {
                let decided = ruling(safe.action(self.options, vr), rule!("safe-private"));
                self.without_free_text(Tag(group, 0), safe.vr.unwrap_or(vr), decided)
            }
            _ => ruling(Action::Remove, rule!("private")),
        }
    }

    /// Whether a private creator is one of those that vendors are known to use, or that the policy names.
    pub fn knows_creator(&self, creator: &str) -> bool {
        self.creator(creator).is_some()
    }

    /// The VR that the safe list gives to a private attribute.
    pub fn private_vr(&self, group: u16, creator: &str, element: u8) -> Option<VR> {
        self.safe_private.get(group, self.creator(creator)?, element)?.vr
    }
}

/// Gives way where an attribute may not be absent: it is emptied (Type 2) or gets a dummy (Type 1), never kept.
///
/// A number that had to go is not replaced: a wrong measurement is worse than a missing one.
pub(crate) fn required(decided: Ruling, vr: VR, kind: Option<AttributeType>) -> Ruling {
    let numeric =
        matches!(vr, VR::DS | VR::IS | VR::US | VR::SS | VR::UL | VR::SL | VR::UV | VR::SV | VR::FL | VR::FD | VR::AT);
    let action = match (decided.action, kind) {
        (Action::Remove, Some(AttributeType::Valued)) if !numeric => Action::Replace,
        // The table's own X may trust that the condition is lost with what else goes; other rules know no more than
        // that the value was there.
        (Action::Remove, Some(AttributeType::ConditionallyValued))
            if !numeric && !matches!(decided.rule, "e1.1-basic" | "policy-attribute" | "dependent-attribute") =>
        {
            Action::Replace
        }
        (Action::Remove, Some(AttributeType::Present | AttributeType::ConditionallyPresent)) => Action::Empty,
        (Action::Empty, Some(AttributeType::Valued | AttributeType::ConditionallyValued)) if !numeric => {
            Action::Replace
        }
        _ => return decided,
    };
    let rule = if decided.rule == rule!("e1.1-basic") { rule!("e1.1-required") } else { decided.rule };
    ruling(action, rule)
}

/// Coded entries and kinds of units speak a shared vocabulary: they stay readable where free text beside them goes.
pub(crate) fn is_coded_text(tag: Tag) -> bool {
    let coded = [tags::CODE_VALUE, tags::CODING_SCHEME_DESIGNATOR, tags::CODING_SCHEME_VERSION, tags::CODE_MEANING];
    coded.contains(&tag) || matches!(tag, tags::RESCALE_TYPE | tags::MODALITY_LUT_TYPE)
}

/// Rules that hold for whole groups: the "rows" of the table that are not single attributes.
fn by_group(tag: Tag) -> Option<Ruling> {
    match tag {
        Tag(0x0000 | 0x0002 | 0x0004, _) => Some(ruling(Action::Remove, rule!("misplaced-group"))),
        Tag(_, 0x0000) => Some(ruling(Action::Remove, rule!("group-length"))),
        // Retired pixel data in groups of their own.
        Tag(0x7F00..=0x7FDF | 0x7FE1..=0x7FFF, _) => Some(ruling(Action::Remove, rule!("unknown-attribute"))),
        Tag(0x5000..=0x50FF, _) => Some(ruling(Action::Remove, rule!("curve"))),
        Tag(0x6000..=0x60FF, _) => Some(ruling(Action::Remove, rule!("overlay"))),
        Tag(0xFFFA | 0xFFFC, _) | Tag(0x4FFE, 0x0001) | Tag(0x0400, 0x0500) => {
            Some(ruling(Action::Remove, rule!("signature-or-padding")))
        }
        _ => None,
    }
}

/// The VR of the standard's dictionary, where a single one is given.
pub fn dictionary_vr(tag: Tag) -> Option<VR> {
    virtual_vr(tag).map(VirtualVr::relaxed)
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

const fn stays(ruling: Ruling) -> bool {
    matches!(ruling.action, Action::Clean | Action::Keep)
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
        let siemens = tier1.creator("Siemens MR Header ");
        assert!(siemens.is_some() && tier1.creator("NOBODY").is_none());
        assert_eq!(tier1.private(0x0019, siemens, 0x0C, VR::IS).action, Action::Clean);
        assert_eq!(tier1.private(0x0019, siemens, 0xFE, VR::IS).action, Action::Remove);
        assert_eq!(tier1.private(0x0019, None, 0x0C, VR::IS).action, Action::Remove);
        let basic = Tier1::new(&Policy::load("basic").expect("built in"));
        assert_eq!(basic.private(0x0019, siemens, 0x0C, VR::IS).action, Action::Remove);
    }
}
