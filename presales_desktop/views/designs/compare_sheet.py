"""Designs of the case side by side: choose up to two others, read light, power and price by room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from presales_desktop.services import design_compare
from presales_desktop.services.design_compare import MOST, DesignFigures, Other, RoomFigures
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import jobs, tokens
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.dialogs import Sheet

if TYPE_CHECKING:
    from presales_desktop.views.designs.editor import DesignEditor

_WIDTH = 860
_NONE = "—"
Cell = tuple[str, str]


class CompareBody(QWidget):
    """Others to tick, and the table; what is ticked is calculated on a worker, a newer choice drops an older one."""

    def __init__(self, page: DesignEditor, design_id: UUID, others: Sequence[Other]) -> None:
        super().__init__()
        self._page, self._design_id = page, design_id
        self._asked = 0
        self.columns: tuple[DesignFigures, ...] = ()
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        inner.addWidget(words(tr("同一项目的其他方案和版本，最多选 {n} 份：", n=MOST - 1), "small", wrap=True))
        self.boxes: dict[UUID, QCheckBox] = {}
        for n, other in enumerate(others):
            box = QCheckBox(f"{other.label}  {other.title}  · {lookup.state('design', other.state)}")
            box.setObjectName(f"design.compare.{n}")
            box.setChecked(n == 0)
            box.toggled.connect(lambda _on: self.reload())
            self.boxes[other.id] = box
            inner.addWidget(box)
        if not others:
            inner.addWidget(
                words(tr("这个项目还没有别的方案。修订新版或新建方案后可以在这里比较。"), "secondary", wrap=True)
            )
        self.state = words("", "faint", wrap=True)
        self.table = QTableWidget(0, 0)
        self.table.setObjectName("design.compare.table")
        self.table.setAccessibleName(tr("方案比较"))
        self.table.verticalHeader().setDefaultSectionSize(tokens.row_height())
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.horizontalHeader().setMinimumHeight(2 * tokens.row_height() - 14)
        self.table.setMinimumHeight(tokens.row_height() * 14)
        inner.addWidget(self.state)
        inner.addWidget(self.table, 1)

    def chosen(self) -> list[UUID]:
        """This design first."""
        ticked = [key for key, box in self.boxes.items() if box.isChecked()]
        return [self._design_id, *ticked[: MOST - 1]]

    def reload(self) -> None:
        """Calculate what is ticked; the boxes beyond the limit rest."""
        full = sum(box.isChecked() for box in self.boxes.values()) >= MOST - 1
        for box in self.boxes.values():
            box.setEnabled(box.isChecked() or not full)
        self._asked += 1
        jobs.start(self, self._load(self._asked, self.chosen()), lambda e: self._page.ctx.nav.show_error(e, self._page))

    async def _load(self, asked: int, ids: list[UUID]) -> None:
        self.state.setText(tr("计算中…"))
        found = await self._page.ctx.db.run(design_compare.material, ids)
        made = []
        for each in found:
            if asked != self._asked:
                return
            made.append(await self._page.ctx.pool.run(design_compare.figures, each))
        if asked == self._asked:
            self.show_columns(tuple(made))

    def show_columns(self, columns: tuple[DesignFigures, ...]) -> None:
        """The table: the whole first, then room by room; what is better than in the first design in green, worse in red."""
        self.columns = columns
        rows = [*_whole(columns), *_rooms(columns)]
        self.table.clear()
        self.table.setColumnCount(len(columns))
        self.table.setRowCount(len(rows))
        self.table.setHorizontalHeaderLabels([f"{c.label}\n{c.title[:14]}" for c in columns])
        self.table.setVerticalHeaderLabels([title for title, _ in rows])
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for n, (_, cells) in enumerate(rows):
            for at, (text, tone) in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if tone:
                    item.setForeground(tokens.color(tone))
                self.table.setItem(n, at, item)
        self.state.setText(tr("绿色优于本方案，红色不如本方案；价格为目录价。") if len(columns) > 1 else "")


def _cells(values: Sequence[float | None], shown: Callable[[float], str], better: int) -> list[Cell]:
    """BETTER 1: more is better, -1: less is, 0: neither. The first column is what the others are held against."""
    made: list[Cell] = []
    first = values[0] if values else None
    for n, value in enumerate(values):
        tone = ""
        if n and better and value is not None and first is not None and abs(value - first) > 1e-9:
            tone = "good" if (value > first) == (better > 0) else "bad"
        made.append((_NONE if value is None else shown(value), tone))
    return made


def _money(value: float) -> str:
    return fmt.money(round(value))


def _whole(columns: Sequence[DesignFigures]) -> list[tuple[str, list[Cell]]]:
    passed = [
        (f"{c.passed}/{c.judged}" if c.judged else _NONE, "good" if c.judged and c.passed == c.judged else "") for c in columns
    ]  # fmt: skip
    return [
        (tr("达标房间"), passed),
        (tr("灯具（盏）"), _cells([c.count for c in columns], lambda v: f"{v:.0f}", 0)),
        (tr("总功率"), _cells([c.watts for c in columns], lambda v: f"{v:,.0f} W", -1)),
        ("W/m²", _cells([c.lpd for c in columns], lambda v: f"{v:.2f}", -1)),
        (tr("总价"), _cells([c.price_fen for c in columns], _money, -1)),
        (tr("每平方米"), _cells([c.price_per_m2_fen for c in columns], _money, -1)),
    ]


def _rooms(columns: Sequence[DesignFigures]) -> list[tuple[str, list[Cell]]]:
    keys = design_compare.room_keys(columns)
    several = len({floor for floor, _ in keys}) > 1
    made: list[tuple[str, list[Cell]]] = []
    for key in keys:
        name = f"{key[0]} {key[1]}" if several else key[1]
        held = [c.rooms.get(key) for c in columns]

        def row(
            title: str, read: Callable[[RoomFigures], float | None], shown: Callable[[float], str], better: int
        ) -> None:
            values = [read(room) if room is not None else None for room in held]  # noqa: B023  # called before the next room
            made.append((f"{name} · {title}", _cells(values, shown, better)))  # noqa: B023

        row(tr("照度"), lambda r: r.lux, fmt.lux, 0)
        row("U₀", lambda r: r.uniformity, lambda v: f"{v:.2f}", 1)
        row("UGR", lambda r: r.ugr, lambda v: f"{v:.1f}", -1)
        row("W/m²", lambda r: r.lpd, lambda v: f"{v:.2f}", -1)
        row(tr("价格"), lambda r: r.price_fen, _money, -1)
        made.append((f"{name} · {tr('结论')}", [_verdict(room) for room in held]))
    return made


def _verdict(room: RoomFigures | None) -> Cell:
    if room is None:
        return tr("没有这个房间"), "secondary"
    if room.ok is None:
        return (tr("无灯具") if room.lux is None else tr("未定标准")), "secondary"
    return (tr("达标"), "good") if room.ok else (tr("未达标"), "bad")


async def compare_designs(page: DesignEditor) -> None:
    """The sheet; what is stored is compared, so the page is saved first."""
    if not await page.save_all() or page.record_id is None:
        return
    others = await page.ctx.db.run(design_compare.others, page.record_id)
    body = CompareBody(page, page.record_id, others)
    Sheet(page, tr("方案比较"), body, "", name="design.compare.sheet", width=_WIDTH)
    body.reload()
