//! Tokens with BIO tags, as `efface synth` writes them: token, first character, character after the last one and tag
//! between tabulators; a line `# text N` before each text and an empty line after it.

use super::lines::Lines;
use super::{LabelledText, MAX_TEXT_BYTES, Span, TextError};
use efface_schema::PhiLabel;
use std::path::Path;

/// The texts of a file.
#[derive(Debug)]
pub(super) struct Reader {
    lines: Lines,
}

#[derive(Debug, Default)]
struct Text {
    text: String,
    n_characters: u64,
    spans: Vec<Span>,
    /// Whether the last token belongs to the last span.
    is_inside: bool,
}

struct Token<'l> {
    word: &'l str,
    start: u64,
    end: u64,
    tag: Tag,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    Outside,
    Begin(PhiLabel),
    Inside(PhiLabel),
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, TextError> {
        Ok(Self { lines: Lines::open(path)? })
    }

    /// The next text.
    pub(super) fn next_text(&mut self) -> Result<Option<LabelledText>, TextError> {
        let Some(id) = self.header()? else { return Ok(None) };
        let mut text = Text::default();
        loop {
            let added = match self.lines.next_line()? {
                None | Some("") => break,
                Some(line) => token(line).and_then(|token| text.add(&token)),
            };
            added.map_err(|fault| self.lines.fault(fault))?;
        }
        Ok(Some(LabelledText::bare(id.clone(), text.text, text.spans, id)))
    }

    /// The number in the line before a text; empty lines are passed over.
    fn header(&mut self) -> Result<Option<String>, TextError> {
        let id = loop {
            match self.lines.next_line()? {
                None => return Ok(None),
                Some("") => {}
                Some(line) => break line.strip_prefix("# text ").map(str::trim).map(str::to_owned),
            }
        };
        let is_number = |id: &String| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let fault = "there must be a line `# text N` before each text; only CoNLL of `efface synth` can be read";
        id.filter(is_number).ok_or_else(|| self.lines.fault(fault)).map(Some)
    }
}

fn token(line: &str) -> Result<Token<'_>, &'static str> {
    const FORM: &str = "the line must be token, start, end and tag between tabulators, as `efface synth` writes it";
    let fields: Vec<&str> = line.split('\t').collect();
    let [word, start, end, tag] = fields[..] else { return Err(FORM) };
    let (Ok(start), Ok(end)) = (start.parse(), end.parse()) else { return Err(FORM) };
    let label = |word: &str| word.parse().map_err(|_| "the tag's label is none of ours; see `efface_schema::PhiLabel`");
    let tag = match tag.split_once('-') {
        None if tag == "O" => Tag::Outside,
        Some(("B", word)) => Tag::Begin(label(word)?),
        Some(("I", word)) => Tag::Inside(label(word)?),
        _ => return Err("the tag is neither O nor B- or I- with a label"),
    };
    Ok(Token { word, start, end, tag })
}

impl Text {
    fn add(&mut self, token: &Token<'_>) -> Result<(), &'static str> {
        if token.start < self.n_characters {
            return Err("the token begins before the end of the last one; tokens must be in order");
        }
        if token.end > MAX_TEXT_BYTES {
            return Err("the token lies beyond 16 Mi characters; cut the text into several");
        }
        let length = token.word.chars().count() as u64;
        if length == 0 || token.start.checked_add(length) != Some(token.end) {
            return Err("the offsets do not fit the token; they count Unicode characters, the end exclusive");
        }
        self.text.extend(std::iter::repeat_n(' ', (token.start - self.n_characters) as usize));
        self.text.push_str(token.word);
        self.n_characters = token.end;
        self.tag(token)
    }

    fn tag(&mut self, token: &Token<'_>) -> Result<(), &'static str> {
        let (start, end) = (token.start as u32, token.end as u32);
        match (token.tag, self.spans.last_mut()) {
            (Tag::Outside, _) => self.is_inside = false,
            (Tag::Begin(label), _) => {
                self.spans.push(Span { start, end, label });
                self.is_inside = true;
            }
            (Tag::Inside(label), Some(last)) if self.is_inside && last.label == label => last.end = end,
            (Tag::Inside(_), _) => {
                return Err("an I- tag continues nothing; a span begins with B- and keeps its label");
            }
        }
        Ok(())
    }
}
