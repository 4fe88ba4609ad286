"""Pricing, capitals, canonical content and approvals as pure rules."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models import canonical, quote_content, quote_pricing
from presales_desktop.models.approvals import QUOTE_STEPS, Author, Decided, Outcome, bound, may_decide, outcome
from presales_desktop.models.capitals import capitals, read_capitals
from presales_desktop.models.permissions import Actor, Role
from presales_desktop.models.quote_pricing import line_amount, margins, price, spread
from presales_desktop.models.quotes import LINE_TYPES


@dataclass(frozen=True)
class Line:
    type: str = "item"
    quantity: Decimal = Decimal(1)
    unit_price_fen: int = 0
    discount_percent: Decimal = Decimal(0)
    tax_rate: Decimal | None = None


@dataclass(frozen=True)
class Terms:
    tax_rate: Decimal = Decimal("0.13")
    tax_included: bool = True
    discount_percent: Decimal = Decimal(0)
    discount_fen: int = 0
    freight_fen: int = 0
    installation_fen: int = 0
    exchange_rate: Decimal = Decimal(1)


fractions = st.integers(0, 10_000).map(lambda n: Decimal(n).scaleb(-4))
fen = st.integers(0, 10**9)
lines = st.lists(
    st.builds(
        Line,
        type=st.sampled_from(["item", "item", "item", *LINE_TYPES]),
        quantity=st.integers(0, 10**7).map(lambda n: Decimal(n).scaleb(-3)),
        unit_price_fen=fen,
        discount_percent=fractions,
        tax_rate=st.none() | st.sampled_from([Decimal("0.09"), Decimal("0.06"), Decimal(0)]),
    ),
    max_size=25,
)
terms = st.builds(
    Terms,
    tax_rate=fractions,
    tax_included=st.booleans(),
    discount_percent=fractions,
    discount_fen=st.integers(0, 10**8),
    freight_fen=fen,
    installation_fen=fen,
)


def exact_half_up(value: Decimal) -> int:
    whole = int(value)
    return whole + (1 if value - whole >= Decimal("0.5") else 0)


@given(fen, st.integers(0, 10**7), st.integers(0, 10_000))
def test_a_line_is_rounded_half_up_once(unit: int, thousandths: int, discount: int) -> None:
    quantity, off = Decimal(thousandths).scaleb(-3), Decimal(discount).scaleb(-4)
    assert line_amount(unit, quantity, off) == exact_half_up(Decimal(unit) * quantity * (1 - off))


@given(lines, terms)
def test_lines_add_up_to_the_total_to_the_fen(rows: list[Line], of: Terms) -> None:
    totals = price(rows, of)
    assert sum(totals.goods_lines) == totals.goods_fen == totals.lines_fen - totals.discount_fen
    assert totals.net_fen + totals.tax_fen == totals.gross_fen
    mode = totals.gross_fen if of.tax_included else totals.net_fen
    assert mode == totals.goods_fen + totals.freight_fen + totals.installation_fen
    assert all(share >= 0 for share in totals.goods_lines)
    assert 0 <= totals.discount_fen <= totals.lines_fen


@given(lines, terms, st.randoms())
def test_order_of_items_changes_no_total(rows: list[Line], of: Terms, random: object) -> None:
    items = [replace(row, tax_rate=None) for row in rows if row.type in ("item", "option")]
    mixed = list(items)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    a, b = price(items, of), price(mixed, of)
    assert (a.lines_fen, a.discount_fen, a.net_fen, a.tax_fen, a.gross_fen) == (
        b.lines_fen, b.discount_fen, b.net_fen, b.tax_fen, b.gross_fen,
    )  # fmt: skip
    assert sorted(a.goods_lines) == sorted(b.goods_lines)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**10), min_size=1, max_size=30).filter(sum))
def test_spread_is_exact_and_within_one_of_the_share(total: int, weights: list[int]) -> None:
    parts = spread(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Decimal(total) * weight / sum(weights)) < 1


def test_spread_over_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="5"):
        spread(5, [0, 0])


def test_sections_and_subtotals_show_what_they_cover() -> None:
    rows = [
        Line("section"),
        Line(unit_price_fen=1000, quantity=Decimal(2)),
        Line("option", unit_price_fen=99999),
        Line("subtotal"),
        Line(unit_price_fen=500),
        Line("section"),
        Line(unit_price_fen=70),
        Line("subtotal"),
    ]
    assert price(rows, Terms()).amounts == (2500, 2000, 99999, 2000, 500, 70, 70, 70)


def test_tax_on_top_and_tax_inside_differ_as_they_should() -> None:
    rows = [Line(unit_price_fen=11300)]
    inside, on_top = price(rows, Terms()), price(rows, Terms(tax_included=False))
    assert (inside.net_fen, inside.tax_fen, inside.gross_fen) == (10000, 1300, 11300)
    assert (on_top.net_fen, on_top.tax_fen, on_top.gross_fen) == (11300, 1469, 12769)


def test_margin_is_counted_without_tax_after_the_discount() -> None:
    rows = [
        Line(unit_price_fen=11300, quantity=Decimal(2)),
        Line(unit_price_fen=22600),
        Line("option", unit_price_fen=1),
    ]
    of = Terms(discount_percent=Decimal("0.1"), freight_fen=5000)
    found = margins(rows, price(rows, of), of, {0: 6000})
    assert found.lines[0] is not None
    assert (found.lines[0].net_fen, found.lines[0].cost_fen) == (18000, 12000)
    assert found.lines[0].margin == Decimal("0.3333")
    assert (found.margin, found.missing, found.profit_fen) == (Decimal("0.3333"), 1, 6000)
    assert found.lines[1] is None
    assert found.lines[2] is None


@given(lines, terms)
def test_net_of_all_lines_is_the_net_of_the_goods(rows: list[Line], of: Terms) -> None:
    rows = [replace(row, tax_rate=None) for row in rows]
    totals = price(rows, of)
    costs = dict.fromkeys(range(len(rows)), 100)
    found = margins(rows, totals, of, costs)
    divisor = 1 + (of.tax_rate if of.tax_included else 0)
    assert found.missing == 0
    assert abs(found.net_fen - Decimal(totals.goods_fen) / divisor) <= Decimal("0.5")


def test_too_much_discount_is_told() -> None:
    rows = [Line(unit_price_fen=1000)]
    assert quote_pricing.problems(rows, Terms(discount_fen=1000)) == []
    assert [p.code for p in quote_pricing.problems(rows, Terms(discount_fen=1001))] == ["quote.discount_too_large"]


# -- capitals


@given(st.integers(0, 10**17))
def test_capitals_agree_with_cn2an_and_can_be_read_back(amount: int) -> None:
    said = capitals(amount)
    assert said == "人民币" + cn2an.an2cn(str(Decimal(amount).scaleb(-2)), "rmb")
    assert read_capitals(said) == amount


@given(st.integers(-(10**17), -1))
def test_negative_capitals_read_back(amount: int) -> None:
    assert read_capitals(capitals(amount)) == amount


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (168032, "人民币壹仟陆佰捌拾元叁角贰分"),
        (1640902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (10700053, "人民币壹拾万柒仟元伍角叁分"),
        (1005, "人民币壹拾元零伍分"),
        (0, "人民币零元整"),
        (10001000000, "人民币壹亿零壹万元整"),
        (100000000000000, "人民币壹万亿元整"),
    ],
)
def test_capitals_as_the_rule_writes_them(amount: int, said: str) -> None:
    assert capitals(amount) == said


@pytest.mark.parametrize(
    "text", ["", "人民币", "壹元整", "人民币元整", "人民币壹贰元整", "人民币拾元整", "人民币一元整"]
)
def test_what_is_no_amount_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=text or "^$"):
        read_capitals(text)


# -- canonical content


@dataclass(frozen=True)
class FullLine(Line):
    room: str = ""
    model: str = ""
    name: str = ""
    spec: str = ""
    unit: str = "套"
    customer_code: str = ""
    lead_days: int | None = None
    image_sha256: str = ""
    note: str = ""


@dataclass(frozen=True)
class FullQuote(Terms):
    customer_id: str = "0198"
    title: str = "星河湾"
    currency: str = "CNY"
    rate_on: dt.date | None = None
    language: str = "zh"
    show_images: bool = True
    frozen: str = ""
    valid_until: dt.date | None = dt.date(2026, 12, 23)
    delivery: str = "30 天"
    delivery_place: str = ""
    payment: str = "预付 30%"
    warranty: str = ""
    notes: str = ""
    internal_notes: str = ""
    owner_id: UUID | None = None
    extra: dict[str, str] = field(default_factory=dict)


def digest_of(quote: FullQuote, rows: list[FullLine], name: str = "甲方", files: tuple[str, ...] = ()) -> str:
    return canonical.sha256(quote_content.content(quote, rows, price(rows, quote), name, files))


ROWS = [FullLine("section", name="大堂"), FullLine(name="筒灯", unit_price_fen=12800, quantity=Decimal("2.50"))]


def test_the_text_is_canonical_json() -> None:
    text = quote_content.content(FullQuote(), ROWS, price(ROWS, FullQuote()), "甲方")
    found = json.loads(text)
    assert text == json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert found["lines"][1]["quantity"] == "2.5"
    assert found["totals"]["gross"] == 32000
    assert found["customer"]["name"] == "甲方"


def test_what_the_customer_does_not_see_is_no_part_of_it() -> None:
    before = digest_of(FullQuote(), ROWS)
    assert digest_of(FullQuote(internal_notes="底价 8 折", owner_id=UUID(int=1)), ROWS) == before
    noted = [ROWS[0], FullLine("internal_note", name="小心", quantity=Decimal(0)), ROWS[1]]
    assert digest_of(FullQuote(), noted) == before


@pytest.mark.parametrize(
    "change",
    [
        {"payment": "预付 50%"},
        {"valid_until": dt.date(2026, 12, 24)},
        {"tax_included": False},
        {"tax_rate": Decimal("0.06")},
        {"freight_fen": 1},
        {"discount_fen": 1},
        {"title": "别的"},
        {"delivery_place": "深圳"},
        {"notes": "x"},
        {"warranty": "5 年"},
        {"currency": "USD"},
        {"exchange_rate": Decimal("7.1")},
        {"language": "en"},
        {"show_images": False},
    ],
)
def test_every_term_the_customer_sees_changes_the_hash(change: dict[str, object]) -> None:
    assert digest_of(replace(FullQuote(), **change), ROWS) != digest_of(FullQuote(), ROWS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    [
        "quantity",
        "unit_price_fen",
        "discount_percent",
        "name",
        "spec",
        "note",
        "room",
        "unit",
        "customer_code",
        "tax_rate",
    ],
)
def test_every_field_of_a_line_changes_the_hash(name: str) -> None:
    new = {
        "quantity": Decimal(3),
        "unit_price_fen": 12801,
        "discount_percent": Decimal("0.01"),
        "tax_rate": Decimal("0.09"),
    }.get(name, "别的")
    assert digest_of(FullQuote(), [ROWS[0], replace(ROWS[1], **{name: new})]) != digest_of(FullQuote(), ROWS)  # type: ignore[arg-type]


def test_writing_does_not_matter_where_meaning_is_the_same() -> None:
    same = [ROWS[0], replace(ROWS[1], quantity=Decimal("2.5"))]
    assert digest_of(FullQuote(), same) == digest_of(FullQuote(), ROWS)
    composed, apart = unicodedata.normalize("NFC", "Café"), unicodedata.normalize("NFD", "Café")
    assert digest_of(FullQuote(), ROWS, composed) == digest_of(FullQuote(), ROWS, apart)
    assert digest_of(FullQuote(), ROWS, files=("b", "a")) == digest_of(FullQuote(), ROWS, files=("a", "b"))
    assert digest_of(FullQuote(), ROWS, files=("a",)) != digest_of(FullQuote(), ROWS)


def test_what_was_frozen_in_the_first_format_keeps_its_hash() -> None:
    """The digest was made by the program that wrote the first format (docs/decisions/015)."""
    frozen = '{"attachments":[],"format":"presales.quote/1"}'
    rows = [*ROWS, FullLine("option", name="吊灯", unit_price_fen=9900, discount_percent=Decimal("0.1"))]
    was = replace(FullQuote(discount_percent=Decimal("0.03"), freight_fen=500), frozen=frozen)
    assert digest_of(was, rows) == "db1538a877f01d8a21dff2cf82a2c05dad7e36b07009cdbe11b0a4a5614ec81e"
    assert digest_of(replace(was, frozen=""), rows) != digest_of(was, rows)
    said = 'x","format":"presales.quote/1"'
    newest = quote_content.content(FullQuote(title=said), ROWS, price(ROWS, FullQuote()), "甲方")
    assert quote_content.format_of(newest) == quote_content.NEWEST


# -- approvals

SELLER, HEAD, BOSS, MONEY, OTHER = (UUID(int=n) for n in range(1, 6))
head = Actor(HEAD, "赵磊", frozenset({Role.SALES_HEAD}), "sales", BOSS, frozenset({SELLER}))
boss = Actor(BOSS, "冯锐", frozenset({Role.MANAGEMENT}), "management", None, frozenset({SELLER, HEAD, MONEY}))
finance = Actor(MONEY, "周芳", frozenset({Role.FINANCE}), "finance", BOSS)
both = Actor(OTHER, "双", frozenset({Role.FINANCE, Role.SALES_HEAD}), "finance", None, frozenset({SELLER}))


def decided(step: str, by: UUID, verdict: str = "approve", content: str = "h") -> Decided:
    return Decided(step, verdict, by, "", dt.datetime(2026, 11, 23, tzinfo=dt.UTC), "", content, 1)


@pytest.mark.parametrize(
    ("step", "actor", "author", "earlier", "code"),
    [
        ("finance", finance, Author(SELLER), (), ""),
        ("superior", head, Author(SELLER), (), ""),
        ("superior", boss, Author(SELLER), (), ""),
        ("superior", finance, Author(SELLER), (), "permission.role"),
        ("finance", head, Author(SELLER), (), "permission.role"),
        ("superior", head, Author(HEAD), (), "approval.author"),
        ("superior", head, Author(SELLER, frozenset({HEAD})), (), "approval.author"),
        ("superior", head, Author(OTHER), (), "approval.not_superior"),
        ("superior", head, Author(OTHER, has_superior=False), (), ""),
        ("superior", both, Author(SELLER), (decided("finance", OTHER),), "approval.same_person"),
        ("finance", finance, Author(SELLER), (decided("finance", BOSS),), "approval.decided"),
    ],
)
def test_who_may_decide(step: str, actor: Actor, author: Author, earlier: tuple[Decided, ...], code: str) -> None:
    found = may_decide(QUOTE_STEPS, step, actor, author, earlier)
    assert (found.allowed, found.code) == (code == "", code)


def test_only_all_steps_by_different_people_add_up_to_an_approval() -> None:
    assert outcome(QUOTE_STEPS, []) is Outcome.WAITING
    assert outcome(QUOTE_STEPS, [decided("finance", MONEY)]) is Outcome.WAITING
    assert outcome(QUOTE_STEPS, [decided("finance", MONEY), decided("superior", MONEY)]) is Outcome.WAITING
    assert outcome(QUOTE_STEPS, [decided("superior", HEAD), decided("finance", MONEY)]) is Outcome.APPROVED
    assert outcome(QUOTE_STEPS, [decided("superior", HEAD), decided("finance", MONEY, "return")]) is Outcome.RETURNED
    assert outcome(QUOTE_STEPS, [decided("legal", HEAD), decided("finance", MONEY)]) is Outcome.WAITING


def test_a_decision_is_void_for_other_content() -> None:
    made = [decided("finance", MONEY), decided("superior", HEAD, content="old")]
    assert [d.step for d in bound(made, 1, "h")] == ["finance"]
    assert bound(made, 2, "h") == ()
    assert bound(made, 1, "") == ()
