"""Paints the plan: grid, rooms with their badges, handles of what is selected, snap marks and dimensions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from presales_desktop.models.designs import contains
from presales_desktop.models.standards import RoomVerdict
from presales_desktop.services.design_details import LOWEST_UGR, RoomDetails
from presales_desktop.services.design_drafts import Point, RoomDraft
from presales_desktop.services.design_light import RoomLight
from presales_desktop.texts import tr
from presales_desktop.views.designs.camera import Camera
from presales_desktop.views.designs.geometry import bounds, edges, label_point
from presales_desktop.views.designs.snapping import Snap
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import icons, theme, tokens

HANDLE_PX = 4.0


def paint_grid(painter: QPainter, camera: Camera) -> None:
    """Fine and coarse lines, at steps that fit the zoom."""
    left, bottom, right, top = camera.visible
    fine = camera.grid_step()
    for step, strength in ((fine, 0.38), (fine * 5 if _is_two(fine) else fine * 10, 0.9)):
        painter.setPen(QPen(mixed(tokens.color("window"), tokens.color("hairline"), strength), 1))
        lines = []
        for k in range(math.floor(left / step), math.ceil(right / step) + 1):
            x = round(camera.to_screen((k * step, 0))[0]) + 0.5
            lines.append(QLineF(x, 0, x, camera.height))
        for k in range(math.floor(bottom / step), math.ceil(top / step) + 1):
            y = round(camera.to_screen((0, k * step))[1]) + 0.5
            lines.append(QLineF(0, y, camera.width, y))
        painter.drawLines(lines)


def mixed(ground: QColor, colour: QColor, share: float) -> QColor:
    """SHARE of a colour on a ground, opaque: translucent lines are slow to draw."""
    parts = zip(ground.getRgb()[:3], colour.getRgb()[:3], strict=False)  # type: ignore[index]  # four ints
    return QColor(*(round(a + (b - a) * share) for a, b in parts))


def _is_two(step: float) -> bool:
    return round(step / math.pow(10.0, math.floor(math.log10(step) + 1e-9))) == 2


def polygon_px(points: tuple[Point, ...] | list[Point], camera: Camera) -> QPolygonF:
    """Corners in pixels."""
    return QPolygonF([QPointF(*camera.to_screen(p)) for p in points])


def paint_room(painter: QPainter, camera: Camera, room: RoomDraft, *, selected: bool, lit: bool) -> None:
    """Outline and, without light, a quiet floor."""
    outline = polygon_px(room.polygon, camera)
    if not lit:
        floor = tokens.color("panel")
        floor.setAlphaF(0.75)
        painter.setBrush(floor)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawPolygon(outline)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(tokens.color("panel"), 5 if selected else 4))
    painter.drawPolygon(outline)
    pen = QPen(tokens.color("accent") if selected else tokens.color("text"), 2.4 if selected else 1.8)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.drawPolygon(outline)


def paint_room_handles(painter: QPainter, camera: Camera, room: RoomDraft) -> None:
    """Corners to pull, middles of edges to push, and the lengths of the edges."""
    painter.setPen(QPen(tokens.color("accent"), 1.4))
    painter.setBrush(tokens.color("raised"))
    for point in room.polygon:
        x, y = camera.to_screen(point)
        painter.drawRect(QRectF(x - HANDLE_PX, y - HANDLE_PX, 2 * HANDLE_PX, 2 * HANDLE_PX))
    for a, b in edges(room.polygon):
        x, y = camera.to_screen(((a[0] + b[0]) / 2, (a[1] + b[1]) / 2))
        painter.drawEllipse(QPointF(x, y), 3.2, 3.2)
    for a, b in edges(room.polygon):
        paint_length(painter, camera, a, b)


def paint_length(painter: QPainter, camera: Camera, a: Point, b: Point, *, offset_px: float = 13.0) -> None:
    """The length of a stretch beside it, in metres with millimetres."""
    ax, ay = camera.to_screen(a)
    bx, by = camera.to_screen(b)
    length_px = math.hypot(bx - ax, by - ay)
    if length_px < 34:
        return
    nx, ny = (by - ay) / length_px, -(bx - ax) / length_px
    paint_tag(painter, QPointF((ax + bx) / 2 - nx * offset_px, (ay + by) / 2 - ny * offset_px), metres(math.dist(a, b)))


def metres(value: float) -> str:
    """A length as plans in metres say it: 3.60, or 3.605 where the millimetre counts."""
    text = f"{value:.3f}"
    return text[:-1] if text.endswith("0") else text


def paint_tag(painter: QPainter, at: QPointF, text: str, *, tone: str = "neutral") -> QRectF:
    """A small word on a plate, centred AT."""
    painter.save()
    font = theme.font(11)
    painter.setFont(font)
    width = QFontMetricsF(font).horizontalAdvance(text) + 10
    box = QRectF(at.x() - width / 2, at.y() - 9, width, 18)
    ink, ground = tokens.tone_colors(tone)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tokens.color("raised") if tone == "neutral" else ground)
    painter.setOpacity(0.93)
    painter.drawRoundedRect(box, 4, 4)
    painter.setOpacity(1)
    painter.setPen(tokens.color("text") if tone == "neutral" else ink)
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
    painter.restore()
    return box


@dataclass(frozen=True)
class Badge:
    """What stands on a room: its name, its figures, and whether it passes (None: nothing to judge)."""

    title: str
    figures: str
    tone: str
    mark: str
    price: str = ""


def badge_of(room: RoomDraft, light: RoomLight | None, verdict: RoomVerdict | None) -> Badge:
    """The words of a room's badge."""
    if light is not None and light.problem:
        return Badge(room.name, tr("无法计算"), "bad", "circle-alert")
    if light is None:
        return Badge(room.name, tr("计算中…"), "neutral", "")
    if light.lux is None:
        return Badge(room.name, tr("无灯具"), "neutral", "")
    figures = f"{fmt.lux(light.lux.average_lux)} · U₀ {light.lux.uniformity:.2f} · {light.figures.lpd:.1f} W/m²"
    price = ""
    if light.price_fen is not None and light.price_per_m2_fen is not None:
        price = f"{_yuan(light.price_fen)} · {_yuan(light.price_per_m2_fen)}/m²"
    details = light.details
    if details is not None and details.ugr is not None:
        price = f"UGR {details.ugr:.1f} · {price}" if details.ugr >= LOWEST_UGR else f"UGR < 10 · {price}"
    elif verdict is not None and verdict.pending:
        price = f"UGR … · {price}"
    price = price.removesuffix(" · ")
    if verdict is None or verdict.ok is None or (verdict.ok and verdict.pending):
        return Badge(room.name, figures, "neutral", "", price)
    return Badge(
        room.name, figures, "good" if verdict.ok else "bad", "circle-check" if verdict.ok else "circle-x", price
    )


def _yuan(fen: int) -> str:
    """Whole yuan: a badge has room for no more."""
    return fmt.money(round(fen / 100) * 100).removesuffix(".00")


def paint_observers(painter: QPainter, camera: Camera, details: RoomDetails, limit: float | None) -> None:
    """Where glare was judged from: an eye that looks, with its rating; red above the LIMIT."""
    painter.save()
    for seen in details.glare:
        x, y = camera.to_screen((seen.x_m, seen.y_m))
        turn = math.radians(seen.direction_deg)
        ahead = QPointF(math.cos(turn), -math.sin(turn))
        over = limit is not None and round(seen.ugr, 1) > limit
        colour = tokens.color("bad" if over else "accent")
        painter.setPen(QPen(colour, 1.4))
        painter.setBrush(tokens.color("raised"))
        tip, side = QPointF(x, y) + ahead * 15, QPointF(-ahead.y(), ahead.x()) * 5
        painter.drawPolygon(QPolygonF([QPointF(x, y) + side, tip, QPointF(x, y) - side]))
        text = "< 10" if seen.ugr < LOWEST_UGR else f"{seen.ugr:.1f}"
        paint_tag(painter, QPointF(x, y) + ahead * 32, text, tone="bad" if over else "neutral")
    painter.restore()


BADGE_GAP_PX = 7.0


def badge_box(camera: Camera, room: RoomDraft, badge: Badge, taken: Sequence[Point]) -> tuple[QRectF, bool]:
    """Where the badge stands and whether it shows figures: of the room's corners and its middle the place that covers the
    fewest luminaires (TAKEN, in pixels). An empty box where the room is too small on the screen."""
    left, bottom, right, top = bounds(room.polygon)
    width_px, height_px = (right - left) * camera.scale, (top - bottom) * camera.scale
    name_width = QFontMetricsF(theme.font(12, tokens.SEMIBOLD)).horizontalAdvance(badge.title)
    metrics = QFontMetricsF(theme.font(11))
    figure_width = max(metrics.horizontalAdvance(badge.figures), metrics.horizontalAdvance(badge.price))
    tall = 56.0 if badge.price else 40.0
    if width_px < min(name_width + 20, 40) or height_px < 26:
        return QRectF(), False
    short = name_width + (18 if badge.mark else 0) + 18
    whole = max(short, figure_width + 18)
    best: tuple[float, QRectF, bool] | None = None
    for figures, width, height in ((True, whole, tall), (False, short, 22.0)):
        if figures and not (width_px > whole + 22 and height_px > tall + 24):
            continue
        for box in _badge_places(camera, room, min(width, max(width_px - 6, 40)), height):
            # A symbol's number stands above it to the right.
            zone = box.adjusted(-18, -6, 7, 18)
            covered = sum(zone.contains(QPointF(*t)) for t in taken) + (0 if figures else 0.5)
            if best is None or covered < best[0]:
                best = (covered, box, figures)
    assert best is not None
    return best[1], best[2]


def _badge_places(camera: Camera, room: RoomDraft, width: float, height: float) -> list[QRectF]:
    """Corners of the room first, its middle last: light is read in the middle."""
    left, bottom, right, top = bounds(room.polygon)
    x1, y1 = camera.to_screen((left, top))
    x2, y2 = camera.to_screen((right, bottom))
    gap = BADGE_GAP_PX
    corners = (
        (x1 + gap, y1 + gap), (x2 - gap - width, y1 + gap), (x1 + gap, y2 - gap - height),
        (x2 - gap - width, y2 - gap - height), ((x1 + x2 - width) / 2, y1 + gap), ((x1 + x2 - width) / 2, y2 - gap - height),
    )  # fmt: skip
    made = []
    for x, y in corners:
        box = QRectF(x, y, width, height)
        ends = (box.topLeft(), box.topRight(), box.bottomLeft(), box.bottomRight())
        if all(contains(room.polygon, *camera.to_plan((c.x(), c.y()))) for c in ends):
            made.append(box)
    x, y = camera.to_screen(label_point(room.polygon))
    return [*made, QRectF(x - width / 2, y - height / 2, width, height)]


def paint_badge(
    painter: QPainter, camera: Camera, room: RoomDraft, badge: Badge, *, selected: bool, taken: Sequence[Point] = ()
) -> QRectF:
    """The badge in the room; only the name where the room is small on the screen. Where it was drawn (for clicks)."""
    box, with_figures = badge_box(camera, room, badge, taken)
    if box.isEmpty():
        return box
    name_font = theme.font(12, tokens.SEMIBOLD)
    ink, _ = tokens.tone_colors(badge.tone)
    painter.save()
    painter.setPen(QPen(tokens.color("accent") if selected else tokens.color("hairline"), 1))
    painter.setBrush(tokens.color("raised"))
    painter.setOpacity(0.92)
    painter.drawRoundedRect(box, 5, 5)
    painter.setOpacity(1)
    first = QRectF(box.left() + 9, box.top() + 2, box.width() - 18, 18)
    if badge.mark:
        icons.paint(painter, QRectF(first.left(), first.top() + 2, 14, 14), badge.mark, badge.tone)
        first.setLeft(first.left() + 18)
    painter.setFont(name_font)
    painter.setPen(tokens.color("text"))
    shown = QFontMetricsF(name_font).elidedText(badge.title, Qt.TextElideMode.ElideRight, first.width())
    painter.drawText(first, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
    if with_figures:
        painter.setFont(theme.font(11))
        painter.setPen(ink if badge.tone != "neutral" else tokens.color("secondary"))
        second = QRectF(box.left() + 9, box.top() + 20, box.width() - 18, 17)
        painter.drawText(second, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), badge.figures)
        painter.setPen(tokens.color("secondary"))
        third = second.translated(0, 16)
        painter.drawText(third, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), badge.price)
    painter.restore()
    return box


def paint_hint(painter: QPainter, width: float, text: str) -> None:
    """What the tool expects, at the top of the canvas where the eye is."""
    if not text:
        return
    painter.save()
    font = theme.font(tokens.SMALL)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width - 60)
    wide = metrics.horizontalAdvance(shown) + 24
    box = QRectF((width - wide) / 2, 10, wide, 26)
    painter.setPen(QPen(tokens.color("hairline"), 1))
    painter.setBrush(tokens.color("raised"))
    painter.setOpacity(0.95)
    painter.drawRoundedRect(box, 13, 13)
    painter.setOpacity(1)
    painter.setPen(tokens.color("text"))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), shown)
    painter.restore()


def paint_snap(painter: QPainter, camera: Camera, snap: Snap) -> None:
    """The mark of what was snapped to, and guide lines."""
    colour = tokens.color("amber")
    painter.save()
    dashed = QPen(colour, 1, Qt.PenStyle.DashLine)
    painter.setPen(dashed)
    for a, b in snap.guides:
        painter.drawLine(QPointF(*camera.to_screen(a)), QPointF(*camera.to_screen(b)))
    if snap.kind not in ("free", "grid"):
        x, y = camera.to_screen(snap.point)
        painter.setPen(QPen(colour, 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        _snap_mark(painter, snap.kind, x, y)
    painter.restore()


def _snap_mark(painter: QPainter, kind: str, x: float, y: float) -> None:
    if kind in ("endpoint", "underlay"):
        painter.drawRect(QRectF(x - 5, y - 5, 10, 10))
    elif kind == "midpoint":
        painter.drawPolygon(QPolygonF([QPointF(x, y - 6), QPointF(x + 6, y + 5), QPointF(x - 6, y + 5)]))
    elif kind == "luminaire":
        painter.drawEllipse(QPointF(x, y), 6, 6)
    elif kind == "perpendicular":
        painter.drawPolyline(QPolygonF([QPointF(x - 6, y - 6), QPointF(x - 6, y + 6), QPointF(x + 6, y + 6)]))
        painter.drawPolyline(QPolygonF([QPointF(x - 6, y), QPointF(x, y), QPointF(x, y + 6)]))
    else:
        painter.drawLine(QPointF(x - 5, y - 5), QPointF(x + 5, y + 5))
        painter.drawLine(QPointF(x - 5, y + 5), QPointF(x + 5, y - 5))


def accent(alpha: float = 1.0) -> QColor:
    """The accent, translucent."""
    made = tokens.color("accent")
    made.setAlphaF(alpha)
    return made
