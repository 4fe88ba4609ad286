"""The bar at the top: the way back, where one is, search, 新建, how the data stands, who one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from presales_desktop.texts import tr
from presales_desktop.views.kit import icons, shortcuts, sync_words, theme, tokens
from presales_desktop.views.kit.basics import Elided, button, clear, icon_button, icon_label, words

if TYPE_CHECKING:
    from presales_desktop.services.syncing import SyncStatus


class SearchButton(QPushButton):
    """Looks like a search field and opens the palette."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("top.search")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(tr("搜索或输入命令"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(150)
        self.setMaximumWidth(320)
        self._key = shortcuts.shown("Ctrl+K")

    def paintEvent(self, event: QPaintEvent) -> None:
        """A field with a magnifier, a hint and its keys."""
        super().paintEvent(event)
        painter = QPainter(self)
        icons.paint(painter, QRectF(9, (self.height() - 16) / 2, 16, 16), "search", "faint")
        painter.setFont(theme.font(tokens.BODY))
        painter.setPen(tokens.color("faint"))
        box = QRectF(32, 0, self.width() - 90, self.height())
        hint = painter.fontMetrics().elidedText(tr("搜索或输入命令"), Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), hint)
        painter.setFont(theme.font(11))
        key = QRectF(self.width() - 60, 0, 50, self.height())
        painter.drawText(key, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), self._key)


class Avatar(QWidget):
    """The last character of a Chinese name, or the initials, in a circle."""

    def __init__(self, name: str, size: int = 24) -> None:
        super().__init__()
        self.setFixedSize(size, size)
        parts = name.split()
        self._text = "".join(p[0] for p in parts[:2]).upper() if name.isascii() else name[-1:]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.color("accent_fill"))
        painter.drawEllipse(self.rect())
        painter.setPen(tokens.color("on_accent"))
        painter.setFont(theme.font(12, tokens.SEMIBOLD))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self._text)


class TopBar(QFrame):
    """Signals: back, forward, search, new (the menu), user (the menu), sync (its centre), crumb(index) of the breadcrumb.

    CONNECTED: the workspace belongs to a server; `sync_button` says how that stands.
    """

    back = Signal()
    forward = Signal()
    search = Signal()
    new = Signal()
    user = Signal()
    sync = Signal()
    crumb = Signal(int)

    def __init__(self, user_name: str, user_title: str, *, demo: bool, connected: bool = False) -> None:
        super().__init__()
        self.setProperty("look", "bar")
        self.setObjectName("top")
        self.setFixedHeight(tokens.TOP_BAR)
        self._back = icon_button("arrow-left", tr("后退"), self.back.emit, shortcut="Alt+←", name="top.back")
        self._forward = icon_button("arrow-right", tr("前进"), self.forward.emit, shortcut="Alt+→", name="top.forward")
        self._crumbs = QHBoxLayout()
        self._crumbs.setSpacing(2)
        self.search_button = SearchButton()
        self.search_button.clicked.connect(self.search.emit)
        self.new_button = button(tr("新建"), self.new.emit, icon="plus", name="top.new", tip=shortcuts.shown("Ctrl+N"))
        self.user_button = _UserButton(user_name, user_title)
        self.user_button.clicked.connect(self.user.emit)
        inner = QHBoxLayout(self)
        inner.setContentsMargins(10, 0, 10, 0)
        inner.setSpacing(6)
        inner.addWidget(self._back)
        inner.addWidget(self._forward)
        inner.addSpacing(6)
        inner.addLayout(self._crumbs, 3)
        inner.addWidget(self.search_button, 2)
        inner.addWidget(self.new_button)
        inner.addSpacing(6)
        self.sync_button = SyncButton() if connected else None
        if self.sync_button is not None:
            self.sync_button.clicked.connect(self.sync.emit)
        inner.addWidget(self.sync_button or _SyncWords(demo=demo))
        inner.addSpacing(2)
        inner.addWidget(self.user_button)

    def set_way(self, *, can_back: bool, can_forward: bool) -> None:
        """Whether there is a way back and forward."""
        self._back.setEnabled(can_back)
        self._forward.setEnabled(can_forward)

    def set_crumbs(self, crumbs: Sequence[str]) -> None:
        """Where one is: all but the last can be pressed."""
        clear(self._crumbs)
        for i, text in enumerate(crumbs[:-1]):
            link = button(text, self._presser(i), look="quiet", name=f"top.crumb.{i}")
            link.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._crumbs.addWidget(link)
            self._crumbs.addWidget(icon_label("chevron-right", 14, "faint"))
        if crumbs:
            here = Elided(crumbs[-1], "strong")
            here.setObjectName("top.here")
            here.setContentsMargins(6, 0, 0, 0)
            self._crumbs.addWidget(here, 1)

    def _presser(self, index: int) -> Callable[[], None]:
        return lambda: self.crumb.emit(index)


class SyncButton(QToolButton):
    """How sync stands: icon, word, number; opens the sync centre."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("top.sync")
        self.setProperty("look", "quiet")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(icons.size(14))

    def show_status(self, status: SyncStatus) -> None:
        """Say how it stands now."""
        icon, tone = sync_words.LOOKS.get(status.state, ("cloud", "secondary"))
        word = sync_words.short(status)
        self.setIcon(icons.icon(icon, tone))
        self.setText(f" {word}")
        tip = [tr("同步中心"), sync_words.problem(status), sync_words.last_time(status)]
        self.setToolTip(" · ".join(t for t in tip if t))
        self.setAccessibleName(tr("同步：{word}", word=word))


class _SyncWords(QWidget):
    """How the data stands, in words: on this laptop, not connected."""

    def __init__(self, *, demo: bool) -> None:
        super().__init__()
        inner = QHBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        said = tr("演示数据 · 离线") if demo else tr("本机工作 · 离线")
        inner.addWidget(icon_label("hard-drive", 14, "faint"))
        inner.addWidget(words(said, "small"))
        self.setToolTip(tr("数据加密保存在这台电脑上，不需要网络。"))
        self.setAccessibleName(said)
        self.setObjectName("top.sync")


class _UserButton(QToolButton):
    """Who one is; opens the user menu."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName("top.user")
        self.setProperty("look", "quiet")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(tr("{name}，{title}：用户菜单", name=name, title=title))
        self.setToolTip(f"{name} · {title}")
        inner = QHBoxLayout(self)
        inner.setContentsMargins(6, 0, 6, 0)
        inner.setSpacing(7)
        inner.addWidget(Avatar(name))
        label = words(name[:12])
        inner.addWidget(label)
        inner.addWidget(icon_label("chevron-down", 14, "faint"))
        self.setFixedWidth(label.sizeHint().width() + 24 + 14 + 14 + 16)
