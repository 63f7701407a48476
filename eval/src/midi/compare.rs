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

/// `str.isdigit`: decimal digits of every script, and digits that are none: raised, lowered, circled and the like.
fn is_python_digit(character: char) -> bool {
    match character {
        '0'..='9' => true,
        character if character.is_ascii() => false,
        '²' | '³' | '¹' | '\u{1369}'..='\u{1371}' | '\u{19da}' | '\u{2070}' | '\u{2074}'..='\u{2079}' => true,
        '\u{2080}'..='\u{2089}' | '\u{2460}'..='\u{2468}' | '\u{2474}'..='\u{247c}' => true,
        '\u{2488}'..='\u{2490}' | '\u{24ea}' | '\u{24f5}'..='\u{24fd}' | '\u{24ff}' => true,
        '\u{2776}'..='\u{277e}' | '\u{2780}'..='\u{2788}' | '\u{278a}'..='\u{2792}' => true,
        '\u{10a40}'..='\u{10a43}' | '\u{10e60}'..='\u{10e68}' | '\u{11052}'..='\u{1105a}' => true,
        '\u{1f100}'..='\u{1f10a}' => true,
        character => is_decimal(character),
    }
}

fn is_decimal(character: char) -> bool {
    static DECIMAL: std::sync::LazyLock<regex::Regex> =
        std::sync::LazyLock::new(|| regex::Regex::new(r"^\p{Nd}$").expect("the expression is valid"));
    DECIMAL.is_match(character.encode_utf8(&mut [0; 4]))
}

/// The decimal digit that a character stands for in its script: those of a script follow each other from zero to nine.
fn decimal_value(character: char) -> Option<u32> {
    if character.is_ascii() {
        return character.to_digit(10);
    }
    let code = u32::from(character);
    let is_digit = |code: u32| char::from_u32(code).is_some_and(is_decimal);
    is_digit(code).then(|| (1..).take_while(|back| is_digit(code - back)).fold(0, |value, _| (value + 1) % 10))
}

/// `float`, for digits with at most one full stop: of decimal digits of every script, and of no others.
fn python_float(text: &str) -> Option<f64> {
    let ascii = |character| match character {
        '.' => Some('.'),
        digit => char::from_digit(decimal_value(digit)?, 10),
    };
    text.chars().map(ascii).collect::<Option<String>>()?.parse().ok()
}

fn compare_numbers(file_text: &str, answer: &str, expectation: Expectation) -> Judgement {
    match (python_float(file_text), python_float(answer)) {
        (Some(found), Some(wanted)) => Judgement::of((found == wanted) == (expectation == Expectation::Retained)),
        _ => Judgement::BLANK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_digits_of_every_script_are_numbers_and_other_digits_are_blank() {
        for (file_text, answer, expected) in [
            ("<١٢.٣>", "<12.30>", Judgement::PASS),
            ("<१२>", "<13>", Judgement::FAIL),
            ("<𝟗𝟘>", "<90>", Judgement::PASS),
            ("<①>", "<1>", Judgement::BLANK),
            ("<፩>", "<1>", Judgement::BLANK),
        ] {
            assert_eq!(compare_texts(file_text, answer, Expectation::Retained), expected, "{file_text} {answer}");
        }
    }
}
