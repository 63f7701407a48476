//! The items of encapsulated pixel data, and the fragments of a frame read as one stream.
//!
//! Source: PS3.5 section A.4 and table A.4-1: an offset table, fragments, and a sequence delimiter.

use crate::error::InstanceError;
use std::io::{Read, Seek, SeekFrom};

/// How many bytes of a fragment are held at once.
const CHUNK_BYTES: u64 = 16 * 1024;

/// The value of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item {
    /// First byte in the source.
    pub(crate) offset: u64,
    /// Number of bytes.
    pub(crate) n_bytes: u64,
}

/// Walks items up to and over the delimiter; the first is the offset table.
pub(crate) struct Items<'a, R> {
    source: &'a mut R,
    position: u64,
    end: u64,
    ended: bool,
}

impl<'a, R: Read + Seek> Items<'a, R> {
    /// Begins at the header of the first item; `end` is where the source ends.
    pub(crate) const fn new(source: &'a mut R, offset: u64, end: u64) -> Self {
        Self { source, position: offset, end, ended: false }
    }

    fn advance(&mut self) -> Result<Option<Item>, InstanceError> {
        self.source.seek(SeekFrom::Start(self.position))?;
        let mut header = [0_u8; 8];
        self.source.read_exact(&mut header).map_err(|_| InstanceError::Truncated)?;
        let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
        let offset = self.position + 8;
        let item = match (&header[..4], length) {
            (b"\xFE\xFF\x00\xE0", length) if length != u32::MAX => Some(Item { offset, n_bytes: u64::from(length) }),
            (b"\xFE\xFF\xDD\xE0", 0) => None,
            _ => return Err(InstanceError::DataSet),
        };
        self.position = offset + item.map_or(0, |item| item.n_bytes);
        if self.position > self.end { Err(InstanceError::Truncated) } else { Ok(item) }
    }
}

impl<R: Read + Seek> Iterator for Items<'_, R> {
    type Item = Result<Item, InstanceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.advance();
        self.ended = !matches!(item, Ok(Some(_)));
        item.transpose()
    }
}

/// Fragments read as one stream, as a decoder reads those of a frame. Memory is bounded whatever their size.
pub(crate) struct FragmentStream<'a, R> {
    source: &'a mut R,
    /// Where each fragment begins in the stream, and where it is in the source.
    pieces: Vec<(u64, Item)>,
    n_bytes: u64,
    chunk: Vec<u8>,
    chunk_start: u64,
}

impl<'a, R: Read + Seek> FragmentStream<'a, R> {
    /// Joins fragments in their order.
    pub(crate) fn new(source: &'a mut R, fragments: &[Item]) -> Self {
        let mut n_bytes = 0;
        let mut pieces = Vec::with_capacity(fragments.len());
        for fragment in fragments.iter().filter(|fragment| fragment.n_bytes > 0) {
            pieces.push((n_bytes, *fragment));
            n_bytes += fragment.n_bytes;
        }
        Self { source, pieces, n_bytes, chunk: Vec::new(), chunk_start: 0 }
    }

    /// How long the stream is.
    pub(crate) const fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// Bytes from a position on: as many as are at hand, at least one, and none only at the end of the stream.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub(crate) fn at(&mut self, position: u64) -> Result<&[u8], InstanceError> {
        let held = position.checked_sub(self.chunk_start).and_then(|within| usize::try_from(within).ok());
        let within = match held.filter(|within| *within < self.chunk.len()) {
            Some(within) => within,
            None => {
                self.fill(position)?;
                0
            }
        };
        Ok(&self.chunk[within..])
    }

    fn fill(&mut self, position: u64) -> Result<(), InstanceError> {
        self.chunk.clear();
        self.chunk_start = position;
        if position >= self.n_bytes {
            return Ok(());
        }
        let (start, fragment) = self.pieces[self.pieces.partition_point(|(start, _)| *start <= position) - 1];
        let within = position - start;
        self.source.seek(SeekFrom::Start(fragment.offset + within))?;
        let n_wanted = CHUNK_BYTES.min(fragment.n_bytes - within);
        let n_read = self.source.by_ref().take(n_wanted).read_to_end(&mut self.chunk)?;
        if n_read as u64 == n_wanted { Ok(()) } else { Err(InstanceError::Truncated) }
    }

    /// Copies a stretch that lies inside the stream.
    ///
    /// # Errors
    /// [`InstanceError::Codestream`] when it reaches beyond the end.
    pub(crate) fn read(&mut self, position: u64, n_bytes: u64) -> Result<Vec<u8>, InstanceError> {
        let end = position.checked_add(n_bytes).filter(|&end| end <= self.n_bytes).ok_or(InstanceError::Codestream)?;
        let mut bytes = Vec::with_capacity(usize::try_from(n_bytes).map_err(|_| InstanceError::Codestream)?);
        let mut position = position;
        while position < end {
            let at_hand = self.at(position)?;
            let n_wanted = usize::try_from(end - position).unwrap_or(usize::MAX).min(at_hand.len());
            bytes.extend_from_slice(&at_hand[..n_wanted]);
            position += n_wanted as u64;
        }
        Ok(bytes)
    }

    /// Copies a few bytes.
    ///
    /// # Errors
    /// As [`FragmentStream::read`].
    pub(crate) fn array<const N: usize>(&mut self, position: u64) -> Result<[u8; N], InstanceError> {
        let bytes = self.read(position, N as u64)?;
        bytes.try_into().map_err(|_| InstanceError::Codestream)
    }

    /// Where a stretch of the stream lies in the source; in several places when fragments part it.
    pub(crate) fn places(&self, position: u64, n_bytes: u64) -> impl Iterator<Item = Item> + '_ {
        let end = position.saturating_add(n_bytes);
        let first = self.pieces.partition_point(|(start, _)| *start <= position).saturating_sub(1);
        self.pieces[first..].iter().take_while(move |(start, _)| *start < end).filter_map(move |(start, fragment)| {
            let (from, to) = (position.max(*start), end.min(start + fragment.n_bytes));
            (from < to).then(|| Item { offset: fragment.offset + from - start, n_bytes: to - from })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn encapsulated(items: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for item in items {
            bytes.extend(b"\xFE\xFF\x00\xE0");
            bytes.extend(u32::try_from(item.len()).expect("short").to_le_bytes());
            bytes.extend(*item);
        }
        bytes.extend(b"\xFE\xFF\xDD\xE0\0\0\0\0");
        bytes
    }

    #[test]
    fn items_are_walked_over_their_delimiter() {
        let bytes = encapsulated(&[b"", b"abcd", b"ef"]);
        let mut source = Cursor::new(&bytes);
        let mut items = Items::new(&mut source, 0, bytes.len() as u64);
        let found: Vec<Item> = items.by_ref().map(|item| item.expect("well formed")).collect();
        let expected = [(8, 0), (16, 4), (28, 2)].map(|(offset, n_bytes)| Item { offset, n_bytes });
        assert_eq!(found, expected);
        assert_eq!(items.position, bytes.len() as u64);
    }

    #[test]
    fn items_that_the_source_does_not_hold_are_refused() {
        let bytes = encapsulated(&[b"", b"abcd"]);
        for (n_bytes, delimiter) in [(bytes.len() - 3, 0), (18, 0), (bytes.len(), 4)] {
            let mut cut = bytes[..n_bytes].to_vec();
            if delimiter > 0 {
                *cut.iter_mut().nth_back(3).expect("not empty") = delimiter;
            }
            let end = cut.len() as u64;
            assert!(Items::new(&mut Cursor::new(cut), 0, end).any(|item| item.is_err()), "{n_bytes}");
        }
    }

    #[test]
    fn fragments_read_as_one_stream_and_know_their_places() {
        let bytes = encapsulated(&[b"", b"abcd", b"", b"ef"]);
        let mut source = Cursor::new(&bytes);
        let items: Vec<Item> =
            Items::new(&mut source, 0, bytes.len() as u64).skip(1).collect::<Result<_, _>>().expect("well formed");
        let mut stream = FragmentStream::new(&mut source, &items);
        assert_eq!(stream.read(2, 4).expect("inside"), b"cdef");
        assert!(stream.read(2, 5).is_err() && stream.at(6).expect("at the end").is_empty());
        let places: Vec<Item> = stream.places(3, 2).collect();
        assert_eq!(places, [Item { offset: 19, n_bytes: 1 }, Item { offset: 36, n_bytes: 1 }]);
    }
}
