"""Demo designs: an apartment, offices, a shop, a hotel, classrooms; arranged by calculation to the standard, in every state."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

from presales_desktop.models.standards import find as find_type
from presales_desktop.paths import resource
from presales_desktop.services import cases, design_steps, designs
from presales_desktop.services.catalogue_facts import VariantFacts, find_variants, match_variant
from presales_desktop.services.demo.stage import Stage
from presales_desktop.services.design_arrange import best, guess, hang
from presales_desktop.services.design_drafts import DesignDraft, LuminaireDraft, Point, RoomDraft
from presales_desktop.services.design_light import Fixture, LightPlan, fixtures
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Work

FACTOR = 0.8


@dataclass(frozen=True)
class Space:
    """A room to light: a rectangle (x, y, width, depth) or a polygon; QUERY as somebody types it into the palette."""

    name: str
    room_type: str
    shape: tuple[float, float, float, float] | tuple[Point, ...]
    query: str = ""
    height: float = 2.8
    per_m2: float = 0.55
    accent: str = ""

    @property
    def polygon(self) -> tuple[Point, ...]:
        """Its outline."""
        first = self.shape[0]
        if isinstance(first, tuple):
            return self.shape  # type: ignore[return-value]  # a polygon
        x, y, w, d = self.shape
        return (x, y), (x + w, y), (x + w, y + d), (x, y + d)  # type: ignore[operator, return-value]


@dataclass(frozen=True)
class Plan:
    """One design: the case it belongs to, its spaces, and how far it came."""

    case: str
    title: str
    spaces: tuple[Space, ...]
    end: str
    days_ago: int
    notes: str = ""


HOME = "筒灯 3000K"
OFFICE = "面板灯 4000K"
PLANS = (
    Plan(
        "云境样板间照明", "云境样板间全屋照明",
        (
            Space("客厅", "living", (0, 0, 5.6, 4.5), HOME, per_m2=0.5, accent="吊灯 3000K"),
            Space("餐厅", "dining", (5.6, 0, 3.4, 4.5), HOME, accent="吊灯 3000K"),
            Space("厨房", "kitchen", (9.0, 0, 2.4, 3.6), "筒灯 4000K"),
            Space("主卧", "bedroom", (0, 5.9, 4.4, 3.9), HOME, per_m2=0.4),
            Space("次卧", "bedroom", (4.4, 5.9, 3.4, 3.9), HOME, per_m2=0.4),
            Space("书房", "living_reading", (7.8, 5.9, 3.6, 3.2), "筒灯 4000K", per_m2=1.0),
            Space("走廊", "home_corridor", (0, 4.5, 9.0, 1.4), HOME, per_m2=0.4),
            Space("卫生间", "bathroom", (9.0, 3.6, 2.4, 2.3), "筒灯 4000K"),
        ),
        "approved", 38, "全屋 3000K 为主，厨房、书房、卫生间 4000K；客餐厅吊灯为装饰照明。",
    ),
    Plan(
        "海怡湾大平层照明", "海怡湾大平层客餐厅",
        (
            Space("客餐厅", "living", ((0, 0), (8.4, 0), (8.4, 4.2), (5.2, 4.2), (5.2, 7.4), (0, 7.4)), HOME, 2.9, 0.45),
            Space("主卧", "bedroom", (8.4, 0, 4.6, 4.2), HOME, per_m2=0.4),
            Space("玄关", "home_corridor", (5.2, 4.2, 3.2, 1.8), HOME, per_m2=0.4),
        ),
        "draft", 6,
    ),
    Plan(
        "远帆总部办公照明", "远帆总部三层办公区",
        (
            Space("开敞办公区", "office", (0, 0, 13.2, 8.4), OFFICE, 2.9, 0.16),
            Space("会议室", "meeting", (13.2, 0, 6.0, 4.2), OFFICE, 2.9, 0.2),
            Space("总经理室", "office_high", (13.2, 4.2, 6.0, 4.2), OFFICE, 2.9, 0.25),
            Space("前台", "reception", (0, 8.4, 5.4, 3.6), "筒灯 4000K", 2.9, 0.6),
            Space("走廊", "corridor_high", (5.4, 8.4, 13.8, 2.0), "筒灯 4000K", 2.6, 0.35),
        ),
        "submitted", 3, "办公区采用 600×600 面板灯，嵌入式安装，模数与吊顶一致。",
    ),
    Plan(
        "静安办公楼大堂照明", "静安办公楼首层大堂",
        (
            Space("大堂", "foyer_high", (0, 0, 14.4, 9.0), "筒灯 4000K", 4.5, 0.35),
            Space("电梯厅", "lift_lobby_high", (14.4, 2.4, 6.0, 3.6), "筒灯 4000K", 3.0, 0.5),
        ),
        "approved_with_notes", 15,
    ),
    Plan(
        "拾光里旗舰店照明", "拾光里旗舰店一层",
        (
            Space("营业厅", "shop_high", (0, 0, 11.0, 7.5), "轨道泛光灯 4000K", 3.4, 0.3),
            Space("收银台", "cash_desk", (11.0, 0, 3.0, 2.4), "筒灯 4000K", 3.0, 1.2),
            Space("仓库", "store", (11.0, 2.4, 3.0, 5.1), "面板灯 4000K", 3.0, 0.2),
        ),
        "revised", 40, "重点货架用轨道射灯，位置可随陈列调整。",
    ),
    Plan(
        "大堂及全日餐厅照明", "酒店大堂及全日餐厅",
        (
            Space("大堂", "lobby", (0, 0, 16.0, 12.0), "筒灯 3000K", 4.8, 0.3),
            Space("总台", "reception_desk", (16.0, 0, 6.0, 3.0), "筒灯 3000K", 3.6, 0.9),
            Space("大堂吧", "lounge", (16.0, 3.0, 6.0, 9.0), "筒灯 3000K", 3.6, 0.5),
            Space("全日餐厅", "western_restaurant", (0, 12.0, 16.0, 9.0), "筒灯 3000K", 3.6, 0.35, accent="吊灯 3000K"),
        ),
        "approved", 30, "大堂 2700K–3000K 暖光，餐厅吊灯为装饰照明。",
    ),
    Plan(
        "书苑教室照明改造", "书苑小学普通教室",
        (
            Space("教室 101", "classroom", (0, 0, 9.0, 7.2), "4000K 面板灯", 3.3, 0.16),
            Space("教室 102", "classroom", (9.3, 0, 9.0, 7.2), "4000K 面板灯", 3.3, 0.16),
        ),
        "returned", 60,
    ),
    Plan(
        "江景客房翻新照明", "江景标准客房",
        (
            Space("客房", "guest_room", (0, 0, 4.2, 6.6), HOME, 2.7, 0.4),
            Space("卫生间", "guest_bath", (4.2, 0, 2.4, 2.8), HOME, 2.4, 0.6),
            Space("客房走廊", "guest_corridor", (0, 6.6, 9.0, 1.8), HOME, 2.5, 0.3),
        ),
        "submitted", 4,
    ),
    Plan(
        "启明星教室护眼照明", "启明星幼儿园活动室",
        (
            Space("活动室", "classroom", (0, 0, 10.0, 7.0), "", 3.2),
            Space("走廊", "corridor", (0, 7.0, 10.0, 2.1), "", 2.7),
        ),
        "draft", 1,
    ),
    Plan(
        "南塘总店包间照明", "南塘总店三个包间",
        (
            Space("牡丹厅", "chinese_restaurant", (0, 0, 5.4, 4.8), HOME, 3.0, 0.5, accent="吊灯 3000K"),
            Space("芙蓉厅", "chinese_restaurant", (5.6, 0, 5.4, 4.8), HOME, 3.0, 0.5, accent="吊灯 3000K"),
        ),
        "rejected", 18,
    ),
)  # fmt: skip


def fill(stage: Stage) -> None:
    """Make them, let colleagues review them."""
    for plan in PLANS:
        found = stage.run("chenjing", _case_of, plan.case)
        if found is None:
            continue
        stage.day(plan.days_ago, 9, 30)
        draft = stage.run("chenjing", designs.new_draft, {"case_id": found, "title": plan.title, "notes": plan.notes})
        draft.rooms, draft.luminaires = stage.run("chenjing", _light, plan.case, plan.spaces)
        design_id = stage.run("chenjing", designs.save, draft)
        stage.note("design", _finish(stage, plan, design_id))


def _case_of(work: Work, title: str) -> UUID | None:
    rows = cases.list_rows(work, ListQuery(search=title, limit=10)).rows
    return next((r.id for r in rows if r.title == title), None)


def _light(work: Work, case: str, spaces: tuple[Space, ...]) -> tuple[list[RoomDraft], list[LuminaireDraft]]:
    rooms: list[RoomDraft] = []
    luminaires: list[LuminaireDraft] = []
    for place, space in enumerate(spaces):
        row = find_type(space.room_type)
        assert row is not None
        room = RoomDraft(
            id=work.new_id(), name=space.name, room_type=space.room_type, polygon=space.polygon, height_m=space.height,
            workplane_m=row.plane_m, margin_m=0.5, sort=place,
        )  # fmt: skip
        rooms.append(room)
        if space.query:
            luminaires += _general(work, case, room, space)
        if space.accent:
            luminaires += _accent(work, room, space.accent)
    numbered = [replace(r, id=work.new_id(), sort=i) for i, r in enumerate(luminaires)]
    return rooms, numbered


def _general(work: Work, case: str, room: RoomDraft, space: Space) -> list[LuminaireDraft]:
    """The product whose flux fits the wished number of pieces best, in the mesh that meets the target."""
    row = find_type(space.room_type)
    assert row is not None
    known = _layouts().get(f"{case}/{room.name}")
    if known is not None:
        fixture = _by_sku(work, known["sku"])
        if fixture is not None:
            z = height_of(fixture.facts, room.height_m)
            mesh = (known["columns"], known["rows"])
            return hang(room, fixture.facts.variant_id, mesh, z, known["flux_factor"])
    return _found(work, room, space, row.lux)


def _found(work: Work, room: RoomDraft, space: Space, target_lux: float) -> list[LuminaireDraft]:
    """Calculated: for products or rooms that layouts.json does not know."""
    candidates = _candidates(work, space.query)
    xs = [p[0] for p in room.polygon]
    ys = [p[1] for p in room.polygon]
    wished = max(2.0, space.per_m2 * (max(xs) - min(xs)) * (max(ys) - min(ys)))
    candidates.sort(key=lambda f: abs(guess(room, f.lumens, target_lux, FACTOR) - wished))
    fallback: list[LuminaireDraft] = []
    plan = LightPlan()
    for fixture in candidates[:3]:
        z = height_of(fixture.facts, room.height_m)
        mesh = best(room, fixture, z, FACTOR, plan=plan)
        if mesh is None:
            continue
        made = hang(room, fixture.facts.variant_id, (mesh.columns, mesh.rows), z, mesh.flux_factor)
        if mesh.meets:
            return made
        fallback = fallback or made
    return fallback


@cache
def _layouts() -> dict[str, dict[str, Any]]:
    """What the calculation found once, by case and room: finding it again would take half a minute of every first start."""
    path = resource("demo/design_layouts.json")
    loaded: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return loaded


def _by_sku(work: Work, sku: str) -> Fixture | None:
    found = match_variant(work, sku)
    return fixtures(work, [found.variant_id]).get(found.variant_id) if found is not None else None


def _accent(work: Work, room: RoomDraft, query: str) -> list[LuminaireDraft]:
    """A decorative pendant in the middle."""
    found = [f for f in find_variants(work, query, 60) if f.category == "pendant" and f.flux_lm and f.photometry_sha256]
    if not found:
        return []
    chosen = min(found, key=lambda f: abs((f.flux_lm or 0) - 1500))
    xs, ys = [p[0] for p in room.polygon], [p[1] for p in room.polygon]
    x, y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    z = round(room.height_m - 0.9, 2)
    return [LuminaireDraft(variant_id=chosen.variant_id, x_m=x, y_m=y, z_m=z, flux_factor=0.5, decorative=True)]


def _candidates(work: Work, query: str) -> list[Fixture]:
    found = find_variants(work, query, 60)
    known = fixtures(work, [f.variant_id for f in found])
    return [f for f in known.values() if f.photometry is not None and not f.estimated]


def height_of(facts: VariantFacts, ceiling: float) -> float:
    """Height of the light centre: in the ceiling, below it for bodies and pendants."""
    body = (facts.height_mm or 0) / 1000
    if facts.mounting == "pendant":
        return round(ceiling - max(0.6, body), 3)
    return ceiling if facts.mounting == "recessed" else round(ceiling - min(body, 0.2), 3)


def _finish(stage: Stage, plan: Plan, design_id: UUID) -> UUID:
    """Submit and review as far as the plan says; the id of the last revision."""
    if plan.end == "draft":
        return design_id
    stage.day(max(plan.days_ago - 2, 0), 16)
    stage.run("chenjing", design_steps.submit, design_id)
    if plan.end == "submitted":
        return design_id
    stage.day(max(plan.days_ago - 3, 0), 11)
    steps = {
        "approved": ("sunhao", "approve", "照度、均匀度和功率密度都满足标准，安装方式可行。"),
        "approved_with_notes": ("zhaolei", "approve_with_notes", "大堂筒灯请预留检修口，施工图里标明。"),
        "returned": ("sunhao", "return", "黑板垂直照度没有考虑，请补充黑板灯后再提交。"),
        "rejected": ("zhaolei", "reject", "客户要求保留原有水晶灯，方案需要重新沟通。"),
        "revised": ("sunhao", "return", "收银台照度偏低，仓库请改用防尘灯具。"),
    }
    who, action, comment = steps[plan.end]
    stage.run(who, design_steps.decide, design_id, action, comment)
    if plan.end != "revised":
        return design_id
    stage.day(max(plan.days_ago - 6, 0), 10)
    second = stage.run("chenjing", design_steps.revise, design_id)
    draft: DesignDraft = stage.run("chenjing", designs.load, second)
    draft.notes += "第二版：按评审意见提高收银台照度。"
    draft.luminaires = [
        replace(r, flux_factor=min(1.0, r.flux_factor + 0.1)) if r.x_m >= 11.0 and r.y_m <= 2.4 else r
        for r in draft.luminaires
    ]
    stage.run("chenjing", designs.save, draft)
    stage.run("chenjing", design_steps.submit, second)
    stage.day(max(plan.days_ago - 8, 0), 14)
    stage.run("sunhao", design_steps.decide, second, "approve", "按意见修改完毕，通过。")
    return second
