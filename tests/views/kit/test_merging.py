"""A colleague's version under mine: fields, rows, order, history; nothing of either side is lost unseen."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.line_table import LineColumn, LineTable
from presales_desktop.views.kit.merging import Merge, copy_value
from tests.views.kit.samples import Line, Plan


def plan(*names: str, **values: Any) -> Plan:
    return Plan(UUID(int=99), 1, lines=[Line(UUID(int=i + 1), name=n) for i, n in enumerate(names)], **values)


def names(value: Plan) -> list[str]:
    return [line.name for line in value.lines]


def absorb(draft: Draft, base: Plan, theirs: Plan) -> Any:
    theirs.base_version = base.base_version + 1
    return draft.absorb(base, theirs)


@pytest.fixture
def draft(qapp: Any) -> Draft:
    return Draft(plan("A", "B", "C"))


def test_rows_come_go_and_move_around_mine(draft: Draft) -> None:
    base = copy_value(draft.value)
    draft.set("lines.1.name", "B mine")
    draft.insert("lines", 2, Line(name="new of mine"))
    theirs = copy_value(base)
    theirs.lines = [Line(UUID(int=7), name="X"), theirs.lines[1], Line(UUID(int=8), name="Y"), theirs.lines[0]]
    theirs.lines[3].quantity = 5
    merged = absorb(draft, base, theirs)
    assert [n for n in names(draft.value) if n != "new of mine"] == ["X", "B mine", "Y", "A"]
    assert "new of mine" in names(draft.value)
    assert next(line for line in draft.value.lines if line.name == "A").quantity == 5
    assert merged.clashes == []
    assert draft.value.base_version == 2


def test_undo_still_finds_its_row_after_rows_came_above_it(draft: Draft) -> None:
    base = copy_value(draft.value)
    draft.set("lines.1.name", "B mine", merge=False)
    draft.remove("lines", 2)
    theirs = copy_value(base)
    theirs.lines.insert(0, Line(UUID(int=7), name="X"))
    absorb(draft, base, theirs)
    assert names(draft.value) == ["X", "A", "B mine"]
    draft.undo_stack.undo()
    draft.undo_stack.undo()
    assert names(draft.value) == ["X", "A", "B", "C"]
    draft.undo_stack.redo()
    assert names(draft.value)[2] == "B mine"


def test_what_they_removed_goes_unless_i_changed_it(draft: Draft) -> None:
    base = copy_value(draft.value)
    draft.set("lines.0.name", "A mine")
    theirs = copy_value(base)
    del theirs.lines[0:2]
    merged = absorb(draft, base, theirs)
    assert names(draft.value) == ["A mine", "C"]
    assert draft.value.lines[0].id is None
    assert [c.gone for c in merged.clashes] == ["theirs"]


def test_what_i_removed_and_they_changed_is_told(draft: Draft) -> None:
    base = copy_value(draft.value)
    draft.remove("lines", 0)
    theirs = copy_value(base)
    theirs.lines[0].name = "A theirs"
    merged = absorb(draft, base, theirs)
    assert names(draft.value) == ["B", "C"]
    assert [(c.gone, c.theirs.name) for c in merged.clashes] == [("mine", "A theirs")]


def test_whole_states_of_the_history_follow(draft: Draft) -> None:
    base = copy_value(draft.value)
    other = copy_value(base)
    other.notes = "recovered"
    draft.take_over(other, "恢复")
    theirs = copy_value(base)
    theirs.name = "theirs"
    absorb(draft, base, theirs)
    assert (draft.value.name, draft.value.notes) == ("theirs", "recovered")
    draft.undo_stack.undo()
    assert (draft.value.name, draft.value.notes) == ("theirs", "")


def _edits() -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(["number", "name", "notes", "importance"]), st.sampled_from("xyz"))


@given(mine=_edits(), theirs=_edits(), mine_rows=st.dictionaries(st.integers(0, 2), st.sampled_from("pq")),
       their_rows=st.dictionaries(st.integers(0, 2), st.sampled_from("pq")))  # fmt: skip
def test_every_value_is_mine_or_theirs_and_no_loss_is_silent(
    mine: dict[str, str], theirs: dict[str, str], mine_rows: dict[int, str], their_rows: dict[int, str]
) -> None:
    base = plan("A", "B", "C")
    a, c = copy_value(base), copy_value(base)
    for made, fields, rows in ((a, mine, mine_rows), (c, theirs, their_rows)):
        for name, value in fields.items():
            setattr(made, name, value)
        for at, value in rows.items():
            made.lines[at].name = value
    before = copy_value(a)
    merge = Merge(lambda path: None, lambda path: None)
    merge.fields(a, base, c)
    told = [(clash.path, clash.mine, clash.theirs) for clash in merge.merged.clashes]

    def check(path: str, was: Any, m: Any, t: Any, now: Any) -> None:
        assert now == (t if m == was else m)
        lost = t != was and now != t
        assert ((path, m, t) in told) == lost

    for name in [f.name for f in dataclasses.fields(Plan) if f.name not in ("id", "base_version", "lines")]:
        check(name, *(getattr(v, name) for v in (base, before, c, a)))
    for i in range(3):
        check(f"lines.{i}.name", *(v.lines[i].name for v in (base, before, c, a)))


def test_the_cell_that_is_typed_in_keeps_text_cursor_and_place(
    draft: Draft, ctx: Any, show: Any, qtbot: Any, plan_words: None
) -> None:
    table = LineTable(
        ctx, draft, "lines", (LineColumn("name", stretch=True), LineColumn("model")), kind="plan", new_row=Line
    )
    show(table, 700, 300)
    base = copy_value(draft.value)
    table.setFocus()
    table.show_cell(1, 0)
    qtbot.keyClick(table, Qt.Key.Key_F2)
    edit = table.findChild(QLineEdit, "plan.table.edit")
    qtbot.keyClicks(edit, "mine")
    edit.setCursorPosition(2)
    theirs = copy_value(base)
    theirs.lines[1].model = "DG-12"
    theirs.lines.insert(0, Line(UUID(int=7), name="X"))
    absorb(draft, base, theirs)
    assert edit.isVisible()
    assert (edit.text(), edit.cursorPosition()) == ("Bmine", 2)
    assert table.currentIndex().row() == 2
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert names(draft.value) == ["X", "A", "Bmine", "C"]
    assert draft.value.lines[2].model == "DG-12"


def test_a_cell_shows_what_they_made_of_it_and_takes_it(
    draft: Draft, ctx: Any, show: Any, qtbot: Any, plan_words: None
) -> None:
    table = LineTable(ctx, draft, "lines", (LineColumn("name", stretch=True),), kind="plan", new_row=Line)
    show(table, 700, 300)
    base = copy_value(draft.value)
    draft.set("lines.1.name", "mine")
    theirs = copy_value(base)
    theirs.lines[1].name = "theirs"
    merged = absorb(draft, base, theirs)
    table.set_theirs([(c.path, c.theirs) for c in merged.clashes], "张三")
    assert table.lines.problem_at(1, 0) == "amber"
    assert table.lines.problem_text(1, 0) == "张三改为：theirs"
    table.show_cell(1, 0)
    next(a for a in table.menu().actions() if a.objectName() == "plan.table.take").trigger()
    assert names(draft.value) == ["A", "theirs", "C"]
    assert table.lines.problem_at(1, 0) == ""
