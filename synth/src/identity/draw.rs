//! Drawing digits, letters and words for one side of the split.

use crate::vocabulary::{Entry, Split};
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

/// A stream and the side of the split that it draws for.
pub(crate) struct Draw<'r> {
    pub(crate) rng: &'r mut ChaCha8Rng,
    pub(crate) split: Split,
    shortest_name: usize,
}

impl<'r> Draw<'r> {
    pub(crate) const fn new(rng: &'r mut ChaCha8Rng, split: Split) -> Self {
        Self { rng, split, shortest_name: 1 }
    }

    /// Names in an alphabet have at least so many letters.
    pub(crate) fn with_names_from(self, shortest_name: usize) -> Self {
        Self { shortest_name, ..self }
    }

    /// Digits of which the first is not 0 and the last is even to train on and odd to test on: so no
    /// number of one side is a number of the other.
    pub(crate) fn digits(&mut self, n_digits: usize) -> String {
        let mut digits: Vec<u8> =
            (0..n_digits).map(|position| self.rng.random_range(u8::from(position == 0)..10)).collect();
        if let Some(last) = digits.last_mut() {
            *last = self.side(*last);
        }
        digits.into_iter().map(|digit| char::from(b'0' + digit)).collect()
    }

    /// A number of this side below `end`.
    pub(crate) fn number(&mut self, start: u32, end: u32) -> u32 {
        let drawn = self.rng.random_range(start / 2..end / 2) * 2;
        drawn + u32::from(self.split == Split::Test)
    }

    /// Fills a pattern: `#` a digit, `%` a digit but 0, `@` a capital letter, `$` a small one, `&` a hexadecimal
    /// digit. The last `#` is of this side.
    pub(crate) fn pattern(&mut self, pattern: &str) -> String {
        let last = pattern.rfind('#');
        pattern
            .char_indices()
            .map(|(at, character)| match character {
                '#' => {
                    let digit = self.rng.random_range(0..10u8);
                    char::from(b'0' + if Some(at) == last { self.side(digit) } else { digit })
                }
                '%' => char::from(b'0' + self.rng.random_range(1..10u8)),
                // Without letters that are mistaken for digits.
                '@' => char::from(self.pick(b"ABCDEFGHJKLMNPRSTUVWXYZ")),
                '$' => char::from(self.pick(b"abcdefghjkmnpqrstuvwxyz")),
                '&' => char::from(self.pick(b"0123456789abcdef")),
                other => other,
            })
            .collect()
    }

    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.rng.random_range(0..list.len())]
    }

    /// An entry; those of the first quarter, which are the more common names, come more often.
    pub(crate) fn entry(&mut self, list: &[Entry]) -> Entry {
        let mut drawn = list[0];
        // Short names are few, so a handful of draws is enough.
        for _ in 0..64 {
            let end = if self.chance(0.5) { list.len().div_ceil(4) } else { list.len() };
            drawn = list[self.rng.random_range(0..end)];
            let is_alphabetic = drawn.native.chars().all(|character| u32::from(character) < 0x2000);
            if !is_alphabetic || drawn.native.chars().count() >= self.shortest_name {
                break;
            }
        }
        drawn
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability)
    }

    /// Lower-case hexadecimal digits.
    pub(crate) fn hexadecimal(&mut self, n_digits: usize) -> String {
        let mut text = String::new();
        while text.len() < n_digits {
            text.push_str(&format!("{:016x}", self.rng.next_u64()));
        }
        text.truncate(n_digits);
        text
    }

    const fn side(&self, digit: u8) -> u8 {
        match self.split {
            Split::Train => digit & !1,
            Split::Test => digit | 1,
        }
    }
}
