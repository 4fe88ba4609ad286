"""Words of the area cases: phases, next steps and who owes them."""

from __future__ import annotations

from presales_desktop.texts.area import KindTexts

PHASES: dict[str, str] = {
    "inquiry": "咨询",
    "survey": "调研",
    "design": "方案",
    "quote": "报价",
    "contract": "合同",
    "won": "成交",
    "paused": "已暂停",
    "lost": "已流失",
}

NEXT_STEPS: dict[str, str] = {
    "plan_survey": "安排需求调研",
    "hold_survey": "进行需求调研",
    "finish_survey_report": "完成调研报告",
    "confirm_survey": "请客户确认调研报告",
    "start_design": "开始方案设计",
    "finish_design": "完成方案并提交评审",
    "review_design": "评审方案",
    "revise_design": "修改方案",
    "make_quote": "制作报价",
    "submit_quote": "完成报价并提交审核",
    "approve_quote": "审核报价",
    "revise_quote": "修改报价",
    "send_quote": "发送报价",
    "ask_answer": "跟进客户对报价的答复",
    "make_contract": "起草合同",
    "answer_refusal": "回应客户的拒绝：重新报价或结束项目",
    "renew_quote": "报价已失效，重新报价",
    "submit_contract": "完成合同并提交审核",
    "approve_contract": "审核合同",
    "revise_contract": "修改合同",
    "send_contract": "把合同送给客户签署",
    "sign_contract": "等客户签署合同",
    "approve_exception": "审批信用例外",
    "assess_credit": "评估客户信用",
    "reassess_credit": "信用等级即将到期或已过期，申请重新评估",
    "plan_payment_due": "客户付款到期",
    "plan_delivery_due": "交货到期",
    "plan_acceptance_due": "验收到期",
    "resume": "恢复项目",
    "manual": "",
}

WHO: dict[str, str] = {
    "owner": "负责人",
    "designer": "设计师",
    "customer": "客户",
    "finance": "财务",
    "superior": "上级",
    "legal": "法务",
    "sales": "销售主管",
    "review": "评审人",
}

KINDS: dict[str, KindTexts] = {
    "case": KindTexts(
        title="项目",
        labels={
            "number": "编号",
            "title": "项目名称",
            "customer_id": "客户",
            "customer": "客户",
            "site_id": "项目地址",
            "site": "项目地址",
            "building_type": "项目类型",
            "expected_amount_fen": "预计金额",
            "amount_fen": "金额",
            "expected_on": "预计成交日",
            "owner_id": "负责人",
            "owner": "负责人",
            "designer_id": "设计师",
            "designer": "设计师",
            "next_step": "下一步（手动）",
            "next_due_on": "期限（手动）",
            "next_action": "下一步",
            "next_who": "由谁",
            "next_due": "期限",
            "status": "状态",
            "phase": "阶段",
            "outcome_reason": "成交或流失原因",
            "notes": "备注",
            "updated_at": "更新时间",
            "created_at": "创建时间",
        },
        choices={
            "status": {"open": "进行中", "paused": "已暂停", "won": "已成交", "lost": "已流失"},
            "phase": PHASES,
            "next_action": NEXT_STEPS,
            "next_who": WHO,
            "building_type": {
                "hotel": "酒店",
                "restaurant": "餐饮",
                "retail": "零售",
                "office": "办公",
                "villa": "别墅",
                "apartment": "住宅",
                "exhibition": "展厅",
                "school": "学校",
                "hospital": "医院",
                "factory": "厂房",
                "outdoor": "户外",
                "other": "其他",
            },
        },
        states={"open": "进行中", "paused": "已暂停", "won": "已成交", "lost": "已流失"},
        actions={
            "pause": "暂停",
            "resume": "恢复",
            "win": "标记成交",
            "lose": "标记流失",
            "reopen": "重新打开",
            "assign": "转交",
        },
        hints={
            "next_step": "留空则按项目进展自动计算",
            "next_due_on": "留空则自动计算",
            "expected_amount_fen": "有报价或合同后以其金额为准",
        },
    ),
}

# error code → sentence: what happened, why, what to do now
ERRORS: dict[str, str] = {
    "case.customer_unknown": "所选客户已不存在，请重新选择。",
    "case.customer_fixed": "这个项目已有报价或合同，不能改换客户。请为另一客户新建项目。",
    "case.site_other_customer": "所选地址不属于这个客户，请重新选择。",
    "case.person_unknown": "所选人员已不存在，请重新选择。",
    "case.signed": "项目 {number} 已有签署的合同，不能暂停、重新打开或标记流失。",
    "case.due_unknown": "期限没有“{found}”这个筛选，可用：{known}。",
}
