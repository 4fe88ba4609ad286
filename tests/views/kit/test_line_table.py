"""The line table has the manners of a spreadsheet, and every step of it can be undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import FieldType
from presales_desktop.views.kit import line_paste
from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.line_table import Choice, LineColumn, LineTable
from tests.views.kit.samples import Line, Plan, line_of

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PRODUCTS = [Choice(i, f"筒灯 {i}W", f"DL-{i:03d}", extra=i * 1000) for i in range(3, 30)]
NAME, MODEL, QUANTITY, UNIT, PRICE, AMOUNT, DUE, OK = range(8)


async def find(text: str) -> Sequence[Choice]:
    return [p for p in PRODUCTS if text in p.title or text.upper() in p.subtitle]


Make = Callable[..., LineTable]


@pytest.fixture
def make(ctx: Any, show: Any, plan_words: None) -> Make:
    def made(lines: list[Line] | None = None, **more: Any) -> LineTable:
        draft = Draft(Plan(lines=lines if lines is not None else [line_of("a"), line_of("b"), line_of("c")]))

        def pick(row: int, choice: Choice) -> None:
            for name, value in (("name", choice.title), ("model", choice.subtitle), ("price", choice.extra)):
                draft.set(f"lines.{row}.{name}", value, merge=False)

        columns = (
            LineColumn("name", width=160, stretch=True, completer=find, pick=pick),
            LineColumn("model", width=90),
            LineColumn("quantity", type=FieldType.DECIMAL, width=80),
            LineColumn("unit", type=FieldType.CHOICE, width=70, choices=("set", "m")),
            LineColumn("price", type=FieldType.MONEY, width=100),
            LineColumn("amount", type=FieldType.MONEY, width=100, editable=False),
            LineColumn("due", type=FieldType.DATE, width=120, editable=lambda line: line.unit == "set"),
            LineColumn("ok", type=FieldType.FLAG, width=50),
        )
        table = LineTable(
            ctx, draft, "lines", columns, kind="plan", **{"new_row": Line, "row_kind": lambda r: "" if r.type == "item" else r.type, **more}
        )  # fmt: skip
        holder = QWidget()
        layout = QVBoxLayout(holder)
        layout.addWidget(QLineEdit())
        layout.addWidget(table)
        show(holder, 1000, 600)
        table.setFocus()
        return table

    return made


def names(table: LineTable) -> list[str]:
    return [line.name for line in table.draft.value.lines]


def key(qtbot: Any, table: LineTable, what: Qt.Key, mods: Any = Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(editor(table) or table, what, mods)


def editor(table: LineTable) -> QLineEdit | None:
    return table._cells.editor


def type_in(qtbot: Any, table: LineTable, text: str) -> None:
    """As a person: the first key opens the cell, the others go into it."""
    for char in text:
        qtbot.keyClick(editor(table) or table, char)


def place(table: LineTable) -> tuple[int, int]:
    return table.currentIndex().row(), table.currentIndex().column()


def choose(table: LineTable, top: int, left: int, bottom: int, right: int) -> None:
    part = QItemSelection(table.lines.index(top, left), table.lines.index(bottom, right))
    table.setCurrentIndex(table.lines.index(top, left))
    table.selectionModel().select(part, QItemSelectionModel.SelectionFlag.ClearAndSelect)


def test_typing_replaces_and_enter_goes_down(make: Make, qtbot: Any) -> None:
    table = make()
    table.show_cell(0, QUANTITY)
    type_in(qtbot, table, "24")
    key(qtbot, table, Qt.Key.Key_Return)
    assert table.draft.value.lines[0].quantity == Decimal(24)
    assert place(table) == (1, QUANTITY)
    assert editor(table) is None
    type_in(qtbot, table, "3.5")
    key(qtbot, table, Qt.Key.Key_Return, SHIFT)
    assert table.draft.value.lines[1].quantity == Decimal("3.5")
    assert place(table) == (0, QUANTITY)


def test_f2_edits_what_is_there_and_esc_takes_it_back(make: Make, qtbot: Any) -> None:
    table = make([line_of("abc")])
    table.show_cell(0, MODEL)
    table.draft.set("lines.0.model", "LS")
    key(qtbot, table, Qt.Key.Key_F2)
    type_in(qtbot, table, "-10")
    assert editor(table).text() == "LS-10"
    key(qtbot, table, Qt.Key.Key_Escape)
    assert table.draft.value.lines[0].model == "LS"
    assert editor(table) is None
    assert table.hasFocus()


def test_tab_goes_on_over_what_cannot_be_typed(make: Make, qtbot: Any) -> None:
    table = make([line_of("a", unit="m"), line_of("b")])
    table.show_cell(0, PRICE)
    type_in(qtbot, table, "1.5")
    key(qtbot, table, Qt.Key.Key_Tab)
    assert table.draft.value.lines[0].price == 150
    assert place(table) == (0, OK)  # amount is computed, the day belongs to sets
    key(qtbot, table, Qt.Key.Key_Tab)
    assert place(table) == (1, NAME)
    key(qtbot, table, Qt.Key.Key_Backtab, SHIFT)
    assert place(table) == (0, OK)


def test_the_place_at_the_end_becomes_a_row(make: Make, qtbot: Any) -> None:
    table = make([])
    assert table.lines.rowCount() == 1
    table.show_cell(0, MODEL)
    type_in(qtbot, table, "X1")
    key(qtbot, table, Qt.Key.Key_Return)
    assert [line.model for line in table.draft.value.lines] == ["X1"]
    assert place(table) == (1, MODEL)
    table.draft.undo_stack.undo()
    assert table.draft.value.lines == []
    assert table.draft.undo_stack.count() == 1


def test_a_product_is_found_while_typing_and_enter_does_not_submit(make: Make, qtbot: Any) -> None:
    table = make([line_of("")])
    table.show_cell(0, NAME)
    type_in(qtbot, table, "12")
    popup = editor(table).popup
    qtbot.waitUntil(lambda: popup.is_open and popup.count() == 1)
    key(qtbot, table, Qt.Key.Key_Return)
    line = table.draft.value.lines[0]
    assert (line.name, line.model, line.price) == ("筒灯 12W", "DL-012", 12000)
    assert place(table) == (0, MODEL)
    table.draft.undo_stack.undo()
    assert (table.draft.value.lines[0].name, table.draft.value.lines[0].price) == ("", 0)


def test_own_words_stay_after_esc_closes_the_list(make: Make, qtbot: Any) -> None:
    table = make([line_of("")])
    table.show_cell(0, NAME)
    type_in(qtbot, table, "1")
    popup = editor(table).popup
    qtbot.waitUntil(lambda: popup.is_open)
    key(qtbot, table, Qt.Key.Key_Down)
    assert popup.current() == PRODUCTS[8]
    key(qtbot, table, Qt.Key.Key_Escape)
    assert editor(table).text() == "1"
    key(qtbot, table, Qt.Key.Key_Return)
    assert table.draft.value.lines[0].name == "1"


def test_a_choice_is_typed_by_its_word(make: Make, qtbot: Any) -> None:
    table = make()
    table.show_cell(0, UNIT)
    key(qtbot, table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    popup = editor(table).popup
    qtbot.waitUntil(lambda: popup.count() == 2)
    key(qtbot, table, Qt.Key.Key_Down)
    key(qtbot, table, Qt.Key.Key_Return)
    assert table.draft.value.lines[0].unit == "m"
    assert table.lines.set_text(1, UNIT, "米")
    assert not table.lines.set_text(2, UNIT, "英里")
    assert table.draft.value.lines[2].unit == "set"


def test_days_and_flags(make: Make, qtbot: Any) -> None:
    table = make()
    table.show_cell(0, DUE)
    type_in(qtbot, table, "+7")
    key(qtbot, table, Qt.Key.Key_Tab)
    assert table.draft.value.lines[0].due == dt.date(2026, 11, 30)
    assert place(table) == (0, OK)
    key(qtbot, table, Qt.Key.Key_Space)
    assert table.draft.value.lines[0].ok is True
    assert editor(table) is None


def test_what_cannot_be_read_stays_and_is_marked(make: Make, qtbot: Any) -> None:
    table = make()
    table.show_cell(1, QUANTITY)
    type_in(qtbot, table, "viel")
    key(qtbot, table, Qt.Key.Key_Return)
    assert table.draft.value.lines[1].quantity == 1
    assert table.lines.text(1, QUANTITY) == "viel"
    assert table.lines.problem_at(1, QUANTITY) == "bad"
    assert [p.field for p in table.local_problems()] == ["lines.1.quantity"]
    table.draft.move("lines", 1, 0)
    assert table.lines.problem_at(0, QUANTITY) == "bad"
    table.lines.set_text(0, QUANTITY, "2")
    assert table.local_problems() == []


def test_emptied_cells_hold_the_empty_value_of_their_type(make: Make, qtbot: Any) -> None:
    table = make([line_of("a", price=100, due=dt.date(2026, 1, 1), ok=True, quantity=Decimal(5))])
    choose(table, 0, NAME, 0, QUANTITY)
    more = QItemSelection(table.lines.index(0, PRICE), table.lines.index(0, OK))
    table.selectionModel().select(more, QItemSelectionModel.SelectionFlag.Select)
    key(qtbot, table, Qt.Key.Key_Delete)
    line = table.draft.value.lines[0]
    assert (line.name, line.price, line.due, line.ok, line.quantity) == ("", 0, None, False, Decimal(0))
    assert table.draft.undo_stack.count() == 1


def test_fill_down(make: Make, qtbot: Any) -> None:
    table = make([line_of("a", quantity=Decimal(7), price=5), line_of("b"), line_of("c")])
    choose(table, 0, QUANTITY, 2, PRICE)
    key(qtbot, table, Qt.Key.Key_D, CTRL)
    assert [(x.quantity, x.price) for x in table.draft.value.lines] == [(7, 5)] * 3
    table.draft.undo_stack.undo()
    assert [x.price for x in table.draft.value.lines] == [5, 0, 0]
    choose(table, 1, PRICE, 1, PRICE)
    key(qtbot, table, Qt.Key.Key_D, CTRL)
    assert table.draft.value.lines[1].price == 5


def test_rows_move_copy_and_go_by_keyboard(make: Make, qtbot: Any) -> None:
    table = make([line_of(n) for n in "abcde"])
    choose(table, 1, 0, 2, 0)
    key(qtbot, table, Qt.Key.Key_Down, CTRL | SHIFT)
    assert names(table) == list("adbce")
    assert table.selected_lines() == [2, 3]
    key(qtbot, table, Qt.Key.Key_Up, CTRL | SHIFT)
    key(qtbot, table, Qt.Key.Key_Up, CTRL | SHIFT)
    key(qtbot, table, Qt.Key.Key_Up, CTRL | SHIFT)
    assert names(table) == list("bcade")
    key(qtbot, table, Qt.Key.Key_Delete, CTRL)
    assert names(table) == list("ade")
    table.draft.undo_stack.undo()
    assert names(table) == list("bcade")
    table.show_cell(2, 0)
    key(qtbot, table, Qt.Key.Key_Insert)
    assert names(table) == ["b", "c", "", "a", "d", "e"]
    choose(table, 0, 0, 1, 0)
    table.duplicate_lines()
    assert names(table)[:4] == ["b", "c", "b", "c"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_dragged_rows_stand_where_they_were_dropped(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 8))
    lines = sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1)))
    before = data.draw(st.integers(0, count))
    rows = [line_of(str(i)) for i in range(count)]
    draft = Draft(Plan(lines=list(rows)))
    moved = [rows[n] for n in lines]
    target = before - len([n for n in lines if n < before])
    expected = [r for r in rows if r not in moved]
    expected[target:target] = moved
    fake: Any = type(
        "T", (), {"lines": type("M", (), {"rows": rows, "read_only": False})(), "draft": draft, "path": "lines"}
    )()
    fake.currentIndex = QModelIndex
    fake._select_rows = lambda *_: None
    LineTable.move_to(fake, lines, before)
    assert [r.name for r in draft.value.lines] == [r.name for r in expected]
    draft.undo_stack.undo()
    assert draft.value.lines == rows


def test_a_drag_in_the_gutter_sorts(make: Make, qtbot: Any) -> None:
    table = make([line_of(n) for n in "abcd"])
    gutter = table._gutter.viewport()

    def at(row: int, part: float = 0.5) -> QPoint:
        return QPoint(10, int(table.rowViewportPosition(row) + table.rowHeight(row) * part))

    qtbot.mousePress(gutter, Qt.MouseButton.LeftButton, pos=at(0))
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    for target in (at(1), at(2, 0.9)):
        event = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(target), gutter.mapToGlobal(QPointF(target)), Qt.MouseButton.NoButton,
            Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(gutter, event)
    assert table.drop_at == 3
    qtbot.mouseRelease(gutter, Qt.MouseButton.LeftButton, pos=at(2, 0.9))
    assert names(table) == list("bcad")
    assert table.drop_at == -1
    table.selectAll()
    qtbot.mouseClick(gutter, Qt.MouseButton.LeftButton, pos=at(1))
    assert table.selected_lines() == [1]  # a click without a drag chooses that row alone


def test_sections_and_notes_span_and_are_typed_in(make: Make, qtbot: Any) -> None:
    table = make([Line(type="section", name="客厅"), line_of("a"), Line(type="note", name="x"), line_of("b")])
    qtbot.waitUntil(lambda: table.columnSpan(0, 0) == 8)
    assert (table.columnSpan(1, 0), table.columnSpan(2, 0)) == (1, 8)
    assert [table.lines.line_number(i) for i in range(4)] == ["", "1", "", "2"]
    table.show_cell(0, 0)
    type_in(qtbot, table, "Bad")
    key(qtbot, table, Qt.Key.Key_Return)
    assert table.draft.value.lines[0].name == "Bad"
    table.draft.set("lines.3.type", "section")
    qtbot.waitUntil(lambda: table.columnSpan(3, 0) == 8)
    assert table.lines.line_number(3) == ""


def test_cells_from_excel_fill_rows_and_make_new_ones_as_one_step(make: Make, qtbot: Any, ctx: Any) -> None:
    table = make([line_of("a"), Line(type="section", name="主卧"), line_of("b")])
    QGuiApplication.clipboard().setText("M1\t2\t米\t1,280.5\r\nM2\tabc\t套\t¥5\r\nM3\t4\t套\t6\r\n")
    table.show_cell(0, MODEL)
    key(qtbot, table, Qt.Key.Key_V, CTRL)
    lines = table.draft.value.lines
    assert [line.type for line in lines] == ["item", "section", "item", "item"]
    assert (lines[0].model, lines[0].quantity, lines[0].unit, lines[0].price) == ("M1", 2, "m", 128050)
    assert (lines[2].model, lines[2].quantity) == ("M2", 1)
    assert (lines[3].model, lines[3].quantity, lines[3].price) == ("M3", 4, 600)
    assert table.lines.text(2, QUANTITY) == "abc"
    assert "1 个单元格" in ctx.nav.toasts[0]
    table.draft.undo_stack.undo()
    assert [line.model for line in table.draft.value.lines] == ["", "", ""]
    assert table.draft.undo_stack.count() == 1


def test_pasted_names_become_products(make: Make, qtbot: Any, ctx: Any) -> None:
    table = make([])
    QGuiApplication.clipboard().setText("DL-005\n不存在\n筒灯 7W")
    table.show_cell(0, NAME)
    table.paste()
    qtbot.waitUntil(lambda: bool(ctx.nav.toasts))
    assert names(table) == ["筒灯 5W", "不存在", "筒灯 7W"]
    assert [line.price for line in table.draft.value.lines] == [5000, 0, 7000]
    assert "1 行没有找到" in ctx.nav.toasts[-1]
    assert (table.current_line(), table.currentIndex().column()) == (0, NAME)  # on what was pasted, not below it


def test_one_cell_fills_the_selection(make: Make, qtbot: Any) -> None:
    table = make()
    choose(table, 0, QUANTITY, 2, QUANTITY)
    QGuiApplication.clipboard().setText("9")
    table.paste()
    assert [line.quantity for line in table.draft.value.lines] == [9, 9, 9]


def test_copied_cells_come_back_the_same(make: Make, qtbot: Any) -> None:
    table = make([line_of("a\tb", price=128050, quantity=Decimal("1.5"), unit="m"), line_of('say "x"', price=7)])
    choose(table, 0, 0, 1, PRICE)
    key(qtbot, table, Qt.Key.Key_C, CTRL)
    cells = line_paste.from_tsv(QGuiApplication.clipboard().text())
    assert cells[0] == ["a\tb", "", "1.5", "米", "1,280.50"]
    table.show_cell(2, NAME)
    table.lines.columns[NAME]
    table.paste()
    assert table.draft.value.lines[2].price == 128050
    assert table.draft.value.lines[3].name == 'say "x"'


@given(st.text(max_size=60))
def test_any_clipboard_is_cells(text: str) -> None:
    for row in line_paste.from_tsv(text):
        assert all("\n" not in cell for cell in row)


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 3), st.integers(0, 3)), st.text(alphabet="ab\t\"'， 1", max_size=5), min_size=1
    )
)
def test_tsv_there_and_back(cells: dict[tuple[int, int], str]) -> None:
    back = line_paste.from_tsv(line_paste.to_tsv(cells))
    rows, columns = sorted({r for r, _ in cells}), sorted({c for _, c in cells})
    for (row, column), text in cells.items():
        i, j = rows.index(row), columns.index(column)
        assert (back[i][j] if i < len(back) and j < len(back[i]) else "") == text.strip()


def test_problems_of_the_service_stand_on_their_cells(make: Make, qtbot: Any) -> None:
    table = make()
    problem = Problem("field.low", "lines.1.quantity", {"low": "0"})
    hint = Problem("field.high", "lines.2.price", {"high": "5"}, blocking=False)
    assert table.owns(problem.field)
    assert not table.owns("linesman")
    table.set_problems([problem, hint])
    assert (table.lines.problem_at(1, QUANTITY), table.lines.problem_at(2, PRICE)) == ("bad", "amber")
    assert table.describe(problem) == "灯光项目第 2 行：数量不能小于 0。"
    assert table.lines.data(table.lines.index(1, QUANTITY), Qt.ItemDataRole.ToolTipRole) == "数量不能小于 0。"
    assert table.focus_path("lines.1.quantity")
    assert place(table) == (1, QUANTITY)
    table.lines.set_text(1, QUANTITY, "3")
    assert table.lines.problem_at(1, QUANTITY) == ""


def test_read_only_takes_nothing(make: Make, qtbot: Any) -> None:
    table = make()
    table.set_read_only(True)
    assert table.lines.rowCount() == 3
    table.show_cell(0, NAME)
    type_in(qtbot, table, "x")
    QGuiApplication.clipboard().setText("y")
    for what, mods in (
        (Qt.Key.Key_V, CTRL),
        (Qt.Key.Key_Delete, CTRL),
        (Qt.Key.Key_Down, CTRL | SHIFT),
        (Qt.Key.Key_Delete, CTRL & SHIFT),
    ):
        key(qtbot, table, what, mods)
    table.add_row()
    assert names(table) == ["a", "b", "c"]
    assert table.draft.undo_stack.count() == 0


def test_saving_takes_the_open_cell_with_it(make: Make, qtbot: Any) -> None:
    table = make()
    table.show_cell(0, MODEL)
    type_in(qtbot, table, "open")
    table.commit()
    assert table.draft.value.lines[0].model == "open"
    assert editor(table) is None


def test_widths_are_remembered(make: Make, qtbot: Any, ctx: Any) -> None:
    table = make()
    table.setColumnWidth(MODEL, 133)
    qtbot.waitUntil(lambda: "lines.plan" in ctx.settings.tables)
    assert make().columnWidth(MODEL) == 133


def test_totals_hear_of_many_changes_once(make: Make, qtbot: Any) -> None:
    table = make([line_of(str(i)) for i in range(30)])
    qtbot.wait(5)
    heard: list[int] = []
    table.rows_changed.connect(lambda: heard.append(1))
    for i in range(30):
        table.lines.set_text(i, QUANTITY, "4")
    table.add_row()
    qtbot.waitUntil(lambda: bool(heard))
    qtbot.wait(5)
    assert len(heard) == 1


def test_ctrl_tab_leaves_and_tab_leaves_at_the_end(make: Make, qtbot: Any) -> None:
    table = make([])
    table.show_cell(0, NAME)
    key(qtbot, table, Qt.Key.Key_Tab, CTRL)
    assert not table.hasFocus()
    table.setFocus()
    for _ in range(8):
        if table.hasFocus():
            key(qtbot, table, Qt.Key.Key_Tab)
    assert not table.hasFocus()


@pytest.mark.many_rows
def test_two_thousand_rows_stay_quick(ctx: Any, qtbot: Any, plan_words: None, show: Any) -> None:
    draft = Draft(Plan(lines=[line_of(f"灯 {i}", price=i) for i in range(2000)]))
    columns = (
        LineColumn("name", stretch=True),
        LineColumn("quantity", type=FieldType.DECIMAL),
        LineColumn("price", type=FieldType.MONEY),
    )
    table = LineTable(
        ctx,
        draft,
        "lines",
        columns,
        kind="plan",
        new_row=Line,
        row_kind=lambda r: "" if r.type == "item" else r.type,
        fit=0,
    )
    show(table, 900, 600)
    table.show_cell(1000, 1)
    qtbot.wait(20)
    touched: list[tuple[int, int]] = []
    table.model().dataChanged.connect(lambda first, last, *_: touched.append((first.row(), last.row())))
    table.lines.set_text(1000, 1, "7")
    assert touched, "the typed row is told of"
    assert all(last - first <= 1 for first, last in touched), "a keystroke touches its own row, not two thousand"
    QGuiApplication.clipboard().setText("\n".join(f"p{i}\t3\t9.5" for i in range(300)))
    table.show_cell(2000, 0)
    table.paste()
    assert len(draft.value.lines) == 2300
    draft.undo_stack.undo()
    assert len(draft.value.lines) == 2000
