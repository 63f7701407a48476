//! Who the patients are: one consistent identity per patient, of which every instance shows a part.

use crate::identity::draw::Draw;
use crate::identity::person::{nickname, person};
use crate::identity::place::{self, Address};
use crate::identity::{check, numbers};
use crate::lists;
use crate::plant::{NameForm, Secret};
use crate::streams::Streams;
use crate::vocabulary::{Locale, Split};
use efface_schema::PhiLabel;
use jiff::ToSpan;
use jiff::civil::Date;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Which people a suite may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Casting<'a> {
    pub(crate) split: Split,
    /// At least one; patients take them in turn.
    pub(crate) locales: &'a [Locale],
    /// Letters of the shortest name in an alphabet that a person may have.
    pub(crate) shortest_name: usize,
}

impl Casting<'_> {
    /// Where a patient lives.
    pub(crate) fn locale(&self, ordinal: u64) -> Locale {
        self.locales[usize::try_from(ordinal).unwrap_or(0) % self.locales.len()]
    }

    fn n_rounds(&self, ordinal: u64) -> usize {
        usize::try_from(ordinal).unwrap_or(0) / self.locales.len()
    }
}

/// A patient.
pub(crate) struct Persona {
    pub(crate) ordinal: u64,
    pub(crate) locale: Locale,
    /// Specific Character Set (0008,0005) of the patient's instances.
    pub(crate) character_set: &'static str,
    pub(crate) name: Secret,
    pub(crate) nickname: Secret,
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
    pub(crate) national_id: Secret,
    pub(crate) residence: Address,
    pub(crate) address: Secret,
    pub(crate) city: Secret,
    pub(crate) phone: Secret,
    pub(crate) mobile: Secret,
    pub(crate) fax: Secret,
    pub(crate) email: Secret,
    pub(crate) ssn: Secret,
    pub(crate) health_plan_id: Secret,
    pub(crate) account: Secret,
    pub(crate) bank_account: Secret,
    pub(crate) license: Secret,
    pub(crate) plate: Secret,
    pub(crate) chassis: Secret,
    pub(crate) implant_serial: Secret,
    pub(crate) biometric: Secret,
    pub(crate) url: Secret,
    pub(crate) ip: Secret,
    pub(crate) employer: Secret,
    pub(crate) school: Secret,
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
    pub(crate) short_name: Secret,
    pub(crate) address: Secret,
    pub(crate) department: &'static str,
    pub(crate) phone: Secret,
    pub(crate) fax: Secret,
    pub(crate) url: Secret,
    pub(crate) archive_ip: Secret,
    pub(crate) station: Secret,
    pub(crate) physicians: Vec<Secret>,
    pub(crate) operators: Vec<Secret>,
}

/// The Gregorian day on which the age of the oldest patient is counted; also the latest study's earliest day.
pub(crate) const FIRST_STUDY_DAY: Date = Date::constant(2014, 1, 1);

impl Persona {
    /// The patient of one ordinal. Ordinal 1 and every twentieth after it is over 89.
    pub(crate) fn new(casting: Casting<'_>, streams: &Streams, ordinal: u64) -> Self {
        let rng = &mut streams.stream("persona", &[ordinal]);
        let locale = casting.locale(ordinal);
        let sets = locale.profile().character_sets;
        let character_set = sets[casting.n_rounds(ordinal) % sets.len()];
        let birth = birth(rng, ordinal);
        let sex = ["F", "M", "O"][usize::from(rng.random_bool(0.5)) + usize::from(ordinal % 16 == 15)];
        let draw = &mut Draw::new(rng, casting.split).with_names_from(casting.shortest_name);
        // Two in three sites write names in capitals.
        let in_capitals = draw.chance(0.67);
        let someone = |draw: &mut Draw<'_>| {
            let name = person(draw, locale);
            if in_capitals { name.derive(str::to_uppercase) } else { name }
        };
        let name = someone(draw).known();
        let birth_name = someone(draw).known().derive_with(&name, |other, own| married(other, own, locale));
        let relative = someone(draw).known().derive_with(&name, |other, own| {
            if other.len() % 2 == 0 { married(own, other, locale) } else { other.to_owned() }
        });
        let (mother_birth_name, alias, contact) = (someone(draw).known(), someone(draw).known(), someone(draw));
        let city = place::city(draw, locale).known();
        let residence = place::address(draw, locale, city);
        let city = residence.city.clone();
        let (national_label, national_id) = numbers::national(draw, locale);
        let mailbox = draw.number(10, 99);
        let simple = |draw: &mut Draw<'_>, label, write: fn(&mut Draw<'_>) -> String| Secret::new(label, write(draw));
        Self {
            ordinal,
            locale,
            character_set,
            nickname: nickname(draw, &name),
            birth_name,
            mother_birth_name,
            alias,
            relative,
            contact,
            relative_role: draw.pick(&["SPOUSE", "MOTHER", "FATHER", "GUARDIAN"]),
            birth,
            sex,
            patient_id: Secret::new(PhiLabel::Mrn, numbers::mrn(draw, ordinal / 3, ordinal)).known(),
            former_id: Secret::new(PhiLabel::Mrn, draw.pattern("MR%######")).known(),
            passport: Secret::new(PhiLabel::OtherId, draw.pattern("X########")).known(),
            national_id: Secret::new(national_label, national_id),
            address: residence.whole.clone(),
            city: city.clone(),
            residence,
            phone: place::phone(draw, locale, PhiLabel::Phone).known(),
            mobile: place::phone(draw, locale, PhiLabel::Phone).known(),
            fax: place::phone(draw, locale, PhiLabel::Fax),
            email: email(&name, draw.pick(&[0, 1, 2]), mailbox),
            url: name.family().derive_as(PhiLabel::Url, |family| {
                format!("https://portal.example/p/{}-{}", ascii_slug(family), mailbox * 7919)
            }),
            ssn: simple(draw, PhiLabel::Ssn, numbers::ssn).known(),
            health_plan_id: simple(draw, PhiLabel::HealthPlanId, numbers::health_plan).known(),
            account: simple(draw, PhiLabel::Account, numbers::account),
            bank_account: simple(draw, PhiLabel::Account, numbers::iban),
            license: simple(draw, PhiLabel::License, numbers::driving_licence).known(),
            plate: Secret::new(PhiLabel::Vehicle, draw.pattern(locale.profile().plate)),
            chassis: simple(draw, PhiLabel::Vehicle, numbers::vin),
            implant_serial: simple(draw, PhiLabel::DeviceId, numbers::serial),
            biometric: simple(draw, PhiLabel::Biometric, numbers::biometric),
            ip: simple(draw, PhiLabel::Ip, numbers::ip),
            employer: place::employer(draw, locale, &city),
            school: place::school(draw, locale, &city),
            trial_subject: Secret::new(PhiLabel::OtherId, draw.pattern("TS-%#####")),
            occupation: draw.pick(lists::OCCUPATIONS),
            ethnic_group: draw.pick(lists::ETHNIC_GROUPS),
            height_m: format!("1.{}", draw.rng.random_range(50..95)),
            weight_kg: format!("{}.{}", draw.rng.random_range(48..120), draw.rng.random_range(0..10)),
            smoking: draw.pick(&["YES", "NO", "UNKNOWN"]),
            name,
        }
    }

    /// Completed years on a day.
    pub(crate) fn age_on(&self, day: Date) -> i16 {
        let had_birthday = (day.month(), day.day()) >= (self.birth.month(), self.birth.day());
        day.year() - self.birth.year() - i16::from(!had_birthday)
    }
}

fn birth(rng: &mut ChaCha8Rng, ordinal: u64) -> Date {
    let age = if ordinal % 20 == 1 { rng.random_range(91..=98) } else { rng.random_range(21..=78) };
    FIRST_STUDY_DAY.saturating_sub(age.years()).saturating_sub(rng.random_range(1..360).days())
}

/// The first person's family name with the second one's given name. Names with readings stay as they are,
/// since each of their groups would need the change.
fn married(family: &str, given: &str, locale: Locale) -> String {
    if locale.has_readings() {
        return family.to_owned();
    }
    let part = |name: &str, at: usize| name.split('^').nth(at).unwrap_or("").to_owned();
    format!("{}^{}", part(family, 0), part(given, 1))
}

fn email(name: &Secret, style: u32, mailbox: u32) -> Secret {
    let form = if style == 0 { NameForm::Given } else { NameForm::Underscored };
    name.name(form).derive_as(PhiLabel::Email, |name| match style {
        0 | 1 => format!("{}{mailbox}@mailbox.example", ascii_slug(name)),
        _ => {
            let parts: Vec<String> = name.split('_').rev().map(ascii_slug).collect();
            format!("{}.{mailbox}@post.example", parts.join(".").trim_matches('.'))
        }
    })
}

impl Institution {
    /// The care site of one ordinal in a locale.
    pub(crate) fn new(casting: Casting<'_>, locale: Locale, streams: &Streams, ordinal: u64) -> Self {
        let place = Locale::ALL.iter().position(|known| *known == locale).unwrap_or(0) as u64;
        let rng = &mut streams.stream("institution", &[place, ordinal]);
        let draw = &mut Draw::new(rng, casting.split).with_names_from(casting.shortest_name);
        let city = place::city(draw, locale);
        let name = place::care_site(draw, locale, &city).known();
        let number = draw.number(1, 90);
        Self {
            address: place::address(draw, locale, city.clone()).whole.known(),
            short_name: name.derive(abbreviation),
            name,
            department: draw.pick(lists::DEPARTMENTS),
            phone: place::phone(draw, locale, PhiLabel::Phone).known(),
            fax: place::phone(draw, locale, PhiLabel::Fax),
            url: city.derive_as(PhiLabel::Url, |city| {
                format!("http://pacs{number}.{}.example/viewer", ascii_slug(city)).replace("..", ".")
            }),
            archive_ip: Secret::new(PhiLabel::Ip, numbers::ip(draw)),
            station: Secret::new(PhiLabel::OtherId, draw.pattern("@@@CT%#")),
            physicians: (0..8).map(|_| person(draw, locale).derive(str::to_uppercase).known()).collect(),
            operators: (0..5).map(|_| person(draw, locale).derive(str::to_uppercase).known()).collect(),
        }
    }
}

/// The first letters of the words of a care site's name; the whole name where that makes under three letters.
pub(crate) fn abbreviation(name: &str) -> String {
    let initials: String =
        name.split([' ', '-']).filter_map(|word| word.chars().next()).filter(|c| c.is_uppercase()).collect();
    if initials.chars().count() < 3 { name.to_owned() } else { initials }
}

/// A provider number with its check digit, behind the prefix that some systems put there.
pub(crate) fn provider_number(rng: &mut ChaCha8Rng) -> Secret {
    let body = format!("1{}", digits(rng, 8));
    Secret::new(PhiLabel::License, format!("NPI{body}{}", check::npi(&body)))
}

pub(crate) fn digits(rng: &mut ChaCha8Rng, n_digits: usize) -> String {
    (0..n_digits).map(|position| char::from(b'0' + rng.random_range(u8::from(position == 0)..10))).collect()
}

pub(crate) fn pick<T: Copy>(rng: &mut ChaCha8Rng, list: &[T]) -> T {
    list[rng.random_range(0..list.len())]
}

pub(crate) fn ascii_slug(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn patients_have_different_identifiers_and_one_is_over_89() {
        let streams = Streams::new(3);
        let casting = Casting { split: Split::Test, locales: Locale::ALL, shortest_name: 2 };
        let patients: Vec<Persona> = (0..300).map(|ordinal| Persona::new(casting, &streams, ordinal)).collect();
        for (idx, one) in patients.iter().enumerate() {
            assert!(patients[..idx].iter().all(|other| other.patient_id != one.patient_id));
        }
        let locales: BTreeSet<Locale> = patients.iter().map(|patient| patient.locale).collect();
        assert_eq!(locales.len(), Locale::ALL.len());
        assert!(patients[1].age_on(FIRST_STUDY_DAY) > 89);
        assert!(patients[0].age_on(FIRST_STUDY_DAY) < 80);
    }
}
