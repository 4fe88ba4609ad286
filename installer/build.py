"""Builds the frozen folder and the Linux .deb.

    python installer/build.py build/installer [--no-deb]

Same sources, same result: hash seed and time are fixed, the .deb's times come from the newest commit.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from presales_desktop import __version__  # noqa: E402  # the checkout, not an installed copy

PACKAGE = "presales-desktop"
FIXED_EPOCH = "1763856000"
MAINTAINER = "Presales Desktop developers <developers@presales-desktop.example>"
# What the wheels of Qt expect of the system; everything else is inside.
DEPENDS = (
    "libc6 (>= 2.34), libglib2.0-0t64 | libglib2.0-0, libgl1, libegl1, libdbus-1-3, libfontconfig1, libxkbcommon0, "
    "libxcb-cursor0, libxcb-icccm4, libxcb-keysyms1, libxcb-shape0, libxcb-xkb1, libxkbcommon-x11-0"
)
COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: presales-desktop

Files: *
Copyright: 2026 the developers of Presales Desktop
License: Apache-2.0
 On Debian systems the text stands in /usr/share/common-licenses/Apache-2.0.
 The libraries under _internal keep their own terms: their *.dist-info folders
 hold them; Qt and PySide6 are used under the LGPL-3.0
 (/usr/share/common-licenses/LGPL-3) as the separate files that lie there.

Files: opt/presales-desktop/_internal/presales_desktop/_resources/fonts/*
Copyright: The Noto Project Authors
License: OFL-1.1
 The text stands beside the fonts: OFL.txt.
"""
DESKTOP = """[Desktop Entry]
Type=Application
Name=Presales Desktop
Name[zh_CN]=灯饰售前管理
Comment=Pre-sales of a lighting company
Comment[zh_CN]=客户、调研、方案、报价、合同
Exec=presales
Icon=presales-desktop
Terminal=false
Categories=Office;
Keywords=quote;contract;lighting;报价;合同;照明;
StartupWMClass=presales
"""


def source_epoch() -> str:
    """The newest commit's time, or a fixed day outside a checkout."""
    if shutil.which("git") is None:
        return FIXED_EPOCH
    done = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or FIXED_EPOCH


def freeze(out: Path) -> Path:
    """Run PyInstaller; the folder it made."""
    environment = os.environ | {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": source_epoch()}
    subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "--distpath", str(out),
         "--workpath", str(out / "work"), str(ROOT / "installer" / "presales.spec")],
        check=True, env=environment, cwd=ROOT,
    )  # fmt: skip
    return out / PACKAGE


def architecture() -> str:
    """Debian's name of this machine's architecture."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def control(size_kib: int) -> str:
    """The package's facts."""
    return (
        f"Package: {PACKAGE}\nVersion: {__version__}\nArchitecture: {architecture()}\nMaintainer: {MAINTAINER}\n"
        f"Installed-Size: {size_kib}\nDepends: {DEPENDS}\nSection: office\nPriority: optional\n"
        "Description: pre-sales of a lighting-fixture company\n"
        " Customers, surveys, lighting layouts, quotes with approval and contracts on\n"
        " one laptop, offline: from the first call to the signed contract.\n"
    )


def changelog() -> bytes:
    """Debian's form of "see CHANGELOG.md", compressed without a time of its own."""
    day = dt.datetime.fromtimestamp(int(source_epoch()), dt.UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    text = f"{PACKAGE} ({__version__}) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- {MAINTAINER}  {day}\n"
    return gzip.compress(text.encode(), 9, mtime=0)


def lay_out(frozen: Path, stage: Path) -> None:
    """The package's tree under STAGE: the program under /opt, and what makes the desktop find it."""
    target = stage / "opt" / PACKAGE
    shutil.copytree(frozen, target, symlinks=True)
    documents = f"usr/share/doc/{PACKAGE}"
    folders = ("DEBIAN", "usr/bin", "usr/share/applications", "usr/share/icons/hicolor/scalable/apps", documents)
    for folder in folders:
        (stage / folder).mkdir(parents=True)
    (stage / "usr/bin/presales").symlink_to(f"/opt/{PACKAGE}/presales")
    (stage / f"usr/share/applications/{PACKAGE}.desktop").write_text(DESKTOP, "utf-8")
    shutil.copy(ROOT / "resources/icons/app.svg", stage / f"usr/share/icons/hicolor/scalable/apps/{PACKAGE}.svg")
    (stage / documents / "copyright").write_text(COPYRIGHT, "utf-8")
    shutil.copy(ROOT / "CHANGELOG.md", stage / documents / "CHANGELOG.md")
    (stage / documents / "changelog.gz").write_bytes(changelog())
    files = [f for f in sorted(stage.rglob("*")) if f.is_file() and not f.is_symlink() and "DEBIAN" not in f.parts]
    sums = [f"{hashlib.md5(f.read_bytes()).hexdigest()}  {f.relative_to(stage)}\n" for f in files]
    (stage / "DEBIAN/md5sums").write_text("".join(sums), "utf-8")
    (stage / "DEBIAN/control").write_text(control(sum(f.stat().st_size for f in files) // 1024), "utf-8")
    for path in stage.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path == target / "presales" else 0o644)


def make_deb(frozen: Path, out: Path) -> Path:
    """Pack the folder as a .deb for this machine's architecture."""
    stage = out / "deb"
    shutil.rmtree(stage, ignore_errors=True)
    lay_out(frozen, stage)
    deb = out / f"{PACKAGE}_{__version__}_{architecture()}.deb"
    # zstd: xz takes seven minutes for 5 % less.
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z10", "--build", str(stage), str(deb)],
        check=True, env=os.environ | {"SOURCE_DATE_EPOCH": source_epoch()},
    )  # fmt: skip
    shutil.rmtree(stage)
    return deb


def main() -> None:
    """Build into the folder named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--no-deb", action="store_true")
    args = parser.parse_args()
    out = args.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    frozen = freeze(out)
    print(frozen)
    if not args.no_deb and shutil.which("dpkg-deb"):
        print(make_deb(frozen, out))


if __name__ == "__main__":
    main()
