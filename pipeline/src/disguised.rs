//! Text in disguise: the ways in which a value that is no text may hold one.
//!
//! A name can stand in bytes as UTF-16, in words whose bytes are swapped, in an array of numbers with one character
//! each, or in a list of decimal strings. Each way is a view of the value: plain bytes that can be searched.

use dicom_core::VR;
use dicom_core::value::PrimitiveValue;

/// Larger values are pixels, tables and documents; each is searched elsewhere or by its bytes alone.
const MAX_BYTES: usize = 1024 * 1024;
/// Lists of fewer numbers spell nothing that is searched.
const MIN_NUMBERS: usize = 5;

/// The views of a value in which text may be hidden, beside its bytes as they are. Empty for texts.
pub(crate) fn views(value: &PrimitiveValue, vr: VR) -> Vec<Vec<u8>> {
    match vr {
        VR::OB | VR::OW | VR::OF | VR::OD | VR::OL | VR::OV | VR::UN => of_bytes(value),
        VR::US | VR::SS | VR::UL | VR::SL | VR::UV | VR::SV | VR::FL | VR::FD | VR::AT => {
            let mut views = of_bytes(value);
            views.push(value.to_bytes().into_owned());
            views.extend(characters(value));
            views
        }
        // A number may be the record's own.
        VR::IS | VR::DS => characters(value).into_iter().chain([value.to_bytes().into_owned()]).collect(),
        _ => Vec::new(),
    }
}

/// Bytes with the zeros of wider characters left out, and with the two bytes of each word exchanged.
fn of_bytes(value: &PrimitiveValue) -> Vec<Vec<u8>> {
    if value.calculate_byte_len() > MAX_BYTES {
        return Vec::new();
    }
    let bytes = value.to_bytes();
    let narrow: Vec<u8> = bytes.iter().copied().filter(|&byte| byte != 0).collect();
    let swapped: Vec<u8> = bytes.chunks_exact(2).flat_map(|pair| [pair[1], pair[0]]).collect();
    vec![narrow, swapped]
}

/// A list of numbers as the characters that they are the codes of, those that are none left out.
fn characters(value: &PrimitiveValue) -> Option<Vec<u8>> {
    let n_numbers = value.multiplicity() as usize;
    if !(MIN_NUMBERS..=MAX_BYTES).contains(&n_numbers) {
        return None;
    }
    let numbers = value.to_multi_float64().ok()?;
    let is_character = |number: f64| number.fract() == 0.0 && (32.0..=126.0).contains(&number);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "only whole numbers up to 126 are cast"
    )]
    let characters: Vec<u8> =
        numbers.iter().filter(|&&number| is_character(number)).map(|&number| number as u8).collect();
    (characters.len() >= MIN_NUMBERS).then_some(characters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shows(value: PrimitiveValue, vr: VR) -> bool {
        views(&value, vr).iter().any(|view| view.windows(6).any(|window| window == b"QUAKEN"))
    }

    #[test]
    fn words_are_seen_in_every_disguise() {
        let letters = b"QUAKEN";
        let wide: Vec<u8> = letters.iter().flat_map(|&byte| [byte, 0]).collect();
        let words = |swap: bool| -> Vec<u16> {
            let word = |pair: &[u8]| u16::from_le_bytes([pair[0], pair[1]]);
            letters.chunks(2).map(|pair| if swap { word(pair).swap_bytes() } else { word(pair) }).collect()
        };
        let spelled: Vec<String> = letters.iter().map(|byte| format!("{byte}.0")).collect();
        assert!(shows(PrimitiveValue::U8(wide.into()), VR::OB));
        assert!(shows(PrimitiveValue::U16(words(true).into()), VR::OW));
        assert!(shows(PrimitiveValue::U16(words(false).into()), VR::US));
        assert!(shows(PrimitiveValue::U16(letters.iter().map(|&byte| u16::from(byte)).collect()), VR::US));
        assert!(shows(PrimitiveValue::U32(letters.iter().map(|&byte| u32::from(byte)).collect()), VR::UL));
        assert!(shows(PrimitiveValue::Strs(spelled.into()), VR::DS));
        assert!(!shows(PrimitiveValue::from("QUAKEN"), VR::LO));
    }
}
