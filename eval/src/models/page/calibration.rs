//! Probabilities.

use super::{Card, Page, Section, Table, ends, estimate, limits, measured_files, plot, share};
use crate::models::plot::{reliability, review, risk_coverage};
use crate::report::html::percent;
use efface_schema::{BinnedCalibration, CalibrationFigures, CalibrationMetrics, Estimate, ReliabilityBin};

pub(super) fn page(metrics: &CalibrationMetrics) -> Page {
    let all = &metrics.overall;
    let card = |name: &str, of: Estimate, note: &str| {
        let [figure, ends] = estimate(of);
        let interval = (!ends.is_empty()).then(|| format!("95 % interval {ends}"));
        Card { name: name.to_owned(), figure: Some(figure), unit: "", interval, note: note.to_owned() }
    };
    Page {
        title: "Calibration",
        lead: format!("{} decisions about {} patients or other clusters.", all.n_decisions, all.n_clusters),
        cards: vec![
            card("Expected error", all.equal_mass.expected_error, "mean distance of probability and outcome, bins of equal mass"),
            card("Maximum error", all.equal_mass.maximum_error, "the bin that is furthest off"),
            card("Brier score", all.brier_score, "mean squared distance: lower is better"),
            card("Right decisions", all.share_correct, "as a share of all"),
        ],
        sections: [figures(metrics)].into_iter().chain(kinds(metrics)).chain([
            Section {
                id: "reliability",
                title: "Reliability",
                about: vec!["On the diagonal, decisions of a probability are right as often as it says. Below it, they are surer than they should be. Lines through points are their 95 % intervals.".to_owned()],
                plots: vec![plot(&reliability("all decisions", all))],
                tables: vec![bins("Bins of equal mass", &all.equal_mass, false), bins("Bins of equal width", &all.equal_width, true)],
                ..Section::default()
            },
            Section {
                id: "review",
                title: "What review buys",
                about: vec!["The least sure decisions go to a person first. What that person sees is taken to be mended.".to_owned()],
                plots: vec![plot(&review(all)), plot(&risk_coverage(all))],
                tables: vec![reviewed(all)],
                ..Section::default()
            },
            limits(
                all.n_clusters,
                Some(&metrics.resampling),
                &["Decisions that nobody can judge are not among the rows, and nothing is said about them."],
            ),
        ])
        .chain(measured_files(&[("Rows", metrics.rows_sha256.as_ref())]))
        .collect(),
        ..Page::default()
    }
}

/// How sure the decisions of a run say they are, in the report of its evaluation.
pub(super) fn summary(metrics: &CalibrationMetrics) -> Section {
    let all = &metrics.overall;
    let kinds = metrics.by_kind.iter().map(|(kind, of)| (kind.as_str(), of));
    Section {
        id: "calibration",
        title: "How sure decisions are",
        about: vec![format!(
            "{} decisions about {} patients or other clusters said how probable they are. On the diagonal, they are right as often as they say.",
            all.n_decisions, all.n_clusters
        )],
        plots: vec![plot(&reliability("all decisions", all))],
        tables: vec![side_by_side([("all", all)].into_iter().chain(kinds))],
        ..Section::default()
    }
}

fn rows(figures: &CalibrationFigures) -> Vec<Vec<String>> {
    let mut named = vec![
        ("mean probability".to_owned(), figures.mean_probability),
        ("share of right decisions".to_owned(), figures.share_correct),
        ("Brier score".to_owned(), figures.brier_score),
        ("log loss".to_owned(), figures.log_loss),
        ("area under risk and coverage".to_owned(), figures.area_under_risk_coverage),
    ];
    for (name, of) in [("equal mass", &figures.equal_mass), ("equal width", &figures.equal_width)] {
        let parts = &of.brier_parts;
        named.push((format!("expected error, {name}"), of.expected_error));
        named.extend(of.debiased_expected_error.map(|error| (format!("expected error, {name}, debiased"), error)));
        named.push((format!("maximum error, {name}"), of.maximum_error));
        named.push((format!("root mean square error, {name}"), of.root_mean_square_error));
        named.push((format!("root mean square error, {name}, debiased"), of.debiased_root_mean_square_error));
        for (part, of) in [
            ("reliability", parts.reliability),
            ("resolution", parts.resolution),
            ("uncertainty", parts.uncertainty),
            ("within-bin variance", parts.within_bin_variance),
            ("within-bin covariance", parts.within_bin_covariance),
        ] {
            named.push((format!("Brier part {part}, {name}"), of));
        }
    }
    named.into_iter().map(|(name, of)| [name].into_iter().chain(estimate(of)).collect()).collect()
}

fn figures(metrics: &CalibrationMetrics) -> Section {
    let table = |name: String, figures: &CalibrationFigures, is_folded: bool| Table {
        caption: format!(
            "{} decisions, {} clusters, {} bins.",
            figures.n_decisions, figures.n_clusters, metrics.n_bins
        ),
        name,
        columns: vec!["Figure", "Value", "95 %"],
        rows: rows(figures),
        is_folded,
    };
    let of_kinds = metrics.by_kind.iter().map(|(kind, of)| table(format!("All figures of kind {kind}"), of, true));
    Section {
        id: "figures",
        title: "Figures",
        tables: [table("All decisions".to_owned(), &metrics.overall, false)].into_iter().chain(of_kinds).collect(),
        ..Section::default()
    }
}

/// The kinds side by side; nothing where rows name none.
fn kinds(metrics: &CalibrationMetrics) -> Option<Section> {
    let section = Section {
        id: "kinds",
        title: "By kind of decision",
        plots: metrics.by_kind.iter().map(|(kind, of)| plot(&reliability(kind, of))).collect(),
        tables: vec![side_by_side(metrics.by_kind.iter().map(|(kind, of)| (kind.as_str(), of)))],
        ..Section::default()
    };
    (!metrics.by_kind.is_empty()).then_some(section)
}

fn side_by_side<'m>(kinds: impl Iterator<Item = (&'m str, &'m CalibrationFigures)>) -> Table {
    let stacked = |of: Estimate| {
        let [value, ends] = estimate(of);
        if ends.is_empty() { value } else { format!("{value}\n{ends}") }
    };
    let row = |(kind, of): (&str, &CalibrationFigures)| {
        vec![
            kind.to_owned(),
            of.n_decisions.to_string(),
            of.n_clusters.to_string(),
            stacked(of.mean_probability),
            stacked(of.share_correct),
            stacked(of.equal_mass.expected_error),
            stacked(of.brier_score),
        ]
    };
    Table {
        name: "Kinds side by side".to_owned(),
        caption: "Below each figure its 95 % interval. Expected error: bins of equal mass.".to_owned(),
        columns: vec!["Kind", "Decisions", "Clusters", "Mean probability", "Right", "Expected error", "Brier score"],
        rows: kinds.map(row).collect(),
        ..Table::default()
    }
}

fn bins(name: &str, of: &BinnedCalibration, is_folded: bool) -> Table {
    let row = |bin: &ReliabilityBin| {
        let interval = bin.interval.and_then(|of| ends(Some(of.low), Some(of.high)));
        vec![
            format!("{:.4} – {:.4}", bin.low, bin.high),
            bin.n.to_string(),
            percent(bin.mean_probability) + " %",
            percent(bin.share_correct) + " %",
            interval.unwrap_or_default(),
        ]
    };
    Table {
        name: name.to_owned(),
        caption: "Bins without any decision are left out. Intervals are Wilson's across clusters.".to_owned(),
        columns: vec!["Probability", "Decisions", "Mean probability", "Right", "95 %"],
        rows: of.bins.iter().map(row).collect(),
        is_folded,
    }
}

fn reviewed(figures: &CalibrationFigures) -> Table {
    let cells = |of: Option<Estimate>| {
        [share(of.map(|of| of.value)), of.and_then(|of| ends(of.low, of.high)).unwrap_or_default()]
    };
    let row = |point: &efface_schema::ReviewPoint| -> Vec<String> {
        let figures = cells(point.phi_missed).into_iter().chain(cells(point.error_unreviewed));
        [percent(point.review_share) + " %"].into_iter().chain(figures).collect()
    };
    Table {
        name: "By the share that is looked at".to_owned(),
        caption: "PHI missed is decided wrongly and not looked at, of all PHI; errors are among what nobody looks at."
            .to_owned(),
        columns: vec!["Sent to review", "PHI missed", "95 %", "Errors among the rest", "95 %"],
        rows: figures.review.iter().map(row).collect(),
        is_folded: false,
    }
}
