//! Where a text is cut before its vocabulary is asked: at blanks, between letters, digits and signs, and where
//! lower case turns into capitals. A number that is glued to a word, or two names to each other, thus stay apart,
//! and a span can begin wherever a piece begins.

/// What a piece consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    /// Letters with their marks.
    Letters,
    /// Digits.
    Digits,
    /// One other character that is no blank.
    Sign,
}

/// A run of characters, in characters from the start of the text, the end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The first character.
    pub start: usize,
    /// The character after the last one.
    pub end: usize,
    /// What it consists of.
    pub kind: PieceKind,
}

/// The longest piece, in characters. Longer runs are cut, since a vocabulary knows no such words.
pub const LONGEST_PIECE: usize = 48;

fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}'
        | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6ED}' | '\u{E31}' | '\u{E34}'..='\u{E3A}'
        | '\u{E47}'..='\u{E4E}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Whether a character separates pieces and belongs to none: blanks and what cannot be seen.
pub fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFD}')
}

fn kind(character: char) -> PieceKind {
    if character.is_numeric() {
        PieceKind::Digits
    } else if character.is_alphabetic() || is_mark(character) {
        PieceKind::Letters
    } else {
        PieceKind::Sign
    }
}

/// Whether a new piece of letters begins at `place`: at the hump of camelCase, and at the last capital of DRSmith.
fn is_hump(characters: &[char], place: usize) -> bool {
    let here = characters[place];
    let before = characters[place - 1];
    let after = characters.get(place + 1).copied();
    here.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && after.is_some_and(char::is_lowercase)))
}

/// The pieces of a text, in order, without blanks.
///
/// # Examples
/// ```
/// use efface_nets::text::pieces::pieces;
/// let text: Vec<char> = "bornJan1956^DRSmith".chars().collect();
/// let cut: Vec<String> = pieces(&text).iter().map(|piece| text[piece.start..piece.end].iter().collect()).collect();
/// assert_eq!(cut, ["born", "Jan", "1956", "^", "DR", "Smith"]);
/// ```
pub fn pieces(characters: &[char]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (place, character) in characters.iter().enumerate() {
        if is_blank(*character) {
            continue;
        }
        let kind = kind(*character);
        let goes_on = |piece: &&mut Piece| {
            piece.end == place
                && piece.kind == kind
                && kind != PieceKind::Sign
                && piece.end - piece.start < LONGEST_PIECE
                && !is_hump(characters, place)
        };
        match pieces.last_mut().filter(goes_on) {
            Some(piece) => piece.end += 1,
            None => pieces.push(Piece { start: place, end: place + 1, kind }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(text: &str) -> Vec<String> {
        let characters: Vec<char> = text.chars().collect();
        pieces(&characters).iter().map(|piece| characters[piece.start..piece.end].iter().collect()).collect()
    }

    #[test]
    fn glued_words_come_apart() {
        assert_eq!(cut("plateZV76 DBL"), ["plate", "ZV", "76", "DBL"]);
        assert_eq!(cut("O'Brien_J-12.5mm"), ["O", "'", "Brien", "_", "J", "-", "12", ".", "5", "mm"]);
        assert_eq!(cut("MÜLLER mcDonald"), ["MÜLLER", "mc", "Donald"]);
        assert_eq!(cut("Zoe\u{301} a\u{200B}b\u{0}c"), ["Zoe\u{301}", "a", "b", "c"]);
        assert_eq!(cut(" \n\t"), Vec::<String>::new());
        assert_eq!(cut(&"x".repeat(100)).iter().map(String::len).collect::<Vec<_>>(), [48, 48, 4]);
    }

    proptest! {
        #[test]
        fn pieces_hold_every_character_that_can_be_seen(text in "\\PC{0,60}") {
            let characters: Vec<char> = text.chars().collect();
            let mut covered = vec![0; characters.len()];
            for piece in pieces(&characters) {
                prop_assert!(piece.start < piece.end);
                covered[piece.start..piece.end].iter_mut().for_each(|count| *count += 1);
            }
            for (character, count) in characters.iter().zip(covered) {
                prop_assert_eq!(count, usize::from(!is_blank(*character)));
            }
        }
    }
}
