//! Odd attributes: nested, private, retired, long, sparse, in bytes, around the data set.
//!
//! What an ordinary instance has already is left alone, so that its claims still hold.

use crate::dates;
use crate::identity::draw::Draw;
use crate::identity::person::person;
use crate::iod::Scene;
use crate::plant::{Phrase, Secret, Sheet};
use crate::vocabulary::Locale;
use dicom_core::{PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;

const CREATOR: &str = "EXPORT STATION 2.0";
const N_LEVELS: u32 = 20;
const N_ITEMS: u32 = 1000;

/// The patient's name as it is spoken, or what stands for it where that is not ASCII.
fn ascii_name(scene: &Scene<'_>) -> Secret {
    let name = scene.persona().name.spoken();
    if name.is_ascii() { name } else { scene.persona().patient_id.clone() }
}

pub(super) fn deep_nesting(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    sheet.item(tags::ACQUISITION_CONTEXT_SEQUENCE, |item| level(scene, item, N_LEVELS));
}

fn level(scene: &Scene<'_>, item: &mut Sheet<'_>, n_levels: u32) {
    if n_levels == 0 {
        item.put(tags::VALUE_TYPE, "PNAME");
        item.plant(tags::PERSON_NAME, &scene.persona().alias);
        return;
    }
    item.put(tags::VALUE_TYPE, "CONTAINER");
    item.put(tags::CONTINUITY_OF_CONTENT, "SEPARATE");
    item.item(tags::CONTENT_SEQUENCE, |inner| level(scene, inner, n_levels - 1));
}

pub(super) fn empty_items(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    sheet.items(tags::PROTOCOL_CONTEXT_SEQUENCE, 0, |_, _| {});
    sheet.items(tags::RELATED_SERIES_SEQUENCE, 3, |item_idx, item| {
        if item_idx == 1 {
            item.plant(tags::STUDY_INSTANCE_UID, &scene.study.uid);
            item.plant(tags::SERIES_INSTANCE_UID, &scene.series.uid);
            item.items(tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, 0, |_, _| {});
        }
    });
    sheet.private_items((0x0033, CREATOR, 0x01), 3, |item_idx, item| {
        if item_idx == 2 {
            item.plant(tags::PATIENT_NAME, &scene.persona().name);
        }
    });
}

pub(super) fn thousand_items(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let last = N_ITEMS - 4;
    sheet.items(tags::ACQUISITION_CONTEXT_SEQUENCE, N_ITEMS, |item_idx, item| {
        item.put(tags::VALUE_TYPE, if item_idx == last { "PNAME" } else { "TEXT" });
        if item_idx == last {
            item.plant(tags::PERSON_NAME, &scene.persona().alias);
        } else {
            item.put(tags::TEXT_VALUE, format!("level {item_idx}"));
        }
    });
}

pub(super) fn private_sequence(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    sheet.private_items((0x0033, CREATOR, 0x02), 2, |item_idx, item| {
        item.plant(tags::PATIENT_NAME, &scene.persona().name);
        item.plant(tags::PATIENT_ID, [&scene.persona().patient_id, &scene.persona().former_id][item_idx as usize]);
        item.private_items((0x0033, CREATOR, 0x03), 1, |_, inner| {
            inner.plant(tags::PATIENT_ADDRESS, &scene.persona().address);
        });
    });
}

pub(super) fn text_in_bytes(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let name = ascii_name(scene);
    sheet.plant_private_bytes(0x0033, CREATOR, 0x10, VR::OB, &name);
    sheet.plant_private_bytes(0x0033, CREATOR, 0x11, VR::UN, &scene.persona().email);
    // Attributes of text that somebody did not know.
    sheet.plant_bytes(tags::CONSULTING_PHYSICIAN_NAME, VR::UN, (b"", b""), &name);
    sheet.plant_bytes(tags::ACQUISITION_PROTOCOL_DESCRIPTION, VR::UN, (b"seen again, ", b""), &name);
    sheet.plant_bytes(tags::ENCRYPTED_CONTENT, VR::OB, (b"\0\x01\xff", b"\0\xfe"), &name);
}

pub(super) fn private_blocks(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let persona = scene.persona();
    for (block, creator) in [(0xff, "NOTES OF SENDER"), (0xc3, CREATOR)] {
        sheet.reserve_block(0x0071, block, creator);
    }
    sheet.plant_private(0x0071, CREATOR, 0x01, VR::PN, &persona.name);
    sheet.plant_private(0x0071, CREATOR, 0xff, VR::LO, &persona.phone);
    sheet.plant_private(0x0071, "NOTES OF SENDER", 0x01, VR::LO, &persona.patient_id);
    sheet.plant_private(0x0071, "NOTES OF SENDER", 0xfe, VR::DA, &dates::dicom_date(persona.birth));
    // What is safe is so in whichever block.
    sheet.reserve_block(0x2001, 0xe7, "Philips Imaging DD 001");
    sheet.keep_private(0x2001, "Philips Imaging DD 001", 0x0b, VR::CS, "TRANSVERSAL");
}

/// A text of a number of characters that ends with what identifies.
fn ending_with(scene: &Scene<'_>, n_characters: usize) -> Option<Phrase> {
    const WORDS: &str = "No motion. ";
    let persona = scene.persona();
    // Whom the attributes name: what is asked is whether the end of a value is read, not whether a stranger is known.
    [persona.name.spoken(), persona.former_id.clone()].into_iter().find_map(|secret| {
        let short = Phrase::default().secret(&secret);
        let n_left = n_characters.checked_sub(short.n_characters())?;
        let words: String = WORDS.chars().cycle().take(n_left.saturating_sub(1)).chain([' ']).collect();
        let phrase = Phrase::default().filler(words).secret(&secret);
        phrase.is_fair().then_some(phrase)
    })
}

pub(super) fn long_values(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    for (tag, n_characters) in [
        (tags::ACQUISITION_DEVICE_PROCESSING_DESCRIPTION, 64),
        (tags::COMMENTS_ON_RADIATION_DOSE, 1024),
        (tags::ACQUISITION_PROTOCOL_DESCRIPTION, 10_240),
    ] {
        if let Some(phrase) = ending_with(scene, n_characters) {
            sheet.phrase_secrets(tag, &phrase);
        }
    }
    sheet.item(tags::ACQUISITION_CONTEXT_SEQUENCE, |item| {
        item.put(tags::VALUE_TYPE, "TEXT");
        if let Some(phrase) = ending_with(scene, 65_536) {
            item.phrase_secrets(tags::TEXT_VALUE, &phrase);
        }
    });
    // A component group has at most 64 characters (PS3.5 section 6.2).
    let long = scene.persona().alias.derive(|name| {
        let group = name.split('=').next().unwrap_or_default().trim_end_matches('^');
        let room = 64_usize.saturating_sub(group.chars().count() + 1);
        let middle: String = "Maria Augusta ".chars().cycle().take(room).collect();
        format!("{group}^{}", middle.trim_end())
    });
    sheet.plant(tags::CONSULTING_PHYSICIAN_NAME, &long);
}

pub(super) fn empty_components(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let persona = scene.persona();
    sheet.plant_sparse(
        tags::CONSULTING_PHYSICIAN_NAME,
        &[None, Some(&scene.study.referring), None, Some(&scene.study.operator), None],
    );
    sheet.plant_sparse(OTHER_PATIENT_IDS, &[None, Some(&persona.former_id), Some(&persona.passport), None]);
    sheet.put(tags::TRANSDUCER_DATA, PrimitiveValue::from("\\C5-1\\"));
}

/// Other Patient IDs, retired in favour of a sequence.
const OTHER_PATIENT_IDS: Tag = Tag(0x0010, 0x1000);

/// The ideographic group of a name that holds the byte of a backslash in a character set.
pub(super) fn with_backslash(character_set: &str) -> Option<&'static str> {
    match character_set {
        // The bytes 95 5C and 8A 5C.
        "GB18030" => Some("昞^奬"),
        // The bytes 3D 5C and 3E 5C.
        set if set.ends_with("ISO 2022 IR 87") => Some("十^松"),
        _ => None,
    }
}

pub(super) fn backslash_bytes(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let persona = scene.persona();
    let Some(native) = with_backslash(persona.character_set) else { return };
    let name = persona.alias.derive(|name| format!("{}={native}", name.split('=').next().unwrap_or_default()));
    let family = name.derive(|_| native.replace('^', ""));
    sheet.plant(tags::CONSULTING_PHYSICIAN_NAME, &name);
    let phrase = Phrase::default().filler("CT, ").secret(&family).filler(", 3D");
    sheet.phrase_secrets(tags::ACQUISITION_PROTOCOL_DESCRIPTION, &phrase);
    sheet.plant_sparse(OTHER_PATIENT_IDS, &[Some(&family), None, Some(&persona.former_id)]);
}

pub(super) fn item_character_sets(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.instance_stream("names of items");
    let settings = scene.settings.casting();
    let draw = &mut Draw::new(rng, settings.split).with_names_from(settings.shortest_name);
    let locales = [Locale::RuRu, Locale::ElGr, Locale::ZhCn, Locale::JaJp, Locale::KoKr, Locale::HeIl];
    sheet.items(tags::ACQUISITION_CONTEXT_SEQUENCE, 6, |item_idx, item| {
        let locale = locales[item_idx as usize];
        item.put(tags::SPECIFIC_CHARACTER_SET, locale.profile().character_sets[0]);
        item.put(tags::VALUE_TYPE, "PNAME");
        item.plant(tags::PERSON_NAME, &person(draw, locale));
    });
}

pub(super) fn retired_attributes(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let (persona, study) = (scene.persona(), scene.study);
    let texts = scene.instance_grammar();
    let rng = &mut scene.instance_stream("retired text");
    sheet.put_as(Tag(0x0008, 0x0010), VR::SH, "ACR-NEMA 2.0");
    sheet.put_as(Tag(0x0008, 0x0040), VR::US, 0_u16);
    sheet.put_as(Tag(0x0008, 0x0041), VR::LO, "IMA NONE");
    for (tag, place) in [((0x0008, 0x4000), 1), ((0x4000, 0x0010), 3), ((0x4000, 0x4000), 5), ((0x4008, 0x010b), 7)] {
        let (tag, phrase) = (Tag(tag.0, tag.1), texts.comment(rng, place));
        if tag != Tag(0x4008, 0x010b) || phrase.n_characters() <= 1024 {
            sheet.phrase_secrets(tag, &phrase);
        }
    }
    for (tag, secret) in [
        (Tag(0x0008, 0x1000), &scene.institution.station),
        (OTHER_PATIENT_IDS, &persona.former_id),
        (Tag(0x0032, 0x0012), &scene.institution.name),
        (Tag(0x0032, 0x1021), &scene.institution.station),
        (Tag(0x0038, 0x0300), &scene.institution.name),
        (Tag(0x4008, 0x0102), &study.reading),
        (Tag(0x4008, 0x0300), &persona.name.spoken()),
    ] {
        sheet.plant(tag, secret);
    }
}

pub(super) fn preamble(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    sheet.plant_preamble("EXPORTED FOR ", &ascii_name(scene));
}

pub(super) fn trailing_padding(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let around = ([0_u8; 40], [0_u8; 23]);
    sheet.plant_bytes(tags::DATA_SET_TRAILING_PADDING, VR::OB, (&around.0, &around.1), &ascii_name(scene));
}

pub(super) fn file_meta(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let persona = scene.persona();
    // A workstation that is called after whom it belongs to.
    let family = scene.study.operator.family();
    let title = if family.is_ascii() {
        family.derive(|name| name.chars().filter(char::is_ascii_alphabetic).take(16).collect::<String>().to_uppercase())
    } else {
        persona.patient_id.clone()
    };
    sheet.plant_as(tags::SOURCE_APPLICATION_ENTITY_TITLE, VR::AE, &title);
    sheet.plant(tags::PRIVATE_INFORMATION_CREATOR_UID, &scene.study.uid);
    sheet.plant_bytes(tags::PRIVATE_INFORMATION, VR::OB, (b"PATIENT=", b";"), &ascii_name(scene));
    sheet.plant_private(0x0003, "NOTES OF SENDER", 0x01, VR::LO, &persona.phone);
}
