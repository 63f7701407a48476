//! From located text to decisions.

use super::context::{
    beside_months, doubt_capitals_alone, doubt_parts_of_names, doubt_words_between_names, trust_what_is_explained,
};
use super::detector::Meaning;
use super::judge::judge_lines;
use super::ordinary::trust_ordinary_words;
use super::readings::lines;
use super::seen::Seen;
use super::spared::{SparedWord, rest};
use super::vocabulary::{is_harmless, is_short_number};
use super::{Handling, Judgement, LocatedText, LookedAt, PixelError, PixelSettings, TextJudge, TextLocator};
use crate::rules::rule;
use efface_frames::{FrameRegion, FrameSet};
use efface_schema::{Action, Decision, Locus, PhiLabel, PixelRegion, Probability, RegionEvidence, Source};
use std::collections::{BTreeMap, BTreeSet};

/// Rule: text was found that nobody could read.
pub(super) const UNREAD: &str = rule!("detector-unread");
/// Rule: a word was read that neither a rule nor the vocabulary knows.
pub(super) const UNKNOWN_WORD: &str = rule!("ocr-unknown-word");
/// Rule: an unknown word or a short number stands beside a word that identifies.
pub(super) const NEIGHBOUR: &str = rule!("ocr-phi-neighbour");

/// What was read may be a word that images are expected to hold if that is at most so much less likely, as a logarithm: of
/// legible names a single other sign costs more.
const LEAST_EXPECTED: f64 = -5.0;
/// The same for two signs, which may be initials.
const LEAST_EXPECTED_OF_TWO: f64 = -1.0;

/// A decision about a region of pixels, with what it was decided on.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionDecision {
    /// The decision.
    pub decision: Decision,
    /// What was measured of the region.
    pub evidence: RegionEvidence,
}

impl RegionDecision {
    /// The frames and the region that it paints over, if it paints.
    pub(crate) fn painted(&self) -> Option<FrameRegion> {
        match (&self.decision.locus, self.decision.action) {
            (Locus::PixelRegion { frame_idx, region }, Action::Redact) => {
                Some(FrameRegion { frame_idx: *frame_idx, region: *region })
            }
            _ => None,
        }
    }

    /// Where what happens for which reason: decisions with one place are one.
    fn place(&self) -> (&Locus, Action, &str) {
        (&self.decision.locus, self.decision.action, &self.decision.rule)
    }
}

/// What is proposed for one word.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Proposal {
    pub(super) region: PixelRegion,
    pub(super) handling: Handling,
    pub(super) source: Source,
    pub(super) rule: String,
    pub(super) label: Option<PhiLabel>,
    pub(super) probability: Probability,
    pub(super) evidence: RegionEvidence,
    /// Whether the region is a network's, which has grown by its deviations and loses no sign at its ends.
    measured: bool,
}

impl Proposal {
    /// The decision to do something about it in a frame, or in all.
    pub(super) fn decision(&self, frame_idx: Option<u32>, action: Action) -> RegionDecision {
        let decision = Decision {
            locus: Locus::PixelRegion { frame_idx, region: self.region },
            action,
            source: self.source,
            rule: self.rule.clone(),
            label: self.label,
            probability: self.probability,
        };
        RegionDecision { decision, evidence: self.evidence }
    }

    /// Whether the judge says that it identifies.
    pub(super) fn is_known(&self) -> bool {
        ![UNREAD, UNKNOWN_WORD, NEIGHBOUR].contains(&self.rule.as_str())
    }
}

/// What is proposed for a place, and the frames that show it there.
type ByPlace = BTreeMap<(PixelRegion, Handling, String), (Proposal, BTreeSet<u32>)>;

/// What is to be done with an instance's pixels.
#[derive(Debug, Clone, Default)]
pub struct Inspected {
    /// The decisions, sorted by place.
    pub decisions: Vec<RegionDecision>,
    /// What was looked at, for a second look after painting.
    pub looked_at: LookedAt,
}

/// Looks for text in every frame and decides what happens to it.
///
/// Words that identify, and unknown words beside them, are painted over; what happens to other unknown words and to
/// unread text the settings say. Where they have a [`super::Risk`], it says which of what would be painted over a person
/// must look at, and which unknown or unread text stays.
/// Regions of one line that are handled alike are joined and grown by the margin.
/// A decision that is the same in every frame is given once, for all frames.
///
/// All frames are read before the judge is asked, so that it hears of all lines at once.
///
/// The answer depends on nothing but the pixels, the locator, the judge and the settings; it is sorted by place.
///
/// # Errors
/// When a frame cannot be decoded or the reader fails. What cannot be inspected must not be released.
pub fn inspect(
    frames: &FrameSet<'_>,
    locator: &mut dyn TextLocator,
    judge: &dyn TextJudge,
    settings: &PixelSettings,
) -> Result<Inspected, PixelError> {
    let mut by_place = ByPlace::new();
    let mut seen = Seen::default();
    for proposed in propose_all(&mut seen, frames, 0..frames.n_frames(), locator, judge, settings)? {
        let (columns, rows) = proposed.size;
        let spared: Vec<SparedWord> = proposed.lines.iter().flat_map(|line| line.spared.iter().copied()).collect();
        let cut = proposed.lines.into_iter().flat_map(|line| joined_but_for(line.words, &spared));
        let grown =
            cut.map(|proposal| Proposal { region: grown(&proposal, settings, columns, rows), ..proposal }).collect();
        for proposal in without_covered(grown) {
            let key = (proposal.region, proposal.handling, proposal.rule.clone());
            let (kept, seen) = by_place.entry(key).or_insert_with(|| (proposal.clone(), BTreeSet::new()));
            if proposal.probability > kept.probability {
                *kept = proposal;
            }
            seen.insert(proposed.frame_idx);
        }
    }
    hold_through_frames(&mut by_place, frames.n_frames());
    Ok(Inspected { decisions: decisions(by_place, frames.n_frames()), looked_at: seen.looked_at() })
}

/// A region grown by the settings' margin, by a sixth of its height for accents and descenders, and sideways by two
/// thirds, because a sign at the end of a word is the one that finders lose. What a network found has grown by its own
/// deviations, and grows by the margin alone.
fn grown(proposal: &Proposal, settings: &PixelSettings, columns: u32, rows: u32) -> PixelRegion {
    let region = &proposal.region;
    if proposal.measured {
        return region.grown(settings.margin_px, columns, rows);
    }
    let height = region.y1 - region.y0;
    let sideways = height * 2 / 3 - height / 6;
    let wide = PixelRegion { x0: region.x0.saturating_sub(sideways), x1: region.x1 + sideways, ..*region };
    wide.grown(settings.margin_px + height / 6, columns, rows)
}

/// Burned-in text stands in every frame: what is hidden in one place of two frames is hidden there in all of them,
/// also in those whose ground made it hard to find. Noise seldom looks like text twice in one place.
fn hold_through_frames(by_place: &mut ByPlace, n_frames: u32) {
    let places: Vec<(PixelRegion, BTreeSet<u32>)> =
        by_place.values().map(|(proposal, seen)| (proposal.region, seen.clone())).collect();
    for (proposal, seen) in by_place.values_mut().filter(|(_, seen)| seen.len() < n_frames as usize) {
        let overlaps = |region: &PixelRegion| {
            let shared = region.intersection(&proposal.region).map_or(0, |shared| shared.area_px());
            shared * 2 >= proposal.region.area_px()
        };
        let frames: BTreeSet<u32> =
            places.iter().filter(|(region, _)| overlaps(region)).flat_map(|(_, seen)| seen.iter().copied()).collect();
        if frames.len() >= 2 {
            *seen = (0..n_frames).collect();
        }
    }
}

fn decisions(by_place: ByPlace, n_frames: u32) -> Vec<RegionDecision> {
    let mut decisions: Vec<RegionDecision> = Vec::new();
    for (proposal, seen) in by_place.values() {
        let is_everywhere = seen.len() as u64 == u64::from(n_frames);
        let frames: Vec<Option<u32>> =
            if is_everywhere { vec![None] } else { seen.iter().map(|&frame_idx| Some(frame_idx)).collect() };
        for (frame_idx, action) in frames
            .into_iter()
            .flat_map(|frame_idx| proposal.handling.actions().iter().map(move |&action| (frame_idx, action)))
        {
            decisions.push(proposal.decision(frame_idx, action));
        }
    }
    let sure = |one: &RegionDecision| one.decision.probability.get();
    decisions.sort_by(|a, b| a.place().cmp(&b.place()).then(sure(b).total_cmp(&sure(a))));
    // A place that frames show more and less surely may be painted over on both accounts.
    decisions.dedup_by(|later, kept| later.place() == kept.place());
    decisions
}

/// What is proposed for a line.
#[derive(Debug, Default)]
pub(super) struct ProposedLine {
    /// A proposal for each word. `None` stands for a word that stays, so that regions are not joined across it.
    pub(super) words: Vec<Option<Proposal>>,
    /// The words that stay because they identify nobody.
    pub(super) spared: Vec<SparedWord>,
}

/// What is proposed for a frame.
pub(super) struct ProposedFrame {
    pub(super) frame_idx: u32,
    /// Columns and rows.
    pub(super) size: (u32, u32),
    pub(super) lines: Vec<ProposedLine>,
}

/// Reads frames, and judges all of their lines at once.
pub(super) fn propose_all(
    seen: &mut Seen<'_>,
    frames: &FrameSet<'_>,
    indices: impl IntoIterator<Item = u32>,
    locator: &mut dyn TextLocator,
    judge: &dyn TextJudge,
    settings: &PixelSettings,
) -> Result<Vec<ProposedFrame>, PixelError> {
    let mut read = Vec::new();
    let mut all: Vec<Vec<LocatedText>> = Vec::new();
    for frame_idx in indices {
        let (located, size) = seen.locate(frames, frame_idx, locator)?;
        let lines = lines(&located);
        read.push((frame_idx, size, lines.len()));
        all.extend(lines);
    }
    let mut proposals = propose(&all, judge, settings).into_iter();
    let mut proposed = |n_lines| proposals.by_ref().take(n_lines).collect();
    let frames = read.into_iter();
    Ok(frames.map(|(frame_idx, size, n_lines)| ProposedFrame { frame_idx, size, lines: proposed(n_lines) }).collect())
}

/// The word, where it was read surely enough to be judged.
fn read_word<'t>(text: &'t LocatedText, settings: &PixelSettings) -> Option<&'t str> {
    let word = text.text.as_ref().filter(|_| text.confidence >= settings.min_confidence)?;
    Some(word.expose().as_str())
}

/// Judges lines, all at once.
fn propose(lines: &[Vec<LocatedText>], judge: &dyn TextJudge, settings: &PixelSettings) -> Vec<ProposedLine> {
    let words: Vec<Vec<&str>> =
        lines.iter().map(|line| line.iter().filter_map(|text| read_word(text, settings)).collect()).collect();
    let judgements = judge_lines(&words, judge);
    lines.iter().zip(judgements).map(|(line, judgements)| propose_line(line, judgements, settings)).collect()
}

/// What is proposed for the words of a line; `judgements` are those of the words that are read.
fn propose_line(line: &[LocatedText], judgements: Vec<Judgement>, settings: &PixelSettings) -> ProposedLine {
    let mut judgements = judgements.into_iter();
    let told: Vec<Option<Judgement>> = line
        .iter()
        .map(|text| read_word(text, settings).map(|_| judgements.next().unwrap_or(Judgement::Unknown)))
        .collect();
    let mut judged: Vec<Option<Judgement>> =
        line.iter().zip(&told).map(|(text, told)| Some(by_itself(text, told.as_ref()?))).collect();
    trust_what_is_explained(line, &mut judged);
    doubt_parts_of_names(line, &mut judged);
    doubt_words_between_names(line, &mut judged);
    doubt_capitals_alone(line, &mut judged);
    trust_ordinary_words(line, &mut judged);
    // What nothing has explained is what the network took it for, but that a short number says nothing by itself.
    for ((judged, told), text) in judged.iter_mut().zip(told).zip(line) {
        if *judged == Some(Judgement::Unknown) && !is_number(text) {
            *judged = told;
        }
    }
    let phi = judged.iter().any(|judgement| matches!(judgement, Some(Judgement::Phi { .. })));
    let spared = line.iter().zip(&judged).filter_map(|(text, judgement)| spared(text, judgement.as_ref())).collect();
    let words = line.iter().zip(judged).zip(beside_months(line));
    let proposal = |((text, judgement), month)| proposal(text, judgement, Beside { phi, month }, settings);
    ProposedLine { words: words.map(proposal).collect(), spared }
}

/// What a word that was read is before its line is asked. Where no rule says that it identifies, the vocabulary may know it;
/// what a token classifier says waits, since it has seen few lines of images.
fn by_itself(text: &LocatedText, told: &Judgement) -> Judgement {
    if !matches!(told, Judgement::Unknown | Judgement::Phi { source: Source::Ner, .. }) {
        return told.clone();
    }
    let is_known = text.text.as_ref().is_some_and(|word| is_harmless(word.expose())) || is_expected(text);
    if is_known { Judgement::Harmless } else { Judgement::Unknown }
}

/// Whether a text is a number that says nothing by itself.
fn is_number(text: &LocatedText) -> bool {
    text.text.as_ref().is_some_and(|word| is_short_number(word.expose()))
}

/// Whether a word that nobody knows is, by its signs, nearly as likely one that images are expected to hold.
fn is_expected(text: &LocatedText) -> bool {
    let n_signs =
        text.text.as_ref().map_or(0, |word| word.expose().chars().filter(|sign| sign.is_alphanumeric()).count());
    let least = match n_signs {
        0 | 1 => return false,
        2 => LEAST_EXPECTED_OF_TWO,
        _ => LEAST_EXPECTED,
    };
    text.network.and_then(|network| network.expected).is_some_and(|ratio| ratio >= least)
}

/// The word, if it identifies nobody and a network has found it.
fn spared(text: &LocatedText, judgement: Option<&Judgement>) -> Option<SparedWord> {
    let network = text.network.filter(|_| judgement == Some(&Judgement::Harmless))?;
    Some(SparedWord { region: text.region, text: network.probability, reading: text.confidence })
}

/// What a word of a line stands beside.
struct Beside {
    /// A word of the line identifies.
    phi: bool,
    /// It is a number, and a month is near.
    month: bool,
}

fn proposal(
    text: &LocatedText,
    judgement: Option<Judgement>,
    beside: Beside,
    settings: &PixelSettings,
) -> Option<Proposal> {
    let read = judgement.is_some().then_some(text.confidence);
    let identifies =
        |told: Probability, meaning| text.network.map_or(told, |network| network.identifies(read, meaning));
    let made = |handling, source, rule: &str, label, probability| {
        let (rule, evidence) = (rule.to_owned(), evidence(text, read));
        let measured = text.network.is_some();
        let proposal = Proposal { region: text.region, handling, source, rule, label, probability, evidence, measured };
        (handling != Handling::Keep).then_some(proposal)
    };
    let source = if read.is_some() { Source::Ocr } else { Source::Detector };
    match judgement {
        Some(Judgement::Phi { source, rule, label, probability }) => {
            let probability = identifies(probability, Meaning::Identifies(probability));
            made(settings.of_known(probability), source, &rule, label, probability)
        }
        Some(Judgement::Harmless) => None,
        Some(Judgement::Unknown) | None if beside.phi => {
            let probability = identifies(text.confidence, Meaning::Neighbour);
            made(settings.of_known(probability), source, NEIGHBOUR, None, probability)
        }
        Some(Judgement::Unknown) if is_number(text) && !beside.month => None,
        Some(Judgement::Unknown) => {
            let probability = identifies(text.confidence, Meaning::Unknown);
            made(settings.of_unknown(settings.unknown_words, probability), source, UNKNOWN_WORD, None, probability)
        }
        None => {
            let probability = identifies(text.confidence, Meaning::Unknown);
            made(settings.of_unknown(settings.unread_text, probability), source, UNREAD, None, probability)
        }
    }
}

/// What was measured of a place; `read` is the reader's confidence, where what it read counts.
fn evidence(text: &LocatedText, read: Option<Probability>) -> RegionEvidence {
    RegionEvidence {
        text: text.network.map(|network| network.probability),
        reading: read,
        deviations_px: text.network.map(|network| network.deviations_px),
        mutual_information: text.network.and_then(|network| network.mutual_information),
    }
}

/// The proposals of a line, neighbours joined. Words that are spared are cut out of places that nobody knows, and what is
/// left of such a place is joined with nothing.
fn joined_but_for(mut words: Vec<Option<Proposal>>, spared: &[SparedWord]) -> Vec<Proposal> {
    let mut cut: Vec<Proposal> = Vec::new();
    for word in &mut words {
        let unknown = word.as_ref().filter(|word| [UNREAD, UNKNOWN_WORD].contains(&word.rule.as_str()));
        let Some(left) = unknown.and_then(|word| rest(&word.region, &word.evidence, spared)) else { continue };
        let whole = word.take().expect("it is unknown");
        cut.extend(left.into_iter().map(|region| Proposal { region, ..whole.clone() }));
    }
    joined(words).into_iter().chain(cut).collect()
}

/// Joins neighbours of a line that are handled alike; the surest one that names a label speaks for them, with the greater
/// doubts of all.
fn joined(proposals: Vec<Option<Proposal>>) -> Vec<Proposal> {
    let mut joined: Vec<Proposal> = Vec::new();
    let mut touching = false;
    for proposal in proposals {
        let Some(proposal) = proposal else {
            touching = false;
            continue;
        };
        match joined.last_mut().filter(|last| touching && last.handling == proposal.handling) {
            Some(last) if near(&last.region, &proposal.region) => {
                let region = last.region.union(&proposal.region);
                let measured = last.measured && proposal.measured;
                let evidence = last.evidence.joined(proposal.evidence);
                let rank = |proposal: &Proposal| (proposal.label.is_some(), proposal.source != Source::Detector);
                if (rank(&proposal), proposal.probability) > (rank(last), last.probability) {
                    *last = proposal;
                }
                last.region = region;
                last.measured = measured;
                last.evidence = evidence;
            }
            _ => joined.push(proposal),
        }
        touching = true;
    }
    joined
}

fn near(left: &PixelRegion, right: &PixelRegion) -> bool {
    let height = (left.y1 - left.y0).max(right.y1 - right.y0);
    right.x0.saturating_sub(left.x1) <= 3 * height
}

/// Drops a region that lies in another one that is handled alike, as the second view of a frame gives many.
fn without_covered(mut proposals: Vec<Proposal>) -> Vec<Proposal> {
    proposals.sort_by(|a, b| b.region.area_px().cmp(&a.region.area_px()).then(a.region.cmp(&b.region)));
    let mut kept: Vec<Proposal> = Vec::new();
    for proposal in proposals {
        let covered = kept.iter().any(|other| {
            other.handling == proposal.handling
                && (other.label.is_some() || proposal.label.is_none())
                && other.region.intersection(&proposal.region) == Some(proposal.region)
        });
        if !covered {
            kept.push(proposal);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::drawn;
    use dicom_object::DefaultDicomObject;
    use efface_frames::GrayFrame;
    use efface_schema::Phi;
    use std::cell::RefCell;

    struct Names;

    impl TextJudge for Names {
        fn judge(&self, lines: &[Vec<&str>]) -> Vec<Vec<Judgement>> {
            let phi = || Judgement::Phi {
                source: Source::Tier2,
                rule: "patient-name".to_owned(),
                label: Some(PhiLabel::Name),
                probability: Probability::ONE,
            };
            let judgement = |word: &&str| if *word == "DOE" { phi() } else { Judgement::Unknown };
            lines.iter().map(|words| words.iter().map(judgement).collect()).collect()
        }
    }

    fn line(words: &[Option<&str>]) -> Vec<LocatedText> {
        let place = |idx: usize| PixelRegion { x0: idx as u32 * 50, y0: 0, x1: idx as u32 * 50 + 40, y1: 12 };
        let located = words.iter().enumerate().map(|(idx, word)| LocatedText {
            region: place(idx),
            text: word.map(|word| Phi::new(word.to_owned())),
            confidence: Probability::new(0.9).expect("a probability"),
            line: 0,
            network: None,
        });
        located.collect()
    }

    fn proposals(line: &[LocatedText], settings: &PixelSettings) -> Vec<Option<Proposal>> {
        propose(&[line.to_vec()], &Names, settings).remove(0).words
    }

    fn rules(words: &[Option<&str>], settings: &PixelSettings) -> Vec<Option<String>> {
        let proposals = proposals(&line(words), settings);
        proposals
            .into_iter()
            .map(|proposal| {
                proposal.map(|proposal| {
                    let actions: Vec<&str> = proposal.handling.actions().iter().map(|action| action.as_str()).collect();
                    format!("{} {}", actions.join("+"), proposal.rule)
                })
            })
            .collect()
    }

    #[test]
    fn numbers_beside_a_month_are_parts_of_a_date_that_was_misread() {
        let hide = PixelSettings::default();
        let kept = |words: &[&str]| {
            let words: Vec<Option<&str>> = words.iter().copied().map(Some).collect();
            rules(&words, &hide).iter().filter(|rule| rule.is_none()).count()
        };
        assert_eq!(kept(&["DOB", "62", "Aug", "77"]), 1);
        assert_eq!(kept(&["19.", "Marz", "W"]), 1);
        assert_eq!(kept(&["TR", "400", "TE", "14"]), 4);
    }

    #[test]
    fn parts_of_names_lose_their_harmlessness_beside_unknown_words() {
        let hide = PixelSettings::default();
        let hidden = |words: &[&str]| {
            let words: Vec<Option<&str>> = words.iter().copied().map(Some).collect();
            rules(&words, &hide).iter().map(Option::is_some).collect::<Vec<_>>()
        };
        assert_eq!(hidden(&["Port", "Glenna", "Long", "Head"]), [true; 4]);
        assert_eq!(hidden(&["Port", "PORTABLE", "Smith"]), [false, false, true]);
        assert_eq!(hidden(&["PORT", "Smith"]), [false, true]);
        assert_eq!(hidden(&["Gain", "52"]), [false, false]);
    }

    #[test]
    fn a_token_classifier_alone_makes_no_name_of_known_words_and_short_numbers() {
        let line = line(&[Some("Gain"), Some("57"), Some("Quimby")]);
        let told = |source| {
            let probability = Probability::new(0.99).expect("a probability");
            let phi = Judgement::Phi { source, rule: "ner".to_owned(), label: Some(PhiLabel::Name), probability };
            propose_line(&line, vec![phi; 3], &PixelSettings::default()).words
        };
        let rules: Vec<Option<String>> = told(Source::Ner).into_iter().map(|word| word.map(|word| word.rule)).collect();
        assert_eq!(rules, [None, Some(NEIGHBOUR.to_owned()), Some("ner".to_owned())]);
        assert!(told(Source::Tier2).iter().all(|word| word.as_ref().is_some_and(|word| word.rule == "ner")));
    }

    #[test]
    fn what_nobody_knows_is_hidden_and_harmless_words_stay() {
        let hide = PixelSettings::default();
        let expect = [None, Some("redact ocr-unknown-word"), Some("redact detector-unread"), None];
        let found = rules(&[Some("PORTABLE"), Some("Smith"), None, Some("12")], &hide);
        assert_eq!(found.iter().map(Option::as_deref).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn a_word_that_identifies_takes_its_neighbours_along_unless_they_are_harmless() {
        let keep = PixelSettings {
            unknown_words: crate::pixels::Handling::Keep,
            unread_text: crate::pixels::Handling::Keep,
            ..PixelSettings::default()
        };
        let found = rules(&[Some("DOE"), Some("Smith"), Some("L"), None, Some("12")], &keep);
        let neighbour = Some("redact ocr-phi-neighbour");
        let expect = [Some("redact patient-name"), neighbour, None, neighbour, neighbour];
        assert_eq!(found.iter().map(Option::as_deref).collect::<Vec<_>>(), expect);
        assert_eq!(rules(&[Some("Smith"), None], &keep), [None, None]);
    }

    fn risky(act: f64, review: f64) -> PixelSettings {
        let [act, review] = [act, review].map(|value| Probability::new(value).expect("a probability"));
        PixelSettings { risk: Some(crate::pixels::Risk::new(act, review).expect("in order")), ..Default::default() }
    }

    /// What happens to a line of which each place has its own confidence.
    fn handled(words: &[(Option<&str>, f64)], settings: &PixelSettings) -> Vec<Option<Handling>> {
        let mut texts = line(&words.iter().map(|(word, _)| *word).collect::<Vec<_>>());
        for (text, (_, confidence)) in texts.iter_mut().zip(words) {
            text.confidence = Probability::new(*confidence).expect("a probability");
        }
        proposals(&texts, settings).into_iter().map(|proposal| proposal.map(|one| one.handling)).collect()
    }

    #[test]
    fn the_risk_paints_flags_or_keeps_what_nobody_knows() {
        let words = [(Some("Smith"), 0.9), (Some("Quorl"), 0.4), (None, 0.3), (None, 0.04)];
        let (paint, flag) = (Some(Handling::Redact), Some(Handling::RedactAndReview));
        assert_eq!(handled(&words, &risky(0.5, 0.05)), [paint, flag, flag, None]);
        assert_eq!(handled(&words, &PixelSettings::default()), [paint; 4]);
        // What the policy has said of a class goes first.
        let keep = PixelSettings { unknown_words: Handling::Keep, unread_text: Handling::Review, ..risky(0.5, 0.05) };
        let review = Some(Handling::Review);
        assert_eq!(handled(&words, &keep), [None, None, review, review]);
    }

    #[test]
    fn no_probability_lets_stay_what_is_known_to_identify_or_stands_beside_it() {
        let words = [(Some("DOE"), 0.9), (Some("Smith"), 0.3), (None, 0.01), (Some("PORTABLE"), 0.9)];
        let flag = Some(Handling::RedactAndReview);
        assert_eq!(handled(&words, &risky(0.5, 0.5)), [Some(Handling::Redact), flag, flag, None]);
    }

    #[test]
    fn a_region_that_is_painted_and_flagged_has_a_decision_for_each() {
        let mut words = line(&[Some("Smith"), Some("Quorl")]);
        words[1].confidence = Probability::new(0.6).expect("a probability");
        let found = joined(proposals(&words, &risky(0.95, 0.05))).remove(0);
        assert_eq!(found.evidence.reading, Some(words[1].confidence));
        let by_place = ByPlace::from([((found.region, found.handling, found.rule.clone()), (found, [0, 1].into()))]);
        let decided = decisions(by_place, 2);
        let actions: Vec<Action> = decided.iter().map(|one| one.decision.action).collect();
        assert_eq!(actions, [Action::Redact, Action::Review]);
        assert_eq!(decided[0].decision.locus, decided[1].decision.locus);
        assert!(decided.iter().all(|one| one.decision.probability.get() == 0.9));
    }

    #[test]
    fn a_reading_without_confidence_is_not_judged() {
        let mut words = line(&[Some("PORTABLE")]);
        words[0].confidence = Probability::ZERO;
        let proposals = proposals(&words, &PixelSettings::default());
        assert_eq!(proposals[0].as_ref().map(|proposal| proposal.rule.as_str()), Some(UNREAD));
    }

    #[test]
    fn neighbours_are_joined_and_the_label_survives() {
        let settings = PixelSettings::default();
        let joined = joined(proposals(&line(&[Some("Smith"), Some("DOE"), Some("L"), Some("Doe-Roe")]), &settings));
        assert_eq!(joined.len(), 2);
        assert_eq!((joined[0].region.x0, joined[0].region.x1), (0, 90));
        assert_eq!(joined[0].label, Some(PhiLabel::Name));
        assert_eq!((joined[1].region.x0, joined[1].region.x1), (150, 190));
    }

    #[test]
    fn what_two_frames_show_in_one_place_is_hidden_in_all() {
        let found = joined(proposals(&line(&[Some("Smith")]), &PixelSettings::default())).remove(0);
        let key = (found.region, found.handling, found.rule.clone());
        let seen = |frames: &[u32]| frames.iter().copied().collect::<BTreeSet<u32>>();
        for (frames, expect) in [(seen(&[1, 3]), 4), (seen(&[2]), 1)] {
            let mut by_place = BTreeMap::from([(key.clone(), (found.clone(), frames))]);
            hold_through_frames(&mut by_place, 4);
            assert_eq!(by_place[&key].1.len(), expect);
        }
    }

    /// An image of so many frames; the second bright pixel says which one it is.
    fn image(n_frames: u16) -> DefaultDicomObject {
        let frame = |idx: u16| (0..32).map(move |at| if at == 0 || at == idx + 1 { 255_u8 } else { 0 });
        drawn::image(8, 4, "MONOCHROME2", (0..n_frames).flat_map(frame).collect())
    }

    /// Finds two lines in every frame: one that all share, and one with a name in the second frame alone.
    struct Lines;

    impl TextLocator for Lines {
        fn locate(&mut self, frame: &GrayFrame) -> Result<Vec<LocatedText>, PixelError> {
            let frame_idx = frame.pixels().iter().skip(1).position(|pixel| *pixel == 255).expect("a bright pixel");
            let own = [Some("seen"), Some(if frame_idx == 1 { "DOE" } else { "twice" })];
            let below = |text: LocatedText| {
                let region = PixelRegion { y0: text.region.y0 + 40, y1: text.region.y1 + 40, ..text.region };
                LocatedText { region, line: 1, ..text }
            };
            Ok(line(&[Some("AXIAL"), Some("Roe")]).into_iter().chain(line(&own).into_iter().map(below)).collect())
        }
    }

    /// Judges as [`Names`] does, all lines at once or each by itself, and counts what it is asked.
    struct Counting {
        at_once: bool,
        calls: RefCell<Vec<usize>>,
    }

    impl TextJudge for Counting {
        fn judge(&self, lines: &[Vec<&str>]) -> Vec<Vec<Judgement>> {
            self.calls.borrow_mut().push(lines.len());
            if self.at_once {
                return Names.judge(lines);
            }
            lines.iter().flat_map(|line| Names.judge(std::slice::from_ref(line))).collect()
        }
    }

    #[test]
    fn all_lines_of_all_frames_are_asked_about_once_and_at_once() {
        let object = image(4);
        let frames = FrameSet::open(&object).expect("the image is valid");
        let decided = |at_once| {
            let judge = Counting { at_once, calls: RefCell::default() };
            let found = inspect(&frames, &mut Lines, &judge, &PixelSettings::default()).expect("it can be inspected");
            (found.decisions, judge.calls.into_inner())
        };
        let (found, calls) = decided(true);
        // The shared line, that of the second frame, and that of the others.
        assert_eq!(calls, [3]);
        assert_eq!(found, decided(false).0, "a line is judged alone as it is among others");
        let decisions = found.iter().map(|one| &one.decision);
        let names: Vec<&Decision> = decisions.filter(|decision| decision.rule == "patient-name").collect();
        let frame_idx = |decision: &Decision| match decision.locus {
            Locus::PixelRegion { frame_idx, .. } => frame_idx,
            _ => None,
        };
        assert!(!names.is_empty() && found.len() > names.len(), "{found:?}");
        assert!(names.iter().all(|decision| frame_idx(decision).is_none_or(|frame_idx| frame_idx == 1)), "{names:?}");
    }
}
