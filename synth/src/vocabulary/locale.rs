//! Where people live, and how names, numbers and addresses look there.

use serde::{Deserialize, Serialize};

/// The language in which a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Language {
    English,
    French,
    German,
    Spanish,
    Italian,
    Portuguese,
    Dutch,
    Swedish,
    Polish,
    Latvian,
    Turkish,
    Russian,
    Greek,
    Arabic,
    Hebrew,
    Thai,
    Japanese,
    Korean,
    SimplifiedChinese,
    TraditionalChinese,
}

/// How names, numbers and addresses look in a locale.
///
/// In a pattern `#` is a digit, `%` a digit other than 0, `@` a capital letter; in addresses `{…}` names a part.
/// Telephone numbers lie in ranges for fiction where a country has set one aside.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) language: Language,
    /// Values of Specific Character Set (0008,0005) that can write the locale's names.
    pub(crate) character_sets: &'static [&'static str],
    pub(crate) phones: &'static [&'static str],
    pub(crate) postcode: &'static str,
    pub(crate) plate: &'static str,
    pub(crate) streets: &'static [&'static str],
    pub(crate) address: &'static str,
    /// States or provinces, which identify nobody when they stand alone.
    pub(crate) states: &'static [&'static str],
}

macro_rules! locales {
    ($($variant:ident $word:literal),+ $(,)?) => {
        /// A language and a country, as a suite definition writes it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Locale { $(#[doc = $word] #[serde(rename = $word)] $variant),+ }

        impl Locale {
            /// Every locale.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on disk, such as `en_US`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub(super) const fn file(self) -> &'static str {
                match self { $(Self::$variant => include_str!(concat!("../../vocabulary/", $word, ".txt"))),+ }
            }
        }
    };
}

locales! {
    EnUs "en_US", EnGb "en_GB", FrFr "fr_FR", DeDe "de_DE", EsEs "es_ES", ItIt "it_IT", PtBr "pt_BR", NlNl "nl_NL",
    SvSe "sv_SE", PlPl "pl_PL", LvLv "lv_LV", TrTr "tr_TR", RuRu "ru_RU", ElGr "el_GR", ArSa "ar_SA", HeIl "he_IL",
    ThTh "th_TH", JaJp "ja_JP", KoKr "ko_KR", ZhCn "zh_CN", ZhTw "zh_TW",
}

impl Locale {
    /// Whether names are listed with readings in Latin letters.
    pub(crate) const fn has_readings(self) -> bool {
        matches!(self, Self::JaJp | Self::KoKr | Self::ZhCn | Self::ZhTw)
    }

    pub(crate) const fn profile(self) -> &'static Profile {
        match self {
            Self::EnUs => &EN_US,
            Self::EnGb => &EN_GB,
            Self::FrFr => &FR_FR,
            Self::DeDe => &DE_DE,
            Self::EsEs => &ES_ES,
            Self::ItIt => &IT_IT,
            Self::PtBr => &PT_BR,
            Self::NlNl => &NL_NL,
            Self::SvSe => &SV_SE,
            Self::PlPl => &PL_PL,
            Self::LvLv => &LV_LV,
            Self::TrTr => &TR_TR,
            Self::RuRu => &RU_RU,
            Self::ElGr => &EL_GR,
            Self::ArSa => &AR_SA,
            Self::HeIl => &HE_IL,
            Self::ThTh => &TH_TH,
            Self::JaJp => &JA_JP,
            Self::KoKr => &KO_KR,
            Self::ZhCn => &ZH_CN,
            Self::ZhTw => &ZH_TW,
        }
    }
}

macro_rules! profiles {
    ($($name:ident = $language:ident, $sets:expr, $phones:expr, $postcode:literal, $plate:literal, $streets:expr,
        $address:literal, $states:expr;)+) => {
        $(static $name: Profile = Profile {
            language: Language::$language,
            character_sets: &$sets,
            phones: &$phones,
            postcode: $postcode,
            plate: $plate,
            streets: &$streets,
            address: $address,
            states: &$states,
        };)+
    };
}

profiles! {
    EN_US = English, ["ISO_IR 100", "ISO_IR 192"],
        ["(%##) 555-01##", "%##-555-01##", "%##.555.01##", "+1 %## 555 01##", "1-%##-555-01##", "%##55501##"],
        "#####", "@@@ ####", ["{street} Street", "{street} Avenue", "{street} Blvd", "{street} Dr", "{street} Rd",
        "{street} Lane", "{street} Ct", "{street} Terrace", "N {street} Ave", "{street} Parkway"],
        "{number} {road}, {city}, {state} {postcode}",
        ["TX", "OH", "CA", "PA", "NY", "FL", "WA", "MN", "GA", "AZ"];
    EN_GB = English, ["ISO_IR 100", "ISO_IR 192"],
        ["01632 960###", "07700 900###", "+44 1632 960###", "020 7946 0###", "(0113) 496 0###"],
        "@@## #@@", "@@## @@@", ["{family} Road", "{family} Close", "{family} Gardens", "{family} Lane",
        "{family} Crescent", "{family} Way"],
        "{number} {road}, {city} {postcode}", ["Scotland", "Wales", "England"];
    FR_FR = French, ["ISO_IR 100", "ISO_IR 192"],
        ["01 99 00 ## ##", "06 39 98 ## ##", "+33 1 99 00 ## ##", "01.99.00.##.##"],
        "%####", "@@-###-@@", ["rue {family}", "avenue {given} {family}", "chemin de {family}", "place {family}"],
        "{number} {road}, {postcode} {city}", ["Bretagne", "Normandie", "Occitanie"];
    DE_DE = German, ["ISO_IR 100", "ISO_IR 192"],
        ["030 23125 ###", "(030) 23125-###", "+49 30 23125###", "0171 39200##", "069/90009###"],
        "#####", "@-@@ ####", ["{family}straße", "{given}-{family}-Straße", "Am {family}hof", "{family}weg", "{family}gasse"],
        "{road} {number}, {postcode} {city}", ["Bayern", "Hessen", "Sachsen"];
    ES_ES = Spanish, ["ISO_IR 100", "ISO_IR 192"],
        ["+34 9%# ### ###", "6## ### ###", "9%-###-##-##"],
        "#####", "#### @@@", ["Calle {family}", "Avda. {given} {family}", "Plaza {family}", "C/ {family}"],
        "{road} {number}, {postcode} {city}", ["Andalucía", "Galicia", "Aragón"];
    IT_IT = Italian, ["ISO_IR 109", "ISO_IR 100", "ISO_IR 192"],
        ["+39 0% ### ####", "3%# ### ####", "0%#-######"],
        "#####", "@@ ###@@", ["Via {family}", "Via {given} {family}", "Corso {family}", "Piazza {family}"],
        "{road} {number}, {postcode} {city}", ["Toscana", "Lombardia", "Puglia"];
    PT_BR = Portuguese, ["ISO_IR 100", "ISO_IR 192"],
        ["(%#) 9####-####", "+55 %# 3###-####", "%# 3###-####"],
        "#####-###", "@@@-####", ["Rua {family}", "Avenida {given} {family}", "Travessa {family}"],
        "{road}, {number}, {city}, CEP {postcode}", ["Bahia", "Ceará", "Goiás"];
    NL_NL = Dutch, ["ISO_IR 100", "ISO_IR 192"],
        ["06-########", "0%# ### ####", "+31 6 ########"],
        "%### @@", "@@-##-@@", ["{family}straat", "{family}laan", "{family}weg", "{family}plein"],
        "{road} {number}, {postcode} {city}", ["Zeeland", "Drenthe", "Limburg"];
    SV_SE = Swedish, ["ISO_IR 100", "ISO_IR 192"],
        ["031-390 06 ##", "070-174 06 ##", "+46 8 465 004 ##"],
        "### ##", "@@@ ###", ["{family}gatan", "{family}vägen", "{family}stigen"],
        "{road} {number}, {postcode} {city}", ["Skåne", "Dalarna", "Halland"];
    PL_PL = Polish, ["ISO_IR 101", "ISO_IR 192"],
        ["+48 %## ### ###", "%## ### ###", "(##) ###-##-##"],
        "##-###", "@@ #####", ["ul. {family}", "al. {given} {family}", "os. {family}"],
        "{road} {number}, {postcode} {city}", ["Mazowsze", "Podlasie", "Kujawy"];
    LV_LV = Latvian, ["ISO_IR 110", "ISO_IR 192"],
        ["+371 6%######", "2%######"],
        "LV-####", "@@-####", ["{family} iela", "{family} prospekts"],
        "{road} {number}, {city}, {postcode}", ["Vidzeme", "Latgale"];
    TR_TR = Turkish, ["ISO_IR 148", "ISO_IR 192"],
        ["+90 5%# ### ## ##", "0(2%#) ### ## ##", "05%# ### ####"],
        "#####", "## @@ ###", ["{family} Caddesi", "{given} {family} Sokak", "{family} Bulvarı"],
        "{road} No:{number}, {postcode} {city}", ["Marmara", "Ege"];
    RU_RU = Russian, ["ISO_IR 144", "ISO_IR 192"],
        ["+7 (9%#) ###-##-##", "8 9%# ### ## ##", "8(495)###-##-##"],
        "%#####", "@###@@ ##", ["ул. {family}", "пр. {family}", "пер. {family}"],
        "{postcode}, г. {city}, {road}, д. {number}", ["Татарстан", "Карелия"];
    EL_GR = Greek, ["ISO_IR 126", "ISO_IR 192"],
        ["+30 69%# ######", "210 #######", "69########"],
        "### ##", "@@@-####", ["Οδός {family}", "Λεωφόρος {family}"],
        "{road} {number}, {postcode} {city}", ["Κρήτη", "Ήπειρος"];
    AR_SA = Arabic, ["ISO_IR 127", "ISO_IR 192"],
        ["+966 5% ### ####", "05########", "011-###-####"],
        "#####", "#### @@@", ["شارع {family}", "طريق {given} {family}"],
        "{road} {number}، {city} {postcode}", ["السعودية"];
    HE_IL = Hebrew, ["ISO_IR 138", "ISO_IR 192"],
        ["05%-#######", "0%-#######", "+972 5% ### ####"],
        "#######", "##-###-##", ["רחוב {family}", "שדרות {family}"],
        "{road} {number}, {city} {postcode}", ["ישראל"];
    TH_TH = Thai, ["ISO_IR 166", "ISO_IR 192"],
        ["08% ### ####", "+66 8% ### ####", "0%-###-####"],
        "#####", "#@@ ####", ["ถนน{family}", "ซอย{family}"],
        "{number} {road} {city} {postcode}", ["ภาคใต้"];
    JA_JP = Japanese, ["\\ISO 2022 IR 87", "ISO 2022 IR 13\\ISO 2022 IR 87", "ISO_IR 192"],
        ["03-####-####", "090-####-####", "+81 90 #### ####"],
        "###-####", "### ## ##", ["{family}通り", "{family}町"],
        "〒{postcode} {city}{road}{number}", ["関東", "九州"];
    KO_KR = Korean, ["\\ISO 2022 IR 149", "ISO_IR 192"],
        ["010-####-####", "02-###-####", "+82 10 #### ####"],
        "#####", "### ####", ["{family}로", "{family}길"],
        "{city} {road} {number} {postcode}", ["강원", "제주"];
    ZH_CN = SimplifiedChinese, ["GB18030", "ISO_IR 192"],
        ["+86 13% #### ####", "13%########", "010-########"],
        "######", "京@#####", ["{family}家路", "{family}园街"],
        "{city}{road}{number}号 {postcode}", ["广东省", "浙江省"];
    ZH_TW = TraditionalChinese, ["ISO_IR 192"],
        ["09##-###-###", "(02) ####-####", "+886 9## ### ###"],
        "###", "@@@-####", ["{family}家路", "{family}園街"],
        "{postcode} {city}{road}{number}號", ["臺灣"];
}
