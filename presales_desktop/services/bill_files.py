"""Prices into the client's own workbook: only the cells that were asked for are written, every other byte of the file stays.

A workbook is a package of XML parts. The sheet's part is changed cell by cell (the cell keeps its format), everything else, pictures,
drawings, validations, macros, is copied as it is. What formulas had computed before is taken out, since it is not true any more, and
the workbook is told to compute everything when it is opened. (openpyxl, which writes a workbook anew, loses shapes, controls, slicers
and rich text; docs/decisions/016.)
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any, Final

from presales_desktop.models.errors import InputError
from presales_desktop.models.values import fen_to_yuan

_RELATION: Final = re.compile(r"[{]http://[^}]*relationships[}]id$")
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True)
class CellPrice:
    """What goes into one row: unit price and amount in fen, None for nothing. Columns from 0, None where the table has none."""

    sheet: str
    row: int
    price_column: int
    amount_column: int | None
    quantity_column: int | None
    price_fen: int
    amount_fen: int


@dataclass(frozen=True)
class Written:
    """The file and what became of it: prices written, amounts written, amounts left to the client's own formulas, and prices that were not
    written because the client's cell has a formula."""

    data: bytes
    prices: int
    amounts: int
    formulas: int
    refused: int


def letters(column: int) -> str:
    """Column 0 is A, 26 is AA."""
    said, n = "", column + 1
    while n:
        n, rest = divmod(n - 1, 26)
        said = chr(65 + rest) + said
    return said


def number(said: str) -> int:
    """The column of letters, from 0."""
    n = 0
    for letter in said:
        n = n * 26 + ord(letter) - 64
    return n - 1


def write(data: bytes, prices: Iterable[CellPrice], file: str = "") -> Written:
    """DATA (.xlsx, .xlsm) with PRICES in it. An amount whose cell has a formula stays the client's; an empty one gets the formula
    quantity x price where the table has a quantity, else the amount. Raises InputError bill.not_xlsx, import.damaged, bill.sheet_gone."""
    if not data.startswith(b"PK\x03\x04"):
        raise InputError("bill.not_xlsx", file=file)
    by_sheet: dict[str, dict[int, CellPrice]] = {}
    for each in prices:
        by_sheet.setdefault(each.sheet, {})[each.row] = each
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            return _rewrite(package, by_sheet, file)
    except InputError:
        raise
    except Exception as error:  # zip and XML parsers raise what they like; the file is at fault
        raise InputError("import.damaged", file=file) from error


def _rewrite(package: zipfile.ZipFile, by_sheet: Mapping[str, Mapping[int, CellPrice]], file: str) -> Written:
    paths = _sheet_paths(package)
    for sheet in by_sheet:
        if sheet not in paths:
            raise InputError("bill.sheet_gone", file=file, sheet=sheet)
    sheets = {path: by_sheet.get(name, {}) for name, path in paths.items()}
    done = _Count()
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for info in package.infolist():
            if info.filename in sheets:
                made.writestr(info, _sheet(package.read(info), sheets[info.filename], done))
            elif info.filename == "xl/workbook.xml":
                made.writestr(info, _compute_on_load(package.read(info)))
            else:
                made.writestr(info, package.read(info))
    return Written(out.getvalue(), done.prices, done.amounts, done.formulas, done.refused)


@dataclass
class _Count:
    prices: int = 0
    amounts: int = 0
    formulas: int = 0
    refused: int = 0


def _tree(data: bytes) -> Any:
    from lxml import etree  # type: ignore[import-untyped]

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, remove_blank_text=False)
    return etree.fromstring(data, parser)


def _bytes(root: Any) -> bytes:
    from lxml import etree

    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


def _sheet_paths(package: zipfile.ZipFile) -> dict[str, str]:
    """Part of each sheet by its name."""
    relations = _tree(package.read("xl/_rels/workbook.xml.rels"))
    targets = {each.get("Id"): str(each.get("Target")) for each in relations}
    found: dict[str, str] = {}
    for each in _tree(package.read("xl/workbook.xml")).iter("{*}sheet"):
        identity = next((value for name, value in each.attrib.items() if _RELATION.match(name)), None)
        target = targets.get(identity, "")
        if target:
            found[str(each.get("name"))] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def _compute_on_load(data: bytes) -> bytes:
    root = _tree(data)
    space = root.tag[1:].split("}")[0]
    found = root.find(f"{{{space}}}calcPr")
    if found is None:
        from lxml import etree

        found = etree.SubElement(root, f"{{{space}}}calcPr")
        # Its place is after the names and before what extends the workbook.
        after = [
            root.find(f"{{{space}}}{name}")
            for name in ("definedNames", "externalReferences", "functionGroups", "sheets")
        ]
        anchor = next((each for each in after if each is not None), None)
        if anchor is not None:
            anchor.addnext(found)
    found.set("fullCalcOnLoad", "1")
    return _bytes(root)


def _sheet(data: bytes, wanted: Mapping[int, CellPrice], done: _Count) -> bytes:
    if not wanted and b"<f" not in data:
        return data
    root = _tree(data)
    space = root.tag[1:].split("}")[0]
    rows = root.find(f"{{{space}}}sheetData")
    for cell in rows.iter(f"{{{space}}}c"):
        if cell.find(f"{{{space}}}f") is not None:
            for value in cell.findall(f"{{{space}}}v"):
                cell.remove(value)
            if cell.get("t") in ("s", "str", "b", "e"):
                del cell.attrib["t"]
    by_number = {int(row.get("r")): row for row in rows if row.get("r")}
    for line, price in wanted.items():
        row = by_number.get(line)
        if row is not None:
            _price_row(row, space, price, done)
    return _bytes(root)


def _price_row(row: Any, space: str, price: CellPrice, done: _Count) -> None:
    cell = _cell(row, space, price.price_column, price.row)
    if cell.find(f"{{{space}}}f") is not None:
        done.refused += 1
        return
    _put(cell, space, fen_to_yuan(price.price_fen))
    done.prices += 1
    if price.amount_column is None:
        return
    cell = _cell(row, space, price.amount_column, price.row)
    if cell.find(f"{{{space}}}f") is not None:
        done.formulas += 1
        return
    done.amounts += 1
    exact = price.quantity_column is not None
    formula = (
        f"{letters(price.quantity_column)}{price.row}*{letters(price.price_column)}{price.row}"
        if exact and price.quantity_column is not None
        else ""
    )
    _put(cell, space, fen_to_yuan(price.amount_fen), formula)


def _cell(row: Any, space: str, column: int, line: int) -> Any:
    """The cell, made in its place when the row has none."""
    from lxml import etree

    before = None
    for cell in row.findall(f"{{{space}}}c"):
        match = _REFERENCE.fullmatch(cell.get("r") or "")
        if match is None:
            continue
        at = number(match[1])
        if at == column:
            return cell
        if at < column:
            before = cell
    made = etree.Element(f"{{{space}}}c", r=f"{letters(column)}{line}")
    if before is None:
        row.insert(0, made)
    else:
        before.addnext(made)
    return made


def _put(cell: Any, space: str, value: Decimal, formula: str = "") -> None:
    """VALUE into a cell in place of what stood there; its format stays."""
    from lxml import etree

    for child in list(cell):
        cell.remove(child)
    if "t" in cell.attrib:
        del cell.attrib["t"]
    if formula:
        etree.SubElement(cell, f"{{{space}}}f").text = formula
    etree.SubElement(cell, f"{{{space}}}v").text = str(value)
