//! Who says whether a word identifies.

use efface_schema::{PhiLabel, Probability, Source};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Judges the words of lines. The answer has a list for each line, and in it a judgement for each word, in order.
    ///
    /// An instance's lines are given all at once, so that a network can read them together; equal ones once. What is
    /// said of a line must not depend on the others.
    fn judge(&self, lines: &[Vec<&str>]) -> Vec<Vec<Judgement>>;
}

/// The judgements of an instance's lines, in their order: equal lines are asked about once, and all in one call.
///
/// A word without a judgement, because the judge gave too few, is unknown.
pub(super) fn judge_lines(lines: &[Vec<&str>], judge: &dyn TextJudge) -> Vec<Vec<Judgement>> {
    let distinct: BTreeSet<&Vec<&str>> = lines.iter().filter(|words| !words.is_empty()).collect();
    let asked: Vec<Vec<&str>> = distinct.into_iter().cloned().collect();
    if asked.is_empty() {
        return vec![Vec::new(); lines.len()];
    }
    let answers = judge.judge(&asked);
    let by_words: BTreeMap<&Vec<&str>, Vec<Judgement>> = asked.iter().zip(answers).collect();
    let judgements = |words: &Vec<&str>| {
        let mut judgements = by_words.get(words).cloned().unwrap_or_default();
        judgements.resize(words.len(), Judgement::Unknown);
        judgements
    };
    lines.iter().map(judgements).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// Takes capitals for what identifies, and remembers what it was asked.
    struct Capitals(RefCell<Vec<Vec<String>>>);

    impl TextJudge for Capitals {
        fn judge(&self, lines: &[Vec<&str>]) -> Vec<Vec<Judgement>> {
            let owned = |words: &Vec<&str>| words.iter().map(|word| (*word).to_owned()).collect();
            self.0.borrow_mut().extend(lines.iter().map(owned));
            let judgement = |word: &&str| {
                if word.chars().all(char::is_uppercase) { Judgement::Harmless } else { Judgement::Unknown }
            };
            lines.iter().map(|words| words.iter().map(judgement).collect()).collect()
        }
    }

    #[test]
    fn equal_lines_are_asked_about_once_and_lines_without_words_never() {
        let judge = Capitals(RefCell::default());
        let lines = [vec!["DOE", "x"], vec![], vec!["AXIAL"], vec!["DOE", "x"]];
        let (harmless, unknown) = (Judgement::Harmless, Judgement::Unknown);
        let expected =
            [vec![harmless.clone(), unknown.clone()], vec![], vec![harmless.clone()], vec![harmless, unknown]];
        assert_eq!(judge_lines(&lines, &judge), expected);
        assert_eq!(judge.0.borrow().as_slice(), [vec!["AXIAL"], vec!["DOE", "x"]]);
        assert_eq!(judge_lines(&[vec![]], &judge), [vec![]]);
        assert_eq!(judge.0.borrow().len(), 2);
    }

    #[test]
    fn what_the_judge_leaves_out_is_unknown() {
        struct Silent;
        impl TextJudge for Silent {
            fn judge(&self, _: &[Vec<&str>]) -> Vec<Vec<Judgement>> {
                vec![vec![Judgement::Harmless]]
            }
        }
        let unknown = Judgement::Unknown;
        let judged = judge_lines(&[vec!["a", "b"], vec!["c"]], &Silent);
        assert_eq!(judged, [vec![Judgement::Harmless, unknown.clone()], vec![unknown]]);
    }
}
