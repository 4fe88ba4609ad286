"""Decisions for the random walks: signed on a laptop, ruled on by the server when they arrive; parts follow their whole's customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from sync.server.domain import CommitContext, Create, Judged, Verdict
from sync.wire import Refusal
from tests.sync import shop


def signed(key: Ed25519PrivateKey, decision: UUID, about: UUID, saw: str) -> bytes:
    """The signature of a decision about a plan that its author saw under the name SAW."""
    return key.sign(decision.bytes + about.bytes + saw.encode())


def judge(session: Session, context: CommitContext, changes: Sequence[Judged]) -> Verdict:
    """A forged decision is refused, a true one is ruled on: it counts when the plan is still what was decided about and nobody was first."""
    verdict = Verdict()
    for change in changes:
        if change.after is not None and change.after.get("name") == "forbidden":
            verdict.refusals.append(Refusal("shop.forbidden", change.kind, change.id.bytes, "name"))
        if change.kind == "decision" and change.after is not None:
            _rule(session, context, change.id, change.after, verdict)
        if change.kind == "ruling":
            verdict.refusals.append(Refusal("shop.server_only", change.kind, change.id.bytes))
        if change.kind == "plan" and change.op == "set" and "customer" in change.changed:
            parts = session.scalars(select(shop.item.c.id).where(shop.item.c.plan_id == change.id))
            verdict.amendments.update({("item", part): {} for part in parts})
    return verdict


def _rule(session: Session, context: CommitContext, row: UUID, made: dict[str, Any], verdict: Verdict) -> None:
    message = row.bytes + made["plan_id"].bytes + made["saw"].encode()
    try:
        Ed25519PublicKey.from_public_bytes(context.public_key).verify(made["signature"], message)
    except InvalidSignature:
        verdict.refusals.append(Refusal("shop.forged", "decision", row.bytes))
        return
    name = session.scalar(select(shop.plan.c.name).where(shop.plan.c.id == made["plan_id"]))
    earlier = (
        select(shop.ruling.c.id)
        .join(shop.decision, shop.decision.c.id == shop.ruling.c.id)
        .where(
            shop.decision.c.plan_id == made["plan_id"],
            shop.decision.c.saw == made["saw"],
            shop.ruling.c.outcome == "counts",
        )
    )
    outcome = "stale" if name != made["saw"] else "second" if session.scalar(earlier) else "counts"
    verdict.creates.append(Create("ruling", row, {"outcome": outcome}))
