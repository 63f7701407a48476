//! The text that pydicom 2.2.1 prints for an element's value.
//!
//! Two forms are needed: `str(value)`, which the scorer compares, and `repr(value)`, which stands in the
//! dump of a sequence's items.

use super::choice::{Place, settled_vr};
use super::python::{repr_bytes, repr_float, repr_str, strip};
use crate::reader::data_set::resolved_vr;
use crate::reader::text::latin1;
use crate::reader::{Charset, DataSet, Element, Tag, Value, dictionary};

/// More bytes or values than this are printed as their number only, inside a dump.
const MAX_SHOWN: usize = 16;
/// Width of the name column of a dump.
const NAME_WIDTH: usize = 35;

/// What surrounds an element and decides how it reads.
pub(crate) struct Surroundings<'a> {
    pub place: Place<'a>,
    pub charset: &'a Charset,
}

/// One value as Python holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Text(String),
    Uid(String),
    Name(String),
    Decimal(String),
    Integer(String),
    Number(i128),
    Float(f64),
    Tag(u16, u16),
    Bytes(Vec<u8>),
}

/// A value as Python holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PythonValue {
    None,
    One(Scalar),
    Many(Vec<Scalar>),
}

impl Scalar {
    fn str(&self) -> String {
        match self {
            Self::Text(text) | Self::Uid(text) | Self::Name(text) => text.clone(),
            Self::Decimal(text) | Self::Integer(text) => text.trim().to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Float(number) => repr_float(*number),
            Self::Tag(group, element) => format!("({group:04x}, {element:04x})"),
            Self::Bytes(bytes) => repr_bytes(bytes),
        }
    }

    /// How a value stands in a list: strings quoted, the rest as alone. An empty number is an empty string.
    fn listed(&self) -> String {
        match self {
            Self::Text(text) | Self::Uid(text) => repr_str(text),
            Self::Decimal(text) | Self::Integer(text) if text.trim().is_empty() => repr_str(text),
            other => other.str(),
        }
    }

    fn repr(&self) -> String {
        match self {
            Self::Text(text) | Self::Name(text) => repr_str(text),
            Self::Uid(text) => dictionary::uid_name(text).unwrap_or(text).to_owned(),
            Self::Decimal(text) => match text.trim().parse::<f64>() {
                Ok(number) => format!("'{}'", repr_float(number)),
                Err(_) => repr_str(text),
            },
            Self::Integer(text) => match text.trim().parse::<f64>() {
                Ok(number) => format!("'{number:.0}'"),
                Err(_) => repr_str(text),
            },
            other => other.str(),
        }
    }
}

impl PythonValue {
    fn many(values: Vec<Scalar>) -> Self {
        Self::Many(values)
    }

    fn listed(values: &[Scalar]) -> String {
        format!("[{}]", values.iter().map(Scalar::listed).collect::<Vec<_>>().join(", "))
    }
}

/// The value representation in force: the file's, or the dictionary's where the file gives none or `UN`. The dictionary
/// may leave a choice.
pub(crate) fn effective_vr<'v>(element: &'v Element<'_>, data_set: &DataSet<'_>) -> &'v str {
    match &element.vr {
        None => resolved_vr(element.tag, data_set).unwrap_or("UN"),
        Some(vr) if vr == b"UN" && (element.tag.is_private() || element.n_bytes < 0xffff) => {
            resolved_vr(element.tag, data_set).unwrap_or("UN")
        }
        Some(vr) => std::str::from_utf8(vr).unwrap_or("UN"),
    }
}

/// `str(value)` without outer white space: what the scorer puts between `<` and `>`.
pub(crate) fn value_text(element: &Element<'_>, surroundings: &Surroundings<'_>) -> String {
    value_text_as(settled_vr(element, surroundings.place), element, surroundings)
}

/// As [`value_text`], with another value representation than pydicom would take.
pub(crate) fn value_text_as(vr: &str, element: &Element<'_>, surroundings: &Surroundings<'_>) -> String {
    let bytes = match &element.value {
        Value::Items(items) => return sequence_text(items, surroundings),
        Value::Bytes(bytes) => bytes,
    };
    let printed = match decode(vr, element, bytes, surroundings) {
        PythonValue::None => String::new(),
        PythonValue::One(value) => value.str(),
        PythonValue::Many(values) => PythonValue::listed(&values),
    };
    strip(&printed).to_owned()
}

fn sequence_text(items: &[DataSet<'_>], surroundings: &Surroundings<'_>) -> String {
    let Surroundings { place, charset } = surroundings;
    let dumps: String = items.iter().map(|item| dump(place.item(item), charset, 0)).collect();
    format!("[{dumps}]")
}

/// `str(Dataset)`: a line per element, in order of tag.
fn dump(place: Place<'_>, parents: &Charset, indent: usize) -> String {
    let data_set = place.data_set;
    let own = data_set.bytes(Tag::CHARSET).map(Charset::parse);
    let charset = own.as_ref().unwrap_or(parents);
    let surroundings = Surroundings { place, charset };
    let margin = "   ".repeat(indent);
    let mut elements: Vec<&Element<'_>> = data_set.elements.iter().collect();
    elements.sort_by_key(|element| element.tag);
    let mut lines = Vec::new();
    for element in elements {
        let Tag { group, element: number } = element.tag;
        let name = description(element.tag, data_set);
        match &element.value {
            Value::Items(items) => {
                lines.push(format!("{margin}({group:04x}, {number:04x})  {name}  {} item(s) ---- ", items.len()));
                for item in items {
                    lines.push(dump(place.item(item), charset, indent + 1));
                    lines.push(format!("{}---------", "   ".repeat(indent + 1)));
                }
            }
            Value::Bytes(bytes) => {
                let vr = settled_vr(element, place);
                let value = repr_value(vr, &decode(vr, element, bytes, &surroundings));
                let shown: String = name.chars().take(NAME_WIDTH).collect();
                lines.push(format!("{margin}({group:04x}, {number:04x}) {shown:<NAME_WIDTH$} {vr}: {value}"));
            }
        }
    }
    lines.join("\n")
}

/// The name of an element in a dump.
fn description(tag: Tag, data_set: &DataSet<'_>) -> String {
    if tag.is_private() {
        return match data_set.private_creator(tag) {
            Some(creator) => dictionary::private_element(tag, &creator)
                .map_or_else(|| "Private tag data".to_owned(), |entry| format!("[{}]", entry.name)),
            None if tag.element >> 8 == 0 => "Private Creator".to_owned(),
            None => "Private tag data".to_owned(),
        };
    }
    match dictionary::element(tag) {
        Some(entry) => entry.name.to_owned(),
        None if tag.element == 0 => "Group Length".to_owned(),
        None => String::new(),
    }
}

fn repr_value(vr: &str, value: &PythonValue) -> String {
    let is_long = vr.split(" or ").any(|vr| matches!(vr, "OB" | "OD" | "OF" | "OW" | "UN" | "UT"));
    match value {
        PythonValue::None => "None".to_owned(),
        PythonValue::One(Scalar::Bytes(bytes)) if is_long && bytes.len() > MAX_SHOWN => {
            format!("Array of {} elements", bytes.len())
        }
        PythonValue::One(Scalar::Text(text)) if is_long && text.chars().count() > MAX_SHOWN => {
            format!("Array of {} elements", text.chars().count())
        }
        PythonValue::One(value) => value.repr(),
        PythonValue::Many(values) if values.len() > MAX_SHOWN => format!("Array of {} elements", values.len()),
        PythonValue::Many(values) => PythonValue::listed(values),
    }
}

/// The value of an element, read by a value representation.
pub(super) fn decode(vr: &str, element: &Element<'_>, bytes: &[u8], surroundings: &Surroundings<'_>) -> PythonValue {
    let Surroundings { place, charset } = surroundings;
    let big_endian = place.big_endian;
    if bytes.is_empty() && !element.undefined_length {
        return empty(vr);
    }
    match vr {
        "AE" => split(&latin1(bytes), |value| Scalar::Text(strip(value).to_owned())),
        "AS" | "CS" | "DA" | "DT" | "TM" => split(unpadded(&latin1(bytes)), |value| Scalar::Text(value.to_owned())),
        "UI" => split(unpadded(&latin1(bytes)), |value| Scalar::Uid(value.to_owned())),
        "DS" => split(unpadded(strip(&latin1(bytes))), |value| Scalar::Decimal(value.to_owned())),
        "IS" => split(unpadded(&latin1(bytes)), |value| Scalar::Integer(value.to_owned())),
        "LO" | "SH" | "UC" => texts(bytes, charset),
        "LT" | "ST" | "UT" => PythonValue::One(Scalar::Text(unpadded(&charset.decode(bytes)).to_owned())),
        "UR" => PythonValue::One(Scalar::Text(latin1(bytes).trim_end().to_owned())),
        "PN" => names(bytes, charset),
        "AT" => numbers::<4>(bytes, |bytes| {
            let half = |at: usize| unsigned::<2>([bytes[at], bytes[at + 1]], big_endian) as u16;
            Scalar::Tag(half(0), half(2))
        }),
        // pydicom mends a descriptor before it settles its value representation.
        _ if vr == effective_vr(element, place.data_set) => lut_descriptor(element.tag, numeric(vr, bytes, big_endian)),
        _ => numeric(vr, bytes, big_endian),
    }
}

fn empty(vr: &str) -> PythonValue {
    match vr {
        "AE" | "AS" | "CS" | "DA" | "DT" | "LO" | "LT" | "PN" | "SH" | "ST" | "TM" | "UC" | "UI" | "UR" | "UT" => {
            PythonValue::One(Scalar::Text(String::new()))
        }
        _ => PythonValue::None,
    }
}

fn numeric(vr: &str, bytes: &[u8], big_endian: bool) -> PythonValue {
    let signed = |value: u64, bits: u32| Scalar::Number(i128::from((value << (64 - bits)) as i64 >> (64 - bits)));
    match vr {
        "US" => numbers::<2>(bytes, |bytes| Scalar::Number(unsigned(bytes, big_endian).into())),
        "UL" => numbers::<4>(bytes, |bytes| Scalar::Number(unsigned(bytes, big_endian).into())),
        "UV" => numbers::<8>(bytes, |bytes| Scalar::Number(unsigned(bytes, big_endian).into())),
        "SS" => numbers::<2>(bytes, |bytes| signed(unsigned(bytes, big_endian), 16)),
        "SL" => numbers::<4>(bytes, |bytes| signed(unsigned(bytes, big_endian), 32)),
        "SV" => numbers::<8>(bytes, |bytes| signed(unsigned(bytes, big_endian), 64)),
        "FL" => {
            numbers::<4>(bytes, |bytes| Scalar::Float(f64::from(f32::from_bits(unsigned(bytes, big_endian) as u32))))
        }
        "FD" => numbers::<8>(bytes, |bytes| Scalar::Float(f64::from_bits(unsigned(bytes, big_endian)))),
        _ => PythonValue::One(Scalar::Bytes(bytes.to_vec())),
    }
}

/// The first value of a LUT descriptor is unsigned even where the element says SS; pydicom mends it.
fn lut_descriptor(tag: Tag, value: PythonValue) -> PythonValue {
    let is_descriptor = matches!(tag.to_u32(), 0x0028_1101..=0x0028_1103 | 0x0028_3002);
    match value {
        PythonValue::Many(mut values) if is_descriptor => {
            if let Some(Scalar::Number(first)) = values.first_mut()
                && *first < 0
            {
                *first += 65_536;
            }
            PythonValue::Many(values)
        }
        value => value,
    }
}

fn unsigned<const N: usize>(bytes: [u8; N], big_endian: bool) -> u64 {
    let fold = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    if big_endian { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) }
}

fn numbers<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> Scalar) -> PythonValue {
    let (chunks, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        return PythonValue::One(Scalar::Bytes(bytes.to_vec()));
    }
    let mut values: Vec<Scalar> = chunks.iter().map(|chunk| read(*chunk)).collect();
    match values.len() {
        1 => PythonValue::One(values.remove(0)),
        _ => PythonValue::many(values),
    }
}

fn unpadded(text: &str) -> &str {
    text.trim_end_matches([' ', '\0'])
}

fn split(text: &str, value: impl Fn(&str) -> Scalar) -> PythonValue {
    let mut values: Vec<Scalar> = text.split('\\').map(value).collect();
    match values.len() {
        1 => PythonValue::One(values.remove(0)),
        _ => PythonValue::many(values),
    }
}

fn texts(bytes: &[u8], charset: &Charset) -> PythonValue {
    let decoded = bytes.split(|&byte| byte == b'\\').map(|value| charset.decode(value));
    let mut values: Vec<Scalar> = decoded.map(|value| Scalar::Text(unpadded(&value).to_owned())).collect();
    match values.len() {
        1 => PythonValue::One(values.remove(0)),
        _ => PythonValue::many(values),
    }
}

fn names(bytes: &[u8], charset: &Charset) -> PythonValue {
    let n_kept = bytes.iter().rposition(|byte| !matches!(byte, 0 | b' ')).map_or(0, |last| last + 1);
    let mut values: Vec<Scalar> = bytes[..n_kept]
        .split(|&byte| byte == b'\\')
        .map(|name| Scalar::Name(charset.decode(name).trim_end_matches('=').to_owned()))
        .collect();
    match values.len() {
        1 => PythonValue::One(values.remove(0)),
        _ => PythonValue::many(values),
    }
}
