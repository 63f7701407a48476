//! The words that the scorer compares: NLTK's tokenizer for English, and its stop words.
//!
//! NLTK splits a text into sentences ([`super::sentences`]) and each sentence into words by the conventions of the Penn
//! Treebank. The scorer lowers the case first. Beside raised digits and combining marks a contraction may be parted that
//! NLTK leaves whole: Python counts the former among letters, the expressions here do not.

use super::key::QuickMap;
use super::sentences::{is_space, sentences};
use regex::Regex;
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::LazyLock;

/// English stop words. Source: NLTK data (the list of the Snowball project, BSD licence), 198 words.
static STOP_WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../../data/nltk/stop_words.txt").lines().collect());

/// Tokens that count for nothing, beside the stop words: ASCII punctuation and a few typographic marks.
fn is_punctuation(token: &str) -> bool {
    let mut characters = token.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) => only.is_ascii_punctuation() || "\u{201c}\u{201d}\u{2018}\u{2019}\u{2022}".contains(only),
        _ => token == "``",
    }
}

/// The words of a lower-cased text that count: all tokens but stop words and punctuation, with repetitions.
pub fn counted_words(text: &str) -> Vec<String> {
    let mut words = word_tokenize(text);
    words.retain(|word| !STOP_WORDS.contains(word.as_str()) && !is_punctuation(word));
    words
}

/// So many texts are remembered by each thread.
const N_REMEMBERED: usize = 4096;

thread_local! {
    static REMEMBERED: RefCell<QuickMap<String, Rc<[String]>>> = RefCell::default();
}

/// As [`counted_words`], without doing it again for a text of the same thread: the checks of a series repeat theirs.
pub(crate) fn counted_words_once(text: &str) -> Rc<[String]> {
    REMEMBERED.with_borrow_mut(|remembered| {
        if let Some(words) = remembered.get(text) {
            return Rc::clone(words);
        }
        if remembered.len() == N_REMEMBERED {
            remembered.clear();
        }
        let words: Rc<[String]> = counted_words(text).into();
        remembered.insert(text.to_owned(), Rc::clone(&words));
        words
    })
}

/// The tokens of a text.
///
/// # Example
/// ```
/// use efface_eval::midi::word_tokenize;
/// assert_eq!(word_tokenize("dr.iyer for nicholas lee"), ["dr.iyer", "for", "nicholas", "lee"]);
/// ```
pub fn word_tokenize(text: &str) -> Vec<String> {
    sentences(text).into_iter().flat_map(words_of_sentence).collect()
}

/// Compiles an expression in which `\s` means what it does in Python.
fn pattern(expression: &str) -> Regex {
    let expression = expression.replace(r"\s", r"[\s\x1c-\x1f]");
    Regex::new(&expression).expect("the expressions of this file are valid")
}

/// Substitutions that part the words of a sentence, in their order.
static STEPS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let opening = [
        ("([\u{ab}\u{201c}\u{2018}\u{201e}]|`+)", " ${1} "),
        ("^\"", "``"),
        ("(``)", " ${1} "),
        (r#"([ (\[{<])("|'{2})"#, "${1} `` "),
        (r"(')([\w--[mtsdnMTSDN]])\b", "${1} ${2}"),
    ];
    let punctuation = [
        ("([^.])(\\.)([\\])}>\"'\u{bb}\u{201d}\u{2019} ]*)\\s*$", "${1} ${2} ${3} "),
        (r"([:,])([^\d])", " ${1} ${2}"),
        (r"([:,])(\n?)$", " ${1} ${2}"),
        (r"\.{2,}", " ${0} "),
        (r"[;@#$%&]", " ${0} "),
        (r#"([^.])(\.)([\])}>"']*)\s*$"#, "${1} ${2}${3} "),
        (r"[?!]", " ${0} "),
        (r"([^'])' ", "${1} ' "),
        (r"[*]", " ${0} "),
        (r"[\]\[(){}<>]", " ${0} "),
        (r"--", " -- "),
        (r"(?s)^(.*)$", " ${1} "),
    ];
    let closing = [
        ("([\u{bb}\u{201d}\u{2019}])", " ${1} "),
        ("''", " '' "),
        ("\"", " '' "),
        (r"\s+", " "),
        (r"([^' ])('[sS]|'[mM]|'[dD]|') ", "${1} ${2} "),
        (r"([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", "${1} ${2} "),
    ];
    let contractions = [
        (r"(?i)\b(can)(not)\b", " ${1} ${2} "),
        (r"(?i)\b(d)('ye)\b", " ${1} ${2} "),
        (r"(?i)\b(gim)(me)\b", " ${1} ${2} "),
        (r"(?i)\b(gon)(na)\b", " ${1} ${2} "),
        (r"(?i)\b(got)(ta)\b", " ${1} ${2} "),
        (r"(?i)\b(lem)(me)\b", " ${1} ${2} "),
        (r"(?i)\b(more)('n)\b", " ${1} ${2} "),
        (r"(?i)\b(wan)(na)(\s)", " ${1} ${2} ${3}"),
        (r"(?i) ('t)(is)\b", " ${1} ${2} "),
        (r"(?i) ('t)(was)\b", " ${1} ${2} "),
    ];
    let steps = opening.into_iter().chain(punctuation).chain(closing).chain(contractions);
    steps.map(|(expression, replacement)| (pattern(expression), replacement)).collect()
});

fn words_of_sentence(sentence: &str) -> Vec<String> {
    let parted = STEPS.iter().fold(sentence.to_owned(), |text, (expression, replacement)| {
        match expression.replace_all(&text, *replacement) {
            std::borrow::Cow::Borrowed(_) => text,
            std::borrow::Cow::Owned(changed) => changed,
        }
    });
    parted.split(is_space).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Golden {
        stopwords: Vec<String>,
        punctuation: Vec<String>,
        cases: Vec<Case>,
    }

    #[derive(serde::Deserialize)]
    struct Case {
        text: String,
        tokens: Vec<String>,
        kept: Vec<String>,
    }

    fn golden() -> Golden {
        let text = include_str!("../../../testdata/midi-golden/tokens_golden.json");
        serde_json::from_str(text).expect("the golden file is valid")
    }

    #[test]
    fn all_73_golden_cases_agree() {
        let golden = golden();
        assert_eq!(golden.cases.len(), 73);
        for case in golden.cases {
            assert_eq!(word_tokenize(&case.text), case.tokens, "{:?}", case.text);
            assert_eq!(counted_words(&case.text), case.kept, "{:?}", case.text);
        }
    }

    /// Texts drawn at random from words, abbreviations and marks, as NLTK 3.9.1 parts them.
    #[test]
    fn drawn_texts_agree() {
        #[derive(serde::Deserialize)]
        struct Drawn {
            text: String,
            tokens: Vec<String>,
        }
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/midi-golden/tokens_drawn.json");
        let text = std::fs::read_to_string(path).expect("the file is there");
        let cases: Vec<Drawn> = serde_json::from_str(&text).expect("the file is valid");
        let differing: Vec<_> = cases
            .iter()
            .map(|case| (&case.text, &case.tokens, word_tokenize(&case.text)))
            .filter(|(_, expected, found)| *expected != found)
            .collect();
        assert!(cases.len() >= 400 && differing.is_empty(), "{} differ: {:?}", differing.len(), differing.first());
    }

    #[test]
    fn stop_words_and_punctuation_are_the_golden_ones() {
        let golden = golden();
        assert_eq!(golden.stopwords.len(), 198);
        assert!(golden.stopwords.iter().all(|word| STOP_WORDS.contains(word.as_str())));
        assert_eq!(STOP_WORDS.len(), 198);
        assert!(golden.punctuation.iter().all(|mark| is_punctuation(mark)));
        assert!(!is_punctuation("''") && !is_punctuation("--") && !is_punctuation("a"));
    }
}
