"""Who may change people: only who administers them, and nobody his own roles."""

from __future__ import annotations

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
