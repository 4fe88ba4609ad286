"""The table of goods with its totals, read from the quote: shown, never typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from presales_desktop.models.capitals import capitals
from presales_desktop.models.contract_text import Goods, Subject
from presales_desktop.models.fields import FieldType
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.basics import clear, column, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.line_table import LineColumn, LineTable

_DISCOUNT_COLUMN = 7


@dataclass
class _Rows:
    goods: list[Goods] = field(default_factory=list)


def _discount(row_: Goods) -> str:
    return fmt.percent(row_.discount) if row_.discount else ""


class GoodsTable(QWidget):
    """`show_subject` fills it."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__()
        self._draft = Draft(_Rows(), self)
        self._hint = words(tr("选好报价单后，这里显示双方要签的产品、数量和价款。"), "secondary", wrap=True)
        self.table = LineTable(
            ctx, self._draft, "goods",
            (
                LineColumn("room", "区域", width=62),
                LineColumn("name", "产品名称", width=120, stretch=True, strong=True),
                LineColumn("model", "规格型号", width=100),
                LineColumn("spec", "技术参数", width=100),
                LineColumn("unit", "单位", width=44),
                LineColumn("quantity", "数量", FieldType.DECIMAL, 52),
                LineColumn("unit_price_fen", "单价", FieldType.MONEY, 80),
                LineColumn("discount", "折扣", width=50, read=_discount),
                LineColumn("amount_fen", "金额", FieldType.MONEY, 90),
            ),
            key="contract_goods",
        )  # fmt: skip
        self.table.setObjectName("contract.goods")
        self.table.setAccessibleName(tr("标的"))
        self.table.set_read_only(True)
        self._totals = column(gap=2)
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(self._hint)
        inner.addWidget(self.table)
        inner.addLayout(self._totals)
        self.show_subject(None)

    def show_subject(self, subject: Subject | None) -> None:
        """Show SUBJECT, or what belongs here while there is none."""
        self._hint.setVisible(subject is None)
        self.table.setVisible(subject is not None)
        clear(self._totals)
        self._draft.load(_Rows(list(subject.goods) if subject is not None else []))
        if subject is None:
            return
        self.table.setColumnHidden(_DISCOUNT_COLUMN, not any(g.discount for g in subject.goods))
        totals = subject.totals
        tax = tr("其中增值税（{rate}）") if subject.tax_included else tr("增值税（{rate}）")
        lines = [
            (tr("产品小计"), totals["lines"], True),
            (tr("折扣"), -totals["discount"], bool(totals["discount"])),
            (tr("运费"), totals["freight"], bool(totals["freight"])),
            (tr("安装费"), totals["installation"], bool(totals["installation"])),
            (tax.format(rate=fmt.percent(Decimal(subject.tax_rate), 0)), totals["tax"], True),
        ]
        for word, fen, told in lines:
            if told:
                self._totals.addLayout(row(None, words(word, "secondary"), _amount(fmt.money(fen))))
        total = words(fmt.money(totals["gross"]), "section")
        total.setObjectName("contract.total")
        self._totals.addLayout(row(None, words(tr("合同总价"), "strong"), total))
        self._totals.addLayout(row(None, words(capitals(totals["gross"]), "secondary", selectable=True)))


def _amount(text: str) -> QWidget:
    made = words(text)
    made.setMinimumWidth(120)
    made.setAlignment(Qt.AlignmentFlag.AlignRight)
    return made
