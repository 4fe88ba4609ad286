"""Facts of the company that everybody shares: letterhead, quote policy, the key of its papers. One row a key, the same id in every workspace."""

from __future__ import annotations

from typing import Any, ClassVar, Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record

LETTERHEAD: Final = "letterhead"
QUOTE_POLICY: Final = "quote_policy"
DESK_RULE: Final = "desk_rule"
DOCUMENT_KEY: Final = (
    "document_key"  # binds what is printed (models/proofs.py); once made it stays, since papers bear it
)
KEYS: Final = (LETTERHEAD, QUOTE_POLICY, DESK_RULE, DOCUMENT_KEY)
_SPACE: Final = UUID("0f1d6c1e-6f0b-5c39-9a4e-2f7d1a5b3c58")


def fact_id(key: str) -> UUID:
    """The id of the row of KEY: two workspaces that write it for the first time write one row."""
    return uuid5(_SPACE, key)


class CompanyFact(Record):
    """One fact: `key` is one of KEYS, `value` its fields."""

    __tablename__ = "company_fact"
    KIND: ClassVar[str] = "company_fact"

    key: Mapped[str] = mapped_column(unique=True)
    value: Mapped[dict[str, Any]]
