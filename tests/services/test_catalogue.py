"""Products and variants: saving, uniqueness, steps, and that costs and floors never reach those without the right."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from presales_desktop.models.catalogue import in_force
from presales_desktop.models.errors import (
    ConflictError,
    InvalidTransition,
    NotFound,
    PermissionDenied,
    UserError,
    ValidationError,
)
from presales_desktop.models.journal import AuditEvent
from presales_desktop.services import catalogue, search, timeline
from presales_desktop.services.catalogue_prices import CostEntry, PriceEntry, set_costs, set_prices
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import ListQuery
from tests.services.catalogue_data import COST_FEN, FLOOR_FEN, Run, draft, make, make_secret, price, variant


def codes(problem: pytest.ExceptionInfo[ValidationError]) -> set[tuple[str, str | None]]:
    return {(p.code, p.field) for p in problem.value.problems}


def test_a_saved_product_is_loaded_as_it_was(run: Run) -> None:
    product_id, _ = make(run)
    first = run("technical", catalogue.load, product_id)
    first.name, first.variants[0].finish = "星辰 II 筒灯", "哑黑"
    first.variants.append(variant("DL-8010-57", cct_k=5700, power_w=Decimal("10.5")))
    assert run("technical", catalogue.save, first) == product_id
    second = run("technical", catalogue.load, product_id)
    assert (second.name, second.base_version) == ("星辰 II 筒灯", first.base_version + 1)
    assert [v.sku for v in second.variants] == ["DL-8010-30", "DL-8010-40", "DL-8010-57"]
    assert (second.variants[0].finish, second.variants[2].power_w) == ("哑黑", Decimal("10.5"))


def test_model_and_order_numbers_are_unique_whatever_their_case(run: Run) -> None:
    make(run)
    with pytest.raises(ValidationError) as problem:
        run(
            "technical",
            catalogue.save,
            draft("dl-8010", variants=[variant("dl-8010-30"), variant("x"), variant(" X ")]),
        )
    assert codes(problem) == {
        ("catalogue.model_taken", "model_no"),
        ("catalogue.sku_taken", "variants.0.sku"),
        ("catalogue.sku_twice", "variants.2.sku"),
    }


def test_what_a_product_needs(run: Run) -> None:
    with pytest.raises(ValidationError) as problem:
        run("technical", catalogue.save, draft("", "", category="boat", variants=[variant("a", ra=300)]))
    assert codes(problem) == {
        ("field.required", "model_no"), ("field.required", "name"), ("field.choice", "category"), ("field.high", "variants.0.ra"),
    }  # fmt: skip
    with pytest.raises(ValidationError) as problem:
        run("technical", catalogue.save, draft(variants=[]))
    assert codes(problem) == {("catalogue.no_variant", "variants")}


def test_order_numbers_may_change_places(run: Run) -> None:
    product_id, (first, second) = make(run)
    edited = run("technical", catalogue.load, product_id)
    edited.variants[0].sku, edited.variants[1].sku = edited.variants[1].sku, edited.variants[0].sku
    run("technical", catalogue.save, edited)
    facts = run("sales", catalogue.facts, [first, second])
    assert (facts[first].sku, facts[second].sku) == ("DL-8010-40", "DL-8010-30")


def test_a_removed_variant_takes_its_prices_with_it(run: Run) -> None:
    product_id, (first, second) = make(run)
    price(run, first, 10_000, dt.date(2026, 1, 1))
    make_secret(run, first)
    edited = run("technical", catalogue.load, product_id)
    del edited.variants[0]
    run("technical", catalogue.save, edited)
    assert run("finance", catalogue.facts, [first, second]).keys() == {second}
    assert run("finance", catalogue.costs, [first]) == {}


def test_two_editors_of_one_product(run: Run) -> None:
    product_id, _ = make(run)
    mine, theirs = (run("technical", catalogue.load, product_id) for _ in range(2))
    run("marketing", catalogue.save, theirs)
    with pytest.raises(ConflictError):
        run("technical", catalogue.save, mine)


@pytest.mark.parametrize("who", ["sales", "finance", "design", "legal"])
def test_only_marketing_and_technical_edit_products(run: Run, who: str) -> None:
    product_id, _ = make(run)
    edited = run(who, catalogue.load, product_id)
    with pytest.raises(PermissionDenied):
        run(who, catalogue.save, edited)
    with pytest.raises(PermissionDenied):
        run(who, catalogue.save, draft("NEW"))
    with pytest.raises(PermissionDenied):
        run(who, catalogue.do, product_id, "discontinue", {})


def test_steps(run: Run) -> None:
    product_id, _ = make(run)
    assert run("technical", catalogue.do, product_id, "discontinue", {"reason": "换代"}) == {"state": "discontinued"}
    with pytest.raises(InvalidTransition):
        run("technical", catalogue.do, product_id, "discontinue", {})
    run("technical", catalogue.do, product_id, "reactivate", {})
    events = run("sales", timeline.of, "product", product_id)
    assert [e.action for e in events] == ["reactivated", "discontinued", "created"]
    assert events[1].detail["reason"] == "换代"


def test_products_are_found_by_number_and_listed_by_what_they_are(run: Run) -> None:
    product_id, (first, _) = make(run)
    other, _ = make(
        run,
        "TR-2020",
        "追光轨道射灯",
        category="track",
        functions=["accent"],
        variants=[variant("TR-2020-B", cct_k=2700)],
    )
    price(run, first, 10_000, dt.date(2026, 1, 1))
    assert run("sales", catalogue.resolve, "dl-8010") == product_id
    assert run("sales", catalogue.resolve, "TR-2020-b") == other
    with pytest.raises(NotFound):
        run("sales", catalogue.resolve, "nothing")

    def listed(search: str = "", **filters: str) -> list[str]:
        page = run("sales", catalogue.list_rows, ListQuery(search, tuple(filters.items())))
        assert page.total == len(page.rows)
        return [row.model_no for row in page.rows]

    assert listed() == ["DL-8010", "TR-2020"]
    assert listed("轨道") == ["TR-2020"]
    assert listed("zggd") == ["TR-2020"]
    assert listed("8010-40") == ["DL-8010"]
    assert listed(category="track") == listed(cct="2700") == listed(cct="2700K") == ["TR-2020"]
    assert listed(function="antiglare") == ["DL-8010"]
    assert listed(function="anti") == listed(cct="x") == listed(photometry="yes") == []
    assert listed(photometry="no", state="active") == ["DL-8010", "TR-2020"]
    row = run("sales", catalogue.list_rows, ListQuery("DL-8010")).rows[0]
    assert (row.variants, row.power_from, row.power_to, row.ccts) == (2, Decimal(10), Decimal(10), (3000, 4000))
    assert (row.list_from_fen, row.list_to_fen) == (10_000, 10_000)


def test_the_search_finds_products_by_chinese_words_of_their_choices_and_order_numbers(run: Run) -> None:
    product_id, _ = make(run)
    for text in ("嵌入式", "xcqrst", "DL-8010-40", "现代"):
        assert [h.id for h in run("sales", search.find, text)] == [product_id]


# --- costs and floors -------------------------------------------------------------------------------------------------


def everything(value: Any, seen: set[int] | None = None) -> list[Any]:
    """Every value inside VALUE: fields of dataclasses, items, keys."""
    seen = seen if seen is not None else set()
    if id(value) in seen and not isinstance(value, (int, str)):
        return []
    seen.add(id(value))
    found = [value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for f in dataclasses.fields(value):
            found += [f.name, *everything(getattr(value, f.name), seen)]
    elif isinstance(value, dict):
        for k, v in value.items():
            found += everything(k, seen) + everything(v, seen)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for v in value:
            found += everything(v, seen)
    return found


def said_about_cost(answer: Any) -> list[Any]:
    secret = (COST_FEN, FLOOR_FEN)
    return [
        v
        for v in everything(answer)
        if v in secret
        or (isinstance(v, str) and ("cost" in v or "floor" in v or "7313" in v or "9191" in v or "古镇铝材厂" in v))
    ]


@pytest.mark.parametrize("who", ["sales", "sales2", "design", "technical", "marketing", "legal"])
def test_no_answer_to_others_holds_a_cost_or_a_floor(run: Run, who: str) -> None:
    product_id, (first, second) = make(run)
    price(run, first, 1_500_000, dt.date(2026, 1, 1))
    make_secret(run, first)
    kind: Kind = catalogue.KIND
    answers = [
        run(who, catalogue.show, product_id),
        run(who, catalogue.load, product_id),
        run(who, catalogue.facts, [first, second]),
        run(who, catalogue.find_variants, "DL-8010"),
        run(who, kind.list_rows, ListQuery()),
        run(who, search.find, "DL-8010"),
        run(who, search.find, "古镇铝材厂"),
    ]
    assert [said_about_cost(a) for a in answers] == [[]] * len(answers)
    for refused in (catalogue.costs, catalogue.floors):
        with pytest.raises(PermissionDenied) as error:
            run(who, refused, [first])
        assert (
            said_about_cost(error.value.values) in ([], ["price.floor"]) or error.value.values["right"] == "cost.view"
        )
    with pytest.raises(PermissionDenied):
        run(who, set_costs, [CostEntry(first, 1, dt.date(2026, 1, 1))])


def test_a_head_of_sales_sees_floors_and_no_costs(run: Run) -> None:
    product_id, (first, _) = make(run)
    make_secret(run, first)
    shown = run("sales_head", catalogue.show, product_id)
    assert [f.floor_fen for f in shown.floors] == [FLOOR_FEN]
    assert COST_FEN not in everything(shown)
    assert not hasattr(shown, "costs")
    with pytest.raises(PermissionDenied):
        run("sales_head", catalogue.costs, [first])


def test_finance_sees_costs_and_the_journal_never_tells_them(run: Run) -> None:
    product_id, (first, _) = make(run)
    make_secret(run, first)
    shown = run("finance", catalogue.show, product_id)
    assert [(c.cost_fen, c.supplier, c.in_force) for c in shown.costs] == [(COST_FEN, "古镇铝材厂", True)]
    assert run("finance", catalogue.costs, [first]) == {first: COST_FEN}
    events = run("finance", timeline.of, "product", product_id)
    assert [e.action for e in events] == ["floor_changed", "cost_changed", "created"]
    details = run("finance", lambda work: [e.detail for e in work.session.scalars(select(AuditEvent))])
    assert not any(str(COST_FEN)[:4] in str(d) or str(FLOOR_FEN)[:4] in str(d) for d in details)


def test_prices_are_finance_s(run: Run) -> None:
    _, (first, _) = make(run)
    for who in ("sales", "sales_head", "marketing", "technical", "management"):
        with pytest.raises(PermissionDenied):
            run(who, set_prices, [PriceEntry(first, 1, dt.date(2026, 1, 1))])
    with pytest.raises(ValidationError) as problem:
        run(
            "finance",
            set_prices,
            [PriceEntry(first, 0, dt.date(2026, 1, 1)), PriceEntry(uuid4(), 1, dt.date(2026, 1, 1))],
        )
    assert {p.code for p in problem.value.problems} == {"field.low", "catalogue.variant_unknown"}


def test_history_marks_what_is_in_force(run: Run) -> None:
    product_id, (first, _) = make(run)
    for day, fen in ((dt.date(2026, 1, 1), 100), (dt.date(2026, 6, 1), 200), (dt.date(2027, 1, 1), 300)):
        price(run, first, fen, day)
    shown = run("sales", catalogue.show, product_id)
    assert [(p.list_fen, p.in_force) for p in shown.prices] == [(300, False), (200, True), (100, False)]
    assert shown.variants[0].list_fen == 200


def test_a_variant_in_a_quote_or_a_design_cannot_be_deleted(run: Run) -> None:
    from presales_desktop.models.cases import Case
    from presales_desktop.models.customers import Customer
    from presales_desktop.models.designs import Design, Luminaire

    product_id, (first, _) = make(run)

    def place(work) -> UUID:
        customer = work.add(Customer(number="K1", name="客户"))
        work.session.flush()
        case = work.add(Case(number="X1", title="项目", customer_id=customer.id))
        work.session.flush()
        design = work.add(
            Design(number="F1", family_id=uuid4(), title="方案", case_id=case.id, customer_id=customer.id)
        )
        work.session.flush()
        work.add(Luminaire(design_id=design.id, variant_id=first, x_m=0, y_m=0, z_m=2.8))
        return design.id

    run("design", place)
    edited = run("technical", catalogue.load, product_id)
    del edited.variants[0]
    with pytest.raises(UserError) as error:
        run("technical", catalogue.save, edited)
    assert (error.value.code, error.value.values) == ("catalogue.variant_in_use", {"sku": "DL-8010-30"})


@dataclasses.dataclass(frozen=True)
class _Dated:
    effective_on: dt.date
    n: int


_DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))


@given(st.lists(_DAYS, max_size=8), _DAYS)
def test_the_row_in_force_is_the_last_that_began(days: list[dt.date], day: dt.date) -> None:
    rows = [_Dated(d, n) for n, d in enumerate(days)]
    found = in_force(rows, day)
    begun = [r for r in rows if r.effective_on <= day]
    assert (found is None) == (not begun)
    if found is not None:
        assert found == max(begun, key=lambda r: (r.effective_on, r.n))
