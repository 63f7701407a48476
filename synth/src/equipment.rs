//! Devices and their makers, and the habits of the sites where they stand.
//!
//! None of it is planted: the profile retains device identity.

use crate::SeriesKind;

/// Whose private attributes a device writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vendor {
    GeneralElectric,
    Siemens,
    Philips,
    Toshiba,
    Hologic,
    Other,
}

/// A device and its maker.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Equipment {
    pub(crate) vendor: Vendor,
    pub(crate) manufacturer: &'static str,
    pub(crate) model: &'static str,
    pub(crate) software: &'static str,
}

/// How a site names things.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habits {
    /// What stands before the names of protocols; it means nothing outside of the site.
    pub(crate) protocol_prefix: &'static str,
    station: &'static str,
}

impl Habits {
    /// The habits of a care site.
    pub(crate) const fn of(institution_idx: usize) -> Self {
        const HABITS: [Habits; 5] = [
            Habits { protocol_prefix: "", station: "ROOM" },
            Habits { protocol_prefix: "1.4 ", station: "MOD" },
            Habits { protocol_prefix: "STD_", station: "AE" },
            Habits { protocol_prefix: "*", station: "BAY" },
            Habits { protocol_prefix: "RTN ", station: "STN" },
        ];
        HABITS[institution_idx % HABITS.len()]
    }

    /// Station Name (0008,1010) of a modality's device, at most 16 characters.
    pub(crate) fn station_name(&self, kind: SeriesKind, number: u64) -> String {
        format!("{}{}{:02}", kind.modality(), self.station, number % 4 + 1)
    }
}

/// The devices that make series of a kind.
pub(crate) const fn devices(kind: SeriesKind) -> &'static [Equipment] {
    const fn device(
        vendor: Vendor,
        manufacturer: &'static str,
        model: &'static str,
        software: &'static str,
    ) -> Equipment {
        Equipment { vendor, manufacturer, model, software }
    }
    use Vendor::{GeneralElectric, Hologic, Other, Philips, Siemens, Toshiba};
    const CT: &[Equipment] = &[
        device(GeneralElectric, "GE MEDICAL SYSTEMS", "LightSpeed VCT", "07MW18.4"),
        device(Siemens, "SIEMENS", "SOMATOM Definition AS", "syngo CT 2012B"),
        device(Philips, "Philips", "Brilliance 64", "3.2.0"),
        device(Toshiba, "TOSHIBA", "Aquilion ONE", "V4.93ER001"),
    ];
    const MR: &[Equipment] = &[
        device(Siemens, "SIEMENS", "Avanto", "syngo MR B17"),
        device(GeneralElectric, "GE MEDICAL SYSTEMS", "Signa HDxt", "24.LX.MR"),
        device(Philips, "Philips Medical Systems", "Achieva", "3.2.1"),
        device(Toshiba, "TOSHIBA_MEC", "MRT200PP3", "V2.20"),
    ];
    const NUCLEAR: &[Equipment] = &[
        device(GeneralElectric, "GE MEDICAL SYSTEMS", "Discovery STE", "52.00"),
        device(Siemens, "SIEMENS", "Biograph 64", "VG60A"),
        device(Philips, "Philips Medical Systems", "GEMINI TF TOF 16", "3.5.2"),
    ];
    const MAMMOGRAPHY: &[Equipment] = &[
        device(Hologic, "HOLOGIC, Inc.", "Selenia Dimensions", "1.7.3.10"),
        device(GeneralElectric, "GE MEDICAL SYSTEMS", "Senographe DS", "53.40"),
        device(Siemens, "SIEMENS", "Mammomat Inspiration", "VB30"),
    ];
    const PROJECTION: &[Equipment] = &[
        device(Other, "Agfa", "CR 85-X", "NX 3.0"),
        device(Other, "FUJIFILM Corporation", "FDR D-EVO", "V8.1"),
        device(Other, "Carestream Health", "DRX-1", "5.7"),
        device(Philips, "Philips Medical Systems", "DigitalDiagnost", "2.1.4"),
    ];
    const ANGIOGRAPHY: &[Equipment] = &[
        device(Siemens, "SIEMENS", "AXIOM-Artis", "VC21C"),
        device(Philips, "Philips Medical Systems", "Allura Xper", "8.1.17"),
        device(GeneralElectric, "GE MEDICAL SYSTEMS", "Innova 3100", "48.5"),
    ];
    const ULTRASOUND: &[Equipment] = &[
        device(GeneralElectric, "GE Vingmed Ultrasound", "Vivid E9", "112"),
        device(Siemens, "SIEMENS", "ACUSON S2000", "VC30A"),
        device(Philips, "Philips Medical Systems", "iU22", "6.3.6.322"),
        device(Toshiba, "TOSHIBA_MEC_US", "TUS-A500", "AB_V5.00"),
    ];
    const PLANNING: &[Equipment] = &[
        device(Philips, "Philips Medical Systems", "Pinnacle3", "9.10"),
        device(Other, "Varian Medical Systems", "ARIA RadOnc", "13.6.23"),
    ];
    const CARDIOGRAPH: &[Equipment] = &[
        device(GeneralElectric, "GE Healthcare", "MAC 5500", "010A"),
        device(Other, "Mortara Instrument, Inc.", "ELI 280", "2.1.1"),
    ];
    const WORKSTATION: &[Equipment] =
        &[device(Other, "TeraRecon", "Aquarius", "4.4.11"), device(Other, "Vital Images", "Vitrea", "6.7")];
    match kind {
        SeriesKind::Ct | SeriesKind::EnhancedCt => CT,
        SeriesKind::Mr | SeriesKind::EnhancedMr => MR,
        SeriesKind::Pt | SeriesKind::Nm => NUCLEAR,
        SeriesKind::Mg => MAMMOGRAPHY,
        SeriesKind::Cr | SeriesKind::Dx => PROJECTION,
        SeriesKind::Xa => ANGIOGRAPHY,
        SeriesKind::Us | SeriesKind::UsMultiFrame => ULTRASOUND,
        SeriesKind::RtStruct | SeriesKind::RtPlan => PLANNING,
        SeriesKind::Ecg => CARDIOGRAPH,
        _ => WORKSTATION,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn station_names_fit_their_vr() {
        for kind in SeriesKind::ALL {
            for institution_idx in 0..5 {
                assert!(Habits::of(institution_idx).station_name(*kind, 7).len() <= 16);
            }
        }
    }
}
