"""What the journal's short words mean to a reader: "submitted" → 提交审核, with the icon and tone that a timeline gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from presales_desktop.texts import lookup, tr

# action in the journal → (words, icon, tone)
_EVENTS: Mapping[str, tuple[str, str, str]] = {
    "created": ("已新建", "plus", "neutral"),
    "changed": ("已修改", "pencil", "neutral"),
    "saved": ("已保存", "save", "neutral"),
    "imported": ("已导入", "import", "neutral"),
    "removed": ("已删除", "trash-2", "neutral"),
    "merged": ("已合并", "merge", "neutral"),
    "assigned": ("已转交", "user-check", "neutral"),
    "submitted": ("提交了审核", "send", "accent"),
    "withdrawn": ("已撤回", "undo-2", "neutral"),
    "approved": ("审核通过", "circle-check", "good"),
    "approved_with_notes": ("有条件通过", "circle-check", "good"),
    "returned": ("退回修改", "undo-2", "bad"),
    "revise": ("要求修改", "undo-2", "bad"),
    "rejected": ("已驳回", "circle-x", "bad"),
    "decision.approve": ("审批通过", "circle-check", "good"),
    "decision.return": ("审批退回", "undo-2", "bad"),
    "decision.reject": ("审批驳回", "circle-x", "bad"),
    "decision.void": ("审批意见未生效", "circle-x", "amber"),
    "revised": ("新建了修订版", "git-branch", "neutral"),
    "sent": ("已发送客户", "mail", "accent"),
    "accepted": ("客户已接受", "handshake", "good"),
    "declined": ("客户未接受", "thumbs-down", "bad"),
    "expired": ("已过期", "clock", "amber"),
    "superseded": ("已被新版取代", "layers", "neutral"),
    "cancelled": ("已取消", "ban", "neutral"),
    "started": ("已开始", "play", "neutral"),
    "collected": ("已完成收集", "clipboard-check", "neutral"),
    "reported": ("已生成报告", "file-text", "neutral"),
    "confirmed": ("客户已确认", "circle-check", "good"),
    "reopened": ("已重新打开", "rotate-ccw", "amber"),
    "printed": ("已打印", "printer", "neutral"),
    "attached": ("已添加文件", "paperclip", "neutral"),
    "out_for_signature": ("已送签", "pencil", "accent"),
    "signed": ("已签订", "signature", "good"),
    "settled": ("付款或交付已登记", "calendar-days", "good"),
    "unsettled": ("已撤回付款或交付登记", "rotate-ccw", "amber"),
    "won": ("已赢单", "trophy", "good"),
    "lost": ("已丢单", "flag", "bad"),
    "paused": ("项目已暂停", "pause", "amber"),
    "resumed": ("项目已恢复", "play", "neutral"),
    "next_step": ("已更新下一步", "list-checks", "neutral"),
    "price_set": ("已定价", "tag", "neutral"),
    "cost_set": ("已更新成本", "tag", "neutral"),
    "discontinued": ("已停产", "ban", "amber"),
    "reactivated": ("已恢复销售", "play", "neutral"),
}


def event(kind: str, action: str) -> tuple[str, str, str]:
    """(words, icon, tone) of a journal action on a KIND; the area's own word wins over the common one."""
    words, icon, tone = _EVENTS.get(action, ("", "circle-dot", "neutral"))
    own = lookup.action(kind, action)
    if own != action or not words:
        return own, icon, tone
    return tr(words), icon, tone


def event_detail(kind: str, detail: Mapping[str, Any]) -> str:
    """The human part of an event's detail: the reason or remark, and the step of an approval."""
    parts = []
    if "ruling" in detail:
        return lookup.sentence(str(detail["ruling"]), dict(detail.get("values") or {}), kind=kind)
    step = detail.get("step")
    if isinstance(step, str) and step:
        parts.append(step_word(step))
    if detail.get("behalf"):
        parts.append(tr("代 {principal}", principal=str(detail["behalf"])))
    for key in ("reason", "comment", "note", "to", "recipient", "next_step", "name"):
        value = detail.get(key)
        if isinstance(value, str) and value.strip():
            parts.append(value.strip())
    return " · ".join(parts)


# Steps of what is neither a quote nor a contract.
_STEPS = {"review": "方案评审", "management": "管理层"}


def step_word(step: str) -> str:
    """The word of an approval's step: finance → 财务审核."""
    from presales_desktop.texts import quotes

    return tr(_STEPS.get(step) or quotes.STEPS.get(step, step))


_GIVEN = {"approve": "已通过", "return": "已退回", "reject": "已驳回"}


def verdict_word(verdict: str) -> str:
    """The word of a verdict that was given: approve → 已通过. Not the button's verb."""
    return tr(_GIVEN.get(verdict, verdict))


KIND_ICONS: Mapping[str, str] = {
    "customer": "building-2",
    "contact": "contact",
    "case": "briefcase",
    "survey": "clipboard-list",
    "product": "lamp-ceiling",
    "variant": "lamp-ceiling",
    "design": "drafting-compass",
    "quote": "receipt-text",
    "contract": "signature",
    "user": "user",
    "delegation": "user-check",
    "credit": "shield-check",
    "price_change": "percent",
    "price_event": "chart-line",
    "price_notice": "mail",
    "credit_exception": "shield-alert",
    "credit_scheme": "sliders-horizontal",
}


def kind_icon(kind: str) -> str:
    """The icon that stands for a kind everywhere."""
    return KIND_ICONS.get(kind, "file-text")
