#!/usr/bin/env python3
"""Compares the results of a run with those of a second run over them, element by element, and counts what differs.

usage: scripts/compare-again.py FIRST-OUT SECOND-OUT SECOND-RUN

SECOND-RUN holds the crosswalk of the second run (`efface deid FIRST-OUT SECOND-OUT --run SECOND-RUN --crosswalk`).
UIDs, dates, also in texts, and the codes that stand for names and identifiers are mapped once more; everything else
must be the same.
Needs pydicom. Ends with 1 when something differs.
"""

import collections
import csv
import json
import pathlib
import re
import sys
import warnings

import pydicom

CODES = [re.compile(pattern) for pattern in (r"EFF-[0-9A-Z]{16}", r"ANON-[0-9A-Z]{8}", r"2\.25\.[0-9]{1,39}")]


def flatten(data_set, parent, into):
    """Every element by its path, with its VR and its bytes."""
    for tag in data_set.keys():
        path = f"{parent}({tag.group:04x},{tag.element:04x})"
        raw = data_set.get_item(tag)
        element = data_set[tag]
        if element.VR == "SQ":
            into[path] = ("SQ", len(element.value))
            for item_idx, item in enumerate(element.value):
                flatten(item, f"{path}[{item_idx}]", into)
        else:
            value = raw.value if isinstance(raw.value, bytes) else repr(element.value).encode()
            into[path] = (element.VR, value.rstrip(b"\0 "))


def is_mapped(before, after):
    """Whether both are UIDs, dates or codes of one kind."""
    if before is None or after is None or before[0] != after[0] or before[0] == "SQ":
        return False
    if before[0] in ("DA", "DT"):
        return len(before[1]) == len(after[1]) > 0
    values = [held[1].decode("latin-1").split("\\") for held in (before, after)]
    return len(values[0]) == len(values[1]) and all(
        old == new or any(code.fullmatch(old) and code.fullmatch(new) for code in CODES)
        for old, new in zip(*values, strict=True)
    )


def is_moved(before, after, spans):
    """Whether nothing but the dates that the second run moved differs. Spans of several values are not told apart."""
    if not spans or before is None or after is None or before[0] != after[0]:
        return False
    if any(action != "shift_date" or value_idx for value_idx, _, _, action in spans):
        return False
    old, at, pattern = before[1].decode("latin-1"), 0, ""
    for _, start, end, _ in sorted(spans):
        pattern += re.escape(old[at:start]) + r"[\w ,./:-]*\d[\w ,./:-]*"
        at = end
    return re.fullmatch(pattern + re.escape(old[at:]), after[1].decode("latin-1"), re.DOTALL) is not None


def text_spans(run):
    """The spans that a run found, by result and attribute."""
    spans = collections.defaultdict(list)
    for line in (run / "decisions.jsonl").open():
        outcome = json.loads(line)
        for decision in outcome["decisions"]:
            locus = decision["locus"]
            if locus["kind"] == "text_span":
                span = (locus["value_idx"], locus["start"], locus["end"], decision["action"])
                spans[outcome["output"], locus["path"]].append(span)
    return spans


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    first, second, run = map(pathlib.Path, sys.argv[1:])
    warnings.simplefilter("ignore")
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    counts, n_files, n_elements, n_mapped = collections.Counter(), 0, 0, 0
    spans = text_spans(run)
    for pair in csv.DictReader((run / "crosswalk/paths.csv").open()):
        if not (second / pair["id_new"]).exists():
            counts["withheld"] += 1
            continue
        held = []
        for path in (first / pair["id_old"], second / pair["id_new"]):
            held.append({})
            flatten(pydicom.dcmread(path, force=True), "", held[-1])
        n_files += 1
        n_elements += len(held[0])
        for path in sorted(held[0].keys() | held[1].keys()):
            before, after = held[0].get(path), held[1].get(path)
            if is_mapped(before, after) or is_moved(before, after, spans[pair["id_new"], path]):
                n_mapped += before != after
            elif before != after:
                how = "added" if before is None else "gone" if after is None else "changed"
                counts[f"{how} {(before or after)[0]} {re.sub(r'[[][0-9]+]', '[]', path)}"] += 1
    print(f"{n_files} files, {n_elements} elements, {n_mapped} mapped once more, {sum(counts.values())} differ otherwise")
    for how, count in sorted(counts.items()):
        print(f"{count:6} {how}")
    sys.exit(bool(counts))


main()
