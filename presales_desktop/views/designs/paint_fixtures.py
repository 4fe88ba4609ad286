"""Paints luminaires: plan symbols to scale with the number of their product, from a cache of pixmaps."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from presales_desktop.services.design_drafts import LuminaireDraft
from presales_desktop.services.design_light import Fixture
from presales_desktop.services.design_symbols import Symbol, symbol_of
from presales_desktop.views.designs.camera import Camera
from presales_desktop.views.kit import theme, tokens

SMALLEST_PX = 7.0
NUMBERS_FROM_PX_PER_M = 26.0
_CACHE = 600


def shown_scale(symbol: Symbol, camera: Camera) -> float:
    """Pixels per metre that a symbol is drawn with: to scale, but never smaller than can be seen."""
    return max(camera.scale, SMALLEST_PX / max(symbol.reach, 0.01))


def reach_px(symbol: Symbol, camera: Camera) -> float:
    """Radius in px that counts as a hit."""
    return max(symbol.reach * shown_scale(symbol, camera), SMALLEST_PX)


def draw_symbol(
    painter: QPainter, symbol: Symbol, scale: float, rotation_deg: float, ink: QColor, fill: QColor
) -> None:
    """The symbol around (0, 0), y up; strokes stay one pixel and a bit."""
    painter.save()
    painter.rotate(-rotation_deg)
    painter.setPen(QPen(ink, 1.3))
    painter.setBrush(fill)
    if symbol.outline:
        painter.drawPolygon(QPolygonF([QPointF(x * scale, -y * scale) for x, y in symbol.outline]))
    if symbol.circle:
        r = symbol.circle * scale
        painter.drawEllipse(QPointF(0, 0), r, r)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, 1.0))
    for x, y, r in symbol.circles:
        painter.drawEllipse(QPointF(x * scale, -y * scale), r * scale, r * scale)
    for line in symbol.lines:
        painter.drawPolyline(QPolygonF([QPointF(x * scale, -y * scale) for x, y in line]))
    painter.restore()


class FixturePainter:
    """Draws many symbols quickly: equal ones share one pixmap."""

    def __init__(self) -> None:
        self._cache: dict[tuple[object, ...], QPixmap] = {}

    def paint(
        self,
        painter: QPainter,
        camera: Camera,
        luminaires: Iterable[LuminaireDraft],
        fixtures: dict[UUID, Fixture],
        positions: dict[UUID, int],
        selected: frozenset[UUID],
        *,
        numbers: bool,
    ) -> None:
        """Luminaires in view; selected ones in the accent."""
        left, bottom, right, top = camera.visible
        margin = 60 / camera.scale
        numbers = numbers and camera.scale >= NUMBERS_FROM_PX_PER_M
        ratio = painter.device().devicePixelRatioF()
        for r in luminaires:
            if not (left - margin < r.x_m < right + margin and bottom - margin < r.y_m < top + margin):
                continue
            fixture = fixtures.get(r.variant_id) if r.variant_id else None
            number = positions.get(r.variant_id, 0) if numbers and r.variant_id else 0
            pixmap = self._pixmap(fixture, camera, r, r.id in selected, number, ratio)
            x, y = camera.to_screen((r.x_m, r.y_m))
            size = pixmap.deviceIndependentSize()
            painter.drawPixmap(QPointF(x - size.width() / 2, y - size.height() / 2), pixmap)

    def _pixmap(
        self, fixture: Fixture | None, camera: Camera, r: LuminaireDraft, selected: bool, number: int, ratio: float
    ) -> QPixmap:
        symbol = symbol_of(fixture.facts if fixture else None)
        dark = fixture is None or fixture.photometry is None
        key = (
            id(symbol), round(camera.scale, 3), round(r.rotation_deg, 2), selected, number, ratio, r.decorative, dark,
            round(r.flux_factor, 2), tokens.palette().name,
        )  # fmt: skip
        held = self._cache.get(key)
        if held is None:
            if len(self._cache) >= _CACHE:
                self._cache.clear()
            held = self._cache[key] = _drawn(symbol, camera, r, selected, number, ratio, dark)
        return held


def _drawn(
    symbol: Symbol, camera: Camera, r: LuminaireDraft, selected: bool, number: int, ratio: float, dark: bool
) -> QPixmap:
    scale = shown_scale(symbol, camera)
    half = symbol.reach * scale + 18
    edge = max(8, min(4000, int(2 * half + 1)))
    made = QPixmap(int(edge * ratio), int(edge * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(edge / 2, edge / 2)
    fill = tokens.color("panel") if dark else tokens.color("glow")
    if not dark:
        # A dimmed luminaire glows less.
        fill.setAlphaF(0.25 + 0.65 * min(1.0, max(0.0, r.flux_factor)))
    ink = tokens.color("accent") if selected else QColor("#1A1E26")
    if selected:
        painter.setPen(Qt.PenStyle.NoPen)
        halo = tokens.color("accent")
        halo.setAlphaF(0.28)
        painter.setBrush(halo)
        radius = symbol.reach * scale + 5
        painter.drawEllipse(QPointF(0, 0), radius, radius)
    draw_symbol(painter, symbol, scale, r.rotation_deg, ink, fill)
    if number:
        _number(painter, number, symbol.reach * scale, selected)
    painter.end()
    return made


def _number(painter: QPainter, number: int, reach: float, selected: bool) -> None:
    offset = min(reach, 30.0) * 0.72 + 5
    box = QRectF(offset - 7, -offset - 7, 14, 13)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tokens.color("accent_fill") if selected else tokens.color("raised"))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(tokens.color("on_accent") if selected else tokens.color("text"))
    painter.setFont(theme.font(10, tokens.SEMIBOLD))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), str(number))
