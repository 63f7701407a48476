//! Names in other scripts and spellings: Cyrillic, Greek and kana in Latin letters and back, umlauts spelled out.
//!
//! Sources: for Cyrillic, BGN/PCGN 1947, ISO 9:1995 (without its diacritics, as folding leaves them), ICAO Doc 9303
//! and the German usual transcription; for Greek, ELOT 743 (1982); for kana, Hepburn, with long vowels spelled or
//! left out. The tables are facts of these standards, written for this project.

use unicode_normalization::UnicodeNormalization;

/// Writes one word in another script; `None` where the word is not in the table's script.
pub(super) type Table = fn(&str) -> Option<String>;

/// Latin letters for names in other scripts.
pub(super) const TABLES: [Table; 11] = [
    cyrillic_bgn,
    cyrillic_iso9,
    cyrillic_icao,
    cyrillic_german,
    greek_elot,
    greek_classical,
    kana_hepburn,
    kana_short,
    kana_traditional,
    kana_other,
    hangul_apart,
];

/// Other scripts for names in Latin letters, where the patient's texts use them.
pub(super) const REVERSE_TABLES: [Table; 4] = [latin_to_cyrillic, latin_to_greek, latin_to_katakana, latin_to_hiragana];

/// Other spellings in the same script; `None` where there is none.
pub(super) const RESPELLINGS: [Table; 3] = [umlauts_spelled, umlauts_contracted, umlauts_dropped_e];

/// Whether a text holds letters of a script that a reverse table writes.
pub(super) fn has_other_script(text: &str) -> bool {
    text.chars().any(|letter| matches!(letter, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{4ff}' | '\u{3040}'..='\u{30ff}'))
}

fn by_letter(word: &str, of: impl Fn(char) -> Option<&'static str>) -> Option<String> {
    let mut written = String::with_capacity(2 * word.len());
    let mut any = false;
    for letter in word.nfc().flat_map(char::to_lowercase) {
        match of(letter) {
            Some(part) => {
                any = true;
                written.push_str(part);
            }
            None if "'’-".contains(letter) => {}
            None => return None,
        }
    }
    (any && !written.is_empty()).then_some(written)
}

/// The Cyrillic letters that all tables write alike.
const fn cyrillic(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'е' | 'є' => "e",
        'з' => "z",
        'и' | 'і' | 'ї' => "i",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ў' => "u",
        'ф' => "f",
        'ы' => "y",
        'э' => "e",
        'ъ' | 'ь' => "",
        _ => return None,
    })
}

fn cyrillic_bgn(word: &str) -> Option<String> {
    by_letter(word, |letter| match letter {
        'ё' => Some("yo"),
        'ж' => Some("zh"),
        'й' => Some("y"),
        'х' => Some("kh"),
        'ц' => Some("ts"),
        'ч' => Some("ch"),
        'ш' => Some("sh"),
        'щ' => Some("shch"),
        'ю' => Some("yu"),
        'я' => Some("ya"),
        other => cyrillic(other),
    })
}

fn cyrillic_iso9(word: &str) -> Option<String> {
    by_letter(word, |letter| match letter {
        'ё' => Some("e"),
        'ж' => Some("z"),
        'й' => Some("j"),
        'х' => Some("h"),
        'ц' | 'ч' => Some("c"),
        'ш' | 'щ' => Some("s"),
        'ю' => Some("u"),
        'я' => Some("a"),
        other => cyrillic(other),
    })
}

fn cyrillic_icao(word: &str) -> Option<String> {
    by_letter(word, |letter| match letter {
        'ё' => Some("e"),
        'ж' => Some("zh"),
        'й' => Some("i"),
        'х' => Some("kh"),
        'ц' => Some("ts"),
        'ч' => Some("ch"),
        'ш' => Some("sh"),
        'щ' => Some("shch"),
        'ъ' => Some("ie"),
        'ю' => Some("iu"),
        'я' => Some("ia"),
        other => cyrillic(other),
    })
}

fn cyrillic_german(word: &str) -> Option<String> {
    by_letter(word, |letter| match letter {
        'в' => Some("w"),
        'ё' => Some("jo"),
        'ж' | 'ш' => Some("sch"),
        'з' => Some("s"),
        'й' => Some("j"),
        'х' => Some("ch"),
        'ц' => Some("z"),
        'ч' => Some("tsch"),
        'щ' => Some("schtsch"),
        'ю' => Some("ju"),
        'я' => Some("ja"),
        other => cyrillic(other),
    })
}

/// The Greek letters that both tables write alike, without accents.
const fn greek(letter: char) -> Option<&'static str> {
    Some(match letter {
        'α' | 'ά' => "a",
        'γ' => "g",
        'δ' => "d",
        'ε' | 'έ' => "e",
        'ζ' => "z",
        'θ' => "th",
        'ι' | 'ί' | 'ϊ' | 'ΐ' => "i",
        'κ' => "k",
        'λ' => "l",
        'μ' => "m",
        'ν' => "n",
        'ξ' => "x",
        'ο' | 'ό' | 'ω' | 'ώ' => "o",
        'π' => "p",
        'ρ' => "r",
        'σ' | 'ς' => "s",
        'τ' => "t",
        'υ' | 'ύ' | 'ϋ' | 'ΰ' => "y",
        'φ' => "f",
        'ψ' => "ps",
        _ => return None,
    })
}

fn greek_elot(word: &str) -> Option<String> {
    let pairs = [
        ("ού", "ου"),
        ("αύ", "αυ"),
        ("εύ", "ευ"),
        ("ου", "ȣ"),
        ("αυ", "αβ"),
        ("ευ", "εβ"),
        ("γγ", "νγ"),
        ("γξ", "νξ"),
        ("γχ", "νχ"),
    ];
    let mut word: String = word.nfc().flat_map(char::to_lowercase).collect();
    if word.starts_with("μπ") {
        word = word.replacen("μπ", "β\u{2}", 1);
    }
    for (pair, written) in pairs {
        word = word.replace(pair, written);
    }
    by_letter(&word, |letter| match letter {
        'ȣ' => Some("ou"),
        'β' => Some("v"),
        '\u{2}' => Some(""),
        'η' | 'ή' => Some("i"),
        'χ' => Some("ch"),
        other => greek(other),
    })
    .map(|written| if word.starts_with("β\u{2}") { format!("b{}", &written[1..]) } else { written })
}

fn greek_classical(word: &str) -> Option<String> {
    by_letter(word, |letter| match letter {
        'β' => Some("b"),
        'η' | 'ή' => Some("e"),
        'φ' => Some("ph"),
        'χ' => Some("h"),
        other => greek(other),
    })
}

/// Kana syllables in Hepburn: hiragana; katakana are read as hiragana first. Two signs go before one.
const KANA: &[(&str, &str)] = &[
    ("きゃ", "kya"),
    ("きゅ", "kyu"),
    ("きょ", "kyo"),
    ("しゃ", "sha"),
    ("しゅ", "shu"),
    ("しょ", "sho"),
    ("しぇ", "she"),
    ("ちゃ", "cha"),
    ("ちゅ", "chu"),
    ("ちょ", "cho"),
    ("ちぇ", "che"),
    ("にゃ", "nya"),
    ("にゅ", "nyu"),
    ("にょ", "nyo"),
    ("ひゃ", "hya"),
    ("ひゅ", "hyu"),
    ("ひょ", "hyo"),
    ("みゃ", "mya"),
    ("みゅ", "myu"),
    ("みょ", "myo"),
    ("りゃ", "rya"),
    ("りゅ", "ryu"),
    ("りょ", "ryo"),
    ("ぎゃ", "gya"),
    ("ぎゅ", "gyu"),
    ("ぎょ", "gyo"),
    ("じゃ", "ja"),
    ("じゅ", "ju"),
    ("じょ", "jo"),
    ("じぇ", "je"),
    ("びゃ", "bya"),
    ("びゅ", "byu"),
    ("びょ", "byo"),
    ("ぴゃ", "pya"),
    ("ぴゅ", "pyu"),
    ("ぴょ", "pyo"),
    ("ふぁ", "fa"),
    ("ふぃ", "fi"),
    ("ふぇ", "fe"),
    ("ふぉ", "fo"),
    ("てぃ", "ti"),
    ("でぃ", "di"),
    ("うぃ", "wi"),
    ("うぇ", "we"),
    ("うぉ", "wo"),
    ("ゔぁ", "va"),
    ("ゔぃ", "vi"),
    ("ゔぇ", "ve"),
    ("ゔぉ", "vo"),
    ("あ", "a"),
    ("い", "i"),
    ("う", "u"),
    ("え", "e"),
    ("お", "o"),
    ("か", "ka"),
    ("き", "ki"),
    ("く", "ku"),
    ("け", "ke"),
    ("こ", "ko"),
    ("さ", "sa"),
    ("し", "shi"),
    ("す", "su"),
    ("せ", "se"),
    ("そ", "so"),
    ("た", "ta"),
    ("ち", "chi"),
    ("つ", "tsu"),
    ("て", "te"),
    ("と", "to"),
    ("な", "na"),
    ("に", "ni"),
    ("ぬ", "nu"),
    ("ね", "ne"),
    ("の", "no"),
    ("は", "ha"),
    ("ひ", "hi"),
    ("ふ", "fu"),
    ("へ", "he"),
    ("ほ", "ho"),
    ("ま", "ma"),
    ("み", "mi"),
    ("む", "mu"),
    ("め", "me"),
    ("も", "mo"),
    ("や", "ya"),
    ("ゆ", "yu"),
    ("よ", "yo"),
    ("ら", "ra"),
    ("り", "ri"),
    ("る", "ru"),
    ("れ", "re"),
    ("ろ", "ro"),
    ("わ", "wa"),
    ("ゐ", "i"),
    ("ゑ", "e"),
    ("を", "o"),
    ("が", "ga"),
    ("ぎ", "gi"),
    ("ぐ", "gu"),
    ("げ", "ge"),
    ("ご", "go"),
    ("ざ", "za"),
    ("じ", "ji"),
    ("ず", "zu"),
    ("ぜ", "ze"),
    ("ぞ", "zo"),
    ("だ", "da"),
    ("ぢ", "ji"),
    ("づ", "zu"),
    ("で", "de"),
    ("ど", "do"),
    ("ば", "ba"),
    ("び", "bi"),
    ("ぶ", "bu"),
    ("べ", "be"),
    ("ぼ", "bo"),
    ("ぱ", "pa"),
    ("ぴ", "pi"),
    ("ぷ", "pu"),
    ("ぺ", "pe"),
    ("ぽ", "po"),
    ("ゔ", "vu"),
    ("ん", "n"),
];

/// Katakana as hiragana, half width as full.
fn hiragana(word: &str) -> String {
    let shift = |letter: char| match letter {
        'ァ'..='ヶ' => char::from_u32(u32::from(letter) - 0x60).unwrap_or(letter),
        other => other,
    };
    word.nfkc().map(shift).collect()
}

fn kana_hepburn(word: &str) -> Option<String> {
    let kana = hiragana(word);
    let mut written = String::new();
    let mut rest = kana.as_str();
    let mut doubled = false;
    while let Some(sign) = rest.chars().next() {
        if let Some((syllable, latin)) = KANA.iter().find(|(syllable, _)| rest.starts_with(syllable)) {
            if std::mem::take(&mut doubled) {
                written.push_str(if latin.starts_with("ch") { "t" } else { &latin[..1] });
            }
            written.push_str(latin);
            rest = &rest[syllable.len()..];
            continue;
        }
        match sign {
            'っ' => doubled = true,
            'ー' => written.extend(written.chars().next_back()),
            '・' => {}
            _ => return None,
        }
        rest = &rest[sign.len_utf8()..];
    }
    (!written.is_empty()).then_some(written)
}

/// Long vowels are written short, as in passports: Ōno is Ono.
fn kana_short(word: &str) -> Option<String> {
    Some(kana_hepburn(word)?.replace("ou", "o").replace("oo", "o").replace("uu", "u"))
}

/// M before B, M and P: Namba, Homma.
fn kana_traditional(word: &str) -> Option<String> {
    let short = kana_short(word)?;
    Some(["b", "m", "p"].iter().fold(short, |name, letter| name.replace(&format!("n{letter}"), &format!("m{letter}"))))
}

/// A name in one kana in the other.
fn kana_other(word: &str) -> Option<String> {
    let as_hiragana = hiragana(word);
    let is_kana = |letter: char| matches!(letter, 'ぁ'..='ゖ' | 'ー');
    if !as_hiragana.chars().all(is_kana) || as_hiragana.is_empty() {
        return None;
    }
    Some(if as_hiragana == word.nfkc().collect::<String>() { katakana(&as_hiragana) } else { as_hiragana })
}

fn katakana(hiragana: &str) -> String {
    let shift = |letter: char| match letter {
        'ぁ'..='ゖ' => char::from_u32(u32::from(letter) + 0x60).unwrap_or(letter),
        other => other,
    };
    hiragana.chars().map(shift).collect()
}

/// Hangul syllables in the Revised Romanization's letters, syllable by syllable, without sound changes.
///
/// Source: Revised Romanization of Korean (2000).
fn hangul_apart(word: &str) -> Option<String> {
    const INITIALS: [&str; 19] =
        ["g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"];
    const VOWELS: [&str; 21] = [
        "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu",
        "eu", "ui", "i",
    ];
    const FINALS: [&str; 28] = [
        "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng",
        "t", "t", "k", "t", "p", "t",
    ];
    let mut written = String::new();
    for letter in word.nfc() {
        let syllable = u32::from(letter).checked_sub(0xac00).filter(|syllable| *syllable < 11_172)? as usize;
        written.push_str(INITIALS[syllable / 588]);
        written.push_str(VOWELS[syllable % 588 / 28]);
        written.push_str(FINALS[syllable % 28]);
    }
    (!written.is_empty()).then_some(written)
}

/// Writes a Latin word by the longest rows of a table.
fn greedy(word: &str, rows: &[(&str, &str)]) -> Option<String> {
    let word: String = super::folded::fold(word);
    let mut written = String::new();
    let mut rest = word.as_str();
    while !rest.is_empty() {
        let (latin, other) =
            rows.iter().filter(|(latin, _)| rest.starts_with(latin)).max_by_key(|(latin, _)| latin.len())?;
        written.push_str(other);
        rest = &rest[latin.len()..];
    }
    (!written.is_empty()).then_some(written)
}

fn latin_to_cyrillic(word: &str) -> Option<String> {
    const ROWS: &[(&str, &str)] = &[
        ("shch", "щ"),
        ("sch", "ш"),
        ("zh", "ж"),
        ("kh", "х"),
        ("ts", "ц"),
        ("ch", "ч"),
        ("sh", "ш"),
        ("yu", "ю"),
        ("ya", "я"),
        ("yo", "ё"),
        ("ye", "е"),
        ("iy", "ий"),
        ("yy", "ый"),
        ("ay", "ай"),
        ("ey", "ей"),
        ("oy", "ой"),
        ("a", "а"),
        ("b", "б"),
        ("c", "к"),
        ("d", "д"),
        ("e", "е"),
        ("f", "ф"),
        ("g", "г"),
        ("h", "х"),
        ("i", "и"),
        ("j", "й"),
        ("k", "к"),
        ("l", "л"),
        ("m", "м"),
        ("n", "н"),
        ("o", "о"),
        ("p", "п"),
        ("q", "к"),
        ("r", "р"),
        ("s", "с"),
        ("t", "т"),
        ("u", "у"),
        ("v", "в"),
        ("w", "в"),
        ("x", "кс"),
        ("y", "ы"),
        ("z", "з"),
    ];
    let word = greedy(word, ROWS)?;
    // A last y is the ending of adjectives and family names.
    Some(word.strip_suffix('ы').map(|stem| format!("{stem}ий")).unwrap_or(word))
}

fn latin_to_greek(word: &str) -> Option<String> {
    const ROWS: &[(&str, &str)] = &[
        ("th", "θ"),
        ("ph", "φ"),
        ("ch", "χ"),
        ("ps", "ψ"),
        ("ou", "ου"),
        ("av", "αυ"),
        ("ev", "ευ"),
        ("ng", "γγ"),
        ("a", "α"),
        ("b", "μπ"),
        ("d", "δ"),
        ("e", "ε"),
        ("f", "φ"),
        ("g", "γ"),
        ("h", "χ"),
        ("i", "ι"),
        ("k", "κ"),
        ("l", "λ"),
        ("m", "μ"),
        ("n", "ν"),
        ("o", "ο"),
        ("p", "π"),
        ("r", "ρ"),
        ("s", "σ"),
        ("t", "τ"),
        ("u", "ου"),
        ("v", "β"),
        ("x", "ξ"),
        ("y", "υ"),
        ("z", "ζ"),
    ];
    greedy(word, ROWS)
}

fn latin_to_hiragana(word: &str) -> Option<String> {
    let mut rows: Vec<(&str, &str)> = KANA.iter().map(|(kana, latin)| (*latin, *kana)).collect();
    // Of kana that sound alike the first of the table is the usual one.
    rows.reverse();
    greedy(word, &rows).filter(|written| written.chars().count() >= 2)
}

fn latin_to_katakana(word: &str) -> Option<String> {
    latin_to_hiragana(word).map(|written| katakana(&written))
}

/// Müller as Mueller, Søren as Soeren, Åse as Aase.
fn umlauts_spelled(word: &str) -> Option<String> {
    let mut changed = false;
    let spelled = word.nfc().flat_map(char::to_lowercase).fold(String::new(), |mut spelled, letter| {
        let pair = match letter {
            'ä' | 'æ' => "ae",
            'ö' | 'ø' => "oe",
            'ü' => "ue",
            'å' => "aa",
            other => {
                spelled.push(other);
                return spelled;
            }
        };
        changed = true;
        spelled.push_str(pair);
        spelled
    });
    changed.then_some(spelled)
}

/// Mueller as Muller, Soeren as Soren, Aase as Ase: the letters that fold alike with umlauts and rings.
fn umlauts_contracted(word: &str) -> Option<String> {
    let contracted =
        ["ae", "oe", "ue", "aa"].iter().fold(word.to_lowercase(), |word, pair| word.replace(pair, &pair[..1]));
    (contracted != word.to_lowercase() && contracted.chars().count() >= 4).then_some(contracted)
}

/// Æ and Ä as A alone.
fn umlauts_dropped_e(word: &str) -> Option<String> {
    let dropped = word.to_lowercase().replace('æ', "a").replace('œ', "o").replace('ß', "s");
    (dropped != word.to_lowercase()).then_some(dropped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(word: &str) -> Vec<String> {
        TABLES.iter().chain(&RESPELLINGS).chain(&REVERSE_TABLES).filter_map(|table| table(word)).collect()
    }

    #[test]
    fn names_are_written_by_the_standards() {
        for (word, expected) in [
            ("Щербаков", "shcherbakov"),
            ("Юлия", "yuliya"),
            ("Юлия", "iuliia"),
            ("Юлия", "julija"),
            ("Чехов", "cehov"),
            ("Παπαδόπουλος", "papadopoulos"),
            ("Ευαγγέλου", "evangelou"),
            ("Μπότσαρης", "botsaris"),
            ("Χρήστος", "christos"),
            ("やまだ", "yamada"),
            ("ﾀﾛｳ", "tarou"),
            ("タロウ", "taro"),
            ("なんば", "namba"),
            ("はっとり", "hattori"),
            ("ヤマダ", "やまだ"),
            ("홍길동", "honggildong"),
            ("Müller", "mueller"),
            ("Mueller", "muller"),
            ("Søren", "soeren"),
            ("Ivanov", "иванов"),
            ("Yamada", "ヤマダ"),
            ("Papadopoulos", "παπαδοπουλοσ"),
        ] {
            assert!(all(word).contains(&expected.to_owned()), "{word}: {:?}", all(word));
        }
    }

    #[test]
    fn a_table_refuses_other_scripts() {
        assert_eq!(cyrillic_bgn("Иvan"), None);
        assert_eq!(kana_hepburn("山田"), None);
        assert_eq!(umlauts_spelled("Doe"), None);
    }
}
