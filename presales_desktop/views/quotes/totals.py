"""The bar at the bottom of a quote: discounts and charges to type, totals and capitals to read, live."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout

from presales_desktop.models.capitals import in_words
from presales_desktop.models.quote_pricing import Totals
from presales_desktop.models.quotes import FIELDS, HOME
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.basics import Elided, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.form import Form

_TYPED = ("discount_percent", "discount_fen", "freight_fen", "installation_fen", "tax_rate", "tax_included")


class TotalsBar(QFrame):
    """`form` edits the terms; `show_totals` says what they come to."""

    def __init__(self, ctx: ViewContext, draft: Draft) -> None:
        super().__init__()
        self.setObjectName("quote.totals")
        self.setProperty("look", "foot")
        by_name = {f.name: f for f in FIELDS}
        self.form = Form(ctx, draft, [by_name[name] for name in _TYPED], "quote", columns=6)
        self._lines = words("", "secondary")
        self._off = words("", "secondary")
        self._tax = words("", "secondary")
        self._total = words("", "figure")
        self._total.setObjectName("quote.total")
        self._capitals = Elided("", "small")
        self._capitals.setObjectName("quote.capitals")
        small = QGridLayout()
        small.setHorizontalSpacing(14)
        small.setVerticalSpacing(0)
        for n, label in enumerate((self._lines, self._off, self._tax)):
            small.addWidget(label, 0, n)
        told = QVBoxLayout()
        told.setSpacing(1)
        top = QHBoxLayout()
        top.addLayout(small)
        top.addStretch(1)
        self._word = words(tr("合计"), "secondary")
        top.addWidget(self._word)
        top.addSpacing(8)
        top.addWidget(self._total)
        told.addLayout(top)
        told.addWidget(self._capitals)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(tokens.MARGIN, 8, tokens.MARGIN, 8)
        whole.setSpacing(4)
        whole.addWidget(self.form)
        whole.addLayout(told)

    def show_totals(self, totals: Totals, *, included: bool, currency: str = HOME) -> None:
        """Figures of TOTALS in CURRENCY, and the total in words."""

        def money(fen: int) -> str:
            return formats.money(fen, currency=currency)

        self._lines.setText(tr("小计 {amount}", amount=money(totals.lines_fen)))
        self._off.setText(tr("优惠 {amount}", amount=money(-totals.discount_fen)) if totals.discount_fen else "")
        tax = tr("其中税额 {amount}") if included else tr("税额 {amount}")
        self._tax.setText(tax.format(amount=money(totals.tax_fen)))
        if len(totals.taxes) > 1:
            shares = (f"{formats.percent(s.rate, 2).replace('.00%', '%')} {money(s.tax_fen)}" for s in totals.taxes)
            self._tax.setToolTip(" · ".join(shares))
        else:
            self._tax.setToolTip("")
        self._word.setText(tr("合计（含税）") if included else tr("价税合计"))
        self._total.setText(money(totals.gross_fen))
        self._total.setAccessibleName(f"{self._word.text()} {money(totals.gross_fen)}")
        self._capitals.setText(in_words(totals.gross_fen, currency))

    @property
    def total_text(self) -> str:
        """The total as it is shown."""
        return self._total.text()

    @property
    def capitals_text(self) -> str:
        """The capitals as they are shown."""
        return self._capitals.accessibleName()
