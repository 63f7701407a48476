//! A text as numbers, words and signs.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Digits, of ASCII or full width.
    Number,
    /// Han numerals.
    Numeral,
    /// Letters; every ideograph, kana and Hangul syllable is a word by itself.
    Word,
    /// Any other character.
    Sign,
}

/// A part of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// First byte in the text.
    pub(super) start: usize,
}

impl Token<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// How many digits a number has.
    pub(super) fn width(&self) -> usize {
        if self.text.is_ascii() { self.text.len() } else { self.text.chars().count() }
    }

    /// The number of at most four digits, or of Han numerals up to 9999.
    pub(super) fn value(&self) -> Option<i16> {
        match self.kind {
            Kind::Number if self.width() <= 4 => {
                self.text.chars().try_fold(0_i16, |number, digit| Some(number * 10 + digit_value(digit)?))
            }
            Kind::Numeral => numeral_value(self.text),
            _ => None,
        }
    }
}

/// A digit of ASCII or full width.
fn digit_value(digit: char) -> Option<i16> {
    let ascii = match digit {
        '０'..='９' => char::from_u32(u32::from(digit) - 0xff10 + 0x30)?,
        other => other,
    };
    i16::try_from(ascii.to_digit(10)?).ok()
}

pub(super) const NUMERALS: &str = "〇一二三四五六七八九";

fn numeral_digit(numeral: char) -> Option<i16> {
    let numeral = if matches!(numeral, '零' | '○') { '〇' } else { numeral };
    NUMERALS.chars().position(|known| known == numeral).and_then(|value| i16::try_from(value).ok())
}

/// `二〇一四` digit by digit, or `二十一` with the sign for ten.
fn numeral_value(text: &str) -> Option<i16> {
    if text.chars().count() > 4 {
        return None;
    }
    if let Some((tens, ones)) = text.split_once('十') {
        let tens = if tens.is_empty() { 1 } else { numeral_value(tens)? };
        let ones = if ones.is_empty() { 0 } else { numeral_value(ones)? };
        return (tens < 10 && ones < 10).then_some(tens * 10 + ones);
    }
    text.chars().try_fold(0_i16, |number, numeral| Some(number * 10 + numeral_digit(numeral)?))
}

fn kind(character: char) -> Kind {
    match character {
        '0'..='9' | '０'..='９' => Kind::Number,
        '〇' | '零' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' => Kind::Numeral,
        other if other.is_ascii_alphabetic() || (!other.is_ascii() && other.is_alphabetic()) => Kind::Word,
        other if unicode_normalization::char::is_combining_mark(other) => Kind::Word,
        _ => Kind::Sign,
    }
}

/// Whether a character is a word by itself.
pub(super) const fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// Cuts a text into tokens.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut previous: Option<(Kind, bool)> = None;
    for (start, character) in text.char_indices() {
        let kind = kind(character);
        let alone = kind == Kind::Sign || (kind == Kind::Word && is_ideograph(character));
        let end = start + character.len_utf8();
        match (tokens.last_mut(), previous) {
            (Some(last), Some((before, false))) if before == kind && !alone => last.text = &text[last.start..end],
            _ => tokens.push(Token { kind, text: &text[start..end], start }),
        }
        previous = Some((kind, alone));
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_kinds() {
        let cut = |text| tokens(text).iter().map(|token| token.text).collect::<Vec<_>>();
        assert_eq!(cut("CT_20140321a"), ["CT", "_", "20140321", "a"]);
        assert_eq!(cut("平成26年３月"), ["平", "成", "26", "年", "３", "月"]);
    }

    #[test]
    fn numerals_have_values() {
        for (text, value) in [("二〇一四", 2014), ("十", 10), ("二十一", 21), ("三", 3), ("1４", 14)] {
            assert_eq!(tokens(text)[0].value(), Some(value), "{text}");
        }
    }
}
