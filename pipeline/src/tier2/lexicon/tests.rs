//! What is found of a patient, and what is left alone.

use super::super::{LexiconBuilder, Recognizers, merge};
use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

static RECOGNIZERS: LazyLock<Recognizers> = LazyLock::new(Recognizers::new);

fn spans(builder: LexiconBuilder, text: &str) -> Vec<(String, &'static str)> {
    let characters: Vec<char> = text.chars().collect();
    merge(builder.build(&RECOGNIZERS).find(text))
        .iter()
        .map(|span| (characters[span.start..span.end].iter().collect(), span.rule))
        .collect()
}

fn found(builder: LexiconBuilder, text: &str) -> Vec<String> {
    spans(builder, text).into_iter().map(|(found, _)| found).collect()
}

fn name(name: &str) -> LexiconBuilder {
    let mut builder = LexiconBuilder::default();
    builder.add_name(name);
    builder
}

fn phrase(text: &str, label: PhiLabel) -> LexiconBuilder {
    let mut builder = LexiconBuilder::default();
    builder.add_phrase(text, label);
    builder
}

/// Checks that exactly the marked parts of a text are found: `CT of <jane doe>`.
fn check(builder: LexiconBuilder, marked: &str) {
    let text = marked.replace(['<', '>'], "");
    let expected: Vec<&str> = marked.split('<').skip(1).filter_map(|part| part.split('>').next()).collect();
    assert_eq!(found(builder, &text), expected, "{marked}");
}

#[test]
fn names_are_found_in_any_order_case_and_glue() {
    for marked in [
        "CT of <jane doe>",
        "<DOE,JANE> chest",
        "CT_<DOE>_2020",
        "<janedoe>.jpg",
        "<Doe>2020 and Ct<Doe>",
        "doeful janes",
        "<Jane M. Doe> or <J. Doe> or <J Doe> or <jdoe> or <Doe J> or <Doe J.M>. or <JM Doe>",
        "<Doe, Jane Mary>; <Mary>",
        "signed <J.D>. and <J.M.D>.",
        "pt <JD> was seen, JD 3",
    ] {
        check(name("DOE^JANE^MARY"), marked);
    }
}

#[test]
fn compound_names_are_found_whole_and_in_parts() {
    for marked in [
        "<van der Berg> came, <vanderBerg>, <Berg>, van der Waals",
        "<Anna-Lena> and <annalena> or <Lena>",
        "<A. van der Berg> or <Anna Berg>",
    ] {
        check(name("van der Berg^Anna-Lena"), marked);
    }
    for marked in ["<O'Neil>, <ONeil>, <o’neil>", "<Smith-Jones>; told <Smith Jones>; <SMITHJONES>"] {
        check(if marked.contains("eil") { name("O'Neil^Tara") } else { name("Smith-Jones^Tara") }, marked);
    }
}

#[test]
fn nicknames_and_full_names_stand_for_each_other() {
    check(name("Doe^Robert"), "<Bob> came, <Bobby Doe>, bobbing");
    check(name("Kovacs^Liz"), "<Elizabeth> came, <Elizabeth Kovacs>");
    check(name("Garcia^José"), "<Pepe Garcia>");
}

#[test]
fn names_in_scripts_without_blanks_are_found_inside_text() {
    assert_eq!(found(name("Wang^XiaoDong=王^小东"), "患者王小东胸部"), ["王小东"]);
    assert_eq!(found(name("Hong^Gildong=洪^吉洞=홍^길동"), "길동의 흉부"), ["길동"]);
    check(name("Yamada^Tarou=山田^太郎=やまだ^たろう"), "<ヤマダ>さん, <YAMADA TARO>, <山田太郎>");
}

#[test]
fn names_are_found_in_other_scripts_and_spellings() {
    check(name("Щербаков^Юлия"), "seen: <Shcherbakov>; daughter <Iuliia>; <ЩЕРБАКОВ>");
    check(name("Παπαδόπουλος^Γιώργος"), "<Papadopoulos>");
    check(name("Müller^Zoë"), "<MULLERs> Knie, <Mueller>; seen <Zoe>");
    check(name("Mueller^Jan"), "<Müller>, <Muller>");
    check(name("Søgaard^Åse"), "<Soegaard>, <Sogaard>, <Aase>");
    let mut builder = name("Ivanov^Petr");
    builder.add_narrative("КТ головного мозга");
    check(builder, "для <Иванова>");
}

#[test]
fn accents_and_long_names_inside_words_do_not_hide() {
    assert_eq!(found(name("Müller^Zoë"), "MULLERs Knie"), ["MULLERs"]);
    assert_eq!(found(name("Li^Wu"), "seen Li Wu today, liver wurde"), ["Li Wu"]);
    assert!(found(name("Raven^Odd"), "intravenous").is_empty());
}

#[test]
fn guarded_words_stay_and_guarded_names_go() {
    for (patient, marked) in [
        ("Brain^Anna", "MR BRAIN W/O, <ANNA BRAIN>, <BRAIN^ANNA>, Mrs <Brain>"),
        ("Head^Otto", "Head first, CT HEAD, <Head, Otto>"),
        ("Siemens^Karl", "SIEMENS SOMATOM, <Karl Siemens>"),
        ("Baker^Ines", "Baker cyst, Baker's cyst, told <Baker> and <Ines>"),
        ("Young^Ines", "Young male, YOUNG ADULT, <Young, Ines>"),
        ("Long^Ines", "LONG AXIS, long TE, seen <Long> today"),
        ("May^Ines", "May 2014, MAY REPEAT, <I. May>"),
        ("White^Ines", "White matter, <INES WHITE>"),
        ("Long^May", "LONG MAY, seen <May Long>; was <LONG^MAY> or <Long, May>"),
    ] {
        check(name(patient), marked);
    }
    assert!(found(name("Brain^Anna"), "Brain").is_empty());
    assert!(found(name("Baker^Ines"), "Baker").is_empty());
}

#[test]
fn identifiers_are_found_whatever_separates_them() {
    check(phrase("00-123-456", PhiLabel::Mrn), "mrn <123456>, or <123.456>, <0000123456>");
    check(phrase("AB-77123", PhiLabel::Mrn), "<ab77123>, x<AB 77123>y");
    check(phrase("4711", PhiLabel::Mrn), "no <4711>, not 47112 nor a4711");
    check(phrase("2014", PhiLabel::Mrn), "in 2014");
}

#[test]
fn one_confusion_or_typo_is_survived() {
    for (builder, text, expected) in [
        (name("Janedotte^Ox"), "JANED0TTE", "JANED0TTE"),
        (name("Burnham^Ox"), "Bumham", "Bumham"),
        (name("Clement^Ox"), "told Dement", "Dement"),
        (name("Kovacs^Ox"), "Kovasc", "Kovasc"),
        (name("Kovacs^Ox"), "Ko vacs", "Ko vacs"),
        (phrase("7712345", PhiLabel::Mrn), "77l2345", "77l2345"),
        (phrase("7712345", PhiLabel::Mrn), "7712E45", ""),
        (phrase("Springfield General", PhiLabel::Organization), "at Springfeild", "Springfeild"),
        (name("Doe^Ox"), "D0E", ""),
    ] {
        let found = spans(builder, text);
        let expected: Vec<_> =
            (!expected.is_empty()).then(|| (expected.to_owned(), "lexicon-fuzzy")).into_iter().collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn institutions_are_known_by_their_words_and_acronyms() {
    for marked in ["from <Springfield>, <SGH>, sgh, SGHX", "a general hospital", "<SPRINGFIELD GENERAL HOSPITAL>"] {
        check(phrase("Springfield General Hospital", PhiLabel::Organization), marked);
    }
}

#[test]
fn addresses_phones_and_mail_are_found_in_parts() {
    check(
        phrase("742 Evergreen Terrace, Kleinstadt 54321", PhiLabel::Location),
        "at <742 Evergreen>, near <Kleinstadt>, no <54321>",
    );
    for marked in ["<217.555.0147>", "call <(217) 555 0147>", "+1 <217 555 0147>", "<555-0147>", "15550147"] {
        check(phrase("217-555-0147", PhiLabel::Phone), marked);
    }
    check(phrase("+49 30 1234567", PhiLabel::Phone), "<030/1234567>");
    check(phrase("jane.doe77@mail.example", PhiLabel::OtherId), "user <jane.doe77>");
}

#[test]
fn dates_are_found_in_any_punctuation() {
    let mut builder = LexiconBuilder::default();
    builder.add_date("20010203");
    check(builder, "<20010203>, <2001/02/03>, <3. Februar 2001>, <3.2.01>, 3201 120010203");
}

#[test]
fn people_named_in_one_text_are_found_in_another() {
    let mut builder = LexiconBuilder::default();
    builder.add_narrative("Diana Lebsack drove the patient in");
    check(builder, "<LEBSACK> / told at desk, lebsacks");
}

#[test]
fn placeholders_and_short_values_are_not_searched() {
    let mut builder = name("Anonymous^Test");
    builder.add_phrase("1", PhiLabel::OtherId);
    builder.add_phrase("CT ROOM 3", PhiLabel::OtherId);
    assert!(found(builder, "test 1 phantom, CT room 3").is_empty());
}

#[test]
fn bytes_are_searched_with_and_without_marks() {
    let lexicon = name("Grüneberg^Щербаков").build(&RECOGNIZERS);
    for text in ["xxgrünebergxx", "GRÜNEBERG", "gruneberg", "ЩЕРБАКОВ"] {
        assert!(lexicon.occurs_in_bytes(text.as_bytes()), "{text}");
    }
    assert!(!name("Raven^Odd").build(&RECOGNIZERS).occurs_in_bytes(b"intravenous"));
}

fn edit(word: &str, kind: usize, at: usize, letter: char) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = at % letters.len();
    match kind {
        0 => letters.insert(at, letter),
        1 => drop(letters.remove(at)),
        2 => letters[at] = letter,
        _ => letters.swap(at, (at + 1) % word.len()),
    }
    letters.into_iter().collect()
}

proptest! {
    #[test]
    fn every_single_edit_of_a_name_is_found_unless_guarded(
        word in "[a-z]{5,11}", kind in 0_usize..4, at in 0_usize..11, letter in proptest::char::range('a', 'z')
    ) {
        let at = if kind == 3 { at % (word.len() - 1) } else { at };
        let edited = edit(&word, kind, at, letter);
        prop_assume!(!guard::is_known(&word) && !guard::is_known(&edited));
        let text = format!("CT chest, {edited}, 3 mm");
        let found = found(name(&format!("{word}^Xo")), &text).join(" ");
        prop_assert!(found.contains(&edited), "{} {} {}", word, edited, found);
    }

    #[test]
    fn every_confusion_of_an_identifier_is_found(number in "[1-9][0-9]{6,9}", at in 0_usize..7) {
        let confused: String = number
            .chars()
            .enumerate()
            .map(|(idx, digit)| match digit {
                '0' if idx == at => 'O',
                '1' if idx == at => 'l',
                '5' if idx == at => 'S',
                '8' if idx == at => 'B',
                other => other,
            })
            .collect();
        let found = found(phrase(&number, PhiLabel::Mrn), &format!("id {confused}."));
        prop_assert_eq!(found, vec![confused]);
    }

    #[test]
    fn any_name_and_text_are_searched_without_fault(patient in "\\PC{0,30}", text in "\\PC{0,60}") {
        let n_characters = text.chars().count();
        for span in name(&patient).build(&RECOGNIZERS).find(&text) {
            prop_assert!(span.start < span.end && span.end <= n_characters);
        }
    }

    #[test]
    fn a_name_is_found_in_every_order(family in "[A-Z][a-z]{4,9}", given in "[A-Z][a-z]{2,9}", order in 0_usize..6) {
        prop_assume!(![&family, &given].iter().any(|word| guard::is_known(&word.to_lowercase())));
        prop_assume!(!super::super::names::PLACEHOLDERS.contains(&family.to_lowercase().as_str()));
        // A title is nobody's name, even where it stands for one.
        prop_assume!(!super::super::names::TITLES.contains(&given.to_lowercase().as_str()));
        let written = match order {
            0 => format!("{given} {family}"),
            1 => format!("{family}, {given}"),
            2 => format!("{family}^{given}").to_uppercase(),
            3 => format!("{}. {family}", &given[..1]),
            4 => format!("{family} {}", &given[..1]),
            _ => format!("{family}_{given}").to_lowercase(),
        };
        let spans = found(name(&format!("{family}^{given}")), &format!("lung {written} 2 mm"));
        prop_assert_eq!(spans, vec![written]);
    }
}

/// Every text of real files under `data/real`, where they are.
fn real_texts() -> BTreeSet<String> {
    use dicom_core::VR;
    fn collect(data_set: &dicom_object::InMemDicomObject, texts: &mut BTreeSet<String>) {
        for element in data_set {
            if let Some(items) = element.value().items() {
                items.iter().for_each(|item| collect(item, texts));
            } else if matches!(element.vr(), VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::CS)
                && let Ok(values) = element.value().to_multi_str()
            {
                texts.extend(values.iter().filter(|value| value.len() < 400).map(|value| value.trim().to_owned()));
            }
        }
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/real");
    let mut texts = BTreeSet::new();
    for entry in walkdir::WalkDir::new(folder).follow_links(true).into_iter().flatten() {
        if let Ok(instance) = crate::Instance::read(entry.path()) {
            collect(&instance.data_set, &mut texts);
        }
    }
    texts
}

#[test]
#[ignore = "needs real files, and measures"]
fn few_real_texts_lose_anything_to_strangers_names() {
    let texts = real_texts();
    let names = include_str!("../../../data/surrogate_names.txt");
    let group = |header: &str| -> Vec<&str> {
        let lines = names.lines().skip_while(|line| *line != header).skip(1).take_while(|line| !line.starts_with('['));
        lines.flat_map(str::split_whitespace).collect()
    };
    let (given, family) = (group("[latin given]"), group("[latin family]"));
    let mut losses: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut elapsed = std::time::Duration::ZERO;
    for (family, given) in family.iter().zip(given.iter().cycle()) {
        let lexicon = name(&format!("{family}^{given}")).build(&RECOGNIZERS);
        let begun = std::time::Instant::now();
        for text in &texts {
            for span in lexicon.find(text) {
                let found: String = text.chars().skip(span.start).take(span.end - span.start).collect();
                *losses.entry((format!("{family} {given}: {found}"), span.rule)).or_default() += 1;
            }
        }
        elapsed += begun.elapsed();
    }
    let n_searches = texts.len() * family.len();
    let n_lost: usize = losses.values().sum();
    let lost: Vec<String> =
        losses.iter().map(|((found, rule), n_texts)| format!("{n_texts:5} {rule:16} {found}")).collect();
    let summary = format!(
        "{n_lost} spans in {n_searches} searches ({} texts, {} patients), {:?} a search",
        texts.len(),
        family.len(),
        elapsed / u32::try_from(n_searches.max(1)).expect("few")
    );
    assert!(texts.is_empty() || 1000 * n_lost < n_searches, "{summary}\n{}", lost.join("\n"));
}
