"""Where services get paper from: steps that hand a file out (sending a quote) need its bytes, and reports stand above them.

Whoever composes the program (window, command line, tests) says once how documents are printed.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from presales_desktop.models.errors import UserError
from presales_desktop.services.work import Work

Printer = Callable[[Work, str, UUID], bytes]
_printer: Printer | None = None


def set_printer(printer: Printer | None) -> None:
    """PRINTER(work, kind, id) → the PDF that a customer gets."""
    global _printer
    _printer = printer


def pdf(work: Work, kind: str, record_id: UUID) -> bytes:
    """The customer's PDF of a record. Raises UserError printing.unavailable where nobody can print."""
    if _printer is None:
        raise UserError("printing.unavailable", kind=kind)
    return _printer(work, kind, record_id)
