"""What the journal's short words mean to a reader: "submitted" → 提交审核, with the icon and tone that a timeline gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from presales_desktop.texts import lookup, tr

# action in the journal → (words, icon, tone)
_EVENTS: Mapping[str, tuple[str, str, str]] = {
    "created": ("新建", "plus", "neutral"),
    "changed": ("修改", "pencil", "neutral"),
    "saved": ("保存", "save", "neutral"),
    "imported": ("导入", "import", "neutral"),
    "removed": ("删除", "trash-2", "neutral"),
    "merged": ("合并", "merge", "neutral"),
    "assigned": ("转交", "user-check", "neutral"),
    "submitted": ("提交审核", "send", "accent"),
    "withdrawn": ("撤回", "undo-2", "neutral"),
    "approved": ("审核通过", "circle-check", "good"),
    "approved_with_notes": ("有条件通过", "circle-check", "good"),
    "returned": ("退回修改", "undo-2", "bad"),
    "revise": ("要求修改", "undo-2", "bad"),
    "rejected": ("驳回", "circle-x", "bad"),
    "decision.approve": ("通过", "circle-check", "good"),
    "decision.return": ("退回", "undo-2", "bad"),
    "decision.reject": ("驳回", "circle-x", "bad"),
    "revised": ("新建修订版", "git-branch", "neutral"),
    "sent": ("发送客户", "mail", "accent"),
    "accepted": ("客户接受", "handshake", "good"),
    "declined": ("客户未接受", "thumbs-down", "bad"),
    "expired": ("过期", "clock", "amber"),
    "superseded": ("被新版取代", "layers", "neutral"),
    "cancelled": ("作废", "ban", "neutral"),
    "started": ("开始", "play", "neutral"),
    "collected": ("完成收集", "clipboard-check", "neutral"),
    "reported": ("生成报告", "file-text", "neutral"),
    "confirmed": ("客户确认", "circle-check", "good"),
    "reopened": ("重新打开", "rotate-ccw", "amber"),
    "printed": ("打印", "printer", "neutral"),
    "attached": ("添加文件", "paperclip", "neutral"),
    "out_for_signature": ("送签", "pencil", "accent"),
    "signed": ("签订", "signature", "good"),
    "won": ("赢单", "trophy", "good"),
    "lost": ("丢单", "flag", "bad"),
    "paused": ("暂停", "pause", "amber"),
    "resumed": ("恢复", "play", "neutral"),
    "next_step": ("更新下一步", "list-checks", "neutral"),
    "price_set": ("定价", "tag", "neutral"),
    "cost_set": ("更新成本", "tag", "neutral"),
    "discontinued": ("停产", "ban", "amber"),
    "reactivated": ("恢复销售", "play", "neutral"),
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
    step = detail.get("step")
    if isinstance(step, str) and step:
        parts.append(step_word(step))
    for key in ("reason", "comment", "note", "to", "recipient", "next_step"):
        value = detail.get(key)
        if isinstance(value, str) and value.strip():
            parts.append(value.strip())
    return " · ".join(parts)


def step_word(step: str) -> str:
    """The word of an approval's step: finance → 财务审核."""
    from presales_desktop.texts import quotes

    return tr(quotes.STEPS.get(step, step))


def verdict_word(verdict: str) -> str:
    """The word of a verdict: approve → 通过."""
    from presales_desktop.texts import quotes

    return tr(quotes.VERDICTS.get(verdict, verdict))


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
}


def kind_icon(kind: str) -> str:
    """The icon that stands for a kind everywhere."""
    return KIND_ICONS.get(kind, "file-text")
