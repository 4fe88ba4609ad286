"""The design on paper: standard scales, what stands on it, both languages, underlays, watermarks."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import ezdxf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.reports import designs as paper
from presales_desktop.reports.designs_plan import POINTS_PER_METRE, SCALES, colour, scale_for
from presales_desktop.services import design_print, design_steps, designs, underlays
from presales_desktop.services.design_drafts import UnderlayDraft
from sync.ids import uuid7
from tests.helpers.design_data import World, draft_of, lamp, make_world, room, saved

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def pages(data: bytes) -> list[str]:
    """The text of each page, without line breaks."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]
    finally:
        document.close()


def printed(run: Run, design_id: UUID, lang: Any = "zh") -> list[str]:
    return pages(paper.render(run("sales", design_print.document, design_id), lang))


def test_results_schedule_plan_and_light(run: Run, world: World) -> None:
    cover, first, plan, light, *products = printed(run, saved(run, world))
    for text in ("照明方案", "云栖大堂", "目录", "产品资料"):
        assert text in cover, text
    assert "光度数据" in products[0]
    assert "DL-1-30" in products[0]
    for text in (
        "照度计算结果",
        "UGR",
        "起居室（一般活动）",
        "GB/T 50034-2024 5.2.1",
        "灯具表",
        "DL-1-30",
        "星辰筒灯",
    ):
        assert text in first, text
    assert "灯具布置图" in plan
    assert "比例 1:" in plan
    assert "图例" in plan
    assert "6000" in plan
    assert "照度分布图" in light
    assert "客厅" in light


def test_an_unreviewed_design_says_so_on_every_page(run: Run, world: World) -> None:
    design_id = saved(run, world)
    assert all("未评审" in page for page in printed(run, design_id))
    digest = run("design", design_steps.submit, design_id)
    run("technical", design_steps.decide, design_id, "approve")
    after = printed(run, design_id)
    assert not any("未评审" in page for page in after)
    assert all(digest[:8] in page for page in after)


def test_english(run: Run, world: World) -> None:
    cover, first, plan, light = printed(run, saved(run, world), "en")[:4]
    assert "Lighting design" in cover
    assert "Living room, general" in first
    assert "Luminaire layout" in plan
    assert "Scale 1:" in plan
    assert "Illuminance map" in light


def test_a_design_without_light_has_no_light_page(run: Run, world: World) -> None:
    assert len(printed(run, saved(run, world, luminaires=[]))) == 3
    assert "还没有房间" in printed(run, saved(run, world, rooms=[], luminaires=[]))[1]


def test_a_page_for_each_floor(run: Run, world: World) -> None:
    upper = room("主卧", floor="2F", room_type="bedroom")
    draft = draft_of(run, world)
    draft.rooms.append(upper)
    draft.luminaires.append(lamp(world.down, 2.0, 2.0, floor="2F"))
    found = printed(run, run("design", designs.save, draft))[1:]  # after the contents
    assert sum("灯具布置图 1F" in page for page in found) == 1
    assert sum("灯具布置图 2F" in page for page in found) == 1


def test_a_large_plan_gets_a3(run: Run, world: World) -> None:
    draft = draft_of(run, world, rooms=[room("展厅", 0, 60, 40, room_type="shop", height_m=6.0)], luminaires=[])
    data = paper.render(run("sales", design_print.document, run("design", designs.save, draft)), "zh")
    document = pypdfium2.PdfDocument(data)
    assert document[0].get_size()[0] == pytest.approx(1190.55, abs=1)
    document.close()


def test_the_underlay_is_printed(run: Run, world: World) -> None:
    drawing = ezdxf.new("R2010")
    drawing.modelspace().add_lwpolyline([(0, 0), (6000, 0), (6000, 4000), (0, 4000)], close=True)
    out = io.StringIO()
    drawing.write(out)
    sha256 = run("design", underlays.put, out.getvalue().encode(), "plan.dxf")
    draft = draft_of(run, world)
    plain = run("design", designs.save, replace(draft, underlays=[]))
    draft = draft_of(run, world)
    draft.underlays = [UnderlayDraft(id=uuid7(), name="plan.dxf", sha256=sha256, metres_per_unit=0.001)]
    with_plan = run("design", designs.save, draft)
    sizes = [len(paper.render(run("sales", design_print.document, i), "zh")) for i in (plain, with_plan)]
    assert sizes[1] > sizes[0]


def test_a_long_name_is_kept_whole(run: Run, world: World) -> None:
    name = "云栖酒店一层大堂及全日餐厅与大堂吧公共区域照明深化设计方案第二轮汇报稿完整版本"
    first = printed(run, saved(run, world, title=name))[0]
    assert name in first.replace("\n", "")


@given(st.floats(0.5, 500), st.floats(0.5, 300))
def test_the_scale_is_the_largest_standard_one_that_fits(width: float, height: float) -> None:
    n = scale_for(width, height, 550.0, 400.0)
    assert n in SCALES
    per_metre = POINTS_PER_METRE / n
    if n != SCALES[-1]:
        assert width * per_metre <= 550
        assert height * per_metre <= 400
    if n != SCALES[0]:
        larger = POINTS_PER_METRE / SCALES[SCALES.index(n) - 1]
        assert width * larger > 550 or height * larger > 400


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_colour_scale_grows_lighter(a: float, b: float) -> None:
    def lightness(share: float) -> float:
        r, g, blue = colour(share)
        return 0.2126 * r + 0.7152 * g + 0.0722 * blue

    low, high = sorted((a, b))
    assert lightness(low) <= lightness(high) + 1.5
