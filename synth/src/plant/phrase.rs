//! Text that mixes identifying and clinical words.

use super::Secret;

#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// Words that carry nothing: nobody checks whether they survive.
    Filler(String),
    /// Clinical words, which must survive.
    Clinical(String),
    /// Words that must go.
    Secret(Secret),
}

/// Free text whose identifying parts are known by their offsets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phrase {
    pieces: Vec<Piece>,
}

/// Where a secret stands in the rendered text, in characters.
#[derive(Debug, Clone)]
pub(super) struct Span<'p> {
    pub(super) secret: &'p Secret,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Phrase {
    pub(crate) fn filler(mut self, text: impl Into<String>) -> Self {
        self.pieces.push(Piece::Filler(text.into()));
        self
    }

    pub(crate) fn clinical(mut self, text: impl Into<String>) -> Self {
        self.pieces.push(Piece::Clinical(text.into()));
        self
    }

    pub(crate) fn secret(mut self, secret: &Secret) -> Self {
        self.pieces.push(Piece::Secret(secret.clone()));
        self
    }

    /// This phrase followed by another, without a blank.
    pub(crate) fn append(mut self, other: Self) -> Self {
        self.pieces.extend(other.pieces);
        self
    }

    /// This phrase followed by a blank and another.
    pub(crate) fn then(mut self, other: Self) -> Self {
        if !self.pieces.is_empty() {
            self.pieces.push(Piece::Filler(" ".to_owned()));
        }
        self.pieces.extend(other.pieces);
        self
    }

    /// Whether a part of it identifies.
    pub(crate) fn has_secrets(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Secret(_)))
    }

    /// Number of characters of the text.
    pub(crate) fn n_characters(&self) -> usize {
        self.text().chars().count()
    }

    pub(super) fn text(&self) -> String {
        self.pieces.iter().map(Piece::text).collect()
    }

    pub(super) fn spans(&self) -> Vec<Span<'_>> {
        let mut spans = Vec::new();
        let mut at = 0u32;
        for piece in &self.pieces {
            let length = u32::try_from(piece.text().chars().count()).expect("a phrase is far shorter than 4 billion");
            if let Piece::Secret(secret) = piece {
                spans.push(Span { secret, start: at, end: at + length });
            }
            at += length;
        }
        spans
    }

    pub(super) fn clinical_texts(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Clinical(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Whether a perfect de-identifier gets a perfect score on this phrase.
    ///
    /// The MIDI-B scorer asks for every word of a removed text as a substring of what is left, so `St` of
    /// an address would be found in `chest`. Phrases where that happens are not planted.
    pub(crate) fn is_fair(&self) -> bool {
        let kept: Vec<String> = self
            .pieces
            .iter()
            .filter(|piece| !matches!(piece, Piece::Secret(_)))
            .map(|piece| piece.text().to_lowercase())
            .collect();
        self.spans()
            .iter()
            .all(|span| words(span.secret.text()).all(|word| kept.iter().all(|text| !text.contains(&word))))
    }
}

impl Piece {
    fn text(&self) -> &str {
        match self {
            Self::Filler(text) | Self::Clinical(text) => text,
            Self::Secret(secret) => secret.text(),
        }
    }
}

/// Function words that the scorer does not look for.
const STOP_WORDS: &[&str] =
    &["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to", "s", "t", "m", "d", "i"];

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| character.is_whitespace() || ",;:?!()[]{}@#$%&*\"".contains(character))
        .map(|word| word.trim_end_matches('.').to_lowercase())
        .filter(|word| !word.is_empty() && !STOP_WORDS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::PhiLabel;

    #[test]
    fn spans_count_characters_not_bytes() {
        let secret = Secret::new(PhiLabel::Name, "Zoë Núñez");
        let phrase = Phrase::default().clinical("Größe").filler(" ").secret(&secret).clinical(" CT");
        let spans = phrase.spans();
        assert_eq!((spans[0].start, spans[0].end), (6, 15));
        let text: String = phrase.text().chars().skip(6).take(9).collect();
        assert_eq!(text, "Zoë Núñez");
    }

    #[test]
    fn a_word_that_hides_in_a_kept_word_is_unfair() {
        let secret = Secret::new(PhiLabel::Location, "12 Oak St");
        assert!(!Phrase::default().clinical("CT CHEST").filler(" ").secret(&secret).is_fair());
        assert!(Phrase::default().clinical("MR BRAIN").filler(" at ").secret(&secret).is_fair());
    }
}
