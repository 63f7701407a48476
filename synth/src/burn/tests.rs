//! The truth about drawn text, compared with the pixels that drawing changed.

use super::layouts::LAYOUTS;
use super::*;
use crate::SeriesKind;
use crate::options::{SuiteOptions, SuiteSettings};
use crate::persona::Institution;
use crate::pixels;
use crate::plan::plan_patient;
use crate::plant::{ClaimKind, Truth, bounds};
use crate::streams::Streams;
use crate::vocabulary::Locale;
use efface_schema::{DrawnText, Locus, PlantedValue};
use std::collections::BTreeSet;

/// An image before and after text was drawn into it, and the truth about the text.
struct Sample {
    kind: SeriesKind,
    ground: Canvas,
    written: Canvas,
    drawn: DrawnText,
    planted: Vec<PlantedValue>,
    overlay: Option<Vec<u8>>,
}

fn canvas(kind: SeriesKind, rng: &mut ChaCha8Rng) -> (Canvas, i32) {
    match kind {
        SeriesKind::Ct | SeriesKind::EnhancedCt => (pixels::ct_slice(rng, 256, 256, 0.5, "CHEST"), 1400),
        SeriesKind::Mr | SeriesKind::EnhancedMr => (pixels::mr_slice(rng, 256, 256, 0.5), 4000),
        SeriesKind::Us => (pixels::ultrasound(rng, 480, 360, 1), 250),
        SeriesKind::UsMultiFrame => (pixels::ultrasound(rng, 320, 240, 4), 250),
        SeriesKind::Sc => (pixels::screenshot(rng, 640, 480), 245),
        _ => (pixels::radiograph(rng, 416, 512, 4095), 4095),
    }
}

fn settings(definition: &str) -> SuiteSettings {
    let options = SuiteOptions::parse(definition, "test.toml".as_ref()).expect("well-formed");
    options.resolve().expect("valid")
}

/// Pages of every kind of image, with several persons.
fn samples(settings: &SuiteSettings, n_rounds: u64, mut check: impl FnMut(&Sample)) {
    each_scene(settings, n_rounds, |scene, rng| {
        let family = Family::of(scene.series.kind);
        let layout = pick(rng, &layouts::of(family, &settings.burned_in_text.layouts));
        check(&sample(scene, layout, rng));
    });
}

fn each_scene(settings: &SuiteSettings, n_rounds: u64, mut visit: impl FnMut(&Scene<'_>, &mut ChaCha8Rng)) {
    let streams = Streams::new(settings.seed);
    let institutions = [Institution::new(settings.casting(), Locale::EnUs, &streams, 0)];
    for round in 0..n_rounds {
        let patient = plan_patient(settings, &streams, &institutions, round);
        let study = &patient.studies[0];
        for series in study.series.iter().filter(|series| series.kind.is_image()) {
            let (streams, patient, institution) = (&streams, &patient, &institutions[0]);
            let scene = Scene { settings, streams, patient, study, series, institution, instance_idx: 0 };
            visit(&scene, &mut scene.instance_stream("test"));
        }
    }
}

fn sample(scene: &Scene<'_>, layout: &Layout, rng: &mut ChaCha8Rng) -> Sample {
    let kind = scene.series.kind;
    let (mut ground, ink) = canvas(kind, rng);
    let items = stage(scene, layout, &mut ground, ink, Content::Identity, rng);
    let mut written = ground.clone();
    let mut truth = Truth::default();
    let mut sheet = Sheet::new(&mut truth);
    sheet.draw_on(ground.columns, ground.rows, ground.n_frames);
    write(scene, &mut sheet, layout, (&mut written, ink), &items, rng);
    let object = sheet.into_object();
    let overlay = object.get(Tag(OVERLAY_GROUP, 0x3000)).and_then(|element| element.to_bytes().ok());
    let overlay = overlay.map(|bytes| bytes.into_owned());
    let planted = truth.claims.into_iter().filter_map(|claim| match claim.kind {
        ClaimKind::Planted(planted) => Some(planted),
        ClaimKind::Retained(..) => None,
    });
    Sample { kind, ground, written, planted: planted.collect(), drawn: truth.drawn, overlay }
}

type Pixels = BTreeSet<(u32, u32)>;

fn mask(line: &DrawnLine) -> Pixels {
    let pixels = |word: &efface_schema::DrawnWord| word.mask.pixels(word.region).expect("the mask fits its region");
    line.words.iter().flat_map(pixels).collect()
}

fn changed(sample: &Sample, frame: u32) -> Pixels {
    let (ground, written) = (&sample.ground, &sample.written);
    let places = (0..ground.rows).flat_map(|y| (0..ground.columns).map(move |x| (x, y)));
    let differs = |&(x, y): &(u32, u32)| {
        let at = ground.index(frame, x, y);
        ground.values[at..at + ground.n_samples as usize] != written.values[at..at + ground.n_samples as usize]
    };
    places.filter(differs).collect()
}

fn inside(region: &PixelRegion, &(x, y): &(u32, u32)) -> bool {
    (region.x0..region.x1).contains(&x) && (region.y0..region.y1).contains(&y)
}

const EVERYTHING: &str = "seed = 4\n[burned-in-text]\nsplit = \"any\"\nturned-share = 0.5\ncut-share = 0.4\noverlay-share = 0.3\n\
    some-frames-share = 0.8\nfaint-share = 0.3\n";

#[test]
fn every_changed_pixel_is_in_a_line_and_every_mask_is_where_pixels_changed() {
    samples(&settings(EVERYTHING), 10, |sample| {
        for frame in 0..sample.ground.n_frames {
            let changed = changed(sample, frame);
            let in_pixels = |line: &&DrawnLine| line.place == Place::Pixels && line.is_in(frame);
            let lines: Vec<&DrawnLine> = sample.drawn.lines.iter().filter(in_pixels).collect();
            for pixel in &changed {
                assert!(lines.iter().any(|line| inside(&line.region, pixel)), "{:?} {pixel:?}", sample.kind);
            }
            for line in lines {
                let mask = mask(line);
                let is_plain = bounds(&mask) == Some(line.region);
                let of_line: Pixels = changed.iter().filter(|pixel| inside(&line.region, pixel)).copied().collect();
                assert!(!is_plain || of_line.is_subset(&mask), "{line:?}");
                // A little of an ink that is like its ground may round to no change.
                let n_changed = mask.intersection(&of_line).count();
                assert!(!is_plain || n_changed * 10 >= mask.len() * 6, "{n_changed} of {}: {line:?}", mask.len());
            }
        }
    });
}

#[test]
fn without_outlines_and_boxes_nothing_but_the_masks_changes() {
    let plain = format!(
        "{EVERYTHING}outlined-share = 0.0\nboxed-share = 0.0\nlayouts = [\"banner\", \"four-corners\", \
        \"digital-corner\", \"breast-corner\", \
        \"angiography-screen\", \"typed-form\"]\n"
    );
    samples(&settings(&plain), 6, |sample| {
        for frame in 0..sample.ground.n_frames {
            let in_pixels = |line: &&DrawnLine| line.place == Place::Pixels && line.is_in(frame);
            let masks: Pixels = sample.drawn.lines.iter().filter(in_pixels).flat_map(mask).collect();
            assert!(changed(sample, frame).is_subset(&masks), "{:?}", sample.kind);
        }
    });
}

#[test]
fn words_are_tight_and_apart() {
    samples(&settings(EVERYTHING), 10, |sample| {
        for (line_idx, line) in sample.drawn.lines.iter().enumerate() {
            assert!(!line.words.is_empty());
            for (word_idx, word) in line.words.iter().enumerate() {
                let pixels = word.mask.pixels(word.region).expect("the mask fits its region");
                assert_eq!(bounds(&pixels), Some(word.region), "{word:?}");
                assert!(line.text.contains(&word.text) && !word.text.contains(' '));
                assert_eq!(word.region.intersection(&line.region), Some(word.region));
                for other in &line.words[..word_idx] {
                    let others: Pixels = other.mask.pixels(other.region).expect("fits").into_iter().collect();
                    assert!(pixels.iter().all(|pixel| !others.contains(pixel)), "{line:?}");
                    let is_straight = line.angle_degrees % 90 == 0;
                    // Letters of script and italics may lean over their neighbours.
                    let is_upright = !matches!(line.font.as_str(), "pen" | "hand");
                    let overlap = word.region.intersection(&other.region);
                    assert!(!is_straight || !is_upright || overlap.is_none(), "{line:?}");
                }
            }
            for other in &sample.drawn.lines[..line_idx] {
                assert_eq!(other.region.intersection(&line.region), None, "{line:?} {other:?}");
            }
        }
    });
}

#[test]
fn corners_hold_the_ink() {
    samples(&settings(EVERYTHING), 12, |sample| {
        for line in &sample.drawn.lines {
            for word in &line.words {
                let [x, y] = [0, 1].map(|axis| word.corners.map(|corner| corner[axis]));
                let least = |values: [i32; 4]| values.into_iter().min().expect("four");
                let most = |values: [i32; 4]| values.into_iter().max().expect("four");
                let region = word.region;
                assert!(least(x) <= region.x0 as i32 + 2 && most(x) + 2 >= region.x1 as i32, "{word:?}");
                assert!(least(y) <= region.y0 as i32 + 2 && most(y) + 2 >= region.y1 as i32, "{word:?}");
                if !word.is_cut && line.angle_degrees == 0 && line.place == Place::Pixels {
                    let box_ = [region.x0, region.y0, region.x1, region.y1].map(|side| side as i32);
                    assert_eq!([least(x), least(y), most(x), most(y)], box_, "{word:?}");
                }
            }
        }
    });
}

#[test]
fn the_overlay_plane_shows_its_lines_and_no_other() {
    let mut n_planes = 0;
    samples(&settings(EVERYTHING), 8, |sample| {
        let in_overlay = |line: &&DrawnLine| line.place == Place::Overlay;
        let expected: Pixels = sample.drawn.lines.iter().filter(in_overlay).flat_map(mask).collect();
        let Some(bytes) = &sample.overlay else { return assert!(expected.is_empty()) };
        n_planes += 1;
        let columns = sample.ground.columns;
        let set = |at: &u32| bytes[*at as usize / 8] & (1 << (at % 8)) != 0;
        let shown: Pixels =
            (0..columns * sample.ground.rows).filter(set).map(|at| (at % columns, at / columns)).collect();
        assert_eq!(shown, expected);
    });
    assert!(n_planes >= 5, "{n_planes}");
}

#[test]
fn secrets_are_planted_where_words_that_identify_stand() {
    let mut n_values = 0;
    samples(&settings(EVERYTHING), 10, |sample| {
        for planted in &sample.planted {
            n_values += 1;
            let stands_in = |line: &&DrawnLine| {
                line.place == planted.place
                    && line.text.contains(&planted.value)
                    && line.words.iter().any(|word| word.label == Some(planted.label))
            };
            let mut lines = sample.drawn.lines.iter().filter(stands_in);
            match &planted.locus {
                Locus::PixelRegion { frame_idx, region } => {
                    let holds = |line: &DrawnLine| {
                        line.region.intersection(region) == Some(*region)
                            && frame_idx.map_or(line.frames.is_none(), |frame_idx| line.is_in(frame_idx))
                    };
                    assert!(lines.any(holds), "{planted:?}");
                }
                Locus::Attribute { path } => {
                    assert_eq!(*path, efface_schema::AttributePath::tag(OVERLAY_GROUP, 0x3000));
                    assert!(lines.next().is_some(), "{planted:?}");
                }
                other => panic!("nothing is drawn at {other:?}"),
            }
        }
        let n_marked = sample.drawn.lines.iter().flat_map(|line| &line.words).filter(|word| word.label.is_some());
        assert_eq!(n_marked.count() == 0, sample.planted.is_empty());
    });
    assert!(n_values > 150, "{n_values}");
}

#[test]
fn ink_differs_from_its_ground_as_the_truth_says() {
    let definition = "seed = 6\n[burned-in-text]\nfaint-share = 0.3\n";
    samples(&settings(definition), 10, |sample| {
        let levels = Levels::of(sample.kind, canvas(sample.kind, &mut Streams::new(1).stream("ink", &[])).1);
        for line in sample.drawn.lines.iter().filter(|line| line.frames.is_none()) {
            let mask = mask(line);
            let mean = |canvas: &Canvas, pixels: &Pixels| {
                let sum: f32 = pixels
                    .iter()
                    .map(|(x, y)| {
                        let at = canvas.index(0, *x, *y);
                        let shown = draw::luminance(&canvas.values[at..at + canvas.n_samples as usize]);
                        shown.clamp(levels.black as f32, levels.white as f32)
                    })
                    .sum();
                sum / pixels.len() as f32 / (levels.white - levels.black) as f32 * 100.0
            };
            if line.place != Place::Pixels || line.contrast_percent.abs() < 8 {
                continue;
            }
            let rose = if bounds(&mask) == Some(line.region) {
                mean(&sample.written, &mask) - mean(&sample.ground, &mask)
            } else {
                // The ground next to the strokes: further away an image may be of any shade.
                let beside = |(x, y): &(u32, u32)| {
                    let (columns, rows) = (x.saturating_sub(2)..=x + 2, y.saturating_sub(2)..=y + 2);
                    rows.flat_map(move |y| columns.clone().map(move |x| (x, y))).any(|place| mask.contains(&place))
                };
                let places = (line.region.y0..line.region.y1)
                    .flat_map(|y| (line.region.x0..line.region.x1).map(move |x| (x, y)));
                let around: Pixels = places.filter(|place| !mask.contains(place)).filter(beside).collect();
                mean(&sample.written, &mask) - mean(&sample.written, &around)
            };
            assert_eq!(rose > 0.0, line.contrast_percent > 0, "{rose} {line:?}");
        }
    });
}

#[test]
fn pages_are_as_various_as_the_options_ask_for() {
    let mut fonts = BTreeSet::new();
    let mut layouts = BTreeSet::new();
    let mut lines: Vec<DrawnLine> = Vec::new();
    samples(&settings(EVERYTHING), 25, |sample| lines.extend(sample.drawn.lines.iter().cloned()));
    for line in &lines {
        fonts.insert(line.font.clone());
        layouts.insert(line.layout.clone());
    }
    assert_eq!(fonts.len(), FONTS.len());
    let has_image = |layout: &&Layout| {
        SeriesKind::ALL.iter().any(|kind| *kind != SeriesKind::Sr && layout.families.contains(&Family::of(*kind)))
    };
    assert_eq!(layouts.len(), LAYOUTS.iter().filter(has_image).count());
    let share =
        |is: &dyn Fn(&DrawnLine) -> bool| lines.iter().filter(|line| is(line)).count() as f64 / lines.len() as f64;
    for (what, least, is) in [
        ("small", 0.02, &(|line: &DrawnLine| line.height_px <= 10) as &dyn Fn(&DrawnLine) -> bool),
        ("large", 0.01, &|line: &DrawnLine| line.height_px >= 40),
        ("faint", 0.08, &|line: &DrawnLine| line.contrast_percent.abs() <= 20),
        ("strong", 0.3, &|line: &DrawnLine| line.contrast_percent.abs() >= 50),
        ("dark", 0.08, &|line: &DrawnLine| line.contrast_percent < 0),
        ("quarter turns", 0.01, &|line: &DrawnLine| matches!(line.angle_degrees, 90 | 270)),
        ("upside down", 0.001, &|line: &DrawnLine| line.angle_degrees == 180),
        ("leaning", 0.005, &|line: &DrawnLine| line.angle_degrees % 90 != 0),
        ("cut", 0.01, &|line: &DrawnLine| line.words.iter().any(|word| word.is_cut)),
        ("overlay", 0.05, &|line: &DrawnLine| line.place == Place::Overlay),
        ("some frames", 0.03, &|line: &DrawnLine| line.frames.is_some()),
        ("harmless", 0.3, &|line: &DrawnLine| line.words.iter().all(|word| word.label.is_none())),
        ("mixed", 0.2, &|line: &DrawnLine| {
            let n_marked = line.words.iter().filter(|word| word.label.is_some()).count();
            n_marked > 0 && n_marked < line.words.len()
        }),
    ] {
        assert!(share(is) >= least, "{what}: {}", share(is));
    }
    let heights = lines.iter().map(|line| line.height_px);
    assert!(heights.clone().min() == Some(8) && heights.max() >= Some(60));
}

#[test]
fn every_layout_finds_room_and_identifies() {
    let settings = settings("seed = 9\n[burned-in-text]\nheight-max-px = 11\n");
    each_scene(&settings, 2, |scene, rng| {
        // The smallest canvases have no room for the longest lines.
        if matches!(scene.series.kind, SeriesKind::Mr | SeriesKind::EnhancedMr | SeriesKind::UsMultiFrame) {
            return;
        }
        for layout in LAYOUTS {
            let n_items = compose(scene, layout, Content::Identity, &mut rng.clone()).items.len();
            let sample = sample(scene, layout, rng);
            assert!(
                sample.drawn.lines.len() * 3 >= n_items,
                "{}: {} of {n_items}",
                layout.name,
                sample.drawn.lines.len()
            );
            // Elsewhere there may be no room for the one line that identifies.
            let is_used = layout.families.contains(&Family::of(scene.series.kind));
            assert!(!is_used || !sample.planted.is_empty(), "{} {:?}", layout.name, scene.series.kind);
        }
    });
}

#[test]
fn harmless_pages_plant_nothing() {
    let settings = settings("seed = 3");
    each_scene(&settings, 8, |scene, rng| {
        let (mut picture, ink) = canvas(scene.series.kind, rng);
        let mut truth = Truth::default();
        let mut sheet = Sheet::new(&mut truth);
        assert!(!burn(scene, &mut sheet, &mut picture, ink, Content::Harmless, rng));
        assert!(truth.claims.is_empty());
        assert!(truth.drawn.lines.iter().flat_map(|line| &line.words).all(|word| word.label.is_none()));
    });
}

#[test]
fn the_two_sides_share_no_font_and_no_layout() {
    let of = |name: &str| {
        let path = format!("{}/../datasets/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let settings = SuiteOptions::read(path.as_ref()).expect("the suite is defined").resolve().expect("and valid");
        let text = settings.burned_in_text;
        (BTreeSet::from_iter(text.fonts), BTreeSet::from_iter(text.layouts))
    };
    let (train, test) = (of("text-detect-train"), of("text-detect-test"));
    assert!(train.0.is_disjoint(&test.0) && train.1.is_disjoint(&test.1));
    assert!(train.0.len() >= 11 && test.0.len() >= 11 && train.1.len() >= 9 && test.1.len() >= 9);
}

#[test]
fn what_cannot_be_drawn_is_refused_with_file_line_and_key() {
    for (table, line, key) in [
        ("fonts = [\n  \"grotesk\",\n  \"helvetica\",\n]", 5, "fonts"),
        ("fonts = [\"pen\"]", 3, "fonts"),
        ("split = \"train\"\nfonts = [\"grotesk\"]", 4, "fonts"),
        ("layouts = [\"banner\"]", 3, "layouts"),
        ("layouts = [\"no-such\"]", 3, "layouts"),
        ("height-min-px = 30\nheight-max-px = 20", 4, "height-max-px"),
        ("faint-share = 0.5\ncut-share = 1.5", 4, "cut-share"),
        ("contrast-min-percent = 0", 3, "contrast-min-percent"),
        ("font = [\"grotesk\"]", 3, "font"),
    ] {
        let definition = format!("patients = 1\n[burned-in-text]\n{table}\n");
        let error = SuiteOptions::parse(&definition, "suite.toml".as_ref()).expect_err(table).to_string();
        assert!(error.contains(&format!("suite.toml, line {line}:")), "{table}: {error}");
        assert!(error.contains(key), "{table}: {error}");
    }
}
