//! Identifying numbers in the forms in which sites and states give them out, with their check digits.

use super::check;
use super::draw::Draw;
use crate::vocabulary::Locale;
use efface_schema::PhiLabel;

/// A social security number from ranges that were never given out: 000, 666, and 900 up.
pub(crate) fn ssn(draw: &mut Draw<'_>) -> String {
    let area = draw.pick(&["9##", "9##", "666", "000"]);
    let written = draw.pick(&["-##-####", "-##-####", " ## ####", "######"]);
    draw.pattern(&format!("{area}{written}"))
}

/// The number of a state's or a nation's person register, with its label.
pub(crate) fn national(draw: &mut Draw<'_>, locale: Locale) -> (PhiLabel, String) {
    match locale {
        Locale::EnUs => (PhiLabel::Ssn, ssn(draw)),
        Locale::EnGb => (PhiLabel::HealthPlanId, nhs(draw)),
        Locale::FrFr => (PhiLabel::Ssn, nir(draw)),
        Locale::PtBr => (PhiLabel::OtherId, cpf(draw)),
        Locale::PlPl => (PhiLabel::OtherId, pesel(draw)),
        Locale::EsEs => (PhiLabel::OtherId, dni(draw)),
        Locale::NlNl => (PhiLabel::OtherId, bsn(draw)),
        Locale::SvSe => {
            let body = draw.pattern("6#052%###");
            (PhiLabel::OtherId, format!("{}-{}{}", &body[..6], &body[6..9], check::luhn(&body[..9])))
        }
        Locale::HeIl => {
            let body = draw.digits(8);
            (PhiLabel::OtherId, format!("{body}{}", check::luhn(&body)))
        }
        Locale::ZhCn => (PhiLabel::OtherId, resident_identity(draw)),
        Locale::KoKr => (PhiLabel::OtherId, draw.pattern("8#12%#-1######")),
        _ => (PhiLabel::OtherId, draw.digits(11)),
    }
}

/// An NHS number of the block for tests, which begins with 999.
pub(crate) fn nhs(draw: &mut Draw<'_>) -> String {
    loop {
        let body = format!("999{}", draw.digits(6));
        if let Some(digit) = check::nhs(&body) {
            let written = format!("{body}{digit}");
            return match draw.pick(&[true, true, false]) {
                true => format!("{} {} {}", &written[..3], &written[3..6], &written[6..]),
                false => written,
            };
        }
    }
}

fn nir(draw: &mut Draw<'_>) -> String {
    // Month 20 is for unknown months: nobody at hand is born in it.
    let body = draw.pattern("1##20990#####");
    let body = format!("{:0<13}", body);
    format!("{body} {:02}", check::nir(&body))
}

fn cpf(draw: &mut Draw<'_>) -> String {
    let body = draw.digits(9);
    let [first, second] = check::cpf(&body);
    format!("{}.{}.{}-{first}{second}", &body[..3], &body[3..6], &body[6..])
}

fn pesel(draw: &mut Draw<'_>) -> String {
    let body = draw.pattern("7#0%2#####");
    let sum = check::weighted(&body, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3], 10);
    format!("{body}{}", (10 - sum) % 10)
}

fn dni(draw: &mut Draw<'_>) -> String {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let body = draw.digits(8);
    let letter = LETTERS[body.parse::<usize>().unwrap_or(0) % 23];
    format!("{body}{}", char::from(letter))
}

fn bsn(draw: &mut Draw<'_>) -> String {
    loop {
        let body = draw.digits(8);
        let digit = check::weighted(&body, &[9, 8, 7, 6, 5, 4, 3, 2], 11);
        if digit < 10 {
            return format!("{body}{digit}");
        }
    }
}

fn resident_identity(draw: &mut Draw<'_>) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    // 99 is no province.
    let body = draw.pattern("99010119#%0%1####");
    let digit = check::weighted(&body, &WEIGHTS, 11);
    format!("{body}{}", char::from(b"10X98765432"[digit as usize]))
}

/// A medical record number in the style of one of many sites.
pub(crate) fn mrn(draw: &mut Draw<'_>, site: u64, unique: u64) -> String {
    let serial = format!("{:06}", (unique * 7919 + 10_007) % 1_000_000);
    let body = draw.digits(3);
    match site % 7 {
        0 => format!("{body}{serial}"),
        1 => format!("MRN{body}{serial}"),
        2 => format!("{}-{}-{}", &serial[..2], &serial[2..4], &format!("{}{body}", &serial[4..])),
        3 => format!("E{serial}{body}"),
        4 => format!("{serial}{}{}", body, check::luhn(&format!("{serial}{body}"))),
        5 => format!("00{serial}{body}"),
        _ => format!("{}{serial}-{body}", draw.pattern("@@")),
    }
}

/// The number of a health plan: Medicare's form, or that of an insurer.
pub(crate) fn health_plan(draw: &mut Draw<'_>) -> String {
    let form = draw.pick(&["%@#@-@##-@@##", "%@#@@##@@##", "HPB-#########", "XJ@#########", "W### #### ##"]);
    draw.pattern(form)
}

pub(crate) fn account(draw: &mut Draw<'_>) -> String {
    let form = draw.pick(&["ACC########", "%########", "HAR-#########", "INV-20##-####5#", "FIN %#######"]);
    draw.pattern(form)
}

pub(crate) fn iban(draw: &mut Draw<'_>) -> String {
    let (country, form) =
        draw.pick(&[("DE", "0000000000########"), ("FR", "20041010050500013M0####"), ("GB", "XXXX0000########")]);
    let body = draw.pattern(form);
    let written = format!("{country}{:02}{body}", check::iban(country, &body));
    if draw.chance(0.5) { in_fours(&written) } else { written }
}

fn in_fours(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// A National Provider Identifier.
pub(crate) fn npi(draw: &mut Draw<'_>) -> String {
    let body = format!("1{}", draw.digits(8));
    format!("{body}{}", check::npi(&body))
}

/// The number under which the Drug Enforcement Administration knows a prescriber.
pub(crate) fn dea(draw: &mut Draw<'_>) -> String {
    let body = draw.digits(6);
    format!("{}{body}{}", draw.pattern("B@"), check::dea(&body))
}

pub(crate) fn driving_licence(draw: &mut Draw<'_>) -> String {
    let form = draw.pick(&["DL#########", "@###-####-####", "@#######", "####%####"]);
    draw.pattern(form)
}

/// A vehicle identification number of a maker that does not exist (ZZ).
pub(crate) fn vin(draw: &mut Draw<'_>) -> String {
    let written = draw.pattern("1ZZ@@####@@######");
    let digit = check::vin(&written);
    format!("{}{digit}{}", &written[..8], &written[9..])
}

pub(crate) fn serial(draw: &mut Draw<'_>) -> String {
    let form = draw.pick(&["SN########", "PM-######", "@@@######@", "######-##", "%#######", "S/N#####@@"]);
    draw.pattern(form).replace("S/N", "LZ")
}

/// An address of a network card, locally administered.
pub(crate) fn mac(draw: &mut Draw<'_>) -> String {
    let digits = draw.hexadecimal(10);
    let pairs: Vec<&str> = (0..5).map(|pair| &digits[pair * 2..pair * 2 + 2]).collect();
    format!("02:{}", pairs.join(":")).to_uppercase()
}

/// An address of the blocks for documentation (RFC 5737, RFC 3849) or of a private network.
pub(crate) fn ip(draw: &mut Draw<'_>) -> String {
    let host = draw.number(2, 250);
    match draw.pick(&[0, 0, 1, 1, 2, 3]) {
        0 => format!("203.0.113.{host}"),
        1 => format!("198.51.100.{host}"),
        2 => format!("10.{}.{}.{host}", draw.number(2, 250), draw.number(2, 250)),
        _ => format!("2001:db8::{}:{}", draw.hexadecimal(4), draw.pattern("%##")),
    }
}

/// A reference to something measured on the body.
pub(crate) fn biometric(draw: &mut Draw<'_>) -> String {
    match draw.pick(&[0, 1, 2]) {
        0 => format!("FPX-{}", draw.digits(10)),
        1 => draw.pattern("IRIS-%###-####-@@"),
        _ => draw.hexadecimal(32),
    }
}

pub(crate) fn accession(draw: &mut Draw<'_>) -> String {
    let form = draw.pick(&["A#########", "%#######", "20##CT######", "RAD-##-######", "@@########", "%#.####.####"]);
    draw.pattern(form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::Streams;
    use crate::vocabulary::Split;

    #[test]
    fn numbers_pass_the_checks_of_their_authorities() {
        let rng = &mut Streams::new(4).stream("test", &[]);
        for split in [Split::Train, Split::Test] {
            for _ in 0..200 {
                let draw = &mut Draw::new(rng, split);
                let number = npi(draw);
                assert_eq!(check::npi(&number[..9]).to_string(), number[9..]);
                let number = nhs(draw).replace(' ', "");
                assert_eq!(check::nhs(&number[..9]).map(|digit| digit.to_string()).as_deref(), Some(&number[9..]));
                let number = vin(draw);
                assert_eq!((number.len(), check::vin(&number)), (17, char::from(number.as_bytes()[8])));
                let number = iban(draw).replace(' ', "");
                assert_eq!(format!("{:02}", check::iban(&number[..2], &number[4..])), number[2..4]);
                let number = ssn(draw);
                assert!(["9", "666", "000"].iter().any(|area| number.starts_with(area)), "never given out");
            }
        }
    }

    #[test]
    fn numbers_of_the_two_sides_differ() {
        let rng = &mut Streams::new(4).stream("test", &[]);
        let mut draw = |split| -> std::collections::BTreeSet<String> {
            (0..3000).map(|_| Draw::new(rng, split).pattern("%###")).collect()
        };
        let (train, test) = (draw(Split::Train), draw(Split::Test));
        assert!(train.len() > 1000 && train.is_disjoint(&test));
    }
}
