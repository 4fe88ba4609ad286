"""Settings of this device as typed descriptors, kept in one JSON file; nothing secret stands here.

Company and user settings are records (they sync); keys live in the keyring only.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class Setting(Generic[T]):
    """One setting: key, default, and a check that turns a damaged value back into the default."""

    def __init__(self, default: T, check: Callable[[Any], bool]) -> None:
        self.default = default
        self.check = check
        self.key = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = name

    @overload
    def __get__(self, instance: None, owner: type) -> Setting[T]: ...
    @overload
    def __get__(self, instance: DeviceSettings, owner: type) -> T: ...
    def __get__(self, instance: DeviceSettings | None, owner: type) -> Setting[T] | T:
        if instance is None:
            return self
        value = instance.values.get(self.key, self.default)
        return value if self.check(value) else self.default

    def __set__(self, instance: DeviceSettings, value: T) -> None:
        if not self.check(value):
            raise ValueError(f"{self.key}: {value!r}")
        instance.values[self.key] = value
        instance.save()


def _one_of(*choices: str) -> Callable[[Any], bool]:
    return lambda value: value in choices


def _is_dict(value: Any) -> bool:
    return isinstance(value, dict)


class DeviceSettings:
    """What this laptop remembers: language, theme, window, the tables' columns, the last profile."""

    language = Setting("zh", _one_of("zh", "en"))
    theme = Setting("system", _one_of("system", "light", "dark"))
    density = Setting("comfortable", _one_of("comfortable", "compact"))
    rail_collapsed = Setting(False, lambda v: isinstance(v, bool))
    last_profile = Setting("", lambda v: isinstance(v, str))
    window = Setting[dict[str, Any]]({}, _is_dict)
    tables = Setting[dict[str, Any]]({}, _is_dict)
    # Files to and from the server, kilobytes a second; 0: as fast as the line allows.
    transfer_limit_kb = Setting(0, lambda v: isinstance(v, int) and 0 <= v <= 1_000_000)
    import_mappings = Setting[dict[str, Any]]({}, _is_dict)

    def __init__(self, path: Path | None) -> None:
        """Read PATH; a missing or damaged file means defaults. None keeps everything in memory (tests, tour)."""
        self.path = path
        self.values: dict[str, Any] = {}
        if path is not None and path.is_file():
            try:
                loaded = json.loads(path.read_text("utf-8"))
            except (OSError, ValueError):
                loaded = {}
            if isinstance(loaded, dict):
                self.values = loaded

    def save(self) -> None:
        """Replace the file only when the new one is complete; a full disk costs the setting, not the program."""
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".settings")
            with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
                json.dump(self.values, handle, ensure_ascii=False, indent=1)
            Path(name).replace(self.path)
        except OSError:
            return
