#!/bin/sh
# Writes frames/tests/fixtures/codestreams.csv: for each drawing and encoder of the tests, the SHA-256 of the
# codestreams and of the samples that gdcm and dcmtk decode from them. Needs Debian's libgdcm-tools and dcmtk.
# Usage: scripts/codestream-fixtures.sh
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo run --quiet --release --locked -p efface-frames --example write-codestreams -- "$folder" > "$folder/codestreams"

samples() { gdcmraw -i "$1" -o "$1.raw" -t 7fe0,0010 >/dev/null 2>&1 && sha256sum "$1.raw" | cut -d' ' -f1; }
{
    echo "drawing,encoder,codestreams_sha256,gdcm_samples_sha256,dcmtk_samples_sha256"
    while IFS=, read -r drawing encoder digest; do
        file="$folder/$drawing.$encoder.dcm"
        gdcmconv --raw -i "$file" -o "$file.gdcm"
        case $encoder in
            rle) dcmdrle "$file" "$file.dcmtk" ;;
            *) dcmdjpeg +cn "$file" "$file.dcmtk" ;;
        esac
        echo "$drawing,$encoder,$digest,$(samples "$file.gdcm"),$(samples "$file.dcmtk")"
    done < "$folder/codestreams"
} > "$folder/csv"
mv "$folder/csv" frames/tests/fixtures/codestreams.csv
