#!/usr/bin/env bash
# Does de-identification break the standard's rules? Runs dciodvfy (Debian package dicom3tools) on every original and
# on its result, and reports the kinds of errors that a result has and its original had not.
# A kind is the text of a message without the values in it. Exit code 4 when there is any.
# An original that does not say of which SOP class it is, or how long its file meta information is, is completed for the
# comparison (needs python3): without either, dciodvfy checks nothing.
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

# Completes an original of which dciodvfy cannot tell what it is: writes file meta information that says how long it is,
# and the SOP Class and SOP Instance UIDs of the file meta information into a data set that lacks them.
# Exit code 1 where nothing is missing. Sources: PS3.10 section 7.1, PS3.5 section 7.1.
cat >"$work/complete.py" <<'PYTHON'
import struct
import sys

data = open(sys.argv[1], "rb").read()
IMPLICIT, EXPLICIT = b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1"
CLASS, INSTANCE = (0x0008, 0x0016), (0x0008, 0x0018)


def elements(at, implicit, last):
    """Tag, value, beginning and end of the elements up to a tag, as far as their lengths are known."""
    while at + 8 <= len(data):
        tag = struct.unpack_from("<HH", data, at)
        if implicit:
            head, length = 8, struct.unpack_from("<I", data, at + 4)[0]
        elif data[at + 4 : at + 6] in (b"OB", b"OW", b"SQ", b"UN", b"UT"):
            head, length = 12, struct.unpack_from("<I", data, at + 8)[0]
        else:
            head, length = 8, struct.unpack_from("<H", data, at + 6)[0]
        if tag > last or length == 0xFFFFFFFF:
            return
        yield tag, data[at + head : at + head + length], at, at + head + length
        at += head + length


def uid_element(tag, uid, implicit):
    uid += b"\0" * (len(uid) % 2)
    return struct.pack("<HHI" if implicit else "<HH2sH", *tag, *(() if implicit else (b"UI",)), len(uid)) + uid


begin = 132 if data[128:132] == b"DICM" else 0
meta, at = {}, begin
for tag, value, _, at in elements(begin, False, (0x0002, 0xFFFF)):
    meta[tag] = value.rstrip(b"\0 ")
implicit = not data[at + 4 : at + 6].isupper()
syntax = meta.get((0x0002, 0x0010)) or (IMPLICIT if implicit else EXPLICIT)
root = {tag: (value.rstrip(b"\0 "), start) for tag, value, start, _ in elements(at, implicit, INSTANCE)}
missing = [tag for tag in (CLASS, INSTANCE) if not root.get(tag, (b"",))[0]]
is_big_endian = syntax == b"1.2.840.10008.1.2.2" or data[at : at + 2] == b"\0\x08"
if is_big_endian or (begin and (0x0002, 0x0000) in meta and not missing):
    sys.exit(1)

uids = {
    CLASS: root.get(CLASS, (b"",))[0] or meta.get((0x0002, 0x0002)) or b"1.2.840.10008.5.1.4.1.1.7",
    INSTANCE: root.get(INSTANCE, (b"",))[0] or meta.get((0x0002, 0x0003)) or b"1.2.3",
}
completed = b""
for tag, value, start, end in elements(at, implicit, INSTANCE):
    for lacking in [lacking for lacking in missing if lacking <= tag]:
        completed += uid_element(lacking, uids[lacking], implicit)
        missing.remove(lacking)
    if tag not in (CLASS, INSTANCE) or value.rstrip(b"\0 "):
        completed += data[start:end]
    at = end
completed += b"".join(uid_element(lacking, uids[lacking], implicit) for lacking in missing) + data[at:]
group = struct.pack("<HH2sHI2s", 2, 1, b"OB", 0, 2, b"\0\1")
for element, uid in ((2, uids[CLASS]), (3, uids[INSTANCE]), (0x10, syntax), (0x12, b"1.2.3")):
    group += uid_element((2, element), uid, False)
length = struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(group))
with open(sys.argv[2], "wb") as file:
    file.write(b"\0" * 128 + b"DICM" + length + group + completed)
PYTHON

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
            s/UID [0-9.]+$/UID */
            s/\b[0-9]+(\.[0-9]+){2,}\b/*/g
            s/for this VR = .*/for this VR/
            p
        }' | LC_ALL=C sort -u
}

# dciodvfy cannot inflate: it reads a deflated data set as garbage.
is_deflated() { head -c 1024 "$1" | grep -aqF '1.2.840.10008.1.2.1.99'; }

# compare ORIGINALS OUTPUT RUN NAME: appends "count-worthy" lines "NAME<tab>kind" to $work/new.
compare() {
    local originals=$1 output=$2 run=$3 name=$4 old new original result
    local n_pairs=0 n_deflated=0 n_completed=0 n_worse=0 n_before=0 n_after=0
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
        original=$originals/$old
        if python3 "$work/complete.py" "$original" "$work/completed.dcm"; then
            original=$work/completed.dcm
            n_completed=$((n_completed + 1))
        fi
        kinds "$original" >"$before"
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
        "$n_completed originals completed, $n_deflated deflated, not compared"
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
    sed -n 's/^# \{0,1\}//; 8,10p' "$0" >&2
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
