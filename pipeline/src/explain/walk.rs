//! Goes through an original beside its result.

use super::{Entry, EntryKind, Form};
use crate::decide::{Creators, reference};
use crate::instance::Prepared;
use crate::read::Instance;
use crate::rules::{Rule, rule};
use crate::text::texts;
use crate::tier1::Ruling;
use crate::tier2::{Scope, TextSearch};
use dicom_core::Tag;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::header::Header;
use dicom_core::value::Value;
use dicom_dictionary_std::{StandardDataDictionary, tags};
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use efface_schema::{Action, AttributePath, Decision, Locus};
use std::collections::{BTreeMap, HashMap};

/// What is known of an original and of what would become of it.
struct Walk<'a> {
    whole: HashMap<AttributePath, &'a Decision>,
    spans: HashMap<AttributePath, Vec<&'a Decision>>,
    rulings: HashMap<AttributePath, Ruling>,
    search: &'a TextSearch<'a>,
    entries: Vec<Entry>,
}

/// What stands at the root under one tag.
#[derive(Default)]
struct Root<'a> {
    before: Option<&'a InMemElement>,
    bulk: Option<Form>,
    after: Option<&'a InMemElement>,
}

/// Everything in the file, in its order.
pub(super) fn entries(original: &Instance, prepared: &Prepared, search: &TextSearch<'_>) -> Vec<Entry> {
    let decisions = &prepared.decided.decisions;
    let mut walk =
        Walk { whole: HashMap::new(), spans: HashMap::new(), rulings: HashMap::new(), search, entries: Vec::new() };
    for (path, ruling) in prepared.decided.rulings.iter().flatten() {
        // The last note counts: it is taken by who looks closest.
        walk.rulings.insert(walk.visible(path), *ruling);
    }
    for decision in decisions {
        match &decision.locus {
            Locus::Attribute { path } => drop(walk.whole.insert(path.clone(), decision)),
            Locus::TextSpan { path, .. } => walk.spans.entry(path.clone()).or_default().push(decision),
            _ => {}
        }
    }
    walk.preamble(original, decisions);
    walk.file_meta(original, prepared.instance.transfer_syntax.uid());
    walk.root(original, prepared, decisions);
    for decision in decisions {
        if matches!(decision.locus, Locus::TrailingData | Locus::FileName) {
            let part = if decision.locus == Locus::FileName { "file name" } else { "bytes after the data set" };
            let entry = Entry { part: Some(part.to_owned()), ..Entry::new(EntryKind::Elsewhere, 0) };
            walk.entries.push(decided(entry, decision));
        }
    }
    walk.entries
}

fn decided(entry: Entry, decision: &Decision) -> Entry {
    Entry {
        action: Some(decision.action),
        rule: Some(decision.rule.clone()),
        title: Rule::by_code(&decision.rule).map(Rule::title),
        source: Some(decision.source),
        label: decision.label,
        probability: Some(decision.probability),
        ..entry
    }
}

fn tag_text(tag: Tag) -> String {
    format!("({:04x},{:04x})", tag.group(), tag.element())
}

fn keyword(tag: Tag) -> Option<&'static str> {
    StandardDataDictionary.by_tag(tag).map(DataDictionaryEntry::alias)
}

impl Walk<'_> {
    /// The path as decisions give it: creators that identify are left out.
    fn visible(&self, path: &AttributePath) -> AttributePath {
        if path.is_private() {
            return path.without_creators(|creator| !self.search.find(creator, Scope::Lexicon).is_empty());
        }
        path.clone()
    }

    fn preamble(&mut self, original: &Instance, decisions: &[Decision]) {
        let decision = decisions.iter().find(|decision| decision.locus == Locus::Preamble);
        let entry = Entry {
            before: Some(Form::of_preamble(original.preamble_used)),
            after: Some(Form::of_preamble(false)),
            ..Entry::new(EntryKind::Preamble, 0)
        };
        self.entries.push(match decision {
            Some(decision) => decided(entry, decision),
            None => entry.ruled(Some(Action::Keep), rule!("preamble")),
        });
    }

    /// The file meta information is written anew: what the result needs is replaced, and nothing else is carried over.
    fn file_meta(&mut self, original: &Instance, new_transfer_syntax: &str) {
        let encoded_otherwise = original.transfer_syntax.uid() != new_transfer_syntax;
        for element in &original.meta.elements {
            let tag = element.tag;
            let action = match tag {
                tags::FILE_META_INFORMATION_VERSION | tags::MEDIA_STORAGE_SOP_CLASS_UID | tags::TRANSFER_SYNTAX_UID => {
                    Action::Keep
                }
                tags::MEDIA_STORAGE_SOP_INSTANCE_UID => Action::MapUid,
                Tag(0x0002, 0x0000) | tags::IMPLEMENTATION_CLASS_UID | tags::IMPLEMENTATION_VERSION_NAME => {
                    Action::Replace
                }
                _ => Action::Remove,
            };
            let entry = Entry {
                path: Some(AttributePath::tag(tag.group(), tag.element())),
                tag: Some(tag_text(tag)),
                keyword: keyword(tag),
                before: Some(Form::of_meta(element)),
                ..Entry::new(EntryKind::FileMeta, 0)
            };
            self.entries.push(if tag == tags::TRANSFER_SYNTAX_UID && encoded_otherwise {
                entry.ruled(Some(Action::Replace), rule!("pixel-encoding"))
            } else {
                entry.ruled(Some(action), rule!("file-meta"))
            });
        }
    }

    fn root(&mut self, original: &Instance, prepared: &Prepared, decisions: &[Decision]) {
        let mut roots: BTreeMap<Tag, Root<'_>> = BTreeMap::new();
        for element in &original.data_set {
            roots.entry(element.tag()).or_default().before = Some(element);
        }
        for bulk in &original.bulk {
            roots.entry(bulk.tag).or_default().bulk = Some(Form::of_bulk(bulk));
        }
        for element in &prepared.instance.data_set {
            roots.entry(element.tag()).or_default().after = Some(element);
        }
        let creators = Creators::of_data_set(&original.data_set);
        let last_pixels = roots.keys().rfind(|tag| tag.group() == 0x7FE0).copied();
        for (tag, root) in &roots {
            match (root.before, &root.bulk) {
                (Some(element), _) => self.element(element, root.after, &AttributePath::default(), &creators, 0),
                (None, Some(form)) => self.bulk(*tag, form),
                (None, None) => self.added(*tag, root.after),
            }
            if Some(*tag) == last_pixels {
                self.pixels(decisions);
            }
        }
        if last_pixels.is_none() {
            self.pixels(decisions);
        }
    }

    fn data_set(
        &mut self,
        before: &InMemDicomObject,
        after: Option<&InMemDicomObject>,
        parent: &AttributePath,
        depth: usize,
    ) {
        let creators = Creators::of_data_set(before);
        for element in before {
            let after = after.and_then(|after| after.get(element.tag()));
            self.element(element, after, parent, &creators, depth);
        }
    }

    fn element(
        &mut self,
        element: &InMemElement,
        after: Option<&InMemElement>,
        parent: &AttributePath,
        creators: &Creators,
        depth: usize,
    ) {
        let tag = element.tag();
        let path = parent.element(reference(tag, creators));
        let visible = self.visible(&path);
        let entry = Entry {
            path: Some(visible.clone()),
            tag: Some(tag_text(tag)),
            keyword: keyword(tag),
            before: Some(Form::of(element)),
            after: after.map(Form::of),
            ..Entry::new(EntryKind::Element, depth)
        };
        let whole = self.whole.get(&visible).copied();
        let spans = self.spans.get(&visible).cloned().unwrap_or_default();
        self.entries.push(match (whole, self.rulings.get(&visible)) {
            (Some(decision), _) => decided(entry, decision),
            (None, Some(ruling)) if spans.is_empty() => match rewritten(tag, element, after) {
                Some(rule) => entry.ruled(Some(Action::Replace), rule),
                None => {
                    let goes_on = element.value().items().is_some() && ruling.action != Action::Keep;
                    entry.ruled(Some(if goes_on { ruling.action } else { Action::Keep }), ruling.rule)
                }
            },
            (None, Some(ruling)) => entry.ruled(Some(Action::Clean), ruling.rule),
            (None, None) => entry,
        });
        for decision in spans {
            self.span(element, decision, depth);
        }
        let Some(items) = element.value().items().filter(|_| whole.is_none()) else { return };
        for (item_idx, item) in (0_u32..).zip(items) {
            let part = Some(format!("item {}", item_idx + 1));
            self.entries.push(Entry { part, ..Entry::new(EntryKind::Item, depth + 1) });
            let after = after.and_then(|after| after.value().items()?.get(item_idx as usize));
            self.data_set(item, after, &path.item(item_idx), depth + 1);
        }
    }

    fn span(&mut self, element: &InMemElement, decision: &Decision, depth: usize) {
        let Locus::TextSpan { path, value_idx, start, end } = &decision.locus else { return };
        let values = match element.value() {
            Value::Primitive(value) => texts(value).unwrap_or_default(),
            _ => Vec::new(),
        };
        let found: String = values
            .get(*value_idx as usize)
            .map(|text| text.chars().skip(*start as usize).take(end.saturating_sub(*start) as usize).collect())
            .unwrap_or_default();
        let of_value = if values.len() > 1 { format!("value {}, ", value_idx + 1) } else { String::new() };
        let entry = Entry {
            path: Some(path.clone()),
            part: Some(format!("{of_value}characters {} to {end}", start + 1)),
            before: Some(Form::of_part(&found)),
            ..Entry::new(EntryKind::Span, depth)
        };
        self.entries.push(decided(entry, decision));
    }

    fn bulk(&mut self, tag: Tag, form: &Form) {
        let path = AttributePath::tag(tag.group(), tag.element());
        let entry = Entry {
            tag: Some(tag_text(tag)),
            keyword: keyword(tag),
            before: Some(form.clone()),
            ..Entry::new(EntryKind::Element, 0)
        };
        let entry = match (self.whole.get(&path), self.rulings.get(&path)) {
            (Some(decision), _) => decided(entry, decision),
            (None, Some(ruling)) => Entry { after: Some(form.clone()), ..entry.ruled(Some(Action::Keep), ruling.rule) },
            (None, None) => entry,
        };
        self.entries.push(Entry { path: Some(path), ..entry });
    }

    fn added(&mut self, tag: Tag, after: Option<&InMemElement>) {
        let entry = Entry {
            path: Some(AttributePath::tag(tag.group(), tag.element())),
            tag: Some(tag_text(tag)),
            keyword: keyword(tag),
            after: after.map(Form::of),
            ..Entry::new(EntryKind::Added, 0)
        };
        self.entries.push(entry.ruled(None, writer(tag).unwrap_or(rule!("marks"))));
    }

    fn pixels(&mut self, decisions: &[Decision]) {
        for decision in decisions {
            let part = match &decision.locus {
                Locus::PixelData => "all pixels".to_owned(),
                Locus::PixelRegion { frame_idx, region } => {
                    let frames = frame_idx.map_or("every frame".to_owned(), |idx| format!("frame {}", idx + 1));
                    let (columns, rows) = (region.x1 - region.x0, region.y1 - region.y0);
                    format!("{frames}, {columns}x{rows} pixels at column {}, row {}", region.x0, region.y0)
                }
                _ => continue,
            };
            let entry = Entry { part: Some(part), ..Entry::new(EntryKind::Pixels, 0) };
            self.entries.push(decided(entry, decision));
        }
    }
}

/// Who writes an attribute after all decisions were carried out.
fn writer(tag: Tag) -> Option<&'static str> {
    match tag {
        tags::SPECIFIC_CHARACTER_SET => Some(rule!("character-set")),
        tags::BURNED_IN_ANNOTATION | tags::RECOGNIZABLE_VISUAL_FEATURES => Some(rule!("marks")),
        tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED => Some(rule!("marks")),
        Tag(0x0012, _) => Some(rule!("marks")),
        Tag(0x0028 | 0x7FE0, _) => Some(rule!("pixel-encoding")),
        _ => None,
    }
}

/// The rule by which a value without a decision was written anew, if it was.
fn rewritten(tag: Tag, before: &InMemElement, after: Option<&InMemElement>) -> Option<&'static str> {
    let rule = writer(tag)?;
    let unchanged = after.is_some_and(|after| after.value() == before.value());
    // The pixels themselves have decisions of their own.
    (!unchanged && tag.group() != 0x7FE0).then_some(rule)
}
