//! Of boxes that say the same, the surest stays.

use super::boxes::Corners;

/// The places of `scores` from the highest to the lowest; of equal ones the first comes first, and what is no number
/// comes last.
pub fn order(scores: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|one, other| descending(scores, *one, *other));
    order
}

/// The `count` first places of [`order`], without sorting the others.
pub fn best(scores: &[f32], count: usize) -> Vec<usize> {
    best_from(scores, count, f32::NEG_INFINITY)
}

/// The same without scores below `least`; what is no number is none of these.
pub(super) fn best_from(scores: &[f32], count: usize, least: f32) -> Vec<usize> {
    let is_below = |place: &usize| scores[*place] < least;
    let mut places: Vec<usize> = (0..scores.len()).filter(|place| !is_below(place)).collect();
    if count == 0 {
        return Vec::new();
    }
    if count < places.len() {
        places.select_nth_unstable_by(count - 1, |one, other| descending(scores, *one, *other));
        places.truncate(count);
    }
    places.sort_by(|one, other| descending(scores, *one, *other));
    places
}

fn descending(scores: &[f32], one: usize, other: usize) -> std::cmp::Ordering {
    let value = |place: usize| if scores[place].is_nan() { f32::NEG_INFINITY } else { scores[place] };
    value(other).total_cmp(&value(one)).then(one.cmp(&other))
}

/// Non-maximum suppression: the places of the boxes that stay, the highest score first. A box is dropped if its
/// intersection over union with one that stays is above `iou`.
///
/// # Panics
/// If there are not as many scores as boxes.
///
/// # Examples
/// ```
/// use efface_nets::detector::{boxes::Corners, nms::nms};
/// let boxes = [0.0, 1.0, 20.0].map(|x| Corners::new(x, 0.0, x + 10.0, 10.0));
/// assert_eq!(nms(&boxes, &[0.8, 0.9, 0.1], 0.5), [1, 2]);
/// ```
pub fn nms(boxes: &[Corners], scores: &[f32], iou: f32) -> Vec<usize> {
    assert_eq!(boxes.len(), scores.len(), "each box has a score");
    let mut kept: Vec<usize> = Vec::new();
    for place in order(scores) {
        if kept.iter().all(|stays| boxes[*stays].iou(&boxes[place]) <= iou) {
            kept.push(place);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn of_equal_scores_the_first_stays() {
        let same = [Corners::new(0.0, 0.0, 4.0, 4.0); 3];
        assert_eq!(nms(&same, &[0.5, 0.5, 0.5], 0.5), [0]);
        assert_eq!(nms(&same, &[f32::NAN, 0.1, f32::NAN], 0.5), [1]);
        assert_eq!(nms(&[], &[], 0.5), [0; 0]);
        assert_eq!(best(&[0.1, 0.3, 0.3, f32::NAN], 9), [1, 2, 0, 3]);
        assert_eq!(best(&[0.1, 0.3], 0), [0; 0]);
        assert_eq!(best_from(&[0.1, f32::NAN, 0.3], 9, 0.2), [2, 1]);
    }

    fn scored() -> impl Strategy<Value = Vec<(Corners, f32)>> {
        let one = (0_u8..60, 0_u8..40, 1_u8..30, 1_u8..12, 0_u8..6).prop_map(|(x, y, width, height, score)| {
            let [x, y, width, height] = [x, y, width, height].map(f32::from);
            (Corners::new(x, y, x + width, y + height), f32::from(score) / 8.0)
        });
        prop::collection::vec(one, 0..60)
    }

    proptest! {
        #[test]
        fn no_overlapping_pair_stays_and_what_goes_overlaps_a_surer_one(scored in scored(), iou in 0.0_f32..0.9) {
            let (boxes, scores): (Vec<Corners>, Vec<f32>) = scored.into_iter().unzip();
            let kept = nms(&boxes, &scores, iou);
            for (rank, one) in kept.iter().enumerate() {
                for other in &kept[..rank] {
                    prop_assert!(boxes[*one].iou(&boxes[*other]) <= iou);
                    prop_assert!(scores[*other] >= scores[*one]);
                }
            }
            for place in (0..boxes.len()).filter(|place| !kept.contains(place)) {
                prop_assert!(kept.iter().any(|stays| scores[*stays] >= scores[place]
                    && boxes[*stays].iou(&boxes[place]) > iou));
            }
            let from_half: Vec<usize> = order(&scores).into_iter().filter(|place| scores[*place] >= 0.5).collect();
            prop_assert_eq!(best_from(&scores, scores.len(), 0.5), from_half);
            let count = scores.len() / 2;
            prop_assert_eq!(best(&scores, count), order(&scores)[..count].to_vec());
        }
    }
}
