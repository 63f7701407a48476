//! The bytes of a value, as its value representation says.

use crate::character_sets::{CharacterSets, Delimiters};
use dicom_core::value::PrimitiveValue;
use dicom_core::{Tag, VR};

/// Decodes a value. Bytes that do not fill whole numbers stay bytes, so that none is lost from sight.
pub(super) fn primitive(bytes: Vec<u8>, vr: VR, big_endian: bool, sets: CharacterSets) -> PrimitiveValue {
    if bytes.is_empty() {
        return PrimitiveValue::Empty;
    }
    if let Some(numbers) = numbers(&bytes, vr, big_endian) {
        return numbers;
    }
    if (is_text(vr) || matches!(vr, VR::LT | VR::ST | VR::UT | VR::UR)) && CharacterSets::is_plain(&bytes) {
        return plain_text(bytes, vr);
    }
    match vr {
        VR::LT | VR::ST | VR::UT | VR::UR => PrimitiveValue::Str(sets.decode(&bytes, Delimiters::Lines)),
        _ if is_text(vr) => {
            let text = sets.decode(&bytes, Delimiters::of(vr));
            PrimitiveValue::Strs(text.split('\\').map(str::to_owned).collect())
        }
        _ => PrimitiveValue::U8(bytes.into()),
    }
}

/// Text in ASCII, which is as it stands.
fn plain_text(bytes: Vec<u8>, vr: VR) -> PrimitiveValue {
    let text = String::from_utf8(bytes).expect("ASCII is UTF-8");
    if !is_text(vr) {
        return PrimitiveValue::Str(text);
    }
    // Nearly all have one value: it takes the bytes over.
    if text.contains('\\') {
        PrimitiveValue::Strs(text.split('\\').map(str::to_owned).collect())
    } else {
        PrimitiveValue::Strs(std::iter::once(text).collect())
    }
}

const fn is_text(vr: VR) -> bool {
    use VR::{AE, AS, CS, DA, DS, DT, IS, LO, PN, SH, TM, UC, UI};
    matches!(vr, AE | AS | CS | DA | DS | DT | IS | LO | PN | SH | TM | UC | UI)
}

macro_rules! each {
    ($bytes:expr, $big_endian:expr, $number:ty) => {{
        let (chunks, rest) = $bytes.as_chunks::<{ size_of::<$number>() }>();
        if !rest.is_empty() {
            return None;
        }
        let convert = if $big_endian { <$number>::from_be_bytes } else { <$number>::from_le_bytes };
        chunks.iter().map(|chunk| convert(*chunk)).collect()
    }};
}

fn numbers(bytes: &[u8], vr: VR, big_endian: bool) -> Option<PrimitiveValue> {
    let value = match vr {
        VR::US | VR::OW => PrimitiveValue::U16(each!(bytes, big_endian, u16)),
        VR::SS => PrimitiveValue::I16(each!(bytes, big_endian, i16)),
        VR::UL | VR::OL => PrimitiveValue::U32(each!(bytes, big_endian, u32)),
        VR::SL => PrimitiveValue::I32(each!(bytes, big_endian, i32)),
        VR::UV | VR::OV => PrimitiveValue::U64(each!(bytes, big_endian, u64)),
        VR::SV => PrimitiveValue::I64(each!(bytes, big_endian, i64)),
        VR::FL | VR::OF => PrimitiveValue::F32(each!(bytes, big_endian, f32)),
        VR::FD | VR::OD => PrimitiveValue::F64(each!(bytes, big_endian, f64)),
        VR::AT => {
            let numbers: Vec<u16> = each!(bytes, big_endian, u16);
            let (pairs, []) = numbers.as_chunks::<2>() else { return None };
            PrimitiveValue::Tags(pairs.iter().map(|[group, element]| Tag(*group, *element)).collect())
        }
        _ => return None,
    };
    Some(value)
}
