use super::*;
use crate::streams::{below, stream, unit};
use efface_nets::calibration::softmax;
use efface_schema::{sha256_hex, to_json_line};

const LABELS: [Option<PhiLabel>; 5] =
    [None, Some(PhiLabel::Name), Some(PhiLabel::Name), Some(PhiLabel::Date), Some(PhiLabel::Date)];

/// A text of ten tokens whose true classes are drawn from its logits at a temperature of 2: the network is too sure.
fn text(number: u64) -> CalibrationText {
    let mut random = stream(23, "calibration test", &[number]);
    let logits: Vec<f32> = (0..10 * LABELS.len())
        .map(|at| {
            let bias = if at % LABELS.len() == 0 { 4.0 } else { 0.0 };
            (bias + 14.0 * (unit(&mut random) - 0.5)) as f32
        })
        .collect();
    let gold: Vec<u16> = logits
        .chunks(LABELS.len())
        .map(|token| {
            let mut left = unit(&mut random);
            let class = softmax(token, 2.0).iter().position(|share| {
                left -= share;
                left < 0.0
            });
            class.unwrap_or(0) as u16
        })
        .collect();
    let gold_entities = (0..10).filter(|at| gold[*at] > 0).map(|at| at..at + 1).collect();
    let found = logits
        .chunks(LABELS.len())
        .enumerate()
        .filter_map(|(at, token)| {
            let class = efface_nets::calibration::most_probable(token);
            let is_correct = class == usize::from(gold[at]);
            LABELS[class].map(|label| FoundEntity { tokens: at..at + 1, label, is_correct })
        })
        .collect();
    CalibrationText { cluster: below(&mut random, 300).to_string(), logits, gold, gold_entities, found }
}

fn fitted(texts: &[CalibrationText]) -> Result<Calibration, FitError> {
    let files = [("ner.jsonl".to_owned(), sha256_hex(b"data"))].into();
    fit(texts, &LABELS, &FitSettings::default(), sha256_hex(b"weights"), files)
}

#[test]
fn a_network_that_is_too_sure_is_mended() {
    let texts: Vec<CalibrationText> = (0..2000).map(text).collect();
    let calibration = fitted(&texts).expect("the texts are good");
    assert!((calibration.temperatures.global - 2.0).abs() < 0.1, "{:?}", calibration.temperatures);
    assert_eq!(calibration.temperatures.by_label.len(), 2);
    let FittedOn { before, after, n_tokens, n_texts, .. } = &calibration.fitted_on;
    assert_eq!((*n_tokens, *n_texts), (20_000, 2000));
    assert!(before.expected_calibration_error > 0.05 && after.expected_calibration_error < 0.015, "{after:?}");
    assert!(after.negative_log_likelihood < before.negative_log_likelihood);
    assert!(calibration.energy.is_some());
    // Some 300 patients can promise a hundredth and not a thousandth.
    let budgets: Vec<f64> = calibration.risk.iter().map(|risk| risk.budget).collect();
    assert_eq!(budgets, [0.005, 0.01, 0.02, 0.05, 0.1]);
    assert!(calibration.risk.iter().all(|risk| risk.calibration_risk <= risk.budget));
    let line = to_json_line(&calibration);
    assert!(Calibration::parse(&line).is_ok());
    assert!(!line.contains("cluster\""), "no patient is named");
}

#[test]
fn a_calibration_is_the_same_at_any_number_of_threads() {
    let texts: Vec<CalibrationText> = (0..500).map(text).collect();
    let at = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().expect("a pool");
        to_json_line(&pool.install(|| fitted(&texts)).expect("the texts are good"))
    };
    assert_eq!(at(1), at(4));
}

#[test]
fn bad_input_is_refused() {
    assert_eq!(fitted(&[]), Err(FitError::Empty));
    let spoilt = |change: fn(&mut CalibrationText)| {
        let mut texts = vec![text(0), text(1)];
        change(&mut texts[1]);
        fitted(&texts)
    };
    assert_eq!(spoilt(|text| text.logits.truncate(7)), Err(FitError::Shape { text: 1 }));
    assert_eq!(spoilt(|text| text.gold[0] = 5), Err(FitError::Shape { text: 1 }));
    assert_eq!(spoilt(|text| text.gold_entities.push(9..11)), Err(FitError::Shape { text: 1 }));
    assert_eq!(spoilt(|text| text.gold_entities.push(3..3)), Err(FitError::Shape { text: 1 }));
    assert_eq!(spoilt(|text| text.logits[3] = f32::NAN), Err(FitError::NotFinite { text: 1 }));
    let settings = FitSettings { budgets: vec![0.1, 0.05], ..FitSettings::default() };
    let refused = fit(&[text(0)], &LABELS, &settings, sha256_hex(b"weights"), BTreeMap::new());
    assert_eq!(refused, Err(FitError::Settings));
}

#[test]
fn the_rule_for_entities_is_the_likeliest_one() {
    // Two tokens of 0.6 and 0.9: entities that are right in 54 of 100 cases are those of independent tokens.
    let logits: Vec<f32> = [0.6_f32, 0.9]
        .iter()
        .flat_map(|probability| [(1.0 - probability).ln(), probability.ln(), -99.0, -99.0, -99.0])
        .collect();
    let chosen = |n_right: usize| {
        let texts: Vec<CalibrationText> = (0..100)
            .map(|number| CalibrationText {
                cluster: String::new(),
                logits: logits.clone(),
                gold: vec![1, 2],
                gold_entities: Vec::new(),
                found: vec![FoundEntity { tokens: 0..2, label: PhiLabel::Name, is_correct: number < n_right }],
            })
            .collect();
        entity_rule(&texts, &LABELS, &Temperatures::none())
    };
    assert_eq!(chosen(54), EntityRule::Product);
    assert_eq!(chosen(60), EntityRule::Minimum);
    assert_eq!(chosen(74), EntityRule::GeometricMean);
}
