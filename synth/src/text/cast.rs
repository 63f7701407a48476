//! Who and what a text can speak of.

use crate::identity::draw::Draw;
use crate::persona::{Institution, Persona};
use crate::plant::Secret;
use crate::vocabulary::Language;
use efface_schema::PhiLabel;
use jiff::civil::Date;

/// How much of the rules a text may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Breadth {
    /// What suites of instances hold: rules about which a scorer's claims can be made.
    Instances,
    /// All rules, and ways to write names, places and dates that only suites of texts have.
    Texts,
}

/// The persons, the place and the visit that a text is about.
#[derive(Clone, Copy)]
pub(crate) struct Cast<'a> {
    pub(crate) persona: &'a Persona,
    pub(crate) institution: &'a Institution,
    pub(crate) language: Language,
    /// The day of the study.
    pub(crate) date: Date,
    /// The day of the study before it.
    pub(crate) prior: Option<Date>,
    pub(crate) referring: &'a Secret,
    pub(crate) requesting: &'a Secret,
    pub(crate) reading: &'a Secret,
    pub(crate) operator: &'a Secret,
    pub(crate) accession: &'a Secret,
    pub(crate) order: &'a Secret,
    pub(crate) uid: &'a Secret,
    pub(crate) part_serial: &'a Secret,
    /// See [`crate::persona::Casting`].
    pub(crate) shortest_name: usize,
    pub(crate) breadth: Breadth,
}

impl Cast<'_> {
    pub(crate) fn is_over_89(&self) -> bool {
        self.persona.age_on(self.date) > 89
    }

    /// The patient's age if it is over 89, else that of a relative who is.
    pub(crate) fn age_over_89(&self, draw: &mut Draw<'_>) -> Secret {
        let own = self.persona.age_on(self.date);
        let age = if own > 89 { i64::from(own) } else { i64::from(draw.number(90, 101)) };
        let written = draw.pick(&["{}-year-old", "{} year old", "{} yo", "{} y/o", "{}yo", "0{}Y", "{} years"]);
        // Three digits need no zero before them.
        let text = written.replace("{}", &age.to_string()).replace("0100", "100").replace("0101", "101");
        Secret::new(PhiLabel::AgeOver89, text)
    }
}
