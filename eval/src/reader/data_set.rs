//! Elements, items and their bytes.

use super::dictionary;
use std::io::Read as _;

/// The number of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Tag {
    pub group: u16,
    pub element: u16,
}

impl Tag {
    pub(crate) const PIXEL_DATA: Self = Self::new(0x7fe0, 0x0010);
    pub(crate) const CHARSET: Self = Self::new(0x0008, 0x0005);
    const ITEM: Self = Self::new(0xfffe, 0xe000);
    const ITEM_END: Self = Self::new(0xfffe, 0xe00d);
    const SEQUENCE_END: Self = Self::new(0xfffe, 0xe0dd);

    pub(crate) const fn new(group: u16, element: u16) -> Self {
        Self { group, element }
    }

    pub(crate) const fn from_u32(number: u32) -> Self {
        Self::new((number >> 16) as u16, (number & 0xffff) as u16)
    }

    pub(crate) const fn to_u32(self) -> u32 {
        (self.group as u32) << 16 | self.element as u32
    }

    pub(crate) const fn is_private(self) -> bool {
        self.group % 2 == 1
    }

    /// Whether the element names the creator of a private block.
    pub(crate) const fn is_private_creator(self) -> bool {
        self.is_private() && self.element >= 0x10 && self.element < 0x100
    }
}

/// The value of an element.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    /// The bytes as they stand; for encapsulated pixel data with the items' headers, without the delimiter.
    Bytes(&'a [u8]),
    /// The items of a sequence.
    Items(Vec<DataSet<'a>>),
}

/// One encoded element.
#[derive(Debug, Clone)]
pub(crate) struct Element<'a> {
    pub tag: Tag,
    /// The value representation that the file states; absent in implicit VR.
    pub vr: Option<[u8; 2]>,
    pub value: Value<'a>,
    /// Where the value begins in the source's bytes.
    pub offset: usize,
    /// How many bytes the value takes, delimiters left out.
    pub n_bytes: usize,
    /// Whether the length was not stated.
    pub undefined_length: bool,
}

/// Elements in the order of the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct DataSet<'a> {
    pub elements: Vec<Element<'a>>,
}

impl<'a> DataSet<'a> {
    pub(crate) fn get(&self, tag: Tag) -> Option<&Element<'a>> {
        self.elements.iter().find(|element| element.tag == tag)
    }

    /// The bytes of an element that is not a sequence.
    pub(crate) fn bytes(&self, tag: Tag) -> Option<&'a [u8]> {
        match self.get(tag)?.value {
            Value::Bytes(bytes) => Some(bytes),
            Value::Items(_) => None,
        }
    }

    /// A short text without its padding.
    pub(crate) fn text(&self, tag: Tag) -> Option<String> {
        let text = super::text::latin1(self.bytes(tag)?);
        Some(text.trim_matches([' ', '\0']).to_owned())
    }

    /// The creator of the block that a private element lies in.
    pub(crate) fn private_creator(&self, tag: Tag) -> Option<String> {
        if !tag.is_private() || tag.element < 0x1000 {
            return None;
        }
        let creator = self.text(Tag::new(tag.group, tag.element >> 8))?;
        (!creator.is_empty()).then_some(creator)
    }
}

/// The bytes of a file, a deflated data set inflated.
#[derive(Debug)]
pub(crate) struct Source {
    pub bytes: Vec<u8>,
    /// Where the data set begins.
    data_set_at: usize,
    transfer_syntax: String,
    /// Whether the data set was deflated in the file.
    pub deflated: bool,
}

/// A file taken apart.
#[derive(Debug)]
pub(crate) struct Instance<'a> {
    pub meta: DataSet<'a>,
    pub data_set: DataSet<'a>,
    pub big_endian: bool,
    /// Where the walk ended before the file did, if it did.
    pub damaged_at: Option<usize>,
}

impl Source {
    /// Takes the bytes of a file; nothing if they are not a DICOM file with its preamble.
    pub(crate) fn new(bytes: Vec<u8>) -> Option<Self> {
        if bytes.get(128..132) != Some(b"DICM") {
            return None;
        }
        let (meta, data_set_at) = read_meta(&bytes);
        let transfer_syntax = meta.text(Tag::new(2, 0x10)).unwrap_or_default();
        let mut source = Self { bytes, data_set_at, transfer_syntax, deflated: false };
        if source.transfer_syntax == "1.2.840.10008.1.2.1.99" {
            source.inflate();
        }
        Some(source)
    }

    fn inflate(&mut self) {
        let mut inflated = self.bytes[..self.data_set_at].to_vec();
        // What can be inflated is kept, so that a damaged stream is still looked through.
        let _ = flate2::read::DeflateDecoder::new(&self.bytes[self.data_set_at..]).read_to_end(&mut inflated);
        self.bytes = inflated;
        self.deflated = true;
    }

    /// Takes the bytes apart.
    pub(crate) fn parse(&self) -> Instance<'_> {
        let (meta, _) = read_meta(&self.bytes);
        let big_endian = self.transfer_syntax == "1.2.840.10008.1.2.2";
        // The encoding that is there counts, not the one that is announced: some writers announce another.
        let announced = self.transfer_syntax != "1.2.840.10008.1.2";
        let first_vr = self.bytes.get(self.data_set_at + 4..self.data_set_at + 6);
        let explicit = first_vr.map_or(announced, |vr| vr.iter().all(u8::is_ascii_uppercase));
        let mut walk = Walk { bytes: &self.bytes, at: self.data_set_at, explicit, big_endian, damaged: false };
        let data_set = walk.data_set(self.bytes.len(), &[]);
        Instance { meta, data_set, big_endian, damaged_at: walk.damaged.then_some(walk.at) }
    }
}

fn read_meta(bytes: &[u8]) -> (DataSet<'_>, usize) {
    let mut walk = Walk { bytes, at: 132, explicit: true, big_endian: false, damaged: false };
    let mut meta = DataSet::default();
    while bytes.get(walk.at..walk.at + 2) == Some(&[2, 0]) {
        match walk.element(bytes.len(), &meta) {
            Some(element) => meta.elements.push(element),
            None => break,
        }
    }
    (meta, walk.at)
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    explicit: bool,
    big_endian: bool,
    damaged: bool,
}

const UNDEFINED: u32 = 0xffff_ffff;
/// Deeper nesting is taken for damage: no object needs it, and it would exhaust the stack.
const MAX_DEPTH: usize = 64;

impl<'a> Walk<'a> {
    fn u16(&mut self, end: usize) -> Option<u16> {
        let bytes: [u8; 2] = self.take(2, end)?.try_into().ok()?;
        Some(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn u32(&mut self, end: usize) -> Option<u32> {
        let bytes: [u8; 4] = self.take(4, end)?.try_into().ok()?;
        Some(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn take(&mut self, n_bytes: usize, end: usize) -> Option<&'a [u8]> {
        let stop = self.at.checked_add(n_bytes).filter(|&stop| stop <= end)?;
        let taken = self.bytes.get(self.at..stop)?;
        self.at = stop;
        Some(taken)
    }

    fn tag(&mut self, end: usize) -> Option<Tag> {
        Some(Tag::new(self.u16(end)?, self.u16(end)?))
    }

    fn peek_tag(&mut self, end: usize) -> Option<Tag> {
        let at = self.at;
        let tag = self.tag(end);
        self.at = at;
        tag
    }

    /// Reads elements up to `end` or, where the length is open, to a delimiter, which is left standing.
    fn data_set(&mut self, end: usize, parents: &[Tag]) -> DataSet<'a> {
        let mut data_set = DataSet::default();
        while self.at < end && !self.damaged {
            if matches!(self.peek_tag(end), Some(Tag::ITEM_END | Tag::SEQUENCE_END)) {
                break;
            }
            match self.element_in(end, &data_set, parents) {
                Some(element) => data_set.elements.push(element),
                None => self.damaged = true,
            }
        }
        data_set
    }

    fn element(&mut self, end: usize, so_far: &DataSet<'a>) -> Option<Element<'a>> {
        self.element_in(end, so_far, &[])
    }

    fn element_in(&mut self, end: usize, so_far: &DataSet<'a>, parents: &[Tag]) -> Option<Element<'a>> {
        let tag = self.tag(end)?;
        let (vr, length) = self.header(end)?;
        let offset = self.at;
        let known_as_sequence = match vr {
            Some(vr) if &vr == b"SQ" => true,
            Some(vr) if &vr == b"UN" => resolved_vr(tag, so_far) == Some("SQ") || length == UNDEFINED,
            Some(_) => false,
            None => resolved_vr(tag, so_far) == Some("SQ"),
        };
        let value = if length == UNDEFINED {
            self.open_value(end, tag, vr, known_as_sequence, parents)?
        } else {
            let stop = offset.checked_add(length as usize).filter(|&stop| stop <= end)?;
            if known_as_sequence && parents.len() < MAX_DEPTH {
                let items = self.within(vr, |walk| walk.items(stop, tag, parents));
                self.at = stop;
                items
            } else {
                self.at = stop;
                Value::Bytes(&self.bytes[offset..stop])
            }
        };
        let mut n_bytes = self.at - offset;
        if length == UNDEFINED {
            n_bytes = n_bytes.saturating_sub(8);
        }
        Some(Element { tag, vr, value, offset, n_bytes, undefined_length: length == UNDEFINED })
    }

    /// The value representation and the length.
    fn header(&mut self, end: usize) -> Option<(Option<[u8; 2]>, u32)> {
        if !self.explicit {
            return Some((None, self.u32(end)?));
        }
        let vr: [u8; 2] = self.take(2, end)?.try_into().ok()?;
        let long = matches!(
            &vr,
            b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR" | b"UT" | b"UV"
        );
        if long {
            self.take(2, end)?;
            return Some((Some(vr), self.u32(end)?));
        }
        Some((Some(vr), u32::from(self.u16(end)?)))
    }

    /// Runs a step in implicit VR little endian, which is what UN sequences hold, or as the file is.
    fn within<T>(&mut self, vr: Option<[u8; 2]>, step: impl FnOnce(&mut Self) -> T) -> T {
        let (explicit, big_endian) = (self.explicit, self.big_endian);
        if vr == Some(*b"UN") {
            (self.explicit, self.big_endian) = (false, false);
        }
        let result = step(self);
        (self.explicit, self.big_endian) = (explicit, big_endian);
        result
    }

    fn open_value(
        &mut self,
        end: usize,
        tag: Tag,
        vr: Option<[u8; 2]>,
        known_as_sequence: bool,
        parents: &[Tag],
    ) -> Option<Value<'a>> {
        let begins_with_item = self.peek_tag(end) == Some(Tag::ITEM) || self.peek_tag(end) == Some(Tag::SEQUENCE_END);
        if tag != Tag::PIXEL_DATA && (known_as_sequence || begins_with_item && vr.is_none()) {
            if parents.len() >= MAX_DEPTH {
                return None;
            }
            let items = self.within(vr, |walk| walk.items(end, tag, parents));
            if self.peek_tag(end) == Some(Tag::SEQUENCE_END) {
                self.take(8, end)?;
            }
            return Some(items);
        }
        let start = self.at;
        loop {
            let fragment = self.tag(end)?;
            let length = self.u32(end)? as usize;
            match fragment {
                Tag::SEQUENCE_END => return Some(Value::Bytes(&self.bytes[start..self.at - 8])),
                Tag::ITEM => self.take(length, end)?,
                _ => return None,
            };
        }
    }

    fn items(&mut self, end: usize, tag: Tag, parents: &[Tag]) -> Value<'a> {
        let mut items = Vec::new();
        let path: Vec<Tag> = parents.iter().copied().chain([tag]).collect();
        while self.at < end && self.peek_tag(end) == Some(Tag::ITEM) && !self.damaged {
            let Some((_, length)) = self.tag(end).zip(self.u32(end)) else {
                self.damaged = true;
                break;
            };
            let stop = if length == UNDEFINED { end } else { (self.at + length as usize).min(end) };
            items.push(self.data_set(stop, &path));
            if length == UNDEFINED && self.peek_tag(end) == Some(Tag::ITEM_END) {
                self.take(8, end);
            }
        }
        Value::Items(items)
    }
}

/// The value representation that pydicom gives to an element whose own is missing or `UN`.
pub(crate) fn resolved_vr(tag: Tag, data_set: &DataSet<'_>) -> Option<&'static str> {
    if tag.is_private() {
        if tag.is_private_creator() {
            return Some("LO");
        }
        let creator = data_set.private_creator(tag)?;
        return dictionary::private_element(tag, &creator).map(|entry| entry.vr);
    }
    match dictionary::element(tag) {
        Some(entry) => Some(entry.vr),
        None if tag.element == 0 => Some("UL"),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(transfer_syntax: &str, data_set: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 128];
        bytes.extend(b"DICM\x02\x00\x10\x00UI");
        bytes.extend(u16::try_from(transfer_syntax.len()).expect("short").to_le_bytes());
        bytes.extend(transfer_syntax.as_bytes());
        bytes.extend(data_set);
        bytes
    }

    #[test]
    fn an_implicit_data_set_is_read_whatever_is_announced() {
        let element = b"\x10\x00\x20\x00\x02\x00\x00\x00P1";
        for transfer_syntax in ["1.2.840.10008.1.2\0", "1.2.840.10008.1.2.4.70"] {
            let source = Source::new(file(transfer_syntax, element)).expect("a DICOM file");
            let instance = source.parse();
            assert_eq!(instance.data_set.text(Tag::new(0x10, 0x20)).as_deref(), Some("P1"));
            assert_eq!(instance.damaged_at, None);
        }
    }

    #[test]
    fn encapsulated_pixel_data_keeps_its_item_headers() {
        let mut data_set = b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff".to_vec();
        let items = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\x02\0\0\0ab";
        data_set.extend(items);
        data_set.extend(b"\xfe\xff\xdd\xe0\0\0\0\0");
        let source = Source::new(file("1.2.840.10008.1.2.4.50", &data_set)).expect("a DICOM file");
        assert_eq!(source.parse().data_set.bytes(Tag::PIXEL_DATA), Some(&items[..]));
    }

    #[test]
    fn a_cut_file_gives_what_comes_before_the_cut() {
        let whole = b"\x10\x00\x20\x00LO\x02\x00P1\x20\x00\x0d\x00UI\x08\x001.2";
        let source = Source::new(file("1.2.840.10008.1.2.1\0", whole)).expect("a DICOM file");
        let instance = source.parse();
        assert_eq!(instance.data_set.elements.len(), 1);
        assert!(instance.damaged_at.is_some());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_fail(data_set in prop::collection::vec(any::<u8>(), 0..400), implicit in any::<bool>()) {
            let transfer_syntax = if implicit { "1.2.840.10008.1.2\0" } else { "1.2.840.10008.1.2.1\0" };
            if let Some(source) = Source::new(file(transfer_syntax, &data_set)) {
                let _ = source.parse();
            }
        }
    }
}
