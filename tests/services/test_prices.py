"""Price changes through their services: market events, preview, apply, roll back, what applied on any day, exposure, letters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models.approvals import Choice
from presales_desktop.models.errors import PermissionDenied, UserError, ValidationError
from presales_desktop.models.prices import new_price, rounded
from presales_desktop.services import (
    catalogue_prices,
    price_changes,
    price_events,
    price_notices,
    quote_steps,
    quotes,
    timeline,
)
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.price_changes import PriceChangeDraft
from tests.helpers.accepted_quotes import PDF
from tests.services.quote_data import make, make_world

Run = Callable[..., Any]


@given(st.integers(1, 10**9), st.integers(-9000, 90_000), st.sampled_from([1, 10, 100, 1000]))
def test_a_new_price_is_the_rule_to_the_step(old: int, points: int, step: int) -> None:
    found = new_price(old, "percent", step, percent=Decimal(points) / 100, amount_fen=None)
    exact = Decimal(old) * (10_000 + points) / 10_000
    assert found is not None
    assert found % step == 0
    assert found >= step
    assert abs(found - exact) <= Decimal(step) / 2 + Decimal("0.5") or found == step


def test_rounding_is_half_up_and_never_nothing() -> None:
    assert [rounded(n, 100) for n in (1, 149, 150, 250)] == [100, 100, 200, 300]
    assert new_price(10_000, "cost_plus", 100, percent=Decimal(30), amount_fen=None, cost_fen=6_000) == 8_800
    assert new_price(10_000, "cost_plus", 100, percent=Decimal(30), amount_fen=None) is None
    assert new_price(300, "amount", 1, percent=None, amount_fen=-1_000) == 1


def rule(run: Run, **facts: Any) -> UUID:
    draft: PriceChangeDraft = run("finance", price_changes.new_draft, {"title": "铝价上涨", "reason": "铝锭连涨三周"})
    for name, value in {"percent": Decimal(10), "rounding": "1", **facts}.items():
        setattr(draft, name, value)
    change_id: UUID = run("finance", price_changes.save, draft)
    return change_id


def price(run: Run, variant: UUID, day: dt.date) -> int | None:
    return run("finance", catalogue_prices.price_on, variant, day)  # type: ignore[no-any-return]


def test_new_prices_hold_from_their_day_on_and_the_past_stays(run: Run, clock: Any) -> None:
    world = make_world(run)
    variant = world.variants[0]
    today = clock().date()
    old = price(run, variant, today)
    assert old
    change_id = rule(run, effective_on=today + dt.timedelta(days=7))
    shown = run("finance", price_changes.show, change_id)
    assert shown.prices >= 1
    assert shown.average_percent == pytest.approx(Decimal(10), abs=Decimal("0.05"))
    run("finance", price_changes.apply, change_id)
    later = today + dt.timedelta(days=7)
    assert price(run, variant, later - dt.timedelta(days=1)) == old
    new = price(run, variant, later)
    assert new == (old * 110 + 50) // 100
    clock.forward(days=10)
    undone = run("finance", price_changes.roll_back, change_id, "铝价回落")
    assert undone == shown.prices
    assert price(run, variant, later) == new  # on that day it did apply
    assert price(run, variant, later + dt.timedelta(days=3)) == old
    assert run("finance", price_changes.show, change_id).prices == shown.prices
    assert [e.action for e in run("finance", timeline.of, "price_change", change_id)][:2] == ["rolled_back", "applied"]
    assert dict(run("finance", price_changes.priced_on, later))


def test_what_was_repriced_again_is_not_rolled_back(run: Run, clock: Any) -> None:
    world = make_world(run)
    today = clock().date()
    first = rule(run, effective_on=today)
    run("finance", price_changes.apply, first)
    clock.forward(days=1)
    second = rule(run, effective_on=today + dt.timedelta(days=1), percent=Decimal(5))
    run("finance", price_changes.apply, second)
    held = price(run, world.variants[0], clock().date())
    assert run("finance", price_changes.roll_back, first, "误操作") == 0
    assert price(run, world.variants[0], clock().date()) == held


def test_only_finance_reprices_and_a_rule_needs_its_figure(run: Run, clock: Any) -> None:
    make_world(run)
    with pytest.raises(PermissionDenied):
        run("sales", price_changes.new_draft, {})
    with pytest.raises(ValidationError) as error:
        rule(run, percent=None)
    assert [p.code for p in error.value.problems] == ["price_change.no_figure"]
    late = rule(run, effective_on=clock().date() - dt.timedelta(days=1))
    with pytest.raises(UserError, match=r"price_change\.past"):
        run("finance", price_changes.apply, late)
    none = rule(run, brand="没有的品牌")
    with pytest.raises(UserError, match=r"price_change\.nothing"):
        run("finance", price_changes.apply, none)
    dear = rule(run, method="cost_plus", percent=Decimal(50), effective_on=clock().date())
    assert run("finance", price_changes.show, dear).prices
    assert run("sales", price_changes.show, dear).prices == 0  # its figures would give costs away


def test_live_quotes_are_exposed_by_expiry_and_their_customers_are_told(run: Run, clock: Any) -> None:
    world = make_world(run)
    quote_id = make(run, world)
    run("sales", quote_steps.submit, quote_id)
    run("finance", quote_steps.decide, quote_id, Choice.APPROVE)
    run("sales_head", quote_steps.decide, quote_id, Choice.APPROVE)
    run("sales", quote_steps.send, quote_id, "email", "林晓", PDF)
    change_id = rule(run, effective_on=clock().date())
    with pytest.raises(UserError, match=r"price_change\.not_applied"):
        run("finance", price_notices.draft_all, change_id)
    run("finance", price_changes.apply, change_id)
    shown = run("finance", price_changes.show, change_id)
    assert [q.quote_id for q in shown.exposed] == [quote_id]
    whole = run("sales", quotes.show, quote_id)
    assert shown.days[0].day == whole.valid_until
    assert 0 < shown.days[0].at_stake_fen <= whole.total_fen // 10
    assert run("finance", price_notices.draft_all, change_id) == 1
    assert run("finance", price_notices.draft_all, change_id) == 0
    (notice,) = run("sales", price_notices.list_rows, ListQuery(filters=(("owner_id", "me"),))).rows
    assert whole.number in notice.body
    with pytest.raises(ValidationError):
        run("sales", price_notices.send, notice.id, "pigeon", "林晓")
    run("sales", price_notices.do, notice.id, "send", {"via": "email", "recipient": "lin@example.com"})
    assert run("finance", price_changes.show, change_id).notices_sent == 1
    draft = run("sales", price_notices.load, notice.id)
    draft.body = "改了"
    with pytest.raises(UserError, match=r"price_notice\.sent"):
        run("sales", price_notices.save, draft)


def test_an_event_says_how_far_it_moved_and_starts_a_repricing(run: Run, clock: Any) -> None:
    for day, value in ((1, "20000"), (8, "21500")):
        draft = run(
            "marketing", price_events.new_draft, {"subject": "铝锭 A00", "unit": "元/吨", "source": "长江有色网"}
        )
        draft.observed_on, draft.value = dt.date(2026, 11, day), Decimal(value)
        last = run("marketing", price_events.save, draft)
    rows = run("sales", price_events.list_rows, ListQuery()).rows
    assert [r.change_percent for r in rows] == [Decimal("7.50"), None]
    begun = run("finance", price_changes.new_draft, {"event_id": last})
    assert (begun.title, "21500" in begun.reason) == ("铝锭 A00", True)
    with pytest.raises(PermissionDenied):
        run("legal", price_events.new_draft, {})
