//! What compressed pixel data holds beside pixels: comments, application segments, thumbnails, boxes, padding.
//!
//! What may hold text is blanked in place, so that no length and no offset table changes and the image decodes as
//! before. What cannot be followed is an error, and the instance goes to a person. Sources: ITU-T T.81 annex B,
//! T.87 annex C, T.800 annexes A and I, ISO/IEC 18181-2, PS3.5 annexes A.4 and G.

mod boxes;
mod jpeg;
mod jpeg_2000;
mod rle;

use crate::error::InstanceError;
use crate::fragments::{FragmentStream, Item, Items};
use crate::icc;
use crate::opaque;
use crate::read::{BulkValue, Instance};
use crate::tier2::{Scope, TextSearch};
use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use std::io::{Cursor, Read, Seek};

/// More fragments than this are not followed; a video of an hour has fewer frames.
const MAX_FRAGMENTS: usize = 1 << 18;
/// More stretches than this are not blanked: no encoder writes so many comments.
const MAX_BLANKED: usize = 1 << 16;
/// The two bytes that a padded value may end with, and what some encoders pad with.
const PADDING: [u8; 3] = [0x00, 0xFF, b' '];

/// Words that encoders write about themselves, with digits around them.
const ENCODER_WORDS: &[&str] = &[
    "created",
    "by",
    "openjpeg",
    "version",
    "kakadu",
    "kdu",
    "layer",
    "info",
    "log",
    "delta",
    "squared",
    "error",
    "bytes",
    "lead",
    "technologies",
    "inc",
    "creator",
    "xv",
    "rev",
    "quality",
    "smoothing",
    "gd",
    "jpeg",
    "using",
    "ijg",
    "intel",
    "library",
    "lavc",
    "charls",
    "default",
    "progressive",
    "optimized",
    "libjpeg",
    "turbo",
];

/// Bytes that are blanked when a bulk value is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Blanked {
    /// First byte in the source.
    pub(crate) offset: u64,
    /// Number of bytes.
    pub(crate) n_bytes: u64,
    /// Which of their bits stay, over and over from the first.
    pub(crate) kept: [u8; 4],
    /// What is set in the others.
    pub(crate) fill: [u8; 4],
}

impl Blanked {
    /// Bytes of which nothing stays.
    pub(crate) const fn whole(offset: u64, n_bytes: u64, fill: u8) -> Self {
        Self { offset, n_bytes, kept: [0; 4], fill: [fill; 4] }
    }

    /// Carries it out in a stretch of the source that begins at an offset.
    pub(crate) fn apply(&self, stretch: &mut [u8], offset: u64) {
        let end = offset + stretch.len() as u64;
        for at in self.offset.max(offset)..(self.offset + self.n_bytes).min(end) {
            let index = usize::try_from(at - offset).expect("inside a stretch in memory");
            let phase = ((at - self.offset) % 4) as usize;
            stretch[index] = stretch[index] & self.kept[phase] | self.fill[phase];
        }
    }
}

/// What the attributes say of encapsulated pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    is_rle: bool,
    n_pixels: Option<u64>,
    n_frames: u64,
}

impl Layout {
    /// Reads it from the data set that holds the pixel data.
    pub(crate) fn of(data_set: &InMemDicomObject, transfer_syntax: &str) -> Self {
        let number = |tag: Tag| data_set.get(tag).and_then(|element| element.to_int::<u64>().ok());
        let n_pixels =
            number(tags::ROWS).zip(number(tags::COLUMNS)).map(|(rows, columns)| rows.saturating_mul(columns));
        Self {
            is_rle: transfer_syntax == uids::RLE_LOSSLESS,
            n_pixels,
            n_frames: number(tags::NUMBER_OF_FRAMES).unwrap_or(1).max(1),
        }
    }
}

/// Finds what has to be blanked in deferred pixel data.
///
/// # Errors
/// When the source cannot be read, or holds what cannot be followed.
pub(crate) fn find(instance: &mut Instance, search: &TextSearch<'_>) -> Result<Vec<Blanked>, InstanceError> {
    // An undefined length equals none, not even itself.
    let encapsulated = |bulk: &&BulkValue| bulk.tag == tags::PIXEL_DATA && bulk.length.is_undefined();
    let Some(bulk) = instance.bulk.iter().find(encapsulated).copied() else { return Ok(Vec::new()) };
    let layout = Layout::of(&instance.data_set, instance.transfer_syntax.uid());
    let mut items = Items::new(&mut instance.source, bulk.offset, bulk.offset + bulk.n_bytes);
    let table = items.next().transpose()?;
    let fragments: Vec<Item> = items.take(MAX_FRAGMENTS + 1).collect::<Result<_, _>>()?;
    if let Some(table) = table
        && !points_to_fragments(&mut instance.source, table, &fragments)?
    {
        return Err(InstanceError::Codestream);
    }
    find_in(&mut instance.source, &fragments, &layout, search)
}

/// Whether an offset table is empty or names beginnings of fragments alone: other bytes in it may be anything.
fn points_to_fragments<R: Read + Seek>(source: &mut R, table: Item, fragments: &[Item]) -> Result<bool, InstanceError> {
    let Some(first) = fragments.first() else { return Ok(table.n_bytes == 0) };
    if !table.n_bytes.is_multiple_of(4) || table.n_bytes / 4 > fragments.len() as u64 {
        return Ok(false);
    }
    source.seek(std::io::SeekFrom::Start(table.offset))?;
    let mut entries = Vec::new();
    source.take(table.n_bytes).read_to_end(&mut entries)?;
    Ok(entries.chunks_exact(4).all(|entry| {
        let offset = u64::from(u32::from_le_bytes([entry[0], entry[1], entry[2], entry[3]]));
        fragments.binary_search_by_key(&(first.offset + offset), |fragment| fragment.offset).is_ok()
    }))
}

/// Blanks fragments that were read into memory; says how many stretches.
///
/// # Errors
/// As [`find`].
pub(crate) fn blank_in_memory(
    fragments: &mut [Vec<u8>],
    layout: &Layout,
    search: &TextSearch<'_>,
) -> Result<usize, InstanceError> {
    let joined = fragments.concat();
    let mut offset = 0;
    let items: Vec<Item> = fragments
        .iter()
        .map(|fragment| {
            let item = Item { offset, n_bytes: fragment.len() as u64 };
            offset += item.n_bytes;
            item
        })
        .collect();
    let blanked = find_in(&mut Cursor::new(joined), &items, layout, search)?;
    for (fragment, item) in fragments.iter_mut().zip(&items) {
        blanked.iter().for_each(|part| part.apply(fragment, item.offset));
    }
    Ok(blanked.len())
}

/// Follows the codestreams of all frames. The places come in the order of the source.
fn find_in<R: Read + Seek>(
    source: &mut R,
    fragments: &[Item],
    layout: &Layout,
    search: &TextSearch<'_>,
) -> Result<Vec<Blanked>, InstanceError> {
    if fragments.len() > MAX_FRAGMENTS {
        return Err(InstanceError::Codestream);
    }
    let mut cleaner = Cleaner { search, blanked: Vec::new(), has_tail: false };
    let groups = frames(source, fragments, layout)?;
    for group in &groups {
        let mut stream = FragmentStream::new(source, group);
        let end = match (stream.at(0)?, layout.is_rle) {
            ([], _) => 0,
            (_, true) => rle::clean(&mut stream, layout.n_pixels.ok_or(InstanceError::Codestream)?, &mut cleaner)?,
            ([0xFF, 0xD8, 0xFF, ..], false) => jpeg::clean(&mut stream, &mut cleaner)?,
            ([0xFF, 0x4F, 0xFF, 0x51, ..], false) => jpeg_2000::clean(&mut stream, 0, None, &mut cleaner)?,
            ([0x00, 0x00, 0x00, 0x0C, ..], false) => boxes::clean(&mut stream, &mut cleaner)?,
            // The bare codestream of JPEG XL has no room for text but in bits that are not bytes.
            ([0xFF, 0x0A, ..], false) => stream.n_bytes(),
            _ => return Err(InstanceError::Codestream),
        };
        cleaner.tail(&mut stream, end)?;
    }
    // A frame that no attribute declares is a picture that nobody looks at, behind an end or in a fragment.
    let n_frames = groups.len() as u64;
    if n_frames > layout.n_frames || (n_frames < layout.n_frames && cleaner.has_tail) {
        return Err(InstanceError::Codestream);
    }
    cleaner.blanked.sort_by_key(|blanked| blanked.offset);
    Ok(cleaner.blanked)
}

/// Groups fragments by frame: one begins where a codestream does, and each in RLE.
fn frames<R: Read + Seek>(
    source: &mut R,
    fragments: &[Item],
    layout: &Layout,
) -> Result<Vec<Vec<Item>>, InstanceError> {
    let mut frames: Vec<Vec<Item>> = Vec::new();
    for fragment in fragments {
        let mut stream = FragmentStream::new(source, std::slice::from_ref(fragment));
        let begins = match stream.read(0, fragment.n_bytes.min(4))?.as_slice() {
            [0xFF, 0xD8, 0xFF, ..] | [0xFF, 0x4F, 0xFF, 0x51] | [0x00, 0x00, 0x00, 0x0C] => true,
            [0xFF, 0x0A, ..] => fragments.len() as u64 == layout.n_frames,
            _ => layout.is_rle,
        };
        match frames.last_mut() {
            Some(frame) if !begins => frame.push(*fragment),
            _ => frames.push(vec![*fragment]),
        }
    }
    Ok(frames)
}

/// Collects what is blanked.
struct Cleaner<'a> {
    search: &'a TextSearch<'a>,
    blanked: Vec<Blanked>,
    has_tail: bool,
}

impl Cleaner<'_> {
    /// Blanks a stretch with one byte.
    fn blank<R: Read + Seek>(
        &mut self,
        stream: &FragmentStream<'_, R>,
        position: u64,
        n_bytes: u64,
        fill: u8,
    ) -> Result<(), InstanceError> {
        let places = stream.places(position, n_bytes);
        self.blanked.extend(places.map(|Item { offset, n_bytes }| Blanked::whole(offset, n_bytes, fill)));
        if self.blanked.len() > MAX_BLANKED { Err(InstanceError::Codestream) } else { Ok(()) }
    }

    /// Blanks a payload that may hold text, from the bytes on that a decoder needs.
    fn blank_payload<R: Read + Seek>(
        &mut self,
        stream: &FragmentStream<'_, R>,
        position: u64,
        payload: &[u8],
        n_needed: usize,
    ) -> Result<(), InstanceError> {
        match payload.get(n_needed..) {
            Some(rest) if !self.is_harmless(rest) => {
                self.blank(stream, position + n_needed as u64, rest.len() as u64, b' ')
            }
            _ => Ok(()),
        }
    }

    /// Whether a payload may stay: padding, and encoders' words about themselves.
    fn is_harmless(&self, payload: &[u8]) -> bool {
        if payload.iter().all(|byte| PADDING.contains(byte)) {
            return true;
        }
        let Ok(text) = std::str::from_utf8(payload) else { return false };
        let text = text.to_lowercase();
        let is_known = |word: &str| word.len() < 2 || ENCODER_WORDS.contains(&word);
        text.len() <= 1024
            && text.split(|character: char| !character.is_alphabetic()).all(is_known)
            && longest_number(&text) < 5
            && self.search.find(&text, Scope::Lexicon).is_empty()
    }

    /// Judges a payload that a decoder needs whole: one that holds the patient's words is a person's to look at.
    fn needed(&self, payload: &[u8]) -> Result<(), InstanceError> {
        if opaque::occurs(payload, self.search) { Err(InstanceError::Codestream) } else { Ok(()) }
    }

    /// Blanks the text of a colour profile whose bytes lie in the stream, in one part or several.
    fn colour_profile<R: Read + Seek>(
        &mut self,
        stream: &FragmentStream<'_, R>,
        parts: &[(u64, Vec<u8>)],
    ) -> Result<(), InstanceError> {
        let profile: Vec<u8> = parts.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
        let mut cleaned = profile.clone();
        if icc::clean(&mut cleaned, self.search).is_err() {
            return Err(InstanceError::Codestream);
        }
        let mut start = 0;
        for (position, bytes) in parts {
            for (index, at) in (start..start + bytes.len()).enumerate() {
                if cleaned[at] != profile[at] {
                    self.blank(stream, position + index as u64, 1, cleaned[at])?;
                }
            }
            start += bytes.len();
        }
        Ok(())
    }

    /// Blanks what follows the end of a codestream.
    fn tail<R: Read + Seek>(&mut self, stream: &mut FragmentStream<'_, R>, end: u64) -> Result<(), InstanceError> {
        let mut position = end;
        loop {
            let bytes = stream.at(position)?;
            if bytes.is_empty() {
                return Ok(());
            }
            if bytes.iter().any(|byte| !PADDING.contains(byte)) {
                break;
            }
            position += bytes.len() as u64;
        }
        self.has_tail = true;
        self.blank(stream, end, stream.n_bytes() - end, 0)
    }
}

/// How many digits the longest number of a text has.
fn longest_number(text: &str) -> usize {
    text.split(|character: char| !character.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
