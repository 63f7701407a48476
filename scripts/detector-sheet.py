#!/usr/bin/env python3
"""Draws a contact sheet of what a text detector finds and misses.

usage: scripts/detector-sheet.py SUITE PREDICTIONS.json SHEET.png [--threshold T] [--frames N] [--worst]

Words that are found are green, words that are missed red, boxes that are no words blue. SUITE and PREDICTIONS are those
of scripts/detector-figures.py. Frames are taken evenly, or with --worst those with the most misses and wrong boxes.
Needs pydicom, numpy and pillow, and pylibjpeg for compressed files: the environment that
scripts/compare-text-finders.sh makes below runs/peers/tools/text-base has them.
"""

import argparse
import collections
import importlib.util
import json
import pathlib
import sys

from PIL import Image, ImageDraw

SCRIPTS = pathlib.Path(__file__).resolve().parent
FOUND, MISSED, WRONG = (60, 220, 60), (255, 60, 60), (80, 140, 255)
PER_ROW, WIDTH, HEIGHT, GAP = 3, 640, 512, 6


def module(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=pathlib.Path)
    parser.add_argument("predictions", type=pathlib.Path)
    parser.add_argument("sheet", type=pathlib.Path)
    parser.add_argument("--threshold", type=float, default=0.5)
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--worst", action="store_true")
    arguments = parser.parse_args()
    figures = module("figures", SCRIPTS / "detector-figures.py")
    finders = module("finders", SCRIPTS / "peers-text" / "find.py")
    gold = json.loads((arguments.suite / "coco.json").read_text())
    words, boxes = collections.defaultdict(list), collections.defaultdict(list)
    for word in gold["annotations"]:
        words[word["image_id"]].append(word)
    for box in json.loads(arguments.predictions.read_text()):
        if box["score"] >= arguments.threshold:
            boxes[box["image_id"]].append(box)
    judged = []
    for image in gold["images"]:
        of_image = sorted(boxes[image["id"]], key=lambda box: -box["score"])
        found, is_word = figures.matched(words[image["id"]], of_image, 0.5, False)
        faults = sum(score is None for score in found) + is_word.count(False)
        judged.append((faults, image, of_image, found, is_word))
    if arguments.worst:
        judged.sort(key=lambda one: -one[0])
        chosen = judged[: arguments.frames]
    else:
        chosen = [judged[place * len(judged) // arguments.frames] for place in range(min(arguments.frames, len(judged)))]
    rows = -(-len(chosen) // PER_ROW)
    sheet = Image.new("RGB", (PER_ROW * (WIDTH + GAP), rows * (HEIGHT + GAP)), (40, 44, 52))
    for place, (_, image, of_image, found, is_word) in enumerate(chosen):
        dataset = finders.read(arguments.suite / "dicom" / image["file_name"])
        stored = finders.pixel_array(dataset)
        if int(dataset.get("NumberOfFrames", 1) or 1) > 1:
            stored = stored[image["frame_idx"]]
        picture = Image.fromarray(finders.as_displayed(dataset, stored)).convert("RGB")
        factor = min(WIDTH / picture.width, HEIGHT / picture.height)
        picture = picture.resize((int(picture.width * factor), int(picture.height * factor)), Image.LANCZOS)
        draw = ImageDraw.Draw(picture)

        def frame(box, colour):
            x, y, width, height = (factor * side for side in box)
            draw.rectangle((x - 2, y - 2, x + width + 1, y + height + 1), outline=colour)

        for box, right in zip(of_image, is_word):
            if not right:
                frame(box["bbox"], WRONG)
        for word, score in zip(words[image["id"]], found):
            frame(word["bbox"], MISSED if score is None else FOUND)
        sheet.paste(picture, (place % PER_ROW * (WIDTH + GAP), place // PER_ROW * (HEIGHT + GAP)))
    sheet.save(arguments.sheet)


if __name__ == "__main__":
    sys.exit(main())
