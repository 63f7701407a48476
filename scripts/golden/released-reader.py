"""What torch makes of the released text reader: writes nets/testdata/golden/text-reader-compact.json. And what its loss
of connectionist temporal classification is: train/testdata/golden/ctc.json.

The network is written down here a second time, from docs/design/text-reader.md, over torch's convolutions; only the
names of the weights are shared. A drawn line goes through both.

    python3 -m venv VENV
    VENV/bin/pip install torch safetensors numpy
    VENV/bin/python scripts/golden/released-reader.py [MODEL_DIR]
"""

import hashlib
import importlib.metadata
import json
import pathlib
import sys

import torch
import torch.nn.functional as functional
from blocks import Blocks
from safetensors.torch import load

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "nets" / "testdata" / "golden" / "text-reader-compact.json"
CTC_FIXTURE = ROOT / "train" / "testdata" / "golden" / "ctc.json"
COLUMNS = 120
# Steps, classes and texts: doubled signs, no sign, as many signs as steps.
TEXTS = [(9, 5, [2, 2, 4, 4]), (20, 7, [1, 6, 6, 3, 1]), (6, 4, []), (4, 3, [1, 2, 1, 2])]


def line(rows):
    """Strokes of several sizes, in numbers that both sides compute alike."""
    levels = [[(x * 7 + y * 13 + (x // 3) * (y // 5)) % 32 / 32 for x in range(COLUMNS)] for y in range(rows)]
    return torch.tensor(levels, dtype=torch.float32)[None, None]


def fold(features, down, across):
    images, channels, rows, columns = features.shape
    cells = features.reshape(images, channels, rows // down, down, columns // across, across)
    return cells.permute(0, 1, 3, 5, 2, 4).reshape(images, -1, rows // down, columns // across)


def scores(network, config):
    features = line(config["rows"])
    for stage, (sides, blocks) in enumerate(zip(config["folds"], config["blocks"])):
        features = network.stage(fold(features, *sides), f"stages.{stage}", blocks)
    return network.pointwise(features, "head")[0, :, 0].T


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.reshape(-1).tolist()]


def ctc(steps, classes, text):
    values = [((place * 7919 + 13) % 101) / 20 - 2.5 for place in range(steps * classes)]
    given = torch.tensor(values, dtype=torch.float64).reshape(steps, 1, classes).requires_grad_()
    signs = torch.tensor([text], dtype=torch.long)
    loss = functional.ctc_loss(given.log_softmax(2), signs, [steps], [len(text)], reduction="sum")
    loss.backward()
    return {
        "steps": steps,
        "classes": classes,
        "text": text,
        "scores": values,
        "loss": loss.item(),
        "gradient": rounded(given.grad),
    }


def main():
    model = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "models" / "text-reader-compact"
    content = (model / "model.safetensors").read_bytes()
    with torch.no_grad():
        config = json.loads((model / "config.json").read_text())
        found = scores(Blocks(load(content)), config)
    versions = {name: importlib.metadata.version(name) for name in ("torch",)}
    fixture = {
        "versions": versions,
        "weights_sha256": hashlib.sha256(content).hexdigest(),
        "columns": COLUMNS,
        "steps": found.shape[0],
        "scores": rounded(found),
    }
    FIXTURE.write_text(json.dumps(fixture) + "\n")
    CTC_FIXTURE.parent.mkdir(parents=True, exist_ok=True)
    CTC_FIXTURE.write_text(json.dumps({"versions": versions, "cases": [ctc(*case) for case in TEXTS]}) + "\n")


if __name__ == "__main__":
    main()
