#!/usr/bin/env bash
# Does de-identification break the standard's rules? Runs dciodvfy (Debian package dicom3tools) on every original and
# on its result, and reports the kinds of errors that a result has and its original had not.
# A kind is the text of a message without the values in it. Exit code 4 when there is any.
#
# usage: scripts/dciodvfy-difference.sh [ORIGINALS OUTPUT RUN]
#   without arguments: the real files of scripts/fetch-real.sh and the suites smoke and midi-small
#   with arguments: a finished run with a crosswalk (efface deid --crosswalk)
#
# EFFACE names the binary; without it one is built. SUITES names other suites than "smoke midi-small".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

command -v dciodvfy >/dev/null || {
    echo "dciodvfy is not installed; on Debian: apt-get install dicom3tools" >&2
    exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Messages that tell nothing about the result, as extended regular expressions, each with the reason.
known_false_alarms() {
    # None is known so far.
    cat <<'TEXT'
TEXT
}

# The errors of a file without values, one of a kind.
kinds() {
    # The shell would name a process that was ended by a signal on its own stderr.
    { dciodvfy "$1" 2>&1 </dev/null || [ $? -lt 128 ] || echo "Error - dciodvfy was ended by a signal"; } 2>/dev/null |
        LC_ALL=C sed -n -E '
        /^Error/ {
            s/value <[^>]*> for value [0-9]+/value <*> for value n/
            s/for value [0-9]+ /for value n /
            s/\[[0-9]+\] = <[^>]*>/[n] = <*>/
            s/= <[^>]*>/= <*>/g
            s/<[0-9.]*>/<*>/g
            s/\b[0-9]+(\.[0-9]+){2,}\b/*/g
            s/for this VR = .*/for this VR/
            p
        }' | LC_ALL=C sort -u
}

# dciodvfy cannot inflate: it reads a deflated data set as garbage.
is_deflated() { head -c 1024 "$1" | grep -aqF '1.2.840.10008.1.2.1.99'; }

# compare ORIGINALS OUTPUT RUN NAME: appends "count-worthy" lines "NAME<tab>kind" to $work/new.
compare() {
    local originals=$1 output=$2 run=$3 name=$4 old new result n_pairs=0 n_deflated=0 n_worse=0 n_before=0 n_after=0
    local before=$work/before after=$work/after
    while IFS= read -r line; do
        # The new name holds no comma; the old one may, and is quoted then.
        new=${line##*,}
        old=${line%,*}
        if [[ $old == \"*\" ]]; then
            old=${old#\"}
            old=${old%\"}
            old=${old//\"\"/\"}
        fi
        result=$output/$new
        [ -e "$result" ] || result=$run/review/$new
        if is_deflated "$originals/$old" || is_deflated "$result"; then
            n_deflated=$((n_deflated + 1))
            continue
        fi
        n_pairs=$((n_pairs + 1))
        kinds "$originals/$old" >"$before"
        kinds "$result" >"$after"
        n_before=$((n_before + $(wc -l <"$before")))
        n_after=$((n_after + $(wc -l <"$after")))
        LC_ALL=C comm -13 "$before" "$after" | { grep -vEf "$work/known" || true; } >"$work/here"
        if [ -s "$work/here" ]; then
            n_worse=$((n_worse + 1))
            sed "s|^|$name\t|" "$work/here" >>"$work/new"
            sed "s|^|$old\t|" "$work/here" >>"$work/files"
        fi
    done < <(tail -n +2 "$run/crosswalk/paths.csv")
    if [ "$n_pairs" -eq 0 ]; then
        echo "$name: there is no pair to compare" >&2
        exit 1
    fi
    echo "$name: $n_pairs pairs, $n_before kinds of errors before, $n_after after, $n_worse results with a new kind;" \
        "$n_deflated deflated, not compared"
}

known_false_alarms >"$work/known"
[ -s "$work/known" ] || echo '^no message is a known false alarm$' >"$work/known"
: >"$work/new"
: >"$work/files"
if [ $# -eq 3 ]; then
    compare "$1" "$2" "$3" "$(basename "$1")"
elif [ $# -eq 0 ]; then
    scripts/fetch-real.sh
    find_efface
    deid() {
        attention_is_success "$EFFACE" deid "$1" "$work/$2/out" --run "$work/$2/run" --key testdata/ci.key \
            --crosswalk --json "${@:3}" >"$work/$2.json"
    }
    mkdir -p "$work/real"
    deid data/real real
    compare data/real "$work/real/out" "$work/real/run" "real files"
    for suite in ${SUITES:-smoke midi-small}; do
        mkdir -p "$work/$suite"
        "$EFFACE" synth "datasets/$suite.toml" "$work/$suite/suite" >"$work/$suite.txt"
        # What text in pixels needs is seen in the smallest suite; the larger one takes minutes.
        if [ "$suite" = smoke ]; then
            deid "$work/$suite/suite/dicom" "$suite"
        else
            deid "$work/$suite/suite/dicom" "$suite" --metadata-only
        fi
        compare "$work/$suite/suite/dicom" "$work/$suite/out" "$work/$suite/run" "$suite"
    done
else
    sed -n 's/^# \{0,1\}//; 6,8p' "$0" >&2
    exit 2
fi

if [ -s "$work/new" ]; then
    echo
    echo "kinds of errors that results have and their originals had not, with the number of results:"
    LC_ALL=C sort "$work/new" | uniq -c | sort -rn
    if [ -n "${VERBOSE:-}" ]; then
        echo
        LC_ALL=C sort "$work/files"
    fi
    exit 4
fi
echo "no result has a kind of error that its original had not"
