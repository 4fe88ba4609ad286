"""The .deb's tree from a stand-in for the frozen folder: facts, desktop entry, rights, checksums. The real one: `make smoke`."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import re
import shutil
import subprocess
import tomllib
from configparser import ConfigParser
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("installer_build", ROOT / "installer" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def stage(build: ModuleType, tmp_path: Path) -> Path:
    frozen = tmp_path / "frozen"
    (frozen / "_internal").mkdir(parents=True)
    (frozen / "presales").write_bytes(b"\x7fELF")
    (frozen / "_internal/libx.so.6").write_bytes(b"library" * 5000)
    (frozen / "_internal/table.json").write_text("{}", "utf-8")
    (frozen / "_internal/libx.so").symlink_to("libx.so.6")
    (frozen / "_internal/table.json").chmod(0o600)
    build.lay_out(frozen, tmp_path / "stage")
    return tmp_path / "stage"


def test_the_versions_agree(build: ModuleType) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert build.__version__ == project["version"]


def test_control_says_what_dpkg_needs(stage: Path) -> None:
    text = (stage / "DEBIAN/control").read_text("utf-8")
    facts = dict(re.findall(r"^([A-Z][A-Za-z-]+): (.+)$", text, re.MULTILINE))
    assert facts["Package"] == "presales-desktop"
    assert re.fullmatch(r".+ <[^@ ]+@[^@ ]+>", facts["Maintainer"])
    assert 35 <= int(facts["Installed-Size"]) <= 80
    assert re.fullmatch(r"[a-z].{10,79}", facts["Description"])
    assert all(line.startswith(" ") for line in text.split("Description: ")[1].splitlines()[1:])
    for dependency in facts["Depends"].split(","):
        assert re.fullmatch(r"[a-z0-9.+-]+( \(>= [\d.]+\))?( \| [a-z0-9.+-]+)?", dependency.strip()), dependency


def test_files_stand_where_the_desktop_looks(stage: Path) -> None:
    entry = stage / "usr/share/applications/presales-desktop.desktop"
    parsed = ConfigParser(interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(entry, "utf-8")
    facts = parsed["Desktop Entry"]
    assert (facts["Exec"], facts["Type"]) == ("presales", "Application")
    assert facts["Name[zh_CN]"]
    assert (stage / f"usr/share/icons/hicolor/scalable/apps/{facts['Icon']}.svg").is_file()
    link = stage / "usr/bin/presales"
    assert str(link.readlink()) == "/opt/presales-desktop/presales"
    if shutil.which("desktop-file-validate"):
        done = subprocess.run(["desktop-file-validate", str(entry)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "")


def test_rights_and_checksums(stage: Path) -> None:
    program = stage / "opt/presales-desktop"
    assert (program / "presales").stat().st_mode & 0o777 == 0o755
    assert (program / "_internal/table.json").stat().st_mode & 0o777 == 0o644
    assert (program / "_internal/libx.so").is_symlink()
    lines = (stage / "DEBIAN/md5sums").read_text("utf-8").splitlines()
    assert len(lines) > 5
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.md5((stage / name).read_bytes()).hexdigest() == digest
        assert not name.startswith(("/", "DEBIAN"))
    changes = gzip.decompress((stage / "usr/share/doc/presales-desktop/changelog.gz").read_bytes()).decode()
    assert re.search(r"^ -- .+ <.+>  \w{3}, \d\d \w{3} \d{4}", changes, re.MULTILINE)
    assert (stage / "usr/share/doc/presales-desktop/copyright").read_text("utf-8")
