#!/usr/bin/env bash
# Puts Efface's metadata-only speed beside that of its peers and of cp -r: same files, same session, interleaved.
#
# Peers, installed once into a cache folder:
#   dcmanon           crate dicom-anonymization (MIT), compiled here, its default rules
#   dicom-anonymizer  PyPI (BSD-3-Clause), in a virtual environment of its own, its default rules
# Corpora:
#   ct    860 CT instances of 271 KB, 18 patients, made here
#   real  the files of scripts/fetch-real.sh, when they are there; the peers stop at the first that they cannot handle, Efface withholds some
#
# usage: scripts/compare-peers.sh [ROUNDS]     (7 when not given)
# Writes runs/peers/report.json and prints it as tables. Two threads where a tool can use them; efface-1 is Efface on one,
# efface-no-digests is Efface on two without the hashes of results, which no peer makes.
#   EFFACE      the binary; without it one is built
#   PEERS       where the peers are installed (runs/peers/tools)
#   SCRATCH     a folder in memory (/dev/shm)
#   STRICT=yes  fail when a goal is missed, not only when files are lost
set -euo pipefail
unset RUST_BACKTRACE # a backtrace is costly, and dicom-rs takes one where a file ends
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

dcmanon_version=0.3.1
dicom_anonymizer_version=2.1.0
pydicom_version=3.0.2
n_rounds=${1:-7}
n_files=860
side_px=368
tools=(cp efface efface-no-digests efface-1 dcmanon dicom-anonymizer)
results=runs/peers
peers=${PEERS:-$PWD/runs/peers/tools}

require_time

install_peers() {
    mkdir -p "$peers"
    if [ ! -x "$peers/dcmanon/bin/dcmanon" ]; then
        cargo install --quiet --locked --root "$peers/dcmanon" "dicom-anonymization@$dcmanon_version"
    fi
    if [ ! -x "$peers/venv/bin/dicom-anonymizer" ]; then
        python3 -m venv "$peers/venv"
        "$peers/venv/bin/pip" install --quiet "dicom-anonymizer==$dicom_anonymizer_version" "pydicom==$pydicom_version"
    fi
}

# Sets `command` to what a tool is called with: command_of TOOL INPUT OUTPUT.
command_of() {
    local tool=$1 input=$2 output=$3
    local deid=("$EFFACE" deid "$input" "$output" --run "$output.run" --key testdata/ci.key --metadata-only --ner none)
    case "$tool" in
    efface) command=("${deid[@]}" --threads 2) ;;
    efface-no-digests) command=("${deid[@]}" --threads 2 --result-digests none) ;;
    efface-1) command=("${deid[@]}" --threads 1) ;;
    dcmanon) command=("$peers/dcmanon/bin/dcmanon" anonymize --recursive --continue --input "$input" --output "$output") ;;
    dicom-anonymizer) command=("$peers/venv/bin/dicom-anonymizer" "$input" "$output") ;;
    cp) command=(cp -r "$input" "$output") ;;
    esac
}

# Measures one run of a tool and adds a line to the measurements:
# corpus, tool, round, inputs, outputs, exit code, wall s, user s, system s, peak KiB.
measure() {
    local corpus=$1 tool=$2 round=$3 input=$4 n_inputs=$5 code=0 n_outputs times command
    local output="$scratch/out"
    command_of "$tool" "$input" "$output"
    # The two peers want a folder that is there, and cp one that is not.
    case "$tool" in dcmanon | dicom-anonymizer) mkdir "$output" ;; esac
    # The shell's clock counts milliseconds, /usr/bin/time hundredths; only the latter knows the peak memory.
    TIMEFORMAT='%3R %3U %3S'
    times=$({ time /usr/bin/time --output "$scratch/peak" --format '%M' "${command[@]}" >"$scratch/log" 2>&1; } 2>&1) ||
        code=$?
    n_outputs=$(find "$output" -type f | wc -l)
    case "$tool" in efface*)
        # What a person must see is withheld from the output folder: it is a result too.
        if [ -d "$output.run/review" ]; then
            n_outputs=$((n_outputs + $(find "$output.run/review" -type f | wc -l)))
        fi
        [ "$code" -ne 3 ] || code=0
        ;;
    esac
    if [ "$corpus" = ct ] && { [ "$n_outputs" -ne "$n_inputs" ] || [ "$code" -ne 0 ]; }; then
        tail -n 5 "$scratch/log" >&2
        echo "$tool made $n_outputs files of $n_inputs and ended with $code" >&2
        exit 1
    fi
    # The last line: above it, time reports an exit code that is not zero.
    echo "$corpus $tool $round $n_inputs $n_outputs $code $times $(tail -n 1 "$scratch/peak")" \
        >>"$results/measurements.txt"
    rm -rf "$output" "$output.run"
}

compare() {
    local corpus=$1 input=$2 n_inputs round tool
    n_inputs=$(find "$input" -type f | wc -l)
    # Round 0 is not counted: programs and files come into the caches.
    for ((round = 0; round <= n_rounds; round++)); do
        for tool in "${tools[@]}"; do
            measure "$corpus" "$tool" "$round" "$input" "$n_inputs"
        done
    done
}

install_peers
find_efface
scratch=$(mktemp -d "${SCRATCH:-/dev/shm}/efface-peers.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$results"
: >"$results/measurements.txt"

export RAYON_NUM_THREADS=2 # dcmanon has no option for it

write_inputs ct "$scratch/ct" "$n_files" "$side_px"
compare ct "$scratch/ct"
if [ -d data/real ]; then
    # One folder, since dicom-anonymizer looks into no folder below it.
    mkdir "$scratch/real"
    find -L data/real -type f -print0 | sort -z | {
        file_idx=0
        while IFS= read -r -d '' file; do
            file_idx=$((file_idx + 1))
            cp "$file" "$scratch/real/$file_idx.dcm"
        done
    }
    compare real "$scratch/real"
fi

python3 scripts/compare-peers.py "$results/measurements.txt" "$results/report.json" \
    "efface=$("$EFFACE" --version | cut -d ' ' -f 2)" "dcmanon=$dcmanon_version" \
    "dicom-anonymizer=$dicom_anonymizer_version (pydicom $pydicom_version)" "cp=$(cp --version | head -n 1 | grep -o '[0-9.]*$')" \
    ${STRICT:+--strict}
