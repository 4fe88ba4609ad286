"""What holds for every kind, with no test written for it: states, steps, rights, words, fields."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from presales_desktop.models.fields import FieldType
from presales_desktop.models.permissions import RIGHTS
from presales_desktop.models.tables import METADATA
from presales_desktop.services import plain, registry
from presales_desktop.texts.lookup import kinds

KINDS = registry.names()


@pytest.mark.parametrize("name", KINDS)
def test_steps_lead_between_declared_states_and_need_known_rights(name: str) -> None:
    kind = registry.kind(name)
    for step in kind.transitions:
        assert set(step.from_states) <= set(kind.states), step
        assert step.to is None or step.to in kind.states, step
        assert step.right in RIGHTS, step
    for right in kind.rights.values():
        assert right in RIGHTS


@pytest.mark.parametrize("name", KINDS)
def test_every_state_can_be_reached(name: str) -> None:
    kind = registry.kind(name)
    if not kind.states:
        return
    reached = {kind.states[0]} | {t.to for t in kind.transitions if t.to}
    computed = {"superseded", "expired", "returned", "rejected", "approved"}
    assert set(kind.states) - reached <= computed


@pytest.mark.parametrize("name", KINDS)
def test_every_word_of_a_kind_exists(name: str) -> None:
    kind, words = registry.kind(name), kinds()[name]
    assert words.title
    assert [f.name for f in kind.fields if f.name not in words.labels] == []
    assert [s for s in kind.states if s not in words.states] == []
    assert [t.action for t in kind.transitions if t.action not in words.actions] == []
    for field in kind.fields:
        known = {**words.choices.get(field.name, {}), **(words.states if field.name == "state" else {})}
        missing = [c for c in field.choices if c and c not in known]
        assert missing == [], field.name


@pytest.mark.parametrize("name", KINDS)
def test_outer_names_are_unique_and_typed(name: str) -> None:
    kind = registry.kind(name)
    names = [plain.outer_name(f) for f in kind.fields]
    assert len(names) == len(set(names))
    for field in kind.fields:
        if field.type in (FieldType.CHOICE, FieldType.CHOICES):
            assert field.choices or field.read_only, field.name
        if field.type is FieldType.REFERENCE:
            assert field.target, field.name


@pytest.mark.parametrize("name", KINDS)
def test_a_draft_holds_every_field(name: str, run: Any) -> None:
    kind = registry.kind(name)
    if kind.new_draft is None:
        return
    draft_type = kind.new_draft.__annotations__["return"]
    import sys

    owner = sys.modules[kind.new_draft.__module__]
    found = getattr(owner, draft_type) if isinstance(draft_type, str) else draft_type
    held = {f.name for f in dataclasses.fields(found)}
    assert {"id", "base_version"} <= held
    assert {f.name for f in kind.fields if not f.read_only} <= held
    assert set(kind.parts) <= held


def test_every_business_table_has_a_uuid_key_and_a_version() -> None:
    local = {"audit_event", "blob", "local_draft", "number_counter", "search_entry", "meta"}
    for table in METADATA.sorted_tables:
        if table.name in local or table.name.startswith("sync_"):
            continue
        assert {"id", "version", "created_at", "updated_at"} <= set(table.c.keys()), table.name
