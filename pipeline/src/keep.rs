//! Keeps what was read of instances between a patient's lexicon and their handling, so that it is read once.

use crate::read::{ByteSource, Instance};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

/// All that is kept at one time may take about this many bytes. What does not fit is read again.
const MAX_KEPT_BYTES: u64 = 8 * 1024 * 1024;
/// An element takes several times the memory that it takes in a file.
const MEMORY_PER_BYTE: u64 = 4;
/// What an instance takes however little it holds.
const MEMORY_PER_INSTANCE: u64 = 8 * 1024;

/// An instance without its open file: there may be more of them than files can be open.
pub(crate) struct Kept {
    instance: Instance,
    modified: SystemTime,
    n_bytes_held: u64,
}

impl Kept {
    /// What was read.
    pub(crate) const fn instance(&self) -> &Instance {
        &self.instance
    }
}

/// Counts the bytes that are kept.
#[derive(Default)]
pub(crate) struct Keeper {
    n_bytes_held: AtomicU64,
}

impl Keeper {
    /// Keeps an instance if there is room.
    pub(crate) fn keep(&self, mut instance: Instance) -> Option<Kept> {
        // A data set that was inflated is itself the source of its bulk values.
        let ByteSource::File(file) = &instance.source else { return None };
        let modified = file.get_ref().metadata().and_then(|metadata| metadata.modified()).ok()?;
        let n_bulk_bytes: u64 = instance.bulk.iter().map(|bulk| bulk.n_bytes).sum();
        let n_header_bytes = instance.n_bytes.saturating_sub(n_bulk_bytes);
        let n_bytes_held = n_header_bytes.saturating_mul(MEMORY_PER_BYTE).saturating_add(MEMORY_PER_INSTANCE);
        let before = self.n_bytes_held.fetch_add(n_bytes_held, Ordering::Relaxed);
        if before.saturating_add(n_bytes_held) > MAX_KEPT_BYTES {
            self.n_bytes_held.fetch_sub(n_bytes_held, Ordering::Relaxed);
            return None;
        }
        instance.source = ByteSource::Closed;
        Some(Kept { instance, modified, n_bytes_held })
    }

    /// Gives an instance back with its file open again, or nothing when the file is no longer the same.
    pub(crate) fn give_back(&self, kept: Kept, path: &Path) -> Option<Instance> {
        self.n_bytes_held.fetch_sub(kept.n_bytes_held, Ordering::Relaxed);
        let mut instance = kept.instance;
        let file = File::open(path).ok()?;
        let metadata = file.metadata().ok()?;
        if metadata.len() != instance.n_bytes || metadata.modified().ok()? != kept.modified {
            return None;
        }
        // Bulk values are copied in stretches that pass a small buffer by.
        instance.source = ByteSource::File(BufReader::with_capacity(4 * 1024, file));
        Some(instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_core::{DataElement, PrimitiveValue, VR};
    use dicom_dictionary_std::{tags, uids};
    use dicom_object::{FileMetaTableBuilder, InMemDicomObject};

    fn write(path: &Path, comment: &str) {
        let mut object = InMemDicomObject::new_empty();
        object.put(DataElement::new(tags::IMAGE_COMMENTS, VR::LT, PrimitiveValue::from(comment)));
        let meta = FileMetaTableBuilder::new()
            .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
            .media_storage_sop_class_uid(uids::CT_IMAGE_STORAGE)
            .media_storage_sop_instance_uid("1.2.3");
        object.with_meta(meta).expect("a file").write_to_file(path).expect("written");
    }

    #[test]
    fn what_is_kept_is_given_back_while_the_file_stays_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.dcm");
        write(&path, "one");
        let keeper = Keeper::default();
        let kept = keeper.keep(Instance::read(&path).expect("readable")).expect("there is room");
        assert_eq!(keeper.give_back(kept, &path).expect("the same").text(tags::IMAGE_COMMENTS), "one");
        let kept = keeper.keep(Instance::read(&path).expect("readable")).expect("there is room");
        write(&path, "another one");
        assert!(keeper.give_back(kept, &path).is_none(), "the file has changed");
        assert_eq!(keeper.n_bytes_held.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn what_does_not_fit_is_not_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.dcm");
        write(&path, &"long ".repeat(1000));
        let keeper = Keeper::default();
        let read = || Instance::read(&path).expect("readable");
        let kept: Vec<Kept> = (0..1000).map_while(|_| keeper.keep(read())).collect();
        assert!((100..1000).contains(&kept.len()), "{}", kept.len());
        for kept in kept {
            assert!(keeper.give_back(kept, &path).is_some());
        }
        assert!(keeper.keep(read()).is_some(), "there is room again");
    }
}
