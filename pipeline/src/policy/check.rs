//! What a policy's file may not say together.

use super::{AttributeAction, Policy, TimeHandling};
use crate::tier1::dictionary_vr;
use dicom_core::{Tag, VR};
use efface_schema::{AttributePath, ElementReference};

/// Dates that move further than this leave the lifetime that they describe.
const MAX_SHIFT_DAYS: u32 = 36_500;

/// The line, counted from 1, on which a key stands in a file; 1 when the key comes from elsewhere.
pub(super) fn line_of(text: &str, key: &str) -> usize {
    let key = key.to_lowercase();
    let is_key = |line: &str| {
        let line = line.trim_start().trim_start_matches(['"', '\'']).to_lowercase();
        line.strip_prefix(key.as_str())
            .is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ', '\t']).starts_with('='))
    };
    text.lines().position(is_key).map_or(1, |at| at + 1)
}

/// The text of a file, whose lines messages name.
pub(super) struct Checked<'a> {
    pub(super) text: &'a str,
}

impl Checked<'_> {
    fn refuse(&self, key: &str, message: &str) -> Result<(), String> {
        Err(format!("line {}: `{key}`: {message}", line_of(self.text, key)))
    }

    /// Refuses a policy that contradicts itself.
    pub(super) fn check(&self, policy: &Policy) -> Result<(), String> {
        let options = &policy.options;
        if options.retain_longitudinal_full_dates && options.retain_longitudinal_modified_dates {
            return self.refuse(
                "retain-longitudinal-full-dates",
                "it contradicts retain-longitudinal-modified-dates; at most one of them may be true",
            );
        }
        if options.retain_longitudinal_full_dates && policy.dates.times == TimeHandling::Remove {
            return self.refuse("times", "retain-longitudinal-full-dates keeps times; they cannot be removed");
        }
        if !(1..=MAX_SHIFT_DAYS).contains(&policy.dates.max_shift_days) {
            return self.refuse("max-shift-days", &format!("it must lie between 1 and {MAX_SHIFT_DAYS}"));
        }
        policy.attributes.iter().try_for_each(|(path, action)| self.check_attribute(path, *action))
    }

    fn check_attribute(&self, path: &AttributePath, action: AttributeAction) -> Result<(), String> {
        let key = path.to_string();
        let Some(ElementReference::Tag { group, element }) = path.last() else { return Ok(()) };
        if group % 2 == 1 {
            return self.refuse(&key, "a private attribute is named by its creator: (gggg,\"CREATOR\",ee)");
        }
        if matches!(group, 0x0000 | 0x0002) {
            return self.refuse(&key, "command and file meta elements are written anew and have no action");
        }
        let vr = dictionary_vr(Tag(*group, *element));
        let fits = match action {
            AttributeAction::ShiftDate => matches!(vr, None | Some(VR::DA | VR::DT)),
            AttributeAction::MapUid => matches!(vr, None | Some(VR::UI | VR::SQ)),
            AttributeAction::MapIdentifier => !matches!(vr, Some(VR::SQ | VR::UI | VR::DA | VR::DT | VR::TM)),
            _ => true,
        };
        if fits { Ok(()) } else { self.refuse(&key, "the action does not fit the attribute's value representation") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradictions_are_refused_with_line_and_key() {
        for (rest, line, key) in [
            (
                "[options]\nretain-longitudinal-full-dates = true\nretain-longitudinal-modified-dates = true\n",
                "line 4",
                "retain-longitudinal-full-dates",
            ),
            ("[options]\nretain-longitudinal-full-dates = true\n[dates]\ntimes = \"remove\"\n", "line 6", "times"),
            ("[attributes]\n\"(0010,0010)\" = \"shift-date\"\n", "line 4", "(0010,0010)"),
            ("[attributes]\n\"(0008,0020)\" = \"map-uid\"\n", "line 4", "(0008,0020)"),
            ("[attributes]\n\"(0009,1001)\" = \"keep\"\n", "line 4", "(0009,1001)"),
            ("[attributes]\n\"(0002,0016)\" = \"keep\"\n", "line 4", "(0002,0016)"),
        ] {
            let text = format!("format-version = 1\nname = \"x\"\n{rest}");
            let error = Policy::parse("p.toml", &text).expect_err(rest).to_string();
            assert!(error.contains(line) && error.contains(key), "{rest}: {error}");
        }
    }
}
