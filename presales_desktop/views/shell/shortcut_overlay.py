"""Ctrl+/: every shortcut that works now, the window's and the page's."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from presales_desktop.texts import tr
from presales_desktop.views.kit import shortcuts, tokens
from presales_desktop.views.kit.basics import icon_button, row, words
from presales_desktop.views.kit.dressing import own_sheet
from presales_desktop.views.shell.overlay import Overlay


def _key_sheet(p: tokens.Palette) -> str:
    return (
        f"QLabel {{ background: {p.neutral_soft}; border: 1px solid {p.border}; border-radius: 4px;"
        f" padding: 0 6px; min-height: 20px; font-size: {tokens.SMALL}px; color: {p.text}; }}"
    )


class ShortcutOverlay(Overlay):
    """Two columns of titled groups: this page first, then the window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, 760)
        self.setObjectName("shortcuts")
        self.panel.setAccessibleName(tr("键盘快捷键"))
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        inner = QVBoxLayout(self.panel)
        inner.setContentsMargins(20, 14, 14, 16)
        close = icon_button("x", tr("关闭"), self.close_overlay)
        inner.addLayout(row(words(tr("键盘快捷键"), "section"), None, close))
        inner.addWidget(self._area)

    def panel_height(self) -> int:
        """As high as what it lists."""
        body = self._area.widget()
        return (body.sizeHint().height() if body is not None else 200) + 90

    def open(self) -> None:
        """List what works now."""
        here: list[shortcuts.Entry] = []
        everywhere: list[shortcuts.Entry] = []
        for entry in shortcuts.listed(self._window):
            group = everywhere if entry.widget is self._window else here
            # A second key for the same thing is not worth a line.
            if all(entry.title != other.title for other in group):
                group.append(entry)
        body = QWidget()
        columns = QGridLayout(body)
        columns.setContentsMargins(0, 0, 8, 0)
        columns.setHorizontalSpacing(28)
        columns.setColumnStretch(0, 1)
        columns.setColumnStretch(1, 1)
        columns.addLayout(self._group(tr("这一页"), here or []), 0, 0, Qt.AlignmentFlag.AlignTop)
        columns.addLayout(self._group(tr("到处可用"), everywhere), 0, 1, Qt.AlignmentFlag.AlignTop)
        self._area.setWidget(body)
        super().open()
        self._area.setFocus()

    def _group(self, title: str, entries: list[shortcuts.Entry]) -> QGridLayout:
        made = QGridLayout()
        made.setVerticalSpacing(5)
        made.setHorizontalSpacing(12)
        made.setColumnStretch(0, 1)
        made.addWidget(words(title, "group"), 0, 0, 1, 2)
        if not entries:
            made.addWidget(words(tr("没有自己的快捷键。"), "small"), 1, 0, 1, 2)
        for i, entry in enumerate(entries, 1):
            key = QLabel(shortcuts.shown(entry.key))
            own_sheet(key, _key_sheet)
            made.addWidget(words(entry.title), i, 0)
            made.addWidget(key, i, 1, Qt.AlignmentFlag.AlignRight)
        return made
