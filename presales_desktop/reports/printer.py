"""Tells the services how paper is made; light to import, reportlab comes when something is printed."""

from __future__ import annotations

from uuid import UUID

from presales_desktop.services import printing
from presales_desktop.services.work import Work


def _print(work: Work, kind: str, record_id: UUID) -> bytes:
    from presales_desktop.reports import registry

    return registry.print_pdf(work, kind, record_id)


def install() -> None:
    """Called once where the program is composed: command line, window, tests."""
    printing.set_printer(_print)
