#!/usr/bin/env python3
"""Makes the font files of this folder from Debian packages that were unpacked into one folder.

usage: make.py FOLDER    (needs fonttools and pillow)

Only the characters of Latin-1 are kept; hints, features and names are dropped, so that the files are small
and bear no reserved font name. README.md says where each comes from and under which licence it stands.
"""

import gzip
import pathlib
import shutil
import struct
import sys

from fontTools import subset
from fontTools.ttLib import TTFont
from PIL import PcfFontFile

OUT = pathlib.Path(__file__).parent
LATIN_1 = [*range(0x20, 0x7F), *range(0xA0, 0x100)]

OUTLINES = {
    "grotesk": "truetype/liberation2/LiberationSans-Regular.ttf",
    "grotesk-bold": "truetype/liberation2/LiberationSans-Bold.ttf",
    "typewriter": "truetype/liberation2/LiberationMono-Regular.ttf",
    "book": "truetype/liberation2/LiberationSerif-Regular.ttf",
    "humanist": "fonts-go/Go-Regular.ttf",
    "humanist-medium": "fonts-go/Go-Medium.ttf",
    "slab-mono": "fonts-go/Go-Mono.ttf",
    "coder": "truetype/inconsolata/Inconsolata.otf",
    "ocr-a": "truetype/ocr-a/OCRA.ttf",
    "ocr-b": "opentype/ocr-b/OCRB.otf",
}

BITMAPS = {
    "terminal": [f"ter-u{height}n_iso-8859-1" for height in (12, 14, 16, 20, 24, 32)],
    "terminal-bold": [f"ter-u{height}b_iso-8859-1" for height in (14, 18, 22, 28)],
    "cell": [f"{size}-ISO8859-1" for size in ("5x8", "6x10", "6x13", "9x15", "10x20")],
    "cell-bold": [f"{size}-ISO8859-1" for size in ("6x13B", "7x14B", "9x18B")],
}

STROKES = {
    "plotter": "rowmans",
    "plotter-bold": "futuram",
    "pen": "scripts",
    "engraver": "rowmand",
    "draftsman": "timesr",
    "hand": "cursive",
}


def find(root, name):
    found = [path for path in root.rglob(pathlib.Path(name).name) if str(path).endswith(name)]
    if len(found) != 1:
        sys.exit(f"{name}: found {len(found)} times below {root}")
    return found[0]


def outline(source, name):
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(hinting=False, layout_features=[], name_IDs=[], notdef_outline=True, glyph_names=False)
    options.drop_tables += ["FFTM", "GDEF", "GPOS", "GSUB", "kern", "gasp", "DSIG", "BDF ", "meta"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=LATIN_1)
    subsetter.subset(font)
    if "CFF " in font:
        rename(font["CFF "].cff, name)
    font.save(OUT / f"{name}.{'otf' if 'CFF ' in font else 'ttf'}")


def rename(cff, name):
    """Names stand inside a compact font, too."""
    cff.fontNames = [name]
    for field in ("FullName", "FamilyName", "Notice", "Copyright"):
        if hasattr(cff.topDictIndex[0], field):
            setattr(cff.topDictIndex[0], field, name)


def bitmap(source, name):
    """A PC Screen Font, version 2, of 256 characters in the order of Latin-1."""
    glyphs = PcfFontFile.PcfFontFile(gzip.open(source)).glyph
    width, height = glyphs[65][3].size
    n_row_bytes = (width + 7) // 8
    cells = b"".join(cell(glyphs[code], width, height, n_row_bytes) for code in range(256))
    header = struct.pack("<8I", 0x864AB572, 0, 32, 0, 256, n_row_bytes * height, height, width)
    (OUT / f"{name}-{height}.psf").write_bytes(header + cells)


def cell(glyph, width, height, n_row_bytes):
    if glyph is None:
        return bytes(n_row_bytes * height)
    image = glyph[3].convert("1")
    assert image.size == (width, height)
    return image.tobytes()


def main(root):
    for name, source in OUTLINES.items():
        outline(find(root, source), name)
    for name, sources in BITMAPS.items():
        for source in sources:
            bitmap(find(root, f"/{source}.pcf.gz"), name)
    for name, source in STROKES.items():
        shutil.copyfile(find(root, f"/{source}.jhf"), OUT / f"{name}.jhf")


main(pathlib.Path(sys.argv[1]))
