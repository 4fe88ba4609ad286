"""The lists of credit: what waits for an assessment, what ends soon, all; exceptions; score cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from presales_desktop.models.approvals import Steps
from presales_desktop.models.credit import EXCEPTION_STEPS, GRADES
from presales_desktop.services import credit, credit_exceptions, credit_schemes
from presales_desktop.texts import credit as texts
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.columns import Column, choice_text
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.list_page import EmptyText, FilterChoice, ListPage, ListSpec, SavedView

TONES: Final[Mapping[str, str]] = {
    "draft": "neutral",
    "applied": "amber",
    "assessing": "accent",
    "graded": "good",
    "due": "amber",
    "expired": "bad",
    "refused": "bad",
    "revoked": "bad",
    "superseded": "neutral",
    "cancelled": "neutral",
}
GRADE_TONES: Final[Mapping[str, str]] = {"A": "good", "B": "good", "C": "amber", "D": "bad"}
EXCEPTION_TONES: Final[Mapping[str, str]] = {
    "draft": "neutral",
    "submitted": "amber",
    "approved": "good",
    "returned": "bad",
    "rejected": "bad",
    "revoked": "bad",
    "expired": "neutral",
    "cancelled": "neutral",
}
_SCHEME_TONES = {"planned": "accent", "running": "good", "over": "neutral"}


def phase_chip(row: Any) -> tuple[str, str]:
    """(word, tone) of where an application stands."""
    return tr(texts.PHASES[row.phase]), TONES[row.phase]


def grade_chip(row: Any) -> tuple[str, str] | None:
    """(word, tone) of a grade; None before."""
    return (tr("{grade} 级", grade=row.grade), GRADE_TONES[row.grade]) if row.grade else None


def credit_page(ctx: ViewContext) -> ListPage:
    """The page behind 信用 in the rail."""
    assesses = ctx.may("credit.assess").allowed
    sells = ctx.may("credit_exception.create").allowed
    views = (
        *((SavedView("待我评估", (("waiting", "1"),), "updated_at"),) if assesses else ()),
        *((SavedView("我的申请", (("owner_id", "me"),), "-updated_at"),) if sells else ()),
        SavedView("全部", (), "-updated_at"),
        SavedView("即将到期或已过期", (("due", "1"),), "valid_until"),
        SavedView("有效等级", (("valid", "1"),), "grade"),
    )
    return ListPage(
        ctx,
        ListSpec(
            key="credit",
            kind="credit",
            title="信用",
            icon="shield-check",
            columns=(
                Column("number", "编号", 140, tone=lambda _: "secondary"),
                Column("customer", "客户", 240, strong=True, stretch=True),
                Column("phase", "状态", 110, chip=phase_chip, sort="state"),
                Column("grade", "等级", 80, chip=grade_chip),
                Column("reason", "申请原因", 120, format=choice_text("credit", "reason"), sortable=False),
                Column("monthly_fen", "预计月采购额", 130, align="right", format=fmt.money),
                Column("valid_until", "有效期至", 110, format=str),
                Column("owner", "申请人", 72, sortable=False),
                Column("assessor", "评估人", 72, sortable=False),
                Column("updated_at", "更新时间", 100, format=fmt.ago, tone=lambda _: "secondary"),
            ),
            query=credit.list_rows,
            views=views,
            filters=(
                FilterChoice("state", "状态", lambda: [(k, tr(v)) for k, v in texts.STATES.items()]),
                FilterChoice("grade", "等级", lambda: [(g, tr("{grade} 级", grade=g)) for g in GRADES]),
            ),
            empty=EmptyText(
                "shield-check",
                "还没有信用评估",
                "新客户和信用状况不明的客户，签约前先申请评估：财务或信用管理给出等级、额度和付款条件。",
            ),
            new_right="credit.create",
            new_title="申请信用评估",
            also=("customer",),
            search_hint="搜索客户或编号",
        ),
    )


def _decides(ctx: ViewContext, steps: Steps) -> bool:
    return any(ctx.may(steps.right(step)).allowed for step in steps.steps)


def softened(row: Any) -> str:
    """What an exception softens, in a line."""
    said = []
    if row.prepay_percent is not None:
        said.append(tr("预付 {n}%", n=row.prepay_percent))
    if row.term_days is not None:
        said.append(tr("账期 {n} 天", n=row.term_days))
    if row.waive_guarantee:
        said.append(tr("免除担保"))
    if row.over_limit:
        said.append(tr("可超出额度"))
    return " · ".join(said)


def exceptions_page(ctx: ViewContext) -> ListPage:
    """The page behind 信用例外 in the rail."""
    views = (
        *((SavedView("待我审批", (("waiting", "1"),), "updated_at"),) if _decides(ctx, EXCEPTION_STEPS) else ()),
        SavedView("全部", (), "-updated_at"),
        SavedView("已批准", (("state", "approved"),), "expires_on"),
    )
    states = {k: v for k, v in texts.KINDS["credit_exception"].states.items() if k != "expired"}
    words = texts.KINDS["credit_exception"].states
    return ListPage(
        ctx,
        ListSpec(
            key="credit_exceptions",
            kind="credit_exception",
            title="信用例外",
            icon="shield-alert",
            columns=(
                Column("number", "编号", 140, tone=lambda _: "secondary"),
                Column("customer", "客户", 220, strong=True, stretch=True, detail=lambda r: r.case_title),
                Column(
                    "phase", "状态", 100, chip=lambda r: (tr(words[r.phase]), EXCEPTION_TONES[r.phase]), sort="state"
                ),
                Column("reason", "放宽的条件", 240, text=softened, sortable=False),
                Column("expires_on", "有效期至", 110, format=str),
                Column("owner", "申请人", 72, sortable=False),
                Column("updated_at", "更新时间", 100, format=fmt.ago, tone=lambda _: "secondary"),
            ),
            query=credit_exceptions.list_rows,
            views=views,
            filters=(FilterChoice("state", "状态", lambda: [(k, tr(v)) for k, v in states.items()]),),
            empty=EmptyText(
                "shield-alert",
                "没有信用例外",
                "客户的等级条件确实放不下一个项目时，在这里说明理由，由财务和管理层共同批准，到期自动失效。",
            ),
            new_right="credit_exception.create",
            new_title="申请信用例外",
            also=("customer", "case"),
            search_hint="搜索客户、项目或编号",
        ),
    )


def schemes_page(ctx: ViewContext) -> ListPage:
    """The page behind 信用评分卡 in the rail."""
    return ListPage(
        ctx,
        ListSpec(
            key="credit_schemes",
            kind="credit_scheme",
            title="信用评分卡",
            icon="sliders-horizontal",
            columns=(
                Column("effective_on", "生效日期", 130, format=str, strong=True),
                Column(
                    "phase", "阶段", 100, sortable=False,
                    chip=lambda r: (tr(texts.SCHEME_PHASES[r.phase]), _SCHEME_TONES[r.phase]),
                ),
                Column("weights", "权重（基本/经营/财务/记录）", 260, sortable=False),
                Column("bands", "最低分（A/B/C）", 150, sortable=False),
                Column("note", "修改说明", 240, sortable=False, stretch=True),
                Column("made_by", "制定人", 90, sortable=False),
            ),
            query=credit_schemes.list_rows,
            views=(SavedView("全部", (), "-effective_on"),),
            empty=EmptyText(
                "sliders-horizontal",
                "使用随程序提供的评分卡",
                "需要自己的权重、分数线或等级条件时，制定一张从某天起生效的评分卡；已评的等级不受影响。",
            ),
            new_right="credit.policy",
            new_title="制定评分卡",
        ),
    )  # fmt: skip
