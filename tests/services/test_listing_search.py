"""A list's search and total, however they are found, are those of looking at every record."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models.customers import Customer
from presales_desktop.models.local import SearchEntry
from presales_desktop.services import customers
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Work
from presales_desktop.store import search

Run = Callable[..., Any]
NAMES = 60


def _fill(work: Work) -> None:
    """Names of few characters, so that every query has some hits, near hits and false grams (ABxBC has AB and BC, not ABC)."""
    rng = Random(11)
    for n in range(NAMES):
        name = "".join(rng.choice("云境湖光AB c-1") for _ in range(rng.randrange(2, 9))).strip() or "云"
        work.add(
            Customer(
                number=f"KH{n:04d}", name=name, name_key=name, phone_key="", archived=n % 7 == 0, owner_id=work.actor.id,
                region="AB" if n % 3 else "CD",
            )
        )  # fmt: skip


def _entries(work: Work) -> list[tuple[UUID, str, str, bool]]:
    rows = work.session.query(SearchEntry.record_id, SearchEntry.body, SearchEntry.initials).filter(
        SearchEntry.kind == "customer"
    )
    archived = dict(work.session.query(Customer.id, Customer.archived).all())
    return [(one, body, initials, archived[one]) for one, body, initials in rows]


def _expected(entries: list[tuple[UUID, str, str, bool]], query: str, state: str) -> set[UUID]:
    words = search.fold(query).replace("-", " ").split()
    joined = "".join(words)
    return {
        one
        for one, body, initials, archived in entries
        if (not state or archived == (state == "archived"))
        and (all(word in body for word in words) or (joined.isascii() and joined in initials))
    }


@pytest.mark.parametrize("state", ["", "active", "archived"])
@pytest.mark.parametrize("sort", ["", "-region"])
def test_hits_pages_and_totals(run: Run, state: str, sort: str) -> None:
    run("sales", _fill)
    entries = run("sales", _entries)
    filters = (("state", state),) if state else ()
    for query in (
        "云",
        "云境",
        "云境湖",
        "a",
        "ab",
        "AB",
        "abc",
        "yj",
        "yjh",
        "hg",
        "云 境",
        "a b",
        "1 云境",
        "湖光 ab",
        "没有",
    ):
        due = _expected(entries, query, state)
        whole = run("sales", customers.list_rows, ListQuery(search=query, filters=filters, sort=sort, limit=200))
        found = [row.id for row in whole.rows]
        assert (set(found), len(found), whole.total) == (due, len(due), len(due)), query
        for offset in (3, len(due) + 5):
            page = run(
                "sales",
                customers.list_rows,
                ListQuery(search=query, filters=filters, sort=sort, offset=offset, limit=4),
            )
            assert [row.id for row in page.rows] == found[offset : offset + 4]
            assert page.total == len(due)


@pytest.mark.parametrize("filters", [(), (("state", "active"),), (("state", "archived"),), (("region", "A"),)])
def test_totals_without_a_search(run: Run, filters: tuple[tuple[str, str], ...]) -> None:
    run("sales", _fill)
    everything = run("sales", customers.list_rows, ListQuery(filters=filters, limit=200))
    assert everything.total == len(everything.rows) > 0
    assert (
        run("sales", customers.list_rows, ListQuery(filters=filters, offset=NAMES, limit=3)).total == everything.total
    )
    both = (*filters, ("owner", "me"))
    assert run("sales", customers.list_rows, ListQuery(filters=both, limit=2)).total == everything.total
