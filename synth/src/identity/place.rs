//! Places: cities, addresses, telephone numbers and organizations.

use super::draw::Draw;
use crate::plant::Secret;
use crate::vocabulary::{Lists, Locale, Wording};
use efface_schema::PhiLabel;

/// An address whose parts can be named apart.
pub(crate) struct Address {
    /// Number, street, city and postcode: one place, one span.
    pub(crate) whole: Secret,
    /// Number and street.
    pub(crate) street: Secret,
    pub(crate) city: Secret,
    pub(crate) postcode: Secret,
}

pub(crate) fn city(draw: &mut Draw<'_>, locale: Locale) -> Secret {
    Secret::new(PhiLabel::Location, draw.entry(&Lists::of(draw.split, locale).cities).native)
}

/// An address in a city.
pub(crate) fn address(draw: &mut Draw<'_>, locale: Locale, city: Secret) -> Address {
    let profile = locale.profile();
    let number = draw.number(11, 9800).to_string();
    let road = road(draw, locale);
    let postcode = draw.pattern(profile.postcode);
    let state = draw.pick(profile.states);
    let whole = city.derive(|city| {
        profile
            .address
            .replace("{number}", &number)
            .replace("{road}", &road)
            .replace("{city}", city)
            .replace("{state}", state)
            .replace("{postcode}", &postcode)
    });
    let street =
        if profile.address.starts_with("{number}") { format!("{number} {road}") } else { format!("{road} {number}") };
    Address {
        whole,
        street: Secret::new(PhiLabel::Location, street),
        city,
        postcode: Secret::new(PhiLabel::Location, postcode),
    }
}

pub(crate) fn road(draw: &mut Draw<'_>, locale: Locale) -> String {
    let pattern = draw.pick(locale.profile().streets);
    fill(draw, locale, pattern, "")
}

/// A telephone or fax number as the locale writes it.
pub(crate) fn phone(draw: &mut Draw<'_>, locale: Locale, label: PhiLabel) -> Secret {
    let form = draw.pick(locale.profile().phones);
    Secret::new(label, draw.pattern(form))
}

/// A hospital, a clinic or a practice in a city.
pub(crate) fn care_site(draw: &mut Draw<'_>, locale: Locale, city: &Secret) -> Secret {
    let pattern = draw.pick(Wording::of(draw.split, locale.profile().language).care_sites);
    city.derive_as(PhiLabel::Organization, |city| fill(draw, locale, pattern, city))
}

pub(crate) fn employer(draw: &mut Draw<'_>, locale: Locale, city: &Secret) -> Secret {
    let pattern = draw.pick(Wording::of(draw.split, locale.profile().language).employers);
    city.derive_employer(|city| fill(draw, locale, pattern, city))
}

pub(crate) fn school(draw: &mut Draw<'_>, locale: Locale, city: &Secret) -> Secret {
    let pattern = draw.pick(Wording::of(draw.split, locale.profile().language).schools);
    city.derive_employer(|city| fill(draw, locale, pattern, city))
}

/// Fills the names into a pattern: `{city}`, `{given}`, `{street}`, `{family}`.
pub(crate) fn fill(draw: &mut Draw<'_>, locale: Locale, pattern: &str, city: &str) -> String {
    let lists = Lists::of(draw.split, locale);
    let mut text = pattern.replace("{city}", city);
    while let Some(at) = text.find('{') {
        let end = text[at..].find('}').map_or(text.len(), |end| at + end + 1);
        let list = match &text[at..end] {
            "{given}" => &lists.given_female,
            "{street}" if !lists.streets.is_empty() => &lists.streets,
            _ => &lists.family,
        };
        let name = draw.entry(list).native;
        text.replace_range(at..end, name);
    }
    text
}
