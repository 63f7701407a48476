//! How often a frame with words shows nothing like a glyph to the cheap search: what passing over such frames costs.

use dicom_object::OpenFileOptions;
use efface_frames::{FrameSet, FramesError};
use efface_pipeline::pixels::glyphs::find_lines;
use efface_schema::{Place, TruthRecord};
use std::error::Error;
use std::path::Path;

/// Frames whose best candidate has no more evidence than this are passed over; below the first, those without any.
const EVIDENCE: [f64; 5] = [-1.0, 0.0, 0.02, 0.05, 0.1];

/// Frames by whether they show words, and how many of them each limit passes over.
#[derive(Default)]
struct Tally {
    n_frames: u64,
    n_passed_over: [u64; EVIDENCE.len()],
}

impl Tally {
    fn add(&mut self, evidence: f64) {
        self.n_frames += 1;
        for (n_passed_over, limit) in self.n_passed_over.iter_mut().zip(EVIDENCE) {
            *n_passed_over += u64::from(evidence <= limit);
        }
    }
}

/// Looks at one frame with words and one without of each instance, since frames of one instance are alike.
pub(super) fn measure(suite: &Path) -> Result<(), Box<dyn Error>> {
    let (mut with, mut without) = (Tally::default(), Tally::default());
    for line in std::fs::read_to_string(suite.join("truth.jsonl"))?.lines() {
        let truth: TruthRecord = serde_json::from_str(line)?;
        let object = OpenFileOptions::new().open_file(suite.join("dicom").join(&truth.instance.path))?;
        let Ok(frames) = FrameSet::open(&object) else { continue };
        let has_words = |frame_idx: u32| {
            let lines = truth.drawn.iter().flat_map(|drawn| &drawn.lines);
            let mut shown = lines.filter(|line| line.place == Place::Pixels && line.is_in(frame_idx));
            shown.any(|line| !line.words.is_empty())
        };
        for (tally, words) in [(&mut with, true), (&mut without, false)] {
            if let Some(frame_idx) = (0..frames.n_frames()).find(|frame_idx| has_words(*frame_idx) == words)
                && let Ok(evidence) = evidence(&frames, frame_idx)
            {
                tally.add(evidence);
            }
        }
    }
    for (idx, limit) in EVIDENCE.into_iter().enumerate() {
        let (n_missed, n_spared) = (with.n_passed_over[idx], without.n_passed_over[idx]);
        println!(
            "evidence at most {limit:5.2}: passed over {n_missed}/{} frames with words (at most {:.3} % at 97.5 %), \
             {n_spared}/{} without",
            with.n_frames,
            100.0 * upper_bound(n_missed, with.n_frames),
            without.n_frames,
        );
    }
    Ok(())
}

/// The evidence of the best candidate in any view of a frame; -1 where there is none.
fn evidence(frames: &FrameSet<'_>, frame_idx: u32) -> Result<f64, FramesError> {
    let views = frames.views(frame_idx)?;
    let lines = views.iter().flat_map(find_lines);
    Ok(lines.map(|line| line.evidence).fold(-1.0, f64::max))
}

/// The share that is too high to have given so few at 2.5 % (Clopper and Pearson 1934).
fn upper_bound(n_hits: u64, n_trials: u64) -> f64 {
    let (mut low, mut high) = (n_hits as f64 / n_trials.max(1) as f64, 1.0);
    for _ in 0..60 {
        let share = 0.5 * (low + high);
        if at_most(n_hits, n_trials, share) > 0.025 { low = share } else { high = share }
    }
    high
}

/// The probability of at most so many hits.
fn at_most(n_hits: u64, n_trials: u64, share: f64) -> f64 {
    if share >= 1.0 {
        return if n_hits >= n_trials { 1.0 } else { 0.0 };
    }
    let mut logarithm = n_trials as f64 * (1.0 - share).ln();
    let mut sum = logarithm.exp();
    for hit in 1..=n_hits {
        logarithm += ((n_trials - hit + 1) as f64 / hit as f64).ln() + (share / (1.0 - share)).ln();
        sum += logarithm.exp();
    }
    sum
}
