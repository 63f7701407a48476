//! Fixed inputs for the benches.
//!
//! The instances are made here rather than by `synth`, so that a measurement does not change when the
//! synthesizer learns something new.

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject, WriteError};
use std::path::Path;

/// Rows and columns of a CT instance: 512 by 512 samples of 16 bits are 512 KiB of native pixels.
pub const CT_SIDE_PX: u16 = 512;

/// Patients share a study of this many instances.
pub const N_INSTANCES_PER_PATIENT: u32 = 50;

/// Writes CT instances with native pixels, named `00000.dcm` and so on, into a folder that exists.
///
/// Attributes, sequences and private attributes are as many as a scanner's console writes, and the names,
/// identifiers, dates and free texts are there to be found. The same count gives the same bytes.
///
/// # Errors
/// When a file cannot be written.
pub fn write_ct_instances(folder: &Path, n_instances: u32) -> Result<(), Box<WriteError>> {
    write_ct_instances_of_side(folder, n_instances, CT_SIDE_PX)
}

/// Writes CT instances as [`write_ct_instances`] does, with as many rows and columns as `side_px` says.
///
/// # Errors
/// When a file cannot be written.
pub fn write_ct_instances_of_side(folder: &Path, n_instances: u32, side_px: u16) -> Result<(), Box<WriteError>> {
    (0..n_instances).try_for_each(|instance_idx| {
        let instance = ct_instance(instance_idx, side_px);
        write(&folder.join(format!("{instance_idx:05}.dcm")), instance, uids::CT_IMAGE_STORAGE)
    })
}

/// Writes one multi-frame instance of 8-bit gray native pixels, 1 MiB for each frame.
///
/// # Errors
/// When the file cannot be written.
///
/// # Panics
/// With more than 4,000 frames: native pixel data holds less than 4 GiB.
pub fn write_multi_frame_instance(path: &Path, n_frames: u32) -> Result<(), Box<WriteError>> {
    assert!(n_frames <= 4_000, "native pixel data holds less than 4 GiB");
    const SIDE_PX: u16 = 1024;
    let mut instance = common_attributes(0, uids::MULTI_FRAME_GRAYSCALE_BYTE_SECONDARY_CAPTURE_IMAGE_STORAGE, "OT");
    put_image_attributes(&mut instance, SIDE_PX, 8);
    for (tag, vr, value) in [
        (tags::CONVERSION_TYPE, VR::CS, "WSD".to_owned()),
        (tags::NUMBER_OF_FRAMES, VR::IS, n_frames.to_string()),
        (tags::FRAME_TIME, VR::DS, "40".to_owned()),
        (tags::PATIENT_ORIENTATION, VR::CS, String::new()),
        (tags::BURNED_IN_ANNOTATION, VR::CS, "NO".to_owned()),
        (tags::PRESENTATION_LUT_SHAPE, VR::CS, "IDENTITY".to_owned()),
        (tags::RESCALE_INTERCEPT, VR::DS, "0".to_owned()),
        (tags::RESCALE_SLOPE, VR::DS, "1".to_owned()),
        (tags::RESCALE_TYPE, VR::LO, "US".to_owned()),
    ] {
        put(&mut instance, tag, vr, value);
    }
    let frame_time = PrimitiveValue::Tags([tags::FRAME_TIME].as_slice().into());
    instance.put(DataElement::new(tags::FRAME_INCREMENT_POINTER, VR::AT, frame_time));
    let n_bytes = n_frames as usize * usize::from(SIDE_PX) * usize::from(SIDE_PX);
    instance.put(DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(vec![64; n_bytes].into())));
    write(path, instance, uids::MULTI_FRAME_GRAYSCALE_BYTE_SECONDARY_CAPTURE_IMAGE_STORAGE)
}

/// A CT instance with native pixels of 16 bits.
fn ct_instance(instance_idx: u32, side_px: u16) -> InMemDicomObject {
    let mut instance = common_attributes(instance_idx, uids::CT_IMAGE_STORAGE, "CT");
    put_image_attributes(&mut instance, side_px, 16);
    put_acquisition(&mut instance, instance_idx);
    put_sequences(&mut instance, instance_idx);
    put_private_attributes(&mut instance);
    // A gradient that differs between instances: equal files would flatter a file system that shares blocks.
    let n_samples = u32::from(side_px) * u32::from(side_px);
    let samples: Vec<u16> = (0..n_samples).map(|at| ((at + instance_idx * 17) % 4096) as u16).collect();
    instance.put(DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(samples.into())));
    instance
}

fn common_attributes(instance_idx: u32, sop_class: &str, modality: &str) -> InMemDicomObject {
    let patient_idx = instance_idx / N_INSTANCES_PER_PATIENT;
    let mut instance = InMemDicomObject::new_empty();
    for (tag, vr, value) in [
        (tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 100".to_owned()),
        (tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\AXIAL".to_owned()),
        (tags::SOP_CLASS_UID, VR::UI, sop_class.to_owned()),
        (tags::SOP_INSTANCE_UID, VR::UI, instance_uid(instance_idx)),
        (tags::STUDY_DATE, VR::DA, "20240311".to_owned()),
        (tags::SERIES_DATE, VR::DA, "20240311".to_owned()),
        (tags::ACQUISITION_DATE, VR::DA, "20240311".to_owned()),
        (tags::CONTENT_DATE, VR::DA, "20240311".to_owned()),
        (tags::STUDY_TIME, VR::TM, "101500".to_owned()),
        (tags::SERIES_TIME, VR::TM, "101730".to_owned()),
        (tags::CONTENT_TIME, VR::TM, "101811.25".to_owned()),
        (tags::ACCESSION_NUMBER, VR::SH, format!("ACC{patient_idx:06}")),
        (tags::MODALITY, VR::CS, modality.to_owned()),
        (tags::MANUFACTURER, VR::LO, "ACME IMAGING".to_owned()),
        (tags::INSTITUTION_NAME, VR::LO, "Harbour General Hospital".to_owned()),
        (tags::INSTITUTION_ADDRESS, VR::ST, "12 Quay Street, Springfield".to_owned()),
        (tags::REFERRING_PHYSICIAN_NAME, VR::PN, "Albright^Rosa^^Dr".to_owned()),
        (tags::STATION_NAME, VR::SH, "CTROOM2".to_owned()),
        (tags::STUDY_DESCRIPTION, VR::LO, "CT abdomen with contrast".to_owned()),
        (tags::SERIES_DESCRIPTION, VR::LO, format!("axial 5 mm, patient {}", surname(patient_idx))),
        (tags::OPERATORS_NAME, VR::PN, "Ng^Peter".to_owned()),
        (tags::MANUFACTURER_MODEL_NAME, VR::LO, "Slice 64".to_owned()),
        (tags::PATIENT_NAME, VR::PN, format!("{}^Martha", surname(patient_idx))),
        (tags::PATIENT_ID, VR::LO, format!("MRN{patient_idx:07}")),
        (tags::PATIENT_BIRTH_DATE, VR::DA, "19610704".to_owned()),
        (tags::PATIENT_SEX, VR::CS, "F".to_owned()),
        (tags::PATIENT_AGE, VR::AS, "062Y".to_owned()),
        (tags::PATIENT_WEIGHT, VR::DS, "71.5".to_owned()),
        (tags::PATIENT_COMMENTS, VR::LT, "Seen by Dr Rosa Albright on 11 March 2024, phone 555-0142.".to_owned()),
        (tags::BODY_PART_EXAMINED, VR::CS, "ABDOMEN".to_owned()),
        (tags::STUDY_INSTANCE_UID, VR::UI, format!("1.2.826.0.1.3680043.10.1.{}", patient_idx + 1)),
        (tags::SERIES_INSTANCE_UID, VR::UI, format!("1.2.826.0.1.3680043.10.1.{}.1", patient_idx + 1)),
        (tags::STUDY_ID, VR::SH, format!("{}", 1000 + patient_idx)),
        (tags::SERIES_NUMBER, VR::IS, "1".to_owned()),
        (tags::INSTANCE_NUMBER, VR::IS, (instance_idx % N_INSTANCES_PER_PATIENT + 1).to_string()),
        (tags::FRAME_OF_REFERENCE_UID, VR::UI, format!("1.2.826.0.1.3680043.10.1.{}.2", patient_idx + 1)),
    ] {
        put(&mut instance, tag, vr, value);
    }
    instance
}

fn put_image_attributes(instance: &mut InMemDicomObject, side_px: u16, n_bits: u16) {
    for (tag, value) in [
        (tags::SAMPLES_PER_PIXEL, 1),
        (tags::ROWS, side_px),
        (tags::COLUMNS, side_px),
        (tags::BITS_ALLOCATED, n_bits),
        (tags::BITS_STORED, n_bits),
        (tags::HIGH_BIT, n_bits - 1),
        (tags::PIXEL_REPRESENTATION, 0),
    ] {
        instance.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
    }
    put(instance, tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2");
}

fn put_acquisition(instance: &mut InMemDicomObject, instance_idx: u32) {
    let position_mm = f64::from(instance_idx % N_INSTANCES_PER_PATIENT) * 5.0;
    for (tag, vr, value) in [
        (tags::ACQUISITION_NUMBER, VR::IS, "1".to_owned()),
        (tags::POSITION_REFERENCE_INDICATOR, VR::LO, String::new()),
        (tags::SLICE_THICKNESS, VR::DS, "5".to_owned()),
        (tags::KVP, VR::DS, "120".to_owned()),
        (tags::DATA_COLLECTION_DIAMETER, VR::DS, "500".to_owned()),
        (tags::DEVICE_SERIAL_NUMBER, VR::LO, "SN-88123".to_owned()),
        (tags::SOFTWARE_VERSIONS, VR::LO, "VA44A".to_owned()),
        (tags::PROTOCOL_NAME, VR::LO, "Abdomen routine".to_owned()),
        (tags::RECONSTRUCTION_DIAMETER, VR::DS, "380".to_owned()),
        (tags::EXPOSURE_TIME, VR::IS, "500".to_owned()),
        (tags::X_RAY_TUBE_CURRENT, VR::IS, "220".to_owned()),
        (tags::CONVOLUTION_KERNEL, VR::SH, "B40f".to_owned()),
        (tags::PATIENT_POSITION, VR::CS, "HFS".to_owned()),
        (tags::IMAGE_POSITION_PATIENT, VR::DS, format!("-190\\-190\\{position_mm}")),
        (tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "1\\0\\0\\0\\1\\0".to_owned()),
        (tags::PIXEL_SPACING, VR::DS, "0.742\\0.742".to_owned()),
        (tags::WINDOW_CENTER, VR::DS, "40".to_owned()),
        (tags::WINDOW_WIDTH, VR::DS, "400".to_owned()),
        (tags::RESCALE_INTERCEPT, VR::DS, "-1024".to_owned()),
        (tags::RESCALE_SLOPE, VR::DS, "1".to_owned()),
        (tags::IMAGE_COMMENTS, VR::LT, "Breath hold was short.".to_owned()),
    ] {
        put(instance, tag, vr, value);
    }
}

/// Two references in one sequence, and a code beside a person in another.
fn put_sequences(instance: &mut InMemDicomObject, instance_idx: u32) {
    let references = [instance_idx + 1, instance_idx + 2].map(|referenced_idx| {
        let mut item = InMemDicomObject::new_empty();
        put(&mut item, tags::REFERENCED_SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE);
        put(&mut item, tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, instance_uid(referenced_idx));
        item
    });
    put_sequence(instance, tags::REFERENCED_IMAGE_SEQUENCE, references.to_vec());

    let mut code = InMemDicomObject::new_empty();
    put(&mut code, tags::CODE_VALUE, VR::SH, "CTABD");
    put(&mut code, tags::CODING_SCHEME_DESIGNATOR, VR::SH, "99ACME");
    put(&mut code, tags::CODE_MEANING, VR::LO, "CT of the abdomen");
    let mut request = InMemDicomObject::new_empty();
    put(&mut request, tags::REQUESTED_PROCEDURE_DESCRIPTION, VR::LO, "CT abdomen");
    put(&mut request, tags::REQUESTING_PHYSICIAN, VR::PN, "Albright^Rosa^^Dr");
    put_sequence(&mut request, tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE, vec![code]);
    put_sequence(instance, tags::REQUEST_ATTRIBUTES_SEQUENCE, vec![request]);
}

fn put_private_attributes(instance: &mut InMemDicomObject) {
    put(instance, Tag(0x0009, 0x0010), VR::LO, "ACME CONSOLE");
    put(instance, Tag(0x0009, 0x1001), VR::LO, "operator Peter Ng");
    put(instance, Tag(0x0009, 0x1002), VR::DS, "12.5");
    instance.put(DataElement::new(Tag(0x0009, 0x1003), VR::OB, PrimitiveValue::U8(vec![7; 2048].into())));
}

fn put(instance: &mut InMemDicomObject, tag: Tag, vr: VR, value: impl AsRef<str>) {
    let values: Vec<String> = match vr {
        VR::LT | VR::ST | VR::UT => vec![value.as_ref().to_owned()],
        _ => value.as_ref().split('\\').map(str::to_owned).collect(),
    };
    instance.put(DataElement::new(tag, vr, PrimitiveValue::Strs(values.into())));
}

fn put_sequence(instance: &mut InMemDicomObject, tag: Tag, items: Vec<InMemDicomObject>) {
    instance.put(DataElement::new(tag, VR::SQ, dicom_core::value::DataSetSequence::from(items)));
}

fn surname(patient_idx: u32) -> &'static str {
    ["Hargreaves", "Lindqvist", "Moreau", "Tanaka"][patient_idx as usize % 4]
}

fn instance_uid(instance_idx: u32) -> String {
    format!("1.2.826.0.1.3680043.10.1.9.{}", instance_idx + 1)
}

fn write(path: &Path, instance: InMemDicomObject, sop_class: &str) -> Result<(), Box<WriteError>> {
    let uid = instance.element(tags::SOP_INSTANCE_UID).expect("the attribute was put").to_str();
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
        .media_storage_sop_class_uid(sop_class)
        .media_storage_sop_instance_uid(uid.expect("the attribute is text"));
    let file = instance.with_meta(meta).expect("the transfer syntax is known");
    file.write_to_file(path).map_err(Box::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_object::open_file;
    use std::fs;

    #[test]
    fn instances_are_as_large_as_they_claim_and_differ() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write_ct_instances(folder.path(), 3).expect("the instances are written");
        let files: Vec<Vec<u8>> =
            (0..3).map(|at| fs::read(folder.path().join(format!("{at:05}.dcm"))).expect("a file")).collect();
        for file in &files {
            assert!((524_288..540_000).contains(&file.len()), "{} bytes", file.len());
        }
        assert_ne!(files[0], files[1]);

        let again = tempfile::tempdir().expect("a temporary folder");
        write_ct_instances(again.path(), 3).expect("the instances are written");
        assert_eq!(files[2], fs::read(again.path().join("00002.dcm")).expect("a file"));
    }

    #[test]
    fn an_instance_holds_what_is_to_be_found() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write_ct_instances(folder.path(), 51).expect("the instances are written");
        let text = |file: &str, tag: Tag| {
            let instance = open_file(folder.path().join(file)).expect("a readable instance");
            instance.element(tag).expect("present").to_str().expect("text").into_owned()
        };
        assert_eq!(text("00000.dcm", tags::PATIENT_NAME), "Hargreaves^Martha");
        assert_eq!(text("00050.dcm", tags::PATIENT_NAME), "Lindqvist^Martha");
        assert!(text("00050.dcm", tags::SERIES_DESCRIPTION).contains("Lindqvist"));

        let instance = open_file(folder.path().join("00007.dcm")).expect("a readable instance");
        let pixels = instance.element(tags::PIXEL_DATA).expect("present").to_bytes().expect("native");
        assert_eq!(pixels.len(), 2 * usize::from(CT_SIDE_PX) * usize::from(CT_SIDE_PX));
        let references = instance.element(tags::REFERENCED_IMAGE_SEQUENCE).expect("present");
        assert_eq!(references.items().map(<[_]>::len), Some(2));
    }

    #[test]
    fn a_multi_frame_instance_holds_its_frames() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("frames.dcm");
        write_multi_frame_instance(&path, 3).expect("the instance is written");
        let instance = open_file(&path).expect("a readable instance");
        assert_eq!(instance.element(tags::NUMBER_OF_FRAMES).expect("present").to_int::<u32>().expect("a number"), 3);
        assert_eq!(instance.element(tags::PIXEL_DATA).expect("present").to_bytes().expect("native").len(), 3 << 20);
    }
}
