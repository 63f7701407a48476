#!/usr/bin/env bash
# Compares the released model with transformers, and puts the numbers of nets/testdata/golden/ner-minilm.json in order:
# what transformers says about the eight texts of ner-minilm-texts.jsonl, rounded to 1e-4, with the digest of the weights.
#
# usage: scripts/renew-logits.sh [MODEL_DIR]     (models/ner-minilm when not given)
#   EFFACE        the binary; without it one is built
#   TORCH_PYTHON  a Python with torch, transformers and safetensors
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

model=${1:-models/ner-minilm}
golden=nets/testdata/golden
work=runs/logits
find_efface
mkdir -p "$work"
"$EFFACE" ner --no-rules --model "$model" --logits "$work/efface.json" "$golden/ner-minilm-texts.jsonl" >"$work/path"
"${TORCH_PYTHON:-runs/peers/tools/torch/bin/python}" scripts/transformers-logits.py \
    "$model" "$work/efface.json" "$work/transformers.json" --fixture "$golden/ner-minilm.json"
