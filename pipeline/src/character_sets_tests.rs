//! Decoding beside pydicom's, and what pydicom leaves to its user.

use super::*;

const BY_PYDICOM: &str = include_str!("../../testdata/character-sets/pydicom.tsv");

fn unescaped(text: &str) -> String {
    text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
}

fn bytes_of(digits: &str) -> Vec<u8> {
    let digit_pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("digits"));
    digit_pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal digits")).collect()
}

fn sets(codes: &str) -> CharacterSets {
    CharacterSets::of_codes(codes.split('\\'))
}

#[test]
fn text_is_decoded_as_pydicom_decodes_it() {
    let mut n_values = 0;
    for line in BY_PYDICOM.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [codes, vr, bytes, expected] = columns[..] else { panic!("four columns: {line}") };
        let vr = vr.parse().expect("a VR");
        let text = sets(&unescaped(codes)).decode(&bytes_of(bytes), Delimiters::of(vr));
        // pydicom leaves out padding and, of names, component groups that are empty.
        let shown = |text: &str| text.trim_end_matches([' ', '\0', '=']).to_owned();
        assert_eq!(shown(&text), shown(&unescaped(expected)), "{codes}");
        n_values += 1;
    }
    assert!(n_values > 40, "{n_values} values");
}

#[test]
fn what_pydicom_does_not_know_is_decoded_too() {
    for (codes, bytes, text) in [
        ("ISO_IR 203", &b"C\xBDur^\xB4ofie"[..], "Cœur^Žofie"),
        // PS3.5 section K.2.
        ("\\ISO 2022 IR 58", b"Wang=\x1b$)A\xD5\xC5^\x1b$)A\xD0\xA1\xB6\xAB=", "Wang=张^小东="),
        ("ISO 2022 IR 6\\ISO_IR 192", "Žofie 小东".as_bytes(), "Žofie 小东"),
    ] {
        assert_eq!(sets(codes).decode(bytes, Delimiters::Names), text, "{codes}");
    }
}

#[test]
fn a_delimiter_inside_a_character_delimits_nothing() {
    // 構 is 0x39 0x3D in JIS X 0208, whose second byte is the delimiter of component groups; 表 ends with 0x5C in
    // Shift JIS.
    for (codes, bytes, text) in [
        ("\\ISO 2022 IR 87", &b"\x1b$B9=\x1b(B^A"[..], "構^A"),
        ("ISO_IR 13", b"\x95\x5C\\\xD4", "表\\ﾔ"),
        ("GBK", b"\x81\x5C\\A", "乗\\A"),
    ] {
        assert_eq!(sets(codes).decode(bytes, Delimiters::Names).chars().collect::<String>(), text, "{codes}");
    }
}

#[test]
fn delimiters_return_to_the_first_character_set() {
    let bytes = b"\x1b-FA\xE1^\xE1\\\xE1";
    assert_eq!(sets("ISO 2022 IR 100\\ISO 2022 IR 126").decode(bytes, Delimiters::Names), "Aα^á\\á");
    assert_eq!(sets("ISO 2022 IR 100\\ISO 2022 IR 126").decode(bytes, Delimiters::Lines), "Aα^α\\α");
    assert_eq!(sets("ISO 2022 IR 100").decode(b"\x1b-F\xE1\r\n\xE1", Delimiters::Lines), "α\r\ná");
}

#[test]
fn a_missing_or_wrong_character_set_is_guessed_or_refused() {
    for (codes, bytes, text) in [
        ("", "Žofie".as_bytes(), "Žofie"),
        ("", b"M\xFCller", "Müller"),
        ("ISO_IR 100", "Müller".as_bytes(), "Müller"),
        ("ISO_IR 192", b"M\xFCller", "Müller"),
        ("ISO_IR 144", b"M\xFCller", "Mќller"),
        ("ISO IR 100", b"M\xFCller", "Müller"),
        ("ISO 2022 IR 6\\ISO 2022 IR 149", b"\xb1\xe6\xb5\xbf", "길동"),
        ("", b"Yamada=\x8E\x52\x93\x63", "Yamada=\u{fffd}R\u{fffd}c"),
        ("", b"\xcd\xf5\xd0\xa1\xb6\xab", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
        ("ISO 2022 IR 100", b"a\x1b%zb", "a\u{fffd}%zb"),
        ("\\ISO 2022 IR 87", b"\x1b$B;", "\u{fffd}"),
    ] {
        assert_eq!(sets(codes).decode(bytes, Delimiters::Values), text, "{codes} {bytes:02X?}");
    }
}

fn data_set(code: &str, name: &str) -> InMemDicomObject {
    InMemDicomObject::from_element_iter([
        DataElement::new(tags::SPECIFIC_CHARACTER_SET, VR::CS, PrimitiveValue::from(code)),
        DataElement::new(tags::PATIENT_NAME, VR::PN, PrimitiveValue::from(name)),
    ])
}

#[test]
fn a_character_set_stays_where_all_text_can_be_written_in_it() {
    for (code, name, expected) in [
        ("ISO_IR 100", "Müller", "ISO_IR 100"),
        ("ISO_IR 100", "Žofie", UNICODE),
        ("ISO_IR 101", "Žofie", "ISO_IR 101"),
        ("ISO_IR 6", "Müller", UNICODE),
        ("ISO_IR 148", "Buğra", UNICODE),
        ("ISO 2022 IR 149", "길동", UNICODE),
        ("ISO 2022 IR 149", "Gildong", "ISO 2022 IR 149"),
        ("GB18030", "王", "GB18030"),
        ("nonsense", "Gildong", "nonsense"),
        ("nonsense", "Müller", UNICODE),
    ] {
        let mut data_set = data_set(code, name);
        unify(&mut data_set);
        assert_eq!(declared(&data_set), expected, "{code} {name}");
    }
}
