//! Reading records key by key, so that an error names the place and the key and quotes no value.

use super::MeasureError;
use efface_schema::Probability;
use serde_json::{Map, Value};
use std::io::BufRead;

/// One record: an object of JSON and where it stands.
pub(super) struct Record {
    file: &'static str,
    place: String,
    values: Map<String, Value>,
}

/// Reads lines of JSON; blank lines are passed over. Keys other than the known ones are refused: a misspelt one would
/// silently be left out of what is measured.
pub(super) fn read_lines(
    file: &'static str,
    input: impl BufRead,
    known: &[&str],
    mut take: impl FnMut(Record) -> Result<(), MeasureError>,
) -> Result<(), MeasureError> {
    for (number, line) in (1_usize..).zip(input.lines()) {
        let line = line.map_err(|source| MeasureError::Read { file, source })?;
        if line.trim().is_empty() {
            continue;
        }
        let place = format!("line {number}");
        let Ok(value) = serde_json::from_str::<Value>(&line) else {
            let fault = "the line is not JSON; NaN and Infinity are not JSON either".to_owned();
            return Err(MeasureError::Input { file, place, key: "", fault });
        };
        let record = Record::new(file, place, value)?;
        record.knows_only(known)?;
        take(record)?;
    }
    Ok(())
}

impl Record {
    /// Takes an object.
    pub(super) fn new(file: &'static str, place: String, value: Value) -> Result<Self, MeasureError> {
        match value {
            Value::Object(values) => Ok(Self { file, place, values }),
            _ => Err(MeasureError::Input { file, place, key: "", fault: "it is not a JSON object".to_owned() }),
        }
    }

    /// Refuses keys that are not listed.
    pub(super) fn knows_only(&self, known: &[&str]) -> Result<(), MeasureError> {
        if self.values.keys().all(|key| known.contains(&key.as_str())) {
            return Ok(());
        }
        Err(self.fault("", format!("there is a key beside the known ones: {}", known.join(", "))))
    }

    /// An error about a key of this record.
    pub(super) fn fault(&self, key: &'static str, fault: impl Into<String>) -> MeasureError {
        MeasureError::Input { file: self.file, place: self.place.clone(), key, fault: fault.into() }
    }

    /// A value that is there and not null.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key).filter(|value| !value.is_null())
    }

    /// A value that must be there.
    pub(super) fn need<T>(&self, key: &'static str, value: Option<T>) -> Result<T, MeasureError> {
        value.ok_or_else(|| self.fault(key, "it is missing"))
    }

    fn typed<'a, T>(
        &'a self,
        key: &'static str,
        wanted: &str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, MeasureError> {
        self.get(key).map(|value| read(value).ok_or_else(|| self.fault(key, format!("it is not {wanted}")))).transpose()
    }

    /// A string.
    pub(super) fn text(&self, key: &'static str) -> Result<Option<&str>, MeasureError> {
        self.typed(key, "a string", Value::as_str)
    }

    /// A string, or a whole number as one: what names something.
    pub(super) fn name(&self, key: &'static str) -> Result<Option<String>, MeasureError> {
        self.typed(key, "a string or a whole number", |value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
            _ => None,
        })
    }

    /// A whole number from 0 on.
    pub(super) fn whole(&self, key: &'static str) -> Result<Option<u64>, MeasureError> {
        self.typed(key, "a whole number from 0 on", Value::as_u64)
    }

    /// A finite number.
    pub(super) fn number(&self, key: &'static str) -> Result<Option<f64>, MeasureError> {
        self.typed(key, "a finite number", |value| value.as_f64().filter(|number| number.is_finite()))
    }

    /// A number from 0 to 1.
    pub(super) fn probability(&self, key: &'static str) -> Result<Option<f64>, MeasureError> {
        let wanted = "a probability: a number from 0 to 1";
        self.typed(key, wanted, |value| Some(Probability::new(value.as_f64()?).ok()?.get()))
    }

    /// `true` or `false`, or 1 or 0 for them.
    pub(super) fn truth(&self, key: &'static str) -> Result<Option<bool>, MeasureError> {
        self.typed(key, "true or false", |value| match value.as_u64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => value.as_bool(),
        })
    }

    /// A list.
    pub(super) fn list(&self, key: &'static str) -> Result<Option<&Vec<Value>>, MeasureError> {
        self.typed(key, "a list", Value::as_array)
    }

    /// The objects of a list; nothing if it is absent.
    pub(super) fn records(&self, key: &'static str) -> Result<Vec<Self>, MeasureError> {
        let values = self.list(key)?.map_or(&[][..], Vec::as_slice);
        let nested =
            |(at, value): (usize, &Value)| Self::new(self.file, format!("{}, {key}[{at}]", self.place), value.clone());
        values.iter().enumerate().map(nested).collect()
    }

    /// An object inside this one.
    pub(super) fn record(&self, key: &'static str) -> Result<Option<Self>, MeasureError> {
        self.get(key).map(|value| Self::new(self.file, format!("{}, {key}", self.place), value.clone())).transpose()
    }
}
