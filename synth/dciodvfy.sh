#!/bin/sh
# Runs dciodvfy (Debian package dicom3tools) over every file of a suite and counts its errors by SOP class; exit 1
# if it reports one. Deflated files, which it cannot read, are inflated by dcmconv (Debian package dcmtk) first, and
# JPEG XL goes by another name.
# With --kinds it counts the kinds of errors instead, without values, and says so with exit 0: for suites that are odd
# on purpose.
# Usage: synth/dciodvfy.sh [--kinds] SUITE
set -eu
kinds=
if [ "${1:-}" = --kinds ]; then
    kinds=yes
    shift
fi
suite=${1:?usage: dciodvfy.sh [--kinds] SUITE}
for tool in dciodvfy dcmconv dcmdump; do
    command -v "$tool" >/dev/null || { echo "$tool is not installed; on Debian: apt-get install dicom3tools dcmtk" >&2; exit 1; }
done
[ -d "$suite/dicom" ] || { echo "no folder $suite/dicom" >&2; exit 1; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
find "$suite/dicom" -type f -name '*.dcm' | sort > "$scratch/files"
n_files=$(wc -l < "$scratch/files")
[ "$n_files" -gt 0 ] || { echo "no instances under $suite/dicom" >&2; exit 1; }
: > "$scratch/errors"
: > "$scratch/classes"
while IFS= read -r file; do
    read=$file
    if head -c 1024 "$file" | grep -aqF '1.2.840.10008.1.2.1.99'; then
        dcmconv +te "$file" "$scratch/inflated"
        read=$scratch/inflated
    fi
    # JPEG XL is younger than dciodvfy, which looks into no codestream: it is told that it is JPEG-LS, of the same form.
    if head -c 1024 "$file" | grep -aqF '1.2.840.10008.1.2.4.110'; then
        LC_ALL=C sed 's/1\.2\.840\.10008\.1\.2\.4\.110\x00/1.2.840.10008.1.2.4.80\x00\x00/' "$file" > "$scratch/renamed"
        read=$scratch/renamed
    fi
    # dciodvfy writes its findings to stderr.
    { dciodvfy "$read" 2>&1 || true; } | grep -a '^Error' > "$scratch/found" || true
    sed "s|^|$file: |" "$scratch/found" >> "$scratch/errors"
    class=$(dcmdump -q +P 0008,0016 "$read" | awk '{ sub(/^=/, "", $3); print $3 }')
    echo "$class $(wc -l < "$scratch/found")" >> "$scratch/classes"
done < "$scratch/files"
if [ -n "$kinds" ]; then
    # A kind is a message without the attribute, values, lengths and numbers of items.
    sed 's|^[^:]*: ||' "$scratch/errors" | LC_ALL=C sed -E 's/= <.*>( - |$)/= <>\1/; s/<[^>]*>/<>/g; s/= [0-9]+, expected/= n, expected/; s/\[[0-9]+\]/[n]/g; s/ - \(0x[0-9a-f]{4},0x[0-9a-f]{4}\) .* - / - /' \
        | LC_ALL=C sort | uniq -c | sort -rn
    exit 0
fi
cat "$scratch/errors"
echo "SOP class, files, errors:"
awk '{ files[$1]++; errors[$1] += $2 } END { for (class in files) print class, files[class], errors[class] }' "$scratch/classes" | sort
n_errors=$(wc -l < "$scratch/errors")
if [ "$n_errors" -gt 0 ]; then
    echo "$n_errors errors in $n_files files" >&2
    exit 1
fi
echo "$n_files files without errors"
