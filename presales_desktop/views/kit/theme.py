"""Fusion dressed with our palette, font and a small style sheet made from tokens; switchable while the program runs.

Widgets ask for a dress through two properties that the style sheet reads (`dress` sets them):
`role` on a QLabel: "title", "section", "secondary", "faint", "figure", "good", "bad", "amber", "accent", "strong", "code";
`look` on a button: "primary", "quiet" (no frame until hovered), "danger", "link"; on a QFrame: "panel", "raised", "well".
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from presales_desktop.paths import resource
from presales_desktop.views.kit import icons, qss, tokens


class _Notifier(QObject):
    """`theme_changed` after colours or density changed: widgets that cached something drop it and repaint."""

    theme_changed = Signal()


notifier = _Notifier()
_mode = "system"
_density: tokens.Density = "comfortable"
_following = False


@cache
def _load_fonts() -> None:
    for name in ("fonts/NotoSansSC-Regular.ttf", "fonts/NotoSansSC-SemiBold.ttf"):
        if QFontDatabase.addApplicationFont(str(resource(name))) < 0:
            raise FileNotFoundError(name)


def font(size_px: int = tokens.BODY, weight: int = tokens.REGULAR) -> QFont:
    """The bundled font at SIZE_PX; WEIGHT 400 or 600."""
    made = QFont(tokens.FAMILY)
    made.setPixelSize(size_px)
    made.setWeight(QFont.Weight(weight))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def is_dark(mode: str) -> bool:
    """Whether MODE ("light", "dark", "system") means dark here and now."""
    if mode == "system":
        return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return mode == "dark"


def apply(app: QApplication, mode: str = "system", density: str = "comfortable") -> None:
    """Dress APP: "light", "dark" or "system" (follows the platform); "comfortable" or "compact"."""
    global _mode, _density, _following
    _mode, _density = mode, "compact" if density == "compact" else "comfortable"
    _load_fonts()
    hints = app.styleHints()
    if not _following:
        _following = True
        hints.colorSchemeChanged.connect(_platform_changed)
        app.setStyle("Fusion")
    # The window frame of the platform follows, too; our own colours do not depend on it (offscreen it does nothing).
    if mode == "system":
        hints.unsetColorScheme()
    else:
        hints.setColorScheme(Qt.ColorScheme.Dark if mode == "dark" else Qt.ColorScheme.Light)
    _dress(app)


def _platform_changed() -> None:
    app = QApplication.instance()
    if _mode == "system" and isinstance(app, QApplication):
        _dress(app)


def _dress(app: QApplication) -> None:
    palette = tokens.DARK if is_dark(_mode) else tokens.LIGHT
    tokens.use(palette, _density)
    app.setFont(font())
    app.setPalette(_qt_palette(palette))
    app.setStyleSheet(qss.sheet(palette, _drawn(palette)))
    icons.retint()
    notifier.theme_changed.emit()


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Style sheets take pictures only from files: the few that they need are tinted into a folder that goes with the program."""
    return tempfile.TemporaryDirectory(prefix="presales-theme-", ignore_cleanup_errors=True)


@cache
def _drawn(palette: tokens.Palette) -> dict[str, str]:
    """Paths of tinted pictures for the style sheet: arrows of combo boxes and spin boxes, ticks of boxes."""
    wanted = {
        "chevron": ("chevron-down", palette.secondary, "2"),
        "chevron_up": ("chevron-up", palette.secondary, "2"),
        "chevron_left": ("chevron-left", palette.secondary, "2"),
        "chevron_right": ("chevron-right", palette.secondary, "2"),
        "check": ("check", palette.on_accent, "3.5"),
        "minus": ("minus", palette.on_accent, "3.5"),
        "check_menu": ("check", palette.accent, "2.5"),
    }
    found = {}
    for key, (name, color, stroke) in wanted.items():
        path = Path(_folder().name) / f"{palette.name}-{key}.svg"
        path.write_bytes(icons.svg(name, color, stroke))
        found[key] = path.as_posix()
    return found


def _qt_palette(colors: tokens.Palette) -> QPalette:
    made = QPalette()
    role = QPalette.ColorRole
    plain = {
        role.Window: colors.window,
        role.WindowText: colors.text,
        role.Base: colors.field,
        role.AlternateBase: colors.hover,
        role.Text: colors.text,
        role.Button: colors.panel,
        role.ButtonText: colors.text,
        role.BrightText: colors.on_accent,
        role.Highlight: colors.selection,
        role.HighlightedText: colors.text,
        role.Link: colors.accent,
        role.LinkVisited: colors.accent,
        role.PlaceholderText: colors.faint,
        role.ToolTipBase: colors.raised,
        role.ToolTipText: colors.text,
        role.Light: colors.raised,
        role.Midlight: colors.hover,
        role.Mid: colors.border,
        role.Dark: colors.border,
        role.Shadow: colors.border,
        role.Accent: colors.accent_fill,
    }
    for name, value in plain.items():
        made.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, name, QColor(colors.faint))
    return made


def dress(widget: QWidget, **properties: Any) -> None:
    """Set the properties that the style sheet reads (role=…, look=…, tone=…) and let the widget take them on at once."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
