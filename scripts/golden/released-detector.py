"""What torch and torchvision make of the released text detector: writes nets/testdata/golden/text-detector-compact.json.

The network is written down here a second time, from docs/design/detector.md, over torch's convolutions and
torchvision's RoI-align; only the names of the weights are shared. A drawn image goes through both.

    python3 -m venv VENV
    VENV/bin/pip install torch torchvision safetensors numpy
    VENV/bin/python scripts/golden/released-detector.py [MODEL_DIR]
"""

import hashlib
import importlib.metadata
import json
import pathlib
import sys

import torch
import torch.nn.functional as functional
import torchvision
from blocks import Blocks
from safetensors.torch import load

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "nets" / "testdata" / "golden" / "text-detector-compact.json"
WIDTH, HEIGHT = 192, 128
BOXES = [[8, 8, 56, 20], [60.5, 7.25, 101, 19], [20, 40, 84, 62], [100, 90, 180, 126], [0, 0, 192, 128], [3, 100, 9, 103]]
# Anchors of each level that are compared, evenly from all.
COMPARED = 40


def image():
    """Strokes of several sizes, in numbers that both sides compute alike."""
    rows = [[(x * 7 + y * 13 + (x // 3) * (y // 5)) % 32 / 32 for x in range(WIDTH)] for y in range(HEIGHT)]
    return torch.tensor(rows, dtype=torch.float32)[None, None]


class Network(Blocks):
    def __init__(self, weights, config):
        super().__init__(weights)
        self.config = config

    def pyramid(self, features):
        stages = []
        for stage, blocks in enumerate(self.config["backbone"]["blocks"]):
            folded = functional.pixel_unshuffle(features, 4 if stage == 0 else 2)
            features = self.stage(folded, f"backbone.stages.{stage}", blocks)
            stages.append(features)
        levels, above = [], None
        for level in reversed(range(len(stages))):
            joined = self.pointwise(stages[level], f"pyramid.lateral.{level}")
            if above is not None:
                joined = joined + functional.interpolate(above, scale_factor=2, mode="nearest")
            levels.insert(0, self.pointwise(self.depthwise(joined, f"pyramid.around.{level}"), f"pyramid.mix.{level}"))
            above = joined
        return levels

    def objectness(self, level):
        hidden = functional.relu(self.pointwise(self.depthwise(level, "proposals.around"), "proposals.mix"))
        return self.pointwise(hidden, "proposals.objectness")[0].permute(1, 2, 0).reshape(-1)

    def linear(self, features, name):
        return functional.linear(features, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def hidden(self, features, name):
        weight, bias = self.weights[f"{name}_norm.weight"], self.weights[f"{name}_norm.bias"]
        features = self.linear(features, name)
        return functional.relu(functional.layer_norm(features, features.shape[1:], weight, bias, 1e-5))

    def judge(self, levels, boxes):
        regions = self.config["regions"]
        features = []
        for box in boxes:
            area = ((box[2] - box[0]) * (box[3] - box[1])) ** 0.5
            doublings = torch.log2(area / regions["canonical_side_px"]) + 1e-6
            level = int((regions["canonical_level"] + doublings).floor().clamp(0, len(levels) - 1))
            size = (regions["rows"], regions["columns"])
            scale = 1 / self.config["strides"][level]
            pooled = torchvision.ops.roi_align(levels[level], [box[None]], size, scale, regions["samples"], True)
            features.append(pooled.permute(0, 2, 3, 1).reshape(1, -1))
        hidden = self.hidden(self.hidden(torch.cat(features), "head.first"), "head.second")
        return {name: self.linear(hidden, f"head.{name}") for name in ("classes", "deltas", "log_variances")}


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.reshape(-1).tolist()]


def main():
    model = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "models" / "text-detector-compact"
    content = (model / "model.safetensors").read_bytes()
    network = Network(load(content), json.loads((model / "config.json").read_text()))
    with torch.no_grad():
        levels = network.pyramid(image())
        scores = [network.objectness(level) for level in levels]
        judged = network.judge(levels, torch.tensor(BOXES, dtype=torch.float32))
    fixture = {
        "versions": {name: importlib.metadata.version(name) for name in ("torch", "torchvision")},
        "weights_sha256": hashlib.sha256(content).hexdigest(),
        "width": WIDTH,
        "height": HEIGHT,
        "boxes": BOXES,
        "objectness": [rounded(level[:: max(len(level) // COMPARED, 1)]) for level in scores],
        "step": [max(len(level) // COMPARED, 1) for level in scores],
        **{name: rounded(values) for name, values in judged.items()},
    }
    FIXTURE.write_text(json.dumps(fixture, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
