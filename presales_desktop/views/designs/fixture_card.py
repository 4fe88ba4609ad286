"""A product as the editor shows it: name, data, price, and a small polar curve."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from presales_desktop.lighting.photometry import Photometry
from presales_desktop.services.design_light import Fixture
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.basics import Elided, words

Curve = tuple[tuple[float, float], ...]


@lru_cache(maxsize=512)
def mini_curves(photometry: Photometry) -> tuple[Curve, Curve]:
    """C0-C180 and C90-C270 as (x, y) in -1 … 1, nadir down: cheap enough to make for each product once (off the UI thread)."""
    table = photometry.lut()
    peak = float(table.max()) or 1.0
    made = []
    for plane in (0, 90):
        points = []
        for angle in range(-180, 181, 4):
            c = plane if angle >= 0 else plane + 180
            share = float(table[c, abs(angle)]) / peak
            turn = np.radians(angle)
            points.append((float(share * np.sin(turn)), float(share * np.cos(turn))))
        made.append(tuple(points))
    return made[0], made[1]


def paint_mini(painter: QPainter, box: QRectF, photometry: Photometry | None, *, estimated: bool = False) -> None:
    """The curves in a box; an empty ring where there is no light."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = min(box.width(), box.height()) / 2 - 1
    middle = box.center()
    painter.setPen(QPen(tokens.color("hairline"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    curves = mini_curves(photometry) if photometry is not None else ()
    reach = radius
    if curves and all(y > -0.03 for curve in curves for _, y in curve):
        # Light that only goes down gets the whole box.
        middle = QPointF(middle.x(), box.top() + 2)
        reach = box.height() - 5
        painter.drawLine(QPointF(box.left(), middle.y()), QPointF(box.right(), middle.y()))
        painter.drawArc(QRectF(middle.x() - reach, middle.y() - reach, 2 * reach, 2 * reach), -125 * 16, 70 * 16)
    else:
        painter.drawEllipse(middle, radius, radius)
        painter.drawLine(QPointF(middle.x() - radius, middle.y()), QPointF(middle.x() + radius, middle.y()))
    for curve, strong in zip(curves[::-1], (False, True), strict=False):
        points = QPolygonF([QPointF(middle.x() + x * reach, middle.y() + y * reach) for x, y in curve])
        fill = tokens.color("glow")
        fill.setAlphaF(0.4 if strong else 0.15)
        painter.setBrush(fill)
        style = Qt.PenStyle.DashLine if estimated else Qt.PenStyle.SolidLine
        painter.setPen(QPen(tokens.color("amber"), 1.2 if strong else 0.8, style))
        painter.drawPolygon(points)
    painter.restore()


class _Mini(QWidget):
    """The curve as a widget."""

    def __init__(self) -> None:
        super().__init__()
        self.fixture: Fixture | None = None
        self.setFixedSize(64, 64)

    def sizeHint(self) -> QSize:
        """Small."""
        return QSize(64, 64)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw."""
        painter = QPainter(self)
        fixture = self.fixture
        paint_mini(
            painter, QRectF(self.rect()), fixture.photometry if fixture else None,
            estimated=bool(fixture and fixture.estimated),
        )  # fmt: skip
        painter.end()


class FixtureCard(QWidget):
    """One product."""

    def __init__(self) -> None:
        super().__init__()
        self._mini = _Mini()
        self._name = Elided("", "")
        self._model = Elided("", "secondary")
        self._spec = words("", "small", wrap=True)
        self._price = words("", "strong")
        self._doubt = words("", "small", wrap=True)
        beside = QVBoxLayout()
        beside.setSpacing(2)
        for part in (self._name, self._model, self._price):
            beside.addWidget(part)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self._mini)
        top.addLayout(beside, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addLayout(top)
        whole.addWidget(self._spec)
        whole.addWidget(self._doubt)

    def show_fixture(self, fixture: Fixture | None) -> None:
        """Show a product."""
        self._mini.fixture = fixture
        self._mini.update()
        if fixture is None:
            return
        facts = fixture.facts
        self._name.setText(facts.name)
        self._model.setText(facts.sku)
        self._spec.setText(facts.spec)
        self._price.setText(fmt.money(facts.list_fen) if facts.list_fen is not None else tr("暂无价格"))
        said = doubts(fixture)
        self._doubt.setText(said)
        self._doubt.setVisible(bool(said))


def doubts(fixture: Fixture) -> str:
    """What to know of a product's light."""
    if fixture.photometry is None:
        return tr("没有配光文件和光通量，不参与照度计算。")
    if fixture.estimated:
        return tr("没有配光文件，按光通量和光束角估算。")
    if fixture.doubtful:
        return tr("配光文件与产品光通量相差超过 10%，请核对。")
    return ""
