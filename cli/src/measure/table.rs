//! Rows of figures for people.

use efface_schema::{ClusteredShare, Estimate, Interval};

/// Rows that are printed one below the other.
#[derive(Default)]
pub(super) struct Table(String);

impl Table {
    /// A line of its own.
    pub(super) fn heading(&mut self, text: &str) {
        self.0 += &format!("{text}\n");
    }

    /// A share with its counts.
    pub(super) fn share(&mut self, name: &str, share: Option<ClusteredShare>) {
        let Some(share) = share else { return self.absent(name) };
        let counts = format!("{:>9} of {}", share.numerator, share.denominator);
        self.0 += &format!(
            "{name:<38} {:>8} %  {:<18} {counts}\n",
            percent(share.value),
            interval(share.low, share.high, 100.0, 2)
        );
    }

    /// A share without counts.
    pub(super) fn plain(&mut self, name: &str, share: Option<f64>, of: Option<Interval>) {
        let Some(share) = share else { return self.absent(name) };
        let ends = of.map_or_else(String::new, |of| format!("  {}", interval(Some(of.low), Some(of.high), 100.0, 2)));
        self.0 += &format!("{name:<38} {:>8} %{ends}\n", percent(share));
    }

    /// A figure that is no share.
    pub(super) fn figure(&mut self, name: &str, estimate: Estimate) {
        self.0 += &format!("{name:<38} {:>10.4}  {}\n", estimate.value, interval(estimate.low, estimate.high, 1.0, 4));
    }

    fn absent(&mut self, name: &str) {
        self.0 += &format!("{name:<38} {:>8}\n", "-");
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// A share in percent. Short of all never prints as all, and more than nothing never as nothing.
pub(super) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    match share {
        1.0 => "100.00".to_owned(),
        0.0 => "0.00".to_owned(),
        _ => format!("{:.2}", percent.clamp(0.01, 99.99)),
    }
}

fn interval(low: Option<f64>, high: Option<f64>, times: f64, decimals: usize) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format!("[{:6.decimals$}, {:6.decimals$}]", times * low, times * high),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_do_not_round_to_all_or_nothing() {
        assert_eq!((percent(0.999_999), percent(1.0)), ("99.99".to_owned(), "100.00".to_owned()));
        assert_eq!((percent(0.000_001), percent(0.0)), ("0.01".to_owned(), "0.00".to_owned()));
        assert_eq!(percent(0.5), "50.00");
    }
}
