#!/usr/bin/env bash
# End-to-end run on the smallest suite: synthesize, validate, de-identify twice, score,
# compare the score of every case with the committed file, and keep the thresholds of datasets/gate.toml.
#
# usage: scripts/e2e.sh [--accept]
#   --accept  put the evaluation of this run in the place of the committed one
#
# EFFACE names the binary; without it one is built. TEXT_DETECTOR names the folder of another text detector than the
# released one, or none: the cases then differ from the committed ones, and runs/e2e/comparison says how.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

baseline=reports/baseline/smoke
work=runs/e2e
accept=false
case "${1:-}" in
"") ;;
--accept) accept=true ;;
*)
    sed -n 's/^# \{0,1\}//; 5,6p' "$0" >&2
    exit 2
    ;;
esac

find_efface
rm -rf "$work"
mkdir -p "$work"

"$EFFACE" synth datasets/smoke.toml "$work/suite"
synth/dciodvfy.sh "$work/suite"

deid=("$EFFACE" deid "$work/suite/dicom" --key testdata/ci.key --text-detector "${TEXT_DETECTOR:-auto}")
attention_is_success "${deid[@]}" "$work/out" --run "$work/run" --crosswalk --stage-times "$work/stage-times.jsonl"
"$EFFACE" eval "$work/out" --suite "$work/suite" --run "$work/run" --report "$work/report" --require datasets/requirements.toml --judged "$work/judged.jsonl"

# How far the probabilities of final decisions can be trusted, which the gate asks for, and how long each stage takes by
# modality, which is to be looked at only.
"$EFFACE" measure calibration "$work/judged.jsonl" --report "$work/report" >"$work/calibration.txt"
"$EFFACE" measure throughput --rows "$work/stage-times.jsonl" --report "$work/stages" >"$work/stages.txt"

# The bytes must not depend on the number of threads.
attention_is_success "${deid[@]}" "$work/out-one-thread" --run "$work/run-one-thread" --threads 1
diff -r "$work/out" "$work/out-one-thread"
cmp "$work/run/decisions.jsonl" "$work/run-one-thread/decisions.jsonl"

# Every decision must name a rule that has a manual.
grep -oh '"rule":"[^"]*"' "$work/run/decisions.jsonl" | cut -d'"' -f4 | sort -u >"$work/rules-used"
"$EFFACE" rule --all | sed -n 's/^### .\([a-z0-9.-]*\).*/\1/p' | sort -u >"$work/rules-known"
if [ -n "$(comm -23 "$work/rules-used" "$work/rules-known")" ]; then
    echo "decisions name rules without a manual:"
    comm -23 "$work/rules-used" "$work/rules-known"
    exit 1
fi

if $accept; then
    mkdir -p "$baseline"
    cp "$work/report/cases.csv" "$work/report/metrics.json" "$work/report/calibration.json" "$baseline/"
    echo "accepted: $baseline"
elif [ ! -e "$baseline/cases.csv" ]; then
    echo "There is no $baseline to compare with: just accept (or scripts/e2e.sh --accept) makes it."
    exit 1
else
    # What became worse, with the reasons a reviewer wants; exit code 20 ends the script.
    "$EFFACE" compare "$baseline" "$work/report" --gate datasets/gate.toml --report "$work/comparison" >/dev/null
    if ! diff -u "$baseline/cases.csv" "$work/report/cases.csv" >"$work/cases.diff"; then
        head -n 200 "$work/cases.diff"
        echo "The cases differ from $baseline/cases.csv ($(grep -c '^[+-][^+-]' "$work/cases.diff" || true) lines)."
        echo "What changed is told in $work/comparison/comparison.md; the report is $work/report/report.html."
        echo "If the change is meant: just accept (or scripts/e2e.sh --accept), and commit the folder with the reason."
        exit 1
    fi
    echo "end-to-end run: every case as committed, every threshold kept; report in $work/report/report.html"
fi
