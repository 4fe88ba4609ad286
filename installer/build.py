"""Builds the frozen folder and the Linux .deb.

    python installer/build.py build/installer [--no-deb]

Same sources, same result: hash seed and time are fixed, the .deb's times come from the newest commit.
"""

from __future__ import annotations

import argparse
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
# What the wheels of Qt expect of the system; everything else is inside.
DEPENDS = (
    "libc6 (>= 2.34), libglib2.0-0t64 | libglib2.0-0, libgl1, libegl1, libdbus-1-3, libfontconfig1, libxkbcommon0, "
    "libxcb-cursor0, libxcb-icccm4, libxcb-keysyms1, libxcb-shape0, libxcb-xkb1, libxkbcommon-x11-0"
)
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
StartupWMClass=presales
"""


def source_epoch() -> str:
    """The newest commit's time, or a fixed day outside a checkout."""
    done = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "1763856000"


def freeze(out: Path) -> Path:
    """Run PyInstaller; the folder it made."""
    environment = os.environ | {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": source_epoch()}
    subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "--distpath", str(out),
         "--workpath", str(out / "work"), str(ROOT / "installer" / "presales.spec")],
        check=True, env=environment, cwd=ROOT,
    )  # fmt: skip
    return out / PACKAGE


def make_deb(frozen: Path, out: Path) -> Path:
    """Pack the folder as a .deb for this machine's architecture."""
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    stage = out / "deb"
    shutil.rmtree(stage, ignore_errors=True)
    target = stage / "opt" / PACKAGE
    shutil.copytree(frozen, target, symlinks=True)
    for folder in (
        "DEBIAN",
        "usr/bin",
        "usr/share/applications",
        "usr/share/icons/hicolor/scalable/apps",
        f"usr/share/doc/{PACKAGE}",
    ):
        (stage / folder).mkdir(parents=True)
    (stage / "usr/bin/presales").symlink_to(f"/opt/{PACKAGE}/presales")
    (stage / f"usr/share/applications/{PACKAGE}.desktop").write_text(DESKTOP, "utf-8")
    shutil.copy(ROOT / "resources/icons/app.svg", stage / f"usr/share/icons/hicolor/scalable/apps/{PACKAGE}.svg")
    shutil.copy(ROOT / "LICENSE", stage / f"usr/share/doc/{PACKAGE}/copyright")
    size_kib = sum(f.stat().st_size for f in target.rglob("*") if f.is_file() and not f.is_symlink()) // 1024
    (stage / "DEBIAN/control").write_text(
        f"Package: {PACKAGE}\nVersion: {__version__}\nArchitecture: {architecture}\nMaintainer: Presales Desktop developers\n"
        f"Installed-Size: {size_kib}\nDepends: {DEPENDS}\nSection: office\nPriority: optional\n"
        "Description: Pre-sales of a lighting-fixture company\n"
        " Customers, surveys, lighting layouts, quotes with approval and contracts on one laptop, offline.\n",
        "utf-8",
    )
    deb = out / f"{PACKAGE}_{__version__}_{architecture}.deb"
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
