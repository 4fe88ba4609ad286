"""A short table of rows in memory, in the dress of the list pages: as high as its rows, no paging, no sorting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractItemView

from presales_desktop.services.listing import ListQuery, Page
from presales_desktop.services.work import Work
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.table import RowTable


class StaticTable(RowTable):
    """`set_rows(rows)`; each row has an `id`. MOST rows are shown at once, the others scroll."""

    def __init__(self, ctx: ViewContext, columns: Sequence[Column], *, key: str, most: int = 12) -> None:
        self._rows: tuple[Any, ...] = ()
        self._most = most
        super().__init__(ctx, self._page, columns, key=key)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setFrameShape(RowTable.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._fit()

    def _page(self, _work: Work, query: ListQuery) -> Page[Any]:
        rows = self._rows
        return Page(rows[query.offset : query.offset + query.limit], len(rows), query.offset)

    @property
    def rows(self) -> tuple[Any, ...]:
        """What it shows."""
        return self._rows

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show ROWS."""
        self._rows = tuple(rows)
        self._fit()
        self.windowed.set_query(ListQuery())

    def _fit(self) -> None:
        shown = max(1, min(self._most, len(self._rows)))
        self.setFixedHeight((shown + 1) * tokens.row_height() + 10)

    def sizeHint(self) -> QSize:
        return QSize(400, self.height())
