"""What the judge asks of a merge of two customers, and what the server moves besides: nothing is left behind on the one that went."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.journal import AuditEvent
from presales_desktop.models.syncing import MODELS, PARENTS
from presales_desktop.services.customer_merge import HANGING
from presales_desktop.services.judge_world import Case, ownership
from sync.server.domain import Judged


def judge_customer(case: Case, change: Judged) -> None:
    """Archived, brought back, or merged into another."""
    assert change.before is not None
    assert change.after is not None
    before, after = change.before, change.after
    if before["merged_into"] == after["merged_into"]:
        if before["merged_into"] is not None:
            return case.refuse("judge.fixed", change, "archived")
        case.require(change, "customer.edit", ownership(before))
        return None
    _merge(case, change)
    return None


def _merge(case: Case, change: Judged) -> None:
    """A customer goes into one that is there and stays there; a sign follows when its own customer goes on to another."""
    assert change.before is not None
    assert change.after is not None
    before, after = change.before, change.after
    stays = case.world.after("customer", after["merged_into"]) if after["merged_into"] is not None else None
    was = before["merged_into"]
    if was is not None:
        on = case.world.after("customer", was)
        if on is None or on["merged_into"] != after["merged_into"]:
            return case.refuse("judge.fixed", change, "merged_into")
    if stays is None or after["merged_into"] == change.id:
        return case.refuse("record.not_found", change, "merged_into", kind="customer", id=str(after["merged_into"]))
    if stays["merged_into"] is not None:
        return case.refuse(
            "customer.merged", change, "merged_into", name=stays["name"], into="", number=stays["number"]
        )
    if not after["archived"]:
        return case.refuse("judge.fixed", change, "archived")
    case.require(change, "customer.merge", ownership(before))
    case.require(change, "customer.merge", ownership(stays))
    return None


def follow_merges(case: Case) -> None:
    """Nothing is left behind on a merged customer: neither what its author didn't hold, nor what others made of it meanwhile."""
    for change in case.changes:
        if change.after is not None and change.kind in HANGING:
            stays = case.survivor(change.after["customer_id"])
            if stays != change.after["customer_id"]:
                case.amend(change.kind, change.id, customer_id=stays)
    for change in case.of("customer"):
        if change.after is None or change.after["merged_into"] is None or "merged_into" not in change.changed:
            continue
        stays = change.after["merged_into"]
        known = {(c.kind, c.id) for c in case.changes}
        for kind, model in HANGING.items():
            for row_id in case.session.scalars(select(model.id).where(model.customer_id == change.id)):
                if (kind, row_id) not in known:
                    case.amend(kind, row_id, customer_id=stays)
                    take_parts(case, kind, row_id)
        for event_id in case.session.scalars(select(AuditEvent.id).where(AuditEvent.customer_id == change.id)):
            if ("audit_event", event_id) not in known:
                case.amend("audit_event", event_id)


def take_parts(case: Case, whole: str, whole_id: UUID) -> None:
    """The parts of a whole, and what names it, are placed anew: it went to another customer."""
    for kind in (k for k, (parent, _) in PARENTS.items() if parent == whole):
        column = MODELS[kind].__table__.c[PARENTS[kind][1]]
        for row_id in case.session.scalars(select(MODELS[kind].id).where(column == whole_id)):
            case.amend(kind, row_id)
    for kind in ("attachment", "decision", "ruling", "send_record"):
        model = MODELS[kind]
        for row_id in case.session.scalars(select(model.id).where(model.subject_id == whole_id)):
            case.amend(kind, row_id)
