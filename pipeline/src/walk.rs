//! Walks the headers of little endian elements in memory, without looking at values.
//!
//! This is no second reader: it serves where only structure matters and speed does, and where it is in doubt it says
//! nothing, so that the reader is asked.

use dicom_core::Tag;
use dicom_dictionary_std::uids;

/// The header of an element, or of an item.
pub(crate) struct ElementHeader {
    /// The attribute, or the kind of item.
    pub tag: Tag,
    /// The letters of the VR; two zeros in implicit VR and for items.
    pub vr: [u8; 2],
    /// The length of the value; `u32::MAX` where it is undefined.
    pub length: u32,
}

impl ElementHeader {
    /// Whether items follow.
    pub(crate) fn is_sequence(&self) -> bool {
        &self.vr == b"SQ" || self.length == u32::MAX
    }

    /// A sequence under UN is in implicit VR, whatever surrounds it.
    pub(crate) fn is_opaque_sequence(&self) -> bool {
        &self.vr == b"UN" && self.length == u32::MAX
    }

    /// Whether a value of this length can be one of the VR: numbers come whole, and every length is even.
    fn has_valid_length(&self) -> bool {
        let unit = match &self.vr {
            b"AT" | b"FL" | b"OF" | b"OL" | b"SL" | b"UL" => 4,
            b"FD" | b"OD" | b"OV" | b"SV" | b"UV" => 8,
            _ => 2,
        };
        self.length.is_multiple_of(unit)
    }
}

const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
/// Nesting beyond this is left to the reader.
const MAX_DEPTH: usize = 16;

/// Whether a transfer syntax is implicit VR little endian. `None` where its data set cannot be walked here: big
/// endian, deflated, or not known.
pub(crate) fn is_implicit(transfer_syntax: &str) -> Option<bool> {
    match transfer_syntax {
        uids::IMPLICIT_VR_LITTLE_ENDIAN => Some(true),
        uids::EXPLICIT_VR_LITTLE_ENDIAN => Some(false),
        // The two forms of JPIP whose data set is deflated.
        "1.2.840.10008.1.2.4.95" | "1.2.840.10008.1.2.4.205" => None,
        // Every other compressed pixel format lies in an explicit VR little endian data set (PS3.5 section A.4).
        uids::RLE_LOSSLESS => Some(false),
        _ if transfer_syntax.starts_with("1.2.840.10008.1.2.4.") => Some(false),
        _ => None,
    }
}

/// Whether bytes are elements in ascending order and nothing else: every length leads to the next header, inside
/// sequences too, and the last value ends with the bytes. `false` also where only the reader can tell.
pub(crate) fn is_well_formed(bytes: &[u8], implicit: bool) -> bool {
    let mut walk = Walk::new(bytes, 0, implicit);
    walk.elements(None, MAX_DEPTH).is_some() && walk.at == bytes.len()
}

/// A position in little endian elements.
pub(crate) struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    implicit: bool,
}

impl<'a> Walk<'a> {
    /// Begins at an offset.
    pub(crate) const fn new(bytes: &'a [u8], at: usize, implicit: bool) -> Self {
        Self { bytes, at, implicit }
    }

    /// The offset that was reached.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// Takes a value; `None` when the bytes end before it does.
    pub(crate) fn value(&mut self, length: u32) -> Option<&'a [u8]> {
        let end = self.at.checked_add(usize::try_from(length).ok()?)?;
        let value = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(value)
    }

    /// Takes a header; `None` when there is none, or when readers differ over what it means.
    pub(crate) fn header(&mut self) -> Option<ElementHeader> {
        let start: [u8; 8] = self.value(8)?.try_into().ok()?;
        let number = |low: usize| u16::from_le_bytes([start[low], start[low + 1]]);
        let tag = Tag(number(0), number(2));
        let long_length = u32::from_le_bytes([start[4], start[5], start[6], start[7]]);
        if self.implicit || tag.group() == 0xFFFE {
            return Some(ElementHeader { tag, vr: [0, 0], length: long_length });
        }
        let vr = [start[4], start[5]];
        let length = match &vr {
            b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR" | b"UT" | b"UV" => {
                u32::from_le_bytes(self.value(4)?.try_into().ok()?)
            }
            b"AE" | b"AS" | b"AT" | b"CS" | b"DA" | b"DS" | b"DT" | b"FD" | b"FL" | b"IS" | b"LO" | b"LT" | b"PN"
            | b"SH" | b"SL" | b"SS" | b"ST" | b"TM" | b"UI" | b"UL" | b"US" => u32::from(number(6)),
            _ => return None,
        };
        Some(ElementHeader { tag, vr, length })
    }

    /// Passes a sequence by. One of defined length is not looked into.
    pub(crate) fn skip_sequence(&mut self, length: u32) -> Option<()> {
        if length == u32::MAX { self.items(MAX_DEPTH) } else { self.value(length).map(|_| ()) }
    }

    /// Walks items up to the delimiter of their sequence.
    fn items(&mut self, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        loop {
            let item = self.header()?;
            match item.tag {
                ITEM if item.length == u32::MAX => self.elements(Some(ITEM_END), depth)?,
                ITEM => self.value(item.length).map(|_| ())?,
                SEQUENCE_END if item.length == 0 => return Some(()),
                _ => return None,
            }
        }
    }

    /// Walks elements up to a delimiter, or to the end of the bytes where there is none.
    fn elements(&mut self, delimiter: Option<Tag>, depth: usize) -> Option<()> {
        let mut last = None;
        while delimiter.is_some() || self.at < self.bytes.len() {
            let header = self.header()?;
            if Some(header.tag) == delimiter {
                return (header.length == 0).then_some(());
            }
            if header.tag.group() == 0xFFFE || last.replace(header.tag).is_some_and(|last| header.tag <= last) {
                return None;
            }
            if header.is_opaque_sequence() {
                return None;
            }
            match header.length {
                u32::MAX => self.items(depth)?,
                _ if header.has_valid_length() => self.value(header.length).map(|_| ())?,
                _ => return None,
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: [u8; 4], vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(value.len()).expect("short").to_le_bytes();
        [&tag[..], vr, &length, value].concat()
    }

    fn sequence(items: &[u8]) -> Vec<u8> {
        [b"\x08\x00\x40\x11SQ\0\0\xFF\xFF\xFF\xFF", items, b"\xFE\xFF\xDD\xE0\0\0\0\0"].concat()
    }

    fn item(elements: &[u8]) -> Vec<u8> {
        [b"\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF", elements, b"\xFE\xFF\x0D\xE0\0\0\0\0"].concat()
    }

    #[test]
    fn elements_have_to_fill_the_bytes_in_order() {
        let first = element([8, 0, 0x16, 0], b"UI", b"1.2\0");
        let second = element([0x10, 0, 0x20, 0], b"LO", b"AB");
        let whole = [&first[..], &sequence(&item(&second)), &second].concat();
        assert!(is_well_formed(&whole, false));
        for at in [1, first.len() + 1, whole.len() - 1] {
            assert!(!is_well_formed(&whole[..at], false), "cut at {at}");
        }
        assert!(!is_well_formed(&[&second[..], &first].concat(), false), "out of order");
        assert!(!is_well_formed(&[&first[..], b"x"].concat(), false), "a byte too many");
        assert!(!is_well_formed(&[&first[..], &second[..6], &[3, 0], b"ABC"].concat(), false), "an odd length");
        assert!(!is_well_formed(&sequence(&second), false), "an element where an item belongs");
        assert!(!is_well_formed(&element([8, 0, 0x18, 0], b"UL", b"AB"), false), "half a number");
        assert!(!is_well_formed(&element([8, 0, 0x18, 0], b"??", b"AB"), false), "an unknown VR");
    }

    #[test]
    fn nesting_without_end_is_left_to_the_reader() {
        let nested = (0..100).fold(Vec::new(), |inner, _| sequence(&item(&inner)));
        assert!(!is_well_formed(&nested, false));
    }
}
