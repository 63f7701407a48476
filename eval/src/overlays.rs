//! Whether text in an overlay is gone: in a plane of its own, or in the high bits of the pixels.
//!
//! A plane that is gone or blank shows nothing. Otherwise the truth says where the line was drawn: it is gone where no
//! bit is set any more inside its words; a bit that is left counts as a leak, since painting over a plane sets all or
//! none, and all of them set is told from a word by nothing that is certain.

use crate::pixels::Outcome;
use crate::reader::{DataSet, Instance, Tag, Value};
use crate::score::pixel_bytes;
use crate::view::find;
use efface_schema::{DrawnText, ElementReference, Locus, PixelRegion, Place, PlantedValue, TruthRecord};

/// Judges a value that was drawn into an overlay.
pub(crate) fn judge(
    truth: &TruthRecord,
    value: &PlantedValue,
    output: &Instance<'_>,
    original: Option<&Instance<'_>>,
) -> Outcome {
    match &value.locus {
        Locus::Attribute { path } => {
            let plane = |instance| match find(instance, path).map(|found| found.element.value.clone()) {
                Some(Value::Bytes(bytes)) => Some(bytes),
                _ => None,
            };
            let Some(now) = plane(output) else { return Outcome::Removed };
            let group = path.last().map(ElementReference::group);
            let drawn = truth.drawn.as_ref().map(|drawn| (drawn, regions(drawn, value, group)));
            judge_plane(now, original.and_then(plane), drawn)
        }
        Locus::PixelData => judge_bits(truth, value, output, original),
        _ => Outcome::Unjudged,
    }
}

/// The words of the lines in an overlay that show a value.
fn regions(drawn: &DrawnText, value: &PlantedValue, group: Option<u16>) -> Vec<PixelRegion> {
    let lines = drawn
        .lines
        .iter()
        .filter(|line| line.place == Place::Overlay && line.overlay_group == group && line.text.contains(&value.value));
    lines.flat_map(|line| &line.words).filter(|word| word.label.is_some()).map(|word| word.region).collect()
}

fn judge_plane(now: &[u8], before: Option<&[u8]>, drawn: Option<(&DrawnText, Vec<PixelRegion>)>) -> Outcome {
    if now.iter().all(|byte| *byte == 0) {
        return Outcome::Removed;
    }
    if before == Some(now) {
        return Outcome::Leaked;
    }
    match drawn {
        Some((drawn, regions)) if !regions.is_empty() => {
            let is_set = |pixel: usize| now.get(pixel / 8).is_some_and(|byte| byte & (1 << (pixel % 8)) != 0);
            verdict(any_pixel(&regions, drawn.columns, is_set))
        }
        _ => Outcome::Unjudged,
    }
}

/// Pixels of 16 bits that are not compressed, whose highest bit is the overlay.
fn judge_bits(
    truth: &TruthRecord,
    value: &PlantedValue,
    output: &Instance<'_>,
    original: Option<&Instance<'_>>,
) -> Outcome {
    let (Some(now), before) = (pixel_bytes(output), original.and_then(pixel_bytes)) else { return Outcome::Removed };
    if before == Some(now) {
        return Outcome::Leaked;
    }
    let Some(drawn) = truth.drawn.as_ref().filter(|_| before.is_some_and(|before| before.len() == now.len())) else {
        return Outcome::Unjudged;
    };
    let Some(n_stored) = number(&output.data_set, 0x0101, output.big_endian).filter(|bits| *bits < 16) else {
        return Outcome::Unjudged;
    };
    let has_high_bits = |pixel: usize| {
        let bytes = now.get(2 * pixel..2 * pixel + 2).map_or([0; 2], |bytes| [bytes[0], bytes[1]]);
        let word = if output.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) };
        word >> n_stored != 0
    };
    verdict(any_pixel(&regions(drawn, value, None), drawn.columns, has_high_bits))
}

/// A number of group 0028.
fn number(data_set: &DataSet<'_>, element: u16, is_big_endian: bool) -> Option<u16> {
    let bytes: [u8; 2] = data_set.bytes(Tag::new(0x0028, element))?.try_into().ok()?;
    Some(if is_big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
}

fn any_pixel(regions: &[PixelRegion], columns: u32, is_set: impl Fn(usize) -> bool) -> bool {
    regions.iter().any(|region| {
        (region.y0..region.y1)
            .any(|y| (region.x0..region.x1).any(|x| is_set(y as usize * columns as usize + x as usize)))
    })
}

const fn verdict(is_left: bool) -> Outcome {
    if is_left { Outcome::Leaked } else { Outcome::Removed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_is_judged_where_its_text_was() {
        let drawn = DrawnText { columns: 8, rows: 2, n_frames: 1, lines: Vec::new() };
        let text = vec![PixelRegion { x0: 0, y0: 0, x1: 4, y1: 2 }];
        let judged = |now: &[u8]| judge_plane(now, Some(&[0b1000_0101, 0b1000_0110]), Some((&drawn, text.clone())));
        assert_eq!(judged(&[0, 0]), Outcome::Removed);
        assert_eq!(judged(&[0b1000_0000, 0b1000_0000]), Outcome::Removed, "what else was drawn may stay");
        assert_eq!(judged(&[0b1000_0001, 0b1000_0000]), Outcome::Leaked);
        assert_eq!(judged(&[0b1000_0101, 0b1000_0110]), Outcome::Leaked);
        assert_eq!(judge_plane(&[1, 0], Some(&[3, 0]), None), Outcome::Unjudged, "a truth without places");
    }
}
