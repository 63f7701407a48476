//! Dates and times of the suite. A date can be written only as a [`Secret`].

use crate::persona::pick;
use crate::plant::Secret;
use efface_schema::PhiLabel;
use jiff::civil::Date;
use rand_chacha::ChaCha8Rng;

/// A time of day in seconds since midnight. A time alone identifies nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClockTime(u32);

impl ClockTime {
    pub(crate) const fn new(hour: u32, minute: u32, second: u32) -> Self {
        Self(hour * 3600 + minute * 60 + second)
    }

    /// Later the same day; stops before midnight.
    pub(crate) fn plus(self, seconds: u32) -> Self {
        Self((self.0 + seconds).min(86_399))
    }

    /// As TM writes it.
    pub(crate) fn dicom(self) -> String {
        format!("{:02}{:02}{:02}", self.0 / 3600, self.0 / 60 % 60, self.0 % 60)
    }
}

/// A date as DA writes it.
pub(crate) fn dicom_date(date: Date) -> Secret {
    written(date, "%Y%m%d")
}

/// A moment as DT writes it.
pub(crate) fn dicom_date_time(date: Date, time: ClockTime) -> Secret {
    dicom_date(date).derive(|date| format!("{date}{}", time.dicom()))
}

/// A date in one of the ways in which people write it.
pub(crate) fn free_date(rng: &mut ChaCha8Rng, date: Date) -> Secret {
    written(date, pick(rng, &["%Y%m%d", "%m/%d/%Y", "%Y-%m-%d", "%d-%b-%Y", "%B %d, %Y", "%d.%m.%Y"]))
}

fn written(date: Date, format: &str) -> Secret {
    Secret::new(PhiLabel::Date, date.strftime(format).to_string())
}
