//! What an uncased vocabulary cannot see: capitals, digits, scripts, neighbours, and where the text stands.
//!
//! Every feature is a small vocabulary of its own; its embedding is added to the token's. Number 0 of each is
//! "nothing to say", which special tokens have.

use super::pieces::{Piece, PieceKind, is_blank};
use super::tokenizer::Token;
use std::ops::Range;

/// Names of the features and how many numbers each has, in the order in which rows hold them.
pub const FEATURES: [(&str, usize); 8] = [
    ("shape", 32),
    ("word", 32),
    ("left", 24),
    ("style", 16),
    ("script", 1024),
    ("place", 16),
    ("attribute", 16),
    ("known", 2),
];

/// How many features there are.
pub const COUNT: usize = FEATURES.len();

/// The numbers of one token, one for each feature.
pub type Row = [u16; COUNT];

/// Whether a token is of a piece of letters.
pub fn is_letters(row: &Row) -> bool {
    (1..FIRST_DIGITS).contains(&row[0])
}

/// Whether a token goes on with the piece of the token before it.
pub fn is_within_piece(row: &Row) -> bool {
    row[2] == WITHIN_PIECE
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct TextContext<'a> {
    /// The attribute's keyword; empty if there is none or it is private.
    pub keyword: &'a str,
    /// The attribute's VR; empty if not known.
    pub vr: &'a str,
}

/// The rows of all tokens. `known` are the characters that hold values which the patient's own attributes have.
pub fn rows(
    characters: &[char],
    pieces: &[Piece],
    tokens: &[Token],
    context: TextContext<'_>,
    known: &[Range<usize>],
    unknown: u32,
) -> Vec<Row> {
    let style = style(characters, pieces);
    let attribute = attribute(context);
    let words = words(characters);
    let mut word = 0;
    tokens
        .iter()
        .map(|token| {
            let piece = &pieces[token.piece];
            while word + 1 < words.len() && words[word].end <= token.start {
                word += 1;
            }
            let whole = words.get(word).map_or(&characters[piece.start..piece.end], |range| &characters[range.clone()]);
            let held = known.iter().any(|range| range.start < token.end && token.start < range.end);
            [
                shape(&characters[piece.start..piece.end], piece.kind),
                word_shape(whole),
                left(characters, piece, token),
                style,
                script(&characters[token.start..token.end], token.id == unknown),
                place(token.piece, pieces.len()),
                attribute,
                u16::from(held),
            ]
        })
        .collect()
}

/// The runs of characters between blanks.
fn words(characters: &[char]) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    for place in (0..characters.len()).filter(|place| !is_blank(characters[*place])) {
        match words.last_mut() {
            Some(word) if word.end == place => word.end += 1,
            _ => words.push(place..place + 1),
        }
    }
    words
}

/// The first shape of digits; those of letters are below.
const FIRST_DIGITS: u16 = 13;

/// What stands before a token that does not begin its piece.
const WITHIN_PIECE: u16 = 1;

/// How letters are written: 0 lower, 1 capitalised, 2 all capitals, 3 one capital, 4 mixed, 5 without case.
fn letter_case(letters: &[char]) -> u16 {
    let upper = letters.iter().filter(|letter| letter.is_uppercase()).count();
    let lower = letters.iter().filter(|letter| letter.is_lowercase()).count();
    match (upper, lower) {
        (0, 0) => 5,
        (0, _) => 0,
        (1, 0) => 3,
        (_, 0) => 2,
        (1, _) if letters[0].is_uppercase() => 1,
        _ => 4,
    }
}

fn shape(piece: &[char], kind: PieceKind) -> u16 {
    match kind {
        PieceKind::Letters => 1 + letter_case(piece) + if piece.len() <= 2 { 6 } else { 0 },
        PieceKind::Digits => FIRST_DIGITS + (piece.len().min(12) as u16 - 1),
        PieceKind::Sign => 25,
    }
}

fn word_shape(word: &[char]) -> u16 {
    let letters: Vec<char> = word.iter().copied().filter(|character| character.is_alphabetic()).collect();
    let digits = word.iter().filter(|character| character.is_numeric()).count();
    let inner = word
        .iter()
        .enumerate()
        .any(|(place, character)| place > 0 && place + 1 < word.len() && !character.is_alphanumeric());
    if word.contains(&'@') {
        return 1;
    }
    if word.contains(&'^') {
        return 2;
    }
    if word.iter().any(|character| matches!(character, '/' | '\\')) && !letters.is_empty() {
        return 3;
    }
    if word.contains(&'=') {
        return 4;
    }
    if word.contains(&'_') {
        return 5;
    }
    match (letters.is_empty(), digits) {
        (true, 0) => 6,
        (true, 1..=3) => 7 + u16::from(inner),
        (true, 4..=5) => 9 + u16::from(inner),
        (true, 6..=8) => 11 + u16::from(inner),
        (true, _) => 13 + u16::from(inner),
        (false, 0) => 15 + letter_case(&letters) + if inner { 6 } else { 0 },
        (false, 1..=3) => 27 + u16::from(inner),
        (false, _) => 29 + u16::from(inner),
    }
}

/// What stands before a token: the inside of its piece, a blank, or one of the signs that join values.
fn left(characters: &[char], piece: &Piece, token: &Token) -> u16 {
    if token.start > piece.start {
        return WITHIN_PIECE;
    }
    let Some(before) = piece.start.checked_sub(1).map(|place| characters[place]) else { return 2 };
    const SIGNS: [char; 15] = ['^', '_', '-', '.', '/', ':', '=', ',', ';', '(', '"', '#', '\'', '\\', '@'];
    match before {
        '\n' | '\r' => 3,
        before if is_blank(before) => 4,
        before if before.is_alphabetic() => 5,
        before if before.is_numeric() => 6,
        before => SIGNS.iter().position(|sign| *sign == before).map_or(22, |place| 7 + place as u16),
    }
}

/// How the text as a whole is written and how long it is: all capitals says nothing where all is capitals.
fn style(characters: &[char], pieces: &[Piece]) -> u16 {
    let upper = characters.iter().any(|character| character.is_uppercase());
    let lower = characters.iter().any(|character| character.is_lowercase());
    let case = u16::from(upper) + 2 * u16::from(lower);
    let length = match pieces.len() {
        0..=2 => 0,
        3..=8 => 1,
        9..=30 => 2,
        _ => 3,
    };
    4 * length + case
}

/// The script of a token that is not written in Latin letters, and for what the vocabulary does not know a bucket
/// of its characters, which stands in for the missing word.
fn script(characters: &[char], is_unknown: bool) -> u16 {
    const SCRIPTS: u16 = 16;
    if is_unknown {
        let mut hash = 0x811C_9DC5_u32;
        for character in characters {
            hash = (hash ^ u32::from(*character)).wrapping_mul(0x0100_0193);
        }
        let buckets = u32::from(FEATURES[4].1 as u16 - SCRIPTS);
        return SCRIPTS + ((hash ^ (hash >> 15)) % buckets) as u16;
    }
    match characters.first() {
        Some('\u{0370}'..='\u{03FF}' | '\u{1F00}'..='\u{1FFF}') => 1,
        Some('\u{0400}'..='\u{052F}') => 2,
        Some('\u{0590}'..='\u{05FF}') => 3,
        Some('\u{0600}'..='\u{077F}') => 4,
        Some('\u{0E00}'..='\u{0E7F}') => 5,
        Some('\u{3040}'..='\u{309F}') => 6,
        Some('\u{30A0}'..='\u{30FF}') => 7,
        Some('\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}') => 8,
        Some('\u{AC00}'..='\u{D7AF}' | '\u{1100}'..='\u{11FF}') => 9,
        Some('\u{00C0}'..='\u{024F}') => 10,
        Some(character) if !character.is_ascii() => 11,
        _ => 0,
    }
}

/// Whether a piece stands at the start, at the end or inside.
fn place(piece: usize, pieces: usize) -> u16 {
    let start = match piece {
        0 => 0,
        1..=2 => 1,
        3..=8 => 2,
        _ => 3,
    };
    let end = match pieces - piece {
        1 => 0,
        2..=3 => 1,
        4..=9 => 2,
        _ => 3,
    };
    4 * start + end
}

/// The kind of attribute, by the words of its keyword: unheard-of attributes fall into the kinds that were trained.
fn attribute(context: TextContext<'_>) -> u16 {
    const KINDS: [&[&str]; 10] = [
        &["SeriesDescription", "Protocol", "Sequence", "Scan"],
        &["Description", "Procedure", "Study"],
        &["Reason", "Indication", "Diagnos", "Order"],
        &["History", "Occupation", "Patient"],
        &["Alert", "Allerg", "SpecialNeeds"],
        &["Comment"],
        &["TextValue", "Text", "Impression", "Interpretation", "Results"],
        &["Station", "Device", "Software", "Manufacturer"],
        &["Label", "Name", "Title"],
        &["Image", "Acquisition", "Derivation"],
    ];
    const ORDER: [usize; 10] = [5, 0, 4, 3, 2, 6, 7, 1, 8, 9];
    if context.keyword.is_empty() {
        return if context.vr.is_empty() { 0 } else { 1 };
    }
    let kind = ORDER.into_iter().find(|kind| KINDS[*kind].iter().any(|word| context.keyword.contains(word)));
    kind.map_or(2, |kind| 3 + kind as u16)
}

#[cfg(test)]
mod tests {
    use super::super::pieces::pieces;
    use super::*;
    use proptest::prelude::*;

    fn described(text: &str, context: TextContext<'_>, known: &[Range<usize>]) -> Vec<Row> {
        let characters: Vec<char> = text.chars().collect();
        let pieces = pieces(&characters);
        let tokens: Vec<Token> = pieces
            .iter()
            .enumerate()
            .map(|(place, piece)| Token { id: 5, start: piece.start, end: piece.end, piece: place, goes_on: false })
            .collect();
        rows(&characters, &pieces, &tokens, context, known, 1)
    }

    #[test]
    fn capitals_and_neighbours_are_seen() {
        let rows = described("Ruiz ruiz RUIZ R ^ruiz", TextContext::default(), &[]);
        let shapes: Vec<u16> = rows.iter().map(|row| row[0]).collect();
        assert_eq!(shapes, [2, 1, 3, 10, 25, 1]);
        assert_eq!(rows[0][2], 2, "the start");
        assert_eq!(rows[1][2], 4, "after a blank");
        assert_eq!(rows[5][2], 7, "after a caret");
    }

    #[test]
    fn known_characters_are_marked() {
        let rows = described("seen by Ana Ruiz", TextContext::default(), std::slice::from_ref(&(8..16)));
        assert_eq!(rows.iter().map(|row| row[7]).collect::<Vec<_>>(), [0, 0, 1, 1]);
    }

    #[test]
    fn attributes_have_kinds() {
        let kind = |keyword| attribute(TextContext { keyword, vr: "LO" });
        assert_eq!(kind("StudyComments"), kind("ImageComments"));
        assert_ne!(kind("StudyComments"), kind("StudyDescription"));
        assert_ne!(kind("SeriesDescription"), kind("StudyDescription"));
        assert_eq!(attribute(TextContext::default()), 0);
    }

    #[test]
    fn unknown_characters_have_buckets_of_their_own() {
        assert_ne!(script(&['病'], true), script(&['院'], true));
        assert_eq!(script(&['病'], false), 8);
        assert_eq!(script(&['a'], false), 0);
    }

    proptest! {
        #[test]
        fn numbers_stay_inside_their_vocabularies(text in "\\PC{0,60}", keyword in "[A-Za-z]{0,12}") {
            for row in described(&text, TextContext { keyword: &keyword, vr: "LT" }, std::slice::from_ref(&(0..3))) {
                for (number, (name, size)) in row.into_iter().zip(FEATURES) {
                    prop_assert!(usize::from(number) < size, "{} {}", name, number);
                }
            }
        }
    }
}
