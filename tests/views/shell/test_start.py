"""Before the program: the first choice, a new workspace, the passphrase."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from presales_desktop.models.errors import EnvironmentProblem, InputError
from presales_desktop.store.keys import MIN_PASSPHRASE
from presales_desktop.views.kit.jobs import Cancelled, Progress
from presales_desktop.views.kit.panels import RowButton
from presales_desktop.views.shell.passphrase import MIN_LENGTH, strength
from presales_desktop.views.shell.start_window import StartWindow
from presales_desktop.views.shell.welcome import NewWorkspace


@pytest.fixture
def start(qtbot: Any, tmp_path: Path) -> StartWindow:
    window = StartWindow(tmp_path / "workspace", keyring=False)
    qtbot.addWidget(window)
    window.show_welcome()
    return window


def problem(window: StartWindow, key: str) -> str:
    label = window.welcome.form.problems[key]
    return "" if label.isHidden() else label.text()


def test_the_demo_is_one_key_away(qtbot: Any, start: StartWindow) -> None:
    choice = start.findChild(RowButton, "welcome.demo")
    with qtbot.waitSignal(start.welcome.demo):
        qtbot.keyClick(choice, Qt.Key.Key_Return)


def test_the_server_is_announced_and_cannot_be_chosen(start: StartWindow) -> None:
    assert not start.findChild(RowButton, "welcome.server").isEnabled()


def test_an_empty_form_says_what_is_missing_and_leads_there(qtbot: Any, start: StartWindow) -> None:
    form = start.welcome.form
    start.welcome.show_form()
    with qtbot.assertNotEmitted(start.welcome.new):
        form.submit()
    assert "公司名称" in problem(start, "company")
    assert "姓名" in problem(start, "name")
    assert "太短" in problem(start, "passphrase")
    assert form.company.property("problem") == "true"
    form.company.setText("中山市灯港照明科技有限公司")
    form.submit()
    assert problem(start, "company") == ""


def test_two_different_passphrases_are_refused(start: StartWindow) -> None:
    form = start.welcome.form
    form.company.setText("灯港")
    form.person.setText("王敏")
    form.passphrase.setText("correct horse")
    form.again.setText("correct house")
    form.submit()
    assert problem(start, "again") == "两次输入的口令不一样。"


def test_a_relative_folder_is_refused(start: StartWindow) -> None:
    form = start.welcome.form
    form.folder.setText("somewhere")
    assert "folder" in form.check()


def test_what_was_typed_is_handed_over_once(qtbot: Any, start: StartWindow, tmp_path: Path) -> None:
    start.welcome.show_form()
    form = start.welcome.form
    form.company.setText(" 灯港照明 ")
    form.person.setText("王敏")
    form.passphrase.setText("correct horse battery")
    form.again.setText("correct horse battery")
    with qtbot.waitSignal(start.welcome.new) as heard:
        form.submit()
    assert heard.args == [
        NewWorkspace("灯港照明", "王敏", "sales_head", tmp_path / "workspace", "correct horse battery")
    ]
    assert not start.findChild(QPushButton, "welcome.create").isEnabled()
    start.show_error(InputError("store.exists", file="/x"))
    assert start.welcome.error_bar.text.startswith("这个文件夹里已有工作区")
    assert start.findChild(QPushButton, "welcome.create").isEnabled()
    assert form.company.text() == " 灯港照明 "


def test_a_keyring_needs_no_passphrase(qtbot: Any, tmp_path: Path) -> None:
    window = StartWindow(tmp_path / "workspace", keyring=True)
    qtbot.addWidget(window)
    form = window.welcome.form
    assert form.passphrase.isHidden()
    form.company.setText("灯港")
    form.person.setText("王敏")
    with qtbot.waitSignal(window.welcome.new) as heard:
        form.submit()
    assert heard.args[0].passphrase is None


def test_progress_shows_what_is_being_done_and_can_be_cancelled(qtbot: Any, start: StartWindow) -> None:
    progress = Progress()
    start.show_progress("正在生成演示数据", progress)
    progress.step(2, 7, "产品")
    assert "产品" in [label.text() for label in start.findChildren(QLabel)]
    start.findChild(QPushButton, "progress.cancel").click()
    with pytest.raises(Cancelled):
        progress.step(3, 7, "方案")
    start.show_error(EnvironmentProblem("store.disk_full", file="/x"))
    assert not start.welcome.isHidden()
    assert "磁盘空间不足" in start.welcome.error_bar.text


def test_a_wrong_passphrase_can_be_typed_again(qtbot: Any, start: StartWindow, tmp_path: Path) -> None:
    page = start.show_unlock(tmp_path)
    edit = page.findChild(QLineEdit, "unlock.passphrase")
    with qtbot.assertNotEmitted(page.submitted):
        page.submit()
    edit.setText("wrong")
    with qtbot.waitSignal(page.submitted) as heard:
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert heard.args == ["wrong"]
    assert not edit.isEnabled()
    start.show_error(EnvironmentProblem("store.passphrase_wrong"))
    said = page.findChild(QLabel, "unlock.error")
    assert not said.isHidden()
    assert "口令不对" in said.text()
    assert edit.isEnabled()
    assert edit.selectedText() == "wrong"


def test_another_workspace_can_be_chosen_instead(start: StartWindow, tmp_path: Path) -> None:
    page = start.show_unlock(tmp_path)
    page.findChild(QPushButton, "unlock.other").click()
    assert start.welcome.isVisibleTo(start)


@pytest.mark.parametrize(
    ("passphrase", "level"),
    [
        ("", 0), ("short", 0), ("aaaaaaaaaaaaaaaa", 1), ("password123456", 1), ("12345678", 1), ("kq3Hx0zm", 2),
        ("correct horse battery", 3), ("灯港照明一二三四五六", 3),
    ],
)  # fmt: skip
def test_strength_of_a_passphrase(passphrase: str, level: int) -> None:
    assert strength(passphrase) == level


def test_window_and_store_agree_on_the_shortest_passphrase() -> None:
    assert MIN_LENGTH == MIN_PASSPHRASE
