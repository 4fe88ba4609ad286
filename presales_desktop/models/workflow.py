"""State machines as data: which step leads from where to where, and who may take it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from presales_desktop.models.errors import InvalidTransition


@dataclass(frozen=True)
class Transition:
    """One step: its action name, the states it may start from, where it leads, and the right it needs.

    `right` is an action in models/permissions.py; `parameters` are the names a caller may hand over (KEY=VALUE on the
    command line), those ending in "!" are required. `to` None: the step records something and leaves the state.
    """

    action: str
    from_states: tuple[str, ...]
    to: str | None
    right: str
    parameters: tuple[str, ...] = ()


def find(transitions: Iterable[Transition], state: str, action: str) -> Transition:
    """The transition that ACTION takes from STATE; raises InvalidTransition otherwise (never skips silently)."""
    known = [t for t in transitions if t.action == action]
    for transition in known:
        if state in transition.from_states:
            return transition
    allowed = sorted({s for t in known for s in t.from_states})
    raise InvalidTransition(
        "workflow.unknown_action" if not known else "workflow.not_from_here",
        action=action,
        state=state,
        allowed="、".join(allowed),
    )


def actions_from(transitions: Sequence[Transition], state: str) -> tuple[str, ...]:
    """Actions that STATE allows, in declared order."""
    return tuple(dict.fromkeys(t.action for t in transitions if state in t.from_states))
