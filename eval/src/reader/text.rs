//! From bytes to text, by the Specific Character Set.

use dicom_encoding::text::{SpecificCharacterSet, TextCodec};

/// The character sets of a data set, in the order of (0008,0005).
#[derive(Debug, Clone, Default)]
pub(crate) struct Charset {
    codes: Vec<String>,
}

/// Escape sequences of ISO 2022 and the character set that each switches to; source PS3.3 C.12.1.1.2.
const ESCAPES: &[(&[u8], &str)] = &[
    (b"\x1b(B", "ISO_IR 6"),
    (b"\x1b-A", "ISO_IR 100"),
    (b"\x1b)I", "ISO_IR 13"),
    (b"\x1b(J", "ISO_IR 13"),
    (b"\x1b$B", "ISO_IR 87"),
    (b"\x1b-B", "ISO_IR 101"),
    (b"\x1b-C", "ISO_IR 109"),
    (b"\x1b-D", "ISO_IR 110"),
    (b"\x1b-F", "ISO_IR 126"),
    (b"\x1b-G", "ISO_IR 127"),
    (b"\x1b-H", "ISO_IR 138"),
    (b"\x1b-L", "ISO_IR 144"),
    (b"\x1b-T", "ISO_IR 166"),
    (b"\x1b$)C", "ISO_IR 149"),
    (b"\x1b$)A", "GBK"),
];

impl Charset {
    /// Reads the value of (0008,0005).
    pub(crate) fn parse(value: &[u8]) -> Self {
        let codes = latin1(value).split('\\').map(|code| code.trim_matches([' ', '\0']).to_owned()).collect();
        Self { codes }
    }

    /// Decodes a text; bytes that the character set does not know come out as Latin-1.
    pub(crate) fn decode(&self, bytes: &[u8]) -> String {
        if bytes.is_ascii() && !bytes.contains(&0x1b) {
            return latin1(bytes);
        }
        let first = self.codes.first().map_or("", String::as_str);
        if !bytes.contains(&0x1b) {
            return decode_with(first, bytes);
        }
        let mut decoded = String::new();
        let mut code = first;
        let mut rest = bytes;
        while !rest.is_empty() {
            if let Some((escape, next)) = ESCAPES.iter().find(|(escape, _)| rest.starts_with(escape)) {
                code = next;
                // The decoder of ISO 2022-JP reads the escape sequences itself.
                if *next != "ISO_IR 87" {
                    rest = &rest[escape.len()..];
                }
            }
            let searched_from = usize::from(rest.first() == Some(&0x1b));
            let end = rest
                .iter()
                .skip(searched_from)
                .position(|&byte| byte == 0x1b)
                .map_or(rest.len(), |at| at + searched_from);
            decoded.push_str(&decode_with(code, &rest[..end]));
            rest = &rest[end..];
        }
        decoded
    }
}

fn decode_with(code: &str, bytes: &[u8]) -> String {
    let code = code.replace("ISO 2022 IR ", "ISO_IR ").replace("ISO 2022 58", "GBK").replace("ISO 2022 GBK", "GBK");
    match code.as_str() {
        "" | "ISO_IR 6" | "ISO_IR 100" => latin1(bytes),
        code => SpecificCharacterSet::from_code(code)
            .and_then(|charset| charset.decode(bytes).ok())
            .unwrap_or_else(|| latin1(bytes)),
    }
}

/// Every byte as the character of the same number.
pub(crate) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_set_is_decoded_by_its_own_rules() {
        assert_eq!(Charset::default().decode(b"M\xfcller"), "Müller");
        assert_eq!(Charset::parse(b"ISO_IR 192").decode("Müller 日本".as_bytes()), "Müller 日本");
        assert_eq!(Charset::parse(b"ISO_IR 144").decode(b"\xbb\xee"), "Лю");
        let japanese = Charset::parse(b"\\ISO 2022 IR 87");
        assert_eq!(japanese.decode(b"Yamada=\x1b$B;3ED\x1b(B"), "Yamada=山田");
    }
}
