#!/usr/bin/env python3
"""Runs a released model with Hugging Face transformers and compares its logits with Efface's.

usage: transformers-logits.py MODEL_DIR INPUT.json OUT.json [--fixture FIXTURE.json]

MODEL_DIR holds config.json and model.safetensors of a `BertForTokenClassification`, and beside BERT's weights a table
`features.<name>.weight` [values, width] for each feature. What the embedding block gets instead of the word embedding is

    inputs_embeds = word_embeddings(input_ids) + sum over names of features.<name>.weight[features[name]]

to which it adds positions and types before it normalizes. Weights are f16 on disk and f32 in the computation.

INPUT.json, as `efface ner --logits INPUT.json` wrote it, all lists being [texts, tokens]:

    {"texts": …, "input_ids": …, "attention_mask": …, "features": {"<name>": …}, "logits": [texts, tokens, labels]}

OUT.json gets `logits` as transformers says, `max_absolute_difference`, `n_tokens` and the versions.
FIXTURE.json, if it is wanted and all agrees, gets a line for each text: its tokens and features without padding, and
the logits of transformers rounded to 1e-4; with the digest of the weights.
Tokens that the mask leaves out are not compared. Exit code 1 when the largest difference is above 1e-3 or none is a
number, when a weight is missing or unknown, or when the shapes differ.

    python3 -m venv VENV
    VENV/bin/pip install torch transformers safetensors numpy
"""

import argparse
import hashlib
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


def write_fixture(path, folder, given, logits, versions):
    """What a test compares with: a line for each text, in ASCII, so that no editor changes a string."""
    lines = []
    for row, text in enumerate(given["texts"]):
        n_tokens = sum(given["attention_mask"][row])
        lines.append(json.dumps({
            **text,
            "input_ids": given["input_ids"][row][:n_tokens],
            "features": {name: values[row][:n_tokens] for name, values in given["features"].items()},
            "logits": [[round(score, 4) for score in token] for token in logits[row][:n_tokens].tolist()],
        }, separators=(",", ":")))
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    head = f'{{"made_by": {json.dumps(versions)},\n"weights_sha256": "{digest}",\n"texts": [\n'
    path.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="ascii")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("model", "input", "out"):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument("--fixture", type=pathlib.Path)
    return parser.parse_args()


def main():
    asked = arguments()
    folder, source, out = asked.model, asked.input, asked.out
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
    if asked.fixture:
        write_fixture(asked.fixture, folder, given, logits, versions)


if __name__ == "__main__":
    main()
