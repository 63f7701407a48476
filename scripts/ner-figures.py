#!/usr/bin/env python3
"""Measures a recognizer on the synthetic test texts and on the out-of-template texts, and prints its card's tables.

usage: scripts/ner-figures.py [--efface BINARY] [--model DIR] [--texts N] [--work DIR]

Makes the suite `ner-test` below runs/ner-data/test where it is missing, asks the network alone, the network with the
rules, the rules alone and the budgets, scores each with `efface measure ner`, and writes predictions, JSON and
`figures.md` to the work folder. The first N texts of the suite are taken (all when not given). Needs no package.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MANY = 40  # groups with fewer texts are left out of the tables; the JSON has them


def percent(share):
    if not share:
        return "none"
    low, high = share.get("low"), share.get("high")
    interval = f" [{100 * low:.2f}, {100 * high:.2f}]" if low is not None and high is not None else ""
    return f"{100 * share['value']:.2f} %{interval} ({share['numerator']:,} of {share['denominator']:,})"


def plain(value):
    return "none" if value is None else f"{100 * value:.2f} %"


class Measurer:
    def __init__(self, arguments):
        self.efface = str(arguments.efface.resolve())
        self.model = str(arguments.model)
        self.work = arguments.work
        self.work.mkdir(parents=True, exist_ok=True)

    def run(self, *words, out=None):
        done = subprocess.run([self.efface, *words], stdout=subprocess.PIPE, cwd=ROOT)
        if done.returncode:
            sys.exit(f"efface {' '.join(words)} ended with {done.returncode}")
        if out:
            out.write_bytes(done.stdout)
        return done.stdout

    def scores(self, name, gold, *options):
        found = self.work / f"{name}.jsonl"
        begin = time.monotonic()
        self.run("ner", str(gold), "--model", self.model, *options, out=found)
        seconds = time.monotonic() - begin
        report = self.work / f"{name}.report"
        metrics = json.loads(self.run("measure", "ner", str(gold), str(found), "--json", "--report", str(report)))
        rows = report / "calibration.jsonl"
        calibration = None
        if rows.exists() and rows.stat().st_size:
            calibration = json.loads(self.run("measure", "calibration", str(rows), "--json"))
        (self.work / f"{name}.json").write_text(json.dumps({"ner": metrics, "calibration": calibration}, indent=1))
        print(f"{name}: {metrics['n_texts']:,} texts in {seconds:.1f} s", file=sys.stderr)
        return metrics


def row(name, metrics):
    exact, strict = metrics["spans"]["exact"]["overall"], metrics["spans"]["strict"]["overall"]
    characters = metrics["characters"]["any_label"]
    return (f"| {name} | {percent(characters['recall'])} | {percent(characters['precision'])} | "
            f"{percent(metrics.get('touched_clean_texts'))} | {plain(exact['recall'])}, {plain(exact['precision'])} | "
            f"{plain(strict['recall'])}, {plain(strict['precision'])} |")


def by_label(metrics):
    yield "| label | characters found with this label | spans with the label and both ends: recall | precision |"
    yield "|---|---|---|---|"
    strict = metrics["spans"]["strict"]["by_label"]
    for label, scores in sorted(metrics["characters"]["by_label"].items()):
        spans = strict.get(label, {})
        possible, actual = spans.get("possible", 0), spans.get("actual", 0)
        yield (f"| {label} | {percent(scores.get('recall'))} | "
               f"{plain(spans.get('recall'))} ({spans.get('correct', 0):,} of {possible:,}) | "
               f"{plain(spans.get('precision'))} (of {actual:,}) |")


def groups(title, found):
    yield f"| {title} | texts | PHI characters found | spans with label and ends: recall, precision |"
    yield "|---|---:|---|---|"
    for name, group in sorted(found.items()):
        if group["n_texts"] >= MANY:
            strict = group["strict"]
            yield (f"| {name} | {group['n_texts']:,} | {percent(group['characters'].get('recall'))} | "
                   f"{plain(strict.get('recall'))}, {plain(strict.get('precision'))} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--efface", type=pathlib.Path, default=ROOT / "target/release/efface")
    parser.add_argument("--model", type=pathlib.Path, default=ROOT / "models/ner-minilm")
    parser.add_argument("--texts", type=int)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "runs/ner-figures")
    arguments = parser.parse_args()
    measurer = Measurer(arguments)
    suite = ROOT / "runs/ner-data/test"
    if not (suite / "ner.jsonl").exists():
        measurer.run("synth", "datasets/ner-test.toml", str(suite))
    lines = (suite / "ner.jsonl").read_text().splitlines(keepends=True)
    drawn = arguments.work / "ner-test.gold.jsonl"
    drawn.write_text("".join(lines[: arguments.texts]))
    apart = ROOT / "testdata/out-of-template/out-of-template.jsonl"

    test = measurer.scores("ner-test", drawn, "--no-rules")
    rows = [row(f"`ner-test`, {test['n_texts']:,} texts, network", test)]
    rows.append(row("the same, with rules", measurer.scores("ner-test.both", drawn)))
    outside = measurer.scores("outside", apart, "--no-rules")
    rows.append(row(f"out of template, {outside['n_texts']:,} texts, network", outside))
    rows.append(row("the same, with rules", measurer.scores("outside.both", apart)))
    for budget in ("0.02", "0.01", "0.005"):
        rows.append(row(f"the same, budget {100 * float(budget):g} %",
                        measurer.scores(f"outside.{budget}", apart, "--budget", budget)))
    rows.append(row("rules alone", measurer.scores("outside.rules", apart, "--no-model")))

    out = ["| set | PHI characters found | precision | PHI-free texts touched | spans, both ends: recall, precision "
           "| and the label |", "|---|---|---|---|---|---|", *rows, "", "### By label, `ner-test`, network", "",
           *by_label(test), "", "### By modality, `ner-test`, network", "", *groups("modality", test["by_modality"]), "",
           "### By kind of text, `ner-test`, network", "",
           *groups("attribute", test.get("by_attribute", {})), "",
           "### By locale, `ner-test`, network", "", *groups("locale", test["by_locale"]), "",
           "### By label, out of template, network", "", *by_label(outside)]
    text = "\n".join(out) + "\n"
    (arguments.work / "figures.md").write_text(text)
    print(text, end="")


if __name__ == "__main__":
    main()
