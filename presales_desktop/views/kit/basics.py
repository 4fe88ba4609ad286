"""Words, buttons and lines in the program's dress, so that no feature sets a property by hand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from presales_desktop.views.kit import icons, tokens


def words(text: str = "", role: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """A label in a role of theme.py ("title", "section", "secondary", "faint" …)."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    if selectable:
        made.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
    return made


class Elided(QLabel):
    """One line that is cut with … when it does not fit; the whole text stands in the tool tip."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__()
        self._whole = ""
        if role:
            self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        # Takes what is left, before labels that only could grow.
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHorizontalStretch(1)
        self.setSizePolicy(policy)
        self.setMinimumWidth(24)
        self.setText(text)

    def setText(self, text: str) -> None:
        """The whole text."""
        self._whole = text
        super().setText(text)
        self.setAccessibleName(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = QFontMetrics(self.font()).elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip("" if shown == self._whole else self._whole)
        painter.drawText(self.rect(), int(self.alignment()) | int(Qt.TextFlag.TextSingleLine), shown)


def button(
    text: str,
    clicked: Callable[[], object] | None = None,
    *,
    look: str = "",
    icon: str = "",
    name: str = "",
    tip: str = "",
) -> QPushButton:
    """A button that says a verb. LOOK "primary" (one per page), "quiet", "danger", "link"; NAME: objectName."""
    made = QPushButton(text)
    if look:
        made.setProperty("look", look)
    if icon:
        tone = {"primary": "on_accent", "danger": "on_accent", "link": "accent"}.get(look, "secondary")
        made.setIcon(icons.icon(icon, tone))
        made.setIconSize(icons.size())
    if name:
        made.setObjectName(name)
    if tip:
        made.setToolTip(tip)
    made.setAutoDefault(False)
    if clicked is not None:
        made.clicked.connect(lambda: clicked())
    return made


def icon_button(
    icon: str,
    title: str,
    clicked: Callable[[], object] | None = None,
    *,
    shortcut: str = "",
    name: str = "",
    tone: str = "secondary",
    checkable: bool = False,
) -> QToolButton:
    """A quiet button with only an icon; TITLE is read aloud and shown as tip, with SHORTCUT beside it."""
    made = QToolButton()
    made.setProperty("look", "quiet")
    made.setIcon(icons.icon(icon, tone))
    made.setIconSize(icons.size())
    made.setAccessibleName(title)
    made.setToolTip(f"{title}  {shortcut}" if shortcut else title)
    made.setCheckable(checkable)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if name:
        made.setObjectName(name)
    if clicked is not None:
        made.clicked.connect(lambda: clicked())
    return made


def icon_label(icon: str, size: int = tokens.ICON, tone: str = "secondary") -> QLabel:
    """A picture that follows the theme."""
    made = QLabel()
    made.setPixmap(icons.pixmap(icon, size, tone))
    made.setFixedSize(size, size)
    return made


def line(*, vertical: bool = False) -> QFrame:
    """A hairline."""
    made = QFrame()
    made.setProperty("look", "line-v" if vertical else "line")
    return made


def frame(look: str = "panel") -> QFrame:
    """A surface: "panel", "raised", "well", "sheet", "bar", "foot"; or a tone: "bad", "amber", "good", "accent"."""
    made = QFrame()
    made.setProperty("look", look)
    return made


def row(*parts: QWidget | int | None, gap: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    """Widgets side by side; a number is that much space, None takes what is left."""
    made = QHBoxLayout()
    made.setContentsMargins(*margins)
    made.setSpacing(gap)
    for part in parts:
        if part is None:
            made.addStretch(1)
        elif isinstance(part, int):
            made.addSpacing(part)
        else:
            made.addWidget(part)
    return made


def column(
    *parts: QWidget | int | None, gap: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QVBoxLayout:
    """Widgets one under the other; a number is that much space, None takes what is left."""
    made = QVBoxLayout()
    made.setContentsMargins(*margins)
    made.setSpacing(gap)
    for part in parts:
        if part is None:
            made.addStretch(1)
        elif isinstance(part, int):
            made.addSpacing(part)
        else:
            made.addWidget(part)
    return made


def clear(layout: QHBoxLayout | QVBoxLayout) -> None:
    """Take every widget and inner layout out of LAYOUT and let them go."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            # What is about to go must not be found by its name any more.
            for each in (widget, *widget.findChildren(QWidget)):
                each.setObjectName("")
            widget.deleteLater()
        elif isinstance(inner, (QHBoxLayout, QVBoxLayout)):
            clear(inner)
