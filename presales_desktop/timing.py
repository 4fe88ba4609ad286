"""When a start reaches its milestones, for the start benchmark."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

STARTED = time.perf_counter()


def mark(name: str) -> None:
    """With PRESALES_TIMING, milliseconds since the process started and of its processor time, for the start benchmark."""
    if os.environ.get("PRESALES_TIMING"):
        mark = {"mark": name, "ms": round(_age_s() * 1000, 1), "cpu_ms": round(time.process_time() * 1000, 1)}
        sys.stderr.write(json.dumps(mark) + "\n")
        sys.stderr.flush()


def _age_s() -> float:
    """Seconds since the process began: Python's own start and Qt's libraries count; elsewhere than on Linux since this module was loaded."""
    if sys.platform != "linux":
        return time.perf_counter() - STARTED
    ticks = int(Path("/proc/self/stat").read_text("ascii", errors="replace").rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
