//! References to other instances of the study.

use super::{Scene, sop_class};
use crate::plan::SeriesPlan;
use crate::plant::{Secret, Sheet};
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// The first series of slices: what segments, structures and plans lie on.
pub(super) fn slices<'a>(scene: &Scene<'a>) -> Option<&'a SeriesPlan> {
    scene.study.series.iter().find(|series| series.kind.is_slice())
}

/// The first series that a grayscale presentation state can show.
pub(super) fn gray<'a>(scene: &Scene<'a>) -> Option<&'a SeriesPlan> {
    scene.study.series.iter().find(|series| series.kind.is_gray())
}

/// The series of images of the study, screenshots apart.
pub(super) fn images<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a SeriesPlan> {
    use crate::SeriesKind::{Sc, ScColor, ScPalette};
    scene
        .study
        .series
        .iter()
        .filter(|series| series.kind.is_image() && !matches!(series.kind, Sc | ScColor | ScPalette))
}

/// Class and first instance of a series.
pub(super) fn first_of(series: &SeriesPlan) -> (&'static str, &Secret) {
    (sop_class(series.kind), &series.instance_uids[0])
}

/// Writes the class and plants the UID of a referenced instance.
pub(super) fn instance(item: &mut Sheet<'_>, class: &str, uid: &Secret) {
    item.put(tags::REFERENCED_SOP_CLASS_UID, class);
    item.plant(tags::REFERENCED_SOP_INSTANCE_UID, uid);
}

/// Writes a sequence with one item for each instance of a series.
pub(super) fn all_instances(sheet: &mut Sheet<'_>, sequence: Tag, series: &SeriesPlan) {
    sheet.items(sequence, series.settings.instances, |instance_idx, item| {
        instance(item, sop_class(series.kind), &series.instance_uids[instance_idx as usize]);
    });
}

/// Referenced Series Sequence of the Common Instance Reference module.
pub(super) fn referenced_series(sheet: &mut Sheet<'_>, series: &SeriesPlan) {
    sheet.item(tags::REFERENCED_SERIES_SEQUENCE, |item| {
        all_instances(item, tags::REFERENCED_INSTANCE_SEQUENCE, series);
        item.plant(tags::SERIES_INSTANCE_UID, &series.uid);
    });
}
