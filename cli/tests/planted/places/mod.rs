//! The places: where something is planted, how, and how the instance ends.

mod around;
mod explicit;
mod nested;
mod private;
mod scripts;
mod streams;
mod texts;
mod values;

use crate::copy::Copy;
use crate::token::Token;

/// How an instance may end for what is planted in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// De-identified, unless the file itself is withheld.
    Released,
    /// Withheld for review or in quarantine, always: the reason.
    Stopped(&'static str),
}

/// A kind of place.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// What it is, in the words of the list.
    pub(crate) name: &'static str,
    /// Places of one group are planted into one copy of a file; a place without a group gets a copy for itself.
    pub(crate) group: Option<&'static str>,
    /// Plants; does nothing where the file has no such place.
    pub(crate) plant: fn(&mut Copy, &Token),
    pub(crate) ends: Ends,
}

const fn place(group: &'static str, name: &'static str, plant: fn(&mut Copy, &Token)) -> Place {
    Place { name, group: Some(group), plant, ends: Ends::Released }
}

/// A place that gets a copy of the file for itself.
const fn alone(name: &'static str, plant: fn(&mut Copy, &Token)) -> Place {
    Place { name, group: None, plant, ends: Ends::Released }
}

impl Place {
    const fn stopped(self, reason: &'static str) -> Self {
        Self { ends: Ends::Stopped(reason), ..self }
    }
}

/// Places from which values still leak, or of which no copy ends de-identified yet. Each must leave this list.
pub(crate) const OPEN: &[&str] = &[];

/// A part of the list.
pub(crate) struct Chapter {
    /// Its heading.
    pub(crate) title: &'static str,
    /// Its places.
    pub(crate) places: &'static [Place],
}

/// Every place, in the order of the list.
pub(crate) const CHAPTERS: &[Chapter] = &[
    Chapter { title: "Attributes that identify", places: explicit::PLACES },
    Chapter { title: "Texts that repeat what attributes say", places: texts::PLACES },
    Chapter { title: "Sequences", places: nested::PLACES },
    Chapter { title: "Private attributes", places: private::PLACES },
    Chapter { title: "Around and between the attributes", places: around::PLACES },
    Chapter { title: "Values of the wrong kind", places: values::PLACES },
    Chapter { title: "Character sets and encodings", places: scripts::PLACES },
    Chapter { title: "Inside codestreams and documents", places: streams::PLACES },
];

/// Every place.
pub(crate) fn all() -> impl Iterator<Item = &'static Place> {
    CHAPTERS.iter().flat_map(|chapter| chapter.places)
}
