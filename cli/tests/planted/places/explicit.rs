//! Attributes whose values identify by what they are: the rules must take them whatever they say.

use super::{Place, alone, place};
use crate::copy::{sequence, text};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

const GROUP: &str = "explicit";

pub(super) const PLACES: &[Place] = &[
    alone("the patient's name", |copy, token| copy.text(tags::PATIENT_NAME, VR::PN, &token.name())),
    alone("the patient's identifier", |copy, token| copy.text(tags::PATIENT_ID, VR::LO, &token.number())),
    place(GROUP, "the issuer of the identifier", |copy, token| {
        copy.text(tags::ISSUER_OF_PATIENT_ID, VR::LO, &token.family());
    }),
    place(GROUP, "other identifiers", |copy, token| copy.knows_identifier(&token.number())),
    place(GROUP, "other identifiers, as a sequence", |copy, token| {
        copy.put(sequence(
            tags::OTHER_PATIENT_I_DS_SEQUENCE,
            [vec![
                text(tags::PATIENT_ID, VR::LO, &token.number()),
                text(tags::ISSUER_OF_PATIENT_ID, VR::LO, &token.family()),
            ]],
        ));
    }),
    place(GROUP, "other names", |copy, token| copy.knows_name(&token.name())),
    place(GROUP, "the name at birth", |copy, token| copy.text(tags::PATIENT_BIRTH_NAME, VR::PN, &token.name())),
    place(GROUP, "the mother's name", |copy, token| copy.text(tags::PATIENT_MOTHER_BIRTH_NAME, VR::PN, &token.name())),
    place(GROUP, "the date of birth", |copy, token| copy.text(tags::PATIENT_BIRTH_DATE, VR::DA, &token.dicom_date())),
    place(GROUP, "the address", |copy, token| {
        copy.text(tags::PATIENT_ADDRESS, VR::LO, &format!("12 {} Street, {}", token.family(), token.given()));
    }),
    place(GROUP, "the telephone numbers", |copy, token| {
        copy.text(tags::PATIENT_TELEPHONE_NUMBERS, VR::SH, &token.number());
    }),
    place(GROUP, "the telecommunication information", |copy, token| {
        copy.text(Tag(0x0010, 0x2155), VR::LT, &format!("{}@example.org", token.family()));
    }),
    place(GROUP, "region and country of residence", |copy, token| {
        copy.text(tags::REGION_OF_RESIDENCE, VR::LO, &token.family());
        copy.text(tags::COUNTRY_OF_RESIDENCE, VR::LO, &token.given());
    }),
    place(GROUP, "military rank and branch of service", |copy, token| {
        copy.text(tags::MILITARY_RANK, VR::LO, &token.family());
        copy.text(tags::BRANCH_OF_SERVICE, VR::LO, &token.given());
    }),
    place(GROUP, "the occupation", |copy, token| {
        copy.knows_name(&token.name());
        copy.text(tags::OCCUPATION, VR::SH, &token.family());
    }),
    place(GROUP, "the religious preference", |copy, token| {
        copy.text(tags::PATIENT_RELIGIOUS_PREFERENCE, VR::LO, &token.family());
    }),
    place(GROUP, "the locator of the medical record", |copy, token| {
        copy.text(Tag(0x0010, 0x1090), VR::LO, &format!("shelf {} {}", token.number(), token.family()));
    }),
    place(GROUP, "the insurance plan", |copy, token| copy.text(Tag(0x0010, 0x1050), VR::LO, &token.number())),
    place(GROUP, "the responsible person and organization", |copy, token| {
        copy.text(tags::RESPONSIBLE_PERSON, VR::PN, &token.name());
        copy.text(tags::RESPONSIBLE_ORGANIZATION, VR::LO, &format!("{} Trust", token.given()));
    }),
    place(GROUP, "where the patient is and lives", |copy, token| {
        copy.text(tags::CURRENT_PATIENT_LOCATION, VR::LO, &format!("ward {}", token.family()));
        copy.text(tags::PATIENT_INSTITUTION_RESIDENCE, VR::LO, &token.given());
    }),
    place(GROUP, "the referring physician, with address and telephone", |copy, token| {
        copy.text(tags::REFERRING_PHYSICIAN_NAME, VR::PN, &token.name());
        copy.text(tags::REFERRING_PHYSICIAN_ADDRESS, VR::ST, &format!("3 {} Square", token.family()));
        copy.text(tags::REFERRING_PHYSICIAN_TELEPHONE_NUMBERS, VR::SH, &token.number());
    }),
    place(GROUP, "the performing physician", |copy, token| {
        copy.text(tags::PERFORMING_PHYSICIAN_NAME, VR::PN, &token.name());
    }),
    place(GROUP, "the operators", |copy, token| copy.text(tags::OPERATORS_NAME, VR::PN, &token.name())),
    place(GROUP, "the physicians of record and those who read", |copy, token| {
        copy.text(tags::PHYSICIANS_OF_RECORD, VR::PN, &token.name());
        copy.text(tags::NAME_OF_PHYSICIANS_READING_STUDY, VR::PN, &token.spoken());
    }),
    place(GROUP, "the requesting physician and service", |copy, token| {
        copy.text(tags::REQUESTING_PHYSICIAN, VR::PN, &token.name());
        copy.text(tags::REQUESTING_SERVICE, VR::LO, &format!("{} service", token.given()));
    }),
    place(GROUP, "the consulting physician", |copy, token| {
        copy.text(tags::CONSULTING_PHYSICIAN_NAME, VR::PN, &token.name());
    }),
    place(GROUP, "physicians by identification codes", |copy, token| {
        copy.put(sequence(
            tags::PERFORMING_PHYSICIAN_IDENTIFICATION_SEQUENCE,
            [vec![
                sequence(
                    tags::PERSON_IDENTIFICATION_CODE_SEQUENCE,
                    [vec![
                        text(tags::CODE_VALUE, VR::SH, &token.number()),
                        text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "99LOCAL"),
                        text(tags::CODE_MEANING, VR::LO, &token.spoken()),
                    ]],
                ),
                text(tags::PERSON_ADDRESS, VR::ST, &token.family()),
                text(tags::PERSON_TELEPHONE_NUMBERS, VR::LO, &token.number()),
            ]],
        ));
    }),
    place(GROUP, "authors, creators and reviewers", |copy, token| {
        copy.text(tags::CONTENT_CREATOR_NAME, VR::PN, &token.name());
        copy.text(Tag(0x300E, 0x0008), VR::PN, &token.name());
        copy.text(Tag(0x4008, 0x010C), VR::PN, &token.name());
        copy.text(Tag(0x0070, 0x0084), VR::PN, &token.name());
    }),
    place(GROUP, "recipients of results", |copy, token| {
        copy.text(tags::NAMES_OF_INTENDED_RECIPIENTS_OF_RESULTS, VR::PN, &token.name());
    }),
    place(GROUP, "the institution, with address and department", |copy, token| {
        copy.text(tags::INSTITUTION_NAME, VR::LO, &format!("{} {} Hospital", token.family(), token.given()));
        copy.text(tags::INSTITUTION_ADDRESS, VR::ST, &format!("9 {} Lane", token.family()));
        copy.text(tags::INSTITUTIONAL_DEPARTMENT_NAME, VR::LO, &format!("{} unit", token.given()));
    }),
    // Names of stations stay under the option Retain Device Identity, but not where they name the patient.
    place(GROUP, "the station's name", |copy, token| {
        copy.knows_name(&token.name());
        copy.text(tags::STATION_NAME, VR::SH, &token.family());
    }),
    place(GROUP, "names of scheduled and performed stations", |copy, token| {
        copy.text(tags::SCHEDULED_STATION_NAME, VR::SH, &token.family());
        copy.text(tags::PERFORMED_STATION_NAME, VR::SH, &token.given());
        copy.text(tags::PERFORMED_LOCATION, VR::SH, &token.number());
        copy.knows_name(&token.name());
        copy.knows_identifier(&token.number());
    }),
    place(GROUP, "application entity titles", |copy, token| {
        copy.text(tags::RETRIEVE_AE_TITLE, VR::AE, &token.family());
        copy.text(tags::SCHEDULED_STATION_AE_TITLE, VR::AE, &token.given());
        copy.text(tags::PERFORMED_STATION_AE_TITLE, VR::AE, &token.number());
    }),
    place(GROUP, "the accession number", |copy, token| copy.text(tags::ACCESSION_NUMBER, VR::SH, &token.number())),
    place(GROUP, "the study's identifier", |copy, token| copy.text(tags::STUDY_ID, VR::SH, &token.number())),
    place(GROUP, "identifiers of admission, visit and service episode", |copy, token| {
        copy.text(tags::ADMISSION_ID, VR::LO, &token.number());
        copy.text(Tag(0x0038, 0x0060), VR::LO, &token.family());
        copy.text(Tag(0x0038, 0x0062), VR::LO, &format!("ward of {}", token.given()));
        copy.knows_name(&token.name());
    }),
    place(GROUP, "identifiers of orders and procedure steps", |copy, token| {
        copy.text(tags::REQUESTED_PROCEDURE_ID, VR::SH, &token.number());
        copy.text(tags::SCHEDULED_PROCEDURE_STEP_ID, VR::SH, &token.family());
        copy.text(tags::PERFORMED_PROCEDURE_STEP_ID, VR::SH, &token.given());
        copy.text(tags::PLACER_ORDER_NUMBER_IMAGING_SERVICE_REQUEST, VR::LO, &token.number());
        copy.text(tags::FILLER_ORDER_NUMBER_IMAGING_SERVICE_REQUEST, VR::LO, &token.number());
    }),
    place(GROUP, "who entered an order, and where", |copy, token| {
        copy.text(Tag(0x0040, 0x2008), VR::PN, &token.name());
        copy.text(Tag(0x0040, 0x2009), VR::SH, &token.given());
        copy.text(Tag(0x0040, 0x2010), VR::SH, &token.number());
    }),
    place(GROUP, "instance UIDs, and UIDs that hold a record number", |copy, token| {
        copy.text(tags::FRAME_OF_REFERENCE_UID, VR::UI, &token.uid());
        copy.text(tags::CONCATENATION_UID, VR::UI, &format!("1.2.840.113619.2.{}", token.number()));
        copy.text(tags::INSTANCE_CREATOR_UID, VR::UI, &format!("1.3.6.1.4.1.{}", token.number()));
    }),
    alone("UIDs of study and series", |copy, token| {
        copy.text(tags::STUDY_INSTANCE_UID, VR::UI, &token.uid());
        copy.text(tags::SERIES_INSTANCE_UID, VR::UI, &format!("{}.1", token.uid()));
    }),
    place(GROUP, "a UID that only looks registered", |copy, token| {
        copy.text(tags::DIMENSION_ORGANIZATION_UID, VR::UI, &format!("1.2.840.10008.{}", token.number()));
    }),
    place(GROUP, "dates of study, series and acquisition", |copy, token| {
        for tag in [tags::STUDY_DATE, tags::SERIES_DATE, tags::ACQUISITION_DATE, tags::CONTENT_DATE] {
            copy.text(tag, VR::DA, &token.dicom_date());
        }
    }),
    place(GROUP, "dates with times and offsets", |copy, token| {
        copy.text(tags::ACQUISITION_DATE_TIME, VR::DT, &format!("{}101530.25+0130", token.dicom_date()));
        copy.text(Tag(0x0018, 0x9074), VR::DT, &format!("{}10", token.dicom_date()));
    }),
    place(GROUP, "dates of admission, orders, calibration and pregnancy", |copy, token| {
        for tag in [
            Tag(0x0038, 0x0020),
            Tag(0x0040, 0x2004),
            tags::DATE_OF_LAST_CALIBRATION,
            tags::LAST_MENSTRUAL_DATE,
            tags::DATE_OF_SECONDARY_CAPTURE,
        ] {
            copy.text(tag, VR::DA, &token.dicom_date());
        }
    }),
    place(GROUP, "identifiers of plates, cassettes, gantries and detectors", |copy, token| {
        copy.text(tags::PLATE_ID, VR::LO, &token.number());
        copy.text(tags::CASSETTE_ID, VR::LO, &token.number());
        copy.text(tags::GANTRY_ID, VR::LO, &token.number());
        copy.knows_identifier(&token.number());
    }),
    place(GROUP, "clinical trial: site, subject and sponsor", |copy, token| {
        copy.text(tags::CLINICAL_TRIAL_SITE_NAME, VR::LO, &token.family());
        copy.text(tags::CLINICAL_TRIAL_SUBJECT_READING_ID, VR::LO, &token.number());
        copy.text(tags::CLINICAL_TRIAL_COORDINATING_CENTER_NAME, VR::LO, &token.given());
    }),
    place(GROUP, "identifiers of specimens and containers", |copy, token| {
        copy.text(Tag(0x0040, 0x0512), VR::LO, &token.number());
        copy.put(sequence(
            Tag(0x0040, 0x0560),
            [vec![text(Tag(0x0040, 0x0551), VR::LO, &token.number()), text(Tag(0x0040, 0x0554), VR::UI, &token.uid())]],
        ));
    }),
    place(GROUP, "the network identifier and the URL of a retrieval", |copy, token| {
        copy.text(Tag(0x0008, 0x1190), VR::UR, &format!("http://{}.example.org/{}", token.family(), token.number()));
        copy.text(Tag(0x0008, 0x1000), VR::AE, &token.given());
    }),
    place(GROUP, "film consumers and topics", |copy, token| {
        copy.knows_name(&token.name());
        copy.text(Tag(0x2200, 0x0002), VR::UT, &format!("disc of {}", token.spoken()));
        copy.text(Tag(0x2100, 0x0160), VR::SH, &token.family());
        copy.text(Tag(0x0088, 0x0904), VR::LO, &token.number());
    }),
];
