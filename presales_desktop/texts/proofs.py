"""Words of checking paper: verdicts, reasons, errors."""

from __future__ import annotations

VERDICTS = {
    "valid": "有效",
    "altered": "已被改动",
    "superseded": "已被取代",
    "expired": "已过期",
    "void": "已作废",
    "unapproved": "未审核",
}

# What a verdict says in full, by its reason.
REASONS = {
    "": "与公司批准的内容一致。",
    "open_revision": "与公司批准的内容一致；更新的版本 {newer} 还没有批准。",
    "bytes": "文件在打印之后被改动过，不能作为公司的文件。",
    "resaved": "文件不是公司程序直接生成的（被另存、重新打印或改动过），不能作为公司的文件。",
    "content": "文件上的内容与公司保存的 {label} 不一致。",
    "record": "公司保存的 {label} 与批准时的内容不一致，须重新审核。",
    "code": "二维码不是公司程序生成的。",
    "superseded": "这是旧版本，现行版本是 {newer}。",
    "expired": "报价已过有效期（{valid_until}）。",
    "printed_before": "这份文件打印时还没有批准；请重新打印 {label}。",
    "withdrawn": "{label} 已撤回。",
    "cancelled": "{label} 已取消。",
    "declined": "{label} 客户已谢绝。",
    "rejected": "{label} 已被否决。",
    "draft": "{label} 还是草稿。",
    "submitted": "{label} 还在审核中。",
    "returned": "{label} 已退回修改。",
}

ERRORS = {
    "proof.not_pdf": "{file} 不是 PDF 文件。",
    "proof.none": "{file} 不是本公司打印的报价单或合同：文件里没有校验信息，也没有已知的编号。",
    "proof.not_here": "这台电脑上没有 {number}，无法核对。请同步后再试，或请有权查看的同事核对。",
    "proof.code_unreadable": "不是本程序的校验码：{found}",
    "proof.unreadable": "PDF 已损坏，无法读取。",
    "proof.altered": "{label}：{said}",
    "proof.superseded": "{label}：{said}",
    "proof.expired": "{label}：{said}",
    "proof.void": "{label}：{said}",
    "proof.unapproved": "{label}：{said}",
}
