//! The notation of marked texts.
//!
//! A line is `locale modality place :: text`, `#` begins a comment. The locale is a language and a country. The place is
//! the keyword of an attribute (PS3.6), `file` for the name of a file, or `(gggg,"creator",ee) VR` for a private
//! attribute. In the text, `[[LABEL|words]]` is what identifies, `[[ORGANIZATION:A|words]]` an employer or a school, and a
//! pilcrow a line break.

use crate::plant::Secret;
use crate::vocabulary::Locale;
use dicom_core::DataDictionary;
use dicom_dictionary_std::StandardDataDictionary;
use efface_schema::{PhiLabel, TextContext};

/// A text with its marks.
#[derive(Debug)]
pub(super) struct MarkedText {
    locale: String,
    /// The locale whose people and places a variant has: the text's own, another one of its language, or the United States.
    pub(super) people_of: Locale,
    modality: String,
    place: Place,
    pub(super) parts: Vec<Part>,
}

/// Where a text stands.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    attribute: Option<String>,
    keyword: String,
    vr: Option<String>,
}

/// A part of a text.
#[derive(Debug)]
pub(super) enum Part {
    Words(String),
    Identity(Secret),
}

impl MarkedText {
    pub(super) fn context(&self, number: u64) -> TextContext {
        TextContext {
            attribute: self.place.attribute.clone(),
            keyword: self.place.keyword.clone(),
            vr: self.place.vr.clone(),
            modality: self.modality.clone(),
            locale: self.locale.clone(),
            patient: number,
        }
    }

    /// The text with a sign for everything that identifies.
    #[cfg(test)]
    pub(super) fn template(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Words(words) => words.as_str(),
            Part::Identity(_) => "_",
        });
        parts.collect()
    }
}

/// Reads a file.
///
/// # Errors
/// The first line that is none, by number.
pub(super) fn parse(file: &str) -> Result<Vec<MarkedText>, String> {
    let lines = file.lines().zip(1..).filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(line, number)| text(line).map_err(|problem| format!("line {number}: {problem}"))).collect()
}

fn text(line: &str) -> Result<MarkedText, &'static str> {
    let (head, marked) = line.split_once(" :: ").ok_or("no `::` between place and text")?;
    let mut head = head.splitn(3, ' ');
    let (Some(locale), Some(modality), Some(place)) = (head.next(), head.next(), head.next()) else {
        return Err("not `locale modality place`");
    };
    Ok(MarkedText {
        locale: locale.to_owned(),
        people_of: people_of(locale)?,
        modality: modality.to_owned(),
        place: self::place(place)?,
        parts: parts(marked)?,
    })
}

fn people_of(locale: &str) -> Result<Locale, &'static str> {
    let (language, _) = locale.split_once('_').ok_or("a locale that is no language and country")?;
    let its_own = Locale::ALL.iter().find(|known| known.as_str() == locale);
    // British English before American: that is who writes English elsewhere.
    let same_language = Locale::ALL.iter().rfind(|known| known.as_str().split('_').next() == Some(language));
    Ok(its_own.or(same_language).copied().unwrap_or(Locale::EnUs))
}

fn place(place: &str) -> Result<Place, &'static str> {
    if place == "file" {
        return Ok(Place { attribute: None, keyword: String::new(), vr: None });
    }
    if let Some((tag, vr)) = place.rsplit_once(' ').filter(|(tag, _)| tag.starts_with('(') && tag.ends_with(')')) {
        return Ok(Place { attribute: Some(tag.to_owned()), keyword: String::new(), vr: Some(vr.to_owned()) });
    }
    let entry = StandardDataDictionary.by_name(place).ok_or("an unknown place")?;
    let tag = entry.tag.inner();
    Ok(Place {
        attribute: Some(format!("({:04x},{:04x})", tag.group(), tag.element())),
        keyword: place.to_owned(),
        vr: Some(entry.vr.relaxed().to_string().to_owned()),
    })
}

fn parts(marked: &str) -> Result<Vec<Part>, &'static str> {
    let text = marked.replace('\u{b6}', "\n");
    let mut parts = Vec::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("[[") {
        // A bracket of the text may stand right before a mark.
        let n_brackets = rest[at..].len() - rest[at..].trim_start_matches('[').len();
        let (words, mark) = (&rest[..at + n_brackets - 2], &rest[at + n_brackets..]);
        let (mark, after) = mark.split_once("]]").ok_or("a mark without an end")?;
        parts.push(Part::Words(words.to_owned()));
        parts.push(Part::Identity(identity(mark)?));
        rest = after;
    }
    if rest.contains("]]") {
        return Err("the end of a mark without its beginning");
    }
    parts.push(Part::Words(rest.to_owned()));
    Ok(parts)
}

fn identity(mark: &str) -> Result<Secret, &'static str> {
    let (label, words) = mark.split_once('|').ok_or("a mark without a label")?;
    if words.is_empty() || words.trim() != words {
        return Err("a blank at the edge of a mark");
    }
    if label == "ORGANIZATION:A" {
        return Ok(Secret::new(PhiLabel::Organization, "").derive_employer(|_| words.to_owned()));
    }
    let label: PhiLabel = label.parse().map_err(|_| "an unknown label")?;
    Ok(Secret::new(label, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_with_its_place_and_marks() {
        let line = "en_US CT ImageComments :: scout repeated,\u{b6}[[NAME|Tran]] moved [[DATE|3/4]]";
        let text = text(line).expect("a text");
        assert_eq!(text.template(), "scout repeated,\n_ moved _");
        let context = text.context(7);
        assert_eq!((context.attribute.as_deref(), context.vr.as_deref()), (Some("(0020,4000)"), Some("LT")));
        assert_eq!((context.modality.as_str(), context.locale.as_str(), context.patient), ("CT", "en_US", 7));
    }

    #[test]
    fn people_are_of_the_nearest_locale() {
        for (locale, people) in
            [("fr_FR", Locale::FrFr), ("fr_BE", Locale::FrFr), ("en_AU", Locale::EnGb), ("fi_FI", Locale::EnUs)]
        {
            assert_eq!(people_of(locale), Ok(people), "{locale}");
        }
    }

    #[test]
    fn a_bracket_of_the_text_may_touch_a_mark() {
        let text = text("en_US CT ImageComments :: [[[NAME|Tran]]] moved").expect("a text");
        assert_eq!(text.template(), "[_] moved");
    }

    #[test]
    fn what_is_no_marked_text_is_refused() {
        for (line, problem) in [
            ("en_US CT ImageComments scout", "no `::` between place and text"),
            ("english CT ImageComments :: scout", "a locale that is no language and country"),
            ("en_US CT ImageRemarks :: scout", "an unknown place"),
            ("en_US CT ImageComments :: [[NAME|Tran", "a mark without an end"),
            ("en_US CT ImageComments :: Tran]]", "the end of a mark without its beginning"),
            ("en_US CT ImageComments :: [[NAME| Tran]]", "a blank at the edge of a mark"),
            ("en_US CT ImageComments :: [[NICKNAME|Tran]]", "an unknown label"),
        ] {
            assert_eq!(text(line).map(|text| text.template()), Err(problem), "{line}");
        }
    }
}
