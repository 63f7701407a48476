use super::*;
use crate::text;

const LEAST: &str = r#"output = "runs/a"
base = "models/base"
[[datasets]]
path = "a.jsonl"
format = "jsonl"
split = "by-patient"
"#;

fn parse(text: &str) -> Result<TrainingConfig, ConfigError> {
    TrainingConfig::parse(text, Path::new("ner.toml"))
}

/// What is said about the least configuration with further lines, and about which line.
fn check(further: &str, line: usize, expected: &[&str]) {
    let message = parse(&format!("{LEAST}{further}")).expect_err("it must be refused").to_string();
    assert!(message.starts_with(&format!("read the configuration ner.toml, line {line}:")), "{message}");
    assert!(expected.iter().all(|part| message.contains(part)), "{message}");
}

#[test]
fn the_least_configuration_has_defaults_for_the_rest() {
    let config = parse(LEAST).expect("it is complete");
    assert_eq!(config.seed, 1);
    assert_eq!(config.optimizer, OptimizerConfig::default());
    assert_eq!(config.fit_settings(), FitSettings::default());
    assert_eq!(config.batch_settings().token_budget.get(), 2048);
    let schedule = config.schedule(1000);
    assert_eq!((schedule.n_warm_up_steps, schedule.n_steps, schedule.peak), (60, 1000, 3e-4));
}

#[test]
fn the_resolved_form_reads_as_the_same() {
    let further = r#"
[datasets.labels]
[network]
layers = 3
freeze-embeddings = true
[optimizer]
decay = "cosine"
[loss]
focal-gamma = 2.0
outside-weight = 0.5
label-weights = { NAME = 2.0, AGE_OVER_89 = 4.0 }
"#;
    let config = parse(&format!("{LEAST}{further}")).expect("it is good");
    assert_eq!(config.loss.label_weights[&PhiLabel::AgeOver89], 4.0);
    let written = toml::to_string(&config).expect("it can be written");
    assert_eq!(parse(&written).expect("just written"), config);
    let value = serde_json::to_value(&config).expect("it can be written");
    assert_eq!(value["network"]["freeze-embeddings"], true);
}

#[test]
fn unknown_keys_and_wrong_kinds_are_refused_where_they_stand() {
    check("\n[optimizer]\nlearning-rat = 1e-4\n", 9, &["`learning-rat`", "`learning-rate`"]);
    check("[network]\nlayers = \"three\"\n", 8, &["`layers`", "string"]);
    check("[optimiser]\n", 7, &["`optimiser`"]);
    check("[loss.label-weights]\nPERSON = 2.0\n", 8, &["PERSON", "NAME"]);
    check("[network]\nlayers = -1\n", 8, &["`layers`"]);
    check("[[datasets]]\npath = \"b\"\nformat = \"csv\"\nsplit = \"train\"\n", 9, &["csv", "jsonl"]);
    let message = parse("base = \"b\"\ndatasets = []\n").expect_err("the output is missing").to_string();
    assert!(message.contains("`output`"), "{message}");
}

#[test]
fn senseless_values_are_refused_with_what_would_make_sense() {
    let value = |table: &str, key: &str, value: &str, expected: &str| {
        check(&format!("\n[{table}]\n\n{key} = {value}\n"), 10, &[&format!("`{table}.{key}`"), expected]);
    };
    value("optimizer", "learning-rate", "3.0", "5e-4 are usual");
    value("optimizer", "learning-rate", "nan", "5e-4 are usual");
    value("optimizer", "learning-rate", "0.0", "5e-4 are usual");
    value("optimizer", "epochs", "0", "at least 1");
    value("optimizer", "layer-decay", "1.5", "at most 1");
    value("optimizer", "warm-up", "100.0", "share of the steps");
    value("optimizer", "final-share", "-0.5", "from 0 to 1");
    value("optimizer", "weight-decay", "inf", "below 1");
    value("optimizer", "clip", "0.0", "above 0");
    value("optimizer", "batch-tokens", "200", "network.max-tokens");
    value("optimizer", "accumulation", "0", "at least 1");
    value("optimizer", "window", "0", "at least 1");
    value("optimizer", "pad-multiple", "0", "from 1");
    value("network", "layers", "0", "keep all");
    value("network", "dropout", "1.0", "below 1");
    value("network", "max-tokens", "513", "512");
    value("loss", "label-smoothing", "0.5", "below 0.5");
    value("loss", "focal-gamma", "-1.0", "from 0 to 5");
    value("loss", "outside-weight", "0.0", "above 0");
    value("loss", "label-weights", "{ NAME = -1.0 }", "above 0");
    value("evaluation", "every-steps", "0", "at least 1");
    value("evaluation", "checkpoint-every-steps", "0", "at least 1");
    value("evaluation", "precision-floor", "1.0", "below 1");
    value("calibration", "budgets", "[0.1, 0.01]", "rising");
    value("calibration", "budgets", "[0.0]", "above 0");
    value("calibration", "odd-share", "0.0", "above 0");
    value("calibration", "min-label-rows", "0", "at least 1");
    value("shares", "validation", "1.0", "below 1");
    value("shares", "calibration", "0.97", "patients to train on");
    check("[loss]\nlabel-smoothing = 0.1\nfocal-gamma = 2.0\n", 9, &["choose one"]);
    check("[network]\nrandom-weights = true\nfreeze-embeddings = true\n", 9, &["random embeddings"]);
}

#[test]
fn data_sets_must_serve_every_purpose_and_be_told_apart() {
    let set =
        |path: &str, split: &str| format!("[[datasets]]\npath = \"{path}\"\nformat = \"i2b2\"\nsplit = \"{split}\"\n");
    let head = "output = \"o\"\nbase = \"b\"\n";
    let message = |text: String| parse(&text).expect_err("it must be refused").to_string();
    let refused = message(format!("{head}{}", set("a", "train")));
    assert!(refused.contains("line 3:") && refused.contains("no data set is for validation"), "{refused}");
    let refused = message(format!("{head}{}", set("a", "validation")));
    assert!(refused.contains("no data set is for training"), "{refused}");
    let refused = message(format!("{head}{}[shares]\nvalidation = 0.0\n", set("a", "by-patient")));
    assert!(refused.contains("no data set is for validation"), "{refused}");
    parse(&format!("{head}{}{}", set("a", "train"), set("b", "validation"))).expect("it can train");
    check("[[datasets]]\npath = \"./a.jsonl\"\nformat = \"jsonl\"\nsplit = \"calibration\"\n", 8, &["two splits"]);
    let labels = "[[datasets]]\npath = \"b\"\nformat = \"brat\"\nsplit = \"train\"\nlabels = { Person = \"WHO\" }\n";
    check(labels, 11, &["`datasets.1.labels`", "NAME", "ignore"]);
    let needless = labels.replace("brat", "conll").replace("WHO", "NAME");
    check(&needless, 11, &["absent"]);
}

#[test]
fn label_words_of_a_data_set_reach_its_table() {
    let further = "[[datasets]]\npath = \"b\"\nformat = \"brat\"\nsplit = \"train\"\n\
                   labels = { Person = \"NAME\", Job = \"ignore\" }\n";
    let config = parse(&format!("{LEAST}{further}")).expect("it is good");
    let table = config.datasets[1].label_table().expect("the labels are known");
    assert_eq!(table.label("Person", "x"), Ok(Some(PhiLabel::Name)));
    assert_eq!(table.label("Job", "x"), Ok(None));
    assert_eq!(table.label("Hobby", "x"), Err(text::UnknownLabel));
}

#[test]
fn patients_are_shared_out_by_their_hash() {
    let config = parse(LEAST).expect("it is good");
    let split = |patient: u32| config.split_of(&config.datasets[0], &patient.to_string());
    let count = |wanted| (0..20_000).filter(|patient| split(*patient) == wanted).count();
    // Four standard deviations of a share of 0.05 and of 0.1 of 20,000 are 123 and 170.
    assert!(count(Split::Validation).abs_diff(1000) < 123, "{}", count(Split::Validation));
    assert!(count(Split::Calibration).abs_diff(2000) < 170, "{}", count(Split::Calibration));
    assert_eq!(count(Split::ByPatient), 0);
    let other = TrainingConfig { seed: 2, ..config.clone() };
    assert!((0..100).any(|patient| other.split_of(&config.datasets[0], &patient.to_string()) != split(patient)));
    let whole = DatasetConfig { split: Split::Calibration, ..config.datasets[0].clone() };
    assert_eq!(config.split_of(&whole, "7"), Split::Calibration);
}
