"""Kinds: what `describe`, `list`, `show`, `new`, `set` and `do` know of each area. Areas declare KIND; nothing is written twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from presales_desktop.models.fields import Field
from presales_desktop.models.workflow import Transition
from presales_desktop.services.listing import ListQuery, Page
from presales_desktop.services.work import Work


@dataclass(frozen=True)
class Kind:
    """One kind.

    Attributes:
        name: "customer".
        fields: what a draft holds; `parts` the fields of each list of parts ("contacts" → fields).
        list_rows(work, query) → Page of frozen rows.
        show(work, id) → frozen dataclass with its parts.
        resolve(work, text) → id for a UUID or the number people use; raises NotFound.
        new_draft(work, initial) → draft (mutable dataclass); load(work, id) → draft; save(work, draft) → id.
            A draft has `id: UUID | None` and `base_version: int` beside its fields.
        do(work, id, action, parameters) → anything JSON-ready or a dataclass.
        rights: right to create and to edit, for `describe`.
    """

    name: str
    fields: tuple[Field, ...]
    list_rows: Callable[[Work, ListQuery], Page[Any]]
    show: Callable[[Work, UUID], Any]
    resolve: Callable[[Work, str], UUID]
    parts: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    states: tuple[str, ...] = ()
    transitions: tuple[Transition, ...] = ()
    new_draft: Callable[[Work, dict[str, Any]], Any] | None = None
    load: Callable[[Work, UUID], Any] | None = None
    save: Callable[[Work, Any], UUID] | None = None
    do: Callable[[Work, UUID, str, dict[str, str]], Any] | None = None
    rights: Mapping[str, str] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ()
