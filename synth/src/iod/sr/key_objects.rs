//! The content of a Key Object Selection Document (TID 2010): a remark, who made it, and the images.

use super::super::{Scene, sop_class};
use super::Referenced;
use super::content::{Content, Value};

/// Every second instance of the first two series of images; screenshots are as good as others.
pub(super) fn selected<'a>(scene: &Scene<'a>) -> Vec<Referenced<'a>> {
    let series = scene.study.series.iter().filter(|series| series.kind.is_image());
    series.take(2).map(|series| (series, series.instance_uids.iter().step_by(2).collect())).collect()
}

pub(super) fn content(scene: &Scene<'_>, selected: &[Referenced<'_>]) -> Vec<Content> {
    let rng = &mut scene.instance_stream("report text");
    let observer = Value::PersonName(scene.study.reading.clone());
    let remark = Value::Text(scene.instance_grammar().comment(rng, 1));
    let mut items = vec![
        Content::new("HAS OBS CONTEXT", ("121008", "DCM", "Person Observer Name"), observer),
        Content::new("CONTAINS", ("113012", "DCM", "Key Object Description"), remark),
    ];
    for (series, uids) in selected {
        items.extend(uids.iter().map(|uid| Content::image("CONTAINS", sop_class(series.kind), (*uid).clone())));
    }
    items
}
