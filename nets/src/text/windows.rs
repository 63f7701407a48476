//! Long texts in windows that overlap, so that every token is read with what stands around it.

use std::ops::Range;

/// The windows over `tokens` tokens, each of at most `size`, neighbours sharing at least `overlap`.
///
/// # Panics
/// If `overlap` is not smaller than `size`.
///
/// # Examples
/// ```
/// use efface_nets::text::windows::windows;
/// assert_eq!(windows(10, 16, 4), [0..10]);
/// assert_eq!(windows(30, 16, 4), [0..16, 12..28, 14..30]);
/// ```
pub fn windows(tokens: usize, size: usize, overlap: usize) -> Vec<Range<usize>> {
    assert!(overlap < size, "windows move on");
    let mut windows = Vec::new();
    let mut start = 0;
    while start + size < tokens {
        windows.push(start..start + size);
        start += size - overlap;
    }
    let first = if windows.is_empty() { 0 } else { tokens - size };
    windows.push(first..tokens);
    windows
}

/// The window that knows most about each token: the one in which it stands farthest from a cut.
pub fn owners(windows: &[Range<usize>], tokens: usize) -> Vec<usize> {
    let distance = |window: &Range<usize>, token: usize| {
        let left = if window.start == 0 { usize::MAX } else { token - window.start };
        let right = if window.end == tokens { usize::MAX } else { window.end - 1 - token };
        left.min(right)
    };
    let mut owners = vec![usize::MAX; tokens];
    for (number, window) in windows.iter().enumerate() {
        for token in window.clone() {
            let known = owners[token];
            if known == usize::MAX || distance(window, token) > distance(&windows[known], token) {
                owners[token] = number;
            }
        }
    }
    owners
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_token_has_an_owner_that_holds_it(tokens in 0_usize..400, size in 2_usize..90, share in 0_usize..89) {
            let overlap = share.min(size - 1);
            let cut = windows(tokens, size, overlap);
            for (token, owner) in owners(&cut, tokens).into_iter().enumerate() {
                prop_assert!(cut[owner].contains(&token));
            }
            for pair in cut.windows(2) {
                prop_assert!(pair[0].end - pair[1].start >= overlap);
            }
            prop_assert!(cut.iter().all(|window| window.len() <= size));
        }
    }

    #[test]
    fn owners_stand_far_from_cuts() {
        let cut = windows(30, 16, 8);
        let owners = owners(&cut, 30);
        assert_eq!(cut, [0..16, 8..24, 14..30]);
        assert_eq!((owners[8], owners[12], owners[29]), (0, 1, 2));
    }
}
