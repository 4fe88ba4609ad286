"""Sheets of single widgets that the program's sheet does not know: made from tokens, renewed when the theme changes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from presales_desktop.views.kit import theme, tokens


class _Renewer(QObject):
    """Lives and dies with its widget."""

    def __init__(self, widget: QWidget, make: Callable[[tokens.Palette], str]) -> None:
        super().__init__(widget)
        self._widget, self._make = widget, make
        theme.notifier.theme_changed.connect(self.renew)

    def renew(self) -> None:
        self._widget.setStyleSheet(self._make(tokens.palette()))


def own_sheet(widget: QWidget, make: Callable[[tokens.Palette], str]) -> None:
    """Give WIDGET the sheet MAKE(palette), now and after every switch of the theme. For leaves: a sheet on a page is slow."""
    _Renewer(widget, make).renew()


def chip_sheet(p: tokens.Palette) -> str:
    """A pill that can be on: filter chips, choices of several."""
    return f"""
QToolButton {{ border: 1px solid {p.border}; border-radius: 13px; background: {p.panel}; color: {p.secondary};
  padding: 0 10px; min-height: 24px; }}
QToolButton:hover {{ background: {p.hover}; }}
QToolButton[on="true"], QToolButton:checked {{ background: {p.accent_soft}; border-color: {p.accent_soft}; color: {p.accent}; }}
QToolButton:focus {{ border: 2px solid {p.accent}; padding: 0 9px; min-height: 22px; }}
"""


def tab_sheet(p: tokens.Palette) -> str:
    """A quiet tab with a line under the one that is on."""
    return f"""
QPushButton {{ border: none; border-bottom: 2px solid transparent; border-radius: 0; background: transparent;
  color: {p.secondary}; padding: 0 10px; min-height: 26px; }}
QPushButton:hover {{ color: {p.text}; background: {p.hover}; }}
QPushButton:checked {{ color: {p.accent}; border-bottom: 2px solid {p.accent}; background: transparent; font-weight: 600; }}
QPushButton:focus {{ background: {p.accent_soft}; border-bottom: 2px solid {p.accent}; padding: 0 10px; min-height: 26px; }}
"""
