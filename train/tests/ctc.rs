//! The loss of connectionist temporal classification beside torch's: `scripts/golden/released-reader.py` makes the numbers.

use efface_train::reader::ctc::ctc;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    steps: usize,
    classes: usize,
    text: Vec<usize>,
    scores: Vec<f32>,
    loss: f64,
    gradient: Vec<f32>,
}

#[test]
fn loss_and_gradient_are_those_of_torch() {
    let fixture: Fixture =
        serde_json::from_str(include_str!("../testdata/golden/ctc.json")).expect("the fixture is JSON");
    assert_eq!(fixture.cases.len(), 4);
    for case in fixture.cases {
        let found = ctc(&case.scores, case.classes, &case.text).expect("there is room");
        assert_eq!(found.gradient.len(), case.steps * case.classes);
        assert!((found.loss - case.loss).abs() < 1e-5 * case.loss.max(1.0), "{} {}", found.loss, case.loss);
        for (one, other) in found.gradient.iter().zip(&case.gradient) {
            assert!((one - other).abs() < 1e-5, "{one} {other}");
        }
    }
}
