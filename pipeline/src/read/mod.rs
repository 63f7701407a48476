//! Reads an instance without the bulk values that no rule touches.
//!
//! [`Instance::read`] finds the beginning of the data set ([`start`]) and takes it apart ([`elements`]); values are
//! decoded as their VR and the character sets say ([`values`]). Values of known bulk data are not loaded: they are
//! remembered by their place in the source, so that the writer can copy them through and memory does not grow with the
//! size of the pixel data.
//!
//! Nothing is read past, and nothing is guessed where a wrong guess could hide text from the rules: input that is not
//! understood ends as an [`InstanceError`].

mod bytes;
mod elements;
mod start;
mod values;
mod whole;

use crate::error::InstanceError;
use dicom_core::{Length, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::text::SpecificCharacterSet;
use dicom_encoding::transfer_syntax::{Codec, TransferSyntax};
use dicom_object::InMemDicomObject;
pub use start::{FileMeta, FileMetaElement};
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;
use tempfile::SpooledTempFile;

/// Values of at least this many bytes are deferred where the attribute is known to hold bulk data.
const BULK_BYTES: u32 = 64 * 1024;
/// Values of at least this many bytes are deferred whatever the attribute.
const OVERSIZED_BYTES: u32 = 16 * 1024 * 1024;
/// An inflated data set up to this size is held in memory.
const INFLATED_BYTES_IN_MEMORY: usize = 4 * 1024 * 1024;
/// An inflated data set may not grow beyond this.
const MAX_INFLATED_BYTES: u64 = 1024 * 1024 * 1024;
/// A data set that is not deferred may not take more memory than this.
const MAX_LOADED_BYTES: u64 = 2 * 1024 * 1024 * 1024;

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
    /// A data set that had to be inflated: in memory, or in a file without a name.
    Inflated(BufReader<SpooledTempFile>),
    /// Nothing: the file was closed.
    Closed,
}

impl Read for ByteSource {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Inflated(inflated) => inflated.read(buffer),
            Self::Closed => Ok(0),
        }
    }

    // Headers are read in pieces of two and four bytes: these have a short cut of their own.
    fn read_exact(&mut self, buffer: &mut [u8]) -> std::io::Result<()> {
        match self {
            Self::File(file) => file.read_exact(buffer),
            Self::Inflated(inflated) => inflated.read_exact(buffer),
            Self::Closed => std::io::empty().read_exact(buffer),
        }
    }
}

impl Seek for ByteSource {
    fn seek(&mut self, position: SeekFrom) -> std::io::Result<u64> {
        match self {
            Self::File(file) => file.seek(position),
            Self::Inflated(inflated) => inflated.seek(position),
            Self::Closed => std::io::empty().seek(position),
        }
    }

    // What lies in the buffer is not read again.
    fn seek_relative(&mut self, offset: i64) -> std::io::Result<()> {
        match self {
            Self::File(file) => file.seek_relative(offset),
            Self::Inflated(inflated) => inflated.seek_relative(offset),
            Self::Closed => std::io::empty().seek_relative(offset),
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
    pub meta: FileMeta,
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
    /// UIDs at the root that the file lacks and that were made up, so that the instance can be filed.
    pub made_up: Vec<Tag>,
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
        let start = start::read_start(&mut reader, n_bytes)?;
        let (mut source, extent) = data_set_source(reader, start.transfer_syntax, start.n_bytes..n_bytes)?;
        let result = elements::read_root(&mut source, extent, start.encoding, MAX_LOADED_BYTES);
        let (data_set, bulk) = match result {
            // What does not even begin like Part 10 is more likely no DICOM than a damaged one.
            Err(InstanceError::DataSet | InstanceError::Truncated) if !start.is_part_10 => {
                return Err(InstanceError::NotDicom);
            }
            result => result?,
        };
        if matches!(start.transfer_syntax.codec(), Codec::None) && bulk.iter().any(|bulk| bulk.length.is_undefined()) {
            return Err(InstanceError::TransferSyntax);
        }
        let mut instance = Self {
            meta: start.meta,
            data_set,
            bulk,
            source,
            transfer_syntax: start.transfer_syntax,
            preamble_used: start.preamble_used,
            made_up: Vec::new(),
            n_bytes,
        };
        if !start.is_part_10 && !instance.names_its_class() {
            return Err(InstanceError::NotDicom);
        }
        instance.made_up = crate::made_up::fill_in(&mut instance);
        Ok(instance)
    }

    /// Whether the data set says of which SOP class it is, as only DICOM does.
    fn names_its_class(&self) -> bool {
        let class = self.text(tags::SOP_CLASS_UID);
        class.starts_with("1.2.840.10008.5.1.4.") && crate::text::is_registered_uid(&class)
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
        let codes = self.data_set.get(tags::SPECIFIC_CHARACTER_SET).and_then(|codes| codes.value().to_multi_str().ok());
        codes
            .and_then(|codes| codes.iter().rev().find_map(|code| SpecificCharacterSet::from_code(code.trim())))
            .unwrap_or_default()
    }

    /// Whether the instance is a media directory, whose references would break and whose names identify.
    pub(crate) fn is_media_directory(&self) -> bool {
        let class = uids::MEDIA_STORAGE_DIRECTORY_STORAGE;
        self.meta.media_storage_sop_class_uid == class
            || self.text(tags::SOP_CLASS_UID) == class
            || self.data_set.get(tags::DIRECTORY_RECORD_SEQUENCE).is_some()
    }
}

/// Inflates into memory, or, what is large, into a file that ends with its last reader. Says how many bytes there are.
fn spool(inflating: &mut impl Read) -> Result<(SpooledTempFile, u64), InstanceError> {
    let mut inflated = tempfile::spooled_tempfile(INFLATED_BYTES_IN_MEMORY);
    let mut buffer = vec![0_u8; 64 * 1024];
    let mut n_bytes = 0;
    loop {
        // What fails here is the data; what fails below is the disk.
        let n_read = match inflating.read(&mut buffer) {
            Ok(0) => break,
            Ok(n_read) => n_read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return Err(InstanceError::DataSet),
        };
        inflated.write_all(&buffer[..n_read])?;
        n_bytes += n_read as u64;
    }
    inflated.rewind()?;
    Ok((inflated, n_bytes))
}

/// Where the data set is that a reader stands at, and from where to where.
fn data_set_source(
    reader: BufReader<File>,
    transfer_syntax: &TransferSyntax,
    extent: Range<u64>,
) -> Result<(ByteSource, Range<u64>), InstanceError> {
    match transfer_syntax.codec() {
        Codec::Dataset(Some(adapter)) => {
            let mut adapted = adapter.adapt_reader(Box::new(reader)).take(MAX_INFLATED_BYTES);
            let (inflated, end) = spool(&mut adapted)?;
            if end >= MAX_INFLATED_BYTES {
                return Err(InstanceError::TooLarge);
            }
            Ok((ByteSource::Inflated(BufReader::with_capacity(16 * 1024, inflated)), 0..end))
        }
        Codec::Dataset(None) => Err(InstanceError::TransferSyntax),
        Codec::None | Codec::EncapsulatedPixelData(..) => Ok((ByteSource::File(reader), extent)),
    }
}

/// Pixels are deferred whatever their size: no text is searched in them.
fn is_deferred(tag: Tag, n_bytes: u32) -> bool {
    (n_bytes > 0 && crate::text::is_pixel_data(tag))
        || n_bytes >= OVERSIZED_BYTES
        || (n_bytes >= BULK_BYTES && BULK_TAGS.contains(&tag))
}
