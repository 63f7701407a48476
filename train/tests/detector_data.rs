//! What the detector learns from: prepared once, the same on any number of threads, and told what is wrong.

mod drawn;

use efface_train::TrainError;
use efface_train::config::Split;
use efface_train::detector::draw::squares;
use efface_train::detector::{DetectorTraining, PictureStore};
use std::cell::Cell;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

fn prepare(config: &DetectorTraining) -> Result<(PictureStore, usize), TrainError> {
    let first = Cell::new(usize::MAX);
    let store = PictureStore::prepare(&config.images(), &|done, _| first.set(first.get().min(done)))?;
    Ok((store, first.get()))
}

fn on_threads<T: Send>(n_threads: usize, run: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().expect("a pool");
    pool.install(run)
}

#[test]
fn pictures_are_prepared_once_and_go_on_where_they_are_good() {
    let folder = tempfile::tempdir().expect("a folder");
    drawn::frames(folder.path(), 20);
    let config = drawn::config(folder.path(), "run", "");
    let (whole, first) = prepare(&config).expect("prepared");
    assert_eq!((first, whole.pictures().len()), (0, 40));
    let pixels = whole.whole(&whole.pictures()[39]).expect("read");
    let files = || ["frames.bin", "frames.jsonl"].map(|name| fs::read(config.output.join(name)).expect("a file"));
    let complete = files();
    assert_eq!(prepare(&config).expect("taken up").1, 40);

    // Another byte in the thirtieth file, and half a line at the end.
    let path = config.output.join("frames.bin");
    let file = OpenOptions::new().write(true).open(&path).expect("a file");
    file.write_all_at(&[7, 7, 7], 29 * 160 * 128 + 50).expect("written");
    let (again, first) = prepare(&config).expect("prepared");
    assert_eq!((first, again.digest()), (29, whole.digest()));
    assert!(files() == complete, "the same files");
    fs::write(config.output.join("frames.jsonl"), &complete[1][..complete[1].len() / 2]).expect("written");
    let (again, first) = prepare(&config).expect("prepared");
    assert!(first > 10 && first < 30, "{first}");
    assert_eq!((again.digest(), again.whole(&again.pictures()[39]).expect("read")), (whole.digest(), pixels));

    // Other patients for other things: nothing of it stays.
    let mut other = config.clone();
    other.seed = 6;
    assert_eq!(prepare(&other).expect("prepared").1, 0);
}

#[test]
fn a_patient_is_in_one_split() {
    let folder = tempfile::tempdir().expect("a folder");
    drawn::frames(folder.path(), 40);
    let (store, _) = prepare(&drawn::config(folder.path(), "run", "")).expect("prepared");
    let pictures = store.pictures();
    assert!(pictures.chunks(2).all(|pair| pair[0].split == pair[1].split));
    for split in [Split::Train, Split::Validation, Split::Calibration] {
        assert!(pictures.iter().any(|picture| picture.split == split), "{split:?}");
    }
}

#[test]
fn squares_are_the_same_on_any_number_of_threads_and_hold_their_words() {
    let folder = tempfile::tempdir().expect("a folder");
    drawn::frames(folder.path(), 20);
    let more = "[crops]\nsizes = [96, 128]\n[optimizer]\nsquares = 7\n";
    let config = drawn::config(folder.path(), "run", more);
    let (store, _) = prepare(&config).expect("prepared");
    let of_steps = || (0..12).map(|step| squares(&config, &store, step).expect("drawn")).collect::<Vec<_>>();
    let (one, three) = (on_threads(1, of_steps), on_threads(3, of_steps));
    assert!(one == three, "threads change squares");
    let all: Vec<_> = one.iter().flatten().collect();
    assert!(one.iter().any(|step| step[0].side == 96) && one.iter().any(|step| step[0].side == 128));
    let with_words = all.iter().filter(|crop| !crop.words.is_empty()).count();
    assert!(with_words * 10 > all.len() * 8, "{with_words} of {}", all.len());
    for crop in &all {
        let side = crop.side as f32;
        let is_inside =
            |[x0, y0, x1, y1]: &[f32; 4]| 0.0 <= *x0 && x0 < x1 && *x1 <= side && 0.0 <= *y0 && y0 < y1 && *y1 <= side;
        assert!(crop.words.iter().chain(&crop.ignored).all(is_inside), "{:?}", crop.words);
        assert_eq!(crop.pixels.len(), (crop.side * crop.side) as usize);
    }
    let drawn_anew = squares(&config, &store, 11).expect("drawn");
    assert!(drawn_anew == one[11], "a step depends on no step before");
}

/// Where nothing is changed but place and scale, ink stands in the boxes and not beside them.
#[test]
fn boxes_lie_where_the_words_are() {
    let folder = tempfile::tempdir().expect("a folder");
    drawn::frames(folder.path(), 20);
    let more =
        "[crops]\nsizes = [128]\nwindow = 0.0\ninverted = 0.0\nnoise = 0.0\nspeckle = 0.0\nblur = 0.0\njpeg = 0.0\n";
    let config = drawn::config(folder.path(), "run", more);
    let (store, _) = prepare(&config).expect("prepared");
    let mut n_words = 0;
    for crop in (0..30).flat_map(|step| squares(&config, &store, step).expect("drawn")) {
        let is_near = |[x0, y0, x1, y1]: &[f32; 4], x: f32, y: f32, margin: f32| {
            x0 - margin <= x && x <= x1 + margin && y0 - margin <= y && y <= y1 + margin
        };
        for (place, level) in (0..).zip(&crop.pixels) {
            let (x, y) = ((place % crop.side) as f32 + 0.5, (place / crop.side) as f32 + 0.5);
            if *level > 0.75 {
                let mut boxes = crop.words.iter().chain(&crop.ignored);
                assert!(boxes.any(|bounds| is_near(bounds, x, y, 2.0)), "ink at {x} {y} is in no box");
            }
        }
        for word in &crop.words {
            n_words += 1;
            let middle = ((word[0] + word[2]) / 2.0, (word[1] + word[3]) / 2.0);
            let bright = (0..crop.side * crop.side).filter(|place| {
                let (x, y) = ((place % crop.side) as f32 + 0.5, (place / crop.side) as f32 + 0.5);
                is_near(word, x, y, 0.0) && crop.pixels[*place as usize] > 0.5
            });
            let area = (word[2] - word[0]) * (word[3] - word[1]);
            assert!(bright.count() as f32 > 0.25 * area, "a word without ink around {middle:?}");
        }
    }
    assert!(n_words > 60, "{n_words}");
}

#[test]
fn images_that_cannot_be_used_are_named_by_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let says = |change: &dyn Fn(&Path), expected: &str| {
        drawn::frames(folder.path(), 6);
        change(&folder.path().join("P3/1.png"));
        let error = prepare(&drawn::config(folder.path(), "run", "")).expect_err("refused").to_string();
        assert!(error.contains("image 8 of") && error.contains(expected), "{error}");
    };
    says(&|path| fs::remove_file(path).expect("removed"), "not found");
    says(&|path| fs::write(path, b"no image").expect("written"), "neither DICOM");
    says(&|path| image::GrayImage::new(5, 5).save(path).expect("written"), "another size");
    fs::write(folder.path().join("coco.json"), "{}").expect("written");
    let error = prepare(&drawn::config(folder.path(), "run", "")).expect_err("no list");
    assert!(matches!(error, TrainError::Coco { .. }), "{error}");
}
