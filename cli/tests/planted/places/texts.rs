//! Free texts that may stay: what the patient's explicit attributes say must go from them.

use super::{Place, place};
use crate::copy::Copy;
use crate::token::{MONTHS, Token};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

const GROUP: &str = "texts";
/// A second copy, for attributes that the first one uses.
const MORE: &str = "more texts";

/// Tells the patient's other name and identifier, then puts a text.
fn known(copy: &mut Copy, token: &Token, tag: Tag, vr: VR, text: &str) {
    copy.knows_name(&token.name());
    copy.knows_identifier(&token.number());
    copy.text(tag, vr, text);
}

pub(super) const PLACES: &[Place] = &[
    place(GROUP, "the study description", |copy, token| {
        known(copy, token, tags::STUDY_DESCRIPTION, VR::LO, &format!("CT chest for {}", token.spoken()));
    }),
    place(GROUP, "the series description", |copy, token| {
        known(copy, token, tags::SERIES_DESCRIPTION, VR::LO, &format!("{}_{}_axial", token.family(), token.given()));
    }),
    place(GROUP, "the protocol's name", |copy, token| {
        known(copy, token, tags::PROTOCOL_NAME, VR::LO, &format!("Thorax{}{}", token.given(), token.family()));
    }),
    place(GROUP, "image comments", |copy, token| {
        let text = format!("{} moved; MRN {}", token.family().to_uppercase(), token.number());
        known(copy, token, tags::IMAGE_COMMENTS, VR::LT, &text);
    }),
    place(GROUP, "the patient's comments and history", |copy, token| {
        known(copy, token, tags::PATIENT_COMMENTS, VR::LT, &format!("{} fell", token.spoken()));
        let history = format!("asthma; {}, {} was seen here", token.family(), token.given());
        copy.text(tags::ADDITIONAL_PATIENT_HISTORY, VR::LT, &history);
    }),
    place(GROUP, "comments on the study, series, visit and request", |copy, token| {
        known(copy, token, Tag(0x0032, 0x4000), VR::LT, &format!("asked by {}", token.spoken()));
        copy.text(Tag(0x0038, 0x4000), VR::LT, &format!("bed of {}", token.family()));
        copy.text(Tag(0x0040, 0x1400), VR::LT, &format!("{} again", token.number()));
    }),
    place(GROUP, "reasons and descriptions of procedures", |copy, token| {
        known(copy, token, Tag(0x0032, 0x1030), VR::LO, &format!("fall of {}", token.given()));
        copy.text(tags::REQUESTED_PROCEDURE_DESCRIPTION, VR::LO, &format!("knee, {}", token.family()));
        copy.text(tags::PERFORMED_PROCEDURE_STEP_DESCRIPTION, VR::LO, &format!("{} knee", token.spoken()));
    }),
    place(GROUP, "the description of a derivation", |copy, token| {
        let text = format!("MPR\r\n{}\r\n{}\r\n", token.family(), token.given());
        known(copy, token, tags::DERIVATION_DESCRIPTION, VR::ST, &text);
    }),
    place(GROUP, "allergies, alerts and special needs", |copy, token| {
        known(copy, token, Tag(0x0010, 0x2110), VR::LO, &format!("none, says {}", token.spoken()));
        copy.text(Tag(0x0010, 0x2000), VR::LO, &format!("call {}", token.given()));
        copy.text(Tag(0x0038, 0x0050), VR::LO, &format!("{} is deaf", token.family()));
    }),
    place(GROUP, "a kernel, a position, a filter: technical texts", |copy, token| {
        known(copy, token, tags::CONVOLUTION_KERNEL, VR::SH, &token.family());
        copy.text(tags::FILTER_TYPE, VR::SH, &token.given());
        copy.text(tags::SEQUENCE_NAME, VR::SH, &token.family());
        copy.text(tags::ACQUISITION_DEVICE_PROCESSING_DESCRIPTION, VR::LO, &token.spoken());
    }),
    place(GROUP, "software versions, model and manufacturer", |copy, token| {
        known(copy, token, tags::SOFTWARE_VERSIONS, VR::LO, &format!("VA40\\{}", token.spoken()));
        copy.text(tags::MANUFACTURER_MODEL_NAME, VR::LO, &format!("Scanner of {}", token.family()));
        copy.text(tags::MANUFACTURER, VR::LO, &token.given());
    }),
    place(GROUP, "a code that is a name", |copy, token| {
        known(copy, token, tags::BODY_PART_EXAMINED, VR::CS, &token.family().to_uppercase());
        copy.text(tags::IMAGE_TYPE, VR::CS, &format!("ORIGINAL\\PRIMARY\\{}", token.given().to_uppercase()));
    }),
    place(GROUP, "unlimited characters, unlimited text and a locator", |copy, token| {
        known(copy, token, tags::TEXT_VALUE, VR::UT, &format!("{} has no effusion", token.spoken()));
        copy.text(Tag(0x0008, 0x0119), VR::UC, &format!("lung of {}", token.family()));
        copy.text(Tag(0x0040, 0xE010), VR::UR, &format!("http://example.org/{}", token.family()));
    }),
    place(GROUP, "a number with separators and leading zeros", |copy, token| {
        let number = token.number();
        let text = format!("id {}-{}-{} and 000{number}", &number[..3], &number[3..6], &number[6..]);
        known(copy, token, tags::CONTRAST_BOLUS_AGENT, VR::LO, &text);
    }),
    place(MORE, "a name in another order, glued, and in small letters", |copy, token| {
        let (family, given) = (token.family().to_lowercase(), token.given().to_lowercase());
        let text = format!("{family}{given}, {given}.{family}, {}_{family}", &given[..1]);
        known(copy, token, tags::IMAGE_COMMENTS, VR::LT, &text);
    }),
    place(MORE, "staff, institution and accession number in text", |copy, token| {
        copy.text(tags::OPERATORS_NAME, VR::PN, &token.name());
        copy.text(tags::INSTITUTION_NAME, VR::LO, &format!("{} Memorial", token.family()));
        copy.text(tags::ACCESSION_NUMBER, VR::SH, &token.number());
        let text = format!("by {}, {} Memorial, {}", token.spoken(), token.family(), token.number());
        copy.text(tags::STUDY_DESCRIPTION, VR::LO, &text);
    }),
    place(MORE, "the address and the telephone number in text", |copy, token| {
        copy.text(tags::PATIENT_ADDRESS, VR::LO, &format!("12 {} Street", token.family()));
        copy.text(tags::PATIENT_TELEPHONE_NUMBERS, VR::SH, &token.number());
        let text = format!("lives at 12 {} street, call {}", token.family().to_lowercase(), token.number());
        copy.text(tags::ADDITIONAL_PATIENT_HISTORY, VR::LT, &text);
    }),
    place(MORE, "a relative who has a role in text", |copy, token| {
        let text = format!("accompanied by his wife {} {}", token.given(), token.family());
        copy.text(tags::PATIENT_COMMENTS, VR::LT, &text);
    }),
    place(MORE, "an e-mail address and a web address in text", |copy, token| {
        let text = format!("{}@example.org, http://{}.example.org/x", token.family(), token.given());
        copy.text(Tag(0x0032, 0x4000), VR::LT, &text);
    }),
    place(MORE, "a record number that only a keyword tells", |copy, token| {
        copy.text(Tag(0x0040, 0x1400), VR::LT, &format!("MRN: {} needs help", token.number()));
    }),
    place(MORE, "dates in text: figures", |copy, token| {
        let (year, month, day) = token.date();
        let text = format!(
            "prior {}, {year}-{month:02}-{day:02}, {day:02}.{month:02}.{year}, {month:02}/{day:02}/{year}",
            token.dicom_date()
        );
        copy.text(tags::DERIVATION_DESCRIPTION, VR::ST, &text);
    }),
    place(MORE, "dates in text: words", |copy, token| {
        let (year, month, day) = token.date();
        let name = MONTHS[usize::try_from(month).expect("small") - 1];
        let text = format!("since {day} {name} {year}, {name} {day}, {year}, {day}-{}-{year}", &name[..3]);
        copy.text(Tag(0x0010, 0x2000), VR::LO, &text);
    }),
    place(MORE, "the date of birth in text", |copy, token| {
        let (year, month, day) = token.date();
        copy.text(tags::PATIENT_BIRTH_DATE, VR::DA, &token.dicom_date());
        copy.text(tags::SERIES_DESCRIPTION, VR::LO, &format!("born {month:02}/{day:02}/{year} {}", token.dicom_date()));
    }),
    place(MORE, "a UID in text", |copy, token| {
        copy.text(Tag(0x0032, 0x1030), VR::LO, &format!("see {}", token.uid()));
    }),
    place(MORE, "a text of many kilobytes", |copy, token| {
        copy.knows_name(&token.name());
        let filler = "lungs are clear. ".repeat(4000);
        copy.text(tags::TEXT_VALUE, VR::UT, &format!("{filler}{}{filler}", token.spoken()));
    }),
    place(MORE, "each value of a list", |copy, token| {
        copy.knows_name(&token.name());
        copy.text(tags::SOFTWARE_VERSIONS, VR::LO, &format!("A\\{}\\B\\{}", token.family(), token.given()));
    }),
    place(MORE, "the groups of a name that is kept for its form", |copy, token| {
        copy.text(tags::REFERRING_PHYSICIAN_NAME, VR::PN, &format!("={}={}", token.name(), token.given()));
        copy.text(tags::PATIENT_BIRTH_NAME, VR::PN, &format!("A^B^C^D^E={}^^^Dr^Jr", token.family()));
    }),
];
