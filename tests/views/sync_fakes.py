"""A link without a server, and an inbox in memory: what the window's side of sync is tested with."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from presales_desktop.models.errors import EnvironmentProblem, UserError
from presales_desktop.services import syncing
from presales_desktop.services.listing import ListQuery, Page
from presales_desktop.services.syncing import InboxField, InboxItem, InboxRow, Round, SyncStatus
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.sync_desk import SyncDesk

NOW = dt.datetime(2026, 11, 23, 2, 12, tzinfo=dt.UTC)
UP_TO_DATE = SyncStatus(
    state="up_to_date", waiting=0, inbox=0, files=0, url="https://sync.dengang.example", organisation="中山市灯港照明科技有限公司",
    login="wangmin", device_no=7, last_at=NOW, error_code="", error_params={}, done=0, total=0,
)  # fmt: skip


class FakeLink:
    """Does what a Link does as far as the window sees it; `say` and `arrive` stand for its thread."""

    def __init__(self) -> None:
        self.on_status: Callable[[SyncStatus], None] = lambda status: None
        self.on_changes: Callable[[Any], None] = lambda refs: None
        self.status = UP_TO_DATE
        self.calls: list[str] = []
        self.passwords: list[str] = []
        self.right_password = "light-and-shade"
        self.initial_password = "first-light-of-all"
        self.hold: Callable[[], object] = lambda: None

    def say(self, **values: Any) -> None:
        """A new status."""
        self.status = dataclasses.replace(self.status, **values)
        self.on_status(self.status)

    def arrive(self, *refs: tuple[str, UUID]) -> None:
        """Rows came from elsewhere."""
        self.on_changes(frozenset(refs))

    def start(self) -> None:
        self.calls.append("start")

    def stop(self) -> None:
        self.calls.append("stop")
        self.hold()

    def sync_now(self) -> None:
        self.calls.append("sync_now")

    def confirm_deletes(self) -> None:
        self.calls.append("confirm_deletes")

    def login(self, password: str, new_password: str = "") -> None:
        if password == self.initial_password and not new_password:
            raise UserError("account.must_change", login="wangmin")
        if password not in (self.right_password, self.initial_password):
            raise EnvironmentProblem("account.password_wrong")
        self.calls.append("login")
        self.say(state="up_to_date", error_code="")


def desk_for(ctx: ViewContext) -> tuple[SyncDesk, FakeLink]:
    """A desk with a fake link, put into CTX."""
    link = FakeLink()
    ctx.sync = SyncDesk(ctx.bus, ctx.pool, link)
    return ctx.sync, link


def row(n: int, kind: str = "conflict", commit: str = "c1", **more: Any) -> InboxRow:
    """An entry."""
    values: dict[str, Any] = {
        "id": n, "kind": kind, "record_kind": "customer", "record_id": UUID(int=n), "title": f"古镇酒店 {n}", "code": "",
        "params": {}, "at": NOW, "theirs_by": "李强", "fields": 2, "commit": commit, "state": "open", **more,
    }  # fmt: skip
    return InboxRow(**values)


def item(entry: InboxRow, **more: Any) -> InboxItem:
    """Both sides of an entry."""
    values: dict[str, Any] = {
        "row": entry,
        "fields": (
            InboxField("name", "古镇大酒店", "古镇国际酒店", "古镇酒店"),
            InboxField("notes", "请周五前报价", "", ""),
        ),
        "op": "set", "gone": False, "mine_at": NOW, "mine_by": "王敏", "theirs_at": NOW - dt.timedelta(minutes=50),
        "choices": ("take_theirs", "reapply_mine", "edit", "ask_owner"), **more,
    }  # fmt: skip
    return InboxItem(**values)


class FakeInbox:
    """Entries in memory in place of the database's; `settled` tells what was asked."""

    def __init__(self, monkeypatch: Any, *entries: InboxItem) -> None:
        self.items = {entry.row.id: entry for entry in entries}
        self.settled: list[tuple[list[int], str, tuple[str, ...]]] = []
        self.rounds: tuple[Round, ...] = ()
        monkeypatch.setattr(syncing, "list_inbox", self.list_inbox)
        monkeypatch.setattr(syncing, "show_inbox", self.show_inbox)
        monkeypatch.setattr(syncing, "settle", self.settle)
        monkeypatch.setattr(syncing, "of_commit", self.of_commit)
        monkeypatch.setattr(syncing, "history", lambda work, limit=100: self.rounds)

    def list_inbox(self, work: Any, query: ListQuery) -> Page[InboxRow]:
        found = [entry.row for entry in self.items.values()]
        for name, value in query.filters:
            found = [each for each in found if str(getattr(each, name)) == value]
        return Page(tuple(found[query.offset : query.offset + query.limit]), len(found), query.offset)

    def of_commit(self, work: Any, commit: str) -> tuple[int, ...]:
        rows = [entry.row for entry in self.items.values()]
        return tuple(each.id for each in rows if each.commit == commit and each.state == "open")

    def show_inbox(self, work: Any, entry: int) -> InboxItem:
        return self.items[entry]

    def settle(self, work: Any, ids: Sequence[int], choice: str, fields: Sequence[str] = ()) -> None:
        self.settled.append((list(ids), choice, tuple(fields)))
        for n in ids:
            old = self.items[n]
            self.items[n] = dataclasses.replace(old, row=dataclasses.replace(old.row, state="settled"))
