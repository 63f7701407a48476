//! What every rule leaves stays as it is when it is de-identified again.

use crate::fixture::Fixture;
use crate::second_run::Again;
use crate::support::{Lab, Sample, files, text};
use crate::{fixtures, policy};
use dicom_core::VR;
use dicom_dictionary_std::tags;
use efface_pipeline::{RunSettings, Silent, run};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

/// Writes a sample under a UID of its own: the instances of all fixtures have the same.
fn write(lab: &Lab, number: usize, mut sample: Sample) {
    let uid = format!("1.2.826.0.1.3680043.99.2.{number}");
    if sample.data_set.get(tags::SOP_INSTANCE_UID).is_some() {
        sample.put(text(tags::SOP_INSTANCE_UID, VR::UI, &uid));
    }
    sample.meta.media_storage_sop_instance_uid = uid;
    sample.meta.update_information_group_length();
    sample.write(&lab.path(&format!("in/{number:03}.dcm")));
}

/// The fixtures that can share a run: those of one policy, looked at alike.
fn groups(fixtures: &BTreeMap<String, Fixture>) -> BTreeMap<(&str, bool), Vec<&Fixture>> {
    let mut groups: BTreeMap<(&str, bool), Vec<&Fixture>> = BTreeMap::new();
    for fixture in fixtures.values() {
        groups.entry((&fixture.policy, fixture.looks_at_pixels())).or_default().push(fixture);
    }
    groups
}

#[test]
fn what_the_rules_leave_stays_at_a_second_run() {
    let fixtures = fixtures();
    let (mut n_results, mut faults) = (0, Vec::new());
    for ((policy_text, looks_at_pixels), fixtures) in groups(&fixtures) {
        let lab = Lab::new();
        let samples = fixtures
            .iter()
            .flat_map(|fixture| std::iter::once(fixture.sample()).chain(fixture.other_samples()).collect::<Vec<_>>());
        samples.enumerate().for_each(|(number, sample)| write(&lab, number, sample));
        let first =
            RunSettings { policy: policy(&lab, policy_text), metadata_only: !looks_at_pixels, ..lab.settings("first") };
        run(&first, &Silent, &AtomicBool::new(false)).expect("the run ends");
        let again = Again::over(&first);
        n_results += again.n_results;
        faults.extend(again.differences.iter().map(ToString::to_string));
        faults.extend(again.withheld.iter().map(|reasons| format!("withheld again: {reasons:?}")));
        if again.n_results + again.withheld.len() != files(&first.output).len() {
            faults.push(format!("{policy_text}: results are missing after the second run"));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(n_results > 100, "the fixtures leave {n_results} results only");
}
