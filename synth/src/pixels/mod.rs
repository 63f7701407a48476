//! Images with the rough structure of their modality. Not meant for diagnosis, only not to be flat.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Pixels under construction: frame after frame, row after row, samples interleaved.
#[derive(Debug, Clone)]
pub(crate) struct Canvas {
    pub(crate) columns: u32,
    pub(crate) rows: u32,
    pub(crate) n_frames: u32,
    pub(crate) n_samples: u32,
    pub(crate) values: Vec<i32>,
}

impl Canvas {
    fn new(columns: u32, rows: u32, n_frames: u32, n_samples: u32) -> Self {
        let n_values = columns as usize * rows as usize * n_frames as usize * n_samples as usize;
        Self { columns, rows, n_frames, n_samples, values: vec![0; n_values] }
    }

    /// Index of the first sample of a pixel.
    pub(crate) fn index(&self, frame: u32, x: u32, y: u32) -> usize {
        ((frame as usize * self.rows as usize + y as usize) * self.columns as usize + x as usize)
            * self.n_samples as usize
    }

    /// Fills every pixel from its place: frame, and coordinates from -1 to 1.
    fn fill(&mut self, mut shade: impl FnMut(u32, f64, f64) -> [i32; 3]) {
        for frame in 0..self.n_frames {
            for y in 0..self.rows {
                for x in 0..self.columns {
                    let at = self.index(frame, x, y);
                    let u = (f64::from(x) + 0.5) / f64::from(self.columns) * 2.0 - 1.0;
                    let v = (f64::from(y) + 0.5) / f64::from(self.rows) * 2.0 - 1.0;
                    let color = shade(frame, u, v);
                    let n_samples = self.n_samples as usize;
                    self.values[at..at + n_samples].copy_from_slice(&color[..n_samples]);
                }
            }
        }
    }

    /// The pixels as 8-bit samples, padded to an even number of bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> =
            self.values.iter().map(|value| u8::try_from((*value).clamp(0, 255)).expect("clamped to 8 bits")).collect();
        if bytes.len() % 2 == 1 {
            bytes.push(0);
        }
        bytes
    }

    /// The pixels as 16-bit words; negative values are in two's complement.
    pub(crate) fn to_words(&self) -> Vec<u16> {
        self.values.iter().map(|value| u16::from_le_bytes([value.to_le_bytes()[0], value.to_le_bytes()[1]])).collect()
    }
}

/// A slice of a trunk in Hounsfield units: fat, muscle, lungs or organs, a spine, a table.
pub(crate) fn ct_slice(rng: &mut ChaCha8Rng, columns: u32, rows: u32, depth: f64) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, 1, 1);
    let (wide, tall) = (0.72 + 0.05 * depth, 0.52 + 0.04 * depth);
    canvas.fill(|_, u, v| {
        let noise = rng.random_range(-12..=12);
        let body = radius(u, v, 0.0, 0.0, wide, tall);
        let lung = radius(u, v, -0.32, -0.05, 0.24, 0.32).min(radius(u, v, 0.32, -0.05, 0.24, 0.32));
        let spine = radius(u, v, 0.0, 0.30, 0.10, 0.11);
        let base = match () {
            () if spine < 0.75 => 180,
            () if spine < 1.0 => 520,
            () if lung < 1.0 => -780,
            () if body < 0.88 => 45,
            () if body < 1.0 => -95,
            () if (0.66..0.70).contains(&v) && u.abs() < 0.8 => -300,
            () => -1000,
        };
        [(base + noise).max(-1024), 0, 0]
    });
    canvas
}

/// A slice of a head with skull, brain and ventricles, in arbitrary units up to 4095.
pub(crate) fn mr_slice(rng: &mut ChaCha8Rng, columns: u32, rows: u32, depth: f64) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, 1, 1);
    canvas.fill(|_, u, v| {
        let noise = rng.random_range(0..90);
        let head = radius(u, v, 0.0, 0.0, 0.62, 0.78);
        let ventricle = radius(u, v, -0.09, -0.05, 0.05, 0.2 + 0.05 * depth).min(radius(
            u,
            v,
            0.09,
            -0.05,
            0.05,
            0.2 + 0.05 * depth,
        ));
        let base = match () {
            () if ventricle < 1.0 => 2300,
            () if head < 0.80 => 900.0_f64.mul_add(1.0 + 0.12 * (u * 31.0).sin() * (v * 27.0).cos(), 150.0) as i32,
            () if head < 0.88 => 120,
            () if head < 1.0 => 1700,
            () => 12,
        };
        [(base + noise).clamp(0, 4095), 0, 0]
    });
    canvas
}

/// A frontal radiograph up to `white`: dark lung fields, ribs, a spine, collimated borders.
pub(crate) fn radiograph(rng: &mut ChaCha8Rng, columns: u32, rows: u32, white: i32) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, 1, 1);
    let scale = f64::from(white);
    let tilt: f64 = rng.random_range(-0.06..0.06);
    canvas.fill(|_, u, v| {
        let noise = f64::from(rng.random_range(-100..=100)) / 100.0 * 0.012;
        let body = radius(u, v, 0.0, 0.15, 0.80, 0.95);
        let lung = radius(u, v, -0.34, 0.0, 0.26, 0.58).min(radius(u, v, 0.34, 0.0, 0.26, 0.58));
        let rib = ((v * 16.0 + u.abs() * 5.0 + tilt).sin() * 0.5 + 0.5).powi(4);
        let share = match () {
            () if u.abs() > 0.92 || v.abs() > 0.95 => 0.02,
            () if u.abs() < 0.08 && body < 1.0 => 0.80,
            () if lung < 1.0 => 0.22 + 0.22 * rib,
            () if body < 1.0 => 0.55 + 0.10 * rib,
            () => 0.10,
        };
        [((share + noise).clamp(0.0, 1.0) * scale) as i32, 0, 0]
    });
    canvas
}

/// An ultrasound screen: a sector of speckle on black that moves from frame to frame, with a color wedge.
pub(crate) fn ultrasound(rng: &mut ChaCha8Rng, columns: u32, rows: u32, n_frames: u32) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, n_frames, 3);
    canvas.fill(|frame, u, v| {
        let (x, y) = (u, v + 0.92);
        let distance = x.hypot(y);
        let angle = x.atan2(y);
        if (0.95..0.98).contains(&u) && v.abs() < 0.4 {
            let level = ((0.4 - v) / 0.8 * 255.0) as i32;
            return [level, level / 2, 255 - level];
        }
        if angle.abs() > 0.62 || !(0.12..1.62).contains(&distance) {
            return [0, 0, 0];
        }
        let speckle: i32 = rng.random_range(10..120);
        let pulse = 0.03 * (f64::from(frame) * 0.9).sin();
        let cyst = radius(x, distance, 0.1, 0.9 + pulse, 0.16, 0.13);
        let level = if cyst < 1.0 { speckle / 8 } else { speckle + (60.0 * (distance * 9.0).sin().abs()) as i32 };
        [level, level, level]
    });
    canvas
}

/// A screenshot of a workstation: panels, a curve, a small image.
pub(crate) fn screenshot(rng: &mut ChaCha8Rng, columns: u32, rows: u32) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, 1, 1);
    let phase: f64 = rng.random_range(0.0..6.0);
    canvas.fill(|_, u, v| {
        let curve = (u * 7.0 + phase).sin() * 0.2 + 0.45;
        let level = match () {
            () if (v - curve).abs() < 0.012 && u.abs() < 0.9 => 210,
            () if radius(u, v, 0.0, -0.15, 0.5, 0.4) < 1.0 => rng.random_range(70..130),
            () if u.abs() > 0.985 || v.abs() > 0.985 => 90,
            () => 18,
        };
        [level, 0, 0]
    });
    canvas
}

/// Distance from an ellipse's centre, 1 on its border.
fn radius(u: f64, v: f64, u0: f64, v0: f64, wide: f64, tall: f64) -> f64 {
    ((u - u0) / wide).hypot((v - v0) / tall)
}
