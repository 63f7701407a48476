//! Free text of instances: composed by the rules of `text`, and such that a perfect de-identifier scores fully.

use crate::persona::{Casting, Institution, Persona};
use crate::plan::{SeriesPlan, StudyPlan};
use crate::plant::Phrase;
use crate::text::{Breadth, Cast, TextKind, compose, n_alternatives};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// What a text is about: the persons, the study and the series.
pub(crate) struct Grammar<'a> {
    pub(crate) casting: Casting<'a>,
    pub(crate) persona: &'a Persona,
    pub(crate) institution: &'a Institution,
    pub(crate) study: &'a StudyPlan,
    pub(crate) series: &'a SeriesPlan,
    /// Share of the texts that may hold a secret.
    pub(crate) phi_share: f64,
    /// Moves the choice of sentences on from one instance to the next, so that every kind occurs.
    pub(crate) turn: usize,
}

impl Grammar<'_> {
    /// A description of a procedure of at most 64 characters.
    pub(crate) fn description(&self, rng: &mut ChaCha8Rng) -> Phrase {
        let first = rng.random_range(0..1000);
        self.fair(rng, TextKind::Description, first, 64)
    }

    /// A description of a protocol of at most 64 characters.
    pub(crate) fn protocol(&self, rng: &mut ChaCha8Rng) -> Phrase {
        let first = rng.random_range(0..1000);
        self.fair(rng, TextKind::SeriesName, first, 64)
    }

    /// One line of at most 64 characters; `place` separates the lines of one instance.
    pub(crate) fn line(&self, rng: &mut ChaCha8Rng, place: usize) -> Phrase {
        self.fair(rng, TextKind::Line, self.turn + place * 7, 64)
    }

    /// Several sentences.
    pub(crate) fn comment(&self, rng: &mut ChaCha8Rng, place: usize) -> Phrase {
        let n_sentences = rng.random_range(2..=4);
        let age = self.persona.age_on(self.study.date);
        let opening =
            if age > 89 && place == 0 { self.fair(rng, TextKind::OverAge, 0, 200) } else { Phrase::default() };
        (0..n_sentences).fold(opening, |text, sentence| {
            // A step that shares no factor with the number of templates takes turns through all of them.
            let next = self.fair(rng, TextKind::Sentence, self.turn * 7 + place * 11 + sentence * 17, 240);
            let joined = text.clone().then(next);
            if joined.is_fair() { joined } else { text }
        })
    }

    /// The procedure in clinical words.
    pub(crate) fn procedure(&self) -> String {
        format!("{} {}", self.series.kind.modality(), self.series.region.words)
    }

    /// The template at `first` or one after it, the first that is short enough and fair to score.
    fn fair(&self, rng: &mut ChaCha8Rng, kind: TextKind, first: usize, max_characters: usize) -> Phrase {
        let cast = self.cast();
        let may_identify = rng.random_bool(self.phi_share);
        let is_wanted = |phrase: &Phrase| may_identify || !phrase.has_secrets();
        (0..n_alternatives(self.casting.split, kind))
            .flat_map(|step| [step; 3])
            .map(|step| compose(&cast, self.casting.split, kind, Some(first + step), rng))
            .find(|phrase| {
                phrase.n_characters() <= max_characters
                    && is_wanted(phrase)
                    && phrase.is_fair()
                    && phrase.is_claimable()
            })
            .unwrap_or_else(|| Phrase::default().clinical(self.procedure()))
    }

    fn cast(&self) -> Cast<'_> {
        let (persona, study) = (self.persona, self.study);
        Cast {
            persona,
            institution: self.institution,
            language: persona.locale.profile().language,
            date: study.date,
            prior: study.previous.as_ref().map(|(date, _)| *date),
            referring: &study.referring,
            requesting: &study.requesting,
            reading: &study.reading,
            operator: &study.operator,
            accession: &study.accession,
            order: &study.order,
            uid: &study.uid,
            part_serial: &self.series.part_serial,
            shortest_name: self.casting.shortest_name,
            breadth: Breadth::Instances,
        }
    }
}
