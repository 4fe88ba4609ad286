"""Words of the area quotes, of approvals and of printed documents."""

from __future__ import annotations

from presales_desktop.texts.area import KindTexts

_LINE_LABELS = {
    "type": "行类型",
    "room": "区域",
    "variant_id": "产品",
    "sku": "产品编码",
    "name": "产品名称",
    "model": "规格型号",
    "spec": "技术参数",
    "unit": "单位",
    "quantity": "数量",
    "list_price_fen": "目录价",
    "unit_price_fen": "单价",
    "discount_percent": "折扣",
    "amount_fen": "金额",
    "lead_days": "交货天数",
    "image_sha256": "图片",
    "note": "备注",
    "attention": "待核对",
}
_LINE_CHOICES = {
    "type": {
        "item": "产品",
        "option": "可选项",
        "alternative": "替代项",
        "section": "区域",
        "subtotal": "小计",
        "note": "说明",
        "internal_note": "内部备注",
    },
    "attention": {"unmatched": "目录里没有", "ambiguous": "有多个规格", "no_price": "没有目录价"},
}
_LINE = KindTexts("报价行", labels=_LINE_LABELS, choices=_LINE_CHOICES)

KINDS: dict[str, KindTexts] = {
    "quote": KindTexts(
        title="报价单",
        labels={
            **_LINE_LABELS,
            "number": "报价单号",
            "revision": "版本",
            "label": "报价单号",
            "state": "状态",
            "title": "项目名称",
            "case_id": "售前项目",
            "case": "售前项目",
            "customer_id": "客户",
            "customer": "客户",
            "contact_id": "联系人",
            "design_id": "设计方案",
            "owner_id": "报价人",
            "owner": "报价人",
            "currency": "币种",
            "tax_included": "单价含税",
            "tax_rate": "税率",
            "discount_percent": "折扣",
            "discount_fen": "优惠金额",
            "freight_fen": "运费",
            "installation_fen": "安装费",
            "total_fen": "合计",
            "valid_until": "有效期至",
            "delivery": "交货期",
            "delivery_place": "交货地点",
            "payment": "付款方式",
            "warranty": "质保",
            "notes": "说明",
            "internal_notes": "内部备注",
            "lines": "明细",
            "on": "日期",
            "reason": "原因",
            "comment": "意见",
            "via": "发送方式",
            "recipient": "收件人",
            "unit_cost_fen": "单位成本",
        },
        choices={
            **_LINE_CHOICES,
            "currency": {"CNY": "人民币"},
            "via": {"email": "邮件", "wechat": "微信", "print": "纸质", "other": "其他"},
        },
        states={
            "draft": "草稿",
            "submitted": "审核中",
            "approved": "已通过",
            "returned": "已退回",
            "rejected": "已驳回",
            "sent": "已发送",
            "accepted": "客户已接受",
            "declined": "客户已拒绝",
            "expired": "已过期",
            "withdrawn": "已撤回",
            "superseded": "已被新版取代",
            "cancelled": "已取消",
        },
        actions={
            "submit": "提交审核",
            "approve": "通过",
            "return": "退回",
            "reject": "驳回",
            "revise": "修订",
            "send": "发送客户",
            "accept": "客户接受",
            "decline": "客户拒绝",
            "withdraw": "撤回",
            "expire": "标为过期",
            "cancel": "取消",
        },
        hints={
            "discount_percent": "按明细合计打的折扣，例如 5% 表示减 5%",
            "discount_fen": "在折扣之后再减去的金额",
            "valid_until": "到这一天为止，已发送的报价对公司有约束力",
            "internal_notes": "只给同事看，不印在报价单上，也不影响审批",
        },
    ),
    "quote_line": _LINE,
    "line": _LINE,
}

# step of an approval → its word
STEPS: dict[str, str] = {
    "finance": "财务审核",
    "superior": "上级审核",
    "legal": "法务审核",
    "sales": "业务审核",
}

# verdict of a decision → its word
VERDICTS: dict[str, str] = {"approve": "通过", "return": "退回", "reject": "驳回"}

# margin band of a submitted quote → its word
BANDS: dict[str, str] = {"good": "毛利充足", "watch": "毛利偏低或有未知成本", "bad": "毛利低于底线"}

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
    "printing.unavailable": "这里不能打印{kind}，文件没有生成；请在窗口中或用命令行操作。",
    "quote.frozen": "{number} 已提交，内容不能再改；请用“修订”生成下一版。",
    "quote.sku_unknown": "第 {n} 行的产品编码“{sku}”在目录里没有，或对应多个规格；请核对编码，或留空并填写名称。",
    "quote.line_name": "第 {n} 行没有产品名称，请填写或从目录选择。",
    "quote.line_quantity": "第 {n} 行的数量要大于 0。",
    "quote.line_unpriced": "第 {n} 行“{name}”还没有单价；请选择目录产品或填写单价。",
    "quote.contact_of_other": "联系人不属于这个客户，请重新选择。",
    "quote.discount_too_large": "折扣和优惠合起来超过了明细合计，请减小。",
    "quote.no_items": "报价单里还没有产品，请先添加明细再提交。",
    "quote.validity_missing": "请填写有效期：发出的报价在有效期内对公司有约束力。",
    "quote.validity_past": "有效期 {day} 已经过去，请改成今天或以后。",
    "quote.not_approved": "{number} 还没有通过财务和上级的审核，不能发送给客户。",
    "quote.altered": "{number} 现在的内容与提交时不一致，审批对它无效；请修订后重新提交。",
    "quote.expired": "有效期 {day} 已过，不能再发送或接受；请修订一版并重新审核。",
    "quote.not_expired": "{number} 的有效期到 {day}，还没有过期。",
    "quote.newer_sent": "新版 {newer} 已经发给客户，{number} 不能再发送。",
    "quote.newer_open": "{number} 已有新版 {newer}，请在新版上继续。",
    "quote.stale": "审核通过后成本有了较大变化，{number} 的审批已失效；请修订后重新提交审核。",
    "quote.file_not_pdf": "发送给客户的文件应是 PDF。",
    "quote.answer_day": "日期 {day} 不对：应在发送之后，且不晚于今天。",
    "quote.not_accepted": "{number} 还没有被客户接受，不能据此拟合同。",
    "quote.cost_not_now": "只有审核中的报价可以补充成本。",
    "quote.cost_known": "“{name}”已有成本，不能再改。",
    "quote.list_columns": "没有找到产品名称或型号的列（第 {line} 行的表头：{found}）。请指定各列的用途。",
    "quote.design_not_passed": "所用设计方案 {design} 还没有通过内部评审，{number} 不能发送给客户；请先完成评审，或改用已通过的版本。",
    "quote.design_of_other": "这份报价依据的方案 {design} 属于售前项目 {case}；请选回这个项目，或从本项目的方案重新生成报价。",
}
