//! Tables that are written both as CSV and, for programs that read columns, as Parquet.

use crate::Case;
use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};
use std::io::Write;
use std::sync::Arc;

/// What a column holds.
pub(super) enum Values {
    /// Texts, perhaps empty.
    Texts(Vec<String>),
    /// Numbers of something.
    Counts(Vec<u64>),
    /// Numbers of something, where there is any.
    KnownCounts(Vec<Option<u64>>),
    /// Shares, where they were measured.
    Shares(Vec<Option<f64>>),
}

/// Named columns of one length.
pub(super) struct Table {
    /// What it is called inside Parquet.
    pub name: &'static str,
    pub columns: Vec<(&'static str, Values)>,
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::Texts(values) => values.len(),
            Self::Counts(values) => values.len(),
            Self::KnownCounts(values) => values.len(),
            Self::Shares(values) => values.len(),
        }
    }

    /// The cell of a row as CSV has it: what is absent is empty.
    fn cell(&self, row: usize) -> String {
        match self {
            Self::Texts(values) => values[row].clone(),
            Self::Counts(values) => values[row].to_string(),
            Self::KnownCounts(values) => values[row].map(|value| value.to_string()).unwrap_or_default(),
            Self::Shares(values) => values[row].map(|value| value.to_string()).unwrap_or_default(),
        }
    }

    fn field(&self, name: &str) -> Result<TypePtr, ParquetError> {
        let (physical, repetition, logical) = match self {
            Self::Texts(_) => (PhysicalType::BYTE_ARRAY, Repetition::REQUIRED, Some(LogicalType::String)),
            Self::Counts(_) => (PhysicalType::INT64, Repetition::REQUIRED, None),
            Self::KnownCounts(_) => (PhysicalType::INT64, Repetition::OPTIONAL, None),
            Self::Shares(_) => (PhysicalType::DOUBLE, Repetition::OPTIONAL, None),
        };
        let field = Type::primitive_type_builder(name, physical).with_repetition(repetition);
        field.with_logical_type(logical).build().map(Arc::new)
    }

    fn write<W: Write + Send>(&self, group: &mut SerializedRowGroupWriter<'_, W>) -> Result<(), ParquetError> {
        match self {
            Self::Texts(values) => {
                let values: Vec<ByteArray> = values.iter().map(|text| ByteArray::from(text.as_str())).collect();
                write::<ByteArrayType, W>(group, &values, None)
            }
            Self::Counts(values) => {
                let values: Vec<i64> = values.iter().map(|count| *count as i64).collect();
                write::<Int64Type, W>(group, &values, None)
            }
            Self::KnownCounts(values) => {
                let known: Vec<i64> = values.iter().flatten().map(|count| *count as i64).collect();
                write::<Int64Type, W>(group, &known, Some(&levels(values)))
            }
            Self::Shares(values) => {
                let known: Vec<f64> = values.iter().flatten().copied().collect();
                write::<DoubleType, W>(group, &known, Some(&levels(values)))
            }
        }
    }
}

/// Which values are there, as Parquet says it.
fn levels<T>(values: &[Option<T>]) -> Vec<i16> {
    values.iter().map(|value| i16::from(value.is_some())).collect()
}

fn write<D: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[D::T],
    levels: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.ok_or_else(|| ParquetError::General("a column is missing".to_owned()))?;
    column.typed::<D>().write_batch(values, levels, None)?;
    column.close()
}

impl Table {
    /// The table as CSV with titles.
    pub(super) fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|(name, _)| name))?;
        let n_rows = self.columns.first().map_or(0, |(_, values)| values.len());
        for row in 0..n_rows {
            writer.write_record(self.columns.iter().map(|(_, values)| values.cell(row)))?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }

    /// The table as Parquet; the same rows give the same bytes.
    pub(super) fn parquet(&self) -> Result<Vec<u8>, ParquetError> {
        let fields: Vec<TypePtr> =
            self.columns.iter().map(|(name, values)| values.field(name)).collect::<Result<_, _>>()?;
        let schema = Type::group_type_builder(self.name).with_fields(fields).build()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("efface ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let mut bytes = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties))?;
        let mut group = writer.next_row_group()?;
        for (_, values) in &self.columns {
            values.write(&mut group)?;
        }
        group.close()?;
        writer.close()?;
        Ok(bytes)
    }
}

/// The rows of `cases.csv`: numbers, then texts, which are empty where a row is a sum over them.
pub(super) fn cases(cases: &[Case]) -> Table {
    let count = |of: fn(&Case) -> u64| Values::Counts(cases.iter().map(of).collect());
    let text = |of: fn(&Case) -> &String| Values::Texts(cases.iter().map(of).cloned().collect());
    Table {
        name: "cases",
        columns: vec![
            ("instance", count(|case| case.instance as u64)),
            ("patient", count(|case| case.patient as u64)),
            ("count", count(|case| case.count)),
            ("place", text(|case| &case.place)),
            ("element", text(|case| &case.element)),
            ("label", text(|case| &case.label)),
            ("locus", text(|case| &case.locus)),
            ("verdict", text(|case| &case.verdict)),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};

    fn rows(table: &Table) -> Vec<String> {
        let bytes = bytes::Bytes::from(table.parquet().expect("written"));
        let reader = SerializedFileReader::new(bytes).expect("a table");
        reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row").to_string()).collect()
    }

    #[test]
    fn cases_come_back() {
        let case = Case {
            instance: 3,
            patient: 1,
            place: "pixels".to_owned(),
            element: "A".to_owned(),
            label: "NAME".to_owned(),
            locus: "frame 0".to_owned(),
            verdict: "leaked".to_owned(),
            count: 2,
        };
        let rows = rows(&cases(&[case.clone(), Case { count: 5, ..case }]));
        assert_eq!(rows.len(), 2);
        assert!(rows[0].contains("instance: 3") && rows[0].contains("locus: \"frame 0\""), "{}", rows[0]);
        assert!(rows[1].contains("count: 5"));
    }

    #[test]
    fn what_is_absent_stays_absent() {
        let table = Table {
            name: "some",
            columns: vec![
                ("name", Values::Texts(vec!["a".to_owned(), "b,c".to_owned()])),
                ("n", Values::KnownCounts(vec![None, Some(3)])),
                ("share", Values::Shares(vec![Some(0.25), None])),
            ],
        };
        assert_eq!(table.csv().expect("in memory"), b"name,n,share\na,,0.25\n\"b,c\",3,\n");
        let rows = rows(&table);
        assert!(rows[0].contains("n: null") && rows[0].contains("share: 0.25"), "{}", rows[0]);
        assert!(rows[1].contains("n: 3") && rows[1].contains("share: null"), "{}", rows[1]);
    }
}
