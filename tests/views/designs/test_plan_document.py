"""The document: previews over stored parts, undo and redo, merging, selection, what the actions do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presales_desktop.services.design_drafts import DesignDraft, LuminaireDraft, RoomDraft
from presales_desktop.views.designs.actions import PlanActions, read_parts
from presales_desktop.views.designs.document import PlanDocument
from presales_desktop.views.kit.draft import Draft
from tests.helpers.design_data import lamp, room

VARIANT = uuid4()


@pytest.fixture
def document(qapp: Any) -> PlanDocument:
    living, bed = replace(room(), sort=0), replace(room("卧室", 7.0, 3.0, 3.0), sort=1)
    hung = [replace(lamp(VARIANT, x, 2.0), sort=i + 2) for i, x in enumerate((1.0, 3.0, 5.0))]
    return PlanDocument(Draft(DesignDraft(rooms=[living, bed], luminaires=hung)))


def snapshot(document: PlanDocument) -> tuple[Any, ...]:
    return tuple(document.head.rooms), tuple(document.head.luminaires)


def test_a_preview_is_shown_but_not_stored(document: PlanDocument) -> None:
    before = snapshot(document)
    first = document.luminaires()[0]
    heard: list[set[UUID]] = []
    document.changed.connect(heard.append)
    document.preview({first.id: replace(first, x_m=9.0)})  # type: ignore[dict-item]
    assert document.luminaires()[0].x_m == 9.0
    assert snapshot(document) == before
    assert document.scene().luminaires[0].x_m == 9.0
    assert heard == [{first.id}]
    document.cancel_preview()
    assert document.luminaires()[0] == first
    assert not document.undo_stack.count()


def test_a_committed_preview_is_one_step(document: PlanDocument) -> None:
    first = document.luminaires()[0]
    document.preview({first.id: replace(first, x_m=2.0)})  # type: ignore[dict-item]
    document.preview({first.id: replace(first, x_m=2.5)})  # type: ignore[dict-item]
    document.commit_preview("移动")
    assert document.undo_stack.count() == 1
    assert document.head.luminaires[0].x_m == 2.5
    document.undo_stack.undo()
    assert document.head.luminaires[0] == first
    document.undo_stack.redo()
    assert document.head.luminaires[0].x_m == 2.5


def test_nothing_changed_is_no_step(document: PlanDocument) -> None:
    first = document.luminaires()[0]
    document.apply("移动", {first.id: replace(first)})  # type: ignore[dict-item]
    assert document.undo_stack.count() == 0


def test_typing_merges(document: PlanDocument) -> None:
    first = document.luminaires()[0]
    for value in (2.7, 2.6, 2.5):
        document.apply("修改", {first.id: replace(first, z_m=value)}, "luminaire.z_m")  # type: ignore[dict-item]
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.luminaires()[0].z_m == first.z_m


def test_a_frozen_design_does_not_move(document: PlanDocument) -> None:
    document.draft.read_only = True
    first = document.luminaires()[0]
    document.preview({first.id: replace(first, x_m=9.0)})  # type: ignore[dict-item]
    document.apply("移动", {first.id: None})  # type: ignore[dict-item]
    assert document.luminaires()[0] == first


def test_the_selection_loses_what_is_deleted(document: PlanDocument) -> None:
    actions = PlanActions(document)
    ids = [r.id for r in document.luminaires()]
    document.select(ids[:2])  # type: ignore[arg-type]
    actions.delete()
    assert document.selection == ()
    assert [r.id for r in document.luminaires()] == ids[2:]
    document.undo_stack.undo()
    assert [r.id for r in document.luminaires()] == ids


def test_copies_land_at_the_mouse_with_new_ids(document: PlanDocument) -> None:
    actions = PlanActions(document)
    ids = [r.id for r in document.luminaires()]
    document.select(ids)  # type: ignore[arg-type]
    data = actions.copied()
    assert data is not None
    assert actions.paste(data, (8.5, 1.5))
    copies = [r for r in document.luminaires() if r.id not in ids]
    assert sorted(r.x_m for r in copies) == pytest.approx([6.5, 8.5, 10.5])
    assert {r.y_m for r in copies} == {1.5}
    assert set(document.selection) == {r.id for r in copies}


def test_a_copied_room_brings_its_light_and_a_name_of_its_own(document: PlanDocument) -> None:
    actions = PlanActions(document)
    living = document.rooms()[0]
    document.select([living.id])  # type: ignore[list-item]
    actions.duplicate()
    assert [r.name for r in document.rooms()] == ["客厅", "卧室", "客厅 2"]
    assert len(document.luminaires()) == 6


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'[{"kind": "room", "polygon": 3, "colour": 1}]', b"\xff\xfe"])
def test_a_foreign_clipboard_is_left_alone(document: PlanDocument, data: bytes) -> None:
    assert read_parts(data) == []
    assert not PlanActions(document).paste(data)


def test_swapping_the_product_keeps_places(document: PlanDocument) -> None:
    other = uuid4()
    document.select([r.id for r in document.luminaires()[:2]])  # type: ignore[misc]
    assert PlanActions(document).swap(other) == 2
    assert [r.variant_id for r in document.luminaires()] == [other, other, VARIANT]
    assert [r.x_m for r in document.luminaires()] == [1.0, 3.0, 5.0]


def test_select_all_in_a_selected_room(document: PlanDocument) -> None:
    actions = PlanActions(document)
    outside = replace(lamp(VARIANT, 8.0, 1.0), sort=20)
    document.apply("", {outside.id: outside})  # type: ignore[dict-item]
    document.select([document.rooms()[0].id])  # type: ignore[list-item]
    actions.select_all()
    assert len(document.selection) == 3


operations = st.lists(
    st.tuples(st.sampled_from(["move", "delete", "add", "turn", "undo", "redo"]), st.integers(0, 5), st.floats(-5, 5)),
    max_size=25,
)


@given(steps=operations)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_undoing_everything_is_where_it_began(qapp: Any, steps: list[tuple[str, int, float]]) -> None:
    document = PlanDocument(Draft(DesignDraft(rooms=[room()], luminaires=[replace(lamp(VARIANT, 1, 1), sort=1)])))
    begun = snapshot(document)
    actions = PlanActions(document)
    for what, index, value in steps:
        held = document.luminaires()
        if what in ("undo", "redo"):
            (document.undo_stack.undo if what == "undo" else document.undo_stack.redo)()
        elif what == "add":
            new = LuminaireDraft(id=uuid4(), variant_id=VARIANT, x_m=value, y_m=value, sort=document.next_sort())
            document.apply("放置", {new.id: new})  # type: ignore[dict-item]
        elif held:
            chosen = held[index % len(held)]
            document.select([chosen.id])  # type: ignore[list-item]
            if what == "move":
                document.apply("移动", {chosen.id: replace(chosen, x_m=value)})  # type: ignore[dict-item]
            elif what == "turn":
                actions.turn(value)
            else:
                actions.delete()
    ended = snapshot(document)
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert snapshot(document) == begun
    while document.undo_stack.canRedo():
        document.undo_stack.redo()
    if not any(s[0] == "undo" for s in steps):
        assert snapshot(document) == ended
    assert all(isinstance(r, RoomDraft) for r in document.rooms())
