//! What the truth says of a secret that stands somewhere, and what must be done about it.

use super::Secret;
use dicom_core::VR;
use efface_schema::{Action, AttributePath, Locus, PhiLabel, Place, PlantedValue};

impl Secret {
    /// The record of this secret at a place, as it was written there.
    pub(super) fn planted(&self, vr: VR, locus: Locus, place: Place, value: impl Into<String>) -> PlantedValue {
        let expected = Some(expected(vr, self.label(), place, &locus));
        PlantedValue { locus, place, label: self.label(), element: self.element(), value: value.into(), expected }
    }
}

/// The action that the profile asks for, as the truth says it and the answer key asks for it.
fn expected(vr: VR, label: PhiLabel, place: Place, locus: &Locus) -> Action {
    match locus {
        Locus::PixelRegion { .. } | Locus::PixelData => Action::Redact,
        _ if place == Place::Overlay => Action::Redact,
        Locus::TextSpan { .. } => Action::Clean,
        Locus::Attribute { path } => match vr {
            VR::UI => Action::MapUid,
            VR::DA | VR::DT if label == PhiLabel::Date => Action::ShiftDate,
            _ if *path == AttributePath::tag(0x0010, 0x0020) => Action::MapIdentifier,
            _ => Action::Remove,
        },
        Locus::Preamble | Locus::TrailingData | Locus::FileName => Action::Remove,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_follows_from_place_and_representation() {
        let at = |group, element| Locus::Attribute { path: AttributePath::tag(group, element) };
        for (vr, label, place, locus, action) in [
            (VR::PN, PhiLabel::Name, Place::ExplicitAttribute, at(0x0010, 0x0010), Action::Remove),
            (VR::LO, PhiLabel::Mrn, Place::ExplicitAttribute, at(0x0010, 0x0020), Action::MapIdentifier),
            (VR::UI, PhiLabel::OtherId, Place::ExplicitAttribute, at(0x0020, 0x000d), Action::MapUid),
            (VR::DA, PhiLabel::Date, Place::ExplicitAttribute, at(0x0008, 0x0020), Action::ShiftDate),
            (VR::OW, PhiLabel::Name, Place::Overlay, at(0x6000, 0x3000), Action::Redact),
            (VR::UN, PhiLabel::Name, Place::FileName, Locus::FileName, Action::Remove),
        ] {
            assert_eq!(expected(vr, label, place, &locus), action);
        }
    }
}
