//! DICOM pixel data as frames: describing, decoding, viewing and painting over it.
//!
//! [`PixelDescription`] says what the attributes promise and whether the pixel data keeps it.
//! [`FrameSet`] decodes one frame at a time, whatever the transfer syntax: [`Frame`] holds typed samples,
//! [`GrayFrame`] an eight-bit picture in which a reader of text can look for text.
//! [`redact`] paints over regions and changes nothing else: bytes in place for native pixel data,
//! lossless coding for encapsulated pixel data. [`Fill`] says what with.
//! [`encode_rle`] and [`encode_jpeg_lossless`] write the codestreams that dicom-rs reads and does not write.
//!
//! Nothing here knows what identifies a person.

mod decode;
mod description;
mod error;
mod fill;
mod ground;
mod header;
mod jpeg_lossless;
mod laplace;
mod luma;
mod native;
mod palette;
mod raw;
mod redact;
mod rle;
mod samples;
mod set;

pub use description::{Photometric, PixelDescription};
pub use error::FramesError;
pub use fill::Fill;
pub use jpeg_lossless::encode_jpeg_lossless;
pub use raw::RawFrame;
pub use redact::{FrameRegion, PixelEncoding, Redaction, redact};
pub use rle::encode_rle;
pub use samples::{Frame, GrayFrame, Samples};
pub use set::FrameSet;
