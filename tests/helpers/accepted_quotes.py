"""A quote brought to "accepted" through its real services, for tests of what stands on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from presales_desktop.models.approvals import Choice
from presales_desktop.models.customers import Site
from presales_desktop.services import quote_steps, quotes
from presales_desktop.services.quote_drafts import QuoteLineDraft
from presales_desktop.services.work import Work
from tests.helpers.graded import best_grade
from tests.helpers.need_records import customer_and_case

Run = Callable[..., Any]
PDF = b"%PDF-1.7\n%%EOF"


def draft_quote(work: Work, *, price_fen: int = 128_000, installation_fen: int = 0, lines: int = 2) -> UUID:
    """A quote in draft: LINES items of 10 pieces at PRICE_FEN; the customer has a registered office."""
    customer_id, case_id = customer_and_case(work)
    work.add(
        Site(customer_id=customer_id, kind="office", label="", address="广东省广州市天河区体育西路 191 号", sort=0)
    )
    draft = quotes.new_draft(work, {"case_id": case_id})
    draft.title = "云栖酒店大堂照明"
    draft.valid_until = work.today + dt.timedelta(days=30)
    draft.delivery, draft.delivery_place = "收到预付款后 30 天内", "广州市天河区云栖酒店工地"
    draft.payment, draft.warranty = "签订后付 30%，发货前付 70%", "整灯 3 年"
    draft.installation_fen = installation_fen
    draft.lines = [
        QuoteLineDraft(
            room="大堂", name=f"嵌入式筒灯 {n + 1}", model=f"DG-DL-{n + 1:03d}", spec="18 W · 1600 lm · 3000 K · Ra 90",
            quantity=Decimal(10), unit_price_fen=price_fen,
        )
        for n in range(lines)
    ]  # fmt: skip
    draft.lines.append(
        QuoteLineDraft(type="option", name="备用光源", model="DG-X", quantity=Decimal(5), unit_price_fen=999)
    )
    return quotes.save(work, draft)


def accepted_quote(run: Run, *, grade: bool = True, **facts: Any) -> UUID:
    """The id of a quote that finance and the superior approved, that was sent and that the customer accepted; he has a credit grade
    unless GRADE says no."""
    quote_id: UUID = run("sales", draft_quote, **facts)
    run("sales", quote_steps.submit, quote_id)
    run("finance", quote_steps.decide, quote_id, Choice.APPROVE)
    run("sales_head", quote_steps.decide, quote_id, Choice.APPROVE)
    run("sales", quote_steps.send, quote_id, "email", "林晓", PDF)
    run("sales", quote_steps.answer, quote_id, "accept", {})
    if grade:
        run("finance", best_grade, run("sales", quotes.show, quote_id).customer_id)
    return quote_id
