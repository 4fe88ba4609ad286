"""Where files live: resources beside the code (checkout, wheel, frozen folder) and the user's data folders."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path, user_data_path, user_log_path

APP_NAME = "presales-desktop"


@cache
def _resource_root() -> Path:
    package = Path(__file__).resolve().parent
    for candidate in (package / "_resources", package.parent / "resources"):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"no resources beside {package}")


def resource(name: str) -> Path:
    """The path of a shipped file, e.g. ``resource("fonts/NotoSansSC-Regular.ttf")``.

    Raises ValueError for an absolute name or one that leaves the resources.
    """
    relative = Path(name)
    if relative.is_absolute() or ".." in relative.parts:
        raise ValueError(f"not a resource name: {name}")
    return _resource_root() / relative


def default_profile() -> Path:
    """The folder of the local workspace when none is named."""
    return user_data_path(APP_NAME, appauthor=False) / "workspace"


def free_folder(folder: Path) -> Path:
    """FOLDER, or the first "FOLDER-demo-n" that holds no workspace."""
    candidate, n = folder, 1
    while (candidate / "workspace.json").exists() or (candidate / "workspace.db").exists():
        candidate, n = folder.with_name(f"{folder.name}-demo-{n}"), n + 1
    return candidate


def config_dir() -> Path:
    """Device settings (never secrets)."""
    return user_data_path(APP_NAME, appauthor=False)


def cache_dir() -> Path:
    """Files that may be deleted at any time."""
    return user_cache_path(APP_NAME, appauthor=False)


def log_dir() -> Path:
    """Rotating logs of this device."""
    return user_log_path(APP_NAME, appauthor=False)


def is_frozen() -> bool:
    """True inside the PyInstaller bundle."""
    return bool(getattr(sys, "frozen", False))
