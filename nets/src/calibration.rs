//! How sure a token classifier really is: `calibration.json`, and what is done with it.
//!
//! A network's own probabilities are too high, as a rule. The file beside its weights holds what was fitted on a
//! calibration split, which neither training nor validation has seen:
//!
//! - **temperatures**, by which logits are divided before the softmax, so that of the tokens with probability 0.9 nine in
//!   ten are right (C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On Calibration of Modern Neural Networks", ICML 2017);
//! - a rule that makes one **probability of an entity** from those of its tokens, and a map from it to the share of
//!   **spans** that are right ([`SpanCalibration`]);
//! - an **energy** above which a text is unlike all that the network knows, and goes to review (W. Liu, X. Wang, J. D.
//!   Owens, Y. Li, "Energy-based Out-of-distribution Detection", NeurIPS 2020);
//! - **thresholds** on the probability that a token identifies someone, one for each budget of missed PHI (A. N.
//!   Angelopoulos, S. Bates, A. Fisch, L. Lei, T. Schuster, "Conformal Risk Control", arXiv 2208.02814, 2022).
//!
//! Fitting is not done here: whoever only uses a network needs none of it.
//!
//! Notation: `z_c` is the logit of class `c`; a class is `B-` or `I-` with a label, or `O`, which has none.

mod map;
mod spans;

pub use map::{MapFigures, MapPoint, ProbabilityMap, logit};
pub use spans::{SpanCalibration, SpansFittedOn};

use efface_schema::{FormatError, PhiLabel, Sha256Hex, Versioned, parse_json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How the probability of an entity follows from those of its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntityRule {
    /// That of its least sure token.
    Minimum,
    /// Their geometric mean, which does not fall with the entity's length.
    GeometricMean,
    /// Their product, as if tokens were right or wrong each by itself.
    Product,
}

impl EntityRule {
    /// Every rule.
    pub const ALL: &'static [Self] = &[Self::Minimum, Self::GeometricMean, Self::Product];

    /// The probability of an entity; nothing if it has no token.
    ///
    /// # Example
    /// ```
    /// use efface_nets::calibration::EntityRule;
    /// assert_eq!(EntityRule::Minimum.probability(&[0.5, 0.8]), Some(0.5));
    /// assert_eq!(EntityRule::Product.probability(&[0.5, 0.8]), Some(0.4));
    /// assert!((EntityRule::GeometricMean.probability(&[0.5, 0.8]).unwrap() - 0.4_f64.sqrt()).abs() < 1e-12);
    /// assert_eq!(EntityRule::Product.probability(&[]), None);
    /// ```
    pub fn probability(self, tokens: &[f64]) -> Option<f64> {
        let product = || tokens.iter().product::<f64>();
        let mean_of_logarithms = || tokens.iter().map(|token| token.ln()).sum::<f64>() / tokens.len() as f64;
        match self {
            _ if tokens.is_empty() => None,
            Self::Minimum => tokens.iter().copied().reduce(f64::min),
            // Through logarithms, since the product of a long entity's tokens may be too small for a number.
            Self::GeometricMean => Some(mean_of_logarithms().exp()),
            Self::Product => Some(product()),
        }
    }
}

/// By what logits are divided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Temperatures {
    /// For tokens whose most probable class has no temperature of its own, above 0.
    pub global: f64,
    /// For tokens whose most probable class is `B-` or `I-` with the label; only where enough tokens were seen.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_label: BTreeMap<PhiLabel, f64>,
}

/// From when on a text is odd.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnergyThreshold {
    /// The highest mean energy of a text's tokens that is not odd.
    pub threshold: f64,
    /// Share of texts like those of the calibration split that lie above it, at most, on average.
    pub odd_share: f64,
    /// How many texts it was fitted on.
    pub n_texts: u64,
}

/// The threshold of a budget for missed PHI.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskThreshold {
    /// The budget: the expected share of a cluster's entities that are missed, at most.
    pub budget: f64,
    /// A token is taken for PHI if its probability of identifying someone is at least this.
    pub threshold: f64,
    /// Mean share of the calibration clusters' entities that it misses.
    pub calibration_risk: f64,
    /// How many clusters with PHI it was fitted on.
    pub n_clusters: u64,
}

/// How far probabilities of tokens were from what came true.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenFigures {
    /// Mean of `-ln` of the probability of the true class; lower is better.
    pub negative_log_likelihood: f64,
    /// Expected calibration error of the most probable class over 15 bins of equal width; lower is better.
    pub expected_calibration_error: f64,
    /// The same over tokens that are PHI or are taken for it; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phi_calibration_error: Option<f64>,
}

/// What a calibration was fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FittedOn {
    /// Digests of the files, by name.
    pub files: BTreeMap<String, Sha256Hex>,
    /// How many texts.
    pub n_texts: u64,
    /// How many tokens.
    pub n_tokens: u64,
    /// How many entities of PHI.
    pub n_entities: u64,
    /// How many clusters, such as patients.
    pub n_clusters: u64,
    /// On these data, without temperatures.
    pub before: TokenFigures,
    /// On these data, with them. They were fitted on the same tokens: other data will do worse.
    pub after: TokenFigures,
}

/// The content of the file [`CALIBRATION`](crate::folder::CALIBRATION) beside the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Version of this form.
    pub format_version: u32,
    /// Digest of the file of weights that it belongs to.
    pub weights_sha256: Sha256Hex,
    /// What it was fitted on.
    pub fitted_on: FittedOn,
    /// By what logits are divided.
    pub temperatures: Temperatures,
    /// How the probability of an entity is made.
    pub entity_rule: EntityRule,
    /// What is made of that probability; absent if there were too few spans, or no map made it truer. New in version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spans: Option<SpanCalibration>,
    /// From when on a text is odd; absent if there were too few texts to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy: Option<EnergyThreshold>,
    /// Thresholds by ascending budget; only budgets that the data allow.
    pub risk: Vec<RiskThreshold>,
}

impl Versioned for Calibration {
    const FORMAT_VERSION: u32 = 2;
    const NAME: &'static str = "calibration";

    fn format_version(&self) -> u32 {
        self.format_version
    }
}

/// A calibration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CalibrationError {
    /// It is not of its form, or newer.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A figure makes no sense.
    #[error("use a calibration: {what}; fit it again with `efface train`")]
    Senseless {
        /// Which.
        what: &'static str,
    },
    /// It was fitted for other weights.
    #[error("use a calibration: it belongs to other weights; take the one that was released with this model")]
    OtherWeights,
    /// No threshold keeps the budget.
    #[error("keep a budget of {budget} for missed PHI: {}", promised(*smallest))]
    NoThreshold {
        /// The wanted budget.
        budget: f64,
        /// The smallest one that the calibration has a threshold for.
        smallest: Option<f64>,
    },
}

fn promised(smallest: Option<f64>) -> String {
    match smallest {
        Some(budget) => {
            format!("the smallest that this calibration can promise is {budget}; calibrate on more patients")
        }
        None => "this calibration can promise none; calibrate on more patients".to_owned(),
    }
}

impl Calibration {
    /// Reads a calibration and checks that its figures make sense.
    ///
    /// # Errors
    /// [`CalibrationError::Format`] and [`CalibrationError::Senseless`].
    pub fn parse(text: &str) -> Result<Self, CalibrationError> {
        let calibration: Self = parse_json(text)?;
        match calibration.fault() {
            Some(what) => Err(CalibrationError::Senseless { what }),
            None => Ok(calibration),
        }
    }

    fn fault(&self) -> Option<&'static str> {
        let is_temperature = |temperature: &f64| temperature.is_finite() && *temperature > 0.0;
        let is_share = |share: f64| (0.0..=1.0).contains(&share);
        let mut temperatures = self.temperatures.by_label.values().chain([&self.temperatures.global]);
        let is_energy = |energy: EnergyThreshold| energy.threshold.is_finite() && is_share(energy.odd_share);
        if !temperatures.all(is_temperature) {
            return Some("a temperature is not above 0");
        }
        let energy = (!self.energy.is_none_or(is_energy)).then_some("the threshold of energy is not a number");
        let spans = self.spans.as_ref().and_then(|spans| spans.map.fault());
        fault_of(&self.risk).or(energy).or(spans)
    }

    /// Checks that it was fitted for these weights.
    ///
    /// # Errors
    /// [`CalibrationError::OtherWeights`].
    pub fn check_weights(&self, weights_sha256: &Sha256Hex) -> Result<(), CalibrationError> {
        if self.weights_sha256 == *weights_sha256 { Ok(()) } else { Err(CalibrationError::OtherWeights) }
    }

    /// The threshold that keeps a budget: that of the highest stored budget which is not above it.
    ///
    /// # Errors
    /// [`CalibrationError::NoThreshold`].
    pub fn threshold(&self, budget: f64) -> Result<RiskThreshold, CalibrationError> {
        fitting(&self.risk, budget)
    }

    /// Whether a text is unlike those that the network knows. A text whose energy is not a number is.
    pub fn is_odd(&self, text_energy: f64) -> bool {
        self.energy.is_some_and(|energy| text_energy.is_nan() || text_energy > energy.threshold)
    }
}

/// Of thresholds by ascending budget, that of the highest budget which is not above the wanted one.
pub(crate) fn fitting(risk: &[RiskThreshold], budget: f64) -> Result<RiskThreshold, CalibrationError> {
    let smallest = risk.first().map(|risk| risk.budget);
    let fitting = risk.iter().rev().find(|risk| risk.budget <= budget);
    fitting.copied().ok_or(CalibrationError::NoThreshold { budget, smallest })
}

/// What is senseless about thresholds, if anything is.
pub(crate) fn fault_of(risk: &[RiskThreshold]) -> Option<&'static str> {
    let mut shares = risk.iter().flat_map(|risk| [risk.budget, risk.threshold, risk.calibration_risk]);
    let rises = |pair: &[RiskThreshold]| pair[0].budget < pair[1].budget && pair[0].threshold <= pair[1].threshold;
    if !shares.all(|share| (0.0..=1.0).contains(&share)) {
        return Some("a budget, a risk or a threshold is not from 0 to 1");
    }
    (!risk.windows(2).all(rises)).then_some("thresholds do not rise with their budgets")
}

impl Temperatures {
    /// No scaling at all.
    pub const fn none() -> Self {
        Self { global: 1.0, by_label: BTreeMap::new() }
    }

    /// The temperature for a token; `labels` has the label of each class.
    pub fn of(&self, logits: &[f32], labels: &[Option<PhiLabel>]) -> f64 {
        let label = labels.get(most_probable(logits)).copied().flatten();
        label.and_then(|label| self.by_label.get(&label)).copied().unwrap_or(self.global)
    }

    /// The probabilities of a token's classes: `softmax(z / T)`. Which class is the most probable one never changes.
    ///
    /// Shapes: as many probabilities as logits and labels.
    ///
    /// # Example
    /// ```
    /// use efface_nets::calibration::Temperatures;
    /// let temperatures = Temperatures { global: 2.0, ..Temperatures::none() };
    /// let [sure, unsure] = temperatures.probabilities(&[2.0, 0.0], &[None, None])[..] else { unreachable!() };
    /// assert!((sure - 1.0 / (1.0 + (-1.0_f64).exp())).abs() < 1e-12 && (sure + unsure - 1.0).abs() < 1e-12);
    /// ```
    pub fn probabilities(&self, logits: &[f32], labels: &[Option<PhiLabel>]) -> Vec<f64> {
        softmax(logits, self.of(logits, labels))
    }
}

/// The class with the highest logit, the first of equals; 0 if there is none.
pub fn most_probable(logits: &[f32]) -> usize {
    let higher = |best: usize, class: usize| if logits[class] > logits[best] { class } else { best };
    (0..logits.len()).reduce(higher).unwrap_or_default()
}

/// `softmax(z / temperature)`, computed so that no logit is too large.
pub fn softmax(logits: &[f32], temperature: f64) -> Vec<f64> {
    let top = highest(logits);
    let weights: Vec<f64> = logits.iter().map(|logit| ((f64::from(*logit) - top) / temperature).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// The probability that a token belongs to what identifies someone: that of all classes but `O`.
pub fn phi_probability(probabilities: &[f64], labels: &[Option<PhiLabel>]) -> f64 {
    sum_where(probabilities, labels, |label| label.is_some())
}

/// The probability that a token belongs to something with the label: that of its `B-` and its `I-` class.
pub fn label_probability(probabilities: &[f64], labels: &[Option<PhiLabel>], wanted: PhiLabel) -> f64 {
    sum_where(probabilities, labels, |label| label == Some(wanted))
}

fn sum_where(probabilities: &[f64], labels: &[Option<PhiLabel>], of: impl Fn(Option<PhiLabel>) -> bool) -> f64 {
    let sum: f64 = probabilities.iter().zip(labels).filter(|(_, label)| of(**label)).map(|(one, _)| one).sum();
    sum.clamp(0.0, 1.0)
}

/// The free energy of a token, `-ln Σ exp z_c`: high where no class fits. Temperatures have no part in it.
///
/// Source: Liu et al. 2020, equation 4, with their temperature of 1.
pub fn energy(logits: &[f32]) -> f64 {
    let top = highest(logits);
    -(top + logits.iter().map(|logit| (f64::from(*logit) - top).exp()).sum::<f64>().ln())
}

/// The mean energy of a text's tokens; nothing if it has none.
pub fn text_energy<'l>(tokens: impl IntoIterator<Item = &'l [f32]>) -> Option<f64> {
    let (sum, n_tokens) = tokens.into_iter().fold((0.0, 0_u64), |(sum, n), token| (sum + energy(token), n + 1));
    (n_tokens > 0).then(|| sum / n_tokens as f64)
}

fn highest(logits: &[f32]) -> f64 {
    logits.iter().copied().fold(f32::NEG_INFINITY, f32::max).into()
}

/// What several passes with dropout say about a token.
///
/// Source: Y. Gal, Z. Ghahramani, "Dropout as a Bayesian Approximation", ICML 2016; the mutual information is that of
/// N. Houlsby, F. Huszár, Z. Ghahramani, M. Lengyel, "Bayesian Active Learning", arXiv 1112.5745, 2011.
#[derive(Debug, Clone, PartialEq)]
pub struct DropoutSummary {
    /// Mean of the passes' probabilities, by class.
    pub mean: Vec<f64>,
    /// Mutual information of class and weights, in nats: how much the passes disagree, 0 if not at all.
    pub mutual_information: f64,
}

impl DropoutSummary {
    /// Sums up passes, each with a probability of every class; nothing without passes.
    ///
    /// # Example
    /// ```
    /// use efface_nets::calibration::DropoutSummary;
    /// let agree = DropoutSummary::of(&[vec![0.5, 0.5], vec![0.5, 0.5]]).unwrap();
    /// let disagree = DropoutSummary::of(&[vec![1.0, 0.0], vec![0.0, 1.0]]).unwrap();
    /// assert_eq!((&agree.mean, agree.mutual_information), (&disagree.mean, 0.0));
    /// assert!((disagree.mutual_information - 2.0_f64.ln()).abs() < 1e-12);
    /// ```
    pub fn of(passes: &[Vec<f64>]) -> Option<Self> {
        let entropy = |probabilities: &[f64]| -> f64 {
            -probabilities.iter().filter(|one| **one > 0.0).map(|one| one * one.ln()).sum::<f64>()
        };
        let n_passes = passes.len() as f64;
        let n_classes = passes.first()?.len();
        let mean: Vec<f64> =
            (0..n_classes).map(|class| passes.iter().map(|pass| pass[class]).sum::<f64>() / n_passes).collect();
        let expected = passes.iter().map(|pass| entropy(pass)).sum::<f64>() / n_passes;
        let mutual_information = (entropy(&mean) - expected).max(0.0);
        Some(Self { mean, mutual_information })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::{sha256_hex, to_json_line};
    use proptest::prelude::*;

    fn calibration() -> Calibration {
        let figures =
            TokenFigures { negative_log_likelihood: 0.5, expected_calibration_error: 0.1, phi_calibration_error: None };
        let risk = |budget, threshold| RiskThreshold { budget, threshold, calibration_risk: 0.0, n_clusters: 300 };
        Calibration {
            format_version: 2,
            weights_sha256: sha256_hex(b"weights"),
            fitted_on: FittedOn {
                files: [("ner.jsonl".to_owned(), sha256_hex(b"data"))].into(),
                n_texts: 900,
                n_tokens: 9000,
                n_entities: 700,
                n_clusters: 300,
                before: figures,
                after: figures,
            },
            temperatures: Temperatures { global: 1.5, by_label: [(PhiLabel::Date, 0.75)].into() },
            entity_rule: EntityRule::GeometricMean,
            spans: Some(SpanCalibration {
                map: ProbabilityMap::Logistic { slope: 0.5, intercept: -0.25 },
                fitted_on: SpansFittedOn {
                    files: BTreeMap::new(),
                    n_texts: 900,
                    n_spans: 710,
                    n_right: 600,
                    n_clusters: 300,
                    threshold: 0.5,
                    before: MapFigures { expected_calibration_error: 0.1, negative_log_likelihood: 0.4 },
                    after: MapFigures { expected_calibration_error: 0.02, negative_log_likelihood: 0.3 },
                },
            }),
            energy: Some(EnergyThreshold { threshold: -3.5, odd_share: 0.01, n_texts: 900 }),
            risk: vec![risk(0.005, 0.02), risk(0.01, 0.1), risk(0.05, 0.5)],
        }
    }

    #[test]
    fn a_calibration_comes_back_as_it_was_written() {
        let line = to_json_line(&calibration());
        assert_eq!(Calibration::parse(&line).expect("just written"), calibration());
        let newer = line.replacen("\"format_version\":2", "\"format_version\":3", 1);
        assert!(Calibration::parse(&newer).expect_err("it is newer").to_string().contains("newer"));
        let unknown = line.replacen("\"entity_rule\"", "\"other\":1,\"entity_rule\"", 1);
        assert!(Calibration::parse(&unknown).is_err());
    }

    #[test]
    fn a_calibration_of_version_1_has_no_map_of_spans_and_is_read() {
        let first = Calibration { format_version: 1, spans: None, ..calibration() };
        let line = to_json_line(&first);
        assert!(!line.contains("\"spans\""));
        assert_eq!(Calibration::parse(&line).expect("it is older"), first);
    }

    #[test]
    fn senseless_figures_are_refused() {
        let refused = |change: fn(&mut Calibration), expected: &str| {
            let mut spoilt = calibration();
            change(&mut spoilt);
            let error = Calibration::parse(&to_json_line(&spoilt)).expect_err("it makes no sense").to_string();
            assert!(error.contains(expected) && error.contains("fit it again"), "{error}");
        };
        refused(|spoilt| spoilt.temperatures.global = 0.0, "temperature");
        refused(|spoilt| spoilt.temperatures.by_label = [(PhiLabel::Ip, -1.0)].into(), "temperature");
        refused(|spoilt| spoilt.risk[0].threshold = 1.5, "from 0 to 1");
        refused(|spoilt| spoilt.risk.swap(0, 2), "rise");
        refused(|spoilt| spoilt.risk[2].threshold = 0.0, "rise");
        let fall = |spoilt: &mut Calibration| {
            spoilt.spans.as_mut().expect("it has one").map = ProbabilityMap::Logistic { slope: -1.0, intercept: 0.0 };
        };
        refused(fall, "a map of probabilities");
        refused(|spoilt| spoilt.energy.as_mut().expect("it has one").odd_share = 7.0, "energy");
    }

    #[test]
    fn a_budget_has_the_threshold_of_the_next_smaller_one() {
        let threshold = |budget| calibration().threshold(budget).map(|risk| risk.threshold);
        assert_eq!(threshold(0.03).expect("0.01 is smaller"), 0.1);
        assert_eq!(threshold(0.05).expect("it is stored"), 0.5);
        assert_eq!(threshold(1.0).expect("0.05 is smaller"), 0.5);
        let error = threshold(0.001).expect_err("the smallest is 0.005").to_string();
        assert!(error.contains("0.005") && error.contains("more patients"), "{error}");
        assert!(threshold(f64::NAN).is_err());
    }

    #[test]
    fn other_weights_are_refused() {
        assert!(calibration().check_weights(&sha256_hex(b"weights")).is_ok());
        assert!(matches!(calibration().check_weights(&sha256_hex(b"other")), Err(CalibrationError::OtherWeights)));
    }

    #[test]
    fn odd_texts_lie_above_the_threshold() {
        let calibration = calibration();
        assert_eq!([-4.0, -3.5, -3.4, f64::NAN].map(|energy| calibration.is_odd(energy)), [false, false, true, true]);
        assert!(!Calibration { energy: None, ..calibration }.is_odd(9.0));
    }

    #[test]
    fn energy_is_low_where_a_class_fits_and_never_overflows() {
        assert!((energy(&[0.0, 0.0]) + 2.0_f64.ln()).abs() < 1e-12);
        assert!((energy(&[1000.0, 0.0]) + 1000.0).abs() < 1e-9);
        assert!(energy(&[9.0, 0.0, 0.0]) < energy(&[1.0, 0.0, 0.0]));
        assert_eq!(text_energy([&[1000.0_f32, 0.0][..], &[500.0, 0.0]]), Some(-750.0));
        assert_eq!(text_energy([]), None);
    }

    proptest! {
        #[test]
        fn scaling_keeps_the_best_class_and_sums_to_one(
            logits in prop::collection::vec(-90.0_f32..90.0, 5),
            global in 0.05..20.0_f64,
            date in 0.05..20.0_f64,
        ) {
            let labels =
                [None, Some(PhiLabel::Name), Some(PhiLabel::Name), Some(PhiLabel::Date), Some(PhiLabel::Date)];
            let temperatures = Temperatures { global, by_label: [(PhiLabel::Date, date)].into() };
            let best = most_probable(&logits);
            prop_assert_eq!(temperatures.of(&logits, &labels), if best >= 3 { date } else { global });
            let probabilities = temperatures.probabilities(&logits, &labels);
            prop_assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!(probabilities.iter().all(|one| *one <= probabilities[best]));
            let phi = phi_probability(&probabilities, &labels);
            let parts = label_probability(&probabilities, &labels, PhiLabel::Name)
                + label_probability(&probabilities, &labels, PhiLabel::Date);
            prop_assert!((phi - parts).abs() < 1e-9 && (phi + probabilities[0] - 1.0).abs() < 1e-9);
        }

        #[test]
        fn rules_are_in_order(tokens in prop::collection::vec(0.0..=1.0_f64, 1..9)) {
            let [minimum, mean, product] = [EntityRule::Minimum, EntityRule::GeometricMean, EntityRule::Product]
                .map(|rule| rule.probability(&tokens).expect("there are tokens"));
            prop_assert!(product <= minimum + 1e-12 && minimum <= mean + 1e-12 && mean <= 1.0 + 1e-12);
        }
    }
}
