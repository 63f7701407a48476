//! Detection against pycocotools, and what boxes hide against a count pixel by pixel.

use crate::{assert_close, fixture};
use efface_eval::models::Resamples;
use efface_eval::models::detector::{Settings, decisions, measure, read};
use efface_schema::{ClusteredShare, CocoScores, DetectorMetrics};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    gold: Value,
    found: Value,
    stats: [f64; 12],
    by_category: BTreeMap<String, [f64; 12]>,
    hiding: Vec<[[u64; 2]; 4]>,
}

fn measured(case: &Case) -> DetectorMetrics {
    let (gold, found) = (case.gold.to_string(), case.found.to_string());
    let set = read(gold.as_bytes(), found.as_bytes()).expect("well formed");
    let settings = Settings {
        least_cover: 0.8,
        least_scores: vec![0.9, 0.0, 0.5, 0.3],
        resamples: Resamples { n: 100, seed: 0 },
        ..Settings::default()
    };
    measure(&set, &settings).expect("the settings make sense")
}

fn assert_scores(found: &CocoScores, expected: &[f64; 12], what: &str) {
    let found = [
        found.ap,
        found.ap50,
        found.ap75,
        found.ap_small,
        found.ap_medium,
        found.ap_large,
        found.ar_1,
        found.ar_10,
        found.ar_100,
        found.ar_small,
        found.ar_medium,
        found.ar_large,
    ];
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        // What is absent here is -1 there.
        assert_close(found.unwrap_or(-1.0), *expected, 1e-12, &format!("{what}, figure {at}"));
    }
}

#[test]
fn scores_agree_with_pycocotools() {
    let cases = fixture::<Fixture>("detector").cases;
    assert!(cases.len() > 200);
    let mut n_without_boxes = 0;
    for (at, case) in cases.iter().enumerate() {
        n_without_boxes += usize::from(case.found == json!([]));
        let metrics = measured(case);
        assert_scores(&metrics.coco, &case.stats, &format!("case {at}"));
        assert!(metrics.by_category.keys().eq(case.by_category.keys()), "case {at}");
        for (name, scores) in &metrics.by_category {
            assert_scores(scores, &case.by_category[name], &format!("case {at}, {name}"));
        }
    }
    assert!(n_without_boxes > 3, "{n_without_boxes}");
}

#[test]
fn hiding_agrees_with_a_count_of_pixels() {
    let (mut n_masks, mut n_hidden) = (0, 0);
    for (at, case) in fixture::<Fixture>("detector").cases.iter().enumerate() {
        let metrics = measured(case);
        n_masks += usize::from(metrics.has_masks);
        for (row, expected) in metrics.hiding.iter().zip(&case.hiding) {
            let found = [row.glyph_pixels_covered, row.words_hidden, row.clean_pixels_lost, row.touched_clean_images];
            let counts =
                |share: Option<ClusteredShare>| share.map_or([0, 0], |share| [share.numerator, share.denominator]);
            assert_eq!(found.map(counts), *expected, "case {at}, from {} on", row.least_score);
            n_hidden += found[1].map_or(0, |share| share.numerator);
            assert!(found[1].is_none_or(|share| share.low.is_none_or(|low| low <= share.value)));
        }
        assert!(metrics.hiding.is_sorted_by(|left, right| left.least_score < right.least_score));
    }
    assert!(n_masks > 30 && n_hidden > 200, "{n_masks}, {n_hidden}");
}

fn gold() -> Value {
    json!({
        "categories": [{"id": 1, "name": "phi_word"}],
        "images": [{"id": 4, "width": 10, "height": 8, "file_name": "P0001/a.dcm"}],
        "annotations": [{
            "id": 1, "image_id": 4, "category_id": 1, "bbox": [1, 1, 4, 2], "area": 8, "iscrowd": 0,
            "segmentation": {"size": [8, 10], "counts": [9, 2, 69]},
        }],
    })
}

fn with(mut value: Value, pointer: &str, new: Value) -> Value {
    *value.pointer_mut(pointer).expect("it is there") = new;
    value
}

#[test]
fn what_is_wrong_is_named() {
    let found = || json!([{"image_id": 4, "category_id": 1, "bbox": [1, 1, 4, 2], "score": 0.5}]);
    let check = |gold: Value, found: Value, words: &[&str]| {
        let (gold, found) = (gold.to_string(), found.to_string());
        let error = read(gold.as_bytes(), found.as_bytes()).expect_err("refused").to_string();
        for word in words {
            assert!(error.contains(word), "no {word} in: {error}");
        }
    };
    let twice = |pointer: &str| {
        let list = gold().pointer(pointer).expect("a list").clone();
        with(gold(), pointer, json!([list[0], list[0]]))
    };
    check(with(gold(), "/images", json!([])), found(), &["images", "empty"]);
    check(twice("/images"), found(), &["gold", "images[1]", "\"id\"", "same id"]);
    check(twice("/annotations"), found(), &["gold", "annotations[1]", "\"id\"", "same id"]);
    check(twice("/categories"), found(), &["gold", "categories[1]", "same name"]);
    check(
        with(gold(), "/annotations/0/image_id", json!(5)),
        found(),
        &["annotations[0]", "\"image_id\"", "no such image"],
    );
    check(with(gold(), "/annotations/0/bbox", json!([1, 2, 3])), found(), &["annotations[0]", "\"bbox\"", "width"]);
    check(with(gold(), "/annotations/0/bbox", json!([1, 2, -3, 4])), found(), &["\"bbox\"", "negative"]);
    check(with(gold(), "/annotations/0/segmentation/size", json!([10, 8])), found(), &["\"segmentation\"", "height"]);
    check(
        with(gold(), "/annotations/0/segmentation/counts", json!([9, 200])),
        found(),
        &["\"segmentation\"", "run lengths"],
    );
    check(with(gold(), "/images/0/width", json!(0)), found(), &["images[0]", "\"width\""]);
    check(gold(), json!({}), &["predictions", "list"]);
    check(gold(), with(found(), "/0/image_id", json!(9)), &["predictions", "[0]", "\"image_id\"", "no such image"]);
    check(gold(), with(found(), "/0/category_id", json!(2)), &["predictions", "\"category_id\"", "no such category"]);
    for score in [json!(1.5), json!(-0.1), json!("0.5"), Value::Null] {
        check(gold(), with(found(), "/0/score", score), &["predictions", "[0]", "\"score\""]);
    }
    let error = read(gold().to_string().as_bytes(), &b"[{\"score\": NaN}]"[..]).expect_err("refused").to_string();
    assert!(error.contains("line 1") && error.contains("NaN"), "{error}");
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let set = read(gold().to_string().as_bytes(), &b"[]"[..]).expect("well formed");
    for settings in [
        Settings { phi_categories: vec!["word".to_owned()], ..Settings::default() },
        Settings { phi_categories: Vec::new(), ..Settings::default() },
        Settings { least_cover: 0.0, ..Settings::default() },
        Settings { least_scores: vec![1.5], ..Settings::default() },
        Settings { least_scores: Vec::new(), ..Settings::default() },
    ] {
        assert!(measure(&set, &settings).is_err(), "{settings:?}");
    }
    let metrics = measure(&set, &Settings::default()).expect("the defaults make sense");
    assert_eq!((metrics.coco.ap, metrics.coco.ap_large, metrics.n_clusters), (Some(0.0), None, 1));
    let glyphs = metrics.hiding[0].glyph_pixels_covered.expect("there is a word");
    assert_eq!((glyphs.numerator, glyphs.denominator, glyphs.low), (0, 2, None));
}

#[test]
fn boxes_become_rows_of_calibration() {
    let box_at = |x: i32, score: f64| json!({"image_id": 4, "category_id": 1, "bbox": [x, 1, 4, 2], "score": score});
    let crowd = json!({"id": 2, "image_id": 4, "category_id": 1, "bbox": [6, 4, 4, 4], "area": 16, "iscrowd": 1});
    let mut with_crowd = gold();
    with_crowd["annotations"].as_array_mut().expect("a list").push(crowd);
    let on_crowd = json!({"image_id": 4, "category_id": 1, "bbox": [6, 4, 4, 4], "score": 0.6});
    // Overlaps of 1, 3/5 (the word is taken by then), 0, and one with the crowd.
    let found = json!([box_at(1, 0.9), box_at(2, 0.8), box_at(6, 0.7), on_crowd]).to_string();
    let set = read(with_crowd.to_string().as_bytes(), found.as_bytes()).expect("well formed");
    let rows = decisions(&set, &Settings::default());
    let short: Vec<_> = rows.iter().map(|row| (row.probability, row.correct, row.phi)).collect();
    assert_eq!(short, [(0.9, true, Some(true)), (0.8, false, Some(true)), (0.7, false, Some(false))]);
    assert_eq!(rows[0].cluster, "0", "a folder may be named after a patient");
    let elsewhere = Settings { phi_categories: Vec::new(), ..Settings::default() };
    assert!(decisions(&set, &elsewhere).iter().all(|row| row.phi == Some(false)));
}

#[test]
fn words_that_were_read_become_rows_of_their_own() {
    let mut words = gold();
    words["annotations"][0]["attributes"] = json!({"text": "DOE"});
    let read_at =
        |x: i32, text: &str| json!({"image_id": 4, "category_id": 1, "bbox": [x, 1, 4, 2], "score": 0.5, "text": text});
    // What stands there, something else, the same word half a box further, and a word where none is.
    let found = json!([read_at(1, "DOE"), read_at(1, "D0E"), read_at(3, "DOE"), read_at(6, "DOE")]).to_string();
    let set = read(words.to_string().as_bytes(), found.as_bytes()).expect("well formed");
    let rows = decisions(&set, &Settings::default());
    assert!(rows.iter().all(|row| row.kind.as_deref() == Some("word")));
    let short: Vec<_> = rows.iter().map(|row| (row.correct, row.phi == Some(true))).collect();
    assert_eq!(short, [(true, true), (false, true), (true, true), (false, false)]);
    let error = read(gold().to_string().as_bytes(), found.as_bytes()).expect_err("the gold has no words").to_string();
    assert!(error.contains("[0]") && error.contains("attributes.text") && !error.contains("DOE"), "{error}");
}
