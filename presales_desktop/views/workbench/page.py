"""工作台: what I owe today, what others owe me, my pipeline, this week. Every line opens its record with Enter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from presales_desktop.services import workbench
from presales_desktop.services.work import ChangeSet
from presales_desktop.services.workbench import PhaseSum, Task, Workbench
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import events, jobs, tokens
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.basics import Elided, button, clear, frame, icon_label, line, row, words
from presales_desktop.views.kit.charts import Funnel, FunnelStage
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.key_figures import Figure, KeyFigures
from presales_desktop.views.kit.row_button import RowButton
from presales_desktop.views.kit.states import Chip, ErrorState, LoadingBar

_NARROW = 980
_FIRST = 8
_DUE_WIDTH = 92


def what(task: Task) -> str:
    """What is to be done, in words."""
    if task.action == "manual":
        return task.text
    if task.action == "quote_expiring":
        return tr("报价快到期，跟进或延期")
    return lookup.choice("case", "next_action", task.action)


class TaskList(QFrame):
    """A titled panel of tasks; the rest unfolds."""

    def __init__(self, ctx: ViewContext, title: str, empty: str, name: str, *, others: bool = False) -> None:
        super().__init__()
        self._ctx, self._others = ctx, others
        self.setProperty("look", "panel")
        self.setObjectName(name)
        self.tasks: tuple[Task, ...] = ()
        self.rows: list[RowButton] = []
        self._all = False
        self._today = dt.date.min
        self._empty_text = empty
        self._count = words("", "faint")
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._more = button("", self._show_all, look="link", name=f"{name}.more")
        inner = QVBoxLayout(self)
        inner.setContentsMargins(12, 12, 12, 10)
        inner.setSpacing(6)
        inner.addLayout(row(words(title, "section"), self._count, None, margins=(6, 0, 6, 0)))
        inner.addLayout(self._list)
        inner.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        inner.addStretch(1)

    def set_tasks(self, tasks: Sequence[Task], today: dt.date) -> None:
        """Show TASKS."""
        self.tasks = tuple(tasks)
        self._today = today
        self._fill()

    def _show_all(self) -> None:
        self._all = True
        self._fill()

    def _fill(self) -> None:
        clear(self._list)
        self._count.setText(str(len(self.tasks)) if self.tasks else "")
        shown = self.tasks if self._all else self.tasks[:_FIRST]
        self._more.setVisible(len(shown) < len(self.tasks))
        self._more.setText(tr("显示全部 {n} 项", n=len(self.tasks)))
        if not self.tasks:
            empty = words(self._empty_text, "secondary", wrap=True)
            empty.setContentsMargins(6, 4, 6, 8)
            self._list.addWidget(empty)
        self.rows = [self._row(task) for task in shown]
        for each in self.rows:
            self._list.addWidget(each)

    def _row(self, task: Task) -> RowButton:
        made = RowButton(f"{what(task)} {task.title} {task.customer}", lambda: self._ctx.nav.open(task.kind, task.id))
        made.setObjectName(f"task.{task.kind}")
        inner = QHBoxLayout(made)
        inner.setContentsMargins(6, 5, 6, 5)
        inner.setSpacing(10)
        tone = {"bad": "bad", "amber": "amber"}.get(task.tone, "secondary")
        inner.addWidget(icon_label(events.kind_icon(task.kind), tokens.ICON, tone), 0, Qt.AlignmentFlag.AlignTop)
        told = QVBoxLayout()
        told.setSpacing(0)
        told.addWidget(Elided(what(task), "strong"))
        told.addWidget(Elided(" · ".join(p for p in (task.title, task.customer) if p), "small"))
        inner.addLayout(told, 1)
        if self._others:
            who = (
                task.person
                if task.who not in ("customer",) and task.person
                else lookup.choice("case", "next_who", task.who)
            )
            inner.addWidget(words(who, "small"))
        elif task.amount_fen:
            inner.addWidget(words(fmt.money_short(task.amount_fen), "small"), 0, Qt.AlignmentFlag.AlignRight)
        said, due_tone = fmt.due(task.due_on, self._today)
        due = QWidget()
        due.setLayout(row(None, Chip(said, due_tone)) if said else row())
        due.setMinimumWidth(_DUE_WIDTH)
        inner.addWidget(due)
        return made


class WorkbenchPage(QWidget):
    """The page; loads when it is shown and after every change. `settled`: it shows what was read, or why it could not be."""

    settled = Signal()

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__()
        self.ctx = ctx
        self.setObjectName("workbench")
        self.setWindowTitle(tr("工作台"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.found: Workbench | None = None
        self._stale = True
        self._loading = LoadingBar()
        self._error = ErrorState()
        self._error.retry.connect(self.reload)
        self._error.hide()
        self._later = QTimer(self, singleShot=True, interval=200)
        self._later.timeout.connect(self.reload)
        self._build()
        ctx.bus.changed.connect(self._changed)

    def _build(self) -> None:
        self._greeting = words(tr("{name}，您好", name=self.ctx.actor.name), "title")
        self._day = words("", "secondary")
        self.owed = TaskList(
            self.ctx, tr("今天要做"), tr("没有等着您的事。可以看看管道，或用 Ctrl+N 新建一个项目。"), "workbench.owed"
        )
        self.others = TaskList(self.ctx, tr("等别人"), tr("没有在等别人的事。"), "workbench.others", others=True)
        self.team = TaskList(self.ctx, tr("团队逾期"), "", "workbench.team", others=True)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(tokens.GAP)
        left, right = QVBoxLayout(), QVBoxLayout()
        for part in (left, right):
            part.setSpacing(tokens.GAP)
        left.addWidget(self.owed)
        left.addWidget(self.team)
        left.addWidget(self.others)
        left.addStretch(1)
        right.addWidget(self._pipeline_panel())
        right.addWidget(self._week_panel())
        right.addStretch(1)
        self._columns.addLayout(left, 11)
        self._columns.addLayout(right, 9)
        self._body = QWidget()
        inner = QVBoxLayout(self._body)
        inner.setContentsMargins(tokens.MARGIN, 16, tokens.MARGIN, tokens.MARGIN)
        inner.setSpacing(14)
        inner.addLayout(row(self._greeting, None, self._day))
        inner.addLayout(self._columns)
        inner.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self._body)
        self._area = area
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._loading)
        whole.addWidget(area, 1)
        whole.addWidget(self._error, 1)

    def _pipeline_panel(self) -> QWidget:
        made = frame("panel")
        self._pipeline_title = words("", "section")
        self._figures = KeyFigures()
        self.funnel = Funnel(title=tr("项目管道"))
        self.funnel.chosen.connect(lambda phase: self.ctx.nav.list("cases", phase=phase))
        inner = QVBoxLayout(made)
        inner.setContentsMargins(18, 12, 18, 14)
        inner.setSpacing(10)
        inner.addWidget(self._pipeline_title)
        inner.addWidget(self._figures)
        inner.addWidget(line())
        inner.addWidget(self.funnel)
        return made

    def _week_panel(self) -> QWidget:
        made = frame("panel")
        self._week_span = words("", "faint")
        self._week = KeyFigures()
        inner = QVBoxLayout(made)
        inner.setContentsMargins(18, 12, 18, 14)
        inner.setSpacing(8)
        inner.addLayout(row(words(tr("本周"), "section"), self._week_span, None))
        inner.addWidget(self._week)
        return made

    # --- loading -----------------------------------------------------------------------------------------------------
    def showEvent(self, event: QShowEvent) -> None:
        """What changed while another page was shown is read now."""
        super().showEvent(event)
        if self._stale:
            self.reload()

    def first_focus(self) -> None:
        """The keyboard starts at the most urgent task; without one on the page itself."""
        rows = [*self.owed.rows, *self.team.rows, *self.others.rows]
        (rows[0] if rows else self).setFocus(Qt.FocusReason.OtherFocusReason)

    def _changed(self, _changes: ChangeSet, _initiator: object) -> None:
        self._stale = True
        if self.isVisible():
            self._later.start()

    def reload(self) -> None:
        """Read again."""
        self._stale = False
        self._loading.start()
        jobs.start(self, self._load(), failed=self._failed)

    async def _load(self) -> None:
        found = await self.ctx.db.run(workbench.today)
        self._loading.stop()
        self._show(found)
        self.settled.emit()

    def _failed(self, error: BaseException) -> None:
        self._loading.stop()
        self._area.hide()
        self._error.set_text(tr("工作台的数据没有读出来。请重试；如果还不行，请重启程序。"))
        self._error.show()
        self.ctx.nav.show_error(error, self)
        self.settled.emit()

    def _show(self, found: Workbench) -> None:
        at_home = self.hasFocus()
        self.found = found
        self._error.hide()
        self._area.show()
        self._day.setText(fmt.day(found.today))
        self.owed.set_tasks(found.owed, found.today)
        self.team.set_tasks(found.team_late, found.today)
        self.team.setVisible(bool(found.team_late))
        self.others.set_tasks(found.waiting_for_others, found.today)
        self.others.setVisible(bool(found.waiting_for_others) or found.mine)
        self._show_pipeline(found.pipeline, mine=found.mine)
        week = found.week
        self._week_span.setText(f"{week.first:%m-%d} – {week.last:%m-%d}")
        self._week.set_figures(
            [
                Figure(str(week.new_cases), tr("新项目")),
                Figure(str(week.sent), tr("已发报价"), note=fmt.money_short(week.sent_fen) if week.sent else ""),
                Figure(
                    str(week.signed),
                    tr("签订合同"),
                    "good" if week.signed else "",
                    fmt.money_short(week.signed_fen) if week.signed else "",
                ),
            ]
        )

        if at_home:
            self.first_focus()

    def _show_pipeline(self, sums: Sequence[PhaseSum], *, mine: bool) -> None:
        self._pipeline_title.setText(tr("我的项目管道") if mine else tr("公司项目管道"))
        widest = max((s.amount_fen for s in sums), default=0) or 1
        self.funnel.set_stages(
            [
                FunnelStage(
                    s.phase, lookup.choice("case", "phase", s.phase), s.count,
                    fmt.money_short(s.amount_fen) if s.amount_fen else "—", s.amount_fen / widest,
                )
                for s in sums
            ]
        )  # fmt: skip
        total = sum(s.amount_fen for s in sums)
        late = sum(1 for t in self.owed.tasks if t.tone == "bad")
        self._figures.set_figures(
            [
                Figure(fmt.money_short(total), tr("进行中金额")),
                Figure(str(sum(s.count for s in sums)), tr("进行中项目")),
                Figure(str(late), tr("我逾期的"), "bad" if late else ""),
            ]
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side when there is room, else one under the other."""
        super().resizeEvent(event)
        wide = self.width() >= _NARROW
        side = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._columns.direction() != side:
            self._columns.setDirection(side)
