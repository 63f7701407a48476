//! Private attributes: technical ones that the safe list retains, and ones that hold what identifies.
//!
//! The retained ones stand in PS3.15 table E.3.10-1; the others stand in no safe list.

use super::Scene;
use super::common::values;
use crate::dates;
use crate::options::SeriesKind;
use crate::plan::Syntax;
use crate::plant::Sheet;
use dicom_core::{PrimitiveValue, VR};

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let manufacturer = scene.series.equipment.manufacturer;
    if manufacturer.starts_with("GE") {
        general_electric(scene, sheet);
    } else if manufacturer.starts_with("SIEMENS") {
        siemens(scene, sheet);
    } else if manufacturer.starts_with("Philips") {
        philips(scene, sheet);
    } else {
        workstation(scene, sheet);
    }
}

fn general_electric(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.series_stream("private text");
    match scene.series.kind {
        SeriesKind::Ct => {
            sheet.keep_private(0x0019, "GEMS_ACQU_01", 0x23, VR::DS, "39.375");
            sheet.keep_private(0x0019, "GEMS_ACQU_01", 0x27, VR::DS, "0.500");
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
        if scene.series.syntax != Syntax::ImplicitLittleEndian {
            let direction = PrimitiveValue::F64([0.5, 0.25, -0.75].as_slice().into());
            sheet.keep_private(0x0019, "SIEMENS MR HEADER", 0x0e, VR::FD, direction);
        }
    }
    sheet.plant_private(0x0011, "SIEMENS RIS", 0x11, VR::LO, &persona.patient_id);
    sheet.plant_private(0x0011, "SIEMENS RIS", 0x20, VR::DA, &dates::dicom_date(scene.study.date));
    sheet.plant_private(0x0011, "SIEMENS RIS", 0x30, VR::PN, &persona.name);
    let rng = &mut scene.series_stream("private text");
    sheet.phrase_private(0x0011, "SIEMENS RIS", 0x50, VR::LO, &scene.series_grammar().line(rng, 8));
    if scene.series.kind == SeriesKind::Ct {
        sheet.plant_private(0x0013, "SIEMENS CM VA0  CMS", 0x10, VR::DA, &dates::dicom_date(scene.study.date));
    }
}

fn philips(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.series_stream("private text");
    if scene.series.kind == SeriesKind::Mr {
        sheet.keep_private(0x2001, "Philips Imaging DD 001", 0x08, VR::IS, "1");
        sheet.keep_private(0x2001, "Philips Imaging DD 001", 0x0b, VR::CS, "TRANSVERSAL");
        sheet.keep_private(0x2001, "Philips Imaging DD 001", 0x23, VR::DS, "90.0");
    } else {
        sheet.keep_private(0x00e1, "ELSCINT1", 0x21, VR::DS, "412.5");
        sheet.keep_private(0x01f1, "ELSCINT1", 0x26, VR::DS, "0.938");
    }
    sheet.phrase_private(0x0009, "SPI", 0x10, VR::LO, &scene.series_grammar().line(rng, 7));
    sheet.plant_private(0x0009, "SPI", 0x15, VR::LO, &scene.persona().account);
}

fn workstation(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.series_stream("private text");
    sheet.plant_private(0x0029, "EXPORT STATION 2.0", 0x01, VR::SH, &scene.institution.archive_ip);
    sheet.plant_private(0x0029, "EXPORT STATION 2.0", 0x02, VR::UI, &scene.study.uid);
    sheet.phrase_private(0x0029, "EXPORT STATION 2.0", 0x10, VR::LT, &scene.series_grammar().comment(rng, 9));
}
