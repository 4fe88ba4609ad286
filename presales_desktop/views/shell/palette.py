"""Ctrl+K: records and commands in one field, by substring and pinyin initials, keyboard only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from presales_desktop.services import search
from presales_desktop.services.search import Hit
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import events, jobs, theme, tokens
from presales_desktop.views.kit.basics import icon_label, line, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.states import LoadingBar
from presales_desktop.views.shell.commands import VAGUE, Command, fold, initials_of, matching, rank
from presales_desktop.views.shell.overlay import Overlay
from presales_desktop.views.shell.palette_list import PaletteRow, PaletteView

DEBOUNCE_MS = 60
_LIMIT = 30


class Palette(Overlay):
    """COMMANDS() gives what can be done right now; RECENT() the records that were open last, as (kind, id, title)."""

    def __init__(
        self,
        window: QWidget,
        ctx: ViewContext,
        commands: Callable[[], Sequence[Command]],
        recent: Callable[[], Sequence[Hit]],
    ) -> None:
        super().__init__(window, 660)
        self.setObjectName("palette")
        self._ctx = ctx
        self._source = commands
        self._recent = recent
        self._commands: list[Command] = []
        self._initials: dict[str, tuple[str, ...]] = {}
        self._asked = 0
        self._hits: tuple[Hit, ...] = ()
        self._hits_for = ""
        self._changed: tuple[Hit, ...] = ()
        self._accept_later = False
        self._wait = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._wait.timeout.connect(self._search)
        self._build()

    def _build(self) -> None:
        self.panel.setAccessibleName(tr("搜索和命令"))
        self.input = QLineEdit()
        self.input.setObjectName("palette.input")
        self.input.setProperty("look", "bare")
        self.input.setFont(theme.font(tokens.SECTION))
        self.input.setFixedHeight(46)
        self.input.setPlaceholderText(tr("客户、项目、报价单号，或命令；可用拼音首字母"))
        self.input.setAccessibleName(tr("搜索或输入命令"))
        self.input.textChanged.connect(self._typed)
        self.input.installEventFilter(self)
        self.view = PaletteView()
        self.view.setObjectName("palette.list")
        self.view.clicked.connect(lambda _: self.accept())
        self._loading = LoadingBar()
        self._nothing = words("", "secondary")
        self._nothing.setContentsMargins(16, 10, 16, 14)
        self._hint = words(tr("↑↓ 选择   Enter 打开   Esc 关闭"), "faint")
        self._hint.setContentsMargins(14, 6, 14, 8)
        inner = QVBoxLayout(self.panel)
        inner.setContentsMargins(1, 1, 1, 1)
        inner.setSpacing(0)
        inner.addLayout(
            row(icon_label("search", tokens.ICON_LARGE, "faint"), self.input, gap=10, margins=(14, 0, 14, 0))
        )
        inner.addWidget(self._loading)
        inner.addWidget(line())
        inner.addWidget(self.view, 1)
        inner.addWidget(self._nothing)
        inner.addWidget(line())
        inner.addWidget(self._hint)

    # --- opening -----------------------------------------------------------------------------------------------------
    def open(self) -> None:
        """Show it empty: recent records and the page's commands."""
        self._commands = list(self._source())
        self._hits, self._hits_for = (), ""
        self.input.blockSignals(True)
        self.input.clear()
        self.input.blockSignals(False)
        self._fill()
        super().open()
        self.input.setFocus()
        jobs.start(self, self._prepare())

    async def _prepare(self) -> None:
        """Initials of the commands and what changed last, off the UI thread."""
        unknown = {c.title for c in self._commands} - self._initials.keys()
        if unknown:
            self._initials |= await self._ctx.pool.run(initials_of, sorted(unknown))
        self._changed = await self._ctx.db.run(search.recent, 8)
        self._fill()

    def panel_height(self) -> int:
        """Input, rows up to a limit, hint."""
        rows = min(self.view.height_wanted(), 440) if self.view.rows.rows else 44
        return 46 + 3 + rows + 32

    # --- typing ------------------------------------------------------------------------------------------------------
    def _typed(self, text: str) -> None:
        self._asked += 1
        self._accept_later = False
        if text.strip():
            self._wait.start()
        else:
            self._wait.stop()
            self._loading.stop()
            self._hits, self._hits_for = (), ""
        self._fill()

    def _search(self) -> None:
        jobs.start(self, self._find(self._asked, self.input.text()))

    async def _find(self, asked: int, text: str) -> None:
        self._loading.start()
        try:
            hits = await self._ctx.db.run(search.find, text, _LIMIT)
        finally:
            if asked == self._asked:
                self._loading.stop()
        if asked == self._asked:
            self._hits, self._hits_for = hits, text
            self._fill()
            if self._accept_later:
                self._accept_later = False
                self.accept()

    # --- rows --------------------------------------------------------------------------------------------------------
    def _fill(self) -> None:
        text = self.input.text()
        if text.strip():
            found = matching(self._commands, text, self._initials, 6)
            # Letters from the middle of a command ("jd" in 新建调研) are rarely meant where a record begins with them.
            vague = [c for c in found if (rank(c, fold(text), self._initials) or 0) >= VAGUE]
            rows = (
                self._command_rows([c for c in found if c not in vague]) + self._hit_rows() + self._command_rows(vague)
            )
        else:
            rows = self._recent_rows() + self._command_rows(self._commands)
        self.view.show_rows(rows, text)
        self.view.setVisible(bool(rows))
        waiting = bool(text.strip()) and self._hits_for != text
        self._nothing.setVisible(not rows)
        self._nothing.setText(
            tr("正在搜索…") if waiting else tr("没有找到“{text}”。换个词，或用拼音首字母试试。", text=text.strip())
        )
        if not self.isHidden():
            self.place()

    def _hit_rows(self) -> list[PaletteRow]:
        by_kind: dict[str, list[Hit]] = {}
        for hit in self._hits:
            by_kind.setdefault(hit.kind, []).append(hit)
        rows: list[PaletteRow] = []
        for kind, hits in by_kind.items():
            rows.append(PaletteRow(lookup.kind_title(kind)))
            rows += [self._hit_row(hit) for hit in hits]
        return rows

    def _recent_rows(self) -> list[PaletteRow]:
        visited = list(self._recent())
        rows = [PaletteRow(tr("最近打开")), *(self._hit_row(h, named=True) for h in visited)] if visited else []
        seen = {(h.kind, h.id) for h in visited}
        others = [h for h in self._changed if (h.kind, h.id) not in seen][: 8 - min(len(visited), 6)]
        if others:
            rows += [PaletteRow(tr("最近修改")), *(self._hit_row(h, named=True) for h in others)]
        return rows

    def _hit_row(self, hit: Hit, *, named: bool = False) -> PaletteRow:
        note = lookup.kind_title(hit.kind) if named else ""
        return PaletteRow(
            hit.title or hit.subtitle, events.kind_icon(hit.kind), hit.subtitle if hit.title else "", note,
            lambda: self._ctx.nav.open(hit.kind, hit.id),
        )  # fmt: skip

    def _command_rows(self, commands: Sequence[Command]) -> list[PaletteRow]:
        rows: list[PaletteRow] = []
        group = None
        for command in sorted(commands, key=lambda c: _order(c.group, commands)):
            if command.group != group:
                group = command.group
                rows.append(PaletteRow(group))
            rows.append(PaletteRow(command.title, command.icon, "", command.shortcut, command.run))
        return rows

    # --- keys --------------------------------------------------------------------------------------------------------
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The input keeps the focus; arrows and Enter belong to the list."""
        if watched is self.input and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}
            key = Qt.Key(event.key())
            if key in steps:
                self.view.step(steps[key])
                return True
            if key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
                for _ in range(8):
                    self.view.step(1 if key == Qt.Key.Key_PageDown else -1)
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.accept()
                return True
            if key == Qt.Key.Key_Escape:
                self.close_overlay()
                return True
        return super().eventFilter(watched, event)

    def accept(self) -> None:
        """Do what is chosen. Rows of an older answer are not acted on: the choice waits for the answer to what was typed."""
        chosen = self.view.chosen()
        is_command = chosen is not None and any(chosen.run == c.run for c in self._commands)
        if self.input.text().strip() and self._hits_for != self.input.text() and not is_command:
            self._accept_later = True
            return
        if chosen is not None and chosen.run is not None:
            self.close_overlay()
            chosen.run()


def _order(group: str, commands: Sequence[Command]) -> int:
    """Groups stand in the order in which they first appear."""
    return next(i for i, c in enumerate(commands) if c.group == group)
