//! Free text as context-free rules compose it, for either side of the split.

mod cast;
mod noise;
mod ocr;
mod organizations;
mod rules;
mod slots;
mod wide;

pub(crate) use cast::{Breadth, Cast};

use crate::identity::draw::Draw;
use crate::lists;
use crate::plant::{Phrase, Secret};
use crate::vocabulary::{Split, fold};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rules::Rules;
use std::collections::BTreeSet;
use std::sync::LazyLock;

const COMMON: &str = include_str!("rules/common.txt");
const TRAIN: &str = include_str!("rules/train.txt");
const TEST: &str = include_str!("rules/test.txt");

/// What only suites of texts use, for both sides: clinical language, hard negatives, identifiers and dates.
const COMMON_TEXTS: &[&str] = &[
    include_str!("rules/texts/clinical.txt"),
    include_str!("rules/texts/protocols.txt"),
    include_str!("rules/texts/negatives.txt"),
    include_str!("rules/texts/machines.txt"),
    include_str!("rules/texts/identifiers.txt"),
];

/// Templates that only suites of texts use, to train on.
const TRAIN_TEXTS: &[&str] = &[
    include_str!("rules/texts/train-names.txt"),
    include_str!("rules/texts/train-facts.txt"),
    include_str!("rules/texts/train-clean.txt"),
    include_str!("rules/texts/train-forms.txt"),
    include_str!("rules/texts/train-abroad.txt"),
    include_str!("rules/texts/train-prose.txt"),
    include_str!("rules/texts/train-plain.txt"),
    include_str!("rules/texts/train-identifiers.txt"),
    include_str!("rules/texts/train-languages.txt"),
];

/// Templates that only suites of texts use, to test on.
const TEST_TEXTS: &[&str] = &[include_str!("rules/texts/test.txt"), include_str!("rules/texts/test-abroad.txt")];

static TRAIN_RULES: LazyLock<Rules> = LazyLock::new(|| Rules::parse(&[COMMON, TRAIN]));
static TEST_RULES: LazyLock<Rules> = LazyLock::new(|| Rules::parse(&[COMMON, TEST]));
static TRAIN_TEXT_RULES: LazyLock<Rules> =
    LazyLock::new(|| Rules::parse(&[&[COMMON, TRAIN], COMMON_TEXTS, TRAIN_TEXTS].concat()));
static TEST_TEXT_RULES: LazyLock<Rules> =
    LazyLock::new(|| Rules::parse(&[&[COMMON, TEST], COMMON_TEXTS, TEST_TEXTS].concat()));

/// A kind of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TextKind {
    /// Study and procedure descriptions.
    Description,
    /// Series descriptions and names of protocols.
    SeriesName,
    /// One short line.
    Line,
    /// A sentence of a comment.
    Sentence,
    History,
    Reason,
    /// A sentence of a report.
    Report,
    Technologist,
    /// What devices write into attributes of their own.
    Private,
    FileName,
    /// A sentence with an age over 89.
    OverAge,
    /// Words that identify nobody; like all kinds below, only in suites of texts.
    Clean,
    /// Some sentences of a report, a letter or an e-mail, which go together.
    Paragraph,
    /// Lines with names of fields.
    Fields,
    /// A piece of a message or a file for machines.
    Message,
    /// A line of a device's journal.
    Log,
    /// What a reader of characters makes of a header in an image.
    Screen,
    /// A value without any word around it.
    Alone,
}

impl TextKind {
    const fn rule(self) -> &'static str {
        match self {
            Self::Description => "Description",
            Self::SeriesName => "SeriesName",
            Self::Line => "Line",
            Self::Sentence => "Sentence",
            Self::History => "History",
            Self::Reason => "Reason",
            Self::Report => "Report",
            Self::Technologist => "Technologist",
            Self::Private => "Private",
            Self::FileName => "FileName",
            Self::OverAge => "OverAge",
            Self::Clean => "Clean",
            Self::Paragraph => "Paragraph",
            Self::Fields => "Fields",
            Self::Message => "Message",
            Self::Log => "Log",
            Self::Screen => "Screen",
            Self::Alone => "Alone",
        }
    }
}

fn rules(split: Split, breadth: Breadth) -> &'static Rules {
    match (split, breadth) {
        (Split::Train, Breadth::Instances) => &TRAIN_RULES,
        (Split::Test, Breadth::Instances) => &TEST_RULES,
        (Split::Train, Breadth::Texts) => &TRAIN_TEXT_RULES,
        (Split::Test, Breadth::Texts) => &TEST_TEXT_RULES,
    }
}

/// Pieces of clinical words, of three letters and more: a person called by one of them could not be told
/// from the word, or could not be removed without it.
pub(crate) fn reserved_parts() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    Rules::parse(&[COMMON]).words(&mut words);
    let lists = [
        lists::DEPARTMENTS,
        lists::OCCUPATIONS,
        lists::ETHNIC_GROUPS,
        lists::TECHNIQUE,
        lists::CROSS_SECTION_MARKS,
        lists::PROJECTION_MARKS,
        lists::ULTRASOUND_MARKS,
        lists::SCREENSHOT_MARKS,
        lists::RESERVED_NAMES,
    ];
    words.extend(lists.into_iter().flatten().flat_map(|text| text.split(' ')).map(fold));
    let mut parts = BTreeSet::new();
    for word in &words {
        let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
        for (idx, start) in starts.iter().enumerate() {
            parts.extend(starts.iter().skip(idx + 3).map(|end| word[*start..*end].to_owned()));
        }
    }
    parts.extend(words);
    parts
}

/// Number of English templates of a kind that instances have.
pub(crate) fn n_alternatives(split: Split, kind: TextKind) -> usize {
    rules(split, Breadth::Instances).n_alternatives(kind.rule())
}

/// Composes one text of a kind, with noise. `alternative` chooses the template, else it is drawn.
pub(crate) fn compose(
    cast: &Cast<'_>,
    split: Split,
    kind: TextKind,
    alternative: Option<usize>,
    rng: &mut ChaCha8Rng,
) -> Phrase {
    let rules = rules(split, cast.breadth);
    let own = slots::suffix(cast.language).map(|suffix| format!("{}.{suffix}", kind.rule()));
    // People abroad write some English too.
    let rule = match own.filter(|own| rules.has(own) && rng.random_bool(0.7)) {
        Some(own) => own,
        None if kind == TextKind::Sentence && rng.random_bool(if cast.is_over_89() { 0.15 } else { 0.015 }) => {
            "OverAge".to_owned()
        }
        None => kind.rule().to_owned(),
    };
    let mut fill = |slot: &slots::Slot, rng: &mut ChaCha8Rng| -> Secret {
        slots::fill(slot, cast, &mut Draw::new(rng, split).with_names_from(cast.shortest_name))
    };
    let mut phrase = rules.expand(&rule, alternative, rng, &mut fill);
    if rng.random_bool(aside_share(kind, cast.breadth, split)) {
        phrase = phrase.followed_by(rules.expand("Aside", None, rng, &mut fill));
    }
    // Who writes a whole letter takes more care than who fills in a field.
    if kind == TextKind::Paragraph && rng.random_bool(0.6) {
        return phrase;
    }
    let phrase = noise::add(rng, split, phrase);
    match cast.breadth {
        Breadth::Instances => phrase,
        Breadth::Texts => ocr::add(rng, split, kind, phrase),
    }
}

/// The side of a word by which people are called though it is one; none for other words.
pub(crate) fn side_of_word_name(word: &str) -> Option<Split> {
    wide::is_word_name(word).then(|| Split::of(word))
}

/// A text with slips, abbreviations or other capitals, or as it was.
pub(crate) fn with_noise(rng: &mut ChaCha8Rng, split: Split, phrase: Phrase) -> Phrase {
    noise::add(rng, split, phrase)
}

/// How often hard negatives are added to a text of any language.
///
/// The templates to train on say less of machines and eponyms than those to test on, so more is added to them.
const fn aside_share(kind: TextKind, breadth: Breadth, split: Split) -> f64 {
    match (kind, breadth, split) {
        (TextKind::Private | TextKind::FileName, _, _) => 0.0,
        (_, Breadth::Instances, _) => 0.3,
        (TextKind::Message | TextKind::Log | TextKind::Screen | TextKind::Fields | TextKind::Alone, _, _) => 0.0,
        (TextKind::Paragraph, _, Split::Test) => 0.0,
        (_, Breadth::Texts, Split::Test) => 0.1,
        (_, Breadth::Texts, Split::Train) => 0.3,
    }
}

#[cfg(test)]
mod tests;
