"""The main window: history, open pages, language, theme, rail, new menu, errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton

from presales_desktop.models.errors import EnvironmentProblem, Problem, UserError, ValidationError
from presales_desktop.texts import language
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.jobs import Cancelled
from presales_desktop.views.shell.crash import report
from presales_desktop.views.shell.main_window import MainWindow
from presales_desktop.views.shell.pages import MAX_EDITORS
from presales_desktop.views.shell.places import History, Place
from tests.views.shell.conftest import EditorStub, ListStub

ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


def here(window: MainWindow) -> str:
    label = window.top.findChild(QLabel, "top.here")
    return label.text() if label is not None else ""


def test_back_and_forward_by_keys(qtbot: Any, window: MainWindow) -> None:
    window.list("customers")
    window.open("customer", UUID(int=1))
    window.open("quote", UUID(int=2))
    page = window.pages.page
    assert here(window) == "quote 2"
    qtbot.keyClick(window, Qt.Key.Key_Left, ALT)
    assert here(window) == "customer 1"
    qtbot.keyClick(window, Qt.Key.Key_Left, ALT)
    assert here(window) == "客户"
    qtbot.keyClick(window, Qt.Key.Key_Right, ALT)
    qtbot.keyClick(window, Qt.Key.Key_Right, ALT)
    assert window.pages.page is page


def test_a_page_keeps_what_was_typed_while_another_is_shown(window: MainWindow) -> None:
    window.open("customer", UUID(int=1))
    first = window.pages.page
    assert isinstance(first, EditorStub)
    first.edit.setText("欧派")
    window.open("quote", UUID(int=2))
    window.open("customer", UUID(int=1))
    assert window.pages.page is first
    assert first.edit.text() == "欧派"


def test_old_editors_go_after_writing_what_was_typed_dirty_ones_last(window: MainWindow) -> None:
    window.open("customer", UUID(int=1))
    dirty = window.pages.page
    assert isinstance(dirty, EditorStub)
    dirty.is_dirty = True
    window.open("customer", UUID(int=2))
    clean = window.pages.page
    assert isinstance(clean, EditorStub)
    for n in range(3, MAX_EDITORS + 2):
        window.open("customer", UUID(int=n))
    places = window.pages.open_pages
    assert sum(1 for p in places if p.type == "record") == MAX_EDITORS
    assert Place("record", "customer", UUID(int=1)) in places
    assert Place("record", "customer", UUID(int=2)) not in places
    assert clean.left == 1
    assert dirty.left == 0


def test_a_new_record_becomes_its_own_place_once_saved(window: MainWindow) -> None:
    window.new("quote", case_id=UUID(int=5))
    page = window.pages.page
    assert isinstance(page, EditorStub)
    assert page.initial == {"case_id": UUID(int=5)}
    page.record_id = UUID(int=9)
    page.setWindowTitle("BJ20261123-001")
    page.title_changed.emit("BJ20261123-001")
    assert window.pages.place == Place("record", "quote", UUID(int=9))
    assert here(window) == "BJ20261123-001"
    window.open("quote", UUID(int=9))
    assert window.pages.page is page


def test_closing_a_page_leads_to_the_one_before(qtbot: Any, window: MainWindow) -> None:
    window.open("customer", UUID(int=1))
    window.open("quote", UUID(int=2))
    closed = window.pages.page
    qtbot.keyClick(window, Qt.Key.Key_W, CTRL)
    assert here(window) == "customer 1"
    assert isinstance(closed, EditorStub)
    assert closed.left == 1


def test_lists_take_filters(window: MainWindow) -> None:
    window.list("quotes", state="sent")
    page = window.pages.page
    assert isinstance(page, ListStub)
    assert page.filters == {"state": "sent"}


def test_breadcrumb_leads_back_to_the_list(window: MainWindow) -> None:
    window.open("quote", UUID(int=2))
    window.top.findChild(QPushButton, "top.crumb.0").click()
    assert isinstance(window.pages.page, ListStub)
    assert window.rail.buttons["quotes"].isChecked()


def test_switching_language_rebuilds_the_window_and_keeps_the_page(qtbot: Any, window: MainWindow) -> None:
    window.list("customers")
    window.open("customer", UUID(int=1))
    old = window.pages.page
    window.set_language("en")
    qtbot.waitUntil(lambda: window.top.new_button.text() == "New", timeout=3000)
    assert language() == "en"
    assert window.ctx.settings.language == "en"
    assert window.pages.place == Place("record", "customer", UUID(int=1))
    assert window.pages.page is not old
    assert isinstance(old, EditorStub)
    assert old.left == 1
    assert window.rail.buttons["customers"].text() == "Customers"
    assert window.top.findChild(QPushButton, "top.crumb.0").text() == "Customers"
    window.pages.back()
    assert isinstance(window.pages.page, ListStub)


def test_shortcuts_work_once_after_a_rebuild(qtbot: Any, window: MainWindow) -> None:
    window.open("customer", UUID(int=1))
    window.open("customer", UUID(int=2))
    window.rebuild()
    qtbot.keyClick(window, Qt.Key.Key_Left, ALT)
    assert here(window) == "customer 1"


def test_theme_switch_is_remembered_and_seen(window: MainWindow) -> None:
    window.set_theme("dark")
    assert window.ctx.settings.theme == "dark"
    assert tokens.palette().name == "dark"
    window.set_theme("light")
    assert tokens.palette().name == "light"


def test_the_rail_shows_only_what_the_role_uses_and_remembers_its_fold(make_window: Any) -> None:
    window = make_window("finance")
    assert set(window.rail.buttons) == {"workbench", "customers", "quotes"}
    window.rail.toggle()
    assert window.ctx.settings.rail_collapsed is True
    assert window.rail.width() == tokens.RAIL_COLLAPSED
    assert window.rail.buttons["quotes"].toolTip().startswith("报价")


def test_the_new_menu_offers_what_the_role_may_make(make_window: Any) -> None:
    seller = make_window("sales")
    assert [a.objectName() for a in seller.new_menu().actions()] == ["new.customer", "new.quote"]
    finance = make_window("finance")
    only = finance.new_menu().actions()
    assert len(only) == 1
    assert not only[0].isEnabled()


def test_number_keys_open_lists(qtbot: Any, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_3, ALT)
    assert window.pages.place == Place("list", "quotes")
    qtbot.keyClick(window, Qt.Key.Key_1, ALT)
    assert window.pages.place == Place("page", "workbench")


def test_f6_walks_between_the_areas(qtbot: Any, window: MainWindow) -> None:
    window.list("customers")
    page = window.pages.page
    assert isinstance(page, ListStub)
    qtbot.waitUntil(page.edit.hasFocus)
    qtbot.keyClick(window, Qt.Key.Key_F6)
    assert window.rail.isAncestorOf(window.focusWidget())
    qtbot.keyClick(window, Qt.Key.Key_F6)
    assert window.top.isAncestorOf(window.focusWidget())


# --- errors ----------------------------------------------------------------------------------------------------------
def test_field_errors_go_to_the_page(window: MainWindow) -> None:
    window.open("customer", UUID(int=1))
    page = window.pages.page
    assert isinstance(page, EditorStub)
    problem = Problem("field.required", "name")
    window.show_error(ValidationError([problem]), page)
    assert page.problems == [problem]
    assert window.error_bar.text == ""


def test_field_errors_of_a_page_without_fields_are_listed(window: MainWindow) -> None:
    window.list("customers")
    window.show_error(
        ValidationError([Problem("field.required", "name"), Problem("field.too_long", "name", {"limit": 5})])
    )
    assert "2" in window.error_bar.text
    said = [b.text() for b in window.error_bar.findChildren(QPushButton)]
    assert any("不能为空" in text for text in said)


def test_a_rule_that_says_no_is_a_sentence(window: MainWindow) -> None:
    window.list("customers")
    window.show_error(UserError("store.disk_full"))
    assert window.error_bar.text.startswith("磁盘空间不足")
    window.list("quotes")
    assert window.error_bar.text == ""


def test_the_environment_can_be_asked_again(window: MainWindow) -> None:
    window.list("customers")
    page = window.pages.page
    again: list[bool] = []
    page.reload = lambda: again.append(True)  # type: ignore[union-attr]
    window.show_error(EnvironmentProblem("store.locked"))
    window.error_bar.findChild(QPushButton, "page.error.action").click()
    assert again == [True]


def test_what_the_user_cancelled_is_no_error(window: MainWindow) -> None:
    window.show_error(Cancelled())
    assert window.error_bar.text == ""
    assert window.crash.isHidden()


def test_a_bug_is_shown_as_one_with_a_report_to_copy(qtbot: Any, window: MainWindow) -> None:
    try:
        raise KeyError("surprise")
    except KeyError as error:
        window.show_error(error)
    assert not window.crash.isHidden()
    window.crash.copy()
    assert "KeyError: 'surprise'" in QGuiApplication.clipboard().text()
    qtbot.keyClick(window.crash, Qt.Key.Key_Escape)
    assert window.crash.isHidden()


def test_reports_carry_no_rows_of_the_database() -> None:
    from sqlalchemy.exc import IntegrityError

    error = IntegrityError("INSERT INTO cost VALUES (?)", {"unit_cost_fen": 7331}, Exception("UNIQUE failed"))
    assert "7331" not in report(error)
    assert "UNIQUE failed" in report(error)


def test_a_page_that_cannot_be_made_leaves_the_window_usable(window: MainWindow) -> None:
    window.list("customers")
    window.open("planet", UUID(int=3))
    assert isinstance(window.pages.page, ListStub)
    window.new("planet")
    assert not window.crash.isHidden()
    assert isinstance(window.pages.page, ListStub)


def test_the_window_remembers_its_geometry(make_window: Any) -> None:
    window = make_window()
    window.resize(1100, 700)
    closed: list[bool] = []
    window._on_close = lambda: closed.append(True)
    window.close()
    assert closed == [True]
    assert window.ctx.settings.window["geometry"]


def test_counts_of_what_waits_stand_in_the_rail(
    qtbot: Any, window: MainWindow, settle: Callable[[ViewContext], None]
) -> None:
    window.rail.set_counts({"quotes": 3})
    button = window.rail.buttons["quotes"]
    assert button.count == 3
    assert "3" in button.accessibleName()
    settle(window.ctx)


# --- history ---------------------------------------------------------------------------------------------------------
def _place(n: int) -> Place:
    return Place("record", "customer", UUID(int=n))


@given(st.lists(st.one_of(st.integers(0, 5), st.sampled_from(["back", "forward"])), max_size=60))
def test_history_behaves_like_a_browsers(moves: list[Any]) -> None:
    history = History()
    before: list[int] = []
    after: list[int] = []
    at: int | None = None
    for move in moves:
        if move == "back":
            history.back()
            if before and at is not None:
                after.append(at)
                at = before.pop()
        elif move == "forward":
            history.forward()
            if after and at is not None:
                before.append(at)
                at = after.pop()
        else:
            history.go(_place(move))
            if move != at:
                if at is not None:
                    before.append(at)
                at, after = move, []
        assert history.current == (None if at is None else _place(at))
        assert history.can_back == bool(before)
        assert history.can_forward == bool(after)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=20), st.integers(0, 3))
def test_forgetting_a_place_leaves_no_trace_and_stays_near(visits: list[int], gone: int) -> None:
    history = History()
    for n in visits:
        history.go(_place(n))
    history.forget(_place(gone))
    assert _place(gone) not in history.places
    assert (history.current is None) == (set(visits) == {gone})
    assert all(a != b for a, b in zip(history.places, history.places[1:], strict=False))


@pytest.mark.parametrize("steps", [1, 3])
def test_recent_records_are_newest_first_without_the_current(steps: int) -> None:
    history = History()
    for n in range(steps + 1):
        history.go(_place(n))
    assert history.recent() == [_place(n) for n in reversed(range(steps))]
