"""The company's quote policy: one versioned set of rules, kept with the workspace's facts."""

from __future__ import annotations

from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from presales_desktop.models.company import QUOTE_POLICY as KEY
from presales_desktop.models.errors import Problem, ValidationError
from presales_desktop.models.quotes import QuotePolicy
from presales_desktop.services import company
from presales_desktop.services.work import Work

_FRACTIONS = ("margin_floor", "line_floor", "cost_drift")


def policy(work: Work) -> QuotePolicy:
    """The policy in force; the built-in one until somebody sets another."""
    kept = company.fact(work, KEY)
    standard = asdict(QuotePolicy())
    values: dict[str, Any] = {name: kept.get(name, value) for name, value in standard.items()}
    for name, value in standard.items():
        if isinstance(value, Decimal):
            values[name] = Decimal(str(values[name]))
    return QuotePolicy(**values)


def save_policy(work: Work, new: QuotePolicy) -> QuotePolicy:
    """Replace the policy; its version goes up by one. Raises PermissionDenied, ValidationError."""
    work.require("policy.edit")
    problems = [Problem("field.high", name, {"high": "1"}) for name in _FRACTIONS if not 0 <= getattr(new, name) < 1]
    if problems:
        raise ValidationError(problems)
    made = replace(new, version=policy(work).version + 1)
    company.put(work, KEY, {k: str(v) if isinstance(v, Decimal) else v for k, v in asdict(made).items()})
    return made
