"""What changed since the revision before: read from both, told by models/contract_diff.py."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.contract_diff import Change, changes
from presales_desktop.models.contracts import Contract
from presales_desktop.services import contracts, contracts_from
from presales_desktop.services.work import Work


@dataclass(frozen=True)
class Since:
    """The revision that is compared with, and what is other now."""

    id: UUID
    revision: int
    changes: tuple[Change, ...]


def since_last(work: Work, contract_id: UUID) -> Since | None:
    """Against the revision before; None for the first. Raises NotFound, PermissionDenied."""
    work.require("contract.view")
    contract = work.get(Contract, contract_id)
    before = work.session.scalars(
        select(Contract)
        .where(Contract.family_id == contract.family_id, Contract.revision < contract.revision)
        .order_by(Contract.revision.desc())
        .limit(1)
    ).first()
    if before is None:
        return None
    old, new = contracts.load(work, before.id), contracts.load(work, contract_id)
    goods = [contracts_from.subject_of(work, each.quote_id).goods for each in (before, contract)]
    return Since(before.id, before.revision, changes(old, new, *goods))
