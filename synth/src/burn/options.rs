//! How text is burned in: as a suite definition says it, and resolved.

use super::fonts::{self, FONTS, FontUse};
use super::layouts::{self, Family, LAYOUTS};
use crate::SeriesKind;
use crate::vocabulary::Split;
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// Which fonts and layouts may be used: those of a [`Split`] or all. The two sides share none, so that what is learned on one can be
/// tested on the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextSplit {
    /// Those of both sides.
    Any,
    /// Those to learn from.
    Train,
    /// Those to test with.
    Test,
}

impl From<Split> for TextSplit {
    fn from(side: Split) -> Self {
        match side {
            Split::Train => Self::Train,
            Split::Test => Self::Test,
        }
    }
}

impl TextSplit {
    fn allows(self, side: Split) -> bool {
        self == Self::Any || self == side.into()
    }
}

/// How text is burned in, as the table `burned-in-text` of a suite definition says it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TextOptions {
    /// Which fonts and layouts may be used: those of the suite's own side unless given.
    pub split: Option<TextSplit>,
    /// The fonts by name; all of the split unless given.
    pub fonts: Option<Spanned<Vec<Spanned<String>>>>,
    /// The layouts by name; all of the split unless given.
    pub layouts: Option<Spanned<Vec<Spanned<String>>>>,
    /// Height of the smallest text.
    pub height_min_px: Option<Spanned<u32>>,
    /// Height of the largest text.
    pub height_max_px: Option<Spanned<u32>>,
    /// The faintest text: how much of the difference of black and white ink and ground differ by.
    pub contrast_min_percent: Option<Spanned<u32>>,
    /// Share of the lines that are faint.
    pub faint_share: Option<Spanned<f64>>,
    /// Share of the lines with an outline or a shadow.
    pub outlined_share: Option<Spanned<f64>>,
    /// Share of the lines on a filled box.
    pub boxed_share: Option<Spanned<f64>>,
    /// Share of the images with a line that is turned.
    pub turned_share: Option<Spanned<f64>>,
    /// Share of the images with a line that is cut at the border.
    pub cut_share: Option<Spanned<f64>>,
    /// Share of the images with lines over what is imaged.
    pub scattered_share: Option<Spanned<f64>>,
    /// Share of the images with text in an overlay plane.
    pub overlay_share: Option<Spanned<f64>>,
    /// Share of the multi-frame images of which only some frames show some of the lines.
    pub some_frames_share: Option<Spanned<f64>>,
}

/// How text is burned in; nothing is left open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TextSettings {
    /// Which fonts and layouts may be used.
    pub split: TextSplit,
    /// The fonts by name.
    pub fonts: Vec<String>,
    /// The layouts by name.
    pub layouts: Vec<String>,
    /// Height of the smallest text.
    pub height_min_px: u32,
    /// Height of the largest text.
    pub height_max_px: u32,
    /// The faintest text: how much of the difference of black and white ink and ground differ by.
    pub contrast_min_percent: u32,
    /// Share of the lines that are faint.
    pub faint_share: f64,
    /// Share of the lines with an outline or a shadow.
    pub outlined_share: f64,
    /// Share of the lines on a filled box.
    pub boxed_share: f64,
    /// Share of the images with a line that is turned.
    pub turned_share: f64,
    /// Share of the images with a line that is cut at the border.
    pub cut_share: f64,
    /// Share of the images with lines over what is imaged.
    pub scattered_share: f64,
    /// Share of the images with text in an overlay plane.
    pub overlay_share: f64,
    /// Share of the multi-frame images of which only some frames show some of the lines.
    pub some_frames_share: f64,
}

/// Why options are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Where the value begins in the file, in bytes.
    pub(crate) start: usize,
    pub(crate) key: &'static str,
    pub(crate) expected: &'static str,
    pub(crate) found: String,
}

impl TextOptions {
    /// Fills in the defaults and checks that text can be drawn into images of some kinds. `side` is the suite's.
    pub(crate) fn resolve(&self, side: Split, kinds: &[SeriesKind]) -> Result<TextSettings, Refusal> {
        let split = self.split.unwrap_or(side.into());
        let settings = TextSettings {
            split,
            fonts: self.fonts(split)?,
            layouts: self.layouts(split, kinds)?,
            height_min_px: number(&self.height_min_px, 8, "height-min-px", "8 to 64", |height| {
                (8..=64).contains(height)
            })?,
            height_max_px: number(
                &self.height_max_px,
                64,
                "height-max-px",
                "at least height-min-px and at most 64",
                |height| {
                    let least = self.height_min_px.as_ref().map_or(8, |least| *least.get_ref());
                    (least..=64).contains(height)
                },
            )?,
            contrast_min_percent: number(
                &self.contrast_min_percent,
                6,
                "contrast-min-percent",
                "3 to 40",
                |percent| (3..=40).contains(percent),
            )?,
            faint_share: share(&self.faint_share, 0.12, "faint-share")?,
            outlined_share: share(&self.outlined_share, 0.15, "outlined-share")?,
            boxed_share: share(&self.boxed_share, 0.08, "boxed-share")?,
            turned_share: share(&self.turned_share, 0.12, "turned-share")?,
            cut_share: share(&self.cut_share, 0.08, "cut-share")?,
            scattered_share: share(&self.scattered_share, 0.35, "scattered-share")?,
            overlay_share: share(&self.overlay_share, 0.06, "overlay-share")?,
            some_frames_share: share(&self.some_frames_share, 0.3, "some-frames-share")?,
        };
        Ok(settings)
    }

    fn fonts(&self, split: TextSplit) -> Result<Vec<String>, Refusal> {
        let allowed = FONTS.iter().filter(|font| split.allows(font.split)).map(|font| font.name);
        let names = names(&self.fonts, allowed.collect(), "burned-in-text.fonts", "the name of a font of the split")?;
        let writes = |name: &String| fonts::font_idx(name).is_some_and(|idx| FONTS[idx].purpose != FontUse::Hand);
        if names.iter().any(writes) {
            return Ok(names);
        }
        Err(Refusal {
            start: start(&self.fonts),
            key: "burned-in-text.fonts",
            expected: "such that one of them is not handwriting",
            found: names.join(", "),
        })
    }

    fn layouts(&self, split: TextSplit, kinds: &[SeriesKind]) -> Result<Vec<String>, Refusal> {
        let allowed = LAYOUTS.iter().filter(|layout| split.allows(layout.split)).map(|layout| layout.name);
        let key = "burned-in-text.layouts";
        let names = names(&self.layouts, allowed.collect(), key, "the name of a layout of the split")?;
        let fits = |kind: &&SeriesKind| !layouts::of(Family::of(**kind), &names).is_empty();
        match kinds.iter().find(|kind| !fits(kind)) {
            None => Ok(names),
            Some(kind) => Err(Refusal {
                start: start(&self.layouts),
                key,
                expected: "such that every kind of image has one",
                found: format!("none for {}", kind.modality()),
            }),
        }
    }
}

fn start<T>(option: &Option<Spanned<T>>) -> usize {
    option.as_ref().map_or(0, |option| option.span().start)
}

fn names(
    option: &Option<Spanned<Vec<Spanned<String>>>>,
    allowed: Vec<&'static str>,
    key: &'static str,
    expected: &'static str,
) -> Result<Vec<String>, Refusal> {
    let Some(option) = option else { return Ok(allowed.into_iter().map(str::to_owned).collect()) };
    let unknown = option.get_ref().iter().find(|name| !allowed.contains(&name.get_ref().as_str()));
    if let Some(name) = unknown {
        let found = format!("{}; there are {}", name.get_ref(), allowed.join(", "));
        return Err(Refusal { start: name.span().start, key, expected, found });
    }
    Ok(option.get_ref().iter().map(|name| name.get_ref().clone()).collect())
}

fn number(
    option: &Option<Spanned<u32>>,
    default: u32,
    key: &'static str,
    expected: &'static str,
    is_valid: impl Fn(&u32) -> bool,
) -> Result<u32, Refusal> {
    let value = option.as_ref().map_or(default, |option| *option.get_ref());
    if is_valid(&value) {
        return Ok(value);
    }
    Err(Refusal { start: start(option), key, expected, found: value.to_string() })
}

fn share(option: &Option<Spanned<f64>>, default: f64, key: &'static str) -> Result<f64, Refusal> {
    let value = option.as_ref().map_or(default, |option| *option.get_ref());
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    Err(Refusal { start: start(option), key, expected: "between 0 and 1", found: value.to_string() })
}
