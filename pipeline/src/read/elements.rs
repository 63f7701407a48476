//! Takes a data set apart, element by element, in whatever encoding its parts are.
//!
//! Every byte of the source is either an element that rules will see, a deferred value, or a reason to refuse the
//! whole: nothing is skipped. Sequences under UN are opened (PS3.5 section 6.2.2), and private attributes whose VR the
//! file does not state get it from the private dictionary.

use super::bytes::Bytes;
use super::values::primitive;
use super::{BulkValue, is_deferred};
use crate::character_sets::CharacterSets;
use crate::decide::Creators;
use crate::dictionary::virtual_vr;
use crate::error::InstanceError;
use crate::private_dictionary::private_vr;
use dicom_core::dictionary::VirtualVr;
use dicom_core::value::{DataSetSequence, PixelFragmentSequence, Value};
use dicom_core::{DataElement, Length, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use std::io::{Cursor, Read, Seek};
use std::ops::Range;

/// Deeper nesting is refused: no real instance has it, and a stack must not be exhausted by input.
const MAX_DEPTH: usize = 64;
/// What an element or an item takes in memory besides its value, about.
const ELEMENT_BYTES: u64 = 256;
const UNDEFINED: u32 = u32::MAX;
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_DELIMITER: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_DELIMITER: Tag = Tag(0xFFFE, 0xE0DD);

/// How elements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoding {
    /// Whether each element states its VR.
    pub(super) explicit: bool,
    /// Whether numbers begin with their most significant byte.
    pub(super) big_endian: bool,
}

impl Encoding {
    pub(super) const IMPLICIT: Self = Self { explicit: false, big_endian: false };
    pub(super) const EXPLICIT: Self = Self { explicit: true, big_endian: false };
    pub(super) const BIG_ENDIAN: Self = Self { explicit: true, big_endian: true };
}

/// What holds for one data set and what is inside it.
#[derive(Debug, Clone, Copy)]
struct Scope {
    encoding: Encoding,
    sets: CharacterSets,
    depth: usize,
}

/// Where a data set ends.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Until {
    Position(u64),
    Delimiter,
}

#[derive(Debug, Clone, Copy)]
struct ElementHeader {
    tag: Tag,
    /// `None` where the file does not state it.
    vr: Option<VR>,
    length: u32,
}

/// Reads the data set that the source stands at. `budget` is how much memory it may take.
pub(super) fn read_root<R: Read + Seek>(
    source: &mut R,
    extent: Range<u64>,
    encoding: Encoding,
    budget: u64,
) -> Result<(InMemDicomObject, Vec<BulkValue>), InstanceError> {
    let end = extent.end;
    let bytes = Bytes::new(source, extent, budget);
    let mut parser = Parser { bytes, bulk: Vec::new() };
    let scope = Scope { encoding, sets: CharacterSets::default(), depth: 0 };
    let data_set = parser.data_set(scope, Until::Position(end))?;
    let mut bulk = parser.bulk;
    bulk.sort_by_key(|bulk| bulk.tag);
    let twice = bulk.windows(2).any(|pair| pair[0].tag == pair[1].tag)
        || bulk.iter().any(|bulk| data_set.get(bulk.tag).is_some());
    if twice { Err(InstanceError::DataSet) } else { Ok((data_set, bulk)) }
}

struct Parser<'a, R> {
    bytes: Bytes<'a, R>,
    bulk: Vec<BulkValue>,
}

impl<R: Read + Seek> Parser<'_, R> {
    fn data_set(&mut self, mut scope: Scope, until: Until) -> Result<InMemDicomObject, InstanceError> {
        let mut data_set = InMemDicomObject::new_empty();
        let mut of_unknown_vr: Vec<Tag> = Vec::new();
        let mut last = Tag(0, 0);
        while let Some(start) = self.next_start(until, scope.depth == 0)? {
            let header = self.header(start, scope.encoding)?;
            if header.tag == ITEM_DELIMITER && until == Until::Delimiter {
                break;
            }
            // A character set that comes late has not been used for the text before it.
            if header.tag == tags::SPECIFIC_CHARACTER_SET && last > header.tag {
                return Err(InstanceError::DataSet);
            }
            last = header.tag;
            self.bytes.charge(ELEMENT_BYTES)?;
            let Some(element) = self.element(header, &data_set, scope, until)? else { continue };
            if element.vr() == VR::UN && header.tag.group() % 2 == 1 {
                of_unknown_vr.push(header.tag);
            }
            if data_set.put(element).is_some_and(|earlier| data_set.get(header.tag) != Some(&earlier)) {
                return Err(InstanceError::DataSet);
            }
            if header.tag == tags::SPECIFIC_CHARACTER_SET {
                scope.sets = CharacterSets::of(&data_set, scope.sets);
            }
        }
        self.resolve_private(&mut data_set, &of_unknown_vr, scope);
        Ok(data_set)
    }

    /// The first eight bytes of the next element; `None` at the end.
    fn next_start(&mut self, until: Until, at_root: bool) -> Result<Option<[u8; 8]>, InstanceError> {
        let Until::Position(end) = until else { return self.bytes.array().map(Some) };
        match end.checked_sub(self.bytes.position()) {
            Some(0) => return Ok(None),
            Some(8..) => {
                let start = self.bytes.array()?;
                if start != [0; 8] || !at_root {
                    return Ok(Some(start));
                }
            }
            Some(_) if at_root => {}
            _ => return Err(InstanceError::DataSet),
        }
        // Zeros that fill up a block are no elements.
        if self.bytes.rest_is_zero()? { Ok(None) } else { Err(InstanceError::DataSet) }
    }

    fn header(&mut self, start: [u8; 8], encoding: Encoding) -> Result<ElementHeader, InstanceError> {
        let short = |at: usize| {
            let pair = [start[at], start[at + 1]];
            if encoding.big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
        };
        let long =
            |bytes: [u8; 4]| if encoding.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
        let tag = Tag(short(0), short(2));
        let letters = [start[4], start[5]];
        // An element among explicit ones whose VR has no letters is written without one.
        if !encoding.explicit || tag.group() == 0xFFFE || !letters.iter().all(u8::is_ascii_uppercase) {
            let length = long([start[4], start[5], start[6], start[7]]);
            return Ok(ElementHeader { tag, vr: None, length });
        }
        let vr = VR::from_binary(letters).unwrap_or(VR::UN);
        let length = if has_long_length(vr) { long(self.bytes.array()?) } else { u32::from(short(6)) };
        Ok(ElementHeader { tag, vr: Some(vr), length })
    }

    /// Reads an element behind its header. `None` when its value is deferred.
    fn element(
        &mut self,
        header: ElementHeader,
        data_set: &InMemDicomObject,
        scope: Scope,
        until: Until,
    ) -> Result<Option<InMemElement>, InstanceError> {
        let stated = header.vr.filter(|vr| *vr != VR::UN);
        let known = stated.or_else(|| known_vr(header.tag, data_set));
        if header.tag.group() == 0xFFFE {
            return Err(InstanceError::DataSet);
        }
        if header.length == UNDEFINED {
            return self.of_undefined_length(header, known, scope);
        }
        let end = self.bytes.position() + u64::from(header.length);
        if end > self.bytes.end() {
            return Err(InstanceError::Truncated);
        }
        if matches!(until, Until::Position(limit) if end > limit) {
            return Err(InstanceError::DataSet);
        }
        if stated == Some(VR::SQ) || (known == Some(VR::SQ) && header.vr.is_none()) {
            return self.items(scope, Some(end)).map(|items| Some(sequence(header.tag, items)));
        }
        if scope.depth == 0 && is_deferred(header.tag, header.length) {
            let offset = self.bytes.position();
            let n_bytes = u64::from(header.length);
            let vr = header.vr.or(known).unwrap_or(VR::UN);
            self.bulk.push(BulkValue { tag: header.tag, vr, length: Length(header.length), offset, n_bytes });
            self.bytes.skip_to(end)?;
            return Ok(None);
        }
        let value = self.bytes.vector(header.length)?;
        Ok(Some(self.of_bytes(header.tag, header.vr, known, value, scope)))
    }

    /// Makes an element of a value. Under UN the value is little endian, and a sequence's items are without VRs.
    fn of_bytes(
        &mut self,
        tag: Tag,
        stated: Option<VR>,
        known: Option<VR>,
        value: Vec<u8>,
        scope: Scope,
    ) -> InMemElement {
        let undetermined = stated.is_none_or(|vr| vr == VR::UN);
        if undetermined && (known == Some(VR::SQ) || (known.is_none() && value.starts_with(b"\xFE\xFF\x00\xE0"))) {
            match self.items_of_bytes(&value, scope) {
                Some(items) => return sequence(tag, items),
                None => return DataElement::new(tag, VR::UN, primitive(value, VR::UN, false, scope.sets)),
            }
        }
        let vr = known.unwrap_or(VR::UN);
        let big_endian = scope.encoding.big_endian && stated != Some(VR::UN);
        DataElement::new(tag, vr, primitive(value, vr, big_endian, scope.sets))
    }

    fn of_undefined_length(
        &mut self,
        header: ElementHeader,
        known: Option<VR>,
        scope: Scope,
    ) -> Result<Option<InMemElement>, InstanceError> {
        if header.tag == tags::PIXEL_DATA {
            if !matches!(header.vr, Some(VR::OB | VR::OW)) || scope.encoding.big_endian {
                return Err(InstanceError::DataSet);
            }
            if scope.depth > 0 {
                return self.nested_fragments().map(Some);
            }
            let offset = self.bytes.position();
            let n_bytes = self.skip_fragments()?;
            self.bulk.push(BulkValue { tag: header.tag, vr: VR::OB, length: Length::UNDEFINED, offset, n_bytes });
            return Ok(None);
        }
        if known.is_some_and(|vr| vr != VR::SQ) {
            return Err(InstanceError::DataSet);
        }
        if header.vr != Some(VR::UN) {
            return self.items(scope, None).map(|items| Some(sequence(header.tag, items)));
        }
        let start = self.bytes.position();
        for encoding in [Encoding::IMPLICIT, Encoding::EXPLICIT] {
            self.bytes.go_to(start)?;
            if let Ok(items) = self.items(Scope { encoding, ..scope }, None) {
                return Ok(Some(sequence(header.tag, items)));
            }
        }
        Err(InstanceError::DataSet)
    }

    fn items(&mut self, scope: Scope, end: Option<u64>) -> Result<Vec<InMemDicomObject>, InstanceError> {
        if scope.depth >= MAX_DEPTH {
            return Err(InstanceError::DataSet);
        }
        let scope = Scope { depth: scope.depth + 1, ..scope };
        let mut items = Vec::new();
        while end.is_none_or(|end| self.bytes.position() < end) {
            let start = self.bytes.array()?;
            let header = self.header(start, Encoding { explicit: false, ..scope.encoding })?;
            match header.tag {
                ITEM => {}
                SEQUENCE_DELIMITER if end.is_none_or(|end| end == self.bytes.position()) => return Ok(items),
                _ => return Err(InstanceError::DataSet),
            }
            self.bytes.charge(ELEMENT_BYTES)?;
            let until = match header.length {
                UNDEFINED => Until::Delimiter,
                length => Until::Position(self.bytes.position() + u64::from(length)),
            };
            if matches!(until, Until::Position(item_end) if item_end > end.unwrap_or(self.bytes.end())) {
                return Err(if end.is_none() { InstanceError::Truncated } else { InstanceError::DataSet });
            }
            items.push(self.data_set(scope, until)?);
        }
        if end == Some(self.bytes.position()) { Ok(items) } else { Err(InstanceError::DataSet) }
    }

    /// The items of a sequence that was read as bytes: without VRs as PS3.5 asks for, or with them as some write.
    fn items_of_bytes(&mut self, value: &[u8], scope: Scope) -> Option<Vec<InMemDicomObject>> {
        [Encoding::IMPLICIT, Encoding::EXPLICIT].into_iter().find_map(|encoding| {
            let end = value.len() as u64;
            let mut source = Cursor::new(value);
            let bytes = Bytes::new(&mut source, 0..end, self.bytes.budget());
            let mut inner = Parser { bytes, bulk: Vec::new() };
            let items = inner.items(Scope { encoding, ..scope }, Some(end));
            // What an attempt cost counts whether it came to something or not: bad input may not take ever more time.
            let budget = inner.bytes.budget();
            self.bytes.set_budget(budget);
            items.ok()
        })
    }

    /// Gives private attributes their VRs when all creators of the data set are known.
    fn resolve_private(&mut self, data_set: &mut InMemDicomObject, of_unknown_vr: &[Tag], scope: Scope) {
        if of_unknown_vr.is_empty() {
            return;
        }
        let creators = Creators::of_data_set(data_set);
        for &tag in of_unknown_vr {
            let element = (tag.element() & 0xFF) as u8;
            let Some(vr) = creators.of(tag).and_then(|creator| private_vr(tag.group(), creator, element)) else {
                continue;
            };
            let Some(Value::Primitive(value)) = data_set.take_element(tag).ok().map(DataElement::into_value) else {
                continue;
            };
            let value = value.to_bytes().into_owned();
            let element = self.of_bytes(tag, Some(VR::UN), Some(vr), value, scope);
            data_set.put(element);
        }
    }

    /// Reads encapsulated pixel data inside an item, such as a compressed icon.
    fn nested_fragments(&mut self) -> Result<InMemElement, InstanceError> {
        // The first item is the offset table; without it readers fall back to one fragment a frame.
        let fragments: dicom_core::value::C<Vec<u8>> = fragments(&mut self.bytes)?.into_iter().skip(1).collect();
        let sequence = PixelFragmentSequence::new_fragments(fragments);
        Ok(DataElement::new(tags::PIXEL_DATA, VR::OB, Value::PixelSequence(sequence)))
    }

    /// Walks the items of encapsulated pixel data and returns their total length, delimiter included.
    fn skip_fragments(&mut self) -> Result<u64, InstanceError> {
        let start = self.bytes.position();
        while let Some(length) = next_fragment(&mut self.bytes)? {
            self.bytes.skip_to(self.bytes.position() + u64::from(length))?;
        }
        Ok(self.bytes.position() - start)
    }
}

/// Reads the items of encapsulated pixel data, the offset table first.
pub(super) fn fragments<R: Read + Seek>(bytes: &mut Bytes<'_, R>) -> Result<Vec<Vec<u8>>, InstanceError> {
    let mut fragments: Vec<Vec<u8>> = Vec::new();
    while let Some(length) = next_fragment(bytes)? {
        bytes.charge(ELEMENT_BYTES)?;
        fragments.push(bytes.vector(length)?);
    }
    Ok(fragments)
}

/// The length of the next item of encapsulated pixel data; `None` behind the last.
fn next_fragment<R: Read + Seek>(bytes: &mut Bytes<'_, R>) -> Result<Option<u32>, InstanceError> {
    let header = bytes.array::<8>()?;
    let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
    match header[..4] {
        [0xFE, 0xFF, 0x00, 0xE0] if length != UNDEFINED => Ok(Some(length)),
        [0xFE, 0xFF, 0xDD, 0xE0] => Ok(None),
        _ => Err(InstanceError::DataSet),
    }
}

fn sequence(tag: Tag, items: Vec<InMemDicomObject>) -> InMemElement {
    let sequence = DataSetSequence::new(items, Length::UNDEFINED);
    DataElement::new_with_len(tag, VR::SQ, Length::UNDEFINED, Value::Sequence(sequence))
}

/// Whether an explicit header has a length of four bytes (PS3.5 table 7.1-1).
const fn has_long_length(vr: VR) -> bool {
    use VR::{OB, OD, OF, OL, OV, OW, SQ, SV, UC, UN, UR, UT, UV};
    matches!(vr, OB | OD | OF | OL | OV | OW | SQ | SV | UC | UN | UR | UT | UV)
}

/// The VR of a standard attribute or of a private creator.
fn known_vr(tag: Tag, data_set: &InMemDicomObject) -> Option<VR> {
    if tag.group() % 2 == 1 {
        return (0x0010..=0x00FF).contains(&tag.element()).then_some(VR::LO);
    }
    let vr = virtual_vr(tag)?;
    let signed =
        || data_set.get(tags::PIXEL_REPRESENTATION).is_some_and(|element| element.to_int().ok() == Some(1_u16));
    match vr {
        VirtualVr::Xs if signed() => Some(VR::SS),
        vr => Some(vr.relaxed()),
    }
}
