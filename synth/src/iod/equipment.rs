//! General Equipment module. The profile retains the device, not the place where it stands.

use super::Scene;
use crate::dates;
use crate::equipment::Habits;
use crate::plant::{Basis, Sheet};
use dicom_dictionary_std::tags;
use jiff::ToSpan;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let equipment = scene.series.equipment;
    sheet.keep(tags::MANUFACTURER, Basis::Device, equipment.manufacturer);
    sheet.require(tags::MANUFACTURER, Basis::Type2);
    sheet.keep(tags::MANUFACTURER_MODEL_NAME, Basis::Device, equipment.model);
    sheet.keep(tags::SOFTWARE_VERSIONS, Basis::Device, equipment.software);
    sheet.keep(tags::DEVICE_SERIAL_NUMBER, Basis::Device, scene.series.device_serial.as_str());
    // What stands in a station's name differs from site to site; whether it survives is not checked.
    let habits = Habits::of(scene.study.institution_idx);
    sheet.put(tags::STATION_NAME, habits.station_name(scene.series.kind, scene.series.ordinal));
    sheet.plant(tags::INSTITUTION_NAME, &scene.institution.name);
    sheet.plant(tags::INSTITUTION_ADDRESS, &scene.institution.address);
    // A department does not identify; whether it survives is not checked.
    sheet.put(tags::INSTITUTIONAL_DEPARTMENT_NAME, scene.institution.department);
    let calibrated = scene.study.date.saturating_sub(17.days());
    sheet.plant(tags::DATE_OF_LAST_CALIBRATION, &dates::dicom_date(calibrated));
}
