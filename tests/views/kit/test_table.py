"""The windowed model and its table: a million rows, the right page first, selection by id, columns that are remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester

from presales_desktop.models.errors import EnvironmentProblem
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import ChangeSet
from presales_desktop.texts import set_language
from presales_desktop.views.kit import theme, tokens
from presales_desktop.views.kit.columns import Column, state_chip
from presales_desktop.views.kit.table import RowTable
from presales_desktop.views.kit.window_model import KEEP, PAGE, WindowedModel
from tests.views.kit.samples import Endless, Store

COLUMNS = (
    Column("name", "名称", 200, stretch=True, strong=True, detail=lambda r: r.state),
    Column("state", "状态", 90, chip=state_chip("plan", {"won": "good"})),
    Column("total", "金额", 120, align="right", format=lambda v: f"¥{v}"),
    Column("id", "标识", 80, hidden=True, sortable=False),
)


def loaded(qtbot: Any, model: WindowedModel, row: int = 0) -> None:
    model.row(row)
    qtbot.waitUntil(lambda: model.ready and model.cached(row) is not None)


@pytest.fixture
def make_model(ctx: Any, qtbot: Any) -> Callable[[Any], WindowedModel]:
    def make(source: Any) -> WindowedModel:
        model = WindowedModel(ctx, source.list_rows, COLUMNS)
        if isinstance(source, Store):  # the tester walks through every row: not through a million
            QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
        with qtbot.waitSignal(model.loaded):
            model.set_query(ListQuery())
        return model

    return make


def test_the_model_keeps_qts_contract_through_growth_and_shrinking(make_model: Any, qtbot: Any) -> None:
    store = Store(450)
    model = make_model(store)
    assert (model.rowCount(), model.columnCount()) == (450, 4)
    loaded(qtbot, model, 449)
    for count in (900, 3, 0, 5):
        store.rows = [Store.row(i) for i in range(count)]
        with qtbot.waitSignal(model.loaded):
            model.refresh()
        assert model.rowCount() == count


def test_the_middle_of_a_million_rows_costs_a_page(make_model: Any, qtbot: Any) -> None:
    source = Endless()
    model = make_model(source)
    assert model.rowCount() == 1_000_000
    model.look_at(500_000, 500_030)
    asked = len(source.asked)
    loaded(qtbot, model, 500_000)
    assert len(source.asked) - asked == 1
    assert source.asked[-1].offset == 500_000 // PAGE * PAGE
    assert model.cached(500_000).name == "项目 500000"


def test_a_drag_of_the_scroll_bar_loads_where_it_ends(make_model: Any, qtbot: Any) -> None:
    source = Endless()
    model = make_model(source)
    asked = len(source.asked)
    for first in range(10_000, 900_000, 10_000):
        model.look_at(first, first + 30)
        assert model.row(first) is None
    loaded(qtbot, model, 890_000)
    assert len(source.asked) - asked <= 3


def test_memory_stays_small_while_everything_is_walked_through(make_model: Any, qtbot: Any) -> None:
    model = make_model(Endless())
    for first in range(0, 60 * PAGE, PAGE):
        model.look_at(first, first + 10)
        loaded(qtbot, model, first)
    assert sum(model.cached(i * PAGE) is not None for i in range(60)) <= KEEP
    assert model.cached(59 * PAGE) is not None


def test_a_late_answer_to_an_old_question_is_thrown_away(make_model: Any, qtbot: Any) -> None:
    model = make_model(Store(500))
    model.set_query(ListQuery(search="项目 7"))
    with qtbot.waitSignal(model.loaded):
        model.set_query(ListQuery(search="项目 499"))
    qtbot.wait(30)
    assert model.total == 1
    assert model.cached(0).name == "项目 499"


def test_a_failure_is_told_and_the_next_try_works(make_model: Any, qtbot: Any) -> None:
    store = Store(5)
    model = make_model(store)
    store.error = EnvironmentProblem("store.locked")
    with qtbot.waitSignal(model.failed) as heard:
        model.refresh()
    assert heard.args[0].code == "store.locked"
    assert model.rowCount() == 5
    store.error = None
    with qtbot.waitSignal(model.loaded):
        model.refresh()


@pytest.fixture
def table(ctx: Any, qtbot: Any, show: Any, plan_words: None) -> Callable[..., RowTable]:
    def make(source: Any) -> RowTable:
        made = RowTable(ctx, source.list_rows, COLUMNS, key="plans", kinds=("plan",))
        show(made, 900, 500)
        with qtbot.waitSignal(made.windowed.loaded):
            made.windowed.set_query(made.windowed.query)
        return made

    return make


def test_selection_and_current_row_follow_their_records(table: Any, qtbot: Any, ctx: Any) -> None:
    store = Store(300)
    shown = table(store)
    shown.setCurrentIndex(shown.windowed.index(4, 0))
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    shown.selectionModel().select(shown.windowed.index(7, 0), flags)
    store.rows.insert(0, Store.row(999, "新来的"))
    store.rows = [r for r in store.rows if r.id != UUID(int=8)]
    with qtbot.waitSignal(shown.windowed.loaded):
        ctx.bus.changed.emit(ChangeSet(frozenset({("plan", UUID(int=1))})), None)
    assert shown.current_row().id == UUID(int=5)
    assert shown.currentIndex().row() == 5
    assert shown.selected_numbers() == [5]


def test_other_kinds_and_hidden_tables_do_not_ask_again(table: Any, qtbot: Any, ctx: Any, settle: Any) -> None:
    store = Store(3)
    shown = table(store)
    asked = len(store.asked)
    ctx.bus.changed.emit(ChangeSet(frozenset({("quote", UUID(int=1))})), None)
    shown.hide()
    ctx.bus.changed.emit(ChangeSet(frozenset({("plan", UUID(int=1))})), None)
    settle(ctx)
    assert len(store.asked) == asked
    with qtbot.waitSignal(shown.windowed.loaded):
        shown.show()


def test_a_click_on_a_title_sorts_in_sql_and_the_third_goes_back(table: Any, qtbot: Any) -> None:
    store = Store(30)
    shown = table(store)
    head = shown.horizontalHeader()

    def click(column: int) -> str:
        x = shown.columnViewportPosition(column) + 20
        with qtbot.waitSignal(shown.windowed.loaded):
            qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 10))
        return str(store.asked[-1].sort)

    assert click(2) == "-total"
    assert shown.windowed.cached(0).total == 2900
    assert click(2) == "total"
    assert click(2) == ""
    assert click(0) == "name"
    assert click(0) == "-name"


def test_columns_are_remembered_and_can_be_reset(table: Any, qtbot: Any, ctx: Any) -> None:
    shown = table(Store(3))
    shown.setColumnWidth(2, 177)
    shown.show_column(1, False)
    shown.show_column(3, True)
    shown.horizontalHeader().moveSection(2, 0)
    shown.sort_by("-total")
    qtbot.waitUntil(lambda: "plans" in ctx.settings.tables)
    qtbot.waitUntil(lambda: ctx.settings.tables["plans"]["sort"] == "-total")
    again = RowTable(ctx, Store(1).list_rows, COLUMNS, key="plans")
    qtbot.addWidget(again)
    assert again.columnWidth(2) == 177
    assert (again.isColumnHidden(1), again.isColumnHidden(3)) == (True, False)
    assert again.horizontalHeader().visualIndex(2) == 0
    assert again.order() == ("total", True)
    again.reset_columns()
    assert (again.isColumnHidden(1), again.isColumnHidden(3)) == (False, True)
    assert again.horizontalHeader().visualIndex(2) == 2


@pytest.mark.parametrize(
    "damage",
    [
        "nonsense",
        {"order": 3, "width": [], "hidden": "x", "sort": 5},
        {
            "order": ["gone", "total"],
            "width": {"total": "wide", "name": -4},
            "hidden": ["name", "state", "total", "id"],
        },
        {"sort": "-gone"},
    ],
)
def test_damaged_settings_cost_nothing(ctx: Any, qtbot: Any, damage: Any) -> None:
    ctx.settings.values["tables"] = {"plans": damage}
    shown = RowTable(ctx, Store(1).list_rows, COLUMNS, key="plans")
    qtbot.addWidget(shown)
    assert any(not shown.isColumnHidden(i) for i in range(4))
    assert shown.order() == ("", False)
    assert all(shown.columnWidth(i) > 0 for i in range(4) if not shown.isColumnHidden(i))


def test_the_last_column_stays(table: Any) -> None:
    shown = table(Store(1))
    for i in range(4):
        shown.show_column(i, False)
    assert sum(not shown.isColumnHidden(i) for i in range(4)) == 1


def test_copied_rows_are_a_table_for_excel(table: Any, qtbot: Any) -> None:
    shown = table(Store(5))
    shown.horizontalHeader().moveSection(2, 0)
    shown.selectAll()
    qtbot.keyClick(shown, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "项目 4" in QGuiApplication.clipboard().text())
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[:2] == ["金额\t名称\t状态", "¥0\t项目 0\t成交"]
    assert len(lines) == 6


def test_rows_out_of_memory_are_fetched_for_what_is_done_with_them(table: Any, qtbot: Any) -> None:
    from presales_desktop.views.kit import jobs

    shown = table(Store(900))
    shown.selectAll()
    assert shown.selected_count() == 900
    got: list[Any] = []

    async def fetch() -> None:
        got.extend(await shown.selected_rows())

    jobs.start(shown, fetch())
    qtbot.waitUntil(lambda: len(got) == 900)
    assert got[899].name == "项目 899"


def test_the_keyboard_opens_previews_and_walks(table: Any, qtbot: Any) -> None:
    shown = table(Store(400))
    opened: list[Any] = []
    shown.opened.connect(opened.append)
    shown.setFocus()
    assert shown.currentIndex().row() == 0
    assert shown.selected_numbers() == []
    qtbot.keyClick(shown, Qt.Key.Key_Down)
    qtbot.keyClick(shown, Qt.Key.Key_Return)
    assert [r.name for r in opened] == ["项目 1"]
    with qtbot.waitSignal(shown.preview_asked):
        qtbot.keyClick(shown, Qt.Key.Key_Space)
    qtbot.keyClick(shown, Qt.Key.Key_End)
    assert shown.currentIndex().row() == 399
    qtbot.keyClick(shown, Qt.Key.Key_Home)
    assert shown.currentIndex().row() == 0


def test_every_cell_is_painted_without_a_word_of_qt(table: Any, qtbot: Any) -> None:
    shown = table(Store(40))
    shown.setMouseTracking(True)
    qtbot.mouseMove(shown.viewport(), QPoint(30, 60))
    picture = shown.grab().toImage()
    seen = {picture.pixelColor(x, 20).name() for x in range(300)}
    assert len(seen) > 2
    assert shown.windowed.data(shown.windowed.index(3, 1)) == "成交"
    assert shown.windowed.data(QModelIndex()) is None


def test_titles_fit_where_there_is_room_and_nothing_falls_off_the_edge(qtbot: Any, ctx: Any, show: Any) -> None:
    title = "地区及收货地址所在的城市"
    columns = (
        Column("name", "名称", 200, stretch=True),
        Column("state", title, 60, sortable=False),
        Column("total", "金额", 90, "right"),
    )
    words = QFontMetrics(theme.font(tokens.SMALL)).horizontalAdvance(title)
    shown = RowTable(ctx, Store(1).list_rows, columns, key="measured")
    show(shown, 800, 300)
    assert shown.columnWidth(1) > words
    assert sum(shown.columnWidth(i) for i in range(3)) == shown.viewport().width()
    shown.resize(312, 300)
    assert 60 <= shown.columnWidth(1) < words
    assert sum(shown.columnWidth(i) for i in range(3)) <= shown.viewport().width()
    shown.resize(200, 300)
    assert [shown.columnWidth(i) for i in range(3)] == [150, 60, 90]


def test_english_words_get_more_room_and_what_the_user_chose_stays(qtbot: Any, ctx: Any, show: Any) -> None:
    columns = (
        Column("name", "名称", 200, stretch=True),
        Column("state", "状态", 100),
        Column("total", "金额", 90, "right"),
    )
    shown = RowTable(ctx, Store(1).list_rows, columns, key="measured")
    show(shown, 800, 300)
    try:
        set_language("en")
        assert (shown.declared_width(1), shown.declared_width(2)) == (120, 90)
        shown.setColumnWidth(2, 133)
        qtbot.waitUntil(lambda: "measured" in ctx.settings.tables)
        assert ctx.settings.tables["measured"]["width"] == {"total": 133}
        shown.resize(700, 300)
        assert (shown.columnWidth(1), shown.columnWidth(2)) == (120, 133)
    finally:
        set_language("zh")
