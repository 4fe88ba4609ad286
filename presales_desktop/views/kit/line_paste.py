"""Cells from and to a spreadsheet: tab-separated text as Excel and WPS put it on the clipboard."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from presales_desktop.services.cells import header_key
from presales_desktop.texts import tr
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.popup import Choice

if TYPE_CHECKING:
    from presales_desktop.views.kit.line_table import LineTable

MOST_ROWS = 5000


def from_tsv(text: str) -> list[list[str]]:
    """Rows of cells; quoted cells may hold tabs and line ends. Trailing empty rows are left out."""
    clean = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    try:
        rows = list(csv.reader(io.StringIO(clean), delimiter="\t", strict=True))
    except csv.Error:
        rows = [line.split("\t") for line in clean.split("\n")]
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    return [[" ".join(cell.split()) if "\n" in cell else cell.strip() for cell in row] for row in rows[:MOST_ROWS]]


def to_tsv(texts: Mapping[tuple[int, int], str]) -> str:
    """Cells by (row, column) as TSV; gaps stay empty."""
    rows = sorted({row for row, _ in texts})
    columns = sorted({column for _, column in texts})
    held = io.StringIO()
    writer = csv.writer(held, delimiter="\t", lineterminator="\n")
    for row in rows:
        writer.writerow([texts.get((row, column), "") for column in columns])
    return held.getvalue().removesuffix("\n")


def paste(table: LineTable, text: str) -> None:
    """Write the clipboard's cells from the current cell on as one step; unreadable ones stay visible and marked."""
    cells = from_tsv(text)
    if not cells:
        return
    model, start = table.lines, table.currentIndex()
    here, start_column = start.row(), start.column()
    if len(cells) == 1 and len(cells[0]) == 1 and len(table.selectionModel().selectedIndexes()) > 1:
        _fill_selection(table, cells[0][0])
        return
    look_ups: list[tuple[Any, int, str]] = []
    made: list[Any] = []
    unread: list[tuple[Any, str, str]] = []
    with table.draft.macro(tr("粘贴 {n} 行", n=len(cells))):
        number = start.row()
        for placed in _placed(table, cells, start.column()):
            while number < len(model.rows) and model.row_kind(number):
                number += 1  # sections and notes are stepped over
            if number < len(model.rows):
                _into_row(table, number, placed, look_ups)
            elif model.new_row is not None:
                made.append(_new_row(table, placed, look_ups, unread))
            number += 1
        for row in made:
            table.draft.append(table.path, row)
    if made:
        table.show_cell(here, start_column)  # on what was pasted, not on the row below it that was pushed down
    for row, name, cell in unread:
        model.mark_bad(row, name, cell)
    _tell(table, look_ups)


def _tell(table: LineTable, look_ups: list[tuple[Any, int, str]]) -> None:
    bad = len(table.lines.local_problems())
    if bad:
        table.ctx.nav.toast(tr("有 {n} 个单元格无法识别，已用红色标出。", n=bad), tone="bad")
    if look_ups:
        jobs.start(table, _look_up(table, look_ups), lambda error: table.ctx.nav.show_error(error, table))


def _placed(table: LineTable, cells: list[list[str]], first: int) -> list[list[tuple[int, str]]]:
    """Per pasted row the texts with the column each goes into: as the block's own header says, else from column FIRST on."""
    head = _header(table, cells[0]) if len(cells) > 1 else {}
    if head:
        return [[(head[i], text) for i, text in enumerate(row) if i in head] for row in cells[1:]]
    return [list(enumerate(row[: len(table.lines.columns) - first], first)) for row in cells]


def _header(table: LineTable, texts: list[str]) -> dict[int, int]:
    """Which pasted column goes into which of the table's, when the first row of the block names at least two of them; else nothing."""
    columns = table.lines.columns
    words: dict[str, int] = {}
    for i, spec in reversed(list(enumerate(columns))):
        if spec.editable is not False:
            for word in (table.lines.title(i), spec.title, *spec.known):
                words[header_key(word)] = i
    words.pop("", None)
    found: dict[int, int] = {}
    for at, text in enumerate(texts):
        column = words.get(header_key(text)) if text else None
        if column is not None and column not in found.values():
            found[at] = column
    return found if len(found) >= 2 else {}


def _fill_selection(table: LineTable, text: str) -> None:
    with table.draft.macro(tr("粘贴")):
        for index in table.selectionModel().selectedIndexes():
            if index.row() < len(table.lines.rows):
                table.lines.set_text(index.row(), index.column(), text)


def _into_row(
    table: LineTable, number: int, placed: list[tuple[int, str]], look_ups: list[tuple[Any, int, str]]
) -> None:
    model = table.lines
    for column, text in placed:
        if model.columns[column].completer is not None and text and model.editable(number, column):
            look_ups.append((model.rows[number], column, text))
        model.set_text(number, column, text)


def _new_row(
    table: LineTable,
    placed: list[tuple[int, str]],
    look_ups: list[tuple[Any, int, str]],
    unread: list[tuple[Any, str, str]],
) -> Any:
    model = table.lines
    assert model.new_row is not None
    row = model.new_row()
    for column, text in placed:
        spec = model.columns[column]
        if not (spec.editable(row) if callable(spec.editable) else spec.editable):
            continue
        if spec.completer is not None and text:
            look_ups.append((row, column, text))
        try:
            setattr(row, spec.name, model.parse(row, column, text, spec.name))
        except (ValueError, ArithmeticError):
            if spec.completer is None:
                unread.append((row, spec.name, text))
    return row


async def _look_up(table: LineTable, wanted: list[tuple[Any, int, str]]) -> None:
    """Pasted names become what they name, where exactly one thing matches; the others stay as typed."""
    model = table.lines
    known: dict[tuple[int, str], Choice | None] = {}
    for _row, column, text in wanted:
        finder = model.columns[column].completer
        if finder is not None and (column, text) not in known:
            known[column, text] = _exact(text, list(await finder(text)))
    found = 0
    with table.draft.macro(tr("粘贴")):
        for row, column, text in wanted:
            choice = known.get((column, text))
            number = next((i for i, other in enumerate(model.rows) if other is row), -1)
            if choice is not None and number >= 0:
                model.pick(number, column, choice)
                found += 1
    if found < len(wanted):
        missing = len(wanted) - found
        table.ctx.nav.toast(tr("{n} 行没有找到对应的记录，文字已保留。", n=missing), tone="bad")


def _exact(text: str, choices: list[Choice]) -> Choice | None:
    same = [c for c in choices if text in (c.title, c.subtitle, c.detail, c.value)]
    if len(same) == 1:
        return same[0]
    return choices[0] if len(choices) == 1 else None
