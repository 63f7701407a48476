#!/usr/bin/env python3
"""Prints the tables of the card of a text detector, or of a text reader: words found, or read, by modality, font, height,
contrast and the like.

usage: scripts/detector-figures.py SUITE PREDICTIONS.json [--threshold T | --read]

SUITE is a folder of `efface synth` with coco.json and dicom; PREDICTIONS are COCO results, as `efface train
predict-text MODEL SUITE PREDICTIONS.json` writes them. A word is found if a box of at least the threshold has an
overlap (intersection over union) of 0.5 with it and belongs to no other word; boxes are given to words the surest
first. Shares have Wilson's 95 % interval. Also prints precision and the expected calibration error of boxes in fifteen
bins of equal width. Needs no package.

With --read, PREDICTIONS are those of `efface read-words SUITE PREDICTIONS.json`: a word counts if the words of its place,
whose boxes have grown and need an overlap of a fifth, say just what stands there.
"""

import argparse
import collections
import json
import math
import pathlib

OVERLAP = 0.5
# A read word's region takes in the boxes that it was read in, which have grown by their deviations.
OVERLAP_OF_READ_WORDS = 0.2
# The score of a word that was found and misread: below every threshold.
MISREAD = -1.0
BINS = 15
SYNTAXES = {
    "1.2.840.10008.1.2": "Implicit VR Little Endian",
    "1.2.840.10008.1.2.1": "Explicit VR Little Endian",
    "1.2.840.10008.1.2.1.99": "Deflated Explicit VR Little Endian",
    "1.2.840.10008.1.2.2": "Explicit VR Big Endian",
    "1.2.840.10008.1.2.4.50": "JPEG Baseline",
    "1.2.840.10008.1.2.4.51": "JPEG Extended",
    "1.2.840.10008.1.2.4.57": "JPEG Lossless",
    "1.2.840.10008.1.2.4.70": "JPEG Lossless, selection value 1",
    "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless",
    "1.2.840.10008.1.2.4.81": "JPEG-LS Near-Lossless",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 Lossless",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
    "1.2.840.10008.1.2.5": "RLE Lossless",
    "1.2.840.10008.1.2.8.1": "Deflated Image Frame",
}


def transfer_syntax(path):
    """The transfer syntax of a file, from its meta information."""
    head = path.read_bytes()[:4096]
    at = head.find(b"\x02\x00\x10\x00UI")
    length = int.from_bytes(head[at + 6 : at + 8], "little")
    uid = head[at + 8 : at + 8 + length].rstrip(b"\0").decode("ascii")
    return SYNTAXES.get(uid, uid)


def overlap(one, other):
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[0] + one[2], other[0] + other[2]), min(one[1] + one[3], other[1] + other[3])
    shared = max(right - left, 0) * max(bottom - top, 0)
    either = one[2] * one[3] + other[2] * other[3] - shared
    return shared / either if either > 0 else 0.0


def matched(words, boxes, least, is_read):
    """For each word the score of its box, or none; for each box whether it is a word, or the word that stands there."""
    found = [None] * len(words)
    is_word = []
    for box in boxes:
        free = [(overlap(box["bbox"], word["bbox"]), place) for place, word in enumerate(words) if found[place] is None]
        best = max(free, default=(0.0, None))
        is_own = best[0] >= least
        is_right = is_own and (not is_read or box["text"] == words[best[1]]["attributes"]["text"])
        is_word.append(is_right)
        if is_own:
            found[best[1]] = box["score"] if is_right else MISREAD
    return found, is_word


def share(numerator, denominator):
    if not denominator:
        return "none"
    z = 1.959964
    p, n = numerator / denominator, denominator
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
    return f"{100 * p:.2f} % [{100 * low:.2f}, {100 * high:.2f}] ({numerator:,} of {denominator:,})"


def bucket(value, edges, unit):
    for low, high in zip([None, *edges], [*edges, None]):
        if high is None or value < high:
            return f"below {high} {unit}" if low is None else f"{low} {unit} and more" if high is None else f"{low} to {high - 1} {unit}"
    raise AssertionError


def groups(word, image, syntax):
    attributes = word["attributes"]
    turned = attributes["angle_degrees"]
    yield "modality", image["file_name"].split("/")[2].split("-", 1)[1]
    yield "kind of word", "PHI" if word["category_id"] == 1 else "benign"
    yield "font", attributes["font"]
    yield "layout", attributes["layout"]
    yield "height of the glyphs", bucket(attributes["height_px"], (7, 9, 12, 16, 24), "px")
    yield "contrast", bucket(abs(attributes["contrast_percent"]), (15, 30, 60), "%")
    yield "polarity", "light on dark" if attributes["contrast_percent"] > 0 else "dark on light"
    yield "direction", "upright" if turned == 0 else "turned by 90 or 270 degrees" if turned in (90, 270) else "other"
    yield "transfer syntax", syntax


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=pathlib.Path)
    parser.add_argument("predictions", type=pathlib.Path)
    parser.add_argument("--threshold", type=float, default=0.5)
    parser.add_argument("--read", action="store_true")
    arguments = parser.parse_args()
    least = OVERLAP_OF_READ_WORDS if arguments.read else OVERLAP
    threshold = 0.0 if arguments.read else arguments.threshold
    gold = json.loads((arguments.suite / "coco.json").read_text())
    words, boxes = collections.defaultdict(list), collections.defaultdict(list)
    for word in gold["annotations"]:
        words[word["image_id"]].append(word)
    for box in json.loads(arguments.predictions.read_text()):
        boxes[box["image_id"]].append(box)
    table = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
    judged, syntaxes = [], {}
    for image in gold["images"]:
        name = image["file_name"]
        if name not in syntaxes:
            syntaxes[name] = transfer_syntax(arguments.suite / "dicom" / name)
        of_image = sorted(boxes[image["id"]], key=lambda box: -box["score"])
        found, is_word = matched(words[image["id"]], of_image, least, arguments.read)
        judged += [(box["score"], right) for box, right in zip(of_image, is_word)]
        for word, score in zip(words[image["id"]], found):
            is_found = score is not None and score >= threshold
            for group, value in [("all", "all words"), *groups(word, image, syntaxes[name])]:
                table[group][value][0] += is_found
                table[group][value][1] += 1
    sure = [right for score, right in judged if score >= threshold]
    print(f"threshold {threshold}, {len(gold['images'])} frames\n")
    print(f"{'words that were read right' if arguments.read else 'boxes that are words'}: {share(sum(sure), len(sure))}\n")
    error, count = 0.0, max(len(judged), 1)
    for number in range(BINS):
        low, high = number / BINS, (number + 1) / BINS
        inside = [(s, r) for s, r in judged if low < s <= high or (number == 0 and s == 0)]
        if inside:
            error += abs(sum(s for s, _ in inside) - sum(r for _, r in inside)) / count
    lowest = min((score for score, _ in judged), default=0)
    print(f"expected calibration error of {len(judged):,} boxes from {lowest:.3f} on: {error:.4f}\n")
    for group, values in table.items():
        print(f"| {group} | words {'read' if arguments.read else 'found'} |\n|---|---|")
        for value, (numerator, denominator) in sorted(values.items()):
            print(f"| {value} | {share(numerator, denominator)} |")
        print()


if __name__ == "__main__":
    main()
