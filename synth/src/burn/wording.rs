//! What the lines of scanners and workstations say: whose image it is, and how it was made.

use crate::dates;
use crate::iod::Scene;
use crate::persona::pick;
use crate::plant::{Phrase, Secret};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Signs, devices and methods that are called after people, none of whom is at hand. No patient is called so.
const EPONYMS: &[&str] = &[
    "Baker cyst",
    "Dixon W",
    "Cobb angle 14",
    "Kerley B",
    "Hill-Sachs",
    "Foley cath",
    "Doppler",
    "Bosniak II",
    "Chiari I",
    "Gleason 3+4",
];

const SCREEN_WORDS: &[&str] =
    &["NOT FOR DIAGNOSIS", "3D VRT", "Volume 12.5 ml", "Mean 41 HU", "Lossy 10:1", "Key Image"];

/// A way to say something about an instance.
pub(super) type Say = fn(&Scene<'_>, &mut ChaCha8Rng) -> Phrase;

/// The patient's name in one of the orders in which screens write it.
pub(super) fn name(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    let name = &scene.persona().name;
    let upper = |secret: Secret| secret.derive(str::to_uppercase);
    let written = match rng.random_range(0..7) {
        0 | 1 => name.sorted(),
        2 => upper(name.sorted()),
        3 => name.spoken(),
        4 => upper(name.spoken()),
        5 => name.derive(|name| name.replace('^', " ")),
        _ => name.clone(),
    };
    prefixed(pick(rng, &["", "", "", "Name: ", "Pat: ", "NAME "]), &written)
}

/// The name as forms ask for it, without a label.
pub(super) fn plain_name(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    let name = &scene.persona().name;
    let written = if rng.random_bool(0.5) { name.sorted() } else { name.spoken() };
    Phrase::default().secret(&written)
}

pub(super) fn patient_id(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    prefixed(pick(rng, &["ID: ", "ID ", "MRN: ", "Pat. ID ", "#", ""]), &scene.persona().patient_id)
}

/// Name and identifier on one line.
pub(super) fn name_and_id(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    name(scene, rng).filler(pick(rng, &[" ", "  ", " / "])).followed_by(patient_id(scene, rng))
}

pub(super) fn birth(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    let persona = scene.persona();
    let born = prefixed(
        pick(rng, &["DOB: ", "DOB ", "*", "Born "]),
        &dates::free_date(rng, persona.birth, scene.persona().locale.profile().language),
    );
    // An age over 89 would identify, too; it is not written beside the date.
    match (rng.random_range(0..3), persona.age_on(scene.study.date)) {
        (0, _) | (_, 90..) => born,
        (1, age) => born.filler(format!(" {} {age}Y", persona.sex)),
        _ => born.filler(format!(", {}", persona.sex)),
    }
}

pub(super) fn plain_birth(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    Phrase::default().secret(&dates::free_date(rng, scene.persona().birth, scene.persona().locale.profile().language))
}

pub(super) fn study_date(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    let date = dates::free_date(rng, scene.study.date, scene.persona().locale.profile().language);
    let caption = pick(rng, &["", "", "Date: ", "Study ", "Acq "]);
    // A time that only a blank parts from its date is part of it.
    let written = if rng.random_bool(0.5) { date.derive(|date| format!("{date} {}", clock(rng))) } else { date };
    prefixed(caption, &written)
}

pub(super) fn accession(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    prefixed(pick(rng, &["Acc: ", "ACC# ", "Acc.No ", "Order "]), &scene.study.accession)
}

pub(super) fn institution(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    let name = &scene.institution.name;
    let written = if rng.random_bool(0.4) { name.derive(str::to_uppercase) } else { name.clone() };
    Phrase::default().secret(&written)
}

pub(super) fn address(scene: &Scene<'_>, _: &mut ChaCha8Rng) -> Phrase {
    Phrase::default().secret(&scene.institution.address)
}

pub(super) fn home(scene: &Scene<'_>, _: &mut ChaCha8Rng) -> Phrase {
    Phrase::default().secret(&scene.persona().address)
}

pub(super) fn plain_patient_id(scene: &Scene<'_>, _: &mut ChaCha8Rng) -> Phrase {
    Phrase::default().secret(&scene.persona().patient_id)
}

pub(super) fn plain_study_date(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    Phrase::default().secret(&dates::free_date(rng, scene.study.date, scene.persona().locale.profile().language))
}

pub(super) fn phone(scene: &Scene<'_>, _: &mut ChaCha8Rng) -> Phrase {
    Phrase::default().secret(&scene.persona().phone)
}

pub(super) fn insurance(scene: &Scene<'_>, _: &mut ChaCha8Rng) -> Phrase {
    Phrase::default().secret(&scene.persona().health_plan_id)
}

pub(super) fn social_security(scene: &Scene<'_>, _: &mut ChaCha8Rng) -> Phrase {
    Phrase::default().secret(&scene.persona().ssn)
}

pub(super) fn operator(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    prefixed(pick(rng, &["Tech: ", "Op: ", "Perf. by ", "Sonographer: "]), &scene.study.operator.family())
}

/// The operator's initials, as on a marker.
pub(super) fn initials(scene: &Scene<'_>, _: &mut ChaCha8Rng) -> Phrase {
    let initials = scene.study.operator.derive(|name| {
        let initial = |part: &str| part.chars().next();
        let mut parts = name.split('^');
        let family = parts.next().and_then(initial);
        parts.next().and_then(initial).into_iter().chain(family).collect()
    });
    Phrase::default().secret(&initials)
}

pub(super) fn physician(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    let physician = &scene.study.referring;
    let written = if rng.random_bool(0.5) { physician.family() } else { physician.spoken() };
    prefixed(pick(rng, &["Ref: Dr. ", "Dr. ", "Ref.Phys ", "MD: "]), &written)
}

pub(super) fn signature(scene: &Scene<'_>, _: &mut ChaCha8Rng) -> Phrase {
    Phrase::default().secret(&scene.study.reading.spoken())
}

/// Several facts on one line, as in a title bar.
pub(super) fn title(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    let date = dates::free_date(rng, scene.study.date, scene.persona().locale.profile().language);
    let named = name_and_id(scene, rng).filler(pick(rng, &["   ", " | ", "  "]));
    named.secret(&date.derive(|date| format!("{date} {}", clock(rng))))
}

pub(super) fn device(scene: &Scene<'_>, _: &mut ChaCha8Rng) -> Phrase {
    let equipment = scene.series.equipment;
    Phrase::default().filler(format!("{} {}", equipment.manufacturer, equipment.model))
}

pub(super) fn series(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    let series = scene.series;
    let (number, image) = (series.number, scene.instance_idx + 1);
    let texts = [
        format!("Se: {number} Im: {image}/{}", series.settings.instances),
        format!("{number}/{image}"),
        format!("Image {image}"),
        format!("{} {}", series.kind.modality(), series.region.words),
    ];
    Phrase::default().filler(texts[rng.random_range(0..texts.len())].clone())
}

/// A line that identifies nobody: how the image was made, where it is cut, what is measured.
pub(super) fn technique(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    if rng.random_bool(0.12) {
        return words(pick(rng, EPONYMS));
    }
    let kind = scene.series.kind;
    words(match kind.modality() {
        "CT" | "PT" => tomography(rng),
        "MR" => resonance(rng),
        "US" => ultrasound(rng),
        "CR" | "DX" | "MG" | "XA" | "RF" => radiography(rng),
        _ if rng.random_bool(0.5) => pick(rng, SCREEN_WORDS).to_owned(),
        _ => tomography(rng),
    })
}

/// Mechanical and thermal index.
pub(super) fn indices(_: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    let (mechanical, thermal) = (rng.random_range(3..14), rng.random_range(1..9));
    words(format!("MI {}.{} TIS 0.{thermal}", mechanical / 10, mechanical % 10))
}

/// What is imaged, as a sonographer types it over the image.
pub(super) fn body_mark(_: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    let side = pick(rng, &["RT", "LT", "MID", "SAG", "TRV"]);
    let organ = pick(rng, &["KIDNEY LONG", "LIVER", "GB", "SPLEEN", "AORTA PROX", "THYROID", "BLADDER PRE VOID"]);
    words(format!("{side} {organ}"))
}

pub(super) fn measurement(_: &Scene<'_>, rng: &mut ChaCha8Rng) -> Phrase {
    let (whole, tenth) = (rng.random_range(1..14), rng.random_range(0..10));
    words(match rng.random_range(0..4) {
        0 => format!("1 D {whole}.{tenth} cm"),
        1 => format!("+ Dist {whole}.{tenth}cm"),
        2 => format!("{whole}{tenth}.{tenth} mm"),
        _ => format!("Angle {whole}{tenth}.0 deg"),
    })
}

/// A row of a dose report.
pub(super) fn dose_row(rng: &mut ChaCha8Rng, number: u32) -> Phrase {
    let (current, dose) = (rng.random_range(60..420), rng.random_range(100..2400));
    let product = rng.random_range(80..900);
    words(format!("{number:>2}  {:<10} {current:>4}  {:>3}.{:02}  {product}", "Helical", dose / 100, dose % 100))
}

/// Words that identify nobody.
pub(super) fn words(text: impl Into<String>) -> Phrase {
    Phrase::default().filler(text)
}

fn prefixed(prefix: &str, secret: &Secret) -> Phrase {
    if prefix.is_empty() { Phrase::default().secret(secret) } else { words(prefix).secret(secret) }
}

fn clock(rng: &mut ChaCha8Rng) -> String {
    format!("{:02}:{:02}:{:02}", rng.random_range(7..18), rng.random_range(0..60), rng.random_range(0..60))
}

fn tomography(rng: &mut ChaCha8Rng) -> String {
    match rng.random_range(0..9) {
        0 => format!("{} kV", pick(rng, &[80, 100, 120, 140])),
        1 => format!("mA {}", rng.random_range(40..400)),
        2 => format!("W {} L {}", pick(rng, &[350, 400, 1500, 2000]), pick(rng, &[40, 50, 400, -600])),
        3 => format!("SL {}.0 mm", rng.random_range(1..6)),
        4 => format!("DFOV {}.{} cm", rng.random_range(20..50), rng.random_range(0..10)),
        5 => format!("Kernel {}", pick(rng, &["B30f", "STANDARD", "Br40", "LUNG"])),
        6 => format!("GT {}", pick(rng, &["0.0", "-12.5"])),
        7 => pick(rng, &["SUPINE", "PORTAL VENOUS", "NON CONTRAST", "MPR", "AX"]).to_owned(),
        _ => format!("SP {}{}.{}", pick(rng, &["H", "F", "I", "S"]), rng.random_range(1..300), rng.random_range(0..10)),
    }
}

fn resonance(rng: &mut ChaCha8Rng) -> String {
    match rng.random_range(0..7) {
        0 => format!("TR {}", rng.random_range(20..60) * 100),
        1 => format!("TE {}/Ef", rng.random_range(10..120)),
        2 => format!("EC:1/1 {}kHz", rng.random_range(15..63)),
        3 => format!("FOV {0}x{0}", rng.random_range(18..30)),
        4 => format!("{}.0thk/1.0sp", rng.random_range(3..7)),
        5 => pick(rng, &["AX T2 FLAIR", "SAG T1", "DWI b1000", "TSE/M", "HEAD COIL", "COR STIR"]).to_owned(),
        _ => format!("{}/02:{:02} NEX 2", pick(rng, &["256x192", "320x224"]), rng.random_range(10..60)),
    }
}

fn ultrasound(rng: &mut ChaCha8Rng) -> String {
    match rng.random_range(0..8) {
        0 => format!("FR {}Hz", rng.random_range(12..60)),
        1 => format!("Gn {}", rng.random_range(20..80)),
        2 => format!("D {}.{} cm", rng.random_range(4..22), rng.random_range(0..10)),
        3 => format!("DR {}", rng.random_range(50..80)),
        4 => format!("{}%", rng.random_range(40..100)),
        5 => pick(rng, &["C5-1", "L12-5", "S4-1"]).to_owned(),
        6 => pick(rng, &["THI", "HRes", "CF 2.5MHz", "Persist Med", "P Low", "Map E"]).to_owned(),
        _ => pick(rng, &["Abd Gen", "OB Routine", "Renal", "Carotid", "Sm Parts"]).to_owned(),
    }
}

fn radiography(rng: &mut ChaCha8Rng) -> String {
    match rng.random_range(0..7) {
        0 => format!("{} kV {} mAs", rng.random_range(50..125), rng.random_range(1..40)),
        1 => pick(rng, &["PORTABLE", "AP SUPINE", "ERECT", "PA", "LATERAL", "SEMI-UPRIGHT"]).to_owned(),
        2 => format!("EXI {}", rng.random_range(900..2400)),
        3 => format!("S={} L=2.2", rng.random_range(90..500)),
        4 => format!("SID {}cm", pick(rng, &[100, 110, 180])),
        5 => format!("Zoom {}%", rng.random_range(40..120)),
        _ => format!("DI {}.{}", pick(rng, &["-0", "0", "1"]), rng.random_range(0..10)),
    }
}
