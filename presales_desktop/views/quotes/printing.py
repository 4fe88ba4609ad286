"""Files of a quote: content from the database thread, written by a worker; reportlab is loaded there, not on the screen's thread."""

from __future__ import annotations

from uuid import UUID

from presales_desktop.reports.report import Report
from presales_desktop.texts import Language
from presales_desktop.views.kit.context import ViewContext


def _find(ending: str) -> Report:
    from presales_desktop.reports import registry

    return registry.find("quote", f"quote.{ending}")


async def render(ctx: ViewContext, quote_id: UUID, ending: str, lang: Language) -> bytes:
    """The file's bytes. Raises what the report raises: report.glyph_missing, PermissionDenied."""
    report = await ctx.pool.run(_find, ending)
    document = await ctx.db.run(report.load, quote_id)
    data: bytes = await ctx.pool.run(report.render, document, lang)
    return data
