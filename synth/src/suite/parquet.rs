//! The truth as one table, `truth.parquet`: a row for each value that is planted or must survive.
//!
//! Columns: `path`, `patient_id`, `study_instance_uid`, `series_instance_uid`, `sop_instance_uid`, `sop_class_uid` and
//! `modality` of the instance; `claim` (`planted` or `retained`); `locus` (the kind), `attribute`, `value_idx`,
//! `start`, `end` (characters, end exclusive), `frame_idx`, `x0`, `y0`, `x1`, `y1` (pixels, half-open); of what is
//! planted `place`, `label`, `element`; of what must survive `retention`; of both `expected`,
//! what must be done; and `value`, the text.
//! What does not apply is null.

use crate::SynthError;
use efface_schema::{InstanceIdentity, Locus, TruthRecord};
use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};
use std::io::{self, Write};
use std::sync::Arc;

/// Rows are written in groups of this many: some tens of megabytes in memory.
const N_ROWS_IN_GROUP: usize = 64 * 1024;

const TEXTS: [&str; 15] = [
    "path",
    "patient_id",
    "study_instance_uid",
    "series_instance_uid",
    "sop_instance_uid",
    "sop_class_uid",
    "modality",
    "claim",
    "locus",
    "attribute",
    "place",
    "label",
    "element",
    "retention",
    "expected",
];
const NUMBERS: [&str; 8] = ["value_idx", "start", "end", "frame_idx", "x0", "y0", "x1", "y1"];
const VALUE: &str = "value";

/// A column that is being filled: the values that are there, and for each row whether one is.
#[derive(Default)]
struct Column<T> {
    values: Vec<T>,
    levels: Vec<i16>,
}

impl<T> Column<T> {
    fn push(&mut self, value: Option<T>) {
        self.levels.push(i16::from(value.is_some()));
        self.values.extend(value);
    }

    fn clear(&mut self) {
        self.values.clear();
        self.levels.clear();
    }
}

/// Writes the table as records come.
pub(super) struct TruthTable<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    /// The texts, then the value.
    texts: [Column<ByteArray>; TEXTS.len() + 1],
    numbers: [Column<i32>; NUMBERS.len()],
}

impl<W: Write + Send> TruthTable<W> {
    pub(super) fn new(to: W) -> Result<Self, SynthError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("efface ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = SerializedFileWriter::new(to, Arc::new(table_schema()?), Arc::new(properties))?;
        Ok(Self { writer, texts: Default::default(), numbers: Default::default() })
    }

    /// Adds a row for each claim of a record.
    pub(super) fn add(&mut self, record: &TruthRecord) -> Result<(), SynthError> {
        for planted in &record.planted {
            let labels = [
                Some(planted.place.to_string()),
                Some(planted.label.to_string()),
                Some(planted.element.to_string()),
                None,
                planted.expected.map(|action| action.to_string()),
            ];
            self.row(&record.instance, "planted", Place::of(&planted.locus), labels, Some(&planted.value));
        }
        for retained in &record.retained {
            let place = Place { attribute: Some(retained.path.to_string()), ..Place::new("attribute") };
            let expected = retained.expected.map(|action| action.to_string());
            let labels = [None, None, None, Some(retained.retention.to_string()), expected];
            self.row(&record.instance, "retained", place, labels, retained.text.as_deref());
        }
        if self.texts[0].levels.len() >= N_ROWS_IN_GROUP { self.write_group() } else { Ok(()) }
    }

    fn row(
        &mut self,
        instance: &InstanceIdentity,
        claim: &str,
        place: Place,
        labels: [Option<String>; 5],
        value: Option<&str>,
    ) {
        let of_instance = [
            &instance.path,
            &instance.patient_id,
            &instance.study_instance_uid,
            &instance.series_instance_uid,
            &instance.sop_instance_uid,
            &instance.sop_class_uid,
            &instance.modality,
        ];
        let texts = of_instance
            .into_iter()
            .map(|text| Some(ByteArray::from(text.as_str())))
            .chain([Some(ByteArray::from(claim)), Some(ByteArray::from(place.kind))])
            .chain([place.attribute.as_deref().map(ByteArray::from)])
            .chain(labels.iter().map(|label| label.as_deref().map(ByteArray::from)))
            .chain([value.map(ByteArray::from)]);
        self.texts.iter_mut().zip(texts).for_each(|(column, text)| column.push(text));
        let number = |number: Option<u32>| number.map(|number| i32::try_from(number).unwrap_or(i32::MAX));
        self.numbers.iter_mut().zip(place.numbers).for_each(|(column, found)| column.push(number(found)));
    }

    fn write_group(&mut self) -> Result<(), SynthError> {
        let mut group = self.writer.next_row_group()?;
        let (labels, value) = self.texts.split_at_mut(TEXTS.len());
        let mut write_texts = |columns: &mut [Column<ByteArray>]| -> Result<(), ParquetError> {
            for column in columns {
                let mut writer = group.next_column()?.ok_or_else(too_few_columns)?;
                writer.typed::<ByteArrayType>().write_batch(&column.values, Some(&column.levels), None)?;
                writer.close()?;
                column.clear();
            }
            Ok(())
        };
        write_texts(labels)?;
        write_texts(value)?;
        for column in &mut self.numbers {
            let mut writer = group.next_column()?.ok_or_else(too_few_columns)?;
            writer.typed::<Int32Type>().write_batch(&column.values, Some(&column.levels), None)?;
            writer.close()?;
            column.clear();
        }
        group.close()?;
        Ok(())
    }

    /// Writes what is left, and the end of the table.
    pub(super) fn finish(mut self) -> Result<W, SynthError> {
        if !self.texts[0].levels.is_empty() {
            self.write_group()?;
        }
        Ok(self.writer.into_inner()?)
    }
}

/// Where a claim stands, as columns.
struct Place {
    kind: &'static str,
    attribute: Option<String>,
    /// In the order of [`NUMBERS`].
    numbers: [Option<u32>; NUMBERS.len()],
}

impl Place {
    const fn new(kind: &'static str) -> Self {
        Self { kind, attribute: None, numbers: [None; NUMBERS.len()] }
    }

    fn of(locus: &Locus) -> Self {
        match locus {
            Locus::Attribute { path } => Self { attribute: Some(path.to_string()), ..Self::new("attribute") },
            Locus::TextSpan { path, value_idx, start, end } => {
                let mut place = Self { attribute: Some(path.to_string()), ..Self::new("text_span") };
                place.numbers[..3].copy_from_slice(&[Some(*value_idx), Some(*start), Some(*end)]);
                place
            }
            Locus::PixelRegion { frame_idx, region } => {
                let mut place = Self::new("pixel_region");
                place.numbers[3] = *frame_idx;
                place.numbers[4..].copy_from_slice(&[region.x0, region.y0, region.x1, region.y1].map(Some));
                place
            }
            Locus::PixelData => Self::new("pixel_data"),
            Locus::Preamble => Self::new("preamble"),
            Locus::TrailingData => Self::new("trailing_data"),
            Locus::FileName => Self::new("file_name"),
        }
    }
}

fn table_schema() -> Result<Type, ParquetError> {
    let text = |name: &&str| {
        Type::primitive_type_builder(name, PhysicalType::BYTE_ARRAY)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(Some(LogicalType::String))
            .build()
    };
    let number = |name: &&str| {
        Type::primitive_type_builder(name, PhysicalType::INT32).with_repetition(Repetition::OPTIONAL).build()
    };
    let columns = TEXTS.iter().chain([&VALUE]).map(text).chain(NUMBERS.iter().map(number));
    let columns: Vec<TypePtr> = columns.map(|column| column.map(Arc::new)).collect::<Result<_, _>>()?;
    Type::group_type_builder("truth").with_fields(columns).build()
}

fn too_few_columns() -> ParquetError {
    ParquetError::General("the table has fewer columns than its schema".to_owned())
}

impl From<ParquetError> for SynthError {
    fn from(error: ParquetError) -> Self {
        // Its message names columns and types, and no values.
        Self::Write { source: io::Error::other(error.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::{HipaaElement, PhiLabel, PixelRegion, PlantedValue, RetainedValue, Retention, Versioned};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    fn record() -> TruthRecord {
        let path = "(0010,4000)".parse().expect("a path");
        let planted = |locus| PlantedValue {
            locus,
            place: efface_schema::Place::FreeText,
            label: PhiLabel::Name,
            element: HipaaElement::A,
            value: "Zoë".to_owned(),
            expected: Some(efface_schema::Action::Clean),
        };
        let region = PixelRegion { x0: 1, y0: 2, x1: 30, y1: 40 };
        TruthRecord {
            format_version: TruthRecord::FORMAT_VERSION,
            instance: InstanceIdentity {
                path: "P0000/a.dcm".to_owned(),
                patient_id: "7".to_owned(),
                study_instance_uid: "1.2".to_owned(),
                series_instance_uid: "1.3".to_owned(),
                sop_instance_uid: "1.4".to_owned(),
                sop_class_uid: "1.5".to_owned(),
                modality: "CT".to_owned(),
            },
            locale: None,
            planted: vec![
                planted(Locus::TextSpan { path, value_idx: 0, start: 3, end: 6 }),
                planted(Locus::PixelRegion { frame_idx: None, region }),
            ],
            retained: vec![RetainedValue {
                path: "(0008,0060)".parse().expect("a path"),
                retention: Retention::NotEmpty,
                text: None,
                expected: None,
            }],
            drawn: None,
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        let mut table = TruthTable::new(Vec::new()).expect("a table");
        table.add(&record()).expect("rows");
        let bytes = table.finish().expect("the end");
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).expect("a table");
        let rows: Vec<_> = reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row")).collect();
        assert_eq!(rows.len(), 3);
        let column = |name: &str| {
            let names = TEXTS.iter().chain([&VALUE]).chain(&NUMBERS);
            names.clone().position(|known| *known == name).expect("a column")
        };
        assert_eq!(rows[0].get_string(column("value")).expect("text"), "Zoë");
        assert_eq!(rows[0].get_int(column("end")).expect("a number"), 6);
        assert_eq!(rows[1].get_string(column("locus")).expect("text"), "pixel_region");
        assert_eq!(rows[1].get_int(column("y1")).expect("a number"), 40);
        assert!(rows[1].get_int(column("frame_idx")).is_err(), "all frames: null");
        assert_eq!(rows[0].get_string(column("expected")).expect("text"), "clean");
        assert_eq!(rows[2].get_string(column("retention")).expect("text"), "not_empty");
        assert!(rows[2].get_string(column("label")).is_err(), "what must survive has no label");
    }
}
