//! The same values, otherwise written: other padding, other fragments.

use dicom_core::header::Header;
use dicom_core::value::{DataSetSequence, PixelFragmentSequence, Value};
use dicom_core::{DataElement, Length, PrimitiveValue, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;

/// What text is padded with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Padding {
    /// A zero where the number of bytes is odd.
    Nul,
    /// Three blanks before and as many behind as there is room for, up to nine.
    Blanks,
}

/// Pads every text.
pub(super) fn pad(data_set: InMemDicomObject, padding: Padding) -> InMemDicomObject {
    InMemDicomObject::from_element_iter(data_set.into_iter().map(|element| pad_element(element, padding)))
}

fn pad_element(element: InMemElement, padding: Padding) -> InMemElement {
    let (tag, vr) = (element.tag(), element.vr());
    match element.into_value() {
        Value::Sequence(sequence) => {
            let items: Vec<InMemDicomObject> =
                sequence.into_items().into_iter().map(|item| pad(item, padding)).collect();
            DataElement::new(tag, vr, DataSetSequence::from(items))
        }
        // Readers ask for the character set before they know what blanks mean.
        Value::Primitive(value) if is_padded(vr) && tag != tags::SPECIFIC_CHARACTER_SET => {
            DataElement::new(tag, vr, PrimitiveValue::U8(padded(vr, &value, padding).into()))
        }
        value => DataElement::new(tag, vr, value),
    }
}

/// The VRs whose padding carries no meaning.
const fn is_padded(vr: VR) -> bool {
    matches!(vr, VR::SH | VR::LO | VR::ST | VR::LT | VR::UT | VR::UC | VR::PN | VR::CS | VR::DS | VR::IS | VR::AE)
}

/// Most bytes of one value that every reader allows; characters are never fewer than bytes here, so it is on the safe side.
const fn longest(vr: VR) -> usize {
    match vr {
        VR::SH | VR::CS | VR::DS | VR::AE => 16,
        VR::IS => 12,
        VR::ST => 1024,
        VR::LT => 10_240,
        _ => 64,
    }
}

fn padded(vr: VR, value: &PrimitiveValue, padding: Padding) -> Vec<u8> {
    let bytes = value.to_bytes();
    let mut text = bytes.trim_ascii_end().to_vec();
    if text.is_empty() {
        return bytes.into_owned();
    }
    match padding {
        Padding::Nul => text.resize(text.len().next_multiple_of(2), 0),
        Padding::Blanks => {
            let is_single = !text.contains(&b'\\');
            let room = longest(vr).saturating_sub(text.len());
            // A blank before a long text or a byte of a code extension would be a part of it.
            if is_single && room >= 3 && !matches!(vr, VR::ST | VR::LT | VR::UT | VR::UC) {
                text.splice(0..0, *b"   ");
            }
            let behind = if is_single { longest(vr).saturating_sub(text.len()).min(9) } else { 0 };
            text.resize((text.len() + behind).next_multiple_of(2), b' ');
        }
    }
    text
}

/// Encapsulated pixel data whose basic offset table is empty (PS3.5 Annex A.4).
pub(super) fn without_offsets(data_set: InMemDicomObject) -> InMemDicomObject {
    with_fragments(data_set, |sequence| (Vec::new(), sequence.fragments().to_vec()))
}

/// Encapsulated pixel data in three fragments for each of those that were there.
pub(super) fn in_fragments(data_set: InMemDicomObject) -> InMemDicomObject {
    with_fragments(data_set, |sequence| {
        let (mut offsets, mut pieces, mut offset) = (Vec::new(), Vec::new(), 0_u32);
        for fragment in sequence.fragments() {
            offsets.push(offset);
            let piece_length = (fragment.len() / 3).next_multiple_of(2).max(2);
            for piece in fragment.chunks(piece_length) {
                offset += u32::try_from(piece.len().next_multiple_of(2) + 8).expect("a frame is smaller than 4 GiB");
                pieces.push(piece.to_vec());
            }
        }
        (offsets, pieces)
    })
}

fn with_fragments(
    mut data_set: InMemDicomObject,
    change: impl FnOnce(&PixelFragmentSequence<Vec<u8>>) -> (Vec<u32>, Vec<Vec<u8>>),
) -> InMemDicomObject {
    let changed = match data_set.get(tags::PIXEL_DATA).map(DataElement::value) {
        Some(Value::PixelSequence(sequence)) => change(sequence),
        _ => return data_set,
    };
    let sequence = PixelFragmentSequence::new(changed.0, changed.1);
    data_set.put(DataElement::new_with_len(tags::PIXEL_DATA, VR::OB, Length::UNDEFINED, sequence));
    data_set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_stays_inside_what_the_representation_allows() {
        for (vr, text, padding, expected) in [
            (VR::LO, "ABC", Padding::Nul, &b"ABC\0"[..]),
            (VR::LO, "ABCD ", Padding::Nul, b"ABCD"),
            (VR::CS, "AXIAL", Padding::Blanks, b"   AXIAL        "),
            (VR::CS, "ORIGINAL\\PRIMARY", Padding::Blanks, b"ORIGINAL\\PRIMARY"),
            (VR::LT, "ABC", Padding::Blanks, b"ABC         "),
            (VR::PN, "", Padding::Blanks, b""),
        ] {
            assert_eq!(padded(vr, &PrimitiveValue::from(text), padding), expected, "{text}");
        }
    }

    #[test]
    fn three_fragments_hold_the_bytes_of_one() {
        let frames = vec![vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 10], vec![11, 12]];
        let whole = PixelFragmentSequence::new(vec![0, 18], frames.clone());
        let element = DataElement::new_with_len(tags::PIXEL_DATA, VR::OB, Length::UNDEFINED, whole);
        let changed = in_fragments(InMemDicomObject::from_element_iter([element]));
        let Some(Value::PixelSequence(sequence)) = changed.get(tags::PIXEL_DATA).map(DataElement::value) else {
            panic!("pixels went")
        };
        assert_eq!(sequence.fragments().iter().flatten().copied().collect::<Vec<u8>>(), frames.concat());
        assert_eq!((sequence.offset_table(), sequence.fragments().len()), (&[0, 34][..], 4));
    }
}
