//! Context-free rules for text, read from the files in `rules`.
//!
//! A file holds rules; `= Name` begins one, each line below it is an alternative, `#` begins a comment.
//! In an alternative, `<Name>` is another rule, `(one|other|)` a choice, `{slot:form}` a secret, and
//! `[words]` must survive. A word behind a rule's name makes each of its expansions a hard negative of
//! that kind, which must survive wherever it stands. A backslash takes the next character as it is, but `\\n`
//! is a line break. A file may go on with a rule of another one; what stands in both is added.
//!
//! In a slot, `{LABEL=pattern}` is an identifier of that label whose digits and letters are drawn (`#`, `%`, `@`,
//! `$`, `&`, see `Draw::pattern`), and `{day~format}` is a date as `strftime` writes it.

use super::slots::Slot;
use crate::plant::Phrase;
use efface_schema::NegativeKind;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};

/// A part of an alternative.
#[derive(Debug)]
pub(super) enum Part {
    Text(String),
    Rule(String),
    Choice(Vec<Vec<Part>>),
    Slot(Slot),
    Clinical(Vec<Part>),
}

/// A rule: what it may become.
#[derive(Debug, Default)]
struct Rule {
    negative: Option<NegativeKind>,
    alternatives: Vec<Vec<Part>>,
}

/// The rules of one side of the split, with the shared ones.
#[derive(Debug, Default)]
pub(super) struct Rules {
    rules: BTreeMap<String, Rule>,
}

/// How deep rules may nest; the files stay far below it.
const MAX_DEPTH: usize = 24;

impl Rules {
    /// Reads files. The files are part of the program and checked by tests.
    ///
    /// # Panics
    /// At a slot, a kind or a bracket that is not known.
    pub(super) fn parse(files: &[&str]) -> Self {
        let mut rules = Self::default();
        let mut current = String::new();
        for line in files.iter().flat_map(|file| file.lines()) {
            if let Some(header) = line.strip_prefix("= ") {
                let mut words = header.split(' ');
                current = words.next().unwrap_or("").to_owned();
                let negative = words.next().map(|kind| kind.parse().expect("the kind of a hard negative"));
                let rule = rules.rules.entry(current.clone()).or_default();
                rule.negative = negative.or(rule.negative);
            } else if !line.is_empty() && !line.starts_with('#') {
                let mut characters = line.chars().peekable();
                let parts = sequence(&mut characters, None);
                rules.rules.entry(current.clone()).or_default().alternatives.push(parts);
            }
        }
        rules
    }

    pub(super) fn has(&self, rule: &str) -> bool {
        self.rules.contains_key(rule)
    }

    /// Number of alternatives of a rule.
    pub(super) fn n_alternatives(&self, rule: &str) -> usize {
        self.rules.get(rule).map_or(0, |rule| rule.alternatives.len())
    }

    /// Expands a rule; `alternative` takes one of its alternatives instead of drawing it.
    pub(super) fn expand(
        &self,
        rule: &str,
        alternative: Option<usize>,
        rng: &mut ChaCha8Rng,
        fill: &mut dyn FnMut(&Slot, &mut ChaCha8Rng) -> crate::plant::Secret,
    ) -> Phrase {
        let mut expansion = Expansion { rules: self, rng, fill, phrase: Phrase::default() };
        let found = self.rules.get(rule).unwrap_or_else(|| panic!("a rule called {rule}"));
        let drawn = expansion.rng.random_range(0..found.alternatives.len());
        let chosen = alternative.map_or(drawn, |chosen| chosen % found.alternatives.len());
        expansion.sequence(&found.alternatives[chosen], false, 0);
        expansion.phrase
    }

    /// Every rule with the number of its alternatives.
    #[cfg(test)]
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, usize)> {
        self.rules.iter().map(|(name, rule)| (name.as_str(), rule.alternatives.len()))
    }

    /// Names of rules that are asked for and that there are not.
    #[cfg(test)]
    pub(super) fn unknown(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        self.rules.values().flat_map(|rule| &rule.alternatives).for_each(|parts| collect_names(parts, &mut names));
        names.retain(|name| !self.has(name));
        names
    }

    /// The words that rules without secrets can write.
    pub(super) fn words(&self, words: &mut BTreeSet<String>) {
        for rule in self.rules.values() {
            rule.alternatives.iter().for_each(|parts| collect_words(parts, words));
        }
    }
}

fn collect_words(parts: &[Part], words: &mut BTreeSet<String>) {
    for part in parts {
        match part {
            Part::Text(text) => {
                words.extend(text.split(|c: char| !c.is_alphanumeric()).map(crate::vocabulary::fold));
            }
            Part::Choice(choices) => choices.iter().for_each(|choice| collect_words(choice, words)),
            Part::Clinical(inner) => collect_words(inner, words),
            Part::Rule(_) | Part::Slot(_) => {}
        }
    }
}

#[cfg(test)]
fn collect_names(parts: &[Part], names: &mut BTreeSet<String>) {
    for part in parts {
        match part {
            Part::Rule(name) => drop(names.insert(name.clone())),
            Part::Choice(choices) => choices.iter().for_each(|choice| collect_names(choice, names)),
            Part::Clinical(inner) => collect_names(inner, names),
            Part::Text(_) | Part::Slot(_) => {}
        }
    }
}

struct Expansion<'e> {
    rules: &'e Rules,
    rng: &'e mut ChaCha8Rng,
    fill: &'e mut dyn FnMut(&Slot, &mut ChaCha8Rng) -> crate::plant::Secret,
    phrase: Phrase,
}

impl Expansion<'_> {
    fn sequence(&mut self, parts: &[Part], is_clinical: bool, depth: usize) {
        assert!(depth < MAX_DEPTH, "the rules go round in a circle");
        for part in parts {
            let phrase = std::mem::take(&mut self.phrase);
            self.phrase = match part {
                Part::Text(text) if is_clinical => phrase.clinical(text),
                Part::Text(text) => phrase.filler(text),
                Part::Slot(slot) => phrase.secret(&(self.fill)(slot, self.rng)),
                Part::Choice(_) | Part::Rule(_) | Part::Clinical(_) => {
                    self.phrase = phrase;
                    self.nested(part, is_clinical, depth);
                    continue;
                }
            };
        }
    }

    fn nested(&mut self, part: &Part, is_clinical: bool, depth: usize) {
        match part {
            Part::Clinical(inner) => self.sequence(inner, true, depth + 1),
            Part::Choice(choices) => {
                let choice = self.rng.random_range(0..choices.len());
                self.sequence(&choices[choice], is_clinical, depth + 1);
            }
            Part::Rule(name) => {
                let rule = self.rules.rules.get(name).unwrap_or_else(|| panic!("a rule called {name}"));
                let alternative = &rule.alternatives[self.rng.random_range(0..rule.alternatives.len())];
                match rule.negative {
                    Some(kind) => {
                        let mut text = String::new();
                        self.plain(alternative, depth + 1, &mut text);
                        self.phrase = std::mem::take(&mut self.phrase).negative(kind, text);
                    }
                    None => self.sequence(alternative, is_clinical, depth + 1),
                }
            }
            Part::Text(_) | Part::Slot(_) => {}
        }
    }

    /// Expands parts that hold no secret to one text, however they nest.
    fn plain(&mut self, parts: &[Part], depth: usize, text: &mut String) {
        assert!(depth < MAX_DEPTH, "the rules go round in a circle");
        for part in parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Clinical(inner) => self.plain(inner, depth + 1, text),
                Part::Choice(choices) => {
                    let choice = self.rng.random_range(0..choices.len());
                    self.plain(&choices[choice], depth + 1, text);
                }
                Part::Rule(name) => {
                    let rule = self.rules.rules.get(name).unwrap_or_else(|| panic!("a rule called {name}"));
                    let alternative = self.rng.random_range(0..rule.alternatives.len());
                    self.plain(&rule.alternatives[alternative], depth + 1, text);
                }
                Part::Slot(_) => panic!("a hard negative holds no secret"),
            }
        }
    }
}

type Characters<'c> = std::iter::Peekable<std::str::Chars<'c>>;

/// Reads parts up to a closing character, which is consumed, or to the end.
fn sequence(characters: &mut Characters<'_>, close: Option<char>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut text = String::new();
    while let Some(character) = characters.next() {
        if Some(character) == close {
            break;
        }
        let part = match character {
            '\\' => {
                text.extend(characters.next().map(|next| if next == 'n' { '\n' } else { next }));
                continue;
            }
            '[' => Part::Clinical(sequence(characters, Some(']'))),
            '<' => Part::Rule(word(characters, '>')),
            '{' => Part::Slot(Slot::parse(&word(characters, '}'))),
            '(' => choice(characters),
            other => {
                text.push(other);
                continue;
            }
        };
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        parts.push(part);
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    parts
}

fn word(characters: &mut Characters<'_>, close: char) -> String {
    characters.by_ref().take_while(|character| *character != close).collect()
}

/// Reads the alternatives of a choice up to its closing parenthesis.
fn choice(characters: &mut Characters<'_>) -> Part {
    let mut choices = vec![String::new()];
    let mut depth = 0;
    while let Some(character) = characters.next() {
        let last = choices.len() - 1;
        match character {
            ')' if depth == 0 => break,
            '|' if depth == 0 => choices.push(String::new()),
            '\\' => {
                choices[last].push(character);
                choices[last].extend(characters.next());
            }
            other => {
                depth += i32::from(other == '(') - i32::from(other == ')');
                choices[last].push(other);
            }
        }
    }
    Part::Choice(choices.iter().map(|choice| sequence(&mut choice.chars().peekable(), None)).collect())
}
