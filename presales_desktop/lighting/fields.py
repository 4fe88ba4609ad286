"""JSON input read field by field, with errors that name the field and what was expected there."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import NoReturn

from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.textfile import MAX_BYTES, read_bytes

_MISSING = object()


class Fields:
    """One JSON object at a path of a file."""

    def __init__(self, data: object, file: str, path: str = "") -> None:
        self.file = file
        self.path = path
        if not isinstance(data, dict):
            raise LightingError("scene.object_expected", file=file, field=path or "$", found=brief(data))
        self._data: dict[str, object] = data

    def name(self, key: str) -> str:
        """The full path of a field."""
        return f"{self.path}.{key}" if self.path else key

    def names(self) -> list[str]:
        """The fields that are there, in the order of the file."""
        return list(self._data)

    def has(self, key: str) -> bool:
        """Whether the field is there and not null."""
        return self._data.get(key) is not None

    def fail(self, code: str, key: str, *, expected: object = "", found: object = "") -> NoReturn:
        """Refuse a field."""
        raise LightingError(code, file=self.file, field=self.name(key), expected=expected, found=found)

    def _get(self, key: str, default: object) -> object:
        value = self._data.get(key)
        if value is not None:
            return value
        if default is _MISSING:
            self.fail("scene.field_missing", key)
        return default

    def number(self, key: str, default: object = _MISSING, *, low: float = -1e6, high: float = 1e6) -> float:
        """A finite number between the limits."""
        return number(self._get(key, default), self.file, self.name(key), low, high)

    def text(self, key: str, default: object = _MISSING) -> str:
        """A text."""
        value = self._get(key, default)
        if not isinstance(value, str):
            self.fail("scene.text_expected", key, found=brief(value))
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            self.fail("scene.flag_expected", key, found=brief(value))
        return value

    def part(self, key: str, default: object = _MISSING) -> Fields:
        """An object within this one."""
        return Fields(self._get(key, default), self.file, self.name(key))

    def items(self, key: str, default: object = _MISSING, *, limit: int) -> list[object]:
        """A list of at most ``limit`` items."""
        value = self._get(key, default)
        if not isinstance(value, list):
            self.fail("scene.list_expected", key, found=brief(value))
        if len(value) > limit:
            self.fail("scene.too_many", key, expected=limit, found=len(value))
        return value

    def parts(self, key: str, default: object = _MISSING, *, limit: int) -> list[Fields]:
        """A list of objects."""
        items = self.items(key, default, limit=limit)
        return [Fields(item, self.file, f"{self.name(key)}[{k}]") for k, item in enumerate(items)]

    def vectors(
        self, key: str, default: object = _MISSING, *, sizes: tuple[int, ...], limit: int
    ) -> list[tuple[float, ...]]:
        """A list of number tuples of one of the ``sizes``."""
        items = self.items(key, default, limit=limit)
        return [vector(item, self.file, f"{self.name(key)}[{k}]", sizes) for k, item in enumerate(items)]

    def vector(self, key: str, size: int) -> tuple[float, ...]:
        """A tuple of numbers."""
        return vector(self._get(key, _MISSING), self.file, self.name(key), (size,))


def number(value: object, file: str, path: str, low: float = -1e6, high: float = 1e6) -> float:
    """The value as a finite number between the limits.

    :raises LightingError: scene.number_expected, scene.out_of_range
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LightingError("scene.number_expected", file=file, field=path, found=brief(value))
    if not math.isfinite(value) or not low <= value <= high:
        raise LightingError(
            "scene.out_of_range", file=file, field=path, expected=f"{low:g}…{high:g}", found=brief(value)
        )
    return float(value)


def vector(value: object, file: str, path: str, sizes: tuple[int, ...]) -> tuple[float, ...]:
    """The value as a tuple of numbers of one of the sizes.

    :raises LightingError: scene.vector_expected and as :func:`number`
    """
    if not isinstance(value, list) or len(value) not in sizes:
        expected = " / ".join(str(size) for size in sizes)
        raise LightingError("scene.vector_expected", file=file, field=path, expected=expected, found=brief(value))
    return tuple(number(item, file, f"{path}[{k}]") for k, item in enumerate(value))


def brief(value: object) -> str:
    """A value as it stands in an error: short and on one line."""
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return f"[…{len(value)}]"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**15:
        return "±∞"
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    return " ".join(text.split())[:40]


def load(path: Path) -> Fields:
    """A JSON file's outermost object.

    :raises LightingError: file.missing, file.unreadable, scene.too_large, scene.not_json, scene.not_finite
    """
    data = read_bytes(path, MAX_BYTES)
    if len(data) > MAX_BYTES:
        raise LightingError("scene.too_large", file=path.name, expected=MAX_BYTES)

    def refuse(constant: str) -> NoReturn:
        raise LightingError("scene.not_finite", file=path.name, found=constant)

    try:
        value: object = json.loads(data.decode("utf-8-sig"), parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise LightingError("scene.not_json", file=path.name, line=error.lineno, found=error.msg) from error
    except (ValueError, RecursionError) as error:
        # Not UTF-8, numbers of thousands of digits, brackets thousands deep.
        raise LightingError("scene.not_json", file=path.name, line=1, found=type(error).__name__) from error
    return Fields(value, path.name)
