//! Names in the scripts of the world, and the same places in other encodings of a file.

use super::{Place, alone};
use crate::copy::{Copy, bytes, sequence, text};
use crate::token::{Scripted, Token};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};

/// Puts a name in its script into the patient's name, and into texts of several VRs.
fn script(copy: &mut Copy, character_set: &str, name: &[u8]) {
    copy.text(tags::SPECIFIC_CHARACTER_SET, VR::CS, character_set);
    let text = |before: &[u8]| [before, name].concat();
    copy.put(bytes(tags::PATIENT_NAME, VR::PN, &text(b"Harmless^Name=")));
    copy.put(bytes(tags::STUDY_DESCRIPTION, VR::LO, &text(b"CT chest ")));
    copy.put(bytes(tags::IMAGE_COMMENTS, VR::LT, &text(b"seen: ")));
    copy.put(bytes(tags::SEQUENCE_NAME, VR::SH, name));
    copy.put(sequence(tags::PROCEDURE_CODE_SEQUENCE, [vec![bytes(tags::CODE_MEANING, VR::LO, &text(b"knee of "))]]));
}

/// Brackets a word of a second character set in escape sequences.
fn escaped(designation: &[u8], word: &Scripted, back: &[u8]) -> Vec<u8> {
    [designation, &word.bytes, back].concat()
}

/// Plants in many ways, then writes the file in another transfer syntax.
fn rewritten(copy: &mut Copy, token: &Token, transfer_syntax: &str) {
    if !copy.is_native() {
        return;
    }
    copy.transfer_syntax(transfer_syntax);
    copy.knows_name(&token.name());
    copy.knows_identifier(&token.number());
    copy.text(tags::STUDY_DESCRIPTION, VR::LO, &format!("CT chest {}", token.spoken()));
    copy.text(Tag(0x0009, 0x0010), VR::LO, "GEMS_IDEN_01");
    copy.text(Tag(0x0009, 0x1004), VR::LO, &format!("unit of {}", token.spoken()));
    copy.text(Tag(0x0013, 0x1010), VR::LO, &token.number());
    copy.put(sequence(
        tags::REQUEST_ATTRIBUTES_SEQUENCE,
        [vec![text(Tag(0x0040, 0x1002), VR::LO, &format!("{} fell", token.given()))]],
    ));
}

pub(super) const PLACES: &[Place] = &[
    alone("Latin letters with marks, ISO 8859-1", |copy, token| script(copy, "ISO_IR 100", &token.latin().bytes)),
    alone("Latin letters with marks, UTF-8", |copy, token| script(copy, "ISO_IR 192", token.latin().text.as_bytes())),
    alone("Latin letters with marks, and the text without them", |copy, token| {
        copy.text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 100");
        copy.put(bytes(tags::PATIENT_NAME, VR::PN, &token.latin().bytes));
        copy.text(tags::STUDY_DESCRIPTION, VR::LO, &format!("chest {}", unmarked(token)));
    }),
    alone("Latin letters with marks, in another character set than the file says", |copy, token| {
        script(copy, "ISO_IR 192", &token.latin().bytes);
    }),
    alone("Cyrillic, ISO 8859-5", |copy, token| script(copy, "ISO_IR 144", &token.cyrillic().bytes)),
    alone("Cyrillic, UTF-8", |copy, token| script(copy, "ISO_IR 192", token.cyrillic().text.as_bytes())),
    alone("Greek, ISO 8859-7", |copy, token| script(copy, "ISO_IR 126", &token.greek().bytes)),
    alone("Hebrew, ISO 8859-8", |copy, token| script(copy, "ISO_IR 138", &token.hebrew().bytes)),
    alone("Arabic, ISO 8859-6", |copy, token| script(copy, "ISO_IR 127", &token.arabic().bytes)),
    alone("Thai, TIS 620", |copy, token| script(copy, "ISO_IR 166", &token.thai().bytes)),
    alone("Japanese of half width, JIS X 0201", |copy, token| script(copy, "ISO_IR 13", &token.half_katakana().bytes)),
    alone("Japanese, ISO 2022 with JIS X 0208", |copy, token| {
        script(copy, "\\ISO 2022 IR 87", &escaped(b"\x1b$B", &token.katakana(), b"\x1b(B"));
    }),
    alone("Japanese, UTF-8", |copy, token| script(copy, "ISO_IR 192", token.katakana().text.as_bytes())),
    alone("Korean, ISO 2022 with KS X 1001", |copy, token| {
        script(copy, "\\ISO 2022 IR 149", &escaped(b"\x1b$)C", &token.hangul(), b""));
    }),
    alone("Korean, UTF-8", |copy, token| script(copy, "ISO_IR 192", token.hangul().text.as_bytes())),
    alone("Chinese, GB 18030", |copy, token| script(copy, "GB18030", &token.han().bytes)),
    alone("Chinese, GBK", |copy, token| script(copy, "GBK", &token.han().bytes)),
    alone("Chinese, ISO 2022 with GB 2312", |copy, token| {
        script(copy, "\\ISO 2022 IR 58", &escaped(b"\x1b$)A", &token.han(), b""));
    }),
    alone("Chinese, UTF-8", |copy, token| script(copy, "ISO_IR 192", token.han().text.as_bytes())),
    alone("an item in a character set of its own", |copy, token| {
        copy.text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192");
        copy.put(bytes(tags::PATIENT_NAME, VR::PN, token.cyrillic().text.as_bytes()));
        copy.put(sequence(
            tags::REQUEST_ATTRIBUTES_SEQUENCE,
            [vec![
                text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 144"),
                bytes(Tag(0x0040, 0x1002), VR::LO, &[b"fall: ", token.cyrillic().bytes.as_slice()].concat()),
            ]],
        ));
    }),
    alone("a character set that does not exist", |copy, token| {
        script(copy, "ISO_IR 999", token.cyrillic().text.as_bytes());
    }),
    alone("a name in three groups of components", |copy, token| {
        copy.text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192");
        let name = format!("{}={}={}", token.name(), token.han().text, token.katakana().text);
        copy.put(bytes(tags::PATIENT_NAME, VR::PN, name.as_bytes()));
        let text = format!("chest {} {}", token.han().text, token.family());
        copy.put(bytes(tags::STUDY_DESCRIPTION, VR::LO, text.as_bytes()));
        copy.put(bytes(tags::SERIES_DESCRIPTION, VR::LO, token.katakana().text.as_bytes()));
    }),
    alone("implicit VR, little endian", |copy, token| rewritten(copy, token, uids::IMPLICIT_VR_LITTLE_ENDIAN)),
    alone("explicit VR, big endian", |copy, token| rewritten(copy, token, "1.2.840.10008.1.2.2")),
    alone("a deflated data set", |copy, token| rewritten(copy, token, uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN)),
];

/// The marked word without its marks, as another system would write it.
fn unmarked(token: &Token) -> String {
    token.family().to_lowercase()
}
