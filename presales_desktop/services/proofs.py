"""Checking paper (校验): is this file, or this code off a sheet, what the company approved, and does it still hold? Without a server."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models import canonical, proofs
from presales_desktop.models.contracts import Contract
from presales_desktop.models.errors import InputError, NotFound
from presales_desktop.models.journal import SendRecord
from presales_desktop.models.proofs import Found, Proof
from presales_desktop.models.quotes import Quote, is_expired
from presales_desktop.services import company, contract_steps, contracts, numbered, quote_steps, quotes
from presales_desktop.services.work import Work

_MODELS: Final[dict[str, Any]] = {"quote": Quote, "contract": Contract}
_GOOD: Final = {"quote": ("approved", "sent", "accepted"), "contract": contract_steps.CLEAR}
_OVER: Final = ("withdrawn", "cancelled", "declined", "rejected", "expired")


@dataclass(frozen=True)
class Checked:
    """`verdict`: "valid", "altered", "superseded" (a newer revision holds), "expired", "void" (withdrawn, declined, cancelled,
    rejected) or "unapproved". `reason`: why, a code of texts/proofs.py. `newer`: the newest revision where it is another one."""

    verdict: str
    reason: str
    kind: str
    id: UUID
    label: str
    title: str
    state: str
    total_fen: int
    content_hash: str
    newer: str
    valid_until: dt.date | None
    sent_at: dt.datetime | None
    sent_to: str


def of_file(work: Work, data: bytes, name: str = "", said: str = "") -> Checked:
    """Check the bytes of a PDF. SAID: what its properties or pages call it, where that was read by other means.

    Raises InputError proof.not_pdf, proof.none (nothing says that it is one of ours); NotFound proof.not_here.
    """
    if b"%PDF-" not in data[:1024]:
        raise InputError("proof.not_pdf", file=name)
    key = company.document_key(work)
    sent = work.session.scalar(
        select(SendRecord).where(SendRecord.file_sha256 == hashlib.sha256(data).hexdigest()).limit(1)
    )
    found = proofs.read(data, key) or proofs.read(said.encode(), key)
    if found is None and sent is not None:
        found = Found(sent.subject_kind, sent.subject_id, None, True)
    if found is None:
        return _resaved(work, said, name)
    record = _record(work, found.kind, found.id, found.proof.label if found.proof else "")
    return _judged(work, found.kind, record, _damage(found, record, sent), sent, found.proof)


def of_code(work: Work, text: str) -> Checked:
    """Check what a QR code says. Raises InputError proof.code_unreadable; NotFound proof.not_here."""
    try:
        found = proofs.read_code(text, company.document_key(work))
    except ValueError:
        raise InputError("proof.code_unreadable", found=text[:80]) from None
    record = _by_label(work, found.kind, found.label)
    if record is None:
        raise NotFound("proof.not_here", number=found.label)
    reason = ""
    if not found.genuine:
        reason = "code"
    elif not str(record.content_hash).startswith(found.hash_start) or record.total_fen != found.total_fen:
        reason = "content"
    return _judged(work, found.kind, record, reason, None, None)


def _resaved(work: Work, said: str, name: str) -> Checked:
    """A file without any proof whose pages name one of our revisions: another program wrote it."""
    for label in said.split():
        for kind in proofs.KINDS:
            record = _by_label(work, kind, label)
            if record is not None:
                return _judged(work, kind, record, "resaved", None, None)
    raise InputError("proof.none", file=name)


def _by_label(work: Work, kind: str, label: str) -> Any:
    try:
        return work.session.get(_MODELS[kind], numbered.resolve_revision(work, _MODELS[kind], kind, label))
    except NotFound:
        return None


def _record(work: Work, kind: str, record_id: UUID, label: str) -> Any:
    record = work.session.get(_MODELS[kind], record_id)
    if record is None:
        raise NotFound("proof.not_here", number=label or str(record_id))
    return record


def _damage(found: Found, record: Any, sent: SendRecord | None) -> str:
    """The code of what is wrong with the file itself, "" when it is as it was printed."""
    if sent is not None and (sent.subject_id, sent.content_hash) == (record.id, record.content_hash):
        return ""
    if found.proof is None or found.whole is None:
        return "resaved"
    if not found.whole:
        return "bytes"
    return "" if found.proof.content_hash == record.content_hash else "content"


def _judged(work: Work, kind: str, record: Any, damage: str, sent: SendRecord | None, proof: Proof | None) -> Checked:
    of = (quotes if kind == "quote" else contracts).ownership(record)
    work.require(f"{kind}.view", of)
    newest = _newest(work, record)
    verdict, reason = ("altered", damage) if damage else _standing(work, kind, record, newest, proof)
    sent = sent or work.session.scalar(
        select(SendRecord).where(SendRecord.subject_id == record.id).order_by(SendRecord.sent_at.desc()).limit(1)
    )
    label = f"{record.number}-R{record.revision}"
    return Checked(
        verdict, reason, kind, record.id, label, record.title, record.state, record.total_fen, record.content_hash,
        "" if newest.id == record.id else f"{newest.number}-R{newest.revision}", getattr(record, "valid_until", None),
        sent.sent_at if sent else None, sent.recipient if sent else "",
    )  # fmt: skip


def _newest(work: Work, record: Any) -> Any:
    model = type(record)
    return work.session.scalars(
        select(model).where(model.family_id == record.family_id).order_by(model.revision.desc()).limit(1)
    ).one()


def _standing(work: Work, kind: str, record: Any, newest: Any, proof: Proof | None) -> tuple[str, str]:
    """Whether an untouched paper still holds."""
    if kind == "quote" and is_expired(record.state, record.valid_until, work.today):
        return "expired", "expired"
    if record.state in _OVER:
        return "void", record.state
    if record.state == "superseded" or (newest.id != record.id and newest.state in _GOOD[kind]):
        return "superseded", "superseded"
    if record.state not in _GOOD[kind]:
        return "unapproved", record.state
    if not _as_approved(work, kind, record):
        return "altered", "record"
    if proof is not None and proof.mark:
        return "unapproved", "printed_before"
    return "valid", "open_revision" if newest.id != record.id else ""


def _as_approved(work: Work, kind: str, record: Any) -> bool:
    """Whether what is stored is still what was approved."""
    if kind == "contract":
        return contract_steps.unaltered(work, record)
    return bool(canonical.sha256(quote_steps.current_content(work, record)) == record.content_hash)
