//! `docs/planted-places.md`: the list of places, generated from the table, with the counts of the last accepted runs.

use crate::Pixels;
use crate::places::{CHAPTERS, Ends, OPEN};
use crate::tally::Tally;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository").to_owned()
}

/// What the counts of a corpus are filed under.
pub(crate) fn corpus_name(corpus: &str, pixels: Pixels) -> String {
    match pixels {
        Pixels::Left => corpus.to_owned(),
        Pixels::Read => format!("{corpus}-pixels"),
    }
}

/// The columns of the document: their headings, and what their counts are filed under.
const COLUMNS: [(&str, &str); 4] = [
    ("real files", "real"),
    ("synthetic", "synthetic"),
    ("real, pixels read", "real-pixels"),
    ("synthetic, pixels read", "synthetic-pixels"),
];

fn counts_path(corpus: &str) -> PathBuf {
    repository().join(format!("reports/baseline/planted-places-{corpus}.csv"))
}

/// Planted, released, withheld, quarantined and leaked, by place.
type Recorded = BTreeMap<String, [usize; 5]>;

fn recorded(corpus: &str) -> Recorded {
    let text = fs::read_to_string(counts_path(corpus)).unwrap_or_default();
    text.lines()
        .skip(1)
        .map(|line| {
            let mut numbers: Vec<&str> = line.rsplitn(6, ',').collect();
            let name = numbers.pop().expect("a name").trim_matches('"').to_owned();
            let mut counts = [0; 5];
            for (count, number) in counts.iter_mut().zip(numbers.iter().rev()) {
                *count = number.parse().expect("a number");
            }
            (name, counts)
        })
        .collect()
}

/// Records the counts of this run, and writes the document again.
pub(crate) fn accept(corpus: &str, tally: &Tally, names: &[&str]) {
    let mut table = "place,planted,released,withheld,quarantined,leaked\n".to_owned();
    for (name, counts) in names.iter().zip(&tally.counts) {
        writeln!(
            table,
            "\"{name}\",{},{},{},{},{}",
            counts.planted, counts.released, counts.withheld, counts.quarantined, counts.leaked
        )
        .expect("writing to memory does not fail");
    }
    fs::write(counts_path(corpus), table).expect("a writable repository");
    fs::write(repository().join("docs/planted-places.md"), document()).expect("a writable repository");
}

fn document() -> String {
    let recorded = COLUMNS.map(|(_, corpus)| recorded(corpus));
    let n_places: usize = CHAPTERS.iter().map(|chapter| chapter.places.len()).sum();
    let mut text = format!(
        "# Planted places\n\n\
         Written by `cli/tests/planted`; `scripts/planted-places.sh --accept` writes it again.\n\n\
         {n_places} kinds of places, and the names of files and folders, where an identity can stand.\n\
         A value that occurs nowhere else is planted in each, into copies of real files (those that \
         `scripts/fetch-real.sh` fetches) and of a small synthetic corpus.\n\
         The copies are de-identified under the policy `tcia`, with `--metadata-only` and once more with the pixels \
         read, and every byte of the output folder, of the run folder and of what is printed is searched for the value, in both cases of ASCII letters, in \
         UTF-16 and UTF-32, with bytes swapped, spelled in numbers, in the character set of its script and in UTF-8; \
         dates in seven forms; deflated data sets inflated.\n\
         The crosswalk, which holds the originals' names by intention, is not searched; results that are withheld for \
         review are counted apart.\n\n\
         Counts are copies of files: planted / de-identified and released / withheld for review / quarantined / \
         leaked.\n\
         Places marked **open** still leak, or no copy of theirs ends de-identified.\n"
    );
    for chapter in CHAPTERS {
        writeln!(text, "\n## {}\n", chapter.title).expect("writing to memory does not fail");
        let headings = COLUMNS.map(|(heading, _)| heading).join(" | ");
        writeln!(text, "| place | {headings} |\n|---|---|---|---|---|").expect("writing to memory does not fail");
        for place in chapter.places {
            let cell = |recorded: &Recorded| {
                recorded.get(place.name).map_or_else(
                    || "not measured".to_owned(),
                    |counts| counts.map(|count| count.to_string()).join(" / "),
                )
            };
            let name = match place.ends {
                Ends::Released if OPEN.contains(&place.name) => format!("{} (**open**)", place.name),
                Ends::Released => place.name.to_owned(),
                Ends::Stopped(reason) => format!("{} ({reason})", place.name),
            };
            let cells = recorded.each_ref().map(cell).join(" | ");
            writeln!(text, "| {name} | {cells} |").expect("writing to memory does not fail");
        }
    }
    text
}

/// Fails when the document is not what the table and the recorded counts say.
pub(crate) fn check() {
    let path = repository().join("docs/planted-places.md");
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == document(),
        "docs/planted-places.md does not list the places of cli/tests/planted: run scripts/planted-places.sh --accept"
    );
}
