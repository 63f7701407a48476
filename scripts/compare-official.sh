#!/usr/bin/env bash
# Runs the official MIDI-B scorer, unmodified, and compares its results table with Efface's, row for row.
#
# usage: scripts/compare-official.sh SCORER [RUN]
#   SCORER  a checkout of CBIIT/MIDI_validation_script (e61c8ea) with its virtual environment in SCORER/venv
#   RUN     a folder with suite/, out/ and run/crosswalk/, as scripts/e2e.sh leaves it (runs/e2e)
# Pixel checks are compared by action and attribute only: the engines that read differ.
#   EFFACE  the binary; without it one is built
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

scorer=$(realpath "${1:?usage: scripts/compare-official.sh SCORER [RUN]}")
run=$(realpath "${2:-runs/e2e}")
if [ ! -x "$scorer/venv/bin/python" ] || [ ! -f "$scorer/run_validation.py" ]; then
    echo "SCORER needs run_validation.py and a virtual environment in venv" >&2
    exit 2
fi
find_efface
work=$(realpath -m runs/official)
rm -rf "$work"
mkdir -p "$work/official" "$work/efface"
cat >"$work/config.json" <<JSON
{
  "run_name": "run", "input_data_path": "$run/out", "output_data_path": "$work/official",
  "answer_db_file": "$run/suite/answer.db", "uid_mapping_file": "$run/run/crosswalk/uids.csv",
  "patid_mapping_file": "$run/run/crosswalk/patients.csv", "multiprocessing": "False", "multiprocessing_cpus": "1",
  "log_path": "$work/official", "log_level": "error", "report_series": "True"
}
JSON
(cd "$scorer" && venv/bin/python run_validation.py "$work/config.json")
"$EFFACE" midi "$run/out" --key-db "$run/suite/answer.db" --uid-mapping "$run/run/crosswalk/uids.csv" \
    --patient-mapping "$run/run/crosswalk/patients.csv" --mode parity --database --report "$work/efface" >/dev/null
python3 - "$work/official/run/validation_results.db" "$work/efface/validation_results.db" <<'PYTHON'
import collections, sqlite3, sys

def rows(path):
    columns = ("check_passed, check_score, action, action_text, file_value, answer_value, tag_ds, modality, class, patient, "
               "study, series, instance, hipaa_z, hipaa_m, dicom_p15, dicom_iod, dicom_safe, tcia_ptkb, tcia_p15, tcia_rev")
    found = collections.Counter()
    for row in sqlite3.connect(path).execute(f"SELECT {columns} FROM validation_results"):
        if row[2] == "<pixels_hidden>":
            row = (None, None, row[2], None, None, None, *row[6:])
        found[row] += 1
    return found

official, efface = map(rows, sys.argv[1:])
only_official, only_efface = official - efface, efface - official
print(f"{sum(official.values())} official rows, {sum(efface.values())} of Efface, {sum((official & efface).values())} the same")
actions = collections.Counter(row[2] for row in (*only_official.elements(), *only_efface.elements()))
for action, count in sorted(actions.items()):
    print(f"  {action}: {count} rows differ")
sys.exit(bool(only_official or only_efface))
PYTHON
