"""A contract that came back from the client, DOCX or PDF with text, read and compared with what was sent (models/contract_returned.py).

What was sent is set again from the frozen content, so that nothing depends on which file the client was given. A foreign file is
never trusted: its size is bounded, its XML is read without entities, and what cannot be read says why.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final

from presales_desktop.models.contract_returned import Returned, compare
from presales_desktop.models.errors import InputError
from presales_desktop.reports.contracts import render_docx
from presales_desktop.services.contract_steps import ContractDocument

LIMIT: Final = 40_000_000
_XML_LIMIT: Final = 60_000_000
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Fewer characters than this on all pages together: a scan, with a stamp's or a printer's word at most.
_FEW: Final = 40


def check(doc: ContractDocument, name: str, data: bytes) -> Returned:
    """The file NAME with DATA against the contract DOC.

    Raises InputError returned.too_large, returned.not_document, returned.old_doc, returned.encrypted, returned.broken, returned.no_text.
    """
    returned = lines_of(name, data)
    return compare(lines_of("", render_docx(doc)), returned, doc.content, f"{doc.number}-R{doc.revision}")


def lines_of(name: str, data: bytes) -> list[str]:
    """The lines of a DOCX (rows of tables in one line) or PDF. Raises as `check`."""
    if len(data) > LIMIT:
        raise InputError("returned.too_large", file=name, limit=LIMIT // 1_000_000)
    if data.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise InputError("returned.encrypted" if locked else "returned.old_doc", file=name)
    if data.startswith(b"PK"):
        found = list(_docx(name, data))
    elif b"%PDF-" in data[:1024]:
        found = _pdf(name, data)
    else:
        raise InputError("returned.not_document", file=name)
    if sum(len(line.strip()) for line in found) < _FEW:
        raise InputError("returned.no_text", file=name)
    return found


def _pdf(name: str, data: bytes) -> list[str]:
    from presales_desktop.reports import pages

    try:
        return [line for page in pages.text_of(data) for line in page.splitlines()]
    except PermissionError:
        raise InputError("returned.encrypted", file=name) from None
    except ValueError:
        raise InputError("returned.broken", file=name) from None


def _docx(name: str, data: bytes) -> Iterator[str]:
    from lxml import etree  # type: ignore[import-untyped]

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = next((i for i in archive.infolist() if i.filename == "word/document.xml"), None)
            if part is None:
                raise InputError("returned.not_document", file=name)
            if part.flag_bits & 1:
                raise InputError("returned.encrypted", file=name)
            if part.file_size > _XML_LIMIT:
                raise InputError("returned.too_large", file=name, limit=_XML_LIMIT // 1_000_000)
            raw = archive.read(part)
        root = etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, etree.XMLSyntaxError):
        raise InputError("returned.broken", file=name) from None
    body = root.find(f"{_W}body")
    if body is not None:
        yield from _blocks(body)


def _blocks(parent: Any) -> Iterator[str]:
    """Paragraphs one by one, each row of a table as one line; content controls and accepted changes are gone through."""
    for child in parent:
        if child.tag == f"{_W}p":
            yield from "".join(_words(child)).split("\n")
        elif child.tag == f"{_W}tbl":
            for row in child.iter(f"{_W}tr"):
                yield " ".join(" ".join(_blocks(cell)) for cell in row.iterchildren(f"{_W}tc"))
        elif isinstance(child.tag, str) and child.tag not in (f"{_W}tcPr", f"{_W}sectPr", f"{_W}del"):
            yield from _blocks(child)


def _words(parent: Any) -> Iterator[str]:
    """The words of a paragraph as it reads with all tracked changes taken over: insertions in, deletions out."""
    for child in parent:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag == f"{_W}tab":
            yield " "
        elif child.tag in (f"{_W}br", f"{_W}cr"):
            yield "\n"
        elif isinstance(child.tag, str) and child.tag not in (
            f"{_W}del",
            f"{_W}moveFrom",
            f"{_W}pPr",
            f"{_W}rPr",
            _FALLBACK,
        ):
            yield from _words(child)
