#!/usr/bin/env bash
# De-identifies the real files that scripts/fetch-real.sh fetched and counts how they end.
# Fails when the run fails or when an input is not accounted for.
#
# usage: scripts/deid-real.sh [OPTION OF efface deid ...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

scripts/fetch-real.sh
find_efface
work=runs/real
rm -rf "$work"
mkdir -p "$work"

attention_is_success "$EFFACE" deid data/real "$work/out" --run "$work/run" --key testdata/ci.key --crosswalk "$@"

decisions="$work/run/decisions.jsonl"
n_inputs=$(find data/real -type f | wc -l)
n_outcomes=$(wc -l <"$decisions")
n_outputs=$(find "$work/out" -type f | wc -l)
n_deidentified=$(grep -c '^{[^{]*"status":"deidentified"' "$decisions" || true)

echo
echo "inputs    $n_inputs"
echo "outcomes  $n_outcomes"
grep -o '^{[^{]*"status":"[a-z_]*"' "$decisions" | sed 's/.*:"\(.*\)"/\1/' | sort | uniq -c
echo "reasons"
# An instance may have several; each set is counted as one.
grep -o '"reasons":\["[^]]*\]' "$decisions" | sed 's/"reasons"://' | sort | uniq -c | sort -rn || true

if [ "$n_inputs" -ne "$n_outcomes" ] || [ "$n_outputs" -ne "$n_deidentified" ]; then
    echo "not every input is accounted for: $n_outputs files in the output folder" >&2
    exit 1
fi
