//! The rows behind a report by series, in their order.

use super::compare::Verdict;
use super::unstable_sort::sorted_places;
use serde::{Deserialize, Serialize};

/// Which series and attribute each row belongs to, and how it ended. A key has millions of rows: each takes eight bytes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SeriesRows {
    /// The group of each row, by its place in the list of those met.
    groups: Vec<u32>,
    /// Category and verdict of each row in one number.
    outcomes: Vec<u32>,
}

const VERDICTS: [Verdict; 3] = [Verdict::Fail, Verdict::Pass, Verdict::Blank];

impl SeriesRows {
    /// Adds a row.
    pub(crate) fn push(&mut self, group: u32, category: u32, verdict: Verdict) {
        self.groups.push(group);
        self.outcomes.push(category << 2 | verdict as u32);
    }

    /// Adds rows that come later, with their groups and categories as they are called here.
    pub(crate) fn extend(&mut self, later: &Self, groups: &[u32], category: impl Fn(u32) -> u32) {
        self.groups.extend(later.groups.iter().map(|group| groups[*group as usize]));
        self.outcomes.extend(later.outcomes.iter().map(|outcome| category(outcome >> 2) << 2 | outcome & 3));
    }

    fn verdict(&self, row: usize) -> Verdict {
        VERDICTS[(self.outcomes[row] & 3) as usize]
    }

    /// The category of the first row of each group, in the order that the official report sorts them into: failures,
    /// passes, blanks, not stably.
    pub(crate) fn first_categories(&self, n_groups: usize) -> Vec<Option<u32>> {
        let (blank, judged): (Vec<usize>, Vec<usize>) =
            (0..self.groups.len()).partition(|row| self.verdict(*row) == Verdict::Blank);
        let passed: Vec<bool> = judged.iter().map(|row| self.verdict(*row) == Verdict::Pass).collect();
        let sorted = sorted_places(&passed).into_iter().map(|place| judged[place as usize]);
        let mut first = vec![None; n_groups];
        for row in sorted.chain(blank) {
            first[self.groups[row] as usize].get_or_insert(self.outcomes[row] >> 2);
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_that_the_sort_puts_first_names_the_category() {
        // Seventeen passed rows of one series under a code each, and a failure: NumPy sorts the failure to the front and
        // the sixteenth of the others behind it.
        let mut rows = SeriesRows::default();
        (0..17).for_each(|category| rows.push(0, category, Verdict::Pass));
        rows.push(1, 30, Verdict::Fail);
        rows.push(1, 20, Verdict::Blank);
        rows.push(2, 40, Verdict::Blank);
        rows.push(2, 50, Verdict::Blank);
        assert_eq!(rows.first_categories(3), [Some(15), Some(30), Some(40)]);
    }
}
