"""Live at the right of an interview: how complete it is, what matters most, and what contradicts what."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from presales_desktop.models.survey_analysis import CONFLICT, Analysis, Finding, RankedNeed
from presales_desktop.models.surveys import Completeness
from presales_desktop.texts import surveys as texts
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.basics import Elided, clear, column, icon_label, row, words
from presales_desktop.views.kit.row_button import RowButton
from presales_desktop.views.kit.side_panel import SidePanel
from presales_desktop.views.kit.states import Chip

_OPEN_SHOWN = 6


class Meter(QWidget):
    """A bar of one value, 0 to 100."""

    def __init__(self) -> None:
        super().__init__()
        self.percent = 0
        self.setFixedHeight(6)

    def set(self, percent: int, *, ready: bool) -> None:
        """Show PERCENT; green once the report can be made."""
        self.percent, self._ready = percent, ready
        self.setAccessibleName(tr("完成度 {n}%", n=percent))
        self.update()

    _ready = False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.color("neutral_soft"))
        painter.drawRoundedRect(self.rect(), 3, 3)
        painter.setBrush(tokens.color("good" if self._ready else "accent"))
        painter.drawRoundedRect(QRectF(0, 0, self.width() * self.percent / 100, self.height()), 3, 3)


class MeterPanel(SidePanel):
    """The completeness meter; `asked(path)` when an open point is pressed."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__(tr("完成度"), key="survey.meter")
        self.setObjectName("survey.meter")
        self.meter = Meter()
        self._said = words("", "small", wrap=True)
        self._list = column(gap=0)
        self.body.addWidget(self.meter)
        self.body.addWidget(self._said)
        self.body.addLayout(self._list)
        self._shown: Completeness | None = None

    def show_meter(self, found: Completeness) -> None:
        """Show FOUND."""
        if found == self._shown:
            return
        self._shown = found
        self.set_note(f"{found.percent}%")
        self.meter.set(found.percent, ready=found.ready)
        open_ = found.open
        mandatory = sum(i.mandatory for i in open_)
        if mandatory:
            self._said.setText(tr("生成报告前还差 {n} 项必答：", n=mandatory))
        elif open_:
            self._said.setText(tr("必答项已齐，可以生成报告；还可以补充："))
        else:
            self._said.setText(tr("全部问到了。"))
        clear(self._list)
        for item in open_[:_OPEN_SHOWN]:
            word = tr(texts.ITEMS[item.code])
            made = RowButton(word, partial(self.asked.emit, item.field))
            made.setObjectName(f"survey.meter.{item.code}")
            icon, tone = ("circle-alert", "amber") if item.mandatory else ("circle-dashed", "faint")
            inner = row(icon_label(icon, tokens.ICON, tone), words(word), None, margins=(4, 3, 4, 3))
            made.setLayout(inner)
            if item.missing:
                made.setToolTip("、".join(item.missing[:12]))
                inner.addWidget(words(str(len(item.missing)), "faint"))
            self._list.addWidget(made)


class AnalysisPanel(SidePanel):
    """Core needs, concerns, contradictions; `asked(path)` when a contradiction is pressed."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__(tr("实时分析"), key="survey.analysis")
        self.setObjectName("survey.analysis")
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        self.body.addLayout(self._list)
        self._shown: tuple[object, ...] = ()

    def show_analysis(self, found: Analysis) -> None:
        """Show FOUND."""
        new = (found.findings, found.core, found.concerns, found.estimate_fen)
        if new == self._shown:
            return
        self._shown = new
        conflicts = len(found.conflicts)
        self.set_note(tr("{n} 处矛盾", n=conflicts) if conflicts else "")
        clear(self._list)
        for finding in found.findings:
            self._list.addWidget(self._finding(finding))
        if not found.findings:
            self._list.addWidget(words(tr("各项需求之间没有发现矛盾。"), "small", wrap=True))
        self._needs(tr("核心需求"), found.core)
        self._needs(tr("关注点"), found.concerns)
        if found.estimate_fen:
            said = tr("按面积和照度估算，灯具最低约需 {money}", money=fmt.money_short(found.estimate_fen))
            self._list.addWidget(words(said, "faint", wrap=True))

    def _finding(self, finding: Finding) -> QWidget:
        title = texts.finding_title(finding.code)
        made = RowButton(title, partial(self.asked.emit, finding.fields[0]))
        made.setObjectName(f"survey.finding.{finding.code}")
        inner = QVBoxLayout(made)
        inner.setContentsMargins(4, 3, 4, 5)
        inner.setSpacing(2)
        tone = "bad" if finding.severity == CONFLICT else "amber"
        inner.addLayout(row(Chip(tr(texts.SEVERITIES[finding.severity]), tone), Elided(title, "strong"), gap=6))
        inner.addWidget(words(texts.finding_text(finding.code, finding.values), "small", wrap=True))
        return made

    def _needs(self, title: str, needs: tuple[RankedNeed, ...]) -> None:
        if not needs:
            return
        self._list.addWidget(words(title, "small"))
        for need in needs[:5]:
            text = words(f"{need.rank}. {need.text}", wrap=True)
            text.setToolTip(tr("、").join(tr(texts.RANK_REASONS[r]) for r in need.reasons))
            self._list.addWidget(text)
