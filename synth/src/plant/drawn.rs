//! Planting in pictures: a line is drawn and its truth written in one operation.

use super::phrase::Span;
use super::{Claim, ClaimKind, Phrase, Sheet};
use dicom_core::VR;
use efface_schema::{
    AttributePath, Corner, DrawnLine, DrawnWord, ElementReference, FrameRange, Locus, PixelMask, PixelRegion, Place,
};
use std::collections::BTreeSet;
use std::ops::Range;

/// How a line came out, character by character.
pub(crate) struct Rendering {
    /// The characters as they were drawn: as many as the text has.
    pub(crate) characters: Vec<char>,
    /// The pixels inside the image that each character inked.
    pub(crate) pixels: Vec<Vec<(u32, u32)>>,
    /// Whether a part of each character lies outside the image.
    pub(crate) is_cut: Vec<bool>,
    /// The corners of the box of the ink of some characters, before it was turned and cut.
    pub(crate) corners: Box<dyn Fn(Range<usize>) -> [Corner; 4]>,
    /// Every pixel that was changed.
    pub(crate) region: PixelRegion,
    /// What else there is to say. Its text and its words are not looked at.
    pub(crate) about: DrawnLine,
}

impl Sheet<'_> {
    /// Says how large the image is that lines are drawn into.
    pub(crate) fn draw_on(&mut self, columns: u32, rows: u32, n_frames: u32) {
        self.truth.drawn.columns = columns;
        self.truth.drawn.rows = rows;
        self.truth.drawn.n_frames = n_frames;
    }

    /// Draws a line of text into the image or an overlay plane: `draw` gets the text and says how it came out.
    ///
    /// When it says nothing, nothing was drawn and nothing is claimed. Returns whether what was drawn identifies.
    pub(crate) fn plant_line(&mut self, phrase: &Phrase, draw: impl FnOnce(&str) -> Option<Rendering>) -> Option<bool> {
        let rendering = draw(&phrase.text())?;
        let spans = phrase.spans();
        let words = words(&rendering, &spans);
        let identifies = words.iter().any(|word| word.label.is_some());
        for span in &spans {
            self.claim_drawn(span, &rendering);
        }
        let text = rendering.characters.iter().collect();
        let line = DrawnLine { text, words, region: rendering.region, ..rendering.about };
        self.truth.drawn.lines.push(line);
        Some(identifies)
    }

    /// Claims what can be seen of a secret.
    fn claim_drawn(&mut self, span: &Span<'_>, rendering: &Rendering) {
        let inked = |idx: &usize| !rendering.pixels[*idx].is_empty();
        let characters = span.start as usize..span.end as usize;
        let (Some(first), Some(last)) = (characters.clone().find(inked), characters.rev().find(inked)) else { return };
        let Some(region) = bounds(rendering.pixels[first..=last].iter().flatten()) else { return };
        let value: String = rendering.characters[first..=last].iter().collect();
        for locus in loci(&rendering.about, region) {
            let planted = span.secret.planted(VR::OW, locus, rendering.about.place, value.clone());
            self.truth.claims.push(Claim {
                kind: ClaimKind::Planted(planted),
                keyword: String::new(),
                vr: VR::OW,
                midi_value: String::new(),
            });
        }
    }
}

/// Where a part of a line stands: in all frames, in each of some, or in the data of an overlay plane.
fn loci(about: &DrawnLine, region: PixelRegion) -> Vec<Locus> {
    if let Some(group) = about.overlay_group {
        let path = AttributePath::default().element(ElementReference::tag(group, 0x3000));
        return vec![Locus::Attribute { path }];
    }
    if about.place == Place::Overlay {
        return vec![Locus::PixelData];
    }
    match &about.frames {
        None => vec![Locus::PixelRegion { frame_idx: None, region }],
        Some(frames) => frames
            .iter()
            .flat_map(|FrameRange { start, end }| *start..*end)
            .map(|frame_idx| Locus::PixelRegion { frame_idx: Some(frame_idx), region })
            .collect(),
    }
}

/// What stands between blanks, with the label of the first secret in it; words outside the image are left out.
fn words(rendering: &Rendering, spans: &[Span<'_>]) -> Vec<DrawnWord> {
    let mut words = Vec::new();
    let mut start = 0;
    for word in rendering.characters.split(|character| character.is_whitespace()) {
        let characters = start..start + word.len();
        start = characters.end + 1;
        let pixels: BTreeSet<(u32, u32)> = rendering.pixels[characters.clone()].iter().flatten().copied().collect();
        let Some(region) = bounds(&pixels) else { continue };
        let overlaps = |span: &&Span<'_>| {
            (span.start as usize) < characters.end && characters.start < span.end as usize && span.start < span.end
        };
        let mask = PixelMask::of(region.x1 - region.x0, region.y1 - region.y0, |x, y| {
            pixels.contains(&(region.x0 + x, region.y0 + y))
        });
        words.push(DrawnWord {
            text: word.iter().collect(),
            label: spans.iter().find(overlaps).map(|span| span.secret.label()),
            region,
            corners: (rendering.corners)(characters.clone()),
            is_cut: rendering.is_cut[characters].contains(&true),
            mask,
        });
    }
    words
}

/// The smallest region that holds some pixels.
pub(crate) fn bounds<'p>(pixels: impl IntoIterator<Item = &'p (u32, u32)>) -> Option<PixelRegion> {
    pixels
        .into_iter()
        .map(|(x, y)| PixelRegion { x0: *x, y0: *y, x1: x + 1, y1: y + 1 })
        .reduce(|region, pixel| region.union(&pixel))
}
