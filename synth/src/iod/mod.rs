//! The information object definitions (PS3.3), one file per family.
//!
//! Each writes its own modules over the common ones of [`common`], plants as it goes, and returns the
//! finished data set.

mod common;
mod ct;
mod equipment;
mod mr;
mod patient;
mod private;
mod projection;
mod retired;
mod sc;
mod sr;
mod study;
mod us;

use crate::grammar::Grammar;
use crate::options::{SeriesKind, SuiteSettings};
use crate::persona::{Institution, Persona};
use crate::plan::{PatientPlan, SeriesPlan, StudyPlan};
use crate::plant::{Secret, Sheet, Truth};
use crate::streams::Streams;
use dicom_dictionary_std::uids;
use dicom_object::InMemDicomObject;
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
}

/// Builds one instance.
pub(crate) fn build(scene: &Scene<'_>) -> Instance {
    let mut truth = Truth::default();
    let mut sheet = Sheet::new(&mut truth);
    common::write(scene, &mut sheet);
    let has_burned_in_phi = match scene.series.kind {
        SeriesKind::Ct => ct::write(scene, &mut sheet),
        SeriesKind::Mr => mr::write(scene, &mut sheet),
        SeriesKind::Cr => projection::write_cr(scene, &mut sheet),
        SeriesKind::Dx => projection::write_dx(scene, &mut sheet),
        SeriesKind::Us => us::write(scene, &mut sheet),
        SeriesKind::UsMultiFrame => us::write_multi_frame(scene, &mut sheet),
        SeriesKind::Sc => sc::write(scene, &mut sheet),
        SeriesKind::Sr => {
            sr::write(scene, &mut sheet);
            false
        }
    };
    let path = common::file_path(scene, &mut sheet);
    Instance { data_set: sheet.into_object(), truth, path, has_burned_in_phi }
}

/// SOP Class UID of a kind of series.
pub(crate) const fn sop_class(kind: SeriesKind) -> &'static str {
    match kind {
        SeriesKind::Ct => uids::CT_IMAGE_STORAGE,
        SeriesKind::Mr => uids::MR_IMAGE_STORAGE,
        SeriesKind::Cr => uids::COMPUTED_RADIOGRAPHY_IMAGE_STORAGE,
        SeriesKind::Dx => uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
        SeriesKind::Us => uids::ULTRASOUND_IMAGE_STORAGE,
        SeriesKind::UsMultiFrame => uids::ULTRASOUND_MULTI_FRAME_IMAGE_STORAGE,
        SeriesKind::Sc => uids::SECONDARY_CAPTURE_IMAGE_STORAGE,
        SeriesKind::Sr => uids::BASIC_TEXT_SR_STORAGE,
    }
}
