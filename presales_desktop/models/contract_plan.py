"""When a contract is paid, delivered and accepted: its plan, with days that are counted from one another. Pure but for the record.

The steps stand in their order; a step may be counted from the signing, from a day of its own, or from the last payment, delivery or
acceptance that stands above it. Rule book 5.1 (how and when is paid and delivered), 5.6 (the payment term of a credit grade).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Protocol
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record
from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import Field, FieldType
from presales_desktop.models.values import fen_to_yuan

KINDS: Final = ("payment", "delivery", "acceptance")
# What the days of a step are counted from; "day": the step has a day of its own.
BASES: Final = ("signing", "payment", "delivery", "acceptance", "day")
MAX_STEPS: Final = 60
DEFAULT_DELIVERY_DAYS: Final = 30
_T = FieldType
STEP_FIELDS: Final = (
    Field("kind", _T.CHOICE, choices=KINDS, required=True),
    Field("title", _T.TEXT, required=True, max_length=80),
    Field("amount_fen", _T.MONEY, low=0),
    Field("base", _T.CHOICE, choices=BASES, required=True),
    Field("days", _T.INTEGER, low=0, high=3650),
    Field("due_on", _T.DATE),
    Field("note", _T.TEXT, max_length=200),
)


class ContractStep(Record):
    """A payment (with its amount), delivery or acceptance of one contract. `done_on`: the day on which it really came, filled in after
    the signing; nothing else of it changes then."""

    __tablename__ = "contract_step"
    KIND: ClassVar[str] = "contract_step"

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"), index=True)
    kind: Mapped[str] = mapped_column(default="payment")
    title: Mapped[str]
    amount_fen: Mapped[int] = mapped_column(default=0)
    base: Mapped[str] = mapped_column(default="signing")
    days: Mapped[int] = mapped_column(default=0)
    due_on: Mapped[dt.date | None]
    note: Mapped[str] = mapped_column(default="")
    sort: Mapped[int] = mapped_column(default=0)
    done_on: Mapped[dt.date | None]

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "contract", self.contract_id


@dataclass
class ContractStepDraft:
    """A step being edited."""

    id: UUID | None = None
    kind: str = "payment"
    title: str = ""
    amount_fen: int = 0
    base: str = "signing"
    days: int = 0
    due_on: dt.date | None = None
    note: str = ""
    done_on: dt.date | None = None


class Step(Protocol):
    """A record or a draft."""

    kind: Any
    title: Any
    amount_fen: Any
    base: Any
    days: Any
    due_on: Any


def counted_from(steps: Sequence[Step], n: int) -> int | None:
    """The place of the step that step N (from 0) is counted from; None for one that stands by itself or finds none above it."""
    base = steps[n].base
    return next((i for i in range(n - 1, -1, -1) if steps[i].kind == base), None)


def due_days(steps: Sequence[Any], signed_on: dt.date | None) -> tuple[dt.date | None, ...]:
    """The day each step is due, None where it is not known yet. Days are calendar days; what came counts from when it came."""
    found: list[dt.date | None] = []
    for n, step in enumerate(steps):
        if step.base == "day":
            found.append(step.due_on)
            continue
        start = signed_on
        if step.base != "signing":
            above = counted_from(steps, n)
            start = None if above is None else getattr(steps[above], "done_on", None) or found[above]
        found.append(start + dt.timedelta(days=step.days or 0) if start is not None else None)
    return tuple(found)


def term_days(steps: Sequence[Any]) -> int | None:
    """How many days after a delivery the last payment comes at the latest by the plan: what a credit grade's term is held against (5.6).
    None without a payment; 0 when all is paid before or at the delivery."""
    if not any(step.kind == "payment" for step in steps):
        return None
    after: list[int | None] = []  # days since the last delivery above, where that is known
    delivered: dt.date | None = None
    for n, step in enumerate(steps):
        found: int | None = None
        if step.kind == "delivery":
            found = 0
            delivered = step.due_on if step.base == "day" else None
        elif step.base == "day":
            found = max(0, (step.due_on - delivered).days) if delivered and step.due_on else None
        else:
            above = counted_from(steps, n)
            before = after[above] if above is not None else None
            found = None if before is None else before + (step.days or 0)
        after.append(found)
    return max((a for a, step in zip(after, steps, strict=True) if a is not None and step.kind == "payment"), default=0)


def paid_ahead_fen(steps: Sequence[Step]) -> int:
    """What is paid before anything is delivered, fen."""
    first = next((n for n, step in enumerate(steps) if step.kind == "delivery"), len(steps))
    return sum(step.amount_fen or 0 for step in steps[:first] if step.kind == "payment")


def plan_problems(steps: Sequence[Step], total_fen: int, prepaid_fen: int) -> list[Problem]:
    """What keeps a plan from being submitted; none without steps. TOTAL_FEN: the price; PREPAID_FEN: deposit and prepayment."""
    if not steps:
        return []
    found = []
    for n, step in enumerate(steps):
        if step.base == "day" and step.due_on is None:
            found.append(Problem("field.required", f"steps.{n}.due_on"))
        if step.base in KINDS and counted_from(steps, n) is None:
            found.append(Problem("contract.step_base", f"steps.{n}.base", {"n": n + 1, "title": step.title}))
        if step.kind == "payment" and not step.amount_fen:
            found.append(Problem("contract.step_amount", f"steps.{n}.amount_fen", {"n": n + 1, "title": step.title}))
        if step.kind != "payment" and step.amount_fen:
            found.append(Problem("contract.step_no_money", f"steps.{n}.amount_fen", {"n": n + 1, "title": step.title}))
    payments = sum(step.amount_fen or 0 for step in steps if step.kind == "payment")
    if payments != total_fen:
        values: dict[str, object] = {
            "sum": _yuan(payments),
            "total": _yuan(total_fen),
            "rest": _yuan(total_fen - payments),
        }
        found.append(Problem("contract.steps_sum", "steps", values))
    ahead = paid_ahead_fen(steps)
    if ahead < prepaid_fen:
        said: dict[str, object] = {"ahead": _yuan(ahead), "prepaid": _yuan(prepaid_fen)}
        found.append(Problem("contract.steps_ahead", "steps", said))
    return found


def settle_problem(on: dt.date | None, today: dt.date) -> Problem | None:
    """Why a step can't have come ON that day: in the future. (A prepayment may have come before the signing.)"""
    if on is None or on <= today:
        return None
    return Problem("contract.settle_day", "on", {"day": on.isoformat(), "to": today.isoformat()})


def proposed(
    total_fen: int, deposit_fen: int, prepayment_fen: int, term: int | None, delivery: str, names: dict[str, str]
) -> list[ContractStepDraft]:
    """A plan to begin with: deposit and prepayment on signing, delivery, acceptance, the rest after it.

    TERM: days that the customer's credit grade grants after delivery, None where there is none (then the rest is paid before the goods
    leave); DELIVERY: the quote's words, whose first number of days is taken; NAMES: titles of deposit, prepayment, rest, delivery, acceptance.
    """
    days = _days_in(delivery)
    made = [
        ContractStepDraft(kind="payment", title=names[name], amount_fen=fen, base="signing", days=7 if name == "prepayment" else 0)
        for name, fen in (("deposit", deposit_fen), ("prepayment", prepayment_fen))
        if fen > 0
    ]  # fmt: skip
    rest = ContractStepDraft(
        kind="payment", title=names["rest"], amount_fen=max(0, total_fen - deposit_fen - prepayment_fen)
    )
    goods = ContractStepDraft(
        kind="delivery", title=names["delivery"], base="payment" if made else "signing", days=days
    )
    checked = ContractStepDraft(kind="acceptance", title=names["acceptance"], base="delivery", days=3)
    if rest.amount_fen <= 0:
        return [*made, goods, checked]
    if not term:
        rest.base, rest.days = ("payment", max(0, days - 3)) if made else ("signing", 0)
        goods.base, goods.days = "payment", 3 if made else days
        return [*made, rest, goods, checked]
    rest.base, rest.days = ("acceptance", term - 3) if term >= 3 else ("delivery", term)
    return [*made, goods, checked, rest]


def _days_in(words: str) -> int:
    """The first number of days in WORDS ("订单确认后 20 个工作日"); workdays as seven days to five."""
    found = re.search(r"(\d{1,3})\s*(个工作日|工作日|天|日)", words)
    if found is None:
        return DEFAULT_DELIVERY_DAYS
    days = int(found[1])
    return -(-days * 7 // 5) if "工作日" in found[2] else days


def _yuan(fen: int) -> str:
    return f"{fen_to_yuan(fen):,.2f}"
