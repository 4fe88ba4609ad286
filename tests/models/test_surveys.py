"""Rules of surveys: completeness, what a report needs, states."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models import canonical
from presales_desktop.models.surveys import (
    ANSWER,
    DIMENSIONS,
    STATES,
    TRANSITIONS,
    NeedDraft,
    SpaceDraft,
    SurveyDraft,
    completeness,
    problems,
    report_problems,
)

ANSWERS = {
    "scene": "酒店大堂与全日餐厅",
    "style": "新中式",
    "functions": "迎宾、拍照",
    "budget": 30_000_000,
    "delivery": dt.date(2027, 3, 1),
}


def full() -> SurveyDraft:
    draft = SurveyDraft(**{ANSWER[d]: v for d, v in ANSWERS.items()})
    draft.spaces = [
        SpaceDraft(
            name="大堂", room_type="lobby", area_m2=Decimal(180), height_m=Decimal("5.2"), target_lux=200, cct_k=3000,
            ra=90, dimming="scene",
        )
    ]  # fmt: skip
    draft.needs = [NeedDraft(text="一进门就要有迎宾感", core=True, weight=5)]
    return draft


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_report_refused_while_a_dimension_is_neither_answered_nor_explicitly_undecided(dimension: str) -> None:
    draft = full()
    setattr(draft, ANSWER[dimension], None if dimension in ("budget", "delivery") else "  ")
    found = report_problems(draft)
    assert [(p.code, p.field) for p in found] == [("survey.dimension_open", ANSWER[dimension])]
    assert not completeness(draft).ready

    setattr(draft, f"{dimension}_undecided", "   ")
    assert report_problems(draft), "blanks are no reason"
    setattr(draft, f"{dimension}_undecided", "等总部批复")
    assert report_problems(draft) == []
    assert completeness(draft).ready


def test_report_needs_a_space() -> None:
    draft = full()
    draft.spaces = [SpaceDraft()]
    assert [p.code for p in report_problems(draft)] == ["survey.no_spaces"]


def test_everything_known_is_100_percent_and_nothing_known_is_0() -> None:
    assert completeness(full(), photos=1).percent == 100
    assert completeness(full()).open[0].code == "photos"
    assert completeness(SurveyDraft()).percent == 0


def test_meter_names_the_spaces_that_lack_a_value() -> None:
    draft = full()
    draft.spaces.append(SpaceDraft(name="前台", room_type="reception_desk"))
    lux = next(i for i in completeness(draft).items if i.code == "space_target_lux")
    assert (lux.share, lux.missing) == (Decimal("0.5"), ("前台",))


@given(st.sets(st.sampled_from(DIMENSIONS)), st.booleans(), st.integers(0, 5))
def test_answering_more_never_lowers_the_meter(known: set[str], with_space: bool, photos: int) -> None:
    draft = SurveyDraft(**{ANSWER[d]: ANSWERS[d] for d in known})
    if with_space:
        draft.spaces = full().spaces
    before = completeness(draft, photos).percent
    for d in DIMENSIONS:
        setattr(draft, ANSWER[d], ANSWERS[d])
        now = completeness(draft, photos).percent
        assert now >= before
        before = now
    assert 0 <= before <= 100


def test_two_spaces_of_one_name_and_a_need_of_no_space_are_named() -> None:
    draft = full()
    draft.case_id = __import__("uuid").uuid4()
    draft.spaces.append(SpaceDraft(name=" 大堂 "))
    draft.needs.append(NeedDraft(text="要亮", space="天台"))
    assert [(p.code, p.field) for p in problems(draft)] == [
        ("survey.space_twice", "spaces.1.name"),
        ("survey.need_space_unknown", "needs.1.space"),
    ]


def test_transitions_stay_within_the_states_and_a_confirmed_report_can_only_be_reopened() -> None:
    assert all({*t.from_states, t.to} <= set(STATES) for t in TRANSITIONS)
    assert [t.action for t in TRANSITIONS if "confirmed" in t.from_states] == ["reopen"]
    assert all("planned" not in t.from_states for t in TRANSITIONS if t.action == "confirm")


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5), _VALUES, max_size=5))
def test_canonical_text_does_not_depend_on_the_order_of_keys(content: dict[str, object]) -> None:
    turned = dict(reversed(list(content.items())))
    assert canonical.text(content) == canonical.text(turned)


def test_canonical_text_is_one_for_equal_values_and_refuses_floats() -> None:
    assert canonical.text({"a": Decimal("1.50"), "b": "e\u0301"}) == canonical.text(
        {"b": "\u00e9", "a": Decimal("1.5")}
    )
    assert canonical.text(Decimal("100")) == '"100"'
    with pytest.raises(TypeError):
        canonical.text({"a": 1.5})
