"""Unsaved work comes back exactly, belongs to one person, and outlives a change of the program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.services import drafts


class Tone(StrEnum):
    WARM = "warm"
    COLD = "cold"


@dataclass
class Note:
    text: str = ""


@dataclass
class Lamp:
    id: UUID | None = None
    name: str = ""
    count: Decimal = Decimal(1)
    price_fen: int | None = None


@dataclass
class Plan:
    id: UUID | None = None
    base_version: int = 0
    name: str = ""
    ratio: Decimal | None = None
    due: dt.date | None = None
    at: dt.datetime | None = None
    tone: Tone = Tone.WARM
    picture: bytes = b""
    points: tuple[Decimal, ...] = ()
    tags: list[str] = field(default_factory=list)
    facts: dict[str, Decimal] = field(default_factory=dict)
    lamps: list[Lamp] = field(default_factory=list)
    anything: Lamp | Note | None = None


LAMPS = st.builds(
    Lamp,
    id=st.none() | st.uuids(),
    name=st.text(max_size=20),
    count=st.decimals(allow_nan=False, allow_infinity=False, places=3),
    price_fen=st.none() | st.integers(),
)
PLANS = st.builds(
    Plan,
    id=st.none() | st.uuids(),
    base_version=st.integers(0, 9),
    name=st.text(max_size=40),
    ratio=st.none() | st.decimals(allow_nan=False, allow_infinity=False),
    due=st.none() | st.dates(),
    at=st.none() | st.datetimes(timezones=st.just(dt.UTC)),
    tone=st.sampled_from(Tone),
    picture=st.binary(max_size=30),
    points=st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=2), max_size=3).map(tuple),
    tags=st.lists(st.text(max_size=5), max_size=3),
    facts=st.dictionaries(
        st.text(max_size=5), st.decimals(allow_nan=False, allow_infinity=False, places=1), max_size=3
    ),
    lamps=st.lists(LAMPS, max_size=4),
    anything=st.none() | LAMPS | st.builds(Note, text=st.text(max_size=9)),
)


@given(PLANS)
def test_every_draft_comes_back_exactly(plan: Plan) -> None:
    back = drafts.from_body(Plan(), drafts.to_body(plan))
    assert back == plan
    assert [type(lamp.count) for lamp in back.lamps] == [Decimal] * len(plan.lamps)
    assert type(back.tone) is Tone


def test_what_the_class_no_longer_knows_is_ignored_and_what_is_new_keeps_its_default() -> None:
    body = drafts.to_body(Plan(name="客厅"))
    body["vanished"] = 3
    del body["tags"]
    assert drafts.from_body(Plan(tags=["新"]), body) == Plan(name="客厅", tags=["新"])


@pytest.mark.parametrize(
    "damage",
    [{"ratio": {"$": "decimal", "v": "zwölf"}}, {"lamps": [{"$": "Note"}, {"x": 1}]}, {"due": {"$": "date", "v": "x"}}],
)
def test_a_damaged_body_is_a_value_error(damage: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".*"):
        drafts.from_body(Plan(), {**drafts.to_body(Plan()), **damage})


def test_a_draft_holds_only_values() -> None:
    with pytest.raises(TypeError):
        drafts.to_body(Note(text=object()))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        drafts.to_body([1, 2])


def test_unsaved_work_is_kept_replaced_and_dropped(run: Callable[..., Any], clock: Any) -> None:
    run("sales", drafts.keep_draft, "plan", "k1", Plan(name="一", base_version=3))
    clock.forward(minutes=5)
    moment = run("sales", drafts.keep_draft, "plan", "k1", Plan(name="二", base_version=3))
    kept = run("sales", drafts.find, "plan", "k1")
    assert (kept.base_version, kept.body["name"], kept.saved_at) == (3, "二", moment)
    run("sales", drafts.drop, "plan", "k1")
    assert run("sales", drafts.find, "plan", "k1") is None


def test_unsaved_work_belongs_to_one_person(run: Callable[..., Any]) -> None:
    run("sales", drafts.keep, "plan", "k1", 0, {"name": "王敏的"})
    run("sales2", drafts.keep, "plan", "k1", 0, {"name": "李强的"})
    assert run("sales", drafts.find, "plan", "k1").body["name"] == "王敏的"
    run("sales2", drafts.drop, "plan", "k1")
    assert run("sales", drafts.find, "plan", "k1").body["name"] == "王敏的"
    assert run("design", drafts.unsaved) == ()


def test_unsaved_work_is_listed_newest_first(run: Callable[..., Any], clock: Any) -> None:
    for kind, key in (("plan", "a"), ("quote", "b"), ("plan", "c")):
        clock.forward(minutes=1)
        run("sales", drafts.keep, kind, key, 0, {})
    assert [d.key for d in run("sales", drafts.unsaved)] == ["c", "b", "a"]
    assert [d.key for d in run("sales", drafts.unsaved, "plan")] == ["c", "a"]


def test_keeping_a_draft_tells_no_page(as_user: Callable[[str], Any]) -> None:
    _moment, changes = as_user("sales").run(drafts.keep, "plan", str(uuid4()), 0, {})
    assert not changes
