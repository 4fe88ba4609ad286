"""One process at a time, one holder in a process; the lock goes with the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from presales_desktop.store.lock import FileLock, InUse

HOLD = """
import sys
from pathlib import Path
from presales_desktop.store.lock import FileLock
lock = FileLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "a.lock"), FileLock(tmp_path / "a.lock")
    first.acquire()
    with pytest.raises(InUse):
        second.acquire()
    with pytest.raises(InUse):
        first.acquire()
    assert (first.is_locked, second.is_locked) == (True, False)
    first.release()
    first.release()
    second.acquire()
    second.release()
    assert (tmp_path / "a.lock").exists()


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "b.lock")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(InUse):
            lock.acquire()
        other.kill()
        other.wait()
        lock.acquire()
    lock.release()


def test_a_folder_that_is_not_there_is_no_lock(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        FileLock(tmp_path / "missing" / "c.lock").acquire()
