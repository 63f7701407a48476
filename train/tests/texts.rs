//! Texts as they are kept on disk: each format's fixture, and what is refused.

use efface_schema::PhiLabel;
use efface_train::text::{self, LabelTable, LabelledText, TextError, TextFormat};
use std::fs;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/texts").join(name)
}

fn table(format: TextFormat) -> LabelTable {
    if format == TextFormat::Brat { LabelTable::brat() } else { LabelTable::i2b2() }
}

fn read(format: TextFormat, path: &Path) -> Result<Vec<LabelledText>, TextError> {
    text::read(format, path, &table(format))?.collect()
}

fn all(format: TextFormat, name: &str) -> Vec<LabelledText> {
    read(format, &fixture(name)).expect("the fixture can be read")
}

/// The words of the spans, with their labels.
fn words(text: &LabelledText) -> Vec<(String, &'static str)> {
    let cut = |start: u32, end: u32| text.text.chars().skip(start as usize).take((end - start) as usize).collect();
    text.spans.iter().map(|span| (cut(span.start, span.end), span.label.as_str())).collect()
}

fn check(text: &LabelledText, expected: &[(&str, &'static str)]) {
    let expected: Vec<_> = expected.iter().map(|(words, label)| ((*words).to_owned(), *label)).collect();
    assert_eq!(words(text), expected);
}

/// What is said about a file with this content; no word of a text may be among it.
fn fault(format: TextFormat, name: &str, content: impl AsRef<[u8]>) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    fs::write(&path, content).expect("a file");
    let message = read(format, &path).expect_err("it must be refused").to_string();
    assert!(message.contains(name), "{message}");
    assert!(!message.contains("Zebulon"), "{message}");
    message
}

#[test]
fn jsonl_gives_text_spans_and_context() {
    let texts = all(TextFormat::Jsonl, "ner.jsonl");
    assert_eq!(texts.iter().map(|text| text.id.as_str()).collect::<Vec<_>>(), ["0", "1", "7"]);
    check(&texts[0], &[("Zoë Roe", "NAME"), ("𝟛/5", "DATE")]);
    check(&texts[1], &[]);
    check(&texts[2], &[("山田^太郎", "NAME")]);
    let first = &texts[0];
    assert_eq!(
        [&first.keyword, &first.vr, &first.modality, &first.locale, &first.cluster],
        ["StudyDescription", "LO", "CT", "de_DE", "4"]
    );
    assert_eq!((texts[1].vr.as_str(), texts[2].cluster.as_str()), ("", "4"));
}

#[test]
fn conll_gives_the_same_spans_as_jsonl() {
    let texts = all(TextFormat::Conll, "ner.conll");
    let others = all(TextFormat::Jsonl, "ner.jsonl");
    assert_eq!(texts.iter().map(|text| text.id.as_str()).collect::<Vec<_>>(), ["0", "1", "2", "7"]);
    assert_eq!((&texts[0].text, &texts[0].spans), (&others[0].text, &others[0].spans));
    assert_eq!(texts[2].text, "");
    assert_eq!(texts[3].text, "山田^太郎    #Roe12");
    check(&texts[3], &[("山田^太郎", "NAME"), ("Roe", "NAME"), ("12", "MRN")]);
}

#[test]
fn i2b2_gives_what_the_rule_asks_for() {
    let texts = all(TextFormat::I2b2, "i2b2");
    assert_eq!(texts.iter().map(|text| text.id.as_str()).collect::<Vec<_>>(), ["301-01", "301-02", "302-01"]);
    assert_eq!(texts.iter().map(|text| text.cluster.as_str()).collect::<Vec<_>>(), ["301", "301", "302"]);
    check(&texts[0], &[]);
    check(
        &texts[1],
        &[
            ("2067-05-03", "DATE"),
            ("Zoë Størmé-Łęcka", "NAME"),
            ("O'Brien", "NAME"),
            ("91-year-old", "AGE_OVER_89"),
            ("李小龍", "NAME"),
            ("Mountview Hospital", "ORGANIZATION"),
            ("12 Rue de l'Église", "LOCATION"),
            ("Québec", "LOCATION"),
            ("00-417-223", "MRN"),
            ("555-0142", "PHONE"),
            ("Ivo Ferrand", "NAME"),
            ("ferrand@mountview.example", "EMAIL"),
            ("Søn", "NAME"),
        ],
    );
}

#[test]
fn i2b2_text_may_hold_references_and_several_sections() {
    let texts = all(TextFormat::I2b2, "i2b2/302-01.xml");
    assert_eq!(texts[0].text, "A & B: Dr Ana Žižková\n<ok>");
    check(&texts[0], &[("Ana Žižková", "NAME")]);
}

#[test]
fn brat_joins_parts_and_what_overlaps() {
    let texts = all(TextFormat::Brat, "brat");
    assert_eq!(texts.iter().map(|text| text.id.as_str()).collect::<Vec<_>>(), ["befund", "more/none"]);
    let expected = [("Müller", "NAME"), ("3. Mai 1950", "DATE"), ("Jo) Müller", "NAME"), ("Bad Aibling", "LOCATION")];
    check(&texts[0], &expected);
    check(&texts[1], &[]);
    assert_eq!(texts[1].cluster, "more/none");
}

#[test]
fn a_word_of_the_user_decides() {
    let own = [("profession".to_owned(), Some(PhiLabel::Organization)), ("City".to_owned(), None)];
    let texts = text::read(TextFormat::Brat, &fixture("brat/befund.txt"), &LabelTable::brat().with(own))
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .expect("the fixture can be read");
    let expected = [("Müller", "NAME"), ("3. Mai 1950", "DATE"), ("Sohn", "ORGANIZATION"), ("Jo) Müller", "NAME")];
    check(&texts[0], &expected);
}

#[test]
fn the_files_of_a_source_are_those_that_are_read() {
    let names = |format, name| -> Vec<String> {
        let files = text::files(format, &fixture(name)).expect("the fixture is there");
        files.iter().map(|path| path.file_name().expect("a file").to_string_lossy().into_owned()).collect()
    };
    assert_eq!(names(TextFormat::Brat, "brat"), ["befund.ann", "befund.txt", "none.ann", "none.txt"]);
    assert_eq!(names(TextFormat::I2b2, "i2b2"), ["301-01.xml", "301-02.xml", "302-01.xml"]);
    assert_eq!(names(TextFormat::Jsonl, "ner.jsonl"), ["ner.jsonl"]);
}

#[test]
fn debug_shows_neither_words_nor_patients() {
    let shown = format!("{:?}", all(TextFormat::I2b2, "i2b2"));
    assert!(shown.contains("NAME") || shown.contains("Name"), "{shown}");
    assert!(!shown.contains("301") && !shown.contains("Ferrand"), "{shown}");
}

fn jsonl_line(text: &str, spans: &[(u32, u32)]) -> String {
    let spans: Vec<String> = spans
        .iter()
        .map(|(start, end)| format!(r#"{{"start":{start},"end":{end},"label":"NAME","element":"A","is_known":false}}"#))
        .collect();
    format!(
        concat!(
            r#"{{"format_version":1,"index":0,"text":"{}","spans":[{}],"negatives":[],"context":"#,
            r#"{{"attribute":null,"keyword":"","vr":null,"modality":"CT","locale":"en_US","patient":0}}}}"#
        ),
        text,
        spans.join(",")
    )
}

#[test]
fn jsonl_names_the_line_and_what_mends_it() {
    let good = jsonl_line("Zebulon", &[(0, 7)]);
    let says = |bad: &str, expected: &str| {
        let message = fault(TextFormat::Jsonl, "ner.jsonl", format!("{good}\n\n{bad}\n{good}\n"));
        assert!(message.contains("line 3:") && message.contains(expected), "{message}");
    };
    says(&jsonl_line("Zebulon", &[(0, 8)]), "Unicode characters");
    says(&jsonl_line("Zébulon", &[(0, 8)]), "Unicode characters");
    says(&jsonl_line("Zebulon", &[(3, 3)]), "half-open");
    says(&jsonl_line("Zebulon", &[(0, 3), (2, 4)]), "join what overlaps");
    says(&jsonl_line("Zebulon", &[(4, 5), (0, 3)]), "sort them");
    says(&good.replace("\"format_version\":1", "\"format_version\":9"), "newer efface");
    says("{\"text\":\"Zebulon\"}", "efface synth");
    says("{\"Zebulon", "efface synth");
}

#[test]
fn texts_after_a_fault_are_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ner.jsonl");
    let good = jsonl_line("CHEST", &[]);
    fs::write(&path, format!("{good}\nnonsense\n{good}\n")).expect("a file");
    let texts = text::read(TextFormat::Jsonl, &path, &LabelTable::i2b2()).expect("it can be opened");
    assert_eq!(texts.map(|text| text.is_ok()).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn conll_names_the_line_and_what_mends_it() {
    let says = |content: &str, line: u64, expected: &str| {
        let message = fault(TextFormat::Conll, "ner.conll", content);
        assert!(message.contains(&format!("line {line}:")) && message.contains(expected), "{message}");
    };
    says("Zebulon\tB-NAME\n", 1, "# text N");
    says("# text Zebulon\n", 1, "# text N");
    says("# text 0\nZebulon B-NAME\n", 2, "tabulators");
    says("# text 0\nZebulon\t0\t8\tO\n", 2, "Unicode characters");
    says("# text 0\nZebulon\t0\t7\tX-NAME\n", 2, "neither O nor B-");
    says("# text 0\nZebulon\t0\t7\tB-PERSON\n", 2, "none of ours");
    says("# text 0\nZebulon\t0\t7\tI-NAME\n", 2, "continues nothing");
    says("# text 0\nDr\t0\t2\tB-DATE\nZebulon\t3\t10\tI-NAME\n", 3, "continues nothing");
    says("# text 0\nDr\t0\t2\tB-NAME\n.\t2\t3\tO\nZebulon\t4\t11\tI-NAME\n", 4, "continues nothing");
    says("# text 0\nDr\t0\t2\tO\nZebulon\t1\t8\tO\n", 3, "in order");
    says("# text 0\nZebulon\t4000000000\t4000000007\tO\n", 2, "cut the text");
    says("# text 0\nDr\t0\t2\tO\n# text 1\nZebulon\t0\t7\tO\n", 3, "tabulators");
}

#[test]
fn what_is_not_utf_8_is_refused_where_it_stands() {
    let message = fault(TextFormat::Conll, "ner.conll", b"# text 0\nZo\xEB\t0\t3\tO\n");
    assert!(message.contains("line 2:") && message.contains("iconv"), "{message}");
    let message = fault(TextFormat::I2b2, "1-1.xml", b"<a>\n<TEXT>\nZo\xEB</TEXT></a>");
    assert!(message.contains("line 3:") && message.contains("iconv"), "{message}");
}

fn i2b2_file(text: &str, tag: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<deIdi2b2>\n<TEXT><![CDATA[{text}]]></TEXT>\n<TAGS>\n{tag}\n</TAGS>\n</deIdi2b2>\n"
    )
}

#[test]
fn i2b2_names_the_line_and_what_mends_it() {
    let says = |content: &str, line: u64, expected: &str| {
        let message = fault(TextFormat::I2b2, "1-1.xml", content);
        assert!(message.contains(&format!("line {line}:")) && message.contains(expected), "{message}");
    };
    let tag = |attributes: &str| i2b2_file("Zebulon", &format!("<NAME {attributes}/>"));
    says(&tag(r#"start="0" end="8" TYPE="DOCTOR""#), 5, "Unicode characters");
    says(&tag(r#"start="2" end="2" TYPE="DOCTOR""#), 5, "empty");
    says(&tag(r#"start="0" end="3" text="Zebulon" TYPE="DOCTOR""#), 5, "not what stands at the offsets");
    says(&tag(r#"start="0" end="7" TYPE="Zebulon""#), 5, "`labels`");
    says(&tag(r#"start="-1" end="7" TYPE="DOCTOR""#), 5, "numbers");
    says(&tag(r#"start="0" end="7""#), 5, "TYPE");
    says("<deIdi2b2><TAGS/></deIdi2b2>", 1, "no TEXT");
    says("<deIdi2b2>\n<TEXT>Zebulon", 2, "too early");
    says("<deIdi2b2>\n<TEXT>Zeb<b/>ulon</TEXT></deIdi2b2>", 2, "element inside TEXT");
    says("<!DOCTYPE a [<!ENTITY z 'Zebulon'>]>\n<a><TEXT>&z;</TEXT></a>", 1, "document type");
    says("<a><TEXT>&Zebulon;</TEXT></a>", 1, "reference");
}

#[test]
fn brat_names_the_line_and_what_mends_it() {
    let says = |annotations: &str, line: u64, expected: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.txt"), "Dr Zebulon").expect("a file");
        fs::write(folder.path().join("a.ann"), annotations).expect("a file");
        let message = read(TextFormat::Brat, folder.path()).expect_err("it must be refused").to_string();
        assert!(message.contains(&format!("a.ann, line {line}:")) && message.contains(expected), "{message}");
        assert!(!message.contains("Zebulon"), "{message}");
    };
    says("T1\tNAME 3 10\tZebulon\nT2\tNAME 3 11\tZebulon\n", 2, "Unicode characters");
    says("T1\tNAME 3 9\tZebulon\n", 1, "counted in bytes");
    says("T1\tZebulon 3 10\tZebulon\n", 1, "`labels`");
    says("T1\tNAME 3\tZebulon\n", 1, "text-bound");
    says("T1 NAME 3 10\n", 1, "text-bound");
    says("Zebulon\n", 1, "of no kind");
}

#[test]
fn what_is_not_there_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let message = read(TextFormat::I2b2, folder.path()).expect_err("the folder is empty").to_string();
    assert!(message.contains(".xml"), "{message}");
    fs::write(folder.path().join("a.txt"), "Zebulon").expect("a file");
    let message = read(TextFormat::Brat, folder.path()).expect_err("there is no .ann").to_string();
    assert!(message.contains("make an empty one"), "{message}");
    let absent = folder.path().join("absent");
    for format in [TextFormat::Jsonl, TextFormat::Conll, TextFormat::I2b2, TextFormat::Brat] {
        let message = read(format, &absent).expect_err("it is absent").to_string();
        assert!(message.contains("absent") && message.contains("permissions"), "{message}");
    }
    assert!(read(TextFormat::Jsonl, folder.path()).is_err());
}
