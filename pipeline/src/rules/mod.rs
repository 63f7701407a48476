//! The manuals of the rules whose codes stand in decisions.
//!
//! A rule's manual is the doc comment above its code: the first line is its title, then what it matches, why that
//! identifies and what is done, an example, and the source. `efface rule CODE` prints it.

mod explicit;
mod lexicon;
mod pixels;
mod places;
mod recognizers;

/// What a rule matches, why that identifies, and what is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The code in decisions.
    pub code: &'static str,
    /// The lines of the manual; the first is the title.
    lines: &'static [&'static str],
}

/// Declares rules as doc comments over their codes.
macro_rules! rules {
    ($($(#[doc = $line:literal])+ $code:literal,)+) => {
        /// The rules of this family.
        pub(super) const RULES: &[super::Rule] = &[$(super::Rule { code: $code, lines: &[$($line),+] }),+];
    };
}
use rules;

/// The families of rules, in the order in which they look at an instance.
const FAMILIES: [&[Rule]; 5] = [explicit::RULES, places::RULES, lexicon::RULES, recognizers::RULES, pixels::RULES];

impl Rule {
    /// Every rule, family by family.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        FAMILIES.into_iter().flatten()
    }

    /// Finds a rule by its code.
    ///
    /// # Example
    /// ```
    /// use efface_pipeline::rules::Rule;
    /// assert_eq!(Rule::by_code("ssn").unwrap().title(), "Social security number");
    /// ```
    pub fn by_code(code: &str) -> Option<&'static Self> {
        Self::all().find(|rule| rule.code == code)
    }

    /// A few words.
    pub fn title(&self) -> &'static str {
        self.lines[0].trim()
    }

    /// What it matches, why that identifies, what is done, an example and the source: lines of Markdown.
    pub fn manual(&self) -> String {
        let lines: Vec<&str> = self.lines[1..].iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        lines.join("\n").trim_matches('\n').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique() {
        let codes: BTreeSet<_> = Rule::all().map(|rule| rule.code).collect();
        assert_eq!(codes.len(), Rule::all().count());
    }

    #[test]
    fn every_manual_names_its_source() {
        for rule in Rule::all() {
            assert!(!rule.title().is_empty() && rule.manual().contains("Source: "), "{}", rule.code);
        }
    }

    #[test]
    fn every_recognizer_has_a_manual() {
        for code in crate::tier2::Recognizers::new().codes() {
            assert!(Rule::by_code(code).is_some(), "{code}");
        }
    }
}
