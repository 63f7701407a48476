//! How scanners and workstations arrange text, by family of modality.
//!
//! Every family has arrangements on both sides of the split, and none is on both.

mod forms;
mod projection;
mod section;
mod ultrasound;

use super::page::Page;
use crate::SeriesKind;
use crate::vocabulary::Split;

/// Modalities that show text in similar ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    /// CT, MR, PET.
    Section,
    /// CR, DX.
    Projection,
    Mammography,
    Ultrasound,
    /// XA, RF.
    Angiography,
    /// NM.
    Nuclear,
    /// Secondary captures and whatever else.
    Screen,
}

impl Family {
    pub(crate) fn of(kind: SeriesKind) -> Self {
        match kind.modality() {
            "CT" | "MR" | "PT" => Self::Section,
            "CR" | "DX" => Self::Projection,
            "MG" => Self::Mammography,
            "US" => Self::Ultrasound,
            "XA" | "RF" => Self::Angiography,
            "NM" => Self::Nuclear,
            _ => Self::Screen,
        }
    }
}

/// An arrangement with its name and its side of the split.
pub(crate) struct Layout {
    pub(crate) name: &'static str,
    pub(crate) split: Split,
    pub(crate) families: &'static [Family],
    pub(super) compose: fn(&mut Page<'_>),
}

const fn train(name: &'static str, families: &'static [Family], compose: fn(&mut Page<'_>)) -> Layout {
    Layout { name, split: Split::Train, families, compose }
}

const fn test(name: &'static str, families: &'static [Family], compose: fn(&mut Page<'_>)) -> Layout {
    Layout { name, split: Split::Test, families, compose }
}

/// Every arrangement.
pub(crate) static LAYOUTS: &[Layout] = &[
    train("four-corners", &[Family::Section, Family::Nuclear], section::four_corners),
    train("left-column", &[Family::Section], section::left_column),
    test("header-and-footer", &[Family::Section], section::header_and_footer),
    test("right-stack", &[Family::Section, Family::Nuclear], section::right_stack),
    train("lead-marker", &[Family::Projection], projection::lead_marker),
    train("flashed-label", &[Family::Projection, Family::Mammography], projection::flashed_label),
    test("side-label", &[Family::Projection], projection::side_label),
    test("digital-corner", &[Family::Projection], projection::digital_corner),
    train("breast-corner", &[Family::Mammography], projection::breast_corner),
    test("breast-edge", &[Family::Mammography], projection::breast_edge),
    train("banner", &[Family::Ultrasound], ultrasound::banner),
    train("settings-column", &[Family::Ultrasound], ultrasound::settings_column),
    test("split-header", &[Family::Ultrasound], ultrasound::split_header),
    test("bottom-bar", &[Family::Ultrasound], ultrasound::bottom_bar),
    train("angiography-screen", &[Family::Angiography], section::angiography_screen),
    test("angiography-footer", &[Family::Angiography], section::angiography_footer),
    train("typed-form", &[Family::Screen], forms::typed_form),
    train("dose-report", &[Family::Screen], forms::dose_report),
    train("viewer-panel", &[Family::Screen], forms::viewer_panel),
    test("intake-sheet", &[Family::Screen], forms::intake_sheet),
    test("worksheet", &[Family::Screen], forms::worksheet),
    test("result-table", &[Family::Screen], forms::result_table),
];

/// The arrangements of a family among those of some names.
pub(crate) fn of(family: Family, names: &[String]) -> Vec<&'static Layout> {
    LAYOUTS
        .iter()
        .filter(|layout| layout.families.contains(&family) && names.iter().any(|name| name == layout.name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_family_has_layouts_on_both_sides_and_none_is_on_both() {
        let names: BTreeSet<&str> = LAYOUTS.iter().map(|layout| layout.name).collect();
        assert_eq!(names.len(), LAYOUTS.len());
        let families = [
            Family::Section,
            Family::Projection,
            Family::Mammography,
            Family::Ultrasound,
            Family::Angiography,
            Family::Nuclear,
            Family::Screen,
        ];
        for family in families {
            for split in [Split::Train, Split::Test] {
                let fits = |layout: &&Layout| layout.split == split && layout.families.contains(&family);
                assert!(LAYOUTS.iter().any(|layout| fits(&layout)), "{family:?} {split:?}");
            }
        }
        let arrangements: BTreeSet<usize> = LAYOUTS.iter().map(|layout| layout.compose as usize).collect();
        assert_eq!(arrangements.len(), LAYOUTS.len(), "two names for one arrangement");
    }
}
