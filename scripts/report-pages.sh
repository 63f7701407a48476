#!/usr/bin/env bash
# Makes a page of every kind below runs/pages, for scripts/check-report.sh: of the end-to-end run where there is
# something to show, and of a few lines where a page is wanted and not a figure.
#
# usage: scripts/report-pages.sh
#   EFFACE  the binary; without it one is built
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

run=runs/e2e
pages=runs/pages
find_efface
if [ ! -e "$run/report/report.html" ]; then
    scripts/e2e.sh
fi
rm -rf "$pages"
mkdir -p "$pages"

# The gate may fail: its page is wanted all the same.
"$EFFACE" compare reports/baseline/smoke "$run/report" --gate datasets/gate.toml --report "$pages/comparison" >/dev/null || [ $? -eq 20 ]
"$EFFACE" measure calibration "$run/judged.jsonl" --report "$pages/calibration" >/dev/null
"$EFFACE" measure throughput "$run/suite" --metadata-only --threads 1,2 --repeats 2 --stages --report "$pages/throughput" >/dev/null
gold=testdata/out-of-template/out-of-template.jsonl
"$EFFACE" ner "$gold" --no-model >"$pages/spans.jsonl"
"$EFFACE" measure ner "$gold" "$pages/spans.jsonl" --report "$pages/ner" >/dev/null
# Every other word, three pixels off: no detector, but a page.
python3 - "$run/suite/coco.json" "$pages/boxes.json" <<'PYTHON'
import json, sys

words = json.load(open(sys.argv[1]))["annotations"]
boxes = [
    {"image_id": word["image_id"], "category_id": word["category_id"], "score": (at % 20 + 1) / 20,
     "bbox": [word["bbox"][0] + at % 4, *word["bbox"][1:]]}
    for at, word in enumerate(words) if at % 2 == 0
]
json.dump(boxes, open(sys.argv[2], "w"))
PYTHON
"$EFFACE" measure detector "$run/suite/coco.json" "$pages/boxes.json" --report "$pages/detector" >/dev/null
"$EFFACE" report release check --reports "$pages/releases" --evidence smoke="$run/report" \
    --evidence comparison="$pages/comparison" --evidence calibration="$pages/calibration" \
    --evidence speed="$pages/throughput" --evidence ner="$pages/ner" --evidence detector="$pages/detector" \
    --model models/ner-minilm --model models/text-detector-compact --model models/text-reader-compact >/dev/null
