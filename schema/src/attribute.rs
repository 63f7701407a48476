//! The place of an attribute inside a data set.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One attribute, without the items that lead to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ElementReference {
    /// An attribute by its tag: a standard one, a private creator, or a private one that nobody claims.
    Tag {
        /// The group number.
        group: u16,
        /// The element number.
        element: u16,
    },
    /// A private attribute by its creator, whatever block the creator reserved.
    Private {
        /// The group number.
        group: u16,
        /// The private creator, as it stands in the data set without padding.
        creator: String,
        /// The low byte of the element number.
        element: u8,
    },
}

/// A step from the data set towards an attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathStep {
    /// An attribute of the current data set.
    Element(ElementReference),
    /// An item of the sequence just named, counted from 0.
    Item(u32),
}

/// The way from a data set's root to one attribute: sequence, item, sequence, item, attribute.
///
/// The text form is `(0008,1140)[0](0008,1155)`; a private attribute is `(0009,"ACME 1.1",02)`.
/// Hexadecimal digits are lower case.
///
/// # Example
/// ```
/// use efface_schema::AttributePath;
/// let path: AttributePath = "(0008,1140)[0](0008,1155)".parse().unwrap();
/// assert_eq!(path.to_string(), "(0008,1140)[0](0008,1155)");
/// assert_eq!(path.to_midi(), "<(0008,1140)>[<0000>]<(0008,1155)>");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct AttributePath {
    steps: Vec<PathStep>,
}

/// A text is not the form of an attribute path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("read an attribute path: not of the form (gggg,eeee)[item](gggg,eeee)")]
pub struct AttributePathError;

impl ElementReference {
    /// An attribute by its tag.
    pub const fn tag(group: u16, element: u16) -> Self {
        Self::Tag { group, element }
    }

    /// A private attribute by its creator.
    pub fn private(group: u16, creator: impl Into<String>, element: u8) -> Self {
        Self::Private { group, creator: creator.into(), element }
    }

    /// The group number.
    pub const fn group(&self) -> u16 {
        match self {
            Self::Tag { group, .. } | Self::Private { group, .. } => *group,
        }
    }
}

impl fmt::Display for ElementReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Every decision prints a tag or two: its digits are set by hand, which costs a tenth of formatting them.
            Self::Tag { group, element } => {
                let mut text = *b"(0000,0000)";
                text[1..5].copy_from_slice(&hexadecimal_digits(*group));
                text[6..10].copy_from_slice(&hexadecimal_digits(*element));
                formatter.write_str(str::from_utf8(&text).expect("ASCII"))
            }
            Self::Private { group, creator, element } => {
                write!(formatter, "({group:04x},\"{creator}\",{element:02x})")
            }
        }
    }
}

/// Four digits in lower case.
fn hexadecimal_digits(number: u16) -> [u8; 4] {
    [12, 8, 4, 0].map(|shift| b"0123456789abcdef"[usize::from(number >> shift & 0xF)])
}

impl AttributePath {
    /// The path of an attribute at the root.
    pub fn root(element: ElementReference) -> Self {
        Self { steps: vec![PathStep::Element(element)] }
    }

    /// The path of a standard attribute at the root.
    pub fn tag(group: u16, element: u16) -> Self {
        Self::root(ElementReference::tag(group, element))
    }

    /// This path, which must name a sequence, continued into one of its items.
    #[must_use]
    pub fn item(&self, item_idx: u32) -> Self {
        self.with(PathStep::Item(item_idx))
    }

    /// This path continued by an attribute; from the empty path it is one at the root.
    #[must_use]
    pub fn element(&self, element: ElementReference) -> Self {
        self.with(PathStep::Element(element))
    }

    fn with(&self, step: PathStep) -> Self {
        // Paths are made for every attribute of an instance: each allocates once, and no more than it needs.
        let mut steps = Vec::with_capacity(self.steps.len() + 1);
        steps.extend_from_slice(&self.steps);
        steps.push(step);
        Self { steps }
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> &[PathStep] {
        &self.steps
    }

    /// The attribute at the end of the path.
    pub fn last(&self) -> Option<&ElementReference> {
        self.steps.iter().rev().find_map(|step| match step {
            PathStep::Element(element) => Some(element),
            PathStep::Item(_) => None,
        })
    }

    /// How many items lead to the attribute.
    pub fn depth(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, PathStep::Item(_))).count()
    }

    /// Whether any step is a private attribute or lies in a private group.
    pub fn is_private(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, PathStep::Element(element) if element.group() % 2 == 1))
    }

    /// This path with an empty name for each private creator that `hides` says to hide.
    #[must_use]
    pub fn without_creators(&self, hides: impl Fn(&str) -> bool) -> Self {
        let steps = self.steps.iter().map(|step| match step {
            PathStep::Element(ElementReference::Private { group, creator, element }) if hides(creator) => {
                PathStep::Element(ElementReference::private(*group, "", *element))
            }
            step => step.clone(),
        });
        Self { steps: steps.collect() }
    }

    /// The form that the MIDI-B answer key uses: `<(0008,1140)>[<0000>]<(0008,1155)>`, creators in upper case.
    pub fn to_midi(&self) -> String {
        self.steps
            .iter()
            .map(|step| match step {
                PathStep::Element(ElementReference::Private { group, creator, element }) => {
                    format!("<({group:04x},\"{}\",{element:02x})>", creator.to_uppercase())
                }
                PathStep::Element(element) => format!("<{element}>"),
                PathStep::Item(item_idx) => format!("[<{item_idx:04}>]"),
            })
            .collect()
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| match step {
            PathStep::Element(element) => element.fmt(formatter),
            PathStep::Item(item_idx) => write!(formatter, "[{item_idx}]"),
        })
    }
}

impl Serialize for AttributePath {
    // Every decision holds a path: it is written without a copy.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<AttributePath> for String {
    fn from(path: AttributePath) -> Self {
        path.to_string()
    }
}

impl TryFrom<String> for AttributePath {
    type Error = AttributePathError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromStr for AttributePath {
    type Err = AttributePathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (step, tail) = parse_step(rest).ok_or(AttributePathError)?;
            let alternates = matches!(
                (steps.last(), &step),
                (None | Some(PathStep::Item(_)), PathStep::Element(_))
                    | (Some(PathStep::Element(_)), PathStep::Item(_))
            );
            if !alternates {
                return Err(AttributePathError);
            }
            steps.push(step);
            rest = tail;
        }
        match steps.last() {
            Some(PathStep::Element(_)) => Ok(Self { steps }),
            _ => Err(AttributePathError),
        }
    }
}

fn parse_step(text: &str) -> Option<(PathStep, &str)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (digits, tail) = rest.split_once(']')?;
        return Some((PathStep::Item(digits.parse().ok()?), tail));
    }
    let rest = text.strip_prefix('(')?;
    let group = hexadecimal(rest.get(..4)?, 4)?;
    let rest = rest.get(4..)?.strip_prefix(',')?;
    if let Some(quoted) = rest.strip_prefix('"') {
        // A creator may hold a quotation mark: the element number and the parenthesis end it.
        let end = quoted.match_indices("\",").map(|(at, _)| at).find(|&at| {
            quoted.get(at + 2..at + 4).is_some_and(|digits| hexadecimal(digits, 2).is_some())
                && quoted.get(at + 4..at + 5) == Some(")")
        })?;
        let element = hexadecimal(&quoted[end + 2..end + 4], 2)?;
        let reference = ElementReference::private(group, &quoted[..end], u8::try_from(element).ok()?);
        return Some((PathStep::Element(reference), &quoted[end + 5..]));
    }
    let element = hexadecimal(rest.get(..4)?, 4)?;
    let tail = rest.get(4..)?.strip_prefix(')')?;
    Some((PathStep::Element(ElementReference::tag(group, element)), tail))
}

fn hexadecimal(digits: &str, n_digits: usize) -> Option<u16> {
    let valid = digits.len() == n_digits && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    valid.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reference() -> impl Strategy<Value = ElementReference> {
        prop_oneof![
            (any::<u16>(), any::<u16>()).prop_map(|(group, element)| ElementReference::tag(group, element)),
            (any::<u16>(), "[ -~]{0,20}", any::<u8>())
                .prop_map(|(group, creator, element)| ElementReference::private(group, creator, element)),
        ]
    }

    proptest! {
        #[test]
        fn what_is_printed_can_be_read(first in reference(), items in prop::collection::vec((any::<u32>(), reference()), 0..4)) {
            let path = items.iter().fold(AttributePath::root(first), |path, (item, element)| path.item(*item).element(element.clone()));
            // A creator that itself looks like the end of a private reference cannot be told apart.
            prop_assume!(!path.to_string().contains("\",") || path.to_string().matches("\",").count() == path.steps().iter().filter(|s| matches!(s, PathStep::Element(ElementReference::Private { .. }))).count());
            prop_assert_eq!(path.to_string().parse::<AttributePath>(), Ok(path));
        }
    }

    #[test]
    fn malformed_paths_are_refused() {
        for text in ["", "(0008,1140)[0]", "[0](0008,1140)", "(0008,114)", "(0008,1140)(0008,1140)", "(0008,+140)"] {
            assert_eq!(text.parse::<AttributePath>(), Err(AttributePathError), "{text}");
        }
    }

    #[test]
    fn midi_form_drops_the_block_and_raises_the_creator() {
        let path: AttributePath = "(0009,\"qTest 1\",0f)".parse().expect("a valid path");
        assert_eq!(path.to_midi(), "<(0009,\"QTEST 1\",0f)>");
        assert!(path.is_private());
    }
}
