"""What the judge asks of price changes and letters: their steps by whom they belong to, prices that name a change made together with it."""

from __future__ import annotations

from presales_desktop.services.judge_moves import moved_to, only, step_of
from presales_desktop.services.judge_world import Case
from sync.server.domain import Judged

_ALLOWED = {"apply": ("state", "applied_at", "applied_by"), "send": ("state", "via", "recipient", "sent_on", "sent_by")}


def judge_change(case: Case, change: Judged) -> None:
    """Applied with its prices, rolled back, cancelled."""
    step = step_of(case, change)
    if step is None or not only(case, change, _ALLOWED.get(step.action, ("state",))):
        return
    assert change.after is not None
    if step.action == "apply":
        if change.after["applied_by"] != case.actor.id:
            case.refuse("judge.forged_author", change, "applied_by")
        if not any(c.after is not None and c.after["change_id"] == change.id for c in case.of("price")):
            case.refuse("price_change.nothing", change, number=change.after["number"])


def judge_notice(case: Case, change: Judged) -> None:
    """Sent to somebody, by whoever says so; or withdrawn."""
    step = step_of(case, change)
    if step is None or not only(case, change, _ALLOWED.get(step.action, ("state",))):
        return
    assert change.after is not None
    if step.action == "send":
        if change.after["sent_by"] != case.actor.id:
            case.refuse("judge.forged_author", change, "sent_by")
        if not change.after["recipient"].strip():
            case.refuse("workflow.parameter_missing", change, "recipient", action="send", missing="recipient")


def judge_price(case: Case, change: Judged) -> None:
    """A price names only a change that this commit applies or rolls back, and holds from no earlier day than that one's."""
    if change.op != "create" or change.after is None or change.after.get("change_id") is None:
        return
    found = next((c for c in case.of("price_change") if c.id == change.after["change_id"]), None)
    if found is None or found.after is None or not (moved_to(found, "applied") or moved_to(found, "rolled_back")):
        case.refuse("judge.fixed", change, "change_id")
    elif change.after["effective_on"] < found.after["effective_on"]:
        case.refuse("judge.fixed", change, "effective_on")
