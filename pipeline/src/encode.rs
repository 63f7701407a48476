//! Elements as bytes, for the encodings that nearly all results are in.
//!
//! The library's writer turns a data set into tokens and asks for every piece of every element how it is encoded. In
//! little endian, with text that is written alike in all of DICOM's character sets, there is nothing to ask. What is
//! anything else is refused here, and the caller asks the library. The tests compare the two.

use dicom_core::header::Header;
use dicom_core::value::{PrimitiveValue, Value};
use dicom_core::{Tag, VR};
use dicom_object::mem::InMemElement;

const ITEM: [u8; 8] = *b"\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF";
const ITEM_END: [u8; 8] = *b"\xFE\xFF\x0D\xE0\0\0\0\0";
const SEQUENCE_END: [u8; 8] = *b"\xFE\xFF\xDD\xE0\0\0\0\0";
const UNDEFINED: u32 = u32::MAX;

/// Appends elements, in little endian with or without VRs. `None` where the library has to be asked; what was appended
/// until then is for the caller to cut off.
pub(crate) fn append<'a>(
    to: &mut Vec<u8>,
    elements: impl IntoIterator<Item = &'a InMemElement>,
    implicit: bool,
) -> Option<()> {
    elements.into_iter().try_for_each(|element| append_element(to, element, implicit))
}

fn append_element(to: &mut Vec<u8>, element: &InMemElement, implicit: bool) -> Option<()> {
    match element.value() {
        Value::Primitive(value) => {
            let length_at = append_header(to, element.tag(), element.vr(), implicit);
            append_value(to, value, element.vr())?;
            length_at.fill_in(to)
        }
        Value::Sequence(sequence) => {
            append_header(to, element.tag(), VR::SQ, implicit);
            for item in sequence.items() {
                to.extend_from_slice(&ITEM);
                append(to, item, implicit)?;
                to.extend_from_slice(&ITEM_END);
            }
            to.extend_from_slice(&SEQUENCE_END);
            Some(())
        }
        Value::PixelSequence(_) => None,
    }
}

/// Where a length is still to be written: the offset of its field, and whether it has two bytes.
struct LengthField {
    at: usize,
    short: bool,
}

impl LengthField {
    /// Writes how many bytes have followed the field; `None` where they are too many.
    fn fill_in(self, to: &mut [u8]) -> Option<()> {
        let n_field_bytes = if self.short { 2 } else { 4 };
        let n_bytes = to.len() - self.at - n_field_bytes;
        if self.short {
            let length = u16::try_from(n_bytes).ok()?.to_le_bytes();
            to[self.at..self.at + 2].copy_from_slice(&length);
        } else {
            let length = u32::try_from(n_bytes).ok().filter(|length| *length != UNDEFINED)?.to_le_bytes();
            to[self.at..self.at + 4].copy_from_slice(&length);
        }
        Some(())
    }
}

/// Appends a header whose length is undefined, or has yet to be filled in.
fn append_header(to: &mut Vec<u8>, tag: Tag, vr: VR, implicit: bool) -> LengthField {
    to.extend_from_slice(&tag.group().to_le_bytes());
    to.extend_from_slice(&tag.element().to_le_bytes());
    let short = !implicit && has_short_length(vr);
    if !implicit {
        to.extend_from_slice(&vr.to_bytes());
        if !short {
            to.extend_from_slice(&[0, 0]);
        }
    }
    let at = to.len();
    to.extend_from_slice(&UNDEFINED.to_le_bytes()[..if short { 2 } else { 4 }]);
    LengthField { at, short }
}

/// Whether an explicit header has a length of two bytes (PS3.5 table 7.1-2).
const fn has_short_length(vr: VR) -> bool {
    use VR::{AE, AS, AT, CS, DA, DS, DT, FD, FL, IS, LO, LT, PN, SH, SL, SS, ST, TM, UI, UL, US};
    matches!(vr, AE | AS | AT | CS | DA | DS | DT | FL | FD | IS | LO | LT | PN | SH | SL | SS | ST | TM | UI | UL | US)
}

fn append_value(to: &mut Vec<u8>, value: &PrimitiveValue, vr: VR) -> Option<()> {
    use PrimitiveValue::{Empty, F32, F64, I16, I32, I64, Str, Strs, Tags, U8, U16, U32, U64};
    let start = to.len();
    let is_text = matches!(value, Str(_) | Strs(_));
    // Numbers under a VR of decimal digits are spelled out.
    if !is_text && *value != Empty && matches!(vr, VR::DS | VR::IS) {
        return None;
    }
    match value {
        Empty => {}
        Str(text) => append_text(to, text)?,
        Strs(texts) => {
            for (text_idx, text) in texts.iter().enumerate() {
                if text_idx > 0 {
                    to.push(b'\\');
                }
                append_text(to, text)?;
            }
        }
        U8(bytes) => to.extend_from_slice(bytes),
        Tags(tags) => {
            let halves = tags.iter().flat_map(|tag| [tag.group(), tag.element()]);
            to.extend(halves.flat_map(u16::to_le_bytes));
        }
        U16(numbers) => to.extend(numbers.iter().flat_map(|number| number.to_le_bytes())),
        I16(numbers) => to.extend(numbers.iter().flat_map(|number| number.to_le_bytes())),
        U32(numbers) => to.extend(numbers.iter().flat_map(|number| number.to_le_bytes())),
        I32(numbers) => to.extend(numbers.iter().flat_map(|number| number.to_le_bytes())),
        U64(numbers) => to.extend(numbers.iter().flat_map(|number| number.to_le_bytes())),
        I64(numbers) => to.extend(numbers.iter().flat_map(|number| number.to_le_bytes())),
        F32(numbers) => to.extend(numbers.iter().flat_map(|number| number.to_le_bytes())),
        F64(numbers) => to.extend(numbers.iter().flat_map(|number| number.to_le_bytes())),
        _ => return None,
    }
    if !(to.len() - start).is_multiple_of(2) {
        let blank = if is_text { vr != VR::UI } else { matches!(vr, VR::DA | VR::DT | VR::TM) };
        to.push(if blank { b' ' } else { 0 });
    }
    Some(())
}

/// Appends a text that every character set of DICOM writes alike.
fn append_text(to: &mut Vec<u8>, text: &str) -> Option<()> {
    // The tilde is another sign in JIS X 0201, and an escape character would begin another character set.
    let alike = |byte: u8| matches!(byte, b' '..=b'}' | b'\0' | b'\t' | b'\n' | b'\x0C' | b'\r');
    if !text.bytes().all(alike) {
        return None;
    }
    to.extend_from_slice(text.as_bytes());
    Some(())
}

/// Appends the file meta information of a result: its UIDs, and the program's name.
///
/// `None` where a text is not in ASCII.
pub(crate) fn append_meta(to: &mut Vec<u8>, texts: &[(u16, VR, &str)]) -> Option<()> {
    let group_length = append_header(to, Tag(0x0002, 0x0000), VR::UL, false);
    to.extend_from_slice(&[0; 4]);
    let group_start = to.len();
    group_length.fill_in(to)?;
    let version = append_header(to, Tag(0x0002, 0x0001), VR::OB, false);
    to.extend_from_slice(&[0, 1]);
    version.fill_in(to)?;
    for (element, vr, text) in texts {
        let length = append_header(to, Tag(0x0002, *element), *vr, false);
        append_text(to, text)?;
        if !(to.len() - length.at).is_multiple_of(2) {
            to.push(if *vr == VR::UI { 0 } else { b' ' });
        }
        length.fill_in(to)?;
    }
    let n_bytes = u32::try_from(to.len() - group_start).ok()?.to_le_bytes();
    to[group_start - 4..group_start].copy_from_slice(&n_bytes);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_core::value::DataSetSequence;
    use dicom_core::{DataElement, Length};
    use dicom_dictionary_std::uids;
    use dicom_encoding::TransferSyntaxIndex;
    use dicom_encoding::text::SpecificCharacterSet;
    use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
    use dicom_parser::dataset::{DataSetWriter, IntoTokens};
    use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
    use proptest::prelude::*;

    const SETS: [&str; 22] = [
        "ISO_IR 6",
        "ISO_IR 100",
        "ISO_IR 101",
        "ISO_IR 109",
        "ISO_IR 110",
        "ISO_IR 144",
        "ISO_IR 127",
        "ISO_IR 126",
        "ISO_IR 138",
        "ISO_IR 148",
        "ISO_IR 203",
        "ISO_IR 13",
        "ISO_IR 166",
        "ISO_IR 192",
        "GB18030",
        "GBK",
        "ISO 2022 IR 6",
        "ISO 2022 IR 13",
        "ISO 2022 IR 87",
        "ISO 2022 IR 149",
        "ISO 2022 IR 58",
        "ISO 2022 IR 100",
    ];
    const VRS: [VR; 34] = [
        VR::AE,
        VR::AS,
        VR::AT,
        VR::CS,
        VR::DA,
        VR::DS,
        VR::DT,
        VR::FL,
        VR::FD,
        VR::IS,
        VR::LO,
        VR::LT,
        VR::OB,
        VR::OD,
        VR::OF,
        VR::OL,
        VR::OV,
        VR::OW,
        VR::PN,
        VR::SH,
        VR::SL,
        VR::SQ,
        VR::SS,
        VR::ST,
        VR::SV,
        VR::TM,
        VR::UC,
        VR::UI,
        VR::UL,
        VR::UN,
        VR::UR,
        VR::US,
        VR::UT,
        VR::UV,
    ];

    /// What the library writes, or nothing where it fails.
    fn library(elements: &[InMemElement], implicit: bool, set: &str) -> Option<Vec<u8>> {
        let uid = if implicit { uids::IMPLICIT_VR_LITTLE_ENDIAN } else { uids::EXPLICIT_VR_LITTLE_ENDIAN };
        let transfer_syntax = TransferSyntaxRegistry.get(uid).expect("registered");
        let set = SpecificCharacterSet::from_code(set).unwrap_or_default();
        let mut written = Vec::new();
        let mut writer = DataSetWriter::with_ts_cs(&mut written, transfer_syntax, set).expect("an encoder");
        let tokens = elements.iter().cloned().flat_map(IntoTokens::into_tokens);
        writer.write_sequence(tokens).ok()?;
        drop(writer);
        Some(written)
    }

    fn value() -> impl Strategy<Value = PrimitiveValue> {
        let texts = prop::collection::vec(prop_oneof!["[ -~\\x00\t\r\n\u{c}]{0,9}", "\\PC{0,3}"], 0..4);
        prop_oneof![
            Just(PrimitiveValue::Empty),
            prop_oneof!["[ -}\r\n]{0,20}", ".{0,4}"].prop_map(PrimitiveValue::Str),
            texts.prop_map(|texts| PrimitiveValue::Strs(texts.into())),
            prop::collection::vec(any::<u8>(), 0..9).prop_map(|bytes| PrimitiveValue::U8(bytes.into())),
            prop::collection::vec(any::<(u16, u16)>(), 0..3).prop_map(|pairs| PrimitiveValue::Tags(
                pairs.into_iter().map(|(group, element)| Tag(group, element)).collect()
            )),
            prop::collection::vec(any::<u16>(), 0..3).prop_map(|numbers| PrimitiveValue::U16(numbers.into())),
            prop::collection::vec(any::<i16>(), 0..3).prop_map(|numbers| PrimitiveValue::I16(numbers.into())),
            prop::collection::vec(any::<u32>(), 0..3).prop_map(|numbers| PrimitiveValue::U32(numbers.into())),
            prop::collection::vec(any::<i32>(), 0..3).prop_map(|numbers| PrimitiveValue::I32(numbers.into())),
            prop::collection::vec(any::<u64>(), 0..3).prop_map(|numbers| PrimitiveValue::U64(numbers.into())),
            prop::collection::vec(any::<i64>(), 0..3).prop_map(|numbers| PrimitiveValue::I64(numbers.into())),
            prop::collection::vec(any::<f32>(), 0..3).prop_map(|numbers| PrimitiveValue::F32(numbers.into())),
            prop::collection::vec(any::<f64>(), 0..3).prop_map(|numbers| PrimitiveValue::F64(numbers.into())),
        ]
    }

    fn element() -> impl Strategy<Value = InMemElement> {
        let vrs = VRS.iter().copied().filter(|vr| *vr != VR::SQ).collect::<Vec<_>>();
        (any::<(u16, u16)>(), prop::sample::select(vrs), value())
            .prop_map(|((group, element), vr, value)| DataElement::new(Tag(group, element), vr, value))
    }

    fn sequence(items: Vec<Vec<InMemElement>>, length: Length) -> InMemElement {
        let items: Vec<InMemDicomObject> = items.into_iter().map(InMemDicomObject::from_element_iter).collect();
        let sequence = DataSetSequence::new(items, length);
        DataElement::new_with_len(Tag(0x0040, 0xA730), VR::SQ, length, Value::Sequence(sequence))
    }

    proptest! {
        #[test]
        fn what_is_not_refused_is_what_the_library_writes(
            first in prop::collection::vec(element(), 0..4),
            items in prop::collection::vec(prop::collection::vec(element(), 0..3), 0..3),
            inner in prop::collection::vec(prop::collection::vec(element(), 0..2), 0..2),
            undefined in any::<bool>(),
            implicit in any::<bool>(),
            set in prop::sample::select(SETS.to_vec()),
        ) {
            let length = if undefined { Length::UNDEFINED } else { Length(0) };
            let mut items = items;
            if let Some(item) = items.first_mut() {
                item.push(sequence(inner, length));
            }
            let elements: Vec<InMemElement> = first.into_iter().chain([sequence(items, length)]).collect();
            let mut written = Vec::new();
            if append(&mut written, &elements, implicit).is_some() {
                prop_assert_eq!(Some(written), library(&elements, implicit, set));
            }
        }
    }

    #[test]
    fn usual_elements_are_not_refused_and_are_alike_in_every_character_set() {
        let signs: String = (b' '..=b'}').map(char::from).chain("\0\t\r\n\u{c}".chars()).collect();
        for vr in VRS.into_iter().filter(|vr| *vr != VR::SQ) {
            let elements = [
                DataElement::new(Tag(0x0008, 0x103E), vr, PrimitiveValue::from(signs.as_str())),
                DataElement::new(Tag(0x0008, 0x103F), vr, PrimitiveValue::Strs(vec![signs.clone(); 2].into())),
                DataElement::new(Tag(0x0010, 0x0010), vr, PrimitiveValue::Empty),
            ];
            for (implicit, set) in [true, false].into_iter().flat_map(|implicit| SETS.map(|set| (implicit, set))) {
                let mut written = Vec::new();
                assert!(append(&mut written, &elements, implicit).is_some(), "{vr:?}");
                assert_eq!(Some(written), library(&elements, implicit, set), "{vr:?} {set}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let long = |n_bytes: usize, vr| DataElement::new(Tag(8, 9), vr, PrimitiveValue::from("x".repeat(n_bytes)));
        for (n_bytes, vr, implicit, fits) in [
            (65_534, VR::LT, false, true),
            (65_535, VR::LT, false, false),
            (65_535, VR::LT, true, true),
            (70_000, VR::UT, false, true),
        ] {
            let element = [long(n_bytes, vr)];
            let mut written = Vec::new();
            assert_eq!(append(&mut written, &element, implicit).is_some(), fits, "{n_bytes} {vr:?}");
            assert_eq!(library(&element, implicit, "ISO_IR 6").is_some(), fits, "{n_bytes} {vr:?}");
        }
        let number = DataElement::new(Tag(8, 9), VR::DS, PrimitiveValue::from(7_u16));
        assert!(append(&mut Vec::new(), [&number], false).is_none(), "a number that has to be spelled");
        let foreign = DataElement::new(Tag(8, 9), VR::LO, PrimitiveValue::from("Müller"));
        assert!(append(&mut Vec::new(), [&foreign], false).is_none());
    }

    #[test]
    fn meta_information_is_what_the_library_writes() {
        for (sop_class, instance, version) in
            [(uids::CT_IMAGE_STORAGE, "2.25.1", "EFFACE_0.1.0"), ("1.2.3", "2.25.13", "EFFACE_0.10")]
        {
            let meta = FileMetaTableBuilder::new()
                .media_storage_sop_class_uid(sop_class)
                .media_storage_sop_instance_uid(instance)
                .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
                .implementation_class_uid("2.25.77")
                .implementation_version_name(version);
            let mut expected = Vec::new();
            meta.build().expect("complete").write(&mut expected).expect("written");
            let texts = [
                (0x0002, VR::UI, sop_class),
                (0x0003, VR::UI, instance),
                (0x0010, VR::UI, uids::EXPLICIT_VR_LITTLE_ENDIAN),
                (0x0012, VR::UI, "2.25.77"),
                (0x0013, VR::SH, version),
            ];
            let mut written = Vec::new();
            append_meta(&mut written, &texts).expect("in ASCII");
            assert_eq!(written, expected);
        }
    }
}
