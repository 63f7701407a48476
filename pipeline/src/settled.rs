//! What has to go from a text until nothing more is found in what is left.
//!
//! A cut brings words together that stood apart: `id 90417733 Lu-177` leaves `id Lu-177`, in which another search takes
//! `Lu-177` for an identifier, and of a number of which only a part had been told from its neighbours the rest stands
//! out. So a text of which something goes is cleaned and searched again until nothing is found; what is found is noted
//! where it stands in the original. Texts in which nothing was found are searched once.

use crate::clean::{Cleaner, Cut, Replacement};
use crate::tier2::{FoundSpan, Scope, TextSearch, merge};
use dicom_core::VR;
use efface_schema::PhiLabel;
use std::sync::Arc;

/// A text that is not settled after so many searches goes whole.
const MAX_SEARCHES: usize = 16;

/// Finds what identifies in a text, and in what is left of it, as spans of the text: in order, none overlapping.
///
/// `cleaner` stands for how the text will be cleaned as a value of the VR; by how many days it moves dates does not
/// matter.
pub(crate) fn find(
    text: &str,
    vr: VR,
    scope: Scope,
    search: &TextSearch<'_>,
    cleaner: &Cleaner<'_>,
) -> Arc<[FoundSpan]> {
    let mut spans = search.find(text, scope);
    if spans.iter().any(|span| is_label(span, text)) {
        spans = spans.iter().filter(|span| !is_label(span, text)).cloned().collect();
    }
    settle(text, vr, scope, search, cleaner, spans)
}

/// Adds to spans what is found in what they leave of a text, until nothing is.
pub(crate) fn settle(
    text: &str,
    vr: VR,
    scope: Scope,
    search: &TextSearch<'_>,
    cleaner: &Cleaner<'_>,
    mut spans: Arc<[FoundSpan]>,
) -> Arc<[FoundSpan]> {
    if spans.is_empty() {
        return spans;
    }
    for _ in 0..MAX_SEARCHES {
        let cuts: Vec<Cut> = spans.iter().map(cut).collect();
        let left = cleaner.clean_as(text, vr, &cuts);
        let found = search.find(&left.text, scope);
        let origins = origins(text, &left.cuts, cleaner, left.replacement);
        let new: Vec<FoundSpan> = found.iter().filter_map(|span| in_original(span, &left.text, &origins)).collect();
        if new.is_empty() {
            return spans;
        }
        spans = merge(spans.iter().cloned().chain(new).collect()).into();
    }
    let whole = FoundSpan { start: 0, end: text.chars().count(), ..spans[0].clone() };
    Arc::from([whole])
}

/// Whether a span is a label such as `[NAME]`, which stands for what an earlier run took out: it names nobody.
pub(crate) fn is_label(span: &FoundSpan, text: &str) -> bool {
    let found: String = text.chars().take(span.end).skip(span.start).collect();
    let inside = found.strip_prefix('[').and_then(|found| found.strip_suffix(']'));
    inside.is_some_and(|label| label.parse::<PhiLabel>().is_ok())
}

/// What a span that was found takes out of a text.
fn cut(span: &FoundSpan) -> Cut {
    Cut { start: span.start, end: span.end, label: Some(span.label), shifted: span.label == PhiLabel::Date }
}

/// Where each letter and digit of the cleaned text stands in the original; nowhere where it stands for something that
/// was replaced. Cleaning moves blanks, separators and brackets alone, so letters and digits are counted.
fn origins(text: &str, cuts: &[Cut], cleaner: &Cleaner<'_>, replacement: Replacement) -> Vec<Option<usize>> {
    let characters: Vec<char> = text.chars().collect();
    let mut origins = Vec::with_capacity(characters.len());
    let mut at = 0;
    let kept = |start: usize, end: usize| (start..end).filter(|at| characters[*at].is_alphanumeric()).map(Some);
    for cut in cuts {
        origins.extend(kept(at, cut.start));
        let found: String = characters[cut.start..cut.end].iter().collect();
        let put = cleaner.substitute(&found, cut, replacement).unwrap_or_default();
        let n_letters = put.chars().filter(|sign| sign.is_alphanumeric()).count();
        origins.extend(std::iter::repeat_n(None, n_letters));
        at = cut.end;
    }
    origins.extend(kept(at, characters.len()));
    origins
}

/// A span of the cleaned text as the stretch of the original that it stands for; `None` where no letter and no digit of
/// the original is in it, as in a date that was moved.
fn in_original(span: &FoundSpan, left: &str, origins: &[Option<usize>]) -> Option<FoundSpan> {
    let letters = left.chars().enumerate().filter(|(_, sign)| sign.is_alphanumeric());
    let inside = letters.zip(origins).filter(|((at, _), _)| (span.start..span.end).contains(at));
    let places: Vec<usize> = inside.filter_map(|(_, origin)| *origin).collect();
    Some(FoundSpan { start: *places.first()?, end: *places.last()? + 1, ..span.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tier2::{LexiconBuilder, Recognizers};
    use std::sync::LazyLock;

    static RECOGNIZERS: LazyLock<Recognizers> = LazyLock::new(Recognizers::new);

    /// Cleans a text of a patient called Hugolinde Quackenbosch, whose number is 90417733, and looks into what is left.
    fn cleaned(text: &str, replacement: Replacement) -> (String, usize) {
        let mut builder = LexiconBuilder::default();
        builder.add_name("Quackenbosch^Hugolinde");
        builder.add_phrase("90417733", PhiLabel::Mrn);
        let search = TextSearch::new(builder.build(&RECOGNIZERS), &RECOGNIZERS);
        let cleaner = Cleaner { replacement, shift_days: Some(-1), surrogates: None };
        let spans = find(text, VR::UT, Scope::Everything, &search, &cleaner);
        let cuts: Vec<Cut> = spans.iter().map(cut).collect();
        let left = cleaner.clean(text, VR::UT, &cuts);
        let again = find(&left, VR::UT, Scope::Everything, &search, &cleaner);
        let n_left = again.iter().filter(|span| span.label != PhiLabel::Date).count();
        (left, n_left)
    }

    #[test]
    fn what_a_cut_brings_to_light_goes_too() {
        for (text, expected) in [
            ("id 90417733 Lu-177 7.4 GBq", "id 7.4 GBq"),
            ("lung Quackenbosch, no nodule", "lung, no nodule"),
            ("seen 2020-03-01, Hugolinde, stable", "seen 2020-02-29, stable"),
            ("no nodule", "no nodule"),
        ] {
            assert_eq!(cleaned(text, Replacement::Empty), (expected.to_owned(), 0), "{text}");
        }
    }

    #[test]
    fn labels_of_an_earlier_run_stay() {
        let text = "CTquackenbosch2 contrast CTquackenbosch2";
        let (left, n_left) = cleaned(text, Replacement::Label);
        assert_eq!(n_left, 0, "{left}");
        assert_eq!(cleaned("C:/Users/[OTHER_ID]/Desktop", Replacement::Label).0, "C:/Users/[OTHER_ID]/Desktop");
    }

    #[test]
    fn letters_are_followed_to_where_they_came_from() {
        let cleaner = Cleaner { replacement: Replacement::Label, shift_days: Some(-1), surrogates: None };
        let cuts = [Cut { start: 3, end: 6, label: Some(PhiLabel::Name), shifted: false }];
        let name: Vec<Option<usize>> = vec![None; "NAME".len()];
        let expected = [vec![Some(0), Some(1)], name, vec![Some(7)]].concat();
        assert_eq!(origins("CT Doe 2", &cuts, &cleaner, Replacement::Label), expected);
    }
}
