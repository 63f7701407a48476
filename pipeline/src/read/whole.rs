//! An instance with its bulk values in memory, for those who look at pixels.

use super::bytes::Bytes;
use super::elements::fragments;
use super::values::primitive;
use super::{BulkValue, Instance, MAX_LOADED_BYTES};
use crate::character_sets::CharacterSets;
use crate::error::InstanceError;
use dicom_core::value::{PixelFragmentSequence, Value};
use dicom_core::{DataElement, VR};
use dicom_encoding::transfer_syntax::Endianness;
use dicom_object::mem::InMemElement;
use dicom_object::{DefaultDicomObject, FileMetaTableBuilder};
use std::io::{Seek, SeekFrom};

impl Instance {
    /// The data set as it was read, with its pixels. What this crate read is what is looked at: another reader may
    /// understand a file otherwise, or not at all.
    ///
    /// # Errors
    /// When the pixel data cannot be read.
    pub(crate) fn with_pixels(&mut self) -> Result<DefaultDicomObject, InstanceError> {
        let mut data_set = self.data_set.clone();
        let of_pixels = |bulk: &&BulkValue| matches!(bulk.tag.group(), 0x0028 | 0x7FE0);
        let pixels: Vec<BulkValue> = self.bulk.iter().filter(of_pixels).copied().collect();
        for bulk in pixels {
            data_set.put(self.load(&bulk)?);
        }
        let meta = FileMetaTableBuilder::new()
            .media_storage_sop_class_uid(self.text(dicom_dictionary_std::tags::SOP_CLASS_UID))
            .media_storage_sop_instance_uid(self.text(dicom_dictionary_std::tags::SOP_INSTANCE_UID))
            .transfer_syntax(self.transfer_syntax.uid())
            .build()
            .map_err(|_| InstanceError::FileMeta)?;
        Ok(data_set.with_exact_meta(meta))
    }

    fn load(&mut self, bulk: &BulkValue) -> Result<InMemElement, InstanceError> {
        self.source.seek(SeekFrom::Start(bulk.offset))?;
        let extent = bulk.offset..bulk.offset + bulk.n_bytes;
        let mut bytes = Bytes::new(&mut self.source, extent, MAX_LOADED_BYTES);
        if bulk.length.is_undefined() {
            let mut fragments = fragments(&mut bytes)?.into_iter();
            let table = fragments.next().unwrap_or_default();
            let (offsets, []) = table.as_chunks::<4>() else { return Err(InstanceError::DataSet) };
            let table: Vec<u32> = offsets.iter().map(|offset| u32::from_le_bytes(*offset)).collect();
            let fragments: Vec<Vec<u8>> = fragments.collect();
            let sequence = PixelFragmentSequence::new(table, fragments);
            return Ok(DataElement::new(bulk.tag, VR::OB, Value::PixelSequence(sequence)));
        }
        let n_bytes = u32::try_from(bulk.n_bytes).map_err(|_| InstanceError::TooLarge)?;
        let big_endian = self.transfer_syntax.endianness() == Endianness::Big;
        let value = primitive(bytes.vector(n_bytes)?, bulk.vr, big_endian, CharacterSets::default());
        Ok(DataElement::new(bulk.tag, bulk.vr, value))
    }
}
