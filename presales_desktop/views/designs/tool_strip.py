"""The strip over the canvas: tools, what is shown, and what can be done with the selection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from presales_desktop.texts import tr
from presales_desktop.views.designs.canvas import PlanCanvas
from presales_desktop.views.kit import icons, shortcuts
from presales_desktop.views.kit.basics import icon_button, line


@dataclass(frozen=True)
class PlanAction:
    """Something that can be done: its button or menu entry and its keys."""

    name: str
    title: str
    icon: str
    callback: Callable[[], object]
    shortcut: str = ""
    separated: bool = False


SHOWN = (
    ("heat", "照度色图", "sun", "H"),
    ("isolines", "等照度线", "spline", "I"),
    ("values", "照度数值", "hash", "N"),
    ("underlay", "底图", "layers", "U"),
    ("grid", "网格", "grid-3x3", "G"),
    ("badges", "房间标牌", "tag", "B"),
)


class ToolStrip(QFrame):
    """Buttons with single keys; the keys work while the canvas has the keyboard."""

    def __init__(self, canvas: PlanCanvas, arrange: list[PlanAction], more: list[PlanAction]) -> None:
        super().__init__()
        self.setObjectName("design.tools")
        self.setAccessibleName(tr("工具"))
        self.setProperty("look", "bar")
        self.canvas = canvas
        self._inner = QHBoxLayout(self)
        self._inner.setContentsMargins(8, 3, 8, 3)
        self._inner.setSpacing(2)
        self._tools: dict[str, QToolButton] = {}
        self._switches: dict[str, QToolButton] = {}
        for name, tool in canvas.tools.items():
            button = icon_button(
                tool.icon, tr(tool.title), partial(self._use, name), shortcut=tool.shortcut,
                name=f"design.tool.{name}", checkable=True,
            )  # fmt: skip
            self._tools[name] = button
            self._inner.addWidget(button)
            shortcuts.register(canvas, tool.shortcut, tr(tool.title), partial(canvas.use_tool, name), group=tr("画图"))
            if name in ("select", "polygon", "line"):
                self._separate()
        self._separate()
        # What is shown: side by side where there is room, else behind one button.
        self._shown = QWidget()
        side = QHBoxLayout(self._shown)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(2)
        for name, title, icon, key in SHOWN:
            button = icon_button(
                icon, tr(title), partial(self._toggle, name), shortcut=key, name=f"design.show.{name}",
                checkable=True,
            )  # fmt: skip
            self._switches[name] = button
            side.addWidget(button)
            shortcuts.register(canvas, key, tr(title), partial(self.flip, name), group=tr("显示"))
        self._inner.addWidget(self._shown)
        self._folded = self._fold()
        self._separate()
        self._menu(tr("排列"), "align-start-vertical", "design.arrange", arrange)
        self._menu(tr("更多"), "ellipsis-vertical", "design.more", more)
        self._inner.addStretch(1)
        canvas.tool_changed.connect(self._shown_tool)
        self.show_switches()

    def _fold(self) -> QToolButton:
        made = icon_button("eye", tr("显示"), name="design.shown")
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(made)
        entries: dict[str, QAction] = {}
        for name, title, icon, key in SHOWN:
            entry = menu.addAction(icons.icon(icon), f"{tr(title)}\t{key}")
            entry.setCheckable(True)
            entry.triggered.connect(partial(self.flip, name))
            entries[name] = entry

        def read() -> None:
            for name, entry in entries.items():
                entry.setChecked(self._switches[name].isChecked())

        menu.aboutToShow.connect(read)
        made.setMenu(menu)
        made.hide()
        self._inner.addWidget(made)
        return made

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold what is shown behind one button where the strip is too narrow for it."""
        super().resizeEvent(event)
        margins = self._inner.contentsMargins()
        others = self._inner.sizeHint().width()
        for part in (self._shown, self._folded):
            if not part.isHidden():
                others -= part.sizeHint().width()
        room = self.width() - margins.left() - others
        narrow = room < self._shown.sizeHint().width()
        self._shown.setVisible(not narrow)
        self._folded.setVisible(narrow)

    def minimumSizeHint(self) -> QSize:
        """Narrower than all its buttons: it folds."""
        return QSize(120, super().minimumSizeHint().height())

    def _use(self, name: str) -> None:
        self.canvas.use_tool(name)
        self.canvas.setFocus()

    def _separate(self) -> None:
        self._inner.addSpacing(4)
        self._inner.addWidget(line(vertical=True))
        self._inner.addSpacing(4)

    def _menu(self, title: str, icon: str, name: str, actions: list[PlanAction]) -> None:
        button = QToolButton()
        button.setProperty("look", "quiet")
        button.setIcon(icons.icon(icon))
        button.setAccessibleName(title)
        button.setToolTip(title)
        button.setObjectName(name)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for action in actions:
            if action.separated:
                menu.addSeparator()
            entry = menu.addAction(icons.icon(action.icon), action.title)
            entry.setObjectName(f"design.{action.name}")
            if action.shortcut:
                entry.setText(f"{action.title}\t{shortcuts.shown(action.shortcut)}")
            entry.triggered.connect(lambda _=False, action=action: action.callback())
        button.setMenu(menu)
        self._inner.addWidget(button)

    def _shown_tool(self, name: str) -> None:
        for key, button in self._tools.items():
            button.setChecked(key == name)

    def show_switches(self) -> None:
        """After the design's own switches were read."""
        for name, button in self._switches.items():
            button.setChecked(bool(getattr(self.canvas.switches, name)))

    def flip(self, name: str) -> None:
        """By its key."""
        self._switches[name].toggle()
        self._toggle(name)

    def _toggle(self, name: str) -> None:
        setattr(self.canvas.switches, name, self._switches[name].isChecked())
        self.canvas.update()

    def set_drawing(self, on: bool) -> None:
        """Without the right to change, only looking and measuring is left."""
        for name, button in self._tools.items():
            button.setEnabled(on or name in ("select", "measure"))
