"""What the judge asks of records of sending: only what was approved and unchanged goes out, with the file that went."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import select

from presales_desktop.models import quotes
from presales_desktop.models.contracts import Contract
from presales_desktop.models.quotes import LIVE, Quote
from presales_desktop.models.syncing import MODELS
from presales_desktop.services import contract_steps, quote_steps
from presales_desktop.services.judge_moves import moved_to
from presales_desktop.services.judge_world import Case, claimed, ownership
from presales_desktop.services.work import Work
from sync.server.domain import Judged


def judge_sends(case: Case) -> None:
    """A record of sending: of what was approved and unchanged, by who may send, with the file that went (I1, I5, I6, I8, I10)."""
    for change in case.of("send_record"):
        assert change.after is not None
        row = change.after
        if row["sent_by"] != case.actor.id:
            case.refuse("judge.forged_author", change, "sent_by")
        if row["via"] not in quotes.VIA or (row["subject_kind"] == "quote" and not row["recipient"].strip()):
            case.refuse("field.choice", change, "via", found=row["via"][:40], choices="、".join(quotes.VIA))
        if row["subject_kind"] in _SENDS:
            _SENDS[row["subject_kind"]](case, change, row)
        else:
            case.refuse("judge.state_jump", change, "subject_kind", found=str(row["subject_kind"])[:40], wanted="sent")


def _content_sent(case: Case, change: Judged, row: Mapping[str, Any], before: Mapping[str, Any] | None) -> bool:
    """Whether what went out is what stands there."""
    if before is None:
        case.refuse("record.not_found", change, kind=row["subject_kind"], id=str(row["subject_id"]))
        return False
    if (row["revision"], row["content_hash"]) != (before["revision"], before["content_hash"]) or not row[
        "content_hash"
    ]:
        case.refuse(f"{row['subject_kind']}.altered", change, number=f"{before['number']}-R{before['revision']}")
        return False
    filed = {c.after["sha256"] for c in case.of("attachment") if c.after is not None and c.after["role"] == "sent"}
    if row["file_sha256"] not in filed and not _filed(case, row):
        case.refuse("judge.file_missing", change, "file_sha256")
    return True


def _filed(case: Case, row: Mapping[str, Any]) -> bool:
    model = MODELS["attachment"]
    found = select(model.id).where(
        model.subject_id == row["subject_id"], model.role == "sent", model.sha256 == row["file_sha256"]
    )
    return case.session.scalar(found.limit(1)) is not None


def _send_quote(case: Case, change: Judged, row: Mapping[str, Any]) -> None:
    before = case.world.before("quote", row["subject_id"])
    if not _content_sent(case, change, row, before):
        return
    assert before is not None
    if not case.require(change, "quote.send", ownership(before)):
        return
    at = claimed(case, row["sent_at"])
    work = Work(case.session, case.actor, lambda: at)
    quote = work.get(Quote, row["subject_id"])
    case.refuse_problems(change, quote_steps.send_problems(work, quote))
    if case.refused:
        return
    if quote.state != "sent" and not any(c.id == quote.id and moved_to(c, "sent") for c in case.of("quote")):
        case.amend("quote", quote.id, state="sent")
    earlier = case.session.scalars(
        select(Quote).where(Quote.family_id == quote.family_id, Quote.revision < quote.revision, Quote.state.in_(LIVE))
    )
    for other in earlier:
        case.amend("quote", other.id, state="superseded")


def _send_contract(case: Case, change: Judged, row: Mapping[str, Any]) -> None:
    before = case.world.before("contract", row["subject_id"])
    if not _content_sent(case, change, row, before):
        return
    assert before is not None
    if not case.require(change, "contract.sign", ownership(before)):
        return
    work = case.work()
    contract = work.get(Contract, row["subject_id"])
    if contract.state != "approved":
        case.refuse("contract.not_approved", change, number=f"{contract.number}-R{contract.revision}")
        return
    case.attempt(change, lambda: contract_steps.refuse_unapproved(work, contract))


_SENDS: Final[Mapping[str, Callable[[Case, Judged, Mapping[str, Any]], None]]] = {
    "quote": _send_quote, "contract": _send_contract,
}  # fmt: skip
