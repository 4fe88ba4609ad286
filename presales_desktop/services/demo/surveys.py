"""Demo surveys: fourteen interviews in every state, with needs by space, contradictions as customers have them, and photos."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from presales_desktop.models.standards import find
from presales_desktop.models.surveys import NeedDraft, SpaceDraft, SurveyDraft
from presales_desktop.services import cases, survey_photos, survey_steps, surveys
from presales_desktop.services.demo.photos import room_photo
from presales_desktop.services.demo.stage import Stage
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Work


@dataclass(frozen=True)
class Space:
    """name, room type, m², height, lux (0: the standard's), K, Ra, dimming; what is done there."""

    name: str
    room_type: str
    area: str
    height: str = "2.8"
    lux: int = 0
    cct: int = 3000
    ra: int = 80
    dimming: str = "dim"
    functions: str = ""
    style: str = ""


@dataclass(frozen=True)
class Plan:
    """One survey: its case, what the customer said, and how far it came.

    `needs`: "!" before a text marks a core need, "?" a concern. `open`: dimension → the customer's reason for 客户未定.
    """

    case: str
    end: str
    days_ago: int
    scene: str
    style: str
    functions: str
    yuan: int
    delivery_in: int
    spaces: tuple[Space, ...]
    needs: tuple[str, ...] = ()
    open: tuple[tuple[str, str], ...] = ()
    photos: int = 0
    total: str = ""
    summary: str = ""
    method: str = "interview"


PLANS: Final = (
    Plan(
        "大堂及全日餐厅照明", "confirmed", 58, "度假酒店大堂与全日餐厅改造，白天采光好，晚上以气氛为主。", "新中式、轻奢",
        "迎宾氛围、四个场景自动切换、宴会可分区控制", 486_000, 90,
        (
            Space("大堂", "lobby", "192", "7.2", 200, 3000, 90, "scene", "迎宾、拍照、等候", "新中式"),
            Space("总台", "reception_desk", "18", "3.6", 300, 3000, 90, "dim", "办理入住，屏幕不能反光"),
            Space("大堂吧", "lounge", "54", "3.6", 200, 2700, 90, "scene", "下午茶到深夜"),
            Space("全日餐厅", "western_restaurant", "144", "3.6", 150, 3000, 95, "scene", "自助餐台要突出食材"),
        ),
        ("!一进门就要有迎宾感，客人愿意拍照", "!餐台上的食材颜色要真实", "?大堂挑高七米，以后怎么换灯", "晚上九点后自动转暗"),
        photos=4, total="420", summary="客户最在意大堂第一印象和餐厅食材的显色；担心高空维护。四个场景由前台面板控制。",
    ),
    Plan(
        "云境样板间照明", "confirmed", 44, "精装样板间，要让来访者第一眼觉得值。", "现代简约、轻奢", "日常照明、重点照明、智能场景",
        96_000, 60,
        (
            Space("客厅", "living", "25.2", "2.8", 150, 3000, 90, "scene", "会客、观影", "现代简约"),
            Space("餐厅", "dining", "15.3", "2.8", 150, 3000, 90, "dim", "家庭用餐"),
            Space("厨房", "kitchen", "8.6", "2.6", 150, 4000, 90, "none", "做饭"),
            Space("主卧", "bedroom", "17.2", "2.8", 75, 3000, 80, "dim", "休息"),
            Space("书房", "living_reading", "11.5", "2.8", 300, 4000, 90, "dim", "阅读、电脑"),
        ),
        ("!无主灯，但不能暗", "!卧室要能留一盏夜灯", "?软装还会调，灯位能不能后改"),
        photos=3, total="118", summary="无主灯方案，客餐厅一套场景。软装在两周内定稿。",
    ),
    Plan(
        "远帆总部办公照明", "confirmed", 20, "三层总部办公，开放工位为主。", "现代简约", "办公、视频会议、人体感应、防眩光", 268_000, 75,
        (
            Space("开敞办公区", "office", "110.9", "2.9", 300, 4000, 80, "dim", "电脑办公，屏幕多，怕刺眼"),
            Space("会议室", "meeting", "25.2", "2.9", 300, 4000, 80, "scene", "投影和视频会议"),
            Space("总经理室", "office_high", "25.2", "2.9", 500, 4000, 90, "dim"),
            Space("前台", "reception", "19.4", "2.9", 200, 4000, 80, "none"),
        ),
        ("!工位不能反光刺眼", "!下班后无人自动关灯", "?施工只能在周末"),
        photos=2, total="205", summary="以视觉舒适和节能为先；周末施工。",
    ),
    Plan(
        "静安办公楼大堂照明", "confirmed", 24, "甲级写字楼首层大堂翻新。", "现代简约", "形象展示、日常照明", 215_000, 50,
        (
            Space("大堂", "foyer_high", "129.6", "4.5", 200, 4000, 90, "dim", "形象展示"),
            Space("电梯厅", "lift_lobby_high", "21.6", "3.0", 150, 4000, 80, "none"),
        ),
        ("!石材墙面要洗亮、不能有光斑",), photos=2, total="152", summary="以墙面洗光塑造大堂；电梯厅简洁。",
    ),
    Plan(
        "拾光里旗舰店照明", "confirmed", 66, "服装买手店，橱窗朝西，白天很亮。", "工业风", "重点照明、高显色", 178_000, 45,
        (
            Space("营业厅", "shop_high", "82.5", "3.4", 500, 3500, 95, "dim", "面料颜色要真实，陈列每月换"),
            Space("收银台", "cash_desk", "7.2", "3.0", 500, 4000, 90, "none"),
            Space("仓库", "store", "15.3", "3.0", 100, 4000, 80, "none"),
        ),
        ("!射灯要能跟着陈列转", "!衣服颜色在店里和在外面看一样", "?橱窗白天被太阳压住"),
        photos=3, total="110", summary="轨道射灯为主，显色优先；橱窗另做加强。",
    ),
    Plan(
        "书苑教室照明改造", "reopened", 92, "普通教室照明改造，要达到近视防控标准。", "现代简约", "黑板、课桌照明，防眩光", 152_000, 40,
        (
            Space("教室 101", "classroom", "64.8", "3.3", 300, 4000, 90, "none", "上课、自习，有投影"),
            Space("教室 102", "classroom", "64.8", "3.3", 300, 4000, 90, "none", "上课、自习"),
        ),
        ("!不能频闪、不能刺眼", "黑板灯单独控制", "?暑假必须装完"), photos=2, total="130",
        summary="按 GB/T 50034 与近视防控要求；寒假内完工。",
    ),
    Plan(
        "江景客房翻新照明", "report_draft", 12, "老客房翻新，保留吊顶。", "日式、侘寂", "起夜灯、床头阅读、一键总控", 860_000, 25,
        (
            Space("客房", "guest_room", "27.7", "2.7", 75, 2700, 90, "scene", "一键总控、睡眠模式"),
            Space("床头", "guest_bed", "3", "2.7", 150, 3000, 90, "dim", "阅读"),
            Space("卫生间", "guest_bath", "6.7", "2.4", 150, 3000, 90, "none", "化妆"),
        ),
        ("!床头灯不能打扰另一个人", "!半夜起来不刺眼", "?吊顶不能动，只能用原开孔"), photos=3, total="37.5",
        summary="128 间同一户型；工期紧，用原开孔改造。",
    ),
    Plan(
        "南塘总店包间照明", "report_draft", 7, "湘菜馆包间，晚餐为主。", "新中式", "氛围照明、突出菜品", 68_000, 35,
        (
            Space("牡丹厅", "chinese_restaurant", "25.9", "3.0", 200, 3000, 95, "dim", "食材颜色好看"),
            Space("芙蓉厅", "chinese_restaurant", "25.9", "3.0", 200, 3000, 95, "dim", "食材颜色好看"),
            Space("走廊", "corridor_high", "18", "2.8", 100, 3000, 80, "none"),
        ),
        ("!菜端上来要有食欲", "桌面亮、四周暗"), photos=1, total="70", summary="桌面重点照明，四周柔和。",
    ),
    Plan(
        "海岬医院门诊楼照明", "report_draft", 4, "门诊楼候诊与诊室改造，不停诊施工。", "现代简约", "日常照明、高显色", 310_000, 55,
        (
            Space("诊室", "clinic", "240", "2.8", 300, 4000, 90, "none", "看肤色、写病历"),
            Space("候诊厅", "waiting", "320", "3.6", 200, 4000, 80, "none"),
            Space("药房", "pharmacy", "60", "2.8", 500, 4000, 90, "none", "核对药品"),
        ),
        ("!诊室要看得准肤色", "?不停诊，只能夜里施工"), photos=2, total="680", summary="分区夜间施工；诊室 Ra 90。",
        method="questionnaire",
    ),
    Plan(
        "锦官里商业街店铺照明", "collecting", 9, "步行街十二家小店统一店招和店内照明。", "工业风", "重点照明、可调色温", 38_000, 18,
        (
            Space("样板店铺", "speciality_shop", "86", "3.6", 500, 3500, 95, "tunable", "陈列常换"),
            Space("店招走廊", "mall_high", "240", "4.2", 300, 3000, 80, "none", "一键切换节日场景"),
        ),
        ("!十二家要看起来像一条街", "?每家业主都要签字"), photos=1, total="326",
    ),
    Plan(
        "雍景园别墅全屋照明", "collecting", 5, "三代同住的别墅，六岁小孩和两位老人。", "法式、轻奢", "智能场景、起夜灯、影音室", 126_000, 70,
        (
            Space("客厅", "living", "48", "5.8", 150, 3000, 90, "scene", "挑空客厅，想要水晶灯", "法式"),
            Space("影音室", "living", "26", "2.6", 100, 2700, 80, "none", "影院场景，一键变暗"),
            Space("儿童房", "bedroom", "18", "2.8", 75, 5000, 90, "dim", "玩耍、睡觉"),
            Space("厨房", "kitchen", "14", "2.6", 100, 4000, 90, "none"),
        ),
        ("!老人起夜不能摔", "!小孩写作业不伤眼", "?水晶灯怎么清洗"), (("budget", "还要和家人商量"),), 2, "240",
    ),
    Plan(
        "会展中心二号厅照明", "collecting", 3, "展厅与同声传译间。", "", "展览、会议、直播", 0, 0,
        (
            Space("二号展厅", "banquet", "1800", "11.5", 300, 4000, 80, "scene", "展览和千人会议"),
            Space("序厅", "foyer_high", "420", "6.4", 0, 4000, 80, "dim"),
        ),
        ("!会议时讲台要亮、投影区要暗",), (("style", "等设计方案"), ("budget", "等上级批复")), 1, "2600",
    ),
    Plan("平江里客栈群照明", "planned", 1, "", "", "", 0, 0, (), method="interview"),
    Plan("智造园一号厂房照明", "late", 6, "", "", "", 0, 0, (), method="questionnaire"),
)  # fmt: skip


def fill(stage: Stage) -> None:
    """Hold them on the days they were held; customers confirm, one changes his mind."""
    for plan in PLANS:
        found = stage.run("zhaolei", _case_of, plan.case)
        if found is None:
            continue
        case_id, login = found
        stage.day(plan.days_ago + 3, 9, 40)
        draft = stage.run(login, surveys.new_draft, {"case_id": case_id})
        draft.method = plan.method
        draft.planned_on = stage.today - dt.timedelta(days=plan.days_ago if plan.end != "planned" else -2)
        survey_id = stage.run(login, surveys.save, draft)
        stage.note("survey", survey_id)
        if plan.end not in ("planned", "late"):
            _hold(stage, plan, login, survey_id)


def _case_of(work: Work, title: str) -> tuple[UUID, str] | None:
    rows = cases.list_rows(work, ListQuery(search=title, limit=10)).rows
    row = next((r for r in rows if r.title == title), None)
    return None if row is None else (row.id, "wangmin" if row.owner == "王敏" else "liqiang")


def _hold(stage: Stage, plan: Plan, login: str, survey_id: UUID) -> None:
    stage.day(plan.days_ago, 10, 5)
    stage.run(login, survey_steps.start, survey_id)
    draft = stage.run(login, surveys.load, survey_id)
    _answer(draft, plan, stage)
    stage.run(login, surveys.save, draft)
    _photograph(stage, plan, login, survey_id)
    if plan.end == "collecting":
        return
    stage.day(max(1, plan.days_ago - 1), 15, 20)
    stage.run(login, survey_steps.make_report, survey_id)
    if plan.end == "report_draft":
        return
    stage.day(max(1, plan.days_ago - 4), 11, 10)
    by = draft.people.partition("（")[0].partition("、")[0] or "业主代表"
    how = stage.rng.choice(("signature", "email", "wechat"))
    stage.run(login, survey_steps.confirm, survey_id, by=by, how=how)
    if plan.end == "reopened":
        stage.day(max(1, plan.days_ago - 30), 9, 30)
        stage.run(login, survey_steps.reopen, survey_id, "校方增加两间美术教室，需要补充调研")


def _answer(draft: SurveyDraft, plan: Plan, stage: Stage) -> None:
    draft.scene, draft.style, draft.functions, draft.summary = plan.scene, plan.style, plan.functions, plan.summary
    draft.budget_fen = plan.yuan * 100 or None
    held_on = draft.held_on or stage.today
    draft.delivery_on = held_on + dt.timedelta(days=plan.delivery_in) if plan.delivery_in else None
    draft.total_area_m2 = Decimal(plan.total) if plan.total else None
    for dimension, reason in plan.open:
        setattr(draft, f"{dimension}_undecided", reason)
        if dimension == "budget":
            draft.budget_fen = None
    draft.spaces = [_space(s) for s in plan.spaces]
    draft.needs = [_need(text) for text in plan.needs]


def _space(space: Space) -> SpaceDraft:
    row = find(space.room_type)
    glare = str(row.ugr) if row is not None and row.ugr is not None else ""
    return SpaceDraft(
        name=space.name, room_type=space.room_type, area_m2=Decimal(space.area), height_m=Decimal(space.height),
        style=space.style, functions=space.functions, target_lux=space.lux or None, cct_k=space.cct, ra=space.ra,
        glare=glare, dimming=space.dimming,
    )  # fmt: skip


def _need(text: str) -> NeedDraft:
    core, concern = text.startswith("!"), text.startswith("?")
    words = text.lstrip("!?")
    delivery = any(w in words for w in ("施工", "装完", "工期", "签字"))
    dimension = "delivery" if delivery else "functions"
    return NeedDraft(
        text=words, dimension=dimension, weight=5 if core else 4 if concern else 3, core=core, concern=concern
    )


def _photograph(stage: Stage, plan: Plan, login: str, survey_id: UUID) -> None:
    spaces = stage.run(login, surveys.load, survey_id).spaces
    for n in range(plan.photos):
        space = spaces[n % len(spaces)]
        row = find(space.room_type)
        data = room_photo(stage.rng, row.group if row is not None else "home")
        stage.run(login, survey_photos.add, survey_id, f"{space.name}-{n + 1}.jpg", data, space.id)
