"""Files that a command line names: read and written with a sentence for each way it can fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from presales_desktop.models.errors import InputError
from presales_desktop.services.saving import why
from presales_desktop.texts import tr

MAX_JSON_BYTES = 50 * 1024 * 1024


def unreadable(path: Path, error: OSError) -> InputError:
    """file.missing or file.unreadable."""
    if isinstance(error, FileNotFoundError):
        return InputError("file.missing", file=str(path))
    return InputError("file.unreadable", file=str(path), reason=why(error))


def read_bytes(path: Path, most: int = -1) -> bytes:
    """The first MOST bytes of a file, all by default. Raises InputError file.missing, file.unreadable."""
    try:
        with path.open("rb") as handle:
            return handle.read(most)
    except OSError as error:
        raise unreadable(path, error) from None
    except ValueError:  # a NUL in the name
        raise InputError("file.missing", file=str(path)) from None


def read_json(path: Path) -> dict[str, Any]:
    """An object from a JSON file. Raises InputError file.missing, file.unreadable, file.too_large, usage.bad_json."""
    data = read_bytes(path, MAX_JSON_BYTES + 1)
    if len(data) > MAX_JSON_BYTES:
        raise InputError("file.too_large", file=str(path), size=">50 MB", limit="50 MB")
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("usage.bad_json", file=str(path), line=line, reason=tr("不是 UTF-8 编码")) from None
    except json.JSONDecodeError as error:
        raise InputError("usage.bad_json", file=str(path), line=error.lineno, reason=error.msg) from None
    except RecursionError:
        raise InputError("usage.bad_json", file=str(path), line=1, reason=tr("嵌套太深")) from None
    except ValueError as error:  # NaN, or more digits than Python turns into a number
        raise InputError("usage.bad_json", file=str(path), line=1, reason=str(error)[:80]) from None
    if not isinstance(found, dict):
        raise InputError("usage.bad_json", file=str(path), line=1, reason=tr("应为一个对象 {…}"))
    return found


def _no_constant(name: str) -> Any:
    """JSON knows no NaN and no infinity."""
    raise ValueError(name)
