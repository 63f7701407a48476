#!/usr/bin/env bash
# Opens a report in a real browser, clicks through it, and checks its accessibility.
#
# What is checked, in Debian's chromium, headless and without network:
#   - every link of the contents leads to a section, every table by group can be opened, the filter of the worst cases
#     hides the rows that do not match and says how many are left;
#   - axe-core (MPL-2.0, from the PyPI package axe-core-python) finds no violation of WCAG 2.1 A and AA, light and dark;
#   - nothing is loaded from anywhere else.
# The pictures FOLDER/light.png, dark.png and print.pdf are for the eye.
#
# usage: scripts/check-report.sh [REPORT.html] [FOLDER]   (runs/e2e/report/report.html, runs/e2e/pictures)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

report=$(realpath "${1:-runs/e2e/report/report.html}")
folder=${2:-runs/e2e/pictures}
tools=${PEERS:-$PWD/runs/peers/tools}
axe_version=0.1.0

if ! command -v chromium >/dev/null; then
    echo "install the Debian package chromium" >&2
    exit 2
fi
if [ ! -x "$tools/axe/bin/python" ]; then
    python3 -m venv "$tools/axe"
    "$tools/axe/bin/pip" install --quiet --no-deps "axe-core-python==$axe_version"
fi
axe=$(find "$tools/axe" -name axe.min.js | head -n 1)
mkdir -p "$folder"
folder=$(realpath "$folder")

if grep -Eq '(src|href)="(https?:)?//' "$report"; then
    echo "the report loads something from elsewhere" >&2
    exit 1
fi

# A copy of the page with the checks behind it; what they find becomes the text of an element.
python3 - "$report" "$axe" "$folder/checked.html" <<'PYTHON'
import pathlib, sys

report, axe, to = map(pathlib.Path, sys.argv[1:])
checks = """
(async () => {
  const failed = [];
  const want = (what, holds) => { if (!holds) failed.push(what); };
  const links = [...document.querySelectorAll("nav a")];
  want("the contents have links", links.length >= 6);
  for (const link of links) {
    link.click();
    want(`link ${link.hash} leads somewhere`, document.querySelector(link.hash) !== null);
  }
  const details = [...document.querySelectorAll("details")];
  want("tables can be opened", details.length >= 3);
  for (const detail of details) {
    if (!detail.open) detail.querySelector("summary").click();
    want("a summary opens its table", detail.open && detail.getBoundingClientRect().height > 40);
  }
  const rows = [...document.querySelectorAll("#cases tbody tr")];
  const filter = document.getElementById("filter");
  if (rows.length > 0) {
    filter.value = rows[0].cells[1].textContent;
    filter.dispatchEvent(new Event("input"));
    const shown = rows.filter((row) => !row.hidden);
    want("the filter keeps what matches", shown.length > 0 && shown.includes(rows[0]));
    want("the filter says how many", document.getElementById("filter-count").textContent.startsWith(`${shown.length} of`));
    filter.value = "no such text";
    filter.dispatchEvent(new Event("input"));
    want("the filter hides the rest", rows.every((row) => row.hidden));
    filter.value = "";
    filter.dispatchEvent(new Event("input"));
  }
  want("plots have titles", [...document.querySelectorAll("svg")].every((svg) => svg.querySelector("title")?.textContent));
  const found = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] });
  for (const violation of found.violations) {
    failed.push(`${violation.id}: ${violation.help} (${violation.nodes.length}x, ${violation.nodes[0].target})`);
  }
  const result = document.createElement("pre");
  result.id = "checks";
  result.textContent = JSON.stringify({ axe_passes: found.passes.length, links: links.length, details: details.length, rows: rows.length, failed });
  document.body.append(result);
})();
"""
page = report.read_text()
page = page.replace("</body>", f"<script>{axe.read_text()}</script><script>{checks}</script></body>")
to.write_text(page)
PYTHON

browser=(chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --host-resolver-rules="MAP * ~NOTFOUND")
failed=false
for scheme in light dark; do
    flags=()
    if [ "$scheme" = dark ]; then flags=(--blink-settings=preferredColorScheme=0); fi
    "${browser[@]}" "${flags[@]}" --virtual-time-budget=20000 --dump-dom "file://$folder/checked.html" >"$folder/$scheme.html" 2>/dev/null
    "${browser[@]}" "${flags[@]}" --window-size=1300,3600 --screenshot="$folder/$scheme.png" "file://$report" >/dev/null 2>&1
    python3 - "$folder/$scheme.html" "$scheme" <<'PYTHON' || failed=true
import html, json, re, sys

found = re.search(r'<pre id="checks">(.*?)</pre>', open(sys.argv[1]).read(), re.S)
if not found:
    sys.exit(f"{sys.argv[2]}: the checks did not end")
result = json.loads(html.unescape(found.group(1)))
print(f"{sys.argv[2]}: {result['links']} links, {result['details']} tables, {result['rows']} rows clicked through; "
      f"{result['axe_passes']} accessibility rules hold, {len(result['failed'])} checks failed")
for failure in result["failed"]:
    print("  ", failure)
sys.exit(bool(result["failed"]))
PYTHON
done
"${browser[@]}" --print-to-pdf="$folder/print.pdf" "file://$report" >/dev/null 2>&1
rm -f "$folder/checked.html" "$folder/light.html" "$folder/dark.html"
if $failed; then exit 1; fi
