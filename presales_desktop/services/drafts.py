"""Unsaved work: what somebody typed and has not saved, kept in this laptop's own table so that a crash costs a second of typing.

A draft is any dataclass of dataclasses, lists, dicts and plain values; Decimal, days, moments, ids and bytes survive the way
through JSON exactly.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import delete, select

from presales_desktop.models.local import LocalDraft
from presales_desktop.services.work import Work

T = TypeVar("T")

_TAG = "$"


@dataclass(frozen=True)
class KeptDraft:
    """One kept draft. KEY is the record's id, or "new:…" for one that was never saved."""

    kind: str
    key: str
    base_version: int
    body: dict[str, Any]
    saved_at: dt.datetime


def keep(work: Work, kind: str, key: str, base_version: int, body: dict[str, Any]) -> dt.datetime:
    """Keep BODY (JSON values) as the acting user's unsaved work on (kind, key); the moment it was kept."""
    found = work.session.get(LocalDraft, (kind, key, work.actor.id))
    if found is None:
        found = LocalDraft(kind=kind, key=key, user_id=work.actor.id)
        work.session.add(found)
    found.base_version, found.body, found.saved_at = base_version, body, work.now
    return work.now


def keep_draft(work: Work, kind: str, key: str, draft: Any) -> dt.datetime:
    """Keep a dataclass draft; the caller hands over a copy that nobody edits meanwhile."""
    return keep(work, kind, key, getattr(draft, "base_version", 0), to_body(draft))


def find(work: Work, kind: str, key: str) -> KeptDraft | None:
    """The acting user's unsaved work on (kind, key)."""
    found = work.session.get(LocalDraft, (kind, key, work.actor.id))
    return None if found is None else _kept(found)


def drop(work: Work, kind: str, key: str) -> None:
    """Forget it: saved or thrown away."""
    work.session.execute(
        delete(LocalDraft).where(LocalDraft.kind == kind, LocalDraft.key == key, LocalDraft.user_id == work.actor.id)
    )


def unsaved(work: Work, kind: str = "") -> tuple[KeptDraft, ...]:
    """All unsaved work of the acting user, newest first; of one KIND when given."""
    statement = select(LocalDraft).where(LocalDraft.user_id == work.actor.id).order_by(LocalDraft.saved_at.desc())
    if kind:
        statement = statement.where(LocalDraft.kind == kind)
    return tuple(_kept(row) for row in work.session.scalars(statement))


def _kept(row: LocalDraft) -> KeptDraft:
    return KeptDraft(row.kind, row.key, row.base_version, row.body, row.saved_at)


# dataclasses ↔ JSON


def to_body(draft: Any) -> dict[str, Any]:
    """A dataclass as JSON values; raises TypeError for a value that JSON and this module do not know."""
    body = _encode(draft)
    if not isinstance(body, dict):
        raise TypeError(f"not a dataclass: {type(draft).__name__}")
    return body


def _encode(value: Any) -> Any:
    if value is None or (isinstance(value, (bool, int, float)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return _encode(value.value)
    if isinstance(value, str):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _encode(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init}
        return {_TAG: type(value).__name__, **fields}
    if isinstance(value, Mapping):
        return {_TAG: "dict", "items": [[_encode(k), _encode(v)] for k, v in value.items()]}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_encode(item) for item in value]
    return _encode_scalar(value)


def _encode_scalar(value: Any) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {_TAG: "decimal", "v": str(value)}
    if isinstance(value, UUID):
        return {_TAG: "uuid", "v": str(value)}
    if isinstance(value, dt.datetime):
        return {_TAG: "moment", "v": value.isoformat()}
    if isinstance(value, dt.date):
        return {_TAG: "date", "v": value.isoformat()}
    if isinstance(value, dt.time):
        return {_TAG: "time", "v": value.isoformat()}
    if isinstance(value, bytes):
        return {_TAG: "bytes", "v": base64.b64encode(value).decode()}
    raise TypeError(f"a draft cannot hold {type(value).__name__}")


_SCALARS: dict[str, Any] = {
    "decimal": Decimal,
    "uuid": UUID,
    "moment": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "bytes": base64.b64decode,
}


def from_body(template: T, body: Mapping[str, Any]) -> T:
    """A draft of TEMPLATE's class with BODY's values. Fields that BODY lacks keep the template's value, fields that the
    class no longer has are ignored: a program update does not lose what was typed. Raises ValueError for a damaged body.
    """
    try:
        return typing.cast("T", _fill(template, body))
    except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError("damaged draft") from error


def _fill(template: Any, body: Mapping[str, Any]) -> Any:
    made: Any = type(template)
    hints = _hints(made)
    values = {}
    for field in dataclasses.fields(template):
        if not field.init:
            continue
        if field.name in body:
            values[field.name] = _decode(body[field.name], hints.get(field.name))
        else:
            values[field.name] = getattr(template, field.name)
    return made(**values)


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _decode(value: Any, hint: Any) -> Any:
    if isinstance(value, list):
        return _decode_list(value, hint)
    if isinstance(value, dict):
        return _decode_tagged(value, hint)
    for candidate in _candidates(hint):
        if isinstance(candidate, type) and issubclass(candidate, Enum) and value is not None:
            return candidate(value)
    return value


def _decode_list(value: list[Any], hint: Any) -> Any:
    for candidate in _candidates(hint):
        origin = typing.get_origin(candidate) or candidate
        if origin in (list, tuple, set, frozenset):
            inner = [a for a in typing.get_args(candidate) if a is not Ellipsis]
            many = origin is tuple and len(inner) == len(value) and Ellipsis not in typing.get_args(candidate)
            items = [_decode(v, inner[i] if many else (inner[0] if inner else None)) for i, v in enumerate(value)]
            return items if origin is list else origin(items)
    return [_decode(v, None) for v in value]


def _decode_tagged(value: dict[str, Any], hint: Any) -> Any:
    tag = value[_TAG]
    if tag in _SCALARS:
        return _SCALARS[tag](value["v"])
    if tag == "dict":
        inner = next((typing.get_args(c) for c in _candidates(hint) if typing.get_args(c)), (None, None))
        return {_decode(k, inner[0]): _decode(v, inner[-1]) for k, v in value["items"]}
    classes = [c for c in _candidates(hint) if isinstance(c, type) and dataclasses.is_dataclass(c)]
    found = next((c for c in classes if c.__name__ == tag), classes[0] if len(classes) == 1 else None)
    if found is None:
        raise TypeError(tag)
    hints = _hints(found)
    names = {f.name for f in dataclasses.fields(found) if f.init}
    return found(**{k: _decode(v, hints.get(k)) for k, v in value.items() if k in names})


def _candidates(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return typing.get_args(hint)
    return (hint,)
