//! What pydicom 2.2.1 makes of a value representation that its dictionary leaves open.
//!
//! Where a file states none, or `UN`, the dictionary's `US or SS`, `US or OW` or `OB or OW` is settled by other
//! attributes as soon as the element is asked for. Those of retired attributes stay as they are, and where the
//! attribute is missing that would settle it, pydicom raises an error, which ends the official scorer's run.

use super::render::{PythonValue, Scalar, Surroundings, decode, effective_vr};
use crate::reader::{Charset, DataSet, Element, Tag, Value};

const PIXEL_REPRESENTATION: Tag = Tag::new(0x0028, 0x0103);
const BITS_ALLOCATED: Tag = Tag::new(0x0028, 0x0100);
const LUT_DESCRIPTOR: Tag = Tag::new(0x0028, 0x3002);
const WAVEFORM_BITS_ALLOCATED: Tag = Tag::new(0x5400, 0x1004);

/// Where an element stands: its data set, with what it takes from those around it.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    pub data_set: &'p DataSet<'p>,
    pub big_endian: bool,
    sign: PixelSign,
    is_item: bool,
}

/// Whether pixels are signed numbers, as seen from a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PixelSign {
    Unsigned,
    Signed,
    /// There are pixels, and nothing says how they are stored.
    Unstated,
}

/// The attribute is missing, or of a wrong form, that would settle a value representation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unsettled;

/// What settles a value representation.
enum SettledBy {
    PixelSign,
    BitsAllocated,
    WaveformBitsAllocated,
    LutDescriptor,
    /// It is `OW` always.
    Nothing,
}

impl<'p> Place<'p> {
    /// In a data set that lies in no other.
    pub(crate) fn root(data_set: &'p DataSet<'p>, big_endian: bool) -> Self {
        let sign = match data_set.get(Tag::PIXEL_DATA) {
            Some(_) => PixelSign::Unstated,
            None => PixelSign::Unsigned,
        };
        Self { data_set, big_endian, sign, is_item: false }.with_own_sign()
    }

    /// In an item of a sequence that stands here.
    pub(crate) fn item(self, data_set: &'p DataSet<'p>) -> Self {
        Self { data_set, is_item: true, ..self }.with_own_sign()
    }

    fn with_own_sign(self) -> Self {
        let Some(representation) = self.data_set.get(PIXEL_REPRESENTATION) else { return self };
        let sign = if self.number(representation) == Some(0) { PixelSign::Unsigned } else { PixelSign::Signed };
        Self { sign, ..self }
    }

    /// `US` or `SS`, for whole numbers that are stored as pixels are.
    pub(crate) const fn pixel_vr(self) -> &'static str {
        match self.sign {
            PixelSign::Signed => "SS",
            PixelSign::Unsigned | PixelSign::Unstated => "US",
        }
    }

    fn value(self, element: &Element<'_>) -> Option<PythonValue> {
        let Value::Bytes(bytes) = element.value else { return None };
        let surroundings = Surroundings { place: self, charset: &Charset::default() };
        Some(decode(settled_vr(element, self), element, bytes, &surroundings))
    }

    fn number(self, element: &Element<'_>) -> Option<i128> {
        match self.value(element)? {
            PythonValue::One(Scalar::Number(number)) => Some(number),
            PythonValue::One(Scalar::Integer(text)) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

/// The value representation with which pydicom shows an element. One that cannot be settled stays open.
pub(crate) fn settled_vr<'v>(element: &'v Element<'_>, place: Place<'_>) -> &'v str {
    match settle(element, place) {
        Ok(Some(vr)) => vr,
        Ok(None) | Err(Unsettled) => effective_vr(element, place.data_set),
    }
}

/// The value representation that is chosen for an element, if there is a choice and pydicom makes it.
///
/// # Errors
/// Where pydicom ends with an error.
pub(crate) fn settle(element: &Element<'_>, place: Place<'_>) -> Result<Option<&'static str>, Unsettled> {
    let (Some(by), Value::Bytes(bytes)) = (settled_by(element.tag), &element.value) else { return Ok(None) };
    if !effective_vr(element, place.data_set).contains(" or ") {
        return Ok(None);
    }
    let vr = match by {
        SettledBy::PixelSign if place.sign == PixelSign::Unstated => return Err(Unsettled),
        SettledBy::PixelSign => place.pixel_vr(),
        SettledBy::LutDescriptor if has_one_entry(place)? => "US",
        SettledBy::LutDescriptor | SettledBy::Nothing => "OW",
        SettledBy::BitsAllocated if element.undefined_length => "OB",
        SettledBy::BitsAllocated => bytes_or_words(element, place, BITS_ALLOCATED)?,
        SettledBy::WaveformBitsAllocated => bytes_or_words(element, place, WAVEFORM_BITS_ALLOCATED)?,
    };
    let is_broken = matches!(vr, "US" | "SS") && bytes.len() % 2 == 1;
    if is_broken { Err(Unsettled) } else { Ok(Some(vr)) }
}

/// pydicom 2.2.1, `filewriter._correct_ambiguous_vr_element`.
const fn settled_by(tag: Tag) -> Option<SettledBy> {
    match tag.to_u32() {
        0x0018_9810
        | 0x0022_1452
        | 0x0028_0104..=0x0028_0109
        | 0x0028_0110
        | 0x0028_0111
        | 0x0028_0120
        | 0x0028_0121
        | 0x0028_1101..=0x0028_1103
        | 0x0028_3002
        | 0x0040_9211
        | 0x0040_9216
        | 0x0060_3004
        | 0x0060_3006 => Some(SettledBy::PixelSign),
        0x0028_3006 => Some(SettledBy::LutDescriptor),
        0x5400_0110 | 0x5400_0112 | 0x5400_100a | 0x5400_1010 => Some(SettledBy::WaveformBitsAllocated),
        0x7fe0_0010 => Some(SettledBy::BitsAllocated),
        _ if matches!(tag.group, 0x6000..=0x601e) && !tag.is_private() && tag.element == 0x3000 => {
            Some(SettledBy::Nothing)
        }
        _ => None,
    }
}

/// Whether the descriptor beside LUT data counts one entry.
fn has_one_entry(place: Place<'_>) -> Result<bool, Unsettled> {
    let descriptor = place.data_set.get(LUT_DESCRIPTOR).and_then(|descriptor| place.value(descriptor));
    match descriptor.ok_or(Unsettled)? {
        PythonValue::Many(values) => Ok(values.first() == Some(&Scalar::Number(1))),
        PythonValue::One(Scalar::Bytes(bytes)) => Ok(bytes.first() == Some(&1)),
        // A lone number has no first value, and nothing has none either.
        PythonValue::One(Scalar::Number(_)) | PythonValue::None => Err(Unsettled),
        PythonValue::One(_) => Ok(false),
    }
}

/// `OW` in an implicit data set, else by the bits of a sample. pydicom does not tell items that they are implicit.
fn bytes_or_words(element: &Element<'_>, place: Place<'_>, n_bits: Tag) -> Result<&'static str, Unsettled> {
    if element.vr.is_none() && !place.is_item {
        return Ok("OW");
    }
    let n_bits = place.data_set.get(n_bits).and_then(|n_bits| place.number(n_bits));
    Ok(if n_bits.ok_or(Unsettled)? > 8 { "OW" } else { "OB" })
}
