"""The frame of an editor page: bars at the top, sections in one or two columns, the side column, what stays at the bottom."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.editor_parts import TWO_COLUMNS_FROM, AskBar, Part, Section, SectionFlow
from presales_desktop.views.kit.states import ErrorBar, ErrorState, LoadingBar

_SIDE_FROM = 860


class EditorFrame(QWidget):
    """Places for what an EditorPage shows. `side_changed(has panels, wanted)`: how it stands with the right column."""

    side_changed = Signal(bool, bool)

    def __init__(self, ctx: ViewContext, kind: str) -> None:
        super().__init__()
        self.ctx, self.kind = ctx, kind
        self._parts: list[Part] = []
        self._side_wanted = bool(ctx.settings.window.get("side_column", True))
        self.error_bar = ErrorBar()
        self.ask_bar = AskBar(f"{self.kind}.conflict")
        self.recover_bar = AskBar(f"{self.kind}.recover")
        self._loading = LoadingBar()
        self._failed = ErrorState()
        self._failed.hide()
        self.flow = SectionFlow()
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self.flow)
        self._center = QVBoxLayout()
        self._center.setContentsMargins(0, 0, 0, 0)
        self._center.setSpacing(0)
        self._center.addWidget(self._area, 1)
        self._side_area = self._make_side()
        self._body = QWidget()
        middle = QHBoxLayout(self._body)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addLayout(self._center, 1)
        middle.addWidget(self._side_area)
        self._bars = QVBoxLayout()
        self._bars.setContentsMargins(tokens.MARGIN, 10, tokens.MARGIN, 0)
        self._bars.setSpacing(6)
        for bar in (self.recover_bar, self.ask_bar, self.error_bar):
            self._bars.addWidget(bar)
        self._stack = page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addWidget(self._loading)
        page.addLayout(self._bars)
        page.addWidget(self._body, 1)
        page.addWidget(self._failed, 1)

    def _make_side(self) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFixedWidth(tokens.PANEL_WIDTH)
        holder = QWidget()
        self._side = QVBoxLayout(holder)
        self._side.setContentsMargins(0, 6, tokens.MARGIN, tokens.MARGIN)
        self._side.setSpacing(tokens.GAP)
        self._side.addStretch(1)
        area.setWidget(holder)
        area.hide()
        return area

    def set_head(self, head: QWidget) -> None:
        """What stands above everything."""
        self._stack.insertWidget(0, head)

    def add_section(self, title: str, *parts: QWidget, wide: bool = False, column: int = -1) -> Section:
        """A titled section; WIDE spans both columns, COLUMN 0 or 1 says where it stands when there are two."""
        section = Section(title, *parts, wide=wide, column=column)
        self.flow.add(section)
        return section

    def add_side(self, panel: QWidget) -> None:
        """A panel of the right column."""
        self._side.insertWidget(self._side.count() - 1, panel)
        self._place_side()

    def set_body(self, widget: QWidget) -> None:
        """A page of its own in place of the sections (a line table that is the page)."""
        self._area.hide()
        self._center.insertWidget(0, widget, 1)

    def set_footer(self, widget: QWidget) -> None:
        """What stays at the bottom (totals)."""
        self._center.addWidget(widget)

    def add_bar(self, widget: QWidget) -> None:
        """A bar of the feature's own above the sections (a duplicate warning)."""
        self._bars.addWidget(widget)

    def register_part(self, part: Part) -> None:
        """A feature's own widget that edits paths of the draft and shows problems."""
        self._parts.append(part)

    def toggle_side(self) -> None:
        """Show or hide the right column; remembered on this device."""
        self._side_wanted = not self._side_wanted
        self.ctx.settings.window = {**self.ctx.settings.window, "side_column": self._side_wanted}
        self._place_side()

    def _place_side(self) -> None:
        self._side_area.setVisible(self._side_wanted and self._side.count() > 1 and self.width() >= _SIDE_FROM)
        self.side_changed.emit(self._side.count() > 1, self._side_wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.flow.set_columns(2 if self.width() >= TWO_COLUMNS_FROM else 1)
        self._place_side()
