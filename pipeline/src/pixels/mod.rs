//! Text burned into pixels: found, read, judged, and turned into decisions.
//!
//! A [`TextLocator`] finds what may be text in a gray frame and reads it where it can.
//! A [`TextJudge`] says of the words of a line whether they identify; [`vocabulary`] knows the words of images that
//! identify nobody. [`inspect`] runs both over every frame and returns decisions, which somebody else applies. [`Risk`]
//! says what happens to a region by the probability that it identifies.
//!
//! [`TesseractLocator`] looks for rows of glyphs; [`DetectorLocator`] asks a network as well. After pixels were
//! painted over, [`inspect_again`] looks whether anything that identifies can still be read; [`paint`] does both, and
//! paints over that, too.
//!
//! The module fails closed: text that was found but not read, and words that nobody knows, are hidden unless the
//! settings say otherwise.

mod again;
mod context;
mod detector;
#[cfg(test)]
mod drawn;
pub mod glyphs;
mod inspect;
mod judge;
mod ordinary;
mod paint;
mod quality;
mod readings;
mod risk;
mod scale;
mod seen;
mod settings;
mod spared;
mod tesseract;
pub mod vocabulary;
mod words;

pub use again::inspect_again;
pub use detector::{DetectorLocator, DetectorSettings, NetworkEvidence, SharedFinder};
pub(crate) use detector::{DetectorRecord, ReaderRecord};
pub use inspect::{Inspected, RegionDecision, inspect};
pub use judge::{Judgement, TextJudge};
pub use paint::{Painted, paint};
pub use risk::Risk;
pub use seen::LookedAt;
pub use settings::{Handling, PixelSettings};
pub use tesseract::{LocatorOptions, TesseractLocator};
pub use words::{ReadWord, locator, read_words};

use efface_frames::{FramesError, GrayFrame};
use efface_schema::{Phi, PixelRegion, Probability};

/// Something in a frame that is text or looks like it.
#[derive(Debug, Clone, PartialEq)]
pub struct LocatedText {
    /// Where, in the frame's pixels.
    pub region: PixelRegion,
    /// The word, where it was read.
    pub text: Option<Phi<String>>,
    /// How sure the reader is of the word; of unread text, how much it looks like text.
    pub confidence: Probability,
    /// Which line of the frame; words of one line stand in order.
    pub line: u32,
    /// What a network says of the place, where one found it. Its region has grown by the deviations of its sides.
    pub network: Option<NetworkEvidence>,
}

/// Finds text in a frame.
pub trait TextLocator: Send {
    /// Finds the words of a frame, line by line, from left to right.
    ///
    /// # Errors
    /// When the reader fails. A frame without text is no error.
    fn locate(&mut self, frame: &GrayFrame) -> Result<Vec<LocatedText>, PixelError>;

    /// Finds the words in some places of a frame, and near to them: all else was looked at before. Words elsewhere may
    /// be found, too.
    ///
    /// # Errors
    /// As [`TextLocator::locate`].
    fn locate_changes(&mut self, frame: &GrayFrame, _changes: &[PixelRegion]) -> Result<Vec<LocatedText>, PixelError> {
        self.locate(frame)
    }
}

/// A failure to look for text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PixelError {
    /// A file is no DICOM file.
    #[error("open a DICOM file")]
    File,
    /// A frame could not be decoded.
    #[error(transparent)]
    Frames(#[from] FramesError),
    /// Tesseract has no data for the language.
    #[error(
        "start Tesseract: no data for language {language}; install it (Debian, Ubuntu: apt-get install \
         tesseract-ocr-{language}) or name its folder in TESSDATA_PREFIX"
    )]
    NoLanguageData {
        /// The language that was asked for.
        language: String,
    },
    /// Tesseract refused an image or its answer could not be read.
    #[error("read text with Tesseract")]
    Reader,
}
