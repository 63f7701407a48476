#!/usr/bin/env python3
"""Writes the tables of pydicom 2.2.1 that its text form of a data set depends on.

    pip download pydicom==2.2.1 --no-deps && unzip pydicom-2.2.1-*.whl 'pydicom/*.py' 'pydicom-*/*'
    PYTHONPATH=. python3 generate_dictionaries.py OUTPUT_FOLDER

The official MIDI-B scorer prints elements through pydicom 2.2.1.  To print the same text one needs the
same dictionaries: element names and value representations, private elements, and names of UIDs.
"""
import csv
import pathlib
import sys

from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom._private_dict import private_dictionaries
from pydicom._uid_dict import UID_dictionary


def rows_of_elements():
    for tag, (vr, _vm, name, _retired, _keyword) in sorted(DicomDictionary.items()):
        yield (f"{tag:08x}", vr, name)
    for mask, (vr, _vm, name, _retired, _keyword) in sorted(RepeatersDictionary.items()):
        yield (mask.lower(), vr, name)


def rows_of_private_elements():
    for creator, elements in sorted(private_dictionaries.items()):
        for mask, (vr, _vm, name, _retired) in sorted(elements.items()):
            yield (creator, mask.lower(), vr, name)


def write(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "elements.csv", ("tag", "vr", "name"), rows_of_elements())
    write(folder / "private_elements.csv", ("creator", "tag", "vr", "name"), rows_of_private_elements())
    write(folder / "uids.csv", ("uid", "name"), ((uid, entry[0]) for uid, entry in sorted(UID_dictionary.items())))


if __name__ == "__main__":
    main()
