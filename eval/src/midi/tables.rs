//! The official reports: totals by action and category, and the rows that did not pass.

use super::compare::Verdict;
use super::key::{Codes, KeyCheck};
use super::score::CheckResult;
use super::series_rows::SeriesRows;
use efface_schema::midi::CheckAction;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher as _, BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

/// What one row of the report stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ReportMode {
    /// A check of a file.
    Instance,
    /// A check of a series: one row per action, attribute, patient, study and series. A failure hides a
    /// pass, and a pass hides a blank.
    #[default]
    Series,
}

impl ReportMode {
    /// The word in the workbook's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Series => "series",
        }
    }
}

/// How many checks ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Neither passed nor failed.
    pub blank: u64,
    /// Failed.
    pub fail: u64,
    /// Passed.
    pub pass: u64,
}

impl Tally {
    /// All checks, the blank ones too.
    pub const fn total(&self) -> u64 {
        self.blank + self.fail + self.pass
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.blank += other.blank;
        self.fail += other.fail;
        self.pass += other.pass;
    }

    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Blank => self.blank += 1,
            Verdict::Fail => self.fail += 1,
            Verdict::Pass => self.pass += 1,
        }
    }

    /// Passed checks per hundred, as the official report prints them.
    pub fn score_text(&self) -> String {
        format!("{:.2}%", self.pass as f64 / self.total() as f64 * 100.0)
    }
}

/// The totals of a report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// All checks.
    pub all: Tally,
    /// By action, in alphabetical order.
    pub by_action: BTreeMap<&'static str, Tally>,
    /// By family and code. Absent if any row has none: the official report then lacks the table.
    pub by_category: Option<BTreeMap<(String, String), Tally>>,
    /// By patient of the key, in the order in which they come: checks of retention, checks of removal.
    pub by_patient: Vec<[Tally; 2]>,
}

/// Adds up rows in a report mode. Nothing is known by patient: rows name whom a tool made of the key's patients.
pub fn totals(rows: &[CheckResult], mode: ReportMode) -> Totals {
    let mut builder = TotalsBuilder::new(mode).sorting();
    for row in rows {
        let series = SeriesKey::new(&row.identity, None);
        builder.add(series, AttributeKey::new(&row.check), &row.check, row.judgement.verdict);
    }
    Totals { by_patient: Vec::new(), ..builder.finish() }
}

/// The patient, study and series of a row, as far as they decide which rows are one in a report by series.
///
/// A hash of 64 bits stands for them and another for action and attribute: a key has some ten thousand of
/// either, and two of them agree by chance with a probability below 1e-10.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeriesKey {
    series: u64,
    /// The patient of the key, whatever a tool made of it.
    patient: u64,
}

/// The action and the attribute of a check, for the same purpose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AttributeKey(u64);

impl SeriesKey {
    /// From what the rows say, and from the patient whom the key names.
    pub(crate) fn new<T: AsRef<str>>([_, _, patient, study, series, _]: &[Option<T>; 6], of_key: Option<&str>) -> Self {
        let series = hash_of([patient, study, series].map(|text| text.as_ref().map(AsRef::as_ref)));
        Self { series, patient: hash_of(of_key) }
    }
}

impl AttributeKey {
    pub(crate) fn new(check: &KeyCheck<'_>) -> Self {
        Self(hash_of((check.action, check.tag_ds.as_deref())))
    }
}

/// The same in every run of a program, so that shards can be merged: [`hash_sample`] tells whether two programs agree.
fn hash_of(key: impl Hash) -> u64 {
    foldhash::quality::FixedState::with_seed(0x6566_6661_6365).hash_one(key)
}

/// What this program's hashes are like: shards of programs or machines that hash differently are not merged.
pub(crate) fn hash_sample() -> u64 {
    hash_of((CheckAction::TagRetained, Some("<(0010,0010)>")))
}

/// Which rows are one in a report by series. Both halves are hashes already and need no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct GroupKey(u64, u64);

impl Hash for GroupKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.rotate_left(32) ^ self.1);
    }
}

/// Takes the one number that it is given.
#[derive(Debug, Clone, Copy, Default)]
struct AsGiven(u64);

impl Hasher for AsGiven {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Only numbers of 64 bits are hashed; anything else still gives a number.
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// Where a row stands in the table of categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Category {
    /// Under a code, by its place in the list of those met.
    Code(u32),
    /// A code that is null drops out of the official pivot table.
    Dropped,
    /// No code at all drops the whole table.
    Fatal,
}

impl Category {
    const fn number(self) -> u32 {
        match self {
            Self::Dropped => 0,
            Self::Fatal => 1,
            Self::Code(code) => code + 2,
        }
    }

    const fn of(number: u32) -> Self {
        match number {
            0 => Self::Dropped,
            1 => Self::Fatal,
            number => Self::Code(number - 2),
        }
    }

    /// The same where codes have other places.
    fn with_codes(self, codes: &[u32]) -> Self {
        match self {
            Self::Code(code) => Self::Code(codes[code as usize]),
            other => other,
        }
    }
}

/// What one row of a report by series stands for so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Group {
    action: CheckAction,
    category: Category,
    verdict: Verdict,
    /// By its place in the list of those met.
    patient: u32,
    /// Which of the groups, in the order in which they come.
    at: u32,
}

/// Totals in the making. Rows come in the order of scoring; parts that follow each other can be merged.
#[derive(Debug, Clone, Default)]
pub(crate) struct TotalsBuilder {
    mode: ReportMode,
    codes: Vec<(&'static str, String)>,
    by_action: BTreeMap<CheckAction, Tally>,
    by_code: Vec<Tally>,
    is_fatal: bool,
    groups: HashMap<GroupKey, Group, BuildHasherDefault<AsGiven>>,
    /// Every row, where codes are to be counted as the official report does.
    rows: Option<SeriesRows>,
    /// Whether some group has rows of more than one category.
    is_mixed: bool,
    /// In the order in which they come.
    patients: Vec<u64>,
    places: HashMap<u64, u32, BuildHasherDefault<AsGiven>>,
    by_patient: Vec<[Tally; 2]>,
    /// Where checks stand that were met before, so that their codes need not be compared again.
    met: Vec<(Arc<Codes>, CheckAction, Category)>,
}

/// A batch has a few dozen pairs of codes and action. More are not remembered, so that a search through them stays short.
const MOST_MET: usize = 64;

impl TotalsBuilder {
    pub(crate) fn new(mode: ReportMode) -> Self {
        Self { mode, ..Self::default() }
    }

    /// Counts a series whose rows have several codes under the one that the official report takes. That depends on all
    /// rows, so they are remembered.
    pub(crate) fn sorting(self) -> Self {
        Self { rows: (self.mode == ReportMode::Series).then(SeriesRows::default), ..self }
    }

    /// Makes room for so many groups.
    pub(crate) fn reserve(&mut self, n_groups: usize) {
        if self.mode == ReportMode::Series {
            self.groups.reserve(n_groups);
        }
    }

    pub(crate) fn add(&mut self, series: SeriesKey, attribute: AttributeKey, check: &KeyCheck<'_>, verdict: Verdict) {
        let category = self.category(check);
        let row = Group { action: check.action, category, verdict, patient: self.patient(series.patient), at: 0 };
        match self.mode {
            ReportMode::Instance => self.count(row),
            ReportMode::Series => {
                let at = self.group(GroupKey(series.series, attribute.0), row);
                if let Some(rows) = &mut self.rows {
                    rows.push(at, category.number(), verdict);
                }
            }
        }
    }

    /// The place of a patient, who may be new.
    fn patient(&mut self, patient: u64) -> u32 {
        *self.places.entry(patient).or_insert_with(|| {
            self.patients.push(patient);
            self.by_patient.push(Default::default());
            u32::try_from(self.patients.len() - 1).expect("a key has fewer patients than it has bytes")
        })
    }

    /// A failure hides a pass, a pass hides a blank, and of equals the first counts. Says which group it is.
    fn group(&mut self, key: GroupKey, row: Group) -> u32 {
        let at = u32::try_from(self.groups.len()).expect("a key has fewer groups than it has bytes");
        let group = self.groups.entry(key).or_insert(Group { at, ..row });
        self.is_mixed |= group.category != row.category;
        if row.verdict < group.verdict {
            *group = Group { at: group.at, ..row };
        }
        group.at
    }

    /// Counts each group under the code of the same group of official totals, if it ended in the same way.
    #[expect(clippy::iter_over_hash_type, reason = "each group is changed by itself")]
    pub(crate) fn count_as(&mut self, official: &Self) {
        let codes: Vec<u32> = official.codes.iter().map(|(family, code)| self.code(family, code)).collect();
        for (key, group) in &mut self.groups {
            let same = official.groups.get(key).filter(|official| official.verdict == group.verdict);
            group.category = same.map_or(group.category, |official| official.category.with_codes(&codes));
        }
    }

    /// Takes for each group the category of the row that the official report sorts to the front.
    #[expect(clippy::iter_over_hash_type, reason = "each group is changed by itself")]
    pub(crate) fn settle_categories(&mut self) {
        let Some(rows) = self.rows.take().filter(|_| self.is_mixed) else { return };
        let first = rows.first_categories(self.groups.len());
        for group in self.groups.values_mut() {
            group.category = first[group.at as usize].map_or(group.category, Category::of);
        }
    }

    fn count(&mut self, row: Group) {
        self.by_action.entry(row.action).or_default().add(row.verdict);
        self.by_patient[row.patient as usize][usize::from(row.action.is_removal())].add(row.verdict);
        match row.category {
            Category::Code(code) => self.by_code[code as usize].add(row.verdict),
            Category::Dropped => {}
            Category::Fatal => self.is_fatal = true,
        }
    }

    fn category(&mut self, check: &KeyCheck<'_>) -> Category {
        let is_met = |(codes, action, _): &&(Arc<Codes>, CheckAction, Category)| {
            Arc::ptr_eq(codes, &check.codes) && *action == check.action
        };
        if let Some((.., category)) = self.met.iter().find(is_met) {
            return *category;
        }
        let category = self.new_category(check);
        if self.met.len() < MOST_MET {
            self.met.push((Arc::clone(&check.codes), check.action, category));
        }
        category
    }

    fn new_category(&mut self, check: &KeyCheck<'_>) -> Category {
        match check.category() {
            Some((family, code)) => Category::Code(self.code(family, code)),
            // Tag and null checks take whatever the key names, even nothing.
            None if matches!(check.action, CheckAction::TagRetained | CheckAction::TextNotnull) => Category::Dropped,
            None => Category::Fatal,
        }
    }

    /// A key has some twenty codes, so a list is as fast as anything.
    fn code(&mut self, family: &'static str, code: &str) -> u32 {
        let known = self.codes.iter().position(|(known_family, known)| known == code && *known_family == family);
        let at = known.unwrap_or_else(|| {
            self.codes.push((family, code.to_owned()));
            self.by_code.push(Tally::default());
            self.codes.len() - 1
        });
        u32::try_from(at).expect("a key has fewer codes than it has bytes")
    }

    /// Adds what was counted of later rows.
    #[expect(clippy::iter_over_hash_type, reason = "each group is merged with its own, in whatever order")]
    pub(crate) fn merge(&mut self, later: Self) {
        let codes: Vec<u32> = later.codes.iter().map(|(family, code)| self.code(family, code)).collect();
        let patients: Vec<u32> = later.patients.iter().map(|patient| self.patient(*patient)).collect();
        for (patient, tallies) in patients.iter().zip(later.by_patient) {
            self.by_patient[*patient as usize].iter_mut().zip(tallies).for_each(|(tally, later)| tally.merge(later));
        }
        for (action, tally) in later.by_action {
            self.by_action.entry(action).or_default().merge(tally);
        }
        for (code, tally) in codes.iter().zip(later.by_code) {
            self.by_code[*code as usize].merge(tally);
        }
        self.is_fatal |= later.is_fatal;
        self.is_mixed |= later.is_mixed;
        let mut places = vec![0; later.groups.len()];
        for (key, row) in later.groups {
            let (category, patient) = (row.category.with_codes(&codes), patients[row.patient as usize]);
            places[row.at as usize] = self.group(key, Group { category, patient, ..row });
        }
        if let (Some(rows), Some(later)) = (&mut self.rows, later.rows) {
            rows.extend(&later, &places, |category| Category::of(category).with_codes(&codes).number());
        }
    }

    #[expect(clippy::iter_over_hash_type, reason = "a sum does not depend on the order of its terms")]
    pub(crate) fn finish(mut self) -> Totals {
        self.settle_categories();
        for (_, row) in std::mem::take(&mut self.groups) {
            self.count(row);
        }
        let mut all = Tally::default();
        self.by_action.values().for_each(|tally| all.merge(*tally));
        let codes = self.codes.into_iter().zip(self.by_code).filter(|(_, tally)| tally.total() > 0);
        Totals {
            all,
            by_action: self.by_action.into_iter().map(|(action, tally)| (action.as_str(), tally)).collect(),
            by_category: (!self.is_fatal)
                .then(|| codes.map(|((family, code), tally)| ((family.to_owned(), code), tally)).collect()),
            by_patient: self.by_patient,
        }
    }
}

/// Totals in the making, as a shard keeps them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TotalsParts {
    codes: Vec<(String, String)>,
    by_action: Vec<(CheckAction, Tally)>,
    by_code: Vec<Tally>,
    is_fatal: bool,
    groups: Vec<(GroupKey, Group)>,
    rows: Option<SeriesRows>,
    is_mixed: bool,
    patients: Vec<u64>,
    by_patient: Vec<[Tally; 2]>,
}

impl From<TotalsBuilder> for TotalsParts {
    fn from(builder: TotalsBuilder) -> Self {
        let mut groups: Vec<_> = builder.groups.into_iter().collect();
        groups.sort_unstable_by_key(|(key, _)| *key);
        Self {
            codes: builder.codes.into_iter().map(|(family, code)| (family.to_owned(), code)).collect(),
            by_action: builder.by_action.into_iter().collect(),
            by_code: builder.by_code,
            is_fatal: builder.is_fatal,
            groups,
            rows: builder.rows,
            is_mixed: builder.is_mixed,
            patients: builder.patients,
            by_patient: builder.by_patient,
        }
    }
}

impl TotalsParts {
    pub(crate) fn into_builder(self, mode: ReportMode) -> TotalsBuilder {
        // The families that a category can have; any other was not written by this program, and is lost as such.
        let family = |family: &str| ["hipaa", "dicom", "tcia"].into_iter().find(|known| *known == family).unwrap_or("");
        TotalsBuilder {
            mode,
            codes: self.codes.into_iter().map(|(of, code)| (family(&of), code)).collect(),
            by_action: self.by_action.into_iter().collect(),
            by_code: self.by_code,
            is_fatal: self.is_fatal,
            groups: self.groups.into_iter().collect(),
            rows: self.rows,
            is_mixed: self.is_mixed,
            places: self.patients.iter().copied().zip(0..).collect(),
            patients: self.patients,
            by_patient: self.by_patient,
            met: Vec::new(),
        }
    }
}

/// A column of counts: its title and how to take it from a tally.
pub(crate) type Column = (&'static str, fn(&Tally) -> u64);

/// Which verdicts occur: only those get a column.
pub(crate) fn columns(all: &Tally) -> Vec<Column> {
    let candidates: [Column; 3] =
        [("Blank", |tally| tally.blank), ("Fail", |tally| tally.fail), ("Pass", |tally| tally.pass)];
    candidates.into_iter().filter(|(_, count)| count(all) > 0).collect()
}

/// Lookup names of the actions that occur, as the report prints them.
pub fn action_names(totals: &Totals) -> BTreeSet<String> {
    totals.by_action.keys().map(|action| format!("<{action}>")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn check(code: &str) -> KeyCheck<'static> {
        let mut codes = Codes::default();
        codes.leaves[1] = Some(code.to_owned());
        KeyCheck {
            index: Cow::Borrowed("0"),
            action: CheckAction::TextRemoved,
            action_text: None,
            value: None,
            tag: None,
            tag_ds: None,
            tag_name: None,
            codes: Arc::new(codes),
        }
    }

    /// Seventeen passed rows of one series under a code each and a failed row of another, in two parts.
    fn added(start: impl Fn() -> TotalsBuilder) -> TotalsBuilder {
        let add = |totals: &mut TotalsBuilder, series: &str, row: usize, verdict| {
            let check = check(&format!("HIPAA-{row:02}"));
            let identity = [None, None, None, None, Some(series), None];
            totals.add(SeriesKey::new(&identity, None), AttributeKey::new(&check), &check, verdict);
        };
        let (mut first, mut second) = (start(), start());
        (0..9).for_each(|row| add(&mut first, "1", row, Verdict::Pass));
        (9..17).for_each(|row| add(&mut second, "1", row, Verdict::Pass));
        add(&mut second, "2", 17, Verdict::Fail);
        first.merge(second);
        first
    }

    fn codes(totals: TotalsBuilder) -> Vec<String> {
        totals.finish().by_category.unwrap_or_default().into_keys().map(|(_, code)| code).collect()
    }

    #[test]
    fn a_series_is_counted_under_the_code_that_the_official_sort_puts_first() {
        let stable = || TotalsBuilder::new(ReportMode::Series);
        assert_eq!(codes(added(stable)), ["HIPAA-00", "HIPAA-17"]);
        let mut official = added(|| stable().sorting());
        let mut strict = added(stable);
        official.settle_categories();
        strict.count_as(&official);
        assert_eq!(codes(strict), ["HIPAA-15", "HIPAA-17"]);
        assert_eq!(codes(official), ["HIPAA-15", "HIPAA-17"]);
    }
}
