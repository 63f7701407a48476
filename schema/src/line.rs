//! An outcome as its line of JSON, written at once.
//!
//! A run writes some twenty decisions for every instance, each of the same few shapes. Their line is put together here
//! without a serializer in between; what is not one of these shapes is left to it. The tests compare the two.

use crate::{Decision, InstanceOutcome, Locus, Probability};
use serde::Serialize;
use std::fmt::{self, Write};

/// About how long a decision is, in bytes.
const DECISION_BYTES: usize = 160;

impl InstanceOutcome {
    /// The outcome as a line of JSON, with its line end: the same as [`to_json_line`](crate::to_json_line) gives, in a
    /// fraction of the time.
    ///
    /// # Example
    /// ```
    /// use efface_schema::{InstanceOutcome, parse_json, to_json_line};
    /// let text = r#"{"format_version":1,"index":7,"status":"quarantined","reasons":["data-set"],"n_kept":0,"decisions":[]}"#;
    /// let outcome: InstanceOutcome = parse_json(text).unwrap();
    /// assert_eq!(outcome.to_line(), to_json_line(&outcome));
    /// ```
    pub fn to_line(&self) -> String {
        let mut line = Line { text: String::with_capacity(256 + DECISION_BYTES * self.decisions.len()) };
        line.outcome(self);
        line.text.push('\n');
        line.text
    }
}

struct Line {
    text: String,
}

impl Line {
    fn outcome(&mut self, outcome: &InstanceOutcome) {
        let InstanceOutcome {
            format_version,
            index,
            status,
            reasons,
            output,
            output_sha256,
            n_kept,
            decisions,
            review_regions,
        } = outcome;
        self.push(r#"{"format_version":"#);
        self.number(u64::from(*format_version));
        self.push(r#","index":"#);
        self.number(*index);
        self.push(r#","status":""#);
        self.push(status.as_str());
        self.push(r#"","reasons":["#);
        self.each(reasons, |line, reason| line.string(reason));
        self.push("]");
        if let Some(output) = output {
            self.push(r#","output":"#);
            self.string(output);
        }
        if let Some(sha256) = output_sha256 {
            self.push(r#","output_sha256":"#);
            self.string(sha256.as_str());
        }
        self.push(r#","n_kept":"#);
        self.number(*n_kept);
        self.push(r#","decisions":["#);
        self.each(decisions, Self::decision);
        self.push("]");
        if !review_regions.is_empty() {
            self.push(r#","review_regions":"#);
            self.serialized(review_regions);
        }
        self.push("}");
    }

    fn decision(&mut self, decision: &Decision) {
        let Decision { locus, action, source, rule, label, probability } = decision;
        self.push(r#"{"locus":"#);
        self.locus(locus);
        self.push(r#","action":""#);
        self.push(action.as_str());
        self.push(r#"","source":""#);
        self.push(source.as_str());
        self.push(r#"","rule":"#);
        self.string(rule);
        if let Some(label) = label {
            self.push(r#","label":""#);
            self.push(label.as_str());
            self.push("\"");
        }
        self.push(r#","probability":"#);
        if *probability == Probability::ONE {
            self.push("1.0")
        } else {
            self.serialized(probability)
        }
        self.push("}");
    }

    fn locus(&mut self, locus: &Locus) {
        match locus {
            Locus::Attribute { path } => {
                self.push(r#"{"kind":"attribute","path":"#);
                self.displayed(path);
            }
            Locus::TextSpan { path, value_idx, start, end } => {
                self.push(r#"{"kind":"text_span","path":"#);
                self.displayed(path);
                for (name, number) in [(r#","value_idx":"#, value_idx), (r#","start":"#, start), (r#","end":"#, end)] {
                    self.push(name);
                    self.number(u64::from(*number));
                }
            }
            rare => return self.serialized(rare),
        }
        self.push("}");
    }

    fn each<T>(&mut self, items: &[T], mut one: impl FnMut(&mut Self, &T)) {
        for (item_idx, item) in items.iter().enumerate() {
            if item_idx > 0 {
                self.push(",");
            }
            one(self, item);
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn number(&mut self, number: u64) {
        write!(self.text, "{number}").expect("writing to memory does not fail");
    }

    fn string(&mut self, text: &str) {
        self.push("\"");
        Escaped(&mut self.text).write_str(text).expect("writing to memory does not fail");
        self.push("\"");
    }

    fn displayed(&mut self, value: &impl fmt::Display) {
        self.push("\"");
        write!(Escaped(&mut self.text), "{value}").expect("writing to memory does not fail");
        self.push("\"");
    }

    fn serialized(&mut self, value: &impl Serialize) {
        self.text += &serde_json::to_string(value).expect("schema types have string keys and finite numbers");
    }
}

/// The inside of a JSON string.
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
            self.0.push_str(text);
        } else {
            let quoted = serde_json::to_string(text).map_err(|_| fmt::Error)?;
            self.0.push_str(&quoted[1..quoted.len() - 1]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Action, AttributePath, ElementReference, PhiLabel, PixelRegion, RegionEvidence, ReviewRegion, Sha256Hex,
        Source, Status,
    };
    use proptest::prelude::*;

    fn path() -> impl Strategy<Value = AttributePath> {
        let reference = prop_oneof![
            (any::<u16>(), any::<u16>()).prop_map(|(group, element)| ElementReference::tag(group, element)),
            (any::<u16>(), any::<String>(), any::<u8>())
                .prop_map(|(group, creator, element)| ElementReference::private(group, creator, element)),
        ];
        let steps = prop::collection::vec((any::<u32>(), reference.clone()), 0..3);
        (reference, steps).prop_map(|(first, steps)| {
            let longer =
                |path: AttributePath, (item, element): (u32, ElementReference)| path.item(item).element(element);
            steps.into_iter().fold(AttributePath::root(first), longer)
        })
    }

    fn locus() -> impl Strategy<Value = Locus> {
        prop_oneof![
            path().prop_map(|path| Locus::Attribute { path }),
            (path(), any::<[u32; 3]>()).prop_map(|(path, [value_idx, start, end])| Locus::TextSpan {
                path,
                value_idx,
                start,
                end
            }),
            (any::<Option<u32>>(), any::<[u32; 4]>()).prop_map(|(frame_idx, [x0, y0, x1, y1])| Locus::PixelRegion {
                frame_idx,
                region: PixelRegion { x0, y0, x1, y1 }
            }),
            Just(Locus::PixelData),
            Just(Locus::Preamble),
        ]
    }

    fn decision() -> impl Strategy<Value = Decision> {
        let words = (prop::sample::select(Action::ALL), prop::sample::select(Source::ALL));
        let label = prop::option::of(prop::sample::select(PhiLabel::ALL));
        let probability = prop_oneof![Just(1.0), 0.0..=1.0_f64];
        (locus(), words, any::<String>(), label, probability).prop_map(
            |(locus, (action, source), rule, label, sure)| {
                let probability = Probability::new(sure).expect("from 0 to 1");
                Decision { locus, action, source, rule, label, probability }
            },
        )
    }

    fn review_region() -> impl Strategy<Value = ReviewRegion> {
        let place = (any::<Option<u32>>(), any::<[u32; 4]>());
        let text = prop::option::of(0.0..=1.0_f64);
        let measured = (prop::option::of(prop::array::uniform4(0.0..90.0_f64)), prop::option::of(0.0..0.7_f64));
        (place, any::<bool>(), text, measured, any::<Option<String>>()).prop_map(
            |((frame_idx, [x0, y0, x1, y1]), is_painted, text, (deviations_px, mutual_information), crop)| {
                let text = text.map(|text| Probability::new(text).expect("from 0 to 1"));
                let evidence = RegionEvidence { text, reading: text, deviations_px, mutual_information };
                let (region, rule) = (PixelRegion { x0, y0, x1, y1 }, "detector-unread".to_owned());
                ReviewRegion { frame_idx, region, rule, is_painted, identifies: Probability::ONE, evidence, crop }
            },
        )
    }

    proptest! {
        #[test]
        fn a_line_is_what_the_serializer_writes(
            index in any::<u64>(),
            status in prop::sample::select(Status::ALL),
            reasons in prop::collection::vec(any::<String>(), 0..3),
            output in any::<Option<String>>(),
            digest in any::<Option<[u8; 32]>>(),
            n_kept in any::<u64>(),
            decisions in prop::collection::vec(decision(), 0..6),
            review_regions in prop::collection::vec(review_region(), 0..3),
        ) {
            let outcome = InstanceOutcome {
                format_version: 1,
                index,
                status,
                reasons,
                output,
                output_sha256: digest.map(|digest| Sha256Hex::from_bytes(&digest)),
                n_kept,
                decisions,
                review_regions,
            };
            prop_assert_eq!(outcome.to_line(), crate::to_json_line(&outcome));
        }
    }
}
