//! The inspection over a suite that `efface synth` wrote: what of the planted text is hidden, and what is lost of
//! instances that have none.

use dicom_object::OpenFileOptions;
use efface_frames::FrameSet;
use efface_pipeline::pixels::{PixelSettings, TextLocator, inspect};
use efface_schema::{Decision, Locus, PixelRegion, TruthRecord};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use super::{Nobody, share};

#[derive(Default)]
struct Count {
    n_planted: u32,
    n_hidden: u32,
    n_clean: u32,
    n_untouched: u32,
    n_clean_pixels: u64,
    n_lost_pixels: u64,
    n_frames: u32,
    milliseconds: f64,
    rules: BTreeMap<String, u32>,
}

/// Inspects every instance of a suite and prints a line for each modality; with `pictures`, writes what was found.
pub(super) fn measure(
    suite: &Path,
    locator: &mut dyn TextLocator,
    show: bool,
    pictures: Option<&Path>,
) -> Result<(), Box<dyn Error>> {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for (idx, line) in std::fs::read_to_string(suite.join("truth.jsonl"))?.lines().enumerate() {
        let truth: TruthRecord = serde_json::from_str(line)?;
        let object = OpenFileOptions::new().open_file(suite.join("dicom").join(&truth.instance.path))?;
        let Ok(frames) = FrameSet::open(&object) else { continue };
        let start = Instant::now();
        let inspected = inspect(&frames, locator, &Nobody, &PixelSettings::default())?;
        let decisions: Vec<Decision> = inspected.decisions.into_iter().map(|one| one.decision).collect();
        let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
        let multi_frame = if frames.n_frames() > 1 { " cine" } else { "" };
        let count = counts.entry(format!("{}{multi_frame}", truth.instance.modality)).or_default();
        count.n_frames += frames.n_frames();
        count.milliseconds += milliseconds;
        add(count, &truth, &decisions, &frames, show)?;
        if let Some(folder) = pictures.filter(|_| !decisions.is_empty()) {
            picture(&folder.join(format!("{idx:03}-{}.pgm", truth.instance.modality)), &frames, &decisions)?;
        }
    }
    for (name, count) in &counts {
        print(name, count);
    }
    Ok(())
}

fn regions(decisions: &[Decision], frame_idx: u32) -> Vec<PixelRegion> {
    let in_frame = |decision: &Decision| match decision.locus {
        Locus::PixelRegion { frame_idx: None, region } => Some(region),
        Locus::PixelRegion { frame_idx: Some(of), region } if of == frame_idx => Some(region),
        _ => None,
    };
    decisions.iter().filter_map(in_frame).collect()
}

fn add(
    count: &mut Count,
    truth: &TruthRecord,
    decisions: &[Decision],
    frames: &FrameSet<'_>,
    show: bool,
) -> Result<(), Box<dyn Error>> {
    let planted: Vec<(PixelRegion, &str)> = truth
        .planted
        .iter()
        .filter_map(|planted| match planted.locus {
            Locus::PixelRegion { region, .. } => Some((region, planted.value.as_str())),
            _ => None,
        })
        .collect();
    for frame_idx in 0..frames.n_frames() {
        let frame = frames.luma(frame_idx)?;
        let columns = frame.columns() as usize;
        let mut painted = vec![false; frame.pixels().len()];
        for region in regions(decisions, frame_idx) {
            for y in region.y0..region.y1 {
                painted[y as usize * columns..][region.x0 as usize..region.x1 as usize].fill(true);
            }
        }
        for (region, value) in &planted {
            let covered = (region.y0..region.y1)
                .flat_map(|y| painted[y as usize * columns..][region.x0 as usize..region.x1 as usize].iter())
                .filter(|&&painted| painted)
                .count() as u64;
            let hidden = covered * 10 >= region.area_px() * 9;
            count.n_planted += 1;
            count.n_hidden += u32::from(hidden);
            if show && !hidden {
                println!("  not hidden: {value:?} {region:?}, {covered} pixels, {}", truth.instance.path);
            }
        }
        if planted.is_empty() {
            count.n_clean_pixels += painted.len() as u64;
            count.n_lost_pixels += painted.iter().filter(|&&painted| painted).count() as u64;
        }
    }
    if planted.is_empty() {
        count.n_clean += 1;
        count.n_untouched += u32::from(decisions.is_empty());
        for decision in decisions {
            *count.rules.entry(decision.rule.clone()).or_default() += 1;
            if show {
                println!(
                    "  hidden in {}: {:?} {} {:.2}",
                    truth.instance.path,
                    decision.locus,
                    decision.rule,
                    decision.probability.get()
                );
            }
        }
    }
    Ok(())
}

fn print(name: &str, count: &Count) {
    println!(
        "{name:8} planted hidden {}/{}  clean left alone {}/{}  clean lost {}  {:7.1} ms/frame ({} frames)  {:?}",
        count.n_hidden,
        count.n_planted,
        count.n_untouched,
        count.n_clean,
        share(count.n_lost_pixels as f64, count.n_clean_pixels as f64),
        count.milliseconds / f64::from(count.n_frames),
        count.n_frames,
        count.rules,
    );
}

/// The first frame with the outlines of what is hidden in it, as portable graymap.
fn picture(path: &Path, frames: &FrameSet<'_>, decisions: &[Decision]) -> Result<(), Box<dyn Error>> {
    let frame = frames.luma(0)?;
    let mut pixels = frame.pixels().to_vec();
    let columns = frame.columns();
    for region in regions(decisions, 0) {
        for y in region.y0..region.y1 {
            for x in region.x0..region.x1 {
                if y == region.y0 || y + 1 == region.y1 || x == region.x0 || x + 1 == region.x1 {
                    pixels[(y * columns + x) as usize] = if (x + y) % 4 < 2 { 255 } else { 0 };
                }
            }
        }
    }
    let mut bytes = format!("P5\n{columns} {}\n255\n", frame.rows()).into_bytes();
    bytes.extend_from_slice(&pixels);
    Ok(std::fs::write(path, bytes)?)
}
