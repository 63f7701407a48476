//! Tokens that know which characters they stand for.

use super::pieces::Piece;
use crate::NetsError;
use std::collections::BTreeMap;
use std::path::Path;

/// A token of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The number in the vocabulary.
    pub id: u32,
    /// The first character, counted from the start of the text.
    pub start: usize,
    /// The character after the last one.
    pub end: usize,
    /// The piece that the token is part of, counted from 0.
    pub piece: usize,
    /// Whether it goes on with the word that the token before it is part of. In scripts without blanks between words, or
    /// with prefixes and endings that are words of their own, no token does.
    pub goes_on: bool,
}

/// The vocabulary of a base model, read from its `tokenizer.json`.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    start: u32,
    end: u32,
    padding: u32,
    unknown: u32,
    mask: Option<u32>,
}

/// The name that the families of base models give to the token of a hidden word.
const MASK: [&str; 2] = ["[MASK]", "<mask>"];

/// What the families of base models write before a token that goes on with a word, and before one that begins one.
const JOINTS: [&str; 2] = ["##", "\u{0120}"];

/// The names that the families of base models give to the special tokens.
const SPECIAL: [[&str; 2]; 4] = [["[CLS]", "<s>"], ["[SEP]", "</s>"], ["[PAD]", "<pad>"], ["[UNK]", "<unk>"]];

impl Tokenizer {
    /// Reads a vocabulary.
    ///
    /// # Errors
    /// [`NetsError::Read`] and [`NetsError::Invalid`], also if one of the special tokens has no number.
    pub fn read(path: &Path) -> Result<Self, NetsError> {
        let bytes = std::fs::read(path).map_err(NetsError::reading(path))?;
        Self::parse(&bytes, path)
    }

    /// Parses the bytes of `tokenizer.json`; `path` is named in errors.
    ///
    /// # Errors
    /// See [`Tokenizer::read`].
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Self, NetsError> {
        let invalid = |reason: String| NetsError::invalid(path, "vocabulary", reason);
        let mut inner = tokenizers::Tokenizer::from_bytes(bytes).map_err(|error| invalid(error.to_string()))?;
        // Lengths are this crate's business: a released file may cut or pad.
        inner.with_padding(None);
        inner.with_truncation(None).map_err(|error| invalid(error.to_string()))?;
        let id = |names: [&str; 2]| {
            names
                .iter()
                .find_map(|name| inner.token_to_id(name))
                .ok_or_else(|| invalid(format!("it has neither {} nor {}", names[0], names[1])))
        };
        let [start, end, padding, unknown] = SPECIAL.map(id);
        let mask = MASK.iter().find_map(|name| inner.token_to_id(name));
        Ok(Self { start: start?, end: end?, padding: padding?, unknown: unknown?, mask, inner })
    }

    /// The token before every text.
    pub fn start(&self) -> u32 {
        self.start
    }

    /// The token after every text.
    pub fn end(&self) -> u32 {
        self.end
    }

    /// The token that fills up short texts of a batch.
    pub fn padding(&self) -> u32 {
        self.padding
    }

    /// The token of what the vocabulary does not know.
    pub fn unknown(&self) -> u32 {
        self.unknown
    }

    /// The token of a hidden word; that of an unknown one where the vocabulary has none.
    pub fn mask(&self) -> u32 {
        self.mask.unwrap_or(self.unknown)
    }

    /// The tokens that are two letters or more, in order: those without a mark of where they stand in a word, and
    /// those with one (`##` of BERT, `Ġ` of RoBERTa).
    pub fn letters(&self) -> [Vec<u32>; 2] {
        let mut letters = [Vec::new(), Vec::new()];
        let tokens: BTreeMap<u32, String> =
            self.inner.get_vocab(false).into_iter().map(|(token, id)| (id, token)).collect();
        for (id, token) in tokens {
            let bare = JOINTS.iter().find_map(|joint| token.strip_prefix(joint));
            let word = bare.unwrap_or(&token);
            if word.chars().count() >= 2 && word.chars().all(char::is_alphabetic) {
                letters[usize::from(bare.is_some())].push(id);
            }
        }
        letters
    }

    /// The tokens of the pieces of a text, without special ones.
    ///
    /// A piece that the vocabulary makes nothing of becomes one unknown token: nothing that can be seen is dropped.
    pub fn tokens(&self, characters: &[char], pieces: &[Piece]) -> Vec<Token> {
        let words: Vec<String> =
            pieces.iter().map(|piece| characters[piece.start..piece.end].iter().collect()).collect();
        let mut tokens = self.encoded(&words, pieces).unwrap_or_default();
        let mut next = 0;
        let mut missing = Vec::new();
        for token in &tokens {
            missing.extend(next..token.piece);
            next = next.max(token.piece + 1);
        }
        missing.extend(next..pieces.len());
        tokens.extend(missing.into_iter().map(|piece| Token {
            id: self.unknown,
            start: pieces[piece].start,
            end: pieces[piece].end,
            piece,
            goes_on: false,
        }));
        tokens.sort_by_key(|token| (token.piece, token.start));
        for place in 1..tokens.len() {
            let is_one_word = |token: &Token| characters[token.start..token.end].iter().all(|letter| joins(*letter));
            tokens[place].goes_on = tokens[place - 1].piece == tokens[place].piece
                && is_one_word(&tokens[place - 1])
                && is_one_word(&tokens[place]);
        }
        tokens
    }

    /// What the vocabulary makes of the words; none if it refuses them.
    fn encoded(&self, words: &[String], pieces: &[Piece]) -> Option<Vec<Token>> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let encoding = self.inner.encode_char_offsets(words, false).ok()?;
        let tokens = encoding.get_ids().iter().zip(encoding.get_offsets()).zip(encoding.get_word_ids());
        Some(
            tokens
                .filter_map(|((id, (start, end)), word)| {
                    let piece = (*word)? as usize;
                    let within = pieces.get(piece)?;
                    let start = (within.start + start).min(within.end);
                    let end = (within.start + end).clamp(start, within.end);
                    Some(Token { id: *id, start, end, piece, goes_on: false })
                })
                .collect(),
        )
    }
}

/// Whether a character is a digit, or a letter of a script whose words stand apart: Latin, Greek, Cyrillic.
fn joins(character: char) -> bool {
    character.is_ascii_digit() || matches!(u32::from(character), 0x41..0x530 | 0x1e00..0x2000)
}
