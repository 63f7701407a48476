//! Measures how much burned-in text is found: draws text over grounds like those of CT, MR, CR and US images and
//! runs the inspection with a judge that knows nobody.
//!
//! Prints, for each ground: the share of identifying words that are hidden (nine tenths of their box), the share of
//! harmless words that are hidden with them, the share of pixels without any text that are lost, and milliseconds.
//!
//! Given the folder of a suite, does the same for the suite and counts the instances without burned-in text that are
//! left alone. `save=DIR` writes the frames of a suite with the outlines of what is hidden. `detector=DIR` asks a
//! released text detector as well, `passes=N` that often with dropout. `triage` looks for nothing: it counts the frames
//! of a suite that show nothing like a glyph.
//!
//! ```text
//! cargo run --release -p efface-pipeline --example text_finding -- [FIRST..END | SUITE]... [thorough] [show] [save=DIR] \
//!     [detector=DIR [passes=N]] [triage]
//! ```

mod suite;
mod triage;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{DefaultDicomObject, FileMetaTableBuilder, InMemDicomObject};
use efface_frames::FrameSet;
use efface_pipeline::DetectorSettings;
use efface_pipeline::pixels::{
    DetectorLocator, Judgement, LocatorOptions, PixelSettings, SharedFinder, TesseractLocator, TextJudge, TextLocator,
    inspect,
};
use efface_schema::{Decision, Locus, PixelRegion};
use std::error::Error;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

const COLUMNS: u32 = 512;
const ROWS: u32 = 512;

/// SplitMix64: the drawings need spread, not secrecy.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn normal(&mut self) -> f32 {
        (0..4).map(|_| self.unit()).sum::<f32>() * 1.732 - 3.464
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Ground {
    Ct,
    Mr,
    Cr,
    Us,
}

struct Word {
    text: String,
    region: PixelRegion,
    identifies: bool,
}

struct Nobody;

impl TextJudge for Nobody {
    fn judge(&self, lines: &[Vec<&str>]) -> Vec<Vec<Judgement>> {
        lines.iter().map(|words| vec![Judgement::Unknown; words.len()]).collect()
    }
}

fn ground(kind: Ground, random: &mut Random) -> Vec<f32> {
    let (width, height) = (COLUMNS as f32, ROWS as f32);
    let phase = random.unit() * 6.0;
    let mut pixels = Vec::with_capacity((COLUMNS * ROWS) as usize);
    let mut last = 0.0;
    for y in 0..ROWS {
        for x in 0..COLUMNS {
            let (u, v) = (x as f32 / width - 0.5, y as f32 / height - 0.5);
            let radius = (u * u * 4.8 + v * v * 6.5).sqrt();
            let white = random.normal();
            // Neighbouring pixels share noise, as reconstructed images do.
            last = last * 0.45 + white * 0.89;
            let value = match kind {
                Ground::Ct if radius > 1.0 => 6.0 + 4.0 * last,
                Ground::Ct if radius > 0.93 => 190.0 + 15.0 * last,
                Ground::Ct if (u * 4.0).hypot(v * 5.0 - 0.9) < 0.35 => 250.0 + 12.0 * last,
                Ground::Ct if (u.abs() * 5.0 - 1.1).hypot(v * 4.0) < 0.7 => 30.0 + 12.0 * last,
                Ground::Ct => 115.0 + 14.0 * last,
                Ground::Mr if radius > 0.95 => (8.0 * last).abs() + 3.0,
                Ground::Mr => 105.0 + 55.0 * ((u * 17.0 + phase).sin() * (v * 13.0 + phase).cos()) + 16.0 * last,
                Ground::Cr => {
                    120.0
                        + 70.0 * (1.0 - 2.2 * radius).max(-0.9)
                        + 28.0 * (v * 60.0 + u.abs() * 25.0).sin() * (0.9 - radius)
                        + 6.0 * last
                }
                Ground::Us => {
                    let (dx, dy) = (u, v + 0.45);
                    let depth = dx.hypot(dy);
                    let inside = depth < 0.86 && depth > 0.08 && dx.abs() < dy * 0.75;
                    let shade = 70.0 + 50.0 * ((depth * 30.0 + phase).sin() * (dx * 9.0).cos());
                    if inside { shade.max(8.0) * (-(random.unit().max(1e-4)).ln()).sqrt() } else { 0.0 }
                }
            };
            pixels.push(value.clamp(0.0, 255.0));
        }
    }
    pixels
}

struct Pen<'a> {
    font: &'a FontRef<'static>,
    size: f32,
    smooth: bool,
    ink: f32,
}

/// Draws one word and returns its box.
fn draw(pixels: &mut [f32], pen: &Pen<'_>, (left, baseline): (f32, f32), word: &str) -> PixelRegion {
    let Pen { font, size, smooth, ink } = *pen;
    let scaled = font.as_scaled(PxScale::from(size));
    let mut region = PixelRegion { x0: COLUMNS, y0: ROWS, x1: 0, y1: 0 };
    let mut x = left;
    for sign in word.chars() {
        let glyph = scaled.scaled_glyph(sign);
        let advance = scaled.h_advance(glyph.id);
        let glyph = ab_glyph::Glyph { position: point(x, baseline), ..glyph };
        if let Some(outline) = font.outline_glyph(glyph) {
            let bounds = outline.px_bounds();
            outline.draw(|gx, gy, coverage| {
                let (px, py) = (bounds.min.x as i64 + i64::from(gx), bounds.min.y as i64 + i64::from(gy));
                if px < 0 || py < 0 || px >= i64::from(COLUMNS) || py >= i64::from(ROWS) {
                    return;
                }
                let coverage = if smooth { coverage } else { f32::from(coverage > 0.45) };
                let pixel = &mut pixels[(py * i64::from(COLUMNS) + px) as usize];
                *pixel = *pixel * (1.0 - coverage) + ink * coverage;
                if coverage > 0.3 {
                    let (px, py) = (px as u32, py as u32);
                    region = region.union(&PixelRegion { x0: px, y0: py, x1: px + 1, y1: py + 1 });
                }
            });
        }
        x += advance;
    }
    region
}

fn lines(random: &mut Random) -> Vec<Vec<(String, bool)>> {
    let mut pick = |words: &[&str]| words[random.below(words.len())].to_owned();
    let last = pick(&["DOE", "Whitfield", "NAKAMURA", "O'Brien", "Garcia", "KOWALSKI", "Lindqvist", "Abernathy"]);
    let first = pick(&["JANE", "Marcus", "Yuki", "ELENA", "Tomasz", "Priya", "ROBERT"]);
    let date = pick(&["12/03/1961", "1974-11-28", "03-Jul-1988", "19520219"]);
    let record = pick(&["482913", "MRN0073615", "A-118-2204", "77120394"]);
    let site = pick(&["Riverside", "Mercy", "Northgate", "Lakeview"]);
    let acquired = pick(&["07/22/2019", "2021-02-14", "14-Mar-2020"]);
    let marker = pick(&["PORTABLE", "SUPINE", "ERECT", "LAT"]);
    let technique = pick(&["120 kV", "FFE", "TE 14 ms", "MI 1.3", "FR 35Hz"]);
    let harmless = |text: &str| text.split(' ').map(|word| (word.to_owned(), false)).collect::<Vec<_>>();
    vec![
        vec![(last, true), (first, true)],
        vec![("DOB".into(), false), (date, true)],
        vec![("ID".into(), false), (record, true)],
        vec![(site, true), ("Hospital".into(), true)],
        vec![(acquired, true)],
        harmless(&marker),
        harmless(&technique),
    ]
}

fn image(kind: Ground, random: &mut Random) -> (Vec<f32>, Vec<Word>) {
    let mut pixels = ground(kind, random);
    let faces = [
        dejavu::sans::regular(),
        dejavu::sans::bold(),
        dejavu::sans_mono::regular(),
        dejavu::sans_condensed::regular(),
        dejavu::serif::regular(),
    ];
    let font = FontRef::try_from_slice(faces[random.below(faces.len())]).expect("the font is valid");
    let size = 12.0 + random.below(15) as f32;
    let smooth = random.below(3) > 0;
    let ink = if kind == Ground::Us { 205.0 + random.below(51) as f32 } else { 255.0 };
    let mut words = Vec::new();
    let lines = lines(random);
    let lowest = lines.len();
    for (place, line) in lines.into_iter().enumerate() {
        let scaled = font.as_scaled(PxScale::from(size));
        let length = |word: &str| word.chars().map(|sign| scaled.h_advance(scaled.glyph_id(sign))).sum::<f32>();
        let space = scaled.h_advance(scaled.glyph_id(' '));
        let total: f32 = line.iter().map(|(word, _)| length(word) + space).sum();
        // Lines stand in the corners, as on consoles; the last stands anywhere.
        let free = (COLUMNS as f32 - total - 8.0).max(4.0);
        let row = (place / 2) as f32;
        let mut x = if place % 2 == 0 { 4.0 } else { free };
        let mut y = 4.0 + size * (1.15 * row + 1.0);
        if place >= 4 {
            y = ROWS as f32 - 6.0 - size * 1.15 * (lowest - place - 1) as f32;
            x = if place == 4 { random.unit() * free } else { x };
        }
        if place == 4 {
            y = 140.0 + random.unit() * 230.0;
        }
        for (word, identifies) in line {
            let region = draw(&mut pixels, &Pen { font: &font, size, smooth, ink }, (x, y), &word);
            words.push(Word { text: word.clone(), region, identifies });
            x += length(&word) + space;
        }
    }
    (pixels, words)
}

fn object(pixels: &[f32]) -> DefaultDicomObject {
    let number = |value: u16| PrimitiveValue::from(value);
    let bytes: Vec<u8> = pixels.iter().map(|&pixel| pixel as u8).collect();
    let data_set = InMemDicomObject::from_element_iter([
        DataElement::new(tags::ROWS, VR::US, number(ROWS as u16)),
        DataElement::new(tags::COLUMNS, VR::US, number(COLUMNS as u16)),
        DataElement::new(tags::SAMPLES_PER_PIXEL, VR::US, number(1)),
        DataElement::new(tags::BITS_ALLOCATED, VR::US, number(8)),
        DataElement::new(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
        DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(bytes)),
    ]);
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
        .media_storage_sop_class_uid(uids::SECONDARY_CAPTURE_IMAGE_STORAGE)
        .media_storage_sop_instance_uid("2.25.1");
    data_set.with_meta(meta).expect("the meta information is complete")
}

#[derive(Default)]
struct Score {
    n_identifying: u32,
    n_hidden: u32,
    n_harmless: u32,
    n_harmless_hidden: u32,
    n_clean: u64,
    n_clean_lost: u64,
    milliseconds: f64,
    n_images: u32,
}

impl Score {
    fn add(&mut self, words: &[Word], regions: &[PixelRegion], milliseconds: f64, show: bool) {
        let mut painted = vec![false; (COLUMNS * ROWS) as usize];
        let mut text = painted.clone();
        let fill = |plane: &mut Vec<bool>, region: &PixelRegion| {
            for y in region.y0..region.y1 {
                plane[(y * COLUMNS + region.x0) as usize..(y * COLUMNS + region.x1) as usize].fill(true);
            }
        };
        regions.iter().for_each(|region| fill(&mut painted, region));
        words.iter().for_each(|word| fill(&mut text, &word.region.grown(5, COLUMNS, ROWS)));
        for word in words {
            let area = word.region.area_px();
            let covered: u64 = (word.region.y0..word.region.y1)
                .flat_map(|y| (word.region.x0..word.region.x1).map(move |x| (y * COLUMNS + x) as usize))
                .filter(|&at| painted[at])
                .count() as u64;
            let hidden = u32::from(covered * 10 >= area * 9);
            if word.identifies {
                self.n_identifying += 1;
                self.n_hidden += hidden;
                if show && hidden == 0 {
                    println!("  not hidden: {:?} at {:?}, {covered} of {area} pixels", word.text, word.region);
                }
            } else {
                self.n_harmless += 1;
                self.n_harmless_hidden += hidden;
            }
        }
        self.n_clean += text.iter().filter(|&&text| !text).count() as u64;
        self.n_clean_lost += text.iter().zip(&painted).filter(|&(&text, &painted)| painted && !text).count() as u64;
        self.milliseconds += milliseconds;
        self.n_images += 1;
    }

    fn print(&self, name: &str) {
        println!(
            "{name:12} hidden {} ({}/{})  harmless hidden {}  clean lost {}  {:7.1} ms/frame",
            share(f64::from(self.n_hidden), f64::from(self.n_identifying)),
            self.n_hidden,
            self.n_identifying,
            share(f64::from(self.n_harmless_hidden), f64::from(self.n_harmless)),
            share(self.n_clean_lost as f64, self.n_clean as f64),
            self.milliseconds / f64::from(self.n_images),
        );
    }
}

fn share(part: f64, whole: f64) -> String {
    if whole > 0.0 { format!("{:6.2} %", 100.0 * part / whole) } else { "       -".into() }
}

fn drawings(numbers: Range<u64>, locator: &mut dyn TextLocator, show: bool) -> Result<(), Box<dyn Error>> {
    let settings = PixelSettings::default();
    let grounds = [("CT", Ground::Ct), ("MR", Ground::Mr), ("CR", Ground::Cr), ("US", Ground::Us)];
    for with_text in [true, false] {
        for (number, (name, kind)) in grounds.into_iter().enumerate() {
            let mut score = Score::default();
            for idx in numbers.clone() {
                let mut random = Random(0x00EF_FACE + 1000 * number as u64 + idx);
                let (pixels, words) =
                    if with_text { image(kind, &mut random) } else { (ground(kind, &mut random), Vec::new()) };
                let object = object(&pixels);
                let frames = FrameSet::open(&object)?;
                let start = Instant::now();
                let inspected = inspect(&frames, locator, &Nobody, &settings)?;
                let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
                let decisions: Vec<Decision> = inspected.decisions.into_iter().map(|one| one.decision).collect();
                let regions: Vec<PixelRegion> = decisions
                    .iter()
                    .filter_map(|decision| match decision.locus {
                        Locus::PixelRegion { region, .. } => Some(region),
                        _ => None,
                    })
                    .collect();
                if show && words.is_empty() {
                    for decision in &decisions {
                        let (locus, probability) = (&decision.locus, decision.probability.get());
                        println!("  hidden without text: {idx} {locus:?} {} {probability:.2}", decision.rule);
                    }
                }
                score.add(&words, &regions, milliseconds, show);
            }
            score.print(&format!("{name}{}", if with_text { "" } else { " no text" }));
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let thorough = arguments.iter().any(|argument| argument == "thorough");
    let show = arguments.iter().any(|argument| argument == "show");
    let pictures = arguments.iter().find_map(|argument| argument.strip_prefix("save=")).map(PathBuf::from);
    let named = |name: &str| arguments.iter().find_map(|argument| argument.strip_prefix(name));
    let passes = named("passes=").map_or(Ok(0), str::parse)?;
    let reader = TesseractLocator::new(LocatorOptions { thorough, ..LocatorOptions::default() })?;
    let mut locator: Box<dyn TextLocator> = match named("detector=") {
        Some(model) => {
            let settings = DetectorSettings { passes, ..DetectorSettings::new(model.into()) };
            Box::new(DetectorLocator::new(Arc::new(SharedFinder::open(&settings, 2)?), reader))
        }
        None => Box::new(reader),
    };
    for argument in &arguments {
        if let Some((first, end)) = argument.split_once("..") {
            drawings(first.parse()?..end.parse()?, &mut *locator, show)?;
        } else if Path::new(argument).join("truth.jsonl").exists() {
            println!("{argument}");
            if arguments.iter().any(|argument| argument == "triage") {
                triage::measure(Path::new(argument))?;
            } else {
                suite::measure(Path::new(argument), &mut *locator, show, pictures.as_deref())?;
            }
        }
    }
    Ok(())
}
