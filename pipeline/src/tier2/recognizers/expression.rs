//! A regular expression in two forms: one for texts in ASCII, and one for all others.
//!
//! Nearly all texts in DICOM are ASCII, while the classes of Unicode (letters, digits, cases) make an expression ten
//! times as large. For a text in ASCII, whatever else a class holds cannot match: the narrow form leaves it out, finds
//! the same, and compiles in a fraction of the time. Each form is compiled when a text first needs it.

use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;
use regex_syntax::hir::{Capture, Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look, Repetition};
use std::sync::OnceLock;

/// An expression, compiled when first needed.
pub(super) struct Expression {
    pattern: String,
    ascii: OnceLock<Regex>,
    wide: OnceLock<Regex>,
}

impl Expression {
    /// Keeps a pattern, which is compiled later. It must be a valid one.
    pub(super) const fn new(pattern: String) -> Self {
        Self { pattern, ascii: OnceLock::new(), wide: OnceLock::new() }
    }

    /// All matches in a text, from left to right, none overlapping another.
    pub(super) fn captures_iter<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Captures> + use<'a> {
        let regex = if text.is_ascii() { self.ascii() } else { self.wide() };
        regex.captures_iter(text)
    }

    /// The form for texts in ASCII.
    fn ascii(&self) -> &Regex {
        self.ascii.get_or_init(|| compiled(&ascii_only(self.parsed())))
    }

    /// The form for any text.
    fn wide(&self) -> &Regex {
        self.wide.get_or_init(|| compiled(&self.parsed()))
    }

    fn parsed(&self) -> Hir {
        regex_syntax::parse(&self.pattern).expect("every committed expression is parsed by a test")
    }
}

/// Words and signs were asked for before an expression runs, so it needs no prefilter of its own; and most texts are
/// too short to repay a table of all states.
fn compiled(expression: &Hir) -> Regex {
    let config = Regex::config().auto_prefilter(false).dfa(false);
    let mut builder = Regex::builder();
    builder.configure(config).build_from_hir(expression).expect("every committed expression is compiled by a test")
}

/// What of an expression can match a text in ASCII.
fn ascii_only(expression: Hir) -> Hir {
    let narrowed = match expression.into_kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) if literal.0.is_ascii() => Hir::literal(literal.0),
        HirKind::Literal(_) => Hir::fail(),
        HirKind::Class(class) => Hir::class(ascii_class(class)),
        HirKind::Look(look) => Hir::look(ascii_look(look)),
        HirKind::Repetition(repetition) => {
            let sub = ascii_only(*repetition.sub);
            match (never_matches(&sub), repetition.min) {
                (true, 0) => Hir::empty(),
                (true, _) => Hir::fail(),
                (false, _) => Hir::repetition(Repetition { sub: Box::new(sub), ..repetition }),
            }
        }
        // A group keeps its number even where it cannot match.
        HirKind::Capture(capture) => Hir::capture(Capture { sub: Box::new(ascii_only(*capture.sub)), ..capture }),
        HirKind::Concat(parts) => Hir::concat(parts.into_iter().map(ascii_only).collect()),
        HirKind::Alternation(branches) => {
            let branches = branches.into_iter().map(ascii_only);
            Hir::alternation(branches.filter(|branch| !never_matches(branch) || has_group(branch)).collect())
        }
    };
    if never_matches(&narrowed) && !has_group(&narrowed) { Hir::fail() } else { narrowed }
}

fn ascii_class(class: Class) -> Class {
    match class {
        Class::Unicode(mut characters) => {
            characters.intersect(&ClassUnicode::new([ClassUnicodeRange::new('\0', '\u{7f}')]));
            Class::Unicode(characters)
        }
        class @ Class::Bytes(_) => class,
    }
}

/// Between characters of ASCII, both kinds of word boundaries are the same.
const fn ascii_look(look: Look) -> Look {
    match look {
        Look::WordUnicode => Look::WordAscii,
        Look::WordUnicodeNegate => Look::WordAsciiNegate,
        Look::WordStartUnicode => Look::WordStartAscii,
        Look::WordEndUnicode => Look::WordEndAscii,
        Look::WordStartHalfUnicode => Look::WordStartHalfAscii,
        Look::WordEndHalfUnicode => Look::WordEndHalfAscii,
        look => look,
    }
}

fn never_matches(expression: &Hir) -> bool {
    expression.properties().minimum_len().is_none()
}

fn has_group(expression: &Hir) -> bool {
    expression.properties().explicit_captures_len() > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spans(regex: &Regex, text: &str) -> Vec<Vec<Option<(usize, usize)>>> {
        let spans = |captures: Captures| captures.iter().map(|span| span.map(|span| (span.start, span.end))).collect();
        regex.captures_iter(text).map(spans).collect()
    }

    fn both_find_the_same(pattern: &str, text: &str) {
        let expression = Expression::new(pattern.to_owned());
        assert_eq!(spans(expression.ascii(), text), spans(expression.wide(), text), "{pattern} in {text:?}");
    }

    #[test]
    fn the_narrow_form_finds_what_the_wide_one_finds() {
        for pattern in [
            r"(?i)\bk\pL+ß?(?P<v>\d{2,3})",
            r"(?i)(?:straße|str\.?)\s(?P<v>\w+)|(?P<w>号)\d",
            r"(?:é|\u{4e00}){2,}x|y(?:é)*z",
            r"[^\pL\pN]\S\b",
        ] {
            for text in ["Kab12 kelvin345", "STR. ab_9 str x", "x yz yéz", " -a #b k", "", "\n\0~"] {
                if text.is_ascii() {
                    both_find_the_same(pattern, text);
                }
            }
        }
    }

    #[test]
    fn texts_beyond_ascii_take_the_wide_form() {
        let expression = Expression::new(r"(?P<v>\pL+)\d".to_owned());
        let found = expression.captures_iter("é\u{666}").next().expect("a letter and a digit");
        assert_eq!(found.get_group_by_name("v").map(|span| span.range()), Some(0..2));
    }

    proptest! {
        /// Every committed expression, on texts of the signs that expressions ask for.
        #[test]
        fn committed_expressions_find_the_same(text in "[a-zA-Z0-9 .,:#@/^()_+=-]{0,48}") {
            use std::sync::LazyLock;
            static ENGINE: LazyLock<super::super::Recognizers> = LazyLock::new(super::super::Recognizers::new);
            for known in &ENGINE.engine.compiled {
                let expression = &known.expression;
                prop_assert_eq!(spans(expression.ascii(), &text), spans(expression.wide(), &text), "{}", expression.pattern);
            }
        }
    }
}
