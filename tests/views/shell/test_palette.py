"""Ctrl+K: commands by pinyin initials, records by search, keys only, no stale answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from shiboken6 import delete

from presales_desktop.services import customers
from presales_desktop.services.customers import CustomerDraft
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.shell.commands import Command, fold, initials_of, matching
from presales_desktop.views.shell.main_window import MainWindow
from presales_desktop.views.shell.palette import Palette
from presales_desktop.views.shell.places import Place

Settle = Callable[[ViewContext], None]


def titles(palette: Palette) -> list[str]:
    return [row.title for row in palette.view.rows.rows if row.run is not None]


def open_palette(qtbot: Any, window: MainWindow, settle: Settle) -> Palette:
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.palette_overlay
    assert not palette.isHidden()
    settle(window.ctx)
    qtbot.waitUntil(lambda: bool(palette._initials), timeout=5000)
    return palette


def test_a_command_is_found_by_pinyin_initials_and_done_with_enter(
    qtbot: Any, window: MainWindow, settle: Settle
) -> None:
    palette = open_palette(qtbot, window, settle)
    qtbot.keyClicks(palette.input, "phsz")
    assert titles(palette)[0] == "偏好设置"
    qtbot.keyClick(palette.input, Qt.Key.Key_Return)
    assert palette.isHidden()
    assert window.pages.place == Place("page", "preferences")


def test_the_keyboard_comes_back_although_its_place_is_gone(qtbot: Any, window: MainWindow, settle: Settle) -> None:
    window.list("customers")
    message = QPushButton(window)  # as the button of a passing message
    message.show()
    message.setFocus()
    palette = open_palette(qtbot, window, settle)
    delete(message)
    qtbot.keyClick(palette.input, Qt.Key.Key_Escape)
    assert palette.isHidden()
    page = window.pages.currentWidget()
    assert page is not None
    assert page.isAncestorOf(window.focusWidget())


def test_the_theme_is_switched_from_the_palette(qtbot: Any, window: MainWindow, settle: Settle) -> None:
    palette = open_palette(qtbot, window, settle)
    qtbot.keyClicks(palette.input, "wgss")
    qtbot.keyClick(palette.input, Qt.Key.Key_Return)
    assert tokens.palette().name == "dark"


def test_records_are_found_by_substring_and_initials(qtbot: Any, window: MainWindow, settle: Settle) -> None:
    made: list[UUID] = []
    pending = window.ctx.db.run(customers.save, CustomerDraft(name="欧派照明有限公司"))
    pending.add_done(lambda: made.append(pending.result()))
    settle(window.ctx)
    palette = open_palette(qtbot, window, settle)
    for typed in ("派照", "opzm"):
        palette.input.setText(typed)
        qtbot.waitUntil(lambda typed=typed: palette._hits_for == typed, timeout=5000)
        assert "欧派照明有限公司" in titles(palette), typed
    while palette.view.chosen().title != "欧派照明有限公司":  # type: ignore[union-attr]
        qtbot.keyClick(palette.input, Qt.Key.Key_Down)
    qtbot.keyClick(palette.input, Qt.Key.Key_Return)
    assert window.pages.place == Place("record", "customer", made[0])


def test_records_stand_before_commands_that_only_contain_the_letters(
    qtbot: Any, window: MainWindow, settle: Settle
) -> None:
    window.ctx.db.run(customers.save, CustomerDraft(name="金科灯饰有限公司"))
    settle(window.ctx)
    palette = open_palette(qtbot, window, settle)
    palette._commands = [Command("新建客户", "新建客户", "plus", lambda: None, "g")]
    palette._initials = initials_of(["新建客户"])
    palette.input.setText("jk")
    qtbot.waitUntil(lambda: palette._hits_for == "jk", timeout=5000)
    found = titles(palette)
    assert found.index("金科灯饰有限公司") < found.index("新建客户")


def test_recent_records_stand_first_when_nothing_is_typed(qtbot: Any, window: MainWindow, settle: Settle) -> None:
    window.open("customer", UUID(int=1))
    window.open("quote", UUID(int=2))
    palette = open_palette(qtbot, window, settle)
    assert titles(palette)[0] == "customer 1"


def test_an_older_answer_never_replaces_a_newer_one(qtbot: Any, window: MainWindow, settle: Settle) -> None:
    palette = open_palette(qtbot, window, settle)
    answered: list[str] = []
    original = palette._find

    async def slow(asked: int, text: str) -> None:
        await original(asked, text)
        answered.append(text)

    palette._find = slow  # type: ignore[method-assign]
    palette.input.setText("甲")
    palette._search()
    palette.input.setText("乙")
    palette._search()
    # Typing asks by itself, too: what counts is that both were answered, and what stands at the end.
    qtbot.waitUntil(lambda: {"甲", "乙"} <= set(answered) and answered[-1] == "乙", timeout=15000)
    assert palette._hits_for == "乙"


def test_enter_waits_for_the_answer_to_what_was_typed(qtbot: Any, window: MainWindow, settle: Settle) -> None:
    window.ctx.db.run(customers.save, CustomerDraft(name="星辉酒店"))
    window.ctx.db.run(customers.save, CustomerDraft(name="月明餐饮"))
    settle(window.ctx)
    palette = open_palette(qtbot, window, settle)
    palette.input.setText("星辉")
    qtbot.waitUntil(lambda: palette._hits_for == "星辉", timeout=5000)
    palette.input.setText("月明")
    qtbot.keyClick(palette.input, Qt.Key.Key_Return)
    assert not palette.isHidden()
    qtbot.waitUntil(palette.isHidden, timeout=5000)
    place = window.pages.place
    assert place is not None
    assert place.type == "record"
    found: list[str] = []
    pending = window.ctx.db.run(lambda work: customers.load(work, place.id).name)
    pending.add_done(lambda: found.append(pending.result()))
    settle(window.ctx)
    assert found == ["月明餐饮"]


def test_nothing_found_says_so_and_escape_gives_the_keyboard_back(
    qtbot: Any, window: MainWindow, settle: Settle
) -> None:
    window.list("customers")
    edit = window.pages.page.edit  # type: ignore[union-attr]
    qtbot.waitUntil(edit.hasFocus)
    palette = open_palette(qtbot, window, settle)
    palette.input.setText("不存在的名字")
    qtbot.waitUntil(lambda: palette._hits_for == "不存在的名字", timeout=5000)
    assert titles(palette) == []
    assert "不存在的名字" in palette._nothing.text()
    qtbot.keyClick(palette.input, Qt.Key.Key_Return)
    assert not palette.isHidden()
    qtbot.keyClick(palette.input, Qt.Key.Key_Escape)
    assert palette.isHidden()
    qtbot.waitUntil(edit.hasFocus)


def test_arrows_skip_headings_and_go_round(qtbot: Any, window: MainWindow, settle: Settle) -> None:
    palette = open_palette(qtbot, window, settle)
    first = palette.view.chosen()
    qtbot.keyClick(palette.input, Qt.Key.Key_Up)
    last = palette.view.chosen()
    assert last is not None
    assert last.run is not None
    assert last is palette.view.rows.rows[-1]
    qtbot.keyClick(palette.input, Qt.Key.Key_Down)
    assert palette.view.chosen() is first


def test_shortcut_overlay_lists_what_works_here(qtbot: Any, window: MainWindow) -> None:
    from PySide6.QtWidgets import QLabel

    qtbot.keyClick(window, Qt.Key.Key_Slash, Qt.KeyboardModifier.ControlModifier)
    overlay = window.shortcut_overlay
    assert not overlay.isHidden()
    said = {label.text() for label in overlay.findChildren(QLabel)}
    assert {"Ctrl+K", "Ctrl+/", "搜索或输入命令"} <= said
    qtbot.keyClick(overlay, Qt.Key.Key_Escape)
    assert overlay.isHidden()


def _command(title: str, words: str = "") -> Command:
    return Command(title, title, "plus", lambda: None, "g", words=words)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("xjbj", "新建报价"),
        ("报价", "新建报价"),
        ("nq", "New quote"),
        ("NEW", "New quote"),
        ("new quo", "New quote"),
        ("wgss", "外观：深色"),
        ("dark", "外观：深色"),
    ],
)
def test_matching(typed: str, found: str) -> None:
    commands = [_command("新建报价"), _command("New quote"), _command("外观：深色", "dark")]
    initials = initials_of([c.title for c in commands])
    assert matching(commands, typed, initials)[0].title == found
    assert matching(commands, "zzz", initials) == []


def test_what_begins_with_the_words_stands_before_what_contains_them() -> None:
    commands = [_command("新建客户"), _command("客户")]
    assert [c.title for c in matching(commands, "客户", {})] == ["客户", "新建客户"]
    assert fold(" New  Quote ") == "newquote"
