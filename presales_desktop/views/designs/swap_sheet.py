"""The sheet that compares products for the chosen luminaires: lux, watts and price beside those of today, Enter takes one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget
from shiboken6 import isValid

from presales_desktop.services import design_swap
from presales_desktop.services.design_fixtures import Fixture
from presales_desktop.services.design_light import LightScene
from presales_desktop.services.design_swap import Swap
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import jobs, tokens
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.dialogs import Sheet
from presales_desktop.views.kit.search_edit import SearchEdit

if TYPE_CHECKING:
    from presales_desktop.views.designs.editor import DesignEditor

TYPING_MS = 200
_WIDTH = 760
_ROWS = 12


class SwapBody(QWidget):
    """What hangs there now, a search, and the products with what they would change. `chosen` is the row that stands out."""

    def __init__(self, page: DesignEditor, scene: LightScene, ids: frozenset[UUID], variant_id: UUID | None) -> None:
        super().__init__()
        self._page, self._scene, self._ids, self._variant_id = page, scene, ids, variant_id
        self._asked = 0
        self.rows: list[Swap] = []
        self.now = words("", "secondary", wrap=True)
        self.search = SearchEdit(tr("同类产品；也可按名称、型号、10W、3000K 查找"))
        self.search.setObjectName("design.swap.search")
        self._soon = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._soon.timeout.connect(self.reload)
        self.search.textChanged.connect(lambda _: self._soon.start())
        self.search.installEventFilter(self)
        self.state = words("", "faint", wrap=True)
        self.table = self._make_table()
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        for part in (self.now, self.search, self.table, self.state):
            inner.addWidget(part)

    def _make_table(self) -> QTableWidget:
        titles = (tr("产品"), tr("型号"), tr("平均照度"), tr("U₀"), tr("功率"), tr("标价"), tr("结论"))
        table = QTableWidget(0, len(titles))
        table.setObjectName("design.swap.table")
        table.setAccessibleName(tr("可换的产品"))
        for column, title in enumerate(titles):
            head_item = QTableWidgetItem(title)
            side = Qt.AlignmentFlag.AlignLeft if column < 2 else Qt.AlignmentFlag.AlignRight
            head_item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            table.setHorizontalHeaderItem(column, head_item)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(tokens.row_height())
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        head = table.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.setMinimumHeight(tokens.row_height() * (_ROWS + 1))
        return table

    def reload(self) -> None:
        """Look up and calculate anew; what was asked before is dropped."""
        self._asked += 1
        jobs.start(self, self._load(self._asked))

    async def _load(self, asked: int) -> None:
        self.state.setText(tr("计算中…"))
        ctx, text = self._page.ctx, self.search.text()
        products = await ctx.db.run(design_swap.candidates, self._variant_id, text)
        if asked != self._asked:
            return
        found = await ctx.pool.run(self._compared, products, asked)
        if asked == self._asked and isValid(self):
            self.show_rows(found)

    def _compared(self, products: Sequence[Fixture], asked: int) -> list[Swap]:
        """On a worker: ends early when something else was asked for."""
        return design_swap.ranked(
            list(design_swap.compare(self._scene, self._ids, products, lambda: asked != self._asked))
        )

    def show_rows(self, found: list[Swap]) -> None:
        """The products in their order; the first stands out."""
        self.rows = found
        self.table.setRowCount(len(found))
        for n, swap in enumerate(found):
            for column, (text, tone) in enumerate(_cells(swap)):
                item = QTableWidgetItem(text)
                if column > 1:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if tone:
                    item.setForeground(tokens.color(tone))
                item.setToolTip(swap.fixture.facts.spec if column < 2 else "")
                self.table.setItem(n, column, item)
        if found:
            self.now.setText(_now(found[0], len(self._ids)))
            self.table.selectRow(0)
        self.state.setText(
            tr("↑↓ 选择，Enter 更换；眩光在更换后计算。") if found else tr("没有找到带光度数据的产品，换个词试试。")
        )

    @property
    def chosen(self) -> Fixture | None:
        """The product of the selected row."""
        row = self.table.currentRow()
        return self.rows[row].fixture if 0 <= row < len(self.rows) else None

    def problem(self) -> str:
        """Why nothing can be taken yet."""
        return "" if self.chosen is not None else tr("请先选一个产品。")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the search down into the table."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Down:
            self.table.setFocus()
            return True
        return super().eventFilter(watched, event)


def _now(swap: Swap, count: int) -> str:
    before = swap.before
    parts = [tr("现在：{n} 盏", n=count)]
    if before.lux is not None:
        parts.append(fmt.lux(before.lux))
    parts.append(tr("{watts} W", watts=f"{before.watts:g}"))
    if before.price_fen is not None:
        parts.append(fmt.money(before.price_fen))
    return " · ".join(parts)


def _cells(swap: Swap) -> list[tuple[str, str]]:
    after, facts = swap.after, swap.fixture.facts
    lux, watts, fen = swap.more_lux, swap.more_watts, swap.more_fen
    if after.passes is None:
        verdict = (tr("未定标准"), "secondary")
    else:
        verdict = (tr("达标"), "good") if after.passes else (tr("未达标"), "bad")
    return [
        (facts.name, ""),
        (facts.sku, "secondary"),
        (f"{fmt.lux(after.lux)} ({lux:+.0f})" if after.lux is not None and lux is not None else "—", ""),
        (f"{after.uniformity:.2f}" if after.uniformity is not None else "—", ""),
        (f"{after.watts:g} W ({watts:+g})", "good" if watts < 0 else ""),
        (
            f"{fmt.money(after.price_fen)} ({'+' if fen >= 0 else '−'}{fmt.money(abs(fen))})"
            if after.price_fen is not None and fen is not None
            else "—",
            "good" if fen is not None and fen < 0 else "",
        ),
        verdict,
    ]  # fmt: skip


async def choose_swap(page: DesignEditor) -> Fixture | None:
    """The product that the page's selected luminaires shall become; None when the sheet was closed."""
    document = page.document
    assert document is not None
    lamps = document.selected_luminaires()
    ids = frozenset(lamp.id for lamp in lamps if lamp.id is not None)
    variants = {lamp.variant_id for lamp in lamps}
    body = SwapBody(page, document.scene(), ids, lamps[0].variant_id if len(variants) == 1 else None)
    pending: jobs.Pending[bool] = jobs.Pending()
    sheet = Sheet(
        page, tr("比较并更换产品"), body, tr("更换"), valid=body.problem, name="design.swap.sheet", width=_WIDTH
    )
    sheet.closed.connect(pending.resolve)
    body.table.activated.connect(lambda _: sheet.confirm())
    body.search.returnPressed.connect(sheet.confirm)
    body.reload()
    body.search.setFocus()
    if not await pending:
        return None
    return body.chosen
