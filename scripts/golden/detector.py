"""What torchvision and torch say about the parts of the text detector: makes nets/testdata/golden/detector.

The packages come from PyPI and are used by nothing else:

    python3 -m venv VENV
    VENV/bin/pip install torch==2.9.0 torchvision==0.24.1 pillow numpy safetensors==0.8.0
    VENV/bin/python scripts/golden/detector.py

README.md in nets/testdata/golden says what each file holds.
"""

import importlib.metadata
import json
import math
import pathlib

import torch
import torchvision
from safetensors.torch import save_file
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.detection._utils import BoxCoder
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from torchvision.ops import FrozenBatchNorm2d, box_iou, nms, roi_align
from torchvision.ops.poolers import LevelMapper

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "nets" / "testdata" / "golden" / "detector"
VERSIONS = {name: importlib.metadata.version(name) for name in ("torch", "torchvision")}


def rounded(value):
    """Numbers with nine digits, which is all that f32 has."""
    if isinstance(value, torch.Tensor):
        value = value.detach().tolist()
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(one) for one in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def write(name, content):
    content = {"versions": VERSIONS, **rounded(content)}
    text = json.dumps(content, separators=(",", ":"), sort_keys=True)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def random_boxes(count, width, height, largest):
    corners = torch.rand(count, 2) * torch.tensor([width, height])
    sides = 1.0 + torch.rand(count, 2) * torch.tensor(largest)
    return torch.cat([corners, corners + sides], 1)


def boxes():
    torch.manual_seed(1)
    first, second = random_boxes(12, 60, 40, [40.0, 14.0]), random_boxes(9, 60, 40, [40.0, 14.0])
    candidates = random_boxes(80, 50, 30, [50.0, 16.0])
    # Scores with ties, which torchvision's stable sort leaves in their order, as ours must.
    scores = torch.randint(0, 40, (80,)).float() / 64.0
    order = torch.sort(scores, stable=True, descending=True).indices
    distinct = scores.clone()
    distinct[order] -= torch.arange(80) * 1e-5
    coder = BoxCoder(weights=(10.0, 10.0, 5.0, 5.0))
    references, targets = random_boxes(10, 60, 40, [40.0, 14.0]), random_boxes(10, 60, 40, [40.0, 14.0])
    deltas = torch.randn(10, 4) * 4.0
    deltas[3, 2] = 90.0  # Beyond the limit of growth.
    sizes = torch.cat([random_boxes(20, 300, 300, [300.0, 60.0]), torch.tensor([[5.0, 5.0, 53.0, 53.0], [0.0, 0.0, 96.0, 96.0], [2.0, 2.0, 2.0, 9.0], [0.0, 0.0, 400.0, 90.0], [0.0, 0.0, 500.0, 90.0]])])
    mapper = LevelMapper(0, 3, canonical_scale=48, canonical_level=1)
    write("boxes", {
        "iou": {"first": first, "second": second, "matrix": box_iou(first, second)},
        "nms": {"boxes": candidates, "scores": scores, "kept": {str(iou): nms(candidates, distinct, iou) for iou in (0.1, 0.3, 0.5, 0.7)}},
        "coder": {
            "weights": [10.0, 10.0, 5.0, 5.0],
            "references": references,
            "targets": targets,
            "encoded": coder.encode([targets], [references])[0],
            "deltas": deltas,
            "decoded": coder.decode(deltas, [references])[:, 0],
        },
        "levels": {"canonical_side_px": 48, "canonical_level": 1, "levels": 4, "boxes": sizes, "level": mapper([sizes])},
    })


def anchors():
    heights, ratios, strides = [[8.0, 12.0], [16.0, 24.0]], [1.0, 2.0, 4.0], [4, 8]
    # torchvision's sizes are roots of areas, its ratios heights over widths.
    sizes = tuple(tuple(heights[level]) for level in range(2))
    grids = []
    for level, stride in enumerate(strides):
        rows, columns = 16 // stride, 24 // stride
        # One generator for each ratio, since a height becomes another size with each.
        parts = []
        for ratio in ratios:
            generator = AnchorGenerator((tuple(height * math.sqrt(ratio) for height in sizes[level]),), ((1.0 / ratio,),))
            image = ImageList(torch.zeros(1, 1, 16, 24), [(16, 24)])
            parts.append(generator(image, [torch.zeros(1, 1, rows, columns)])[0].reshape(rows * columns, -1, 4))
        grids.append(torch.cat(parts, 1).reshape(-1, 4))
    write("anchors", {"heights_px": heights, "ratios": ratios, "strides": strides, "width": 24, "height": 16, "levels": grids})


def pooling():
    torch.manual_seed(2)
    cases = []
    for samples, scale in ((2, 0.25), (1, 0.125)):
        features = torch.randn(2, 3, 7, 9, requires_grad=True)
        side = 1.0 / scale
        rois = random_boxes(6, 8 * side, 6 * side, [6.0 * side, 3.0 * side])
        rois[0] = torch.tensor([-3.0, -2.0, 12.0, 9.0])
        rois[1] = torch.tensor([1.0, 1.0, 1.0, 1.0])
        rois[2] = torch.tensor([0.0, 0.0, 12.0 * side, 9.0 * side])
        images = torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
        pooled = roi_align(features, torch.cat([images[:, None], rois], 1), (2, 4), scale, samples, aligned=True)
        weights = torch.randn_like(pooled)
        (pooled * weights).sum().backward()
        cases.append({
            "samples": samples, "stride": int(side), "rows": 2, "columns": 4, "features": features, "images": images.int(),
            "boxes": rois, "pooled": pooled, "weights": weights, "gradient": features.grad,
        })
    write("roi_align", {"cases": cases})


def losses():
    torch.manual_seed(3)
    found, wanted, log_variances = torch.randn(6, 4) * 2.0, torch.randn(6, 4) * 2.0, torch.randn(6, 4) * 2.0
    scores, targets = torch.randn(12) * 5.0, torch.rand(12).round()
    classes, right = torch.randn(8, 2) * 4.0, torch.randint(0, 2, (8,))

    def with_gradients(function, *inputs):
        inputs = [one.clone().requires_grad_() for one in inputs]
        loss = function(*inputs)
        loss.sum().backward()
        return {"loss": loss, "gradients": [one.grad for one in inputs]}

    write("losses", {
        "found": found, "wanted": wanted, "log_variances": log_variances,
        "smooth_l1": {str(beta): with_gradients(lambda one: torch.nn.SmoothL1Loss(reduction="none", beta=beta)(one, wanted), found) for beta in (0.111111111, 1.0)},
        "gaussian": with_gradients(lambda one, log: torch.nn.GaussianNLLLoss(reduction="none")(one, wanted, log.exp()), found, log_variances),
        "objectness": {"scores": scores, "targets": targets, **with_gradients(lambda one: torch.nn.BCEWithLogitsLoss(reduction="none")(one, targets), scores)},
        "classes": {"scores": classes, "right": right, **with_gradients(lambda one: torch.nn.CrossEntropyLoss(reduction="none")(one, right), classes)},
    })


class Narrow(ResNet):
    """A ResNet of torchvision whose first layer has two channels and not 64, everything else in proportion."""

    def _make_layer(self, block, planes, blocks, stride=1, dilate=False):
        return super()._make_layer(block, planes // 32, blocks, stride, dilate)

    def __init__(self, block, layers):
        super().__init__(block, layers, norm_layer=FrozenBatchNorm2d)


def narrow(block, layers):
    # The constructor starts with 64 channels: what depends on them is made again with two.
    network = Narrow(block, layers)
    network.inplanes = 2
    network.conv1 = torch.nn.Conv2d(3, 2, kernel_size=7, stride=2, padding=3, bias=False)
    network.bn1 = FrozenBatchNorm2d(2)
    for number, (planes, stride) in enumerate(((64, 1), (128, 2), (256, 2), (512, 2)), 1):
        setattr(network, f"layer{number}", network._make_layer(block, planes, layers[number - 1], stride))
    return network


def resnets():
    for name, block, layers in (("resnet-18", BasicBlock, [2, 2, 2, 2]), ("bottleneck", Bottleneck, [1, 1, 1, 1])):
        torch.manual_seed(4)
        network = narrow(block, layers).eval()
        for key, value in network.state_dict().items():
            if key.endswith("running_var"):
                value.copy_(0.5 + torch.rand_like(value))
            elif key.endswith(("running_mean", "bias")):
                value.copy_(0.3 * torch.randn_like(value))
            elif "bn" in key or "downsample.1" in key:
                value.copy_(0.6 + 0.4 * torch.rand_like(value))
        image = torch.randn(1, 1, 32, 64)
        stages = IntermediateLayerGetter(network, {f"layer{number}": str(number) for number in range(1, 5)})
        with torch.no_grad():
            found = stages(image.expand(1, 3, 32, 64))
        kept = {key: value.contiguous() for key, value in network.state_dict().items() if not key.startswith("fc.")}
        save_file(kept, FOLDER / f"{name}.safetensors", {"format": "pt"})
        write(name, {"image": image, "stages": [found[str(number)] for number in range(1, 5)]})


def main():
    torch.set_num_threads(1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    boxes()
    anchors()
    pooling()
    losses()
    resnets()


if __name__ == "__main__":
    main()
