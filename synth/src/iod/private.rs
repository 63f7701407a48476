//! Private attributes: technical ones that the safe list retains, and ones that hold what identifies.
//!
//! The retained ones stand in PS3.15 table E.3.10-1 or in TCIA's knowledge base as safe; the planted ones stand in
//! no safe list. Creators and elements are those that devices of these makers write.

use super::Scene;
use super::common::values;
use crate::SeriesKind;
use crate::Syntax;
use crate::dates;
use crate::equipment::Vendor;
use crate::plant::Sheet;
use dicom_core::{PrimitiveValue, VR};

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    match scene.series.equipment.vendor {
        Vendor::GeneralElectric => general_electric(scene, sheet),
        Vendor::Siemens => siemens(scene, sheet),
        Vendor::Philips => philips(scene, sheet),
        Vendor::Toshiba => toshiba(scene, sheet),
        Vendor::Hologic => hologic(scene, sheet),
        Vendor::Other => workstation(scene, sheet),
    }
}

fn general_electric(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.series_stream("private text");
    match scene.series.kind {
        SeriesKind::Ct => {
            sheet.keep_private(0x0019, "GEMS_ACQU_01", 0x23, VR::DS, "39.375");
            sheet.keep_private(0x0019, "GEMS_ACQU_01", 0x27, VR::DS, "0.500");
        }
        SeriesKind::Pt => {
            sheet.keep_private(0x0009, "GEMS_PETD_01", 0x12, VR::LO, "Static");
            sheet.keep_private(0x0009, "GEMS_PETD_01", 0x36, VR::LO, "FDG");
        }
        SeriesKind::Mg => {
            sheet.keep_private(0x0045, "GEMS_SENO_02", 0x06, VR::DS, "0.49");
            sheet.keep_private(0x0045, "GEMS_SENO_02", 0x1b, VR::CS, "ADAPTED");
        }
        SeriesKind::Mr => {
            sheet.keep_private(0x0019, "GEMS_ACQU_01", 0x9e, VR::LO, "EFGRE3D");
            sheet.keep_private(0x0043, "GEMS_PARM_01", 0x39, VR::IS, values(&["1000", "8", "0", "0"]));
        }
        _ => {}
    }
    let moment = dates::dicom_date_time(scene.study.date, scene.series.start);
    sheet.plant_private(0x0009, "GEMS_PETD_01", 0x05, VR::DT, &moment);
    sheet.plant_private(0x0037, "GEMS_DRS_1", 0x10, VR::LO, &scene.institution.name);
    sheet.phrase_private(0x0037, "GEMS_DRS_1", 0x71, VR::LO, &scene.series_grammar().line(rng, 6));
}

fn siemens(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let persona = scene.persona();
    if scene.series.kind == SeriesKind::Mr {
        sheet.keep_private(0x0019, "SIEMENS MR HEADER", 0x0c, VR::IS, "800");
        sheet.keep_private(0x0019, "SIEMENS MR HEADER", 0x0d, VR::CS, "DIRECTIONAL");
        // Without its VR a number could not be told from text by those who check that it survived.
        if scene.series.syntax != Syntax::Implicit {
            let direction = PrimitiveValue::F64([0.5, 0.25, -0.75].as_slice().into());
            sheet.keep_private(0x0019, "SIEMENS MR HEADER", 0x0e, VR::FD, direction);
        }
    }
    sheet.plant_private(0x0011, "SIEMENS RIS", 0x11, VR::LO, &persona.patient_id);
    sheet.plant_private(0x0011, "SIEMENS RIS", 0x20, VR::DA, &dates::dicom_date(scene.study.date));
    sheet.plant_private(0x0011, "SIEMENS RIS", 0x30, VR::PN, &persona.name);
    let rng = &mut scene.series_stream("private text");
    sheet.phrase_private(0x0011, "SIEMENS RIS", 0x50, VR::LO, &scene.series_grammar().line(rng, 8));
    sheet.put_private(0x0029, "SIEMENS CSA HEADER", 0x08, VR::CS, "IMAGE NUM 4");
    sheet.put_private(0x0029, "SIEMENS CSA HEADER", 0x18, VR::CS, scene.series.kind.modality());
    sheet.plant_private(0x0011, "SIEMENS RIS", 0x31, VR::LO, &persona.name.given());
    if scene.series.kind == SeriesKind::Ct {
        sheet.keep_private(0x0019, "SIEMENS CT VA0  COAD", 0x10, VR::IS, "1");
        sheet.plant_private(0x0013, "SIEMENS CM VA0  CMS", 0x10, VR::DA, &dates::dicom_date(scene.study.date));
    }
}

fn philips(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.series_stream("private text");
    if scene.series.kind == SeriesKind::Mr {
        sheet.keep_private(0x2001, "Philips Imaging DD 001", 0x08, VR::IS, "1");
        sheet.keep_private(0x2001, "Philips Imaging DD 001", 0x0b, VR::CS, "TRANSVERSAL");
        sheet.keep_private(0x2001, "Philips Imaging DD 001", 0x23, VR::DS, "90.0");
    } else if scene.series.kind == SeriesKind::Pt {
        sheet.keep_private(0x7053, "Philips PET Private Group", 0x00, VR::DS, "0.000435");
        sheet.keep_private(0x7053, "Philips PET Private Group", 0x09, VR::DS, "1.224");
        sheet.plant_private(0x7053, "Philips PET Private Group", 0x03, VR::ST, &scene.persona().name.sorted());
    } else if scene.series.kind == SeriesKind::Ct {
        sheet.keep_private(0x00e1, "ELSCINT1", 0x21, VR::DS, "412.5");
        sheet.keep_private(0x01f1, "ELSCINT1", 0x26, VR::DS, "0.938");
    }
    sheet.phrase_private(0x0009, "SPI", 0x10, VR::LO, &scene.series_grammar().line(rng, 7));
    sheet.plant_private(0x0009, "SPI", 0x15, VR::LO, &scene.persona().account);
}

fn toshiba(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.series_stream("private text");
    match scene.series.kind {
        SeriesKind::Ct => {
            sheet.keep_private(0x7005, "TOSHIBA_MEC_CT3", 0x06, VR::SH, "FC13-H");
            sheet.keep_private(0x7005, "TOSHIBA_MEC_CT3", 0x07, VR::DS, "30.5");
            sheet.keep_private(0x7005, "TOSHIBA_MEC_CT3", 0x09, VR::LO, "ORG");
            let moment = dates::dicom_date_time(scene.study.date, scene.series.start);
            sheet.plant_private(0x7005, "TOSHIBA_MEC_CT3", 0x90, VR::LO, &moment);
        }
        SeriesKind::Mr => sheet.put_private(0x700d, "TOSHIBA_MEC_MR3", 0x11, VR::DS, "4.2"),
        _ => sheet.put_private(0x0029, "PMTF INFORMATION DATA", 0x31, VR::LO, "PMTF 1.0"),
    }
    sheet.plant_private(0x0029, "PMTF INFORMATION DATA", 0x89, VR::LO, &scene.persona().patient_id);
    sheet.phrase_private(0x0029, "PMTF INFORMATION DATA", 0xe0, VR::LO, &scene.series_grammar().line(rng, 5));
}

fn hologic(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.series_stream("private text");
    sheet.keep_private(0x7e01, "HOLOGIC, Inc.", 0x01, VR::LO, "DBT Codec");
    sheet.keep_private(0x7e01, "HOLOGIC, Inc.", 0x02, VR::SH, "1.0");
    sheet.put_private(0x0019, "LORAD Selenia", 0x06, VR::LO, "LCC");
    sheet.put_private(0x0019, "LORAD Selenia", 0x16, VR::DS, "28.6");
    sheet.plant_private(0x0019, "LORAD Selenia", 0xe1, VR::LO, &scene.study.operator.spoken());
    sheet.phrase_private(0x0019, "LORAD Selenia", 0xe2, VR::LO, &scene.series_grammar().line(rng, 6));
}

fn workstation(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.series_stream("private text");
    sheet.plant_private(0x0029, "EXPORT STATION 2.0", 0x01, VR::LO, &scene.institution.archive_ip);
    sheet.plant_private(0x0029, "EXPORT STATION 2.0", 0x02, VR::UI, &scene.study.uid);
    sheet.phrase_private(0x0029, "EXPORT STATION 2.0", 0x10, VR::LT, &scene.series_grammar().comment(rng, 9));
}
