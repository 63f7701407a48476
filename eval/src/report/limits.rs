//! What a critical reader can hold against the figures of an evaluation, said with its own figures.
//!
//! Every sentence is there because of something that was measured, or because something was not: with another
//! evaluation other sentences stand on the page.

use super::card::Card;
use super::html::percent;
use super::measured::network_sha256;
use crate::compare::{Evaluated, GateResult, Origin};
use efface_schema::{HipaaElement, Metrics, Place, Rate, RecallCell};
use serde_json::Value as Json;

/// With fewer patients an interval by patient is rough.
const FEW_PATIENTS: u64 = 30;
/// An element with a larger bound than this has shown little.
const LOOSE_BOUND: f64 = 0.01;

/// The limits of an evaluation, those first that can overturn the headline.
pub(super) fn limits(evaluated: &Evaluated, card: Option<&Card>, requirements: &[GateResult]) -> Vec<String> {
    let metrics = &evaluated.metrics;
    let mut limits = asked(metrics, requirements);
    limits.extend(withheld(&metrics.recall.overall));
    limits.extend(patients(&metrics.recall.overall));
    limits.extend(absent(metrics));
    limits.extend(without_leaks(metrics));
    limits.extend(counted(metrics));
    limits.extend(midi(metrics));
    limits.extend(source(evaluated, card));
    limits.extend(run(evaluated));
    limits.extend(beside(evaluated));
    limits
}

fn share(rate: Rate) -> String {
    format!("{} % ({} of {})", percent(rate.value()), rate.numerator, rate.denominator)
}

/// The names of a list, the last one after `and`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Requirements that are kept by the figure itself and not by its interval.
pub(super) fn asked(metrics: &Metrics, requirements: &[GateResult]) -> Vec<String> {
    if requirements.is_empty() {
        return vec!["Nothing was required before the measurement, so nothing passed or failed.".to_owned()];
    }
    let (mut below, mut without) = (Vec::new(), Vec::new());
    for result in requirements.iter().filter(|result| result.passed) {
        let Some(asked) = &result.least else { continue };
        match by_patient(metrics, &asked.score) {
            Some(rate) if rate.low < asked.min => {
                below.push(format!("{} (from {} %)", result.threshold, percent(rate.low)));
            }
            Some(_) => {}
            None => without.push(asked.score.clone()),
        }
    }
    let mut limits = Vec::new();
    if !below.is_empty() {
        limits.push(format!(
            "{} of {} requirements are kept by the figure and not by its 95 % interval by patient, which begins below the threshold: {}. Other patients of the same kind could fail them.",
            below.len(),
            requirements.len(),
            listed(&below)
        ));
    }
    if !without.is_empty() {
        limits.push(format!(
            "No interval by patient is known for {}: these requirements are kept by the figure alone.",
            listed(&without)
        ));
    }
    limits
}

/// The share that a requirement is about, with its interval by patient.
fn by_patient(metrics: &Metrics, score: &str) -> Option<Rate> {
    let midi = metrics.midi.as_ref();
    match score {
        "recall" => metrics.recall.overall.removed_by_patient,
        "MIDI-B official" => midi?.official_by_patient.all,
        "MIDI-B official removal" => midi?.official_by_patient.removal,
        "MIDI-B official retention" => midi?.official_by_patient.retention,
        "MIDI-B strict" => midi?.strict_by_patient?.all,
        "MIDI-B strict removal" => midi?.strict_by_patient?.removal,
        "MIDI-B strict retention" => midi?.strict_by_patient?.retention,
        "pixels left alone" => metrics.retention.by_patient.identical_pixels,
        _ => {
            let element: HipaaElement = score.strip_prefix("recall of ")?.parse().ok()?;
            metrics.recall.by_element.get(&element)?.removed_by_patient
        }
    }
}

fn withheld(overall: &RecallCell) -> Vec<String> {
    let mut limits = Vec::new();
    let judged = overall.removed.map_or(0, |rate| rate.denominator);
    let unknown = overall.withheld + overall.unjudged;
    let all = judged + unknown;
    if let Some((removed, worst)) =
        overall.removed.and_then(|removed| Some((removed, Rate::new(removed.numerator, all)?))).filter(|_| unknown > 0)
    {
        limits.push(format!(
            "{unknown} of {all} planted values are in no share of what was removed: {} stand in instances without a result, {} could not be judged. A tool that withholds what is hard looks better for it; had all of them leaked, {} instead of {} % were removed.",
            overall.withheld,
            overall.unjudged,
            share(worst),
            percent(removed.value())
        ));
    }
    limits
}

fn patients(overall: &RecallCell) -> Vec<String> {
    let Some(removed) = overall.removed else {
        return vec!["No planted value could be judged, so nothing is said about what was removed.".to_owned()];
    };
    let n = overall.patients;
    let Some(by_patient) = overall.removed_by_patient else {
        return vec![format!(
            "The {} judged values are of {n} patient: values of one patient end alike, so the interval by value is too narrow, and there is none by patient.",
            removed.denominator
        )];
    };
    let width = (by_patient.high - by_patient.low) / (removed.high - removed.low);
    let mut text = format!(
        "The {} judged values are of {n} patients, and values of one patient end alike: by patient the interval of what was removed is {} – {} %, {width:.1} times as wide as by value. Quote that one.",
        removed.denominator,
        percent(by_patient.low),
        percent(by_patient.high)
    );
    if n < FEW_PATIENTS {
        text += " With so few patients it is itself rough.";
    }
    vec![text]
}

/// Of what nothing was planted, and so nothing is known.
fn absent(metrics: &Metrics) -> Vec<String> {
    let recall = &metrics.recall;
    let is_judged = |cell: Option<&RecallCell>| cell.is_some_and(|cell| cell.removed.is_some());
    let elements: Vec<String> = HipaaElement::ALL
        .iter()
        .filter(|element| !is_judged(recall.by_element.get(element)))
        .map(|element| format!("{element} ({})", element.title()))
        .collect();
    let places: Vec<String> = Place::ALL
        .iter()
        .filter(|place| !is_judged(recall.by_place.get(place)))
        .map(|place| place.as_str().replace('_', " "))
        .collect();
    let mut limits = Vec::new();
    if !elements.is_empty() {
        limits
            .push(format!("Nothing was judged of the HIPAA elements {}: no figure is about them.", listed(&elements)));
    }
    if !places.is_empty() {
        limits.push(format!("No value was judged in these kinds of places: {}.", listed(&places)));
    }
    let names = |cells: &std::collections::BTreeMap<String, RecallCell>| {
        let with_values: Vec<String> =
            cells.iter().filter(|(_, cell)| cell.removed.is_some()).map(|(name, _)| name.clone()).collect();
        (with_values.len(), listed(&with_values))
    };
    let (n_modalities, modalities) = names(&recall.by_modality);
    if n_modalities > 0 {
        limits.push(format!("Nothing is said about modalities other than the {n_modalities} measured: {modalities}."));
    }
    match names(&recall.by_locale) {
        (0, _) => limits.push("The ground truth does not say of which locales the patients are.".to_owned()),
        (n, locales) => limits.push(format!(
            "Names and addresses are of {n} {}: {locales}. Nothing is said about others.",
            if n == 1 { "locale" } else { "locales" }
        )),
    }
    limits
}

/// Elements without a leak, whose figure of 100 % shows less than it seems to.
fn without_leaks(metrics: &Metrics) -> Vec<String> {
    let loose: Vec<String> = metrics
        .recall
        .by_element
        .iter()
        .filter(|(_, cell)| cell.leaked == 0)
        .filter_map(|(element, cell)| {
            let bound = cell.leak_upper_bound.filter(|bound| *bound > LOOSE_BOUND)?;
            Some(format!("{element} (up to {:.1} % of {})", 100.0 * bound, cell.removed?.denominator))
        })
        .collect();
    if loose.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "No leak was seen of these elements, and so few values stand behind that that a share of them may leak all the same (95 % bound, values taken for independent): {}.",
        listed(&loose)
    )]
}

/// By which rules things count.
fn counted(metrics: &Metrics) -> Vec<String> {
    let mut limits = Vec::new();
    if let Some(removed) = metrics.recall.overall.removed.filter(|removed| removed.numerator > 0) {
        limits.push(format!(
            "{} values count as removed because no spelling that the rules know is left of them; a paraphrase would count as removed, too.",
            removed.numerator
        ));
    }
    let residual = &metrics.residual;
    if residual.values_skipped > 0 {
        limits.push(format!(
            "The residual scan left out {} of {} different values, which are too short or too plain to be told from chance.",
            residual.values_skipped,
            residual.values_skipped + residual.values_searched
        ));
    }
    let counts = metrics.instances;
    if counts.damaged + counts.not_dicom + counts.unmatched > 0 {
        limits.push(format!(
            "{} files could not be read to their end, {} are not DICOM and {} belong to no instance: they were searched as bytes only, or in part.",
            counts.damaged, counts.not_dicom, counts.unmatched
        ));
    }
    if let Some(paired) = metrics.paired {
        limits.push(format!(
            "Which file is a result of which original was told by likeness, not by a crosswalk: {} pairs by pixels, {} by numbers and codes; {} originals have no pair and count as withheld.",
            paired.by_pixels, paired.by_similarity, paired.originals_unmatched
        ));
    }
    limits
}

fn midi(metrics: &Metrics) -> Vec<String> {
    let Some(midi) = &metrics.midi else {
        return vec!["There is no answer key, so nothing can be compared with published MIDI-B scores.".to_owned()];
    };
    let mut limits = Vec::new();
    if let Some(baseline) = midi.do_nothing.and_then(|of| of.all.rate()) {
        limits.push(format!(
            "Handing in the originals unchanged passes {} of the MIDI-B checks: the pooled score says little about privacy.",
            share(baseline)
        ));
    }
    if let Some(strict) = &midi.strict {
        let objections: u64 = strict.objections.values().sum();
        if objections > 0 {
            limits.push(format!(
                "Strict rules object to {objections} checks that the official scorer passes; these rules are this project's own."
            ));
        }
    }
    match &midi.pixel_reader {
        None => {
            limits.push("Nothing read the pixels: the key's pixel checks are not in the official score.".to_owned())
        }
        Some(reader) => limits.push(format!(
            "Pixel checks of the key were read by {reader}; the official scorer has another reader{}.",
            match midi.unread_pixels {
                0 => String::new(),
                n => format!(", and {n} checks could not be made"),
            }
        )),
    }
    limits
}

/// Where the files come from that were measured on.
fn source(evaluated: &Evaluated, card: Option<&Card>) -> Vec<String> {
    let suite = evaluated.suite.run();
    let mut limits = vec![match suite.as_ref().map(|suite| suite.command.as_str()) {
        None => "The suite has no manifest: where its files and its ground truth come from is not known.".to_owned(),
        Some("synth") => {
            "Everybody in the suite is invented and every image is drawn: it is as hard as its makers made it, and what would be found in files of a hospital is not shown.".to_owned()
        }
        Some(command) => format!(
            "The suite was made by `{command}` out of files of somebody: what of theirs identified anybody before is not in the ground truth."
        ),
    }];
    if suite.is_some_and(|suite| suite.settings["split"] == Json::String("train".to_owned())) {
        limits.push(
            "The suite is of the side that models are trained on: figures of a trained model on it prove nothing."
                .to_owned(),
        );
    }
    match card {
        None => limits.push("No dataset card is vouched for by the suite's checksums.".to_owned()),
        Some(card) if !card.limits().is_empty() => {
            limits.push(format!("By its card, this is not in the dataset: {}", card.limits().join(" ")));
        }
        Some(_) => {}
    }
    limits
}

/// What wrote the output.
fn run(evaluated: &Evaluated) -> Vec<String> {
    let Some(run) = &evaluated.run else {
        return vec![
            "What wrote the output is not known: program, settings and policy are not part of this evidence."
                .to_owned(),
        ];
    };
    let mut limits = Vec::new();
    let on = &evaluated.metrics.measured_on;
    match (&on.outputs_sha256, &on.run_outputs_sha256) {
        (Some(scored), Some(written)) if scored == written => {}
        (Some(_), Some(_)) => limits.push(
            "The scored files are not the results that the run's decisions name: a file was changed, added or removed since.".to_owned(),
        ),
        _ => limits.push("Nobody can tell whether the scored files are the results of the run: it noted no digests of them, or its decisions were not at hand.".to_owned()),
    }
    let networks = [("ner", "free text"), ("text_detector", "text in pixels")];
    let unasked: Vec<String> = networks
        .iter()
        .filter(|(which, _)| network_sha256(run, which).is_none())
        .map(|(_, what)| (*what).to_owned())
        .collect();
    if !unasked.is_empty() {
        limits
            .push(format!("No network was asked about {}: a run with one would have other figures.", listed(&unasked)));
    }
    if run.settings["metadata_only"] == Json::Bool(true) {
        limits.push("The run left pixels alone: what it says of them is what another tool must do.".to_owned());
    }
    limits
}

/// What was, or was not, measured beside the evaluation.
fn beside(evaluated: &Evaluated) -> Vec<String> {
    let mut limits = Vec::new();
    match (&evaluated.calibration, evaluated.calibration_origin()) {
        (None, _) => limits.push("How far the probabilities of decisions can be trusted was not measured.".to_owned()),
        (Some(_), Origin::SameRun) => limits
            .push("What leaked without any decision has no probability: it is in no figure of calibration.".to_owned()),
        (Some(_), _) => limits.push("The calibration is not known to be of this run.".to_owned()),
    }
    match (&evaluated.throughput, evaluated.throughput_origin()) {
        (None, _) => limits.push("How fast the run is was not measured.".to_owned()),
        (Some(speed), _) if !speed.faults.is_empty() => {
            limits.push(format!("The speed is INVALID: {}.", speed.faults.join("; ")));
        }
        (Some(_), Origin::SameRun) => {}
        (Some(_), Origin::OtherFiles) => {
            limits.push("The speed is that of other files than those of this run.".to_owned())
        }
        (Some(_), _) => limits.push("The speed is not known to be that of this run.".to_owned()),
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::ShareAsked;

    fn rate(numerator: u64, denominator: u64) -> Rate {
        Rate::new(numerator, denominator).expect("not empty")
    }

    fn evaluated() -> Evaluated {
        let mut metrics = Metrics::default();
        metrics.recall.overall = RecallCell {
            removed: Some(rate(99, 100)),
            removed_by_patient: Some(Rate { low: 0.9, ..rate(99, 100) }),
            patients: 4,
            leaked: 1,
            withheld: 20,
            ..RecallCell::default()
        };
        let whole = RecallCell { removed: Some(rate(50, 50)), leak_upper_bound: Some(0.058), ..RecallCell::default() };
        metrics.recall.by_element.insert(HipaaElement::E, whole);
        Evaluated::new(metrics, Vec::new())
    }

    fn requirement(score: &str, min: f64) -> GateResult {
        GateResult {
            least: Some(ShareAsked { score: score.to_owned(), min }),
            ..GateResult::new(format!("{score} at least {min}"), "0.99", true)
        }
    }

    #[track_caller]
    fn check(evaluated: &Evaluated, requirements: &[GateResult], words: &[&str], not: &[&str]) {
        let text = limits(evaluated, None, requirements).join("\n");
        words.iter().for_each(|words| assert!(text.contains(words), "no “{words}” in {text}"));
        not.iter().for_each(|words| assert!(!text.contains(words), "“{words}” in {text}"));
    }

    #[test]
    fn limits_speak_of_what_was_measured() {
        let of = evaluated();
        check(
            &of,
            &[],
            &[
                "Nothing was required",
                "20 of 120 planted values",
                "82.50 % (99 of 120) instead of 99.00 %",
                "4 patients",
                "rough",
                "E (up to 5.8 % of 50)",
                "Q (full-face images)",
                "99 values count as removed",
                "no answer key",
                "no manifest",
                "What wrote the output is not known",
                "can be trusted was not measured",
                "How fast",
            ],
            &["INVALID", "likeness", "E (fax numbers)"],
        );
        let mut whole = of.clone();
        whole.metrics.recall.overall.withheld = 0;
        whole.metrics.recall.overall.patients = 40;
        whole.metrics.recall.by_element.clear();
        check(&whole, &[], &["40 patients"], &["planted values are in no share", "rough", "up to"]);
        whole.metrics.recall.overall.removed = None;
        check(&whole, &[], &["No planted value could be judged"], &["count as removed because"]);
    }

    #[test]
    fn a_requirement_that_its_interval_does_not_keep_is_named() {
        let of = evaluated();
        check(
            &of,
            &[requirement("recall", 0.95)],
            &["1 of 1 requirements", "recall at least 0.95 (from 90.00 %)"],
            &["Nothing was required"],
        );
        check(&of, &[requirement("recall", 0.9)], &[], &["not by its 95 %"]);
        check(&of, &[requirement("instances released", 0.9)], &["known for instances released"], &["not by its 95 %"]);
        let failed = GateResult { passed: false, ..requirement("recall", 0.999) };
        check(&of, &[failed], &[], &["not by its 95 %"]);
    }
}
