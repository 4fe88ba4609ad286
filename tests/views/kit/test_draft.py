"""A draft remembers every step, merges typing, and takes over what a save made of it without losing what was typed since."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from presales_desktop.views.kit.draft import Draft, copy_value, rebase
from tests.views.kit.samples import Line, Plan, line_of


def test_typing_in_one_field_is_one_step(qapp: Any) -> None:
    draft = Draft(Plan(name=""))
    for text in ("客", "客厅", "客厅灯"):
        draft.set("name", text)
    assert draft.undo_stack.count() == 1
    draft.undo_stack.undo()
    assert draft.value.name == ""
    assert not draft.dirty


def test_another_field_or_a_pause_starts_another_step(qapp: Any) -> None:
    draft = Draft(Plan())
    draft.set("name", "a")
    draft.seal()
    draft.set("name", "ab")
    draft.set("notes", "x")
    draft.set("name", "abc")
    assert draft.undo_stack.count() == 4


def test_the_same_value_is_no_step_but_another_type_is(qapp: Any) -> None:
    draft = Draft(Plan(count=1))
    draft.set("count", 1)
    assert draft.undo_stack.count() == 0
    draft.set("count", Decimal(1))
    assert draft.undo_stack.count() == 1


def test_paths_reach_into_parts(qapp: Any) -> None:
    draft = Draft(Plan(lines=[line_of("筒灯"), line_of("灯带")]))
    heard: list[str] = []
    draft.changed.connect(heard.append)
    draft.set("lines.1.quantity", Decimal(5))
    assert draft.value.lines[1].quantity == 5
    assert draft.get("lines.1.quantity") == 5
    assert heard == ["lines.1.quantity"]


def test_rows_come_go_and_move_and_come_back(qapp: Any) -> None:
    first, second, third = (line_of(n) for n in "abc")
    draft = Draft(Plan(lines=[first, second]))
    with draft.macro("几步"):
        draft.append("lines", third)
        draft.move("lines", 2, 0)
        draft.remove("lines", 1)
    assert [line.name for line in draft.value.lines] == ["c", "b"]
    draft.undo_stack.undo()
    assert draft.value.lines == [first, second]
    assert draft.value.lines[0] is first
    draft.undo_stack.redo()
    assert [line.name for line in draft.value.lines] == ["c", "b"]


def test_loading_is_no_step(qapp: Any) -> None:
    draft = Draft(Plan())
    draft.set("name", "x")
    draft.load(Plan(name="y"))
    assert not draft.dirty
    assert not draft.undo_stack.canUndo()


def test_a_snapshot_is_cut_off(qapp: Any) -> None:
    draft = Draft(Plan(lines=[line_of("a")]))
    copy = draft.snapshot()
    draft.set("lines.0.name", "b")
    assert copy.lines[0].name == "a"
    assert copy == Plan(lines=[line_of("a")])


def test_after_a_save_ids_arrive_and_the_history_stays(qapp: Any) -> None:
    draft = Draft(Plan(lines=[line_of("a")]))
    draft.set("name", "新名")
    sent = draft.snapshot()
    stored = copy_value(sent)
    stored.id, stored.base_version, stored.lines[0].id, stored.number = uuid4(), 1, uuid4(), "P-007"
    assert draft.adopt(stored, sent)
    draft.mark_saved()
    assert draft.value == stored
    assert not draft.dirty
    draft.undo_stack.undo()
    assert draft.value.name == Plan().name
    assert draft.value.id == stored.id
    assert draft.dirty


def test_what_was_typed_while_saving_stays(qapp: Any) -> None:
    draft = Draft(Plan(lines=[line_of("a"), line_of("b")]))
    draft.set("name", "第一版")
    sent = draft.snapshot()
    draft.set("lines.1.name", "typed later")
    stored = copy_value(sent)
    stored.base_version, stored.number = 1, "P-009"
    assert not draft.adopt(stored, sent)
    assert draft.value.lines[1].name == "typed later"
    assert (draft.value.base_version, draft.value.number) == (1, "P-009")


def test_rows_added_while_saving_stay(qapp: Any) -> None:
    draft = Draft(Plan(lines=[line_of("a")]))
    draft.set("name", "x")
    sent = draft.snapshot()
    draft.append("lines", line_of("b"))
    stored = copy_value(sent)
    stored.id, stored.base_version = uuid4(), 1
    assert not draft.adopt(stored, sent)
    assert [line.name for line in draft.value.lines] == ["a", "b"]
    assert (draft.value.id, draft.value.base_version) == (stored.id, 1)


def test_mine_upon_theirs_field_by_field(qapp: Any) -> None:
    a, b = uuid4(), uuid4()
    base = Plan(name="旧", notes="旧", base_version=1, lines=[Line(id=a, name="x"), Line(id=b, name="y")])
    mine, theirs = copy_value(base), copy_value(base)
    mine.name, mine.lines[0].name = "我改的", "我的灯"
    theirs.notes, theirs.base_version = "别人改的", 2
    theirs.lines[1].name, theirs.lines[0].name = "别人的灯", "别人也改"
    merged = rebase(mine, base, theirs)
    assert (merged.name, merged.notes, merged.base_version) == ("我改的", "别人改的", 2)
    assert [line.name for line in merged.lines] == ["我的灯", "别人的灯"]


def test_rows_that_differ_are_kept_whole(qapp: Any) -> None:
    base = Plan(lines=[Line(id=uuid4(), name="x")])
    mine, theirs = copy_value(base), copy_value(base)
    theirs.lines.append(line_of("theirs"))
    assert rebase(mine, base, theirs).lines == theirs.lines
    mine.lines.append(line_of("mine"))
    assert rebase(mine, base, theirs).lines == mine.lines


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.sampled_from(["name", "notes", "area"]), st.integers(0, 9)),
        st.tuples(st.just("insert"), st.integers(0, 20), st.integers(0, 9)),
        st.tuples(st.just("remove"), st.integers(0, 20), st.just(0)),
        st.tuples(st.just("move"), st.integers(0, 20), st.integers(0, 20)),
        st.tuples(st.just("line"), st.integers(0, 20), st.integers(0, 9)),
        st.tuples(st.just("seal"), st.just(0), st.just(0)),
    ),
    max_size=25,
)


def _do(draft: Draft, step: tuple[Any, Any, Any]) -> None:
    what, a, b = step
    count = len(draft.value.lines)
    if what == "set":
        draft.set(a, Decimal(b) if a == "area" else str(b))
    elif what == "insert":
        draft.insert("lines", a % (count + 1), line_of(str(b)))
    elif what == "seal":
        draft.seal()
    elif count:
        if what == "remove":
            draft.remove("lines", a % count)
        elif what == "move":
            draft.move("lines", a % count, b % count)
        else:
            draft.set(f"lines.{a % count}.name", f"n{b}")


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_undoing_everything_leads_back_and_redoing_leads_forth(steps: list[tuple[Any, Any, Any]]) -> None:
    start = Plan(lines=[line_of("a"), line_of("b")])
    draft = Draft(copy_value(start))
    for step in steps:
        _do(draft, step)
    end = draft.snapshot()
    while draft.undo_stack.canUndo():
        draft.undo_stack.undo()
    assert draft.value == start
    while draft.undo_stack.canRedo():
        draft.undo_stack.redo()
    assert draft.value == end
