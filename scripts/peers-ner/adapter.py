"""What the adapters share: texts in, predictions out, and what spans of another tool become.

An adapter is called with GOLD and PREDICTIONS. GOLD holds a text a line, with `index` or `id` and `text`; what else it
says is not looked at. PREDICTIONS gets a `TextPrediction` a line, and on standard output stands one line of JSON: how
many strings there were and how many seconds the tool took for them, without the time to start, to read and to write.
"""

import json
import sys
import time


def run(find):
    """Calls `find(text)`, which gives (start, end, label) in characters, on every text."""
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} GOLD PREDICTIONS [OPTIONS]")
    with open(sys.argv[1], encoding="utf-8", newline="\n") as lines:
        records = [json.loads(line) for line in lines if line.strip()]
    find("Warm up: seen by Dr. Roe on 03/04/2014.")
    begin = time.perf_counter()
    found = [find(record["text"]) for record in records]
    seconds = time.perf_counter() - begin
    with open(sys.argv[2], "w", encoding="utf-8", newline="\n") as out:
        for record, spans in zip(records, found):
            spans = [{"start": start, "end": end, "label": label} for start, end, label in spans]
            out.write(json.dumps({"id": str(record.get("id", record.get("index"))), "spans": spans}) + "\n")
    print(json.dumps({"strings": len(records), "seconds": seconds}))


def apart(text, spans):
    """Spans without overlaps that cover what the given ones cover: of (start, end, label, score) the surest stays whole.

    Of two as sure the longer stays whole, of two as long the first; what is left of the others stays where it holds a
    letter or a digit.
    """
    owner = [None] * len(text)
    kept = sorted(spans, key=lambda span: (-span[3], span[0] - span[1], span[0], span[2]))
    for place, (start, end, _, _) in enumerate(kept):
        for at in range(start, end):
            if owner[at] is None:
                owner[at] = place
    pieces = []
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or owner[at] != owner[start]:
            if owner[start] is not None and any(character.isalnum() for character in text[start:at]):
                pieces.append((start, at, kept[owner[start]][2]))
            start = at
    return pieces
