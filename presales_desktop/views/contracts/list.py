"""The list of contracts: what waits for my review, mine, out for signature, signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from presales_desktop.models.approvals import CONTRACT_STEPS
from presales_desktop.services import contracts
from presales_desktop.services.contracts import ContractRow, ContractShown
from presales_desktop.texts import contracts as texts
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.basics import clear, column, row, words
from presales_desktop.views.kit.columns import Column, state_chip
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.list_page import EmptyText, FilterChoice, ListPage, ListSpec, SavedView
from presales_desktop.views.kit.states import Chip

TONES: Final[Mapping[str, str]] = {
    "draft": "neutral",
    "submitted": "amber",
    "approved": "good",
    "returned": "bad",
    "rejected": "bad",
    "out_for_signature": "accent",
    "signed": "good",
    "superseded": "neutral",
    "cancelled": "neutral",
}
_VERDICTS = {"approve": ("批准", "good"), "return": ("退回", "bad"), "reject": ("否决", "bad")}


def _label(row_: Any) -> str:
    return f"{row_.number}-R{row_.revision}"


class Preview(QWidget):
    """A contract in a glance: amount, reviews, what is missing."""

    def __init__(self, ctx: ViewContext, row_: ContractRow) -> None:
        super().__init__()
        self._ctx, self._row = ctx, row_
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(8)
        self._body.setAlignment(Qt.AlignmentFlag.AlignTop)
        jobs.start(self, self._load())

    async def _load(self) -> None:
        shown = await self._ctx.db.run(contracts.show, self._row.id)
        clear(self._body)
        self._fill(shown)

    def _fill(self, shown: ContractShown) -> None:
        chip = Chip(lookup.state("contract", shown.state), TONES[shown.state])
        self._body.addLayout(row(words(_label(shown), "secondary"), None, chip))
        self._body.addWidget(words(shown.title, "section", wrap=True))
        self._body.addWidget(words(shown.customer, "secondary", wrap=True))
        self._body.addWidget(words(fmt.money(shown.total_fen), "figure"))
        self._body.addLayout(column(words(tr("依据的报价单"), "small"), words(shown.quote_label), gap=0))
        for step in shown.steps:
            word, tone = _VERDICTS.get(step.verdict or "", ("待审", "neutral"))
            self._body.addLayout(
                row(words(tr(texts.STEPS[step.step])), words(step.who, "secondary"), None, Chip(tr(word), tone))
            )
        missing = [tr(texts.PARTS[p.part]) for p in shown.parts if not p.present]
        if missing:
            self._body.addWidget(words(tr("缺少：{names}", names=tr("、").join(missing)), "amber", wrap=True))


def contracts_page(ctx: ViewContext) -> QWidget:
    """The page behind 合同 in the rail."""
    reviews = any(ctx.may(CONTRACT_STEPS.right(step)).allowed for step in CONTRACT_STEPS.steps)
    own = ctx.may("contract.create").allowed
    views = (
        *((SavedView("待我审核", (("waiting", "me"),), "submitted_at"),) if reviews else ()),
        *((SavedView("我的合同", (("owner_id", "me"), ("latest", "1")), "-updated_at"),) if own else ()),
        SavedView("全部", (("latest", "1"),), "-updated_at"),
        SavedView("签署中", (("state", "out_for_signature"),), "-updated_at"),
        SavedView("已签订", (("state", "signed"),), "-signed_on"),
    )
    return ListPage(
        ctx,
        ListSpec(
            key="contracts",
            kind="contract",
            title="合同",
            icon="signature",
            columns=(
                Column("number", "合同编号", 158, text=_label, tone=lambda _: "secondary"),
                Column("title", "合同名称", 220, strong=True, stretch=True, detail=lambda r: r.customer),
                Column("state", "状态", 120, chip=state_chip("contract", dict(TONES))),
                Column("total_fen", "合同总价", 130, align="right", format=fmt.money),
                Column("quote_number", "报价单", 158, sortable=False, tone=lambda _: "secondary"),
                Column("owner", "负责人", 72, sortable=False),
                Column("signed_on", "签订日", 100, format=str),
                Column("updated_at", "更新时间", 100, format=fmt.ago, tone=lambda _: "secondary"),
                Column("customer", "客户", 220, hidden=True),
                Column("submitted_at", "提交时间", 130, format=fmt.moment, hidden=True),
            ),
            query=contracts.list_rows,
            views=views,
            filters=(FilterChoice("state", "状态", _states),),
            empty=EmptyText(
                "signature",
                "还没有合同",
                "客户接受报价后，从那份报价单起草合同：标的、价款和条件自动带入，条款从条款库选用。",
            ),
            new_right="contract.create",
            new_title="新建合同",
            preview=Preview,
            also=("quote", "customer"),
            search_hint="搜索编号、名称或客户",
        ),
    )


def _states() -> list[tuple[str, str]]:
    return [(value, tr(word)) for value, word in texts.STATES.items()]
