//! Fitting how sure a token classifier is, on logits alone: no network is needed here.
//!
//! [`fit`] takes what the network said about a calibration split and gives the [`Calibration`] that is stored beside its
//! weights: temperatures ([`temperature`]), the rule for entities, the energy of odd texts ([`quantile`]) and a
//! threshold for each budget of missed PHI ([`risk`]). What spans are worth is fitted after it, since it needs its rule
//! and its temperatures ([`map`]).
//! The split must hold other patients than training and validation, and no threshold may be chosen by looking at it.

pub mod figures;
pub mod map;
pub mod quantile;
pub mod risk;

pub mod temperature;

use efface_nets::calibration::{
    Calibration, EnergyThreshold, EntityRule, FittedOn, RiskThreshold, Temperatures, label_probability,
    phi_probability, text_energy,
};
use efface_schema::{PhiLabel, Sha256Hex, Versioned};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

/// A token: what the network said of it and what it is.
#[derive(Debug, Clone, Copy)]
pub struct Row<'l> {
    /// The logit of each class.
    pub logits: &'l [f32],
    /// The true class.
    pub gold: usize,
}

/// An entity that the decoder found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundEntity {
    /// Its tokens, counted in the text.
    pub tokens: Range<usize>,
    /// What it is taken for.
    pub label: PhiLabel,
    /// Whether the truth has an entity of the same tokens and the same label.
    pub is_correct: bool,
}

/// A text of the calibration split. `Debug` does not show whose it is.
#[derive(Clone)]
pub struct CalibrationText {
    /// Whose it is. Clusters, not texts, are what the conformal guarantee counts.
    pub cluster: String,
    /// Logits of its tokens, one after another; special and padding tokens left out.
    pub logits: Vec<f32>,
    /// The true class of each token.
    pub gold: Vec<u16>,
    /// The tokens of each entity of PHI that is there.
    pub gold_entities: Vec<Range<usize>>,
    /// The entities that the decoder found.
    pub found: Vec<FoundEntity>,
}

impl std::fmt::Debug for CalibrationText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CalibrationText").field("n_tokens", &self.gold.len()).finish_non_exhaustive()
    }
}

/// How to fit.
#[derive(Debug, Clone, PartialEq)]
pub struct FitSettings {
    /// A label has a temperature of its own if it is the most probable one of at least so many tokens.
    pub min_label_rows: usize,
    /// Share of ordinary texts that may be taken for odd ones, between 0 and 1.
    pub odd_share: f64,
    /// Budgets for the expected share of a cluster's entities that are missed, above 0, ascending.
    pub budgets: Vec<f64>,
}

impl Default for FitSettings {
    /// 500 tokens; one odd text in a hundred; budgets from a thousandth to a tenth.
    fn default() -> Self {
        Self { min_label_rows: 500, odd_share: 0.01, budgets: vec![0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1] }
    }
}

/// A calibration could not be fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// There is nothing to fit on.
    #[error("fit a calibration: the split has no tokens; name texts under `calibration` of the configuration")]
    Empty,
    /// Logits and true classes do not belong together.
    #[error("fit a calibration: text {text} has logits, classes or entities that do not fit each other")]
    Shape {
        /// Which text, counted from 0.
        text: usize,
    },
    /// A logit is not a number, or has no bounds.
    #[error("fit a calibration: text {text} has a logit that is not finite; the weights are spoilt")]
    NotFinite {
        /// Which text, counted from 0.
        text: usize,
    },
    /// A setting makes no sense.
    #[error("fit a calibration: budgets and shares must lie between 0 and 1, and budgets must rise")]
    Settings,
}

/// Fits a calibration; the same at any number of threads. `labels` has the label of each class, nothing for `O`;
/// `files` are digests of the split's files by name.
///
/// It has no map of spans yet; [`spans::fit`] fits one.
///
/// A budget for which there are too few clusters has no threshold, as [`risk::threshold`] explains.
///
/// # Errors
/// [`FitError`].
pub fn fit(
    texts: &[CalibrationText],
    labels: &[Option<PhiLabel>],
    settings: &FitSettings,
    weights_sha256: Sha256Hex,
    files: BTreeMap<String, Sha256Hex>,
) -> Result<Calibration, FitError> {
    check(texts, labels, settings)?;
    let rows: Vec<Row<'_>> = texts.iter().flat_map(|text| text.rows(labels.len())).collect();
    let temperatures = temperature::fit(&rows, labels, settings.min_label_rows);
    let scores = scores_by_cluster(texts, labels, &temperatures);
    let energies = texts.iter().filter_map(|text| text_energy(text.logits.chunks(labels.len()))).collect();
    Ok(Calibration {
        format_version: Calibration::FORMAT_VERSION,
        weights_sha256,
        fitted_on: FittedOn {
            files,
            n_texts: texts.len() as u64,
            n_tokens: rows.len() as u64,
            n_entities: texts.iter().map(|text| text.gold_entities.len() as u64).sum(),
            n_clusters: scores.len() as u64,
            before: figures::of(&rows, labels, &Temperatures::none()),
            after: figures::of(&rows, labels, &temperatures),
        },
        entity_rule: entity_rule(texts, labels, &temperatures),
        spans: None,
        energy: energy_threshold(energies, settings.odd_share),
        risk: risk_thresholds(&scores, &settings.budgets),
        temperatures,
    })
}

impl CalibrationText {
    fn rows(&self, n_classes: usize) -> impl Iterator<Item = Row<'_>> {
        self.logits.chunks(n_classes).zip(&self.gold).map(|(logits, gold)| Row { logits, gold: usize::from(*gold) })
    }

    fn fits(&self, n_classes: usize) -> bool {
        let n_tokens = self.gold.len();
        let mut entities = self.gold_entities.iter().chain(self.found.iter().map(|found| &found.tokens));
        self.logits.len() == n_tokens * n_classes
            && self.gold.iter().all(|class| usize::from(*class) < n_classes)
            && entities.all(|tokens| tokens.start < tokens.end && tokens.end <= n_tokens)
    }
}

fn check(texts: &[CalibrationText], labels: &[Option<PhiLabel>], settings: &FitSettings) -> Result<(), FitError> {
    let is_inside = |share: f64| share > 0.0 && share < 1.0;
    let budgets = &settings.budgets;
    let do_rise = budgets.windows(2).all(|pair| pair[0] < pair[1]);
    if !is_inside(settings.odd_share) || !do_rise || !budgets.iter().all(|budget| is_inside(*budget)) {
        return Err(FitError::Settings);
    }
    if labels.is_empty() || texts.iter().all(|text| text.gold.is_empty()) {
        return Err(FitError::Empty);
    }
    if let Some(text) = texts.iter().position(|text| !text.fits(labels.len())) {
        return Err(FitError::Shape { text });
    }
    match texts.iter().position(|text| !text.logits.iter().all(|logit| logit.is_finite())) {
        Some(text) => Err(FitError::NotFinite { text }),
        None => Ok(()),
    }
}

/// Of every entity of PHI, the lowest probability of PHI among its tokens, by cluster: at a threshold above it a part of
/// the entity stays. A cluster without any PHI has an empty list.
fn scores_by_cluster(
    texts: &[CalibrationText],
    labels: &[Option<PhiLabel>],
    temperatures: &Temperatures,
) -> BTreeMap<String, Vec<f64>> {
    let scores: Vec<Vec<f64>> = texts
        .par_iter()
        .map(|text| {
            let phi = |logits: &[f32]| phi_probability(&temperatures.probabilities(logits, labels), labels);
            let tokens: Vec<f64> = text.logits.chunks(labels.len()).map(phi).collect();
            let least = |entity: &Range<usize>| tokens[entity.clone()].iter().copied().fold(1.0, f64::min);
            text.gold_entities.iter().map(least).collect()
        })
        .collect();
    let mut clusters: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (text, scores) in texts.iter().zip(scores) {
        clusters.entry(text.cluster.clone()).or_default().extend(scores);
    }
    clusters
}

fn risk_thresholds(scores: &BTreeMap<String, Vec<f64>>, budgets: &[f64]) -> Vec<RiskThreshold> {
    let clusters: Vec<&[f64]> = scores.values().map(Vec::as_slice).filter(|scores| !scores.is_empty()).collect();
    budgets.iter().filter_map(|budget| risk::threshold(&clusters, *budget)).collect()
}

fn energy_threshold(energies: Vec<f64>, odd_share: f64) -> Option<EnergyThreshold> {
    let n_texts = energies.len() as u64;
    let threshold = quantile::upper_limit(energies, odd_share)?;
    Some(EnergyThreshold { threshold, odd_share, n_texts })
}

/// The rule whose probabilities of the found entities have the lowest negative log-likelihood; the first of equals.
fn entity_rule(texts: &[CalibrationText], labels: &[Option<PhiLabel>], temperatures: &Temperatures) -> EntityRule {
    let mut losses = EntityRule::ALL.iter().map(|rule| (*rule, 0.0)).collect::<Vec<(EntityRule, f64)>>();
    for text in texts {
        let token = |at: usize| &text.logits[at * labels.len()..(at + 1) * labels.len()];
        for entity in &text.found {
            let of_label = |at| label_probability(&temperatures.probabilities(token(at), labels), labels, entity.label);
            let tokens: Vec<f64> = entity.tokens.clone().map(of_label).collect();
            for (rule, loss) in &mut losses {
                let probability = rule.probability(&tokens).unwrap_or_default();
                let of_truth = if entity.is_correct { probability } else { 1.0 - probability };
                *loss -= of_truth.max(f64::EPSILON).ln();
            }
        }
    }
    losses.into_iter().min_by(|one, other| one.1.total_cmp(&other.1)).map_or(EntityRule::Minimum, |(rule, _)| rule)
}

#[cfg(test)]
mod tests;
