//! How Python prints values. The official scorer compares printed values, so a port has to print alike.

/// `repr` of a string: single quotes, or double ones where it holds single but no double quotes.
pub(crate) fn repr_str(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut printed = String::with_capacity(text.len() + 2);
    printed.push(quote);
    for character in text.chars() {
        match character {
            '\\' => printed.push_str("\\\\"),
            '\n' => printed.push_str("\\n"),
            '\r' => printed.push_str("\\r"),
            '\t' => printed.push_str("\\t"),
            character if character == quote => {
                printed.push('\\');
                printed.push(character);
            }
            character if is_printable(character) => printed.push(character),
            character => printed.push_str(&escape(character)),
        }
    }
    printed.push(quote);
    printed
}

/// Python escapes what Unicode calls other or separator, the plain space excepted.
/// Controls, format characters, odd spaces and private use are covered; unassigned code points are not.
fn is_printable(character: char) -> bool {
    match character {
        ' ' => true,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}' => false,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => false,
        '\u{e000}'..='\u{f8ff}' | '\u{fff9}'..='\u{fffb}' | '\u{f0000}'..='\u{10ffff}' => false,
        character => !character.is_control() && !character.is_whitespace(),
    }
}

fn escape(character: char) -> String {
    match u32::from(character) {
        code @ 0..=0xff => format!("\\x{code:02x}"),
        code @ 0x100..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }
}

/// `repr` of bytes: `b'SMITH '`.
pub(crate) fn repr_bytes(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut printed = String::with_capacity(bytes.len() + 3);
    printed.push('b');
    printed.push(quote);
    for &byte in bytes {
        match byte {
            b'\\' => printed.push_str("\\\\"),
            b'\n' => printed.push_str("\\n"),
            b'\r' => printed.push_str("\\r"),
            b'\t' => printed.push_str("\\t"),
            byte if char::from(byte) == quote => {
                printed.push('\\');
                printed.push(quote);
            }
            0x20..=0x7e => printed.push(char::from(byte)),
            byte => printed.push_str(&format!("\\x{byte:02x}")),
        }
    }
    printed.push(quote);
    printed
}

/// `repr` of a float: the shortest digits that read back the same, `1e-05` style outside 1e-4 to 1e16.
///
/// # Example
/// `0.1` prints `0.1`, `5.0` prints `5.0`, `1e-5` prints `1e-05`, `1e16` prints `1e+16`.
pub(crate) fn repr_float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = shortest(number);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    positional(mantissa, exponent)
}

/// The shortest digits that read back the same, in scientific form. Where two are equally near, Python
/// takes the even one and Rust the upper one: Rust's rounding to a number of digits takes the even one too.
fn shortest(number: f64) -> String {
    let upper = format!("{number:e}");
    let n_digits = upper.split('e').next().map_or(0, |digits| digits.bytes().filter(u8::is_ascii_digit).count());
    let even = format!("{number:.*e}", n_digits.saturating_sub(1));
    if even.parse() == Ok(number) { even } else { upper }
}

/// `-1.25` and 2 make `-125.0`.
fn positional(mantissa: &str, exponent: i32) -> String {
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa),
    };
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let Ok(n_whole) = usize::try_from(exponent + 1) else {
        return format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1));
    };
    if n_whole == 0 {
        return format!("{sign}0.{digits}");
    }
    let padded = format!("{digits:0<width$}", width = n_whole + 1);
    format!("{sign}{}.{}", &padded[..n_whole], &padded[n_whole..])
}

/// `str.strip()`: Unicode white space and the four ASCII separators go from both ends.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character))
}

/// `str` of a parsed JSON value.
pub(crate) fn str_json(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        value => repr_json(value),
    }
}

fn repr_json(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => repr_float(float),
            _ => number.to_string(),
        },
        Value::String(text) => repr_str(text),
        Value::Array(values) => format!("[{}]", values.iter().map(repr_json).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{}: {}", repr_str(name), repr_json(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_as_python_does() {
        for (text, printed) in [
            ("a b", "'a b'"),
            ("O'NEIL", "\"O'NEIL\""),
            ("a'b\"c", "'a\\'b\"c'"),
            ("a\\b\r\n", "'a\\\\b\\r\\n'"),
            ("\u{0}é\u{a0}日", "'\\x00é\\xa0日'"),
        ] {
            assert_eq!(repr_str(text), printed);
        }
        assert_eq!(repr_bytes(b"\x00\x01A'"), "b\"\\x00\\x01A'\"");
    }

    #[test]
    fn floats_are_printed_as_python_does() {
        for (number, printed) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (5.0, "5.0"),
            (0.1, "0.1"),
            (f64::from(0.1_f32), "0.10000000149011612"),
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (0.0001, "0.0001"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e100, "1.25e+100"),
            // Exactly between two candidates of 17 digits.
            (-(180.0 + 8779.0 / 16384.0), "-180.53582763671875"),
            (f64::from(-180.535_8_f32), "-180.53579711914062"),
            (123_456.789, "123456.789"),
            (-0.05, "-0.05"),
            (2.0 / 3.0, "0.6666666666666666"),
        ] {
            assert_eq!(repr_float(number), printed);
        }
    }
}
