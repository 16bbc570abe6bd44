"""The same journey gives the same bytes, in another process and whatever the order of its sets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
SCRIPT = """
import hashlib, json, sys
import journeys
from zoneinfo import ZoneInfo
from route import exports
found = {}
for make in journeys.ALL:
    journey = make()
    for form in exports.FORMATS:
        if form == "ics" and journey.departure is None:
            continue
        for lang, tz in ((None, None), ("ko", None), (None, ZoneInfo("Asia/Seoul"))):
            if tz is None or form not in {"gpx", "parquet"}:
                content = exports.render(journey, form, lang=lang, tz=tz)
                found[f"{make.__name__} {form} {lang} {tz}"] = hashlib.sha256(content).hexdigest()
print(json.dumps(found))
"""


def test_two_processes_write_the_same_bytes() -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", SCRIPT],
            cwd=TESTS,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(TESTS), "TZ": zone},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    one, other = (json.loads(run.communicate()[0]) for run in runs)
    assert len(one) > 150
    assert one == other
