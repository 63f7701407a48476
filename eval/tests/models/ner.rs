//! Entity recognition against nervaluate, seqeval and scikit-learn.

use crate::{assert_close, fixture};
use efface_eval::models::Resamples;
use efface_eval::models::ner::{Reading, Tag, decisions, measure, read, tag_metrics};
use efface_schema::{
    Interval, MatchCounts, MatchMetrics, NerMetrics, PhiLabel, PredictedSpan, PredictedToken, TagScores,
    TextPrediction, UnitScores,
};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Fixture {
    spans: Vec<SpanCase>,
    tags: Vec<TagCase>,
}

#[derive(Deserialize)]
struct SpanCase {
    texts: Vec<Text>,
    overall: BTreeMap<String, [f64; 10]>,
    labels: BTreeMap<PhiLabel, BTreeMap<String, [f64; 10]>>,
    characters: Option<Characters>,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    gold: Vec<(usize, usize, PhiLabel)>,
    predicted: Vec<(usize, usize, PhiLabel)>,
}

#[derive(Deserialize)]
struct Characters {
    any: [f64; 3],
    labels: BTreeMap<PhiLabel, [f64; 3]>,
}

#[derive(Deserialize)]
struct TagCase {
    gold: Vec<Vec<String>>,
    predicted: Vec<Vec<String>>,
    default: TagRows,
    strict: TagRows,
}

#[derive(Deserialize)]
struct TagRows {
    labels: Vec<[f64; 4]>,
    micro: [f64; 4],
    #[serde(rename = "macro")]
    macro_average: Option<[f64; 4]>,
    weighted: Option<[f64; 4]>,
}

/// The lines of a file of gold or predictions.
fn lines(texts: &[Text], spans: impl Fn(&Text) -> &[(usize, usize, PhiLabel)]) -> String {
    let line = |(id, text): (usize, &Text)| {
        let spans: Vec<_> = spans(text)
            .iter()
            .map(|(start, end, label)| json!({"start": start, "end": end, "label": label, "probability": 0.5}))
            .collect();
        json!({"id": id, "text": text.text, "spans": spans}).to_string() + "\n"
    };
    texts.iter().enumerate().map(line).collect()
}

fn scored(gold: impl AsRef<[u8]>, predicted: impl AsRef<[u8]>) -> NerMetrics {
    let texts = read(gold.as_ref(), predicted.as_ref()).expect("well formed");
    measure(&texts, Resamples { n: 100, seed: 0 }).expect("enough resamples")
}

fn measured(texts: &[Text]) -> NerMetrics {
    let gold = lines(texts, |text| &text.gold);
    let predicted = lines(texts, |text| &text.predicted);
    scored(gold, predicted)
}

fn assert_counts(found: &MatchCounts, expected: &[f64; 10], what: &str) {
    let counts =
        [found.correct, found.incorrect, found.partial, found.missed, found.spurious, found.possible, found.actual];
    for (found, expected) in counts.iter().zip(expected) {
        assert_eq!(*found as f64, *expected, "{what}");
    }
    // What is undefined here is 0 there.
    for (found, expected) in [found.precision, found.recall, found.f1].iter().zip(&expected[7..]) {
        assert_close(found.unwrap_or_default(), *expected, 1e-12, what);
    }
    assert_eq!(found.precision.is_none(), found.actual == 0);
    assert_eq!(found.recall.is_none(), found.possible == 0);
}

#[test]
fn spans_agree_with_nervaluate() {
    let cases = fixture::<Fixture>("ner").spans;
    assert!(cases.len() > 200);
    for (at, case) in cases.iter().enumerate() {
        let metrics = measured(&case.texts);
        let schemes: [(&str, &MatchMetrics); 4] = [
            ("strict", &metrics.spans.strict),
            ("exact", &metrics.spans.exact),
            ("partial", &metrics.spans.partial),
            ("ent_type", &metrics.spans.entity_type),
        ];
        for (name, scheme) in schemes {
            assert_counts(&scheme.overall, &case.overall[name], &format!("case {at}, {name}"));
            assert!(scheme.by_label.keys().eq(case.labels.keys()), "case {at}, {name}");
            for (label, counts) in &scheme.by_label {
                assert_counts(counts, &case.labels[label][name], &format!("case {at}, {name}, {label}"));
            }
        }
    }
}

fn assert_units(found: &UnitScores, expected: &[f64; 3], what: &str) {
    let shares = [found.precision.map(|share| share.value), found.recall.map(|share| share.value), found.f1];
    for (found, expected) in shares.iter().zip(expected) {
        assert_close(found.unwrap_or_default(), *expected, 1e-12, what);
    }
}

#[test]
fn characters_agree_with_scikit_learn() {
    let cases = fixture::<Fixture>("ner").spans;
    let mut n_compared = 0;
    for (at, case) in cases.iter().enumerate() {
        let Some(expected) = &case.characters else { continue };
        n_compared += 1;
        let found = measured(&case.texts).characters;
        assert_units(&found.any_label, &expected.any, &format!("case {at}"));
        assert!(found.by_label.keys().eq(expected.labels.keys()), "case {at}");
        for (label, scores) in &found.by_label {
            assert_units(scores, &expected.labels[label], &format!("case {at}, {label}"));
        }
    }
    assert!(n_compared > 50, "{n_compared}");
}

fn assert_tags(found: &TagScores, expected: &[f64; 4], what: &str) {
    for (found, expected) in [found.precision, found.recall, found.f1].iter().zip(expected) {
        assert_close(found.unwrap_or_default(), *expected, 1e-12, what);
    }
    assert_eq!(found.support as f64, expected[3], "{what}");
}

#[test]
fn tags_agree_with_seqeval() {
    let cases = fixture::<Fixture>("ner").tags;
    assert!(cases.len() > 200);
    let parse = |texts: &[Vec<String>]| -> Vec<Vec<Tag>> {
        texts.iter().map(|tags| tags.iter().map(|tag| Tag::parse(tag).expect("a tag")).collect()).collect()
    };
    let mut n_different = 0;
    for (at, case) in cases.iter().enumerate() {
        let (gold, predicted) = (parse(&case.gold), parse(&case.predicted));
        let texts = || gold.iter().zip(&predicted).map(|(gold, predicted)| (&gold[..], &predicted[..]));
        n_different += usize::from(case.default.micro != case.strict.micro);
        for (reading, expected) in [(Reading::Default, &case.default), (Reading::StrictIob2, &case.strict)] {
            let found = tag_metrics(texts(), reading);
            let what = format!("case {at}, {reading:?}");
            assert_tags(&found.micro, &expected.micro, &what);
            assert_eq!(found.by_label.len(), expected.labels.len(), "{what}");
            // Labels come by name there.
            let by_name: BTreeMap<&str, &TagScores> =
                found.by_label.iter().map(|(label, scores)| (label.as_str(), scores)).collect();
            for (scores, expected) in by_name.values().zip(&expected.labels) {
                assert_tags(scores, expected, &what);
            }
            if let (Some(macro_average), Some(weighted)) = (&expected.macro_average, &expected.weighted) {
                assert_tags(&found.macro_average, macro_average, &what);
                assert_tags(&found.weighted, weighted, &what);
            }
        }
    }
    assert!(n_different > 100, "the two readings differ on {n_different} cases only");
}

const GOLD: &str = r#"{"id": "a", "text": "Zoë Roe", "spans": [{"start": 0, "end": 7, "label": "NAME"}]}"#;

#[test]
fn what_is_wrong_is_named_and_not_quoted() {
    let found = r#"{"id": "a", "spans": []}"#;
    let check = |gold: &str, predictions: &str, words: &[&str]| {
        let error = read(gold.as_bytes(), predictions.as_bytes()).expect_err("refused").to_string();
        for word in words {
            assert!(error.contains(word), "no {word} in: {error}");
        }
        assert!(!error.contains("Roe"), "{error}");
    };
    let with_span = |span: &str| GOLD.replace(r#"{"start": 0, "end": 7, "label": "NAME"}"#, span);
    check("", found, &["gold", "empty"]);
    check(GOLD, "\n", &["predictions", "empty"]);
    check("{Roe", found, &["gold", "line 1", "JSON"]);
    check(r#"{"text": "Roe", "spans": []}"#, found, &["gold", "line 1", "\"id\"", "missing"]);
    check(r#"{"id": 1.5, "text": "Roe", "spans": []}"#, found, &["\"id\"", "string or a whole number"]);
    check(&format!("{GOLD}\n\n{GOLD}"), found, &["gold", "line 3", "\"id\"", "same id"]);
    check(GOLD, &format!("{found}\n{found}"), &["predictions", "line 2", "\"id\""]);
    check(GOLD, r#"{"id": "Roe", "spans": []}"#, &["predictions", "line 1", "\"id\"", "no such id"]);
    check(&format!("{GOLD}\n{}", GOLD.replace("\"a\"", "\"b\"")), found, &["predictions", "end", "1 texts"]);
    check(GOLD, r#"{"id": "a", "text": "Zoe Roe", "spans": []}"#, &["predictions", "\"text\""]);
    check(GOLD, r#"{"id": "a"}"#, &["predictions", "\"spans\"", "missing"]);
    check(&with_span(r#"{"start": 0, "end": 8, "label": "NAME"}"#), found, &["spans[0]", "\"end\"", "outside"]);
    check(&with_span(r#"{"start": 3, "end": 3, "label": "NAME"}"#), found, &["\"start\"", "empty"]);
    check(&with_span(r#"{"start": -1, "end": 3, "label": "NAME"}"#), found, &["\"start\"", "whole number"]);
    check(&with_span(r#"{"start": 0, "end": 3, "label": "Roe"}"#), found, &["\"label\"", "HEALTH_PLAN_ID"]);
    check(&with_span(r#"{"start": 0, "end": 3, "label": "NAME", "Roe": 1}"#), found, &["known ones"]);
    let overlapping = r#"{"start": 0, "end": 3, "label": "NAME"}, {"start": 2, "end": 7, "label": "NAME"}"#;
    check(&with_span(overlapping), found, &["gold", "\"spans\"", "overlap"]);
    for probability in ["1.01", "-0.5", "\"0.5\""] {
        let span = format!(r#"{{"start": 0, "end": 7, "label": "NAME", "probability": {probability}}}"#);
        let predictions = format!(r#"{{"id": "a", "spans": [{span}]}}"#);
        check(GOLD, &predictions, &["predictions", "spans[0]", "\"probability\"", "0 to 1"]);
    }
    check(GOLD, r#"{"id": "a", "spans": [{"start": 0, "end": 7, "label": "NAME", "probability": NaN}]}"#, &["NaN"]);
    check(GOLD, r#"{"id": "a", "spans": [], "tags": ["O"]}"#, &["\"tags\"", "1 tags for 2 tokens"]);
    check(GOLD, r#"{"id": "a", "spans": [], "tags": ["O", "E-NAME"]}"#, &["\"tags\"", "B-"]);
}

#[test]
fn records_of_a_suite_are_gold_as_they_stand() {
    let line = |index: u64, text: &str, spans: &str, patient: u64| {
        format!(
            r#"{{"format_version":1,"index":{index},"text":"{text}","spans":[{spans}],"negatives":[],"context":{{"attribute":"(0010,4000)","keyword":"PatientComments","vr":"LT","modality":"CT","locale":"en_US","patient":{patient}}}}}"#
        )
    };
    let name = r#"{"start":0,"end":3,"label":"NAME","element":"A","is_known":true}"#;
    let gold = [line(0, "Roe 12", name, 0), line(1, "left hip", "", 0), line(2, "Axial 3 mm", "", 1)].join("\n");
    let predictions = r#"{"id": 0, "spans": [{"start": 0, "end": 6, "label": "MRN"}]}
{"id": "1", "spans": []}
{"id": 2, "spans": [{"start": 6, "end": 7, "label": "DATE"}]}"#;
    let metrics = scored(gold, predictions);
    assert_eq!((metrics.n_texts, metrics.n_clusters), (3, 2));
    let touched = metrics.touched_clean_texts.expect("two texts without PHI");
    assert_eq!((touched.numerator, touched.denominator), (1, 2));
    assert!(touched.low.is_some_and(|low| low < 0.1) && touched.high.is_some_and(|high| high > 0.9));
    let characters = metrics.characters.any_label;
    assert_eq!((characters.true_positives, characters.false_positives, characters.false_negatives), (3, 4, 0));
    let tokens = metrics.tokens.any_label;
    assert_eq!((tokens.true_positives, tokens.false_positives, tokens.false_negatives), (1, 2, 0));
    assert_eq!(metrics.by_modality["CT"].n_texts, 3);
    assert_eq!(metrics.by_locale["en_US"].strict.incorrect, 1);
    // One patient has the only PHI: recall has a value and no interval.
    let recall = characters.recall.expect("there is PHI");
    assert_eq!((recall.value, recall.low.is_some()), (1.0, false));
}

#[test]
fn intervals_of_f1_are_across_patients() {
    // Of two patients one is found throughout and the other not at all: the truth may lie anywhere.
    let line = |id: usize, spans: &str, patient: &str| {
        format!(r#"{{"id":{id},"text":"Roe","spans":[{spans}],"patient":"{patient}","modality":"CT"}}"#)
    };
    let span = r#"{"start":0,"end":3,"label":"NAME"}"#;
    let gold: Vec<String> = (0..40).map(|id| line(id, span, if id % 2 == 0 { "a" } else { "b" })).collect();
    let found: Vec<String> =
        (0..40).map(|id| format!(r#"{{"id":{id},"spans":[{}]}}"#, if id % 2 == 0 { span } else { "" })).collect();
    let metrics = scored(gold.join("\n"), found.join("\n"));
    let f1 = Some(2.0 / 3.0);
    let whole = Some(Interval { low: 0.0, high: 1.0 });
    let (spans, label) = (&metrics.spans, PhiLabel::Name);
    for counts in [spans.strict.overall, spans.partial.overall, spans.entity_type.by_label[&label]] {
        assert_eq!((counts.f1, counts.f1_interval), (f1, whole));
    }
    for scores in [metrics.tokens.any_label, metrics.characters.by_label[&label], metrics.by_modality["CT"].characters]
    {
        assert_eq!((scores.f1, scores.f1_interval), (f1, whole));
    }
    let tags = &metrics.tags_strict;
    assert_eq!((tags.micro.f1_interval, tags.by_label[&label].f1_interval), (whole, whole));
    // There is one label, so that its figure is the mean over labels.
    assert_eq!((tags.macro_average.f1_interval, tags.weighted.f1_interval), (whole, whole));
    assert_eq!(metrics.resampling.expect("said").n_resamples, 100);
    // As many texts of as many patients: the standard error of recall is 0.08, that of F1 about as much.
    let alone: Vec<String> = (0..40).map(|id| line(id, span, &format!("p{id}"))).collect();
    let interval = scored(alone.join("\n"), found.join("\n")).spans.strict.overall.f1_interval.expect("it varies");
    assert!(interval.low > 0.4 && interval.low < 0.6 && interval.high > 0.7 && interval.high < 0.9, "{interval:?}");
    let texts = read(gold.join("\n").as_bytes(), found.join("\n").as_bytes()).expect("well formed");
    assert!(measure(&texts, Resamples { n: 99, seed: 0 }).is_err());
}

#[test]
fn predictions_are_read_as_the_schema_writes_them() {
    let span = PredictedSpan { start: 0, end: 3, label: PhiLabel::Name, probability: Some(0.75) };
    let prediction = TextPrediction {
        id: "a".to_owned(),
        text: Some("Zoë Roe".to_owned()),
        spans: vec![span],
        tags: Some(vec!["B-NAME".to_owned(), "O".to_owned()]),
        tokens: Some(vec![PredictedToken { start: 4, end: 7, label: None, probability: 0.5 }]),
    };
    let line = serde_json::to_string(&prediction).expect("JSON");
    let metrics = scored(GOLD, line);
    assert_eq!(metrics.characters.any_label.true_positives, 3);
    assert_eq!(metrics.tags_default.micro.recall, Some(0.0));
    assert_eq!(metrics.tokens.any_label.recall.map(|share| share.value), Some(0.5));
}

#[test]
fn spans_and_tokens_become_rows_of_calibration() {
    let found = r#"{"id": "a", "spans": [{"start": 4, "end": 7, "label": "NAME", "probability": 0.25},
        {"start": 0, "end": 7, "label": "NAME", "probability": 0.75}, {"start": 0, "end": 3, "label": "NAME"}],
        "tokens": [{"start": 0, "end": 2, "label": "NAME", "probability": 0.5}, {"start": 2, "end": 3, "probability": 0.625},
        {"start": 4, "end": 7, "label": "DATE", "probability": 0.375}]}"#
        .replace('\n', " ");
    let texts = read(GOLD.as_bytes(), found.as_bytes()).expect("well formed");
    let rows = decisions(&texts);
    let of_kind = |kind: &str| -> Vec<(f64, bool, Option<bool>)> {
        let rows = rows.iter().filter(|row| row.kind.as_deref() == Some(kind));
        rows.map(|row| (row.probability, row.correct, row.phi)).collect()
    };
    assert_eq!(of_kind("entity"), [(0.75, true, Some(true)), (0.25, false, Some(true))]);
    let tokens = [(0.5, true, Some(true)), (0.625, false, Some(true)), (0.375, false, Some(true))];
    assert_eq!(of_kind("token"), tokens);
    for (wrong, word) in [("\"probability\": 0.5", "\"sure\": 0.5"), ("\"end\": 2", "\"end\": 99"), ("DATE", "DOG")] {
        assert!(read(GOLD.as_bytes(), found.replace(wrong, word).as_bytes()).is_err(), "{word}");
    }
}
