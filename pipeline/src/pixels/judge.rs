//! Who says whether a word identifies.

use efface_schema::{PhiLabel, Probability, Source};

/// What is known of a word in a line of burned-in text.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// It identifies.
    Phi {
        /// Who says so.
        source: Source,
        /// By which rule.
        rule: String,
        /// What it is, where the rule can say.
        label: Option<PhiLabel>,
        /// How sure the rule is.
        probability: Probability,
    },
    /// It identifies nobody.
    Harmless,
    /// Nothing is known.
    Unknown,
}

/// Judges words by what else is known of the instance.
pub trait TextJudge {
    /// Judges the words of one line, in order; the answer has one judgement for each word.
    fn judge(&self, words: &[&str]) -> Vec<Judgement>;
}
