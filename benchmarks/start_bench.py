"""Warm start of the real program on a demo workspace: first paint, usable with database, memory.

The key comes from a passphrase here (no keyring in a benchmark): argon2id runs beside the imports, its share is measured on its own.
As in every installed program there is bytecode for each module: the first round writes it and is not counted.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from presales_desktop.reports import printer
from presales_desktop.services.demo.fill import fill
from presales_desktop.store import keys
from presales_desktop.store import workspace as store

ROUNDS = 7
_LISTS = "all_lists"

# Starts the program as a person would, says how much memory it took and leaves; with "all_lists" it visits every list first. Memory is the
# most that was resident at a time, in MB: Linux's ru_maxrss will not do, it begins with what the process that started us held.
CODE = """
import sys
from presales_desktop.__main__ import prepare_window
prepare_window()
from PySide6.QtCore import QTimer
import presales_desktop.app as app

def memory(name):
    if sys.platform.startswith("linux"):
        with open("/proc/self/status") as status:
            held = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        sys.stderr.write('{"mark": "%s", "ms": %d, "cpu_ms": 0}\\n' % (name, held / 1024))

original = app.Program._ready
def ready(self):
    original(self)
    memory("memory_usable")
    if sys.argv[2:] != ["all_lists"]:
        QTimer.singleShot(0, self.quit)
        return
    keys = [feature.key for feature in self.window.features]
    def visit():
        if keys:
            self.window.list(keys.pop(0))
            QTimer.singleShot(1500, visit)
        else:
            memory("memory_all_lists")
            self.quit()
    QTimer.singleShot(1500, visit)
app.Program._ready = ready
sys.exit(app.run_window(["--profile", sys.argv[1]]))
"""


def run() -> list[dict[str, object]]:
    """first paint and usable in ms since the process began (wall; processor time of all threads), memory in MB."""
    os.environ["PRESALES_NO_KEYRING"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "workspace"
        printer.install()
        with store.create(profile, demo=True) as made:
            fill(made.engine)
        environment = os.environ | {
            "PRESALES_TIMING": "1",
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPYCACHEPREFIX": str(Path(folder) / "bytecode"),
            "XDG_CACHE_HOME": str(Path(folder) / "cache"),
        }
        # Some machines set it for everything; it would compile the whole program again in each round.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        _start(profile, environment, _LISTS)
        rounds = [_start(profile, environment) for _ in range(ROUNDS)]
        visited = _start(profile, environment, _LISTS)
        header = keys.load_header(profile / store.HEADER)
        argon2_ms = _timed(lambda: keys.find_key(header, None))
    figures = [
        _figure("start.first_paint", [f["first_paint"]["ms"] for f in rounds], "ms", 500),
        _figure("start.first_paint_cpu", [f["first_paint"]["cpu_ms"] for f in rounds], "ms"),
        _figure("start.usable_with_passphrase", [f["usable"]["ms"] for f in rounds], "ms", 1000),
        _figure("start.usable_with_passphrase_cpu_all_threads", [f["usable"]["cpu_ms"] for f in rounds], "ms"),
        {"name": "start.argon2id_beside_the_imports", "value": round(argon2_ms, 1), "unit": "ms", "n": 1},
    ]
    if "memory_usable" in visited:
        figures.append(_figure("start.peak_memory_usable", [f["memory_usable"]["ms"] for f in rounds], "MB", 300))
        figures.append(_figure("start.peak_memory_all_lists", [visited["memory_all_lists"]["ms"]], "MB", 300))
    return figures


def _start(profile: Path, environment: dict[str, str], *how: str) -> dict[str, dict[str, float]]:
    """One start of the program: its marks by name. Raises RuntimeError with what the program said when it failed."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(profile), *how], env=environment, capture_output=True, text=True, check=False
    )
    found = {m["mark"]: m for m in map(json.loads, _json_lines(done.stderr))}
    if done.returncode or "usable" not in found:
        raise RuntimeError(done.stderr)
    return found


def _json_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith('{"mark"')]


def _timed(work: Callable[[], object]) -> float:
    """Milliseconds on the wall."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _figure(name: str, values: list[float], unit: str, target: int | None = None) -> dict[str, object]:
    promised = {} if target is None else {"target": target}
    return {"name": name, "value": round(statistics.median(values), 1), "unit": unit, "n": len(values), **promised}


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
