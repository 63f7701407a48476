//! A cheap search for things that look like lines of text.
//!
//! Burned-in text has one intensity, strokes that stand out from what is around them, glyphs of one size in a row.
//! Noise and anatomy have some of that now and then, hardly ever all of it.
//! A candidate is then read by OCR; [`TextLine::evidence`] says how much it looks like text before anyone has read it.

use super::quality::quality;
use efface_frames::GrayFrame;
use efface_schema::PixelRegion;

/// Least height of a glyph in pixels; smaller marks are taken up by their line.
const LEAST_HEIGHT_PX: u32 = 5;
/// Greatest height of a glyph in pixels.
const GREATEST_HEIGHT_PX: u32 = 90;
/// Greatest height of a glyph as a part of the frame's rows, but not less than [`SMALL_FRAME_HEIGHT_PX`]. Consoles
/// write 12 to 40 lines on a screen; what is higher than an eighth of it is anatomy, as a pair of lungs is.
const ROWS_PER_GLYPH: u32 = 8;
/// Height that a glyph may have in any frame, so that thumbnails with text of readable size are covered.
const SMALL_FRAME_HEIGHT_PX: u32 = 24;
/// Least difference of a glyph to its surroundings in gray levels.
const LEAST_CONTRAST: i32 = 28;
/// Half the side of the square whose mean a pixel is compared with.
const NEIGHBOURHOOD_PX: u32 = 16;
/// By how many deviations of its neighbourhood a pixel must stand out. Small text needs the low factor; on rough
/// ground the high one keeps strokes apart from the noise around them.
const DEVIATIONS: [f32; 2] = [1.0, 1.8];
/// How far below the greatest value the strokes of text that has it may lie.
const PLATEAU_DEPTHS: [u8; 2] = [12, 70];
/// Greatest difference of intensity between two glyphs of a line in gray levels.
const LEVEL_DIFFERENCE: i32 = 50;

/// Whether strokes are lighter or darker than their ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Polarity {
    /// Light strokes on dark ground.
    Light,
    /// Dark strokes on light ground.
    Dark,
}

impl Polarity {
    /// A level as if strokes were light.
    pub(super) const fn seen(self, level: u8) -> u8 {
        match self {
            Self::Light => level,
            Self::Dark => 255 - level,
        }
    }
}

/// A connected stroke or group of strokes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glyph {
    /// Where it stands.
    pub region: PixelRegion,
    /// Number of its pixels.
    pub n_pixels: u32,
    /// Mean number of strokes that a row of it crosses: 1 or 2 for a letter, many for letters that touch.
    pub n_strokes: f64,
    /// Its intensity: the upper decile of its pixels; of the inverted image for dark strokes.
    pub level: u8,
    /// Its distance in intensity to the pixels around it.
    pub contrast: u8,
}

/// Glyphs in a row.
#[derive(Debug, Clone, PartialEq)]
pub struct TextLine {
    /// What holds all glyphs.
    pub region: PixelRegion,
    /// Its glyphs, from left to right.
    pub glyphs: Vec<Glyph>,
    /// How strokes and ground relate.
    pub polarity: Polarity,
    /// Likeness to text between 0 and 1: how regular the row is, times how sure it is that it is ink.
    pub evidence: f64,
}

impl TextLine {
    /// Median height of the glyphs in pixels.
    pub fn height_px(&self) -> u32 {
        let mut heights: Vec<u32> = self.glyphs.iter().map(|glyph| height(&glyph.region)).collect();
        heights.sort_unstable();
        heights[heights.len() / 2]
    }
}

/// Finds candidates for lines of text, from top to bottom.
pub fn find_lines(frame: &GrayFrame) -> Vec<TextLine> {
    let (columns, rows) = (frame.columns(), frame.rows());
    let local = LocalMasks::of(frame.pixels(), columns, rows);
    let mut lines = Vec::new();
    for (polarity, mut masks) in [(Polarity::Light, local.light), (Polarity::Dark, local.dark)] {
        let image: Vec<u8> = frame.pixels().iter().map(|pixel| polarity.seen(*pixel)).collect();
        masks.extend(PLATEAU_DEPTHS.iter().filter_map(|&depth| plateau_mask(&image, depth)));
        for mask in masks {
            let glyphs = glyphs(&mask, &image, columns, rows);
            lines.extend(rows_of(glyphs, polarity).into_iter().map(|line| {
                let evidence = line.evidence * quality(&line.glyphs, &mask, &image, columns);
                TextLine { evidence, ..line }
            }));
        }
    }
    without_repetitions(lines)
}

fn height(region: &PixelRegion) -> u32 {
    region.y1 - region.y0
}

fn width(region: &PixelRegion) -> u32 {
    region.x1 - region.x0
}

/// Pixels that stand out from the mean of their neighbourhood, for each polarity one mask for each of [`DEVIATIONS`].
struct LocalMasks {
    light: Vec<Vec<bool>>,
    dark: Vec<Vec<bool>>,
}

impl LocalMasks {
    fn of(image: &[u8], columns: u32, rows: u32) -> Self {
        let (sums, squares) = integrals(image, columns as usize, rows as usize);
        let stride = columns as usize + 1;
        let none = vec![vec![false; image.len()]; DEVIATIONS.len()];
        let mut masks = Self { light: none.clone(), dark: none };
        for y in 0..rows {
            let (y0, y1) = (y.saturating_sub(NEIGHBOURHOOD_PX) as usize, (y + NEIGHBOURHOOD_PX + 1).min(rows) as usize);
            for x in 0..columns {
                let at = (y * columns + x) as usize;
                let (x0, x1) =
                    (x.saturating_sub(NEIGHBOURHOOD_PX) as usize, (x + NEIGHBOURHOOD_PX + 1).min(columns) as usize);
                let over = |table: &[u64]| {
                    (table[y1 * stride + x1] + table[y0 * stride + x0])
                        - (table[y0 * stride + x1] + table[y1 * stride + x0])
                };
                let n = ((x1 - x0) * (y1 - y0)) as f32;
                let mean = over(&sums) as f32 / n;
                let difference = f32::from(image[at]) - mean;
                // Most pixels stand out by less, whatever the neighbourhood's deviation is.
                if difference.abs() <= LEAST_CONTRAST as f32 {
                    continue;
                }
                let variance = (over(&squares) as f32 / n - mean * mean).max(0.0);
                let of_polarity = if difference > 0.0 { &mut masks.light } else { &mut masks.dark };
                for (mask, factor) in of_polarity.iter_mut().zip(DEVIATIONS) {
                    mask[at] = difference * difference > factor * factor * variance;
                }
            }
        }
        masks
    }
}

/// Sums and sums of squares over all rectangles that start at the origin.
fn integrals(image: &[u8], columns: usize, rows: usize) -> (Vec<u64>, Vec<u64>) {
    let stride = columns + 1;
    let mut sums = vec![0_u64; stride * (rows + 1)];
    let mut squares = sums.clone();
    for y in 0..rows {
        let (mut sum, mut square) = (0_u64, 0_u64);
        for x in 0..columns {
            let value = u64::from(image[y * columns + x]);
            sum += value;
            square += value * value;
            let at = (y + 1) * stride + x + 1;
            sums[at] = sums[at - stride] + sum;
            squares[at] = squares[at - stride] + square;
        }
    }
    (sums, squares)
}

/// Pixels at the top of the range, unless so many are there that it cannot be text alone.
fn plateau_mask(image: &[u8], depth: u8) -> Option<Vec<bool>> {
    let top = image.iter().copied().max()?;
    let floor = top.saturating_sub(depth);
    let n_top = image.iter().filter(|&&pixel| pixel >= floor).count();
    (floor > 40 && n_top * 6 < image.len()).then(|| image.iter().map(|&pixel| pixel >= floor).collect())
}

/// Runs of set pixels in one row.
struct Run {
    y: u32,
    x0: u32,
    x1: u32,
    parent: usize,
}

/// The connected components (eight neighbours) that have the size and the contrast of glyphs.
fn glyphs(mask: &[bool], image: &[u8], columns: u32, rows: u32) -> Vec<Glyph> {
    let mut runs = runs(mask, columns, rows);
    connect(&mut runs);
    let mut members: std::collections::BTreeMap<usize, Vec<usize>> = std::collections::BTreeMap::new();
    for idx in 0..runs.len() {
        members.entry(root(&mut runs, idx)).or_default().push(idx);
    }
    members.values().filter_map(|component| glyph(&runs, component, mask, image, columns, rows)).collect()
}

fn runs(mask: &[bool], columns: u32, rows: u32) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for y in 0..rows {
        let row = &mask[(y * columns) as usize..((y + 1) * columns) as usize];
        let mut x = 0;
        while x < columns {
            if !row[x as usize] {
                x += 1;
                continue;
            }
            let x0 = x;
            while x < columns && row[x as usize] {
                x += 1;
            }
            runs.push(Run { y, x0, x1: x, parent: runs.len() });
        }
    }
    runs
}

fn root(runs: &mut [Run], mut idx: usize) -> usize {
    while runs[idx].parent != idx {
        runs[idx].parent = runs[runs[idx].parent].parent;
        idx = runs[idx].parent;
    }
    idx
}

fn connect(runs: &mut [Run]) {
    let mut above = 0;
    for idx in 0..runs.len() {
        let (y, x0, x1) = (runs[idx].y, runs[idx].x0, runs[idx].x1);
        while runs[above].y + 1 < y {
            above += 1;
        }
        let mut other = above;
        while runs[other].y + 1 == y && runs[other].x0 <= x1 {
            if runs[other].x1 >= x0 {
                let (first, second) = (root(runs, other), root(runs, idx));
                let (low, high) = (first.min(second), first.max(second));
                runs[high].parent = low;
            }
            other += 1;
        }
        // Runs of the row above that end before this one cannot touch a later one.
        while runs[above].y + 1 == y && runs[above].x1 < x0 {
            above += 1;
        }
    }
}

fn glyph(runs: &[Run], component: &[usize], mask: &[bool], image: &[u8], columns: u32, rows: u32) -> Option<Glyph> {
    let own = || component.iter().map(|&idx| &runs[idx]);
    let region = PixelRegion {
        x0: own().map(|run| run.x0).min()?,
        y0: own().map(|run| run.y).min()?,
        x1: own().map(|run| run.x1).max()?,
        y1: own().map(|run| run.y).max()? + 1,
    };
    let (width, height) = (width(&region), height(&region));
    let n_pixels: u32 = own().map(|run| run.x1 - run.x0).sum();
    let sized = (LEAST_HEIGHT_PX..=GREATEST_HEIGHT_PX.min((rows / ROWS_PER_GLYPH).max(SMALL_FRAME_HEIGHT_PX)))
        .contains(&height);
    let filled = f64::from(n_pixels) / region.area_px() as f64;
    if !sized || width > 10 * height || filled < 0.12 || (width > 3 && height > 8 && filled > 0.92) {
        return None;
    }
    // Letters that touch are crossed by a stroke every few pixels; an edge of anatomy as wide as that is not.
    let n_strokes = component.len() as f64 / f64::from(height);
    if width * 2 > height * 5 && n_strokes < 0.8 * f64::from(width) / f64::from(height) {
        return None;
    }
    let mut levels: Vec<u8> = own()
        .flat_map(|run| &image[(run.y * columns + run.x0) as usize..(run.y * columns + run.x1) as usize])
        .copied()
        .collect();
    levels.sort_unstable();
    let level = levels[levels.len() * 9 / 10];
    let around = region.grown(1, columns, rows);
    let (mut sum, mut n) = (0_u32, 0_u32);
    for y in around.y0..around.y1 {
        for at in (y * columns + around.x0) as usize..(y * columns + around.x1) as usize {
            if !mask[at] {
                sum += u32::from(image[at]);
                n += 1;
            }
        }
    }
    let contrast = level.saturating_sub(u8::try_from(sum / n.max(1)).unwrap_or(u8::MAX));
    (i32::from(contrast) >= LEAST_CONTRAST).then_some(Glyph { region, n_pixels, n_strokes, level, contrast })
}

/// Puts glyphs that continue each other into rows.
fn rows_of(mut glyphs: Vec<Glyph>, polarity: Polarity) -> Vec<TextLine> {
    glyphs.sort_by_key(|glyph| (glyph.region.x0, glyph.region.y0));
    let mut rows: Vec<Vec<Glyph>> = Vec::new();
    for glyph in glyphs {
        let best = rows
            .iter_mut()
            .filter(|row| row.last().is_some_and(|last| continues(last, &glyph)))
            .min_by_key(|row| row.last().map(|last| glyph.region.x0.saturating_sub(last.region.x1)));
        match best {
            Some(row) => row.push(glyph),
            None => rows.push(vec![glyph]),
        }
    }
    rows.into_iter().filter_map(|glyphs| line(glyphs, polarity)).collect()
}

fn continues(last: &Glyph, next: &Glyph) -> bool {
    let (low, high) = (height(&last.region), height(&next.region));
    let (low, high) = (low.min(high), low.max(high));
    let shared = last.region.y1.min(next.region.y1).saturating_sub(last.region.y0.max(next.region.y0));
    let gap = next.region.x0.saturating_sub(last.region.x1);
    high * 2 <= low * 5
        && shared * 2 >= low
        && gap * 5 <= high * 7 + 10
        && (i32::from(last.level) - i32::from(next.level)).abs() <= LEVEL_DIFFERENCE
}

fn line(glyphs: Vec<Glyph>, polarity: Polarity) -> Option<TextLine> {
    let region = glyphs.iter().map(|glyph| glyph.region).reduce(|all, next| all.union(&next))?;
    let wide = width(&region) >= height(&region) * 3 / 2;
    if glyphs.len() < 2 && !wide {
        return None;
    }
    let evidence = evidence(&glyphs);
    Some(TextLine { region, glyphs, polarity, evidence })
}

/// How regular a row is: equal intensity, common baseline, common height, enough glyphs, strong edges.
fn evidence(glyphs: &[Glyph]) -> f64 {
    let n = glyphs.len() as f64;
    let spread = |values: Vec<f64>| {
        let mean = values.iter().sum::<f64>() / n;
        (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt()
    };
    let mut heights: Vec<u32> = glyphs.iter().map(|glyph| height(&glyph.region)).collect();
    heights.sort_unstable();
    let usual = f64::from(heights[heights.len() / 2]);
    let mut ends: Vec<u32> = glyphs.iter().map(|glyph| glyph.region.y1).collect();
    ends.sort_unstable();
    let baseline = f64::from(ends[ends.len() / 2]);
    let on_baseline =
        glyphs.iter().filter(|glyph| (f64::from(glyph.region.y1) - baseline).abs() <= (usual * 0.12).max(1.0));
    let aligned = on_baseline.count() as f64 / n;
    let level = 1.0 - (spread(glyphs.iter().map(|glyph| f64::from(glyph.level)).collect()) / 40.0).min(1.0);
    let contrast = glyphs.iter().map(|glyph| f64::from(glyph.contrast)).sum::<f64>() / n;
    // Letters that touch are one component: the strokes that its rows cross tell how many there are.
    let n_letters = glyphs.iter().map(|glyph| (glyph.n_strokes / 1.8).max(1.0)).sum::<f64>();
    let many = ((n_letters - 1.0) / 4.0).min(1.0);
    many * level * aligned * aligned * (contrast / 80.0).min(1.0)
}

/// Two masks find the same line twice: the one with more evidence stays.
fn without_repetitions(mut lines: Vec<TextLine>) -> Vec<TextLine> {
    lines.sort_by(|a, b| {
        b.evidence.total_cmp(&a.evidence).then(a.region.cmp(&b.region)).then(a.polarity.cmp(&b.polarity))
    });
    let mut kept: Vec<TextLine> = Vec::new();
    for line in lines {
        let covered = kept.iter().any(|other| {
            let shared = other.region.intersection(&line.region).map_or(0, |shared| shared.area_px());
            shared * 25 >= line.region.area_px() * 23
        });
        if !covered {
            kept.push(line);
        }
    }
    kept.sort_by_key(|line| (line.region.y0, line.region.x0));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bars of one intensity in a row, as letters are.
    fn bars(ink: u8, paper: u8) -> GrayFrame {
        let mut pixels = vec![paper; 128 * 64];
        for letter in 0..6 {
            for y in 20..32 {
                for x in 0..6 {
                    if x < 2 || y < 22 {
                        pixels[y * 128 + 20 + letter * 10 + x] = ink;
                    }
                }
            }
        }
        GrayFrame::new(128, 64, pixels).expect("128 by 64 pixels")
    }

    #[test]
    fn rows_of_equal_strokes_are_found_in_both_polarities() {
        for (ink, paper, polarity) in [(255, 20, Polarity::Light), (0, 200, Polarity::Dark)] {
            let lines = find_lines(&bars(ink, paper));
            let line =
                lines.iter().find(|line| line.polarity == polarity && line.glyphs.len() == 6).expect("a line of six");
            assert_eq!(line.region, PixelRegion { x0: 20, y0: 20, x1: 76, y1: 32 });
            assert!(line.evidence > 0.9, "{}", line.evidence);
            assert_eq!(line.height_px(), 12);
        }
    }

    #[test]
    fn flat_frames_and_ramps_have_no_lines() {
        let flat = GrayFrame::new(64, 64, vec![90; 64 * 64]).expect("64 by 64 pixels");
        assert_eq!(find_lines(&flat), []);
        let ramp =
            GrayFrame::new(64, 64, (0..64 * 64).map(|at| (at % 64 * 4) as u8).collect()).expect("64 by 64 pixels");
        assert!(find_lines(&ramp).iter().all(|line| line.evidence < 0.2));
        let point = GrayFrame::new(1, 1, vec![255]).expect("one pixel");
        assert_eq!(find_lines(&point), []);
    }
}
