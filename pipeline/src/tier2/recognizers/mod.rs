//! Patterns that identify by their own form or by the words beside them, whoever the patient is.
//!
//! One file per family: [`contact`], [`national`], [`numbers`], [`places`], [`people`], [`computers`], [`ages`].
//! A form with a check digit ([`check_digits`]) is believed where the digit fits; where it does not, or where there is
//! none, a word beside the number must speak ([`context`]). The probabilities are judgements.

mod ages;
mod check_digits;
mod computers;
mod contact;
mod context;
mod engine;
mod expression;
mod holidays;
mod national;
mod numbers;
mod people;
mod places;

use super::{FoundSpan, dates, given_names};
use efface_schema::{PhiLabel, Probability, Source};
use engine::{Candidate, Compiled, Engine, Recognizer};

/// The families, in the order in which their rules are listed.
const FAMILIES: [&[Recognizer]; 8] = [
    contact::RECOGNIZERS,
    national::RECOGNIZERS,
    places::RECOGNIZERS,
    people::RECOGNIZERS,
    ages::RECOGNIZERS,
    holidays::RECOGNIZERS,
    computers::RECOGNIZERS,
    numbers::RECOGNIZERS,
];

/// All recognizers. Patterns are compiled when a text first needs them.
pub struct Recognizers {
    engine: Engine,
}

impl Default for Recognizers {
    fn default() -> Self {
        Self::new()
    }
}

impl Recognizers {
    /// Prepares the recognizers.
    pub fn new() -> Self {
        Self { engine: Engine::new(FAMILIES.into_iter().flatten().copied()) }
    }

    /// The parts of names that a text gives in full, in two words or more, as far as each could only be a name.
    pub fn name_parts(&self, text: &str) -> Vec<String> {
        let characters: Vec<char> = text.chars().collect();
        let names = self.find(text).into_iter().filter(|span| span.label == PhiLabel::Name);
        names
            .map(|span| characters[span.start..span.end.min(characters.len())].iter().collect::<String>())
            .filter(|name| name.contains([' ', '^', ',']))
            .flat_map(|name| name.split([' ', '^', ',', '.']).map(str::to_owned).collect::<Vec<_>>())
            .filter(|part| {
                part.starts_with(char::is_uppercase)
                    && part.chars().all(|letter| letter.is_alphabetic() || "'’-".contains(letter))
            })
            .filter(|part| !crate::pixels::vocabulary::is_harmless(part) && !given_names::is_ambiguous(part))
            .collect()
    }

    /// The codes of the rules, that of dates included; a rule of several patterns comes several times.
    pub fn codes(&self) -> impl Iterator<Item = &'static str> {
        ["date", "given-name"].into_iter().chain(self.engine.compiled.iter().map(|known| known.recognizer.rule))
    }

    /// Finds spans in a text; they may overlap.
    pub fn find(&self, text: &str) -> Vec<FoundSpan> {
        let dates = dates::find(text);
        let mut found: Vec<Match> = dates.iter().map(Match::date).collect();
        for known in self.engine.concerned(text) {
            found.extend(matches(known, text, &dates));
        }
        let mut positions = CharacterPositions::new(text);
        let mut spans: Vec<FoundSpan> = found.iter().map(|found| found.span(&mut positions)).collect();
        spans.extend(given_names::find(text, |byte| positions.character(byte)));
        spans
    }
}

/// A match in bytes.
struct Match {
    start: usize,
    end: usize,
    label: PhiLabel,
    rule: &'static str,
    probability: Probability,
}

impl Match {
    fn date(date: &dates::TextDate) -> Self {
        let probability = Probability::new(0.98).expect("a committed probability");
        Self { start: date.start, end: date.end, label: PhiLabel::Date, rule: "date", probability }
    }

    fn span(&self, positions: &mut CharacterPositions<'_>) -> FoundSpan {
        FoundSpan {
            start: positions.character(self.start),
            end: positions.character(self.end),
            label: self.label,
            source: Source::Recognizer,
            rule: self.rule,
            probability: self.probability,
        }
    }
}

/// The matches of one recognizer that its own conditions believe.
fn matches<'a>(
    known: &'a Compiled,
    text: &'a str,
    dates: &'a [dates::TextDate],
) -> impl Iterator<Item = Match> + use<'a> {
    let recognizer = &known.recognizer;
    known.expression.captures_iter(text).filter_map(move |captures| {
        let part = ["v", "w", "x"].into_iter().find_map(|group| captures.get_group_by_name(group));
        let part = part.or_else(|| captures.get_match().map(|found| found.span()))?;
        let candidate = Candidate { text, start: part.start, end: part.end };
        let believed = recognizer.accepts.is_none_or(|accepts| accepts(&candidate));
        if part.is_empty() || !believed || (recognizer.yields_to_dates && is_date(&candidate, dates)) {
            return None;
        }
        let (start, end) = (part.start, part.end);
        let probability = known.probability(candidate.value());
        Some(Match { start, end, label: recognizer.label, rule: recognizer.rule, probability })
    })
}

/// Whether a match is a date and, at most, a time: nothing but a date and up to six digits behind it.
fn is_date(candidate: &Candidate<'_>, dates: &[dates::TextDate]) -> bool {
    let inside = |date: &&dates::TextDate| candidate.start <= date.start && date.end <= candidate.end;
    let partly = dates.iter().any(|date| date.start < candidate.end && candidate.start < date.end);
    let Some(date) = dates.iter().find(inside) else { return partly };
    let rest = &candidate.text[date.end..candidate.end];
    let clock = rest.trim_start_matches(['-', '_', ' ']);
    // Four digits behind a hyphen are a running number rather than hours and minutes.
    let complete = clock.len() == rest.len() || clock.len() >= 6;
    date.start == candidate.start && complete && dates::is_tm(clock)
}

/// Bytes to characters. Ascending questions are answered in one pass over the text.
struct CharacterPositions<'a> {
    text: &'a str,
    ascii: bool,
    /// The last answer: byte and character.
    last: (usize, usize),
}

impl<'a> CharacterPositions<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, ascii: text.is_ascii(), last: (0, 0) }
    }

    fn character(&mut self, byte: usize) -> usize {
        if self.ascii {
            return byte;
        }
        let (from, characters) = if byte >= self.last.0 { self.last } else { (0, 0) };
        let character = characters + self.text[from..byte].chars().count();
        self.last = (byte, character);
        character
    }
}

#[cfg(test)]
mod tests;
