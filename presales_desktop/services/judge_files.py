"""Who may put a file on a record or take it off; what a step filed as proof, or a frozen content names, stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from presales_desktop.models.permissions import may
from presales_desktop.models.surveys import EDITABLE
from presales_desktop.models.syncing import whole_of
from presales_desktop.services.attachments import KEPT_ROLE, OWNERS
from presales_desktop.services.judge_world import Case, changed, ownership
from presales_desktop.services.quote_steps import ENCLOSED
from sync.server.domain import Judged

# Nobody keeps a larger one (the laptop asks for the same).
MAX_BYTES: Final = 2 * 1024**3
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
# Files that are part of what a revision freezes, and the states in which they may still come and go.
_FROZEN_WITH: Final = {("quote", ENCLOSED): ("draft",), ("survey", "photo"): EDITABLE}
# A step files its own proof; the right is that of the step.
_BY_STEP: Final = {("contract", "scan"): "contract.sign", ("survey", "scan"): "survey.edit"}


def judge_file(case: Case, change: Judged) -> None:
    """Refusals: record.not_found, permission.*, file.kept, file.too_large, judge.file_hash, judge.file_frozen."""
    row = change.after or change.before
    assert row is not None
    whole, whole_id = whole_of("attachment", change.id, row, case.world.any)
    found = case.world.any(whole, whole_id) if whole in OWNERS else None
    if found is None:
        return case.refuse("record.not_found", change, kind=row["subject_kind"], id=str(row["subject_id"]))
    if change.op == "create":
        _content(case, change, row)
    if change.op == "set" and not changed(change):
        return None
    if row["role"] == KEPT_ROLE:
        return _proof(case, change, row)
    _right(case, change, whole, row["role"], found)
    states = _FROZEN_WITH.get((whole, row["role"]))
    before = case.world.before(whole, whole_id)
    if states is not None and before is not None and before["state"] not in states:
        case.refuse("judge.file_frozen", change, file=row["name"])
    return None


def _content(case: Case, change: Judged, row: Mapping[str, Any]) -> None:
    if not _SHA256.fullmatch(row["sha256"]):
        case.refuse("judge.file_hash", change, "sha256", file=row["name"])
    if not 0 < row["size"] <= MAX_BYTES:
        size = f"{row['size'] / 2**20:.0f} MB"
        case.refuse("file.too_large", change, "size", file=row["name"], size=size, limit=f"{MAX_BYTES >> 20} MB")


def _right(case: Case, change: Judged, whole: str, role: str, found: Mapping[str, Any]) -> None:
    of = ownership(found)
    rights = [f"{whole}.edit", *([_BY_STEP[whole, role]] if (whole, role) in _BY_STEP else [])]
    if not any(may(case.actor, right, of).allowed for right in rights):
        case.require(change, rights[0], of)


def _proof(case: Case, change: Judged, row: Mapping[str, Any]) -> None:
    """Made together with the record of sending that names it, never by hand, and never taken off."""
    sent = [c.after for c in case.of("send_record") if c.after is not None]
    names = any(s["file_sha256"] == row["sha256"] and s["subject_id"] == row["subject_id"] for s in sent)
    if change.op != "create" or not names:
        case.refuse("file.kept", change, file=row["name"])
