//! The kinds of series that a study can hold.

use serde::{Deserialize, Serialize};

/// A kind of series that a study can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeriesKind {
    /// CT Image Storage, 16-bit signed.
    Ct,
    /// Enhanced CT Image Storage, 16-bit signed, multi-frame.
    EnhancedCt,
    /// MR Image Storage, 12 of 16 bits.
    Mr,
    /// Enhanced MR Image Storage, 12 of 16 bits, multi-frame.
    EnhancedMr,
    /// Positron Emission Tomography Image Storage, 16 bits.
    Pt,
    /// Nuclear Medicine Image Storage, 16 bits, multi-frame.
    Nm,
    /// Digital Mammography X-Ray Image Storage - For Presentation, 14 of 16 bits, some MONOCHROME1.
    Mg,
    /// Computed Radiography Image Storage, 12 of 16 bits, some MONOCHROME1.
    Cr,
    /// Digital X-Ray Image Storage - For Presentation, 14 of 16 bits.
    Dx,
    /// X-Ray Angiographic Image Storage, 8-bit, multi-frame.
    Xa,
    /// Ultrasound Image Storage; RGB, YBR_FULL or YBR_FULL_422, with regions.
    Us,
    /// Ultrasound Multi-frame Image Storage; colours as in [`SeriesKind::Us`].
    UsMultiFrame,
    /// Secondary Capture Image Storage, 8-bit gray.
    Sc,
    /// Secondary Capture Image Storage, RGB.
    ScColor,
    /// Secondary Capture Image Storage, PALETTE COLOR.
    ScPalette,
    /// Segmentation Storage, binary, over a CT, MR or PT series of the study.
    Seg,
    /// RT Structure Set Storage, over a CT, MR or PT series of the study.
    RtStruct,
    /// RT Plan Storage, on the structure set of the study where there is one.
    RtPlan,
    /// Grayscale Softcopy Presentation State Storage with graphic annotations.
    Presentation,
    /// 12-lead ECG Waveform Storage.
    Ecg,
    /// Encapsulated PDF Storage.
    Pdf,
    /// Key Object Selection Document Storage.
    KeyObjects,
    /// Comprehensive SR Storage.
    ComprehensiveSr,
    /// Basic Text SR Storage.
    Sr,
}

impl SeriesKind {
    /// Every kind, in the order in which a study holds them. What refers to images comes after them.
    pub const ALL: &'static [Self] = &[
        Self::Ct,
        Self::EnhancedCt,
        Self::Mr,
        Self::EnhancedMr,
        Self::Pt,
        Self::Nm,
        Self::Mg,
        Self::Cr,
        Self::Dx,
        Self::Xa,
        Self::Us,
        Self::UsMultiFrame,
        Self::Sc,
        Self::ScColor,
        Self::ScPalette,
        Self::Seg,
        Self::RtStruct,
        Self::RtPlan,
        Self::Presentation,
        Self::Ecg,
        Self::Pdf,
        Self::KeyObjects,
        Self::ComprehensiveSr,
        Self::Sr,
    ];

    /// The value of Modality (0008,0060).
    pub const fn modality(self) -> &'static str {
        match self {
            Self::Ct | Self::EnhancedCt => "CT",
            Self::Mr | Self::EnhancedMr => "MR",
            Self::Pt => "PT",
            Self::Nm => "NM",
            Self::Mg => "MG",
            Self::Cr => "CR",
            Self::Dx => "DX",
            Self::Xa => "XA",
            Self::Us | Self::UsMultiFrame => "US",
            Self::Sc | Self::ScColor | Self::ScPalette => "OT",
            Self::Seg => "SEG",
            Self::RtStruct => "RTSTRUCT",
            Self::RtPlan => "RTPLAN",
            Self::Presentation => "PR",
            Self::Ecg => "ECG",
            Self::Pdf => "DOC",
            Self::KeyObjects => "KO",
            Self::ComprehensiveSr | Self::Sr => "SR",
        }
    }

    /// Whether the instances are images whose size the settings give.
    pub const fn is_image(self) -> bool {
        self.default_image().0 > 0
    }

    /// Whether an instance can have several frames.
    pub const fn is_multi_frame(self) -> bool {
        matches!(self, Self::EnhancedCt | Self::EnhancedMr | Self::Nm | Self::Xa | Self::UsMultiFrame)
    }

    /// Whether the instances are single slices with a place in space, which segments and structures can lie on.
    pub(crate) const fn is_slice(self) -> bool {
        matches!(self, Self::Ct | Self::Mr | Self::Pt)
    }

    /// Whether it makes sense only beside slices.
    pub(crate) const fn needs_slices(self) -> bool {
        matches!(self, Self::Seg | Self::RtStruct | Self::RtPlan)
    }

    /// Whether a grayscale presentation state can show it.
    pub(crate) const fn is_gray(self) -> bool {
        self.is_image() && !self.is_color() && !matches!(self, Self::ScPalette)
    }

    /// Whether it is a structured report, which has no acquisition.
    pub(crate) const fn is_report(self) -> bool {
        matches!(self, Self::KeyObjects | Self::ComprehensiveSr | Self::Sr)
    }

    /// Whether the pixels come from a cross-sectional scanner, where burned-in text is rare.
    pub(crate) const fn is_cross_section(self) -> bool {
        matches!(self, Self::Ct | Self::EnhancedCt | Self::Mr | Self::EnhancedMr | Self::Pt | Self::Nm)
    }

    /// Whether the samples have 8 bits and no palette.
    pub(crate) const fn is_8_bit(self) -> bool {
        matches!(self, Self::Xa | Self::Us | Self::UsMultiFrame | Self::Sc | Self::ScColor)
    }

    /// Whether a pixel has three samples.
    pub(crate) const fn is_color(self) -> bool {
        matches!(self, Self::Us | Self::UsMultiFrame | Self::ScColor)
    }

    /// Rows, columns and frames; no rows for what is no image.
    pub(crate) const fn default_image(self) -> (u32, u32, u32) {
        match self {
            Self::Ct | Self::Mr => (256, 256, 1),
            Self::EnhancedCt | Self::EnhancedMr => (256, 256, 8),
            Self::Pt => (128, 128, 1),
            Self::Nm => (128, 128, 4),
            Self::Cr | Self::Dx => (640, 512, 1),
            Self::Mg => (800, 640, 1),
            Self::Xa => (512, 512, 8),
            Self::Us => (480, 640, 1),
            Self::UsMultiFrame => (360, 480, 6),
            Self::Sc | Self::ScColor | Self::ScPalette => (480, 640, 1),
            _ => (0, 0, 0),
        }
    }
}
