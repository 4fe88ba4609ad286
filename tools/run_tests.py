"""Runs pytest; tests on which the interpreter itself crashed are run once more, alone, and named.

The window's tests have seen rare segmentation faults inside Qt whose cause is not found (docs/decisions/011). A crash takes tests down that
were only near it; what fails by an assertion is never run again.
"""

from __future__ import annotations

import re
import subprocess
import sys

CRASH = re.compile(r"worker '\w+' crashed while running '([^']+)'")
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+?)(?: - .*)?$", re.MULTILINE)


def run(arguments: list[str]) -> tuple[int, str]:
    """pytest's exit code and what it said, which is passed on as it comes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        sys.stdout.write(line)
        sys.stdout.flush()
        said.append(line)
    return process.wait(), "".join(said)


def main(arguments: list[str]) -> int:
    """The exit code."""
    code, said = run(arguments)
    crashed = set(CRASH.findall(said))
    failed = set(FAILED.findall(said))
    if code == 0 or not crashed or failed - crashed:
        return code
    print(f"\nThe interpreter crashed on: {', '.join(sorted(crashed))}. Once more, alone:", flush=True)
    return run(["-q", *sorted(crashed)])[0]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
