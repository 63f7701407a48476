//! The page: what the template is given.

use super::card::Card;
use super::limits::{asked, limits};
use super::measured::{facts, hashes};
use super::plot::{Bar, forest};
use crate::Case;
use crate::compare::{Evaluated, GateResult};
use crate::error::EvaluationError as Error;
use crate::midi::StrictRule;
use crate::models::page::beside;
use efface_schema::{
    BaselineScore, CheckCounts, CheckScores, ChecksByPatient, HipaaElement, Metrics, MidiMetrics, Place, Rate,
    RecallCell, RecallMetrics,
};
use minijinja::{AutoEscape, Environment, Value, context};
use std::collections::{BTreeMap, BTreeSet};

/// The style of every page.
pub(crate) const STYLE: &str = include_str!("style.css");

/// So many kinds of failure are listed.
const MAX_WORST: usize = 40;

/// Knows the template of a page, by the name `page`, and the one that shows sections of any page.
pub(crate) fn environment(page: &'static str) -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("sections", include_str!("sections.html"))?;
    environment.add_template("page", page)?;
    Ok(environment)
}

/// Renders the page. It holds no value and no identifier, as its sources do not.
pub(super) fn page(evaluated: &Evaluated, requirements: &[GateResult]) -> Result<String, Error> {
    let Evaluated { metrics, cases, run, suite, .. } = evaluated;
    let environment = environment(include_str!("page.html")).map_err(|_| Error::Report)?;
    let card = suite.card.as_deref().map(Card::parse);
    let recall = &metrics.recall;
    let elements = recall.by_element.iter().map(|(element, cell)| (format!("{element} · {}", element.title()), cell));
    let places = recall.by_place.iter().map(|(place, cell)| (place.as_str().replace('_', " "), cell));
    let labels = recall.by_label.iter().map(|(label, cell)| (label.as_str().to_owned(), cell));
    let modalities = recall.by_modality.iter().map(|(modality, cell)| (modality.clone(), cell));
    let locales = recall.by_locale.iter().map(|(locale, cell)| (locale.clone(), cell));
    let page = environment.get_template("page").map_err(|_| Error::Report)?.render(context! {
        style => Value::from_safe_string(STYLE.to_owned()),
        cards => cards(metrics),
        groups => vec![
            group("HIPAA element", "element", "Elements of 45 CFR 164.514(b)(2)(i).", elements.collect()),
            group("kind of place", "place", "Where inside an instance the value was planted.", places.collect()),
            group("label", "label", "What the value is.", labels.collect()),
            group("modality", "modality", "The modality of the instance.", modalities.collect()),
            group("locale", "locale", "The locale of the patient's names and addresses.", locales.collect()),
        ],
        requirements => requirements.iter().map(requirement).collect::<Vec<_>>(),
        verdict => verdict(requirements),
        doubts => asked(metrics, requirements),
        grids => grids(recall),
        matched => metrics.paired.map(|of| context! {
            pixels => of.by_pixels, similar => of.by_similarity, originals => of.originals_unmatched,
            outputs => of.outputs_unmatched,
        }),
        limits => limits(evaluated, card.as_ref(), requirements),
        overall => cell(&recall.overall),
        retention => retention(metrics),
        retention_plot => Value::from_safe_string(retention_plot(metrics)),
        residual => residual(metrics),
        midi => metrics.midi.as_ref().map(midi),
        beside => beside(evaluated),
        worst => worst(cases),
        instances => instances(metrics),
        facts => facts(evaluated, card.as_ref()),
        hashes => hashes(evaluated),
        dataset => card.as_ref().map(|card| context! {
            sentences => card.sentences().collect::<Vec<_>>(), tables => card.tables(),
        }),
        settings => run.as_ref().map(|run| serde_json::to_string_pretty(&run.settings).unwrap_or_default()),
    });
    page.map_err(|_| Error::Report)
}

fn instances(metrics: &Metrics) -> Value {
    let counts = metrics.instances;
    context! {
        instances => counts.instances, output_files => counts.output_files, withheld => counts.withheld,
        damaged => counts.damaged, not_dicom => counts.not_dicom, unmatched => counts.unmatched,
    }
}

pub(crate) fn percent(share: f64) -> String {
    // Never "100.00" for less than all, nor "0.00" for more than nothing.
    let rounded = format!("{:.2}", 100.0 * share);
    match rounded.as_str() {
        "100.00" if share < 1.0 => "99.99".to_owned(),
        "0.00" if share > 0.0 => "0.01".to_owned(),
        _ => rounded,
    }
}

/// Both ends of the interval of a rate.
pub(crate) fn interval(rate: &Rate) -> String {
    format!("{} – {} %", percent(rate.low), percent(rate.high))
}

fn rate(rate: Rate) -> Value {
    context! {
        share => percent(rate.value()),
        low => percent(rate.low),
        high => percent(rate.high),
        numerator => rate.numerator,
        denominator => rate.denominator,
        whole => rate.numerator == rate.denominator,
    }
}

fn cell(cell: &RecallCell) -> Value {
    context! {
        removed => cell.removed.map(rate),
        by_patient => cell.removed_by_patient.map(rate),
        patients => cell.patients,
        bound => cell.leak_upper_bound.map(|bound| format!("{:.2}", 100.0 * bound)),
        bound_by_patient => cell.leak_upper_bound_by_patient.map(|bound| format!("{:.2}", 100.0 * bound)),
        leaked => cell.leaked,
        withheld => cell.withheld,
        unjudged => cell.unjudged,
    }
}

fn card(name: &str, of: Option<Rate>, note: &str, must_be_whole: bool) -> Value {
    let state = match of {
        None => "unmeasured",
        Some(_) if !must_be_whole => "plain",
        Some(rate) if rate.numerator == rate.denominator => "good",
        Some(_) => "bad",
    };
    context! { name => name, rate => of.map(rate), note => note, state => state }
}

fn cards(metrics: &Metrics) -> Vec<Value> {
    let counts = metrics.instances;
    let mut cards = vec![
        card(
            "PHI removed",
            metrics.recall.overall.removed,
            "planted values gone from every place of their instance",
            true,
        ),
        card(
            "Files without residue",
            metrics.residual.clean_files,
            "no planted value of any patient in any byte",
            true,
        ),
        card(
            "Instances released",
            Rate::new(counts.found, counts.instances),
            "the others are withheld for review or quarantine",
            false,
        ),
    ];
    let (kept, all) = metrics
        .retention
        .by_kind
        .values()
        .fold((0, 0), |(kept, all), rate| (kept + rate.numerator, all + rate.denominator));
    cards.push(card("Harmless values kept", Rate::new(kept, all), "attributes and texts that identify nobody", false));
    if let Some(midi) = &metrics.midi {
        let mode = if midi.strict.is_some() { "strict" } else { "official" };
        let note = format!("{mode}, checks that something is gone, {} report", midi.report);
        cards.push(card("MIDI-B removal", midi.leading().removal.rate(), &note, true));
        let note = format!("{mode}, checks that something is kept, {} report", midi.report);
        cards.push(card("MIDI-B retention", midi.leading().retention.rate(), &note, false));
    }
    cards
}

fn group(by: &str, id: &str, about: &str, rows: Vec<(String, &RecallCell)>) -> Value {
    let bars: Vec<Bar> = rows
        .iter()
        .filter_map(|(name, cell)| Some(Bar { name: name.clone(), rate: cell.removed?, must_be_whole: true }))
        .collect();
    let description = bars
        .iter()
        .map(|bar| {
            format!(
                "{}: {} %, from {} to {}.",
                bar.name,
                percent(bar.rate.value()),
                percent(bar.rate.low),
                percent(bar.rate.high)
            )
        })
        .collect::<Vec<_>>()
        .join(" ");
    context! {
        by => by,
        id => id,
        about => about,
        plot => Value::from_safe_string(forest(&format!("Share of planted values removed, by {by}, with 95 % Wilson intervals"), &description, &bars)),
        rows => rows.iter().map(|(name, of)| context! { name => name, cell => cell(of) }).collect::<Vec<_>>(),
    }
}

fn retention(metrics: &Metrics) -> Vec<Value> {
    let row = |(name, of, by_patient): (&'static str, Rate, Option<Rate>)| {
        context! {
            name => name, rate => rate(of), by_patient => by_patient.map(rate),
        }
    };
    super::kept(&metrics.retention).into_iter().map(row).collect()
}

fn retention_plot(metrics: &Metrics) -> String {
    let bar =
        |(name, rate, _): (&'static str, Rate, Option<Rate>)| Bar { name: name.to_owned(), rate, must_be_whole: false };
    let bars: Vec<Bar> = super::kept(&metrics.retention).into_iter().map(bar).collect();
    forest(
        "Share of harmless content kept, with 95 % Wilson intervals",
        "The table beside it holds the same figures.",
        &bars,
    )
}

fn residual(metrics: &Metrics) -> Value {
    let mut places: Vec<(&String, &u64)> = metrics.residual.by_attribute.iter().collect();
    places.sort_by(|(left_name, left), (right_name, right)| right.cmp(left).then(left_name.cmp(right_name)));
    context! {
        hits => metrics.residual.hits,
        searched => metrics.residual.values_searched,
        skipped => metrics.residual.values_skipped,
        megabytes => format!("{:.1}", metrics.residual.bytes_scanned as f64 / 1e6),
        clean => metrics.residual.clean_files.map(rate),
        places => places.iter().take(MAX_WORST).map(|(name, count)| context! { name => name.as_str(), count => **count }).collect::<Vec<_>>(),
        more => places.len().saturating_sub(MAX_WORST),
    }
}

fn counts(name: &str, counts: &CheckCounts) -> Value {
    context! {
        name => name, pass => counts.pass, fail => counts.fail, blank => counts.blank, total => counts.total(),
        rate => counts.rate().map(rate),
    }
}

fn midi(midi: &MidiMetrics) -> Value {
    let leading = midi.leading();
    let actions: Vec<Value> =
        leading.by_action.iter().map(|(action, of)| counts(&action.replace('_', " "), of)).collect();
    let categories: Vec<Value> = leading
        .by_category
        .iter()
        .flat_map(|(family, codes)| {
            codes.iter().map(move |(code, of)| context! { family => family, counts => counts(code, of) })
        })
        .collect();
    let compared = compared(midi);
    let bars = compared.iter().flat_map(|(name, [_, removal, retention], _)| {
        [("removal", removal), ("retention", retention)].map(|(what, counts)| {
            Some(Bar { name: format!("{name}: {what}"), rate: counts.rate()?, must_be_whole: false })
        })
    });
    let bars: Vec<Bar> = bars.flatten().collect();
    let families = leading.by_category.iter().map(|(family, codes)| {
        counts(family, &codes.values().fold(CheckCounts::default(), |sum, counts| sum + *counts))
    });
    context! {
        report => midi.report.clone(),
        strict => midi.strict.is_some(),
        families => families.collect::<Vec<_>>(),
        compared => compared.iter().map(|(name, [all, removal, retention], by_patient)| context! {
            name => *name, all => counts("all", all), removal => counts("removal", removal),
            retention => counts("retention", retention),
            by_patient => by_patient.map(|of| [of.all, of.removal, of.retention].map(|share| share.map(rate)).to_vec()),
        }).collect::<Vec<_>>(),
        plot => Value::from_safe_string(forest("MIDI-B checks of removal and of retention, beside two baselines", "The table below holds the same figures.", &bars)),
        objections => midi.strict.iter().flat_map(|strict| &strict.objections).map(|(code, count)| context! {
            code => code, count => *count, about => StrictRule::by_code(code).map(StrictRule::summary),
        }).collect::<Vec<_>>(),
        actions => actions,
        categories => categories,
        missing => midi.missing_files,
        unknown => midi.unknown_files,
        reader => midi.pixel_reader.clone(),
        unread => midi.unread_pixels,
    }
}

/// A score with its checks of all kinds, of removal and of retention, and their shares by patient.
type Compared = (&'static str, [CheckCounts; 3], Option<ChecksByPatient>);

/// Scores that stand beside each other.
fn compared(midi: &MidiMetrics) -> Vec<Compared> {
    let scores = |of: &CheckScores| [of.all, of.removal, of.retention];
    let baseline = |of: BaselineScore| [of.all, of.removal, of.retention];
    let strict =
        midi.strict.as_ref().map(|strict| ("This output, strict", scores(&strict.scores), midi.strict_by_patient));
    let official = ("This output, official", scores(&midi.official), Some(midi.official_by_patient));
    let do_nothing = midi.do_nothing.map(|of| ("Do nothing, official", baseline(of), None));
    let empty = midi.empty.map(|of| ("Empty output, official", baseline(of), None));
    strict.into_iter().chain([official]).chain(do_nothing).chain(empty).collect()
}

fn requirement(result: &GateResult) -> Value {
    context! { threshold => &result.threshold, found => &result.found, passed => result.passed }
}

/// The headline: whether what was asked for is kept.
fn verdict(requirements: &[GateResult]) -> Value {
    let kept = requirements.iter().filter(|result| result.passed).count();
    let state = match requirements.len() {
        0 => "unmeasured",
        n if n == kept => "good",
        _ => "bad",
    };
    context! { state => state, kept => kept, all => requirements.len() }
}

/// Elements down and another property across, where there is any.
fn grids(recall: &RecallMetrics) -> Vec<Value> {
    let place = |place: &Place| place.as_str().replace('_', " ");
    let grids = [
        grid("place", &recall.by_element_and_place, place),
        grid("modality", &recall.by_element_and_modality, String::clone),
        grid("locale", &recall.by_element_and_locale, String::clone),
    ];
    grids.into_iter().flatten().collect()
}

/// Removed of judged, and whether that is all.
fn grid<K: Ord>(
    by: &str,
    of: &BTreeMap<HipaaElement, BTreeMap<K, RecallCell>>,
    name: impl Fn(&K) -> String,
) -> Option<Value> {
    let columns: BTreeSet<&K> = of.values().flat_map(BTreeMap::keys).collect();
    let rows = of.iter().map(|(element, of)| {
        let cells = columns.iter().map(|column| match of.get(*column).and_then(|cell| cell.removed) {
            Some(found) => context! { rate => rate(found) },
            None => context! { withheld => of.get(*column).map_or(0, |cell| cell.withheld) },
        });
        context! { element => element.to_string(), title => element.title(), cells => cells.collect::<Vec<_>>() }
    });
    let grid = context! {
        by => by,
        columns => columns.iter().map(|column| name(column)).collect::<Vec<_>>(),
        rows => rows.collect::<Vec<_>>(),
    };
    (!columns.is_empty()).then_some(grid)
}

/// Kinds of failure by frequency: the same locus and verdict over all instances.
fn worst(cases: &[Case]) -> Value {
    let mut kinds: BTreeMap<(&str, &str, &str, &str, &str), u64> = BTreeMap::new();
    for case in
        cases.iter().filter(|case| matches!(case.verdict.as_str(), "leaked" | "leaked_elsewhere" | "lost" | "unjudged"))
    {
        *kinds.entry((&case.verdict, &case.place, &case.element, &case.label, &case.locus)).or_default() += case.count;
    }
    let mut rows: Vec<_> = kinds.into_iter().collect();
    // Leaks first: verdicts sort alphabetically in that order.
    rows.sort_by(|(left, left_count), (right, right_count)| {
        left.0.cmp(right.0).then(right_count.cmp(left_count)).then(left.cmp(right))
    });
    let shown = rows.iter().take(MAX_WORST).map(|((verdict, place, element, label, locus), count)| {
        context! {
            verdict => verdict.replace('_', " "), place => place.replace('_', " "), element => *element,
            label => label.replace('_', " "), locus => *locus, count => *count,
        }
    });
    context! { rows => shown.collect::<Vec<_>>(), more => rows.len().saturating_sub(MAX_WORST) }
}
