//! What was measured on what: the dataset, the program, its policy and networks, and the hashes that name them.

use super::card::Card;
use crate::compare::Evaluated;
use efface_schema::{RunManifest, sha256_hex};
use serde_json::Value as Json;

/// A line of the table: what it is about, and what is known of it.
pub(super) type Fact = (&'static str, Vec<String>);

/// What a reader asks first; what nobody told says so.
pub(super) fn facts(evaluated: &Evaluated, card: Option<&Card>) -> Vec<Fact> {
    let mut facts = vec![("Dataset", dataset(evaluated, card))];
    match &evaluated.run {
        None => facts.push(("Written by", vec!["not known: no run folder was given to the evaluation".to_owned()])),
        Some(run) => facts.extend([
            ("Written by", written_by(evaluated, run)),
            ("Policy", policy(run)),
            ("Network for free text", vec![network(run, "ner", "rules alone")]),
            ("Network for text in pixels", vec![network(run, "text_detector", "rules alone")]),
            ("Network that reads it", vec![network(run, "text_reader", "Tesseract alone")]),
        ]),
    }
    facts.push(("Scored by", scored_by(evaluated)));
    facts
}

fn dataset(evaluated: &Evaluated, card: Option<&Card>) -> Vec<String> {
    if let Some(card) = card {
        return [card.title.clone()].into_iter().chain(card.about.iter().cloned()).collect();
    }
    match evaluated.suite.run() {
        None => vec!["not known: the suite has neither a card nor a manifest".to_owned()],
        Some(suite) => {
            let seeds = suite.seeds.iter().map(|(name, seed)| format!(", {name} seed {seed}"));
            vec![
                format!("Made by efface {} {}{}.", suite.efface_version, suite.command, seeds.collect::<String>()),
                "Its checksums vouch for no card.".to_owned(),
            ]
        }
    }
}

fn written_by(evaluated: &Evaluated, run: &RunManifest) -> Vec<String> {
    let mut lines = vec![format!(
        "efface {} {} on {}, {} threads",
        run.efface_version, run.command, run.machine.platform, run.machine.n_threads
    )];
    lines.extend(run.counts.map(|counts| {
        format!(
            "{} inputs: {} de-identified, {} need review, {} quarantined",
            counts.inputs, counts.deidentified, counts.needs_review, counts.quarantined
        )
    }));
    let on = &evaluated.metrics.measured_on;
    lines.push(
        match (&on.outputs_sha256, &on.run_outputs_sha256) {
            (Some(scored), Some(written)) if scored == written => {
                "The scored files are the results of this run, all and unchanged, by their digests."
            }
            (Some(_), Some(_)) => "The scored files are NOT the results of this run as it wrote them.",
            _ => "Whether the scored files are the results of this run is not known: there are no digests of them.",
        }
        .to_owned(),
    );
    lines
}

/// The name of the policy, the options of the profile that it takes, and the hash of all that it resolves to.
fn policy(run: &RunManifest) -> Vec<String> {
    let policy = &run.settings["policy"];
    if policy.is_null() {
        return vec!["not known".to_owned()];
    }
    let mut lines = vec![match policy["name"].as_str() {
        Some(name) => format!("{name} (SHA-256 {})", policy_sha256(policy)),
        None => format!("without a name (SHA-256 {})", policy_sha256(policy)),
    }];
    let options = policy["options"].as_object().into_iter().flatten();
    let taken: Vec<String> = options
        .filter(|(_, is_taken)| **is_taken == Json::Bool(true))
        .map(|(name, _)| name.replace('-', " "))
        .collect();
    if !taken.is_empty() {
        lines.push(format!("Basic profile of PS3.15 with {}", taken.join(", ")));
    }
    if run.settings["metadata_only"] == Json::Bool(true) {
        lines.push("Pixels were left alone.".to_owned());
    }
    lines
}

/// The hash of a resolved policy, as its JSON stands in the settings of a run.
pub(crate) fn policy_sha256(policy: &Json) -> String {
    sha256_hex(policy.to_string().as_bytes()).to_string()
}

/// The hash by which a network is named: that of the list of digests of its files.
pub(crate) fn network_sha256<'r>(run: &'r RunManifest, which: &str) -> Option<&'r str> {
    run.settings[which]["model_sha256"].as_str()
}

fn network(run: &RunManifest, which: &str, without: &str) -> String {
    let Some(hash) = network_sha256(run, which) else { return format!("none was asked: {without}") };
    let threshold = run.settings[which]["threshold"].as_f64();
    let threshold = threshold.map_or_else(String::new, |threshold| format!(", threshold {threshold}"));
    format!("digests {hash}{threshold}")
}

fn scored_by(evaluated: &Evaluated) -> Vec<String> {
    let mut lines = vec![format!("efface {} eval", evaluated.metrics.measured_on.efface_version)];
    if let Some(midi) = &evaluated.metrics.midi {
        lines.push(midi.pixel_reader.as_ref().map_or_else(
            || "No reader of pixels was at hand for the answer key.".to_owned(),
            |reader| format!("Pixel checks of the answer key were read by {reader}."),
        ));
    }
    lines
}

/// Hashes of all that was measured: equal hashes mean the same measurement.
pub(super) fn hashes(evaluated: &Evaluated) -> Vec<(&'static str, String)> {
    let on = &evaluated.metrics.measured_on;
    let of_run = |hash: fn(&RunManifest) -> Option<String>| evaluated.run.as_ref().and_then(hash);
    let digits = |hash: &Option<efface_schema::Sha256Hex>| hash.as_ref().map(|hash| hash.to_string());
    let named = [
        ("Ground truth", digits(&on.truth_sha256)),
        ("Answer key", digits(&on.key_sha256)),
        ("Dataset card", digits(&on.card_sha256)),
        ("Suite manifest", digits(&on.suite_manifest_sha256)),
        ("Scored files", digits(&on.outputs_sha256)),
        ("Results by the run's decisions", digits(&on.run_outputs_sha256)),
        ("Run manifest", digits(&on.run_manifest_sha256)),
        ("Run settings", digits(&on.run_settings_sha256)),
        ("Inputs of the run: names, sizes, order", of_run(|run| run.inputs_sha256.as_ref().map(ToString::to_string))),
        (
            "Resolved policy",
            of_run(|run| Some(&run.settings["policy"]).filter(|policy| !policy.is_null()).map(policy_sha256)),
        ),
        ("Network for free text: list of digests", of_run(|run| network_sha256(run, "ner").map(str::to_owned))),
        (
            "Network for text in pixels: list of digests",
            of_run(|run| network_sha256(run, "text_detector").map(str::to_owned)),
        ),
        ("Network that reads it: list of digests", of_run(|run| network_sha256(run, "text_reader").map(str::to_owned))),
        ("Judged decisions", digits(&on.judged_sha256)),
    ];
    named.into_iter().filter_map(|(name, hash)| Some((name, hash?))).collect()
}
