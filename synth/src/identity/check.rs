//! Check digits, each by the rule of the authority that gives the number out.

/// The Luhn digit of digits (ISO/IEC 7812-1 Annex B).
pub(crate) fn luhn(digits: &str) -> u32 {
    let sum: u32 = values(digits)
        .rev()
        .enumerate()
        .map(|(position, digit)| match (position % 2, digit * 2) {
            (0, doubled) if doubled > 9 => doubled - 9,
            (0, doubled) => doubled,
            _ => digit,
        })
        .sum();
    (10 - sum % 10) % 10
}

/// The check digit of a National Provider Identifier: Luhn over 80840 and the nine digits (45 CFR 162.406).
pub(crate) fn npi(nine: &str) -> u32 {
    luhn(&format!("80840{nine}"))
}

/// The check digit of a DEA number: first, third and fifth plus twice the others, modulo 10.
pub(crate) fn dea(six: &str) -> u32 {
    values(six).enumerate().map(|(position, digit)| if position % 2 == 0 { digit } else { 2 * digit }).sum::<u32>() % 10
}

/// The check digit of an NHS number (weights 10 to 2, modulo 11); none where it would be 10.
pub(crate) fn nhs(nine: &str) -> Option<u32> {
    let sum: u32 = values(nine).zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    match 11 - sum % 11 {
        11 => Some(0),
        10 => None,
        digit => Some(digit),
    }
}

/// The two check digits of an IBAN (ISO 13616, ISO/IEC 7064 MOD 97-10).
pub(crate) fn iban(country: &str, account: &str) -> u32 {
    let rearranged = format!("{account}{country}00");
    let remainder = rearranged.chars().fold(0u32, |remainder, character| {
        let value = character.to_digit(36).unwrap_or(0);
        (remainder * if value > 9 { 100 } else { 10 } + value) % 97
    });
    98 - remainder
}

/// The ninth character of a vehicle identification number of 17 (49 CFR 565.15).
pub(crate) fn vin(seventeen: &str) -> char {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |character: char| match character {
        '0'..='9' => u32::from(character) - u32::from('0'),
        'A'..='H' => u32::from(character) - u32::from('A') + 1,
        'J'..='N' => u32::from(character) - u32::from('J') + 1,
        'P' => 7,
        'R' => 9,
        'S'..='Z' => u32::from(character) - u32::from('S') + 2,
        _ => 0,
    };
    let sum: u32 = seventeen.chars().zip(WEIGHTS).map(|(character, weight)| value(character) * weight).sum();
    char::from_digit(sum % 11, 10).unwrap_or('X')
}

/// The two check digits of a Brazilian CPF.
pub(crate) fn cpf(nine: &str) -> [u32; 2] {
    let digit = |digits: &[u32]| {
        let sum: u32 = digits.iter().rev().zip(2..).map(|(digit, weight)| digit * weight).sum();
        if sum % 11 < 2 { 0 } else { 11 - sum % 11 }
    };
    let mut digits: Vec<u32> = values(nine).collect();
    let first = digit(&digits);
    digits.push(first);
    [first, digit(&digits)]
}

/// The key of a French NIR of 13 digits.
pub(crate) fn nir(thirteen: &str) -> u64 {
    97 - thirteen.parse::<u64>().unwrap_or(0) % 97
}

/// A check digit by weights and a modulus: PESEL, resident identity numbers and others.
pub(crate) fn weighted(digits: &str, weights: &[u32], modulus: u32) -> u32 {
    values(digits).zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % modulus
}

fn values(digits: &str) -> impl DoubleEndedIterator<Item = u32> + '_ {
    digits.chars().filter_map(|character| character.to_digit(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_come_out() {
        // ISO 7812, the NPI standard of CMS, the NHS data dictionary, the IBAN registry, 49 CFR 565.
        assert_eq!(luhn("7992739871"), 3);
        assert_eq!(npi("123456789"), 3);
        assert_eq!(nhs("943476591"), Some(9));
        assert_eq!(iban("GB", "WEST12345698765432"), 82);
        assert_eq!(iban("DE", "370400440532013000"), 89);
        assert_eq!(vin("1M8GDM9A_KP042788"), 'X');
        assert_eq!(vin("11111111111111111"), '1');
        assert_eq!(cpf("111444777"), [3, 5]);
        assert_eq!(nir("2550814168025"), 38);
        assert_eq!(dea("123456"), 3);
        let pesel = weighted("4405140135", &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3], 10);
        assert_eq!((10 - pesel) % 10, 9);
    }
}
