"""Who may change people: only who administers them, and nobody his own roles. Who hands decisions over: each his own."""

from __future__ import annotations

from types import SimpleNamespace

from presales_desktop.models.delegations import problems_of
from presales_desktop.models.users import User
from presales_desktop.services.judge_world import Case, changed
from sync.server.domain import Judged

# What decides about rights: nobody sets it for himself.
OF_RIGHTS = frozenset({"roles", "superior_id", "active", "department"})


def judge_user(case: Case, change: Judged) -> None:
    """Refusals: permission.role, judge.own_roles, user.login_taken, user.superior_circle, judge.no_delete."""
    if change.op == "delete":
        return case.refuse("judge.no_delete", change)
    columns = changed(change)
    if not columns and change.op == "set":
        return None
    if not case.require(change, "user.edit"):
        return None
    assert change.after is not None
    if change.op == "set" and change.id == case.actor.id and columns & OF_RIGHTS:
        case.refuse("judge.own_roles", change, min(columns & OF_RIGHTS))
    taken = case.session.query(User.id).filter(User.login == change.after["login"], User.id != change.id).first()
    if taken is not None:
        case.refuse("user.login_taken", change, "login", login=change.after["login"])
    superior = change.after.get("superior_id")
    if superior is not None and superior in {change.id, *case.people.reports_of(change.id)}:
        case.refuse("user.superior_circle", change, "superior_id")
    return None


def judge_delegation(case: Case, change: Judged) -> None:
    """Refusals: judge.delegation (another's, or anything but taking it back), delegation.* as in the window, judge.no_delete."""
    if change.op == "delete":
        return case.refuse("judge.no_delete", change)
    row = change.after
    assert row is not None
    own = row["principal_id"] == case.actor.id
    if change.op == "create":
        if not own or row["revoked_at"] is not None:
            return case.refuse("judge.delegation", change, "principal_id")
        wanted = SimpleNamespace(**row)
        for problem in problems_of(case.actor, case.people.actor(row["delegate_id"]), wanted, case.work().today):
            case.refuse(problem.code, change, problem.field or "", **problem.values)
        return None
    assert change.before is not None
    if changed(change) - {"revoked_at"} or change.before["revoked_at"] is not None or row["revoked_at"] is None:
        return case.refuse("judge.delegation", change)
    if not own:
        case.require(change, "user.edit")
    return None
