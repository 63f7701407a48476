//! Going through a data set: every value in it is replaced by a new identity's, mixed with it, or claimed to stay.

use super::people::new_uid;
use super::survey::parse_date;
use super::tables::{SafePrivate, Treatment, asks_for, nested_type, safe_private, treatment};
use super::{attributes, words};
use crate::dates;
use crate::iod::Scene;
use crate::plant::{Basis, Secret, Sheet};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use efface_schema::ElementReference;
use jiff::Span;
use std::collections::HashSet;

/// What a data set is rewritten by.
pub(super) struct Rewriter<'a> {
    pub(super) scene: Scene<'a>,
    /// How far dates move.
    pub(super) shift: Span,
    /// The UIDs of all studies, series and instances of the input.
    pub(super) known_uids: &'a HashSet<String>,
    /// Whether the file names the VRs of its attributes.
    pub(super) has_vrs: bool,
}

/// Where in the data set something stands.
#[derive(Clone, Copy)]
struct Place {
    is_root: bool,
    /// Whether what stands here must survive: nothing in a sequence that goes as a whole does.
    is_kept: bool,
}

/// Values of more parts are tables of numbers, which no key compares as text.
const MAX_VALUES: usize = 16;

impl Rewriter<'_> {
    /// Rewrites the data set but for the attributes that [`attributes::plant`] writes.
    pub(super) fn rewrite(&self, sheet: &mut Sheet<'_>) {
        self.level(sheet, Place { is_root: true, is_kept: true });
    }

    fn level(&self, sheet: &mut Sheet<'_>, place: Place) {
        for tag in sheet.tags() {
            if tag.element() == 0 {
                // The length of a group whose values change.
                sheet.remove(tag);
            } else if tag.group() % 2 == 1 {
                self.private(sheet, tag, place);
            } else if !(place.is_root && attributes::OWN.contains(&tag)) {
                self.standard(sheet, tag, place);
            }
        }
        if !place.is_root && place.is_kept {
            require_nested(sheet);
        }
    }

    fn standard(&self, sheet: &mut Sheet<'_>, tag: Tag, place: Place) {
        let Some(vr) = sheet.get(tag).map(|element| element.vr()) else { return };
        let does = treatment(tag);
        match vr {
            VR::SQ => {
                let is_kept = place.is_kept && matches!(does, Treatment::Unlisted | Treatment::Cleaned);
                // The content of a report is cleaned item by item.
                let is_kept = is_kept || place.is_kept && tag == tags::CONTENT_SEQUENCE;
                let reference = ElementReference::tag(tag.group(), tag.element());
                sheet.edit_items(&reference, tag, |item| self.level(item, Place { is_root: false, is_kept }));
            }
            VR::UI => self.uids(sheet, tag, does, place),
            VR::DA | VR::DT => self.date(sheet, tag, vr, does),
            VR::PN if sheet.texts(tag).is_some() => sheet.plant(tag, &attributes::name_for(&self.scene, tag)),
            VR::PN | VR::TM => {}
            _ => self.text(sheet, tag, vr, does, place),
        }
    }

    fn uids(&self, sheet: &mut Sheet<'_>, tag: Tag, does: Treatment, place: Place) {
        let Some(originals) = sheet.texts(tag) else { return };
        let is_standard = |uid: &String| uid.starts_with("1.2.840.10008.");
        if originals.iter().any(is_standard) {
            if does == Treatment::Unlisted && place.is_kept {
                sheet.retain(&ElementReference::tag(tag.group(), tag.element()), tag, Basis::Technique);
            }
            return;
        }
        let secrets: Vec<Secret> = originals.iter().map(|uid| new_uid(self.scene.streams, uid)).collect();
        if does == Treatment::Uid {
            sheet.plant_values(tag, &secrets.iter().collect::<Vec<_>>());
        } else if originals.iter().any(|uid| self.known_uids.contains(uid)) {
            sheet.substitute(tag, &secrets);
        }
    }

    fn date(&self, sheet: &mut Sheet<'_>, tag: Tag, vr: VR, does: Treatment) {
        let Some(originals) = sheet.texts(tag) else { return };
        let Some(moved) = originals.iter().map(|original| self.moved(original, vr)).collect::<Option<Vec<Secret>>>()
        else {
            return;
        };
        if does == Treatment::Date {
            sheet.plant_values(tag, &moved.iter().collect::<Vec<_>>());
        } else {
            sheet.substitute(tag, &moved);
        }
    }

    /// A date, or the date of a moment, moved as all of the patient's are.
    fn moved(&self, original: &str, vr: VR) -> Option<Secret> {
        let (date, time) = if vr == VR::DT { original.split_at_checked(8)? } else { (original, "") };
        let moved = parse_date(date)?.checked_add(self.shift).ok()?;
        Some(dates::dicom_date(moved).derive(|date| format!("{date}{time}")))
    }

    fn text(&self, sheet: &mut Sheet<'_>, tag: Tag, vr: VR, does: Treatment, place: Place) {
        let Some(texts) = sheet.texts(tag) else { return };
        let is_report_text = tag == tags::TEXT_VALUE && !place.is_root;
        if words::is_prose(vr) && (does == Treatment::Cleaned || is_report_text) {
            // Below the root both sides agree only about the content of reports.
            let is_cleaned = place.is_kept && (place.is_root || is_report_text);
            return words::mix_in(&self.scene, sheet, tag, is_cleaned);
        }
        if let Some(secret) = attributes::secret_for(&self.scene, tag).filter(|_| words::is_text(vr)) {
            return sheet.plant(tag, &secret);
        }
        let basis = match does {
            Treatment::Characteristic if !is_over_89(tag, &texts) => Basis::Patient,
            Treatment::Unlisted if !is_unsteady(tag) => Basis::Technique,
            _ => return,
        };
        if place.is_kept && is_comparable(vr, &texts) {
            sheet.retain(&ElementReference::tag(tag.group(), tag.element()), tag, basis);
        }
    }

    fn private(&self, sheet: &mut Sheet<'_>, tag: Tag, place: Place) {
        let (block, element) = (tag.element() >> 8, tag.element().to_le_bytes()[0]);
        let creator = (block >= 0x10).then(|| sheet.text(Tag(tag.group(), block))).flatten();
        let (Some(creator), Some(vr)) = (creator, sheet.get(tag).map(|element| element.vr())) else { return };
        let reference = ElementReference::private(tag.group(), creator.as_str(), element);
        let known = safe_private(&creator, tag.group(), element);
        match vr {
            VR::SQ => {
                return sheet
                    .edit_items(&reference, tag, |item| self.level(item, Place { is_root: false, is_kept: false }));
            }
            VR::UI => {
                let originals = sheet.texts(tag).unwrap_or_default();
                if known == Some(SafePrivate::Uid) || originals.iter().any(|uid| self.known_uids.contains(uid)) {
                    let secrets: Vec<Secret> = originals.iter().map(|uid| new_uid(self.scene.streams, uid)).collect();
                    sheet.substitute(tag, &secrets);
                }
                return;
            }
            _ => {}
        }
        let Some(texts) = sheet.texts(tag) else { return };
        if known == Some(SafePrivate::Kept) {
            if self.has_vrs && place.is_kept && is_comparable(vr, &texts) {
                sheet.retain(&reference, tag, Basis::Private);
            }
        } else if known.is_none() && self.has_vrs {
            self.plant_private(sheet, &reference, tag, vr, &texts);
        }
    }

    /// Puts identities where no list of safe attributes vouches for a private one.
    fn plant_private(&self, sheet: &mut Sheet<'_>, reference: &ElementReference, tag: Tag, vr: VR, texts: &[String]) {
        let ([text], persona) = (texts, self.scene.persona()) else { return };
        let secret = match vr {
            VR::PN => persona.name.clone(),
            VR::DA => match self.moved(text, vr) {
                Some(moved) => moved,
                None => return,
            },
            VR::LO | VR::ST | VR::LT | VR::UT if tag.element().is_multiple_of(3) => persona.name.sorted(),
            VR::LO | VR::ST | VR::LT | VR::UT if tag.element() % 3 == 1 => self.scene.institution.name.clone(),
            VR::SH => persona.patient_id.clone(),
            _ => return,
        };
        sheet.plant_over(reference, tag, &secret);
    }
}

/// Claims what the Types of an item's attributes ask for.
fn require_nested(sheet: &mut Sheet<'_>) {
    for tag in sheet.tags() {
        let basis = nested_type(&sheet.path(tag)).filter(|basis| asks_for(sheet, tag, *basis));
        if let Some(basis) = basis {
            sheet.require(tag, basis);
        }
    }
}

/// Patient's Age (0010,1010) of more than 89 years must go.
fn is_over_89(tag: Tag, texts: &[String]) -> bool {
    let years = |text: &String| text.strip_suffix('Y').and_then(|years| years.parse::<u32>().ok());
    tag == tags::PATIENT_AGE && texts.iter().filter_map(years).any(|years| years > 89)
}

/// Attributes that a de-identifier rightly changes, or that follow from pixels.
fn is_unsteady(tag: Tag) -> bool {
    const UNSTEADY: &[Tag] = &[
        tags::SPECIFIC_CHARACTER_SET,
        tags::BURNED_IN_ANNOTATION,
        tags::RECOGNIZABLE_VISUAL_FEATURES,
        tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
        tags::SMALLEST_IMAGE_PIXEL_VALUE,
        tags::LARGEST_IMAGE_PIXEL_VALUE,
        // What is decoded to be painted over is stored in other colors.
        tags::PHOTOMETRIC_INTERPRETATION,
        tags::PLANAR_CONFIGURATION,
        // Signed or not, as the pixels are.
        tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
        tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
        tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
        tags::LUT_DESCRIPTOR,
    ];
    // Overlays and curves go; the marks of an earlier de-identification are written anew.
    matches!(tag.group(), 0x0012 | 0x5000..=0x50ff | 0x6000..=0x60ff) || UNSTEADY.contains(&tag)
}

/// Whether a key can compare a value as text.
fn is_comparable(vr: VR, texts: &[String]) -> bool {
    let is_code = matches!(vr, VR::CS | VR::DS | VR::IS | VR::AS | VR::US | VR::SS | VR::UL | VR::SL | VR::FD | VR::FL);
    let is_words = matches!(vr, VR::SH | VR::LO) && texts.iter().all(|text| !words::has_long_number(text));
    // Exponents are written in several ways.
    let is_float = matches!(vr, VR::FD | VR::FL);
    let has_exponent = is_float && texts.iter().any(|text| text.contains(|character: char| character.is_alphabetic()));
    let is_plain = !has_exponent && texts.iter().all(|text| text.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    (is_code || is_words) && is_plain && texts.len() <= MAX_VALUES && texts.iter().all(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_names_are_not_compared() {
        let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        assert!(is_comparable(VR::DS, &texts(&["0.5", "0.50"])));
        assert!(is_comparable(VR::LO, &texts(&["B30f medium"])));
        assert!(!is_comparable(VR::LO, &texts(&["Order 4711234"])));
        assert!(!is_comparable(VR::SH, &texts(&["Größe"])));
        assert!(!is_comparable(VR::US, &vec!["1".to_owned(); 17]));
        assert!(is_comparable(VR::FD, &texts(&["0.5"])));
        assert!(!is_comparable(VR::FD, &texts(&["1e-7"])));
        assert!(!is_comparable(VR::ST, &texts(&["text"])));
    }

    #[test]
    fn only_ages_over_89_identify() {
        assert!(is_over_89(tags::PATIENT_AGE, &["090Y".to_owned()]));
        assert!(!is_over_89(tags::PATIENT_AGE, &["089Y".to_owned()]));
        assert!(!is_over_89(tags::PATIENT_WEIGHT, &["090Y".to_owned()]));
    }
}
