"""The way of a case from inquiry to signature: what lies behind, where it stands, what is left. Painted, read aloud as a sentence."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from presales_desktop.models.progress import PIPELINE
from presales_desktop.texts import tr
from presales_desktop.texts.cases import PHASES
from presales_desktop.views.kit import theme, tokens

_DOT = 5.0
_HEIGHT = 46


class PhaseBar(QWidget):
    """Six stations on a line. A lost or paused case keeps the stations that it reached and says so in colour and word."""

    def __init__(self) -> None:
        super().__init__()
        self._reached = 0
        self._phase = PIPELINE[0].value
        self.setObjectName("case.phases")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(360)

    def set_phase(self, phase: str, reached: str) -> None:
        """PHASE as computed; REACHED: the furthest station of the pipeline, for lost and paused cases."""
        self._phase = phase
        names = [p.value for p in PIPELINE]
        self._reached = names.index(phase if phase in names else reached)
        self.setAccessibleName(tr("阶段：{phase}", phase=tr(PHASES[phase])))
        self.update()

    def sizeHint(self) -> QSize:
        """One line of words under the stations."""
        return QSize(560, _HEIGHT)

    def _tone(self) -> str:
        return {"lost": "bad", "paused": "amber", "won": "good"}.get(self._phase, "accent")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Line, stations, words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tone, faint = tokens.color(self._tone()), tokens.color("hairline")
        step = self.width() / len(PIPELINE)
        middle = 13.0
        for n, station in enumerate(PIPELINE):
            x = step * (n + 0.5)
            if n:
                painter.setPen(QPen(tone if n <= self._reached else faint, 2))
                painter.drawLine(QPointF(x - step + _DOT + 5, middle), QPointF(x - _DOT - 5, middle))
            here = n == self._reached
            painter.setPen(QPen(tone if n <= self._reached else faint, 2))
            painter.setBrush(tone if n <= self._reached else tokens.color("panel"))
            painter.drawEllipse(QPointF(x, middle), _DOT, _DOT)
            if here:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(QPointF(x, middle), _DOT + 4, _DOT + 4)
            word = tr(PHASES[station.value])
            if here and self._phase in ("lost", "paused"):
                word = f"{word} · {tr(PHASES[self._phase])}"
            painter.setFont(theme.font(tokens.SMALL, tokens.SEMIBOLD if here else tokens.REGULAR))
            painter.setPen(tokens.color("text" if here else "secondary" if n < self._reached else "faint"))
            box = QRectF(x - step / 2, 25, step, 20)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop), word)
