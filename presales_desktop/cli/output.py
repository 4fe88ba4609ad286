"""How the command line answers: one JSON object, or text for people; errors with a sentence and an exit code."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from presales_desktop.models.errors import PresalesError, ValidationError
from presales_desktop.models.values import CURRENCY, SHANGHAI
from presales_desktop.services.plain import to_plain
from presales_desktop.texts import tr
from presales_desktop.texts.lookup import error_text, problem_text

# What to_plain makes of a moment.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def print_result(value: Any, as_json: bool, text: str) -> None:
    """VALUE as {"ok": true, "result": …}, or TEXT for people."""
    if as_json:
        print(json.dumps({"ok": True, "result": to_plain(value)}, ensure_ascii=False))
    else:
        print(text)


def print_error(error: PresalesError, as_json: bool, kind: str = "", result: Any = None) -> None:
    """The error as {"ok": false, …} on standard output, or as a sentence on standard error.

    RESULT: what was found out before the refusal, e.g. the preview of an import; it stands beside the error.
    """
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
        answer: dict[str, Any] = {"ok": False, "error": body}
        if result is not None:
            answer["result"] = to_plain(result)
        print(json.dumps(answer, ensure_ascii=False))
        return
    print(message, file=sys.stderr)
    if isinstance(error, ValidationError):
        for problem in error.problems[1:]:
            print(problem_text(problem, kind), file=sys.stderr)


def cell(value: Any) -> str:
    """One plain value in one line: money with its sign, moments in Chinese time."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return tr("是") if value else tr("否")
    if isinstance(value, dict) and set(value) == {"fen", "currency"}:
        sign = "¥" if value["currency"] == CURRENCY else f"{value['currency']} "
        yuan = Decimal(value["fen"]) / 100
        return f"{'-' if yuan < 0 else ''}{sign}{abs(yuan):,.2f}"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False) if value else "—"
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return f"{dt.datetime.fromisoformat(value).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return str(value).replace("\n", " ")


def width(text: str) -> int:
    """Columns that TEXT takes in a terminal: Chinese characters take two."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]], limit: int = 36) -> str:
    """A table for people, columns aligned with Chinese characters counted double."""
    cells = [[_clip(cell(v), limit) for v in row] for row in rows]
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
