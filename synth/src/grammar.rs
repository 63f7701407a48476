//! Free text: templates in which clinical words, filler and secrets are told apart.
//!
//! In a template, `[words]` must survive, `{slot}` is a secret, the rest is filler. Inside the brackets
//! `%p` is the procedure, `%e` a name that is no person's (an eponym), `%f` a finding, `%i` the
//! indication, `%m` a measurement.

use crate::dates;
use crate::lists;
use crate::persona::{Institution, Persona, pick};
use crate::plan::{SeriesPlan, StudyPlan};
use crate::plant::{Phrase, Secret};
use crate::vocabulary::Language;
use efface_schema::PhiLabel;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Study and requested procedure descriptions.
const DESCRIPTIONS: &[&str] = &[
    "[%p]",
    "[%p] - {name_sorted}",
    "[%p] {date}",
    "[%p] prior {accession}",
    "[%p] for Dr. {physician_family}",
    "[%p] {mrn}",
    "[%p] ({city})",
];

/// Series, protocol and procedure step descriptions.
const PROTOCOLS: &[&str] = &[
    "[%p %m]",
    "[%p, %e] {date}",
    "[%p %m] op {operator_family}",
    "[%p] {name_family}",
    "[%m] for {name}",
    "[%p] acc {accession}",
];

/// One sentence for every kind of secret.
const SENTENCES: &[&str] = &[
    "Pt {name} seen with [%i], {relative} present.",
    "Lives at {address}. [%f].",
    "DOB {birth}, [%i], exam on {date}.",
    "Call {phone} with result: [%f].",
    "Send outcome by fax {fax}; [%f].",
    "Mail {email} once [%m] is checked.",
    "SSN {ssn} on file. [History of %i].",
    "Old chart {former_id}, also {mrn}. [Known %e].",
    "Plan no. {health_plan_id} authorised [%p].",
    "Billed to {account}: [%p].",
    "ID shown: licence {license}. [%i].",
    "Hit by car, plate {plate}. [%f].",
    "Vehicle {chassis} in crash. [%e].",
    "Pacemaker serial {implant}, [MR conditional].",
    "Detector {part_serial} replaced. [%m].",
    "Upload at {url}. [%f].",
    "Pushed from host {ip}. [%p].",
    "Identified by fingerprint {biometric}. [%i].",
    "Works for {employer}; [dust exposure, %i].",
    "Subject {trial_subject}, passport {passport}. [%f].",
    "Prior at {hospital} on {prior_date}: [%f].",
    "Formerly {birth_name}. [Status post %e].",
    "Discussed with Dr. {physician} at {date}. [%f].",
    "Moved here from {city}. [%m].",
    // What follows has no keyword beside it, or a name that stands nowhere else.
    "{contact} drove the pt in; [%f].",
    "Retired from {employer}, [%i].",
    "[%f], told {contact_given} who will pass it on.",
    "{contact_family} / {phone}. [%m].",
    "{license} seen at desk. [%i].",
    "[%e]. {account} again.",
];

/// A sentence for patients over 89.
const OVER_89: &str = "This {age} patient has [%i].";

/// What a text is about: the persons, the study and the series.
pub(crate) struct Grammar<'a> {
    pub(crate) persona: &'a Persona,
    pub(crate) institution: &'a Institution,
    pub(crate) study: &'a StudyPlan,
    pub(crate) series: &'a SeriesPlan,
    /// Moves the choice of sentences on from one instance to the next, so that every kind occurs.
    pub(crate) turn: usize,
}

impl Grammar<'_> {
    /// A description of a procedure of at most 64 characters.
    pub(crate) fn description(&self, rng: &mut ChaCha8Rng) -> Phrase {
        let first = rng.random_range(0..DESCRIPTIONS.len());
        self.fair(rng, DESCRIPTIONS, first, 64)
    }

    /// A description of a protocol of at most 64 characters.
    pub(crate) fn protocol(&self, rng: &mut ChaCha8Rng) -> Phrase {
        let first = rng.random_range(0..PROTOCOLS.len());
        self.fair(rng, PROTOCOLS, first, 64)
    }

    /// One sentence of at most 64 characters; `place` separates the sentences of one instance.
    pub(crate) fn line(&self, rng: &mut ChaCha8Rng, place: usize) -> Phrase {
        self.fair(rng, SENTENCES, self.turn + place * 7, 64)
    }

    /// Several sentences.
    pub(crate) fn comment(&self, rng: &mut ChaCha8Rng, place: usize) -> Phrase {
        let n_sentences = rng.random_range(2..=4);
        let age = self.persona.age_on(self.study.date);
        let opening = if age > 89 && place == 0 { self.build(rng, OVER_89) } else { Phrase::default() };
        (0..n_sentences).fold(opening, |text, sentence| {
            let next = self.fair(rng, SENTENCES, self.turn + place * 5 + sentence, 200);
            let joined = text.clone().then(next);
            if joined.is_fair() { joined } else { text }
        })
    }

    /// The procedure in clinical words.
    pub(crate) fn procedure(&self) -> String {
        format!("{} {}", self.series.kind.modality(), self.series.region.words)
    }

    /// The template at `first` or one after it, the first that is short enough and fair to score.
    fn fair(&self, rng: &mut ChaCha8Rng, templates: &[&str], first: usize, max_characters: usize) -> Phrase {
        (0..templates.len())
            .flat_map(|step| [step; 3])
            .map(|step| self.build(rng, templates[(first + step) % templates.len()]))
            .find(|phrase| phrase.n_characters() <= max_characters && phrase.is_fair())
            .unwrap_or_else(|| Phrase::default().clinical(self.procedure()))
    }

    fn build(&self, rng: &mut ChaCha8Rng, template: &str) -> Phrase {
        let mut phrase = Phrase::default();
        let mut rest = template;
        while let Some(open) = rest.find(['[', '{']) {
            let close = if rest.as_bytes()[open] == b'[' { ']' } else { '}' };
            let end = rest.find(close).expect("every bracket of a template is closed");
            if open > 0 {
                phrase = phrase.filler(&rest[..open]);
            }
            let inner = &rest[open + 1..end];
            phrase = if close == ']' {
                phrase.clinical(self.clinical(rng, inner))
            } else {
                phrase.secret(&self.slot(rng, inner))
            };
            rest = &rest[end + 1..];
        }
        if rest.is_empty() { phrase } else { phrase.filler(rest) }
    }

    fn clinical(&self, rng: &mut ChaCha8Rng, words: &str) -> String {
        words
            .replace("%p", &self.procedure())
            .replace("%e", pick(rng, lists::EPONYMS))
            .replace("%f", pick(rng, lists::FINDINGS))
            .replace("%i", self.study.indication)
            .replace("%m", pick(rng, &["5.0 mm", "T2 FSE", "W/O CONTRAST", "2.5 x 3.1 cm", "Std 120 kV", "B30f"]))
    }

    fn slot(&self, rng: &mut ChaCha8Rng, slot: &str) -> Secret {
        let (persona, study) = (self.persona, self.study);
        match slot {
            "name" => match rng.random_range(0..3) {
                0 => persona.name.spoken(),
                1 => persona.name.sorted(),
                _ => persona.name.clone(),
            },
            "name_sorted" => persona.name.sorted(),
            "name_family" => persona.name.family(),
            "relative" => persona.relative.spoken(),
            "contact" => persona.contact.spoken(),
            "contact_given" => persona.contact.given(),
            "contact_family" => persona.contact.family(),
            "birth_name" => persona.birth_name.family(),
            "physician" => study.referring.spoken(),
            "physician_family" => study.requesting.family(),
            "operator_family" => study.operator.family(),
            "address" => persona.address.clone(),
            "city" => persona.city.clone(),
            "hospital" => self.institution.name.clone(),
            "employer" => persona.employer.clone(),
            "birth" => dates::free_date(rng, persona.birth, Language::English),
            "date" => dates::free_date(rng, study.date, Language::English),
            "prior_date" => {
                dates::free_date(rng, study.previous.as_ref().map_or(study.date, |(date, _)| *date), Language::English)
            }
            "phone" => persona.phone.clone(),
            "fax" => {
                if rng.random_bool(0.5) {
                    persona.fax.clone()
                } else {
                    self.institution.fax.clone()
                }
            }
            "email" => persona.email.clone(),
            "ssn" => persona.ssn.clone(),
            "mrn" => persona.patient_id.clone(),
            "former_id" => persona.former_id.clone(),
            "health_plan_id" => persona.health_plan_id.clone(),
            "account" => persona.account.clone(),
            "license" => persona.license.clone(),
            "plate" => persona.plate.clone(),
            "chassis" => persona.chassis.clone(),
            "implant" => persona.implant_serial.clone(),
            "part_serial" => self.series.part_serial.clone(),
            "url" => {
                if rng.random_bool(0.5) {
                    persona.url.clone()
                } else {
                    self.institution.url.clone()
                }
            }
            "ip" => {
                if rng.random_bool(0.5) {
                    persona.ip.clone()
                } else {
                    self.institution.archive_ip.clone()
                }
            }
            "biometric" => persona.biometric.clone(),
            "trial_subject" => persona.trial_subject.clone(),
            "passport" => persona.passport.clone(),
            "accession" => study.accession.clone(),
            "age" => Secret::new(PhiLabel::AgeOver89, format!("{}-year-old", persona.age_on(study.date))),
            _ => unreachable!("the slots of the templates are the ones above, as a test shows"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::SuiteOptions;
    use crate::plan::plan_patient;
    use crate::streams::Streams;
    use crate::vocabulary::Locale;

    #[test]
    fn every_template_can_be_built() {
        let settings = SuiteOptions::default().resolve().expect("the defaults are valid");
        let streams = Streams::new(5);
        let institutions = [Institution::new(settings.casting(), Locale::EnUs, &streams, 0)];
        let plan = plan_patient(&settings, &streams, &institutions, 1);
        let study = &plan.studies[0];
        let grammar =
            Grammar { persona: &plan.persona, institution: &institutions[0], study, series: &study.series[0], turn: 0 };
        let rng = &mut streams.stream("test", &[]);
        for template in DESCRIPTIONS.iter().chain(PROTOCOLS).chain(SENTENCES).chain([&OVER_89]) {
            let phrase = grammar.build(rng, template);
            assert!(phrase.n_characters() > 3, "{template}");
        }
    }
}
