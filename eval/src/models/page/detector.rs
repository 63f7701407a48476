//! Boxes.

use super::{Card, Page, Section, Table, gold_and_predictions, interval, limits, plot, share, stacked};
use crate::models::plot::hiding;
use efface_schema::{CocoScores, DetectorMetrics, HidingScores, Interval};

pub(super) fn page(metrics: &DetectorMetrics) -> Page {
    let (n_images, n_clusters) = (metrics.n_images, metrics.n_clusters);
    let (n_gold, n_found) = (metrics.n_gold_boxes, metrics.n_predicted_boxes);
    let coco = &metrics.coco;
    // What a caller would do who paints over a box that is as likely right as not.
    let painted = metrics
        .hiding
        .iter()
        .min_by(|left, right| (left.least_score - 0.5).abs().total_cmp(&(right.least_score - 0.5).abs()));
    let from =
        painted.map_or_else(String::new, |row| format!("painting over boxes from a score of {} on", row.least_score));
    Page {
        title: "Text detection",
        lead: format!("{n_images} images of {n_clusters} patients with {n_gold} boxes of words; {n_found} boxes predicted."),
        cards: vec![
            Card::clustered("PHI words hidden", painted.and_then(|row| row.words_hidden), &from),
            Card::clustered("Clean pixels lost", painted.and_then(|row| row.clean_pixels_lost), &from),
            Card::share("AP", coco.ap, interval(coco.ap_interval), "mean over overlaps of 0.50 to 0.95"),
            Card::share("AR", coco.ar_100, interval(coco.ar_100_interval), "at most 100 boxes an image"),
        ],
        sections: [
            hidden(metrics),
            Section {
                id: "coco",
                title: "COCO",
                about: vec![
                    "Average precision and recall as pycocotools computes them. A box that is slightly too small costs little average precision and may leave a name readable, so this does not replace the view above.".to_owned(),
                ],
                tables: vec![coco_table("All categories", coco, false)]
                    .into_iter()
                    .chain(metrics.by_category.iter().map(|(name, of)| coco_table(&format!("Category {name}"), of, true)))
                    .collect(),
                ..Section::default()
            },
            limits(
                n_clusters,
                metrics.resampling.as_ref(),
                &[
                    "Shares of what is hidden have Wilson intervals across patients; AP and AR have intervals by drawing.",
                    "A word counts as hidden when its box is covered; nobody tried to read what is left.",
                ],
            ),
        ]
        .into_iter()
        .chain(gold_and_predictions(metrics.measured_files.as_ref()))
        .collect(),
        ..Page::default()
    }
}

fn hidden(metrics: &DetectorMetrics) -> Section {
    let glyphs = if metrics.has_masks {
        "Pixels of the glyphs of PHI words."
    } else {
        "There are no masks of glyphs: whole boxes count instead."
    };
    let row = |of: &HidingScores| -> Vec<String> {
        let shares = [of.words_hidden, of.glyph_pixels_covered, of.clean_pixels_lost, of.touched_clean_images];
        [of.least_score.to_string(), of.n_boxes.to_string()].into_iter().chain(shares.map(stacked)).collect()
    };
    Section {
        id: "hiding",
        title: "What painting over hides and loses",
        about: vec![format!(
            "A PHI word is hidden if at least {} % of its box is painted over by boxes of {}. {glyphs}",
            100.0 * metrics.least_cover,
            metrics.phi_categories.join(", ")
        )],
        plots: vec![plot(&hiding(metrics))],
        tables: vec![Table {
            name: "By the least score that is painted over".to_owned(),
            caption: "Below each share its 95 % interval, Wilson's across patients. Touched are images without any PHI word in which something is painted over.".to_owned(),
            columns: vec!["Score from", "Boxes", "PHI words hidden", "Glyph pixels covered", "Clean pixels lost", "Clean images touched"],
            rows: metrics.hiding.iter().map(row).collect(),
            ..Table::default()
        }],
        ..Section::default()
    }
}

fn coco_table(name: &str, of: &CocoScores, is_folded: bool) -> Table {
    let rows: [(&str, Option<f64>, Option<Interval>); 12] = [
        ("AP", of.ap, of.ap_interval),
        ("AP, overlap 0.50", of.ap50, of.ap50_interval),
        ("AP, overlap 0.75", of.ap75, of.ap75_interval),
        ("AP, boxes up to 32² pixels", of.ap_small, of.ap_small_interval),
        ("AP, 32² to 96² pixels", of.ap_medium, of.ap_medium_interval),
        ("AP, from 96² pixels on", of.ap_large, of.ap_large_interval),
        ("AR, 1 box an image", of.ar_1, of.ar_1_interval),
        ("AR, 10 boxes an image", of.ar_10, of.ar_10_interval),
        ("AR, 100 boxes an image", of.ar_100, of.ar_100_interval),
        ("AR, boxes up to 32² pixels", of.ar_small, of.ar_small_interval),
        ("AR, 32² to 96² pixels", of.ar_medium, of.ar_medium_interval),
        ("AR, from 96² pixels on", of.ar_large, of.ar_large_interval),
    ];
    Table {
        name: name.to_owned(),
        caption: "AP is the mean precision at 101 recalls, AR the largest recall; both are means over overlaps."
            .to_owned(),
        columns: vec!["Figure", "Value", "95 %"],
        rows: rows
            .into_iter()
            .map(|(name, value, ends)| vec![name.to_owned(), share(value), interval(ends).unwrap_or_default()])
            .collect(),
        is_folded,
    }
}
