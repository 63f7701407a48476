#!/usr/bin/env bash
# Runs the official MIDI-B scorer, unmodified, beside Efface's and compares all that both write: the results database,
# the scoring workbook by instance and by series, and both discrepancy reports, row for row and cell for cell.
#
# usage: scripts/compare-official.sh SCORER [RUN | golden]
#   SCORER  a checkout of CBIIT/MIDI_validation_script (e61c8ea) with its virtual environment in SCORER/venv
#   RUN     a folder with suite/, out/ and run/crosswalk/, as scripts/e2e.sh leaves it (runs/e2e)
#   golden  the inputs of testdata/midi-golden in the place of RUN
# Verdicts by OCR depend on the engine (EasyOCR there, Tesseract here): they are compared apart, and taken out of the
# database before the official reports are made. The official scorer takes files in the order of their folder, so it gets
# a folder of links, in SCRATCH, that has them in the order of the key.
#   EFFACE   the binary; without it one is built
#   OUTPUT, UIDS, PATIENTS  another output for the same key, with its mappings
#   CPUS     multiprocessing_cpus, which decides the batches (1)
#   SCRATCH  a folder on tmpfs, whose order can be chosen (/dev/shm)
#   WORK     where results go (runs/official)
#   OCR      no: both get the key without pixel checks, since each takes the official scorer seconds
#   SPEED    yes: both are also timed, on the key without pixel checks
# Ends with 1 when something but OCR differs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

scorer=$(realpath "${1:?usage: scripts/compare-official.sh SCORER [RUN | golden]}")
python=$scorer/venv/bin/python
if [ ! -x "$python" ] || [ ! -f "$scorer/run_validation.py" ]; then
    echo "SCORER needs run_validation.py and a virtual environment in venv" >&2
    exit 2
fi
find_efface
EFFACE=$(realpath "$EFFACE")
cpus=${CPUS:-1}
work=$(realpath -m "${WORK:-runs/official}")
links=$(mktemp -d "${SCRATCH:-/dev/shm}/official-XXXXXX")
trap 'rm -rf "$links"' EXIT
differs=0

helper() { "$python" scripts/compare-official.py "$@"; }

# Writes what the official scorer is told: configure RUN_FOLDER KEY UIDS PATIENTS BY_SERIES
configure() {
    cat >"$1.json" <<JSON
{
  "run_name": "$(basename "$1")", "input_data_path": "$links", "output_data_path": "$(dirname "$1")",
  "answer_db_file": "$2", "uid_mapping_file": "$3", "patid_mapping_file": "$4", "multiprocessing": "False",
  "multiprocessing_cpus": "$cpus", "log_path": "$1.logs", "log_level": "error", "report_series": "$5"
}
JSON
}

# Runs a program of the official scorer: official PROGRAM CONFIGURATION
official() { (cd "$scorer" && "$python" "$1" "$2" >"$2.$1.printed" 2>&1); }

# efface_score FOLDER OUTPUT KEY UIDS PATIENTS OPTION...
efface_score() {
    local folder=$1 output=$2 key=$3 uids=$4 patients=$5
    shift 5
    "$EFFACE" midi "$output" --key-db "$key" --uid-mapping "$uids" --patient-mapping "$patients" --mode parity \
        --midi-cpus "$cpus" --report "$folder" "$@" >"$folder.printed"
}

# Scores one submission with both: compare_scores NAME OUTPUT KEY UIDS PATIENTS
compare_scores() {
    local folder=$work/$1 by_series mode
    shift
    rm -rf "$folder"
    mkdir -p "$folder"
    if [ "${OCR:-yes}" = no ]; then
        helper key-without-pixels "$2" "$folder/key.db" >"$folder/n-checks"
        set -- "$1" "$folder/key.db" "${@:3}"
    fi
    echo "== ${folder##*/}, multiprocessing_cpus $cpus"
    helper arrange "$2" "$3" "$1" "$links"
    configure "$folder/whole" "${@:2}" False
    official run_validation.py "$folder/whole.json" || true
    cat "$folder"/whole.logs/*.log >"$folder/errors" 2>/dev/null || true
    if [ ! -e "$folder/whole/pixel_validation.xlsx" ]; then
        echo "the official scorer ended without results: $(grep -oE '^[A-Za-z]+(Error|Exception)' "$folder/errors" | tail -n 1 || true)"
        differs=1
        return
    fi
    for mode in instance series; do
        echo "-- by $mode"
        by_series=$([ $mode = series ] && echo True || echo False)
        configure "$folder/$mode" "${@:2}" "$by_series"
        mkdir -p "$folder/$mode"
        cp "$folder/whole/validation_results.db" "$folder/$mode/"
        helper without-pixels "$folder/$mode/validation_results.db"
        official run_reports.py "$folder/$mode.json"
        efface_score "$folder/efface-$mode" "$@" --midi-report $mode --no-pixel-text --database
        helper folders "$folder/$mode" "$folder/efface-$mode" || differs=1
    done
    if [ "${OCR:-yes}" = yes ]; then
        efface_score "$folder/efface-whole" "$@" --midi-report instance --database
        helper pixels "$folder/whole/validation_results.db" "$folder/efface-whole/validation_results.db" || true
    fi
    if [ "${SPEED:-no}" = yes ]; then time_both "$folder" "$@"; fi
}

# Prints the checks for each CPU-second of both, results and reports written: time_both FOLDER OUTPUT KEY UIDS PATIENTS
time_both() {
    local folder=$1 output=$2 key=$1/timed.db mappings=("${@:4}") n_checks tool
    require_time
    n_checks=$(helper key-without-pixels "$3" "$key")
    configure "$folder/timed" "$key" "${mappings[@]}" True
    for tool in run_validation.py run_reports.py; do
        (cd "$scorer" && /usr/bin/time --append --output "$folder/official.time" --format '%U %S' "$python" $tool "$folder/timed.json") \
            >>"$folder/timed.printed" 2>&1
    done
    local efface=("$EFFACE" midi "$output" --key-db "$key" --uid-mapping "${mappings[0]}" --patient-mapping "${mappings[1]}"
        --mode parity --no-pixel-text --report "$folder/timed-efface")
    local timed=(/usr/bin/time --format '%U %S' --output)
    "${timed[@]}" "$folder/efface.time" "${efface[@]}" >>"$folder/timed.printed"
    "${timed[@]}" "$folder/efface-database.time" "${efface[@]}" --database >>"$folder/timed.printed"
    for tool in official efface efface-database; do
        awk -v tool="$tool" -v checks="$n_checks" '{ seconds += $1 + $2 } END {
            printf "speed, %s: %d checks, %.2f CPU-seconds, %.0f checks a CPU-second\n", tool, checks, seconds, checks / seconds
        }' "$folder/$tool.time"
    done
}

run=${2:-runs/e2e}
if [ "$run" = golden ]; then
    golden=$(realpath testdata/midi-golden)
    for name in min matrix; do
        key=$golden/$name/$([ $name = min ] && echo answer || echo matrix).db
        compare_scores "$name" "$golden/$name/deid" "$key" "$golden/$name/uid_mapping.csv" "$golden/$name/patid_mapping.csv"
    done
    compare_scores min-noop "$golden/min/orig" "$golden/min/answer.db" "$golden/min/uid_identity.csv" \
        "$golden/min/patid_identity.csv"
else
    run=$(realpath "$run")
    compare_scores "$(basename "$run")" "$(realpath "${OUTPUT:-$run/out}")" "$run/suite/answer.db" \
        "$(realpath "${UIDS:-$run/run/crosswalk/uids.csv}")" "$(realpath "${PATIENTS:-$run/run/crosswalk/patients.csv}")"
fi
exit $differs
