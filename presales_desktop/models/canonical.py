"""The canonical text of a content and its SHA-256: what an approval, a confirmation or a signature names (business.md I2).

NFC text, decimals as their shortest exact text, days and moments ISO, ids as text, keys sorted, UTF-8 JSON without spaces.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from presales_desktop.models.values import plain


def text(content: Any) -> str:
    """The canonical text of CONTENT (mappings, lists and plain values). Raises TypeError for floats: they are not exact."""
    return json.dumps(_plain(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256(canonical: str) -> str:
    """Hex SHA-256 of a canonical text."""
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {unicodedata.normalize("NFC", str(k)): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    raise TypeError(f"no canonical form: {type(value).__name__}")
