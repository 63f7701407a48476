#!/usr/bin/env python3
"""Speed of PyTorch on an encoder of MiniLM's size with a token head: forward passes and steps of AdamW.

usage: encoder.py OUT.json [--repeats N] [--threads N]     (5 and 2 when not given)

The network is transformers' `BertForTokenClassification` with random weights: 6 layers of 384, 12 heads, feed-forward
1536, exact GELU, 30,522 pieces, 39 labels (19 PHI labels in BIO), the attention kernel that PyTorch takes by default; all
weights are trained, in f32. A batch is 16 texts of 64 tokens without padding. A forward pass is without gradients and
without dropout; a step is the forward pass with dropout, the cross entropy, the backward pass and AdamW.

One unmeasured pass goes before each repeat; a repeat is at least a second of passes. OUT.json gets one line:
`forward` and `step` in tokens/s, one figure for each repeat, and what they were measured with.

    python3 -m venv VENV
    VENV/bin/pip install torch transformers numpy
"""

import argparse
import importlib.metadata
import json
import os
import platform
import time

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
from transformers import BertConfig, BertForTokenClassification

N_TEXTS, N_TOKENS, N_LABELS, N_PIECES = 16, 64, 39, 30522
SECONDS_AT_LEAST = 1.0


def network():
    return BertForTokenClassification(BertConfig(
        vocab_size=N_PIECES, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536,
        hidden_act="gelu", max_position_embeddings=512, num_labels=N_LABELS,
    ))


def tokens_per_second(work, n_repeats):
    """Figures of repeats of at least a second each, every one after a pass that does not count."""
    figures = []
    for _ in range(n_repeats):
        work()
        n_passes, begin, elapsed = 0, time.perf_counter(), 0.0
        while elapsed < SECONDS_AT_LEAST:
            work()
            n_passes += 1
            elapsed = time.perf_counter() - begin
        figures.append(n_passes * N_TEXTS * N_TOKENS / elapsed)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    settings = parser.parse_args()
    torch.set_num_threads(settings.threads)
    torch.manual_seed(20265)
    model = network()
    ids = torch.randint(0, N_PIECES, (N_TEXTS, N_TOKENS))
    mask = torch.ones_like(ids)
    labels = torch.randint(0, N_LABELS, (N_TEXTS, N_TOKENS))
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5, weight_decay=0.01)

    def forward():
        with torch.inference_mode():
            logits = model(input_ids=ids, attention_mask=mask).logits
        if not torch.isfinite(logits[0, 0, 0]):
            raise ValueError("the network gave no number")

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
        loss.backward()
        optimizer.step()
        if not torch.isfinite(loss):
            raise ValueError("the loss is no number")

    model.eval()
    forward_figures = tokens_per_second(forward, settings.repeats)
    model.train()
    step_figures = tokens_per_second(step, settings.repeats)
    line = {
        "forward": forward_figures,
        "step": step_figures,
        "threads": settings.threads,
        "batch": [N_TEXTS, N_TOKENS],
        "attention": model.config._attn_implementation,
        "processor": torch.backends.cpu.get_cpu_capability(),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("torch", "transformers")},
    }
    with open(settings.out, "w", encoding="ascii") as out:
        out.write(json.dumps(line) + "\n")
    print(json.dumps(line))


if __name__ == "__main__":
    main()
