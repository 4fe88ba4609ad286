"""How the command line answers: one JSON object, or text for people; errors with a sentence and an exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from presales_desktop.models.errors import PresalesError, ValidationError
from presales_desktop.services.plain import to_plain
from presales_desktop.texts import tr
from presales_desktop.texts.lookup import error_text, label, problem_text


def print_result(value: Any, as_json: bool, text: str | None = None) -> None:
    """VALUE as {"ok": true, "result": …}, or TEXT (made from VALUE when none is given)."""
    if as_json:
        print(json.dumps({"ok": True, "result": to_plain(value)}, ensure_ascii=False))
    else:
        print(text if text is not None else readable(to_plain(value)))


def print_error(error: PresalesError, as_json: bool, kind: str = "") -> None:
    """The error as {"ok": false, …} on standard output, or as a sentence on standard error."""
    message = error_text(error, kind)
    if as_json:
        body: dict[str, Any] = {
            "code": error.code,
            "message": message,
            "field": error.field,
            "file": error.file,
            "line": error.line,
        }
        if isinstance(error, ValidationError):
            body["problems"] = [
                {"code": p.code, "field": p.field, "message": problem_text(p, kind)} for p in error.problems
            ]
        print(json.dumps({"ok": False, "error": body}, ensure_ascii=False))
        return
    print(message, file=sys.stderr)
    if isinstance(error, ValidationError):
        for problem in error.problems[1:]:
            print(problem_text(problem, kind), file=sys.stderr)


def readable(value: Any, indent: int = 0, kind: str = "") -> str:
    """Plain data as indented text."""
    pad = "  " * indent
    if isinstance(value, dict) and set(value) == {"fen", "currency"}:
        return _amount(value)
    if isinstance(value, dict):
        lines = []
        for key, item in value.items():
            amount = isinstance(item, dict) and set(item) == {"fen", "currency"}
            if isinstance(item, (dict, list)) and item and not amount:
                lines.append(f"{pad}{_word(kind, key)}:")
                lines.append(readable(item, indent + 1, kind))
            else:
                lines.append(f"{pad}{_word(kind, key)}: {_cell(item)}")
        return "\n".join(lines)
    if isinstance(value, list):
        return "\n".join(
            f"{pad}- {readable(v, indent + 1, kind).lstrip()}" if isinstance(v, dict) else f"{pad}- {_cell(v)}"
            for v in value
        )
    return f"{pad}{_cell(value)}"


def _word(kind: str, key: str) -> str:
    found = label(kind, key) if kind else key
    return found if found != key or not kind else label(kind, f"{key}_fen").removesuffix("_fen")


def _amount(value: dict[str, Any]) -> str:
    return (
        f"¥{value['fen'] / 100:,.2f}"
        if value["currency"] == "CNY"
        else f"{value['currency']} {value['fen'] / 100:,.2f}"
    )


def _cell(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return tr("是") if value else tr("否")
    if isinstance(value, dict) and set(value) == {"fen", "currency"}:
        return _amount(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False) if value else "—"
    return str(value).replace("\n", " ")


def width(text: str) -> int:
    """Columns that TEXT takes in a terminal: Chinese characters take two."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]], limit: int = 36) -> str:
    """A table for people, columns aligned with Chinese characters counted double."""
    cells = [[_clip(_cell(v), limit) for v in row] for row in rows]
    widths = [max([width(h), *(width(r[i]) for r in cells)]) for i, h in enumerate(headers)]
    lines = ["  ".join(h + " " * (w - width(h)) for h, w in zip(headers, widths, strict=True)).rstrip()]
    lines.append("  ".join("─" * w for w in widths))
    lines += ["  ".join(c + " " * (w - width(c)) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join(lines)


def _clip(text: str, limit: int) -> str:
    if width(text) <= limit:
        return text
    out = ""
    for char in text:
        if width(out + char) > limit - 1:
            break
        out += char
    return out + "…"
