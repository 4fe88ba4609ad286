"""Warm start of the real program on a demo workspace: first paint, usable with database, memory.

The key comes from a passphrase here (no keyring in a benchmark): argon2id's share is measured beside and is zero with a keyring.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from presales_desktop.reports import printer
from presales_desktop.services.demo.fill import fill
from presales_desktop.store import keys
from presales_desktop.store import workspace as store

ROUNDS = 7

# Starts the program as a person would, leaves once it is usable and says how much memory it took.
CODE = """
import sys, time
began = time.perf_counter()
from PySide6.QtCore import QTimer
import presales_desktop.app as app
app.STARTED = began
original = app.Program._ready
def ready(self):
    original(self)
    import resource
    sys.stderr.write('{"mark": "memory", "ms": %d}\\n' % (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))
    QTimer.singleShot(0, self.quit)
app.Program._ready = ready
sys.exit(app.run_window(["--profile", sys.argv[1]]))
"""


def run() -> list[dict[str, object]]:
    """first paint and usable in ms (process start of Python included), memory in MB."""
    os.environ["PRESALES_NO_KEYRING"] = "1"
    marks: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "workspace"
        printer.install()
        with store.create(profile, demo=True) as made:
            fill(made.engine)
        environment = os.environ | {"PRESALES_TIMING": "1", "QT_QPA_PLATFORM": "offscreen"}
        for _ in range(ROUNDS + 1):
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", CODE, str(profile)], env=environment, capture_output=True, text=True, check=False
            )
            whole_ms = (time.perf_counter() - began) * 1000
            found = {m["mark"]: m["ms"] for m in map(json.loads, _json_lines(done.stderr))}
            interpreter_ms = _interpreter_ms()
            for name in ("first_paint", "usable"):
                marks.setdefault(name, []).append(found[name] + interpreter_ms)
            marks.setdefault("memory", []).append(found["memory"])
            marks.setdefault("whole", []).append(whole_ms)
        header = keys.load_header(profile / store.HEADER)
        began = time.perf_counter()
        keys.find_key(header, None)
        argon2_ms = (time.perf_counter() - began) * 1000
    return [
        _figure("start.first_paint", marks["first_paint"][1:], "ms"),
        _figure("start.usable_with_passphrase", marks["usable"][1:], "ms"),
        {"name": "start.argon2id_share", "value": round(argon2_ms, 1), "unit": "ms", "n": 1},
        _figure("start.peak_memory", marks["memory"][1:], "MB"),
    ]


def _json_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith('{"mark"')]


def _interpreter_ms() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return (time.perf_counter() - began) * 1000


def _figure(name: str, values: list[float], unit: str) -> dict[str, object]:
    return {"name": name, "value": round(statistics.median(values), 1), "unit": unit, "n": len(values)}


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
