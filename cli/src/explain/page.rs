//! An explanation as a page of at most 100 columns.

use efface_pipeline::explain::{Entry, EntryKind, Explanation, Form};
use efface_pipeline::rules::Rule;
use efface_schema::{Action, Phi, Source, Status};
use std::collections::BTreeMap;
use std::fmt::Write;

/// No line is longer.
const WIDTH: usize = 100;
/// The columns after the tag: name, form, action; the rule takes the rest.
const NAME: usize = 28;
const FORM: usize = 22;
const ACTION: usize = 14;
/// Deeper items are not indented further.
const MAX_INDENT: usize = 12;

/// How a page looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Whether it has colours.
    pub(super) colours: bool,
    /// Whether it shows values.
    pub(super) values: bool,
    /// Whether a folder with other instances was given.
    pub(super) others: bool,
}

/// Writes the page.
pub(super) fn page(explanation: &Explanation, look: Look) -> String {
    let mut page = String::new();
    head(&mut page, explanation, look);
    let mut section = "";
    for entry in &explanation.entries {
        let of = section_of(entry.kind);
        if of != section {
            section = of;
            put(&mut page, &format!("\n{}", painted(section, BOLD, look)));
        }
        line(&mut page, entry, look);
    }
    legend(&mut page, explanation, look);
    foot(&mut page, explanation, look);
    page
}

fn put(page: &mut String, line: &str) {
    page.push_str(line.trim_end());
    page.push('\n');
}

fn section_of(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Preamble => "Preamble",
        EntryKind::FileMeta => "File meta information",
        EntryKind::Elsewhere => "Around the data set",
        _ => "Data set",
    }
}

fn head(page: &mut String, explanation: &Explanation, look: Look) {
    put(page, &format!("{:<9}{}", "policy", explanation.policy));
    let n_instances = explanation.n_patient_instances;
    let told = match (n_instances, look.others) {
        (1, false) => {
            "this instance alone; a run knows all of the patient's instances: give their --with FOLDER".into()
        }
        (1, true) => "this instance alone: the folder has no other of the same patient".into(),
        (count, _) => format!("{count} instances of the patient, this one included"),
    };
    put(page, &format!("{:<9}{told}", "lexicon"));
    let pixels = if explanation.pixels_inspected { "searched for text" } else { "not looked at" };
    put(page, &format!("{:<9}{pixels}", "pixels"));
    if let Some(n_texts) = explanation.n_texts_read {
        put(page, &format!("{:<9}{n_texts} texts read by the network", "texts"));
    }
}

fn line(page: &mut String, entry: &Entry, look: Look) {
    let indent = " ".repeat((2 * entry.depth).min(MAX_INDENT));
    let action = entry.action.map_or("", Action::as_str);
    let action = if entry.kind == EntryKind::Added { "add" } else { action };
    let rule = entry.rule.as_deref().unwrap_or_default();
    let colour = colour(entry);
    match entry.kind {
        EntryKind::Item => {
            put(page, &painted(&format!("{indent}{}", entry.part.as_deref().unwrap_or_default()), DIM, look))
        }
        EntryKind::Span | EntryKind::Pixels => {
            let part = format!("{indent}            └ {}", entry.part.as_deref().unwrap_or_default());
            let found = entry.label.map_or_else(String::new, |label| format!("{label} {}", certainty(entry)));
            let width = (12 + NAME).max(part.chars().count() + 1);
            // A long description of a region takes what it needs; found labels then follow the rule.
            if width > 12 + NAME {
                put(page, &painted(&part, colour, look));
                put(page, &painted(&columns("", 12 + NAME, &found, action, rule), colour, look));
            } else {
                put(page, &painted(&columns(&part, 12 + NAME, &found, action, rule), colour, look));
            }
        }
        _ => {
            let tag = entry.tag.as_deref().unwrap_or_default();
            let name = format!("{indent}{tag:<11} {}", name(entry));
            let form = form(entry);
            put(page, &painted(&columns(&name, 12 + NAME, &form, action, rule), colour, look));
        }
    }
    if look.values {
        values(page, entry, &indent);
    }
}

/// One line: a name in its width, then form, action and rule.
fn columns(name: &str, width: usize, form: &str, action: &str, rule: &str) -> String {
    let name = cut(name, width - 1);
    let form = cut(form, FORM - 1);
    cut(&format!("{name:<width$}{form:<FORM$}{action:<ACTION$} {rule}"), WIDTH)
}

/// The keyword, or what stands for it.
fn name(entry: &Entry) -> String {
    if let Some(keyword) = entry.keyword {
        return keyword.to_owned();
    }
    match entry.path.as_ref().and_then(|path| path.last()) {
        Some(efface_schema::ElementReference::Private { creator, element, .. }) if creator.is_empty() => {
            format!("private {element:02x}, creator hidden")
        }
        Some(efface_schema::ElementReference::Private { creator, element, .. }) => {
            let creator: String = creator.chars().flat_map(char::escape_debug).collect();
            format!("{element:02x} of {creator}")
        }
        Some(efface_schema::ElementReference::Tag { group, element }) if group % 2 == 1 && *element < 0x100 => {
            "private creator".to_owned()
        }
        Some(efface_schema::ElementReference::Tag { group, .. }) if group % 2 == 1 => "private, no creator".to_owned(),
        Some(_) if entry.tag.is_some() => "not in the dictionary".to_owned(),
        _ => entry.part.clone().unwrap_or_default(),
    }
}

fn form(entry: &Entry) -> String {
    let Some(form) = entry.before.as_ref().or(entry.after.as_ref()) else { return String::new() };
    format!("{} {}", form.vr, form.extent.replace("characters", "chars")).trim_start().to_owned()
}

fn certainty(entry: &Entry) -> String {
    entry.probability.map_or_else(String::new, |probability| format!("{:.2}", probability.get()))
}

/// What stands there and what would stand there, under the element.
fn values(page: &mut String, entry: &Entry, indent: &str) {
    let value = |form: &Option<Form>| form.as_ref().and_then(|form| form.value.as_ref().map(Phi::expose).cloned());
    let line = match (value(&entry.before), value(&entry.after), entry.action) {
        (Some(before), _, _) if entry.kind == EntryKind::Span => format!("“{before}”"),
        (Some(before), Some(after), _) if before == after => format!("“{before}”"),
        (Some(before), Some(after), _) => {
            let room = (WIDTH - 20 - indent.len()) / 2;
            format!("“{}” → “{}”", cut(&before, room), cut(&after, room))
        }
        (Some(before), None, Some(Action::Keep | Action::MapUid)) | (Some(before), None, None) => format!("“{before}”"),
        (Some(before), None, _) => format!("“{before}” → nothing"),
        (None, Some(after), _) => format!("→ “{after}”"),
        (None, None, _) => return,
    };
    put(page, &cut(&format!("{indent}              {line}"), WIDTH));
}

/// The rules that were at work, in the order in which they look at an instance.
fn legend(page: &mut String, explanation: &Explanation, look: Look) {
    let mut counts: BTreeMap<&str, (usize, Option<Source>)> = BTreeMap::new();
    for entry in &explanation.entries {
        if let Some(rule) = &entry.rule {
            let count = counts.entry(rule).or_default();
            *count = (count.0 + 1, entry.source);
        }
    }
    put(page, &format!("\n{}", painted("Rules at work", BOLD, look)));
    for rule in Rule::all() {
        if let Some((count, source)) = counts.get(rule.code) {
            let source = source.map_or("", Source::as_str);
            put(page, &cut(&format!("{count:>5}  {:<29} {source:<11} {}", rule.code, rule.title()), WIDTH));
        }
    }
    put(page, "       `efface rule CODE` says what a rule matches, why that identifies, and where that is written");
}

fn foot(page: &mut String, explanation: &Explanation, look: Look) {
    let mut n_by_action: BTreeMap<&str, usize> = BTreeMap::new();
    for action in explanation.entries.iter().filter_map(|entry| entry.action) {
        *n_by_action.entry(action.as_str()).or_default() += 1;
    }
    let mut counts = String::new();
    for (action, count) in n_by_action {
        write!(counts, "{}{action} {count}", if counts.is_empty() { "" } else { ", " }).expect("memory takes it");
    }
    put(page, &format!("\n{:<9}{counts}", "actions"));
    let (status, colour) = match explanation.status {
        Status::Deidentified => ("would be de-identified".to_owned(), GREEN),
        _ => (format!("would be withheld for review: {}", explanation.reasons.join(", ")), MAGENTA),
    };
    put(page, &format!("{:<9}{}", "result", painted(&status, colour, look)));
    if !explanation.result_searched {
        put(page, "         the bytes of the result were not searched: this machine has no /dev/shm");
    }
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const MAGENTA: &str = "35";
const CYAN: &str = "36";

fn colour(entry: &Entry) -> &'static str {
    match entry.action {
        Some(Action::Keep) => DIM,
        Some(Action::Remove | Action::Empty | Action::Redact) => RED,
        Some(Action::Replace | Action::MapUid | Action::MapIdentifier | Action::ShiftDate) => YELLOW,
        Some(Action::Clean) => CYAN,
        Some(Action::Review) => MAGENTA,
        None if entry.kind == EntryKind::Added => GREEN,
        None => DIM,
    }
}

fn painted(text: &str, colour: &str, look: Look) -> String {
    if look.colours { format!("\u{1b}[{colour}m{}\u{1b}[0m", text.trim_end()) } else { text.to_owned() }
}

/// At most so many characters; what is cut is told by an ellipsis.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    kept + "…"
}
