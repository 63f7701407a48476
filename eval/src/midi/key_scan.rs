//! `AnswerData` as keys write it, read at one go.
//!
//! A key is gigabytes of the same few kinds of members, and a general parser looks at each byte of them more than
//! once. This reader knows objects, texts, `true`, `false`, `null` and codes that it has seen before. Where anything
//! else stands (a number, a list, a member that comes twice, an escape in a name, a mistake) it gives up, and
//! the general parser reads the row: it reads a row as that one would, or not at all.

use super::key_json::{KnownCodes, Listed, RawCheck, RowChecks, Text};
use std::borrow::Cow;

/// A check takes about so many bytes or more.
const BYTES_OF_A_CHECK: usize = 320;

/// Reads a row.
pub(super) fn row<'k>(text: &'k str, known: &mut KnownCodes) -> Option<RowChecks<'k>> {
    let mut scanner = Scanner { text, at: 0, known };
    let mut listed = Listed::with_capacity(text.len() / BYTES_OF_A_CHECK);
    scanner.members(|scanner, name| {
        listed.add(Cow::Borrowed(name), scanner.check()?);
        Some(())
    })?;
    scanner.space();
    (scanner.at == text.len()).then(|| listed.finish())
}

struct Scanner<'k, 'm> {
    text: &'k str,
    at: usize,
    known: &'m mut KnownCodes,
}

impl<'k> Scanner<'k, '_> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// Takes one byte, after white space.
    fn take(&mut self, wanted: u8) -> Option<()> {
        self.space();
        (self.byte()? == wanted).then(|| self.at += 1)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.text.as_bytes()[self.at..].starts_with(word.as_bytes()).then(|| self.at += word.len())
    }

    /// An object; `member` takes the value that stands behind each name.
    fn members(&mut self, mut member: impl FnMut(&mut Self, &'k str) -> Option<()>) -> Option<()> {
        self.take(b'{')?;
        if self.take(b'}').is_some() {
            return Some(());
        }
        loop {
            self.take(b'"')?;
            let name = self.plain()?;
            self.take(b':')?;
            self.space();
            member(self, name)?;
            if self.take(b',').is_none() {
                return self.take(b'}');
            }
        }
    }

    fn check(&mut self) -> Option<RawCheck<'k>> {
        let mut check = RawCheck::default();
        let mut seen = 0_u8;
        self.members(|scanner, name| {
            let (member, text) = match name {
                "action" => (1, &mut check.action),
                "action_text" => (2, &mut check.action_text),
                "value" => (4, &mut check.value),
                "tag" => (8, &mut check.tag),
                "tag_ds" => (16, &mut check.tag_ds),
                "tag_name" => (32, &mut check.tag_name),
                "answer_category_v2" if check.category.is_none() => {
                    let object = &scanner.text[scanner.at..];
                    let (codes, length) = match scanner.known.beginning(object) {
                        Some(known) => known,
                        None => {
                            let object = &object[..object_length(object)?];
                            (scanner.known.read(object)?, object.len())
                        }
                    };
                    scanner.at += length;
                    check.category = Some(codes);
                    return Some(());
                }
                "answer_category_v2" => return None,
                _ => return scanner.value().map(drop),
            };
            let is_again = seen & member > 0;
            seen |= member;
            *text = scanner.value()?;
            (!is_again).then_some(())
        })?;
        Some(check)
    }

    /// A text; a word reads as none.
    fn value(&mut self) -> Option<Text<'k>> {
        let none = |()| Text(None);
        match self.byte()? {
            b'"' => {
                self.at += 1;
                self.string().map(|text| Text(Some(text)))
            }
            b'n' => self.word("null").map(none),
            b't' => self.word("true").map(none),
            b'f' => self.word("false").map(none),
            _ => None,
        }
    }

    /// What stands up to the closing quote, which is passed over; the opening one was.
    fn string(&mut self) -> Option<Cow<'k, str>> {
        let start = self.at;
        if let Some(plain) = self.plain() {
            return Some(Cow::Borrowed(plain));
        }
        let bytes = self.text.as_bytes();
        let mut end = start;
        loop {
            match bytes.get(end)? {
                b'"' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        self.at = end + 1;
        serde_json::from_str(self.text.get(start - 1..=end)?).ok().map(Cow::Owned)
    }

    /// As [`Self::string`], for texts without escapes.
    fn plain(&mut self) -> Option<&'k str> {
        let start = self.at;
        let end = start + plain_length(&self.text.as_bytes()[start..]);
        if self.text.as_bytes().get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        Some(&self.text[start..end])
    }
}

/// How many bytes come before the first that ends a text or needs a closer look: a quote, a backslash, a control.
///
/// Eight bytes at a time. Where a subtraction borrows, the bytes above the first hit may be marked too, and that one
/// is the lowest.
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let less = |word: u64, than: u8| word.wrapping_sub(ONES * u64::from(than)) & !word;
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let equal = |byte: u8| less(word ^ (ONES * u64::from(byte)), 1);
        let found = (less(word, b' ') | equal(b'"') | equal(b'\\')) & (ONES << 7);
        if found > 0 {
            return 8 * at + found.trailing_zeros() as usize / 8;
        }
    }
    let ends = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
    8 * words.len() + rest.iter().position(ends).unwrap_or(rest.len())
}

/// How far an object reaches that begins with the text, if it is well formed.
fn object_length(text: &str) -> Option<usize> {
    let (mut depth, mut is_in_string, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_in_string,
            b'"' => is_in_string = !is_in_string,
            b'{' if !is_in_string => depth += 1,
            b'}' if !is_in_string => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_end_of_a_plain_text_is_found_at_any_place() {
        for length in 0..40 {
            for end in ['"', '\\', '\n', '\u{1f}'] {
                for filling in ['a', ' ', '!', '#', '[', ']', 'é', '\u{7f}', '\u{ffff}'] {
                    let text: String = std::iter::repeat_n(filling, length).collect();
                    assert_eq!(plain_length(format!("{text}{end}\"{filling}").as_bytes()), text.len());
                    assert_eq!(plain_length(text.as_bytes()), text.len());
                }
            }
        }
    }

    #[test]
    fn keys_as_they_are_written_need_no_other_parser() {
        let row = r#" {"0" : {"scope":"<Instance>","tag_ds":"<(0009,\"A\",10)>","action":"<tag_retained>",
            "answer_category_v2":{"hipaa":{"m":null,"z":null},"tcia":null,"prev_cat":["}"]},"x":true},
            "1":{"action_text":null,"answer_category_v2":{"hipaa":{"m":null,"z":null},"tcia":null,"prev_cat":["}"]}}} "#;
        let read = self::row(row, &mut KnownCodes::default()).expect("it is plain");
        assert_eq!(read.in_order().next().and_then(|check| check.tag_ds.as_deref()), Some("<(0009,\"A\",10)>"));
        for other in [r#"{"0":{"value":7}}"#, r#"{"0":{"tag":"a","tag":"b"}}"#, r#"{"\u0030":{}}"#, r#"{"0":{}}x"#] {
            assert!(self::row(other, &mut KnownCodes::default()).is_none(), "{other}");
        }
    }

    fn any_value() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            Just("-1.5e3".to_owned()),
            Just("[1,{\"a\":\"}\"}]".to_owned()),
            Just("{\"hipaa\":{\"z\":null,\"m\":\"HIPAA-C\"},\"prev_cat\":[]}".to_owned()),
            Just("{\"tcia\":{\"rev\":\"TCIA-REV\"}}".to_owned()),
            "[<>a-z\"\\\\\n\u{e9}]{0,12}".prop_map(|text| serde_json::Value::String(text).to_string()),
            Just("\"<text_removed>\"".to_owned()),
            Just("\"<tag_retained>\"".to_owned()),
            Just("\"\\ud800\"".to_owned()),
            Just("\"a\u{1}\"".to_owned()),
        ]
    }

    fn any_row() -> impl Strategy<Value = String> {
        let name = prop::sample::select(vec![
            "action",
            "action_text",
            "value",
            "tag",
            "tag_ds",
            "tag_name",
            "answer_category_v2",
            "scope",
        ]);
        let member = (name, any_value()).prop_map(|(name, value)| format!("\"{name}\" : {value}"));
        let check = prop::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(",")));
        let checks = prop::collection::vec(("[0-3a]{1,2}", check), 0..5);
        checks.prop_map(|checks| {
            let checks: Vec<String> = checks.iter().map(|(name, check)| format!("\"{name}\":{check}")).collect();
            format!("{{{}}}", checks.join(", "))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_row_is_read_as_by_the_general_parser_or_not_at_all(row in any_row(), cut in 0_usize..400, with in any::<u8>()) {
            let mut known = KnownCodes::default();
            let mut bytes = row.clone().into_bytes();
            let at = cut % bytes.len();
            bytes[at] = with;
            let damaged = String::from_utf8_lossy(&bytes).into_owned();
            for row in [&row, &damaged, &row] {
                if let Some(read) = self::row(row, &mut known) {
                    prop_assert_eq!(read, RowChecks::parse_any(row));
                }
            }
        }
    }
}
