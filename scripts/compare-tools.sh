#!/usr/bin/env bash
# Scores Efface and two other tools on one suite, in one table: what leaks, what is kept, what is released.
#
# The others are installed from PyPI into a cache folder, each in a virtual environment of its own:
#   dicom-anonymizer  (BSD-3-Clause), its default rules
#   dicognito         (MIT), its default rules, identifiers seeded
# Neither says which file became which, so their results are told by fingerprints (efface eval --match-by-fingerprint).
# None of the two looks at pixels; Efface is run once with pixels and once with metadata only.
#
# usage: scripts/compare-tools.sh [SUITE.toml]     (datasets/smoke.toml when not given)
# Writes runs/tools/table.md and prints it; the reports of each are beside it.
#   EFFACE  the binary; without it one is built
#   PEERS   where the tools are installed (runs/peers/tools)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

definition=${1:-datasets/smoke.toml}
work=runs/tools
peers=${PEERS:-$PWD/runs/peers/tools}
dicom_anonymizer_version=2.1.0
dicognito_version=0.19.0
pydicom_version=3.0.2

install_tool() {
    local name=$1 package=$2
    if [ ! -x "$peers/$name/bin/python" ]; then
        python3 -m venv "$peers/$name"
        "$peers/$name/bin/pip" install --quiet "$package" "pydicom==$pydicom_version"
    fi
}

find_efface
rm -rf "$work"
mkdir -p "$work" "$peers"
install_tool venv "dicom-anonymizer==$dicom_anonymizer_version"
install_tool dicognito "dicognito==$dicognito_version"

"$EFFACE" synth "$definition" "$work/suite" >/dev/null
input=$work/suite/dicom

# Runs a tool and remembers its seconds: timed NAME COMMAND...
timed() {
    local name=$1 begin
    shift
    begin=$(date +%s.%N)
    # A tool may stop at a file that it cannot handle; what it wrote is scored all the same.
    "$@" >"$work/$name.log" 2>&1 || echo "$name ended with $?" >>"$work/$name.log"
    echo "$begin $(date +%s.%N)" | awk '{ printf "%.1f", $2 - $1 }' >"$work/$name.seconds"
}

score() {
    local name=$1
    shift
    "$EFFACE" eval "$work/$name" --suite "$work/suite" --report "$work/$name.report" "$@" >"$work/$name.scores"
}

for name in efface efface-metadata; do
    deid=("$EFFACE" deid "$input" "$work/$name" --run "$work/$name.run" --key testdata/ci.key --crosswalk)
    if [ "$name" = efface-metadata ]; then deid+=(--metadata-only); fi
    timed "$name" "${deid[@]}"
    score "$name" --run "$work/$name.run"
done
# dicom-anonymizer wants folders that are there, one by one: it does not descend.
anonymize_folders() {
    local folder relative
    find "$input" -type d | sort | while read -r folder; do
        relative=${folder#"$input"}
        mkdir -p "$work/dicom-anonymizer$relative"
        if find "$folder" -maxdepth 1 -type f | grep -q .; then
            "$peers/venv/bin/dicom-anonymizer" "$folder" "$work/dicom-anonymizer$relative" || true
        fi
    done
}
timed dicom-anonymizer anonymize_folders
score dicom-anonymizer --match-by-fingerprint
timed dicognito "$peers/dicognito/bin/python" -m dicognito --seed efface --quiet --output-directory "$work/dicognito" "$input"
score dicognito --match-by-fingerprint

python3 - "$work" <<'PYTHON' | tee "$work/table.md"
import json, pathlib, sys

work = pathlib.Path(sys.argv[1])

def share(rate):
    if rate is None:
        return "not measured"
    value = rate["numerator"] / rate["denominator"]
    shown = min(100 * value, 99.99) if value < 1 else 100.0
    return f"{shown:.2f} % ({rate['numerator']} of {rate['denominator']})"

def checks(counts):
    total = counts["pass"] + counts["fail"] + counts["blank"]
    return f"{100 * counts['pass'] / total:.2f} %"

print("| tool | released | PHI removed | kept text | pixels left alone | MIDI-B strict: removal, retention | official: all, removal, retention | s |")
print("|---|---|---|---|---|---|---|---|")
for name in ["efface", "efface-metadata", "dicom-anonymizer", "dicognito"]:
    metrics = json.loads((work / f"{name}.report" / "metrics.json").read_text())
    midi, counts = metrics["midi"], metrics["instances"]
    strict, official = midi["strict"]["scores"], midi["official"]
    cells = [
        name,
        f"{counts['found']} of {counts['instances']}",
        share(metrics["recall"]["overall"].get("removed")),
        share(metrics["retention"]["by_kind"].get("text")),
        share(metrics["retention"].get("identical_pixels")),
        f"{checks(strict['removal'])}, {checks(strict['retention'])}",
        f"{checks(official['all'])}, {checks(official['removal'])}, {checks(official['retention'])}",
        (work / f"{name}.seconds").read_text(),
    ]
    print("| " + " | ".join(cells) + " |")
PYTHON
