"""Which documents there are: kind → ending → how its content is loaded and how it is written.

Import this only where a report is made: it brings reportlab along (0.4 s). Each area's module declares
`REPORTS: dict[kind, dict[ending, Report]]` and gets its name in `reports` below. The ending of a file chooses: "quote.pdf" is
the customer's edition, "quote.internal.pdf" the one with cost and margin.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from uuid import UUID

from presales_desktop.models.errors import InputError
from presales_desktop.reports.report import Report
from presales_desktop.services.work import Work

__all__ = ["Report", "find", "print_pdf", "reports"]


@cache
def reports() -> dict[str, dict[str, Report]]:
    """All reports by kind and ending. Areas are imported here, since their modules import Report from this one."""
    from presales_desktop.reports import catalogue, contracts, credit, designs, prices, quotes, surveys

    return {
        **quotes.REPORTS,
        **surveys.REPORTS,
        **contracts.REPORTS,
        **catalogue.REPORTS,
        **designs.REPORTS,
        **credit.REPORTS,
        **prices.REPORTS,
    }


def find(kind: str, file: str | Path) -> Report:
    """The report of KIND whose ending FILE has, the longest that fits.

    Raises InputError report.unknown for a kind without documents, report.format_unknown for another ending.
    """
    known = reports().get(kind, {})
    name = Path(file).name.lower()
    fitting = [suffix for suffix in known if name.endswith(f".{suffix}")]
    if not known:
        raise InputError("report.unknown", file=str(file), kind=kind, known="、".join(sorted(reports())))
    if not fitting:
        raise InputError("report.format_unknown", file=str(file), kind=kind, known="、".join(f".{s}" for s in known))
    return known[max(fitting, key=len)]


def print_pdf(work: Work, kind: str, record_id: UUID) -> bytes:
    """The PDF that a customer gets, in Chinese (a quote in its own language): the printer of services/printing.py."""
    if kind == "quote":
        from presales_desktop.reports import quotes

        return quotes.customer_pdf(work, record_id)
    report = find(kind, "x.pdf")
    return report.render(report.load(work, record_id), "zh")
