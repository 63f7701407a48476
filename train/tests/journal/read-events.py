#!/usr/bin/env python3
"""Prints what TensorBoard's own reader finds in an event file, as JSON.

    pip install tensorboard==2.21.0
    python3 read-events.py events.out.tfevents.0000000000.efface > read-by-tensorboard.json
"""

import json
import sys

from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

events = [
    {
        "wall_time": event.wall_time,
        "step": event.step,
        "file_version": event.file_version,
        "values": {value.tag: value.simple_value for value in event.summary.value},
    }
    for event in LegacyEventFileLoader(sys.argv[1]).Load()
]
json.dump(events, sys.stdout, ensure_ascii=False, indent=1)
print()
