#!/usr/bin/env python3
"""Runs a released model with Hugging Face transformers and compares its logits with Efface's.

usage: transformers-logits.py MODEL_DIR INPUT.json OUT.json

MODEL_DIR holds config.json and model.safetensors of a `BertForTokenClassification`, and beside BERT's weights a table
`features.<name>.weight` [values, width] for each feature. What the embedding block gets instead of the word embedding is

    inputs_embeds = word_embeddings(input_ids) + sum over names of features.<name>.weight[features[name]]

to which it adds positions and types before it normalizes. Weights are f16 on disk and f32 in the computation.

INPUT.json, as Efface wrote it, all lists being [texts, tokens]:

    {"input_ids": …, "attention_mask": …, "features": {"<name>": …}, "logits": [texts, tokens, labels]}

OUT.json gets `logits` as transformers says, `max_absolute_difference`, `n_tokens` and the versions.
Tokens that the mask leaves out are not compared. Exit code 1 when the largest difference is above 1e-3 or none is a
number, when a weight is missing or unknown, or when the shapes differ.

    python3 -m venv VENV
    VENV/bin/pip install torch transformers safetensors numpy
"""

import importlib.metadata
import json
import os
import pathlib
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import transformers
from safetensors.torch import load_file
from transformers import BertForTokenClassification

TOLERANCE = 1e-3
FEATURES = "features."
# The same at every loading, and in old files only.
NOT_WEIGHTS = {"bert.embeddings.position_ids"}


def load(folder):
    """The model in f32, and the tables of its features by name."""
    model, info = BertForTokenClassification.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    stored = load_file(folder / "model.safetensors")
    tables = {name.removeprefix(FEATURES).removesuffix(".weight"): weight.float()
              for name, weight in stored.items() if name.startswith(FEATURES) and name.endswith(".weight")}
    unknown = set(info["unexpected_keys"]) - {f"{FEATURES}{name}.weight" for name in tables} - NOT_WEIGHTS
    if info["missing_keys"] or unknown or info.get("mismatched_keys"):
        sys.exit(f"missing weights: {sorted(info['missing_keys'])}; unknown weights: {sorted(unknown)}; "
                 f"of another shape: {sorted(info.get('mismatched_keys') or [])}")
    return model.eval(), tables


def embedded(model, tables, given):
    """What goes into the embedding block in the place of word embeddings."""
    names = set(given.get("features", {}))
    if names != set(tables):
        sys.exit(f"the model has features {sorted(tables)}, the input {sorted(names)}")
    embeddings = model.get_input_embeddings()(torch.tensor(given["input_ids"]))
    for name in sorted(tables):
        embeddings = embeddings + torch.nn.functional.embedding(torch.tensor(given["features"][name]), tables[name])
    return embeddings


def main():
    if len(sys.argv) != 4:
        sys.exit(f"usage: {sys.argv[0]} MODEL_DIR INPUT.json OUT.json")
    folder, source, out = (pathlib.Path(argument) for argument in sys.argv[1:])
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    given = json.loads(source.read_text(encoding="utf-8"))
    model, tables = load(folder)
    mask = torch.tensor(given["attention_mask"])
    with torch.no_grad():
        logits = model(inputs_embeds=embedded(model, tables, given), attention_mask=mask).logits
    ours = torch.tensor(given["logits"], dtype=torch.float32)
    if ours.shape != logits.shape:
        sys.exit(f"shapes differ: transformers {list(logits.shape)}, Efface {list(ours.shape)}")
    differences = (logits - ours).abs()[mask.bool()]
    if not differences.numel():
        sys.exit("the mask leaves no token to compare")
    largest = differences.max().item()
    versions = {name: importlib.metadata.version(name) for name in ("torch", "transformers", "safetensors")}
    out.write_text(json.dumps({
        "made_by": versions,
        "n_tokens": int(mask.sum()),
        "max_absolute_difference": largest,
        "logits": logits.tolist(),
    }) + "\n", encoding="utf-8")
    print(f"largest absolute difference of the logits of {int(mask.sum())} tokens: {largest:.3e} (at most {TOLERANCE:g})")
    # Not a number is no agreement either.
    if not largest <= TOLERANCE:
        sys.exit(1)


if __name__ == "__main__":
    main()
