//! Words of care sites, employers and schools: the same kinds on both sides of the split, other words.

use super::{Language, Split};

/// How organizations are called in a language, on one side. `{city}` and `{family}` are drawn.
#[derive(Debug)]
pub(crate) struct Wording {
    pub(crate) care_sites: &'static [&'static str],
    pub(crate) employers: &'static [&'static str],
    pub(crate) schools: &'static [&'static str],
}

impl Wording {
    /// The words of a language; languages without words of their own borrow an international few.
    pub(crate) fn of(split: Split, language: Language) -> &'static Self {
        let (_, train, test) =
            WORDINGS.iter().find(|(known, ..)| *known == language).unwrap_or(&WORDINGS[WORDINGS.len() - 1]);
        match split {
            Split::Train => train,
            Split::Test => test,
        }
    }

    /// Every pattern of a side.
    #[cfg(test)]
    pub(crate) fn all(split: Split) -> impl Iterator<Item = &'static str> {
        let sides = WORDINGS.iter().map(move |(_, train, test)| if split == Split::Train { train } else { test });
        sides.flat_map(|side| [side.care_sites, side.employers, side.schools]).flatten().copied()
    }
}

macro_rules! wording {
    ($care_sites:expr, $employers:expr, $schools:expr) => {
        Wording { care_sites: &$care_sites, employers: &$employers, schools: &$schools }
    };
}

static WORDINGS: &[(Language, Wording, Wording)] = &[
    (
        Language::English,
        wording!(
            [
                "{city} Medical Center",
                "{city} Community Hospital",
                "St. {given} Health Clinic",
                "{family} Radiology Associates",
                "{city} Diagnostic Imaging",
                "{city} County Hospital",
                "{family} Nursing Home",
                "{city} MRI Center",
                "{city} VA Medical Centre",
            ],
            [
                "{family} Plumbing Inc",
                "{family} & Sons",
                "{city} Steel Works",
                "{family} Logistics LLC",
                "{city} Fire Department",
                "{family} Bakery",
                "{family} Farms",
            ],
            ["{city} High School", "{family} Elementary School", "{city} Community College"]
        ),
        wording!(
            [
                "{city} General Hospital",
                "{family} Memorial Hospital",
                "{city} Imaging Center",
                "{city} Regional Clinic",
                "{city} University Hospital",
                "{city} Infirmary",
                "{family} Urgent Care",
                "Mount {family} Surgical Institute",
                "{city} Hospice",
            ],
            [
                "{family} Brothers Ltd",
                "{family} Electric Co",
                "{city} Paper Mill",
                "{family}-{family} Group",
                "{city} Police Dept",
                "{family} Consulting PLC",
                "{city} Bus Company",
            ],
            ["{city} Middle School", "{family} Academy", "University of {city}"]
        ),
    ),
    (
        Language::French,
        wording!(
            ["CHU de {city}", "Clinique {family}", "Centre de radiologie {family}"],
            ["Boulangerie {family}", "{family} et Fils"],
            ["Lycée {family}"]
        ),
        wording!(
            ["Hôpital de {city}", "Polyclinique {family}", "Cabinet d'imagerie de {city}"],
            ["Garage {family}", "Transports {family} SARL"],
            ["Collège {family}"]
        ),
    ),
    (
        Language::German,
        wording!(
            ["Klinikum {city}", "Praxis {family}", "Radiologie {city}"],
            ["{family} GmbH", "Bäckerei {family}"],
            ["{family}-Gymnasium"]
        ),
        wording!(
            ["Krankenhaus {city}", "MVZ {city}", "Universitätsspital {city}"],
            ["{family} AG", "Schreinerei {family}"],
            ["Realschule {city}"]
        ),
    ),
    (
        Language::Spanish,
        wording!(["Hospital de {city}", "Clínica {family}"], ["Talleres {family}"], ["Colegio {family}"]),
        wording!(["Centro Médico {city}", "Policlínica {family}"], ["Panadería {family}"], ["Instituto {family}"]),
    ),
    (
        Language::Italian,
        wording!(["Ospedale di {city}", "Clinica {family}"], ["Officina {family}"], ["Liceo {family}"]),
        wording!(["Policlinico di {city}", "Istituto {family}"], ["Fratelli {family}"], ["Scuola {family}"]),
    ),
    (
        Language::Portuguese,
        wording!(["Hospital de {city}", "Clínica {family}"], ["Padaria {family}"], ["Escola {family}"]),
        wording!(["Santa Casa de {city}", "Instituto {family}"], ["Oficina {family}"], ["Externato {family}"]),
    ),
    (
        Language::Dutch,
        wording!(["Ziekenhuis {city}", "Kliniek {family}"], ["Bakkerij {family}"], ["{family} College"]),
        wording!(["UMC {city}", "Gasthuis {city}"], ["Garage {family} BV"], ["{family} Lyceum"]),
    ),
    (
        Language::Russian,
        wording!(["Городская больница {city}"], ["ООО {family}"], ["Школа {city}"]),
        wording!(["Поликлиника {city}"], ["Завод {family}"], ["Лицей {city}"]),
    ),
    (
        Language::Greek,
        wording!(["Νοσοκομείο {city}"], ["Αφοί {family}"], ["Λύκειο {city}"]),
        wording!(["Κλινική {family}"], ["Εταιρεία {family}"], ["Γυμνάσιο {city}"]),
    ),
    (
        Language::Japanese,
        wording!(["{city}総合病院"], ["{family}製作所"], ["{city}高校"]),
        wording!(["{city}中央医院"], ["{family}商店"], ["{city}中学校"]),
    ),
    (
        Language::Korean,
        wording!(["{city}대학교병원"], ["{family}상사"], ["{city}고등학교"]),
        wording!(["{city}의료원"], ["{family}전자"], ["{city}중학교"]),
    ),
    (
        Language::SimplifiedChinese,
        wording!(["{city}市人民医院"], ["{family}氏公司"], ["{city}第一中学"]),
        wording!(["{city}中心医院"], ["{family}记商行"], ["{city}实验小学"]),
    ),
    (
        Language::TraditionalChinese,
        wording!(["{city}榮民醫院"], ["{family}氏企業"], ["{city}高級中學"]),
        wording!(["{city}綜合醫院"], ["{family}記商號"], ["{city}國民小學"]),
    ),
    (
        Language::Hebrew,
        wording!(["בית חולים {city}"], ["אחים {family}"], ["תיכון {city}"]),
        wording!(["מרפאת {city}"], ["חברת {family}"], ["יסודי {city}"]),
    ),
    (
        Language::Arabic,
        wording!(["مستشفى {city}"], ["شركة {family}"], ["مدرسة {city}"]),
        wording!(["عيادة {city}"], ["مصنع {family}"], ["معهد {city}"]),
    ),
    (
        Language::Thai,
        wording!(["โรงพยาบาล{city}"], ["บริษัท{family}"], ["โรงเรียน{city}"]),
        wording!(["คลินิก{city}"], ["ร้าน{family}"], ["วิทยาลัย{city}"]),
    ),
    // What any other language borrows; keep it last.
    (
        Language::Swedish,
        wording!(["Medical {city}", "Klinika {family}"], ["{family} Trade"], ["Lyceum {city}"]),
        wording!(["Hospital {city}", "Centrum {family}"], ["{family} Co"], ["Gymnasium {city}"]),
    ),
];
