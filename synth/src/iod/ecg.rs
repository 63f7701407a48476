//! 12-Lead ECG IOD (PS3.3 A.34.3): five seconds at 500 Hz, with annotations.

use super::Scene;
use super::common::{code, number};
use crate::dates;
use crate::plant::{Phrase, Sheet};
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::tags;
use rand::RngExt;

/// Leads by their codes of ISO/IEEE 11073-10101, with the height of their R wave in µV.
const LEADS: [(&str, &str, i32); 12] = [
    ("2:1", "Lead I", 700),
    ("2:2", "Lead II", 1100),
    ("2:61", "Lead III", 500),
    ("2:62", "aVR", -900),
    ("2:63", "aVL", 200),
    ("2:64", "aVF", 800),
    ("2:3", "Lead V1", -500),
    ("2:4", "Lead V2", -700),
    ("2:5", "Lead V3", 300),
    ("2:6", "Lead V4", 1400),
    ("2:7", "Lead V5", 1300),
    ("2:8", "Lead V6", 1000),
];
const FREQUENCY_HZ: usize = 500;
const N_SAMPLES: usize = 5 * FREQUENCY_HZ;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let time = scene.series.start.plus(20 + scene.instance_idx * 60);
    sheet.plant_type1(tags::CONTENT_DATE, &dates::dicom_date(scene.study.date));
    sheet.type1(tags::CONTENT_TIME, time.dicom());
    sheet.plant_type1(tags::ACQUISITION_DATE_TIME, &dates::dicom_date_time(scene.study.date, time));
    sheet.items(tags::ACQUISITION_CONTEXT_SEQUENCE, 0, |_, _| {});
    annotations(scene, sheet);
    sheet.item(tags::WAVEFORM_SEQUENCE, |group| {
        group.put(tags::WAVEFORM_ORIGINALITY, "ORIGINAL");
        group.put(tags::NUMBER_OF_WAVEFORM_CHANNELS, 12_u16);
        group.put(tags::NUMBER_OF_WAVEFORM_SAMPLES, u32::try_from(N_SAMPLES).expect("a few thousand"));
        group.put(tags::SAMPLING_FREQUENCY, FREQUENCY_HZ.to_string());
        group.put(tags::MULTIPLEX_GROUP_LABEL, "RHYTHM");
        group.items(tags::CHANNEL_DEFINITION_SEQUENCE, 12, channel);
        group.put(tags::WAVEFORM_BITS_ALLOCATED, 16_u16);
        group.put(tags::WAVEFORM_SAMPLE_INTERPRETATION, "SS");
        group.put_as(tags::WAVEFORM_DATA, VR::OW, PrimitiveValue::U16(samples(scene).into()));
    });
}

fn channel(lead_idx: u32, channel: &mut Sheet<'_>) {
    let (value, meaning, _) = LEADS[lead_idx as usize];
    channel.put(tags::WAVEFORM_CHANNEL_NUMBER, number(lead_idx + 1));
    channel.put(tags::CHANNEL_LABEL, meaning);
    code(channel, tags::CHANNEL_SOURCE_SEQUENCE, value, "MDC", meaning);
    channel.put(tags::CHANNEL_SENSITIVITY, "1.25");
    code(channel, tags::CHANNEL_SENSITIVITY_UNITS_SEQUENCE, "uV", "UCUM", "microvolt");
    channel.put(tags::CHANNEL_SENSITIVITY_CORRECTION_FACTOR, "1");
    channel.put(tags::CHANNEL_BASELINE, "0");
    channel.put(tags::CHANNEL_TIME_SKEW, "0");
    channel.put(tags::WAVEFORM_BITS_STORED, 16_u16);
    channel.put(tags::FILTER_LOW_FREQUENCY, "0.05");
    channel.put(tags::FILTER_HIGH_FREQUENCY, "150");
}

/// Samples by time, all leads of one moment together.
fn samples(scene: &Scene<'_>) -> Vec<u16> {
    let rng = &mut scene.instance_stream("waveform");
    let beat = rng.random_range(330..520);
    let phase = rng.random_range(0..beat);
    (0..N_SAMPLES)
        .flat_map(|sample| {
            let at = ((sample + phase) % beat) as i32 - beat as i32 / 3;
            let noise: [i32; 12] = std::array::from_fn(|_| rng.random_range(-6..=6));
            std::array::from_fn::<u16, 12, _>(|lead| (LEADS[lead].2 * shape(at) / 800 + noise[lead]) as u16)
        })
        .collect()
}

/// Height of one beat in 1/1,000 of its R wave, `at` samples after it: P, Q, R, S and T as triangles.
fn shape(at: i32) -> i32 {
    let wave =
        |middle: i32, half_width: i32, height: i32| height * (half_width - (at - middle).abs()).max(0) / half_width;
    wave(-80, 25, 120) - wave(-12, 8, 130) + wave(0, 12, 1000) - wave(14, 10, 250) + wave(110, 45, 280)
}

/// Waveform Annotation module: what the device measured, and what people typed.
fn annotations(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.instance_stream("annotation text");
    let confirmed = Phrase::default().filler("Confirmed by ").secret(&scene.study.reading.spoken());
    let texts = [Phrase::default().clinical("Sinus rhythm"), confirmed, scene.instance_grammar().comment(rng, 2)];
    sheet.items(tags::WAVEFORM_ANNOTATION_SEQUENCE, 3, |annotation_idx, item| {
        item.phrase_secrets(tags::UNFORMATTED_TEXT_VALUE, &texts[annotation_idx as usize]);
        item.put(tags::REFERENCED_WAVEFORM_CHANNELS, PrimitiveValue::U16([1, 0].as_slice().into()));
        item.put(tags::ANNOTATION_GROUP_NUMBER, 0_u16);
    });
}
