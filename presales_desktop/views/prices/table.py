"""The prices of a repricing as a table: rows in memory, read a window at a time however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt

from presales_desktop.services.listing import ListQuery, Page
from presales_desktop.services.work import Work
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.table import RowTable

_MOST = 12


class PriceTable(RowTable):
    """`show_rows(entries)`; twelve rows are seen at once, the others scroll."""

    def __init__(self, ctx: ViewContext, columns: Sequence[Column]) -> None:
        self._rows: tuple[Any, ...] = ()
        super().__init__(ctx, self._page, columns, key="price_change_entries")
        self.setObjectName("price_change.entries")
        self.setFrameShape(RowTable.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.show_rows(())

    def _page(self, _work: Work, query: ListQuery) -> Page[Any]:
        rows = self._rows
        return Page(rows[query.offset : query.offset + query.limit], len(rows), query.offset)

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Show ROWS."""
        self._rows = tuple(rows)
        self.setFixedHeight((max(1, min(_MOST, len(self._rows))) + 1) * tokens.row_height() + 10)
        self.windowed.set_query(ListQuery())
