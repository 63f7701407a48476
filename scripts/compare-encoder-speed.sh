#!/usr/bin/env bash
# Puts the speed of Efface's encoder beside that of PyTorch: the same sizes, batch and threads, in alternating rounds.
#
# PyTorch's side is scripts/speed/encoder.py, which says what is measured; Efface's is the bench `encoder`.
#
# usage: scripts/compare-encoder-speed.sh [ROUNDS]     (5 when not given)
# Writes runs/encoder-speed/report.json and prints a table. Ratios are taken within a round, of the medians of its
# repeats, since the machine's speed drifts; the goal is half of PyTorch's tokens a second, forward and step.
#   TORCH_PYTHON   a Python with torch and transformers; without it one is made below runs/peers/tools (7 GB)
#   ENCODER_BENCH  a program to run instead of `cargo bench`; it writes the same line to $EFFACE_BENCH_JSON. What
#                  `cargo bench --profile release --workspace --bench encoder --no-run` names is one
#   THREADS        threads of both (2)
#   STRICT=yes     fail when the goal is missed
set -euo pipefail
unset OPENBLAS_CORETYPE # it would choose the kernels of one of the two
cd "$(dirname "${BASH_SOURCE[0]}")/.."

torch_version=2.9.0
transformers_version=5.24.0
n_rounds=${1:-5}
threads=${THREADS:-2}
results=$PWD/runs/encoder-speed
environment=$PWD/runs/peers/tools/torch
# As the workspace is built otherwise, so that nothing is compiled twice.
bench=(cargo bench --quiet --locked --profile release --workspace --bench encoder)
export RAYON_NUM_THREADS=$threads OMP_NUM_THREADS=$threads

if [ -z "${TORCH_PYTHON:-}" ]; then
    TORCH_PYTHON=$environment/bin/python
    if [ ! -e "$environment/is-complete" ]; then
        python3 -m venv "$environment"
        "$environment/bin/pip" install --quiet "torch==$torch_version" "transformers==$transformers_version" numpy
        touch "$environment/is-complete"
    fi
fi
if [ -n "${ENCODER_BENCH:-}" ]; then
    if [ ! -x "$ENCODER_BENCH" ]; then
        echo "there is no program at $ENCODER_BENCH" >&2
        exit 2
    fi
    bench=("$(realpath "$ENCODER_BENCH")")
else
    "${bench[@]}" --no-run
fi

rm -rf "$results"
mkdir -p "$results"
for round in $(seq "$n_rounds"); do
    EFFACE_BENCH_JSON=$results/efface.$round.json "${bench[@]}" >"$results/efface.$round.log" 2>&1 ||
        { echo "the bench failed: see $results/efface.$round.log" >&2; exit 1; }
    "$TORCH_PYTHON" scripts/speed/encoder.py "$results/torch.$round.json" --threads "$threads" --repeats 3 \
        >"$results/torch.$round.log" 2>&1 ||
        { echo "PyTorch failed: see $results/torch.$round.log" >&2; exit 1; }
done

python3 - "$results" "$n_rounds" "${STRICT:-no}" <<'PYTHON'
import json, pathlib, statistics, sys

results, n_rounds, strict = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "yes"
GOAL = 0.5
MEASURES = ("forward", "step")

def figures(tool, place):
    """All repeats of a round; the file may have a line for each measure or one for both."""
    found = {measure: [] for measure in MEASURES}
    about = {}
    for line in (results / f"{tool}.{place}.json").read_text().splitlines():
        record = json.loads(line)
        for measure in MEASURES:
            values = record.pop(measure, [])
            found[measure] += values if isinstance(values, list) else [values]
        about |= record
    for measure in MEASURES:
        if not found[measure]:
            sys.exit(f"{tool} says nothing about {measure} in round {place}")
    return found, about

def summed_up(values, digits):
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"

rounds, about = [], {}
for place in range(1, n_rounds + 1):
    row = {}
    for tool in ("efface", "torch"):
        row[tool], about[tool] = figures(tool, place)
    rounds.append(row)
report = {"about": about, "rounds": rounds, "ratios": {}}
print(f"Rounds: {n_rounds}; median (smallest to largest), of all repeats and of the ratios within rounds.")
print()
print("| | Efface, tokens/s | PyTorch, tokens/s | ratio | goal |")
print("|---|---|---|---|---|")
is_missed = False
for measure in MEASURES:
    ratios = [statistics.median(row["efface"][measure]) / statistics.median(row["torch"][measure]) for row in rounds]
    report["ratios"][measure] = ratios
    is_kept = statistics.median(ratios) >= GOAL
    is_missed |= not is_kept
    ours, theirs = ([value for row in rounds for value in row[tool][measure]] for tool in ("efface", "torch"))
    print(f"| {measure} | {summed_up(ours, 0)} | {summed_up(theirs, 0)} | {summed_up(ratios, 2)} "
          f"| {GOAL} {'kept' if is_kept else 'missed'} |")
(results / "report.json").write_text(json.dumps(report, indent=1) + "\n")
sys.exit(1 if strict and is_missed else 0)
PYTHON
