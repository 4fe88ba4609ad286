"""Rows on their way into PostgreSQL in binary form are the rows that were sent; what was found well by columns is well one by one."""

from __future__ import annotations

import datetime as dt
import os
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError

from sync.ids import uuid7, uuid_of
from sync.kinds import SyncKind
from sync.server import binary, typed, values
from sync.server.database import Database, Organisation
from sync.wire import Change
from tests.sync import shop

_NUMBERS = count(1)
_NOW = 1_790_000_000_000_000


@pytest.fixture
def place(postgres: Database) -> Organisation:
    """An empty organisation on PostgreSQL."""
    return postgres.add(f"b{next(_NUMBERS)}_{os.getpid()}", "Binary")


def _stamps(rng: Random) -> dict[str, Any]:
    at = _NOW + rng.randrange(-(10**16), 10**12)
    return {"version": 1, "created_at": at, "created_by": uuid7().bytes, "updated_at": at + 1, "updated_by": None}


def _plan(rng: Random) -> dict[str, Any]:
    return {
        "customer": rng.choice("甲乙丙"), "name": "图" * rng.randrange(5), "number": None, "state": "draft",
        "notes": rng.choice(("", "多行\n\t\\N \"'", "\x7f🙂")), "tags": ["a", {"b": [1, None, 2.5]}], "due": rng.choice((None, 1, 739_000)),
        **_stamps(rng),
    }  # fmt: skip


def _item(rng: Random, plan: bytes) -> dict[str, Any]:
    return {
        "plan_id": plan, "label": "", "x": rng.choice((0.0, -0.0, 1e300, 7)), "y": rng.random(), "z": 1.5, "count": rng.randrange(2**31),
        "weight": rng.choice((None, 12_345, -1)), "dimmed": rng.random() < 0.5, "picture": rng.choice((None, b"", b"\x00\xff")),
        "origin": "", **_stamps(rng),
    }  # fmt: skip


def _rows(kind: SyncKind, wanted: list[dict[str, Any]]) -> list[typed.Row]:
    return [(uuid7().bytes, n + 1, fields, None) for n, fields in enumerate(wanted)]


@pytest.mark.parametrize("many", [3, binary.COPY_FROM + 9])
def test_what_was_written_is_what_is_read(place: Organisation, many: int) -> None:
    rng = Random(many)
    plans = _rows(shop.REGISTRY["plan"], [_plan(rng) for _ in range(many)])
    items = _rows(shop.REGISTRY["item"], [_item(rng, plans[n % 3][0]) for n in range(many)])
    for rows in (plans, items):
        kind = shop.REGISTRY["plan" if rows is plans else "item"]
        with place.engine.begin() as connection:
            typed.insert(connection, kind, rows)
        for written in (rows, [(key, seq + 1, {**fields, "version": 2}, None) for key, seq, fields, _ in rows]):
            if written is not rows:
                with place.engine.begin() as connection:
                    typed.update(connection, kind, written)
            with place.engine.connect() as connection:
                found = {row["id"]: dict(row) for row in connection.execute(select(kind.table)).mappings()}
            assert len(found) == many
            for key, seq, fields, _ in written:
                expected = {**typed.python_values(kind, fields), "id": uuid_of(key), "sync_seq": seq}
                assert found[uuid_of(key)] == expected


@pytest.mark.parametrize("many", [2, binary.COPY_FROM + 2])
def test_what_the_database_refuses_it_refuses_as_ever(place: Organisation, many: int) -> None:
    kind = shop.REGISTRY["plan"]
    rng = Random(1)
    for wrong, error in (
        ({"name": "长" * 81}, DataError),
        ({"state": None}, IntegrityError),
        ({"due": "x"}, Exception),
    ):
        rows = _rows(kind, [{**_plan(rng), **(wrong if n == 1 else {})} for n in range(many)])
        with pytest.raises(error), place.engine.begin() as connection:
            typed.insert(connection, kind, rows)
        with place.engine.connect() as connection:
            assert connection.execute(select(kind.table)).first() is None


_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**64), 2**64), st.floats(), st.text(max_size=90), st.binary(max_size=17),
    st.binary(min_size=16, max_size=16), st.just({"from": "a", "to": "b"}), st.lists(st.integers(), max_size=2), st.dates().map(dt.date.toordinal),
)  # fmt: skip


@given(st.sampled_from(["plan", "item"]), st.data())
def test_what_is_sound_by_columns_is_refused_in_no_part(name: str, data: st.DataObject) -> None:
    kind = shop.REGISTRY[name]
    columns = data.draw(st.lists(st.sampled_from([*kind.columns, "unknown"]), min_size=1, max_size=2, unique=True))
    many = [data.draw(st.fixed_dictionaries(dict.fromkeys(columns, _VALUES))) for _ in range(2)]
    changes = [Change(name, uuid7().bytes, "set", fields) for fields in many * 4]
    if values.sound(kind, changes):
        assert not any(values.refusals(kind, change) for change in changes)


def test_well_rows_are_sound() -> None:
    rng = Random(2)
    changes = [Change("item", uuid7().bytes, "create", _item(rng, uuid7().bytes)) for _ in range(20)]
    assert values.sound(shop.REGISTRY["item"], changes)
    changes[7].fields["count"] = 2**31
    assert not values.sound(shop.REGISTRY["item"], changes)
