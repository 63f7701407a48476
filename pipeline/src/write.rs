//! Writes a result: new file meta information, the data set, and the bulk values copied through.

use crate::codestream::Blanked;
use crate::content::pixel_padding;
use crate::encode;
use crate::error::{InstanceError, RunError};
use crate::read::{BulkValue, ByteSource, Instance};
use crate::text::is_pixel_data;
use crate::walk::{is_implicit, is_well_formed};
use dicom_core::VR;
use dicom_core::header::Header;
use dicom_core::value::Value;
use dicom_encoding::text::SpecificCharacterSet;
use dicom_encoding::transfer_syntax::{Codec, TransferSyntax};
use dicom_object::mem::InMemElement;
use dicom_parser::dataset::{DataSetWriter, IntoTokens};
use efface_schema::{ResultDigests, Sha256Hex};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Names the program in the file meta information (a UUID drawn for Efface).
const IMPLEMENTATION_CLASS_UID: &str = "2.25.204785419713927512339184203391742839001";
const IMPLEMENTATION_VERSION_NAME: &str = concat!("EFFACE_", env!("CARGO_PKG_VERSION"));

/// A result that is not yet in its place.
pub(crate) struct StagedFile {
    path: PathBuf,
    /// Hash of its bytes, where results are hashed.
    pub sha256: Option<Sha256Hex>,
    /// How long it took to hash them.
    pub hashing: Option<Duration>,
    /// How many there are.
    pub n_bytes: u64,
    /// What was written around its bulk values, where that is known to be well formed.
    pub around_bulk: Option<Vec<u8>>,
}

/// What is written around bulk values, kept so that the result need not be read back to be searched.
///
/// Only structure that was walked from header to header is kept; in any other case the written file is read.
struct AroundBulk {
    bytes: Vec<u8>,
    /// `None` where the encoding cannot be walked, or the structure did not hold.
    implicit: Option<bool>,
}

impl AroundBulk {
    /// More than this is not kept beside what is written.
    const MAX_BYTES: usize = 1024 * 1024;
    /// Keeps apart what is apart in the file: no word reaches over a bulk value.
    const SEPARATOR: u8 = 1;

    fn new(instance: &Instance) -> Self {
        let wholly_pixels = |bulk: &BulkValue| {
            // The items of encapsulated values are for the reader to follow, and so is what follows the last pixel.
            let n_pixel_bytes = pixel_padding(&instance.data_set, bulk.tag);
            !bulk.length.is_undefined() && n_pixel_bytes.is_some_and(|n_bytes| n_bytes >= bulk.n_bytes)
        };
        let implicit = is_implicit(instance.transfer_syntax.uid());
        let implicit = implicit.filter(|_| instance.bulk.iter().all(wholly_pixels));
        Self { bytes: Vec::with_capacity(8 * 1024), implicit }
    }

    fn add(&mut self, encoded: &[u8], implicit: bool) {
        if !is_well_formed(encoded, implicit) || self.bytes.len() + encoded.len() > Self::MAX_BYTES {
            self.implicit = None;
        } else {
            self.bytes.extend_from_slice(encoded);
        }
    }

    fn add_elements(&mut self, encoded: &[u8]) {
        if let Some(implicit) = self.implicit {
            self.add(encoded, implicit);
        }
    }

    fn add_bulk(&mut self) {
        self.bytes.push(Self::SEPARATOR);
    }

    fn finish(self) -> Option<Vec<u8>> {
        self.implicit.map(|_| self.bytes)
    }
}

/// Why a result could not be written: the instance's fault, or the disk's.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// This instance cannot be encoded.
    Instance(InstanceError),
    /// The output cannot take any more; the run must end.
    Run(RunError),
}

impl From<io::Error> for WriteError {
    fn from(source: io::Error) -> Self {
        Self::Run(RunError::Io { action: "write a result", source })
    }
}

impl StagedFile {
    /// Where the bytes are for the moment.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the result into its place in one step.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn commit(self, to: &Path) -> io::Result<()> {
        // Most results go into a folder that an earlier one has made.
        match (fs::rename(&self.path, to), to.parent()) {
            (Err(error), Some(folder)) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder)?;
                fs::rename(&self.path, to)
            }
            (result, _) => result,
        }
    }

    /// Throws the bytes away.
    pub(crate) fn discard(self) {
        // A staged file that stays behind is removed when the run starts again.
        let _ = fs::remove_file(&self.path);
    }
}

/// What goes into the file meta information.
pub(crate) struct NewIdentity<'a> {
    /// The SOP Class UID.
    pub sop_class_uid: &'a str,
    /// The new SOP Instance UID.
    pub sop_instance_uid: &'a str,
}

/// Writes the instance's data set and its bulk values to a staging file. Results that are not hashed have their
/// untouched bulk values copied by the system.
///
/// # Errors
/// [`WriteError::Instance`] when it cannot be encoded, [`WriteError::Run`] when the file system refuses.
pub(crate) fn stage(
    instance: &mut Instance,
    blanked: &[Blanked],
    identity: &NewIdentity<'_>,
    path: &Path,
    digests: ResultDigests,
) -> Result<StagedFile, WriteError> {
    let result = write_file(instance, blanked, identity, path, digests);
    if result.is_err() {
        let _ = fs::remove_file(path);
    }
    result
}

fn write_file(
    instance: &mut Instance,
    blanked: &[Blanked],
    identity: &NewIdentity<'_>,
    path: &Path,
    digests: ResultDigests,
) -> Result<StagedFile, WriteError> {
    let mut around = AroundBulk::new(instance);
    let file = File::create(path)?;
    let hasher = (digests == ResultDigests::Sha256).then(Hasher::default);
    let mut to = BufWriter::with_capacity(32 * 1024, ResultFile { file, hasher, n_bytes: 0 });
    to.write_all(&[0_u8; 128])?;
    to.write_all(b"DICM")?;
    let meta = file_meta(instance.transfer_syntax, identity)?;
    to.write_all(&meta)?;
    around.add(&meta, false);
    let character_set = instance.character_set();
    let transfer_syntax = instance.transfer_syntax;
    if let Codec::Dataset(Some(adapter)) = transfer_syntax.codec() {
        around.implicit = None;
        let character_set = &character_set;
        let mut noting = NotesFailure { to: &mut to, failure: None };
        {
            let mut deflating = adapter.adapt_writer(Box::new(&mut noting));
            let target = DataSetTarget { to: &mut deflating, around: &mut around, transfer_syntax, character_set };
            write_data_set(instance, blanked, target)?;
            deflating.flush()?;
        }
        noting.failure.map_or(Ok(()), Err)?;
    } else {
        let character_set = &character_set;
        let target = DataSetTarget { to: &mut to, around: &mut around, transfer_syntax, character_set };
        write_data_set(instance, blanked, target)?;
    }
    let ResultFile { hasher, n_bytes, .. } = to.into_inner().map_err(io::IntoInnerError::into_error)?;
    let (sha256, hashing) = hasher.map(|hasher| (Sha256Hex::from_bytes(&hasher.state.finalize()), hasher.took)).unzip();
    Ok(StagedFile { path: path.to_owned(), sha256, hashing, n_bytes, around_bulk: around.finish() })
}

/// The file meta information: nothing of the original's but the transfer syntax.
fn file_meta(transfer_syntax: &TransferSyntax, identity: &NewIdentity<'_>) -> Result<Vec<u8>, WriteError> {
    let texts = [
        (0x0002, VR::UI, identity.sop_class_uid),
        (0x0003, VR::UI, identity.sop_instance_uid),
        (0x0010, VR::UI, transfer_syntax.uid()),
        (0x0012, VR::UI, IMPLEMENTATION_CLASS_UID),
        (0x0013, VR::SH, IMPLEMENTATION_VERSION_NAME),
    ];
    let mut meta = Vec::with_capacity(512);
    encode::append_meta(&mut meta, &texts).ok_or(WriteError::Instance(InstanceError::Encode))?;
    Ok(meta)
}

/// Where a data set goes, and how it is encoded.
struct DataSetTarget<'a, W> {
    to: &'a mut W,
    around: &'a mut AroundBulk,
    transfer_syntax: &'a TransferSyntax,
    character_set: &'a SpecificCharacterSet,
}

/// Writes stretches of elements with the bulk values between them.
fn write_data_set<W: ResultWriter>(
    instance: &mut Instance,
    blanked: &[Blanked],
    mut target: DataSetTarget<'_, W>,
) -> Result<(), WriteError> {
    let Instance { data_set, bulk, source, .. } = instance;
    let mut elements = data_set.iter().peekable();
    for bulk in bulk.iter() {
        let mut stretch = Vec::new();
        while let Some(element) = elements.next_if(|element| element.tag() < bulk.tag) {
            stretch.push(element);
        }
        target.write_elements(stretch)?;
        target.write_bulk_header(bulk)?;
        copy_bulk(source, bulk, blanked, target.to)?;
    }
    target.write_elements(elements.collect())
}

impl<W: ResultWriter> DataSetTarget<'_, W> {
    /// Writes elements; pixels among them are no text, and are not kept to be searched: native ones, and those that
    /// were painted over and encoded here, in which letters stand by chance alone.
    fn write_elements(&mut self, elements: Vec<&InMemElement>) -> Result<(), WriteError> {
        let mut stretch = Vec::with_capacity(elements.len());
        for element in elements {
            let is_encoded = matches!(element.value(), Value::PixelSequence(_));
            if is_pixel_data(element.tag()) && (is_encoded || element.value().primitive().is_some()) {
                self.write_stretch(std::mem::take(&mut stretch))?;
                let encoded = self.encoded(&[element])?;
                self.around.add_bulk();
                self.to.write_all(&encoded)?;
            } else {
                stretch.push(element);
            }
        }
        self.write_stretch(stretch)
    }

    fn write_stretch(&mut self, elements: Vec<&InMemElement>) -> Result<(), WriteError> {
        if elements.is_empty() {
            return Ok(());
        }
        let encoded = self.encoded(&elements)?;
        self.around.add_elements(&encoded);
        Ok(self.to.write_all(&encoded)?)
    }

    /// Encoding goes to memory, so that a failure to write is never taken for a failure to encode.
    fn encoded(&self, elements: &[&InMemElement]) -> Result<Vec<u8>, WriteError> {
        let mut encoded = Vec::with_capacity(8 * 1024);
        if let Some(implicit) = is_implicit(self.transfer_syntax.uid())
            && encode::append(&mut encoded, elements.iter().copied(), implicit).is_some()
        {
            return Ok(encoded);
        }
        encoded.clear();
        // This constructor leaves out the adapter of a deflated data set, which is applied once, around the whole.
        let mut writer = DataSetWriter::with_ts_cs(&mut encoded, self.transfer_syntax, self.character_set.clone())
            .map_err(|_| WriteError::Instance(InstanceError::Encode))?;
        let tokens = elements.iter().copied().cloned().flat_map(IntoTokens::into_tokens);
        writer.write_sequence(tokens).map_err(|_| WriteError::Instance(InstanceError::Encode))?;
        drop(writer);
        Ok(encoded)
    }

    fn write_bulk_header(&mut self, bulk: &BulkValue) -> Result<(), WriteError> {
        let encode = || WriteError::Instance(InstanceError::Encode);
        let encoder = self.transfer_syntax.encoder_for::<Vec<u8>>().ok_or_else(encode)?;
        let mut header = Vec::with_capacity(12);
        let element = dicom_core::DataElementHeader::new(bulk.tag, bulk.vr, bulk.length);
        dicom_encoding::encode::EncodeTo::encode_element_header(&encoder, &mut header, element)
            .map_err(|_| encode())?;
        self.around.add_bulk();
        Ok(self.to.write_all(&header)?)
    }
}

/// How much of a bulk value is read at once: little enough to stay in the cache until it is hashed and written.
const COPY_BYTES: usize = 64 * 1024;

thread_local! {
    static COPY_BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; COPY_BYTES]);
}

fn copy_bulk<W: ResultWriter>(
    source: &mut ByteSource,
    bulk: &BulkValue,
    blanked: &[Blanked],
    to: &mut W,
) -> Result<(), WriteError> {
    let end = bulk.offset + bulk.n_bytes;
    let is_untouched = blanked.iter().all(|part| part.offset + part.n_bytes <= bulk.offset || part.offset >= end);
    let go_there = |source: &mut ByteSource| {
        source.seek(SeekFrom::Start(bulk.offset)).map_err(|error| WriteError::Instance(error.into()))
    };
    if to.can_copy_within_system() && is_untouched {
        go_there(source)?;
        if let ByteSource::File(file) = source
            && to.copy_within_system(file.get_ref(), bulk.n_bytes)?
        {
            return Ok(());
        }
    }
    go_there(source)?;
    COPY_BUFFER.with_borrow_mut(|buffer| copy_through(source, bulk, blanked, to, buffer))
}

/// Copies a bulk value at which the source stands, and blanks what has to be.
fn copy_through<W: Write>(
    source: &mut ByteSource,
    bulk: &BulkValue,
    blanked: &[Blanked],
    to: &mut W,
    buffer: &mut [u8],
) -> Result<(), WriteError> {
    let mut remaining = bulk.n_bytes;
    while remaining > 0 {
        let n_wanted = usize::try_from(remaining).unwrap_or(usize::MAX).min(buffer.len());
        let n_read = source.read(&mut buffer[..n_wanted]).map_err(|error| WriteError::Instance(error.into()))?;
        if n_read == 0 {
            return Err(WriteError::Instance(InstanceError::Truncated));
        }
        let offset = bulk.offset + bulk.n_bytes - remaining;
        blank(&mut buffer[..n_read], offset, blanked);
        to.write_all(&buffer[..n_read])?;
        remaining -= n_read as u64;
    }
    Ok(())
}

/// Blanks what of a stretch of the source has to be blanked; the places come in their order.
fn blank(stretch: &mut [u8], offset: u64, blanked: &[Blanked]) {
    let end = offset + stretch.len() as u64;
    let first = blanked.partition_point(|part| part.offset + part.n_bytes <= offset);
    blanked[first..].iter().take_while(|part| part.offset < end).for_each(|part| part.apply(stretch, offset));
}

/// Keeps the failure of a write that nobody hears of: an encoder that is dropped writes its end.
struct NotesFailure<'a, W> {
    to: &'a mut W,
    failure: Option<io::Error>,
}

impl<W> NotesFailure<'_, W> {
    /// What was interrupted is tried again by the writer.
    fn note<T>(&mut self, result: &io::Result<T>) {
        if let Err(error) = result
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.failure = Some(error.kind().into());
        }
    }
}

impl<W: Write> Write for NotesFailure<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes);
        self.note(&written);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.to.flush();
        self.note(&flushed);
        flushed
    }
}

/// Takes the bytes of a data set.
trait ResultWriter: Write {
    /// Whether the system may copy bytes that need not pass through this program: they are neither hashed nor deflated.
    fn can_copy_within_system(&self) -> bool;

    /// Lets the system copy so many bytes from where a file stands. `false` where it cannot: then nothing was written.
    fn copy_within_system(&mut self, from: &File, n_bytes: u64) -> io::Result<bool>;
}

impl ResultWriter for BufWriter<ResultFile> {
    fn can_copy_within_system(&self) -> bool {
        self.get_ref().hasher.is_none()
    }

    fn copy_within_system(&mut self, from: &File, n_bytes: u64) -> io::Result<bool> {
        self.flush()?;
        let result = self.get_mut();
        if io::copy(&mut from.take(n_bytes), &mut result.file).is_ok_and(|n_copied| n_copied == n_bytes) {
            result.n_bytes += n_bytes;
            return Ok(true);
        }
        // Whether the source or the disk is at fault shows when the bytes are copied one buffer after another.
        result.file.set_len(result.n_bytes)?;
        result.file.seek(SeekFrom::Start(result.n_bytes))?;
        Ok(false)
    }
}

/// Deflated data sets.
impl ResultWriter for Box<dyn Write + '_> {
    fn can_copy_within_system(&self) -> bool {
        false
    }

    fn copy_within_system(&mut self, _: &File, _: u64) -> io::Result<bool> {
        Ok(false)
    }
}

/// The file that a result is written to, and the hash of what was written where it is wanted.
struct ResultFile {
    file: File,
    hasher: Option<Hasher>,
    /// How many bytes it has.
    n_bytes: u64,
}

/// A hash, and how long it has taken so far: two looks at the clock for each buffer are nothing beside hashing it.
#[derive(Default)]
struct Hasher {
    state: Sha256,
    took: Duration,
}

impl Hasher {
    fn update(&mut self, bytes: &[u8]) {
        let begun = Instant::now();
        self.state.update(bytes);
        self.took += begun.elapsed();
    }
}

impl Write for ResultFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n_written = self.file.write(bytes)?;
        self.n_bytes += n_written as u64;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&bytes[..n_written]);
        }
        Ok(n_written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
