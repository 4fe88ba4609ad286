"""Imports of lists from Excel or text: columns mapped to fields, a preview of what would change, then all of it or nothing.

    sheet   = spreadsheets.read_table(path, known=target.titles)
    mapping = guess_mapping(sheet.headers, target)          field name → column title
    seen    = preview(work, target, sheet, mapping)         new, changed (field → old, new), unchanged, rejected
    result  = apply(work, seen)                             refused while rows are rejected, unless partial=True
    content = annotated(seen)                               .xlsx of the rejected rows with the reason beside each

An area makes a Target: its fields with their known column titles and readers (services/cells.py), how rows are matched to what
exists (`resolve`), and how one row is written (`write`). An empty cell never erases what is there.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from presales_desktop.models.errors import ConflictError, InputError, Problem, UserError
from presales_desktop.services.cells import Cell, CellProblem, CellReader, header_key, text
from presales_desktop.services.spreadsheets import Sheet, SheetRow
from presales_desktop.services.work import Work
from presales_desktop.texts import tr
from presales_desktop.texts.lookup import label, problem_text

Progress = Callable[[int, int, str], None]
Mapped = Mapping[str, str]

# key on the command line and in ImportPage → (module, function) that makes the target; loaded when used
_TARGETS: Final[dict[str, tuple[str, str]]] = {
    "customers": ("presales_desktop.services.customer_imports", "customers_target"),
    "products": ("presales_desktop.services.catalogue_imports", "products_target"),
    "prices": ("presales_desktop.services.catalogue_imports", "prices_target"),
}

# lines under a table that are no records: 合计 in the first column, or "制表：王敏"
_TOTAL = re.compile(r"^(合计|总计|小计|共计|total|subtotal)[:：]?$", re.IGNORECASE)
_REMARK = re.compile(r"^(制表|制表人|审核|审核人|备注|说明|注|打印时间|制表日期)[:：]")
_STEP = 200


@dataclass(frozen=True)
class ImportField:
    """One field that a file may fill.

    Attributes:
        name: field of the kind; its word stands in the texts of the target's kind.
        titles: column titles it is known by, Chinese and English; the first is shown.
        parse: reader of a cell (services/cells.py); raises CellProblem.
        required: a new record can't do without it.
        key: rows are matched by it; a line whose key and required cells are all empty is no record.
        show: how a value is written in the preview.
    """

    name: str
    titles: tuple[str, ...]
    parse: CellReader
    required: bool = False
    key: bool = False
    show: Callable[[Any], str] = lambda value: "" if value is None else str(value)


@dataclass(frozen=True)
class ImportRow:
    """One line as read: `values` holds only fields whose cell is not empty."""

    line: int
    values: dict[str, Any]
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Resolved:
    """What the area makes of a row.

    Attributes:
        title: what the row is called in the preview.
        identity: two lines of one file with the same identity are refused; None for no such check.
        existing_id, base_version, existing: the record it updates and that record's values; None for a new one.
        values: final values (references resolved), those of `row.values` unless the area changed them.
        problems: why it can't be imported; non-blocking ones are shown as hints.
        words: how references are written in the preview, e.g. the name of a user's id; one mapping for all rows.
    """

    row: ImportRow
    title: str
    identity: Hashable | None = None
    existing_id: UUID | None = None
    base_version: int = 0
    existing: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    words: Mapping[Any, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """What is imported. `resolve(work, rows)` answers one Resolved per row in the same order, with few queries for many rows;
    `write(work, resolved)` makes or updates one record and returns its id; `right` is needed for both."""

    key: str
    kind: str
    fields: tuple[ImportField, ...]
    right: str
    resolve: Callable[[Work, Sequence[ImportRow]], Sequence[Resolved]]
    write: Callable[[Work, Resolved], UUID]

    @property
    def titles(self) -> tuple[str, ...]:
        """Every column title that is known: what the header row is found by."""
        return tuple(title for f in self.fields for title in f.titles)

    def field(self, name: str) -> ImportField:
        """The field of that name. Raises InputError import.field_unknown."""
        for found in self.fields:
            if found.name == name:
                return found
        raise InputError("import.field_unknown", name=name, known="、".join(f.name for f in self.fields))


@dataclass(frozen=True)
class PreviewRow:
    """One line of the preview; `changes` is empty for new and unchanged rows, `problems` for all but rejected and hinted ones."""

    line: int
    title: str
    values: Mapping[str, Any]
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    cells: tuple[Cell, ...] = ()
    existing_id: UUID | None = None


@dataclass(frozen=True)
class Preview:
    """What an import would do; nothing is written yet. `ignored`: lines without a record (totals, remarks under the table)."""

    target: Target
    sheet: Sheet
    mapping: dict[str, str]
    new: tuple[PreviewRow, ...]
    changed: tuple[PreviewRow, ...]
    unchanged: tuple[PreviewRow, ...]
    rejected: tuple[PreviewRow, ...]
    ignored: int = 0
    words: Mapping[Any, str] = field(default_factory=dict)

    def text(self, name: str, value: Any) -> str:
        """A value of the field NAME as the preview shows it."""
        if isinstance(value, UUID):
            return self.words.get(value, str(value))
        return self.target.field(name).show(value)

    @property
    def counts(self) -> dict[str, int]:
        """new, changed, unchanged, rejected, ignored."""
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": len(self.unchanged),
            "rejected": len(self.rejected),
            "ignored": self.ignored,
        }


@dataclass(frozen=True)
class ImportResult:
    """What an import did; `ids` are the records made or updated, in the file's order of new and changed rows."""

    created: int
    updated: int
    unchanged: int
    rejected: int
    ids: tuple[UUID, ...] = ()


def target(key: str) -> Target:
    """The target of a key: "customers", "products", "prices". Raises InputError import.target_unknown."""
    if key not in _TARGETS:
        raise InputError("import.target_unknown", name=key, known="、".join(_TARGETS))
    module, function = _TARGETS[key]
    made: Target = getattr(importlib.import_module(module), function)()
    return made


def customers_target() -> Target:
    """Customers with their first contact and address."""
    return target("customers")


def guess_mapping(headers: Sequence[str], target: Target) -> dict[str, str]:
    """Field name → column title for the columns that are recognised: equal titles first, then titles that contain a known one,
    then near ones. Each column serves one field."""
    from rapidfuzz import fuzz

    mapping: dict[str, str] = {}
    free = {header: header_key(header) for header in headers}

    def take(fits: Callable[[str, str], bool]) -> None:
        for wanted in target.fields:
            if wanted.name in mapping:
                continue
            words = [header_key(title) for title in wanted.titles]
            for header, key in free.items():
                if any(fits(key, word) for word in words):
                    mapping[wanted.name] = header
                    del free[header]
                    break

    take(lambda key, word: key == word)
    take(lambda key, word: len(word) >= 3 and (word in key or (len(key) >= 3 and key in word)))
    take(lambda key, word: len(word) >= 3 and fuzz.ratio(key, word) >= 80)
    return mapping


def check_mapping(mapping: Mapped, target: Target, sheet: Sheet) -> dict[str, str]:
    """MAPPING when its fields and columns exist and every required field has a column.

    Raises InputError import.field_unknown, import.column_unknown; UserError import.field_unmapped, import.column_twice.
    """
    used: dict[str, str] = {}
    for name, header in mapping.items():
        target.field(name)
        if sheet.column(header) is None:
            raise InputError(
                "import.column_unknown", file=sheet.file, column=header, known="、".join(sheet.headers[:30])
            )
        if header in used:
            raise UserError("import.column_twice", column=header)
        used[header] = name
    missing = [f.name for f in target.fields if f.required and f.name not in mapping]
    if missing:
        raise UserError("import.field_unmapped", fields="、".join(label(target.kind, name) for name in missing))
    return dict(mapping)


def preview(
    work: Work, target: Target, sheet: Sheet, mapping: Mapped | None = None, progress: Progress | None = None
) -> Preview:
    """What importing SHEET would do. MAPPING: field → column title, guessed when None. Writes nothing.

    Raises as check_mapping; PermissionDenied; InputError import.no_rows; whatever PROGRESS raises to cancel.
    """
    work.require(target.right)
    mapping = check_mapping(guess_mapping(sheet.headers, target) if mapping is None else mapping, target, sheet)
    readers = _readers(target, sheet, mapping)
    parsed: list[ImportRow] = []
    rejected: dict[int, PreviewRow] = {}
    ignored = 0
    for done, row in enumerate(sheet.rows):
        _report(progress, done, 2 * len(sheet.rows), tr("读取各行"))
        if _is_no_record(row, readers):
            ignored += 1
            continue
        values, problems = _parse(row, readers)
        if problems:
            rejected[row.line] = PreviewRow(row.line, _title(values), values, {}, tuple(problems), row.cells)
        else:
            parsed.append(ImportRow(row.line, values, row.cells))
    if not parsed and not rejected:
        raise InputError("import.no_rows", file=sheet.file, line=sheet.header_line)
    resolved = target.resolve(work, parsed)
    return _classified(target, sheet, mapping, resolved, rejected, ignored, progress)


def _readers(target: Target, sheet: Sheet, mapping: dict[str, str]) -> list[tuple[ImportField, int]]:
    return [
        (f, index) for f in target.fields if f.name in mapping and (index := sheet.column(mapping[f.name])) is not None
    ]


def _report(progress: Progress | None, done: int, total: int, what: str) -> None:
    if progress is not None and done % _STEP == 0:
        progress(done, total, what)


def _title(values: Mapping[str, Any]) -> str:
    return next((str(v) for v in values.values() if v), "")


def _is_no_record(row: SheetRow, readers: list[tuple[ImportField, int]]) -> bool:
    """Nothing in the mapped columns, or a line of totals or remarks under the table."""
    if not any(text(row.cells[index]) for _, index in readers):
        return True
    first = next((text(cell) for cell in row.cells if text(cell)), "").replace(" ", "")
    if _TOTAL.match(first):
        return True
    keys = [text(row.cells[index]) for f, index in readers if f.key or f.required]
    return bool(_REMARK.match(first)) and all(not key or _REMARK.match(key) for key in keys)


def _parse(row: SheetRow, readers: list[tuple[ImportField, int]]) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for wanted, index in readers:
        try:
            value = wanted.parse(row.cells[index])
        except CellProblem as problem:
            problems.append(problem.problem(wanted.name))
            continue
        if value is not None and value != "":
            values[wanted.name] = value
    return values, problems


def _classified(
    target: Target,
    sheet: Sheet,
    mapping: dict[str, str],
    resolved: Sequence[Resolved],
    rejected: dict[int, PreviewRow],
    ignored: int,
    progress: Progress | None,
) -> Preview:
    new, changed, unchanged = [], [], []
    seen: dict[Hashable, int] = {}
    updated: dict[UUID, int] = {}
    for done, one in enumerate(resolved):
        _report(progress, len(sheet.rows) + done, 2 * len(sheet.rows), tr("与现有记录比较"))
        row = _compared(one, _missing(target, one) + _repeated(one, seen, updated))
        if any(p.blocking for p in row.problems):
            rejected[row.line] = row
        elif one.existing_id is None:
            new.append(row)
        elif row.changes:
            changed.append(row)
        else:
            unchanged.append(row)
    ordered = tuple(rejected[line] for line in sorted(rejected))
    words = resolved[0].words if resolved else {}
    return Preview(target, sheet, mapping, tuple(new), tuple(changed), tuple(unchanged), ordered, ignored, words)


def _missing(target: Target, one: Resolved) -> list[Problem]:
    if one.existing_id is not None:
        return []
    return [
        Problem("field.required", f.name) for f in target.fields if f.required and one.values.get(f.name) in (None, "")
    ]


def _repeated(one: Resolved, seen: dict[Hashable, int], updated: dict[UUID, int]) -> list[Problem]:
    first = None
    if one.identity is not None:
        first = seen.setdefault(one.identity, one.row.line)
    if one.existing_id is not None:
        other = updated.setdefault(one.existing_id, one.row.line)
        first = other if first in (None, one.row.line) else first
    return [] if first in (None, one.row.line) else [Problem("import.repeated", None, {"other_line": first})]


def _compared(one: Resolved, problems: list[Problem]) -> PreviewRow:
    changes: dict[str, tuple[Any, Any]] = {}
    if one.existing_id is not None:
        changes = {
            name: (one.existing.get(name), value)
            for name, value in one.values.items()
            if one.existing.get(name) != value
        }
    return PreviewRow(
        line=one.row.line,
        title=one.title,
        values=one.values,
        changes=changes,
        problems=one.problems + tuple(problems),
        cells=one.row.cells,
        existing_id=one.existing_id,
    )


def apply(work: Work, seen: Preview, partial: bool = False, progress: Progress | None = None) -> ImportResult:
    """Import what SEEN shows, in this unit of work: all of it or nothing; PARTIAL leaves the rejected rows out.

    Raises UserError import.rejected (rows are rejected and not PARTIAL), import.nothing; ConflictError import.changed_meanwhile
    when the workspace changed since the preview; whatever PROGRESS raises to cancel (nothing is kept then).
    """
    work.require(seen.target.right)
    if seen.rejected and not partial:
        raise UserError("import.rejected", count=len(seen.rejected), file=seen.sheet.file)
    if not seen.new and not seen.changed:
        raise UserError("import.nothing", file=seen.sheet.file)
    now = _again(work, seen)
    rows = sorted([*((r, False) for r in seen.new), *((r, True) for r in seen.changed)], key=lambda pair: pair[0].line)
    ids = []
    for done, (row, _) in enumerate(rows):
        if progress is not None and done % 20 == 0:
            progress(done, len(rows), tr("写入 {title}", title=row.title))
        ids.append(seen.target.write(work, now[row.line]))
    if progress is not None:
        progress(len(rows), len(rows), tr("完成"))
    return ImportResult(len(seen.new), len(seen.changed), len(seen.unchanged), len(seen.rejected), tuple(ids))


def _again(work: Work, seen: Preview) -> dict[int, Resolved]:
    """The rows resolved anew; what the person saw must still be what would happen."""
    rows = _wanted_rows(seen)
    found = {one.row.line: one for one in seen.target.resolve(work, rows)}
    for row in (*seen.new, *seen.changed):
        one = found[row.line]
        fresh = _compared(one, [])
        same = fresh.existing_id == row.existing_id and fresh.changes == row.changes
        if not same or any(p.blocking for p in fresh.problems):
            raise ConflictError("import.changed_meanwhile", file=seen.sheet.file, line=row.line, title=row.title)
    return found


def _wanted_rows(seen: Preview) -> list[ImportRow]:
    wanted = {row.line for row in (*seen.new, *seen.changed)}
    readers = _readers(seen.target, seen.sheet, seen.mapping)
    return [ImportRow(r.line, _parse(r, readers)[0], r.cells) for r in seen.sheet.rows if r.line in wanted]


def reasons(row: PreviewRow, kind: str) -> str:
    """The sentences of a row's problems in the current language."""
    return " ".join(problem_text(problem, kind) for problem in row.problems)


def annotated(seen: Preview) -> bytes:
    """The rejected rows as .xlsx: original columns, the line in the original file, and the reason beside each."""
    from presales_desktop.services import import_rejects

    return import_rejects.annotated(seen)
