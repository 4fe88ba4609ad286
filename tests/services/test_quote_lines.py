"""All lines in one list, and the prices at which a product was offered before."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models.errors import InputError
from presales_desktop.services import cases, customers, quote_lines, quotes
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.quotes import QuoteLineDraft
from tests.services.quote_data import World, approved, make, make_world

Run = Callable[..., Any]


def test_windows_of_the_list_fit_together_whatever_the_order(run: Run) -> None:
    world = make_world(run)
    rows = [QuoteLineDraft(name=f"灯{n}", unit_price_fen=n) for n in range(37)]
    make(run, world, lines=rows)
    for sort in ("id", "-id", "quote", "-quote"):
        windows = [run("sales", quote_lines.list_rows, ListQuery(sort=sort, offset=o, limit=10)) for o in (0, 10, 20, 30)]  # fmt: skip
        assert {w.total for w in windows} == {37}
        names = [row.name for w in windows for row in w.rows]
        assert sorted(names) == sorted(f"灯{n}" for n in range(37))
        if sort in ("id", "quote"):
            assert names == [f"灯{n}" for n in range(37)]
        whole = [row.id for row in run("sales", quote_lines.list_rows, ListQuery(sort=sort, limit=100)).rows]
        for offset in (0, 17, 18, 19, 30, 36, 37, 99):  # counted from the beginning, from the end, beyond it
            window = run("sales", quote_lines.list_rows, ListQuery(sort=sort, offset=offset, limit=7))
            assert [row.id for row in window.rows] == whole[offset : offset + 7]
    assert run("sales", quote_lines.list_rows, ListQuery(filters=(("type", "section"),))).total == 0
    with pytest.raises(InputError):
        run("sales", quote_lines.list_rows, ListQuery(sort="cost"))


def test_history_tells_what_was_offered_to_this_customer_first(run: Run) -> None:
    world = make_world(run)
    other = another(run, world.variants)
    first = [QuoteLineDraft(variant_id=world.variants[0], quantity=Decimal(1), unit_price_fen=11_000)]
    mine = approved(run, world, lines=first)
    draft_only = [QuoteLineDraft(variant_id=world.variants[0], quantity=Decimal(1), unit_price_fen=1)]
    make(run, world, lines=draft_only)
    elsewhere = [QuoteLineDraft(variant_id=world.variants[0], quantity=Decimal(1), unit_price_fen=12_000)]
    approved(run, other, lines=elsewhere)
    found = run("sales", quote_lines.history, world.variants[0], world.customer)
    assert [(row.unit_price_fen, row.customer_id == world.customer) for row in found] == [
        (11_000, True),
        (12_000, False),
    ]
    number = run("sales", quotes.show, mine).number
    found = run("sales", quote_lines.history, world.variants[0], world.customer, number)
    assert [row.unit_price_fen for row in found] == [12_000]
    assert run("sales", quotes.list_rows, ListQuery()).total == 3


def another(run: Run, variants: tuple[UUID, ...]) -> World:
    """A second customer with a case."""
    customer = run("sales", customers.new_draft, {})
    customer.name, customer.phone = "广州云境置业有限公司", "020-83201234"
    customer_id = run("sales", customers.save, customer)
    case = run("sales", cases.new_draft, {"customer_id": customer_id})
    case.customer_id, case.title = customer_id, "云境会所"
    return World(customer_id, run("sales", cases.save, case), variants)
