//! A value that identifies someone.

use efface_schema::{HipaaElement, PhiLabel};

/// A value that identifies someone, with what it is. Its text can be planted and derived from, not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    text: String,
    label: PhiLabel,
    element: HipaaElement,
}

impl Secret {
    /// A secret that falls under the element which its label names.
    pub(crate) fn new(label: PhiLabel, text: impl Into<String>) -> Self {
        Self { text: text.into(), label, element: label.element() }
    }

    /// The name of an employer or a school, which 45 CFR 164.514(b)(2)(i) covers under (A).
    pub(crate) fn employer(text: impl Into<String>) -> Self {
        Self { text: text.into(), label: PhiLabel::Organization, element: HipaaElement::A }
    }

    /// Another way to write the same secret.
    pub(crate) fn derive(&self, write: impl FnOnce(&str) -> String) -> Self {
        Self { text: write(&self.text), label: self.label, element: self.element }
    }

    /// A secret of another kind that is made from this one, such as a street out of an address.
    pub(crate) fn derive_as(&self, label: PhiLabel, write: impl FnOnce(&str) -> String) -> Self {
        Self::new(label, write(&self.text))
    }

    /// A person name `FAMILY^GIVEN^MIDDLE` as it is spoken: `Given Family`.
    pub(crate) fn spoken(&self) -> Self {
        self.derive(|text| match person_parts(text) {
            (family, "") => title_case(family),
            (family, given) => format!("{} {}", title_case(given), title_case(family)),
        })
    }

    /// A person name as it is sorted: `Family, Given`.
    pub(crate) fn sorted(&self) -> Self {
        self.derive(|text| {
            let (family, given) = person_parts(text);
            format!("{}, {}", title_case(family), title_case(given))
        })
    }

    /// The family name alone.
    pub(crate) fn family(&self) -> Self {
        self.derive(|text| title_case(person_parts(text).0))
    }

    /// The given name alone.
    pub(crate) fn given(&self) -> Self {
        self.derive(|text| title_case(person_parts(text).1))
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

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

fn person_parts(text: &str) -> (&str, &str) {
    let mut parts = text.split('^');
    (parts.next().unwrap_or(""), parts.next().unwrap_or(""))
}

/// Capital first letters of the words, also after an apostrophe or a hyphen.
fn title_case(text: &str) -> String {
    let mut start = true;
    text.chars()
        .map(|character| {
            let written = if start { character.to_uppercase().next() } else { character.to_lowercase().next() };
            start = matches!(character, ' ' | '-' | '\'');
            written.unwrap_or(character)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_in_the_usual_orders() {
        let name = Secret::new(PhiLabel::Name, "O'NEIL^MARY-ANN^T");
        assert_eq!(name.spoken().text(), "Mary-Ann O'Neil");
        assert_eq!(name.sorted().text(), "O'Neil, Mary-Ann");
        assert_eq!(name.family().text(), "O'Neil");
    }
}
