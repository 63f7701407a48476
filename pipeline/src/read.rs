//! Reads an instance without the bulk values that no rule touches.
//!
//! dicom-rs decodes the elements; this module decides which values are worth loading.
//! A deferred value is remembered by its place in the source, so that the writer can copy it through
//! and memory does not grow with the size of the pixel data.

use crate::error::InstanceError;
use crate::fragments::Items;
use crate::tier1::dictionary_vr;
use dicom_core::header::Header;
use dicom_core::value::{DataSetSequence, PrimitiveValue, Value};
use dicom_core::{DataElement, Length, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::TransferSyntaxIndex;
use dicom_encoding::text::{SpecificCharacterSet, TextCodec};
use dicom_encoding::transfer_syntax::{Codec, TransferSyntax};
use dicom_object::mem::InMemElement;
use dicom_object::{FileMetaTable, InMemDicomObject};
use dicom_parser::StatefulDecode;
use dicom_parser::dataset::lazy_read::LazyDataSetReader;
use dicom_parser::dataset::{DataToken, LazyDataToken};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// Values of at least this many bytes are deferred where the attribute is known to hold bulk data.
const BULK_BYTES: u64 = 64 * 1024;
/// Values of at least this many bytes are deferred whatever the attribute.
const OVERSIZED_BYTES: u64 = 16 * 1024 * 1024;
/// Deeper nesting is refused: no real instance has it, and a stack must not be exhausted by input.
const MAX_DEPTH: usize = 64;
/// An inflated data set may not grow beyond this.
const MAX_INFLATED_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// Attributes whose values are bulk data without text.
const BULK_TAGS: [Tag; 8] = [
    tags::PIXEL_DATA,
    tags::FLOAT_PIXEL_DATA,
    tags::DOUBLE_FLOAT_PIXEL_DATA,
    tags::ENCAPSULATED_DOCUMENT,
    tags::SPECTROSCOPY_DATA,
    Tag(0x0066, 0x0016),
    Tag(0x0066, 0x0023),
    Tag(0x0028, 0x2000),
];

/// Where the bytes of an instance are.
pub enum ByteSource {
    /// The file itself.
    File(BufReader<File>),
    /// A data set that had to be inflated.
    Memory(Cursor<Vec<u8>>),
}

impl Read for ByteSource {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Memory(bytes) => bytes.read(buffer),
        }
    }
}

impl Seek for ByteSource {
    fn seek(&mut self, position: SeekFrom) -> std::io::Result<u64> {
        match self {
            Self::File(file) => file.seek(position),
            Self::Memory(bytes) => bytes.seek(position),
        }
    }
}

/// An element at the root whose value was left where it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BulkValue {
    /// The attribute.
    pub tag: Tag,
    /// Its value representation.
    pub vr: VR,
    /// The length that its header gives; undefined for encapsulated pixel data.
    pub length: Length,
    /// Where the value begins in the source.
    pub offset: u64,
    /// How many bytes it takes there, items and delimiters included.
    pub n_bytes: u64,
}

/// An instance as it was read: everything but its bulk values.
pub struct Instance {
    /// The file meta information.
    pub meta: FileMetaTable,
    /// The data set without its bulk values.
    pub data_set: InMemDicomObject,
    /// The bulk values, by tag.
    pub bulk: Vec<BulkValue>,
    /// Where the bulk values are.
    pub source: ByteSource,
    /// How the data set is encoded.
    pub transfer_syntax: &'static TransferSyntax,
    /// Whether the preamble holds anything but zeros.
    pub preamble_used: bool,
    /// How many bytes the file has.
    pub n_bytes: u64,
}

impl Instance {
    /// Reads a file.
    ///
    /// # Errors
    /// [`InstanceError`] with the kind of failure; never a value.
    pub fn read(path: &Path) -> Result<Self, InstanceError> {
        let file = File::open(path)?;
        let n_bytes = file.metadata()?.len();
        let mut reader = BufReader::with_capacity(16 * 1024, file);
        let preamble_used = skip_preamble(&mut reader)?;
        let meta = FileMetaTable::from_reader(&mut reader).map_err(|_| InstanceError::FileMeta)?;
        let transfer_syntax = TransferSyntaxRegistry
            .get(meta.transfer_syntax().trim_end_matches(['\0', ' ']))
            .ok_or(InstanceError::TransferSyntax)?;
        let (mut source, end) = data_set_source(reader, transfer_syntax, n_bytes)?;
        let (data_set, bulk) = read_data_set(&mut source, end, transfer_syntax)?;
        Ok(Self { meta, data_set, bulk, source, transfer_syntax, preamble_used, n_bytes })
    }

    /// The text of an attribute at the root, without padding; empty when absent or not text.
    pub fn text(&self, tag: Tag) -> String {
        self.data_set
            .get(tag)
            .and_then(|element| element.value().to_str().ok())
            .map(|text| text.trim_matches(['\0', ' ']).to_owned())
            .unwrap_or_default()
    }

    /// The character set that the data set begins with.
    pub fn character_set(&self) -> SpecificCharacterSet {
        character_set_of(&self.data_set)
    }
}

fn character_set_of(data_set: &InMemDicomObject) -> SpecificCharacterSet {
    data_set
        .get(tags::SPECIFIC_CHARACTER_SET)
        .and_then(|element| element.value().to_multi_str().ok())
        .and_then(|codes| codes.iter().rev().find_map(|code| SpecificCharacterSet::from_code(code.trim())))
        .unwrap_or_default()
}

/// Skips the preamble and says whether it holds anything.
fn skip_preamble(reader: &mut BufReader<File>) -> Result<bool, InstanceError> {
    let mut start = [0_u8; 132];
    reader.read_exact(&mut start).map_err(|_| InstanceError::NotDicom)?;
    if &start[128..] == b"DICM" {
        reader.seek(SeekFrom::Start(128))?;
        return Ok(start[..128].iter().any(|&byte| byte != 0));
    }
    Err(InstanceError::NotDicom)
}

fn data_set_source(
    reader: BufReader<File>,
    transfer_syntax: &TransferSyntax,
    n_bytes: u64,
) -> Result<(ByteSource, u64), InstanceError> {
    match transfer_syntax.codec() {
        Codec::Dataset(Some(adapter)) => {
            let mut inflated = Vec::new();
            let mut adapted = adapter.adapt_reader(Box::new(reader)).take(MAX_INFLATED_BYTES);
            adapted.read_to_end(&mut inflated).map_err(|_| InstanceError::DataSet)?;
            let end = inflated.len() as u64;
            if end >= MAX_INFLATED_BYTES {
                return Err(InstanceError::DataSet);
            }
            Ok((ByteSource::Memory(Cursor::new(inflated)), end))
        }
        Codec::Dataset(None) => Err(InstanceError::TransferSyntax),
        Codec::None | Codec::EncapsulatedPixelData(..) => Ok((ByteSource::File(reader), n_bytes)),
    }
}

type Elements = (InMemDicomObject, Vec<BulkValue>);

/// Reads stretches of elements, each up to the next deferred value.
fn read_data_set(
    source: &mut ByteSource,
    end: u64,
    transfer_syntax: &TransferSyntax,
) -> Result<Elements, InstanceError> {
    let mut data_set = InMemDicomObject::new_empty();
    let mut bulk = Vec::new();
    while source.stream_position()? < end {
        let character_set = character_set_of(&data_set);
        let mut reader = LazyDataSetReader::new_with_ts_cs(&mut *source, transfer_syntax, character_set)
            .map_err(|_| InstanceError::DataSet)?;
        let deferred = read_elements(&mut reader, &mut data_set, end)?;
        let position = reader.into_decoder().position();
        let Some(header) = deferred else { break };
        let n_bytes = match header.len.get() {
            Some(length) => u64::from(length),
            None => encapsulated_length(source, position, end)?,
        };
        let after = position.checked_add(n_bytes).filter(|&after| after <= end).ok_or(InstanceError::Truncated)?;
        bulk.push(BulkValue { tag: header.tag, vr: header.vr, length: header.len, offset: position, n_bytes });
        source.seek(SeekFrom::Start(after))?;
    }
    Ok((data_set, bulk))
}

/// Adds elements at the root until the source ends or a value is to be deferred; returns that value's header.
fn read_elements<S: StatefulDecode>(
    reader: &mut LazyDataSetReader<S>,
    data_set: &mut InMemDicomObject,
    end: u64,
) -> Result<Option<dicom_core::DataElementHeader>, InstanceError> {
    let mut character_set = character_set_of(data_set);
    while let Some(token) = reader.advance() {
        match token.map_err(|_| InstanceError::DataSet)? {
            LazyDataToken::PixelSequenceStart => {
                let header = dicom_core::DataElementHeader::new(tags::PIXEL_DATA, VR::OB, Length::UNDEFINED);
                return Ok(Some(header));
            }
            LazyDataToken::ElementHeader(header) if is_deferred(&header) => return Ok(Some(header)),
            token => {
                let element = read_element(reader_token(token)?, reader, end, 0, &character_set)?;
                let names_character_set = element.tag() == tags::SPECIFIC_CHARACTER_SET;
                data_set.put(element);
                if names_character_set {
                    character_set = character_set_of(data_set);
                }
            }
        }
    }
    Ok(None)
}

fn is_deferred(header: &dicom_core::DataElementHeader) -> bool {
    let n_bytes = header.len.get().map_or(0, u64::from);
    n_bytes >= OVERSIZED_BYTES || (n_bytes >= BULK_BYTES && BULK_TAGS.contains(&header.tag))
}

/// The beginning of an element, free of the reader's borrow.
enum ElementStart {
    Primitive(dicom_core::DataElementHeader),
    Sequence(Tag),
}

fn reader_token<D>(token: LazyDataToken<D>) -> Result<ElementStart, InstanceError> {
    match token {
        LazyDataToken::ElementHeader(header) => Ok(ElementStart::Primitive(header)),
        LazyDataToken::SequenceStart { tag, .. } => Ok(ElementStart::Sequence(tag)),
        _ => Err(InstanceError::DataSet),
    }
}

fn read_element<S: StatefulDecode>(
    start: ElementStart,
    reader: &mut LazyDataSetReader<S>,
    end: u64,
    depth: usize,
    character_set: &SpecificCharacterSet,
) -> Result<InMemElement, InstanceError> {
    match start {
        ElementStart::Primitive(header) => read_primitive(header, reader, end, character_set),
        ElementStart::Sequence(_) if depth >= MAX_DEPTH => Err(InstanceError::DataSet),
        ElementStart::Sequence(tag) => {
            let mut items = Vec::new();
            loop {
                match next_token(reader)? {
                    LazyDataToken::ItemStart { .. } => items.push(read_item(reader, end, depth, character_set)?),
                    LazyDataToken::SequenceEnd => break,
                    _ => return Err(InstanceError::DataSet),
                }
            }
            let sequence = DataSetSequence::new(items, Length::UNDEFINED);
            Ok(DataElement::new_with_len(tag, VR::SQ, Length::UNDEFINED, Value::Sequence(sequence)))
        }
    }
}

fn read_item<S: StatefulDecode>(
    reader: &mut LazyDataSetReader<S>,
    end: u64,
    depth: usize,
    character_set: &SpecificCharacterSet,
) -> Result<InMemDicomObject, InstanceError> {
    let mut item = InMemDicomObject::new_empty();
    let mut character_set = character_set.clone();
    loop {
        match next_token(reader)? {
            LazyDataToken::ItemEnd => return Ok(item),
            LazyDataToken::PixelSequenceStart => {
                item.put(read_nested_fragments(reader)?);
            }
            token => {
                let start = reader_token(token)?;
                let element = read_element(start, reader, end, depth + 1, &character_set)?;
                let names_character_set = element.tag() == tags::SPECIFIC_CHARACTER_SET;
                item.put(element);
                if names_character_set {
                    character_set = character_set_of(&item);
                }
            }
        }
    }
}

/// Reads encapsulated pixel data inside an item, such as a compressed icon.
fn read_nested_fragments<S: StatefulDecode>(reader: &mut LazyDataSetReader<S>) -> Result<InMemElement, InstanceError> {
    let mut fragments: Vec<Vec<u8>> = Vec::new();
    loop {
        match next_token(reader)? {
            LazyDataToken::ItemStart { .. } => fragments.push(Vec::new()),
            LazyDataToken::ItemEnd => {}
            LazyDataToken::SequenceEnd => break,
            token @ LazyDataToken::LazyItemValue { .. } => {
                let owned = token.into_owned().map_err(|_| InstanceError::Truncated)?;
                if let (DataToken::ItemValue(bytes), Some(fragment)) = (owned, fragments.last_mut()) {
                    *fragment = bytes;
                }
            }
            _ => return Err(InstanceError::DataSet),
        }
    }
    // The first item is the offset table; without it readers fall back to one fragment a frame.
    let fragments: dicom_core::value::C<Vec<u8>> = fragments.into_iter().skip(1).collect();
    let sequence = dicom_core::value::PixelFragmentSequence::new_fragments(fragments);
    Ok(DataElement::new(tags::PIXEL_DATA, VR::OB, Value::PixelSequence(sequence)))
}

fn read_primitive<S: StatefulDecode>(
    mut header: dicom_core::DataElementHeader,
    reader: &mut LazyDataSetReader<S>,
    end: u64,
    character_set: &SpecificCharacterSet,
) -> Result<InMemElement, InstanceError> {
    // A value under UN is little endian and otherwise as the dictionary says (PS3.5 section 6.2.2, note 2).
    if header.vr == VR::UN
        && let Some(known) = dictionary_vr(header.tag).filter(|vr| *vr != VR::SQ)
    {
        header.vr = known;
    }
    match next_token(reader)? {
        LazyDataToken::LazyValue { header: _, decoder } => {
            let n_bytes = header.len.get().ok_or(InstanceError::DataSet)?;
            // A length that the file cannot hold must not be allocated.
            if decoder.position().saturating_add(u64::from(n_bytes)) > end {
                return Err(InstanceError::Truncated);
            }
            let value = match header.vr {
                // The reader would keep an item's character set after its end, and of several it takes the first.
                VR::LO | VR::LT | VR::PN | VR::SH | VR::ST | VR::UC | VR::UT if n_bytes > 0 => {
                    let bytes = decoder.read_value_bytes(&header).map_err(|_| InstanceError::Value)?;
                    decode_text(&bytes.to_bytes(), header.vr, character_set)?
                }
                _ => decoder.read_value_preserved(&header).map_err(|_| InstanceError::Value)?,
            };
            Ok(DataElement::new_with_len(header.tag(), header.vr, header.len, Value::Primitive(value)))
        }
        _ => Err(InstanceError::DataSet),
    }
}

/// Decodes a text value; a text of one value may hold backslashes.
fn decode_text(bytes: &[u8], vr: VR, character_set: &SpecificCharacterSet) -> Result<PrimitiveValue, InstanceError> {
    let decode = |bytes: &[u8]| character_set.decode(bytes).map_err(|_| InstanceError::Value);
    if matches!(vr, VR::LT | VR::ST | VR::UT) {
        return Ok(PrimitiveValue::Str(decode(bytes)?));
    }
    let values = bytes.split(|&byte| byte == b'\\').map(decode).collect::<Result<_, _>>()?;
    Ok(PrimitiveValue::Strs(values))
}

fn next_token<S: StatefulDecode>(reader: &mut LazyDataSetReader<S>) -> Result<LazyDataToken<&mut S>, InstanceError> {
    reader.advance().ok_or(InstanceError::Truncated)?.map_err(|_| InstanceError::DataSet)
}

/// Walks the items of encapsulated pixel data and returns their total length, delimiter included.
fn encapsulated_length(source: &mut ByteSource, offset: u64, end: u64) -> Result<u64, InstanceError> {
    let mut items = Items::new(source, offset, end);
    items.by_ref().try_for_each(|item| item.map(|_| ()))?;
    Ok(items.position() - offset)
}

/// Whether a SOP class is a media directory, whose references would break and whose names identify.
pub(crate) fn is_media_directory(sop_class_uid: &str) -> bool {
    sop_class_uid == uids::MEDIA_STORAGE_DIRECTORY_STORAGE
}
