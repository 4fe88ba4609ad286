"""The translator: Chinese source text in, text of the current language out. No Qt, no build step."""

from __future__ import annotations

import json
from functools import cache
from typing import Literal

from presales_desktop.paths import resource

Language = Literal["zh", "en"]

_current: Language = "zh"


@cache
def english() -> dict[str, str]:
    """All English texts by their Chinese source, merged from resources/i18n/en/*.json."""
    merged: dict[str, str] = {}
    for path in sorted(resource("i18n/en").glob("*.json")):
        merged.update(json.loads(path.read_text("utf-8")))
    return merged


def language() -> Language:
    """The language that `tr` answers in now."""
    return _current


def set_language(new: Language) -> None:
    """Switch the program's language; open pages are rebuilt by the shell."""
    global _current
    _current = new


def tr(text: str, /, **values: object) -> str:
    """TEXT in the current language, its {placeholders} filled from VALUES."""
    return tr_in(_current, text, **values)


def tr_place(text: str) -> str:
    """The name of a place in the program (a list, an entry of the rail): 客户 is one customer on a page and "Customers" there.

    English says so under the key "客户#rail"; without one it is the plain text.
    """
    if _current == "en":
        return english().get(f"{text}#rail") or tr(text)
    return text


def tr_in(lang: Language, text: str, /, **values: object) -> str:
    """TEXT in LANG, whatever the window's language is: documents are written in the customer's."""
    found = english().get(text, text) if lang == "en" else text
    return found.format(**values) if values else found
