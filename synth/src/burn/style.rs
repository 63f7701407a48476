//! How lines stand out from their ground: inks, contrast, what is drawn around them.

use super::draw::{Brush, Effect, ground, luminance};
use super::options::TextSettings;
use super::page::Look;
use crate::SeriesKind;
use crate::persona::pick;
use crate::pixels::Canvas;
use efface_schema::PixelRegion;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The stored values that show as black and as white, and that of the ink of scanners, which may be beyond white.
#[derive(Debug, Clone, Copy)]
pub(super) struct Levels {
    pub(super) black: i32,
    pub(super) white: i32,
    pub(super) ink: i32,
}

impl Levels {
    pub(super) const fn of(kind: SeriesKind, ink: i32) -> Self {
        match kind {
            // Hounsfield units in the window of soft tissue.
            SeriesKind::Ct | SeriesKind::EnhancedCt => Self { black: -160, white: 240, ink },
            // Signed pixels of somebody else's, of which the darkest is the ink: some stretch above it is shown.
            _ if ink <= 0 => Self { black: ink, white: ink + 256, ink },
            // The window of the series ends at 2400.
            SeriesKind::Mr | SeriesKind::EnhancedMr => Self { black: 0, white: ink * 3 / 5, ink },
            _ => Self { black: 0, white: ink, ink },
        }
    }

    /// The stored value so many thousandths of the way from black to white.
    pub(super) fn at(self, level: u32) -> i32 {
        self.black + (self.white - self.black) * level.min(1000) as i32 / 1000
    }

    fn range(self) -> f32 {
        (self.white - self.black) as f32
    }
}

/// The colours in which screens write, as shares of red, green and blue.
const TINTS: &[[f32; 3]] =
    &[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 0.35], [0.4, 1.0, 0.5], [0.45, 0.95, 1.0], [1.0, 0.72, 0.25]];

/// How a line is drawn, and how it stands out.
pub(super) struct Style {
    pub(super) brush: Brush,
    pub(super) contrast_percent: i32,
}

/// What a page's lines have in common.
pub(super) struct Stylist<'a> {
    pub(super) settings: &'a TextSettings,
    pub(super) levels: Levels,
    tint: [f32; 3],
}

impl<'a> Stylist<'a> {
    pub(super) fn new(settings: &'a TextSettings, levels: Levels, rng: &mut ChaCha8Rng) -> Self {
        Self { settings, levels, tint: pick(rng, TINTS) }
    }

    /// Decides what is drawn around a line before it is placed, since that takes room.
    pub(super) fn effect(&self, look: Look, height_px: u32, rng: &mut ChaCha8Rng) -> Effect {
        let settings = self.settings;
        let draw: f64 = rng.random_range(0.0..1.0);
        match look {
            Look::Label => Effect::Box(height_px / 6 + 1),
            Look::Auto if draw < settings.boxed_share => Effect::Box(height_px / 8 + 1),
            Look::Auto if draw < settings.boxed_share + settings.outlined_share => {
                if rng.random_bool(0.5) {
                    Effect::Outline
                } else {
                    Effect::Shadow((height_px as i32 / 12).max(1))
                }
            }
            _ => Effect::None,
        }
    }

    /// Chooses the inks for a line over a region.
    pub(super) fn style(
        &self,
        canvas: &Canvas,
        frame: u32,
        region: PixelRegion,
        look: Look,
        effect: Effect,
        rng: &mut ChaCha8Rng,
    ) -> Style {
        let levels = self.levels;
        let (mut mean, mut deviation) = ground(canvas, frame, region, (levels.black, levels.white));
        let mut second = if mean < levels.at(600) as f32 { levels.at(1000) } else { levels.black };
        if let Effect::Box(_) = effect {
            second = if rng.random_bool(0.6) {
                levels.at(rng.random_range(0..180))
            } else {
                levels.at(rng.random_range(780..1000))
            };
            (mean, deviation) = (second as f32, 0.0);
        }
        let contrast = self.contrast(look, deviation, rng);
        let level = self.level(mean, contrast, look, rng);
        if matches!(effect, Effect::Outline | Effect::Shadow(_)) {
            second = if level as f32 > mean { levels.black } else { levels.at(1000) };
        }
        // Dark ink has no colour.
        let tint = if level as f32 > mean { self.tint } else { [1.0; 3] };
        let ink =
            if canvas.n_samples == 3 { tint.map(|share| (level as f32 * share).round() as i32) } else { [level; 3] };
        let shown = luminance(&ink[..canvas.n_samples as usize]).min(levels.white as f32);
        let contrast_percent = ((shown - mean) / levels.range() * 100.0).round() as i32;
        Style {
            brush: Brush { ink, second: [second; 3], effect, shown: (levels.black, levels.white) },
            contrast_percent,
        }
    }

    /// How much ink and ground are to differ by, as a share of what black and white differ by.
    fn contrast(&self, look: Look, deviation: f32, rng: &mut ChaCha8Rng) -> f32 {
        let least = self.settings.contrast_min_percent as f32 / 100.0;
        let wanted = match look {
            Look::Lead => rng.random_range(0.6..1.0),
            Look::Print => rng.random_range(0.45..0.9),
            _ if rng.random_bool(self.settings.faint_share) => rng.random_range(least..least + 0.14),
            _ => rng.random_range(0.4..1.0),
        };
        // Less than the noise of the ground could not be read by anyone.
        wanted.max(1.2 * deviation / self.levels.range())
    }

    fn level(&self, mean: f32, contrast: f32, look: Look, rng: &mut ChaCha8Rng) -> i32 {
        let (levels, range) = (self.levels, self.levels.range());
        let brighter = (levels.white as f32 - mean) / range;
        let darker = (mean - levels.black as f32) / range;
        let is_dark = match look {
            Look::Print => darker >= contrast.min(0.4),
            Look::Lead => brighter < 0.2,
            _ if brighter >= contrast && darker >= contrast => rng.random_bool(0.12),
            _ => darker > brighter,
        };
        if is_dark {
            return (mean - contrast * range).max(levels.black as f32) as i32;
        }
        // Scanners write in the greatest value there is.
        let is_full = contrast > 0.4 && look != Look::Print && rng.random_bool(0.5);
        if is_full { levels.ink } else { (mean + contrast * range).min(levels.ink as f32).ceil() as i32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_is_above_black_whatever_the_ink() {
        for kind in SeriesKind::ALL {
            for ink in [-32_768, -2000, -1, 0, 64, 255, 4095] {
                let levels = Levels::of(*kind, ink);
                assert!(levels.white > levels.black, "{kind:?} {ink}");
            }
        }
    }
}
