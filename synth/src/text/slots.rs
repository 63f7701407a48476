//! What stands for a slot of a rule: who or what is named, and how it is written.

use super::cast::{Breadth, Cast};
use super::wide;
use crate::dates;
use crate::identity::draw::Draw;
use crate::identity::{numbers, place};
use crate::persona::ascii_slug;
use crate::plant::{NameForm, Secret};
use crate::vocabulary::Language;
use efface_schema::PhiLabel;
use jiff::ToSpan;

macro_rules! slots {
    ($($variant:ident $word:literal),+ $(,)?) => {
        /// Who or what a slot names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum SlotKind { $($variant),+ }

        impl SlotKind {
            #[cfg(test)]
            pub(super) const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

slots! {
    Name "name", Nickname "nickname", Alias "alias", BirthName "birth_name", Mother "mother", Relative "relative",
    Contact "contact", Referrer "referrer", Requester "requester", Reader "reader", Operator "operator",
    Address "address", Street "street", City "city", Postcode "postcode", Hospital "hospital",
    HospitalShort "hospital_short", Employer "employer", School "school",
    Birth "birth", Date "date", PriorDate "prior_date", LaterDate "later_date", DateTime "date_time",
    MonthYear "month_year", DayMonth "day_month", WeekdayDate "weekday_date", DateRange "date_range",
    Holiday "holiday", Age "age",
    Phone "phone", SitePhone "site_phone", Fax "fax", Pager "pager", Extension "extension",
    Email "email", Url "url", Ip "ip", Mac "mac", Station "station", User "user", Uid "uid",
    Ssn "ssn", Ssn4 "ssn4", National "national", Mrn "mrn", Former "former", Plan "plan", Account "account",
    Bank "bank", License "license", Npi "npi", Dea "dea", Plate "plate", Chassis "chassis", Implant "implant",
    Part "part", Biometric "biometric", Subject "subject", Passport "passport", Accession "accession",
    Order "order", Tracking "tracking",
    // Only rules for suites of texts ask for the following.
    Person "person", WordPerson "word_person", Town "town", Anywhere "anywhere", CareSite "care_site",
    CareShort "care_short", Firm "firm", College "college", AnyDate "any_date", AgeBare "age_bare",
    OldYear "old_year", Login "login", Mail "mail", Link "link",
}

/// A slot: what, and how it is written.
#[derive(Debug, Clone)]
pub(super) enum Slot {
    /// What the cast knows or what is drawn; for names in which form.
    Named { kind: SlotKind, form: Option<NameForm> },
    /// An identifier whose digits and letters are drawn.
    Pattern { label: PhiLabel, pattern: String },
    /// A date in a format of `strftime`.
    Moment { kind: SlotKind, format: String },
}

impl Slot {
    /// Reads `kind`, `kind:form`, `LABEL=pattern` or `kind~format`.
    ///
    /// # Panics
    /// At words that are not known; the files with rules are part of the program.
    pub(super) fn parse(text: &str) -> Self {
        let kind = |word: &str| SlotKind::parse(word).unwrap_or_else(|| panic!("a slot called {word}"));
        if let Some((word, format)) = text.split_once('~') {
            return Self::Moment { kind: kind(word), format: format.to_owned() };
        }
        if let Some((label, pattern)) = text.split_once('=') {
            let label = label.parse().unwrap_or_else(|_| panic!("a label called {label}"));
            // Without a digit to draw, the sides of the split could share the identifier.
            assert!(pattern.contains('#'), "a digit in the pattern {pattern}");
            return Self::Pattern { label, pattern: pattern.to_owned() };
        }
        let (word, form) = text.split_once(':').map_or((text, None), |(word, form)| (word, Some(form)));
        let form = form.map(|form| name_form(form).unwrap_or_else(|| panic!("a name in the form {form}")));
        Self::Named { kind: kind(word), form }
    }

    #[cfg(test)]
    pub(super) const fn of(kind: SlotKind) -> Self {
        Self::Named { kind, form: None }
    }
}

fn name_form(word: &str) -> Option<NameForm> {
    Some(match word {
        "spoken" => NameForm::Spoken,
        "full" => NameForm::Full,
        "sorted" => NameForm::Sorted,
        "sorted_full" => NameForm::SortedFull,
        "family" => NameForm::Family,
        "given" => NameForm::Given,
        "initial_family" => NameForm::InitialFamily,
        "family_initial" => NameForm::FamilyInitial,
        "initials" => NameForm::Initials,
        "dotted" => NameForm::DottedInitials,
        "caret" => NameForm::Caret,
        "underscored" => NameForm::Underscored,
        "native" => NameForm::Native,
        "capital_family" => NameForm::CapitalFamily,
        "family_first" => NameForm::FamilyFirst,
        "comma_glued" => NameForm::CommaGlued,
        "capitals" => NameForm::Capitals,
        "initial_bare" => NameForm::InitialBare,
        "family_comma_initial" => NameForm::FamilyCommaInitial,
        "family_initials" => NameForm::FamilyInitials,
        "initials_family" => NameForm::InitialsFamily,
        "given_initial" => NameForm::GivenInitial,
        "glued_initial" => NameForm::GluedInitial,
        "account" => NameForm::Account,
        "camel" => NameForm::Camel,
        "camel_sorted" => NameForm::CamelSorted,
        "hyphenated" => NameForm::Hyphenated,
        "dotted_lower" => NameForm::DottedLower,
        "lower_underscored" => NameForm::LowerUnderscored,
        "caret_initial" => NameForm::CaretInitial,
        "three_initials" => NameForm::ThreeInitials,
        "lower_initials" => NameForm::LowerInitials,
        "lower" => NameForm::Lower,
        "family_capitals" => NameForm::FamilyCapitals,
        _ => return None,
    })
}

/// Forms of whole names, the common ones more than once.
const WHOLE_NAMES: &[NameForm] = &[
    NameForm::Spoken,
    NameForm::Spoken,
    NameForm::Spoken,
    NameForm::Full,
    NameForm::Sorted,
    NameForm::SortedFull,
    NameForm::InitialFamily,
    NameForm::FamilyInitial,
    NameForm::Caret,
    NameForm::Native,
];

/// The secret that a slot stands for.
pub(super) fn fill(slot: &Slot, cast: &Cast<'_>, draw: &mut Draw<'_>) -> Secret {
    match slot {
        Slot::Named { kind, form } => named(*kind, *form, cast, draw),
        Slot::Pattern { label, pattern } => Secret::new(*label, draw.pattern(pattern)),
        Slot::Moment { kind, format } => wide::moment(*kind, format, cast, draw),
    }
}

fn named(kind: SlotKind, form: Option<NameForm>, cast: &Cast<'_>, draw: &mut Draw<'_>) -> Secret {
    let anyone = wide::person(kind, cast, draw);
    if let Some(person) = anyone.as_ref().or_else(|| person(kind, cast)) {
        let forms = if cast.breadth == Breadth::Texts && draw.chance(0.4) { wide::WHOLE_NAMES } else { WHOLE_NAMES };
        let form = form.unwrap_or_else(|| draw.pick(forms));
        return person.name(form);
    }
    wide::fill(kind, cast, draw)
        .or_else(|| place_or_organization(kind, cast, draw))
        .or_else(|| date(kind, cast, draw))
        .or_else(|| contact(kind, cast, draw))
        .unwrap_or_else(|| number(kind, cast, draw))
}

const fn person<'c>(kind: SlotKind, cast: &Cast<'c>) -> Option<&'c Secret> {
    Some(match kind {
        SlotKind::Name => &cast.persona.name,
        SlotKind::Alias => &cast.persona.alias,
        SlotKind::BirthName => &cast.persona.birth_name,
        SlotKind::Mother => &cast.persona.mother_birth_name,
        SlotKind::Relative => &cast.persona.relative,
        SlotKind::Contact => &cast.persona.contact,
        SlotKind::Referrer => cast.referring,
        SlotKind::Requester => cast.requesting,
        SlotKind::Reader => cast.reading,
        SlotKind::Operator => cast.operator,
        _ => return None,
    })
}

fn place_or_organization(kind: SlotKind, cast: &Cast<'_>, draw: &mut Draw<'_>) -> Option<Secret> {
    let residence = &cast.persona.residence;
    Some(match kind {
        SlotKind::Nickname => cast.persona.nickname.clone(),
        SlotKind::Address => residence.whole.clone(),
        SlotKind::Street => residence.street.clone(),
        SlotKind::City => {
            if draw.chance(0.5) {
                residence.city.clone()
            } else {
                place::city(draw, cast.persona.locale)
            }
        }
        SlotKind::Postcode => residence.postcode.clone(),
        SlotKind::Hospital => {
            if draw.chance(0.6) {
                cast.institution.name.clone()
            } else {
                place::care_site(draw, cast.persona.locale, &residence.city)
            }
        }
        SlotKind::HospitalShort => cast.institution.short_name.clone(),
        SlotKind::Employer => cast.persona.employer.clone(),
        SlotKind::School => cast.persona.school.clone(),
        _ => return None,
    })
}

fn date(kind: SlotKind, cast: &Cast<'_>, draw: &mut Draw<'_>) -> Option<Secret> {
    let language = cast.language;
    let prior = cast.prior.unwrap_or_else(|| cast.date.saturating_sub(i64::from(draw.number(20, 900)).days()));
    Some(match kind {
        SlotKind::Birth => dates::free_date(draw.rng, cast.persona.birth, language).known(),
        SlotKind::Date => dates::free_date(draw.rng, cast.date, language).known(),
        SlotKind::PriorDate => dates::free_date(draw.rng, prior, language),
        SlotKind::LaterDate => {
            let later = cast.date.saturating_add(i64::from(draw.number(2, 200)).days());
            dates::free_date(draw.rng, later, language)
        }
        SlotKind::DateTime => dates::free_date_time(draw.rng, cast.date).known(),
        SlotKind::MonthYear => dates::month_year(draw.rng, prior, language),
        SlotKind::DayMonth => dates::day_month(draw.rng, prior, language),
        SlotKind::WeekdayDate => dates::weekday_date(draw.rng, cast.date).known(),
        SlotKind::DateRange => dates::date_range(draw.rng, prior),
        SlotKind::Holiday => dates::holiday(draw.rng, prior),
        SlotKind::Age => cast.age_over_89(draw),
        _ => return None,
    })
}

fn contact(kind: SlotKind, cast: &Cast<'_>, draw: &mut Draw<'_>) -> Option<Secret> {
    let (persona, site) = (cast.persona, cast.institution);
    let either = draw.chance(0.5);
    Some(match kind {
        SlotKind::Phone => {
            if either {
                persona.phone.clone()
            } else {
                persona.mobile.clone()
            }
        }
        SlotKind::SitePhone => site.phone.clone(),
        SlotKind::Fax => {
            if either {
                persona.fax.clone()
            } else {
                site.fax.clone()
            }
        }
        SlotKind::Pager => Secret::new(PhiLabel::Phone, draw.pattern("%#####")),
        SlotKind::Extension => Secret::new(PhiLabel::Phone, draw.pattern("x%###")),
        SlotKind::Email => persona.email.clone(),
        SlotKind::Url => {
            if either {
                persona.url.clone()
            } else {
                site.url.clone()
            }
        }
        SlotKind::Ip => {
            if either {
                persona.ip.clone()
            } else {
                site.archive_ip.clone()
            }
        }
        SlotKind::Mac => Secret::new(PhiLabel::DeviceId, numbers::mac(draw)),
        SlotKind::Station => site.station.clone(),
        SlotKind::User => {
            let number = draw.number(10, 99);
            cast.operator.name(NameForm::InitialFamily).derive_as(PhiLabel::OtherId, |name| {
                let slug = ascii_slug(name);
                format!("{}{number}", if slug.is_empty() { "usr" } else { &slug })
            })
        }
        _ => return None,
    })
}

fn number(kind: SlotKind, cast: &Cast<'_>, draw: &mut Draw<'_>) -> Secret {
    let persona = cast.persona;
    match kind {
        SlotKind::Ssn => persona.ssn.clone(),
        SlotKind::Ssn4 => persona.ssn.derive(|ssn| ssn.chars().skip(ssn.chars().count().saturating_sub(4)).collect()),
        SlotKind::National => persona.national_id.clone(),
        SlotKind::Mrn => persona.patient_id.clone(),
        SlotKind::Former => persona.former_id.clone(),
        SlotKind::Plan => persona.health_plan_id.clone(),
        SlotKind::Account => persona.account.clone(),
        SlotKind::Bank => persona.bank_account.clone(),
        SlotKind::License => persona.license.clone(),
        SlotKind::Npi => Secret::new(PhiLabel::License, numbers::npi(draw)),
        SlotKind::Dea => Secret::new(PhiLabel::License, numbers::dea(draw)),
        SlotKind::Plate => persona.plate.clone(),
        SlotKind::Chassis => persona.chassis.clone(),
        SlotKind::Implant => persona.implant_serial.clone(),
        SlotKind::Part => cast.part_serial.clone(),
        SlotKind::Biometric => persona.biometric.clone(),
        SlotKind::Subject => persona.trial_subject.clone(),
        SlotKind::Passport => persona.passport.clone(),
        SlotKind::Accession => cast.accession.clone(),
        SlotKind::Order => cast.order.clone(),
        SlotKind::Uid => cast.uid.clone(),
        _ => Secret::new(PhiLabel::OtherId, draw.pattern("TRK%#######")),
    }
}

/// The suffix of rules in a language; English rules have none.
pub(super) const fn suffix(language: Language) -> Option<&'static str> {
    Some(match language {
        Language::French => "fr",
        Language::German => "de",
        Language::Spanish => "es",
        Language::Italian => "it",
        Language::Portuguese => "pt",
        Language::Dutch => "nl",
        Language::Swedish => "sv",
        Language::Polish => "pl",
        Language::Turkish => "tr",
        Language::Russian => "ru",
        Language::Greek => "el",
        Language::Japanese => "ja",
        Language::Korean => "ko",
        Language::SimplifiedChinese | Language::TraditionalChinese => "zh",
        Language::Latvian => "lv",
        Language::Arabic => "ar",
        Language::Hebrew => "he",
        Language::Thai => "th",
        Language::English => return None,
    })
}
