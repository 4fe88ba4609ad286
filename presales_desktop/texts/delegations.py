"""Words of delegations: who decides in whose place."""

from __future__ import annotations

from presales_desktop.texts.area import KindTexts
from presales_desktop.texts.core import tr

RIGHTS: dict[str, str] = {
    "quote.finance": "报价单的财务审核",
    "quote.superior": "报价单的上级审批",
    "contract.legal": "合同的法务审核",
    "contract.sales": "合同的业务审核",
    "contract.finance": "合同的财务审核",
}

PHASES: dict[str, str] = {"planned": "未开始", "running": "生效中", "over": "已结束", "revoked": "已收回"}

KINDS: dict[str, KindTexts] = {
    "delegation": KindTexts(
        title="审批委托",
        labels={
            "delegate_id": "受托人",
            "rights": "委托事项",
            "from_day": "开始日期",
            "to_day": "结束日期",
            "reason": "事由",
            "principal": "委托人",
            "delegate": "受托人",
            "phase": "阶段",
            "mine": "由我委托",
            "revoked_at": "收回时间",
        },
        choices={"rights": RIGHTS, "phase": PHASES},
        states={"standing": "有效", "revoked": "已收回"},
        actions={"revoke": "收回委托", "created": "委托审批", "revoked": "收回委托"},
    )
}

ERRORS: dict[str, str] = {
    "delegation.nobody": "请选择一位在职的同事作为受托人。",
    "delegation.oneself": "不能委托给自己。",
    "delegation.not_yours": "您没有“{right}”这项审批权，不能委托别人。",
    "delegation.sees_too_little": "{user} 只能看到自己的客户，不能代为审批。请委托能看到全部客户的同事。",
    "delegation.sees_no_costs": "{user} 不能查看成本，不能代为做财务审核。请委托财务、信用或管理层的同事。",
    "delegation.period": "结束日期不能早于开始日期，也不能早于今天。",
    "delegation.too_long": "一次最多委托 {days} 天。长期代理请由管理员调整岗位。",
    "delegation.fixed": "委托建立后不能修改。请收回后重新委托。",
    "delegation.revoked": "这项委托已经收回。",
    "approval.no_mandate": "没有人委托您做这项审批。",
    "ruling.no_mandate": "审批时没有有效的委托（未开始、已结束或已收回），没有生效。",
    "judge.no_mandate": "没有人委托过您做这项审批，服务器没有接受。",
    "judge.delegation": "委托只能由本人建立，由本人或管理员收回。",
}


def in_place_of(name: str, principal: str) -> str:
    """NAME as journals and approvals show who decided: with whose place it was in, where it was not his own."""
    return tr("{name}（代 {principal}）", name=name, principal=principal) if principal else name
