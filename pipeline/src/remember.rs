//! Remembers what was decided about elements that a patient's instances repeat.
//!
//! The slices of a series share most of their elements, and what is decided about an element at the root that is no
//! sequence and not private depends on the element, on the IOD, and on what all instances of the patient share: the
//! policy and the search. So it is decided once for each patient. What depends on elements beside it (content items,
//! the meanings of local codes, private attributes) is decided anew every time.

use crate::tier1::IodPlace;
use dicom_core::Tag;
use dicom_core::header::Header;
use dicom_core::value::{PrimitiveValue, Value};
use dicom_object::mem::InMemElement;
use efface_schema::{Decision, Phi};
use std::collections::HashMap;
use std::sync::{RwLock, RwLockReadGuard};

/// So many values of an attribute are remembered. What differs from slice to slice soon fills its places.
const MAX_VALUES: usize = 8;
/// Values of so many attributes are remembered.
const MAX_ATTRIBUTES: usize = 4096;
/// Longer values are not remembered, so that memory stays bounded.
const MAX_BYTES: usize = 1024;

/// Elements by attribute, with something that is known of each.
pub(crate) struct ByElement<T> {
    known: HashMap<Tag, Vec<(Phi<InMemElement>, T)>, foldhash::fast::RandomState>,
}

impl<T> Default for ByElement<T> {
    fn default() -> Self {
        Self { known: HashMap::default() }
    }
}

impl<T> ByElement<T> {
    /// What is known of an element: of the very same value under the same VR.
    pub(crate) fn get(&self, element: &InMemElement, fits: impl Fn(&T) -> bool) -> Option<&T> {
        let of_tag = self.known.get(&element.tag())?;
        of_tag.iter().find(|(known, of_it)| is_same(known.expose(), element) && fits(of_it)).map(|(_, of_it)| of_it)
    }

    /// Remembers an element if there is room; it is not yet known.
    pub(crate) fn insert(&mut self, element: &InMemElement, of_it: T) {
        let is_full = self.known.len() >= MAX_ATTRIBUTES && !self.known.contains_key(&element.tag());
        if is_full || !is_short(element) {
            return;
        }
        let of_tag = self.known.entry(element.tag()).or_default();
        if of_tag.len() < MAX_VALUES {
            of_tag.push((Phi::new(element.clone()), of_it));
        }
    }
}

/// Whether two elements are the same to the last byte: not even padding differs.
fn is_same(one: &InMemElement, other: &InMemElement) -> bool {
    use PrimitiveValue::{Empty, F32, F64, I16, I32, I64, Str, Strs, Tags, U8, U16, U32, U64};
    let (Value::Primitive(first), Value::Primitive(second)) = (one.value(), other.value()) else { return false };
    one.tag() == other.tag()
        && one.vr() == other.vr()
        && match (first, second) {
            (Empty, Empty) => true,
            (Str(first), Str(second)) => first == second,
            (Strs(first), Strs(second)) => first == second,
            (Tags(first), Tags(second)) => first == second,
            (U8(first), U8(second)) => first == second,
            (U16(first), U16(second)) => first == second,
            (I16(first), I16(second)) => first == second,
            (U32(first), U32(second)) => first == second,
            (I32(first), I32(second)) => first == second,
            (U64(first), U64(second)) => first == second,
            (I64(first), I64(second)) => first == second,
            (F32(first), F32(second)) => first == second,
            (F64(first), F64(second)) => first == second,
            _ => false,
        }
}

fn is_short(element: &InMemElement) -> bool {
    element.value().primitive().is_some_and(|value| value.calculate_byte_len() <= MAX_BYTES)
}

/// What was decided about an element.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    /// The IOD that it stands in.
    pub(crate) place: IodPlace,
    /// The decisions, in the order in which they were made.
    pub(crate) decisions: Vec<Decision>,
    /// How many attributes stay as they are: it, or none.
    pub(crate) n_kept: u64,
}

/// What was decided about one patient's elements, for all threads.
#[derive(Default)]
pub(crate) struct DecisionMemory {
    known: RwLock<ByElement<Remembered>>,
}

impl DecisionMemory {
    /// Opens the memory for reading.
    pub(crate) fn recall(&self) -> Recall<'_> {
        Recall { known: self.known.read().expect("nothing panics while the memory is locked") }
    }

    /// Adds what was decided since. Nobody may be reading on the same thread.
    pub(crate) fn learn<'a>(&self, new: impl Iterator<Item = (&'a InMemElement, Remembered)>) {
        let mut new = new.filter(|(element, _)| is_short(element)).peekable();
        if new.peek().is_none() {
            return;
        }
        let mut known = self.known.write().expect("nothing panics while the memory is locked");
        for (element, decided) in new {
            // Another thread may have learnt it meanwhile.
            if known.get(element, |known| known.place.is(decided.place)).is_none() {
                known.insert(element, decided);
            }
        }
    }
}

/// The memory, open for reading.
pub(crate) struct Recall<'a> {
    known: RwLockReadGuard<'a, ByElement<Remembered>>,
}

impl Recall<'_> {
    /// What was decided about an equal element in the same IOD.
    pub(crate) fn of(&self, element: &InMemElement, place: IodPlace) -> Option<&Remembered> {
        self.known.get(element, |known| known.place.is(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_core::{DataElement, VR};
    use dicom_dictionary_std::tags;

    fn element(vr: VR, values: &[&str]) -> InMemElement {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        DataElement::new(tags::SERIES_DESCRIPTION, vr, PrimitiveValue::Strs(values.into()))
    }

    #[test]
    fn only_the_very_same_element_is_recalled() {
        let mut known = ByElement::default();
        known.insert(&element(VR::LO, &["A", "B"]), 1);
        assert_eq!(known.get(&element(VR::LO, &["A", "B"]), |_| true), Some(&1));
        assert_eq!(known.get(&element(VR::LO, &["A", "B"]), |_| false), None);
        for other in [
            element(VR::LO, &["A", "B "]),
            element(VR::LO, &["A\\B"]),
            element(VR::SH, &["A", "B"]),
            DataElement::new(tags::SERIES_DESCRIPTION, VR::LO, PrimitiveValue::from("A\\B")),
            DataElement::new(tags::STUDY_DESCRIPTION, VR::LO, element(VR::LO, &["A", "B"]).into_value()),
        ] {
            assert_eq!(known.get(&other, |_| true), None, "{:?}", other.vr());
        }
    }

    #[test]
    fn another_iod_is_another_place() {
        let memory = DecisionMemory::default();
        let (ct, mr) = (IodPlace::root("1.2.840.10008.5.1.4.1.1.2"), IodPlace::root("1.2.840.10008.5.1.4.1.1.4"));
        let remembered = Remembered { place: ct, decisions: Vec::new(), n_kept: 1 };
        let element = element(VR::LO, &["A"]);
        memory.learn([(&element, remembered)].into_iter());
        assert!(memory.recall().of(&element, ct).is_some());
        assert!(memory.recall().of(&element, mr).is_none());
        assert!(memory.recall().of(&element, IodPlace::UNKNOWN).is_none());
    }

    #[test]
    fn memory_is_bounded() {
        let mut known = ByElement::default();
        for number in 0..1000 {
            known.insert(&element(VR::LO, &[&number.to_string()]), number);
        }
        assert_eq!(known.known[&tags::SERIES_DESCRIPTION].len(), MAX_VALUES);
        known.insert(&element(VR::LT, &[&"long ".repeat(MAX_BYTES)]), 0);
        assert_eq!(known.known.len(), 1);
    }
}
