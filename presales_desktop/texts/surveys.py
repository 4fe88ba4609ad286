"""Words of needs surveys: labels, states, errors, and the sentences of the analysis."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from presales_desktop.models.standards import find, standard
from presales_desktop.models.values import fen_to_yuan, plain
from presales_desktop.texts.area import KindTexts
from presales_desktop.texts.core import Language, language, tr_in

DIMENSIONS: dict[str, str] = {
    "scene": "使用场景",
    "style": "风格偏好",
    "functions": "功能要求",
    "budget": "预算",
    "delivery": "交货期",
    "other": "其他",
}
METHODS: dict[str, str] = {"interview": "面谈", "questionnaire": "问卷", "online": "在线表单"}
REASONS: dict[str, str] = {
    "important": "重点潜在客户",
    "special": "特殊需求",
    "complex": "复杂项目",
    "follow_up": "老客户再次需求",
}
GLARES: dict[str, str] = {
    "any": "不作要求",
    "25": "UGR ≤ 25",
    "22": "UGR ≤ 22",
    "19": "UGR ≤ 19",
    "16": "UGR ≤ 16",
}
DIMMINGS: dict[str, str] = {"none": "不调光", "dim": "调光", "tunable": "调光调色温", "scene": "智能场景"}
HOW: dict[str, str] = {
    "signature": "书面签字",
    "email": "电子邮件",
    "wechat": "微信",
    "meeting": "会议纪要",
    "phone": "电话（有录音或回访）",
}
STATES: dict[str, str] = {
    "planned": "已计划",
    "collecting": "调研中",
    "report_draft": "报告待确认",
    "confirmed": "客户已确认",
}

KINDS: dict[str, KindTexts] = {
    "survey": KindTexts(
        title="需求调研",
        labels={
            "number": "编号",
            "revision": "版本",
            "state": "状态",
            "case_id": "项目",
            "customer_id": "客户",
            "customer": "客户",
            "case_title": "项目",
            "owner_id": "调研人",
            "owner": "调研人",
            "reason": "调研原因",
            "method": "方式",
            "planned_on": "计划日期",
            "held_on": "调研日期",
            "people": "访谈对象",
            "scene": "使用场景",
            "scene_undecided": "场景未定的原因",
            "style": "风格偏好",
            "style_undecided": "风格未定的原因",
            "functions": "功能要求",
            "functions_undecided": "功能未定的原因",
            "budget_fen": "预算",
            "budget_undecided": "预算未定的原因",
            "delivery_on": "交货期",
            "delivery_undecided": "交货期未定的原因",
            "total_area_m2": "总面积",
            "notes": "备注",
            "summary": "调研小结",
            "completeness": "完成度",
            "content_hash": "报告指纹",
            "confirmed_by": "确认人",
            "confirmed_on": "确认日期",
            "confirmed_how": "确认方式",
            "spaces": "空间",
            "needs": "需求清单",
            "updated_at": "更新时间",
            "area_m2": "面积",
        },
        choices={
            "reason": REASONS,
            "method": METHODS,
            "state": STATES,
            "confirmed_how": HOW,
            "dimension": DIMENSIONS,
            "glare": GLARES,
            "dimming": DIMMINGS,
        },
        states=STATES,
        actions={"start": "开始调研", "report": "生成调研报告", "confirm": "记录客户确认", "reopen": "重新调研"},
        hints={
            "budget_fen": "灯具含税预算，不含安装；没定就写明原因。",
            "total_area_m2": "客户说的总面积，用来核对各空间之和。",
            "summary": "写进报告开头的几句话：客户要什么，最在意什么。",
            "people": "与谁谈的，姓名和职务。",
        },
    ),
    "survey_space": KindTexts(
        title="空间",
        labels={
            "name": "空间名称",
            "room_type": "房间类型",
            "area_m2": "面积",
            "height_m": "层高",
            "style": "风格",
            "functions": "用途与功能",
            "target_lux": "照度",
            "cct_k": "色温",
            "ra": "显色指数",
            "glare": "统一眩光值",
            "dimming": "调光",
            "budget_fen": "预算",
            "notes": "备注",
        },
        choices={
            "glare": GLARES,
            "dimming": DIMMINGS,
            "room_type": {row.key: row.zh for row in standard().rows.values()},
        },
    ),
    "survey_need": KindTexts(
        title="需求",
        labels={
            "text": "客户的原话",
            "dimension": "方面",
            "space": "空间",
            "weight": "重要程度",
            "core": "核心需求",
            "concern": "关注点",
        },
        choices={"dimension": DIMENSIONS},
    ),
    "survey_report": KindTexts(title="调研报告"),
}

# error code → sentence: what happened, why, what to do now
ERRORS: dict[str, str] = {
    "survey.dimension_open": "“{label}”还没有答案：请填写，或选“客户未定”并写明原因，再生成报告。",
    "survey.no_spaces": "还没有任何空间：请至少加一个空间，再生成报告。",
    "survey.space_twice": "有两个空间都叫“{name}”，请改名以便区分。",
    "survey.need_space_unknown": "需求所属的空间“{name}”不在空间列表里，请重选。",
    "survey.too_many_spaces": "空间太多，最多 {limit} 个；请分成几次调研。",
    "survey.too_many_needs": "需求太多，最多 {limit} 条；请合并相近的需求。",
    "survey.frozen": "{number} 的报告（第 {revision} 版）已生成，内容不再改动。要修改请先“重新调研”，会产生下一版。",
    "survey.confirm_day": "确认日期 {day} 不对：应在报告生成之日（{from}）到今天（{to}）之间。",
    "survey.report_altered": "{number} 第 {revision} 版报告的内容与生成时的指纹不符，可能被改动过，不能打印。请用备份核对。",
}

# What the completeness meter asks for.
ITEMS: dict[str, str] = {
    **{d: w for d, w in DIMENSIONS.items() if d != "other"},
    "spaces": "至少一个空间",
    "space_room_type": "各空间的房间类型",
    "space_area_m2": "各空间的面积",
    "space_height_m": "各空间的层高",
    "space_target_lux": "各空间的照度",
    "space_cct_k": "各空间的色温",
    "space_ra": "各空间的显色指数",
    "space_dimming": "各空间的调光",
    "needs": "需求清单与核心需求",
    "photos": "现场照片",
}
RANK_REASONS: dict[str, str] = {
    "core": "客户标为核心",
    "weight": "重要程度高",
    "area": "涉及大部分面积",
    "derived": "摘自访谈记录",
}
LEAD: dict[str, str] = {
    "stock": "常规产品备货",
    "dim": "调光产品",
    "tunable": "调光调色温产品",
    "scene": "智能场景系统的配置与调试",
    "custom": "定制灯具的打样与生产",
}
# Title and sentence of each finding of the analysis: what contradicts what, and the figures it stands on.
FINDINGS: dict[str, tuple[str, str]] = {
    "budget_short": (
        "预算与需求不符",
        "预算 {budget_fen}（每平方米 ¥{per_m2}）低于按所需照度、显色和调光估算的最低投入约 {estimate_fen}（{area_m2} m²，每平方米 ¥{needed_per_m2}）；占比最大的是“{largest}”（{largest_lux} lx）。",
    ),
    "space_budget_short": (
        "空间预算不足",
        "“{space}”预算 {budget_fen}；{area_m2} m² 要达到 {lux} lx 约需 {lumens} lm，最低投入约 {estimate_fen}。",
    ),
    "space_budgets_exceed": ("空间预算超过总预算", "各空间预算合计 {sum_fen}，比总预算 {budget_fen} 多 {over_fen}。"),
    "delivery_past": ("交货期已过", "要求的交货期 {day} 早于调研日期 {from_day}。"),
    "delivery_soon": (
        "交货期太紧",
        "从 {from_day} 到要求的 {day} 只有 {left} 天；{why}一般需要 {needed} 天。",
    ),
    "area_over": ("面积不符", "各空间面积合计 {sum_m2} m²，超过客户说的总面积 {total_m2} m²（{share}%）。"),
    "area_under": ("还有空间没有调研", "各空间面积合计 {sum_m2} m²，只占总面积 {total_m2} m² 的 {share}%。"),
    "lux_below_standard": (
        "照度低于标准",
        "“{space}”希望 {lux} lx，低于{room_type}的标准值 {required} lx（{source}）。",
    ),
    "lux_far_above": (
        "照度远高于标准",
        "“{space}”希望 {lux} lx，是{room_type}标准值 {required} lx 的 {times} 倍（{source}），功率密度和造价会随之上升。",
    ),
    "ra_below_standard": (
        "显色指数低于标准",
        "“{space}”希望 Ra {ra}，低于{room_type}要求的 Ra {required}（{source}）。",
    ),
    "ugr_above_standard": (
        "眩光要求低于标准",
        "“{space}”接受 UGR {ugr}，而{room_type}要求不超过 {required}（{source}）。",
    ),
    "ugr_ignored": (
        "眩光有标准要求",
        "“{space}”对眩光不作要求，但{room_type}的标准是 UGR 不超过 {required}（{source}）。",
    ),
    "scene_without_dimming": ("想要场景却不调光", "“{space}”提到“{word}”，却选了“不调光”：没有调光做不出场景。"),
    "warm_for_work": (
        "办公作业用暖光",
        "“{space}”（{room_type}）要 {cct} K：偏暖的光不利于长时间作业，一般用 4000 K，或选可调色温。",
    ),
    "cool_for_rest": ("休息空间用冷光", "“{space}”（{room_type}）要 {cct} K：偏冷的光不利于放松，一般用 2700–4000 K。"),
    "ra_for_colour": ("显色与用途不符", "“{space}”提到“{word}”，而显色指数只要 Ra {ra}；建议 Ra 90 以上。"),
    "glare_unset": ("怕刺眼却没有眩光要求", "“{space}”提到“{word}”，却对眩光不作要求：请定一个 UGR。"),
    "high_ceiling": (
        "高空间的维护",
        "“{space}”层高 {height} m：换灯要升降车或脚手架，请问清维护方式，宜选长寿命灯具。",
    ),
    "style_differs": ("空间风格与整体不同", "“{space}”要“{style}”，整体是“{overall}”：请确认是有意为之。"),
}
SEVERITIES: dict[str, str] = {"conflict": "矛盾", "attention": "留意"}


def room_type_name(key: str, lang: Language | None = None) -> str:
    """The room type's name by the standard's table; what was typed where the table has no such row."""
    row = find(key)
    return row.name(lang or language()) if row else key


def finding_title(code: str, lang: Language | None = None) -> str:
    """What a finding is about, in a few words."""
    return tr_in(lang or language(), FINDINGS[code][0])


def finding_text(code: str, values: Mapping[str, Any], lang: Language | None = None) -> str:
    """The sentence of a finding. VALUES as the analysis made them, or as they stand in a frozen report (decimals as text)."""
    chosen = lang or language()
    said = {name: _said(name, value, chosen) for name, value in values.items()}
    return tr_in(chosen, FINDINGS[code][1], **said)


def _said(name: str, value: Any, lang: Language) -> str:
    if name.endswith("_fen"):
        return f"¥{fen_to_yuan(int(value)):,.0f}"
    if name == "room_type":
        return room_type_name(str(value), lang)
    if name == "why":
        return tr_in(lang, LEAD.get(str(value), str(value)))
    if isinstance(value, Decimal) or name in _NUMBERS:
        try:
            whole, _, part = plain(Decimal(str(value))).partition(".")
        except InvalidOperation:
            return str(value)
        return f"{int(whole):,}" + (f".{part}" if part else "")
    return str(value)


# Figures that may be longer than four digits or come back as text from a frozen report.
_NUMBERS = ("lumens", "area_m2", "sum_m2", "total_m2", "per_m2", "needed_per_m2", "height", "times")
