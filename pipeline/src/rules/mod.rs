//! The manuals of the rules whose codes stand in decisions.
//!
//! A rule's manual is the doc comment above its code. Its form is fixed, one paragraph for each part:
//!
//! ```text
//! /// Title in a few words
//! ///
//! /// What it matches.
//! ///
//! /// Why: why that identifies.
//! ///
//! /// Action: Removes ..., or Cleans, Empties, Replaces, Maps, Shifts, Keeps, Paints over, Withholds, Writes, Does.
//! ///
//! /// HIPAA: the elements (A) to (R) of 45 CFR 164.514(b)(2)(i) that it is about; `any element`, or `none`.
//! ///
//! /// Example: what it finds.
//! ///
//! /// Source: PS3.15 row or section, 45 CFR 164.514, a standard.
//! "the-code",
//! ```
//!
//! `efface rule CODE` prints a manual, `efface rule --all` writes `docs/rules.md`. Each rule has a fixture and a
//! snapshot in `tests/rules`. Code that names a rule names it by the macro `rule`, which does not compile for a code
//! without a manual.

mod explicit;
mod lexicon;
mod network;
mod numbers;
mod pixels;
mod places;
mod recognizers;

use serde::Serialize;

/// What a rule matches, why that identifies, and what is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The code in decisions.
    pub code: &'static str,
    /// The lines of the manual; the first is the title.
    lines: &'static [&'static str],
}

/// Rules of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// What the rules have in common, in a few words.
    pub title: &'static str,
    rules: &'static [Rule],
}

/// A rule's manual, part by part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Manual {
    /// The code in decisions.
    pub code: &'static str,
    /// A few words.
    pub title: String,
    /// What it matches.
    pub matches: String,
    /// Why that identifies.
    pub why: String,
    /// What is done.
    pub action: String,
    /// The elements of 45 CFR 164.514(b)(2)(i) that it is about.
    pub hipaa: String,
    /// What it finds.
    pub example: String,
    /// Where it is written.
    pub source: String,
}

/// Declares rules as doc comments over their codes.
macro_rules! rules {
    ($($(#[doc = $line:literal])+ $code:literal,)+) => {
        /// The rules of this family.
        pub(super) const RULES: &[super::Rule] = &[$(super::Rule { code: $code, lines: &[$($line),+] }),+];
    };
}
use rules;

/// The code of a rule; a code without a manual does not compile.
macro_rules! rule {
    ($code:literal) => {
        const { crate::rules::declared($code) }
    };
}
pub(crate) use rule;

/// The families of rules, in the order in which they look at an instance.
const FAMILIES: &[Family] = &[
    Family { title: "Tier 1: attributes", rules: explicit::RULES },
    Family { title: "Places that are not plain attributes", rules: places::RULES },
    Family { title: "Tier 2: what the patient's own instances say", rules: lexicon::RULES },
    Family { title: "Tier 2: forms that identify whoever the patient is", rules: recognizers::RULES },
    Family { title: "Tier 2: numbers with a form and a check digit", rules: numbers::RULES },
    Family { title: "The network", rules: network::RULES },
    Family { title: "Text in the image", rules: pixels::RULES },
];

/// The code itself, where it has a manual.
///
/// # Panics
/// When it has none: `rule!` calls it while the program is compiled, and it does not compile then.
pub(crate) const fn declared(code: &'static str) -> &'static str {
    let mut family_idx = 0;
    while family_idx < FAMILIES.len() {
        let rules = FAMILIES[family_idx].rules;
        let mut rule_idx = 0;
        while rule_idx < rules.len() {
            if same(rules[rule_idx].code.as_bytes(), code.as_bytes()) {
                return code;
            }
            rule_idx += 1;
        }
        family_idx += 1;
    }
    panic!("a rule without a manual: write it in pipeline/src/rules")
}

const fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

impl Family {
    /// Every family.
    pub const fn all() -> &'static [Self] {
        FAMILIES
    }

    /// Its rules.
    pub const fn rules(&self) -> &'static [Rule] {
        self.rules
    }
}

impl Rule {
    /// Every rule, family by family.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        FAMILIES.iter().flat_map(Family::rules)
    }

    /// Finds a rule by its code.
    ///
    /// # Example
    /// ```
    /// use efface_pipeline::rules::Rule;
    /// let rule = Rule::by_code("ssn").unwrap();
    /// assert_eq!(rule.title(), "Social security number");
    /// assert_eq!(rule.manual().hipaa, "(G) social security numbers");
    /// ```
    pub fn by_code(code: &str) -> Option<&'static Self> {
        Self::all().find(|rule| rule.code == code)
    }

    /// Up to three rules whose codes are like a mistyped one, the nearest first.
    pub fn nearest(code: &str) -> Vec<&'static Self> {
        let code = code.to_lowercase();
        let mut near: Vec<(f64, &Self)> = Self::all()
            .map(|rule| {
                let part = code.len() >= 3 && rule.code.split(['-', '.']).any(|part| part == code);
                let likeness = strsim::normalized_damerau_levenshtein(&code, rule.code);
                (if part { likeness.max(0.9) } else { likeness }, rule)
            })
            .filter(|(likeness, _)| *likeness >= 0.5)
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.code.cmp(b.1.code)));
        near.into_iter().take(3).map(|(_, rule)| rule).collect()
    }

    /// A few words.
    pub fn title(&self) -> &'static str {
        self.lines[0].trim()
    }

    /// The manual; a part that is missing is empty.
    pub fn manual(&self) -> Manual {
        let text: Vec<&str> = self.lines[1..].iter().map(|line| line.trim()).collect();
        let paragraphs: Vec<String> =
            text.split(|line| line.is_empty()).filter(|lines| !lines.is_empty()).map(|lines| lines.join(" ")).collect();
        let part = |name: &str| {
            let of_name = paragraphs.iter().find_map(|paragraph| paragraph.strip_prefix(name));
            of_name.and_then(|part| part.strip_prefix(": ")).unwrap_or_default().to_owned()
        };
        let is_named = |paragraph: &str| PARTS.iter().any(|name| paragraph.starts_with(&format!("{name}: ")));
        let matches: Vec<&str> =
            paragraphs.iter().map(String::as_str).filter(|paragraph| !is_named(paragraph)).collect();
        Manual {
            code: self.code,
            title: self.title().to_owned(),
            matches: matches.join(" "),
            why: part("Why"),
            action: part("Action"),
            hipaa: part("HIPAA"),
            example: part("Example"),
            source: part("Source"),
        }
    }
}

/// The names of the parts that follow what a rule matches.
const PARTS: [&str; 5] = ["Why", "Action", "HIPAA", "Example", "Source"];

impl Manual {
    /// The parts that follow what the rule matches, by their names.
    pub fn named_parts(&self) -> [(&'static str, &str); 5] {
        let parts = [&self.why, &self.action, &self.hipaa, &self.example, &self.source];
        std::array::from_fn(|idx| (PARTS[idx], parts[idx].as_str()))
    }
}

/// All manuals as one page of Markdown: `docs/rules.md`.
pub fn markdown() -> String {
    let mut page = "# Rules\n\n\
        Every decision of Efface names its rule by a code; `efface explain` names it for every element.\n\
        This page is what `efface rule --all` prints; `efface rule CODE` prints one manual.\n\
        *HIPAA* gives the elements of 45 CFR 164.514(b)(2)(i) that a rule is about.\n"
        .to_owned();
    for family in FAMILIES {
        page += &format!("\n## {}\n", family.title);
        for rule in family.rules {
            let manual = rule.manual();
            page += &format!("\n### `{}`: {}\n\n{}\n", manual.code, manual.title, sentences(&manual.matches));
            for (name, part) in manual.named_parts() {
                page += &format!("\n**{name}:** {}\n", sentences(part));
            }
        }
    }
    page
}

/// One sentence a line, as all pages of the project have it.
fn sentences(text: &str) -> String {
    let mut lines = String::new();
    let mut rest = text;
    while let Some(at) = rest.match_indices(". ").map(|(at, _)| at).find(|&at| {
        // A capital after a full stop begins a sentence; one after an abbreviation or an initial does not.
        let word = rest[..at].rsplit(' ').next().unwrap_or_default();
        word.chars().count() > 3 && rest[at + 2..].starts_with(char::is_uppercase)
    }) {
        lines += &rest[..=at];
        lines.push('\n');
        rest = &rest[at + 2..];
    }
    lines + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recognizer_has_a_manual() {
        for code in crate::tier2::Recognizers::new().codes() {
            assert!(Rule::by_code(code).is_some(), "{code}");
        }
    }

    #[test]
    fn sentences_stand_on_lines_of_their_own() {
        assert_eq!(sentences("One here. Two there."), "One here.\nTwo there.");
        assert_eq!(sentences("for J. Doe and Dr. Iyer. Next"), "for J. Doe and Dr. Iyer.\nNext");
    }
}
