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

    /// The words in a box of every frame, in every way of showing it, joined by spaces; nothing where some frame
    /// cannot be read. What differs from [`PixelText::read`] is what a strict score finds.
    fn read_every_view(&self, file: &Path, region: PixelRegion) -> Option<String> {
        self.read(file, region)
    }

    /// What the reader is called in reports.
    fn name(&self) -> &str;
}
