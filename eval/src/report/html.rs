//! The page: what the template is given.

use super::plot::{Bar, forest};
use crate::Case;
use crate::error::EvaluationError as Error;
use efface_schema::{CheckCounts, Metrics, MidiMetrics, Rate, RecallCell, RunManifest};
use minijinja::{AutoEscape, Environment, Value, context};
use std::collections::BTreeMap;

/// So many kinds of failure are listed.
const MAX_WORST: usize = 40;

/// Renders the page. It holds no value and no identifier, as its sources do not.
pub(super) fn page(metrics: &Metrics, cases: &[Case], run: Option<&RunManifest>) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("page", include_str!("page.html")).map_err(|_| Error::Report)?;
    let recall = &metrics.recall;
    let elements = recall.by_element.iter().map(|(element, cell)| (format!("{element} · {}", element.title()), cell));
    let places = recall.by_place.iter().map(|(place, cell)| (place.as_str().replace('_', " "), cell));
    let labels = recall.by_label.iter().map(|(label, cell)| (label.as_str().to_owned(), cell));
    let modalities = recall.by_modality.iter().map(|(modality, cell)| (modality.clone(), cell));
    let page = environment.get_template("page").map_err(|_| Error::Report)?.render(context! {
        cards => cards(metrics),
        groups => vec![
            group("HIPAA element", "element", "Elements of 45 CFR 164.514(b)(2)(i).", elements.collect()),
            group("kind of place", "place", "Where inside an instance the value was planted.", places.collect()),
            group("label", "label", "What the value is.", labels.collect()),
            group("modality", "modality", "The modality of the instance.", modalities.collect()),
        ],
        overall => cell(&recall.overall),
        retention => retention(metrics),
        retention_plot => Value::from_safe_string(retention_plot(metrics)),
        residual => residual(metrics),
        midi => metrics.midi.as_ref().map(midi),
        worst => worst(cases),
        instances => instances(metrics),
        provenance => provenance(metrics, run),
        run => run.map(run_facts),
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

fn percent(share: f64) -> String {
    // Never "100.00" for less than all, nor "0.00" for more than nothing.
    let rounded = format!("{:.2}", 100.0 * share);
    match rounded.as_str() {
        "100.00" if share < 1.0 => "99.99".to_owned(),
        "0.00" if share > 0.0 => "0.01".to_owned(),
        _ => rounded,
    }
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
        cards.push(card("MIDI-B score", midi.all.rate(), &format!("{} report, all checks pooled", midi.report), false));
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

fn retained_rates(metrics: &Metrics) -> Vec<(String, Rate)> {
    let kinds = metrics.retention.by_kind.iter().map(|(kind, rate)| {
        let name = match kind.as_str() {
            "present" => "attribute present",
            "not_empty" => "attribute not empty",
            _ => "text unchanged",
        };
        (name.to_owned(), *rate)
    });
    let hidden = metrics.retention.harmless_words_hidden;
    let readable = hidden.and_then(|hidden| Rate::new(hidden.denominator - hidden.numerator, hidden.denominator));
    let pixels = [
        ("clean images identical to the byte", metrics.retention.identical_pixels),
        ("pixels outside planted boxes unchanged", metrics.retention.unchanged_pixels),
        ("harmless drawn words readable", readable),
    ];
    kinds.chain(pixels.into_iter().filter_map(|(name, rate)| Some((name.to_owned(), rate?)))).collect()
}

fn retention(metrics: &Metrics) -> Vec<Value> {
    retained_rates(metrics).into_iter().map(|(name, of)| context! { name => name, rate => rate(of) }).collect()
}

fn retention_plot(metrics: &Metrics) -> String {
    let bars: Vec<Bar> =
        retained_rates(metrics).into_iter().map(|(name, rate)| Bar { name, rate, must_be_whole: false }).collect();
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
    let actions: Vec<Value> = midi.by_action.iter().map(|(action, of)| counts(&action.replace('_', " "), of)).collect();
    let categories: Vec<Value> = midi
        .by_category
        .iter()
        .flat_map(|(family, codes)| {
            codes.iter().map(move |(code, of)| context! { family => family, counts => counts(code, of) })
        })
        .collect();
    let compared = [("This output", Some(midi.all)), ("Do nothing", midi.do_nothing), ("Empty output", midi.empty)];
    let bars = compared.iter().filter_map(|(name, counts)| {
        Some(Bar { name: (*name).to_owned(), rate: (*counts)?.rate()?, must_be_whole: false })
    });
    let bars: Vec<Bar> = bars.collect();
    context! {
        report => midi.report.clone(),
        all => counts("All", &midi.all),
        compared => compared.iter().filter_map(|(name, of)| of.as_ref().map(|of| counts(name, of))).collect::<Vec<_>>(),
        plot => Value::from_safe_string(forest("MIDI-B score of this output beside two baselines", "The table below holds the same figures.", &bars)),
        actions => actions,
        categories => categories,
        missing => midi.missing_files,
        unknown => midi.unknown_files,
        reader => midi.pixel_reader.clone(),
        unread => midi.unread_pixels,
    }
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

fn provenance(metrics: &Metrics, run: Option<&RunManifest>) -> Vec<Value> {
    let on = &metrics.measured_on;
    let mut facts = vec![("Scored by".to_owned(), format!("efface {}", on.efface_version))];
    if let Some(run) = run {
        facts.push(("Written by".to_owned(), format!("efface {} {}", run.efface_version, run.command)));
    }
    let hashes = [
        ("Ground truth", &on.truth_sha256),
        ("Answer key", &on.key_sha256),
        ("Scored files", &on.outputs_sha256),
        ("Suite manifest", &on.suite_manifest_sha256),
        ("Run manifest", &on.run_manifest_sha256),
        ("Run settings", &on.run_settings_sha256),
    ];
    let hashes = hashes
        .into_iter()
        .filter_map(|(name, hash)| Some((format!("{name} (SHA-256)"), hash.as_ref()?.as_str().to_owned())));
    facts.extend(hashes);
    facts.into_iter().map(|(name, value)| context! { name => name, value => value }).collect()
}

fn run_facts(run: &RunManifest) -> Value {
    context! {
        platform => run.machine.platform.clone(),
        threads => run.machine.n_threads,
        status => run.status.as_str(),
        counts => run.counts.map(|counts| context! {
            inputs => counts.inputs, deidentified => counts.deidentified, needs_review => counts.needs_review,
            quarantined => counts.quarantined,
        }),
        settings => serde_json::to_string_pretty(&run.settings).unwrap_or_default(),
    }
}
