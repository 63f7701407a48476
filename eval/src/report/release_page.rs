//! The index of a release: what is in it, with which verdict, and how to check it.

use super::card::Card;
use super::html::{STYLE, environment, interval, percent};
use crate::EvaluationError;
use crate::compare::Evaluated;
use crate::release::{Collected, ReleasedModel, Required};
use efface_schema::{Rate, sha256_hex};
use minijinja::{Value, context};
use std::collections::BTreeMap;

/// Renders the index. Links lead to files of the release alone.
pub(crate) fn page(
    version: &str,
    collected: &[Collected],
    models: &[ReleasedModel],
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<String, EvaluationError> {
    let failed = |_| EvaluationError::Report;
    let evaluations: Vec<(&Collected, &Required)> =
        collected.iter().filter_map(|of| Some((of, of.evaluation.as_ref()?))).collect();
    let requirements = evaluations.iter().flat_map(|(_, of)| &of.requirements);
    let (kept, all) = requirements.fold((0_usize, 0_usize), |(kept, all), of| (kept + usize::from(of.passed), all + 1));
    let model = |of: &ReleasedModel| {
        let card = format!("models/{}/README.md", of.name);
        context! {
            name => of.name.as_str(), sha256 => of.sha256.as_str(), used_by => of.used_by(collected).join(", "),
            card => files.contains_key(&card).then_some(card),
        }
    };
    let file = |(name, bytes): (&String, &Vec<u8>)| {
        context! { name, bytes => bytes.len(), sha256 => sha256_hex(bytes).as_str() }
    };
    let shown = context! {
        style => Value::from_safe_string(STYLE.to_owned()),
        program => env!("CARGO_PKG_VERSION"),
        version, kept, all,
        state => if all == 0 { "unmeasured" } else if kept == all { "good" } else { "bad" },
        evaluations => evaluations.iter().map(|(of, required)| evaluation(of, required)).collect::<Vec<_>>(),
        others => collected.iter().filter(|of| of.evaluation.is_none()).map(other).collect::<Vec<_>>(),
        models => models.iter().map(model).collect::<Vec<_>>(),
        files => files.iter().map(file).collect::<Vec<_>>(),
        kilobytes => files.values().map(Vec::len).sum::<usize>().div_ceil(1000),
    };
    let environment = environment(include_str!("release.html")).map_err(failed)?;
    environment.get_template("page").map_err(failed)?.render(shown).map_err(failed)
}

fn other(of: &Collected) -> Value {
    context! { name => of.name.as_str(), kind => of.kind.title(), page => format!("{}/{}", of.name, of.kind.page()) }
}

fn evaluation(of: &Collected, Required { evaluated, requirements }: &Required) -> Value {
    let metrics = &evaluated.metrics;
    let kept = requirements.iter().filter(|result| result.passed).count();
    let failed: Vec<String> = requirements
        .iter()
        .filter(|result| !result.passed)
        .map(|result| format!("{}: {}", result.threshold, result.found))
        .collect();
    context! {
        name => of.name.as_str(),
        page => format!("{}/{}", of.name, of.kind.page()),
        dataset => dataset(evaluated),
        policy => policy(evaluated),
        kept, failed, all => requirements.len(),
        passed => kept == requirements.len(),
        removed => metrics.recall.overall.removed.map(shown),
        by_patient => metrics.recall.overall.removed_by_patient.map(|rate| interval(&rate)),
        released => Rate::new(metrics.instances.found, metrics.instances.instances).map(shown),
        midi => metrics.midi.as_ref().and_then(|midi| midi.leading().removal.rate()).map(shown),
    }
}

fn shown(rate: Rate) -> String {
    format!("{} % ({} of {})", percent(rate.value()), rate.numerator, rate.denominator)
}

fn dataset(evaluated: &Evaluated) -> String {
    let card = evaluated.suite.card.as_deref().map(Card::parse);
    card.map_or_else(|| "no card".to_owned(), |card| card.title)
}

fn policy(evaluated: &Evaluated) -> String {
    let name = evaluated.run.as_ref().and_then(|run| run.settings["policy"]["name"].as_str());
    name.unwrap_or("not known").to_owned()
}
