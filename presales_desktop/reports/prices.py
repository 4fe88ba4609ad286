"""The letter about a price change: letterhead, the customer, the words as they were written, company and day."""

from __future__ import annotations

from typing import Any, Final

from reportlab.platypus import Flowable

from presales_desktop.reports.figures import day
from presales_desktop.reports.frame import Gap, Sheet, Text, build
from presales_desktop.reports.letterhead import Head
from presales_desktop.reports.report import Report
from presales_desktop.services.price_notices import NoticeDocument, document
from presales_desktop.texts import Language


def render(doc: NoticeDocument, lang: Language = "zh") -> bytes:
    """The PDF; its words are those that were written, whatever LANG. Raises InputError report.glyph_missing."""
    sheet = Sheet(
        title=doc.title, footer=doc.letterhead.name, running=doc.title, lang=lang, author=doc.letterhead.name,
        subject=doc.customer,
    )  # fmt: skip
    story: list[Flowable] = [Head(doc.letterhead, lang, doc.title, ""), Gap(10)]
    story += [Text(line, size=10.5, leading=1.8) for line in doc.body.splitlines() if line.strip()]
    story += [
        Gap(30), Text(doc.letterhead.name, align="right", size=10.5), Text(day(doc.day), align="right", size=10.5),
    ]  # fmt: skip
    return build(sheet, story)


def _load(work: Any, notice_id: Any) -> NoticeDocument:
    return document(work, notice_id)


REPORTS: Final[dict[str, dict[str, Report]]] = {"price_notice": {"pdf": Report(_load, render)}}
