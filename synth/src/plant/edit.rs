//! Planting into a data set that was there before.
//!
//! The operations of [`Sheet`] write over what stands in the data set; those of this file look at it, claim that it
//! must stay, or go into its sequences. None of them reveals a secret.

use super::render::value_texts;
use super::sparing::Sparing;
use super::{Basis, Phrase, Secret, Sheet, Truth};
use crate::plant::ClaimKind;
use dicom_core::value::{C, DataSetSequence, Value};
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use efface_schema::{Action, AttributePath, ElementReference, RetainedValue, Retention};

impl<'t> Sheet<'t> {
    /// A data set that somebody else made. Nothing is claimed about it yet.
    pub(crate) fn over(object: InMemDicomObject, truth: &'t mut Truth) -> Self {
        Self { object, prefix: AttributePath::default(), truth, sparing: Sparing::NONE }
    }

    pub(crate) fn tags(&self) -> Vec<Tag> {
        self.object.tags().collect()
    }

    pub(crate) fn get(&self, tag: Tag) -> Option<&InMemElement> {
        self.object.get(tag)
    }

    /// The texts of an attribute's values without padding; `None` for absent, empty and non-text values.
    pub(crate) fn texts(&self, tag: Tag) -> Option<Vec<String>> {
        let value = self.object.get(tag)?.value().primitive()?;
        let texts: Vec<String> =
            value_texts(value).iter().map(|text| text.trim_matches([' ', '\0']).to_owned()).collect();
        (!texts.iter().all(String::is_empty)).then_some(texts)
    }

    /// The only value of an attribute, trimmed.
    pub(crate) fn text(&self, tag: Tag) -> Option<String> {
        match self.texts(tag)?.as_slice() {
            [single] => Some(single.clone()),
            _ => None,
        }
    }

    /// Where an attribute of this data set stands.
    pub(crate) fn path(&self, tag: Tag) -> AttributePath {
        self.prefix.element(ElementReference::tag(tag.group(), tag.element()))
    }

    /// Puts an element back as it was.
    pub(crate) fn restore(&mut self, element: InMemElement) {
        self.object.put(element);
    }

    pub(crate) fn remove(&mut self, tag: Tag) {
        self.object.remove_element(tag);
    }

    /// Changes the items of a sequence in place. The VR and everything that `edit` leaves alone stay.
    pub(crate) fn edit_items(&mut self, reference: &ElementReference, tag: Tag, mut edit: impl FnMut(&mut Sheet<'_>)) {
        let Some(element) = self.object.take(tag) else { return };
        let path = self.prefix.element(reference.clone());
        let (header, value) = (element.vr(), element.into_value());
        let Value::Sequence(sequence) = value else {
            self.object.put(DataElement::new(tag, header, value));
            return;
        };
        let items: C<InMemDicomObject> = (0..)
            .zip(sequence.into_items())
            .map(|(item_idx, object)| {
                let mut item =
                    Sheet { object, prefix: path.item(item_idx), truth: &mut *self.truth, sparing: Sparing::NONE };
                edit(&mut item);
                item.into_object()
            })
            .collect();
        self.object.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
    }

    /// Claims that the text which stands at an attribute must stay as it is.
    pub(crate) fn retain(&mut self, reference: &ElementReference, tag: Tag, basis: Basis) {
        let Some(value) = self.object.get(tag).and_then(|element| element.value().primitive()) else { return };
        let texts = value_texts(value);
        if texts.iter().any(|text| is_rounded(text)) || is_padded_inside(value) {
            return;
        }
        let text = texts.join("\\").trim_matches([' ', '\0']).to_owned();
        let path = self.prefix.element(reference.clone());
        let expected = Some(Action::Keep);
        let retained = RetainedValue { path, retention: Retention::Text, text: Some(text), expected };
        self.claim(tag, ClaimKind::Retained(retained, basis));
    }

    /// Plants a secret over the value of a private attribute, under the VR that it has.
    pub(crate) fn plant_over(&mut self, reference: &ElementReference, tag: Tag, secret: &Secret) {
        let Some(vr) = self.object.get(tag).map(DataElement::vr) else { return };
        self.object.put(DataElement::new(tag, vr, PrimitiveValue::from(secret.text())));
        self.claim_secret(reference, tag, secret, None);
    }

    /// Replaces a value about which nothing is claimed by a secret's text.
    ///
    /// For identifiers that the profile does not name, and which must all the same agree with those that it does.
    pub(crate) fn substitute(&mut self, tag: Tag, secrets: &[Secret]) {
        let Some(vr) = self.object.get(tag).map(DataElement::vr) else { return };
        let texts: C<String> = secrets.iter().map(|secret| secret.text().to_owned()).collect();
        self.object.put(DataElement::new(tag, vr, PrimitiveValue::Strs(texts)));
    }

    /// Plants free text and claims that the clinical words in it stay, where the attribute is one that is cleaned.
    pub(crate) fn phrase_over(&mut self, tag: Tag, phrase: &Phrase, is_cleaned: bool) {
        if is_cleaned { self.phrase(tag, phrase) } else { self.phrase_secrets(tag, phrase) }
    }
}

/// Whether a list has padding before its end, which programs print or leave out.
fn is_padded_inside(value: &PrimitiveValue) -> bool {
    let is_padded = |text: &String| text.trim_matches([' ', '\0']) != text;
    matches!(value, PrimitiveValue::Strs(texts) if texts.len() > 1 && texts[..texts.len() - 1].iter().any(is_padded))
}

/// Whether a number has more digits than a double holds for sure: programs round the last one in different ways.
fn is_rounded(text: &str) -> bool {
    let n_digits = text.bytes().filter(u8::is_ascii_digit).count();
    n_digits > 15 && text.contains('.') && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_padding_inside_a_list_is_doubtful() {
        let list = |texts: &[&str]| PrimitiveValue::Strs(texts.iter().map(|text| (*text).to_owned()).collect());
        assert!(is_padded_inside(&list(&["DERIVED ", "PRIMARY"])));
        assert!(!is_padded_inside(&list(&["DERIVED", "PRIMARY "])));
        assert!(!is_padded_inside(&list(&["DERIVED "])));
        assert!(!is_padded_inside(&PrimitiveValue::from("DERIVED ")));
    }
}
