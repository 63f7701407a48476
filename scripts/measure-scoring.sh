#!/usr/bin/env bash
# Scores an answer key as large as the challenge's, and prints time and peak memory.
#
# The suite of the last end-to-end run (scripts/e2e.sh) is multiplied to 24,000 instances of 250 checks each, with a file
# for each, without pixel checks. Both modes are timed. The official scorer does about 3,200 checks a CPU-second.
#
# usage: scripts/measure-scoring.sh [INSTANCES] [CHECKS]
#   EFFACE   the binary; without it one is built
#   WRITE_LARGE_KEY  the example of efface-benches; without it one is built
#   SCRATCH  a folder with some four gigabytes of room (runs/scoring)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

n_instances=${1:-24000}
n_checks=${2:-250}
scratch=${SCRATCH:-runs/scoring}
suite=runs/e2e

require_time
find_efface
if [ -z "${WRITE_LARGE_KEY:-}" ]; then
    cargo build --quiet --release --locked -p efface-benches --example write-large-key
    WRITE_LARGE_KEY=${CARGO_TARGET_DIR:-target}/release/examples/write-large-key
fi
rm -rf "$scratch"
mkdir -p "$scratch"
"$WRITE_LARGE_KEY" "$suite/suite/answer.db" "$suite/out" "$suite/run/crosswalk/uids.csv" "$scratch" "$n_instances" "$n_checks"
echo "$n_instances instances, $((n_instances * n_checks)) checks, a key of $(du -h "$scratch/key.db" | cut -f1)"
for mode in parity strict; do
    /usr/bin/time --output "$scratch/time" --format '%U %S %e %M' "$EFFACE" midi "$scratch/files" --key-db "$scratch/key.db" \
        --uid-mapping "$scratch/uids.csv" --patient-mapping "$suite/run/crosswalk/patients.csv" --mode "$mode" \
        --no-pixel-text --report "$scratch/$mode" >"$scratch/$mode.scores"
    awk -v mode="$mode" -v checks=$((n_instances * n_checks)) '{
        printf "%s: %.1f s, %.1f CPU-seconds, %.0f MiB, %.0f checks a CPU-second\n", mode, $3, $1 + $2, $4 / 1024, checks / ($1 + $2)
        if ($3 > 120 || $4 > 2 * 1024 * 1024) { print mode ": more than two minutes or two GiB"; exit 1 }
    }' "$scratch/time"
done
rm -rf "$scratch"
