//! Text that mixes identifying and clinical words.

use super::Secret;
use efface_schema::{LabelledSpan, NegativeKind, NegativeSpan, PhiLabel, TextContext, TextRecord, Versioned};

#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// Words that carry nothing: nobody checks whether they survive.
    Filler(String),
    /// Clinical words, which must survive.
    Clinical(String),
    /// Clinical words that look as if they identified someone.
    Negative(NegativeKind, String),
    /// Words that must go.
    Secret(Secret),
}

/// What a piece of a phrase is, for whoever rewrites it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// Filler or clinical words.
    Words,
    /// A hard negative, whose spelling is what makes it hard.
    Negative,
    /// Words that must go.
    Secret(PhiLabel),
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

    pub(crate) fn negative(mut self, kind: NegativeKind, text: impl Into<String>) -> Self {
        self.pieces.push(Piece::Negative(kind, text.into()));
        self
    }

    pub(crate) fn secret(mut self, secret: &Secret) -> Self {
        self.pieces.push(Piece::Secret(secret.clone()));
        self
    }

    /// This phrase and another right behind it.
    pub(crate) fn followed_by(mut self, other: Self) -> Self {
        self.pieces.extend(other.pieces);
        self
    }

    /// This phrase followed by a blank and another.
    pub(crate) fn then(mut self, other: Self) -> Self {
        if !self.pieces.is_empty() {
            self.pieces.push(Piece::Filler(" ".to_owned()));
        }
        self.followed_by(other)
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
            let length = length(piece.text());
            if let Piece::Secret(secret) = piece {
                spans.push(Span { secret, start: at, end: at + length });
            }
            at += length;
        }
        spans
    }

    /// The runs of clinical words between filler and secrets.
    pub(super) fn clinical_texts(&self) -> Vec<String> {
        let mut runs = vec![String::new()];
        for piece in &self.pieces {
            match piece {
                Piece::Clinical(text) | Piece::Negative(_, text) => {
                    runs.last_mut().expect("never empty").push_str(text)
                }
                Piece::Filler(_) | Piece::Secret(_) => runs.push(String::new()),
            }
        }
        runs.retain(|run| run.contains(char::is_alphanumeric));
        runs
    }

    /// The phrase with its pieces written in another way. `write` is shown a secret's text and returns the
    /// new one; what is planted and claimed is the new one.
    pub(crate) fn rewrite(self, mut write: impl FnMut(PieceKind, &str) -> String) -> Self {
        let pieces = self.pieces.into_iter().map(|piece| match piece {
            Piece::Filler(text) => Piece::Filler(write(PieceKind::Words, &text)),
            Piece::Clinical(text) => Piece::Clinical(write(PieceKind::Words, &text)),
            Piece::Negative(kind, text) => Piece::Negative(kind, write(PieceKind::Negative, &text)),
            Piece::Secret(secret) => {
                let kind = PieceKind::Secret(secret.label());
                Piece::Secret(secret.derive(|text| write(kind, text)))
            }
        });
        Self { pieces: pieces.collect() }
    }

    /// Whether every secret is long enough that no other value of the instance holds it by chance.
    pub(crate) fn is_claimable(&self) -> bool {
        self.spans().iter().all(|span| {
            let text = span.secret.text();
            let n_characters = text.chars().count();
            let n_letters = text.chars().filter(|character| character.is_alphabetic()).count();
            n_characters >= 6 || (n_letters >= 4 || (!text.is_ascii() && n_characters >= 2))
        })
    }

    /// The text with its spans, for entity recognition.
    pub(crate) fn record(&self, index: u64, context: TextContext) -> TextRecord {
        let spans = self.spans().into_iter().filter(|span| span.start < span.end).map(|span| LabelledSpan {
            start: span.start,
            end: span.end,
            label: span.secret.label(),
            element: span.secret.element(),
            is_known: span.secret.is_known(),
        });
        let mut at = 0u32;
        let mut negatives = Vec::new();
        for piece in &self.pieces {
            let start = at;
            at += length(piece.text());
            if let Piece::Negative(kind, _) = piece {
                negatives.push(NegativeSpan { start, end: at, kind: *kind });
            }
        }
        TextRecord {
            format_version: TextRecord::FORMAT_VERSION,
            index,
            text: self.text(),
            spans: spans.collect(),
            negatives,
            context,
        }
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
            Self::Filler(text) | Self::Clinical(text) | Self::Negative(_, text) => text,
            Self::Secret(secret) => secret.text(),
        }
    }
}

fn length(text: &str) -> u32 {
    u32::try_from(text.chars().count()).expect("a phrase is far shorter than 4 billion characters")
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
    fn a_rewritten_phrase_keeps_its_spans_exact() {
        let secret = Secret::new(PhiLabel::Name, "Roß");
        let phrase = Phrase::default().filler("für ").secret(&secret).negative(NegativeKind::Eponym, " Baker cyst");
        let record = phrase.rewrite(|_, text| text.to_uppercase()).record(0, context());
        assert_eq!(record.text, "FÜR ROSS BAKER CYST");
        assert_eq!((record.spans[0].start, record.spans[0].end), (4, 8));
        assert_eq!((record.negatives[0].start, record.negatives[0].end), (8, 19));
    }

    fn context() -> TextContext {
        let nothing = String::new;
        TextContext {
            attribute: None,
            keyword: nothing(),
            vr: None,
            modality: nothing(),
            locale: nothing(),
            patient: 0,
        }
    }

    #[test]
    fn runs_of_clinical_words_are_one_claim() {
        let secret = Secret::new(PhiLabel::Name, "Roe");
        let phrase = Phrase::default()
            .clinical("CT ")
            .negative(NegativeKind::Anatomy, "chest")
            .filler(" of ")
            .secret(&secret)
            .clinical(".");
        assert_eq!(phrase.clinical_texts(), ["CT chest"]);
    }

    #[test]
    fn a_word_that_hides_in_a_kept_word_is_unfair() {
        let secret = Secret::new(PhiLabel::Location, "12 Oak St");
        assert!(!Phrase::default().clinical("CT CHEST").filler(" ").secret(&secret).is_fair());
        assert!(Phrase::default().clinical("MR BRAIN").filler(" at ").secret(&secret).is_fair());
    }
}
