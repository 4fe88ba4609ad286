"""Reading a PDF that came back: what its properties and pages call it, and which lines differ from what we would print."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Final

from presales_desktop.models.errors import InputError

# Final numbers, and provisional ones of a device (U+4E34 "lín").
_LABEL: Final = re.compile(r"(?<![\w-])(?:[A-Z]{2}\d{8}-\d{3,}|\u4e34D\d+-\d+)-R\d+(?!\d)")
_MAX_PAGES: Final = 400
MAX_SHOWN: Final = 40


@dataclass(frozen=True)
class Difference:
    """One place where a page says something else: `ours` is what was printed, `theirs` what stands there; "" for nothing."""

    page: int
    ours: str
    theirs: str


def said(data: bytes) -> str:
    """The name among the properties, and the numbers with revision on the pages, apart by spaces; "" for none.

    "" also where nothing here can read pages (the window's parts are not installed) or DATA is damaged.
    """
    try:
        import pypdfium2
    except ImportError:
        return ""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return ""
    try:
        words = [str(document.get_metadata_dict().get("Keywords", ""))]
        pages = "\n".join(_page_text(document[n]) for n in range(min(len(document), 3)))
        words += dict.fromkeys(_LABEL.findall(pages))
    finally:
        document.close()
    return " ".join(word for word in words if word)


def differences(theirs: bytes, ours: bytes) -> tuple[Difference, ...]:
    """Lines that differ, page by page. Raises InputError proof.unreadable."""
    mine, other = _lines(ours), _lines(theirs)
    found: list[Difference] = []
    for page in range(max(len(mine), len(other))):
        a = mine[page] if page < len(mine) else []
        b = other[page] if page < len(other) else []
        for what, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
            if what == "equal":
                continue
            for n in range(max(i2 - i1, j2 - j1)):
                left = a[i1 + n] if i1 + n < i2 else ""
                right = b[j1 + n] if j1 + n < j2 else ""
                found.append(Difference(page + 1, left, right))
    return tuple(found)


def _lines(data: bytes) -> list[list[str]]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise InputError("proof.unreadable") from error
    try:
        texts = [_page_text(document[n]) for n in range(min(len(document), _MAX_PAGES))]
    finally:
        document.close()
    return [[line.strip() for line in text.splitlines() if line.strip()] for text in texts]


def _page_text(page: object) -> str:
    text = page.get_textpage()  # type: ignore[attr-defined]  # pypdfium2 has no types
    try:
        return str(text.get_text_bounded())
    finally:
        text.close()
        page.close()  # type: ignore[attr-defined]
