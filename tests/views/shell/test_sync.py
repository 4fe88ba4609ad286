"""The corner, the sync centre and the way to them, on a link without a server."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton

from presales_desktop.services import users
from presales_desktop.services.syncing import Round
from presales_desktop.views.kit import sync_desk, theme
from presales_desktop.views.shell.main_window import MainWindow
from presales_desktop.views.shell.places import Place
from presales_desktop.views.shell.sync_centre import SyncCentre
from tests.views import sync_fakes
from tests.views.shell.conftest import FEATURES
from tests.views.sync_fakes import FakeInbox, FakeLink

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> FakeInbox:
    return FakeInbox(monkeypatch, sync_fakes.item(sync_fakes.row(1)))


@pytest.fixture
def connected(qtbot: Any, qapp: QApplication, make_ctx: Any, inbox: FakeInbox) -> tuple[MainWindow, FakeLink]:
    theme.apply(qapp, "light")
    ctx = make_ctx("sales")
    _desk, link = sync_fakes.desk_for(ctx)
    window = MainWindow(ctx, FEATURES, "灯港")
    qtbot.addWidget(window)
    window.resize(1366, 768)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    return window, link


def corner(window: MainWindow) -> str:
    assert window.top.sync_button is not None
    return window.top.sync_button.text().strip()


def centre(window: MainWindow) -> SyncCentre:
    window.pages.go(Place("page", "sync"))
    page = window.pages.page
    assert isinstance(page, SyncCentre)
    return page


def test_the_corner_says_how_it_stands_in_words(connected: tuple[MainWindow, FakeLink], qtbot: Any) -> None:
    window, link = connected
    assert corner(window) == "已同步"
    link.say(state="offline", waiting=3)
    qtbot.waitUntil(lambda: corner(window) == "离线 · 3 项待上传")
    link.say(state="syncing", waiting=3, done=30, total=120)
    qtbot.waitUntil(lambda: corner(window) == "正在同步 25%")
    link.say(state="needs_you", inbox=2, waiting=0)
    qtbot.waitUntil(lambda: corner(window) == "2 项需要处理")
    qtbot.waitUntil(lambda: window.rail.buttons["inbox"].count == 2)


def test_a_workspace_of_its_own_has_neither_inbox_nor_centre(window: MainWindow) -> None:
    assert window.top.sync_button is None
    assert "inbox" not in window.rail.buttons
    assert not [c for c in window.commands() if c.key.startswith("sync")]


def test_keys_and_palette_lead_there(connected: tuple[MainWindow, FakeLink], qtbot: Any) -> None:
    window, link = connected
    qtbot.keyClick(window, Qt.Key.Key_Y, CTRL | SHIFT)
    assert window.pages.page.objectName() == "sync.centre"
    qtbot.keyClick(window, Qt.Key.Key_U, CTRL | SHIFT)
    assert link.calls == ["sync_now"]
    qtbot.keyClick(window, Qt.Key.Key_0, Qt.KeyboardModifier.AltModifier)
    assert window.pages.page.objectName() == "inbox"
    assert {"inbox", "sync", "sync.now"} <= {c.key for c in window.commands()}


def test_the_centre_tells_state_facts_and_rounds(
    connected: tuple[MainWindow, FakeLink], inbox: FakeInbox, qtbot: Any
) -> None:
    window, link = connected
    inbox.rounds = (
        Round(sync_fakes.NOW, 12, 340, 2048, 40960, 87, ""),
        Round(sync_fakes.NOW, 0, 0, 0, 0, 10000, "network.offline"),
    )
    page = centre(window)
    qtbot.waitUntil(lambda: page.table.rowCount() == 2)
    cells = [page.table.item(0, i).text() for i in range(7)]
    assert cells[1:3] == ["12", "340"]
    assert cells[5:] == ["87 毫秒", "完成"]
    assert "连不上服务器 https://sync.dengang.example" in page.table.item(1, 6).text()
    assert page.findChild(QLabel, "sync.organisation").text() == "中山市灯港照明科技有限公司"
    assert page.findChild(QLabel, "sync.device_no").text() == "第 7 号设备"
    link.say(state="waiting", waiting=5, files=2)
    qtbot.waitUntil(lambda: page.findChild(QLabel, "sync.sentence").text() == "有 5 项修改等着上传。")
    assert page.findChild(QLabel, "sync.files").text() == "2"


def test_being_offline_is_no_error(connected: tuple[MainWindow, FakeLink], qtbot: Any) -> None:
    window, link = connected
    page = centre(window)
    link.say(state="offline", error_code="network.offline", error_params={"url": "x"})
    qtbot.waitUntil(lambda: "照常工作" in page.findChild(QLabel, "sync.sentence").text())
    assert page.findChild(QLabel, "sync.problem").isHidden()
    link.say(error_code="network.tls", error_params={"url": "https://x"})
    qtbot.waitUntil(lambda: "证书无法验证" in page.findChild(QLabel, "sync.problem").text())
    assert not page.findChild(QLabel, "sync.problem").isHidden()


def test_logging_in_again_happens_in_the_page_and_keeps_no_password(
    connected: tuple[MainWindow, FakeLink], qtbot: Any
) -> None:
    window, link = connected
    page = centre(window)
    assert page.login_panel.isHidden()
    link.say(state="needs_login", error_code="token.reused")
    qtbot.waitUntil(lambda: not page.login_panel.isHidden())
    edit = page.findChild(QLineEdit, "sync.password")
    assert edit.echoMode() is QLineEdit.EchoMode.Password
    edit.setFocus()
    qtbot.keyClicks(edit, "wrong")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    problem = page.findChild(QLabel, "sync.login.problem")
    qtbot.waitUntil(lambda: not problem.isHidden())
    assert problem.text() == "用户名或密码不对。"
    assert edit.selectedText() == "wrong"
    qtbot.keyClicks(edit, link.right_password)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.login_panel.isHidden())
    assert link.calls[-1] == "login"
    assert edit.text() == ""


def test_a_mass_delete_is_asked_in_place(connected: tuple[MainWindow, FakeLink], qtbot: Any) -> None:
    window, link = connected
    page = centre(window)
    link.say(
        state="needs_you", error_code="sync.mass_delete", error_params={"count": 812, "kinds": ["customer", "quote"]}
    )
    qtbot.waitUntil(lambda: not page.guard.isHidden())
    said = [label.text() for label in page.guard.findChildren(QLabel)]
    assert any("812" in text and "客户、报价单" in text for text in said)
    assert "confirm_deletes" not in link.calls
    page.findChild(QPushButton, "sync.confirm_deletes").click()
    assert link.calls == ["confirm_deletes"]
    assert page.guard.isHidden()


def test_what_arrives_is_told_to_the_pages_once(connected: tuple[MainWindow, FakeLink], qtbot: Any, run: Any) -> None:
    window, link = connected
    heard: list[Any] = []
    window.ctx.bus.changed.connect(lambda changes, initiator: heard.append((changes.refs, initiator)))
    one, two = run("admin", users.resolve, "wangmin"), run("admin", users.resolve, "liqiang")
    told = threading.Thread(target=lambda: [link.arrive(("user", one)), link.arrive(("user", two))])
    told.start()
    told.join()
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [(frozenset({("user", one), ("user", two)}), window.ctx.bus)]


def test_closing_waits_a_second_for_the_network_at_most(make_ctx: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_desk, "STOP_S", 0.05)
    desk, link = sync_fakes.desk_for(make_ctx("sales"))
    released = threading.Event()
    link.hold = lambda: released.wait(20)
    since = time.monotonic()
    desk.close()
    assert time.monotonic() - since < 5
    released.set()
    desk.close()
    assert link.calls == ["stop"]


def test_a_password_given_by_the_administrator_is_replaced_in_the_page(
    connected: tuple[MainWindow, FakeLink], qtbot: Any
) -> None:
    window, link = connected
    page = centre(window)
    link.say(state="needs_login", error_code="token.revoked")
    qtbot.waitUntil(lambda: not page.login_panel.isHidden())
    edit, new = (page.findChild(QLineEdit, f"sync.{name}") for name in ("password", "new_password"))
    assert new.isHidden()
    qtbot.keyClicks(edit, link.initial_password)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not new.isHidden())
    assert edit.text() == link.initial_password
    qtbot.keyClicks(new, "short")
    qtbot.keyClick(new, Qt.Key.Key_Return)
    assert "太短" in page.findChild(QLabel, "sync.login.problem").text()
    new.clear()
    qtbot.keyClicks(new, "my own light 2026")
    qtbot.keyClick(new, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.login_panel.isHidden())
    assert new.isHidden()
    assert edit.text() == new.text() == ""
