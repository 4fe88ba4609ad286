"""The analysis: each contradiction appears with its evidence and disappears when it is resolved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models.standards import standard
from presales_desktop.models.survey_analysis import CONFLICT, Finding, analyse, estimate, guide, lead_days, rank
from presales_desktop.models.surveys import DIMMINGS, GLARES, NeedDraft, SpaceDraft, SurveyDraft
from presales_desktop.texts import set_language
from presales_desktop.texts.surveys import FINDINGS, finding_text, finding_title

TODAY = dt.date(2026, 11, 23)


def calm() -> SurveyDraft:
    """A survey without contradictions."""
    return SurveyDraft(
        scene="公司总部办公", style="现代简约", functions="办公、会议", budget_fen=9_000_000, held_on=TODAY,
        delivery_on=dt.date(2027, 3, 1), total_area_m2=Decimal(220),
        spaces=[
            SpaceDraft(name="办公区", room_type="office", area_m2=Decimal(160), height_m=Decimal("2.8"), target_lux=300,
                       cct_k=4000, ra=80, glare="19", dimming="none", budget_fen=4_000_000),
            SpaceDraft(name="会议室", room_type="meeting", area_m2=Decimal(40), height_m=Decimal("2.8"), target_lux=300,
                       cct_k=4000, ra=80, glare="19", dimming="dim", budget_fen=2_000_000),
        ],
    )  # fmt: skip


def codes(draft: SurveyDraft) -> list[str]:
    return [f.code for f in analyse(draft, TODAY).findings]


def find(draft: SurveyDraft, code: str) -> Finding:
    return next(f for f in analyse(draft, TODAY).findings if f.code == code)


def test_a_consistent_survey_has_no_findings() -> None:
    assert codes(calm()) == []


def _set(path: str, value: object) -> Callable[[SurveyDraft], None]:
    def change(draft: SurveyDraft) -> None:
        target: object = draft
        *way, last = path.split(".")
        for step in way:
            target = target[int(step)] if isinstance(target, list) else getattr(target, step)
        setattr(target, last, value)

    return change


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("budget_short", [("budget_fen", 1_000_000), ("spaces.0.budget_fen", None), ("spaces.1.budget_fen", None)]),
        ("space_budget_short", [("spaces.1.budget_fen", 50_000)]),
        ("space_budgets_exceed", [("spaces.0.budget_fen", 8_000_000)]),
        ("delivery_past", [("delivery_on", dt.date(2026, 11, 1))]),
        ("delivery_soon", [("delivery_on", dt.date(2026, 12, 1))]),
        ("area_over", [("total_area_m2", Decimal(150))]),
        ("area_under", [("total_area_m2", Decimal(400))]),
        ("lux_below_standard", [("spaces.0.target_lux", 200)]),
        ("lux_far_above", [("spaces.1.target_lux", 600)]),
        ("ra_below_standard", [("spaces.0.ra", 70)]),
        ("ugr_above_standard", [("spaces.0.glare", "25")]),
        ("ugr_ignored", [("spaces.0.glare", "any")]),
        ("scene_without_dimming", [("spaces.0.functions", "开会、投影、上班各一个场景")]),
        ("warm_for_work", [("spaces.0.cct_k", 2700)]),
        ("ra_for_colour", [("spaces.0.functions", "看面料样品")]),
        ("glare_unset", [("spaces.0.glare", "any"), ("spaces.0.notes", "对着屏幕怕刺眼")]),
        ("high_ceiling", [("spaces.0.height_m", Decimal(8))]),
        ("style_differs", [("spaces.1.style", "法式")]),
    ],
)
def test_each_contradiction_is_found_with_its_evidence(code: str, changes: list[tuple[str, object]]) -> None:
    draft = calm()
    for path, value in changes:
        _set(path, value)(draft)
    found = find(draft, code)
    assert found.fields, "a finding names the fields it stands on"
    changed = {path for path, _ in changes}
    named = set(found.fields)
    assert named & (changed | {"spaces"}), (named, changed)
    for lang in ("zh", "en"):
        said = finding_text(code, found.values, lang)  # type: ignore[arg-type]
        assert "{" not in said
        assert finding_title(code, lang)  # type: ignore[arg-type]


def test_cool_light_where_people_rest() -> None:
    draft = calm()
    draft.spaces[0] = SpaceDraft(name="主卧", room_type="bedroom", area_m2=Decimal(20), cct_k=6500)
    assert "cool_for_rest" in codes(draft)


def test_tunable_light_may_be_warm_at_work() -> None:
    draft = calm()
    draft.spaces[0].cct_k, draft.spaces[0].dimming = 2700, "tunable"
    assert "warm_for_work" not in codes(draft)


def test_a_denied_wish_is_no_wish() -> None:
    draft = calm()
    draft.spaces[0].functions = "普通办公，不需要调光"
    assert "scene_without_dimming" not in codes(draft)
    draft.spaces[0].functions = "不需要调光，但下班要一键切换场景"
    assert find(draft, "scene_without_dimming").values["word"] == "场景"


def test_every_sentence_names_its_space_and_figures() -> None:
    draft = calm()
    draft.spaces[0].target_lux = 200
    found = find(draft, "lux_below_standard")
    said = finding_text(found.code, found.values)
    assert "办公区" in said
    assert "200 lx" in said
    assert "300 lx" in said
    assert "GB/T 50034-2024" in said
    set_language("en")
    assert "Office, ordinary" in finding_text(found.code, found.values)


def test_estimate_follows_the_lumen_method() -> None:
    space = SpaceDraft(name="办公区", room_type="office", area_m2=Decimal(100), target_lux=300)
    made = estimate(space, guide())
    assert made is not None
    # 300 lx x 100 m² / (0.55 x 0.8) = 68,182 lm; x 120 yuan/klm = 8,182 yuan, up to whole hundreds
    assert made.lumens == 68_182
    assert made.fen == 820_000
    space.ra, space.dimming = 95, "scene"
    dearer = estimate(space, guide())
    assert dearer is not None
    assert dearer.fen == 1_840_000  # 8,181.8 x 1.45 x 1.55 = 18,388.6


def test_lead_time_is_that_of_the_slowest_wish_and_longer_for_large_works() -> None:
    draft = calm()
    assert lead_days(draft, guide()) == (20, "dim")
    draft.notes = "门厅要一盏定制的水晶灯"
    assert lead_days(draft, guide()) == (50, "custom")
    draft.spaces[0].area_m2 = Decimal(3000)
    assert lead_days(draft, guide()) == (60, "custom")


def test_needs_are_ranked_core_first_then_weight_then_area() -> None:
    draft = calm()
    draft.needs = [
        NeedDraft(text="灰尘少", weight=2),
        NeedDraft(text="会议室要能录像", weight=5, space="会议室"),
        NeedDraft(text="不能刺眼", weight=3, core=True, concern=True),
        NeedDraft(text="办公区要亮", weight=5, space="办公区"),
    ]
    ranked = rank(draft)
    assert [r.text for r in ranked] == ["不能刺眼", "办公区要亮", "会议室要能录像", "灰尘少"]
    assert [r.rank for r in ranked] == [1, 2, 3, 4]
    assert ranked[1].reasons == ("weight", "area")
    found = analyse(draft, TODAY)
    assert [r.text for r in found.core] == ["不能刺眼"]
    assert [r.text for r in found.concerns] == ["不能刺眼"]


def test_without_a_marked_core_the_heaviest_needs_lead_and_without_needs_the_answers_do() -> None:
    draft = calm()
    draft.needs = [NeedDraft(text="省电", weight=4), NeedDraft(text="好看", weight=3)]
    assert [r.text for r in analyse(draft, TODAY).core] == ["省电"]
    draft.needs = []
    assert [(r.text, r.reasons[0]) for r in analyse(draft, TODAY).core] == [
        ("办公、会议", "derived"),
        ("公司总部办公", "derived"),
    ]


_AREA = st.none() | st.decimals(min_value=Decimal("0.01"), max_value=10_000, places=2)
_SPACES = st.builds(
    SpaceDraft,
    name=st.text(max_size=8),
    room_type=st.sampled_from(["", "unknown", *standard().rows]),
    area_m2=_AREA,
    height_m=_AREA,
    functions=st.sampled_from(["", "场景", "不要场景", "化妆", "怕刺眼"]),
    target_lux=st.none() | st.integers(1, 20_000),
    cct_k=st.none() | st.integers(1500, 12_000),
    ra=st.none() | st.integers(0, 100),
    glare=st.sampled_from(["", *GLARES]),
    dimming=st.sampled_from(["", *DIMMINGS]),
    budget_fen=st.none() | st.integers(1, 10**12),
)


@given(
    st.lists(_SPACES, max_size=5), st.none() | st.integers(1, 10**12), _AREA,
    st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2030, 1, 1)),
)  # fmt: skip
def test_any_draft_can_be_analysed_and_every_finding_can_be_said(
    spaces: list[SpaceDraft], budget: int | None, area: Decimal | None, delivery: dt.date | None
) -> None:
    draft = SurveyDraft(spaces=spaces, budget_fen=budget, total_area_m2=area, delivery_on=delivery, functions="照明")
    found = analyse(draft, TODAY)
    for finding in found.findings:
        assert finding.code in FINDINGS
        assert finding_text(finding.code, finding.values)
    severities = [f.severity for f in found.findings]
    assert severities == sorted(severities, key=lambda s: s != CONFLICT)


@given(st.integers(1, 10**10), st.integers(1, 10**10))
def test_a_larger_budget_never_makes_a_new_budget_conflict(small: int, more: int) -> None:
    draft = calm()
    draft.spaces[0].budget_fen = draft.spaces[1].budget_fen = None
    draft.budget_fen = small
    before = "budget_short" in codes(draft)
    draft.budget_fen = small + more
    assert before or "budget_short" not in codes(draft)
