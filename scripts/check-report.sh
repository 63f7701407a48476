#!/usr/bin/env bash
# Opens pages in a real browser, clicks through them, and checks that everybody can read them.
#
# Each page is opened in Debian's chromium, headless and without network, in four guises: light, dark, narrow (390 pixels)
# and printed on A4. What is checked:
#   - every link of the contents leads to a section, every folded table opens, by mouse and by key, the filter of the worst
#     cases keeps what matches and says how many are left, and every file that a page links to is there;
#   - nothing is loaded from anywhere, no script fails, nothing is cut off, and paper is white whatever the screen is;
#   - axe-core (MPL-2.0, from the PyPI package axe-core-python) finds no violation of WCAG 2.2 A and AA nor of its own
#     advice.
# FOLDER/PAGE/light.png, dark.png, narrow.png and print.pdf (print-1.png and so on, where pdftoppm is installed) are for
# the eye.
#
# usage: scripts/check-report.sh [PAGE.html...]    (a page of every kind, as scripts/report-pages.sh makes them)
#   PICTURES  the folder of the pictures (runs/pictures)
#   PEERS     where the tools are installed (runs/peers/tools)
set -euo pipefail
pages=()
for page in "$@"; do pages+=("$(realpath "$page")"); done
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=${PICTURES:-runs/pictures}
tools=${PEERS:-$PWD/runs/peers/tools}
axe_version=0.1.0
playwright_version=1.65.2

if ! command -v chromium >/dev/null; then
    echo "install the Debian package chromium" >&2
    exit 2
fi
if [ ! -e "$tools/browser/is-complete" ]; then
    python3 -m venv "$tools/browser"
    "$tools/browser/bin/pip" install --quiet "playwright==$playwright_version"
    "$tools/browser/bin/pip" install --quiet --no-deps "axe-core-python==$axe_version"
    touch "$tools/browser/is-complete"
fi
if [ ${#pages[@]} -eq 0 ]; then
    scripts/report-pages.sh
    pages=(runs/e2e/report/report.html runs/pages/*/*.html runs/pages/releases/*/index.html)
fi
mkdir -p "$folder"
axe=$(find "$tools/browser" -name axe.min.js | head -n 1)
failed=false
PYTHONDONTWRITEBYTECODE=1 "$tools/browser/bin/python" scripts/check-report.py "$axe" "$folder" "${pages[@]}" || failed=true
if command -v pdftoppm >/dev/null; then
    for print in "$folder"/*/print.pdf; do
        rm -f "${print%.pdf}"-*.png
        pdftoppm -r 60 -png "$print" "${print%.pdf}"
    done
fi
if $failed; then exit 1; fi
