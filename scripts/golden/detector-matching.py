"""What torchvision says about matching boxes with words: makes train/tests/detector/matching.json.

    python3 -m venv VENV
    VENV/bin/pip install torch==2.9.0 torchvision==0.24.1
    VENV/bin/python scripts/golden/detector-matching.py > train/tests/detector/matching.json

Edges are multiples of a quarter, so that all sums are exact and ties are ties everywhere.
"""

import json
import random

import torch
from torchvision.models.detection._utils import Matcher
from torchvision.ops import box_iou


def box(draw, size, widest):
    width, height = draw.randint(4, widest * 4) / 4, draw.randint(4, widest * 2) / 4
    left, top = draw.randint(0, size * 4) / 4, draw.randint(0, size * 4) / 4
    return [left, top, left + width, top + height]


def case(seed, n_boxes, n_words, size, widest):
    draw = random.Random(seed)
    words = [box(draw, size, widest) for _ in range(n_words)]
    boxes = [box(draw, size, widest) for _ in range(n_boxes)]
    # Some boxes near words, and some twice: overlaps of every kind, and ties.
    for place, word in enumerate(words):
        boxes.append([edge + draw.randint(-4, 4) / 4 for edge in word])
        if place % 2 == 0:
            boxes += [word, boxes[-1]]
    overlaps = box_iou(torch.tensor(words), torch.tensor(boxes))
    # A word that no box touches makes torchvision take every box that touches nothing for its best: not compared.
    touched = overlaps.max(dim=1).values > 0
    words = [word for word, is_touched in zip(words, touched) if is_touched]
    overlaps = overlaps[touched]
    return {
        "boxes": boxes,
        "words": words,
        "overlaps": overlaps.tolist(),
        "anchors": Matcher(0.6, 0.3, allow_low_quality_matches=True)(overlaps).tolist(),
        "proposals": Matcher(0.5, 0.5, allow_low_quality_matches=False)(overlaps).tolist(),
    }


cases = [case(1, 12, 3, 20, 12), case(2, 30, 6, 30, 16), case(3, 25, 8, 12, 20)]
print("[\n" + ",\n".join(json.dumps(one) for one in cases) + "\n]")
