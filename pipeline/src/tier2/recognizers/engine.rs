//! What a recognizer is, and which recognizers a text can concern at all.
//!
//! A text is looked at once: how many digits it has, which signs, and, by one automaton, which keywords. Only the
//! patterns whose needs are met run, and a pattern is compiled when it first runs: most runs need few of them.

use super::expression::Expression;
use aho_corasick::{AhoCorasick, MatchKind};
use efface_schema::{PhiLabel, Probability};

/// A pattern and what it finds.
#[derive(Clone, Copy)]
pub(super) struct Recognizer {
    pub(super) rule: &'static str,
    pub(super) label: PhiLabel,
    /// How often a match identifies, as a judgement until a calibration file says better.
    pub(super) probability: f64,
    pub(super) form: Form,
    /// One of these must be in the text, in any case; none means that the pattern needs no word.
    pub(super) words: &'static [&'static str],
    pub(super) needs: Needs,
    /// Whether a match is one, by its value and by what stands beside it.
    pub(super) accepts: Option<fn(&Candidate<'_>) -> bool>,
    /// A check digit: where it fits, the match is all but sure.
    pub(super) check: Option<fn(&str) -> bool>,
    /// Whether a date in the same place is likelier.
    pub(super) yields_to_dates: bool,
}

/// How a recognizer matches.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Group `v` or `w`, where present, is the span; otherwise the whole match is.
    Pattern(&'static str),
    /// A value behind one of the recognizer's words.
    AfterWord(&'static str),
}

/// What a text must hold.
#[derive(Clone, Copy)]
pub(super) struct Needs {
    pub(super) n_digits: u32,
    /// Signs, all of which must be there.
    pub(super) signs: Signs,
}

/// A set of signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signs(u16);

impl Signs {
    pub(super) const NONE: Self = Self(0);
    pub(super) const AT: Self = Self(1);
    pub(super) const CARET: Self = Self(1 << 1);
    pub(super) const COLON: Self = Self(1 << 2);
    pub(super) const POINT: Self = Self(1 << 3);
    pub(super) const SLASH: Self = Self(1 << 4);
    pub(super) const BACKSLASH: Self = Self(1 << 5);
    pub(super) const HYPHEN: Self = Self(1 << 6);
    pub(super) const PLUS: Self = Self(1 << 7);
    pub(super) const CAPITAL: Self = Self(1 << 8);
    pub(super) const PARENTHESIS: Self = Self(1 << 9);
    pub(super) const DEGREE: Self = Self(1 << 10);
    pub(super) const BLANK: Self = Self(1 << 11);
    pub(super) const SMALL: Self = Self(1 << 12);

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn holds(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Bits that are not signs mark what a byte is besides.
const DIGIT: u16 = 1 << 15;
const NOT_ASCII: u16 = 1 << 14;

/// What each byte says of a text.
static SIGN_OF_BYTE: [u16; 256] = {
    let mut table = [0_u16; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'@' => Signs::AT.0,
            b'^' => Signs::CARET.0,
            b':' => Signs::COLON.0,
            b'.' => Signs::POINT.0,
            b'/' => Signs::SLASH.0,
            b'\\' => Signs::BACKSLASH.0,
            b'-' => Signs::HYPHEN.0,
            b'+' => Signs::PLUS.0,
            b'(' => Signs::PARENTHESIS.0,
            b' ' => Signs::BLANK.0,
            b'A'..=b'Z' => Signs::CAPITAL.0,
            b'a'..=b'z' => Signs::SMALL.0,
            b'0'..=b'9' => DIGIT,
            // Letters beyond ASCII may be capital or small, and other signs may be anything.
            128.. => NOT_ASCII | Signs::CAPITAL.0 | Signs::SMALL.0 | Signs::DEGREE.0,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// What a text holds, as far as recognizers ask.
#[derive(Debug, Clone, Copy)]
pub(super) struct Features {
    n_digits: u32,
    signs: Signs,
}

impl Features {
    pub(super) fn of(text: &str) -> Self {
        let (mut signs, mut n_digits) = (0_u16, 0_u32);
        for byte in text.bytes() {
            let sign = SIGN_OF_BYTE[usize::from(byte)];
            signs |= sign;
            n_digits = n_digits.saturating_add(u32::from(sign >> 15));
        }
        Self { n_digits, signs: Signs(signs) }
    }

    const fn meet(self, needs: Needs) -> bool {
        self.n_digits >= needs.n_digits && self.signs.holds(needs.signs)
    }
}

/// A match before it is believed.
pub(super) struct Candidate<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl<'a> Candidate<'a> {
    pub(super) fn value(&self) -> &'a str {
        &self.text[self.start..self.end]
    }
}

/// A recognizer found by a pattern.
pub(super) const fn pattern(
    rule: &'static str,
    label: PhiLabel,
    probability: f64,
    pattern: &'static str,
) -> Recognizer {
    Recognizer {
        rule,
        label,
        probability,
        form: Form::Pattern(pattern),
        words: &[],
        needs: Needs { n_digits: 0, signs: Signs::NONE },
        accepts: None,
        check: None,
        yields_to_dates: false,
    }
}

/// A recognizer of a value behind a word.
pub(super) const fn after_word(
    rule: &'static str,
    label: PhiLabel,
    probability: f64,
    words: &'static [&'static str],
    value: &'static str,
) -> Recognizer {
    Recognizer { form: Form::AfterWord(value), words, ..pattern(rule, label, probability, "") }
}

impl Recognizer {
    pub(super) const fn digits(self, n_digits: u32) -> Self {
        Self { needs: Needs { n_digits, ..self.needs }, ..self }
    }

    pub(super) const fn signs(self, signs: Signs) -> Self {
        Self { needs: Needs { signs, ..self.needs }, ..self }
    }

    pub(super) const fn words(self, words: &'static [&'static str]) -> Self {
        Self { words, ..self }
    }

    /// Believes a match only where a function does.
    pub(super) const fn when(self, accepts: fn(&Candidate<'_>) -> bool) -> Self {
        Self { accepts: Some(accepts), ..self }
    }

    /// Is surer where a check digit fits.
    pub(super) const fn checked(self, check: fn(&str) -> bool) -> Self {
        Self { check: Some(check), ..self }
    }

    pub(super) const fn yields_to_dates(self) -> Self {
        Self { yields_to_dates: true, ..self }
    }
}

/// A recognizer and its expression.
pub(super) struct Compiled {
    pub(super) recognizer: Recognizer,
    pub(super) expression: Expression,
}

impl Compiled {
    fn new(recognizer: Recognizer) -> Self {
        let pattern = match recognizer.form {
            Form::Pattern(pattern) => pattern.to_owned(),
            Form::AfterWord(value) => after_word_pattern(recognizer.words, value),
        };
        Self { recognizer, expression: Expression::new(pattern) }
    }

    /// How sure a match is.
    pub(super) fn probability(&self, value: &str) -> Probability {
        let fits = self.recognizer.check.is_some_and(|check| check(value));
        let probability = if fits { self.recognizer.probability.max(0.99) } else { self.recognizer.probability };
        Probability::new(probability).expect("a committed probability")
    }
}

/// What may stand between a keyword and its value.
const FILLERS: &str = "no|nr|num|number|nummer|numéro|numero|número|nº|n°|№|n|id|is|was|code|card|ending|in|carte|kort";

/// A value behind one of some words: words of letters stand by themselves, ideographs may be glued to others.
fn after_word_pattern(words: &[&str], value: &str) -> String {
    let escape = |word: &&str| word.split(' ').map(regex::escape).collect::<Vec<_>>().join(r"[\s._-]*");
    let (glued, parted): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| word.chars().any(is_ideograph));
    let join = |words: &[&str]| words.iter().map(escape).collect::<Vec<_>>().join("|");
    let sign = r"[\s:：#.=_(-]";
    let parted = format!(
        r"(?:^|[^\pL\pN])(?:{})(?:{sign}{{1,4}}(?:(?:{FILLERS}){sign}{{1,4}}){{0,2}}(?P<v>{value})|(?P<w>\d[0-9A-Za-z/.-]{{2,}}[0-9A-Za-z]))",
        join(&parted)
    );
    let glued_part = format!(r"(?:{})(?:番号|号码|号|コード|번호)?[\s:：#=]{{0,3}}(?P<x>{value})", join(&glued));
    match (parted_is_empty(words), glued.is_empty()) {
        (false, true) => format!("(?i){parted}"),
        (true, _) => format!("(?i){glued_part}"),
        (false, false) => format!("(?i)(?:{parted}|{glued_part})"),
    }
}

fn parted_is_empty(words: &[&str]) -> bool {
    words.iter().all(|word| word.chars().any(is_ideograph))
}

const fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '〒')
}

/// A set of recognizers, one bit each.
pub(super) type Mask = u128;

/// All recognizers, and the automaton of their words.
pub(super) struct Engine {
    pub(super) compiled: Vec<Compiled>,
    words: AhoCorasick,
    /// Which recognizers each word of the automaton concerns.
    concerned: Vec<Mask>,
    /// The recognizers that need no word.
    wordless: Mask,
}

impl Engine {
    pub(super) fn new(recognizers: impl Iterator<Item = Recognizer>) -> Self {
        let compiled: Vec<Compiled> = recognizers.map(Compiled::new).collect();
        assert!(compiled.len() <= Mask::BITS as usize, "every recognizer has a bit");
        let mut concerned: std::collections::BTreeMap<String, Mask> = std::collections::BTreeMap::new();
        let mut wordless = 0;
        for (idx, known) in compiled.iter().enumerate() {
            if known.recognizer.words.is_empty() {
                wordless |= 1 << idx;
            }
            for word in known.recognizer.words {
                // Between the parts of a word several signs may stand: the longest part is searched.
                let part = word.split(' ').max_by_key(|part| part.len()).unwrap_or(word);
                for spelled in [part.to_lowercase(), part.to_uppercase()] {
                    let spelled = if spelled.is_ascii() { spelled.to_ascii_lowercase() } else { spelled };
                    *concerned.entry(spelled).or_default() |= 1 << idx;
                }
            }
        }
        let words = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(concerned.keys())
            .expect("a few hundred short words");
        Self { compiled, words, concerned: concerned.into_values().collect(), wordless }
    }

    /// The recognizers that a text can concern.
    pub(super) fn concerned(&self, text: &str) -> impl Iterator<Item = &Compiled> {
        let features = Features::of(text);
        let by_word = self
            .words
            .find_overlapping_iter(text)
            .fold(self.wordless, |mask, found| mask | self.concerned[found.pattern().as_usize()]);
        Bits(by_word).map(|idx| &self.compiled[idx]).filter(move |compiled| features.meet(compiled.recognizer.needs))
    }
}

/// The places of the bits of a mask.
struct Bits(Mask);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let idx = self.0.trailing_zeros();
        self.0 &= self.0.wrapping_sub(1);
        (idx < Mask::BITS).then_some(idx as usize)
    }
}
