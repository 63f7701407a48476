//! `AnswerData` taken apart without copying what it says.
//!
//! A key has millions of checks, so each is read straight into slices of the row's text, and members
//! that the scorer does not look at are skipped.

use super::key::{CODES, KeyCheck};
use efface_schema::midi::CheckAction;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

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
            "it is not a JSON object of checks"
        } else if self.n_unknown_actions > 0 {
            "it names an action that is none of the ten"
        } else {
            "a check lacks answer_category_v2, one of its eight leaves, or prev_cat"
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

    pub(crate) fn parse(answers: &'k str) -> Self {
        let mut deserializer = serde_json::Deserializer::from_str(answers);
        let mut faults = RowFaults::default();
        let read =
            deserializer.deserialize_map(Rows(&mut faults)).and_then(|checks| deserializer.end().map(|()| checks));
        match read {
            Ok(checks) => {
                // Checks are large: their places are sorted instead of them.
                let mut order: Vec<usize> = (0..checks.len()).collect();
                order.sort_by_key(|&at| checks[at].action);
                Self { checks, order, faults }
            }
            Err(_) => Self { faults: RowFaults { is_unreadable: true, ..faults }, ..Self::default() },
        }
    }
}

struct Rows<'f>(&'f mut RowFaults);

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = Vec<KeyCheck<'de>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of checks")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut checks: Vec<KeyCheck<'de>> = Vec::new();
        let mut names = Names::default();
        while let Some(Text(name)) = map.next_key()? {
            let name = name.unwrap_or_default();
            let Some(check) = map.next_value::<RawCheck<'de>>()?.check(name.clone(), self.0) else { continue };
            // As in Python, a name that comes again takes the place of its first.
            match names.place_of(name) {
                Some(at) => checks[at] = check,
                None => checks.push(check),
            }
        }
        Ok(checks)
    }
}

/// Names are numbers in a row as a rule, and then need not be remembered to know that none comes twice.
#[derive(Default)]
struct Names<'k> {
    n_counted: usize,
    others: HashMap<Cow<'k, str>, usize>,
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

#[derive(Deserialize)]
struct RawCheck<'k> {
    #[serde(borrow, default)]
    action: Text<'k>,
    #[serde(borrow, default)]
    action_text: Text<'k>,
    #[serde(borrow, default)]
    value: Text<'k>,
    #[serde(borrow, default)]
    tag: Text<'k>,
    #[serde(borrow, default)]
    tag_ds: Text<'k>,
    #[serde(borrow, default)]
    tag_name: Text<'k>,
    #[serde(borrow, default)]
    answer_category_v2: Category<'k>,
}

impl<'k> RawCheck<'k> {
    fn check(self, index: Cow<'k, str>, faults: &mut RowFaults) -> Option<KeyCheck<'k>> {
        let Category { codes, n_leaves, prev_cat } = self.answer_category_v2;
        faults.n_missing_leaves += u64::from(n_leaves < CODES.len() || prev_cat.is_none());
        let action = self.action.0.as_deref().and_then(|action| action.strip_prefix('<')?.strip_suffix('>'));
        let Some(action) = action.and_then(|action| action.parse::<CheckAction>().ok()) else {
            faults.n_unknown_actions += 1;
            return None;
        };
        Some(KeyCheck {
            index,
            action,
            action_text: self.action_text.0,
            value: self.value.0,
            tag: self.tag.0,
            tag_ds: self.tag_ds.0,
            tag_name: self.tag_name.0,
            codes,
            prev_cat,
        })
    }
}

/// A text; anything else reads as none.
#[derive(Debug, Default, Clone)]
struct Text<'k>(Option<Cow<'k, str>>);

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
struct Category<'k> {
    codes: [Option<Cow<'k, str>>; 8],
    n_leaves: usize,
    prev_cat: Option<serde_json::Value>,
}

impl<'de: 'k, 'k> Deserialize<'de> for Category<'k> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CategoryVisitor)
    }
}

struct CategoryVisitor;

impl<'de> Visitor<'de> for CategoryVisitor {
    type Value = Category<'de>;

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
                Some("prev_cat") => category.prev_cat = Some(map.next_value()?),
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
struct Family<'c, 'k, 'f> {
    family: &'f str,
    category: &'c mut Category<'k>,
}

impl<'de: 'k, 'k> DeserializeSeed<'de> for Family<'_, 'k, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de: 'k, 'k> Visitor<'de> for Family<'_, 'k, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of codes")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(leaf)) = map.next_key()? {
            let Text(code) = map.next_value()?;
            if let Some(place) = leaf.as_deref().and_then(|leaf| place_of(self.family, leaf)) {
                self.category.n_leaves += 1;
                self.category.codes[place] = code;
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
        let row = RowChecks::parse(&row);
        assert_eq!(row.faults, RowFaults::default());
        let checks: Vec<_> = row.in_order().collect();
        assert_eq!(checks.len(), 2);
        assert_eq!(checks[0].action, CheckAction::TagRetained);
        assert!(matches!(checks[0].tag_ds, Some(Cow::Borrowed("<(0010,0010)>"))));
        assert_eq!(checks[1].action_text.as_deref(), Some("<A\"B>"));
        assert_eq!((checks[1].value.as_deref(), checks[1].codes[1].as_deref()), (None, Some("HIPAA-R")));
        assert_eq!(checks[1].prev_cat_text().as_deref(), Some("['a', 1]"));
    }

    #[test]
    fn what_a_row_lacks_is_counted() {
        let row = r#"{"0":{"action":"<shout>"},"1":{"action":"<tag_retained>","answer_category_v2":null}}"#;
        let row = RowChecks::parse(row);
        assert_eq!(row.in_order().len(), 1);
        assert_eq!(row.faults, RowFaults { is_unreadable: false, n_unknown_actions: 1, n_missing_leaves: 2 });
        for unreadable in ["", "[]", "{", r#"{"0":{}} {}"#, r#"{"0":7}"#] {
            let row = RowChecks::parse(unreadable);
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
            let row = RowChecks::parse(&row);
            let found: Vec<_> = row.in_order().filter_map(|check| check.action_text.as_deref()).collect();
            assert_eq!(found, ["z", "y"], "{names:?}");
        }
    }
}
