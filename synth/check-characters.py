"""Reads every instance of a suite with pydicom and compares each planted value with the truth.

Usage: check-characters.py SUITE
Prints how many values were compared for each Specific Character Set, and how many texts have as many values and
characters as PS3.6 and PS3.5 section 6.2 allow, which count characters and not bytes; ends with 1 if any differs.
"""

import collections
import json
import pathlib
import sys
import warnings

import pydicom


def walk(data_set, path):
    """The element at a path of the truth, or None for what this script does not follow."""
    element = None
    for step in path:
        if isinstance(step, int):
            data_set = element.value[step]
        else:
            element = data_set.get(step)
            if element is None:
                return None
    return element


def steps(path):
    """(gggg,eeee)[n](gggg,eeee) as tags and indices; None where a private attribute is on the way."""
    found = []
    for part in path.replace("[", "|[").replace("(", "|(").split("|"):
        if part.startswith("["):
            found.append(int(part.strip("[]<>")))
        elif part.startswith("("):
            tag = part.strip("()").split(",")
            if len(tag) != 2:
                return None
            found.append((int(tag[0], 16), int(tag[1], 16)))
    return found


def texts(element):
    values = element.value if isinstance(element.value, (list, pydicom.multival.MultiValue)) else [element.value]
    return [str(value).strip(" \0") for value in values]


# Most characters of a value; of a name they are those of a component group.
LONGEST = {"SH": 16, "LO": 64, "PN": 64, "ST": 1024, "LT": 10240}


def misfits(data_set):
    """The standard text elements at any depth, and those of them that are too long or have too many values."""
    n_texts, found = 0, []
    for element in data_set.iterall():
        if element.VR not in LONGEST or element.tag.is_private or not pydicom.datadict.dictionary_has_tag(element.tag):
            continue
        n_texts += 1
        parts = [part for text in texts(element) for part in (text.split("=") if element.VR == "PN" else [text])]
        is_single = pydicom.datadict.dictionary_VM(element.tag) == "1"
        if any(len(part) > LONGEST[element.VR] for part in parts) or (is_single and element.VM > 1):
            found.append(element.keyword)
    return n_texts, found


def main(suite):
    counts, faults, n_texts, n_misfits = collections.Counter(), 0, 0, 0
    for line in (suite / "truth.jsonl").open(encoding="utf-8"):
        record = json.loads(line)
        data_set = pydicom.dcmread(suite / "dicom" / record["instance"]["path"])
        n_of_instance, wrong = misfits(data_set)
        n_texts, n_misfits = n_texts + n_of_instance, n_misfits + len(wrong)
        for keyword in wrong:
            print(f"{record['instance']['path']}: {keyword} does not fit", file=sys.stderr)
        declared = data_set.get("SpecificCharacterSet", "")
        sets = declared if isinstance(declared, str) else "\\".join(declared)
        # Text is decoded as it is asked for; decode() would cut names at an 0x3D within a Kanji (綾).
        for planted in record["planted"]:
            locus = planted["locus"]
            kind = locus.get("kind") or next(iter(locus))
            inner = locus if "path" in locus else locus.get(kind)
            if not isinstance(inner, dict) or "path" not in inner:
                continue
            path = steps(inner["path"])
            element = walk(data_set, path) if path else None
            if element is None or element.VR in ("UN", "SQ"):
                continue
            found = texts(element)
            if "start" in inner:
                found = [found[inner["value_idx"]][inner["start"] : inner["end"]]]
            counts[sets] += 1
            # pydicom drops what is empty at the end of a name, and so does the truth.
            if found != [planted["value"].strip(" ")]:
                faults += 1
                print(f"{sets}: {inner['path']} {planted['label']} differs", file=sys.stderr)
    for sets, n_values in sorted(counts.items()):
        print(f"{sets or 'none'}: {n_values} values")
    print(f"{sum(counts.values())} values compared, {faults} differ")
    print(f"{n_texts} texts of standard attributes, {n_misfits} longer or more than allowed")
    return 1 if faults or n_misfits else 0


warnings.simplefilter("ignore")
# Private attributes whose VR pydicom thinks to know better are left as they are.
pydicom.config.convert_wrong_length_to_UN = True
sys.exit(main(pathlib.Path(sys.argv[1])))
