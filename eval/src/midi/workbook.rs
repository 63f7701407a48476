//! The scoring workbook, sheet by sheet as the official report lays it out.

use super::tables::{Column, Tally, Totals, columns};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use std::path::Path;

/// Writes `Scoring`, `Actions` and, if there is one, `Categories`.
///
/// # Errors
/// When the file cannot be written.
pub fn write_workbook(totals: &Totals, path: &Path) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    // A fixed date: the same scores give the same bytes.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    scoring(workbook.add_worksheet(), &totals.all)?;
    let actions = totals.by_action.iter().map(|(action, tally)| (vec![format!("<{action}>")], *tally));
    table(workbook.add_worksheet(), "Actions", &["action"], actions.collect(), &totals.all)?;
    if let Some(categories) = &totals.by_category {
        let rows = categories.iter().map(|((family, code), tally)| (vec![family.clone(), code.clone()], *tally));
        // Checks without a code are in no row of this table, so its last row may count fewer than the score.
        let mut counted = Tally::default();
        categories.values().for_each(|tally| counted.merge(*tally));
        table(workbook.add_worksheet(), "Categories", &["category", "subcategory"], rows.collect(), &counted)?;
    }
    workbook.save(path)
}

fn heading() -> Format {
    Format::new().set_bold().set_border(FormatBorder::Thin).set_align(FormatAlign::Center).set_align(FormatAlign::Top)
}

fn scoring(sheet: &mut Worksheet, all: &Tally) -> Result<(), XlsxError> {
    sheet.set_name("Scoring")?;
    let columns = columns(all);
    let titles = ["Category"].into_iter().chain(columns.iter().map(|(title, _)| *title)).chain(["Total", "Score"]);
    for (column, title) in (0..).zip(titles) {
        sheet.write_with_format(0, column, title, &heading())?;
    }
    sheet.write(1, 0, "All")?;
    for (column, (_, count)) in (1..).zip(&columns) {
        sheet.write(1, column, count(all) as f64)?;
    }
    let total_at = u16::try_from(columns.len() + 1).expect("at most three verdicts");
    sheet.write(1, total_at, all.total() as f64)?;
    sheet.write(1, total_at + 1, all.score_text())?;
    Ok(())
}

fn table(
    sheet: &mut Worksheet,
    name: &str,
    titles: &[&str],
    rows: Vec<(Vec<String>, Tally)>,
    all: &Tally,
) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    let columns = columns(all);
    let counted_from = u16::try_from(titles.len() + 1).expect("at most two titles");
    let headings = titles.iter().copied().chain(columns.iter().map(|(title, _)| *title)).chain(["Total"]);
    for (column, title) in (1..).zip(headings) {
        sheet.write_with_format(0, column, title, &heading())?;
    }
    let n_rows = rows.len();
    for (row_idx, (words, tally)) in rows.into_iter().enumerate() {
        let row = u32::try_from(row_idx + 1).expect("fewer rows than a sheet holds");
        sheet.write_with_format(row, 0, row_idx as f64, &heading())?;
        for (column, word) in (1..).zip(words) {
            sheet.write(row, column, word)?;
        }
        counts(sheet, row, counted_from, &columns, &tally)?;
    }
    let row = u32::try_from(n_rows + 1).expect("fewer rows than a sheet holds");
    sheet.write_with_format(row, 0, "Total", &heading())?;
    counts(sheet, row, counted_from, &columns, all)
}

fn counts(sheet: &mut Worksheet, row: u32, from: u16, columns: &[Column], tally: &Tally) -> Result<(), XlsxError> {
    let numbers = columns.iter().map(|(_, count)| count(tally)).chain([tally.total()]);
    for (column, number) in (from..).zip(numbers) {
        sheet.write(row, column, number as f64)?;
    }
    Ok(())
}
