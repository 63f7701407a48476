//! Who people are: names, places and numbers, each drawn for one side of the split and one locale.

pub(crate) mod check;
pub(crate) mod draw;
pub(crate) mod numbers;
pub(crate) mod person;
pub(crate) mod place;
