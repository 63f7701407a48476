//! From samples to a gray picture.

use crate::palette::Palette;
use crate::{Frame, GrayFrame, Photometric, Samples};
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// A window that leaves out more than this share of a frame's pixels has a second picture without it.
const CLIPPED_SHARE: f64 = 0.000_2;
/// Colours whose components differ by more than this count as saturated.
const SATURATED_DIFFERENCE: u8 = 64;

/// What the data set says about showing one frame.
#[derive(Debug)]
pub(crate) struct GrayMapping {
    slope: f64,
    intercept: f64,
    /// Center and width, in rescaled values.
    window: Option<(f64, f64)>,
    palette: Option<Palette>,
}

impl GrayMapping {
    pub(crate) fn of(object: &InMemDicomObject, frame_idx: u32) -> Self {
        let number = |group: Tag, tag: Tag| lookup(object, frame_idx, group, tag).filter(|value| value.is_finite());
        let slope = number(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, tags::RESCALE_SLOPE);
        let center = number(tags::FRAME_VOILUT_SEQUENCE, tags::WINDOW_CENTER);
        let width = number(tags::FRAME_VOILUT_SEQUENCE, tags::WINDOW_WIDTH).filter(|&width| width >= 1.0);
        Self {
            slope: slope.filter(|&slope| slope != 0.0).unwrap_or(1.0),
            intercept: number(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, tags::RESCALE_INTERCEPT).unwrap_or(0.0),
            window: center.zip(width),
            palette: Palette::of(object),
        }
    }

    /// The picture as a viewer shows it.
    pub(crate) fn displayed(&self, frame: &Frame) -> GrayFrame {
        let pixels = match frame.photometric {
            Photometric::Monochrome1 | Photometric::Monochrome2 => {
                let values = frame.samples.to_f32();
                let (low, high) = self.window_in_samples().unwrap_or_else(|| extent(&values));
                gray(&values, low, high, frame.photometric == Photometric::Monochrome1)
            }
            _ => self.colors(frame).map(luminance).collect(),
        };
        picture(frame, pixels)
    }

    /// The other picture, where [`GrayMapping::displayed`] may hide something.
    pub(crate) fn alternative(&self, frame: &Frame) -> Option<GrayFrame> {
        if matches!(frame.photometric, Photometric::Monochrome1 | Photometric::Monochrome2) {
            let values = frame.samples.to_f32();
            let (low, high) = self.window_in_samples()?;
            let n_clipped = values.iter().filter(|&&value| f64::from(value) < low || f64::from(value) > high).count();
            if n_clipped as f64 <= CLIPPED_SHARE * values.len() as f64 {
                return None;
            }
            let (least, greatest) = extent(&values);
            let inverted = frame.photometric == Photometric::Monochrome1;
            return Some(picture(frame, gray(&values, least, greatest, inverted)));
        }
        let saturated =
            |&[red, green, blue]: &[u8; 3]| red.max(green).max(blue) - red.min(green).min(blue) > SATURATED_DIFFERENCE;
        let n_saturated = self.colors(frame).filter(saturated).count();
        let brightest = || self.colors(frame).map(|[red, green, blue]| red.max(green).max(blue)).collect();
        let n_pixels = frame.columns as usize * frame.rows as usize;
        (n_saturated as f64 > CLIPPED_SHARE * n_pixels as f64).then(|| picture(frame, brightest()))
    }

    /// The window's ends in stored values; a negative slope turns it round and is left to the whole range.
    fn window_in_samples(&self) -> Option<(f64, f64)> {
        let (center, width) = self.window?;
        // PS3.3 C.11.2.1.2.1, LINEAR: the ends lie half a value inside.
        let (low, high) = (center - 0.5 - (width - 1.0) / 2.0, center - 0.5 + (width - 1.0) / 2.0);
        let ends = ((low - self.intercept) / self.slope, (high - self.intercept) / self.slope);
        (self.slope > 0.0 && ends.0 < ends.1).then_some(ends)
    }

    fn colors<'a>(&'a self, frame: &'a Frame) -> Box<dyn Iterator<Item = [u8; 3]> + 'a> {
        let bytes = eight_bits(&frame.samples);
        match (frame.photometric, &self.palette) {
            (Photometric::PaletteColor, Some(palette)) => {
                Box::new(frame.samples.to_f32().into_iter().map(|index| palette.color(index as i64)))
            }
            (Photometric::YbrFull | Photometric::YbrPartial | Photometric::YbrFull422, _) => {
                Box::new(triples(bytes).map(from_ybr))
            }
            _ if frame.samples_per_pixel == 3 => Box::new(triples(bytes)),
            _ => Box::new(bytes.into_iter().map(|value| [value; 3])),
        }
    }
}

fn triples(bytes: Vec<u8>) -> impl Iterator<Item = [u8; 3]> {
    (0..bytes.len() / 3).map(move |pixel| [bytes[3 * pixel], bytes[3 * pixel + 1], bytes[3 * pixel + 2]])
}

fn picture(frame: &Frame, pixels: Vec<u8>) -> GrayFrame {
    GrayFrame::new(frame.columns, frame.rows, pixels).expect("a frame has as many pixels as its size says")
}

/// Samples of a colour image brought to eight bits by their own range.
fn eight_bits(samples: &Samples) -> Vec<u8> {
    match samples {
        Samples::U8(bytes) => bytes.clone(),
        other => {
            let values = other.to_f32();
            let (low, high) = extent(&values);
            gray(&values, low.min(0.0), high, false)
        }
    }
}

fn extent(values: &[f32]) -> (f64, f64) {
    let low = values.iter().copied().fold(f32::INFINITY, f32::min);
    let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    (f64::from(low), f64::from(high))
}

fn gray(values: &[f32], low: f64, high: f64, inverted: bool) -> Vec<u8> {
    let (low, high) = (low as f32, high as f32);
    let scale = if high > low { 255.0 / (high - low) } else { 0.0 };
    let level = |value: f32| ((value - low) * scale).clamp(0.0, 255.0) as u8;
    values.iter().map(|&value| if inverted { 255 - level(value) } else { level(value) }).collect()
}

/// ITU-R BT.601 luma.
fn luminance([red, green, blue]: [u8; 3]) -> u8 {
    ((u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114) / 1000) as u8
}

/// PS3.3 C.7.6.3.1.2, YBR_FULL.
fn from_ybr([luma, blue, red]: [u8; 3]) -> [u8; 3] {
    let (luma, blue, red) = (f32::from(luma), f32::from(blue) - 128.0, f32::from(red) - 128.0);
    let byte = |value: f32| value.clamp(0.0, 255.0) as u8;
    [byte(luma + 1.402 * red), byte(luma - 0.344_136 * blue - 0.714_136 * red), byte(luma + 1.772 * blue)]
}

/// A number of the data set itself, of the frame's functional group or of the shared one; its first value.
fn lookup(object: &InMemDicomObject, frame_idx: u32, group: Tag, tag: Tag) -> Option<f64> {
    let first = |data_set: &InMemDicomObject| {
        let values = data_set.get(tag)?.to_multi_float64().ok()?;
        values.first().copied()
    };
    let functional = |sequence: Tag, item_idx: usize| {
        first(object.get(sequence)?.items()?.get(item_idx)?.get(group)?.items()?.first()?)
    };
    first(object)
        .or_else(|| functional(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frame_idx as usize))
        .or_else(|| functional(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, 0))
}
