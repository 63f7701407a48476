//! Precision and recall of the patterns on two committed lists of lines, by label, as exact counts.
//!
//! Lines alternate between a half that the patterns are tuned on, whose failures are printed, and a half held out,
//! of which only the counts are. The counts are committed: `EFFACE_ACCEPT=1 cargo nextest run patterns` renews them.

use efface_pipeline::tier2::{FoundSpan, LexiconBuilder, Recognizers, Scope, TextSearch};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

const HARMLESS: &str = include_str!("patterns/harmless.txt");
const IDENTIFYING: &str = include_str!("patterns/identifying.txt");

/// A text, and the parts of it that identify: label, first character, character after the last.
struct Case {
    text: String,
    marks: Vec<(String, usize, usize)>,
    held_out: bool,
}

fn cases(lines: &str) -> Vec<Case> {
    let lines = lines.lines().filter(|line| !line.starts_with("# ") && !line.is_empty());
    lines.enumerate().map(|(idx, line)| case(line, idx % 2 == 1)).collect()
}

fn case(line: &str, held_out: bool) -> Case {
    let mut text = String::new();
    let mut marks = Vec::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("[[") {
        let (mark, after) = after.split_once("]]").expect("a mark is closed");
        let (label, part) = mark.split_once(':').expect("a mark has a label");
        text.push_str(before);
        let start = text.chars().count();
        text.push_str(part);
        marks.push((label.to_owned(), start, text.chars().count()));
        rest = after;
    }
    text.push_str(rest);
    Case { text, marks, held_out }
}

#[derive(Default)]
struct Counts {
    all: u32,
    found: u32,
    labelled: u32,
}

fn covered(spans: &[FoundSpan], at: usize) -> bool {
    spans.iter().any(|span| span.start <= at && at < span.end)
}

/// Whether every letter and digit of a marked part is found; and with its label.
fn is_found(case: &Case, spans: &[FoundSpan], start: usize, end: usize) -> bool {
    case.text.chars().enumerate().take(end).skip(start).all(|(at, c)| !c.is_alphanumeric() || covered(spans, at))
}

fn half(held_out: bool) -> &'static str {
    if held_out { "held-out" } else { "tuned" }
}

fn report() -> (String, String) {
    let recognizers = Recognizers::new();
    let search = TextSearch::new(LexiconBuilder::default().build(&recognizers), &recognizers);
    let mut counts: BTreeMap<(&str, String), Counts> = BTreeMap::new();
    let mut failures = String::new();
    for case in cases(IDENTIFYING) {
        let spans = search.find(&case.text, Scope::Everything);
        for (label, start, end) in &case.marks {
            let found = is_found(&case, &spans, *start, *end);
            let labelled =
                spans.iter().any(|span| span.start < *end && *start < span.end && span.label.as_str() == label);
            for name in [label.as_str(), "all"] {
                let count = counts.entry((half(case.held_out), name.to_owned())).or_default();
                count.all += 1;
                count.found += u32::from(found);
                count.labelled += u32::from(found && labelled);
            }
            if !found && !case.held_out {
                writeln!(failures, "missed {label}: {}", case.text).expect("a string");
            }
        }
        // What is taken beside the marks: letters and digits that a reader loses.
        let marked = |at: usize| case.marks.iter().any(|(_, start, end)| (*start..*end).contains(&at));
        for (at, _) in case.text.chars().enumerate().filter(|(at, c)| c.is_alphanumeric() && !marked(*at)) {
            let count = counts.entry((half(case.held_out), "~characters kept beside".to_owned())).or_default();
            count.all += 1;
            count.found += u32::from(!covered(&spans, at));
        }
    }
    for case in cases(HARMLESS) {
        let spans = search.find(&case.text, Scope::Everything);
        let count = counts.entry((half(case.held_out), "~harmless lines kept".to_owned())).or_default();
        count.all += 1;
        count.found += u32::from(spans.is_empty());
        if !spans.is_empty() && !case.held_out {
            let rules: Vec<&str> = spans.iter().map(|span| span.rule).collect();
            writeln!(failures, "lost by {rules:?}: {}", case.text).expect("a string");
        }
    }
    let mut table = String::from("half,what,found,of,with the label\n");
    for ((half, what), count) in &counts {
        let labelled = if what.starts_with('~') { String::new() } else { count.labelled.to_string() };
        writeln!(table, "{half},{},{},{},{labelled}", what.trim_start_matches('~'), count.found, count.all)
            .expect("a string");
    }
    (table, failures)
}

#[test]
fn counts_are_as_committed() {
    let (table, failures) = report();
    println!("{table}\n{failures}");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/patterns/counts.csv");
    if std::env::var_os("EFFACE_ACCEPT").is_some() {
        std::fs::write(&path, &table).expect("the counts are written");
    }
    let committed = std::fs::read_to_string(&path).expect("committed counts");
    assert_eq!(table, committed, "found and kept differ from {}", path.display());
}

#[test]
fn the_lists_are_large_enough() {
    for (lines, n_least) in [(HARMLESS, 300), (IDENTIFYING, 300)] {
        let cases = cases(lines);
        assert!(cases.len() >= n_least, "{}", cases.len());
        assert!(cases.iter().filter(|case| case.held_out).count() >= n_least / 2);
    }
}
