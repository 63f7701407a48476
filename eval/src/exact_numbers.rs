//! Numbers that every reader of JSON reads back as they were written.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Rounds every fraction in a record to 15 significant digits.
///
/// A fraction of more digits may come back as its neighbour: fast readers of JSON, the one of this program among them,
/// multiply digits by a power of ten, which is exact for numbers below 2⁵³ alone. Figures that are written, read and
/// written again must be the same figures in every format.
pub(crate) fn exactly_readable<T: Serialize + DeserializeOwned>(record: &T) -> T {
    let mut value = serde_json::to_value(record).expect("schema types have string keys and finite numbers");
    round(&mut value);
    serde_json::from_value(value).expect("a record comes back from what it was turned into")
}

fn round(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(round),
        Value::Object(values) => values.values_mut().for_each(round),
        Value::Number(number) if number.is_f64() => {
            let rounded = number.as_f64().and_then(|number| format!("{number:.14e}").parse::<f64>().ok());
            if let Some(rounded) = rounded.and_then(serde_json::Number::from_f64) {
                *number = rounded;
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::{Metrics, Rate};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_rounded_comes_back_from_its_text(numerator in 0_u64..100_000, more in 1_u64..100_000) {
            let mut metrics = Metrics::default();
            metrics.recall.overall.removed = Rate::new(numerator, numerator + more);
            let rounded = exactly_readable(&metrics);
            let (rate, exact) = (rounded.recall.overall.removed, metrics.recall.overall.removed);
            let (rate, exact) = (rate.expect("a rate"), exact.expect("a rate"));
            prop_assert_eq!((rate.numerator, rate.denominator), (exact.numerator, exact.denominator));
            prop_assert!((rate.low - exact.low).abs() < 1e-14 && (rate.high - exact.high).abs() < 1e-14);
            let text = serde_json::to_string(&rounded).expect("finite numbers");
            prop_assert_eq!(serde_json::from_str::<Metrics>(&text).expect("a record"), rounded);
        }
    }

    #[test]
    fn without_rounding_a_number_comes_back_as_its_neighbour() {
        // The interval of 9 of 10; if readers become exact, this module can go.
        let high = Rate::new(9, 10).expect("not empty").high;
        let back: f64 = serde_json::from_str(&high.to_string()).expect("a number");
        assert_ne!(back, high);
    }
}
