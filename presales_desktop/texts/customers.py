"""Words of the area customers, and of reading and importing lists."""

from __future__ import annotations

from presales_desktop.texts.area import KindTexts

KINDS: dict[str, KindTexts] = {
    "customer": KindTexts(
        title="客户",
        labels={
            "number": "编号",
            "kind": "类型",
            "name": "客户名称",
            "short_name": "简称",
            "uscc": "统一社会信用代码",
            "phone": "电话",
            "email": "邮箱",
            "region": "地区",
            "industry": "行业",
            "importance": "重要程度",
            "source": "来源",
            "owner_id": "负责人",
            "owner": "负责人",
            "credit_grade": "信用等级",
            "state": "状态",
            "notes": "备注",
            "contacts": "联系人",
            "sites": "地址",
            "open_cases": "进行中项目",
            "updated_at": "更新时间",
            "created_at": "创建时间",
            # columns of the import
            "contact_name": "联系人",
            "contact_title": "联系人职务",
            "contact_phone": "联系人电话",
            "contact_wechat": "联系人微信",
            "address": "地址",
        },
        choices={
            "kind": {"company": "企业", "person": "个人"},
            "importance": {"key": "重点", "important": "重要", "normal": "一般"},
            "industry": {
                "hotel": "酒店",
                "developer": "房地产",
                "design_studio": "设计公司",
                "retail": "零售",
                "restaurant": "餐饮",
                "villa": "私宅",
                "office": "办公",
                "factory": "工厂",
                "hospital": "医疗",
                "school": "教育",
                "government": "政府机构",
                "engineering": "工程公司",
                "distributor": "经销商",
                "other": "其他",
            },
            "source": {
                "phone": "电话咨询",
                "email": "邮件",
                "online": "网络",
                "store": "门店",
                "referral": "客户介绍",
                "exhibition": "展会",
                "repeat": "老客户",
                "partner": "合作伙伴",
                "other": "其他",
            },
            "state": {"active": "有效", "archived": "已归档"},
        },
        states={"active": "有效", "archived": "已归档"},
        actions={
            "archive": "归档",
            "restore": "恢复",
            "assign": "转交",
            "archived": "归档",
            "restored": "恢复",
        },
        hints={
            "uscc": "18 位，最后一位是校验码",
            "region": "如 广东中山",
            "importance": "重点和重要客户的需求要做正式调研",
        },
    ),
    "contact": KindTexts(
        title="联系人",
        labels={
            "name": "姓名",
            "title": "职务",
            "phone": "电话",
            "email": "邮箱",
            "wechat": "微信",
            "primary": "主要联系人",
            "notes": "备注",
        },
    ),
    "site": KindTexts(
        title="地址",
        labels={
            "kind": "用途",
            "label": "名称",
            "region": "地区",
            "address": "详细地址",
            "contact_name": "现场联系人",
            "contact_phone": "联系电话",
        },
        choices={
            "kind": {
                "office": "办公地址",
                "site": "项目现场",
                "delivery": "收货地址",
                "invoice": "开票地址",
                "shop": "门店",
            }
        },
    ),
}

# why a customer may be the one being typed: services/duplicates.py
DUPLICATE_REASONS: dict[str, str] = {
    "uscc": "统一社会信用代码相同",
    "phone": "电话相同",
    "contact_phone": "联系人电话相同",
    "name": "名称相同（不计地区和公司类型）",
    "similar_name": "名称相近",
}

# error code → sentence: what happened, why, what to do now
ERRORS: dict[str, str] = {
    "customer.uscc_length": "统一社会信用代码应为 18 位，现在是 {found} 位，请核对营业执照。",
    "customer.uscc_character": "统一社会信用代码第 {place} 位“{character}”不可用：不含字母 I、O、S、V、Z 和符号，请核对营业执照。",
    "customer.uscc_check": "统一社会信用代码“{found}”的校验码不对，可能有一位输错，请核对营业执照。",
    "customer.email": "邮箱“{found}”不完整，应类似 name@company.com。",
    "customer.phone_short": "电话“{found}”少于 7 位数字，可能不完整。",
    "customer.one_primary": "主要联系人只能有一位，请取消其他人的标记。",
    "customer.owner_unknown": "负责人已不存在，请重新选择。",
    "workflow.parameter_unknown": "“{action}”没有参数“{name}”，可用：{known}。",
    # files
    "import.damaged": "文件 {file} 已损坏或不完整，无法读取。请在 Excel 或 WPS 中打开并另存为 .xlsx 后重试。",
    "import.protected": "文件 {file} 设有打开密码。请在 Excel 或 WPS 中取消密码后重试。",
    "import.web_page": "文件 {file} 其实是网页，不是表格（常见于从系统导出的 .xls）。请在 Excel 中打开并另存为 .xlsx 后重试。",
    "import.not_text": "文件 {file} 第 {line} 行无法识别：既不是 Excel 表格，也不是可读的文字。请另存为 .xlsx 或 CSV（UTF-8）后重试。",
    "import.broken_quotes": "文件 {file} 第 {line} 行起的引号不成对，无法分列。请在 Excel 中打开并另存为 .xlsx 后重试。",
    "import.too_many_rows": "文件 {file} 有 {found} 行，一次最多 {limit} 行。请拆分后分批导入。",
    "import.too_many_cells": "文件 {file} 的表格太大（{rows} 行 × {columns} 列，最多 {limit} 列）。请删除多余的空列空行后重试。",
    "import.no_header": "文件 {file} 里找不到表头：前 40 行中没有一行像列标题。请在第一行写上列标题，如“客户名称”“电话”。",
    "import.no_rows": "文件 {file} 第 {line} 行表头下面没有可导入的内容。",
    # mapping and preview
    "import.target_unknown": "不能导入“{name}”，可用：{known}。",
    "import.field_unknown": "没有可导入的字段“{name}”，可用：{known}。",
    "import.column_unknown": "文件 {file} 里没有“{column}”这一列，现有：{known}。",
    "import.column_twice": "“{column}”这一列对应了两个字段，请只保留一个。",
    "import.field_unmapped": "还没有指定哪一列是{fields}，请先选择。",
    "import.rejected": "{count} 行有问题，没有导入任何内容。请修正后重新选择文件，或选择只导入其余各行。",
    "import.nothing": "文件 {file} 里没有需要新建或修改的内容。",
    "import.changed_meanwhile": "预览之后“{title}”（第 {line} 行）已被改动，没有导入任何内容。请重新预览。",
    "import.repeated": "与第 {other_line} 行重复。",
    "import.similar": "与已有客户“{name}”（{number}）名称相近，请确认不是同一家。",
    "import.ambiguous": "已有 {count} 个客户与“{found}”相符，无法判断是哪一个。请补充客户编号。",
    "import.number_unknown": "没有编号为“{found}”的客户。新客户请留空，编号由系统生成。",
    "import.owner_unknown": "没有名为“{found}”的同事，请填写姓名或登录名。",
    "import.owner_fixed": "不能把这个客户转给“{found}”：转交客户需要销售主管。",
    "import.not_yours": "客户“{name}”（{number}）由他人负责，您不能修改。",
    "import.contact_nameless": "有联系人电话、职务或微信，但没有联系人姓名。",
    "import.rounded": "“{found}”是被 Excel 四舍五入过的数字，末几位已丢失。请把这一列设为文本并重新填写。",
}
