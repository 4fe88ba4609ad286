"""Runs pytest on two cores and tells what became of every test; what failed or never came to an end runs once more, alone, and is named.

The window's tests have seen rare segmentation faults inside Qt (docs/decisions/011). A crashed worker takes tests down that were only near it, and
pytest-xdist may wait for ever afterwards: a watchdog ends that. A test that fails alone, too, has failed.
"""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

RESULT = re.compile(r"^\[gw\d+\] \[ *\d+%\] (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) (\S.*?) *$")
CRASH = "node down: Not properly terminated"
SILENCE_S, SILENCE_AFTER_CRASH_S = 700, 240
GOOD = ("PASSED", "SKIPPED", "XFAIL")
AGAIN = 60


# The state machines walk the same way each time only when sets do.
os.environ.setdefault("PYTHONHASHSEED", "0")
# Hundreds of processes are started: where bytecode is not kept each of them compiles the program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def run(arguments: list[str], file: Path) -> dict[str, str]:
    """Every test's result as far as it came; failures and their traces are passed on. The ids of all tests stand in FILE when they are known."""
    here = str(Path(__file__).resolve().parent)
    paths = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-v", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", "-p", "test_order", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
        env=os.environ | {"TEST_IDS": str(file), "PYTHONPATH": paths},
    )  # fmt: skip
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line.rstrip("\n"))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    results: dict[str, str] = {}
    patience, telling = SILENCE_S, False
    while True:
        try:
            line = lines.get(timeout=patience)
        except queue.Empty:
            print("\nNothing was heard for a long time: the run is ended.", flush=True)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            return results
        if line is None:
            process.wait()
            return results
        found = RESULT.match(line)
        if found:
            results[found.group(2)] = found.group(1)
            if len(results) % 100 == 0:
                print(f"{len(results)} …", flush=True)
            if found.group(1) not in GOOD:
                print(line, flush=True)
        elif CRASH in line or "Fatal Python error" in line:
            patience = SILENCE_AFTER_CRASH_S
            print(line, flush=True)
        telling = telling or bool(re.match(r"=+ (FAILURES|ERRORS) =+", line)) or line.startswith(("ERROR", "E  "))
        if telling:
            print(line, flush=True)


def again(tests: list[str]) -> dict[str, str]:
    """Run TESTS in one process."""
    results: dict[str, str] = {}
    line_of = re.compile(r"^(\S.*?::.*?) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:xdist", *tests],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip
    for line in done.stdout.splitlines():
        found = line_of.match(line)
        if found:
            results[found.group(1)] = found.group(2)
    if any(results.get(test) not in GOOD for test in tests):
        print(done.stdout[-12000:], flush=True)
    return results


def main(arguments: list[str]) -> int:
    """The exit code: 0 when every test passed, at the latest alone."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tests"
        results = run(arguments, file)
        tests = file.read_text("utf-8").splitlines() if file.exists() else []
    if not tests:
        print("\nNo tests were found, or collecting them failed (above).", flush=True)
        return 1
    left = [test for test in tests if results.get(test) not in GOOD]
    for start in range(0, len(left), AGAIN):
        part = left[start : start + AGAIN]
        print(f"\nOnce more, alone ({len(part)}): {', '.join(part)}", flush=True)
        results.update(again(part))
    counts = Counter("passed" if results.get(t) in ("PASSED", "XFAIL") else results.get(t, "lost") for t in tests)
    failed = len(tests) - counts["passed"] - counts["SKIPPED"]
    print(f"\n{counts['passed']} passed, {failed} failed, {counts['SKIPPED']} skipped", flush=True)
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
