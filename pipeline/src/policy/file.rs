//! The file of a policy: what may stand in it, and how it is resolved.

use super::check::{Checked, line_of};
use super::{AttributeAction, DateSettings, FaceHandling, Policy, ProfileOptions, TextSettings, UidRoot};
use efface_schema::AttributePath;
use serde::Deserialize;
use std::collections::BTreeMap;

const FORMAT_VERSION: u32 = 1;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PolicyOptions {
    format_version: u32,
    name: String,
    based_on: Option<String>,
    #[serde(default)]
    options: ProfileOptions,
    #[serde(default)]
    dates: DateSettings,
    #[serde(default)]
    text: TextSettings,
    #[serde(default)]
    uid_root: UidRoot,
    #[serde(default)]
    faces: FaceHandling,
    #[serde(default)]
    pixels: crate::pixels::PixelSettings,
    #[serde(default)]
    attributes: BTreeMap<String, AttributeAction>,
}

/// Reads the text of a file. The error says line and key.
pub(super) fn parse(text: &str) -> Result<Policy, String> {
    let own: PolicyOptions = toml::from_str(text).map_err(|error| error.to_string())?;
    if own.format_version > FORMAT_VERSION {
        let line = line_of(text, "format-version");
        return Err(format!("line {line}: format-version {} is newer than {FORMAT_VERSION}", own.format_version));
    }
    let resolved = match &own.based_on {
        None => own,
        Some(base) => {
            let base = Policy::built_in_text(base).ok_or_else(|| {
                let names: Vec<&str> = Policy::built_in_names().collect();
                format!("line {}: based-on must be one of {}", line_of(text, "based-on"), names.join(", "))
            })?;
            over(base, text)?
        }
    };
    let attributes = attributes(text, resolved.attributes)?;
    let policy = Policy {
        name: resolved.name,
        options: resolved.options,
        dates: resolved.dates,
        text: resolved.text,
        uid_root: resolved.uid_root,
        faces: resolved.faces,
        pixels: resolved.pixels,
        attributes,
    };
    Checked { text }.check(&policy)?;
    Ok(policy)
}

/// A file's keys over those of the policy that it is based on.
fn over(base: &str, own: &str) -> Result<PolicyOptions, String> {
    let mut merged: toml::Table = base.parse().map_err(|error: toml::de::Error| error.to_string())?;
    let own: toml::Table = own.parse().map_err(|error: toml::de::Error| error.to_string())?;
    merge(&mut merged, own);
    merged.try_into().map_err(|error: toml::de::Error| error.to_string())
}

fn merge(base: &mut toml::Table, own: toml::Table) {
    for (key, value) in own {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(base)), toml::Value::Table(own)) => merge(base, own),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

fn attributes(
    text: &str,
    attributes: BTreeMap<String, AttributeAction>,
) -> Result<BTreeMap<AttributePath, AttributeAction>, String> {
    let mut parsed = BTreeMap::new();
    for (key, action) in attributes {
        let path = key.parse::<AttributePath>().ok().filter(|path| path.depth() == 0).ok_or_else(|| {
            format!(
                "line {}: [attributes] key `{key}` is of neither form: (gggg,eeee), (gggg,\"CREATOR\",ee)",
                line_of(text, &key)
            )
        })?;
        if parsed.insert(path, action).is_some() {
            return Err(format!("line {}: [attributes] key `{key}` names an attribute twice", line_of(text, &key)));
        }
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::super::{FreeText, TimeHandling};
    use super::*;
    use efface_frames::Fill;

    const HEAD: &str = "format-version = 1\nname = \"x\"\n";

    #[test]
    fn unknown_keys_are_refused_with_file_line_and_key() {
        for (rest, line, key) in [
            ("[options]\nclean-everything = true\n", "line 4", "clean-everything"),
            ("retain = true\n", "line 3", "retain"),
            ("[dates]\nshift = 3\n", "line 4", "shift"),
            ("[text]\nfree = \"clean\"\n", "line 4", "free"),
            ("[pixels]\nfaces = true\n", "line 4", "faces"),
        ] {
            let error = Policy::parse("p.toml", &format!("{HEAD}{rest}")).expect_err("an unknown key").to_string();
            assert!(error.contains("p.toml") && error.contains(line) && error.contains(key), "{error}");
        }
    }

    #[test]
    fn bad_values_are_refused_with_line_and_key() {
        for (rest, line, key) in [
            ("uid-root = \"1.2.840.10008\"\n", "line 3", "uid-root"),
            ("uid-root = \"1.2.826.0.1.3680043.10.99999\"\n", "line 3", "uid-root"),
            ("faces = \"paint\"\n", "line 3", "faces"),
            ("based-on = \"mine\"\n", "line 3", "based-on"),
            ("[dates]\nmax-shift-days = 0\n", "line 4", "max-shift-days"),
            ("[dates]\nmax-shift-days = 99999\n", "line 4", "max-shift-days"),
            ("[dates]\ntimes = \"some\"\n", "line 4", "times"),
            ("[pixels]\nfill = \"blur\"\n", "line 4", "fill"),
            ("[pixels]\nunread-text = \"hide\"\n", "line 4", "unread-text"),
            ("[pixels.risk]\nbudget = 0.6\n", "line 3", "budget"),
            ("[pixels.risk]\nbudget = 0.1\nact = 0.5\n", "line 3", "budget"),
            ("[pixels.risk]\nact = 0.5\n", "line 3", "review"),
            ("[pixels.risk]\nact = 0.5\nreview = 0.6\n", "line 3", "review"),
            ("[pixels.risk]\nact = 1.5\nreview = 0.6\n", "line 4", "act"),
            ("[attributes]\n\"PatientName\" = \"keep\"\n", "line 4", "PatientName"),
            ("[attributes]\n\"(0010,0010)\" = \"hide\"\n", "line 4", "(0010,0010)"),
            ("[attributes]\n\"(0008,1140)[0](0008,1155)\" = \"keep\"\n", "line 4", "(0008,1140)[0](0008,1155)"),
        ] {
            let error = Policy::parse("p.toml", &format!("{HEAD}{rest}")).expect_err(rest).to_string();
            assert!(error.contains("p.toml") && error.contains(line) && error.contains(key), "{rest}: {error}");
        }
        assert!(Policy::parse("p", "format-version = 2\nname = \"x\"\n").is_err());
    }

    #[test]
    fn regions_are_painted_black_unless_a_policy_says_with_what() {
        let fill = |text: &str| Policy::parse("p", &format!("{HEAD}{text}")).expect("a policy").pixels.fill;
        assert_eq!(fill(""), Fill::Black);
        let named = [("black", Fill::Black), ("background", Fill::Background), ("inpaint", Fill::Inpaint)];
        for (name, expect) in named {
            assert_eq!(fill(&format!("based-on = \"tcia\"\n[pixels]\nfill = \"{name}\"\n")), expect);
        }
    }

    #[test]
    fn a_risk_is_a_budget_or_two_thresholds_and_is_stored_as_thresholds() {
        let risk =
            |text: &str| Policy::parse("p", &format!("{HEAD}based-on = \"tcia\"\n{text}")).map(|it| it.pixels.risk);
        assert_eq!(risk("").expect("a policy"), None);
        let budget = risk("[pixels.risk]\nbudget = 0.25\n").expect("a policy");
        assert_eq!(budget, risk("[pixels.risk]\nact = 0.75\nreview = 0.25\n").expect("a policy"));
        let stored = serde_json::to_value(budget).expect("a value");
        assert_eq!(stored, serde_json::json!({"act": 0.75, "review": 0.25}));
    }

    #[test]
    fn a_policy_can_be_based_on_another() {
        let text = format!(
            "{HEAD}based-on = \"tcia\"\n[options]\nclean-graphics = false\n[dates]\ntimes = \"remove\"\n\
             [text]\nfree-text = \"remove\"\n[attributes]\n\"(0010,0010)\" = \"empty\"\n\
             '(0019,\"SIEMENS MR HEADER\",0c)' = \"keep\"\n"
        );
        let (tcia, own) = (Policy::load("tcia").expect("built in"), Policy::parse("p", &text).expect("a policy"));
        assert_eq!(own.options, ProfileOptions { clean_graphics: false, ..tcia.options });
        assert_eq!((own.dates.times, own.text.free_text), (TimeHandling::Remove, FreeText::Remove));
        assert_eq!(own.dates.max_shift_days, tcia.dates.max_shift_days);
        assert_eq!(own.attributes.len(), tcia.attributes.len() + 1);
        assert_eq!(own.attributes[&AttributePath::tag(0x0010, 0x0010)], AttributeAction::Empty);
        assert_eq!(own.name, "x");
    }
}
