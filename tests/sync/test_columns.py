"""Rows as columns and back: every wire value survives with its type, hostile bytes are refused, business records are small."""

from __future__ import annotations

import math
import random
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync import columns, wire
from sync.ids import uuid7
from sync.wire import WireError

IDS = st.binary(min_size=16, max_size=16)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.integers(-5, 5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.1, 1.25, -0.0, 2.0]),
    st.text(max_size=5),
    st.binary(max_size=3),
    IDS,
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.text(max_size=2), SCALARS, max_size=2))
COLUMN = st.one_of(
    *(
        st.lists(one, min_size=1, max_size=6)
        for one in (st.integers(), IDS, st.text(), st.floats(-9, 9), VALUES, SCALARS)
    )
)


def same(a: Any, b: Any) -> bool:
    """Equal with equal types, -0.0 is not 0.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return a == b and math.copysign(1, a) == math.copysign(1, b)
    if isinstance(a, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(v, b[k]) for k, v in a.items())
    return bool(a == b)


@given(st.lists(st.tuples(IDS, st.integers(0, 1 << 62), st.dictionaries(st.sampled_from("abc"), VALUES)), max_size=20))
@example([])
@example([(bytes(16), 1, {"a": []}), (bytes(16), 2, {"a": []})])
@example([(bytes(16), 1, {"a": 1 << 62}), (bytes(16), 2, {"a": -(1 << 62)}), (bytes(16), 2, {"a": 1 << 62})])
def test_rows_come_back_as_they_were(rows: list[columns.Row]) -> None:
    found = list(columns.decode(columns.encode(rows)).rows())
    assert len(found) == len(rows)
    for (key, seq, fields), (key2, seq2, fields2) in zip(rows, found, strict=True):
        assert (key, seq) == (key2, seq2)
        assert same(fields, fields2)


@given(st.lists(st.tuples(IDS, st.integers(0, 9)), min_size=8, max_size=40), st.data())
def test_columns_of_one_type_come_back_as_they_were(keys: list[tuple[bytes, int]], data: st.DataObject) -> None:
    kinds = (
        st.integers(-(1 << 63), (1 << 63) - 1),
        st.integers(0, 300),
        IDS,
        st.text(max_size=4),
        st.floats(-99, 99),
        st.booleans(),
    )
    one = st.one_of(data.draw(st.sampled_from(kinds)), st.none())
    rows = [(key, seq, {"v": data.draw(one)}) for key, seq in keys]
    found = list(columns.decode(columns.encode(rows)).rows())
    assert all(same(a[2], b[2]) for a, b in zip(rows, found, strict=True))


def test_an_integer_beyond_64_bits_is_told_apart() -> None:
    rows = [(bytes(16), 1, {"a": (1 << 64) - 1}), (bytes(16), 1, {"a": 5})]
    assert list(columns.decode(columns.encode(rows)).rows()) == rows


@given(st.binary(max_size=80))
def test_damaged_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(WireError) as caught:
        columns.decode(data)
    assert caught.value.code == "wire.columns"


@given(st.integers(0, 1 << 30), st.integers(0, 255), st.integers(0, 4))
def test_a_flipped_byte_never_gives_another_number_of_rows(at: int, byte: int, cut: int) -> None:
    rows = [
        (uuid7().bytes, n, {"a": n, "b": f"t{n}", "c": uuid7().bytes, "d": n / 4, "e": None if n % 3 else True})
        for n in range(9)
    ]
    data = bytearray(columns.encode(rows))
    data[at % len(data)] = byte
    try:
        found = columns.decode(bytes(data[: len(data) - cut]))
    except WireError:
        return
    assert len(found.ids) == len(found.seqs) == len(list(found.rows()))


def test_claimed_counts_allocate_nothing() -> None:
    bomb = msgspec.msgpack.encode([1, 2_000_000, ["a"], [["u", ["k", 0], b""], ["k", 1], ["k", 1]]])
    with pytest.raises(WireError):
        columns.decode(bomb)
    deep: list[Any] = ["k", 0]
    for _ in range(50):
        deep = ["n", b"\0", deep]
    with pytest.raises(WireError):
        columns.decode(msgspec.msgpack.encode([1, 1, ["a"], [["k", bytes(16)], ["k", 1], deep]]))


def test_business_records_take_seventy_bytes() -> None:
    from benchmarks.sync_records import by_kind, generate

    records = generate(20_000, random.Random(7))
    size = sum(len(wire.encode([columns.encode(rows)])) for rows in by_kind(records).values())
    assert size / len(records) <= 70
