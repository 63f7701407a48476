#!/usr/bin/env python3
"""Turns the measurements of compare-peers.sh into tables and report.json.

usage: compare-peers.py MEASUREMENTS REPORT [--strict] TOOL=VERSION ...

Ratios are taken within a round, tools measured one after another, and then summed up as median (smallest to largest):
the machine's speed drifts, but hardly within a round. Exit code 1 with --strict when a goal is missed.
"""

import itertools
import json
import platform
import statistics
import sys
from collections import defaultdict

COLUMNS = ("corpus", "tool", "round", "n_inputs", "n_outputs", "exit_code", "wall_s", "user_s", "system_s", "peak_kib")
# The settings whose ratios are printed. The goals bind the first, which is what one gets without asking.
SETTINGS = (("efface", "SHA-256 of every result"), ("efface-no-digests", "--result-digests none"))
# Goal: the other tool, what is compared, and the bound: at least, or at most.
GOALS = (
    ("dcmanon", "files_per_cpu_s", "at least", 2.0),
    ("dicom-anonymizer", "files_per_s", "at least", 20.0),
    ("cp", "wall_s", "at most", 2.0),
)
PEAK_MIB_AT_MOST = 64.0


def read(path):
    """Rows by corpus, tool and round; round 0 warms the caches and is left out."""
    rows = defaultdict(dict)
    with open(path, encoding="ascii") as lines:
        for line in lines:
            row = dict(zip(COLUMNS, line.split(), strict=True))
            number = {name: float(row[name]) for name in COLUMNS[2:]}
            if number["round"] == 0:
                continue
            cpu_s = number["user_s"] + number["system_s"]
            rows[row["corpus"], row["tool"]][int(number["round"])] = number | {
                "cpu_s": cpu_s,
                # The clock of CPU time has a grain: a run of a millisecond has none at all.
                "files_per_cpu_s": number["n_outputs"] / max(cpu_s, 0.001),
                "files_per_s": number["n_outputs"] / max(number["wall_s"], 0.001),
                "peak_mib": number["peak_kib"] / 1024,
            }
    return rows


def summary(values):
    values = list(values)
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "n": len(values)}


def text(found, digits):
    return f"{found['median']:.{digits}f} ({found['min']:.{digits}f} to {found['max']:.{digits}f})"


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--strict"]
    strict = "--strict" in sys.argv
    measurements, report_path, *versions = arguments
    rows = read(measurements)
    report = {
        "format_version": 1,
        "machine": f"{platform.system()}-{platform.machine()}",
        "versions": dict(version.split("=", 1) for version in versions),
        "tools": [],
        "ratios": [],
    }
    missed = 0
    for corpus in sorted({corpus for corpus, _ in rows}):
        print(f"\n{corpus}, median (smallest to largest)")
        print(f"{'tool':<17} {'in':>4} {'out':>4} {'files/s':>26} {'files/CPU-s':>26} {'wall s':>22} {'peak MiB':>9}")
        for (_, tool), rounds in sorted(item for item in rows.items() if item[0][0] == corpus):
            names = ("files_per_s", "files_per_cpu_s", "wall_s", "cpu_s", "peak_mib")
            found = {name: summary(row[name] for row in rounds.values()) for name in names}
            last = rounds[max(rounds)]
            counts = {name: int(last[name]) for name in ("n_inputs", "n_outputs", "exit_code")}
            report["tools"].append({"corpus": corpus, "tool": tool} | counts | found)
            print(
                f"{tool:<17} {counts['n_inputs']:>4} {counts['n_outputs']:>4} {text(found['files_per_s'], 0):>26} "
                f"{text(found['files_per_cpu_s'], 0):>26} {text(found['wall_s'], 3):>22} "
                f"{found['peak_mib']['max']:>9.1f}"
            )
        for (tool, setting), (peer, name, bound, goal) in itertools.product(SETTINGS, GOALS):
            ours, theirs = rows[corpus, tool], rows[corpus, peer]
            if any(row["n_outputs"] < row["n_inputs"] / 2 for row in theirs.values()):
                print(f"  {tool} / {peer}, {name}: not compared, {peer} made too few files")
                continue
            ratio = summary(row[name] / max(theirs[number][name], 0.001) for number, row in ours.items())
            held = ratio["median"] >= goal if bound == "at least" else ratio["median"] <= goal
            # The goals are about images: the real files are few, and most of their time is the programs' start.
            binding = corpus == "ct" and tool == SETTINGS[0][0]
            missed += binding and not held
            verdict = "holds" if held else "MISSED" if binding else "missed, for information"
            report["ratios"].append(
                {"corpus": corpus, "tool": tool, "setting": setting, "peer": peer, "of": name}
                | {"goal": f"{bound} {goal}", "held": held}
                | ratio
            )
            print(f"  {tool} ({setting}) / {peer}, {name}: {text(ratio, 2)}; goal {bound} {goal:g}: {verdict}")
        peak = max(row["peak_mib"] for row in rows[corpus, "efface"].values())
        missed += peak > PEAK_MIB_AT_MOST
        print(f"  efface, peak MiB: {peak:.1f}; goal at most {PEAK_MIB_AT_MOST:g}: "
              f"{'holds' if peak <= PEAK_MIB_AT_MOST else 'MISSED'}")
    with open(report_path, "w", encoding="utf-8") as to:
        json.dump(report, to, indent=2)
        to.write("\n")
    print(f"\nversions: {', '.join(versions)}\nreport: {report_path}")
    return 1 if strict and missed else 0


if __name__ == "__main__":
    sys.exit(main())
