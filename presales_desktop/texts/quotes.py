"""Words of the area quotes, of approvals and of printed documents."""

from __future__ import annotations

from presales_desktop.texts.area import KindTexts

KINDS: dict[str, KindTexts] = {}

# step of an approval → its word
STEPS: dict[str, str] = {
    "finance": "财务审核",
    "superior": "上级审核",
    "legal": "法务审核",
    "sales": "业务审核",
}

# verdict of a decision → its word
VERDICTS: dict[str, str] = {"approve": "通过", "return": "退回", "reject": "驳回"}

# error code → sentence: what happened, why, what to do now
ERRORS: dict[str, str] = {
    "approval.not_waiting": "{kind} {number} 现在不在审核中，不能审批；请刷新后查看它的状态。",
    "approval.content_changed": "{kind} {number} 的内容和您看到的不一样了，审批没有记录；请重新打开后再审。",
    "approval.comment_required": "退回或驳回要写明原因，对方才知道改什么。",
    "approval.step_unknown": "没有“{step}”这个审批步骤，可用：{known}。",
    "approval.decided": "这个审批步骤已经有人审过，不能重复审批。",
    "approval.author": "{user}是编制人或提交人，不能审批自己的单据；请由他人审批。",
    "approval.same_person": "{user}已审过另一个步骤；同一人不能审两个步骤，请由他人审批。",
    "approval.not_superior": "这个步骤由提交人的上级审批，{user}不是他的上级。",
    "report.glyph_missing": "字体里没有这些字：{chars}（在“{text}”中）。为免印漏，文件没有生成；请换用常用字后重试。",
    "report.unknown": "{kind}不能生成这种文件：{file}。可用的文件类型：{known}。",
}
