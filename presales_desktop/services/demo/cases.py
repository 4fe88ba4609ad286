"""Forty invented cases of the demo customers. What they hold (surveys, designs, quotes, contracts) the later areas make."""

from __future__ import annotations

from typing import Final

from presales_desktop.services import cases, customers
from presales_desktop.services.cases import CaseDraft
from presales_desktop.services.demo.stage import Stage

# customer (its place in the demo), what for, building type, expected yuan, days ago
_CASES: Final = (
    (0, "大堂及全日餐厅照明", "hotel", 486_000, 62),
    (1, "云境样板间照明", "apartment", 96_000, 48),
    (2, "望湖里二期公区照明", "apartment", 1_280_000, 120),
    (3, "江景客房翻新照明", "hotel", 860_000, 95),
    (4, "蓝屿别墅区户外照明", "outdoor", 540_000, 40),
    (5, "锦官里商业街店铺照明", "retail", 330_000, 33),
    (6, "静安办公楼大堂照明", "office", 215_000, 28),
    (7, "拾光里旗舰店照明", "retail", 178_000, 75),
    (8, "南塘总店包间照明", "restaurant", 68_000, 21),
    (9, "云府售楼处照明", "exhibition", 245_000, 18),
    (10, "鹭屿海景客房照明", "hotel", 390_000, 15),
    (11, "书苑教室照明改造", "school", 152_000, 110),
    (12, "会展中心二号厅照明", "exhibition", 720_000, 12),
    (13, "平江里客栈群照明", "hotel", 268_000, 9),
    (14, "雾里观景餐厅照明", "restaurant", 88_000, 140),
    (15, "海岬医院门诊楼照明", "hospital", 310_000, 8),
    (16, "智造园一号厂房照明", "factory", 425_000, 66),
    (17, "岐江新天地中庭照明", "retail", 298_000, 7),
    (18, "滇池半岛宴会厅照明", "hotel", 156_000, 150),
    (20, "言木自用办公室照明", "office", 42_000, 6),
    (21, "白屿客户别墅照明", "villa", 135_000, 30),
    (24, "美术馆光环境深化", "exhibition", 188_000, 52),
    (25, "湖景套房照明", "hotel", 205_000, 5),
    (27, "中原汇餐饮层照明", "restaurant", 112_000, 84),
    (28, "护理中心套房照明", "hospital", 76_000, 20),
    (30, "山语示范区照明", "apartment", 230_000, 4),
    (31, "椰风里五家门店照明", "restaurant", 65_000, 58),
    (33, "海河里客房照明", "hotel", 172_000, 170),
    (35, "和光工程配套灯具", "other", 58_000, 14),
    (39, "启明星教室护眼照明", "school", 48_000, 3),
    (41, "远帆总部办公照明", "office", 268_000, 24),
    (42, "港湾物流仓库照明", "factory", 143_000, 200),
    (43, "花溪云舍客房照明", "hotel", 98_000, 2),
    (49, "云龙湖度假酒店泳池照明", "hotel", 82_000, 130),
    (52, "雍景园别墅全屋照明", "villa", 126_000, 16),
    (53, "西溪里全屋照明", "villa", 93_000, 10),
    (54, "海怡湾大平层照明", "apartment", 71_000, 35),
    (55, "金鸡湖别墅庭院照明", "villa", 54_000, 1),
    (56, "观海台客厅照明", "villa", 38_000, 45),
    (1, "云境深圳湾公寓照明", "apartment", 150_000, 1),
)  # fmt: skip
_LOST: Final = {18: "业主选择了设计方指定品牌", 27: "预算被砍，改用原有灯具", 31: "竞争对手价格低 12%"}
_PAUSED: Final = {33: "泳池土建延期到明年三月"}
_BY_HAND: Final = {
    5: ("带样灯去现场试灯", 2),
    16: ("约厂房电气负责人核对照度要求", 1),
    24: ("等业主确认床头灯样式", -2),
}


def fill(stage: Stage) -> None:
    """Make them over the last months; some lost, one paused, some with a next step written by hand."""
    chenjing = stage.actors["chenjing"].id
    for place, title, building, yuan, days in _CASES:
        customer_id = stage.ids["customer"][place]
        stage.day(days, 9 + place % 8, place % 60)
        whole = stage.run("zhaolei", customers.show, customer_id)
        login = "wangmin" if whole.owner_id == stage.actors["wangmin"].id else "liqiang"
        draft: CaseDraft = stage.run(login, cases.new_draft, {"customer_id": customer_id})
        draft.title, draft.building_type = title, building
        draft.expected_amount_fen = yuan * 100
        draft.expected_on = stage.today.fromordinal(stage.today.toordinal() + 20 + place)
        draft.designer_id = chenjing if yuan > 60_000 else None
        stage.note("case", stage.run(login, cases.save, draft))
    _turns(stage)


def _turns(stage: Stage) -> None:
    ids = stage.ids["case"]
    for n, reason in _LOST.items():
        stage.day(max(1, _CASES[n][4] - 40), 17)
        stage.run("zhaolei", cases.do, ids[n], "lose", {"reason": reason})
    for n, reason in _PAUSED.items():
        stage.day(30, 11)
        stage.run("zhaolei", cases.do, ids[n], "pause", {"reason": reason})
    for n, (step, days) in _BY_HAND.items():
        stage.day(1, 14)
        draft = stage.run("zhaolei", cases.load, ids[n])
        draft.next_step = step
        draft.next_due_on = stage.today.fromordinal(stage.today.toordinal() + days)
        stage.run("zhaolei", cases.save, draft)
