"""Starts what was built, with nothing of Python in the environment: a workspace, the rules, a report, the tour's first steps.

    python installer/smoke_test.py build/installer [--deb | --wheel]

With --deb the package is unpacked and started from there; with --wheel the wheel is built, installed with its dependencies into
an environment of its own, and started from there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
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
            log = self.home / ".local/state/presales-desktop/log/presales.log"
            trace = log.read_text("utf-8")[-2000:] if log.is_file() else ""
            raise SystemExit(
                f"✗ presales {' '.join(arguments)} → {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}\n{trace}"
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


def from_wheel(folder: Path) -> Path:
    """The program as pip would install it; uv is on the path or where tools/setup.sh put it."""
    uv = shutil.which("uv") or str(ROOT / ".tools/bin/uv")
    subprocess.run([uv, "build", "-q", "--wheel", "--out-dir", str(folder), str(ROOT)], check=True)
    wheel = next(folder.glob("*.whl"))
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(folder / "venv")], check=True)
    python = folder / "venv/bin/python"
    # The locked versions: the wheel itself promises less than what was tested.
    locked = folder / "locked.txt"
    subprocess.run(
        [uv, "export", "-q", "--frozen", "--no-dev", "--extra", "desktop", "--no-emit-project", "--no-hashes",
         "--project", str(ROOT), "-o", str(locked)], check=True,
    )  # fmt: skip
    subprocess.run(
        [uv, "pip", "install", "-q", "--python", str(python), "-c", str(locked), f"{wheel}[desktop]"], check=True
    )
    return folder / "venv/bin/presales"


def same_resources(found: Path) -> None:
    """FOUND holds every file of the checkout's resources, byte for byte."""
    wanted = [p for p in (ROOT / "resources").rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    missing = [p for p in wanted if not (copy := found / p.relative_to(ROOT / "resources")).is_file()
               or copy.read_bytes() != p.read_bytes()]  # fmt: skip
    if missing:
        raise SystemExit(f"✗ {len(missing)} of {len(wanted)} resources are missing or differ: {missing[:5]}")
    print(f"✓ {len(wanted)} resources")


def walk(program: Program, home: Path) -> None:
    """What a person would notice first if it were broken."""
    program.run("--version")
    program.run("--help")
    described = program.ask("describe", "quote")
    assert isinstance(described, dict)
    assert len(described["fields"]) > 10
    profile = str(home / "workspace")
    program.run("--profile", profile, "init", "--demo")
    for kind in ("survey", "design", "quote", "contract"):
        found = program.ask("--profile", profile, "list", kind, "--limit", "1")
        assert isinstance(found, dict)
        assert found["rows"], f"the demo has no {kind}"
        paper = home / f"{kind}.pdf"
        program.run("--profile", profile, "report", kind, found["rows"][0]["id"], "--out", str(paper))
        assert paper.read_bytes().startswith(b"%PDF")
    sheet = home / "quote.xlsx"
    program.run("--profile", profile, "report", "quote", found_number(program, profile), "--out", str(sheet))
    assert sheet.read_bytes().startswith(b"PK")
    hits = program.ask("--profile", profile, "search", "jd")
    assert isinstance(hits, dict)
    assert hits["hits"], "pinyin initials find nothing"
    program.run("--profile", profile, "doctor")
    program.run("tour", str(home / "tour"), "--steps", str(TOUR_STEPS), timeout_s=600)
    pictures = list((home / "tour").rglob("*.png"))
    assert len(pictures) >= TOUR_STEPS, f"{len(pictures)} pictures"
    print(f"✓ {len(pictures)} pictures")


def found_number(program: Program, profile: str) -> str:
    """The number of a quote, as people would type it."""
    found = program.ask("--profile", profile, "list", "quote", "--limit", "1")
    assert isinstance(found, dict)
    return str(found["rows"][0]["number"])


def main() -> None:
    """Test the folder, or the package with --deb."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--deb", action="store_true")
    parser.add_argument("--wheel", action="store_true")
    args = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="smoke"))
    started = time.monotonic()
    try:
        if args.wheel:
            binary = from_wheel(home)
            same_resources(next((home / "venv/lib").glob("python*/site-packages/presales_desktop/_resources")))
        else:
            binary = args.out.resolve() / "presales-desktop" / "presales"
            if args.deb:
                binary = unpack(next(args.out.resolve().glob("*.deb")), home / "unpacked")
            same_resources(binary.parent / "_internal/presales_desktop/_resources")
        walk(Program(binary, home), home)
        print(f"✓ {time.monotonic() - started:.0f} s")
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
