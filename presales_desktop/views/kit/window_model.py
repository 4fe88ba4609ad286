"""A list model that holds a window: pages of rows from SQL as they come into view, the count known, everything else a placeholder.

One request is under way at a time and the row looked at last is asked for first, so a drag of the scroll bar through
1,000,000 rows costs a few pages, not five thousand.
"""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from presales_desktop.services.listing import ListQuery, Page
from presales_desktop.services.work import Work
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.context import ViewContext

Query = Callable[[Work, ListQuery], Page[Any]]
AnyIndex = QModelIndex | QPersistentModelIndex

PAGE = 200
KEEP = 40  # pages in memory: 8,000 rows


class WindowedModel(QAbstractTableModel):
    """Rows of QUERY_FN(work, ListQuery) → Page, a page at a time.

    `loaded` after the first answer of a query and after each refresh; `failed(error)` when a request failed; `busy(bool)`.
    Rows keep their selection by `row.id` when they are refreshed.
    """

    loaded = Signal()
    failed = Signal(object)
    busy = Signal(bool)

    def __init__(
        self,
        ctx: ViewContext,
        query_fn: Query,
        columns: Sequence[Column],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._query_fn = query_fn
        self.columns = tuple(columns)
        self.query = ListQuery()
        self.total = 0
        self.ready = False
        self._pages: OrderedDict[int, tuple[Any, ...]] = OrderedDict()
        self._wanted: list[int] = []
        self._loading: int | None = None
        self._generation = 0
        self._job: jobs.Job | None = None
        self._visible: tuple[int, int] = (0, PAGE)

    # what views ask

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else self.total

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def row(self, index: int) -> Any | None:
        """The row at INDEX when it is here; otherwise it is asked for and None stands for it."""
        page = self._pages.get(index // PAGE)
        if page is None:
            self._want(index // PAGE)
            return None
        offset = index % PAGE
        return page[offset] if offset < len(page) else None

    def cached(self, index: int) -> Any | None:
        """The row at INDEX when it is here; nothing is asked for."""
        page = self._pages.get(index // PAGE)
        return page[index % PAGE] if page is not None and index % PAGE < len(page) else None

    def row_of(self, record_id: UUID) -> int:
        """Where the record stands among the rows in memory, or -1."""
        for number, page in self._pages.items():
            for i, row in enumerate(page):
                if row.id == record_id:
                    return number * PAGE + i
        return -1

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < self.total:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            row = self.row(index.row())
            return "" if row is None else self.columns[index.column()].value_text(row)
        if role == Qt.ItemDataRole.TextAlignmentRole and self.columns[index.column()].align == "right":
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return str(section + 1)
        return self.columns[section].shown_title() if 0 <= section < len(self.columns) else None

    # what pages do

    def look_at(self, first: int, last: int) -> None:
        """The view shows rows FIRST … LAST: their pages are loaded first and kept."""
        self._visible = (first, last)

    def set_query(self, query: ListQuery) -> None:
        """Other filters, search or order: starts over from the first page; the old rows stay until the new ones are here."""
        self.query = query
        self._generation += 1
        self._visible = (0, PAGE)
        self._start(self._reload(self._generation, fresh=True))

    def refresh(self) -> None:
        """The same query again: rows are replaced by id, selection and scroll position stay."""
        self._generation += 1
        self._start(self._reload(self._generation, fresh=not self.ready))

    async def fetch(self, rows: Sequence[int], limit: int = 5000) -> list[Any]:
        """The rows at these positions, those that are not in memory from the database (at most LIMIT)."""
        wanted = list(rows)[:limit]
        found: dict[int, tuple[Any, ...]] = {}
        for number in sorted({row // PAGE for row in wanted}):
            page = self._pages.get(number)
            if page is None:
                page = (await self._ask(number)).rows
            found[number] = page
        return [found[r // PAGE][r % PAGE] for r in wanted if r % PAGE < len(found[r // PAGE])]

    # loading

    def _ask(self, number: int) -> jobs.Pending[Page[Any]]:
        query = dataclasses.replace(self.query, offset=number * PAGE, limit=PAGE)
        return self._ctx.db.run(self._query_fn, query)

    def _start(self, coroutine: Any) -> None:
        if self._job is not None:
            self._job.cancel()
        self._loading = None
        self._wanted.clear()
        self.busy.emit(True)
        self._job = jobs.start(self, coroutine, self._fail)

    def _fail(self, error: BaseException) -> None:
        self._job = None
        self._loading = None
        self._wanted.clear()
        self.busy.emit(False)
        self.failed.emit(error)

    async def _reload(self, generation: int, *, fresh: bool) -> None:
        pages: dict[int, tuple[Any, ...]] = {}
        total = 0
        for number in [0] if fresh else self._pages_in_use():
            answer = await self._ask(number)
            if generation != self._generation:
                return
            pages[number] = answer.rows
            total = answer.total
        if fresh:
            self.beginResetModel()
            self._pages = OrderedDict(pages)
            self.total = total
            self.ready = True
            self.endResetModel()
        else:
            self._resize(total)
            self._replace(pages)
        self._job = None
        self.busy.emit(False)
        self.loaded.emit()

    def _pages_in_use(self) -> list[int]:
        first, last = self._visible
        used = {0, *range(first // PAGE, max(0, last) // PAGE + 1)}
        for index in self.persistentIndexList()[:4000]:
            if index.row() // PAGE in self._pages:
                used.add(index.row() // PAGE)
        return sorted(n for n in used if n * PAGE < max(self.total, 1))[:KEEP]

    def _resize(self, total: int) -> None:
        if total > self.total:
            self.beginInsertRows(QModelIndex(), self.total, total - 1)
            self.total = total
            self.endInsertRows()
        elif total < self.total:
            self.beginRemoveRows(QModelIndex(), total, self.total - 1)
            self.total = total
            self.endRemoveRows()

    def _replace(self, pages: dict[int, tuple[Any, ...]]) -> None:
        """Put in new rows; whatever pointed at a row (selection, current) follows its id."""
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        ids = [getattr(self.cached(index.row()), "id", None) for index in old]
        self._pages = OrderedDict(pages)
        places = {row.id: n * PAGE + i for n, page in pages.items() for i, row in enumerate(page)}
        new = []
        for index, record_id in zip(old, ids, strict=True):
            place = index.row() if record_id is None else places.get(record_id, -1)
            new.append(self.index(place, index.column()) if 0 <= place < self.total else QModelIndex())
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _want(self, number: int) -> None:
        if number in self._wanted:
            self._wanted.remove(number)
        self._wanted.append(number)
        if self._job is None:
            self.busy.emit(True)
            self._job = jobs.start(self, self._serve(self._generation), self._fail)

    async def _serve(self, generation: int) -> None:
        await jobs.sleep(0)  # let one paint name all the pages that it needs
        while self._wanted and generation == self._generation:
            number = self._next_wanted()
            if number is None:
                break
            answer = await self._ask(number)
            if generation != self._generation:
                return
            self._pages[number] = answer.rows
            self._trim()
            if answer.total != self.total:
                self._resize(answer.total)
            last = min((number + 1) * PAGE, self.total) - 1
            if last >= number * PAGE and self.columns:
                self.dataChanged.emit(self.index(number * PAGE, 0), self.index(last, len(self.columns) - 1))
        self._job = None
        self.busy.emit(False)

    def _next_wanted(self) -> int | None:
        """The page asked for last that is still in view; the rest are forgotten, a repaint asks again."""
        first, last = self._visible[0] // PAGE, self._visible[1] // PAGE
        wanted = [n for n in self._wanted if first - 1 <= n <= last + 1 and n not in self._pages]
        self._wanted.clear()
        if not wanted:
            return None
        self._wanted.extend(wanted[:-1])
        return wanted[-1]

    def _trim(self) -> None:
        first, last = self._visible[0] // PAGE, self._visible[1] // PAGE
        for number in list(self._pages):
            if len(self._pages) <= KEEP:
                return
            if not first <= number <= last:
                del self._pages[number]
