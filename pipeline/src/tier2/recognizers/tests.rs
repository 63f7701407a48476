use super::*;

fn found(text: &str) -> Vec<(String, PhiLabel)> {
    let characters: Vec<char> = text.chars().collect();
    super::super::merge(Recognizers::new().find(text))
        .iter()
        .map(|span| (characters[span.start..span.end].iter().collect(), span.label))
        .collect()
}

#[test]
fn every_expression_compiles() {
    let recognizers = Recognizers::new();
    for known in &recognizers.engine.compiled {
        assert!(known.regex().find("nothing at all").is_none(), "{}", known.recognizer.rule);
    }
}

#[test]
fn a_plus_between_digits_begins_no_telephone_number() {
    let phones = |text: &str| found(text).into_iter().filter(|(_, label)| *label == PhiLabel::Phone).count();
    assert_eq!(phones("DX NECK, Gleason 3+4 03/21/2014"), 0);
    assert_eq!(phones("DX NECK, +44 20 7946 0123"), 1);
}

/// What the automaton of words and the counts of signs leave out could not have matched.
#[test]
fn what_is_left_out_would_not_have_matched() {
    let recognizers = Recognizers::new();
    let lines = concat!(
        include_str!("../../../tests/patterns/identifying.txt"),
        include_str!("../../../tests/patterns/harmless.txt")
    );
    for line in lines.lines().filter(|line| !line.starts_with("# ")) {
        let text = line.replace("]]", "");
        let text: String = text.split("[[").map(|part| part.rsplit_once(':').map_or(part, |(_, rest)| rest)).collect();
        for text in [text.clone(), text.to_uppercase(), text.to_lowercase()] {
            let concerned: Vec<*const Compiled> = recognizers.engine.concerned(&text).map(std::ptr::from_ref).collect();
            for known in
                recognizers.engine.compiled.iter().filter(|known| !concerned.contains(&std::ptr::from_ref(*known)))
            {
                assert_eq!(matches(known, &text, &[]).count(), 0, "{}: {text}", known.recognizer.rule);
            }
        }
    }
}

#[test]
fn each_recognizer_finds_its_kind() {
    use PhiLabel::{
        Account, AgeOver89, Date, Email, Ip, License, Location, Mrn, Name, Organization, OtherId, Phone, Ssn, Url,
        Vehicle,
    };
    for (text, expected, label) in [
        ("write to jane.doe@mail.example today", "jane.doe@mail.example", Email),
        ("see https://host.example/a?b=c now", "https://host.example/a?b=c", Url),
        ("from 10.1.2.30 pushed", "10.1.2.30", Ip),
        ("SSN 123-45-6789", "123-45-6789", Ssn),
        ("call (501) 555-1234", "(501) 555-1234", Phone),
        ("MRN: 0012345", "0012345", Mrn),
        ("acct# A-99812", "A-99812", Account),
        ("lic no MD12345", "MD12345", License),
        ("plate 8KLM332", "8KLM332", Vehicle),
        ("94-year-old male", "94-year-old", AgeOver89),
        ("lives 1261 Leawood Street", "1261 Leawood Street", Location),
        ("DR.IYER for follow-up", "IYER", Name),
        ("Anna Kovacs present, no complaints", "Anna Kovacs", Name),
        ("hit by car, plate 7Q 3575.", "7Q 3575", Vehicle),
        ("Retired from Wyman and Boyer Group, cough", "Wyman and Boyer Group", Organization),
        ("scanned by Anna Kovacs", "Anna Kovacs", Name),
        ("copy of DOE^JANE", "DOE^JANE", Name),
        ("prior 20140321", "20140321", Date),
        ("exam 5551234987", "5551234987", OtherId),
    ] {
        let found = found(text);
        assert!(found.contains(&(expected.to_owned(), label)), "{text}: {found:?}");
    }
}

#[test]
fn a_date_with_a_time_stays_a_date() {
    for text in ["20140321101500", "Image_20140321_101500.dcm", "20140321 101500", "20140321-101500"] {
        let found = found(text);
        assert!(found.contains(&("20140321".to_owned(), PhiLabel::Date)), "{text}: {found:?}");
    }
}

#[test]
fn clinical_text_is_left_alone() {
    for text in [
        "CT CHEST W/O CONTRAST 3.0 mm B31f",
        "T2 FLAIR TE 120 TR 9000 TI 2500",
        "Baker cyst, Dixon water, 1.5 T, 512x512",
        "P4^P101^S108^I0, Gated, 0.0%",
        "65-year-old with cough for 3 days",
        "HEAD/NECK 120 kV 250 mAs",
        "MR HEAD, SR PELVIS, MS follow-up",
        "No abnormality present. Contrast agent present",
        "L4-L5, C3-C7, 2014",
    ] {
        let found = found(text);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn a_date_with_a_running_number_is_an_identifier() {
    for text in ["case 20140321-0042", "20140321-4711 seen", "2014-03-21-0042"] {
        let found = found(text);
        assert!(found.iter().any(|(part, _)| part.ends_with("0042") || part.ends_with("4711")), "{text}: {found:?}");
    }
}
