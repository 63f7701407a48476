//! One answer for a word: the vocabulary cuts what it does not know into many tokens, and what one of them is taken for
//! by itself must not cut a name in half.

use crate::tags::{self, OUTSIDE};
use crate::text::Token;
use efface_schema::PhiLabel;

/// A word of a text, or a token of a script whose tokens are asked one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// The first character, counted from the start of the text.
    pub start: usize,
    /// The character after the last one.
    pub end: usize,
}

/// The words of tokens, and the scores of each, of those of its tokens.
pub(super) fn of_tokens(tokens: &[Token], scores: &[Vec<f32>]) -> (Vec<Word>, Vec<Vec<f32>>) {
    let (mut words, mut of_words) = (Vec::new(), Vec::new());
    let mut first = 0;
    while first < tokens.len() {
        let n_tokens = 1 + tokens[first + 1..].iter().take_while(|token| token.goes_on).count();
        let last = first + n_tokens - 1;
        words.push(Word { start: tokens[first].start, end: tokens[last].end });
        of_words.push(mean(&scores[first..=last]));
        first += n_tokens;
    }
    (words, of_words)
}

/// The mean scores of a word's tokens: that of none, and those of labels, each the sum of what speaks for its two tags.
/// Whether the word begins a span or goes on with one, its first token says.
fn mean(tokens: &[Vec<f32>]) -> Vec<f32> {
    let mut word = tokens[0].clone();
    if tokens.len() == 1 {
        return word;
    }
    let n_tokens = tokens.len() as f32;
    let mean = |of: &dyn Fn(&[f32]) -> f32| tokens.iter().map(|row| of(row)).sum::<f32>() / n_tokens;
    word[OUTSIDE] = mean(&|row| row[OUTSIDE]);
    for label in PhiLabel::ALL.iter().copied() {
        let change = mean(&|row| either(row, label)) - either(&tokens[0], label);
        word[tags::begin(label)] += change;
        word[tags::inside(label)] += change;
    }
    word
}

/// What speaks for a label: the logarithm of the sum of what speaks for its tags.
fn either(row: &[f32], label: PhiLabel) -> f32 {
    let (begin, inside) = (row[tags::begin(label)], row[tags::inside(label)]);
    let highest = begin.max(inside);
    highest + ((begin - highest).exp() + (inside - highest).exp()).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(goes_on: &[bool]) -> Vec<Token> {
        let token = |(place, goes_on): (usize, &bool)| Token {
            id: 7,
            start: 2 * place,
            end: 2 * place + 2,
            piece: place,
            goes_on: *goes_on,
        };
        goes_on.iter().enumerate().map(token).collect()
    }

    fn favouring(tag: usize, score: f32) -> Vec<f32> {
        let mut row = vec![0.0; tags::TAGS];
        row[tag] = score;
        row
    }

    #[test]
    fn a_word_is_what_most_of_its_tokens_say() {
        let begin = tags::begin(PhiLabel::Name);
        let scores = [favouring(OUTSIDE, 2.0), favouring(begin, 9.0), favouring(OUTSIDE, 5.0)];
        let (words, of_words) = of_tokens(&tokens(&[false, true, false]), &scores);
        assert_eq!(words, [Word { start: 0, end: 4 }, Word { start: 4, end: 6 }]);
        assert!((of_words[0][OUTSIDE] - 1.0).abs() < 1e-6);
        let expected = (either(&scores[0], PhiLabel::Name) + either(&scores[1], PhiLabel::Name)) / 2.0;
        assert!((either(&of_words[0], PhiLabel::Name) - expected).abs() < 1e-5);
        assert_eq!(of_words[1], scores[2], "a word of one token is what the token says");
    }

    #[test]
    fn the_first_token_says_whether_a_span_begins() {
        let (begin, inside) = (tags::begin(PhiLabel::Date), tags::inside(PhiLabel::Date));
        for (first, other) in [(begin, inside), (inside, begin)] {
            let (_, of_words) = of_tokens(&tokens(&[false, true]), &[favouring(first, 9.0), favouring(other, 9.0)]);
            assert!(of_words[0][first] > of_words[0][other] + 8.0);
        }
    }
}
