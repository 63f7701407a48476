//! What people are called by friends: Bob for Robert, Pepe for José.
//!
//! Source: `data/nicknames.txt`, compiled for this project.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

/// Shorter names are not searched.
const MIN_NICKNAME: usize = 3;

static NAMES: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let rows = include_str!("../../data/nicknames.txt").lines().filter(|line| !line.starts_with('#'));
    let mut names: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for row in rows {
        let all: Vec<&str> = row.split_whitespace().filter(|name| name.len() >= MIN_NICKNAME).collect();
        let Some((full, called)) = all.split_first() else { continue };
        for name in called {
            names.entry(full).or_default().insert(name);
            names.entry(name).or_default().insert(full);
        }
    }
    names.into_iter().map(|(name, called)| (name, called.into_iter().collect())).collect()
});

/// What the bearer of a folded given name may be called: nicknames of a full name, full names of a nickname.
pub(super) fn of(given: &str) -> &'static [&'static str] {
    NAMES.get(given).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::super::folded::fold;
    use super::*;

    #[test]
    fn full_names_and_nicknames_stand_for_each_other() {
        for (first, second) in
            [("robert", "bob"), ("elizabeth", "liz"), ("jose", "pepe"), ("giuseppe", "peppe"), ("katarzyna", "kasia")]
        {
            assert!(of(first).contains(&second) && of(second).contains(&first), "{first} {second}");
        }
        assert!(of("zaphod").is_empty());
    }

    #[test]
    fn the_table_is_folded_and_large() {
        assert!(NAMES.len() > 700, "{}", NAMES.len());
        assert!(NAMES.keys().all(|name| fold(name) == **name));
    }
}
