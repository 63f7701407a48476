//! Reading text in a box of an image.

use efface_schema::PixelRegion;
use std::path::Path;

/// Something that reads text in pixels.
///
/// The official scorer uses EasyOCR, whose verdicts no other engine repeats bit by bit; whatever
/// stands behind this trait, its checks are reported apart.
pub trait PixelText: Sync {
    /// The words in a box of the first frame, joined by spaces; nothing where the image cannot be read.
    fn read(&self, file: &Path, region: PixelRegion) -> Option<String>;

    /// What the reader is called in reports.
    fn name(&self) -> &str;
}
