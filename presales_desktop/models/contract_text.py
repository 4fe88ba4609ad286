"""What a contract says in words and figures: the goods read from the quote's frozen content, and the blanks of its clauses filled.

Blanks are written 【name】; what is not known stays visible, so that nobody signs an empty one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from presales_desktop.models.capitals import capitals
from presales_desktop.models.values import fen_to_yuan, plain


@dataclass(frozen=True)
class Goods:
    """One row of the table of goods."""

    n: int
    room: str
    name: str
    model: str
    spec: str
    unit: str
    quantity: Decimal
    unit_price_fen: int
    discount: Decimal
    amount_fen: int
    note: str


@dataclass(frozen=True)
class Subject:
    """What is sold, read from the quote's frozen content: goods, totals in fen, terms."""

    quote_label: str
    quote_hash: str
    customer_name: str
    title: str
    goods: tuple[Goods, ...]
    totals: Mapping[str, int]
    tax_rate: Decimal
    tax_included: bool
    delivery: str
    delivery_place: str
    payment: str
    warranty: str

    @property
    def total_fen(self) -> int:
        """What the customer pays, tax included."""
        return self.totals["gross"]


def read_subject(frozen: str, label: str, content_hash: str) -> Subject:
    """The subject of a contract from a quote's canonical content; options and alternatives that were not taken stay out."""
    content = json.loads(frozen)
    # From the second format on every line says whether it counts and how many pieces it comes to (quote_content.py).
    counted = [line for line in content["lines"] if line.get("counted", line["type"] == "item")]
    goods = tuple(
        Goods(
            n, line["room"], line["description"], line["sku"], line["spec"], line["unit"], Decimal(line.get("pieces", line["quantity"])),
            line["unit_price"], Decimal(line["discount"]), line["amount"], line["note"],
        )
        for n, line in enumerate(counted, start=1)
    )  # fmt: skip
    totals = {
        name: int(content["totals"][name])
        for name in ("lines", "discount", "freight", "installation", "net", "tax", "gross")
    }
    return Subject(
        label, content_hash, content["customer"]["name"], content["title"], goods, totals,
        Decimal(content["tax"]["rate"]), bool(content["tax"]["included"]), content["delivery"], content["delivery_place"],
        content["payment"], content["warranty"],
    )  # fmt: skip


_PLACEHOLDER: Final = re.compile(r"【([^【】\n]{0,30})】")
PLACEHOLDERS: Final = (
    "甲方", "乙方", "项目名称", "报价单号", "合计金额", "合计大写", "税率", "付款方式", "交货期", "交货地点", "质保期", "定金", "定金大写", "预付款",
    "预付款大写", "签订地点", "份数",
)  # fmt: skip


def yuan(fen: int) -> str:
    """¥12,800.00."""
    return f"¥{fen_to_yuan(fen):,.2f}"


def placeholder_values(draft: Any, subject: Subject) -> dict[str, str]:
    """What each placeholder stands for in DRAFT (a ContractDraft); empty where nothing is known yet."""
    deposit, prepayment = draft.deposit_fen, draft.prepayment_fen
    return {
        "甲方": draft.buyer_name.strip(),
        "乙方": draft.seller_name.strip(),
        "项目名称": subject.title.strip() or draft.title.strip(),
        "报价单号": subject.quote_label,
        "合计金额": yuan(subject.total_fen),
        "合计大写": capitals(subject.total_fen),
        "税率": f"{plain(subject.tax_rate * 100)}%",
        "付款方式": subject.payment.strip().rstrip("。"),
        "交货期": subject.delivery.strip().rstrip("。"),
        "交货地点": subject.delivery_place.strip().rstrip("。"),
        "质保期": subject.warranty.strip().rstrip("。"),
        "定金": yuan(deposit) if deposit else "",
        "定金大写": capitals(deposit) if deposit else "",
        "预付款": yuan(prepayment) if prepayment else "",
        "预付款大写": capitals(prepayment) if prepayment else "",
        "签订地点": draft.sign_place.strip(),
        "份数": _copies(draft.copies),
    }


def _copies(count: int) -> str:
    numerals = "零壹贰叁肆伍陆柒捌玖拾"
    return numerals[count] if 0 <= count <= 10 else str(count)


def fill(text: str, values: Mapping[str, str]) -> str:
    """TEXT with its known, non-empty placeholders filled; others stay as they are, so that they are seen."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1]) or found[0], text)


def open_placeholders(text: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Placeholders of TEXT that have no value: unknown names, blanks left to fill in, facts that are missing."""
    return tuple(dict.fromkeys(m[1] for m in _PLACEHOLDER.finditer(text) if not values.get(m[1])))
