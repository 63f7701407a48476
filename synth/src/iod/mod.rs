//! The information object definitions (PS3.3), one file per family.
//!
//! Each writes its own modules over the common ones of [`common`], plants as it goes, and returns the
//! finished data set.

mod common;
mod ct;
mod device;
mod ecg;
mod enhanced;
mod enhanced_ct;
mod enhanced_mr;
mod equipment;
mod frames;
mod mg;
mod mr;
mod nuclear;
mod patient;
mod pdf;
mod presentation;
mod private;
mod projection;
mod references;
mod retired;
mod rt_plan;
mod rt_struct;
mod sc;
mod seg;
mod sr;
mod study;
mod us;
mod xa;

use crate::SeriesKind;
use crate::grammar::Grammar;
use crate::odd::{Oddity, Writing};
use crate::options::SuiteSettings;
use crate::persona::{Institution, Persona};
use crate::plan::{PatientPlan, SeriesPlan, StudyPlan};
use crate::plant::{Secret, Sheet, Sparing, Truth};
use crate::streams::Streams;
use dicom_dictionary_std::uids;
use dicom_object::InMemDicomObject;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Everything that an instance is made from.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) settings: &'a SuiteSettings,
    pub(crate) streams: &'a Streams,
    pub(crate) patient: &'a PatientPlan,
    pub(crate) study: &'a StudyPlan,
    pub(crate) series: &'a SeriesPlan,
    pub(crate) institution: &'a Institution,
    pub(crate) instance_idx: u32,
}

impl Scene<'_> {
    pub(crate) const fn persona(&self) -> &Persona {
        &self.patient.persona
    }

    pub(crate) fn uid(&self) -> &Secret {
        &self.series.instance_uids[self.instance_idx as usize]
    }

    /// A stream of this instance alone.
    pub(crate) fn instance_stream(&self, purpose: &str) -> ChaCha8Rng {
        let instance = u64::from(self.instance_idx);
        self.streams.stream(purpose, &[self.persona().ordinal, self.study.ordinal, self.series.ordinal, instance])
    }

    /// A stream that all instances of the series share.
    pub(crate) fn series_stream(&self, purpose: &str) -> ChaCha8Rng {
        self.streams.stream(purpose, &[self.persona().ordinal, self.study.ordinal, self.series.ordinal])
    }

    /// A stream that all instances of the study share.
    pub(crate) fn study_stream(&self, purpose: &str) -> ChaCha8Rng {
        self.streams.stream(purpose, &[self.persona().ordinal, self.study.ordinal])
    }

    /// A stream that all instances of the patient share.
    pub(crate) fn patient_stream(&self, purpose: &str) -> ChaCha8Rng {
        self.streams.stream(purpose, &[self.persona().ordinal])
    }

    /// A number that runs over the instances of the suite without repeating soon.
    pub(crate) fn turn(&self) -> usize {
        let [patient, study, series] = [self.persona().ordinal, self.study.ordinal, self.series.ordinal];
        usize::try_from(patient * 11 + study * 5 + series * 3 + u64::from(self.instance_idx)).unwrap_or(0)
    }

    /// Texts about the study, the same in all its instances.
    pub(crate) fn study_grammar(&self) -> Grammar<'_> {
        let turn = usize::try_from(self.persona().ordinal * 7 + self.study.ordinal * 3).unwrap_or(0);
        self.grammar(&self.study.series[0], turn)
    }

    /// Texts about the series, the same in all its instances.
    pub(crate) fn series_grammar(&self) -> Grammar<'_> {
        self.grammar(self.series, self.turn() - self.instance_idx as usize)
    }

    /// Texts about the instance.
    pub(crate) fn instance_grammar(&self) -> Grammar<'_> {
        self.grammar(self.series, self.turn())
    }

    fn grammar<'g>(&'g self, series: &'g SeriesPlan, turn: usize) -> Grammar<'g> {
        Grammar {
            casting: self.settings.casting(),
            phi_share: self.settings.phi_share,
            persona: self.persona(),
            institution: self.institution,
            study: self.study,
            series,
            turn,
        }
    }
}

/// An instance before it is encoded.
pub(crate) struct Instance {
    pub(crate) data_set: InMemDicomObject,
    pub(crate) truth: Truth,
    /// Path relative to the suite's DICOM folder.
    pub(crate) path: String,
    /// Whether text that identifies is burned in.
    pub(crate) has_burned_in_phi: bool,
    /// How it is written, if otherwise than most.
    pub(crate) writing: Option<Writing>,
}

/// Builds one instance.
pub(crate) fn build(scene: &Scene<'_>) -> Instance {
    let mut truth = Truth::default();
    let mut sheet = Sheet::new(&mut truth);
    sheet.spare(Sparing::new(scene.settings.identity_share, scene.study_stream("optional attributes").next_u64()));
    common::write(scene, &mut sheet);
    let mut has_burned_in_phi = write_kind(scene, &mut sheet);
    let oddity = Oddity::of(scene);
    has_burned_in_phi |= oddity.is_some_and(|oddity| oddity.plant(scene, &mut sheet));
    has_burned_in_phi &= oddity != Some(Oddity::NoPixelData);
    if scene.settings.device_attributes {
        device::write(scene, &mut sheet);
    }
    sheet.keep_the_rest();
    let path = common::file_path(scene, oddity, &mut sheet);
    let data_set = sheet.into_object();
    let writing = oddity.map(|oddity| Writing {
        oddity,
        has_open_lengths: scene.turn().is_multiple_of(2),
        preamble: truth.preamble.clone(),
    });
    Instance { data_set, truth, path, has_burned_in_phi, writing }
}

/// Writes what only this kind of object has. Says whether text that identifies is burned in.
fn write_kind(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    let write: fn(&Scene<'_>, &mut Sheet<'_>) = match scene.series.kind {
        SeriesKind::Ct => return ct::write(scene, sheet),
        SeriesKind::EnhancedCt => return enhanced_ct::write(scene, sheet),
        SeriesKind::Mr => return mr::write(scene, sheet),
        SeriesKind::EnhancedMr => return enhanced_mr::write(scene, sheet),
        SeriesKind::Pt => return nuclear::write_pet(scene, sheet),
        SeriesKind::Nm => return nuclear::write_nm(scene, sheet),
        SeriesKind::Mg => return mg::write(scene, sheet),
        SeriesKind::Cr => return projection::write_cr(scene, sheet),
        SeriesKind::Dx => return projection::write_dx(scene, sheet),
        SeriesKind::Xa => return xa::write(scene, sheet),
        SeriesKind::Us => return us::write(scene, sheet),
        SeriesKind::UsMultiFrame => return us::write_multi_frame(scene, sheet),
        SeriesKind::Sc | SeriesKind::ScColor | SeriesKind::ScPalette => return sc::write(scene, sheet),
        SeriesKind::Seg => seg::write,
        SeriesKind::RtStruct => rt_struct::write,
        SeriesKind::RtPlan => rt_plan::write,
        SeriesKind::Presentation => presentation::write,
        SeriesKind::Ecg => ecg::write,
        SeriesKind::Pdf => pdf::write,
        SeriesKind::KeyObjects => sr::write_key_objects,
        SeriesKind::ComprehensiveSr => sr::write_comprehensive,
        SeriesKind::Sr => sr::write_basic,
    };
    write(scene, sheet);
    false
}

/// SOP Class UID of a kind of series.
pub(crate) const fn sop_class(kind: SeriesKind) -> &'static str {
    match kind {
        SeriesKind::Ct => uids::CT_IMAGE_STORAGE,
        SeriesKind::EnhancedCt => uids::ENHANCED_CT_IMAGE_STORAGE,
        SeriesKind::Mr => uids::MR_IMAGE_STORAGE,
        SeriesKind::EnhancedMr => uids::ENHANCED_MR_IMAGE_STORAGE,
        SeriesKind::Pt => uids::POSITRON_EMISSION_TOMOGRAPHY_IMAGE_STORAGE,
        SeriesKind::Nm => uids::NUCLEAR_MEDICINE_IMAGE_STORAGE,
        SeriesKind::Mg => uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
        SeriesKind::Cr => uids::COMPUTED_RADIOGRAPHY_IMAGE_STORAGE,
        SeriesKind::Dx => uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
        SeriesKind::Xa => uids::X_RAY_ANGIOGRAPHIC_IMAGE_STORAGE,
        SeriesKind::Us => uids::ULTRASOUND_IMAGE_STORAGE,
        SeriesKind::UsMultiFrame => uids::ULTRASOUND_MULTI_FRAME_IMAGE_STORAGE,
        SeriesKind::Sc | SeriesKind::ScColor | SeriesKind::ScPalette => uids::SECONDARY_CAPTURE_IMAGE_STORAGE,
        SeriesKind::Seg => uids::SEGMENTATION_STORAGE,
        SeriesKind::RtStruct => uids::RT_STRUCTURE_SET_STORAGE,
        SeriesKind::RtPlan => uids::RT_PLAN_STORAGE,
        SeriesKind::Presentation => uids::GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE,
        SeriesKind::Ecg => uids::TWELVE_LEAD_ECG_WAVEFORM_STORAGE,
        SeriesKind::Pdf => uids::ENCAPSULATED_PDF_STORAGE,
        SeriesKind::KeyObjects => uids::KEY_OBJECT_SELECTION_DOCUMENT_STORAGE,
        SeriesKind::ComprehensiveSr => uids::COMPREHENSIVE_SR_STORAGE,
        SeriesKind::Sr => uids::BASIC_TEXT_SR_STORAGE,
    }
}
