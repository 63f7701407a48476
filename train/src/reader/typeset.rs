//! Lines that are set in fonts of this machine, on grounds of the pictures: a network that has seen a dozen fonts reads
//! another one badly.

use super::config::{LinesConfig, TypesetConfig};
use super::lines::{TextLines, at};
use super::sample::{Cut, Sample, between, cut_of, empty_area, patch, sample_of};
use crate::checkpoint::read;
use crate::detector::PictureStore;
use crate::detector::retouch::Patch;
use crate::error::TrainError;
use crate::streams::{below, unit};
use ab_glyph::{Font, FontVec, PxScale, ScaleFont, point};
use efface_nets::NetsError;
use efface_nets::reader::ReaderConfig;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Heights of letters without those of small size, in pixels; most are small.
const HEIGHTS_PX: [f64; 2] = [7.0, 40.0];
/// By how much a font is made wider.
const WIDTHS: [f64; 2] = [0.8, 1.25];
/// Share of the lines without shades: what consoles draw.
const WITHOUT_SHADES: f64 = 0.35;
/// Share of the lines with signs that were drawn at random.
const RANDOM_TEXTS: f64 = 0.3;
/// The most signs of those.
const MOST_SIGNS: usize = 12;
/// Share of the lines in capitals, of those that are not.
const CAPITALS: f64 = 0.2;
/// Share of the lines with a dark rim.
const RIMMED: f64 = 0.1;
/// Differences of ink and ground in levels.
const CONTRASTS: [f64; 2] = [18.0, 230.0];
/// Ground around the text, in heights, before the line is cut out.
const MARGIN: f32 = 1.2;
/// What a font must have: the printable signs of ASCII.
const LEAST_SIGNS: std::ops::RangeInclusive<char> = '!'..='~';

/// The fonts of a run.
pub struct Fonts {
    fonts: Vec<FontVec>,
    digest: String,
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Fonts").field("fonts", &self.fonts.len()).finish_non_exhaustive()
    }
}

fn is_font(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| ["ttf", "otf"].contains(&ending.as_str()))
}

/// The fonts of a folder and of those in it, or the file itself, in order.
fn files(path: &Path) -> Result<Vec<PathBuf>, TrainError> {
    let mut found = Vec::new();
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry.map_err(|error| NetsError::reading(path)(error.into()))?;
        if entry.file_type().is_file() && (entry.depth() == 0 || is_font(entry.path())) {
            found.push(entry.into_path());
        }
    }
    Ok(found)
}

impl Fonts {
    /// Reads all fonts that a configuration names. Those without the signs of ASCII are left out.
    ///
    /// # Errors
    /// [`TrainError::Nets`] for what cannot be read, and [`TrainError::Font`] for what is no font.
    pub fn open(config: &TypesetConfig) -> Result<Self, TrainError> {
        let paths = config.fonts.iter().map(|path| files(path)).collect::<Result<Vec<_>, _>>()?.concat();
        let (mut fonts, mut hasher) = (Vec::new(), Sha256::new());
        for path in paths {
            let bytes = read(&path)?;
            hasher.update(&bytes);
            let font = FontVec::try_from_vec(bytes).map_err(|_| TrainError::Font { path: path.clone() })?;
            if LEAST_SIGNS.clone().all(|sign| font.glyph_id(sign).0 != 0) {
                fonts.push(font);
            }
        }
        let digest = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { fonts, digest })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.fonts.len()
    }

    /// The digest of all their bytes.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// How much of each pixel of a patch is ink, and where there is any.
struct Inked {
    shares: Vec<f32>,
    columns: usize,
    bounds: [f32; 4],
}

/// Sets a text.
fn set(font: &FontVec, text: &str, scale: PxScale, spacing: f32, start: (f32, f32)) -> Option<Inked> {
    let scaled = font.as_scaled(scale);
    let advance = |sign: char| scaled.h_advance(font.glyph_id(sign)) + spacing;
    let height = scaled.height();
    let margin = MARGIN * height;
    let columns = (text.chars().map(advance).sum::<f32>() + 2.0 * margin).ceil() as usize;
    let rows = (height + 2.0 * margin).ceil() as usize;
    let mut shares = vec![0.0_f32; columns * rows];
    let mut bounds = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
    let (mut pen, base) = (margin + start.0, margin + start.1 + scaled.ascent());
    for sign in text.chars() {
        let glyph = font.glyph_id(sign).with_scale_and_position(scale, point(pen, base));
        pen += advance(sign);
        let Some(outline) = font.outline_glyph(glyph) else { continue };
        let corner = outline.px_bounds().min;
        outline.draw(|x, y, share| {
            let (x, y) = (corner.x as i64 + i64::from(x), corner.y as i64 + i64::from(y));
            if share < 0.1 || x < 0 || y < 0 || x >= columns as i64 || y >= rows as i64 {
                return;
            }
            let place = y as usize * columns + x as usize;
            shares[place] = shares[place].max(share.min(1.0));
            let (x, y) = (x as f32, y as f32);
            bounds = [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x + 1.0), bounds[3].max(y + 1.0)];
        });
    }
    (bounds[2] > bounds[0]).then_some(Inked { shares, columns, bounds })
}

/// What a line says: words of a line of the suite, or signs at random.
fn text(lines: &TextLines, random: &mut ChaCha8Rng) -> String {
    let line = lines.line_at(unit(random));
    let (first, second) = (below(random, line.words.len()), below(random, line.words.len()));
    let words = &line.words[first.min(second)..first.max(second) + 1];
    let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let (is_random, is_capital) = (unit(random) < RANDOM_TEXTS, unit(random) < CAPITALS);
    let alphabet: Vec<char> = lines.alphabet().chars().collect();
    let count = 1 + below(random, MOST_SIGNS);
    let drawn: String = (0..count).map(|_| alphabet[at(unit(random), alphabet.len())]).collect();
    // Spaces at the ends and doubled ones cannot be seen.
    let drawn = drawn.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = if is_random && !drawn.is_empty() { drawn } else { words.join(" ") };
    if is_capital { text.to_uppercase() } else { text }
}

/// A sample of training that is set in a font; nothing where the picture has no room for it, the font lacks a sign, or the
/// alphabet does.
///
/// # Errors
/// [`TrainError::Nets`].
pub fn typeset(
    store: &PictureStore,
    lines: &TextLines,
    fonts: &Fonts,
    (config, sizes): (&LinesConfig, &ReaderConfig),
    random: &mut ChaCha8Rng,
) -> Result<Option<Sample>, TrainError> {
    let text = text(lines, random);
    let picture = &store.pictures()[lines.line_at(unit(random)).picture];
    let font = &fonts.fonts[below(random, fonts.fonts.len())];
    // Squared: small ones are more frequent.
    let height = HEIGHTS_PX[0] * (HEIGHTS_PX[1] / HEIGHTS_PX[0]).powf(unit(random).powi(2));
    let (width, spacing) = (between(random, WIDTHS[0], WIDTHS[1]), between(random, -0.3, 1.0).max(0.0));
    let start = (unit(random) as f32, unit(random) as f32);
    let (is_plain, is_rimmed, is_dark) = (unit(random) < WITHOUT_SHADES, unit(random) < RIMMED, unit(random) < 0.3);
    let contrast = between(random, CONTRASTS[0].ln(), CONTRASTS[1].ln()).exp() as f32;
    let area = empty_area(picture, random);
    let is_known = |sign: char| sign == ' ' || lines.alphabet().contains(sign) && font.glyph_id(sign).0 != 0;
    let scale = PxScale { x: (1.4 * height * width) as f32, y: (1.4 * height) as f32 };
    if !text.chars().all(is_known) {
        return Ok(None);
    }
    let (Some(inked), Some(area)) = (set(font, &text, scale, spacing as f32, start), area) else { return Ok(None) };
    let ground = patch(store, picture, area, 1.0)?;
    let drawn = drawn_on(&ground, &inked, Ink { contrast, is_dark, is_plain, is_rimmed });
    let signs: Vec<usize> = text
        .chars()
        .filter_map(|sign| sizes.alphabet.chars().position(|known| known == sign))
        .map(|place| place + 1)
        .collect();
    let cut = cut_of(inked.bounds, &drawn, random);
    sample_of(Cut { patch: cut, signs }, config, sizes, random)
}

/// How a text looks.
#[derive(Clone, Copy)]
struct Ink {
    contrast: f32,
    is_dark: bool,
    is_plain: bool,
    is_rimmed: bool,
}

/// A text over a ground, which is repeated where it is too small.
fn drawn_on(ground: &Patch, inked: &Inked, ink: Ink) -> Patch {
    let (columns, rows) = (inked.columns, inked.shares.len() / inked.columns);
    let ground_at = |x: usize, y: usize| ground.levels[y % ground.rows() * ground.columns + x % ground.columns];
    let mean = ground.levels.iter().sum::<f32>() / ground.levels.len() as f32;
    let wanted = if ink.is_dark { mean - ink.contrast } else { mean + ink.contrast };
    // Where there is no room on one side there is on the other.
    let level = if (0.0..=255.0).contains(&wanted) { wanted } else { 2.0 * mean - wanted }.clamp(0.0, 255.0);
    let share = |x: usize, y: usize| {
        let share = inked.shares[y * columns + x];
        if ink.is_plain { f32::from(u8::from(share >= 0.5)) } else { share }
    };
    let is_beside = |x: usize, y: usize| {
        let (left, top) = (x.saturating_sub(1), y.saturating_sub(1));
        (top..(y + 2).min(rows)).any(|y| (left..(x + 2).min(columns)).any(|x| share(x, y) > 0.5))
    };
    let pixel = |place: usize| {
        let (x, y) = (place % columns, place / columns);
        let below = if ink.is_rimmed && is_beside(x, y) { 255.0 - level } else { ground_at(x, y) };
        below + (level - below) * share(x, y)
    };
    Patch { columns, levels: (0..columns * rows).map(pixel).collect() }
}
