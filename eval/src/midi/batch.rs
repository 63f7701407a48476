//! A batch of the key against its files.

use super::checks::{
    FileValue, judge_attribute, judge_missing, judge_pixels_hidden, judge_pixels_retained, text_compared,
};
use super::compare::{Expectation, Judgement, Verdict};
use super::index::{ElementList, FileIndex};
use super::key::{BurnedInText, KeyCheck, KeyRow, Mapping};
use super::key_json::{KnownCodes, RowChecks, RowFaults};
use super::pixel_text::PixelText;
use super::score::{CheckResult, JudgedBatch, MidiSettings, RowsKept};
use super::strict::{StrictRule, StrictView, missing_objection};
use super::tables::{AttributeKey, SeriesKey};
use crate::reader::Source;
use efface_schema::PixelRegion;
use efface_schema::midi::CheckAction;
use std::borrow::Cow;
use std::collections::HashSet;
use std::iter::zip;
use std::path::Path;

/// Rows of the key with the files that they are about.
pub(crate) struct Batch<'p> {
    pub rows: Vec<BatchRow<'p>>,
    /// Files of the batch that no row is about. They are not judged, but the others are judged beside them.
    pub strangers: Vec<&'p Path>,
}

/// One row of the key; without a file where the instance has none, with several where it has copies.
pub(crate) struct BatchRow<'p> {
    pub row_id: i64,
    pub row: KeyRow,
    pub paths: Vec<&'p Path>,
}

/// What every batch is judged with.
pub(crate) struct Scorer<'s> {
    pub uids: &'s Mapping,
    pub patients: &'s Mapping,
    pub pixel_text: Option<&'s dyn PixelText>,
    pub settings: MidiSettings,
}

/// The lookup keys of all files of a batch.
pub(crate) type BatchKeys = HashSet<String, foldhash::fast::RandomState>;

/// The checks of a row of the key, with the hash of the attribute of each in the order of scoring.
pub(crate) struct Parsed<'k> {
    checks: RowChecks<'k>,
    attributes: Vec<AttributeKey>,
}

impl<'k> Parsed<'k> {
    /// All rows of a batch, which share what they have in common.
    pub(crate) fn all(batch: &'k Batch<'_>) -> Vec<Self> {
        let mut known = KnownCodes::default();
        batch.rows.iter().map(|row| Self::of(row, &mut known)).collect()
    }

    fn of(row: &'k BatchRow<'_>, known: &mut KnownCodes) -> Self {
        let checks = row.row.checks_sharing(known);
        let attributes = checks.in_order().map(AttributeKey::new).collect();
        Self { checks, attributes }
    }

    fn each(&self) -> impl Iterator<Item = (&KeyCheck<'k>, AttributeKey)> {
        zip(self.checks.in_order(), self.attributes.iter().copied())
    }
}

/// A judged check that is not yet added up: what a neighbour in the batch has may still change it.
pub(crate) struct Row<'k> {
    pub check: &'k KeyCheck<'k>,
    pub attribute: AttributeKey,
    pub judgement: Judgement,
    objection: Option<StrictRule>,
    /// What the file holds, if the row will be kept.
    shown: Option<String>,
    is_absent: bool,
}

/// The rows of one file.
pub(crate) struct FileRows<'k> {
    pub rows: Vec<Row<'k>>,
    identity: [Option<String>; 6],
    pub series: SeriesKey,
    /// Checks of pixels that could not be made.
    unread: Vec<(&'k KeyCheck<'k>, AttributeKey)>,
    is_missing: bool,
    is_fatal: bool,
}

impl Row<'_> {
    /// Whether it is judged in another way when a file of its batch has the attribute.
    pub(crate) fn may_be_gap(&self) -> bool {
        self.is_absent && self.check.tag_ds.is_some()
    }
}

impl FileRows<'_> {
    /// Counts what could not be read of the file, but no row.
    pub(crate) fn count_into(&self, output: &mut JudgedBatch) {
        output.n_fatal += usize::from(self.is_fatal);
        output.n_unread_pixels += self.unread.len();
    }
}

impl Scorer<'_> {
    pub(crate) fn judge(&self, batch: &Batch<'_>, parsed: &[Parsed<'_>]) -> JudgedBatch {
        let fault = zip(&batch.rows, parsed).find(|(_, parsed)| parsed.checks.faults != RowFaults::default());
        let n_checks = parsed.iter().map(|parsed| parsed.attributes.len()).sum();
        let mut in_batch = BatchKeys::default();
        let mut files = Vec::new();
        for (row, parsed) in zip(&batch.rows, parsed) {
            if row.paths.is_empty() {
                files.push(self.judge_missing_file(row, parsed));
            }
            for path in &row.paths {
                files.extend(self.judge_file(path, patient_of(row), parsed, &mut in_batch));
            }
        }
        let mut output = JudgedBatch::empty(self.settings);
        output.n_fatal = batch.strangers.iter().filter(|path| is_fatal_stranger(path, &mut in_batch)).count();
        output.fault = fault.map(|(row, parsed)| (row.row_id, parsed.checks.faults));
        output.official.reserve(n_checks);
        output.strict.reserve(if self.settings.strict { n_checks } else { 0 });
        output.empty.reserve(if self.settings.baseline { n_checks } else { 0 });
        let mut file_indices = 0..;
        for file in files {
            let file_index = if file.is_missing { None } else { file_indices.next() };
            self.add_file(file, file_index, &in_batch, &mut output);
        }
        if self.settings.baseline {
            for (row, parsed) in zip(&batch.rows, parsed) {
                let series = SeriesKey::new(&row.row.identity, patient_of(row));
                for (check, attribute) in parsed.each() {
                    output.empty.add(series, attribute, check, judge_missing(check.action).verdict);
                }
            }
        }
        output
    }

    pub(crate) fn judge_missing_file<'k>(&self, row: &'k BatchRow<'_>, parsed: &'k Parsed<'k>) -> FileRows<'k> {
        let rows = parsed.each().map(|(check, attribute)| Row {
            check,
            attribute,
            judgement: judge_missing(check.action),
            objection: self.settings.strict.then(|| missing_objection(check.action)).flatten(),
            shown: Some("<MISSING FILE>".to_owned()),
            is_absent: false,
        });
        FileRows {
            rows: rows.collect(),
            identity: row.row.identity.clone(),
            series: SeriesKey::new(&row.row.identity, patient_of(row)),
            unread: Vec::new(),
            is_missing: true,
            is_fatal: false,
        }
    }

    pub(crate) fn judge_file<'k>(
        &self,
        path: &Path,
        patient: Option<&str>,
        parsed: &'k Parsed<'k>,
        in_batch: &mut BatchKeys,
    ) -> Option<FileRows<'k>> {
        let source = Source::new(std::fs::read(path).ok()?)?;
        let instance = source.parse();
        let list = ElementList::new(&instance);
        let index = FileIndex::new(&list);
        add_keys(&index, in_batch);
        let strict = self.settings.strict.then(|| StrictView::new(&index));
        let mut rows = Vec::with_capacity(parsed.attributes.len());
        let mut unread = Vec::new();
        for (check, attribute) in parsed.each() {
            match self.judge_check((check, attribute), path, &index, strict.as_ref()) {
                Some(row) => rows.push(row),
                None => unread.push((check, attribute)),
            }
        }
        let identity = index.identity();
        Some(FileRows {
            rows,
            series: SeriesKey::new(&identity, patient),
            identity: identity.map(|text| text.map(str::to_owned)),
            unread,
            is_missing: false,
            is_fatal: index.is_fatal_to_official(),
        })
    }

    fn judge_check<'k>(
        &self,
        (check, attribute): (&'k KeyCheck<'k>, AttributeKey),
        path: &Path,
        index: &FileIndex<'_, '_, '_>,
        strict: Option<&StrictView<'_, '_, '_, '_>>,
    ) -> Option<Row<'k>> {
        let (judgement, shown, is_absent) = match check.action {
            CheckAction::PixelsRetained => {
                let digest = index.pixel_digest();
                (judge_pixels_retained(check.action_text.as_deref(), digest), Some(Cow::Borrowed(digest)), false)
            }
            CheckAction::PixelsHidden => {
                let read = self.read_box(check, path, false)?;
                (self.judge_box(check, &read)?, Some(Cow::Owned(read)), false)
            }
            action => {
                let text = check.tag_ds.as_deref().and_then(|key| index.value(key));
                let value = text.map_or(FileValue::Absent, FileValue::Present);
                let expectation =
                    if action == CheckAction::TextRemoved { Expectation::Removed } else { Expectation::Retained };
                let shown = text.map(|text| Cow::Borrowed(text_compared(text, expectation)));
                (judge_attribute(check, action, value, self.uids, self.patients), shown, text.is_none())
            }
        };
        let passed = judgement.verdict == Verdict::Pass;
        let objection = strict.filter(|_| passed).and_then(|strict| match check.action {
            CheckAction::PixelsHidden => self.legible(check, path),
            _ => strict.objection(check, self.uids, self.patients),
        });
        let is_kept = self.is_kept(passed && objection.is_none());
        // The verdict of an absent attribute may change, so nothing is known yet; it has nothing to show either.
        let shown = shown.filter(|_| is_kept).map(Cow::into_owned);
        Some(Row { check, attribute, judgement, objection, shown, is_absent })
    }

    fn read_box(&self, check: &KeyCheck<'_>, path: &Path, every_view: bool) -> Option<String> {
        let BurnedInText { top_left: [x0, y0], bottom_right: [x1, y1], .. } =
            BurnedInText::parse(check.action_text.as_deref()?)?;
        let region = PixelRegion { x0, y0, x1, y1 };
        let reader = self.pixel_text?;
        if every_view { reader.read_every_view(path, region) } else { reader.read(path, region) }
    }

    fn judge_box(&self, check: &KeyCheck<'_>, read: &str) -> Option<Judgement> {
        let wanted = BurnedInText::parse(check.action_text.as_deref()?)?;
        Some(judge_pixels_hidden(read, &wanted.text))
    }

    fn legible(&self, check: &KeyCheck<'_>, path: &Path) -> Option<StrictRule> {
        let Some(read) = self.read_box(check, path, true) else { return Some(StrictRule::PixelsUnread) };
        let passes = self.judge_box(check, &read).is_some_and(|judgement| judgement.verdict == Verdict::Pass);
        (!passes).then_some(StrictRule::PixelsLegible)
    }

    const fn is_kept(&self, passed: bool) -> bool {
        match self.settings.rows {
            RowsKept::None => false,
            RowsKept::NotPassed => !passed,
            RowsKept::All => true,
        }
    }

    /// Settles what depends on the batch, counts, and keeps the rows that were asked for.
    fn add_file(&self, file: FileRows<'_>, file_index: Option<usize>, in_batch: &BatchKeys, output: &mut JudgedBatch) {
        file.count_into(output);
        for mut row in file.rows {
            let has_key = |key: &str| in_batch.contains(key);
            let is_gap = row.may_be_gap() && row.check.tag_ds.as_deref().is_some_and(has_key);
            if is_gap {
                self.settle_gap(&mut row);
            }
            let verdict = row.judgement.verdict;
            let passed = verdict == Verdict::Pass;
            let objection = row.objection.filter(|_| passed);
            output.official.add(file.series, row.attribute, row.check, verdict);
            if self.settings.strict {
                let verdict = objection.map_or(verdict, StrictRule::verdict);
                output.strict.add(file.series, row.attribute, row.check, verdict);
                objection.into_iter().for_each(|rule| *output.objections.entry(rule).or_default() += 1);
            }
            if self.is_kept(passed && objection.is_none()) {
                output.kept.push(CheckResult {
                    index: output.n_rows,
                    file_index,
                    check: row.check.clone().into_owned(),
                    judgement: row.judgement,
                    objection,
                    file_value: row.shown,
                    answer_value: answer_value(row.check, file.is_missing),
                    identity: file.identity.clone(),
                });
            }
            output.n_rows += 1;
        }
        for (check, attribute) in file.unread.into_iter().filter(|_| self.settings.strict) {
            output.strict.add(file.series, attribute, check, StrictRule::PixelsUnread.verdict());
            *output.objections.entry(StrictRule::PixelsUnread).or_default() += 1;
        }
    }

    /// Judges a check of an attribute that its file lacks and a file of the same batch has.
    pub(crate) fn judge_gap(&self, check: &KeyCheck<'_>) -> Judgement {
        judge_attribute(check, check.action, FileValue::AbsentInBatch, self.uids, self.patients)
    }

    /// The gap of a batch's table comes out of these four actions as an empty text, out of the others as none.
    fn settle_gap(&self, row: &mut Row<'_>) {
        row.judgement = self.judge_gap(row.check);
        let is_printed = matches!(
            row.check.action,
            CheckAction::DateShifted
                | CheckAction::UidChanged
                | CheckAction::UidConsistent
                | CheckAction::PatidConsistent
        );
        row.shown = is_printed.then(String::new);
    }
}

fn add_keys(index: &FileIndex<'_, '_, '_>, in_batch: &mut BatchKeys) {
    for key in index.keys() {
        if !in_batch.contains(key) {
            in_batch.insert(key.to_owned());
        }
    }
}

/// Adds the attributes of a file that the key does not know to those of its batch, and says whether the official scorer
/// could do nothing with it.
pub(crate) fn is_fatal_stranger(path: &Path, in_batch: &mut BatchKeys) -> bool {
    let Some(source) = std::fs::read(path).ok().and_then(Source::new) else { return false };
    let instance = source.parse();
    let list = ElementList::new(&instance);
    let index = FileIndex::new(&list);
    add_keys(&index, in_batch);
    index.is_fatal_to_official()
}

/// The patient whom the key names.
pub(crate) fn patient_of<'r>(row: &'r BatchRow<'_>) -> Option<&'r str> {
    let [_, _, patient, ..] = &row.row.identity;
    patient.as_deref()
}

fn answer_value(check: &KeyCheck<'_>, is_missing: bool) -> Option<String> {
    let own = |text: &Option<Cow<'_, str>>| text.as_deref().map(str::to_owned);
    match check.action {
        CheckAction::PixelsRetained | CheckAction::PixelsHidden if is_missing => None,
        CheckAction::PixelsRetained => {
            check.action_text.as_deref().map(|text| text.trim_matches(['<', '>']).to_owned())
        }
        _ => own(&check.value),
    }
}
