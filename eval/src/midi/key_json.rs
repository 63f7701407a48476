//! `AnswerData` taken apart without copying what it says.
//!
//! A key has millions of checks, so each is read straight into slices of the row's text, and members
//! that the scorer does not look at are skipped. Rows as keys write them are read by [`super::key_scan`];
//! any other row is read here, by a parser that knows all of JSON.

use super::key::{CODES, Codes, KeyCheck, QuickMap};
use super::key_scan;
use efface_schema::midi::CheckAction;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// What is wrong with a row of a key. The official scorer stumbles over some of it and is silent about the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RowFaults {
    /// The row is not a JSON object of objects.
    pub is_unreadable: bool,
    /// Checks whose action is none of the ten: the official scorer leaves them out of every total.
    pub n_unknown_actions: u64,
    /// Checks without `answer_category_v2`, one of its eight leaves, or `prev_cat`: the official scorer then
    /// writes no reports.
    pub n_missing_leaves: u64,
}

impl RowFaults {
    /// The first fault in words.
    pub(crate) const fn problem(&self) -> &'static str {
        if self.is_unreadable {
            "it is not a JSON object of checks; --mode parity scores it as the official scorer does"
        } else if self.n_unknown_actions > 0 {
            "it names an action that is none of the ten; --mode parity leaves it out as the official scorer does"
        } else {
            "a check lacks answer_category_v2, one of its eight leaves, or prev_cat; --mode parity scores it as the official \
             scorer does"
        }
    }
}

/// The checks of a row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowChecks<'k> {
    /// As the key lists them.
    checks: Vec<KeyCheck<'k>>,
    /// Their places in the order of scoring.
    order: Vec<usize>,
    /// What could not be read as it should.
    pub faults: RowFaults,
}

impl<'k> RowChecks<'k> {
    /// The checks in the order in which the official scorer runs them: by action, and within an action as
    /// the key lists them.
    pub fn in_order(&self) -> impl ExactSizeIterator<Item = &KeyCheck<'k>> {
        self.order.iter().map(|&at| &self.checks[at])
    }

    pub(crate) fn parse(answers: &'k str, known: &mut KnownCodes) -> Self {
        key_scan::row(answers, known).unwrap_or_else(|| Self::parse_any(answers))
    }

    /// Reads any row, slowly.
    pub(super) fn parse_any(answers: &'k str) -> Self {
        let mut deserializer = serde_json::Deserializer::from_str(answers);
        let mut read = Listed::default();
        match deserializer.deserialize_map(Rows(&mut read)).and_then(|()| deserializer.end()) {
            Ok(()) => read.finish(),
            Err(_) => Self { faults: RowFaults { is_unreadable: true, ..read.faults }, ..Self::default() },
        }
    }
}

/// The checks of a row as far as it is read.
#[derive(Default)]
pub(super) struct Listed<'k> {
    checks: Vec<KeyCheck<'k>>,
    names: Names<'k>,
    faults: RowFaults,
}

impl<'k> Listed<'k> {
    pub(super) fn with_capacity(n_checks: usize) -> Self {
        Self { checks: Vec::with_capacity(n_checks), ..Self::default() }
    }

    /// Adds a check, or counts why it is none.
    pub(super) fn add(&mut self, name: Cow<'k, str>, check: RawCheck<'k>) {
        let SharedCodes { codes, is_complete } = check.category.unwrap_or_default();
        self.faults.n_missing_leaves += u64::from(!is_complete);
        let action = check.action.0.as_deref().and_then(|action| action.strip_prefix('<')?.strip_suffix('>'));
        let Some(action) = action.and_then(|action| action.parse::<CheckAction>().ok()) else {
            self.faults.n_unknown_actions += 1;
            return;
        };
        let check = KeyCheck {
            index: name,
            action,
            action_text: check.action_text.0,
            value: check.value.0,
            tag: check.tag.0,
            tag_ds: check.tag_ds.0,
            tag_name: check.tag_name.0,
            codes,
        };
        // As in Python, a name that comes again takes the place of its first.
        match self.names.place_of(check.index.clone()) {
            Some(at) => self.checks[at] = check,
            None => self.checks.push(check),
        }
    }

    pub(super) fn finish(self) -> RowChecks<'k> {
        // Checks are large: their places are sorted instead of them, by counting.
        let mut next = [0; CheckAction::ALL.len() + 1];
        self.checks.iter().for_each(|check| next[check.action as usize + 1] += 1);
        (1..next.len()).for_each(|action| next[action] += next[action - 1]);
        let mut order = vec![0; self.checks.len()];
        for (at, check) in self.checks.iter().enumerate() {
            let place = &mut next[check.action as usize];
            order[*place] = at;
            *place += 1;
        }
        RowChecks { checks: self.checks, order, faults: self.faults }
    }
}

struct Rows<'f, 'k>(&'f mut Listed<'k>);

impl<'de> Visitor<'de> for Rows<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of checks")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while let Some(Text(name)) = map.next_key()? {
            self.0.add(name.unwrap_or_default(), map.next_value()?);
        }
        Ok(())
    }
}

/// Names are numbers in a row as a rule, and then need not be remembered to know that none comes twice.
#[derive(Default)]
struct Names<'k> {
    n_counted: usize,
    others: QuickMap<Cow<'k, str>, usize>,
    n_all: usize,
}

impl<'k> Names<'k> {
    /// Where the name stood before, if it did.
    fn place_of(&mut self, name: Cow<'k, str>) -> Option<usize> {
        let number =
            name.parse::<usize>().ok().filter(|number| !name.starts_with('0') || *number == 0 && name.len() == 1);
        if self.others.is_empty() && number == Some(self.n_counted) {
            self.n_counted += 1;
            self.n_all += 1;
            return None;
        }
        if let Some(before) = number.filter(|&number| number < self.n_counted) {
            return Some(before);
        }
        if let Some(before) = self.others.get(&name) {
            return Some(*before);
        }
        self.others.insert(name, self.n_all);
        self.n_all += 1;
        None
    }
}

/// A check as it stands, whatever it says.
#[derive(Default, Deserialize)]
pub(super) struct RawCheck<'k> {
    #[serde(borrow, default)]
    pub action: Text<'k>,
    #[serde(borrow, default)]
    pub action_text: Text<'k>,
    #[serde(borrow, default)]
    pub value: Text<'k>,
    #[serde(borrow, default)]
    pub tag: Text<'k>,
    #[serde(borrow, default)]
    pub tag_ds: Text<'k>,
    #[serde(borrow, default)]
    pub tag_name: Text<'k>,
    #[serde(default, rename = "answer_category_v2")]
    pub category: Option<SharedCodes>,
}

/// Codes, and whether none of them is missing.
#[derive(Default, Clone)]
pub(super) struct SharedCodes {
    codes: Arc<Codes>,
    is_complete: bool,
}

impl<'de> Deserialize<'de> for SharedCodes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Category { codes, n_leaves } = deserializer.deserialize_any(CategoryVisitor)?;
        let is_complete = n_leaves >= CODES.len() && codes.prev_cat.is_some();
        Ok(Self { codes: Arc::new(codes), is_complete })
    }
}

/// Codes by the text that a key writes for them: a key has a few dozen, and millions of checks.
#[derive(Default)]
pub(crate) struct KnownCodes(Vec<(String, SharedCodes)>);

impl KnownCodes {
    /// More than any key should have; they are then forgotten, so that a search through them stays short.
    const MOST: usize = 256;

    /// The codes that stand at the beginning of a text that was seen before, and its length.
    pub(super) fn beginning(&mut self, text: &str) -> Option<(SharedCodes, usize)> {
        let at = self.0.iter().position(|(known, _)| text.starts_with(known.as_str()))?;
        // What comes often comes to the front.
        let at = if at > 0 { (self.0.swap(at - 1, at), at - 1).1 } else { at };
        let (known, codes) = &self.0[at];
        Some((codes.clone(), known.len()))
    }

    /// Reads a JSON object, the whole of the text, and keeps what it says; nothing if it is no object of codes.
    pub(super) fn read(&mut self, object: &str) -> Option<SharedCodes> {
        let codes: SharedCodes = serde_json::from_str(object).ok()?;
        if self.0.len() == Self::MOST {
            self.0.clear();
        }
        self.0.push((object.to_owned(), codes.clone()));
        Some(codes)
    }
}

/// A text; anything else reads as none.
#[derive(Debug, Default, Clone)]
pub(super) struct Text<'k>(pub Option<Cow<'k, str>>);

impl<'de: 'k, 'k> Deserialize<'de> for Text<'k> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Owned(text.to_owned()))))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Text(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Text(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Text(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Text(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Text(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
}

/// `answer_category_v2`.
#[derive(Debug, Default)]
struct Category {
    codes: Codes,
    n_leaves: usize,
}

struct CategoryVisitor;

impl<'de> Visitor<'de> for CategoryVisitor {
    type Value = Category;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of families")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Category::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut category = Category::default();
        while let Some(Text(member)) = map.next_key()? {
            match member.as_deref() {
                Some("prev_cat") => category.codes.prev_cat = Some(map.next_value()?),
                Some(family @ ("hipaa" | "dicom" | "tcia")) => {
                    map.next_value_seed(Family { family, category: &mut category })?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(category)
    }
}

/// The leaves of one family.
struct Family<'c, 'f> {
    family: &'f str,
    category: &'c mut Category,
}

impl<'de> DeserializeSeed<'de> for Family<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Family<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of codes")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(leaf)) = map.next_key()? {
            let Text(code): Text<'de> = map.next_value()?;
            if let Some(place) = leaf.as_deref().and_then(|leaf| place_of(self.family, leaf)) {
                self.category.n_leaves += 1;
                self.category.codes.leaves[place] = code.map(Cow::into_owned);
            }
        }
        Ok(())
    }
}

/// The place of a leaf in [`CODES`].
fn place_of(family: &str, leaf: &str) -> Option<usize> {
    Some(match (family, leaf) {
        ("hipaa", "z") => 0,
        ("hipaa", "m") => 1,
        ("dicom", "p15") => 2,
        ("dicom", "iod") => 3,
        ("dicom", "safe") => 4,
        ("tcia", "ptkb") => 5,
        ("tcia", "p15") => 6,
        ("tcia", "rev") => 7,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(row: &str) -> RowChecks<'_> {
        let parsed = RowChecks::parse(row, &mut KnownCodes::default());
        assert_eq!(parsed, RowChecks::parse_any(row), "both ways of reading say the same");
        parsed
    }

    #[test]
    fn leaves_stand_in_the_order_of_the_codes() {
        for (at, code) in CODES.iter().enumerate() {
            let (family, leaf) = code.split_once('_').expect("a family and a leaf");
            assert_eq!(place_of(family, leaf), Some(at));
        }
    }

    const LEAVES: &str = r#""answer_category_v2":{"hipaa":{"z":null,"m":"HIPAA-R"},"dicom":{"p15":null,"iod":null,
        "safe":null},"tcia":{"ptkb":null,"p15":null,"rev":null},"prev_cat":["a",1]}"#;

    #[test]
    fn texts_are_slices_and_escapes_are_resolved() {
        let row = format!(
            r#"{{"0":{{"action":"<text_removed>","action_text":"<A\"B>","value":7,{LEAVES}}},
            "1":{{"action":"<tag_retained>","tag_ds":"<(0010,0010)>",{LEAVES}}}}}"#
        );
        let row = parsed(&row);
        assert_eq!(row.faults, RowFaults::default());
        let checks: Vec<_> = row.in_order().collect();
        assert_eq!(checks.len(), 2);
        assert_eq!(checks[0].action, CheckAction::TagRetained);
        assert!(matches!(checks[0].tag_ds, Some(Cow::Borrowed("<(0010,0010)>"))));
        assert_eq!(checks[1].action_text.as_deref(), Some("<A\"B>"));
        assert_eq!((checks[1].value.as_deref(), checks[1].codes.leaves[1].as_deref()), (None, Some("HIPAA-R")));
        assert_eq!(checks[1].codes.prev_cat_text().as_deref(), Some("['a', 1]"));
    }

    #[test]
    fn what_a_row_lacks_is_counted() {
        let row = r#"{"0":{"action":"<shout>"},"1":{"action":"<tag_retained>","answer_category_v2":null}}"#;
        let row = parsed(row);
        assert_eq!(row.in_order().len(), 1);
        assert_eq!(row.faults, RowFaults { is_unreadable: false, n_unknown_actions: 1, n_missing_leaves: 2 });
        for unreadable in ["", "[]", "{", r#"{"0":{}} {}"#, r#"{"0":7}"#] {
            let row = parsed(unreadable);
            assert!(row.faults.is_unreadable && row.in_order().len() == 0, "{unreadable}");
        }
    }

    #[test]
    fn a_name_that_comes_again_takes_the_place_of_its_first() {
        let check =
            |name: &str, text: &str| format!(r#""{name}":{{"action":"<text_removed>","action_text":"{text}"}}"#);
        for names in [["0", "1", "0"], ["a", "b", "a"], ["0", "a", "0"], ["5", "1", "5"], ["0", "00", "0"]] {
            let [first, second, third] = names;
            let row = format!("{{{},{},{}}}", check(first, "x"), check(second, "y"), check(third, "z"));
            let row = parsed(&row);
            let found: Vec<_> = row.in_order().filter_map(|check| check.action_text.as_deref()).collect();
            assert_eq!(found, ["z", "y"], "{names:?}");
        }
    }
}
