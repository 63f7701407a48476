//! Frames that a network need not look at.

use crate::pixels::glyphs::TextLine;

/// Whether a frame shows nothing at any threshold that could be a row of glyphs: not two marks of the size of glyphs
/// beside each other, and none as wide as letters that touch.
///
/// `docs/design/pixels-detector.md` has how often that is said of a frame with words.
pub(super) fn shows_nothing(candidates: &[TextLine]) -> bool {
    candidates.is_empty()
}
