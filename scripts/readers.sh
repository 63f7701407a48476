#!/usr/bin/env bash
# Do other programs read what comes out? Runs dcmdump (DCMTK), gdcminfo (GDCM) and pydicom, each where it is installed,
# over every result of the real files and of the suite smoke. A result that a program cannot read although it reads the
# original counts as a failure: exit code 4.
#
# usage: scripts/readers.sh [ORIGINALS OUTPUT RUN]
#   without arguments: the real files of scripts/fetch-real.sh and the suite smoke
#   with arguments: a finished run with a crosswalk (efface deid --crosswalk)
#
# EFFACE names the binary; without it one is built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# All elements, values in memory: what a program that opens a file and looks at it does.
cat >"$work/read.py" <<'PYTHON'
import sys
import warnings

import pydicom

warnings.simplefilter("ignore")
for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        for element in pydicom.dcmread(path).iterall():
            element.value
        print("0\t" + path)
    except Exception:
        print("1\t" + path)
PYTHON

readers=()
command -v dcmdump >/dev/null && readers+=(dcmdump)
command -v gdcminfo >/dev/null && readers+=(gdcminfo)
python3 -c 'import pydicom' 2>/dev/null && readers+=(pydicom)
if [ ${#readers[@]} -eq 0 ]; then
    echo "neither dcmdump nor gdcminfo nor pydicom is installed; on Debian: apt-get install dcmtk libgdcm-tools" >&2
    exit 2
fi

# reads READER LIST: a line "0<tab>path" for each file of the list that the reader reads, "1<tab>path" for the others.
reads() {
    local path code
    if [ "$1" = pydicom ]; then
        python3 "$work/read.py" <"$2"
        return
    fi
    while IFS= read -r path; do
        code=0
        # The shell would name a program that was ended by a signal on its own stderr.
        case $1 in
        dcmdump) { dcmdump --quiet "$path" >"$work/printed" 2>/dev/null; } 2>/dev/null || code=1 ;;
        gdcminfo) { gdcminfo "$path" >"$work/printed" 2>/dev/null; } 2>/dev/null || code=1 ;;
        esac
        printf '%s\t%s\n' "$code" "$path"
    done <"$2"
}

# Results that a program need not read: the reader, the end of the original's path, and the reason.
known() {
    cat <<'TEXT'
gdcminfo	test_files/badVR.dcm	its Number of Frames is no number, and goes; GDCM ends at the missing one by an assertion
TEXT
}

failures=0
# compare ORIGINALS OUTPUT RUN NAME
compare() {
    local originals=$1 output=$2 run=$3 name=$4 line new old reader n_results n_read n_worse
    : >"$work/originals"
    : >"$work/results"
    while IFS= read -r line; do
        # The new name holds no comma; the old one may, and is quoted then.
        new=${line##*,}
        old=${line%,*}
        if [[ $old == \"*\" ]]; then
            old=${old#\"}
            old=${old%\"}
            old=${old//\"\"/\"}
        fi
        [ -e "$output/$new" ] || continue
        echo "$originals/$old" >>"$work/originals"
        echo "$output/$new" >>"$work/results"
    done < <(tail -n +2 "$run/crosswalk/paths.csv")
    n_results=$(wc -l <"$work/results")
    if [ "$n_results" -eq 0 ]; then
        echo "$name: there is no result to read" >&2
        exit 1
    fi
    for reader in "${readers[@]}"; do
        reads "$reader" "$work/originals" | cut -f 1 >"$work/before"
        reads "$reader" "$work/results" >"$work/after"
        n_read=$(grep -c '^0' "$work/after" || true)
        # Not readable now, but readable before.
        paste "$work/before" "$work/after" "$work/originals" | awk -F '\t' '$1 == 0 && $2 == 1 { print $4 }' |
            { grep -vFf <(known | awk -F '\t' -v reader="$reader" '$1 == reader { print $2 }') || true; } >"$work/worse"
        n_worse=$(wc -l <"$work/worse")
        echo "$name: $reader reads $n_read of $n_results results and" \
            "$(grep -c '^0' "$work/before" || true) of their originals; $n_worse it read before and does not now"
        sed 's/^/  /' "$work/worse"
        failures=$((failures + n_worse))
    done
}

if [ $# -eq 3 ]; then
    compare "$1" "$2" "$3" "$(basename "$1")"
elif [ $# -eq 0 ]; then
    scripts/fetch-real.sh
    find_efface
    "$EFFACE" synth datasets/smoke.toml "$work/suite" >"$work/synth.txt"
    for corpus in data/real "$work/suite/dicom"; do
        name=$(basename "$corpus")
        attention_is_success "$EFFACE" deid "$corpus" "$work/$name-out" --run "$work/$name-run" --key testdata/ci.key \
            --crosswalk --json >"$work/$name.json"
        compare "$corpus" "$work/$name-out" "$work/$name-run" "$name"
    done
else
    sed -n 's/^# \{0,1\}//; 6,8p' "$0" >&2
    exit 2
fi
[ "$failures" -eq 0 ] || exit 4
