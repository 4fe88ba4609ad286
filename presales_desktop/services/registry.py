"""All kinds by name. Each area declares its KIND; modules are loaded only when asked for, so that a command starts fast."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from presales_desktop.models.errors import InputError
from presales_desktop.services.kinds import Kind

AREAS: dict[str, str] = {
    "customer": "customers",
    "case": "cases",
    "survey": "surveys",
    "product": "catalogue",
    "design": "designs",
    "quote": "quotes",
    "contract": "contracts",
    "clause": "clause_library",
    "credit": "credit",
    "credit_scheme": "credit_schemes",
    "credit_exception": "credit_exceptions",
    "price_event": "price_events",
    "price_change": "price_changes",
    "price_notice": "price_notices",
    "user": "users",
    "delegation": "delegations",
}


def names() -> tuple[str, ...]:
    """Kinds in the order of the work."""
    return tuple(AREAS)


@cache
def kind(name: str) -> Kind:
    """The kind NAME; raises InputError record.kind_unknown."""
    if name not in AREAS:
        raise InputError("record.kind_unknown", kind=name, known="、".join(AREAS))
    found = import_module(f"presales_desktop.services.{AREAS[name]}").KIND
    assert isinstance(found, Kind)
    return found
