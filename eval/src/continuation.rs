//! Whether the inside of a box says more than its edge.
//!
//! A surface over a rectangle whose every inner value is the mean of its four neighbours is settled by the outermost
//! values: it is their continuation, and holds nothing else. What is left of text differs from it by the contrast of its
//! strokes. The continuation is computed here from a result's own values, by another method than a tool may have used:
//! the rows of a rectangle are swept over, each solved at once (Thomas's algorithm for tridiagonal systems).

/// Sweeps until nothing moves by more than this share of what may differ.
const STILL_SHARE: f64 = 0.001;
/// Sweeps at most; what is not settled by then is not called a continuation.
const MOST_SWEEPS: usize = 5_000;

/// The values of one channel of a box, row by row.
pub(crate) struct Cut {
    pub(crate) columns: usize,
    pub(crate) values: Vec<f32>,
}

/// Whether every inner value differs by at most `most` from the continuation of the outermost ones.
///
/// A box without inner values is none: its edge is all that it has.
pub(crate) fn is_continuation(cut: &Cut, most: f32) -> bool {
    let columns = cut.columns;
    let rows = cut.values.len().checked_div(columns).unwrap_or(0);
    if columns < 3 || rows < 3 {
        return false;
    }
    let own: Vec<f64> = cut.values.iter().map(|value| f64::from(*value)).collect();
    let most = f64::from(most);
    // The box's own values are the first guess: a continuation is one from the start, up to rounding.
    let mut values = own.clone();
    for _ in 0..MOST_SWEEPS {
        let moved = sweep(&mut values, columns, rows);
        if own.iter().zip(&values).any(|(own, value)| (own - value).abs() > 4.0 * most) {
            return false;
        }
        if moved <= STILL_SHARE * most {
            return own.iter().zip(&values).all(|(own, value)| (own - value).abs() <= most);
        }
    }
    false
}

/// Solves each inner row between the rows beside it, and says how far the greatest move was.
fn sweep(values: &mut [f64], columns: usize, rows: usize) -> f64 {
    let n_inner = columns - 2;
    let (mut above, mut right) = (vec![0.0; n_inner], vec![0.0; n_inner]);
    let mut moved = 0.0_f64;
    for y in 1..rows - 1 {
        let row = y * columns;
        // 4 v(x) - v(x - 1) - v(x + 1) = what lies above and below.
        for inner in 0..n_inner {
            let at = row + inner + 1;
            let mut known = values[at - columns] + values[at + columns];
            if inner == 0 {
                known += values[row];
            }
            if inner + 1 == n_inner {
                known += values[row + columns - 1];
            }
            let (before, factor) = inner.checked_sub(1).map_or((0.0, 0.0), |before| (right[before], above[before]));
            let pivot = 4.0 - factor;
            above[inner] = 1.0 / pivot;
            right[inner] = (known + before) / pivot;
        }
        let mut next = 0.0;
        for inner in (0..n_inner).rev() {
            let solved = right[inner] + if inner + 1 < n_inner { above[inner] * next } else { 0.0 };
            let at = row + inner + 1;
            moved = moved.max((solved - values[at]).abs());
            values[at] = solved;
            next = solved;
        }
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(columns: usize, rows: usize, value: impl Fn(usize, usize) -> f64) -> Cut {
        let places = (0..rows).flat_map(|y| (0..columns).map(move |x| (x, y)));
        Cut { columns, values: places.map(|(x, y)| value(x, y) as f32).collect() }
    }

    #[test]
    fn surfaces_without_anything_of_their_own_are_continuations() {
        for (columns, rows) in [(3, 3), (40, 12), (5, 60)] {
            assert!(is_continuation(&cut(columns, rows, |x, y| (x * y) as f64), 0.01));
            assert!(is_continuation(&cut(columns, rows, |x, y| (x * x) as f64 - (y * y) as f64), 0.1));
            assert!(!is_continuation(&cut(columns, rows, |x, _| (x * x) as f64), 0.1));
        }
    }

    #[test]
    fn a_wide_hill_in_the_middle_is_none() {
        let hill = |x: usize, y: usize| 20.0 * (-((x as f64 - 20.0).powi(2) + (y as f64 - 10.0).powi(2)) / 60.0).exp();
        assert!(!is_continuation(&cut(41, 21, hill), 5.0));
        assert!(is_continuation(&cut(41, 21, hill), 25.0));
    }

    #[test]
    fn a_box_without_an_inside_is_none() {
        assert!(!is_continuation(&cut(2, 9, |_, _| 1.0), 5.0));
        assert!(!is_continuation(&Cut { columns: 0, values: Vec::new() }, 5.0));
    }
}
