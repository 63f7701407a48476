"""The residual blocks that the text detector and the text reader are made of, written down a second time over torch."""

import torch.nn.functional as functional


class Blocks:
    """Parts of a network by the names of its weights."""

    def __init__(self, weights):
        self.weights = {name: value.float() for name, value in weights.items()}

    def pointwise(self, features, name):
        weight = self.weights[f"{name}.weight"][:, :, None, None]
        return functional.conv2d(features, weight, self.weights[f"{name}.bias"])

    def depthwise(self, features, name):
        weight = self.weights[f"{name}.weight"]
        return functional.conv2d(features, weight, None, 1, weight.shape[-1] // 2, 1, weight.shape[0])

    def norm(self, features, name):
        weight, bias = self.weights[f"{name}.group.weight"], self.weights[f"{name}.group.bias"]
        return functional.group_norm(features, features.shape[1] // 8, weight, bias, 1e-5)

    def stage(self, folded, name, blocks):
        """Blocks of one size of cells, behind the cells that became channels."""
        features = self.norm(self.pointwise(folded, f"{name}.enter"), f"{name}.norm")
        for block in range(blocks):
            inner = f"{name}.blocks.{block}"
            around = self.norm(self.depthwise(features, f"{inner}.around"), f"{inner}.norm")
            wide = functional.relu(self.pointwise(around, f"{inner}.widen"))
            features = features + self.pointwise(wide, f"{inner}.narrow")
        return features
