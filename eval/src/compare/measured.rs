//! What was measured beside an evaluation: calibration and speed, each in its file of the report folder.

use efface_schema::{CalibrationMetrics, ThroughputMetrics};
use serde::Serialize;

/// The expected calibration error before and after, over all rows, by bins of equal mass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct ErrorChange {
    /// The base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<f64>,
    /// The new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<f64>,
}

impl ErrorChange {
    pub(super) fn of(base: Option<&CalibrationMetrics>, new: Option<&CalibrationMetrics>) -> Self {
        let error = |metrics: &CalibrationMetrics| metrics.overall.equal_mass.expected_error.value;
        Self { base: base.map(error), new: new.map(error) }
    }
}

/// How many times as many files a second the new one handles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SpeedRatio {
    /// The least ratio over the numbers of threads that both have.
    Ratio(f64),
    /// Why there is none.
    NotCompared(&'static str),
}

impl SpeedRatio {
    /// Compares what can be compared: two valid measurements on one machine over the same files.
    pub(super) fn of(base: Option<&ThroughputMetrics>, new: Option<&ThroughputMetrics>) -> Self {
        let (Some(base), Some(new)) = (base, new) else { return Self::NotCompared("not measured on both sides") };
        if !base.faults.is_empty() || !new.faults.is_empty() {
            return Self::NotCompared("a measurement is INVALID");
        }
        if base.machine_sha256.is_none() || base.machine_sha256 != new.machine_sha256 {
            return Self::NotCompared("not known to be of the same machine");
        }
        if (base.n_files, base.n_bytes) != (new.n_files, new.n_bytes) {
            return Self::NotCompared("not over the same files");
        }
        let ratios = base.scaling.iter().filter_map(|before| {
            let after = new.scaling.iter().find(|after| after.n_threads == before.n_threads)?;
            Some(after.files_per_second / before.files_per_second)
        });
        ratios.reduce(f64::min).map_or(Self::NotCompared("no number of threads in common"), Self::Ratio)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::{ThreadScaling, sha256_hex};

    fn measured(files_per_second: &[f64]) -> ThroughputMetrics {
        let row = |(n_threads, files_per_second): (u32, &f64)| ThreadScaling {
            n_threads,
            n_runs: 3,
            wall_s: 20.0,
            files_per_second: *files_per_second,
            megabytes_per_second: 1.0,
            cpu_seconds_per_file: 0.1,
            variation: Some(0.01),
            peak_memory_bytes: None,
            speedup: 1.0,
        };
        ThroughputMetrics {
            machine_sha256: Some(sha256_hex(b"a machine")),
            n_files: 10,
            n_bytes: 100,
            scaling: (1..).zip(files_per_second).map(row).collect(),
            ..ThroughputMetrics::default()
        }
    }

    #[test]
    fn only_like_is_compared_with_like() {
        let (base, new) = (measured(&[100.0, 200.0]), measured(&[95.0, 160.0]));
        assert_eq!(SpeedRatio::of(Some(&base), Some(&new)), SpeedRatio::Ratio(0.8));
        let other = ThroughputMetrics { machine_sha256: Some(sha256_hex(b"another")), ..new.clone() };
        let unknown = ThroughputMetrics { machine_sha256: None, ..new.clone() };
        let invalid = ThroughputMetrics { faults: vec!["too short".to_owned()], ..new.clone() };
        let more = ThroughputMetrics { n_files: 11, ..new.clone() };
        let none = ThroughputMetrics { scaling: Vec::new(), ..new.clone() };
        for (new, word) in
            [(&other, "machine"), (&unknown, "machine"), (&invalid, "INVALID"), (&more, "files"), (&none, "threads")]
        {
            for ends in [(&base, new), (new, &base)] {
                let SpeedRatio::NotCompared(why) = SpeedRatio::of(Some(ends.0), Some(ends.1)) else {
                    panic!("{word}: compared all the same");
                };
                assert!(why.contains(word), "{why}");
            }
        }
        assert!(matches!(SpeedRatio::of(None, Some(&new)), SpeedRatio::NotCompared(_)));
        let both = SpeedRatio::of(Some(&unknown), Some(&unknown));
        assert!(matches!(both, SpeedRatio::NotCompared(_)), "two unknown machines need not be one");
    }
}
