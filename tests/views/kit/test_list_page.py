"""The list page: search, views, chips, states, preview, actions on several rows, and all of it by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from presales_desktop.models.errors import EnvironmentProblem
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.dialogs import Sheet
from presales_desktop.views.kit.list_bars import FilterChip
from presales_desktop.views.kit.list_page import (
    EmptyText,
    FilterChoice,
    HeaderAction,
    ListAction,
    ListPage,
    ListSpec,
    SavedView,
)
from tests.views.kit.samples import Store

EMPTY = EmptyText("folder", "还没有项目", "项目把需求、方案和报价放在一起。")
MakePage = Callable[..., ListPage]


@pytest.fixture
def make_page(ctx: Any, qtbot: Any, show: Any, plan_words: None) -> MakePage:
    def make(store: Store, **more: Any) -> ListPage:
        given: dict[str, Any] = {
            "key": "plans", "kind": "plan", "title": "项目", "icon": "folder", "query": store.list_rows, "empty": EMPTY,
            "columns": (Column("name", "名称", 200), Column("state", "状态", 90), Column("total", "金额", 100, align="right")),
            "views": (SavedView("全部"), SavedView("成交", (("state", "won"),), "-total")),
            "filters": (FilterChoice("state", "状态", (("open", "进行中"), ("won", "成交"))),),
            "new_right": "case.create", "new_title": "新建项目",
        }  # fmt: skip
        page = ListPage(ctx, ListSpec(**{**given, **more}))
        with qtbot.waitSignal(page.model.loaded if store.error is None else page.model.failed):
            show(page, 1000, 600)
        return page

    return make


def shown_state(page: ListPage) -> QWidget:
    found = page._states.currentWidget()
    assert found is not None
    return found


def count_words(page: ListPage) -> str:
    return page._count.text()


def test_it_opens_with_its_rows_and_the_keyboard_on_them(make_page: MakePage) -> None:
    page = make_page(Store(1234))
    assert count_words(page) == "1,234 项"
    assert page.table.hasFocus()
    assert page.windowTitle() == "项目"


def test_typing_searches_after_a_breath_and_enter_goes_to_the_rows(make_page: MakePage, qtbot: Any) -> None:
    store = Store(100)
    page = make_page(store)
    asked = len(store.asked)
    qtbot.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.search.hasFocus()
    with qtbot.waitSignal(page.model.loaded):
        qtbot.keyClicks(page.search, "99")
    assert len(store.asked) == asked + 1
    assert count_words(page) == "1 项"
    with qtbot.waitSignal(page.model.loaded):
        qtbot.keyClick(page.search, Qt.Key.Key_Return)
    assert page.table.hasFocus()


def test_a_view_brings_its_filters_and_its_order(make_page: MakePage, qtbot: Any) -> None:
    store = Store(30)
    page = make_page(store)
    with qtbot.waitSignal(page.model.loaded):
        page.findChild(QWidget, "view.1").click()
    assert store.asked[-1].filters == (("state", "won"),)
    assert store.asked[-1].sort == "-total"
    assert page.model.total == 10


def test_a_chip_wins_over_the_view_and_can_be_cleared(make_page: MakePage, qtbot: Any) -> None:
    store = Store(30)
    page = make_page(store)
    chip = page._chips[0]
    menu = chip.menu()
    menu.aboutToShow.emit()
    with qtbot.waitSignal(page.model.loaded):
        next(a for a in menu.actions() if a.text() == "进行中").trigger()
    assert chip.text() == "状态: 进行中"
    assert page.model.total == 20
    with qtbot.waitSignal(page.model.loaded):
        page.clear_filters()
    assert (chip.text(), page.model.total) == ("状态", 30)


def test_it_can_be_led_from_outside(make_page: MakePage, qtbot: Any) -> None:
    store = Store(30)
    page = make_page(store)
    with qtbot.waitSignal(page.model.loaded):
        page.set_filters(state="won", name="项目 3")
    assert store.asked[-1].filters == (("name", "项目 3"), ("state", "won"))
    assert page._chips[0].value == "won"
    assert page.model.total == 1


def test_an_empty_list_says_what_belongs_here_and_offers_it(make_page: MakePage, ctx: Any, qtbot: Any) -> None:
    page = make_page(Store(0))
    assert shown_state(page) is page._empty
    said = [label.text() for label in page._empty.findChildren(QLabel)]
    assert "还没有项目" in said
    button = page._empty.findChild(QWidget, "empty.action")
    assert button.text() == "新建项目"
    button.click()
    assert ctx.nav.made == [("plan", {})]


def test_no_hit_is_not_empty_and_esc_leads_out(make_page: MakePage, qtbot: Any) -> None:
    page = make_page(Store(5))
    with qtbot.waitSignal(page.model.loaded):
        page.set_search("gibt es nicht")
    assert shown_state(page) is page._no_hit
    page.search.setFocus()
    with qtbot.waitSignal(page.model.loaded):
        qtbot.keyClick(page.search, Qt.Key.Key_Escape)
    assert shown_state(page) is page.table
    assert page.search.text() == ""


def test_a_failure_says_why_and_offers_another_try(make_page: MakePage, qtbot: Any) -> None:
    store = Store(5)
    store.error = EnvironmentProblem("store.locked")
    page = make_page(store)
    assert shown_state(page) is page._error
    assert any("数据库正忙" in label.text() for label in page._error.findChildren(QLabel))
    store.error = None
    with qtbot.waitSignal(page.model.loaded):
        page._error.findChild(QWidget, "error.retry").click()
    assert shown_state(page) is page.table


def test_without_the_right_there_is_no_new(
    qtbot: Any, show: Any, make_ctx: Callable[[str], Any], plan_words: None
) -> None:
    ctx = make_ctx("finance")
    spec = ListSpec(
        "plans", "plan", "项目", "folder", (Column("name", "名称"),), Store(0).list_rows, EMPTY,
        new_right="case.create", header=(HeaderAction("导入", "import", lambda: None, right="case.create"),),
    )  # fmt: skip
    page = ListPage(ctx, spec)
    with qtbot.waitSignal(page.model.loaded):
        show(page)
    assert page.findChild(QWidget, "plans.new") is None
    assert not page._empty.findChild(QWidget, "empty.action").isVisible()
    qtbot.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert ctx.nav.made == []


def test_enter_opens_and_ctrl_n_makes(make_page: MakePage, ctx: Any, qtbot: Any) -> None:
    page = make_page(Store(3))
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    qtbot.keyClick(page.table, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert ctx.nav.opened == [("plan", Store.row(0).id)]
    assert ctx.nav.made == [("plan", {})]


def test_space_previews_the_row_under_the_keyboard(make_page: MakePage, qtbot: Any) -> None:
    seen: list[str] = []

    def preview(_ctx: Any, row: Any) -> QWidget:
        seen.append(row.name)
        return words(row.name)

    page = make_page(Store(5), preview=preview)
    qtbot.keyClick(page.table, Qt.Key.Key_Space)
    assert page._preview.isVisible()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: seen[-1] == "项目 1")
    qtbot.keyClick(page.table, Qt.Key.Key_Escape)
    assert not page._preview.isVisible()
    assert page.table.hasFocus()


def test_actions_get_all_selected_rows_those_out_of_memory_too(make_page: MakePage, qtbot: Any) -> None:
    got: list[list[Any]] = []

    async def archive(rows: list[Any]) -> None:
        got.append(rows)

    action = ListAction("归档", "box", archive, "Ctrl+Shift+E")
    page = make_page(Store(700), actions=(action, ListAction("只一个", "box", print, bulk=False)))
    assert not page._bulk.isVisible()
    page.table.selectAll()
    assert page._bulk.isVisible()
    assert [b.text() for b, _ in page._bulk._buttons] == ["归档"]
    page._bulk._buttons[0][0].click()
    qtbot.waitUntil(lambda: bool(got))
    assert len(got[0]) == 700
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Escape)
    assert not page._bulk.isVisible()
    qtbot.keyClick(page.table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: len(got) == 2)
    assert len(got[1]) == 1


def test_an_action_that_may_not_be_done_is_not_done(make_page: MakePage, qtbot: Any, ctx: Any, settle: Any) -> None:
    got: list[Any] = []
    action = ListAction(
        "归档", "box", got.append, "Ctrl+Shift+E", enabled=lambda rows: all(r.state == "won" for r in rows)
    )
    page = make_page(Store(6), actions=(action,))
    page.table.selectRow(1)
    page.run_action(action)
    settle(ctx)
    assert got == []
    page.table.selectRow(3)
    page.run_action(action)
    qtbot.waitUntil(lambda: bool(got))


def test_a_failing_action_is_shown_on_this_page(make_page: MakePage, ctx: Any, qtbot: Any) -> None:
    async def fail(_rows: list[Any]) -> None:
        raise EnvironmentProblem("store.disk_full")

    page = make_page(Store(3), actions=(ListAction("归档", "box", fail),))
    page.run_action(page.spec.actions[0])
    qtbot.waitUntil(lambda: bool(ctx.nav.errors))
    assert ctx.nav.errors[0].code == "store.disk_full"


def test_rows_pasted_from_excel_are_handed_over(make_page: MakePage, qtbot: Any) -> None:
    got: list[str] = []
    page = make_page(Store(3), paste=got.append)
    QGuiApplication.clipboard().setText("名称\t电话\n甲\t1")
    qtbot.keyClick(page.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert got == ["名称\t电话\n甲\t1"]


def test_the_context_menu_offers_what_can_be_done(make_page: MakePage, qtbot: Any) -> None:
    page = make_page(
        Store(5), actions=(ListAction("归档", "box", print), ListAction("只一个", "box", print, bulk=False))
    )
    page.table.selectRow(0)
    qtbot.keyClick(page.table, Qt.Key.Key_Menu)
    menu = page.findChild(QWidget, "plans.menu")
    assert [a.text() for a in menu.actions() if a.text()] == ["打开", "归档", "只一个", "复制为表格"]
    menu.close()


def test_english_is_complete(make_page: MakePage, qtbot: Any) -> None:
    from presales_desktop.texts import set_language

    set_language("en")
    page = make_page(Store(0), title="客户", new_title="新建客户")
    said = " ".join(label.text() for label in page.findChildren(QLabel) if label is not page._empty._title)
    assert "Preview" in said
    assert page.search.placeholderText() == "Search name, number or pinyin initials"


def chip_of(page: ListPage, name: str) -> FilterChip:
    found = page.findChild(FilterChip, f"filter.{name}")
    assert isinstance(found, FilterChip)
    return found


def answer(qtbot: Any, page: ListPage, text: str) -> None:
    """Type TEXT into the open sheet and confirm it."""
    qtbot.waitUntil(lambda: any(s.isVisible() for s in page.findChildren(Sheet)))
    sheet = next(s for s in page.findChildren(Sheet) if s.isVisible())
    field = sheet.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText(text)
    sheet.primary.click()


def titles(page: ListPage) -> list[str]:
    return [b.text() for b in page._tabs._group.buttons()]


def test_filters_and_tab_are_put_back_after_a_restart(make_page: MakePage, qtbot: Any) -> None:
    page = make_page(Store(30))
    assert not page.own.save.isVisible()
    page._tabs._group.button(1).click()
    chip_of(page, "state")._choose("open")
    again = make_page(Store(30))
    assert again._tabs.current() == 1
    assert again.filters() == (("state", "open"),)
    assert again.model.query.sort == "-total"
    again.clear_filters()
    assert make_page(Store(30)).filters() == (("state", "won"),)


def test_what_leads_a_page_from_outside_wins_over_what_was_left(make_page: MakePage, ctx: Any, show: Any) -> None:
    chip_of(make_page(Store(30)), "state")._choose("open")
    spec = make_page(Store(30)).spec
    led = ListPage(ctx, spec)
    led.set_filters(state="won")
    show(led, 1000, 600)
    assert led.filters() == (("state", "won"),)
    assert ctx.settings.tables["plans"]["filters"] == {"state": "open"}


def test_what_is_filtered_can_be_kept_as_a_view_renamed_and_dropped(make_page: MakePage, ctx: Any, qtbot: Any) -> None:
    page = make_page(Store(30))
    chip_of(page, "state")._choose("won")
    page.table.sort_by("-total")
    qtbot.waitUntil(page.own.save.isVisible)
    page.own.save.click()
    answer(qtbot, page, "  大单  ")
    qtbot.waitUntil(lambda: titles(page) == ["全部", "成交", "大单"])
    assert page._tabs.current() == 2
    assert chip_of(page, "state").value == ""
    assert page.filters() == (("state", "won"),)
    again = make_page(Store(30))
    assert titles(again) == ["全部", "成交", "大单"]
    assert (again._tabs.current(), again.filters(), again.model.query.sort) == (2, (("state", "won"),), "-total")
    again.own._ask_rename(again.own.views[2])
    answer(qtbot, again, "成交大单")
    qtbot.waitUntil(lambda: titles(again)[-1] == "成交大单")
    again.own.drop(again.own.views[2])
    assert titles(again) == ["全部", "成交"]
    again.own._put_back(SavedView("成交大单", (("state", "won"),)))
    assert titles(again)[-1] == "成交大单"


def test_a_view_cannot_take_the_title_of_a_declared_one(make_page: MakePage, ctx: Any, qtbot: Any) -> None:
    page = make_page(Store(30))
    chip_of(page, "state")._choose("won")
    page.own.save.click()
    answer(qtbot, page, "成交")
    qtbot.waitUntil(lambda: any("同名" in t for t in ctx.nav.toasts))
    assert titles(page) == ["全部", "成交"]


@pytest.mark.parametrize(
    "damage",
    [
        {"views": "x", "tab": 3, "filters": []},
        {"views": [3, {"title": ""}, {"title": "甲", "filters": 2}, {"title": "乙", "filters": {}, "sort": 1}]},
        {"tab": "不在了", "filters": {"state": "nonsense", "gone": "1"}},
    ],
)
def test_damaged_views_cost_nothing(make_page: MakePage, ctx: Any, damage: Any) -> None:
    ctx.settings.values["tables"] = {"plans": damage}
    page = make_page(Store(30))
    assert titles(page) == ["全部", "成交"]
    assert page.filters() == ()
