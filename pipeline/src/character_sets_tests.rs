use super::*;

#[test]
fn placeholder_until_fixture() {
    assert_eq!(CharacterSets::of_codes(["ISO_IR 100"].into_iter()).decode(b"M\xFCller", Delimiters::Names), "Müller");
}
