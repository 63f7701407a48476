//! Writing a data set with every freedom that PS3.5 leaves, which the writer of dicom-rs does not use.

use super::{Oddity, Writing};
use crate::Syntax;
use dicom_core::header::Header;
use dicom_core::value::{PixelFragmentSequence, Value};
use dicom_core::{PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_encoding::transfer_syntax::{Codec, TransferSyntaxIndex};
use dicom_object::mem::InMemElement;
use dicom_object::{FileDicomObject, InMemDicomObject};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

const OPEN: u32 = 0xffff_ffff;
const ITEM: Tag = Tag(0xfffe, 0xe000);
const ITEM_END: Tag = Tag(0xfffe, 0xe00d);
const SEQUENCE_END: Tag = Tag(0xfffe, 0xe0dd);

/// The bytes of a file. The error is in the encoder's own words.
pub(crate) fn write(
    object: &FileDicomObject<InMemDicomObject>,
    syntax: Syntax,
    writing: &Writing,
) -> Result<Vec<u8>, String> {
    let mut bytes = writing.preamble.clone();
    bytes.resize(128, 0);
    bytes.extend(b"DICM");
    object.meta().write(&mut bytes).map_err(|error| error.to_string())?;
    let form = Form {
        is_implicit: syntax == Syntax::Implicit,
        is_big_endian: syntax == Syntax::BigEndian,
        has_open_lengths: writing.has_open_lengths,
        has_group_lengths: writing.oddity == Oddity::GroupLengths,
        hides_sequences: writing.oddity == Oddity::UnknownSequence,
    };
    let mut data_set = Vec::new();
    form.data_set(object, &mut data_set)?;
    bytes.extend(if syntax == Syntax::Deflated { deflate(&data_set)? } else { data_set });
    Ok(bytes)
}

/// How elements are written.
#[derive(Debug, Clone, Copy)]
struct Form {
    is_implicit: bool,
    is_big_endian: bool,
    has_open_lengths: bool,
    has_group_lengths: bool,
    /// Whether private and some standard sequences go by the name of UN.
    hides_sequences: bool,
}

impl Form {
    fn data_set(self, object: &InMemDicomObject, out: &mut Vec<u8>) -> Result<(), String> {
        let elements: Vec<&InMemElement> = object.iter().collect();
        for group in elements.chunk_by(|one, other| one.tag().group() == other.tag().group()) {
            let mut of_group = Vec::new();
            for element in group {
                self.element(element, &mut of_group)?;
            }
            if self.has_group_lengths {
                self.header(Tag(group[0].tag().group(), 0), VR::UL, 4, out);
                self.number(length(of_group.len())?, out);
            }
            out.extend(of_group);
        }
        Ok(())
    }

    fn element(self, element: &InMemElement, out: &mut Vec<u8>) -> Result<(), String> {
        let tag = element.tag();
        match element.value() {
            Value::Primitive(value) => {
                let bytes = self.bytes(element.vr(), value);
                self.header(tag, element.vr(), length(bytes.len())?, out);
                out.extend(bytes);
            }
            Value::Sequence(sequence) => {
                let is_hidden = self.hides_sequences && is_hideable(tag);
                // What stands under UN is in Implicit VR Little Endian (PS3.5 section 6.2.2, note 2).
                let inner = if is_hidden {
                    Self { is_implicit: true, is_big_endian: false, hides_sequences: false, ..self }
                } else {
                    self
                };
                let mut items = Vec::new();
                for item in sequence.items() {
                    inner.item(item, &mut items)?;
                }
                let is_open = self.has_open_lengths || is_hidden;
                let stated = if is_open { OPEN } else { length(items.len())? };
                self.header(tag, if is_hidden { VR::UN } else { VR::SQ }, stated, out);
                out.extend(items);
                if is_open {
                    inner.delimiter(SEQUENCE_END, 0, out);
                }
            }
            Value::PixelSequence(sequence) => {
                self.header(tag, VR::OB, OPEN, out);
                self.fragments(sequence, out)?;
            }
        }
        Ok(())
    }

    fn item(self, item: &InMemDicomObject, out: &mut Vec<u8>) -> Result<(), String> {
        let mut content = Vec::new();
        Self { has_group_lengths: false, ..self }.data_set(item, &mut content)?;
        let stated = if self.has_open_lengths { OPEN } else { length(content.len())? };
        self.delimiter(ITEM, stated, out);
        out.extend(content);
        if self.has_open_lengths {
            self.delimiter(ITEM_END, 0, out);
        }
        Ok(())
    }

    fn fragments(self, sequence: &PixelFragmentSequence<Vec<u8>>, out: &mut Vec<u8>) -> Result<(), String> {
        let offsets: Vec<u8> = sequence.offset_table().iter().flat_map(|offset| offset.to_le_bytes()).collect();
        for item in std::iter::once(&offsets).chain(sequence.fragments()) {
            let padded = item.len().next_multiple_of(2);
            self.delimiter(ITEM, length(padded)?, out);
            out.extend(item);
            out.resize(out.len() + padded - item.len(), 0);
        }
        self.delimiter(SEQUENCE_END, 0, out);
        Ok(())
    }

    fn header(self, tag: Tag, vr: VR, stated: u32, out: &mut Vec<u8>) {
        self.tag(tag, out);
        if self.is_implicit {
            return self.number(stated, out);
        }
        let short = u16::try_from(stated).ok().filter(|_| !has_long_length(vr));
        // A value that is too long for its VR goes by the name of UN (PS3.5 section 6.2.2, note 4).
        let vr = if short.is_none() && !has_long_length(vr) { VR::UN } else { vr };
        out.extend(vr.to_bytes());
        match short {
            Some(short) => out.extend(if self.is_big_endian { short.to_be_bytes() } else { short.to_le_bytes() }),
            None => {
                out.extend([0, 0]);
                self.number(stated, out);
            }
        }
    }

    /// Items and delimiters have no VR in any transfer syntax.
    fn delimiter(self, tag: Tag, stated: u32, out: &mut Vec<u8>) {
        self.tag(tag, out);
        self.number(stated, out);
    }

    fn tag(self, tag: Tag, out: &mut Vec<u8>) {
        for half in [tag.group(), tag.element()] {
            out.extend(if self.is_big_endian { half.to_be_bytes() } else { half.to_le_bytes() });
        }
    }

    fn number(self, number: u32, out: &mut Vec<u8>) {
        out.extend(if self.is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() });
    }

    /// The bytes of a value, of an even number.
    fn bytes(self, vr: VR, value: &PrimitiveValue) -> Vec<u8> {
        let mut bytes = match value {
            PrimitiveValue::Tags(tags) => {
                tags.iter().flat_map(|tag| [tag.group(), tag.element()]).flat_map(u16::to_le_bytes).collect()
            }
            value => value.to_bytes().into_owned(),
        };
        if bytes.len() % 2 == 1 {
            bytes.push(if matches!(vr, VR::UI | VR::OB | VR::UN) { 0 } else { b' ' });
        }
        if self.is_big_endian {
            bytes.chunks_exact_mut(word_length(vr)).for_each(<[u8]>::reverse);
        }
        bytes
    }
}

/// Number of bytes of one number of a VR.
const fn word_length(vr: VR) -> usize {
    match vr {
        VR::US | VR::SS | VR::OW | VR::AT => 2,
        VR::UL | VR::SL | VR::FL | VR::OL | VR::OF => 4,
        VR::FD | VR::OD | VR::SV | VR::UV | VR::OV => 8,
        _ => 1,
    }
}

const fn has_long_length(vr: VR) -> bool {
    matches!(
        vr,
        VR::OB
            | VR::OD
            | VR::OF
            | VR::OL
            | VR::OV
            | VR::OW
            | VR::SQ
            | VR::SV
            | VR::UC
            | VR::UN
            | VR::UR
            | VR::UT
            | VR::UV
    )
}

/// Private sequences, and two that identify.
fn is_hideable(tag: Tag) -> bool {
    tag.group() % 2 == 1 || matches!(tag, tags::OTHER_PATIENT_I_DS_SEQUENCE | tags::REQUEST_ATTRIBUTES_SEQUENCE)
}

fn length(n_bytes: usize) -> Result<u32, String> {
    u32::try_from(n_bytes).ok().filter(|stated| *stated < OPEN).ok_or_else(|| "a value of 4 GiB".to_owned())
}

/// Bytes that a boxed writer and its maker share.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Deflates a data set (PS3.5 Annex A.5), padded to an even number of bytes.
fn deflate(data_set: &[u8]) -> Result<Vec<u8>, String> {
    let syntax = TransferSyntaxRegistry.get(Syntax::Deflated.uid()).ok_or("no such transfer syntax")?;
    let Codec::Dataset(Some(adapter)) = syntax.codec() else { return Err("nothing deflates".to_owned()) };
    let shared = Shared::default();
    let mut writer = adapter.adapt_writer(Box::new(shared.clone()));
    writer.write_all(data_set).map_err(|error| error.to_string())?;
    // The end of the stream is written when its writer goes.
    drop(writer);
    let mut bytes = shared.0.take();
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::file_meta;
    use dicom_core::DataElement;
    use dicom_core::value::DataSetSequence;

    fn data_set() -> InMemDicomObject {
        let item = InMemDicomObject::from_element_iter([DataElement::new(tags::PATIENT_ID, VR::LO, "A12")]);
        let items: Vec<InMemDicomObject> = vec![item.clone(), InMemDicomObject::new_empty()];
        InMemDicomObject::from_element_iter([
            DataElement::new(tags::SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.7"),
            DataElement::new(tags::SOP_INSTANCE_UID, VR::UI, "2.25.7"),
            DataElement::new(tags::PATIENT_NAME, VR::PN, "Doe^Jane"),
            DataElement::new(tags::OTHER_PATIENT_I_DS_SEQUENCE, VR::SQ, DataSetSequence::from(items)),
            DataElement::new(
                tags::FRAME_INCREMENT_POINTER,
                VR::AT,
                PrimitiveValue::Tags([tags::FRAME_TIME].as_slice().into()),
            ),
            DataElement::new(tags::ROWS, VR::US, PrimitiveValue::from(513_u16)),
            DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16([1, 0x203].as_slice().into())),
        ])
    }

    #[test]
    fn what_is_written_in_any_form_is_read_as_it_was() {
        for syntax in [Syntax::Explicit, Syntax::Implicit, Syntax::BigEndian, Syntax::Deflated] {
            for has_open_lengths in [true, false] {
                for oddity in [Oddity::Preamble, Oddity::GroupLengths] {
                    let object = data_set().with_meta(file_meta(syntax.uid())).expect("a file");
                    let writing = Writing { oddity, has_open_lengths, preamble: b"Doe".to_vec() };
                    let bytes = write(&object, syntax, &writing).expect("can be written");
                    assert!(bytes.starts_with(b"Doe\0") && bytes.len().is_multiple_of(2));
                    let read = dicom_object::from_reader(&bytes[..]).expect("can be read");
                    for element in data_set().iter().filter(|element| element.value().primitive().is_some()) {
                        let found = read.element(element.tag()).expect("is there");
                        assert_eq!(found.to_str().ok(), element.to_str().ok(), "{syntax:?}");
                    }
                    let items =
                        read.element(tags::OTHER_PATIENT_I_DS_SEQUENCE).expect("is there").items().expect("items");
                    assert_eq!(items.len(), 2);
                    assert_eq!(items[0].element(tags::PATIENT_ID).expect("is there").to_str().expect("text"), "A12");
                    assert_eq!(read.get(Tag(0x0010, 0)).is_some(), oddity == Oddity::GroupLengths);
                }
            }
        }
    }

    #[test]
    fn a_hidden_sequence_is_implicit_and_open() {
        let object = data_set().with_meta(file_meta(Syntax::BigEndian.uid())).expect("a file");
        let writing = Writing { oddity: Oddity::UnknownSequence, has_open_lengths: false, preamble: Vec::new() };
        let bytes = write(&object, Syntax::BigEndian, &writing).expect("can be written");
        let expected = b"\x00\x10\x10\x02UN\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\x0c\0\0\0\x10\0\x20\0\x04\0\0\0A12 ";
        assert!(bytes.windows(expected.len()).any(|window| window == expected));
    }
}
