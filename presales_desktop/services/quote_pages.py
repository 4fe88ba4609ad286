"""A quote whole: what its page, `presales show` and its paper are made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from presales_desktop.models import quote_pricing
from presales_desktop.models.approvals import QUOTE_STEPS
from presales_desktop.models.cases import Case
from presales_desktop.models.customers import Contact, Customer
from presales_desktop.models.journal import Decision, SendRecord
from presales_desktop.models.permissions import may
from presales_desktop.models.quote_content import short
from presales_desktop.models.quotes import Quote, is_expired
from presales_desktop.services import approvals, design_reviews, quote_costs, quote_steps, users
from presales_desktop.services.quotes import (
    DecisionRow,
    QuoteLineShown,
    QuoteShown,
    RevisionRow,
    SendRow,
    changes,
    label_of,
    lines_read,
)
from presales_desktop.services.work import Work
from presales_desktop.texts.delegations import in_place_of


def show(work: Work, quote_id: UUID, read: Sequence[Any] | None = None) -> QuoteShown:
    """The revision with its lines, approvals, decisions of the whole family, what was sent, and what the catalogue changed."""
    work.require("quote.view")
    quote = work.get(Quote, quote_id)
    lines = lines_read(work, quote_id) if read is None else read
    totals = quote_pricing.price(lines, quote)
    case = work.get(Case, quote.case_id)
    contact = work.session.get(Contact, quote.contact_id) if quote.contact_id else None
    names = users.names(work)
    family = _family(work, quote)
    return QuoteShown(
        id=quote.id,
        version=quote.version,
        number=quote.number,
        revision=quote.revision,
        label=label_of(quote),
        title=quote.title,
        state=quote.state,
        expired=is_expired(quote.state, quote.valid_until, work.today),
        case_id=quote.case_id,
        case_number=case.number,
        case_title=case.title,
        customer_id=quote.customer_id,
        customer=work.get(Customer, quote.customer_id).name,
        contact_id=quote.contact_id,
        contact=contact.name if contact else "",
        contact_phone=contact.phone if contact else "",
        design_id=quote.design_id,
        design=design_reviews.basis(work, quote.design_id) if quote.design_id else None,
        owner_id=quote.owner_id,
        owner=names.get(quote.owner_id, "") if quote.owner_id else "",
        created_by=quote.created_by,
        currency=quote.currency,
        exchange_rate=quote.exchange_rate,
        rate_on=quote.rate_on,
        language=quote.language,
        show_images=quote.show_images,
        tax_included=quote.tax_included,
        tax_rate=quote.tax_rate,
        discount_percent=quote.discount_percent,
        discount_fen=quote.discount_fen,
        freight_fen=totals.freight_fen,
        installation_fen=totals.installation_fen,
        lines_fen=totals.lines_fen,
        sections_off_fen=totals.sections_off_fen,
        discount_total_fen=totals.discount_fen,
        net_fen=totals.net_fen,
        tax_fen=totals.tax_fen,
        taxes=totals.taxes,
        total_fen=totals.gross_fen,
        valid_until=quote.valid_until,
        delivery=quote.delivery,
        delivery_place=quote.delivery_place,
        payment=quote.payment,
        warranty=quote.warranty,
        notes=quote.notes,
        internal_notes=quote.internal_notes,
        content_hash=quote.content_hash,
        hash_short=short(quote.content_hash),
        submitted_at=quote.submitted_at,
        submitted_by=names.get(quote.submitted_by, "") if quote.submitted_by else "",
        answered_on=quote.answered_on,
        answer_note=quote.answer_note,
        latest=quote.revision == max(row.revision for row in family),
        lines=tuple(
            QuoteLineShown(
                line.id, line.type, line.room, line.variant_id, line.name, line.model, line.spec, line.unit,
                line.quantity, line.list_price_fen, line.unit_price_fen, line.discount_percent, totals.amounts[i],
                totals.pieces_of(i), totals.counted[i], line.customer_code, line.tax_rate, line.lead_days, line.image_sha256, line.note, line.attention, line.source,
            )
            for i, line in enumerate(lines)
        ),
        approvals=approvals.status(work, quote, QUOTE_STEPS),
        decisions=_decisions(work, quote, family),
        sends=_sends(work, quote, names),
        revisions=family,
        blocked=tuple(p.code for p in quote_steps.send_problems(work, quote)) if quote.frozen else (),
        changes=changes(work, lines, quote.exchange_rate) if quote.state == "draft" else (),
        margin_band=_band(work, quote),
    )  # fmt: skip


def _band(work: Work, quote: Quote) -> str:
    """Only for the superior who may not see figures."""
    if may(work.actor, "cost.view").allowed or not may(work.actor, "quote.superior").allowed:
        return ""
    return quote_costs.band(work, quote)


def _family(work: Work, quote: Quote) -> tuple[RevisionRow, ...]:
    rows = work.session.execute(
        select(Quote.id, Quote.revision, Quote.state, Quote.total_fen)
        .where(Quote.family_id == quote.family_id)
        .order_by(Quote.revision.desc())
    )
    return tuple(RevisionRow(*row) for row in rows)


def _decisions(work: Work, quote: Quote, family: tuple[RevisionRow, ...]) -> tuple[DecisionRow, ...]:
    rows = work.session.scalars(
        select(Decision)
        .where(Decision.subject_kind == Quote.KIND, Decision.subject_id.in_([row.id for row in family]))
        .order_by(Decision.decided_at.desc(), Decision.id.desc())
    ).all()
    ruled = approvals.rulings(work, [d.id for d in rows])
    void = {decision_id for decision_id, found in ruled.items() if not found.effective}
    return tuple(
        DecisionRow(
            d.revision, d.step, d.verdict, in_place_of(d.decided_by_name, d.on_behalf_of_name), d.decided_at, d.comment,
            holds=d.subject_id == quote.id and d.content_hash == quote.content_hash and d.id not in void,
        )
        for d in rows
    )  # fmt: skip


def _sends(work: Work, quote: Quote, names: dict[UUID, str]) -> tuple[SendRow, ...]:
    rows = work.session.scalars(
        select(SendRecord)
        .join(Quote, Quote.id == SendRecord.subject_id)
        .where(SendRecord.subject_kind == Quote.KIND, Quote.family_id == quote.family_id)
        .order_by(SendRecord.sent_at.desc())
    )
    return tuple(
        SendRow(s.sent_at, names.get(s.sent_by, ""), s.via, s.recipient, s.revision, s.file_sha256) for s in rows
    )


def newest_revision(work: Work, family_id: UUID) -> int:
    """The highest revision number of a family."""
    return work.session.scalar(select(func.max(Quote.revision)).where(Quote.family_id == family_id)) or 0
