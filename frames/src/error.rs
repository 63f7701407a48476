//! What can be wrong with pixel data.

use efface_schema::AttributePath;

/// A failure to describe, decode or encode pixel data.
///
/// Messages fit after "failed to …" and name attributes and frame numbers, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FramesError {
    /// The data set has no pixel data of integers.
    #[error("find pixel data: there is none")]
    NoPixelData,
    /// An attribute that describes the pixel data is missing or empty.
    #[error("read {attribute}: it is missing")]
    Missing {
        /// Which attribute.
        attribute: AttributePath,
    },
    /// An attribute that describes the pixel data has a value that is not allowed or contradicts another.
    #[error("read {attribute}: its value cannot be used")]
    Invalid {
        /// Which attribute.
        attribute: AttributePath,
    },
    /// There are fewer bytes, or fewer encoded frames, than the attributes promise.
    #[error("read pixel data: it is shorter than its attributes say")]
    TooShort,
    /// The pixels are valid DICOM that this crate does not handle.
    #[error("read pixel data: this kind of sample is not supported")]
    UnsupportedSamples,
    /// No decoder exists for the transfer syntax.
    #[error("decode pixel data: the transfer syntax is not supported")]
    UnsupportedTransferSyntax,
    /// The frame does not exist.
    #[error("read frame {frame_idx}: there are {n_frames}")]
    FrameOutOfRange {
        /// The frame asked for, counted from 0.
        frame_idx: u32,
        /// How many there are.
        n_frames: u32,
    },
    /// The codestream of a frame is damaged or contradicts the attributes.
    #[error("decode frame {frame_idx}")]
    Decode {
        /// Which frame, counted from 0.
        frame_idx: u32,
    },
    /// The result would not fit into an element of defined length.
    #[error("write pixel data: it would be longer than 4 GiB")]
    TooLong,
}

impl FramesError {
    pub(crate) fn missing(tag: dicom_core::Tag) -> Self {
        Self::Missing { attribute: AttributePath::tag(tag.group(), tag.element()) }
    }

    pub(crate) fn invalid(tag: dicom_core::Tag) -> Self {
        Self::Invalid { attribute: AttributePath::tag(tag.group(), tag.element()) }
    }
}
