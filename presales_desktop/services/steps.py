"""Taking a step of a kind's state machine: allowed from here, its parameters there, its right held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from presales_desktop.models.errors import UserError
from presales_desktop.models.permissions import Ownership
from presales_desktop.models.workflow import Transition, find
from presales_desktop.services.work import Work


def take(
    work: Work,
    transitions: Iterable[Transition],
    state: str,
    action: str,
    of: Ownership,
    parameters: Mapping[str, str],
) -> Transition:
    """The transition that ACTION is, checked. Raises InvalidTransition, PermissionDenied, UserError
    workflow.parameter_missing or workflow.parameter_unknown."""
    step = find(transitions, state, action)
    work.require(step.right, of)
    known = {name.removesuffix("!") for name in step.parameters}
    unknown = [name for name in parameters if name not in known]
    if unknown:
        raise UserError(
            "workflow.parameter_unknown", action=action, name=unknown[0], known="、".join(sorted(known)) or "-"
        )
    missing = [n[:-1] for n in step.parameters if n.endswith("!") and not parameters.get(n[:-1], "").strip()]
    if missing:
        raise UserError("workflow.parameter_missing", action=action, missing="、".join(missing))
    return step
