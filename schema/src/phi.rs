//! Values that may identify a person.

use std::fmt;

/// A value that may be protected health information.
///
/// `Debug` and `Display` print a mask, and there is no `Serialize`: the value can reach a log, an error
/// or a report only through [`Phi::expose`], which is the one word to search for in a review.
///
/// # Example
/// ```
/// use efface_schema::Phi;
/// let name = Phi::new("DOE^JANE".to_owned());
/// assert_eq!(format!("{name} {name:?}"), "[phi] [phi]");
/// assert_eq!(name.expose(), "DOE^JANE");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    /// Takes a value into custody.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Gives the value out. Whatever receives it must not print or store it.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// Ends the custody.
    pub fn into_exposed(self) -> T {
        self.0
    }

    /// Changes the value without giving it out.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Phi<U> {
        Phi(change(self.0))
    }
}

impl<T> fmt::Debug for Phi<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[phi]")
    }
}

impl<T> fmt::Display for Phi<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[phi]")
    }
}

impl<T> From<T> for Phi<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}
