//! From a data set to the bytes of a file.

use crate::charset;
use crate::plan::Syntax;
use dicom_core::value::Value;
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::transfer_syntax::TransferSyntaxIndex;
use dicom_object::meta::FileMetaTableBuilder;
use dicom_object::{FileDicomObject, InMemDicomObject};
use dicom_pixeldata::Transcode;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use md5::{Digest, Md5};

/// A file and the digest of its pixels.
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    /// MD5 of the value of Pixel Data as it stands in the file, in lower-case digits.
    pub(crate) pixel_digest: Option<String>,
}

/// Writes a data set in a transfer syntax. The error is the encoder's own words.
pub(crate) fn encode(data_set: InMemDicomObject, syntax: Syntax) -> Result<Encoded, String> {
    let native = match syntax {
        Syntax::ExplicitLittleEndian | Syntax::JpegLsLossless => uids::EXPLICIT_VR_LITTLE_ENDIAN,
        Syntax::ImplicitLittleEndian => uids::IMPLICIT_VR_LITTLE_ENDIAN,
        Syntax::Deflated => uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    };
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(native)
        // A constant UID of this program under the root for UUIDs.
        .implementation_class_uid("2.25.214098473022194853170266498120359471822")
        .implementation_version_name("EFFACE_SYNTH");
    let data_set = charset::encode_texts(data_set)?;
    let mut object = data_set.with_meta(meta).map_err(|error| error.to_string())?;
    if syntax == Syntax::JpegLsLossless {
        let target = TransferSyntaxRegistry.get(uids::JPEGLS_LOSSLESS).ok_or("no JPEG-LS encoder")?;
        object.transcode(target).map_err(|error| error.to_string())?;
    }
    let pixel_digest = pixel_digest(&object);
    let mut bytes = Vec::new();
    object.write_all(&mut bytes).map_err(|error| error.to_string())?;
    Ok(Encoded { bytes, pixel_digest })
}

fn pixel_digest(object: &FileDicomObject<InMemDicomObject>) -> Option<String> {
    let element = object.get(tags::PIXEL_DATA)?;
    let mut hasher = Md5::new();
    match element.value() {
        Value::Primitive(value) => hasher.update(value.to_bytes()),
        // As pydicom reads it: the basic offset table and the fragments with their item headers,
        // without the sequence delimiter.
        Value::PixelSequence(sequence) => {
            let offsets: Vec<u8> = sequence.offset_table().iter().flat_map(|offset| offset.to_le_bytes()).collect();
            for item in
                std::iter::once(offsets.as_slice()).chain(sequence.fragments().iter().map(|fragment| &fragment[..]))
            {
                let padded = item.len() + item.len() % 2;
                hasher.update([0xfe, 0xff, 0x00, 0xe0]);
                hasher.update(u32::try_from(padded).ok()?.to_le_bytes());
                hasher.update(item);
                hasher.update(&[0u8][..padded - item.len()]);
            }
        }
        Value::Sequence(_) => return None,
    }
    Some(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
