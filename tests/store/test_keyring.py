"""The operating system's real keyring (Secret Service), in a session bus of its own: the key lives there and nowhere else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NEEDED = ("dbus-run-session", "gnome-keyring-daemon")
missing = [name for name in NEEDED if shutil.which(name) is None]

pytestmark = pytest.mark.skipif(
    bool(missing) or not sys.platform.startswith("linux"), reason=f"not installed here: {', '.join(missing)}"
)

# Both processes of a test share one unlocked keyring, as two starts of the program in one login do.
UNLOCK = "printf test | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1; "


def in_session(home: Path, script: str) -> subprocess.CompletedProcess[str]:
    """SCRIPT (shell; `$PRESALES` is the program) in a session with an unlocked keyring, and without a passphrase."""
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "PRESALES": f"{sys.executable} -m presales_desktop --profile {home / 'workspace'} --json",
        "PYTHON": sys.executable,
    }
    (home / "run").mkdir(mode=0o700, exist_ok=True)
    return subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", UNLOCK + script],
        env=environment, cwd=home, capture_output=True, text=True, check=False, timeout=90,
    )  # fmt: skip


FORGET = """
import json, keyring
from presales_desktop.store.keys import SERVICE
header = json.load(open("workspace/workspace.json"))
key = keyring.get_password(SERVICE, header["id"])
assert header["key_source"] == "keyring" and len(bytes.fromhex(key)) == 32
assert key not in open("workspace/workspace.json").read()
assert not open("workspace/workspace.db", "rb").read(16).startswith(b"SQLite")
keyring.delete_password(SERVICE, header["id"])
"""


def test_the_key_lives_in_the_keyring_and_a_lost_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "forget.py").write_text(FORGET, "utf-8")
    done = in_session(
        tmp_path,
        "set -e; $PRESALES init --user 王敏; $PRESALES new customer name=钥匙串酒店; $PRESALES list customer;"
        " $PYTHON forget.py; set +e; $PRESALES list customer; echo code=$?",
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 5, (done.stdout, done.stderr)
    assert '"ok": true' in lines[0]
    assert "钥匙串酒店" in lines[2]
    assert '"store.key_missing"' in lines[3]
    assert lines[4] == "code=3"
    assert "Traceback" not in done.stderr


def test_without_an_unlocked_keyring_a_passphrase_is_asked_for(tmp_path: Path) -> None:
    done = in_session(
        tmp_path,
        "PRESALES_NO_KEYRING=1 $PRESALES init --user 王敏; echo code=$?;"
        " $PRESALES init --user 王敏 >/dev/null; PRESALES_NO_KEYRING=1 $PRESALES list customer; echo code=$?",
    )
    lines = done.stdout.splitlines()
    assert '"store.no_keyring"' in lines[0], (done.stdout, done.stderr)
    assert lines[1] == "code=3"
    assert '"store.no_keyring"' in lines[2]
    assert lines[3] == "code=3"
    assert "Traceback" not in done.stderr
