//! The text comparison of the official scorer.

use super::tokens::counted_words_once;
use serde::{Deserialize, Serialize};

/// What a comparison wants of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// The text is still there.
    Retained,
    /// The text is gone.
    Removed,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// It failed.
    Fail,
    /// It passed.
    Pass,
    /// The official scorer stumbles over it: it counts in the total and never as passed.
    Blank,
}

/// A verdict with its partial score, which no total uses.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// How the check ended.
    pub verdict: Verdict,
    /// Share of the words that are as wanted, from 0 to 1; absent for a blank.
    pub score: Option<f64>,
}

impl Judgement {
    /// Neither passed nor failed.
    pub const BLANK: Self = Self { verdict: Verdict::Blank, score: None };
    /// Passed in full.
    pub const PASS: Self = Self { verdict: Verdict::Pass, score: Some(1.0) };
    /// Failed in full.
    pub const FAIL: Self = Self { verdict: Verdict::Fail, score: Some(0.0) };

    /// Pass or fail in full.
    pub const fn of(passed: bool) -> Self {
        if passed { Self::PASS } else { Self::FAIL }
    }
}

/// Compares what a file holds with the text of a check.
///
/// Case and angle brackets do not count. Two plain numbers are compared as numbers. Otherwise the text is
/// searched as a whole, and if it is not found, word by word: every counted word of the answer is
/// searched in the file's text, as a part of any word.
///
/// # Example
/// ```
/// use efface_eval::midi::{Expectation, Judgement, Verdict, compare_texts};
/// let half = compare_texts("<CHEST>", "<CHEST PA>", Expectation::Retained);
/// assert_eq!(half, Judgement { verdict: Verdict::Fail, score: Some(0.5) });
/// // A leak that the official scorer passes: the given name alone.
/// assert_eq!(compare_texts("<JOHN>", "<DOE^JOHN>", Expectation::Removed), Judgement::PASS);
/// ```
pub fn compare_texts(file_text: &str, answer: &str, expectation: Expectation) -> Judgement {
    // Most texts are kept to the letter; those of ASCII are then equal as numbers too.
    if file_text == answer && file_text.is_ascii() {
        return Judgement::of(expectation == Expectation::Retained);
    }
    let file_text = plain(file_text);
    let answer = plain(answer);
    if is_number(&file_text) && is_number(&answer) {
        return compare_numbers(&file_text, &answer, expectation);
    }
    if file_text.contains(&answer) {
        return Judgement::of(expectation == Expectation::Retained);
    }
    let words = counted_words_once(&answer);
    if words.is_empty() {
        return Judgement::BLANK;
    }
    let n_present = words.iter().filter(|word| file_text.contains(word.as_str())).count();
    let n_wanted = match expectation {
        Expectation::Retained => n_present,
        Expectation::Removed => words.len() - n_present,
    };
    let verdict = if n_wanted == words.len() { Verdict::Pass } else { Verdict::Fail };
    Judgement { verdict, score: Some(n_wanted as f64 / words.len() as f64) }
}

fn plain(text: &str) -> String {
    if text.is_ascii() {
        return text
            .bytes()
            .filter(|byte| !matches!(byte, b'<' | b'>'))
            .map(|byte| byte.to_ascii_lowercase() as char)
            .collect();
    }
    text.replace(['<', '>'], "").to_lowercase()
}

/// Digits with at most one full stop, where superscripts and digits of other scripts pass for digits.
fn is_number(text: &str) -> bool {
    let digits = text.replacen('.', "", 1);
    !digits.is_empty() && digits.chars().all(is_python_digit)
}

/// `str.isdigit`: decimal digits of every script, superscripts, subscripts and a few circled digits.
fn is_python_digit(character: char) -> bool {
    match character {
        '0'..='9' | '²' | '³' | '¹' | '\u{2070}' | '\u{2074}'..='\u{2079}' | '\u{2080}'..='\u{2089}' => true,
        '\u{2460}'..='\u{2468}' | '\u{2474}'..='\u{247c}' | '\u{2488}'..='\u{2490}' => true,
        character if character.is_ascii() => false,
        character => DECIMAL.is_match(character.encode_utf8(&mut [0; 4])),
    }
}

static DECIMAL: std::sync::LazyLock<regex::Regex> =
    std::sync::LazyLock::new(|| regex::Regex::new(r"^\p{Nd}$").expect("the expression is valid"));

fn compare_numbers(file_text: &str, answer: &str, expectation: Expectation) -> Judgement {
    match (file_text.parse::<f64>(), answer.parse::<f64>()) {
        (Ok(found), Ok(wanted)) => Judgement::of((found == wanted) == (expectation == Expectation::Retained)),
        _ => Judgement::BLANK,
    }
}
