//! Checks that every format needs, and words cut out of a text by their characters.

use super::Span;

/// A text whose characters are found by their number.
pub(super) struct Characters<'t> {
    text: &'t str,
    /// The byte where each character begins, and the end of the text.
    starts: Vec<usize>,
}

impl<'t> Characters<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let starts = text.char_indices().map(|(start, _)| start).chain([text.len()]).collect();
        Self { text, starts }
    }

    /// How many characters there are.
    pub(super) fn n_characters(&self) -> u64 {
        self.starts.len() as u64 - 1
    }

    /// The characters from `start` until before `end`; nothing unless they are there and at least one.
    pub(super) fn cut(&self, start: u64, end: u64) -> Option<&'t str> {
        if start >= end || end > self.n_characters() {
            return None;
        }
        Some(&self.text[self.starts[start as usize]..self.starts[end as usize]])
    }
}

/// Puts spans in order and joins those that share a character.
///
/// All that any of them covers stays covered; a joined span has the label of its longest part, the first of equals.
pub(super) fn join_overlapping(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end), span.label));
    let mut joined: Vec<(Span, u32)> = Vec::new();
    for span in spans {
        let length = span.end - span.start;
        match joined.last_mut() {
            Some((last, longest)) if span.start < last.end => {
                last.end = last.end.max(span.end);
                if length > *longest {
                    (last.label, *longest) = (span.label, length);
                }
            }
            _ => joined.push((span, length)),
        }
    }
    joined.into_iter().map(|(span, _)| span).collect()
}

/// Whether two texts are the same but for blanks: their number, their kind, and whether there are any.
pub(super) fn same_words(one: &str, other: &str) -> bool {
    let solid = |text: &str| -> Vec<char> { text.chars().filter(|character| !character.is_whitespace()).collect() };
    solid(one) == solid(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::PhiLabel::{Date, Name};
    use proptest::prelude::*;

    #[test]
    fn characters_are_counted_and_not_bytes() {
        let characters = Characters::of("Zoë 你好");
        assert_eq!(characters.n_characters(), 6);
        assert_eq!(characters.cut(2, 5), Some("ë 你"));
        assert_eq!(characters.cut(5, 6), Some("好"));
        assert_eq!((characters.cut(3, 3), characters.cut(5, 7), characters.cut(u64::MAX, 2)), (None, None, None));
    }

    #[test]
    fn the_longer_of_two_overlapping_spans_gives_the_label() {
        let span = |start, end, label| Span { start, end, label };
        let joined = join_overlapping(vec![span(3, 9, Date), span(0, 4, Name), span(9, 10, Name)]);
        assert_eq!(joined, [span(0, 9, Date), span(9, 10, Name)]);
        assert_eq!(join_overlapping(vec![span(0, 4, Name), span(1, 3, Date)]), [span(0, 4, Name)]);
    }

    proptest! {
        #[test]
        fn joining_covers_the_same_characters_and_leaves_no_overlap(
            spans in prop::collection::vec((0_u32..60, 1_u32..12, any::<bool>()), 0..12),
        ) {
            let spans: Vec<Span> = spans
                .into_iter()
                .map(|(start, length, is_name)| Span {
                    start,
                    end: start + length,
                    label: if is_name { Name } else { Date },
                })
                .collect();
            let covered = |spans: &[Span]| -> Vec<u32> {
                (0..80).filter(|at| spans.iter().any(|span| (span.start..span.end).contains(at))).collect()
            };
            let joined = join_overlapping(spans.clone());
            prop_assert_eq!(covered(&joined), covered(&spans));
            prop_assert!(joined.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert_eq!(join_overlapping(joined.clone()), joined);
        }
    }
}
