"""Letters to customers about a price change: drafted for those with live quotes, sent or printed by hand, and recorded."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.customers import Customer
from presales_desktop.models.errors import NotFound, Problem, UserError, ValidationError
from presales_desktop.models.fields import validate
from presales_desktop.models.permissions import Ownership
from presales_desktop.models.prices import (
    NOTICE_FIELDS,
    NOTICE_STATES,
    NOTICE_TRANSITIONS,
    VIA,
    PriceChange,
    PriceNotice,
)
from presales_desktop.models.users import User
from presales_desktop.services import company, numbered, price_changes
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.price_exposure import ExposedQuote
from presales_desktop.services.steps import take
from presales_desktop.services.work import Work
from presales_desktop.texts import tr_in


@dataclass
class PriceNoticeDraft:
    """A letter being written."""

    id: UUID | None = None
    base_version: int = 0
    state: str = "drafted"
    change_id: UUID | None = None
    customer_id: UUID | None = None
    owner_id: UUID | None = None
    title: str = ""
    body: str = ""


@dataclass(frozen=True)
class PriceNoticeRow:
    """A letter as lists show it."""

    id: UUID
    state: str
    change_id: UUID
    change: str
    customer_id: UUID
    customer: str
    owner_id: UUID | None
    owner: str
    title: str
    body: str
    via: str
    recipient: str
    sent_on: dt.date | None
    updated_at: dt.datetime


@dataclass(frozen=True)
class NoticeDocument:
    """What the letter prints."""

    customer: str
    title: str
    body: str
    day: dt.date
    letterhead: company.Letterhead


def ownership(found: PriceNotice) -> Ownership:
    """Whose a letter is."""
    return Ownership(found.owner_id, found.created_by)


def _rows(work: Work) -> Any:
    return (
        select(PriceNotice, Customer.name, PriceChange.number, PriceChange.title)
        .join(Customer, Customer.id == PriceNotice.customer_id)
        .join(PriceChange, PriceChange.id == PriceNotice.change_id)
    )


def list_rows(work: Work, query: ListQuery) -> Page[PriceNoticeRow]:
    """Letters, the newest first; filters state, change_id, customer_id, owner_id (me)."""
    work.require("price.view")
    names = {u.id: u.name for u in work.session.scalars(select(User))}
    table = PriceNotice.__table__.c
    statement = _rows(work)
    if query.search.strip():
        statement = statement.where(Customer.name.like(f"%{query.search.strip()}%"))
    listing = Listing[PriceNoticeRow](
        statement=statement,
        id_column=table.id,
        sortable={"updated_at": table.updated_at, "state": table.state, "customer": Customer.__table__.c.name},
        filters={
            "state": lambda v: PriceNotice.state == v,
            "change_id": lambda v: PriceNotice.change_id == UUID(v),
            "customer_id": lambda v: PriceNotice.customer_id == UUID(v),
            "owner_id": lambda v: PriceNotice.owner_id == (work.actor.id if v == "me" else UUID(v)),
        },
        make=lambda row: _row(row, names),
        default_sort="-updated_at",
    )
    return listing.page(work, ListQuery("", query.filters, query.sort, query.limit, query.offset, query.after))


def _row(row: Any, names: dict[UUID, str]) -> PriceNoticeRow:
    n, customer, number, title = row
    return PriceNoticeRow(
        n.id, n.state, n.change_id, f"{number} {title}", n.customer_id, customer, n.owner_id, names.get(n.owner_id, ""),
        n.title, n.body, n.via, n.recipient, n.sent_on, n.updated_at,
    )  # fmt: skip


def show(work: Work, notice_id: UUID) -> PriceNoticeRow:
    """One letter."""
    work.require("price.view")
    work.get(PriceNotice, notice_id)
    names = {u.id: u.name for u in work.session.scalars(select(User))}
    return _row(work.session.execute(_rows(work).where(PriceNotice.id == notice_id)).one(), names)


def resolve(work: Work, text: str) -> UUID:
    """By its id. Raises NotFound."""
    found = numbered.by_id(work, PriceNotice, text)
    if found is None:
        raise NotFound("record.not_found", kind="price_notice", id=text)
    return found


def new_draft(work: Work, initial: dict[str, Any]) -> PriceNoticeDraft:
    """A letter about a change to a customer, written as `draft_all` writes them."""
    given: dict[str, Any] = {k: UUID(str(v)) if k.endswith("_id") and v else v for k, v in initial.items()}
    draft = PriceNoticeDraft(**{"owner_id": work.actor.id, **given})
    if draft.change_id is not None and draft.customer_id is not None and not draft.body:
        change = work.get(PriceChange, draft.change_id)
        quotes = [q for q in price_changes.show(work, change.id).exposed if q.customer_id == draft.customer_id]
        draft.title, draft.body = words_of(change, work.get(Customer, draft.customer_id).name, quotes)
    return draft


def load(work: Work, notice_id: UUID) -> PriceNoticeDraft:
    """A letter to edit."""
    work.require("price.view")
    n = work.get(PriceNotice, notice_id)
    return PriceNoticeDraft(n.id, n.version, n.state, n.change_id, n.customer_id, n.owner_id, n.title, n.body)


def save(work: Work, draft: PriceNoticeDraft) -> UUID:
    """Write a letter. Raises ValidationError, UserError price_notice.sent for one that went out, PermissionDenied, ConflictError."""
    found = validate(NOTICE_FIELDS, draft)
    if found:
        raise ValidationError(found)
    if draft.id is None:
        work.require("price_notice.edit", Ownership(draft.owner_id, work.actor.id))
        return _add(work, draft).id
    notice = work.get(PriceNotice, draft.id)
    work.require("price_notice.edit", ownership(notice))
    if notice.state != "drafted":
        raise UserError("price_notice.sent")
    work.touch(notice, draft.base_version)
    notice.title, notice.body, notice.owner_id = draft.title.strip(), draft.body.strip(), draft.owner_id
    _audit(work, notice, "changed")
    return notice.id


def _add(work: Work, draft: PriceNoticeDraft) -> PriceNotice:
    made = work.add(
        PriceNotice(
            change_id=draft.change_id, customer_id=draft.customer_id, owner_id=draft.owner_id,
            title=draft.title.strip(), body=draft.body.strip(),
        )
    )  # fmt: skip
    _audit(work, made, "created")
    return made


def _audit(work: Work, notice: PriceNotice, action: str, **detail: Any) -> None:
    work.audit(notice, action, title=notice.title, customer_id=notice.customer_id, **detail)


def draft_all(work: Work, change_id: UUID) -> int:
    """A letter for each customer with live quotes that the change touches and who has none yet; how many were drafted.

    Raises PermissionDenied, UserError price_change.not_applied.
    """
    work.require("price_notice.edit")
    change = work.get(PriceChange, change_id)
    if change.state != "applied":
        raise UserError("price_change.not_applied", number=change.number)
    known = set(work.session.scalars(select(PriceNotice.customer_id).where(PriceNotice.change_id == change_id)))
    by_customer: dict[UUID, list[ExposedQuote]] = {}
    for quote in price_changes.show(work, change_id).exposed:
        if quote.customer_id not in known:
            by_customer.setdefault(quote.customer_id, []).append(quote)
    for customer_id, quotes in by_customer.items():
        title, body = words_of(change, quotes[0].customer, quotes)
        _add(work, PriceNoticeDraft(None, 0, "drafted", change_id, customer_id, quotes[0].owner_id, title, body))
    return len(by_customer)


def words_of(change: PriceChange, customer: str, quotes: list[ExposedQuote]) -> tuple[str, str]:
    """Title and body of a letter, in Chinese: what changes when, and that what was quoted holds as long as it is valid."""
    day = change.effective_on.isoformat()
    lines = [
        tr_in("zh", "尊敬的{customer}：", customer=customer),
        tr_in("zh", "感谢您一直以来的信任。自 {day} 起，我公司部分照明产品的目录价格将作调整，敬请知悉。", day=day),
    ]
    if quotes:
        lines.append(tr_in("zh", "我公司已向您提供、仍在有效期内的报价不受影响，请在有效期内确认："))
        for q in sorted(quotes, key=lambda q: q.label):
            until = q.valid_until.isoformat() if q.valid_until is not None else "—"
            lines.append(
                tr_in("zh", "　　{label} {title}，有效期至 {until}", label=q.label, title=q.title, until=until)
            )
    lines.append(tr_in("zh", "之后的订单按调整后的价格执行。如有疑问，请与您的业务负责人联系。"))
    return tr_in("zh", "关于部分产品价格调整的通知"), "\n".join(lines)


def send(work: Work, notice_id: UUID, via: str, recipient: str) -> None:
    """Record that the letter went out: how and to whom. Raises ValidationError, PermissionDenied, InvalidTransition."""
    notice = work.get(PriceNotice, notice_id)
    take(work, NOTICE_TRANSITIONS, notice.state, "send", ownership(notice), {"via": via, "recipient": recipient})
    if via not in VIA:
        raise ValidationError([Problem("field.choice", "via", {"found": via[:20], "choices": "、".join(VIA)})])
    work.touch(notice)
    notice.state, notice.via, notice.recipient = "sent", via, recipient.strip()[:200]
    notice.sent_on, notice.sent_by = work.today, work.actor.id
    _audit(work, notice, "sent", via=via, recipient=notice.recipient)


def withdraw(work: Work, notice_id: UUID, reason: str) -> None:
    """A draft that is not needed."""
    notice = work.get(PriceNotice, notice_id)
    take(work, NOTICE_TRANSITIONS, notice.state, "withdraw", ownership(notice), {"reason": reason})
    work.touch(notice)
    notice.state = "withdrawn"
    _audit(work, notice, "withdrawn", reason=reason.strip())


def do(work: Work, notice_id: UUID, action: str, parameters: dict[str, str]) -> UUID:
    """Steps by name, for the command line."""
    given = {k: v.strip() for k, v in parameters.items()}
    notice = work.get(PriceNotice, notice_id)
    take(work, NOTICE_TRANSITIONS, notice.state, action, ownership(notice), given)
    if action == "send":
        send(work, notice_id, given["via"], given["recipient"])
    else:
        withdraw(work, notice_id, given["reason"])
    return notice_id


def document(work: Work, notice_id: UUID) -> NoticeDocument:
    """The letter's content."""
    row = show(work, notice_id)
    return NoticeDocument(row.customer, row.title, row.body, row.sent_on or work.today, company.letterhead(work))


KIND: Final = Kind(
    name="price_notice",
    fields=NOTICE_FIELDS,
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    states=NOTICE_STATES,
    transitions=NOTICE_TRANSITIONS,
    new_draft=new_draft,
    load=load,
    save=save,
    do=do,
    rights={"create": "price_notice.edit", "edit": "price_notice.edit"},
    filters=("state", "change_id", "customer_id", "owner_id"),
    sorts=("updated_at", "state", "customer"),
)
