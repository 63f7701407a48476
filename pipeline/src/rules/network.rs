//! Rules of the token classifier, which a run asks only where it is given a released model.

use super::rules;

rules! {
    /// Read by the network
    ///
    /// A span of free text whose tokens the token classifier takes for something that identifies, at least as probable
    /// as the run's threshold, beyond what the other tiers found. What the vocabulary knows as no name stays unless
    /// the span is at least 0.95 probable.
    ///
    /// Why: people name others in words that no attribute gives and no pattern has.
    ///
    /// Action: Cleans: the span is taken out and the rest of the text stays; dates are shifted where the policy keeps
    /// them.
    ///
    /// HIPAA: any element: that of the label
    ///
    /// Example: a relative in "lives with her niece Ottoline".
    ///
    /// Source: Efface, docs/design/ner-pipeline.md
    "ner",
    /// The network is in doubt
    ///
    /// A text that stays, wholly or in part, with a token that is nearly as probable to identify as the run's
    /// threshold asks.
    ///
    /// Why: what is missed stands there more often than in other texts.
    ///
    /// Action: Does nothing to the text; the policy says whether the instance is withheld.
    ///
    /// HIPAA: any element
    ///
    /// Example: a word that may be a surname or a product.
    ///
    /// Source: Efface, docs/design/ner-pipeline.md
    "ner-doubtful",
    /// A text unlike those that the network knows
    ///
    /// A text whose energy is above the threshold of the model's calibration.
    ///
    /// Why: what the network says of it, also that it holds nothing, cannot be relied upon.
    ///
    /// Action: Does nothing to the text; the policy says whether the instance is withheld.
    ///
    /// HIPAA: any element
    ///
    /// Example: a text in a language that the network has not seen.
    ///
    /// Source: Efface, docs/design/ner-pipeline.md; W. Liu et al., NeurIPS 2020
    "ner-odd",
}
