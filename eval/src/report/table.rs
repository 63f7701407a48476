//! `cases.parquet`: the rows of `cases.csv` for programs that read columns.
//!
//! Columns: `instance`, `patient`, `count` (64-bit integers); `place`, `element`, `label`, `locus`, `verdict`
//! (texts, empty where a row is a sum over them).

use crate::Case;
use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};
use std::sync::Arc;

const NUMBERS: [&str; 3] = ["instance", "patient", "count"];
const TEXTS: [&str; 5] = ["place", "element", "label", "locus", "verdict"];

/// The table as bytes; the same cases give the same ones.
pub(super) fn cases_parquet(cases: &[Case]) -> Result<Vec<u8>, ParquetError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("efface ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(table_schema()?), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    let numbers: [Vec<i64>; NUMBERS.len()] = [
        cases.iter().map(|case| case.instance as i64).collect(),
        cases.iter().map(|case| case.patient as i64).collect(),
        cases.iter().map(|case| case.count as i64).collect(),
    ];
    for values in &numbers {
        let mut column = group.next_column()?.ok_or_else(|| ParquetError::General("a column is missing".to_owned()))?;
        column.typed::<Int64Type>().write_batch(values, None, None)?;
        column.close()?;
    }
    let texts: [fn(&Case) -> &str; TEXTS.len()] =
        [|case| &case.place, |case| &case.element, |case| &case.label, |case| &case.locus, |case| &case.verdict];
    for text in texts {
        let values: Vec<ByteArray> = cases.iter().map(|case| ByteArray::from(text(case))).collect();
        let mut column = group.next_column()?.ok_or_else(|| ParquetError::General("a column is missing".to_owned()))?;
        column.typed::<ByteArrayType>().write_batch(&values, None, None)?;
        column.close()?;
    }
    group.close()?;
    writer.close()?;
    Ok(bytes)
}

fn table_schema() -> Result<Type, ParquetError> {
    let number = |name: &&str| {
        Ok(Arc::new(
            Type::primitive_type_builder(name, PhysicalType::INT64).with_repetition(Repetition::REQUIRED).build()?,
        ))
    };
    let text = |name: &&str| {
        let field = Type::primitive_type_builder(name, PhysicalType::BYTE_ARRAY)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(LogicalType::String));
        Ok(Arc::new(field.build()?))
    };
    let fields = NUMBERS.iter().map(number).chain(TEXTS.iter().map(text));
    let fields: Vec<TypePtr> = fields.collect::<Result<_, ParquetError>>()?;
    Type::group_type_builder("cases").with_fields(fields).build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};

    #[test]
    fn rows_come_back() {
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
        let bytes = cases_parquet(&[case.clone(), Case { count: 5, ..case }]).expect("written");
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).expect("a table");
        let rows: Vec<String> =
            reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row").to_string()).collect();
        assert_eq!(rows.len(), 2);
        assert!(rows[0].contains("instance: 3") && rows[0].contains("locus: \"frame 0\""), "{}", rows[0]);
        assert!(rows[1].contains("count: 5"));
    }
}
