"""Steps of a contract: submit (freeze), decide, revise, send for signature, sign, cancel; and the paper's content (I12, I13, I16)."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models import approvals as rules
from presales_desktop.models import canonical
from presales_desktop.models.approvals import CONTRACT_STEPS, Choice, Outcome
from presales_desktop.models.contract_plan import STEP_FIELDS, ContractStep, ContractStepDraft
from presales_desktop.models.contract_text import Subject, fill, placeholder_values
from presales_desktop.models.contracts import (
    PARTY,
    TRANSITIONS,
    VIA,
    Contract,
    ContractClause,
    ContractDraft,
    submit_problems,
)
from presales_desktop.models.errors import Problem, UserError, ValidationError
from presales_desktop.models.journal import SendRecord
from presales_desktop.models.permissions import may
from presales_desktop.models.quotes import Quote
from presales_desktop.models.workflow import find
from presales_desktop.services import (
    approvals,
    attachments,
    cases,
    clauses,
    company,
    contract_plans,
    contracts,
    contracts_from,
    credit_gate,
    customer_merge,
    printing,
)
from presales_desktop.services.contracts import audit, label_of, ownership
from presales_desktop.services.quote_steps import basis_for_contract
from presales_desktop.services.steps import take
from presales_desktop.services.work import Work

FORMAT = "presales.contract/1"
_COPIED = (
    "number", "family_id", "title", "case_id", "customer_id", "quote_id", "owner_id", "sign_place", "sign_on", "copies",
    "parties", "deposit_fen", "prepayment_fen", "total_fen", "notes",
)  # fmt: skip
_DECISIONS = {"approve": Choice.APPROVE, "return": Choice.RETURN, "reject": Choice.REJECT}
# States whose paper carries no watermark: everybody has approved exactly this content.
CLEAR = ("approved", "out_for_signature", "signed")


@dataclass(frozen=True)
class ContractDocument:
    """What the paper prints: the frozen content, or what it would be while it is a draft."""

    number: str
    revision: int
    state: str
    content_hash: str
    content: dict[str, Any]
    letterhead: company.Letterhead
    approvals: tuple[tuple[str, str, dt.datetime], ...]
    signed_on: dt.date | None
    signed_by: str
    id: UUID
    total_fen: int
    key: bytes = field(repr=False)

    @property
    def clear(self) -> bool:
        """Whether the paper needs no watermark."""
        return self.state in CLEAR and bool(self.content_hash)


def do(work: Work, contract_id: UUID, action: str, parameters: dict[str, str]) -> Any:
    """ACTION with text PARAMETERS, as the command line gives them. `revise` answers the next revision's id."""
    given = {k: v.strip() for k, v in parameters.items()}
    if action in _DECISIONS:
        verdict = _DECISIONS[action]
        decide(work, contract_id, verdict, step=given.get("step", ""), comment=given.get("comment", ""))
        return contract_id
    if action == "revise":
        return revise(work, contract_id)
    if action == "submit":
        submit(work, contract_id)
    elif action == "send":
        send(work, contract_id, given.get("via") or "print", given.get("recipient", ""))
    elif action == "sign":
        contract = work.get(Contract, contract_id)
        take(work, TRANSITIONS, contract.state, "sign", ownership(contract), given)
        sign(work, contract_id, on=_day(given["on"]), by=given["by"], note=given.get("note", ""))
    elif action == "settle":
        contract_plans.settle(
            work, contract_id, _number(given.get("step", "")), _day(given["on"]) if given.get("on") else None
        )
    else:
        cancel(work, contract_id, given)
    return contract_id


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValidationError([Problem("field.type", "on", {"expected": "date", "found": text[:40]})]) from None


def _move(work: Work, contract: Contract, state: str, action: str, **detail: Any) -> None:
    contract.state = state
    work.touch(contract)
    audit(work, contract, action, **detail)


# -- content -----------------------------------------------------------------------------------------------------------


def content_of(work: Work, draft: ContractDraft, subject: Subject) -> dict[str, Any]:
    """What both parties sign: parties, goods, totals, clauses with their blanks filled; the English beside unchanged clauses."""
    values = placeholder_values(draft, subject)
    return {
        "format": FORMAT,
        "revision": draft.revision,
        "title": draft.title.strip(),
        "sign_place": draft.sign_place.strip(),
        "sign_on": draft.sign_on,
        "copies": draft.copies,
        "customer_id": _made_for(work, draft),
        "parties": {
            side: {name: getattr(draft, f"{side}_{name}").strip() for name in PARTY} for side in contracts.SIDES
        },
        "quote": {"label": subject.quote_label, "hash": subject.quote_hash},
        "goods": [asdict(g) for g in subject.goods],
        "totals": dict(subject.totals),
        "tax": {"rate": subject.tax_rate, "included": subject.tax_included},
        "deposit": draft.deposit_fen,
        "prepayment": draft.prepayment_fen,
        "clauses": [_clause(work, clause, values, values | {"份数": str(draft.copies)}) for clause in draft.clauses],
    } | ({"plan": [_planned(step) for step in draft.steps]} if draft.steps else {})


def _planned(step: ContractStepDraft) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "title": step.title.strip(),
        "amount": step.amount_fen,
        "base": step.base,
        "days": 0 if step.base == "day" else step.days,
        "due_on": step.due_on if step.base == "day" else None,
        "note": step.note.strip(),
    }


def _clause(work: Work, clause: Any, values: dict[str, str], english: dict[str, str]) -> dict[str, str | int]:
    heading_en, body_en = clauses.translated(work, clause.key, clause.edition, clause.heading, clause.body)
    return {
        "key": clause.key,
        "edition": clause.edition,
        "part": clause.part,
        "heading": fill(clause.heading.strip(), values),
        "body": fill(clause.body.strip(), values),
        "heading_en": fill(heading_en, english),
        "body_en": fill(body_en, english),
    }


def _made_for(work: Work, draft: ContractDraft) -> UUID | None:
    stored = work.session.get(Contract, draft.id) if draft.id is not None else None
    if stored is None or draft.customer_id is None:
        return draft.customer_id
    return customer_merge.party(work, draft.customer_id, stored.frozen).id


def _current(work: Work, contract: Contract) -> str:
    """The canonical text of what is stored now. The English is frozen as it was: a later edition changes no old contract."""
    draft = contracts.load(work, contract.id)
    return canonical.text(content_of(work, draft, contracts_from.subject_of(work, contract.quote_id)))


def unaltered(work: Work, contract: Contract) -> bool:
    return bool(contract.frozen) and canonical.sha256(contract.frozen) == contract.content_hash and (
        _current(work, contract) == contract.frozen
    )  # fmt: skip


def document(work: Work, contract_id: UUID) -> ContractDocument:
    """The paper's content. Raises UserError contract.altered when the frozen content is not what was submitted."""
    work.require("contract.view")
    contract = work.get(Contract, contract_id)
    if contract.frozen:
        if canonical.sha256(contract.frozen) != contract.content_hash:
            raise UserError("contract.altered", number=label_of(contract))
        content = json.loads(contract.frozen)
    else:
        content = json.loads(_current(work, contract))
    made = tuple(
        (d.step, approvals.who(d), d.at) for d in approvals.bound(work, contract) if d.verdict == Choice.APPROVE
    )
    return ContractDocument(
        contract.number, contract.revision, contract.state, contract.content_hash, content, company.letterhead(work),
        made, contract.signed_on, contract.signed_by, contract.id, contract.total_fen, company.document_key(work),
    )  # fmt: skip


# -- steps -------------------------------------------------------------------------------------------------------------


def problems_of(work: Work, draft: ContractDraft) -> list[Problem]:
    """Everything that keeps a saved DRAFT from being submitted: for the page's check list before the step is taken."""
    if draft.quote_id is None:
        return [Problem("contract.quote_missing", "quote_id")]
    return submit_problems(draft, contracts_from.subject_of(work, draft.quote_id))


def submit(work: Work, contract_id: UUID, base_version: int | None = None) -> str:
    """Freeze the revision; its SHA-256. The quote must still carry it: accepted, unchanged and, for the first revision, unexpired.

    Raises ValidationError with every missing content, UserError quote.*, PermissionDenied, ConflictError.
    """
    contract = work.get(Contract, contract_id)
    take(work, TRANSITIONS, contract.state, "submit", ownership(contract), {})
    check_basis(work, contract)
    draft = contracts.load(work, contract_id)
    subject = contracts_from.subject_of(work, contract.quote_id)
    found = submit_problems(draft, subject)
    if found:
        raise ValidationError(found)
    work.touch(contract, base_version)
    contract.total_fen = subject.total_fen
    text = canonical.text(content_of(work, draft, subject))
    contract.frozen, contract.content_hash = text, canonical.sha256(text)
    contract.submitted_at, contract.submitted_by = work.now, work.actor.id
    contract.state = "submitted"
    audit(work, contract, "submitted", content_hash=contract.content_hash)
    return contract.content_hash


def check_basis(work: Work, contract: Contract) -> None:
    """The quote still carries the contract: accepted, unchanged and, for the first revision, unexpired. Raises UserError quote.*."""
    if contract.revision == 1:
        basis_for_contract(work, contract.quote_id)
        return
    quote = work.get(Quote, contract.quote_id)
    if quote.state != "accepted":
        raise UserError("quote.not_accepted", number=f"{quote.number}-R{quote.revision}")


def decide(
    work: Work, contract_id: UUID, verdict: Choice, *, step: str = "", comment: str = "", seen_hash: str = ""
) -> Outcome:
    """The actor's decision as legal, sales or finance on exactly the submitted content (I13); the contract follows the outcome.

    Raises as approvals.decide, and UserError contract.altered when what is stored is not what was submitted.
    """
    contract = work.get(Contract, contract_id)
    find(TRANSITIONS, contract.state, verdict.value)
    if not unaltered(work, contract):
        raise UserError("contract.altered", number=label_of(contract))
    if verdict is Choice.APPROVE and (step or "finance") == "finance" and may(work.actor, "contract.finance").allowed:
        credit_gate.refuse(work, contract)  # I14: finance answers for the customer's credit
    found = approvals.decide(
        work, contract, CONTRACT_STEPS, verdict, step=step, comment=comment, seen_hash=seen_hash,
        detail={"quote_hash": json.loads(contract.frozen)["quote"]["hash"]},
    )  # fmt: skip
    if found is Outcome.WAITING:
        work.touch(contract)
    else:
        _move(work, contract, found.value, found.value)
    return found


def revise(work: Work, contract_id: UUID) -> UUID:
    """The next revision as a draft: same content, none of the decisions (I7). The old one is superseded unless it was refused.

    Raises UserError contract.newer_open when a newer revision is being worked on already.
    """
    contract = work.get(Contract, contract_id)
    take(work, TRANSITIONS, contract.state, "revise", ownership(contract), {})
    newest = work.session.scalars(
        select(Contract).where(Contract.family_id == contract.family_id).order_by(Contract.revision.desc()).limit(1)
    ).one()
    if newest.id != contract.id and newest.state not in ("cancelled", "superseded"):
        raise UserError("contract.newer_open", number=label_of(contract), newer=label_of(newest))
    made = work.add(
        Contract(
            revision=newest.revision + 1, state="draft", frozen="", content_hash="", signed_by="", submitted_at=None,
            submitted_by=None, signed_on=None, **{name: getattr(contract, name) for name in _COPIED},
        )
    )  # fmt: skip
    work.session.flush()
    for clause in contracts.clauses_of(work, contract_id):
        values = {n: getattr(clause, n) for n in ("key", "edition", "heading", "body", "part", "sort")}
        work.add(ContractClause(contract_id=made.id, **values))
    for step in contracts.steps_of(work, contract_id):
        work.add(
            ContractStep(contract_id=made.id, sort=step.sort, **{f.name: getattr(step, f.name) for f in STEP_FIELDS})
        )
    audit(work, made, "revised", source=label_of(contract))
    if contract.state not in ("returned", "rejected"):
        _move(work, contract, "superseded", "superseded", by=label_of(made))
    return made.id


def refuse_unapproved(work: Work, contract: Contract) -> None:
    """I13, I14: legal, sales and finance have approved, each another person, exactly what is stored, and credit holds today."""
    if rules.outcome(CONTRACT_STEPS, approvals.bound(work, contract)) is not Outcome.APPROVED:
        raise UserError("contract.not_approved", number=label_of(contract))
    if not unaltered(work, contract):
        raise UserError("contract.altered", number=label_of(contract))
    credit_gate.refuse(work, contract)


def send(work: Work, contract_id: UUID, via: str = "print", recipient: str = "", file: bytes | None = None) -> str:
    """Record that the approved paper goes out for signature, with the FILE that goes (printed here when not given); its SHA-256.

    Raises UserError contract.not_approved, contract.altered; ValidationError for an unknown way.
    """
    contract = work.get(Contract, contract_id)
    if contract.state in ("draft", "submitted", "returned", "rejected"):
        work.require("contract.sign", ownership(contract))
        raise UserError("contract.not_approved", number=label_of(contract))
    take(work, TRANSITIONS, contract.state, "send", ownership(contract), {})
    if via not in VIA:
        raise ValidationError([Problem("field.choice", "via", {"found": via, "choices": "、".join(VIA)})])
    refuse_unapproved(work, contract)
    data = file if file is not None else printing.pdf(work, Contract.KIND, contract_id)
    if not data.startswith(b"%PDF-"):
        raise ValidationError([Problem("contract.file_not_pdf", "file")])
    attachments.add(work, "contract", contract_id, "sent", f"{label_of(contract)}.pdf", data)
    sha256 = _sha256_of(work, contract_id)
    work.add(
        SendRecord(
            subject_kind="contract", subject_id=contract.id, revision=contract.revision,
            content_hash=contract.content_hash, file_sha256=sha256, via=via, recipient=recipient.strip(),
            sent_at=work.now, sent_by=work.actor.id,
        )
    )  # fmt: skip
    _move(
        work,
        contract,
        "out_for_signature",
        "out_for_signature",
        via=via,
        recipient=recipient.strip(),
        file_sha256=sha256,
    )
    return sha256


def _sha256_of(work: Work, contract_id: UUID) -> str:
    work.session.flush()
    return attachments.list_of(work, "contract", contract_id, "sent")[-1].sha256


def sign(
    work: Work,
    contract_id: UUID,
    *,
    on: dt.date,
    by: str,
    note: str = "",
    scan: tuple[str, bytes] | None = None,
    base_version: int | None = None,
) -> None:
    """Both parties have signed and sealed on day ON; BY is who signed for the customer. From now on nothing changes any more,
    and the case is won.

    Raises ValidationError contract.sign_day for a day before it went out or in the future; UserError contract.not_approved,
    contract.altered.
    """
    contract = work.get(Contract, contract_id)
    take(work, TRANSITIONS, contract.state, "sign", ownership(contract), {"on": on.isoformat(), "by": by})
    refuse_unapproved(work, contract)
    from presales_desktop.models.values import shanghai_day

    sent = work.session.scalars(
        select(SendRecord.sent_at).where(SendRecord.subject_id == contract.id).order_by(SendRecord.sent_at).limit(1)
    ).first()
    first = shanghai_day(sent) if sent is not None else work.today
    if not first <= on <= work.today:
        values: dict[str, object] = {"day": on.isoformat(), "from": first.isoformat(), "to": work.today.isoformat()}
        raise ValidationError([Problem("contract.sign_day", "signed_on", values)])
    if scan is not None:
        attachments.add(work, "contract", contract.id, "scan", scan[0], scan[1])
    contract.signed_on, contract.signed_by = on, by.strip()
    if base_version is not None and contract.version != base_version:
        work.touch(contract, base_version)
    _move(work, contract, "signed", "signed", on=on.isoformat(), by=by.strip(), note=note.strip())
    cases.contract_signed(work, contract.case_id, label_of(contract))


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValidationError([Problem("field.type", "step", {"expected": "integer", "found": text[:40]})]) from None


def cancel(work: Work, contract_id: UUID, parameters: dict[str, str]) -> None:
    """Give a draft up, with the reason; the quote may then carry another contract."""
    contract = work.get(Contract, contract_id)
    take(work, TRANSITIONS, contract.state, "cancel", ownership(contract), parameters)
    _move(work, contract, "cancelled", "cancelled", reason=parameters["reason"].strip())
