//! The words that the scorer compares: NLTK's tokenizer for English, and its stop words.
//!
//! NLTK splits a text into sentences by the Punkt model (Kiss and Strunk 2006) and each sentence into
//! words by the conventions of the Penn Treebank.
//! The scorer lowers the case first, which leaves little of Punkt: a full stop ends a sentence unless the
//! word before it is a known abbreviation, an ellipsis, or an initial or number before a small letter.

use super::key::QuickMap;
use regex::Regex;
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::LazyLock;

/// Abbreviations of the English Punkt model. Source: NLTK data, as carried by the crate `punkt` 1.0.5
/// (MIT or Apache-2.0).
static ABBREVIATIONS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../../data/nltk/abbreviations.txt").lines().collect());

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

/// Characters that end a word for Punkt.
const WORD_ENDS: &str = ")\";}]*:@'({[!?";

fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices('.') {
        let after = &text[at + 1..];
        let Some(next) = after.chars().next() else { break };
        let next_word = after.trim_start();
        let is_candidate = WORD_ENDS.contains(next) || next.is_whitespace() && !next_word.is_empty();
        if at < start || !is_candidate || !ends_sentence(&text[start..at], next_word) {
            continue;
        }
        let end = with_closing_marks(text, at + 1);
        found.push(&text[start..end]);
        start = end + (text[end..].len() - text[end..].trim_start().len());
    }
    found.push(&text[start..]);
    found
}

/// Closing quotes and brackets that stand alone after a full stop belong to the sentence that it ends.
fn with_closing_marks(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    let marks = rest.len() - rest.trim_start_matches(['"', '\'', ')', ']', '}']).len();
    let after = &rest[marks..];
    if after.is_empty() || after.starts_with(char::is_whitespace) || after.starts_with("--") {
        end + marks
    } else {
        end
    }
}

fn ends_sentence(before: &str, next_word: &str) -> bool {
    let word = before
        .rsplit(|character: char| character.is_whitespace() || WORD_ENDS.contains(character))
        .next()
        .unwrap_or("");
    let word = word.trim_start_matches(['`', '&', '#', '-', ',']);
    if word.is_empty() {
        // A lone full stop ends a sentence; one after a bracket too.
        return !before.ends_with('.');
    }
    if word.ends_with('.') {
        return false;
    }
    let last_part = word.rsplit('-').next().unwrap_or(word);
    if ABBREVIATIONS.contains(word) || ABBREVIATIONS.contains(last_part) {
        return false;
    }
    let mut characters = word.chars();
    let is_initial = matches!((characters.next(), characters.next()), (Some(only), None) if only.is_alphabetic());
    let is_number = NUMBER.is_match(word);
    // No word of the model that begins a sentence in small letters is never capitalized, four oddities apart.
    !((is_initial || is_number) && next_word.starts_with(char::is_lowercase))
}

static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"^-?[.,]?\d[\d,.\-]*$"));

fn pattern(expression: &str) -> Regex {
    Regex::new(expression).expect("the expressions of this file are valid")
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
    parted.split_whitespace().map(str::to_owned).collect()
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
