"""Sheets ask inside the page: Esc closes, Ctrl+Enter confirms, the keyboard comes back to where it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from presales_desktop.views.kit import dialogs, jobs, shortcuts

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(show: Any, qapp: Any) -> QWidget:
    jobs.prepare()
    made = QWidget()
    layout = QVBoxLayout(made)
    edit = QLineEdit()
    edit.setObjectName("before")
    layout.addWidget(edit)
    show(made, 900, 500)
    edit.setFocus()
    return made


def answer(pending: Any) -> list[Any]:
    got: list[Any] = []
    pending.add_done(lambda: got.append(pending.result()))
    return got


def sheet_of(page: QWidget) -> dialogs.Sheet:
    found = page.findChild(dialogs.Sheet)
    assert found is not None
    return found


def test_a_text_is_asked_and_given(page: QWidget, qtbot: Any) -> None:
    got = answer(dialogs.ask_text(page, "退回", "原因", primary="退回"))
    edit = page.findChild(QWidget, "ask.text")
    qtbot.waitUntil(edit.hasFocus)
    qtbot.keyClicks(edit, "price")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.keyClicks(edit, "too high")
    qtbot.keyClick(edit, Qt.Key.Key_Return, CTRL)
    assert got == ["price\ntoo high"]
    assert page.findChild(QWidget, "before").hasFocus()


def test_an_empty_answer_is_not_taken_when_one_is_needed(page: QWidget, qtbot: Any) -> None:
    got = answer(dialogs.ask_text(page, "退回", "原因"))
    sheet = sheet_of(page)
    sheet.primary.click()
    assert got == []
    assert sheet._problem.text() == "原因不能为空，请填写。"
    assert sheet.isVisible()


def test_esc_and_cancel_mean_none(page: QWidget, qtbot: Any) -> None:
    got = answer(dialogs.ask_text(page, "退回", "原因", multiline=False))
    edit = page.findChild(QWidget, "ask.text")
    qtbot.waitUntil(edit.hasFocus)
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert got == [None]
    got = answer(dialogs.ask_text(page, "退回", "原因", name="second"))
    page.findChild(QPushButton, "second.cancel").click()
    assert got == [None]


def test_enter_confirms_a_single_line(page: QWidget, qtbot: Any) -> None:
    got = answer(dialogs.ask_text(page, "改名", "名称", multiline=False, text="alt"))
    edit = page.findChild(QWidget, "ask.text")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert got == ["alt"]


def test_a_danger_has_its_way_out_under_the_keyboard(page: QWidget, qtbot: Any) -> None:
    got = answer(dialogs.confirm_danger(page, "作废报价", "报价 BJ-1 将作废，不能恢复。", "作废"))
    cancel = page.findChild(QPushButton, "danger.cancel")
    qtbot.waitUntil(cancel.hasFocus)
    assert sheet_of(page).primary.property("look") == "danger"
    qtbot.keyClick(cancel, Qt.Key.Key_Space)
    assert got == [False]
    got = answer(dialogs.confirm_danger(page, "作废报价", "x", "作废", name="again"))
    page.findChild(QPushButton, "again.confirm").click()
    assert got == [True]


def test_the_pages_own_keys_sleep_meanwhile_and_wake_again(page: QWidget, qtbot: Any) -> None:
    called: list[str] = []
    shortcuts.register(page, "Ctrl+Return", "下一步", lambda: called.append("page"))
    got = answer(dialogs.ask(page, "问", QLineEdit(), "好"))
    qtbot.waitUntil(lambda: page.window().focusWidget() is not page.findChild(QWidget, "before"))
    qtbot.keyClick(page.window().focusWidget(), Qt.Key.Key_Return, CTRL)
    assert (got, called) == ([True], [])
    qtbot.keyClick(page.findChild(QWidget, "before"), Qt.Key.Key_Return, CTRL)
    assert called == ["page"]
    own = [s for s in page.findChildren(QShortcut) if s.parent() is page]
    assert all(s.isEnabled() for s in own)


def test_tab_stays_on_the_sheet(page: QWidget, qtbot: Any) -> None:
    dialogs.ask_text(page, "退回", "原因")
    edit = page.findChild(QWidget, "ask.text")
    qtbot.waitUntil(edit.hasFocus)
    sheet = sheet_of(page)
    for _ in range(7):
        qtbot.keyClick(page.window().focusWidget(), Qt.Key.Key_Tab)
        assert sheet.isAncestorOf(page.window().focusWidget())


def test_it_follows_the_size_of_the_page(page: QWidget, qtbot: Any) -> None:
    dialogs.ask_text(page, "退回", "原因")
    sheet = sheet_of(page)
    page.resize(700, 420)
    qtbot.waitUntil(lambda: sheet.geometry().right() == 699 and sheet.height() == 420)


def test_who_keeps_it_open_closes_it(page: QWidget, qtbot: Any) -> None:
    sheet = dialogs.Sheet(page, "导入", QLineEdit(), "导入", keep_open=True)
    with qtbot.waitSignal(sheet.confirmed):
        sheet.primary.click()
    assert sheet.isVisible()
    sheet.show_problem("第 3 行没有名称")
    assert sheet._problem.isVisible()
    with qtbot.waitSignal(sheet.closed) as closed:
        sheet.finish(True)
    assert closed.args == [True]


def test_files_come_through_the_hook_in_tests(page: QWidget, tmp_path: Path) -> None:
    asked: list[Any] = []

    def hook(mode: str, title: str, name: str) -> Path | None:
        asked.append((mode, title, name))
        return tmp_path / (name or "a.xlsx")

    dialogs.set_file_hook(hook)
    try:
        opened = answer(dialogs.choose_file(page, "选择文件", ["Excel (*.xlsx)"]))
        saved = answer(dialogs.choose_save(page, "另存为", "报价.pdf", ["PDF (*.pdf)"]))
    finally:
        dialogs.set_file_hook(None)
    assert (opened, saved) == ([tmp_path / "a.xlsx"], [tmp_path / "报价.pdf"])
    assert asked == [("open", "选择文件", ""), ("save", "另存为", "报价.pdf")]


def test_the_real_file_dialog_blocks_nothing_and_cancels_to_none(page: QWidget, qtbot: Any, tmp_path: Path) -> None:
    got = answer(dialogs.choose_save(page, "另存为", "报价.pdf", ["PDF (*.pdf)"], folder=tmp_path))
    dialog = page.findChild(QFileDialog)
    assert dialog.isVisible()
    assert got == []
    dialog.reject()
    assert got == [None]
    got = answer(dialogs.choose_save(page, "另存为", "报价.pdf", ["PDF (*.pdf)"], folder=tmp_path))
    again = next(d for d in page.findChildren(QFileDialog) if d.isVisible())
    again.accept()
    assert got == [tmp_path / "报价.pdf"]
