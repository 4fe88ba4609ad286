"""What stands in the right column of an editor: collapsible panels, approvals, related records, key figures.

TimelinePanel, FilesPanel and KeyFigures live in modules of their own and are offered here, too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLayout, QWidget

from presales_desktop.texts import tr
from presales_desktop.views.kit import events, tokens
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.basics import Elided, clear, column, icon_label, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.files_panel import FilesPanel
from presales_desktop.views.kit.key_figures import Figure, KeyFigures
from presales_desktop.views.kit.row_button import RowButton
from presales_desktop.views.kit.side_panel import SidePanel
from presales_desktop.views.kit.states import Chip
from presales_desktop.views.kit.timeline_panel import TimelinePanel

__all__ = [
    "ApprovalPanel",
    "Figure",
    "FilesPanel",
    "KeyFigures",
    "RelatedPanel",
    "RelatedRow",
    "RowButton",
    "SidePanel",
    "StepRow",
    "TimelinePanel",
]


# --- approvals -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class StepRow:
    """One step of an approval: its word, who decided (or who may), "approve" | "return" | "reject" | "" while open."""

    step: str
    who: str = ""
    verdict: str = ""
    comment: str = ""
    at: dt.datetime | None = None
    waiting: bool = False


_VERDICTS = {
    "approve": ("circle-check", "good"),
    "return": ("undo-2", "bad"),
    "reject": ("circle-x", "bad"),
}


class ApprovalPanel(SidePanel):
    """Steps of an approval: who, verdict, remark, when; what is still open says whom it waits for."""

    def __init__(self, title: str = "") -> None:
        super().__init__(title or tr("审批"), key="approvals")
        self._empty = words(tr("提交后，这里显示每一步由谁审核。"), "small", wrap=True)
        self._list = column(gap=10)
        self.body.addWidget(self._empty)
        self.body.addLayout(self._list)

    def set_steps(self, steps: Sequence[StepRow]) -> None:
        """Show STEPS in order; `step` is a step's name ("finance") or a word that is shown as it is."""
        clear(self._list)
        self._empty.setVisible(not steps)
        for step in steps:
            self._list.addWidget(self._step(step))
        done = sum(1 for s in steps if s.verdict)
        self.set_note(f"{done}/{len(steps)}" if steps else "")

    def _step(self, step: StepRow) -> QWidget:
        icon, tone = _VERDICTS.get(step.verdict, ("clock" if step.waiting else "circle-dashed", "amber"))
        if not step.verdict and not step.waiting:
            tone = "faint"
        said = events.verdict_word(step.verdict) if step.verdict else (tr("待审") if step.waiting else tr("未开始"))
        inner = column(gap=1)
        chip_tone = tone if step.verdict or step.waiting else "neutral"
        inner.addLayout(row(words(events.step_word(step.step), "strong"), None, Chip(said, chip_tone)))
        under = " · ".join(p for p in (step.who, fmt.ago(step.at) if step.at else "") if p)
        if under:
            inner.addWidget(Elided(under, "small"))
        if step.comment:
            inner.addWidget(words(step.comment, wrap=True, selectable=True))
        return _beside(icon_label(icon, tokens.ICON, tone), inner)


# --- related records -------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class RelatedRow:
    """A record that belongs here."""

    kind: str
    id: UUID
    title: str
    subtitle: str = ""
    chip: tuple[str, str] | None = None


class RelatedPanel(SidePanel):
    """Records that hang together with this one; each opens with a click or Enter."""

    def __init__(self, ctx: ViewContext, title: str = "") -> None:
        super().__init__(title or tr("相关记录"), key="related")
        self._ctx = ctx
        self._empty = words(tr("还没有相关记录。"), "small", wrap=True)
        self._list = column(gap=0)
        self.body.addWidget(self._empty)
        self.body.addLayout(self._list)

    def set_rows(self, rows: Sequence[RelatedRow]) -> None:
        """Show ROWS."""
        clear(self._list)
        self._empty.setVisible(not rows)
        self.set_note(str(len(rows)) if rows else "")
        for each in rows:
            self._list.addWidget(self._row(each))

    def _row(self, each: RelatedRow) -> QWidget:
        made = RowButton(each.title, lambda: self._ctx.nav.open(each.kind, each.id))
        made.setObjectName(f"related.{each.kind}")
        inner = QHBoxLayout(made)
        inner.setContentsMargins(6, 4, 4, 4)
        inner.setSpacing(8)
        inner.addWidget(icon_label(events.kind_icon(each.kind)), 0, Qt.AlignmentFlag.AlignTop)
        told = column(Elided(each.title), gap=0)
        if each.subtitle:
            told.addWidget(Elided(each.subtitle, "small"))
        inner.addLayout(told, 1)
        if each.chip is not None:
            inner.addWidget(Chip(*each.chip), 0, Qt.AlignmentFlag.AlignVCenter)
        return made


def _beside(mark: QWidget, inner: QLayout) -> QWidget:
    holder = QWidget()
    whole = QHBoxLayout(holder)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.setSpacing(8)
    whole.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
    whole.addLayout(inner, 1)
    return holder
