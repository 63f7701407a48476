#!/usr/bin/env bash
# Trains networks of the sizes of RoBERTa's and BERT's base (ClinicalBERT's) for one step: bases with random weights are
# written, loaded, fine-tuned by one batch of sixteen texts with AdamW over all weights, and released.
# Prints the loss, the seconds of the step, and the peak memory of the whole run.
# Needs 8 GB of memory, 5 GB of disk under runs/ and /usr/bin/time (Debian package time).
#   EFFACE  the binary; without it one is built
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

begin_measurement runs/large

# Writes texts with a name each: texts FILE COUNT.
texts() {
    python3 - "$1" "$2" <<'PYTHON'
import json, sys

path, count = sys.argv[1], int(sys.argv[2])
names = ["Anderson", "Okonkwo", "Quillfeather", "Ravn"]
with open(path, "w", encoding="ascii") as out:
    for index in range(count):
        name = names[index % len(names)]
        out.write(json.dumps({
            "format_version": 1, "index": index, "text": f"told by {name} to phone",
            "spans": [{"start": 8, "end": 8 + len(name), "label": "NAME", "element": "A", "is_known": False}],
            "negatives": [],
            "context": {"attribute": None, "keyword": "StudyComments", "vr": "LT", "modality": "CT", "locale": "en_US",
                        "patient": index},
        }) + "\n")
PYTHON
}

printf '%-14s %12s %8s %8s %10s %14s %10s\n' 'sizes of' parameters tokens loss seconds 'gradient norm' 'peak MiB'
for like in roberta-base bert-base; do
    base=$work/$like-base
    n_parameters=$("$EFFACE" train random-base --like "$like" "$base" | awk '{ print $(NF - 1) }')
    for split in train validation calibration; do
        [ "$split" = train ] && count=16 || count=4
        texts "$work/$split.jsonl" "$count"
    done
    {
        printf 'output = "%s/%s"\nbase = "%s"\n' "$work" "$like" "$base"
        for split in train validation calibration; do
            printf '[[datasets]]\npath = "%s/%s.jsonl"\nformat = "jsonl"\nsplit = "%s"\n' "$work" "$split" "$split"
        done
        printf '[network]\nmax-tokens = 64\n[optimizer]\nepochs = 1\nbatch-tokens = 1024\n'
    } >"$work/$like.toml"
    /usr/bin/time --output "$work/$like.time" --format '%M' \
        "$EFFACE" train ner --config "$work/$like.toml" >"$work/$like.log" 2>&1 ||
        { cat "$work/$like.log" >&2; exit 1; }
    python3 - "$work/$like" "$like" "$n_parameters" "$(tail -n 1 "$work/$like.time")" <<'PYTHON'
import json, math, pathlib, sys

folder, like, n_parameters, peak_kib = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
records = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
steps = [record for record in records if record["kind"] == "step"]
if len(steps) != 1:
    sys.exit(f"{len(steps)} steps were made, not one")
values = steps[0]["values"]
if not all(math.isfinite(value) for value in values.values()) or values["gradient_norm"] <= 0:
    sys.exit(f"a figure of the step is no number: {values}")
if not (folder / "model" / "model.safetensors").exists():
    sys.exit("no model was released")
print(f"{like:14} {n_parameters:12,} {values['tokens']:8.0f} {values['loss']:8.4f} {values['seconds']:10.1f} "
      f"{values['gradient_norm']:14.3f} {peak_kib / 1024:10,.0f}")
PYTHON
    rm -rf "$base" "${work:?}/$like"
done
