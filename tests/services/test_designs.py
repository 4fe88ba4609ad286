"""Designs as services: parts saved by difference, the schedule, review by somebody else, frozen revisions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from presales_desktop.models.designs import Design, Luminaire, Room
from presales_desktop.models.errors import (
    ConflictError,
    InputError,
    InvalidTransition,
    NotFound,
    PermissionDenied,
    UserError,
    ValidationError,
)
from presales_desktop.models.surveys import Survey, SurveySpace
from presales_desktop.services import approvals, design_steps, designs, timeline
from presales_desktop.services.design_schedule import rows
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Work
from tests.helpers.design_data import World, draft_of, lamp, make_world, room, saved

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def versions(run: Run, model: Any, design_id: UUID) -> dict[UUID, int]:
    def read(work: Work) -> dict[UUID, int]:
        return {r.id: r.version for r in work.session.scalars(select(model).where(model.design_id == design_id))}

    found: dict[UUID, int] = run("design", read)
    return found


def test_what_was_saved_is_loaded(run: Run, world: World) -> None:
    draft = draft_of(run, world, notes="暖光为主")
    design_id = run("design", designs.save, draft)
    again = run("design", designs.load, design_id)
    assert again.title == "云栖大堂"
    assert again.notes == "暖光为主"
    assert [(r.name, r.polygon) for r in again.rooms] == [(r.name, r.polygon) for r in draft.rooms]
    assert [replace(r, sort=0) for r in again.luminaires] == draft.luminaires
    assert again.number.startswith("FA20261123-")


def test_only_changed_parts_are_written(run: Run, world: World) -> None:
    design_id = saved(run, world)
    draft = run("design", designs.load, design_id)
    moved = draft.luminaires[1]
    draft.luminaires[1] = replace(moved, x_m=4.0)
    run("design", designs.save, draft)
    touched = versions(run, Luminaire, design_id)
    assert touched[moved.id] == 2
    assert sorted(touched.values()) == [1, 1, 2]
    assert set(versions(run, Room, design_id).values()) == {1}


def test_removed_and_added_parts(run: Run, world: World) -> None:
    design_id = saved(run, world)
    draft = run("design", designs.load, design_id)
    gone, new = draft.luminaires[0], lamp(world.panel, 2.0, 1.0)
    draft.luminaires = [*draft.luminaires[1:], new]
    run("design", designs.save, draft)
    ids = [r.id for r in run("design", designs.load, design_id).luminaires]
    assert gone.id not in ids
    assert ids[-1] == new.id
    # Undone in the window: the same row comes back under its old id.
    draft = run("design", designs.load, design_id)
    draft.luminaires = [gone, *draft.luminaires]
    run("design", designs.save, draft)
    assert gone.id in [r.id for r in run("design", designs.load, design_id).luminaires]


def test_what_somebody_else_added_is_not_removed(run: Run, world: World) -> None:
    design_id = saved(run, world)
    mine = run("design", designs.load, design_id)
    theirs = lamp(world.down, 3.0, 3.0)

    def arrive(work: Work) -> None:
        """As a sync brings it: a row, without a new version of the design."""
        work.add(
            Luminaire(id=theirs.id, design_id=design_id, variant_id=world.down, x_m=3.0, y_m=3.0, z_m=2.8, sort=99)
        )

    run("technical", arrive)
    mine.title = "另一个名字"
    run("design", designs.save, mine)
    assert theirs.id in [r.id for r in run("design", designs.load, design_id).luminaires]


def test_two_savers_conflict(run: Run, world: World) -> None:
    design_id = saved(run, world)
    first, second = run("design", designs.load, design_id), run("technical", designs.load, design_id)
    run("design", designs.save, first)
    with pytest.raises(ConflictError):
        run("technical", designs.save, second)


def test_a_file_of_plain_values_makes_a_design(run: Run, world: World) -> None:
    """What `presales new design --from file.json` hands over: lists, strings and Decimals."""
    initial = {
        "case_id": str(world.case_id),
        "rooms": [{"name": "客厅", "room_type": "living", "polygon": [[0, 0], [0, 4], [6, 4], [6, 0]], "height_m": Decimal("2.7")}],
        "luminaires": [{"variant_id": str(world.down), "x_m": Decimal("3"), "y_m": 2, "z_m": "2.6"}],
    }  # fmt: skip
    with pytest.raises((ValidationError, InputError)):
        run("design", designs.save, run("design", designs.new_draft, initial))
    initial["luminaires"] = [{"variant_id": str(world.down), "x_m": Decimal("3"), "y_m": 2, "z_m": 2.6}]
    design_id = run("design", designs.save, run("design", designs.new_draft, initial))
    loaded = run("design", designs.load, design_id)
    assert loaded.rooms[0].polygon == ((6.0, 0.0), (6.0, 4.0), (0.0, 4.0), (0.0, 0.0))
    assert loaded.rooms[0].height_m == 2.7
    assert (loaded.luminaires[0].x_m, loaded.luminaires[0].y_m) == (3.0, 2.0)


def test_an_unknown_name_in_a_part_is_named(run: Run, world: World) -> None:
    with pytest.raises(InputError) as caught:
        run("design", designs.new_draft, {"case_id": world.case_id, "rooms": [{"nmae": "客厅"}]})
    assert caught.value.code == "field.unknown"
    assert caught.value.field == "rooms.0"


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"title": ""}, "field.required", "title"),
        ({"maintenance_factor": 1.2}, "field.high", "maintenance_factor"),
        ({"rooms": [replace(room(), polygon=((0.0, 0.0), (1.0, 1.0)))]}, "design.outline_corners", "rooms.0.polygon"),
        ({"rooms": [replace(room(), workplane_m=3.0)]}, "design.plane_above_ceiling", "rooms.0.workplane_m"),
        ({"luminaires": [lamp(uuid4(), 1, 1)]}, "design.variant_unknown", "luminaires.0.variant_id"),
    ],
)  # fmt: skip
def test_what_cannot_be_saved(run: Run, world: World, change: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        run("design", designs.save, draft_of(run, world, **change))
    assert [(p.code, p.field) for p in caught.value.problems] == [(code, field)]


def test_schedule_by_room_with_positions(run: Run, world: World) -> None:
    draft = draft_of(run, world)
    draft.luminaires.append(lamp(world.panel, 2.0, 3.0))
    draft.luminaires.append(lamp(world.down, 50.0, 50.0))
    design_id = run("design", designs.save, draft)
    made = run("sales", designs.schedule_of, design_id)
    shown = [(r.name, [(i.variant_id, i.quantity) for i in r.items]) for r in made.rooms]
    assert shown == [
        ("客厅", [(world.down, 2), (world.panel, 1)]),
        ("卧室", [(world.panel, 1)]),
        ("", [(world.down, 1)]),
    ]
    assert made.positions == {world.down: 1, world.panel: 2}
    assert made.quantity(world.down) == 3
    assert {i for r in made.rooms for item in r.items for i in item.luminaire_ids} == {r.id for r in draft.luminaires}


def test_a_nested_room_keeps_what_hangs_in_it(run: Run, world: World) -> None:
    draft = draft_of(run, world, rooms=[room("大厅", 0, 10, 10), room("包间", 1, 2, 2)])
    draft.luminaires = [lamp(world.down, 2.0, 1.0), lamp(world.down, 8.0, 8.0)]
    made = run("sales", designs.schedule_of, run("design", designs.save, draft))
    assert [(r.name, r.items[0].quantity) for r in made.rooms] == [("大厅", 1), ("包间", 1)]


def test_schedule_rows_carry_facts(run: Run, world: World) -> None:
    from presales_desktop.services.catalogue_facts import facts

    made = run("sales", designs.schedule_of, saved(run, world))
    lines = rows(made, run("sales", facts, made.variant_ids))
    assert [(r.room, r.position, r.quantity, r.power_w) for r in lines] == [
        ("客厅", 1, 2, Decimal(10)), ("卧室", 2, 1, Decimal(36)),
    ]  # fmt: skip
    assert rows(made, {})[0].name == "?"


# -- review ------------------------------------------------------------------------------------------------------------


def test_submit_freezes_the_content(run: Run, world: World) -> None:
    design_id = saved(run, world)
    digest = run("design", design_steps.submit, design_id)
    view = run("sales", designs.show, design_id)
    assert view.state == "submitted"
    assert view.content_hash == digest

    def frozen(work: Work) -> str:
        return work.get(Design, design_id).frozen

    text = run("sales", frozen)
    assert hashlib.sha256(text.encode()).hexdigest() == digest
    content = json.loads(text)
    assert content["products"][str(world.down)]["sku"] == "DL-1-30"
    assert content["rooms"][0]["height_m"] == "2.8"
    draft = run("design", designs.load, design_id)
    draft.title = "偷偷修改"
    with pytest.raises(UserError, match=r"design\.frozen"):
        run("design", designs.save, draft)

    def tamper(work: Work) -> None:
        work.get(Design, design_id).frozen = "{}"

    with pytest.raises(DatabaseError):
        run("design", tamper)


def test_an_empty_plan_is_not_submitted(run: Run, world: World) -> None:
    design_id = saved(run, world, rooms=[], luminaires=[])
    with pytest.raises(ValidationError) as caught:
        run("design", design_steps.submit, design_id)
    assert {p.code for p in caught.value.problems} == {"design.no_rooms", "design.no_luminaires"}


def test_the_author_never_reviews(run: Run, world: World) -> None:
    design_id = saved(run, world)
    run("design", design_steps.submit, design_id)
    with pytest.raises(PermissionDenied) as caught:
        run("design", design_steps.decide, design_id, "approve")
    assert caught.value.code == "approval.author"
    with pytest.raises(PermissionDenied):
        run("sales", design_steps.decide, design_id, "approve")
    assert run("technical", design_steps.decide, design_id, "approve") == "approved"
    with pytest.raises(InvalidTransition):
        run("sales_head", design_steps.decide, design_id, "approve")


@pytest.mark.parametrize("action", ["approve_with_notes", "return", "reject"])
def test_a_verdict_that_binds_needs_words(run: Run, world: World, action: str) -> None:
    design_id = saved(run, world)
    run("design", design_steps.submit, design_id)
    with pytest.raises(ValidationError):
        run("technical", design_steps.decide, design_id, action, "  ")
    state = run("technical", design_steps.decide, design_id, action, "请补充检修口")
    expected = {"approve_with_notes": "approved_with_notes", "return": "returned", "reject": "rejected"}
    assert state == expected[action]

    def comment(work: Work) -> str:
        return approvals.decisions(work, "design", design_id)[0].comment

    assert run("sales", comment) == "请补充检修口"


def test_the_next_revision_has_everything_but_decisions(run: Run, world: World) -> None:
    design_id = saved(run, world)
    run("design", design_steps.submit, design_id)
    run("technical", design_steps.decide, design_id, "return", "照度不足")
    second = run("design", design_steps.revise, design_id)
    old, new = run("sales", designs.show, design_id), run("sales", designs.show, second)
    assert (new.number, new.revision, new.state, new.content_hash) == (old.number, 2, "draft", "")
    assert (old.latest, new.latest) == (False, True)
    assert [r.polygon for r in new.rooms] == [r.polygon for r in old.rooms]
    assert not {r.id for r in new.luminaires} & {r.id for r in old.luminaires}
    assert run("sales", designs.resolve, old.number) == second
    assert run("sales", designs.resolve, f"{old.number}-R1") == design_id
    with pytest.raises(UserError, match=r"design\.newer_exists"):
        run("design", design_steps.revise, design_id)
    with pytest.raises(InvalidTransition):
        run("design", design_steps.revise, second)


def test_an_approved_revision_supersedes_the_one_before(run: Run, world: World) -> None:
    first = saved(run, world)
    run("design", design_steps.submit, first)
    run("technical", design_steps.decide, first, "approve")
    second = run("design", design_steps.revise, first)
    assert run("sales", designs.show, first).state == "approved"
    run("design", design_steps.submit, second)
    run("technical", design_steps.decide, second, "approve")
    assert run("sales", designs.show, first).state == "superseded"
    shown = run("sales", designs.revisions, second)
    assert [(r.revision, r.state) for r in shown] == [(2, "approved"), (1, "superseded")]


def test_revising_takes_a_submitted_one_back(run: Run, world: World) -> None:
    first = saved(run, world)
    run("design", design_steps.submit, first)
    run("design", design_steps.revise, first)
    assert run("sales", designs.show, first).state == "superseded"
    with pytest.raises(InvalidTransition):
        run("technical", design_steps.decide, first, "approve")


def test_a_decision_on_another_content_is_refused(run: Run, world: World) -> None:
    design_id = saved(run, world)
    run("design", design_steps.submit, design_id)
    with pytest.raises(UserError, match=r"approval\.content_changed"):
        run("technical", design_steps.decide, design_id, "approve", "", "0" * 64)


def test_rights(run: Run, world: World) -> None:
    with pytest.raises(PermissionDenied):
        run("finance", designs.new_draft, {"case_id": world.case_id})
    design_id = saved(run, world)
    draft = run("sales2", designs.load, design_id)
    with pytest.raises(PermissionDenied):
        run("sales2", designs.save, draft)


def test_the_timeline_tells_the_story(run: Run, world: World) -> None:
    design_id = saved(run, world)
    run("design", design_steps.submit, design_id)
    run("technical", design_steps.decide, design_id, "approve")
    actions = [r.action for r in run("sales", timeline.of, "design", design_id)]
    assert actions == ["decision.approve", "submitted", "created"]
    assert next(r.action for r in run("sales", timeline.of, "case", world.case_id)) == "decision.approve"


def test_steps_by_name_as_the_command_line_takes_them(run: Run, world: World) -> None:
    design_id = saved(run, world)
    answer = run("design", designs.do, design_id, "calculate", {})
    assert answer["rooms"][0].average_lux > 0
    assert run("design", designs.do, design_id, "submit", {})["content_hash"]
    assert run("technical", designs.do, design_id, "return", {"comment": "太暗"})["state"] == "returned"
    with pytest.raises(InputError):
        run("design", designs.do, design_id, "revise", {"colour": "red"})
    assert UUID(run("design", designs.do, design_id, "revise", {})["id"])


# -- lists and surveys -------------------------------------------------------------------------------------------------


def test_lists_filter_and_count(run: Run, world: World) -> None:
    first = saved(run, world)
    saved(run, world, title="别墅庭院")
    run("design", design_steps.submit, first)
    page = run("sales", designs.list_rows, ListQuery(filters=(("state", "submitted"),)))
    assert [(r.title, r.rooms, r.luminaires, r.case_title) for r in page.rows] == [
        ("云栖大堂", 2, 3, "云栖酒店大堂改造")
    ]
    assert run("sales", designs.list_rows, ListQuery(search="庭院")).total == 1
    assert run("design", designs.list_rows, ListQuery(filters=(("owner_id", "me"),))).total == 2
    assert run("sales", designs.list_rows, ListQuery(filters=(("owner_id", "me"),))).total == 0
    run("design", design_steps.revise, first)
    assert run("sales", designs.list_rows, ListQuery(filters=(("latest", "1"),))).total == 2
    assert run("sales", designs.list_rows, ListQuery()).total == 3


def test_a_design_starts_from_a_survey(run: Run, world: World) -> None:
    def survey(work: Work) -> UUID:
        made = work.add(Survey(number=work.next_number("DY"), case_id=world.case_id, customer_id=world.customer_id))
        work.session.flush()
        spaces = (("大堂", "lobby", 120, 250), ("走廊", "unknown", None, None))
        for i, (name, kind, area, lux) in enumerate(spaces):
            work.add(
                SurveySpace(
                    survey_id=made.id, name=name, room_type=kind, area_m2=Decimal(area) if area else None,
                    height_m=Decimal("4.5"), target_lux=lux, sort=i,
                )
            )  # fmt: skip
        return made.id

    survey_id = run("sales", survey)
    draft = run("sales", designs.new_draft, {"survey_id": survey_id})
    assert draft.case_id == world.case_id
    lobby, corridor = draft.rooms
    assert (lobby.room_type, lobby.target_lux, lobby.workplane_m, lobby.height_m) == ("lobby", 250.0, 0.0, 4.5)
    width = lobby.polygon[1][0] - lobby.polygon[0][0]
    depth = lobby.polygon[2][1] - lobby.polygon[1][1]
    assert width * depth == pytest.approx(120, rel=0.01)
    assert corridor.room_type == ""
    assert corridor.polygon[0][0] > lobby.polygon[1][0]
    assert run("sales", designs.save, draft)


def test_resolve_says_when_there_is_none(run: Run, world: World) -> None:
    with pytest.raises(NotFound):
        run("sales", designs.resolve, "FA19990101-001")
