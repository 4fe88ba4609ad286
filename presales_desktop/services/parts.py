"""Parts of a whole (contacts of a customer): draft lists written back to their rows, in the order they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from presales_desktop.models.fields import Field
from presales_desktop.services.work import Work

D = TypeVar("D")


def to_draft(record: Any, draft: type[D]) -> D:
    """A draft of type DRAFT (a dataclass) with the record's values."""
    return draft(**{f.name: getattr(record, f.name) for f in fields(draft)})  # type: ignore[arg-type]


def is_blank(part: Any, names: Iterable[str]) -> bool:
    """Whether nobody typed anything into PART: all of NAMES are empty."""
    return not any(str(getattr(part, name) or "").strip() for name in names)


def sync(
    work: Work,
    records: Sequence[Any],
    drafts: Sequence[Any],
    declared: tuple[Field, ...],
    make: Callable[[dict[str, Any]], Any],
    extra: Callable[[Any], dict[str, Any]] = lambda part: {},
) -> bool:
    """Make the rows equal to DRAFTS: new ones added, changed ones touched, missing ones removed; whether anything changed.

    A draft whose id is no longer among RECORDS (removed by somebody else) is added anew. `sort` becomes the place in the list.
    """
    old = {record.id: record for record in records}
    changed = False
    for place, part in enumerate(drafts):
        values = {f.name: _clean(getattr(part, f.name)) for f in declared} | {"sort": place} | extra(part)
        record = old.pop(part.id, None) if part.id is not None else None
        if record is None:
            work.add(make(values))
            changed = True
        elif any(getattr(record, name) != value for name, value in values.items()):
            work.touch(record)
            for name, value in values.items():
                setattr(record, name, value)
            changed = True
    for record in old.values():
        work.remove(record)
        changed = True
    return changed


def _clean(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
