"""Words of the server's judgement: why a change was refused, why a decision has no effect."""

from __future__ import annotations

from presales_desktop.texts.area import KindTexts

KINDS: dict[str, KindTexts] = {
    "decision": KindTexts(title="审批意见"),
    "ruling": KindTexts(title="审批效力"),
    "send_record": KindTexts(title="发送记录"),
    "audit_event": KindTexts(title="动态记录"),
    "company_fact": KindTexts(title="公司资料"),
    "quote_line_cost": KindTexts(title="报价明细成本"),
    "quote_light": KindTexts(title="利润提示"),
    "file_receipt": KindTexts(title="附件回执"),
}

# Why a decision that was made offline has no effect; both sides read it beside the decision.
RULINGS: dict[str, str] = {
    "ruling.content": "这条意见针对第 {revision} 版当时的内容，{number} 的内容已不同，因此不生效。",
    "ruling.not_waiting": "意见送达时 {number} 已不在待审批状态，因此不生效。最新版本为 {newer}。",
    "ruling.decided": "同一环节已由 {by} 先作出意见，这条不再生效。",
    "ruling.right": "意见送达时 {user} 已没有此环节的审批权限，因此不生效。",
    "ruling.author": "编制人不能审批自己的单据，这条意见不生效。",
    "ruling.same_person": "两个环节须由不同的人审批，{user} 已审批过另一环节，这条不生效。",
    "ruling.not_superior": "意见送达时 {user} 已不是编制人的上级，因此不生效。",
    "ruling.altered": "{number} 的内容与提交时不一致，审批不生效。请退回并修订。",
    "ruling.cost_drift": "自 {number} 提交以来成本变动超过公司规定，同意不生效。请退回，按新成本修订。",
}

ERRORS: dict[str, str] = {
    "judge.who": "您的账号已停用，修改没有被接受。",
    "judge.server_only": "这项内容只能由服务器填写，修改没有被接受。",
    "judge.append_only": "这类记录只增不改，修改没有被接受。",
    "judge.history": "价格、成本和条款保留历史，只能新增，不能改动已有的记录。",
    "judge.no_delete": "这类记录不能删除。不再使用的请归档、作废或停用。",
    "judge.out_of_reach": "这条记录不在您的负责范围内，修改没有被接受。可能已转交他人，请与新的负责人联系。",
    "judge.forged_author": "记录的署名与登录人不符，没有被接受。",
    "judge.own_roles": "不能改动自己的岗位、部门、上级或在职状态，请由另一位管理员修改。",
    "judge.not_initial": "新建的记录只能处于初始状态，没有被接受。",
    "judge.fixed": "“{label}”在这一步不能改动，修改没有被接受。",
    "judge.fact_unknown": "服务器不认识这项公司资料（{key}）。",
    "judge.variant_priced": "型号 {sku} 已有价格或成本记录，不能删除，请改为停用。",
    "judge.other_customer": "“{label}”属于另一位客户，没有被接受。",
    "judge.file_hash": "文件 {file} 的校验值不对，没有被接受。",
    "judge.file_frozen": "文件 {file} 属于已提交的内容，不能再添加或删除。",
    "judge.file_missing": "发送记录缺少发出的文件，没有被接受。",
    "judge.state_jump": "服务器上的状态不允许这一步，没有被接受。请同步后查看最新状态。",
    "judge.hash": "内容与其校验值不符，没有被接受。",
    "judge.content_differs": "{number} 提交的内容与服务器上的记录不一致：离线期间相关资料已有改动。请打开核对后重新提交。",
    "judge.revision_taken": "{number} 已有更新的版本，没有另建一版。请打开最新版本继续。",
    "judge.revision_unknown": "修订版对应的原单据不存在，没有被接受。",
    "judge.report_missing": "调研报告与其步骤不相符，没有被接受。",
    "judge.decision_missing": "缺少客户确认的记录，{number} 没有改为已确认。",
    "judge.send_missing": "缺少发送记录，没有改为已发送。",
    "judge.not_as_quoted": "合同的客户、项目或金额与所依据的报价单不同，没有被接受。",
    "judge.decision_shape": "审批意见的环节或内容不完整，没有被接受。",
    "judge.signature": "审批意见的签名与登记的设备不符，没有被接受。此事已记入审计日志。",
    "judge.event_alone": "动态记录没有对应的修改，没有被接受。",
    "judge.event_untrue": "动态记录与实际状态不符，没有被接受。",
    # beside the timeline
    **RULINGS,
}
