//! Croissant metadata: what the files of a suite are, in a form that dataset tools read.
//!
//! Source: the Croissant format specification 1.0 (MLCommons), a vocabulary over schema.org.

use crate::output::Hashed;
use crate::provenance::Provenance;
use crate::report::SuiteReport;
use serde_json::{Value, json};

/// The metadata of a suite, with the hash of each file beside the DICOM folder.
pub(super) fn metadata(provenance: &Provenance, report: &SuiteReport, files: &[Hashed]) -> String {
    let mut distribution: Vec<Value> = files.iter().map(file_object).collect();
    distribution.push(json!({
        "@type": "cr:FileSet",
        "@id": "dicom",
        "name": "dicom",
        "description": "The instances, one DICOM file each; SHA256SUMS holds their hashes.",
        "encodingFormat": "application/dicom",
        "includes": "dicom/**/*.dcm",
    }));
    let description = format!(
        "Synthetic DICOM full of invented protected health information, with its ground truth: {} patients, {} \
         instances, {} planted values, {} values that must survive. Made from seed {}.",
        report.n_patients, report.n_instances, report.n_planted, report.n_retained, provenance.seed
    );
    let mut metadata = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": provenance.name,
        "description": description,
        "version": env!("CARGO_PKG_VERSION"),
        "isLiveDataset": false,
        "distribution": distribution,
        "recordSet": [truth_records()],
    });
    if let Some(license) = provenance.license {
        metadata["license"] = json!(license);
    }
    serde_json::to_string_pretty(&metadata).expect("JSON has string keys") + "\n"
}

fn file_object(file: &Hashed) -> Value {
    json!({
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "contentUrl": file.name,
        "contentSize": format!("{} B", file.n_bytes),
        "encodingFormat": encoding_format(file.name),
        "sha256": file.sha256,
    })
}

/// The media type of a file by its ending.
fn encoding_format(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "jsonl" => "application/jsonlines",
        "json" => "application/json",
        "csv" => "text/csv",
        "md" => "text/markdown",
        "db" => "application/vnd.sqlite3",
        "parquet" => "application/vnd.apache.parquet",
        "png" => "image/png",
        _ => "text/plain",
    }
}

/// One record for each claim of the truth.
fn truth_records() -> Value {
    let field = |(name, data_type, description): (&str, &str, &str)| {
        json!({
            "@type": "cr:Field",
            "@id": format!("truth/{name}"),
            "name": name,
            "description": description,
            "dataType": data_type,
            "source": { "fileObject": { "@id": "truth.parquet" }, "extract": { "column": name } },
        })
    };
    let fields = [
        ("path", "sc:Text", "The file below dicom/"),
        ("patient_id", "sc:Text", "Patient ID (0010,0020)"),
        ("sop_instance_uid", "sc:Text", "SOP Instance UID (0008,0018)"),
        ("modality", "sc:Text", "Modality (0008,0060)"),
        ("claim", "sc:Text", "planted: must go; retained: must survive"),
        ("locus", "sc:Text", "The kind of place inside the instance"),
        ("attribute", "sc:Text", "The attribute, as (gggg,eeee)[item](gggg,eeee)"),
        ("value_idx", "sc:Integer", "Which of the attribute's values, from 0"),
        ("start", "sc:Integer", "First character"),
        ("end", "sc:Integer", "Character after the last"),
        ("place", "sc:Text", "The kind of place that a planted value stands in"),
        ("label", "sc:Text", "What a planted value is"),
        ("element", "sc:Text", "Its element of 45 CFR 164.514(b)(2)(i), A to R"),
        ("retention", "sc:Text", "In what sense a value must survive"),
        ("value", "sc:Text", "The text"),
    ];
    json!({
        "@type": "cr:RecordSet",
        "@id": "truth",
        "name": "truth",
        "description": "Every value that is planted or must survive.",
        "field": fields.map(field),
    })
}

/// The vocabulary, as the specification gives it.
fn context() -> Value {
    json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "data": { "@id": "cr:data", "@type": "@json" },
        "dataType": { "@id": "cr:dataType", "@type": "@vocab" },
        "dct": "http://purl.org/dc/terms/",
        "examples": { "@id": "cr:examples", "@type": "@json" },
        "extract": "cr:extract",
        "field": "cr:field",
        "fileObject": "cr:fileObject",
        "fileProperty": "cr:fileProperty",
        "fileSet": "cr:fileSet",
        "format": "cr:format",
        "includes": "cr:includes",
        "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath",
        "key": "cr:key",
        "md5": "cr:md5",
        "parentField": "cr:parentField",
        "path": "cr:path",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex",
        "repeated": "cr:repeated",
        "replace": "cr:replace",
        "sc": "https://schema.org/",
        "separator": "cr:separator",
        "source": "cr:source",
        "subField": "cr:subField",
        "transform": "cr:transform",
    })
}
