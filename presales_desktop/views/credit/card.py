"""The score card as it comes out: grade, score, limit and exposure large, a bar for each dimension, the ratios of the statements."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from presales_desktop.models.credit_rules import RATIOS, Dimension, Ratios, Result
from presales_desktop.services.credit import CreditShown
from presales_desktop.texts import credit as texts
from presales_desktop.texts import tr
from presales_desktop.views.credit.list import GRADE_TONES
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.basics import clear, column, words
from presales_desktop.views.kit.panels import Figure, KeyFigures

_HIGH = 80
_FAIR = 55


class Bar(QWidget):
    """A share of hundred."""

    def __init__(self, share: Decimal | None) -> None:
        super().__init__()
        self._share = float(share) / 100 if share is not None else 0.0
        high, fair = self._share * 100 >= _HIGH, self._share * 100 >= _FAIR
        self._tone = "good" if high else "amber" if fair else "bad"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As high as a line of small text."""
        return QSize(160, 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A rounded track with the share in its tone."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        colours = tokens.palette()
        track = QRectF(0, 4, self.width(), 6)
        painter.setBrush(QColor(colours.hairline))
        painter.drawRoundedRect(track, 3, 3)
        if self._share > 0:
            painter.setBrush(QColor(getattr(colours, self._tone)))
            painter.drawRoundedRect(QRectF(0, 4, max(6.0, self.width() * self._share), 6), 3, 3)
        painter.end()


def ratio_text(name: str, value: Decimal | None) -> str:
    """A ratio as people read it: percent, times or days."""
    if value is None:
        return "—"
    if name == "receivable_days":
        return tr("{n} 天", n=f"{value:.0f}")
    if name in ("current", "quick"):
        return f"{value:.2f}"
    return f"{value * 100:.1f}%"


class ScoreCard(QWidget):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("credit.card")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        self.figures = KeyFigures()
        self._why = words("", "amber", wrap=True)
        self._rows = column(gap=0)
        box.addWidget(self.figures)
        box.addWidget(self._why)
        box.addLayout(self._rows)

    def show_result(self, result: Result, shown: CreditShown | None) -> None:
        """Show what an assessment comes to; the limit and grade that were given once they were."""
        figures = shown.figures if shown is not None else None
        given = shown.grade if shown is not None and shown.grade else ""
        grade = given or result.grade
        limit = figures.limit_fen if figures is not None and figures.limit_fen is not None else result.limit_fen
        open_fen = figures.exposure.firm_fen if figures is not None else 0
        self.figures.set_figures(
            [
                Figure(grade, tr("等级") if given else tr("测算等级"), GRADE_TONES[grade]),
                Figure(str(result.score), tr("得分"), note=tr("对应 {grade} 级", grade=result.computed)),
                Figure(fmt.money(limit), tr("信用额度")),
                Figure(
                    fmt.money(open_fen), tr("已成合同的占用"), "bad" if open_fen > limit else "",
                    tr("超出额度") if open_fen > limit else "",
                ),
            ]
        )  # fmt: skip
        self._why.setText("；".join(tr(texts.CAPS[c]) for c in result.caps))
        self._why.setVisible(bool(result.caps))
        clear(self._rows)
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(2, 1)
        for i, one in enumerate(result.dimensions):
            _fill_row(grid, i, one)
        self._rows.addWidget(holder)


def _fill_row(grid: QGridLayout, place: int, one: Dimension) -> None:
    title = tr(texts.DIMENSIONS[one.name])
    score = str(one.score) if one.score is not None else tr("未评")
    grid.addWidget(words(title, "strong"), place, 0)
    grid.addWidget(words(f"{one.weight}%", "secondary"), place, 1)
    bar = Bar(one.score)
    bar.setAccessibleName(f"{title} {score}")
    grid.addWidget(bar, place, 2)
    grid.addWidget(words(score), place, 3, Qt.AlignmentFlag.AlignRight)


class RatioTable(QWidget):
    """The ratios of the newest statement."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("credit.ratios")
        self._rows = column(gap=0, margins=(0, 6, 0, 0))
        self.setLayout(self._rows)

    def show_ratios(self, found: Ratios | None) -> None:
        """Four to a row; nothing without statements."""
        clear(self._rows)
        self.setVisible(found is not None)
        if found is None:
            return
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        for i, name in enumerate(RATIOS):
            place, at = divmod(i, 4)
            grid.addWidget(words(tr(texts.RATIOS[name]), "small"), place * 2, at)
            grid.addWidget(words(ratio_text(name, getattr(found, name)), "strong"), place * 2 + 1, at)
        grid.setColumnStretch(3, 1)
        self._rows.addWidget(holder)
