"""Compiles the out-of-template texts from their markup to text records, and checks them.

Usage: compile.py [--bare FILE] [FOLDER]
Reads strings.txt of the folder and writes FOLDER.jsonl there, and prints the tables of README.md; without a folder those
beside this script, which must also be as many and as varied as its README says.
With --bare, also writes the texts without their labels, for a labeller who must not see them.
Ends with 1, and writes nothing, if any check fails; the messages name lines of strings.txt.

A line of strings.txt is `locale modality keyword :: text`. The keyword is one of ATTRIBUTES, `file` for the name of a
file, or `(gggg,"creator",ee) VR` for a private attribute. In the text, `[[LABEL|words]]` is a span,
`[[ORGANIZATION:A|words]]` an employer or a school, and a pilcrow stands for the end of a line.
"""

import argparse
import collections
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent
FORMAT_VERSION = 1
MINIMUM_SPANS_OF_A_LABEL = 12
MINIMUM_TEXTS = 400
MINIMUM_TEXTS_WITHOUT_SPANS = 150
MAXIMUM_TEXTS_OF_ONE_SKELETON = 3

# What each label may be, as `hipaa.rs` and the conventions have it; the first is what stands for no element given.
ELEMENTS = {
    "NAME": "A", "LOCATION": "B", "ORGANIZATION": "BA", "DATE": "C", "AGE_OVER_89": "C", "PHONE": "D", "FAX": "E",
    "EMAIL": "F", "SSN": "G", "MRN": "H", "HEALTH_PLAN_ID": "I", "ACCOUNT": "J", "LICENSE": "K", "VEHICLE": "L",
    "DEVICE_ID": "M", "URL": "N", "IP": "O", "BIOMETRIC": "P", "OTHER_ID": "R",
}

# Keyword to tag and VR (PS3.6).
ATTRIBUTES = {
    "AcquisitionComments": ("(0018,4000)", "LT"),
    "AcquisitionDeviceProcessingDescription": ("(0018,1400)", "LO"),
    "AcquisitionProtocolDescription": ("(0018,9424)", "LT"),
    "AdditionalPatientHistory": ("(0010,21b0)", "LT"),
    "AdmittingDiagnosesDescription": ("(0008,1080)", "LO"),
    "Allergies": ("(0010,2110)", "LO"),
    "CommentsOnThePerformedProcedureStep": ("(0040,0280)", "ST"),
    "ConfidentialityConstraintOnPatientDataDescription": ("(0040,3001)", "LO"),
    "ContentDescription": ("(0070,0081)", "LO"),
    "ContributionDescription": ("(0018,a003)", "ST"),
    "ConvolutionKernel": ("(0018,1210)", "SH"),
    "DerivationDescription": ("(0008,2111)", "ST"),
    "DetectorDescription": ("(0018,7006)", "LT"),
    "EncapsulatedDocument": ("(0042,0011)", "OB"),
    "FrameComments": ("(0020,9158)", "LT"),
    "ImageComments": ("(0020,4000)", "LT"),
    "ImagingServiceRequestComments": ("(0040,2400)", "LT"),
    "Impressions": ("(4008,0300)", "ST"),
    "InterpretationText": ("(4008,010b)", "ST"),
    "MedicalAlerts": ("(0010,2000)", "LO"),
    "Occupation": ("(0010,2180)", "SH"),
    "PatientComments": ("(0010,4000)", "LT"),
    "PatientState": ("(0038,0500)", "LO"),
    "PerformedProcedureStepDescription": ("(0040,0254)", "LO"),
    "PersonName": ("(0040,a123)", "PN"),
    "PixelData": ("(7fe0,0010)", "OW"),
    "ProtocolName": ("(0018,1030)", "LO"),
    "ReasonForStudy": ("(0032,1030)", "LO"),
    "ReasonForTheRequestedProcedure": ("(0040,1002)", "LO"),
    "RequestedProcedureComments": ("(0040,1400)", "LT"),
    "RequestedProcedureDescription": ("(0032,1060)", "LO"),
    "ResultsComments": ("(4008,4000)", "ST"),
    "ScheduledProcedureStepDescription": ("(0040,0007)", "LO"),
    "SeriesDescription": ("(0008,103e)", "LO"),
    "SpecialNeeds": ("(0038,0050)", "LO"),
    "StudyComments": ("(0032,4000)", "LT"),
    "StudyDescription": ("(0008,1030)", "LO"),
    "TextValue": ("(0040,a160)", "UT"),
    "UnformattedTextValue": ("(0070,0006)", "ST"),
    "VisitComments": ("(0038,4000)", "LT"),
}

# Characters that a value may have (PS3.5 section 6.2).
MAXIMUM_CHARACTERS = {"SH": 16, "LO": 64, "PN": 194, "ST": 1024, "LT": 10240}

LINE = re.compile(r"([a-z]{2}_[A-Z]{2}) ([A-Z]{2,8}) (.+?) :: (.+)")
PRIVATE = re.compile(r'(\([0-9a-f]{4},"[^"]+",[0-9a-f]{2}\)) ([A-Z]{2})')
# A word or a mark: no tokenizer of word pieces makes fewer of a text.
TOKEN = re.compile(r"\w+|[^\w\s]")
MARK = re.compile(r"\[\[([A-Z_0-9]+)(?::([A-Z]))?\|(.*?)\]\]")


def context(locale, modality, place, index):
    """Where a text stands; raises ValueError for an unknown place."""
    private = PRIVATE.fullmatch(place)
    if place == "file":
        attribute, keyword, vr = None, "", None
    elif private:
        attribute, keyword, vr = private[1], "", private[2]
    elif place in ATTRIBUTES:
        keyword, (attribute, vr) = place, ATTRIBUTES[place]
    else:
        raise ValueError(f"unknown keyword {place}")
    return {"attribute": attribute, "keyword": keyword, "vr": vr, "modality": modality, "locale": locale,
            "patient": index}


def without_marks(marked):
    """The text and its spans; raises ValueError for a wrong label, a blank at an edge or a mark left over."""
    text, spans, read = "", [], 0
    for mark in MARK.finditer(marked):
        label, element, words = mark.groups()
        if label not in ELEMENTS:
            raise ValueError(f"unknown label {label}")
        element = element or ELEMENTS[label][0]
        if element not in ELEMENTS[label]:
            raise ValueError(f"{label} is not of element {element}")
        if not words or words != words.strip():
            raise ValueError(f"empty span or a blank at its edge: {label}")
        text += marked[read:mark.start()]
        spans.append({"start": len(text), "end": len(text) + len(words), "label": label, "element": element,
                      "is_known": False})
        text += words
        read = mark.end()
    text += marked[read:]
    if "[[" in text or "]]" in text or re.search(r"\b(" + "|".join(ELEMENTS) + r")(:A)?\|", text):
        raise ValueError("markup left")
    return text, spans


def check(record):
    """Raises ValueError unless the record is as the conventions and PS3.5 have it."""
    text, place = record["text"], record["context"]
    end = 0
    for span in record["spans"]:
        if not end <= span["start"] < span["end"] <= len(text):
            raise ValueError("spans overlap or leave the text")
        end = span["end"]
    if len(text) > MAXIMUM_CHARACTERS.get(place["vr"], len(text)):
        raise ValueError(f"{len(text)} characters are too many for {place['vr']}")
    if json.loads(json.dumps(record, ensure_ascii=False)) != record:
        raise ValueError("does not come back from JSON")


def skeleton(text, spans):
    """The text without its secrets, digits and case: texts with the same one are of one template."""
    bare, read = "", 0
    for span in spans:
        bare += text[read:span["start"]] + "*"
        read = span["end"]
    bare += text[read:]
    return re.sub(r"[\d\W_]+", " ", bare.replace("*", " SECRET ")).casefold().strip()


def records(lines):
    """Every line as a record, and what is wrong, each with the number of its line."""
    found, wrong, texts = [], [], set()
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            parts = LINE.fullmatch(line)
            if not parts:
                raise ValueError("not `locale modality keyword :: text`")
            text, spans = without_marks(parts[4].replace("¶", "\n"))
            if text in texts:
                raise ValueError("the text stands there twice")
            texts.add(text)
            record = {"format_version": FORMAT_VERSION, "index": len(found), "text": text, "spans": spans,
                      "negatives": [], "context": context(parts[1], parts[2], parts[3], len(found))}
            check(record)
            found.append(record)
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
    return found, wrong


def check_together(found):
    """What is wrong with the set as a whole."""
    labels = collections.Counter(span["label"] for record in found for span in record["spans"])
    wrong = [f"{label}: {labels[label]} spans" for label in ELEMENTS if labels[label] < MINIMUM_SPANS_OF_A_LABEL]
    n_without = sum(not record["spans"] for record in found)
    if len(found) < MINIMUM_TEXTS or n_without < MINIMUM_TEXTS_WITHOUT_SPANS:
        wrong.append(f"{len(found)} texts, {n_without} without spans")
    alike = collections.Counter(skeleton(record["text"], record["spans"]) for record in found)
    wrong += [f"{n} texts of one skeleton: {words!r}" for words, n in alike.items()
              if n > MAXIMUM_TEXTS_OF_ONE_SKELETON and words]
    return wrong


def table(title, counts):
    """A Markdown table of counts."""
    rows = "\n".join(f"| {word} | {n:,} |" for word, n in counts)
    return f"| {title} | number |\n|---|---:|\n{rows}\n"


def print_tables(found):
    """Prints what README.md holds."""
    spans = [span for record in found for span in record["spans"]]
    words = [len(record["text"].split()) for record in found]
    n_tokens = [len(TOKEN.findall(record["text"])) for record in found]
    print(table("set", [
        ("texts", len(found)), ("texts without spans", sum(not record["spans"] for record in found)),
        ("spans", len(spans)), ("characters", sum(len(record["text"]) for record in found)),
        ("texts of 100 words and more", sum(n >= 100 for n in words)),
        ("texts of more than 512 tokens", sum(n > 512 for n in n_tokens)),
        ("texts in other languages than English",
         sum(not record["context"]["locale"].startswith("en") for record in found)),
    ]))
    labels = collections.Counter(span["label"] for span in spans)
    print(table("label", [(label, labels[label]) for label in ELEMENTS]))
    elements = collections.Counter(span["element"] for span in spans)
    print(table("element", sorted(elements.items())))
    locales = collections.Counter(record["context"]["locale"] for record in found)
    print(table("locale", sorted(locales.items())))


def main():
    """Checks, writes and prints; the exit code."""
    parser = argparse.ArgumentParser(description="Compiles strings.txt to text records.")
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=HERE, help="where strings.txt lies")
    parser.add_argument("--bare", type=pathlib.Path, help="write the texts without their labels here")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    lines = (folder / "strings.txt").read_text(encoding="utf-8").splitlines()
    found, wrong = records(lines)
    if folder == HERE.resolve():
        wrong += check_together(found)
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    with open(folder / f"{folder.name}.jsonl", "w", encoding="utf-8", newline="\n") as out:
        for record in found:
            out.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
    if arguments.bare:
        with open(arguments.bare, "w", encoding="utf-8", newline="\n") as out:
            for record in found:
                bare = {"id": record["index"], "text": record["text"], "keyword": record["context"]["keyword"]}
                out.write(json.dumps(bare, ensure_ascii=False) + "\n")
    print_tables(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
