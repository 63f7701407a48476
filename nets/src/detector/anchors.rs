//! Boxes that every cell of a level may stand for: heights times ratios, in the middle of the cell.

use super::boxes::Corners;
use super::config::DetectorConfig;

/// The shapes of one level, around the origin: for each ratio of width to height, each height.
pub fn shapes(heights_px: &[f32], ratios: &[f32]) -> Vec<Corners> {
    let shape = |ratio: f32, height: f32| {
        let (x, y) = (0.5 * ratio * height, 0.5 * height);
        Corners::new(-x, -y, x, y)
    };
    ratios.iter().flat_map(|ratio| heights_px.iter().map(move |height| shape(*ratio, *height))).collect()
}

/// The anchors of one level: row after row, cell after cell, shape after shape.
///
/// torchvision's `AnchorGenerator` has the same order and the same shapes, in the upper left corner of the cell.
pub fn grid(shapes: &[Corners], rows: usize, columns: usize, stride: usize) -> Vec<Corners> {
    let middle = |cell: usize| (cell as f32 + 0.5) * stride as f32;
    let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (middle(column), middle(row))));
    cells.flat_map(|(x, y)| shapes.iter().map(move |shape| shape.moved(x, y, 1.0))).collect()
}

/// The anchors of an image of `width` by `height` pixels, the finest level first. The sides are multiples of
/// [`DetectorConfig::multiple`].
///
/// # Examples
/// ```
/// use efface_nets::detector::{DetectorConfig, anchors};
/// // 8 shapes in each of 16 * 16 + 8 * 8 + 4 * 4 + 2 * 2 cells.
/// assert_eq!(anchors::of(&DetectorConfig::compact(), 64, 64).iter().map(Vec::len).sum::<usize>(), 8 * 340);
/// ```
pub fn of(config: &DetectorConfig, width: usize, height: usize) -> Vec<Vec<Corners>> {
    let level = |(stride, heights): (&usize, &Vec<f32>)| {
        grid(&shapes(heights, &config.anchors.ratios), height / stride, width / stride, *stride)
    };
    config.strides.iter().zip(&config.anchors.heights_px).map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_have_their_height_and_ratio_in_the_middle_of_a_cell() {
        let anchors = of(&DetectorConfig::compact(), 96, 64);
        assert_eq!(anchors.iter().map(Vec::len).collect::<Vec<_>>(), [8 * 24 * 16, 8 * 12 * 8, 8 * 6 * 4, 8 * 3 * 2]);
        // The second height of the second ratio in the cell at row 1 and column 2 of the second level.
        let anchor = anchors[1][(12 + 2) * 8 + 3];
        assert_eq!(anchor, Corners::new(20.0 - 24.0, 12.0 - 12.0, 20.0 + 24.0, 12.0 + 12.0));
    }
}
