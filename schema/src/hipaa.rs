//! The identifiers that the HIPAA Privacy Rule names, and the labels that models and truth give to them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A word of a closed vocabulary was not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("read a {vocabulary}: unknown word")]
pub struct UnknownWord {
    /// Which vocabulary.
    pub vocabulary: &'static str,
}

macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident, $title:literal { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on disk.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word { $($word => Ok(Self::$variant),)+ _ => Err(UnknownWord { vocabulary: $title }) }
            }
        }
    };
}
pub(crate) use vocabulary;

vocabulary! {
    /// The elements A to R of 45 CFR 164.514(b)(2)(i).
    HipaaElement, "HIPAA element" {
        /// (A) Names; also employers and schools, which the rule covers.
        A = "A",
        /// (B) Geographic subdivisions smaller than a state.
        B = "B",
        /// (C) Elements of dates except the year, and ages over 89.
        C = "C",
        /// (D) Telephone numbers.
        D = "D",
        /// (E) Fax numbers.
        E = "E",
        /// (F) Electronic mail addresses.
        F = "F",
        /// (G) Social security numbers.
        G = "G",
        /// (H) Medical record numbers.
        H = "H",
        /// (I) Health plan beneficiary numbers.
        I = "I",
        /// (J) Account numbers.
        J = "J",
        /// (K) Certificate and license numbers.
        K = "K",
        /// (L) Vehicle identifiers and serial numbers, license plates included.
        L = "L",
        /// (M) Device identifiers and serial numbers.
        M = "M",
        /// (N) Web universal resource locators.
        N = "N",
        /// (O) Internet protocol addresses.
        O = "O",
        /// (P) Biometric identifiers.
        P = "P",
        /// (Q) Full-face photographs and comparable images.
        Q = "Q",
        /// (R) Any other unique identifying number, characteristic or code.
        R = "R",
    }
}

impl HipaaElement {
    /// What the element is about, in a few words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::A => "names",
            Self::B => "places smaller than a state",
            Self::C => "dates and ages over 89",
            Self::D => "telephone numbers",
            Self::E => "fax numbers",
            Self::F => "e-mail addresses",
            Self::G => "social security numbers",
            Self::H => "medical record numbers",
            Self::I => "health plan numbers",
            Self::J => "account numbers",
            Self::K => "certificate and license numbers",
            Self::L => "vehicle identifiers",
            Self::M => "device identifiers and serials",
            Self::N => "web addresses",
            Self::O => "IP addresses",
            Self::P => "biometric identifiers",
            Self::Q => "full-face images",
            Self::R => "other unique identifiers",
        }
    }
}

vocabulary! {
    /// What a span of text is called by truth, by rules and by the token classifier.
    PhiLabel, "PHI label" {
        /// The name of any person.
        Name = "NAME",
        /// A place smaller than a state.
        Location = "LOCATION",
        /// A care site, an employer or a school.
        Organization = "ORGANIZATION",
        /// A part of a date that is finer than a year.
        Date = "DATE",
        /// An age of 90 or more.
        AgeOver89 = "AGE_OVER_89",
        /// A telephone number.
        Phone = "PHONE",
        /// A fax number.
        Fax = "FAX",
        /// An e-mail address.
        Email = "EMAIL",
        /// A social security or social insurance number.
        Ssn = "SSN",
        /// A medical record number.
        Mrn = "MRN",
        /// A number of a health plan.
        HealthPlanId = "HEALTH_PLAN_ID",
        /// An account, billing or claim number.
        Account = "ACCOUNT",
        /// A licence or certificate number.
        License = "LICENSE",
        /// A plate, chassis or tail number.
        Vehicle = "VEHICLE",
        /// The serial of a device.
        DeviceId = "DEVICE_ID",
        /// A web address.
        Url = "URL",
        /// An internet protocol address.
        Ip = "IP",
        /// A biometric identifier.
        Biometric = "BIOMETRIC",
        /// Any other identifying number or code.
        OtherId = "OTHER_ID",
    }
}

impl PhiLabel {
    /// The HIPAA element that the label belongs to.
    ///
    /// An [`PhiLabel::Organization`] that is an employer or a school belongs to [`HipaaElement::A`];
    /// truth records say which, and this function answers for care sites.
    pub const fn element(self) -> HipaaElement {
        match self {
            Self::Name => HipaaElement::A,
            Self::Location | Self::Organization => HipaaElement::B,
            Self::Date | Self::AgeOver89 => HipaaElement::C,
            Self::Phone => HipaaElement::D,
            Self::Fax => HipaaElement::E,
            Self::Email => HipaaElement::F,
            Self::Ssn => HipaaElement::G,
            Self::Mrn => HipaaElement::H,
            Self::HealthPlanId => HipaaElement::I,
            Self::Account => HipaaElement::J,
            Self::License => HipaaElement::K,
            Self::Vehicle => HipaaElement::L,
            Self::DeviceId => HipaaElement::M,
            Self::Url => HipaaElement::N,
            Self::Ip => HipaaElement::O,
            Self::Biometric => HipaaElement::P,
            Self::OtherId => HipaaElement::R,
        }
    }
}
