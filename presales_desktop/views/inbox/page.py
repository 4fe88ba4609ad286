"""The inbox: entries at the left, mine and theirs of the chosen one at the right. Nothing in it expires."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSplitter, QWidget

from presales_desktop.services import colleagues, syncing
from presales_desktop.texts import lookup, tr
from presales_desktop.views.inbox import words as said
from presales_desktop.views.inbox.detail import KEYS, InboxDetail
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit import jobs, shortcuts
from presales_desktop.views.kit.basics import column
from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import confirm_danger
from presales_desktop.views.kit.editor_parts import Step
from presales_desktop.views.kit.list_page import EmptyText, FilterChoice, ListAction, ListPage, ListSpec, SavedView
from presales_desktop.views.kit.states import ErrorBar

if TYPE_CHECKING:
    from presales_desktop.services.syncing import InboxRow

_SHOW_MS = 60


class InboxPage(QWidget):
    """See the module."""

    title_changed = Signal(str)

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__()
        self.ctx = ctx
        self.setObjectName("inbox")
        self.setWindowTitle(tr("收件箱"))
        self.error_bar = ErrorBar()
        self.list = ListPage(ctx, self._spec())
        self.detail = InboxDetail(ctx)
        self.detail.chosen.connect(self._choose)
        self.detail.whole.connect(self._choose_whole)
        self.detail.open_record.connect(self.open_record)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.list)
        self._split.addWidget(self.detail)
        self._split.setSizes([430, 720])
        self._split.setStretchFactor(1, 1)
        self.setLayout(column(self.error_bar, self._split, gap=0))
        self._later = QTimer(self, singleShot=True, interval=_SHOW_MS)
        self._later.timeout.connect(self._show_current)
        self.list.table.current_changed.connect(lambda _row: self._later.start())
        self.list.model.loaded.connect(self._later.start)
        if ctx.sync is not None:
            ctx.sync.changed.connect(self._status_changed)
            self._count = ctx.sync.status.inbox
        for choice, key in KEYS.items():
            title = tr(said.CHOICES[choice][0])
            shortcuts.register(self, key, title, partial(self.detail.choose, choice))

    def _spec(self) -> ListSpec:
        return ListSpec(
            key="inbox",
            kind="inbox",
            title="收件箱",
            icon="inbox",
            columns=(
                Column("kind", "类别", 104, chip=said.chip, sortable=False),
                Column(
                    "title", "记录", 200, strong=True, stretch=True, sortable=False,
                    text=lambda r: r.title or lookup.kind_title(r.record_kind),
                    detail=lambda r: lookup.kind_title(r.record_kind) if r.title else "",
                ),
                Column("at", "何时", 96, format=formats.ago, tone=lambda r: "secondary"),
            ),
            query=syncing.list_inbox,
            views=(SavedView("待处理", (("state", "open"),), "-at"), SavedView("已处理", (("state", "settled"),), "-at")),
            filters=(FilterChoice("kind", "类别", tuple((key, word) for key, (word, _) in said.KINDS.items())),),
            empty=EmptyText("inbox", "没有需要您决定的事", "两个人改了同一处，或服务器退回了您的修改时，会出现在这里，不会过期。"),
            actions=(
                ListAction("采用对方", "check", partial(self._settle_rows, "take_theirs")),
                ListAction("重新提交我的", "rotate-ccw", partial(self._settle_rows, "reapply_mine")),
                ListAction("知道了", "circle-check", partial(self._settle_rows, "settle")),
            ),
            open=lambda _row: self.open_record(),
        )  # fmt: skip

    # showing

    def first_focus(self) -> QWidget:
        """The list: arrows walk through the entries."""
        return self.list.table

    def reload(self) -> None:
        """Read again."""
        self.list.reload()

    def steps(self) -> list[Step]:
        """For the palette: what can be done with the chosen entry."""
        item = self.detail.item
        if item is None or item.row.state == "settled":
            return []
        return [
            Step(action=name, title=tr(verb), callback=partial(self.detail.choose, name), primary=name == "take_theirs")
            for name, (verb, _) in said.CHOICES.items()
            if name in item.choices
        ]

    def _status_changed(self, status: Any) -> None:
        if status.inbox != self._count:
            self._count = status.inbox
            self.list.model.refresh()

    def _show_current(self) -> None:
        row = self.list.table.current_row()
        if row is None:
            self.detail.show_item(None)
            return
        jobs.start(self, self._show(row.id))

    async def _show(self, entry: int) -> None:
        item = await self.ctx.db.run(syncing.show_inbox, entry)
        current = self.list.table.current_row()
        if current is None or current.id != entry:
            return
        if self.detail.item != item:
            self.detail.show_item(item)
        company = await self._company(item.row)
        if self.detail.item == item:
            self.detail.show_company(len(company))

    async def _company(self, row: InboxRow) -> Sequence[int]:
        """Open entries that came of the same save."""
        return await self.ctx.db.run(syncing.of_commit, row.commit) if row.commit else (row.id,)

    # doing

    def _choose(self, choice: str, names: Sequence[str]) -> None:
        item = self.detail.item
        if item is None:
            return
        if choice == "edit":
            self.open_record()
        elif choice == "ask_owner":
            QGuiApplication.clipboard().setText(said.message(item, self.detail.fields, self.ctx.actor.name))
            self.ctx.nav.toast(tr("说明已复制，可以粘贴到微信或邮件里。"), tone="good")
        else:
            jobs.start(self, self._settle([item.row.id], choice, names))

    def _choose_whole(self, choice: str) -> None:
        if self.detail.item is not None:
            jobs.start(self, self._settle_whole(self.detail.item.row, choice))

    async def _settle_whole(self, row: InboxRow, choice: str) -> None:
        await self._settle(await self._company(row), choice)

    async def _settle_rows(self, choice: str, rows: Sequence[InboxRow]) -> None:
        open_rows = [row for row in rows if row.state != "settled"]
        if len(open_rows) > 1 and choice != "settle":
            verb = tr(said.CHOICES[choice][0])
            said_so = tr("对选中的 {n} 项都这样处理：{what}", n=len(open_rows), what=tr(said.CHOICES[choice][1]))
            if not await confirm_danger(self, verb, said_so, verb):
                return
        await self._settle([row.id for row in open_rows], choice)

    async def _settle(self, ids: Sequence[int], choice: str, names: Sequence[str] = ()) -> None:
        if not ids:
            return
        await self.ctx.db.run(syncing.settle, list(ids), choice, tuple(names), initiator=self)
        self.list.model.refresh()
        self.ctx.nav.toast(tr("已处理 {n} 项。", n=len(ids)), tone="good")
        if choice == "reapply_mine" and self.ctx.sync is not None:
            self.ctx.sync.sync_now()

    def open_record(self) -> None:
        """The record's own editor; a part opens its whole."""
        item = self.detail.item
        if item is not None and not item.gone:
            jobs.start(self, self._open_record(item.row))

    async def _open_record(self, row: InboxRow) -> None:
        whole = await self.ctx.db.run(colleagues.whole_of, row.record_kind, row.record_id)
        if whole is None:
            self.ctx.nav.toast(tr("这条{kind}已不在本机。", kind=lookup.kind_noun(row.record_kind)))
        else:
            self.ctx.nav.open(*whole)
