"""Words of price changes: the market, repricing by rule, letters to customers."""

from __future__ import annotations

from presales_desktop.texts.area import KindTexts
from presales_desktop.texts.catalogue import KINDS as CATALOGUE

TYPES: dict[str, str] = {"material": "原材料", "competitor": "竞争对手"}
METHODS: dict[str, str] = {"percent": "按比例调整", "amount": "按金额调整", "cost_plus": "按成本加成"}
ROUNDINGS: dict[str, str] = {"1": "到分", "10": "到角", "100": "到元", "1000": "到十元"}
STATES: dict[str, str] = {"draft": "草稿", "applied": "已执行", "rolled_back": "已撤回", "cancelled": "已取消"}
NOTICE_STATES: dict[str, str] = {"drafted": "待发送", "sent": "已发送", "withdrawn": "不发送"}
VIA: dict[str, str] = {"email": "邮件", "wechat": "微信", "print": "纸质", "phone": "电话"}

KINDS: dict[str, KindTexts] = {
    "price_event": KindTexts(
        title="市场动态",
        labels={
            "type": "类别",
            "subject": "对象",
            "observed_on": "日期",
            "value": "数值",
            "unit": "单位",
            "source": "来源",
            "notes": "说明",
            "change_percent": "较上次（%）",
            "made_by": "记录人",
            "files": "文件",
        },
        choices={"type": TYPES},
        actions={"created": "记录市场动态", "changed": "更正市场动态"},
        hints={"subject": "原材料或竞争对手产品的名称；同一对象用同一名称，才能算出涨跌"},
    ),
    "price_change": KindTexts(
        title="调价",
        labels={
            "number": "编号",
            "state": "状态",
            "title": "名称",
            "event_id": "依据的市场动态",
            "category": "品类",
            "brand": "品牌",
            "series": "系列",
            "method": "方式",
            "percent": "比例",
            "amount_fen": "金额",
            "rounding": "取整",
            "breaks": "包括数量折扣价",
            "effective_on": "生效日期",
            "reason": "理由",
            "made_by": "制定人",
            "updated_at": "更新时间",
            "applied_at": "执行时间",
            "prices": "价格条数",
            "average_percent": "平均涨跌（%）",
            "below_floor": "低于底价",
            "exposed": "受影响的有效报价",
            "days": "按到期日",
            "day": "到期日",
            "quotes": "报价单",
            "at_stake_fen": "差额",
            "notices": "通知函",
            "notices_sent": "已发送通知函",
        },
        choices={"category": CATALOGUE["product"].choices["category"], "method": METHODS, "rounding": ROUNDINGS},
        states=STATES,
        actions={
            "apply": "执行调价",
            "roll_back": "撤回调价",
            "cancel": "取消",
            "created": "制定调价",
            "changed": "修改调价",
            "applied": "执行调价",
            "rolled_back": "撤回调价",
            "cancelled": "取消调价",
        },
        hints={"category": "不选品类、品牌和系列时，调整全部在售产品"},
    ),
    "price_notice": KindTexts(
        title="调价通知函",
        labels={
            "state": "状态",
            "change_id": "调价",
            "customer_id": "客户",
            "owner_id": "负责人",
            "title": "标题",
            "body": "正文",
            "via": "发送方式",
            "recipient": "收件人",
            "sent_on": "发送日期",
            "change": "调价",
            "customer": "客户",
            "owner": "负责人",
            "updated_at": "更新时间",
        },
        choices={"via": VIA},
        states=NOTICE_STATES,
        actions={
            "send": "登记发送",
            "withdraw": "不发送",
            "created": "起草调价通知函",
            "changed": "修改调价通知函",
            "sent": "发送调价通知函",
            "withdrawn": "不发送调价通知函",
        },
    ),
}

ERRORS: dict[str, str] = {
    "price_change.no_figure": "请填写{label}。",
    "price_change.frozen": "{number} 已经执行或取消，不能再修改。需要时另外制定调价。",
    "price_change.past": "{number} 的生效日期已过。请改为今天或以后再执行。",
    "price_change.nothing": "{number} 没有要改变的价格。请检查范围、比例和取整。",
    "price_change.not_applied": "{number} 还没有执行。执行后再起草通知函。",
    "price_notice.sent": "通知函已经发送或不发送，不能再修改。",
    "price_notice.frozen": "通知函已经发送或不发送，不能再修改。",
}
