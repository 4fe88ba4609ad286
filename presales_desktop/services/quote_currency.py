"""A quote in another currency: every price converted at a dated rate."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.errors import Problem, ValidationError
from presales_desktop.models.fields import validate
from presales_desktop.models.quotes import CURRENCIES, FIELDS, HOME, TRANSITIONS, Quote
from presales_desktop.models.workflow import find
from presales_desktop.services.quote_drafts import QuoteDraft, in_currency
from presales_desktop.services.quotes import load, save
from presales_desktop.services.work import Work


def last_rate(work: Work, currency: str) -> tuple[Decimal, dt.date] | None:
    """The newest exchange rate that a quote in CURRENCY was made with, and its day."""
    row = work.session.execute(
        select(Quote.exchange_rate, Quote.rate_on)
        .where(Quote.currency == currency, Quote.rate_on.is_not(None))
        .order_by(Quote.rate_on.desc(), Quote.updated_at.desc())
        .limit(1)
    ).first()
    return (row.exchange_rate, row.rate_on) if row is not None else None


def converted(work: Work, draft: QuoteDraft, currency: str, rate: Decimal | None, on: dt.date | None) -> QuoteDraft:
    """DRAFT in another CURRENCY; without a RATE the one of the newest quote in it. Raises ValidationError."""
    if currency not in CURRENCIES:
        raise ValidationError(
            [Problem("field.choice", "currency", {"found": currency, "choices": "、".join(CURRENCIES)})]
        )
    known = last_rate(work, currency) if rate is None and currency != HOME else None
    if known is not None:
        rate, on = known
    if currency != HOME and rate is None:
        raise ValidationError([Problem("quote.rate_missing", "exchange_rate", {"currency": currency})])
    made = in_currency(draft, currency, rate if rate is not None else Decimal(1), on or work.today)
    problems = [p for p in validate(FIELDS, made) if p.field == "exchange_rate"]
    if problems:
        raise ValidationError(problems)
    return made


def convert(work: Work, quote_id: UUID, currency: str, rate: str = "", on: str = "") -> None:
    """Put a draft revision into another currency, all prices converted. RATE: yuan for one unit, ON: the day it is of; without a
    rate that of the newest quote in the currency. Raises as `save`."""
    draft = load(work, quote_id)
    find(TRANSITIONS, draft.state, "convert")
    try:
        exact = Decimal(rate) if rate.strip() else None
        day = dt.date.fromisoformat(on) if on.strip() else None
    except (InvalidOperation, ValueError):
        wrong = ("exchange_rate", "decimal", rate) if not on.strip() else ("rate_on", "date", f"{rate} {on}")
        raise ValidationError([Problem("field.type", wrong[0], {"expected": wrong[1], "found": wrong[2]})]) from None
    if exact is not None and not exact.is_finite():
        raise ValidationError([Problem("field.type", "exchange_rate", {"expected": "decimal", "found": rate})])
    save(work, converted(work, draft, currency.strip().upper(), exact, day))
