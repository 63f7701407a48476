#!/usr/bin/env bash
# Measures a release anew and bundles the evidence into reports/VERSION, which `efface verify` then proves unchanged.
#
# What is in it:
#   smoke             the end-to-end run of the smoke suite, with requirements, calibration and speed of the same run
#   comparison        the same beside the committed evaluation, through the committed gate
#   ner-out-of-template, ner-test
#                     the released recognizer beside the rules, on texts that no template wrote and on 5,000 of ner-test
#   text-detect-test  the released text detector on images of fonts and layouts that it was not trained on
#   models            cards, configurations, calibrations and digests of the released models
#
# usage: scripts/release-report.sh VERSION
#   EFFACE  the binary; without it one is built
#   WITH    which of "ner detector" to measure; the detector takes some ten minutes (ner detector)
# Nothing is bundled where the end-to-end run fails: a case differs from the committed one, or a requirement or a threshold
# of the gate is not kept.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

if [ $# -ne 1 ]; then
    echo "usage: $0 VERSION" >&2
    exit 2
fi
version=$1
if [ -e "reports/$version" ]; then
    echo "reports/$version is there already; a release is never written over" >&2
    exit 2
fi
run=runs/e2e
work=runs/release
with=" ${WITH-ner detector} "
find_efface
rm -rf "$work"
mkdir -p "$work"
evidence=()
add() { evidence+=(--evidence "$1=$2"); }

scripts/e2e.sh
"$EFFACE" measure throughput "$run/suite" --threads 1,2 --repeats 3 --stages --report "$run/report" >"$work/speed.txt"
add smoke "$run/report"

"$EFFACE" compare reports/baseline/smoke "$run/report" --gate datasets/gate.toml --report "$work/comparison" >/dev/null
add comparison "$work/comparison"

if [[ $with == *" ner "* ]]; then
    "$EFFACE" synth datasets/ner-test.toml "$work/ner-test" >/dev/null
    head -n 5000 "$work/ner-test/ner.jsonl" >"$work/ner-test.jsonl"
    cp testdata/out-of-template/out-of-template.jsonl "$work/ner-out-of-template.jsonl"
    for name in ner-out-of-template ner-test; do
        "$EFFACE" ner "$work/$name.jsonl" --model models/ner-minilm >"$work/$name.spans.jsonl"
        "$EFFACE" measure ner "$work/$name.jsonl" "$work/$name.spans.jsonl" --report "$work/report-$name" >"$work/$name.txt"
        add "$name" "$work/report-$name"
    done
fi
if [[ $with == *" detector "* ]]; then
    "$EFFACE" synth datasets/text-detect-test.toml "$work/text-detect-test" >/dev/null
    "$EFFACE" train predict-text models/text-detector-compact "$work/text-detect-test" "$work/boxes.json"
    "$EFFACE" measure detector "$work/text-detect-test/coco.json" "$work/boxes.json" --report "$work/report-detector" >"$work/detector.txt"
    add text-detect-test "$work/report-detector"
fi

"$EFFACE" report release "$version" --reports reports "${evidence[@]}" --model models/ner-minilm --model models/text-detector-compact --model models/text-reader-compact
"$EFFACE" verify "reports/$version"
