#!/usr/bin/env python3
"""Writes the compact private dictionary from a table with the columns creator, tag (a mask with x) and vr.

    python3 generate_private_dictionary.py TABLE.csv >private_dictionary.txt

The table that the committed file was made from is eval/data/pydicom/private_elements.csv, the private dictionary of
pydicom 2.2.1; eval/data/README.md tells of its source and licence.
A line without indent is a creator.  A line below it has a group, then value representations, each with the element
numbers (two hexadecimal digits each) that have it.
"""
import csv
import re
import sys


def main():
    creators = {}
    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            mask = re.fullmatch(r"([0-9a-f]{4})..([0-9a-f]{2})", row["tag"])
            if mask and re.fullmatch(r"[A-Z]{2}", row["vr"]) and row["vr"] != "UN":
                group = creators.setdefault(row["creator"].strip(), {}).setdefault(mask[1], {})
                group.setdefault(mask[2], row["vr"])
    print("# VRs of private attributes. From the private dictionary of pydicom 2.2.1 (MIT; copyright 2008-2020 Darcy Mason")
    print("# and pydicom contributors), made there from that of GDCM (BSD 3-clause; copyright 2006-2016 Mathieu Malaterre,")
    print("# 1993-2005 CREATIS). Written by generate_private_dictionary.py.")
    for creator, groups in sorted(creators.items()):
        print(creator)
        for group, elements in sorted(groups.items()):
            of_vr = {}
            for element, vr in sorted(elements.items()):
                of_vr.setdefault(vr, []).append(element)
            print("\t" + group + "".join(f" {vr} {''.join(found)}" for vr, found in sorted(of_vr.items())))


if __name__ == "__main__":
    main()
