"""Icons: Lucide outlines (ISC) from resources/icons, tinted by the theme, crisp at every scale.

`button.setIcon(icon("users"))` follows a switch of the theme: `retint` finds every icon that came from here and renews it.
(A QIconEngine in Python would do the same at paint time, but PySide crashes when Qt clones it.)
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from presales_desktop.paths import resource
from presales_desktop.views.kit import tokens

_SIZES = (16, 20, 24, 32)
_STROKE = "1.75"
_icons: dict[tuple[str, str, str], QIcon] = {}
_pixmaps: dict[tuple[str, int, str, str, float], QPixmap] = {}
_icon_names: dict[int, tuple[str, str]] = {}
_pixmap_names: dict[int, tuple[str, int, str]] = {}


@cache
def _source(name: str) -> str:
    """The SVG's text; raises FileNotFoundError for a name that resources/icons does not have: that is a bug."""
    return resource(f"icons/{name}.svg").read_text("utf-8")


def svg(name: str, color: str, stroke: str = _STROKE) -> bytes:
    """The SVG with its strokes in COLOR (#RRGGBB)."""
    text = _source(name).replace('stroke="currentColor"', f'stroke="{color}"')
    return text.replace('stroke-width="2"', f'stroke-width="{stroke}"').encode()


def _hex(tone: str) -> str:
    return str(getattr(tokens.palette(), tone))


def _render(name: str, device_px: int, color: str) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(svg(name, color)))
    drawn = QPixmap(device_px, device_px)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(0, 0, device_px, device_px))
    painter.end()
    return drawn


def _ratios() -> list[float]:
    found = {1.0, 2.0} | {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    return sorted(found)


def icon(name: str, tone: str = "secondary") -> QIcon:
    """The icon NAME ("users") in the colour of TONE: any name of tokens.Palette ("text", "accent", "bad", "on_accent" …)."""
    key = (name, tone, tokens.palette().name)
    made = _icons.get(key)
    if made is None:
        made = QIcon()
        for size in _SIZES:
            for ratio in _ratios():
                for mode, color in ((QIcon.Mode.Normal, _hex(tone)), (QIcon.Mode.Disabled, _hex("border"))):
                    drawn = _render(name, round(size * ratio), color)
                    drawn.setDevicePixelRatio(ratio)
                    made.addPixmap(drawn, mode)
        _icons[key] = made
        _icon_names[made.cacheKey()] = (name, tone)
    return made


def pixmap(name: str, size: int = tokens.ICON, tone: str = "secondary", ratio: float = 0.0) -> QPixmap:
    """The icon as a pixmap of SIZE logical px; RATIO: device pixels per px (the first screen's when 0)."""
    app = QGuiApplication.instance()
    if not ratio:
        ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    key = (name, size, tone, tokens.palette().name, ratio)
    made = _pixmaps.get(key)
    if made is None:
        made = _render(name, round(size * ratio), _hex(tone))
        made.setDevicePixelRatio(ratio)
        _pixmaps[key] = made
        _pixmap_names[made.cacheKey()] = (name, size, tone)
    return made


def paint(painter: QPainter, rect: QRectF, name: str, tone: str = "secondary") -> None:
    """Draw the icon centred in RECT at the painter's own resolution (for delegates)."""
    size = round(min(rect.width(), rect.height()))
    device = painter.device()
    drawn = pixmap(name, size, tone, device.devicePixelRatio() if device is not None else 1.0)
    painter.drawPixmap(
        round(rect.center().x() - size / 2),
        round(rect.center().y() - size / 2),
        drawn,
    )


def retint() -> None:
    """Renew every icon on screen in the colours of the new theme."""
    for widget in QApplication.allWidgets():
        if isinstance(widget, QAbstractButton):
            _retint_button(widget)
        elif isinstance(widget, QLabel):
            _retint_label(widget)
        _retint_actions(widget)


def _retint_button(button: QAbstractButton) -> None:
    known = _icon_names.get(button.icon().cacheKey())
    if known is not None:
        button.setIcon(icon(*known))


def _retint_label(label: QLabel) -> None:
    shown = label.pixmap()
    known = None if shown.isNull() else _pixmap_names.get(shown.cacheKey())
    if known is not None:
        label.setPixmap(pixmap(*known))


def _retint_actions(widget: QWidget) -> None:
    action: QAction
    for action in widget.actions():
        known = _icon_names.get(action.icon().cacheKey())
        if known is not None:
            action.setIcon(icon(*known))


def size(px: int = tokens.ICON) -> QSize:
    """A square QSize for setIconSize."""
    return QSize(px, px)
