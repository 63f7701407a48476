//! A dataset card as a report shows it: what of its Markdown is a heading, a sentence, a table or a list.

use minijinja::{Value, context};

/// The heading under which a card lists what it cannot show.
const LIMITS: &str = "What is not in it";

/// A dataset card, part by part. Pictures are left out: a report needs no other file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Card {
    /// The heading of the whole.
    pub title: String,
    /// What stands below it, line by line.
    pub about: Vec<String>,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Part {
    title: String,
    lines: Vec<String>,
    rows: Vec<Vec<String>>,
    list: Vec<String>,
}

impl Card {
    /// Reads a card.
    pub(super) fn parse(markdown: &str) -> Self {
        let mut card = Self::default();
        for line in markdown.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let plain = |text: &str| text.replace('`', "").trim().to_owned();
            let part = card.parts.last_mut();
            if let Some(title) = line.strip_prefix("## ") {
                card.parts.push(Part { title: plain(title), ..Part::default() });
            } else if let Some(title) = line.strip_prefix("# ") {
                card.title = plain(title);
            } else if line.starts_with("![") || line.starts_with("|-") {
                // A picture, or the rule below the head of a table.
            } else if let (Some(row), Some(part)) = (line.strip_prefix('|'), part) {
                part.rows.push(row.trim_end_matches('|').split('|').map(plain).collect());
            } else if let Some(part) = card.parts.last_mut() {
                match line.strip_prefix("- ") {
                    Some(item) => part.list.push(plain(item)),
                    None => part.lines.push(plain(line)),
                }
            } else {
                card.about.push(plain(line));
            }
        }
        card
    }

    /// What the card says that the dataset cannot show.
    pub(super) fn limits(&self) -> &[String] {
        self.parts.iter().find(|part| part.title == LIMITS).map_or(&[], |part| &part.list)
    }

    /// The sentences of its parts, below their headings.
    pub(super) fn sentences(&self) -> impl Iterator<Item = (String, String)> {
        let with_text = self.parts.iter().filter(|part| !part.lines.is_empty());
        with_text.map(|part| (part.title.clone(), part.lines.join(" ")))
    }

    /// Its tables, folded, as the template of sections takes them.
    pub(super) fn tables(&self) -> Vec<Value> {
        self.parts.iter().filter_map(Part::table).collect()
    }
}

impl Part {
    fn table(&self) -> Option<Value> {
        let (columns, rows) = self.rows.split_first()?;
        let rows = rows.iter().filter(|row| row.len() == columns.len());
        let filled = |cell: &String| if cell.is_empty() { "–".to_owned() } else { cell.clone() };
        let rows: Vec<Vec<String>> = rows.map(|row| row.iter().map(filled).collect()).collect();
        Some(
            context! { name => self.title.as_str(), caption => "From the card of the dataset.", columns, rows, is_folded => true },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_sentences_tables_and_lists_are_told_apart() {
        let card = Card::parse(
            "# Synthetic suite `x`\n\nMade by rules.\n2 patients.\n\n![A picture](https://elsewhere/a.png)\n\n\
             ## By place\n\n| place | n |\n|---|---:|\n| text | 3 |\n| broken |\n\n\
             ## What is not in it\n\n- Faces.\n- Long `texts`.\n\n## Claims\n\nOne.\nTwo.\n",
        );
        assert_eq!((card.title.as_str(), card.about.len()), ("Synthetic suite x", 2));
        let tables = Value::from(card.tables()).to_string();
        assert!(tables.contains("'By place'") && tables.contains("[['text', '3']]"), "{tables}");
        assert_eq!(card.limits(), ["Faces.", "Long texts."]);
        assert_eq!(card.sentences().collect::<Vec<_>>(), [("Claims".to_owned(), "One. Two.".to_owned())]);
        assert_eq!(Card::parse("").limits().len(), 0);
    }

    #[test]
    fn the_committed_cards_are_understood() {
        let cards = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/cards");
        let mut n_cards = 0;
        for entry in std::fs::read_dir(cards).expect("the cards") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let card = Card::parse(&std::fs::read_to_string(&path).expect("a card"));
                assert!(!card.title.is_empty() && !card.about.is_empty() && !card.limits().is_empty(), "{path:?}");
                assert!(card.tables().len() > 2, "{path:?}");
                n_cards += 1;
            }
        }
        assert!(n_cards > 5, "{n_cards}");
    }
}
