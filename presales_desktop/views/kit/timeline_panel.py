"""The history of a record, newest first, grouped by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from presales_desktop.models.values import shanghai_day
from presales_desktop.services import timeline
from presales_desktop.services.timeline import TimelineRow
from presales_desktop.services.work import ChangeSet
from presales_desktop.texts import language, lookup, tr
from presales_desktop.views.kit import events, jobs
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.basics import Elided, button, clear, column, icon_label, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.side_panel import SidePanel

_FIRST = 12


class TimelinePanel(SidePanel):
    """`load(kind, id)` reads the journal; it reads again when the record, or for wholes anything, changes."""

    def __init__(self, ctx: ViewContext, title: str = "") -> None:
        super().__init__(title or tr("时间线"), key="timeline")
        self._ctx = ctx
        self._of: tuple[str, UUID] | None = None
        self._all = False
        self._rows: tuple[TimelineRow, ...] = ()
        self._note = words(tr("还没有记录。保存之后，每一步都会记在这里。"), "small", wrap=True)
        self._list = column(gap=2)
        self._more = button("", self._show_all, look="link", name="timeline.more")
        self._more.hide()
        self.body.addWidget(self._note)
        self.body.addLayout(self._list)
        self.body.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        ctx.bus.changed.connect(self._changed)

    def load(self, kind: str, record_id: UUID) -> None:
        """Show the history of a record."""
        self._of = (kind, record_id)
        jobs.start(self, self._read(), failed=self._failed)

    @property
    def rows(self) -> tuple[TimelineRow, ...]:
        """What it shows."""
        return self._rows

    async def _read(self) -> None:
        assert self._of is not None
        asked = self._of
        rows = await self._ctx.db.run(timeline.of, *asked)
        if asked == self._of:
            self.set_rows(rows)

    def _failed(self, error: BaseException) -> None:
        self._note.setText(tr("历史没有读出来，请稍后重试。"))
        self._note.show()
        jobs.report(error)

    def _changed(self, changes: ChangeSet, _initiator: object) -> None:
        if self._of is not None and (self._of in changes.refs or self._of[0] in ("customer", "case")):
            self.load(*self._of)

    def _show_all(self) -> None:
        self._all = True
        self.set_rows(self._rows)

    def set_rows(self, rows: Sequence[TimelineRow]) -> None:
        """Show ROWS, newest first."""
        self._rows = tuple(rows)
        clear(self._list)
        self._note.setVisible(not rows)
        shown = self._rows if self._all else self._rows[:_FIRST]
        day: dt.date | None = None
        for each in shown:
            if shanghai_day(each.at) != day:
                day = shanghai_day(each.at)
                self._list.addWidget(words(fmt.day(day), "faint"))
            self._list.addWidget(self._row(each))
        self._more.setVisible(len(shown) < len(rows))
        self._more.setText(tr("显示全部 {n} 条", n=len(rows)))

    def _row(self, each: TimelineRow) -> QWidget:
        said, icon, tone = events.event(each.kind, each.action)
        holder = QWidget()
        whole = QHBoxLayout(holder)
        whole.setContentsMargins(0, 2, 0, 4)
        whole.setSpacing(8)
        whole.addWidget(icon_label(icon, 16, tone if tone != "neutral" else "faint"), 0, Qt.AlignmentFlag.AlignTop)
        inner = QVBoxLayout()
        inner.setSpacing(0)
        if language() == "en":
            said = said[:1].lower() + said[1:] if self._of and each.kind != self._of[0] else said
        what = f"{lookup.kind_title(each.kind)} {said}" if self._of and each.kind != self._of[0] else said
        inner.addLayout(row(Elided(f"{each.actor} · {what}"), words(fmt.clock(each.at), "faint"), gap=6))
        if self._of and each.subject_id != self._of[1] and each.title:
            link = button(each.title, lambda: self._ctx.nav.open(each.kind, each.subject_id), look="link")
            link.setStyleSheet("text-align: left; padding: 0; min-height: 20px;")
            inner.addWidget(link)
        detail = events.event_detail(each.kind, each.detail)
        if detail:
            inner.addWidget(words(detail, "small", wrap=True, selectable=True))
        whole.addLayout(inner, 1)
        return holder
