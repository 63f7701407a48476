//! `efface measure calibration`

use super::table::{Table, percent};
use super::{Output, Shown, open, show};
use efface_eval::models::calibration::{Settings, measure, read};
use efface_eval::models::{page, plot};
use efface_schema::{CalibrationFigures, CalibrationMetrics, Estimate, ExitCode};
use std::io::BufReader;
use std::path::PathBuf;

/// Measure how far probabilities can be trusted, and what review buys
///
/// ROWS are JSON lines, one for each decision about a token, an entity, a box, a word that was read or a value:
///
/// {"probability": 0.97, "correct": true, "cluster": "patient 12", "kind": "token", "phi": true}
///
/// `probability` is how sure the model was of its decision, `correct` whether it was right, `cluster` whose data it was
/// about. Rows of a `kind` are also measured by themselves. `phi`, on all rows or on none, says whether the decision is
/// about something that identifies; without it every wrong decision counts as PHI missed. Intervals come from drawing
/// whole clusters anew; the same seed gives the same bytes at any number of threads.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Decisions with their probabilities
    rows: PathBuf,
    /// Bins, of equal width and of equal mass
    #[arg(long, value_name = "N", default_value_t = 15)]
    bins: u32,
    /// How often clusters are drawn anew
    #[arg(long, value_name = "N", default_value_t = 1000)]
    resamples: u32,
    /// Root of the random numbers
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Shares of decisions sent to review, each with a row
    #[arg(long, value_name = "SHARES", value_delimiter = ',',
          default_values_t = [0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0])]
    review: Vec<f64>,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut rows = open("rows", &arguments.rows)?;
    let decisions = read(BufReader::new(&mut rows))?;
    let settings = Settings {
        n_bins: arguments.bins,
        n_resamples: arguments.resamples,
        seed: arguments.seed,
        review_shares: arguments.review.clone(),
    };
    let metrics = CalibrationMetrics { rows_sha256: Some(rows.sha256()), ..measure(&decisions, &settings)? };
    let overall = &metrics.overall;
    let plots = [
        ("reliability.svg", plot::reliability("all decisions", overall)),
        ("risk-coverage.svg", plot::risk_coverage(overall)),
        ("review.svg", plot::review(overall)),
    ];
    let mut files = plots.map(|(name, plot)| (name.to_owned(), plot.to_file())).to_vec();
    files.push(("calibration.html".to_owned(), page::of_calibration(&metrics)?));
    let table = table(&metrics);
    show(&arguments.output, &Shown { name: "calibration", metrics, table, files })?;
    Ok(ExitCode::Success)
}

fn table(metrics: &CalibrationMetrics) -> String {
    let mut table = Table::default();
    add(&mut table, "all decisions", &metrics.overall);
    for (kind, figures) in &metrics.by_kind {
        add(&mut table, &format!("kind {kind}"), figures);
    }
    table.finish()
}

fn add(table: &mut Table, name: &str, figures: &CalibrationFigures) {
    table.heading(&format!("{name}: {} of {} clusters", figures.n_decisions, figures.n_clusters));
    table.figure("  mean probability", figures.mean_probability);
    table.figure("  share of right decisions", figures.share_correct);
    table.figure("  Brier score", figures.brier_score);
    table.figure("  log loss", figures.log_loss);
    table.figure("  area under risk-coverage", figures.area_under_risk_coverage);
    for (name, bins) in [("equal width", &figures.equal_width), ("equal mass", &figures.equal_mass)] {
        table.figure(&format!("  expected error, {name}"), bins.expected_error);
        if let Some(debiased) = bins.debiased_expected_error {
            table.figure("    debiased", debiased);
        }
        table.figure(&format!("  maximum error, {name}"), bins.maximum_error);
        table.figure("    root mean square", bins.root_mean_square_error);
        table.figure("    root mean square, debiased", bins.debiased_root_mean_square_error);
        table.figure("    reliability", bins.brier_parts.reliability);
        table.figure("    resolution", bins.brier_parts.resolution);
        table.figure("    uncertainty", bins.brier_parts.uncertainty);
        table.figure("    within-bin variance", bins.brier_parts.within_bin_variance);
        table.figure("    within-bin covariance", bins.brier_parts.within_bin_covariance);
    }
    table.heading("  sent to review   PHI missed                     errors among the rest");
    for point in &figures.review {
        let (missed, error) = (estimate(point.phi_missed), estimate(point.error_unreviewed));
        table.heading(&format!("  {:>12} %   {missed:<28}   {error}", percent(point.review_share)));
    }
}

fn estimate(estimate: Option<Estimate>) -> String {
    match estimate {
        None => "-".to_owned(),
        Some(Estimate { value, low: Some(low), high: Some(high) }) => {
            format!("{:>6} %  [{}, {}]", percent(value), percent(low), percent(high))
        }
        Some(Estimate { value, .. }) => format!("{:>6} %", percent(value)),
    }
}
