"""Before the program: the first choice, a new workspace, the passphrase."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QToolButton

from presales_desktop.models.errors import EnvironmentProblem, InputError, UserError
from presales_desktop.settings import DeviceSettings
from presales_desktop.store.keys import MIN_PASSPHRASE
from presales_desktop.texts import language, set_language
from presales_desktop.views.kit.jobs import Cancelled, Progress
from presales_desktop.views.kit.panels import RowButton
from presales_desktop.views.shell.connect_page import ConnectForm
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


def connecting(start: StartWindow) -> ConnectForm:
    """The form of the server, filled in."""
    QTest.keyClick(start.findChild(RowButton, "welcome.server"), Qt.Key.Key_Return)
    form = start.welcome.connecting
    form.url.setText("sync.dengang.example")
    form.user.setText("wangmin")
    form.password.setText("light-and-shade")
    form.passphrase.setText("correct horse battery")
    return form


def server_problem(form: ConnectForm, key: str) -> str:
    label = form.problems[key]
    return "" if label.isHidden() else label.text()


def test_a_server_is_asked_once_and_no_secret_is_in_what_is_logged(qtbot: Any, start: StartWindow) -> None:
    form = connecting(start)
    with qtbot.waitSignal(start.connect_server) as heard:
        qtbot.keyClick(form.password, Qt.Key.Key_Return)
        form.submit()
    wanted = heard.args[0]
    assert (wanted.url, wanted.user, wanted.password) == ("sync.dengang.example", "wangmin", "light-and-shade")
    assert "light-and-shade" not in repr(wanted)
    assert "correct horse" not in repr(wanted)
    form.forget()
    assert form.password.text() == form.passphrase.text() == ""


def test_the_servers_password_is_hidden_until_asked_for(start: StartWindow) -> None:
    form = connecting(start)
    assert form.password.echoMode() is QLineEdit.EchoMode.Password
    form.findChild(QToolButton, "connect.eye").click()
    assert form.password.echoMode() is QLineEdit.EchoMode.Normal


def test_an_empty_server_form_says_what_is_missing(start: StartWindow) -> None:
    start.welcome.show_connect()
    form = start.welcome.connecting
    form.submit()
    assert "服务器地址" in server_problem(form, "url")
    assert "用户名" in server_problem(form, "user")
    assert "太短" in server_problem(form, "passphrase")


def test_a_keyring_needs_no_local_passphrase_for_a_server(qtbot: Any, tmp_path: Path) -> None:
    window = StartWindow(tmp_path / "workspace", keyring=True)
    qtbot.addWidget(window)
    window.show_welcome()
    form = window.welcome.connecting
    form.url.setText("x")
    form.user.setText("y")
    form.password.setText("z")
    with qtbot.waitSignal(window.connect_server) as heard:
        form.submit()
    assert heard.args[0].passphrase is None


@pytest.mark.parametrize(
    ("error", "field", "words"),
    [
        (EnvironmentProblem("network.offline", url="https://x"), "url", "连不上服务器"),
        (EnvironmentProblem("network.tls", url="https://x"), "url", "证书"),
        (EnvironmentProblem("server.unknown", url="https://x"), "url", "不是售前管理服务器"),
        (EnvironmentProblem("account.password_wrong"), "password", "用户名或密码不对"),
        (EnvironmentProblem("account.throttled", wait_s=30), "password", "30 秒"),
        (EnvironmentProblem("account.which_organisation", user="wangmin"), "user", "公司代号"),
        (InputError("store.exists", file="/x"), "folder", "已有工作区"),
    ],
)
def test_what_the_server_says_stands_at_its_field(start: StartWindow, error: Any, field: str, words: str) -> None:
    form = connecting(start)
    form.submit()
    start.show_progress("正在连接", Progress(start))
    start.show_welcome()
    start.show_error(error)
    assert words in server_problem(form, field)
    assert start.welcome.error_bar.text == ""
    assert form.password.text() == "light-and-shade"
    assert start.findChild(QPushButton, "connect.submit").isEnabled()


def test_what_is_about_no_field_stands_at_the_top(start: StartWindow) -> None:
    connecting(start)
    start.show_error(EnvironmentProblem("device.revoked"))
    assert "停用" in start.welcome.error_bar.text


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


def test_the_language_is_chosen_before_there_is_a_workspace(qtbot: Any, tmp_path: Path) -> None:
    settings = DeviceSettings(tmp_path / "settings.json")
    window = StartWindow(tmp_path / "workspace", keyring=False, settings=settings)
    qtbot.addWidget(window)
    window.show_welcome()
    other = window.findChild(QPushButton, "start.language")
    assert other.text() == "English"
    try:
        QTest.keyClick(other, Qt.Key.Key_Space)
        assert window.welcome.findChild(RowButton, "welcome.demo").accessibleName() == "Try the demo workspace"
        assert DeviceSettings(tmp_path / "settings.json").language == "en"
        with qtbot.waitSignal(window.demo):
            qtbot.keyClick(window.welcome.findChild(RowButton, "welcome.demo"), Qt.Key.Key_Return)
        back = next(b for b in window.findChildren(QPushButton, "start.language") if b.isVisible())
        QTest.keyClick(back, Qt.Key.Key_Space)
        assert settings.language == "zh"
        assert language() == "zh"
    finally:
        set_language("zh")
    window.show_unlock(tmp_path)
    assert not any(b.isVisible() for b in window.findChildren(QPushButton, "start.language"))


def test_a_first_password_is_replaced_in_the_form(qtbot: Any, start: StartWindow) -> None:
    form = connecting(start)
    assert form.new.isHidden()
    form.submit()
    start.show_welcome()
    start.show_error(UserError("account.must_change", login="wangmin"))
    assert not form.new.isHidden()
    assert "初始密码" in server_problem(form, "new")
    form.new.setText("short")
    form.submit()
    assert "太短" in server_problem(form, "new")
    form.new.setText("my own light 2026")
    form.again.setText("another light 2026")
    form.submit()
    assert "不同" in server_problem(form, "again")
    form.again.setText("my own light 2026")
    with qtbot.waitSignal(start.connect_server) as heard:
        form.submit()
    assert (heard.args[0].password, heard.args[0].new_password) == ("light-and-shade", "my own light 2026")
    assert "my own light" not in repr(heard.args[0])
    form.forget()
    assert form.new.text() == form.again.text() == ""


def test_an_unknown_certificate_asks_for_the_companys_authority(qtbot: Any, start: StartWindow, tmp_path: Path) -> None:
    form = connecting(start)
    assert not form.authority.isVisibleTo(form)
    form.submit()
    start.show_welcome()
    start.show_error(EnvironmentProblem("network.tls", url="https://x"))
    assert form.authority.isVisibleTo(form)
    form.authority.setText(str(tmp_path / "ca.pem"))
    with qtbot.waitSignal(start.connect_server) as heard:
        form.submit()
    assert heard.args[0].authority == tmp_path / "ca.pem"
    start.show_error(InputError("network.authority", file="ca.pem"))
    assert "证书文件" in server_problem(form, "authority")
