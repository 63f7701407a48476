//! Who the patients are: one consistent identity per patient, of which every instance shows a part.

use crate::lists;
use crate::plant::Secret;
use crate::streams::Streams;
use efface_schema::PhiLabel;
use fake::Fake;
use fake::faker::address::en::{CityName, StateAbbr, StreetName};
use fake::faker::company::en::CompanyName;
use fake::faker::name::{de_de, en, fr_fr};
use jiff::ToSpan;
use jiff::civil::Date;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A patient.
pub(crate) struct Persona {
    pub(crate) ordinal: u64,
    /// Specific Character Set (0008,0005) of the patient's instances.
    pub(crate) character_set: &'static str,
    pub(crate) name: Secret,
    pub(crate) birth_name: Secret,
    pub(crate) mother_birth_name: Secret,
    pub(crate) alias: Secret,
    pub(crate) relative: Secret,
    /// Someone whom only free text names: no attribute gives the name away.
    pub(crate) contact: Secret,
    pub(crate) relative_role: &'static str,
    pub(crate) birth: Date,
    pub(crate) sex: &'static str,
    pub(crate) patient_id: Secret,
    pub(crate) former_id: Secret,
    pub(crate) passport: Secret,
    pub(crate) address: Secret,
    pub(crate) city: Secret,
    pub(crate) phone: Secret,
    pub(crate) mobile: Secret,
    pub(crate) fax: Secret,
    pub(crate) email: Secret,
    pub(crate) ssn: Secret,
    pub(crate) health_plan_id: Secret,
    pub(crate) account: Secret,
    pub(crate) license: Secret,
    pub(crate) plate: Secret,
    pub(crate) chassis: Secret,
    pub(crate) implant_serial: Secret,
    pub(crate) biometric: Secret,
    pub(crate) url: Secret,
    pub(crate) ip: Secret,
    pub(crate) employer: Secret,
    pub(crate) trial_subject: Secret,
    pub(crate) occupation: &'static str,
    pub(crate) ethnic_group: &'static str,
    pub(crate) height_m: String,
    pub(crate) weight_kg: String,
    pub(crate) smoking: &'static str,
}

/// A care site with its staff and its address.
pub(crate) struct Institution {
    pub(crate) name: Secret,
    pub(crate) address: Secret,
    pub(crate) department: &'static str,
    pub(crate) phone: Secret,
    pub(crate) fax: Secret,
    pub(crate) url: Secret,
    pub(crate) archive_ip: Secret,
    pub(crate) physicians: Vec<Secret>,
    pub(crate) operators: Vec<Secret>,
}

/// The Gregorian day on which the age of the oldest patient is counted; also the latest study's earliest day.
pub(crate) const FIRST_STUDY_DAY: Date = Date::constant(2014, 1, 1);

impl Persona {
    /// The patient of one ordinal. Every fourth bears a name outside ASCII, and ordinal 1 is over 89.
    pub(crate) fn new(streams: &Streams, ordinal: u64) -> Self {
        let rng = &mut streams.stream("persona", &[ordinal]);
        let (character_set, name) = match ordinal % 8 {
            2 => ("ISO_IR 192", person(rng, Locale::French)),
            6 => ("ISO_IR 100", person(rng, Locale::German)),
            _ => ("ISO_IR 100", person(rng, Locale::English)),
        };
        let is_over_89 = ordinal % 20 == 1;
        let age = if is_over_89 { rng.random_range(91..=98) } else { rng.random_range(21..=78) };
        let birth = FIRST_STUDY_DAY.saturating_sub(age.years()).saturating_sub(rng.random_range(1..360).days());
        let sex = ["F", "M", "O"][usize::from(rng.random_bool(0.5)) + usize::from(ordinal % 16 == 15)];
        let city = Secret::new(PhiLabel::Location, CityName().fake_with_rng::<String, _>(rng));
        let address = street_address(rng, &city);
        let given = name.given();
        let family = name.family();
        let mailbox = rng.random_range(10..99);
        let email = given.derive_as(PhiLabel::Email, |given| format!("{}{mailbox}@mailbox.example", ascii_slug(given)));
        let url = family.derive_as(PhiLabel::Url, |family| {
            format!("https://portal.example/p/{}-{}", ascii_slug(family), mailbox * 7919)
        });
        Self {
            ordinal,
            character_set,
            birth_name: person(rng, Locale::English),
            mother_birth_name: person(rng, Locale::English),
            alias: person(rng, Locale::English),
            relative: person(rng, Locale::English),
            contact: person(rng, Locale::English),
            relative_role: ["SPOUSE", "MOTHER", "FATHER", "GUARDIAN"][rng.random_range(0..4)],
            birth,
            sex,
            patient_id: Secret::new(PhiLabel::Mrn, unique_digits(ordinal, rng)),
            former_id: Secret::new(PhiLabel::Mrn, format!("MR{}", digits(rng, 7))),
            passport: Secret::new(PhiLabel::OtherId, format!("X{}", digits(rng, 8))),
            address,
            city,
            phone: phone(rng, PhiLabel::Phone),
            mobile: phone(rng, PhiLabel::Phone),
            fax: phone(rng, PhiLabel::Fax),
            email,
            // Numbers from 900 up were never given out.
            ssn: Secret::new(PhiLabel::Ssn, format!("9{}-{}-{}", digits(rng, 2), digits(rng, 2), digits(rng, 4))),
            health_plan_id: Secret::new(PhiLabel::HealthPlanId, format!("HPB-{}", digits(rng, 9))),
            account: Secret::new(PhiLabel::Account, format!("ACC{}", digits(rng, 8))),
            license: Secret::new(PhiLabel::License, format!("DL{}", digits(rng, 9))),
            plate: Secret::new(PhiLabel::Vehicle, format!("{}Q {}", digits(rng, 1), digits(rng, 4))),
            chassis: Secret::new(PhiLabel::Vehicle, format!("1ZVZZ8CF{}", digits(rng, 9))),
            implant_serial: Secret::new(PhiLabel::DeviceId, format!("PM{}", digits(rng, 8))),
            biometric: Secret::new(PhiLabel::Biometric, format!("FPX-{}", digits(rng, 10))),
            url,
            ip: Secret::new(PhiLabel::Ip, format!("198.51.100.{}", rng.random_range(2..250))),
            employer: Secret::employer(CompanyName().fake_with_rng::<String, _>(rng)),
            trial_subject: Secret::new(PhiLabel::OtherId, format!("TS-{}", digits(rng, 6))),
            occupation: pick(rng, lists::OCCUPATIONS),
            ethnic_group: pick(rng, lists::ETHNIC_GROUPS),
            height_m: format!("1.{}", rng.random_range(50..95)),
            weight_kg: format!("{}.{}", rng.random_range(48..120), rng.random_range(0..10)),
            smoking: pick(rng, &["YES", "NO", "UNKNOWN"]),
            name,
        }
    }

    /// Completed years on a day.
    pub(crate) fn age_on(&self, day: Date) -> i16 {
        let had_birthday = (day.month(), day.day()) >= (self.birth.month(), self.birth.day());
        day.year() - self.birth.year() - i16::from(!had_birthday)
    }
}

impl Institution {
    /// The care site of one ordinal.
    pub(crate) fn new(streams: &Streams, ordinal: u64) -> Self {
        let rng = &mut streams.stream("institution", &[ordinal]);
        let city = Secret::new(PhiLabel::Location, CityName().fake_with_rng::<String, _>(rng));
        let site = lists::CARE_SITES[usize::try_from(ordinal).unwrap_or(0) % lists::CARE_SITES.len()];
        let name = city.derive_as(PhiLabel::Organization, |city| format!("{city} {site}"));
        let url = city.derive_as(PhiLabel::Url, |city| format!("http://pacs.{}.example/viewer", ascii_slug(city)));
        Self {
            address: street_address(rng, &city),
            name,
            department: pick(rng, lists::DEPARTMENTS),
            phone: phone(rng, PhiLabel::Phone),
            fax: phone(rng, PhiLabel::Fax),
            url,
            archive_ip: Secret::new(PhiLabel::Ip, format!("203.0.113.{}", rng.random_range(2..250))),
            physicians: (0..8).map(|_| person(rng, Locale::English)).collect(),
            operators: (0..5).map(|_| person(rng, Locale::English)).collect(),
        }
    }
}

enum Locale {
    English,
    French,
    German,
}

/// A person name as PN writes it, in capitals: `FAMILY^GIVEN` or `FAMILY^GIVEN^MIDDLE`.
fn person(rng: &mut ChaCha8Rng, locale: Locale) -> Secret {
    let mut draw = || -> (String, String) {
        match locale {
            Locale::English => (en::LastName().fake_with_rng(rng), en::FirstName().fake_with_rng(rng)),
            Locale::French => (fr_fr::LastName().fake_with_rng(rng), fr_fr::FirstName().fake_with_rng(rng)),
            Locale::German => (de_de::LastName().fake_with_rng(rng), de_de::FirstName().fake_with_rng(rng)),
        }
    };
    // A name shorter than four letters turns up inside clinical words.
    let usable = |name: &str| {
        name.chars().count() >= 4
            && name.is_ascii() | name.chars().all(|c| u32::from(c) < 256)
            && !lists::RESERVED_NAMES.contains(&name.to_lowercase().as_str())
    };
    let (family, given) = (0..1000)
        .map(|_| draw())
        .find(|(family, given)| usable(family) && usable(given))
        .expect("the lists of names hold thousands, nearly all of them usable");
    let middle = rng.random_bool(0.3).then(|| char::from(rng.random_range(b'A'..=b'Z')));
    let middle = middle.map_or_else(String::new, |letter| format!("^{letter}"));
    Secret::new(PhiLabel::Name, format!("{}^{}{middle}", family.to_uppercase(), given.to_uppercase()))
}

fn street_address(rng: &mut ChaCha8Rng, city: &Secret) -> Secret {
    let number = rng.random_range(11..9800);
    let street: String = StreetName().fake_with_rng(rng);
    // The last word of a drawn street name may be an abbreviation; the kind of street is drawn apart.
    let street = street.split(' ').next().unwrap_or("Elder").to_owned();
    let kind = pick(rng, lists::STREETS);
    let state: String = StateAbbr().fake_with_rng(rng);
    let zip = digits(rng, 5);
    city.derive_as(PhiLabel::Location, |city| format!("{number} {street} {kind}, {city}, {state} {zip}"))
}

fn phone(rng: &mut ChaCha8Rng, label: PhiLabel) -> Secret {
    let area = rng.random_range(210..980);
    // 555-0100 to 555-0199 are set aside for fiction.
    let line = rng.random_range(0..100);
    Secret::new(label, format!("{area}-555-01{line:02}"))
}

/// Eight digits, unique by the ordinal.
fn unique_digits(ordinal: u64, rng: &mut ChaCha8Rng) -> String {
    format!("{}{:05}", rng.random_range(100..1000), (ordinal * 7919 + 10_007) % 100_000)
}

pub(crate) fn digits(rng: &mut ChaCha8Rng, n_digits: usize) -> String {
    (0..n_digits).map(|position| char::from(b'0' + rng.random_range(u8::from(position == 0)..10))).collect()
}

pub(crate) fn pick<T: Copy>(rng: &mut ChaCha8Rng, list: &[T]) -> T {
    list[rng.random_range(0..list.len())]
}

fn ascii_slug(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_have_different_identifiers_and_one_is_over_89() {
        let streams = Streams::new(3);
        let patients: Vec<Persona> = (0..60).map(|ordinal| Persona::new(&streams, ordinal)).collect();
        for (idx, one) in patients.iter().enumerate() {
            assert!(patients[..idx].iter().all(|other| other.patient_id != one.patient_id));
        }
        assert!(patients[1].age_on(FIRST_STUDY_DAY) > 89);
        assert!(patients[0].age_on(FIRST_STUDY_DAY) < 80);
    }
}
