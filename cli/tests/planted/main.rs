//! A unique value in every place where an identity can stand: none may be in any byte that comes out.
//!
//! The places are those of `docs/planted-places.md`. Each is planted into copies of the files of a corpus, the copies
//! are de-identified by the program itself, and all bytes of the output folder, of the run folder and of what was
//! printed are searched. The corpus is a small synthetic one, or the folder that EFFACE_PLANTED_CORPUS names;
//! `scripts/planted-places.sh` names the real files. Images are left to others, or looked into as well.

mod copy;
mod corpus;
mod document;
mod places;
mod search;
mod tally;
mod token;

use copy::Copy;
use places::Place;
use search::{NAMES, Searcher};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tally::Tally;
use token::Token;
use walkdir::WalkDir;

/// A place that gets copies for itself is planted into files of at most so many bytes, so that a corpus of thousands
/// of copies stays small.
const MAX_BYTES_ALONE: u64 = 40_000;
/// Compressed images are larger, and few.
const MAX_BYTES_COMPRESSED: u64 = 700_000;

/// What is planted together into one copy of a file.
struct Group {
    name: &'static str,
    alone: bool,
    /// The places, by their index.
    places: Vec<(usize, &'static Place)>,
}

fn groups() -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (place_idx, place) in places::all().enumerate() {
        match groups.iter_mut().find(|group| Some(group.name) == place.group) {
            Some(group) => group.places.push((place_idx, place)),
            None => groups.push(Group {
                name: place.group.unwrap_or(place.name),
                alone: place.group.is_none(),
                places: vec![(place_idx, place)],
            }),
        }
    }
    groups
}

/// The copies that were written, with the places that were planted into each, by relative path.
struct Planted {
    copies: BTreeMap<String, Vec<usize>>,
    n_files: usize,
    n_unreadable: usize,
}

fn plant(corpus: &[PathBuf], folder: &Path, searcher: &Searcher) -> Planted {
    let groups = groups();
    let (folder_name, file_name) = (Token::of(NAMES[0]), Token::of(NAMES[1]));
    let n_places = places::all().count();
    let mut planted = Planted { copies: BTreeMap::new(), n_files: corpus.len(), n_unreadable: 0 };
    for (file_idx, file) in corpus.iter().enumerate() {
        let Ok(object) = dicom_object::open_file(file) else {
            planted.n_unreadable += 1;
            continue;
        };
        let n_bytes = fs::metadata(file).expect("a file that was read").len();
        for (group_idx, group) in groups.iter().enumerate() {
            let uid = format!("1.2.826.0.1.3680043.10.511.7.{file_idx}.{group_idx}");
            let mut copy = Copy::of(object.clone(), &uid);
            let limit = if copy.is_native() { MAX_BYTES_ALONE } else { MAX_BYTES_COMPRESSED };
            if group.alone && n_bytes > limit {
                continue;
            }
            for (_, place) in &group.places {
                (place.plant)(&mut copy, &Token::of(place.name));
            }
            let Some(bytes) = copy.to_bytes() else { continue };
            let found = searcher.in_file(&bytes);
            let mut here: Vec<usize> =
                group.places.iter().map(|(place_idx, _)| *place_idx).filter(|idx| found.contains(idx)).collect();
            if here.is_empty() {
                continue;
            }
            here.extend([n_places, n_places + 1]);
            let name = format!(
                "{}_{}/{}-{file_idx:03}-{group_idx:03}.dcm",
                folder_name.family(),
                folder_name.number(),
                file_name.spoken()
            );
            let path = folder.join(&name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
            fs::write(path, bytes).expect("a writable folder");
            planted.copies.insert(name, here);
        }
    }
    planted
}

/// Whether images are looked into.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pixels {
    /// With `--metadata-only`.
    Left,
    /// Without it: text is read in every image.
    Read,
}

/// De-identifies, and returns what was printed.
fn deidentify(lab: &Path, pixels: Pixels) -> Vec<u8> {
    fs::write(lab.join("key"), "a key for tests, never for patients\n").expect("a writable folder");
    let output = Command::new(env!("CARGO_BIN_EXE_efface"))
        .args(["deid", "in", "out", "--run", "run", "--key", "key", "--crosswalk"])
        .args((pixels == Pixels::Left).then_some("--metadata-only"))
        .current_dir(lab)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
    [output.stdout, output.stderr].concat()
}

/// The corpus and its name.
fn corpus(folder: &Path) -> (Vec<PathBuf>, &'static str) {
    let Some(named) = std::env::var_os("EFFACE_PLANTED_CORPUS") else {
        let files = folder.join("synthetic");
        fs::create_dir(&files).expect("a writable folder");
        return (corpus::write(&files), "synthetic");
    };
    let mut files: Vec<PathBuf> = WalkDir::new(&named)
        .follow_links(true)
        .into_iter()
        .map(|entry| entry.expect("a readable folder"))
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    files.sort();
    assert!(!files.is_empty(), "EFFACE_PLANTED_CORPUS names a folder without files");
    (files, "real")
}

#[test]
fn nothing_that_is_planted_comes_out() {
    plant_and_search(Pixels::Left);
}

#[test]
fn nothing_that_is_planted_comes_out_where_pixels_are_read() {
    plant_and_search(Pixels::Read);
}

fn plant_and_search(pixels: Pixels) {
    // For a look at what leaks, the folder can be kept.
    let keep = std::env::var_os("EFFACE_PLANTED_KEEP").is_some();
    let lab = tempfile::Builder::new().disable_cleanup(keep).tempdir().expect("a temporary folder");
    let lab = lab.path();
    let searcher = Searcher::new();
    let (files, name) = corpus(lab);
    let planted = plant(&files, &lab.join("in"), &searcher);
    let printed = deidentify(lab, pixels);
    let tally = Tally::count(lab, &planted.copies, &printed, &searcher);
    println!(
        "{} copies of {} files; {} files cannot be read by dicom-rs, nothing is planted into them",
        planted.copies.len(),
        planted.n_files,
        planted.n_unreadable
    );
    println!("{}", tally.table(&searcher.names));
    if keep {
        println!("kept: {}", lab.display());
    }
    if std::env::var_os("EFFACE_PLANTED_ACCEPT").is_some() {
        document::accept(&document::corpus_name(name, pixels), &tally, &searcher.names);
    }
    let faults = tally.faults(&searcher.names);
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_list_of_places_is_documented() {
    document::check();
}

#[test]
fn every_place_has_a_name_and_a_value_of_its_own() {
    let names: std::collections::BTreeSet<&str> = places::all().map(|place| place.name).collect();
    assert_eq!(names.len(), places::all().count());
    assert!(names.len() >= 110, "{} kinds of places", names.len());
    let values: std::collections::BTreeSet<[String; 3]> = names
        .iter()
        .map(|name| {
            let token = Token::of(name);
            [token.family(), token.given(), token.number()]
        })
        .collect();
    let of_one_kind =
        |index: usize| values.iter().map(|value| &value[index]).collect::<std::collections::BTreeSet<_>>();
    assert!((0..3).all(|index| of_one_kind(index).len() == names.len()));
}
