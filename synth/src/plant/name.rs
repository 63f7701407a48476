//! The ways in which a person's name is written.

use super::Secret;

/// A way to write a name. Every way but the last starts from the first component group of the PN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameForm {
    /// `Given Family`.
    Spoken,
    /// `Given Middle Family Suffix`.
    Full,
    /// `Family, Given`.
    Sorted,
    /// `Family, Given Middle`.
    SortedFull,
    Family,
    Given,
    /// `G. Family`.
    InitialFamily,
    /// `Family G`.
    FamilyInitial,
    /// `GF`.
    Initials,
    /// `G.F.`.
    DottedInitials,
    /// As PN has it, without other component groups.
    Caret,
    /// `Family_Given`, as paths have it.
    Underscored,
    /// The ideographic or phonetic group, family name first, without a blank; else as [`Self::Spoken`].
    Native,
    /// `FAMILY Given`.
    CapitalFamily,
    /// `Family Given`.
    FamilyFirst,
    /// `Family,Given`.
    CommaGlued,
    /// `FAMILY, GIVEN`.
    Capitals,
    /// `G Family`.
    InitialBare,
    /// `Family, G.`.
    FamilyCommaInitial,
    /// `Family GM`.
    FamilyInitials,
    /// `G.M. Family`.
    InitialsFamily,
    /// `Given F.`.
    GivenInitial,
    /// `GFamily`.
    GluedInitial,
    /// `gfamily`.
    Account,
    /// `GivenFamily`.
    Camel,
    /// `FamilyGiven`.
    CamelSorted,
    /// `family-given`.
    Hyphenated,
    /// `given.family`.
    DottedLower,
    /// `given_family`.
    LowerUnderscored,
    /// `FAMILY^G`.
    CaretInitial,
    /// `GMF`.
    ThreeInitials,
    /// `gf`.
    LowerInitials,
    /// `given family`.
    Lower,
    /// `FAMILY`.
    FamilyCapitals,
}

/// The components of one group of a PN.
#[derive(Default)]
struct Components<'t> {
    family: &'t str,
    given: &'t str,
    middle: &'t str,
    suffix: &'t str,
}

impl<'t> Components<'t> {
    fn of(group: &'t str) -> Self {
        let mut parts = group.split('^');
        let mut next = || parts.next().unwrap_or("");
        let (family, given, middle) = (next(), next(), next());
        next();
        Self { family, given, middle, suffix: next() }
    }
}

impl Secret {
    /// The name in another form.
    pub(crate) fn name(&self, form: NameForm) -> Self {
        self.derive(|text| write(text, form))
    }

    /// A person name as it is spoken: `Given Family`.
    pub(crate) fn spoken(&self) -> Self {
        self.name(NameForm::Spoken)
    }

    /// A person name as it is sorted: `Family, Given`.
    pub(crate) fn sorted(&self) -> Self {
        self.name(NameForm::Sorted)
    }

    /// The family name alone.
    pub(crate) fn family(&self) -> Self {
        self.name(NameForm::Family)
    }

    /// The given name alone.
    pub(crate) fn given(&self) -> Self {
        self.name(NameForm::Given)
    }
}

fn write(text: &str, form: NameForm) -> String {
    let group = text.split('=').next().unwrap_or("");
    let parts = Components::of(group);
    let (family, given) = (spoken_case(parts.family), spoken_case(parts.given));
    let middle = match parts.middle.chars().count() {
        1 => format!("{}.", parts.middle),
        _ => spoken_case(parts.middle),
    };
    let initial = |name: &str| name.chars().take(1).flat_map(char::to_uppercase).collect::<String>();
    match form {
        NameForm::Spoken => joined(&[&given, &family]),
        NameForm::Full => joined(&[&given, &middle, &family, parts.suffix]),
        NameForm::Sorted if given.is_empty() => family,
        NameForm::Sorted => format!("{family}, {given}"),
        NameForm::SortedFull => joined(&[&format!("{family},"), &given, middle.trim_end_matches('.')]),
        NameForm::Family => family,
        NameForm::Given => given,
        NameForm::InitialFamily => joined(&[&format!("{}.", initial(&given)), &family]),
        NameForm::FamilyInitial => joined(&[&family, &initial(&given)]),
        NameForm::Initials => format!("{}{}", initial(&given), initial(&family)),
        NameForm::DottedInitials => format!("{}.{}.", initial(&given), initial(&family)),
        NameForm::Caret => group.to_owned(),
        NameForm::Underscored => format!("{family}_{given}").replace(' ', "_"),
        NameForm::Native => match text.split('=').skip(1).find(|group| !group.is_empty()) {
            Some(group) => group.replace('^', ""),
            None => joined(&[&given, &family]),
        },
        other => write_glued(&given, &middle, &family, other),
    }
}

/// The ways of machines, of lists and of people in a hurry; no part is empty but the middle name and, at times,
/// the given name.
fn write_glued(given: &str, middle: &str, family: &str, form: NameForm) -> String {
    let initial = |name: &str| name.chars().take(1).flat_map(char::to_uppercase).collect::<String>();
    let closed = |name: &str| name.replace([' ', '\'', '-', '.'], "");
    let (first, second, last) = (initial(given), initial(middle), initial(family));
    match form {
        NameForm::CapitalFamily => joined(&[&family.to_uppercase(), given]),
        NameForm::FamilyFirst => joined(&[family, given]),
        NameForm::CommaGlued => format!("{family},{given}"),
        NameForm::Capitals => format!("{family}, {given}").to_uppercase(),
        NameForm::InitialBare => joined(&[&first, family]),
        NameForm::FamilyCommaInitial => format!("{family}, {first}."),
        NameForm::FamilyInitials => joined(&[family, &format!("{first}{second}")]),
        NameForm::InitialsFamily if second.is_empty() => format!("{first}. {family}"),
        NameForm::InitialsFamily => format!("{first}.{second}. {family}"),
        NameForm::GivenInitial => joined(&[given, &format!("{last}.")]),
        NameForm::GluedInitial => format!("{first}{}", closed(family)),
        NameForm::Account => format!("{first}{}", closed(family)).to_lowercase(),
        NameForm::Camel => format!("{}{}", closed(given), closed(family)),
        NameForm::CamelSorted => format!("{}{}", closed(family), closed(given)),
        NameForm::Hyphenated => format!("{}-{}", closed(family), closed(given)).to_lowercase(),
        NameForm::DottedLower => format!("{}.{}", closed(given), closed(family)).to_lowercase(),
        NameForm::LowerUnderscored => format!("{}_{}", closed(given), closed(family)).to_lowercase(),
        NameForm::CaretInitial => format!("{family}^{first}").to_uppercase(),
        NameForm::ThreeInitials => format!("{first}{second}{last}"),
        NameForm::LowerInitials => format!("{first}{last}").to_lowercase(),
        NameForm::FamilyCapitals => family.to_uppercase(),
        _ => joined(&[given, family]).to_lowercase(),
    }
}

fn joined(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// A name in capitals with capital first letters instead, also after an apostrophe or a hyphen; any other
/// name as it is.
fn spoken_case(text: &str) -> String {
    if text.chars().any(char::is_lowercase) || text.chars().count() < 2 {
        return text.to_owned();
    }
    let mut start = true;
    text.chars()
        .map(|character| {
            let written = if start { character.to_uppercase().next() } else { character.to_lowercase().next() };
            start = matches!(character, ' ' | '-' | '\'');
            written.unwrap_or(character)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::PhiLabel;

    #[test]
    fn names_are_written_in_the_usual_orders() {
        for (name, form, expected) in [
            ("O'NEIL^MARY-ANN^T", NameForm::Spoken, "Mary-Ann O'Neil"),
            ("O'NEIL^MARY-ANN^T", NameForm::Sorted, "O'Neil, Mary-Ann"),
            ("O'NEIL^MARY-ANN^T", NameForm::Family, "O'Neil"),
            ("van der Berg^Anna^K^^Jr", NameForm::Full, "Anna K. van der Berg Jr"),
            ("van der Berg^Anna^K^^Jr", NameForm::SortedFull, "van der Berg, Anna K"),
            ("van der Berg^Anna^K^^Jr", NameForm::InitialFamily, "A. van der Berg"),
            ("Roe^Anna", NameForm::FamilyInitial, "Roe A"),
            ("Roe^Anna", NameForm::Initials, "AR"),
            ("Roe^Anna", NameForm::DottedInitials, "A.R."),
            ("Yamada^Tarou=山田^太郎=ヤマダ^タロウ", NameForm::Native, "山田太郎"),
            ("Yamada^Tarou=山田^太郎=ヤマダ^タロウ", NameForm::Caret, "Yamada^Tarou"),
            ("Kim^Minsu==김^민수", NameForm::Native, "김민수"),
            ("Roe^Anna", NameForm::Native, "Anna Roe"),
            ("ROE^ANNA", NameForm::CapitalFamily, "ROE Anna"),
            ("ROE^ANNA^M", NameForm::FamilyInitials, "Roe AM"),
            ("ROE^ANNA^M", NameForm::InitialsFamily, "A.M. Roe"),
            ("O'NEIL^ANNA^M", NameForm::GluedInitial, "AONeil"),
            ("O'NEIL^ANNA^M", NameForm::Account, "aoneil"),
            ("van der Berg^Anna", NameForm::Camel, "AnnavanderBerg"),
            ("ROE^ANNA^M", NameForm::ThreeInitials, "AMR"),
            ("ROE^ANNA", NameForm::CaretInitial, "ROE^A"),
            ("ROE^ANNA", NameForm::Hyphenated, "roe-anna"),
        ] {
            assert_eq!(Secret::new(PhiLabel::Name, name).name(form).text(), expected, "{form:?}");
        }
    }
}
