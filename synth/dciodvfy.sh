#!/bin/sh
# Runs dciodvfy (Debian package dicom3tools) over every file of a suite; exit 1 if it reports an error.
# Deflated files are counted and skipped.
# Usage: synth/dciodvfy.sh SUITE
set -eu
suite=${1:?usage: dciodvfy.sh SUITE}
command -v dciodvfy >/dev/null || { echo "dciodvfy is not installed; on Debian: apt-get install dicom3tools" >&2; exit 1; }
[ -d "$suite/dicom" ] || { echo "no folder $suite/dicom" >&2; exit 1; }

report=$(mktemp)
files=$(mktemp)
trap 'rm -f "$report" "$files"' EXIT
find "$suite/dicom" -type f -name '*.dcm' | sort > "$files"
n_files=$(wc -l < "$files")
[ "$n_files" -gt 0 ] || { echo "no instances under $suite/dicom" >&2; exit 1; }
n_deflated=0
while IFS= read -r file; do
    # dciodvfy cannot inflate: it reads a deflated data set as garbage.
    if head -c 1024 "$file" | grep -aqF '1.2.840.10008.1.2.1.99'; then
        n_deflated=$((n_deflated + 1))
        continue
    fi
    # dciodvfy writes its findings to stderr.
    { dciodvfy "$file" 2>&1 || true; } | grep -a '^Error' | sed "s|^|$file: |" >> "$report" || true
done < "$files"
n_errors=$(wc -l < "$report")
if [ "$n_errors" -gt 0 ]; then
    cat "$report"
    echo "$n_errors errors in $n_files files" >&2
    exit 1
fi
echo "$((n_files - n_deflated)) files without errors; $n_deflated deflated files, which dciodvfy cannot read, not checked"
