"""Beside an assessment: what the grade asks of a contract, and what stands against the limit."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout

from presales_desktop.services.credit import CreditShown, Figures
from presales_desktop.texts import credit as texts
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.basics import Elided, clear, column, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.row_button import RowButton
from presales_desktop.views.kit.side_panel import SidePanel
from presales_desktop.views.kit.states import Chip


class TermsPanel(SidePanel):
    """Grade and terms, with their validity."""

    def __init__(self) -> None:
        super().__init__(tr("等级条件"), key="credit_terms")
        self.setObjectName("credit.terms")
        self._list = column(gap=6)
        self.body.addLayout(self._list)

    def show_terms(self, shown: CreditShown | None) -> None:
        """What the grade asks for; before it, that there is none."""
        clear(self._list)
        if shown is None or shown.terms is None:
            self._list.addWidget(words(tr("评级后，这里显示合同要满足的预付、账期和担保。"), "small", wrap=True))
            return
        terms = shown.terms
        pairs = [
            (tr("等级"), terms.grade),
            (tr("最低预付比例"), f"{terms.prepay_percent}%"),
            (tr("最长账期"), tr("{n} 天", n=terms.term_days)),
            (tr("担保"), tr(texts.GUARANTEES[terms.guarantee])),
            (tr("有效期"), f"{shown.valid_from} — {shown.valid_until}"),
        ]
        for title, value in pairs:
            self._list.addLayout(row(words(title, "small"), None, words(value, "strong")))


class ExposurePanel(SidePanel):
    """Contracts and quotes of the customer, as far as they are not prepaid."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__(tr("信用占用"), key="credit_exposure")
        self.setObjectName("credit.exposure")
        self._ctx = ctx
        self._list = column(gap=4)
        self.body.addLayout(self._list)

    def show_exposure(self, figures: Figures) -> None:
        """Each paper with what is open; sums above."""
        clear(self._list)
        found = figures.exposure
        self._list.addLayout(row(words(tr("已成合同"), "small"), None, words(fmt.money(found.firm_fen), "strong")))
        self._list.addLayout(row(words(tr("可能成合同的报价"), "small"), None, words(fmt.money(found.possible_fen))))
        if figures.limit_fen is not None:
            rest = figures.limit_fen - found.firm_fen
            word = Chip(tr("超出额度"), "bad") if rest < 0 else words(fmt.money(rest), "strong")
            self._list.addLayout(row(words(tr("剩余额度"), "small"), None, word))
        for each in found.rows:
            made = RowButton(f"{each.label} {each.title}", partial(self._ctx.nav.open, each.kind, each.id))
            made.setObjectName(f"credit.exposure.{each.kind}")
            inner = QHBoxLayout(made)
            inner.setContentsMargins(6, 4, 4, 4)
            told = Elided(f"{each.label} · {lookup.state(each.kind, each.state)}", "small")
            inner.addLayout(column(Elided(each.title), told, gap=0), 1)
            inner.addWidget(words(fmt.money(each.open_fen)))
            self._list.addWidget(made)
        note = tr("程序不记收款：已签合同按未预付部分计一年。")
        self._list.addWidget(words(note, "faint", wrap=True))
