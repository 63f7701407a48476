//! Bodies as layers of ellipses, painted row by row: later layers cover earlier ones.

use super::noise::{Tile, UNIT};

/// An ellipse in coordinates from -1 to 1 over the image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ellipse {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) wide: f64,
    pub(super) tall: f64,
}

pub(super) const fn ellipse(x: f64, y: f64, wide: f64, tall: f64) -> Ellipse {
    Ellipse { x, y, wide, tall }
}

/// What fills an ellipse: a level with a texture on it.
#[derive(Clone, Copy)]
pub(super) struct Layer<'t> {
    pub(super) shape: Ellipse,
    pub(super) level: i32,
    pub(super) texture: &'t Tile,
    /// Standard deviation of the texture, in the units of the level.
    pub(super) amplitude: i32,
    /// How far the border wanders, in 1/1,024 of the width.
    pub(super) wobble: i32,
}

/// Where in the tiles an image begins to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offset {
    pub(super) x: usize,
    pub(super) y: usize,
}

/// Paints one row of all layers over what stands in it.
pub(super) fn paint_row(layers: &[Layer<'_>], coarse: &Tile, offset: Offset, y: usize, n_rows: usize, row: &mut [i32]) {
    let v = (y as f64 + 0.5) / n_rows as f64 * 2.0 - 1.0;
    for (layer_idx, layer) in layers.iter().enumerate() {
        let wander = |side: usize| {
            let noise = coarse.at(offset.x + layer_idx * 67 + side * 191, (offset.y + y) * 512 / n_rows.max(512));
            f64::from(noise * layer.wobble) / f64::from(UNIT) / 1024.0
        };
        let Some((start, end)) = span(layer.shape, v, (wander(0), wander(1)), row.len()) else { continue };
        let texture = layer.texture.row(offset.x + start + layer_idx * 101, offset.y + y + layer_idx * 57);
        let (level, amplitude) = (layer.level, layer.amplitude);
        for (value, noise) in row[start..end].iter_mut().zip(texture) {
            *value = level + ((noise * amplitude) >> 8);
        }
    }
}

/// Columns of an ellipse in one row.
fn span(shape: Ellipse, v: f64, wander: (f64, f64), n_columns: usize) -> Option<(usize, usize)> {
    let height = (v - shape.y) / shape.tall;
    let half = shape.wide * (1.0 - height * height).max(0.0).sqrt();
    if half <= 0.0 {
        return None;
    }
    // Borders wander less near the poles, where they would tear.
    let reach = half / shape.wide;
    let column = |u: f64| (((u + 1.0) / 2.0 * n_columns as f64).round().max(0.0) as usize).min(n_columns);
    let (start, end) = (column(shape.x - half + wander.0 * reach), column(shape.x + half + wander.1 * reach));
    (start < end).then_some((start, end))
}

/// Softens the borders between layers, as the size of a detector does: 1, 2, 1 along the row.
pub(super) fn soften(row: &mut [i32]) {
    let mut before = row.first().copied().unwrap_or(0);
    for at in 0..row.len().saturating_sub(1) {
        let here = row[at];
        row[at] = (before + 2 * here + row[at + 1]) >> 2;
        before = here;
    }
}
