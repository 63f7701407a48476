//! What hides inside values that stay: colour profiles, compressed streams, and bytes around and beside pixels.
//!
//! This runs on what the decisions left, and changes bytes without changing a length. What it cannot follow goes to a
//! person, or where an attribute is not needed, away.

use crate::codestream::{self, Blanked, Layout};
use crate::decide::Decided;
use crate::documents;
use crate::error::InstanceError;
use crate::icc;
use crate::ner::TextReader;
use crate::read::{BulkValue, Instance};
use crate::rules::rule;
use crate::text::is_pixel_data;
use crate::tier2::TextSearch;
use dicom_core::Tag;
use dicom_core::header::Header;
use dicom_core::value::{PrimitiveValue, Value};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use efface_schema::{Action, AttributePath, Decision, Locus, Probability, Source};
use std::io::{Read, Seek, SeekFrom};

/// A deferred colour profile is held in memory up to this size; above, the rules have removed it.
const MAX_PROFILE_BYTES: u64 = 16 * 1024 * 1024;

/// Basic Voice Audio and General Audio Waveform Storage (PS3.4 table B.5-1).
const AUDIO_CLASSES: [&str; 2] = ["1.2.840.10008.5.1.4.1.1.9.4.1", "1.2.840.10008.5.1.4.1.1.9.4.2"];

/// Cleans the contents of an instance; returns what has to be blanked when its bulk values are copied, in order. The
/// network, where there is one, reads documents.
///
/// # Errors
/// When the source cannot be read.
pub(crate) fn clean(
    instance: &mut Instance,
    overlays: &EmbeddedOverlays,
    (search, reader): (&TextSearch<'_>, Option<&TextReader>),
    decided: &mut Decided,
) -> Result<Vec<Blanked>, InstanceError> {
    let transfer_syntax = instance.transfer_syntax.uid();
    let mut cleaner = ContentCleaner { search, reader, transfer_syntax, decided };
    cleaner.data_set(&mut instance.data_set, &AttributePath::default());
    let mut blanked = cleaner.codestreams(instance)?;
    blanked.extend(cleaner.profiles(instance)?);
    blanked.extend(cleaner.padding(instance)?);
    blanked.extend(cleaner.overlays(instance, overlays));
    cleaner.document(instance)?;
    cleaner.voice(instance);
    blanked.sort_by_key(|part| part.offset);
    Ok(blanked)
}

struct ContentCleaner<'a, 'b> {
    search: &'a TextSearch<'b>,
    reader: Option<&'a TextReader>,
    transfer_syntax: &'static str,
    decided: &'a mut Decided,
}

impl ContentCleaner<'_, '_> {
    /// Cleans what was read into memory, at every depth.
    fn data_set(&mut self, data_set: &mut InMemDicomObject, parent: &AttributePath) {
        let layout = Layout::of(data_set, self.transfer_syntax);
        let tags_of_interest: Vec<Tag> = data_set
            .iter()
            .filter(|element| {
                matches!(element.value(), Value::Sequence(_) | Value::PixelSequence(_))
                    || element.tag() == tags::ICC_PROFILE
            })
            .map(Header::tag)
            .collect();
        for tag in tags_of_interest {
            let path = parent.element(efface_schema::ElementReference::tag(tag.group(), tag.element()));
            let mut remove = false;
            data_set.update_value(tag, |value| match value {
                Value::Sequence(_) => {
                    let items = value.items_mut().into_iter().flatten();
                    (0_u32..).zip(items).for_each(|(item_idx, item)| self.data_set(item, &path.item(item_idx)));
                }
                Value::PixelSequence(sequence) => self.fragments(sequence.fragments_mut(), &layout, &path),
                Value::Primitive(profile) => remove = !self.profile(profile, &path),
            });
            if remove {
                data_set.remove_element(tag);
            }
        }
    }

    /// Cleans compressed pixels that were read into memory, such as those of an icon.
    fn fragments(&mut self, fragments: &mut [Vec<u8>], layout: &Layout, path: &AttributePath) {
        let locus = if *path == AttributePath::tag(0x7FE0, 0x0010) {
            Locus::PixelData
        } else {
            Locus::Attribute { path: path.clone() }
        };
        match codestream::blank_in_memory(fragments, layout, self.search) {
            Ok(0) => {}
            Ok(_) => self.decide(locus, Action::Clean, Source::Tier1, rule!("codestream-comment")),
            Err(_) => self.review(locus, rule!("codestream-header")),
        }
    }

    /// Cleans a colour profile; `false` when it cannot stay.
    fn profile(&mut self, value: &mut PrimitiveValue, path: &AttributePath) -> bool {
        let mut profile = value.to_bytes().into_owned();
        if profile.is_empty() {
            return true;
        }
        let locus = Locus::Attribute { path: path.clone() };
        match icc::clean(&mut profile, self.search) {
            Ok(0) => true,
            Ok(_) => {
                *value = PrimitiveValue::U8(profile.into());
                self.decide(locus, Action::Clean, Source::Tier2, rule!("icc-profile-text"));
                true
            }
            Err(_) => {
                self.decide(locus, Action::Remove, Source::Unknown, rule!("icc-profile"));
                false
            }
        }
    }

    /// Follows deferred compressed pixels.
    fn codestreams(&mut self, instance: &mut Instance) -> Result<Vec<Blanked>, InstanceError> {
        match codestream::find(instance, self.search) {
            Ok(blanked) => {
                if !blanked.is_empty() {
                    self.decide(Locus::PixelData, Action::Clean, Source::Tier1, rule!("codestream-comment"));
                }
                Ok(blanked)
            }
            Err(InstanceError::Codestream | InstanceError::Truncated) => {
                self.review(Locus::PixelData, rule!("codestream-header"));
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// Cleans colour profiles that were left in the source.
    fn profiles(&mut self, instance: &mut Instance) -> Result<Vec<Blanked>, InstanceError> {
        let Some(bulk) = instance.bulk.iter().find(|bulk| bulk.tag == tags::ICC_PROFILE).copied() else {
            return Ok(Vec::new());
        };
        let locus = Locus::Attribute { path: AttributePath::tag(0x0028, 0x2000) };
        let mut profile = Vec::new();
        instance.source.seek(SeekFrom::Start(bulk.offset))?;
        instance.source.by_ref().take(bulk.n_bytes.min(MAX_PROFILE_BYTES)).read_to_end(&mut profile)?;
        let mut cleaned = profile.clone();
        match icc::clean(&mut cleaned, self.search) {
            Ok(0) => Ok(Vec::new()),
            Ok(_) => {
                self.decide(locus, Action::Clean, Source::Tier2, rule!("icc-profile-text"));
                let changed = (bulk.offset..).zip(profile.iter().zip(&cleaned)).filter(|(_, (old, new))| old != new);
                Ok(changed.map(|(offset, (_, new))| Blanked::whole(offset, 1, *new)).collect())
            }
            Err(_) => {
                instance.bulk.retain(|bulk| bulk.tag != tags::ICC_PROFILE);
                self.decide(locus, Action::Remove, Source::Unknown, rule!("icc-profile"));
                Ok(Vec::new())
            }
        }
    }

    /// Zeroes what follows the last pixel. More bytes than a frame has are pixels that no attribute declares.
    fn padding(&mut self, instance: &mut Instance) -> Result<Vec<Blanked>, InstanceError> {
        let bulk = instance.bulk.iter().find(|bulk| is_pixel_data(bulk.tag)).copied();
        let unmeasured = bulk.is_some_and(|bulk| {
            let n_pixel_bytes = pixel_padding(&instance.data_set, bulk.tag);
            !bulk.length.is_undefined() && bulk.n_bytes > 0 && n_pixel_bytes.is_none()
        });
        let (blanked, n_excess) = match bulk {
            Some(bulk) => padding_of_bulk(&bulk, instance)?,
            None => (Vec::new(), zero_padding(&mut instance.data_set)),
        };
        if unmeasured || is_picture(n_excess, &instance.data_set) {
            self.review(Locus::PixelData, rule!("undeclared-pixels"));
            return Ok(Vec::new());
        }
        if n_excess > 0 {
            self.decide(Locus::PixelData, Action::Clean, Source::Tier1, rule!("pixel-padding"));
        }
        Ok(blanked)
    }

    /// Judges an encapsulated document; it is not changed.
    fn document(&mut self, instance: &mut Instance) -> Result<(), InstanceError> {
        let deferred = instance.bulk.iter().find(|bulk| bulk.tag == tags::ENCAPSULATED_DOCUMENT).copied();
        let verdict = match (deferred, instance.data_set.get(tags::ENCAPSULATED_DOCUMENT)) {
            (Some(bulk), _) if bulk.n_bytes > documents::MAX_DOCUMENT_BYTES => documents::too_large(),
            (Some(bulk), _) => {
                let mut document = Vec::new();
                instance.source.seek(SeekFrom::Start(bulk.offset))?;
                instance.source.by_ref().take(bulk.n_bytes).read_to_end(&mut document)?;
                documents::judge(&document, self.search, self.reader)
            }
            (None, Some(element)) => match element.value() {
                Value::Primitive(value) => documents::judge(&value.to_bytes(), self.search, self.reader),
                _ => documents::too_large(),
            },
            (None, None) => return Ok(()),
        };
        self.decided.decisions.extend(verdict.decisions);
        self.decided.review.extend(verdict.review);
        Ok(())
    }

    /// Withholds recordings of sound: what is said is not listened to, and a voice is a person's.
    fn voice(&mut self, instance: &Instance) {
        let is_audio_class = AUDIO_CLASSES.contains(&instance.text(tags::SOP_CLASS_UID).as_str());
        let groups = instance.data_set.get(tags::WAVEFORM_SEQUENCE).and_then(|element| element.value().items());
        let groups = groups.unwrap_or_default();
        // Only sound is stored in the laws of telephony.
        let is_telephony = |group: &InMemDicomObject| {
            let interpretation = group.get(Tag(0x5400, 0x1006)).and_then(|element| element.value().to_str().ok());
            interpretation.is_some_and(|interpretation| matches!(interpretation.trim(), "MB" | "AB"))
        };
        if !groups.is_empty() && (is_audio_class || groups.iter().any(is_telephony)) {
            self.review(Locus::Attribute { path: AttributePath::tag(0x5400, 0x0100) }, "voice-recording");
        }
    }

    /// Clears overlay planes out of the bits that no pixel uses.
    fn overlays(&mut self, instance: &mut Instance, overlays: &EmbeddedOverlays) -> Option<Blanked> {
        let kept = match overlays {
            EmbeddedOverlays::None => return None,
            EmbeddedOverlays::Unclear => {
                self.review(Locus::PixelData, rule!("embedded-overlay"));
                return None;
            }
            EmbeddedOverlays::Unused(kept) => *kept,
        };
        let bulk = instance.bulk.iter().find(|bulk| bulk.tag == tags::PIXEL_DATA && !bulk.length.is_undefined());
        let bytes = if instance.transfer_syntax.endianness() == dicom_encoding::Endianness::Little {
            kept.to_le_bytes()
        } else {
            kept.to_be_bytes()
        };
        let blanked = bulk.map(|bulk| Blanked {
            offset: bulk.offset,
            n_bytes: bulk.n_bytes,
            kept: [bytes[0], bytes[1], bytes[0], bytes[1]],
            fill: [0; 4],
        });
        let mut in_memory = || {
            let mut cleared = false;
            instance.data_set.update_value(tags::PIXEL_DATA, |value| {
                if let Value::Primitive(PrimitiveValue::U16(words)) = value {
                    words.iter_mut().for_each(|word| *word &= kept);
                    cleared = true;
                }
            });
            cleared
        };
        if blanked.is_some() || in_memory() {
            self.decide(Locus::PixelData, Action::Clean, Source::Tier1, rule!("embedded-overlay-cleared"));
        } else {
            self.review(Locus::PixelData, rule!("embedded-overlay"));
        }
        blanked
    }

    fn decide(&mut self, locus: Locus, action: Action, source: Source, rule: &str) {
        let rule = rule.to_owned();
        self.decided.decisions.push(Decision {
            locus,
            action,
            source,
            rule,
            label: None,
            probability: Probability::ONE,
        });
    }

    fn review(&mut self, locus: Locus, rule: &'static str) {
        self.decide(locus, Action::Review, Source::Unknown, rule);
        self.decided.review.push(rule);
    }
}

/// Overlay planes in bits of the pixels, as the retired form had them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EmbeddedOverlays {
    /// There are none.
    None,
    /// They lie in bits that no pixel uses; these bits of a 16-bit word are the pixel's.
    Unused(u16),
    /// They lie in bits that pixels use, or it cannot be told.
    Unclear,
}

impl EmbeddedOverlays {
    /// Looks for them in a data set as it was read.
    ///
    /// Source: PS3.3-2004 section C.9.2: (60xx,0102) Overlay Bit Position.
    pub(crate) fn of(data_set: &InMemDicomObject) -> Self {
        let positions: Vec<Option<u64>> = data_set
            .iter()
            .filter(|element| (0x6000..=0x60FF).contains(&element.tag().group()) && element.tag().element() == 0x0102)
            .map(|element| element.to_int::<u64>().ok())
            .filter(|position| *position != Some(0))
            .collect();
        if positions.is_empty() {
            return Self::None;
        }
        let numbers = [tags::BITS_ALLOCATED, tags::BITS_STORED, tags::HIGH_BIT].map(|tag| number(data_set, tag));
        let [Some(16), Some(stored @ 1..=15), Some(high @ 0..=15)] = numbers else { return Self::Unclear };
        let Some(low) = (high + 1).checked_sub(stored) else { return Self::Unclear };
        let unused = |position: &Option<u64>| position.is_some_and(|position| position < low || position > high);
        if positions.iter().all(unused) {
            Self::Unused(u16::try_from(((1_u32 << stored) - 1) << low).unwrap_or(u16::MAX))
        } else {
            Self::Unclear
        }
    }
}

fn number(data_set: &InMemDicomObject, tag: Tag) -> Option<u64> {
    data_set.get(tag).and_then(|element| element.to_int::<u64>().ok())
}

/// Whether bytes behind the last pixel may be a picture: as many as a frame has, or, where pixels share their colour,
/// as many as their own colours would take.
fn is_picture(n_excess: u64, data_set: &InMemDicomObject) -> bool {
    let n_frames = number(data_set, tags::NUMBER_OF_FRAMES).unwrap_or(1).max(1);
    let n_pixel_bytes = pixel_padding(data_set, tags::PIXEL_DATA).unwrap_or(u64::MAX);
    let (stored, declared) = stored_samples(data_set);
    let share = if stored == declared { 1 } else { 2 };
    n_excess > 0 && n_excess >= (n_pixel_bytes / n_frames / share).max(1)
}

/// Of how many samples how many are stored, where neighbouring pixels share their colour.
///
/// Source: PS3.3 section C.7.6.3.1.2.
fn stored_samples(data_set: &InMemDicomObject) -> (u64, u64) {
    let photometric = data_set.get(tags::PHOTOMETRIC_INTERPRETATION).and_then(|element| element.value().to_str().ok());
    match photometric.as_deref().map(str::trim) {
        Some("YBR_FULL_422" | "YBR_PARTIAL_422") => (2, 3),
        Some("YBR_PARTIAL_420") => (1, 2),
        _ => (1, 1),
    }
}

/// How many bytes the pixels of a native image take; what follows is padding. Nothing where it cannot be told.
pub(crate) fn pixel_padding(data_set: &InMemDicomObject, tag: Tag) -> Option<u64> {
    let (stored, declared) = stored_samples(data_set);
    [tags::ROWS, tags::COLUMNS, tags::SAMPLES_PER_PIXEL, tags::BITS_ALLOCATED]
        .into_iter()
        .map(|tag| number(data_set, tag))
        .chain([Some(number(data_set, tags::NUMBER_OF_FRAMES).unwrap_or(1))])
        .try_fold(1_u64, |product, factor| product.checked_mul(factor?))
        .and_then(|n_bits| n_bits.checked_mul(stored))
        .map(|n_bits| (n_bits / declared).div_ceil(8))
        .filter(|_| is_pixel_data(tag))
}

/// What of a deferred native value is to be zeroed, and how many bytes of it hold more than padding.
fn padding_of_bulk(bulk: &BulkValue, instance: &mut Instance) -> Result<(Vec<Blanked>, u64), InstanceError> {
    let Some(n_pixel_bytes) = pixel_padding(&instance.data_set, bulk.tag).filter(|_| !bulk.length.is_undefined())
    else {
        return Ok((Vec::new(), 0));
    };
    let n_excess = bulk.n_bytes.saturating_sub(n_pixel_bytes);
    if n_excess <= 1 {
        return Ok((Vec::new(), 0));
    }
    let start = bulk.offset + n_pixel_bytes;
    instance.source.seek(SeekFrom::Start(start))?;
    let mut excess = instance.source.by_ref().take(n_excess);
    let mut buffer = [0_u8; 4096];
    loop {
        match excess.read(&mut buffer)? {
            0 => return Ok((Vec::new(), 0)),
            n_read if buffer[..n_read].iter().any(|&byte| byte != 0) => {
                return Ok((vec![Blanked::whole(start, n_excess, 0)], n_excess));
            }
            _ => {}
        }
    }
}

/// Zeroes what follows the last pixel of a value in memory; says how many bytes that are. A value with as much more
/// as a frame is left for a person.
fn zero_padding(data_set: &mut InMemDicomObject) -> u64 {
    let Some(n_pixel_bytes) = pixel_padding(data_set, tags::PIXEL_DATA) else { return 0 };
    let Ok(start) = usize::try_from(n_pixel_bytes) else { return 0 };
    let n_excess = data_set.get(tags::PIXEL_DATA).map_or(0, |element| excess(element.value(), start));
    if n_excess == 0 || is_picture(n_excess, data_set) {
        return n_excess;
    }
    data_set.update_value(tags::PIXEL_DATA, |value| match value {
        Value::Primitive(PrimitiveValue::U8(bytes)) => bytes[start..].fill(0),
        Value::Primitive(PrimitiveValue::U16(words)) => {
            let first = start.div_ceil(2);
            words[first..].fill(0);
            if start % 2 == 1 {
                words[first - 1] &= 0x00FF;
            }
        }
        _ => {}
    });
    n_excess
}

/// How many bytes follow a place in a value, where they are more than one byte of padding and not all zero.
fn excess(value: &Value<InMemDicomObject>, start: usize) -> u64 {
    let Value::Primitive(value) = value else { return 0 };
    if value.calculate_byte_len() <= start.saturating_add(1) {
        return 0;
    }
    let bytes = value.to_bytes();
    let excess = bytes.get(start..).filter(|excess| excess.len() > 1 && excess.iter().any(|&byte| byte != 0));
    excess.map_or(0, |excess| excess.len() as u64)
}
