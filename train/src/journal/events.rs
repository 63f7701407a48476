//! TensorBoard's event files.
//!
//! A file is a sequence of framed messages (TFRecord): length of the message as 8 bytes, little endian; masked CRC of
//! these 8 bytes; the message; masked CRC of the message. A CRC is CRC-32C (Castagnoli), rotated right by 15 bits, plus
//! `0xa282ead8`, as 4 bytes, little endian.
//!
//! A message is a protocol buffer `Event`: field 1 `wall_time` (double), field 2 `step` (int64), field 3 `file_version`
//! (string) in the first message, field 5 `summary`, in which each field 1 is a value with field 1 `tag` (string) and
//! field 2 `simple_value` (float).
//!
//! Sources: TensorFlow `core/lib/io/record_writer.h`, `core/lib/hash/crc32c.h`, `core/util/event.proto`,
//! `core/framework/summary.proto`; the encoding is that of protocol buffers.

use super::JournalRecord;

const VARINT: u8 = 0;
const FIXED_64: u8 = 1;
const BYTES: u8 = 2;
const FIXED_32: u8 = 5;

/// The message that a file begins with.
pub(super) fn file_version(unix_seconds: f64) -> Vec<u8> {
    let mut event = Vec::new();
    double(&mut event, 1, unix_seconds);
    bytes(&mut event, 3, b"brain.Event:2");
    framed(&event)
}

/// The message of a record.
pub(super) fn record(record: &JournalRecord) -> Vec<u8> {
    let mut summary = Vec::new();
    for (name, value) in &record.values {
        let mut scalar = Vec::new();
        bytes(&mut scalar, 1, format!("{}/{name}", record.kind.as_str()).as_bytes());
        key(&mut scalar, 2, FIXED_32);
        scalar.extend((*value as f32).to_le_bytes());
        bytes(&mut summary, 1, &scalar);
    }
    let mut event = Vec::new();
    double(&mut event, 1, record.unix_seconds);
    key(&mut event, 2, VARINT);
    varint(&mut event, record.step);
    bytes(&mut event, 5, &summary);
    framed(&event)
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = (message.len() as u64).to_le_bytes();
    let checks = [masked(crc32c(&length)), masked(crc32c(message))].map(u32::to_le_bytes);
    [&length[..], &checks[0], message, &checks[1]].concat()
}

fn key(out: &mut Vec<u8>, field: u8, kind: u8) {
    out.push(field << 3 | kind);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8 & 0x7f) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn double(out: &mut Vec<u8>, field: u8, value: f64) {
    key(out, field, FIXED_64);
    out.extend(value.to_le_bytes());
}

fn bytes(out: &mut Vec<u8>, field: u8, value: &[u8]) {
    key(out, field, BYTES);
    varint(out, value.len() as u64);
    out.extend(value);
}

const fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C: polynomial `0x1EDC6F41`, bits reversed, all ones at both ends (RFC 3720, appendix B.4).
fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    !bytes.iter().fold(!0, |crc, byte| TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8))
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 3720, B.4, and the usual check word.
    #[test]
    fn the_crc_is_that_of_castagnoli() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(&(0..32).collect::<Vec<u8>>()), 0x46dd_794e);
    }

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        let encoded = |value| {
            let mut out = Vec::new();
            varint(&mut out, value);
            out
        };
        assert_eq!(encoded(0), [0]);
        assert_eq!(encoded(127), [127]);
        assert_eq!(encoded(300), [0xac, 0x02]);
        assert_eq!(encoded(u64::MAX).len(), 10);
    }
}
