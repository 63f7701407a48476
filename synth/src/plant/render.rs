//! How the MIDI-B answer key prints a value.
//!
//! Source: the public validation script of the challenge indexes files with pydicom 2.2.1 and prints
//! `str(element.value)`, stripped, between `<` and `>`.

use dicom_core::{PrimitiveValue, VR};

/// The text of a value between angle brackets.
pub(super) fn midi_value(vr: VR, value: &PrimitiveValue) -> String {
    let texts: Vec<String> = value_texts(value).iter().map(|text| text.trim().to_owned()).collect();
    let quoted = !matches!(vr, VR::DS | VR::IS | VR::PN | VR::US | VR::SS | VR::UL | VR::SL | VR::FD | VR::FL | VR::AT);
    match texts.as_slice() {
        [] => "<>".to_owned(),
        [single] => format!("<{single}>"),
        several if quoted => {
            let list: Vec<String> = several.iter().map(|text| format!("'{text}'")).collect();
            format!("<[{}]>", list.join(", "))
        }
        several => format!("<[{}]>", several.join(", ")),
    }
}

/// The values one by one, as they stand in the file; numbers as Python prints them.
pub(super) fn value_texts(value: &PrimitiveValue) -> Vec<String> {
    match value {
        PrimitiveValue::F32(numbers) => numbers.iter().map(|number| python_float(f64::from(*number))).collect(),
        PrimitiveValue::F64(numbers) => numbers.iter().map(|number| python_float(*number)).collect(),
        value => value.to_multi_str().to_vec(),
    }
}

/// Python prints a float of moderate size as the shortest digits that give it back, always with a point.
fn python_float(number: f64) -> String {
    format!("{number:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_core::dicom_value;

    #[test]
    fn values_print_as_pydicom_prints_them() {
        assert_eq!(midi_value(VR::CS, &dicom_value!(Strs, ["DERIVED", "SECONDARY"])), "<['DERIVED', 'SECONDARY']>");
        assert_eq!(midi_value(VR::DS, &dicom_value!(Strs, ["0.70", "0.700"])), "<[0.70, 0.700]>");
        assert_eq!(midi_value(VR::PN, &dicom_value!(Strs, ["A^B", "C^D"])), "<[A^B, C^D]>");
        assert_eq!(midi_value(VR::US, &PrimitiveValue::from(5u16)), "<5>");
        assert_eq!(midi_value(VR::FD, &PrimitiveValue::from(1.0f64)), "<1.0>");
        assert_eq!(midi_value(VR::LO, &PrimitiveValue::Empty), "<>");
        assert_eq!(midi_value(VR::DS, &PrimitiveValue::from("2.500000")), "<2.500000>");
    }
}
