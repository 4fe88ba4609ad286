"""The company itself: letterhead, bank, the workspace's own facts."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import Final

from presales_desktop.models.company import DOCUMENT_KEY, KEYS, LETTERHEAD, CompanyFact, fact_id
from presales_desktop.models.local import Meta
from presales_desktop.services.work import Work

_KEY_BYTES: Final = 32


@dataclass(frozen=True)
class Letterhead:
    """What stands on top of every document."""

    name: str = ""
    name_en: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    tax_no: str = ""
    bank: str = ""
    account: str = ""
    legal_representative: str = ""


def letterhead(work: Work) -> Letterhead:
    """The company's letterhead; empty fields where nothing was entered."""
    values = fact(work, LETTERHEAD)
    return Letterhead(**{k: str(values.get(k, "")) for k in Letterhead.__dataclass_fields__})


def save_letterhead(work: Work, new: Letterhead) -> None:
    """Replace the letterhead."""
    work.require("policy.edit")
    put(work, LETTERHEAD, asdict(new))


def document_key(work: Work) -> bytes:
    """The key that binds the company's papers (models/proofs.py); b"" where none was made."""
    try:
        return bytes.fromhex(str(fact(work, DOCUMENT_KEY).get("key", "")))
    except ValueError:
        return b""


def make_document_key(work: Work) -> None:
    """The key of a new company; one that is there stays, since papers bear it."""
    if not document_key(work):
        put(work, DOCUMENT_KEY, new_document_key())


def new_document_key() -> dict[str, object]:
    """The value of the fact DOCUMENT_KEY."""
    return {"key": secrets.token_hex(_KEY_BYTES)}


def put(work: Work, key: str, value: dict[str, object]) -> None:
    """Keep a fact: what everybody shares as a record of its own, others (who acts) in this workspace only."""
    if key in KEYS:
        shared = work.session.get(CompanyFact, fact_id(key))
        if shared is None:
            work.add(CompanyFact(id=fact_id(key), key=key, value=dict(value)))
        else:
            work.touch(shared)
            shared.value = dict(value)
        return
    meta = work.session.get(Meta, key)
    if meta is None:
        work.session.add(Meta(key=key, value=dict(value)))
    else:
        meta.value = dict(value)


def fact(work: Work, key: str) -> dict[str, object]:
    """A fact, empty when unknown."""
    if key in KEYS:
        shared = work.session.get(CompanyFact, fact_id(key))
        return dict(shared.value) if shared is not None else {}
    meta = work.session.get(Meta, key)
    return dict(meta.value) if meta is not None else {}
