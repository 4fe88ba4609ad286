"""Where a contract comes from: an accepted quote with its customer, goods and terms (I5, I8, I12)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select

from presales_desktop.models.contract_text import Subject, read_subject
from presales_desktop.models.contracts import LIVE, Contract, ContractDraft, picked
from presales_desktop.models.customers import Customer, Site
from presales_desktop.models.errors import UserError
from presales_desktop.models.quotes import HOME, Quote
from presales_desktop.services import clauses, company, credit_gate
from presales_desktop.services.quote_steps import basis_for_contract
from presales_desktop.services.work import Work


def subject_of(work: Work, quote_id: UUID) -> Subject:
    """What the quote sells, from its frozen content. Raises UserError quote.currency_contract: our contracts are in yuan."""
    quote = work.get(Quote, quote_id)
    if quote.currency != HOME:
        raise UserError("quote.currency_contract", number=f"{quote.number}-R{quote.revision}", currency=quote.currency)
    return read_subject(quote.frozen, f"{quote.number}-R{quote.revision}", quote.content_hash)


def take_quote(work: Work, draft: ContractDraft, quote_id: UUID) -> None:
    """Put the quote's customer, goods, total and terms into a new DRAFT, and the clauses that fit unless it has some."""
    quote = basis_for_contract(work, quote_id)
    refuse_second(work, quote)
    subject = subject_of(work, quote_id)
    draft.quote_id, draft.case_id, draft.customer_id = quote.id, quote.case_id, quote.customer_id
    draft.total_fen = subject.total_fen
    draft.title = draft.title or quote.title
    _take_parties(work, draft, quote, subject)
    if not draft.clauses:
        _take_credit_terms(work, draft)
        facts = {
            "deposit": draft.deposit_fen > 0,
            "prepayment": draft.prepayment_fen > 0,
            "installation": subject.totals["installation"] > 0,
            "design": quote.design_id is not None,
        }
        draft.clauses = picked(clauses.library(work), facts)


def _take_credit_terms(work: Work, draft: ContractDraft) -> None:
    """Propose the prepayment that the customer's grade asks for (5.6), unless somebody has said another amount."""
    if draft.customer_id is None or draft.prepayment_fen or draft.deposit_fen:
        return
    required = credit_gate.standing(work, draft.customer_id, draft.case_id).required
    if required is not None:
        # Whole yuan, rounded up: never short of the terms.
        draft.prepayment_fen = min(draft.total_fen, -(-draft.total_fen * required.prepay_percent // 10_000) * 100)


@dataclass(frozen=True)
class Candidate:
    """An accepted, unexpired quote that carries no contract yet."""

    quote_id: UUID
    label: str
    title: str
    customer: str
    total_fen: int
    valid_until: dt.date | None


def candidates(work: Work, words: str = "", limit: int = 20) -> tuple[Candidate, ...]:
    """Quotes that a contract can be made from, newest first; WORDS match number, title and customer."""
    work.require("contract.create")
    used = select(Contract.id).where(Contract.quote_id == Quote.id, Contract.state.in_(LIVE)).exists()
    statement = (
        select(Quote, Customer.name)
        .join(Customer, Customer.id == Quote.customer_id)
        .where(Quote.state == "accepted", Quote.valid_until >= work.today, ~used)
        .order_by(Quote.updated_at.desc(), Quote.id)
        .limit(limit)
    )
    for word in words.split():
        like = f"%{word}%"
        statement = statement.where(or_(Quote.number.like(like), Quote.title.like(like), Customer.name.like(like)))
    return tuple(
        Candidate(q.id, f"{q.number}-R{q.revision}", q.title, name, q.total_fen, q.valid_until)
        for q, name in work.session.execute(statement)
    )


def refuse_second(work: Work, quote: Quote, family_id: UUID | None = None) -> None:
    """Raise UserError contract.quote_used when a live contract (of another family) stands on QUOTE already."""
    other = work.session.scalars(
        select(Contract).where(
            Contract.quote_id == quote.id, Contract.state.in_(LIVE), Contract.family_id != (family_id or UUID(int=0))
        )
    ).first()
    if other is not None:
        raise UserError("contract.quote_used", number=f"{other.number}-R{other.revision}")


def _take_parties(work: Work, draft: ContractDraft, quote: Quote, subject: Subject) -> None:
    customer = work.get(Customer, quote.customer_id)
    ours = company.letterhead(work)
    sites = {s.kind: s.address for s in work.session.scalars(select(Site).where(Site.customer_id == customer.id))}
    address = sites.get("office") or sites.get("invoice") or next(iter(sites.values()), "")
    given = {
        "buyer_name": subject.customer_name,
        "buyer_uscc": customer.uscc,
        "buyer_address": address,
        "buyer_phone": customer.phone,
        "buyer_email": customer.email,
        "seller_name": ours.name,
        "seller_uscc": ours.tax_no,
        "seller_address": ours.address,
        "seller_legal_representative": ours.legal_representative,
        "seller_phone": ours.phone,
        "seller_email": ours.email,
        "seller_bank": ours.bank,
        "seller_account": ours.account,
        "sign_place": _place(ours.address),
    }
    for name, value in given.items():
        if name == "buyer_name" or not getattr(draft, name):
            setattr(draft, name, value)


def _place(address: str) -> str:
    """The city of an address, as the place of signing: 广东省中山市古镇镇… → 广东省中山市."""
    head, mark, _ = address.partition("市")
    return head + mark if mark else ""
