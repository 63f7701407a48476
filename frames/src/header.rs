//! The few facts that are read from a JPEG or JPEG-LS codestream before a decoder sees it.

/// What the frame and scan headers of a codestream say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct JpegHeader {
    /// Sample precision in bits.
    pub(crate) precision: u8,
    /// Number of lines; 0 where it follows later in the stream.
    pub(crate) rows: u16,
    /// Samples per line.
    pub(crate) columns: u16,
    /// Number of components.
    pub(crate) n_components: u8,
    /// JPEG-LS interleave mode: 0 stores whole planes.
    pub(crate) interleave: u8,
}

/// Reads the frame header and the first scan header; `None` when there is none.
pub(crate) fn jpeg_header(codestream: &[u8]) -> Option<JpegHeader> {
    let mut header = None;
    let mut at = 2;
    if codestream.get(..2)? != [0xFF, 0xD8] {
        return None;
    }
    loop {
        let marker = *codestream.get(at + 1)?;
        if codestream.get(at)? != &0xFF {
            return header;
        }
        if marker == 0xFF {
            at += 1;
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*codestream.get(at + 2)?, *codestream.get(at + 3)?]));
        let segment = codestream.get(at + 4..at + 2 + length)?;
        match marker {
            // The frame headers: all of FFC0 to FFCF but the Huffman, reserved and arithmetic tables, and JPEG-LS.
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xF7 => {
                header = Some(JpegHeader {
                    precision: *segment.first()?,
                    rows: u16::from_be_bytes([*segment.get(1)?, *segment.get(2)?]),
                    columns: u16::from_be_bytes([*segment.get(3)?, *segment.get(4)?]),
                    n_components: *segment.get(5)?,
                    interleave: 0,
                });
            }
            0xDA => {
                let mut header = header?;
                let n_components = usize::from(*segment.first()?);
                header.interleave = *segment.get(1 + 2 * n_components + 1)?;
                return Some(header);
            }
            _ => {}
        }
        at += 2 + length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_behind_other_segments() {
        let stream = [
            0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xF7, 0, 11, 12, 0, 7, 0, 9, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1,
            1, 0, 0, 2, 0,
        ];
        let expect = JpegHeader { precision: 12, rows: 7, columns: 9, n_components: 1, interleave: 2 };
        assert_eq!(jpeg_header(&stream), Some(expect));
        assert_eq!(jpeg_header(&stream[..14]), None);
        assert_eq!(jpeg_header(&[]), None);
    }
}
