"""Words of contracts and the clause library."""

from __future__ import annotations

from presales_desktop.texts.area import KindTexts

PARTS: dict[str, str] = {
    "parties": "当事人名称和住所",
    "subject": "标的",
    "quantity": "数量",
    "quality": "质量",
    "price": "价款",
    "performance": "履行期限、地点和方式",
    "breach": "违约责任",
    "disputes": "争议解决方法",
}
# The same in a chip.
PARTS_SHORT: dict[str, str] = {
    "parties": "当事人",
    "subject": "标的",
    "quantity": "数量",
    "quality": "质量",
    "price": "价款",
    "performance": "履行",
    "breach": "违约",
    "disputes": "争议",
}
STATES: dict[str, str] = {
    "draft": "起草中",
    "submitted": "审核中",
    "approved": "已批准",
    "returned": "已退回",
    "rejected": "已否决",
    "out_for_signature": "签署中",
    "signed": "已签订",
    "superseded": "已被新版取代",
    "cancelled": "已取消",
}
STEPS: dict[str, str] = {"legal": "法务审核", "sales": "销售审核", "finance": "财务审核"}
VIA: dict[str, str] = {"email": "电子邮件", "wechat": "微信", "print": "纸质", "other": "其他"}
PICKS: dict[str, str] = {
    "always": "总是选用",
    "deposit": "收取定金时",
    "prepayment": "收取预付款时",
    "installation": "含安装时",
    "design": "含照明设计时",
    "": "按需选用",
}
PARTY: dict[str, str] = {
    "name": "名称",
    "uscc": "统一社会信用代码",
    "address": "住所",
    "legal_representative": "法定代表人",
    "agent": "委托代理人",
    "phone": "电话",
    "email": "电子邮箱",
    "bank": "开户银行",
    "account": "账号",
}
SIDES: dict[str, str] = {"buyer": "甲方（买方）", "seller": "乙方（卖方）"}

_HEAD: dict[str, str] = {
    "number": "合同编号",
    "revision": "版本",
    "state": "状态",
    "title": "合同名称",
    "quote_id": "依据的报价单",
    "quote_number": "报价单",
    "case_id": "项目",
    "case_title": "项目",
    "customer_id": "客户",
    "customer": "客户",
    "owner_id": "负责人",
    "owner": "负责人",
    "sign_place": "签订地点",
    "sign_on": "签订日期",
    "copies": "份数",
    "deposit_fen": "定金",
    "prepayment_fen": "预付款",
    "total_fen": "合同总价",
    "notes": "内部备注",
    "content_hash": "内容指纹",
    "submitted_at": "提交时间",
    "signed_on": "签订日",
    "signed_by": "客户签署人",
    "clauses": "条款",
    "updated_at": "更新时间",
}

KINDS: dict[str, KindTexts] = {
    "contract": KindTexts(
        title="合同",
        labels=_HEAD | {f"{side}_{name}": word for side in SIDES for name, word in PARTY.items()},
        choices={"state": STATES, "part": PARTS, "via": VIA, "step": STEPS},
        states=STATES,
        actions={
            "submit": "提交审核",
            "approve": "批准",
            "return": "退回",
            "reject": "否决",
            "revise": "修订为新版本",
            "send": "送签",
            "sign": "登记签订",
            "cancel": "取消合同",
        },
        hints={
            "deposit_fen": "定金有担保性质：违约方丧失或双倍返还，不得超过总价的 20%。",
            "prepayment_fen": "预付款是价款的一部分，没有担保性质，合同解除时应返还。",
            "copies": "双方各执一半，一般为 4 份。",
            "sign_place": "起诉时由签订地法院管辖。",
            "notes": "只给同事看，不进入合同正文。",
        },
    ),
    "contract_clause": KindTexts(
        title="条款",
        labels={
            "heading": "条款标题",
            "body": "条款内容",
            "part": "对应的必备内容",
            "key": "条款库编号",
            "edition": "条款库版次",
        },
        choices={"part": PARTS},
    ),
    "clause": KindTexts(
        title="条款库",
        states={"in_use": "在用", "retired": "已停用"},
        actions={"retire": "停用", "restore": "恢复使用"},
        hints={
            "key": "条款在各版次中不变的名字",
            "body": "空格写成【名称】，起草合同时自动填写",
            "body_en": "只作参考，以中文为准",
            "pick": "新合同在什么情形下自动选用这一条",
        },
        labels={
            "state": "状态",
            "contracts": "使用的合同",
            "updated_at": "更新时间",
            "key": "编号",
            "edition": "版次",
            "heading": "标题",
            "body": "内容",
            "heading_en": "英文标题",
            "body_en": "英文参考译文",
            "part": "对应的必备内容",
            "pick": "何时自动选用",
            "use_when": "适用情形",
            "owner": "归口部门",
            "active": "在用",
        },
        choices={"part": PARTS, "pick": PICKS, "state": {"in_use": "在用", "retired": "已停用"}},
    ),
}

# error code → sentence: what happened, why, what to do now
ERRORS: dict[str, str] = {
    "contract.quote_missing": "合同必须依据一份客户已接受的报价单：请先选择报价单。",
    "contract.quote_used": "这份报价单已有合同 {number}，不能再建一份；请打开那份合同，或先取消它。",
    "contract.frozen": "{number} 已提交，内容不再改动。要修改请“修订为新版本”，审核会重新进行。",
    "contract.altered": "{number} 的内容与提交时的指纹不符，可能被改动过；不能继续，请修订为新版本重新审核。",
    "contract.newer_open": "{number} 已有更新的版本 {newer}，请在那一版上修改。",
    "contract.not_approved": "{number} 还没有获得法务、销售和财务三方批准，不能送签或签订。请先提交审核并等待批准。",
    "contract.no_clauses": "合同还没有任何条款：请从条款库插入。",
    "contract.too_many_clauses": "条款太多，最多 {limit} 条；请合并。",
    "contract.part_parties_missing": "缺少必备内容“当事人名称和住所”：请填写甲乙双方的名称和住所。",
    "contract.part_subject_missing": "缺少必备内容“标的”：报价单里没有产品，请换一份报价单。",
    "contract.part_quantity_missing": "缺少必备内容“数量”：标的表里有产品没有数量，请修订报价单。",
    "contract.part_quality_missing": "缺少必备内容“质量”：请从条款库插入质量标准条款。",
    "contract.part_price_missing": "缺少必备内容“价款”：合同总价为零，请检查报价单。",
    "contract.part_performance_missing": "缺少必备内容“履行期限、地点和方式”：请从条款库插入交货条款。",
    "contract.part_breach_missing": "缺少必备内容“违约责任”：请从条款库插入违约责任条款。",
    "contract.part_disputes_missing": "缺少必备内容“争议解决方法”：请从条款库插入诉讼或仲裁条款。",
    "contract.deposit_over": "定金 {deposit} 超过合同总价的 20%（上限 {limit}）：超过部分没有定金的效力。请减少定金，其余写作预付款。",
    "contract.prepayment_over": "定金与预付款之和超过合同总价 {total}，请减少。",
    "contract.deposit_without_clause": "填写了定金，但没有定金条款：请从条款库插入“定金”，写明定金罚则。",
    "contract.prepayment_without_clause": "填写了预付款，但条款里没有提到：请从条款库插入“预付款”。",
    "contract.blank_left": "第 {n} 条“{heading}”还有没填的空：{names}。请填写，没有的写“无”。",
    "contract.clauses_exclude": "“{first}”和“{second}”互相排斥，只能保留一条。",
    "contract.clause_twice": "条款“{heading}”出现了两次，请删去一条。",
    "contract.clause_key_taken": "条款库里已有编号“{key}”，请换一个，或修改原条款。",
    "contract.sign_day": "签订日 {day} 不对：应在送签之日（{from}）到今天（{to}）之间。",
    "contract.file_not_pdf": "送签的文件不是 PDF，请用本程序打印的合同。",
    "contract.credit_new": "{customer} 是首次签约的客户，还没有信用评级：签约前请财务或信用管理部门评估。",
    "contract.credit_unknown": "{customer} 没有有效的信用评级：签约前请财务或信用管理部门评估。",
    "contract.wrong_deposit_word": "第 {n} 条写的是“订金”：订金没有定金的担保效力，请确认用“定金”还是“预付款”。",
    "contract.party_incomplete": "{label}没有填写，签订前请补齐。",
    "contract.no_warranty": "报价单没有写质保期，质保条款会留空。",
}
