"""Starts what was built, with nothing of Python in the environment: a workspace, the rules, a report, the tour's first steps.

    python installer/smoke_test.py build/installer [--deb]

With --deb the package is unpacked and started from there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

TOUR_STEPS = 3


def clean_environment(home: Path) -> dict[str, str]:
    """Nothing but what a login shell has; no PATH to a Python, no variable of one."""
    return {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": "/nonexistent",
        "QT_QPA_PLATFORM": "offscreen",
        "PRESALES_NO_KEYRING": "1",
        "PRESALES_PASSPHRASE": "smoke test passphrase",
    }


class Program:
    """The built program."""

    def __init__(self, binary: Path, home: Path) -> None:
        self.binary = binary
        self.home = home

    def run(self, *arguments: str, timeout_s: int = 300) -> str:
        """Its standard output; a failure or a traceback ends the test."""
        done = subprocess.run(
            [str(self.binary), *arguments], capture_output=True, text=True, check=False, timeout=timeout_s,
            env=clean_environment(self.home), cwd=self.home,
        )  # fmt: skip
        if done.returncode != 0 or "Traceback" in done.stderr + done.stdout:
            raise SystemExit(
                f"✗ presales {' '.join(arguments)} → {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
            )
        print(f"✓ presales {' '.join(arguments)}")
        return done.stdout

    def ask(self, *arguments: str) -> object:
        """The result of a command in JSON."""
        return json.loads(self.run("--json", *arguments))["result"]


def unpack(deb: Path, folder: Path) -> Path:
    """The program inside a .deb."""
    subprocess.run(["dpkg-deb", "-x", str(deb), str(folder)], check=True)
    return folder / "opt/presales-desktop/presales"


def walk(program: Program, home: Path) -> None:
    """What a person would notice first if it were broken."""
    program.run("--version")
    program.run("--help")
    profile = str(home / "workspace")
    program.run("--profile", profile, "init", "--demo")
    found = program.ask("--profile", profile, "list", "quote", "--limit", "5")
    assert isinstance(found, dict)
    assert found["rows"], "the demo has quotes"
    quote = found["rows"][0]["id"]
    program.run("--profile", profile, "report", "quote", quote, "--out", str(home / "quote.pdf"))
    assert (home / "quote.pdf").read_bytes().startswith(b"%PDF")
    program.run("--profile", profile, "search", "酒店")
    program.run("--profile", profile, "doctor")
    program.run("tour", str(home / "tour"), "--steps", str(TOUR_STEPS), timeout_s=600)
    pictures = list((home / "tour").rglob("*.png"))
    assert len(pictures) >= TOUR_STEPS, f"{len(pictures)} pictures"
    print(f"✓ {len(pictures)} pictures")


def main() -> None:
    """Test the folder, or the package with --deb."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--deb", action="store_true")
    args = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="smoke"))
    try:
        if args.deb:
            binary = unpack(next(args.out.resolve().glob("*.deb")), home / "unpacked")
        else:
            binary = args.out.resolve() / "presales-desktop" / "presales"
        walk(Program(binary, home), home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
