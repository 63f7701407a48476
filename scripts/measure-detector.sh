#!/usr/bin/env bash
# Measures what it costs to find, read, judge and paint over text in pixels: seconds of a frame, frames a second and peak
# memory of `efface deid` on two threads, without a network, with the released ones, with the
# released finder and Tesseract alone to read, and with its triage.
# Inputs: drawn colour ultrasounds of 640x512 with ordinary text and without an identity, radiographs of 1800x2000, and
# studies of many kinds as `datasets/midi-like.toml` has them. `one` is a single frame with the start of the program.
# Needs /usr/bin/time (Debian package time). Run it where nothing else runs.
#   EFFACE  the binary; without it one is built
#   MODEL   the detector (models/text-detector-compact)
set -euo pipefail
unset RUST_BACKTRACE # a backtrace is costly, and dicom-rs takes one where a file ends
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

begin_measurement runs/detector-speed
model=${MODEL:-models/text-detector-compact}

# Writes a suite of one kind of images: suite NAME PATIENTS SHARE-WITH-IDENTITIES KIND ROWS COLUMNS.
suite() {
    cat >"$work/$1.toml" <<TOML
name = "$1"
seed = 7101
split = "test"
patients = $2
studies-min = 1
studies-max = 1
burned-in-share = $3
named-folder-share = 0.0

[series.$4]
rows = $5
columns = $6
TOML
    "$EFFACE" synth "$work/$1.toml" "$work/$1" >/dev/null
}

# Prints one row: measure NAME FOLDER LABEL OPTION...
measure() {
    local name=$1 input=$2 label=$3
    shift 3
    rm -rf "$work/out" "$work/run"
    attention_is_success /usr/bin/time --output "$work/time" --format '%M %e %U %S' \
        "$EFFACE" deid "$input" "$work/out" --run "$work/run" --key testdata/ci.key --threads 2 "$@" \
        >"$work/log" 2>&1 || { cat "$work/log" >&2; return 1; }
    tail -n 1 "$work/time" | awk -v name="$name" -v label="$label" -v n="$(find "$input" -type f | wc -l)" \
        '{ printf "%-14s %-16s %6d %10.3f %12.3f %10.2f %9.0f\n", name, label, n, $2 / n, ($3 + $4) / n, n / $2, $1 / 1024 }'
}

suite with-text 30 1.0 us 512 640
suite without-identity 30 0.0 us 512 640
suite radiographs 8 1.0 dx 2000 1800
mkdir -p "$work/one"
find "$work/with-text/dicom" -type f | sort | head -n 1 | xargs -I{} cp {} "$work/one/"
# Every 32nd instance of the mix, so that all kinds are in it.
"$EFFACE" synth datasets/midi-like.toml "$work/mix-all" >/dev/null
mkdir -p "$work/mix"
(cd "$work/mix-all/dicom" && find . -type f | sort | awk 'NR % 32 == 0' | xargs -d '\n' cp --parents -t ../../mix)
rm -rf "$work/mix-all"

printf '%-14s %-16s %6s %10s %12s %10s %9s\n' input finder files 's a file' 'cpu s a file' files/s 'peak MiB'
for input in with-text without-identity radiographs mix one; do
    folder=$work/$input
    [ -d "$folder/dicom" ] && folder=$folder/dicom
    # The first pass brings the files into the page cache; the second is measured.
    find "$folder" -type f -exec cat {} + >/dev/null
    measure "$input" "$folder" search --ner none --text-detector none
    measure "$input" "$folder" network --ner none --text-detector "$model"
    measure "$input" "$folder" 'Tesseract reads' --ner none --text-detector "$model" --text-reader none
    measure "$input" "$folder" 'with triage' --ner none --text-detector "$model" --detector-triage
done
measure mix "$work/mix" 'metadata, NER' --metadata-only --ner models/ner-minilm
measure mix "$work/mix" 'search, NER' --text-detector none --ner models/ner-minilm
measure mix "$work/mix" 'network, NER' --text-detector "$model" --ner models/ner-minilm
