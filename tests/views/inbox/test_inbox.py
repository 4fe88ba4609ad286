"""The inbox: what is said of an entry, what can be done with it by hand and by key, what stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton

from presales_desktop.services import colleagues, customers
from presales_desktop.services.customer_rows import ContactDraft
from presales_desktop.views.inbox.page import InboxPage
from tests.views import sync_fakes
from tests.views.sync_fakes import FakeInbox, FakeLink

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Open = Callable[..., tuple[InboxPage, FakeInbox, FakeLink]]


@pytest.fixture
def open_inbox(ctx: Any, qtbot: Any, settle: Any, monkeypatch: pytest.MonkeyPatch) -> Open:
    def make(*items: Any) -> tuple[InboxPage, FakeInbox, FakeLink]:
        kept = FakeInbox(monkeypatch, *items)
        _desk, link = sync_fakes.desk_for(ctx)
        page = InboxPage(ctx)
        qtbot.addWidget(page)
        page.resize(1166, 700)
        with qtbot.waitActive(page):
            page.show()
            page.activateWindow()
        settle(ctx)
        if items:
            qtbot.waitUntil(lambda: page.detail.item is not None)
        settle(ctx)
        return page, kept, link

    return make


def texts(page: InboxPage) -> list[str]:
    return [label.text() for label in page.detail.labels()]


def press(page: InboxPage, name: str) -> None:
    page.findChild(QPushButton, f"inbox.{name}").click()


def test_a_conflict_reads_like_a_sentence_with_three_columns(open_inbox: Open) -> None:
    page, _, _ = open_inbox(sync_fakes.item(sync_fakes.row(1)))
    said = page.findChild(QLabel, "inbox.sentence").text()
    assert said.startswith("李强 ")
    assert "您 " in said
    shown = texts(page)
    assert [t for t in shown if t in ("我的", "对方的", "原来")] == ["我的", "对方的", "原来"]
    assert {"古镇大酒店", "古镇国际酒店", "古镇酒店"} <= set(shown)
    assert [t.text() for t in page.detail.ticks.values()] == ["客户名称", "备注"]
    assert next(iter(page.detail.buttons)) == "take_theirs"


def test_theirs_is_taken_by_one_key(open_inbox: Open, qtbot: Any) -> None:
    page, kept, link = open_inbox(sync_fakes.item(sync_fakes.row(1)))
    qtbot.keyClick(page, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: kept.settled == [([1], "take_theirs", ())])
    assert "sync_now" not in link.calls


def test_only_ticked_fields_are_submitted_again(open_inbox: Open, qtbot: Any, ctx: Any) -> None:
    page, kept, link = open_inbox(sync_fakes.item(sync_fakes.row(1)))
    page.detail.ticks["name"].setChecked(False)
    qtbot.keyClick(page, Qt.Key.Key_Return, CTRL | SHIFT)
    qtbot.waitUntil(lambda: kept.settled == [([1], "reapply_mine", ("notes",))])
    qtbot.waitUntil(lambda: "sync_now" in link.calls)


def test_nothing_ticked_submits_nothing(open_inbox: Open, ctx: Any) -> None:
    page, kept, _ = open_inbox(sync_fakes.item(sync_fakes.row(1)))
    for tick in page.detail.ticks.values():
        tick.setChecked(False)
    press(page, "reapply_mine")
    assert kept.settled == []
    assert "至少勾选一项" in ctx.nav.toasts[0]


def test_asking_copies_a_ready_message_and_leaves_the_entry_open(open_inbox: Open, ctx: Any) -> None:
    page, kept, _ = open_inbox(sync_fakes.item(sync_fakes.row(1)))
    press(page, "ask_owner")
    said = QGuiApplication.clipboard().text()
    assert said.splitlines()[0] == "李强，您好：客户“古镇酒店 1”我们两人都改了，请帮忙确认以哪个为准。"
    assert "· 客户名称：我的 古镇大酒店，您的 古镇国际酒店" in said
    assert said.endswith("王敏")
    assert kept.settled == []


def test_all_of_one_save_are_settled_at_once(open_inbox: Open, qtbot: Any) -> None:
    entries = [sync_fakes.item(sync_fakes.row(n, commit="plan")) for n in (1, 2, 3)]
    page, kept, _ = open_inbox(*entries, sync_fakes.item(sync_fakes.row(4, commit="other")))
    qtbot.waitUntil(lambda: page.findChild(QPushButton, "inbox.all.take_theirs") is not None)
    press(page, "all.take_theirs")
    qtbot.waitUntil(lambda: kept.settled == [([1, 2, 3], "take_theirs", ())])


def test_selected_rows_are_settled_after_a_question(open_inbox: Open, qtbot: Any) -> None:
    page, kept, _ = open_inbox(*(sync_fakes.item(sync_fakes.row(n, commit=str(n))) for n in (1, 2, 3)))
    page.list.table.selectAll()
    action = page.list.spec.actions[0]
    page.list.run_action(action)
    qtbot.waitUntil(lambda: page.findChild(QPushButton, "danger.confirm") is not None)
    assert kept.settled == []
    page.findChild(QPushButton, "danger.confirm").click()
    qtbot.waitUntil(lambda: kept.settled == [([1, 2, 3], "take_theirs", ())])


def test_a_refusal_says_why_and_shows_what_can_be_entered_again(open_inbox: Open) -> None:
    entry = sync_fakes.row(1, "rejected", code="sync.not_allowed")
    page, _, _ = open_inbox(sync_fakes.item(entry, choices=("settle", "reapply_mine", "edit", "ask_owner")))
    assert page.findChild(QLabel, "inbox.reason").text() == "您没有权限做这项修改。"
    assert "没有接受" in page.findChild(QLabel, "inbox.sentence").text()
    assert "对方的" not in texts(page)
    assert "古镇大酒店" in texts(page)


def test_settled_entries_stay_to_be_read(open_inbox: Open, qtbot: Any, settle: Any, ctx: Any) -> None:
    page, kept, _ = open_inbox(sync_fakes.item(sync_fakes.row(1)))
    press(page, "take_theirs")
    qtbot.waitUntil(lambda: bool(kept.settled))
    settle(ctx)
    qtbot.waitUntil(lambda: page.detail.item is None)
    page.list.show_view(1)
    qtbot.waitUntil(lambda: page.detail.item is not None and page.detail.item.row.state == "settled")
    assert page.detail.buttons == {}
    assert page.steps() == []


def test_a_part_opens_its_whole(open_inbox: Open, ctx: Any, run: Any, qtbot: Any) -> None:
    draft = run("sales", customers.new_draft, {"name": "古镇酒店", "contacts": []})
    draft.contacts.append(ContactDraft(name="李经理", phone="13800000000"))
    customer = run("sales", customers.save, draft)
    contact = run("sales", customers.load, customer).contacts[0].id
    assert run("sales", colleagues.whole_of, "contact", contact) == ("customer", customer)
    entry = sync_fakes.row(1, record_kind="contact", record_id=contact)
    page, _, _ = open_inbox(sync_fakes.item(entry))
    qtbot.keyClick(page, Qt.Key.Key_E, CTRL)
    qtbot.waitUntil(lambda: ctx.nav.opened == [("customer", customer)])


def test_an_empty_inbox_says_what_comes_here(open_inbox: Open) -> None:
    page, _, _ = open_inbox()
    assert page.detail.item is None
    assert "没有需要您决定的事" in [label.text() for label in page.list.findChildren(QLabel)]
