//! A value that identifies someone.

use efface_schema::{HipaaElement, PhiLabel};

/// A value that identifies someone, with what it is. Its text can be planted and derived from, not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    text: String,
    label: PhiLabel,
    element: HipaaElement,
    is_known: bool,
}

impl Secret {
    /// A secret that falls under the element which its label names.
    pub(crate) fn new(label: PhiLabel, text: impl Into<String>) -> Self {
        Self { text: text.into(), label, element: label.element(), is_known: false }
    }

    /// An employer or a school, which 45 CFR 164.514(b)(2)(i) covers under (A), called after this place.
    pub(crate) fn derive_employer(&self, write: impl FnOnce(&str) -> String) -> Self {
        Self { text: write(&self.text), label: PhiLabel::Organization, element: HipaaElement::A, is_known: false }
    }

    /// Another way to write the same secret.
    pub(crate) fn derive(&self, write: impl FnOnce(&str) -> String) -> Self {
        Self { text: write(&self.text), ..*self }
    }

    /// A secret of another kind that is made from this one, such as a street out of an address.
    pub(crate) fn derive_as(&self, label: PhiLabel, write: impl FnOnce(&str) -> String) -> Self {
        Self { is_known: self.is_known, ..Self::new(label, write(&self.text)) }
    }

    /// The same secret, of which it is known that an attribute of its own holds it.
    pub(crate) fn known(self) -> Self {
        Self { is_known: true, ..self }
    }

    pub(crate) const fn is_known(&self) -> bool {
        self.is_known
    }

    /// A secret of this one's kind that is made from this and another one.
    pub(crate) fn derive_with(&self, other: &Self, write: impl FnOnce(&str, &str) -> String) -> Self {
        Self { text: write(&self.text, &other.text), ..*self }
    }

    /// Whether every character set of DICOM can write it.
    pub(crate) fn is_ascii(&self) -> bool {
        self.text.is_ascii()
    }

    pub(crate) const fn label(&self) -> PhiLabel {
        self.label
    }

    pub(crate) const fn element(&self) -> HipaaElement {
        self.element
    }

    /// The shape of the text: digits and letters masked.
    #[cfg(test)]
    pub(crate) fn masked_digits(&self) -> String {
        self.text.chars().map(|character| if character.is_numeric() { '0' } else { character }).collect()
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}
