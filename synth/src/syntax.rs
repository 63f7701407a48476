//! Transfer syntaxes, and which of them a series is written in.

use crate::SeriesKind;
use dicom_dictionary_std::uids;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A transfer syntax that a series can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Syntax {
    /// Explicit VR Little Endian.
    Explicit,
    /// Implicit VR Little Endian.
    Implicit,
    /// Explicit VR Big Endian, which is retired and met in archives.
    BigEndian,
    /// Deflated Explicit VR Little Endian.
    Deflated,
    /// RLE Lossless.
    Rle,
    /// JPEG Baseline (Process 1), for samples of 8 bits; it loses something.
    JpegBaseline,
    /// JPEG Lossless, Non-Hierarchical, First-Order Prediction.
    JpegLossless,
    /// JPEG-LS Lossless, for one sample a pixel.
    JpegLs,
    /// JPEG XL Lossless.
    JpegXl,
}

impl Syntax {
    /// Every transfer syntax.
    pub const ALL: &'static [Self] = &[
        Self::Explicit,
        Self::Implicit,
        Self::BigEndian,
        Self::Deflated,
        Self::Rle,
        Self::JpegBaseline,
        Self::JpegLossless,
        Self::JpegLs,
        Self::JpegXl,
    ];

    /// The UID of the transfer syntax.
    pub const fn uid(self) -> &'static str {
        match self {
            Self::Explicit => uids::EXPLICIT_VR_LITTLE_ENDIAN,
            Self::Implicit => uids::IMPLICIT_VR_LITTLE_ENDIAN,
            // Retired, which is why the dictionary's constant is deprecated.
            Self::BigEndian => "1.2.840.10008.1.2.2",
            Self::Deflated => uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
            Self::Rle => uids::RLE_LOSSLESS,
            Self::JpegBaseline => uids::JPEG_BASELINE8_BIT,
            Self::JpegLossless => uids::JPEG_LOSSLESS_SV1,
            Self::JpegLs => uids::JPEGLS_LOSSLESS,
            Self::JpegXl => uids::JPEGXL_LOSSLESS,
        }
    }

    /// Whether pixel data is a sequence of fragments.
    pub(crate) const fn is_encapsulated(self) -> bool {
        !matches!(self, Self::Explicit | Self::Implicit | Self::BigEndian | Self::Deflated)
    }

    /// Whether the instances of a kind can be written so.
    pub(crate) const fn suits(self, kind: SeriesKind) -> bool {
        match self {
            Self::Explicit | Self::Implicit | Self::BigEndian | Self::Deflated => true,
            Self::Rle | Self::JpegLossless => kind.is_image(),
            // The encoders at hand take the numbers of a palette for gray.
            Self::JpegXl => kind.is_image() && !matches!(kind, SeriesKind::ScPalette),
            Self::JpegBaseline => kind.is_8_bit(),
            // The encoder at hand writes color as three images of one sample.
            Self::JpegLs => kind.is_gray(),
        }
    }

    /// How often each is written where a suite says nothing.
    pub(crate) fn default_weights() -> BTreeMap<Self, f64> {
        BTreeMap::from([
            (Self::Explicit, 8.0),
            (Self::Implicit, 3.0),
            (Self::BigEndian, 0.5),
            (Self::Deflated, 1.0),
            (Self::Rle, 1.5),
            (Self::JpegBaseline, 1.5),
            (Self::JpegLossless, 1.5),
            (Self::JpegLs, 1.0),
            (Self::JpegXl, 0.5),
        ])
    }

    /// The transfer syntax of a series. The numbers of a suite's series spread evenly over the weights of those
    /// that suit the kind, so that a small suite holds all of them.
    pub(crate) fn pick(weights: &BTreeMap<Self, f64>, kind: SeriesKind, number: u64) -> Self {
        let suited = || weights.iter().filter(|(syntax, weight)| syntax.suits(kind) && **weight > 0.0);
        let total: f64 = suited().map(|(_, weight)| weight).sum();
        // Multiples of the golden ratio fill the circle evenly.
        let turn = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut left = (turn >> 11) as f64 / (1_u64 << 53) as f64 * total;
        for (syntax, weight) in suited() {
            left -= weight;
            if left < 0.0 {
                return *syntax;
            }
        }
        Self::Explicit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_get_what_suits_them_as_often_as_the_weights_say() {
        let weights = Syntax::default_weights();
        for kind in SeriesKind::ALL {
            let mut counts: BTreeMap<Syntax, u32> = BTreeMap::new();
            for number in 0..1000 {
                *counts.entry(Syntax::pick(&weights, *kind, number)).or_default() += 1;
            }
            let suited: Vec<Syntax> = Syntax::ALL.iter().copied().filter(|syntax| syntax.suits(*kind)).collect();
            assert_eq!(counts.keys().copied().collect::<Vec<_>>(), suited, "{kind:?}");
            let total: f64 = suited.iter().map(|syntax| weights[syntax]).sum();
            for (syntax, count) in counts {
                let expect = weights[&syntax] / total * 1000.0;
                assert!((f64::from(count) - expect).abs() < 6.0, "{kind:?} {syntax:?}: {count} for {expect}");
            }
        }
    }

    #[test]
    fn what_a_suite_leaves_out_is_not_written() {
        let weights = BTreeMap::from([(Syntax::Implicit, 1.0), (Syntax::Rle, 0.0)]);
        assert!((0..100).all(|number| Syntax::pick(&weights, SeriesKind::Ct, number) == Syntax::Implicit));
        let weights = BTreeMap::from([(Syntax::Rle, 1.0)]);
        assert_eq!(Syntax::pick(&weights, SeriesKind::Pdf, 3), Syntax::Explicit);
    }
}
