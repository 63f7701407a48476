#!/usr/bin/env python3
"""Helps scripts/compare-official.sh to put the official MIDI-B scorer's results beside Efface's.

usage: compare-official.py arrange KEY.db UIDS.csv OUTPUT LINKS
       compare-official.py without-pixels RUN.db
       compare-official.py key-without-pixels KEY.db NEW.db
       compare-official.py folders OFFICIAL EFFACE
       compare-official.py pixels OFFICIAL.db EFFACE.db

arrange fills LINKS with links to the files of OUTPUT so that the official scorer, which takes a folder's own order, meets
them in the order of the key, as Efface does; it says whether the file system of LINKS allows that.
without-pixels takes the verdicts that an OCR engine decided out of a results database and numbers its rows anew.
key-without-pixels copies a key without its pixel checks and prints the number of the others.
folders compares results database, scoring workbook and discrepancy reports; pixels compares the verdicts by OCR.
Values are never printed: rows that differ are told by action, attribute and column. Needs pydicom for arrange and
openpyxl for folders. Ends with 1 when something differs, in pixels too.
"""

import collections
import csv
import glob
import json
import os
import pathlib
import shutil
import sqlite3
import sys
import warnings

# What depends on the order of the files only.
NUMBERS = ("index", "file_index")
MAX_TOLD = 20
csv.field_size_limit(sys.maxsize)


def arrange(key, uids, output, links):
    import pydicom

    # They quote values.
    warnings.simplefilter("ignore")

    with open(uids, encoding="utf-8", newline="") as file:
        old_of = {row["id_new"]: row["id_old"] for row in reversed(list(csv.DictReader(file)))}
    rows = sqlite3.connect(key).execute("SELECT SOPInstanceUID FROM answer_data ORDER BY rowid")
    place_of = {uid: place for place, (uid,) in enumerate(rows)}

    def place(path):
        try:
            uid = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["SOPInstanceUID"]).get("SOPInstanceUID")
        except (pydicom.errors.InvalidDicomError, OSError):
            uid = None
        return place_of.get(old_of.get(uid), len(place_of)), path

    found = glob.glob(os.path.join(output, "**", "*"), recursive=True)
    paths = [path for _, path in sorted(place(path) for path in found if os.path.isfile(path))]
    names = [f"{number:08}.dcm" for number in range(len(paths))]
    for way in (reversed, list):
        for link in pathlib.Path(links).iterdir():
            link.unlink()
        for name, path in way(list(zip(names, paths))):
            os.symlink(os.path.abspath(path), os.path.join(links, name))
        if [entry.name for entry in os.scandir(links)] == names:
            print(f"{len(names)} files in the order of the key")
            return 0
    print(f"{len(names)} files, not in the order of the key: the numbers of rows are not compared")
    return 0


def without_pixels(database):
    connection = sqlite3.connect(database)
    gone = connection.execute(
        "DELETE FROM validation_results WHERE action = '<pixels_hidden>' AND file_value IS NOT '<MISSING FILE>'"
    ).rowcount
    numbers = [number for (number,) in connection.execute("SELECT rowid FROM validation_results ORDER BY rowid")]
    connection.executemany('UPDATE validation_results SET "index" = ? WHERE rowid = ?', enumerate(numbers))
    connection.commit()
    print(f"{gone} verdicts by OCR taken out")
    return 0


def key_without_pixels(key, new):
    shutil.copyfile(key, new)
    connection = sqlite3.connect(new)
    n_checks = 0
    for row_id, text in connection.execute("SELECT rowid, AnswerData FROM answer_data").fetchall():
        checks = {name: check for name, check in json.loads(text).items() if check["action"] != "<pixels_hidden>"}
        n_checks += len(checks)
        connection.execute("UPDATE answer_data SET AnswerData = ? WHERE rowid = ?", (json.dumps(checks), row_id))
    connection.commit()
    print(n_checks)
    return 0


class Difference:
    """Counts of rows of one artefact: official, Efface's, equal, and by what the others differ."""

    def __init__(self, name, official, efface, columns):
        self.name, self.official, self.efface = name, official, efface
        n_ids = [column not in NUMBERS for column in columns]
        bare = [tuple(value for value, kept in zip(row, n_ids) if kept) for row in official]
        bare_efface = [tuple(value for value, kept in zip(row, n_ids) if kept) for row in efface]
        self.columns = [column for column, kept in zip(columns, n_ids) if kept]
        counted, counted_efface = collections.Counter(bare), collections.Counter(bare_efface)
        self.n_equal = (counted & counted_efface).total()
        self.only = list((counted - counted_efface).elements()), list((counted_efface - counted).elements())
        self.same_order = bare == bare_efface
        self.same_numbers = official == efface

    def differs(self):
        return any(self.only)

    def tell(self):
        order = "same order" if self.same_order else "another order"
        numbers = "same numbers" if self.same_numbers else "other numbers"
        print(
            f"{self.name}: {len(self.official)} official, {len(self.efface)} of Efface, {self.n_equal} equal, "
            f"{max(map(len, self.only))} differing; {order}, {numbers}"
        )
        for (text, count) in self.kinds().most_common(MAX_TOLD):
            print(f"    {count} x {text}")

    def kinds(self):
        """Rows that differ, paired by what names them, as action, attribute and columns."""
        names = [place for place, column in enumerate(self.columns) if column in NAMED]
        of_efface = collections.defaultdict(list)
        for row in self.only[1]:
            of_efface[tuple(row[place] for place in names)].append(row)
        kinds = collections.Counter()
        for row in self.only[0]:
            partners = of_efface[tuple(row[place] for place in names)]
            told = " ".join(str(row[place]) for place in names if self.columns[place] in ("action", "tag_ds"))
            if not partners:
                kinds[f"{told}: official only"] += 1
                continue
            partner = partners.pop()
            differing = [column for column, a, b in zip(self.columns, row, partner) if a != b]
            kinds[f"{told}: {', '.join(differing)}"] += 1
        for rows in of_efface.values():
            for row in rows:
                told = " ".join(str(row[place]) for place in names if self.columns[place] in ("action", "tag_ds"))
                kinds[f"{told}: of Efface only"] += 1
        return kinds


NAMED = ("check_index", "action", "tag_ds", "instance", "column")


def read_database(path):
    """Names and types of the columns, and the rows; in order of name, since the official order is that of the key's members."""
    connection = sqlite3.connect(path)
    declared = sorted((name, kind) for _, name, kind, *_ in connection.execute("PRAGMA table_info(validation_results)"))
    names = ", ".join(f'"{name}"' for name, _ in declared)
    return declared, connection.execute(f"SELECT {names} FROM validation_results ORDER BY rowid").fetchall()


def read_report(path):
    """Header, rows as written, and the length of what is written without the numbers of rows."""
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    header = ["index" if not name else name for name in header]
    n_bytes = path.stat().st_size - sum(len(row[0]) for row in rows)
    return header, [tuple(row) for row in rows], n_bytes


def sheets(path):
    import openpyxl

    workbook = openpyxl.load_workbook(path)
    return {sheet.title: [tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in workbook}


def compare_workbooks(official, efface, depends_on_order):
    official, efface = sheets(official), sheets(efface)
    differs = list(official) != list(efface)
    if differs:
        print(f"workbook: sheets {list(official)} against {list(efface)}")
    for name in official:
        rows = official[name], efface.get(name, [])
        n_cells = sum(map(len, rows[0]))
        n_equal = sum(a == b for pair in zip(*rows) for a, b in zip(*pair))
        n_rows_equal = sum(a == b for a, b in zip(*rows))
        n_rows = max(map(len, rows))
        print(f"sheet {name}: {len(rows[0])} rows official, {n_rows_equal} equal, {n_rows - n_rows_equal} differing; "
              f"{n_equal} of {n_cells} cells equal")
        if name == depends_on_order:
            print("    its codes depend on the order of the rows, which is another: not counted as a difference")
        else:
            differs |= rows[0] != rows[1]
    return differs


def compare_folders(official, efface):
    official, efface = pathlib.Path(official), pathlib.Path(efface)
    declared, rows = read_database(official / "validation_results.db")
    declared_efface, rows_efface = read_database(efface / "validation_results.db")
    differs = declared != declared_efface
    print(f"database: {len(declared)} columns official, {'the same' if not differs else 'others'} of Efface")
    for official_column, efface_column in zip(declared, declared_efface):
        if official_column != efface_column:
            print(f"    {' '.join(official_column)} official, {' '.join(efface_column)} of Efface")
    is_same_order = False
    if [name for name, _ in declared] == [name for name, _ in declared_efface]:
        difference = Difference("database", rows, rows_efface, [name for name, _ in declared])
        difference.tell()
        differs |= difference.differs()
        is_same_order = difference.same_order
    for path in sorted(official.glob("scoring_report_*.xlsx")):
        # By series the official table of categories depends on the order of all rows.
        counted = None if is_same_order or "series" not in path.name else "Categories"
        differs |= compare_workbooks(path, efface / path.name, counted)
    for name in ("internal", "participant"):
        paths = [folder / f"discrepancy_report_{name}.csv" for folder in (official, efface)]
        if not paths[0].exists():
            print(f"discrepancies, {name}: the official scorer wrote none, Efface's {'exist' if paths[1].exists() else 'do not either'}")
            continue
        (header, rows, n_bytes), (header_efface, rows_efface, n_bytes_efface) = map(read_report, paths)
        difference = Difference(f"discrepancies, {name}", rows, rows_efface, header)
        difference.tell()
        is_same = paths[0].read_bytes() == paths[1].read_bytes()
        print(f"    {'the same bytes' if is_same else 'other bytes'}")
        differs |= difference.differs() or header != header_efface or n_bytes != n_bytes_efface
    return int(differs)


def compare_pixels(official, efface):
    def verdicts(path):
        query = ("SELECT instance, check_index, check_passed FROM validation_results WHERE action = '<pixels_hidden>' "
                 "AND file_value IS NOT '<MISSING FILE>'")
        return collections.Counter(sqlite3.connect(path).execute(query).fetchall())

    official, efface = verdicts(official), verdicts(efface)
    equal = (official & efface).total()
    print(f"verdicts by OCR: {official.total()} official (EasyOCR), {efface.total()} of Efface (Tesseract), {equal} equal")
    told = {1: "passed", 0: "failed", None: "blank"}
    for whose, counted in (("official", official - efface), ("of Efface", efface - official)):
        by_verdict = collections.Counter(told[passed] for *_, passed in counted.elements())
        for verdict, count in sorted(by_verdict.items()):
            print(f"    {count} {verdict} {whose} only")
    return int(official != efface)


COMMANDS = {
    "arrange": arrange,
    "without-pixels": without_pixels,
    "key-without-pixels": key_without_pixels,
    "folders": compare_folders,
    "pixels": compare_pixels,
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    sys.exit(COMMANDS[sys.argv[1]](*sys.argv[2:]))
