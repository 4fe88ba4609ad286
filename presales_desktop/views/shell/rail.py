"""The navigation at the left: groups of entries with counts, wide or only icons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout, QWidget

from presales_desktop.texts import tr
from presales_desktop.views.kit import icons, theme, tokens
from presales_desktop.views.kit.basics import icon_button, words


@dataclass(frozen=True)
class Entry:
    """One entry: key, title (translated), icon, heading that it stands under, keys that open it."""

    key: str
    title: str
    icon: str
    group: str = ""
    shortcut: str = ""


class RailButton(QAbstractButton):
    """One entry, painted: icon, word, count; a bar at the left where the user is."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry
        self.count = 0
        self.narrow = False
        self.setObjectName(f"rail.{entry.key}")
        self.setText(entry.title)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.set_count(0)

    def sizeHint(self) -> QSize:
        """A row of the rail."""
        return QSize(40, 32 if tokens.density() == "comfortable" else 28)

    def set_count(self, count: int) -> None:
        """How much waits here."""
        self.count = count
        title = self.entry.title
        self.setAccessibleName(tr("{title}，{n} 项待办", title=title, n=count) if count else title)
        self._tip()
        self.update()

    def set_narrow(self, narrow: bool) -> None:
        """Only the icon; the word goes into the tool tip."""
        self.narrow = narrow
        self._tip()
        self.update()

    def _tip(self) -> None:
        key = f"  {self.entry.shortcut}" if self.entry.shortcut else ""
        self.setToolTip(f"{self.entry.title}{key}" if self.narrow else key.strip())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk through the rail, Enter opens."""
        if event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the entry."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        chosen = self.isChecked()
        painter.setPen(Qt.PenStyle.NoPen)
        if chosen or self.underMouse():
            painter.setBrush(tokens.color("selection" if chosen else "pressed"))
            painter.drawRoundedRect(box, tokens.RADIUS, tokens.RADIUS)
        if self.hasFocus():
            painter.setPen(tokens.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, tokens.RADIUS, tokens.RADIUS)
        icon_left = (self.width() - 18) / 2 if self.narrow else 9.0
        tone = "accent" if chosen else "secondary"
        icons.paint(painter, QRectF(icon_left, (self.height() - 18) / 2, 18, 18), self.entry.icon, tone)
        if self.narrow:
            self._paint_dot(painter)
            return
        painter.setFont(theme.font(tokens.BODY, tokens.SEMIBOLD if chosen else tokens.REGULAR))
        painter.setPen(tokens.color("accent" if chosen else "text"))
        room = QRectF(36, 0, self.width() - 36 - (40 if self.count else 8), self.height())
        shown = QFontMetrics(painter.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)
        if self.count:
            self._paint_count(painter)

    def _paint_count(self, painter: QPainter) -> None:
        text = "99+" if self.count > 99 else str(self.count)
        painter.setFont(theme.font(11, tokens.SEMIBOLD))
        width = max(20, painter.fontMetrics().horizontalAdvance(text) + 10)
        box = QRectF(self.width() - width - 8, (self.height() - 18) / 2, width, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.color("amber_soft"))
        painter.drawRoundedRect(box, 9, 9)
        painter.setPen(tokens.color("amber"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)

    def _paint_dot(self, painter: QPainter) -> None:
        if self.count:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.color("glow"))
            painter.drawEllipse(QRectF(self.width() - 13, 5, 7, 7))


class Rail(QFrame):
    """`chosen(key)` when an entry is pressed; `collapsed(bool)` when it was folded by hand."""

    chosen = Signal(str)
    collapsed = Signal(bool)

    def __init__(self, company: str, entries: Sequence[Entry], narrow: bool) -> None:
        super().__init__()
        self.setProperty("look", "rail")
        self.setObjectName("rail")
        self.setAccessibleName(tr("导航"))
        self.buttons: dict[str, RailButton] = {}
        self._headings: list[QWidget] = []
        self._company = _Company(company)
        inner = QVBoxLayout(self)
        inner.setContentsMargins(8, 8, 8, 8)
        inner.setSpacing(1)
        inner.addWidget(self._company)
        inner.addSpacing(8)
        group = ""
        for entry in entries:
            if entry.group != group:
                group = entry.group
                inner.addWidget(self._heading(group))
            made = RailButton(entry)
            made.clicked.connect(self._opener(entry.key))
            self.buttons[entry.key] = made
            inner.addWidget(made)
        inner.addStretch(1)
        self._fold = icon_button("panel-left-close", "", self.toggle, name="rail.fold")
        inner.addWidget(self._fold)
        self.narrow = False
        self.set_narrow(narrow)

    def _opener(self, key: str) -> Callable[[], None]:
        return lambda: self.chosen.emit(key)

    def _heading(self, text: str) -> QWidget:
        made = words(text, "group")
        made.setContentsMargins(9, 12, 0, 3)
        self._headings.append(made)
        return made

    def set_narrow(self, narrow: bool) -> None:
        """Only icons, or words too."""
        self.narrow = narrow
        self.setFixedWidth(tokens.RAIL_COLLAPSED if narrow else tokens.RAIL_WIDTH)
        for button in self.buttons.values():
            button.set_narrow(narrow)
        for heading in self._headings:
            heading.setVisible(not narrow)
        self._company.set_narrow(narrow)
        title = tr("展开导航") if narrow else tr("收起导航")
        self._fold.setIcon(icons.icon("panel-left-open" if narrow else "panel-left-close"))
        self._fold.setAccessibleName(title)
        self._fold.setToolTip(f"{title}  Ctrl+B")

    def toggle(self) -> None:
        """The other way round, by hand."""
        self.set_narrow(not self.narrow)
        self.collapsed.emit(self.narrow)

    def set_current(self, key: str) -> None:
        """Mark where the user is; "" for nowhere."""
        for name, button in self.buttons.items():
            button.setChecked(name == key)

    def set_counts(self, counts: dict[str, int]) -> None:
        """What waits, by entry."""
        for name, button in self.buttons.items():
            button.set_count(counts.get(name, 0))


class _Company(QWidget):
    """The company's name beside a small mark; the mark alone when narrow."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._narrow = False
        self.setFixedHeight(32)
        self.setToolTip(name)
        self.setAccessibleName(name)

    def set_narrow(self, narrow: bool) -> None:
        """Only the mark."""
        self._narrow = narrow
        self.update()

    def event(self, event: QEvent) -> bool:
        """Repaint with the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A lamp on the accent, and the name."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = (self.width() - 26) / 2 if self._narrow else 5.0
        box = QRectF(left, 3, 26, 26)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.color("accent_fill"))
        painter.drawRoundedRect(box, 7, 7)
        icons.paint(painter, QRectF(left + 5, 8, 16, 16), "lightbulb", "on_accent")
        if self._narrow:
            return
        painter.setFont(theme.font(tokens.BODY, tokens.SEMIBOLD))
        painter.setPen(tokens.color("text"))
        room = QRectF(40, 0, self.width() - 42, self.height())
        shown = QFontMetrics(painter.font()).elidedText(self._name, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)
