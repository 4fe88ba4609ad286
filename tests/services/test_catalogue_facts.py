"""What other areas are told of variants: facts, look-up, exact matches."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import uuid4

from presales_desktop.services import catalogue
from tests.services.catalogue_data import Run, make, price, variant


def test_facts_say_the_technical_data_in_one_line(run: Run) -> None:
    product_id, (first, _) = make(run)
    told = run("sales", catalogue.facts, [first])[first]
    assert told.spec == "10W 900lm 3000K Ra90 36° IP44 哑白"
    assert (told.product_id, told.model_no, told.sku) == (product_id, "DL-8010", "DL-8010-30")
    assert (told.unit, told.lead_days, told.warranty_years) == ("只", 7, 3)
    assert (told.power_w, told.flux_lm, told.cct_k, told.ra, told.beam_deg) == (Decimal(10), 900, 3000, 90, Decimal(36))
    assert told.list_fen is None
    assert told.photometry_sha256 is None
    assert told.image_sha256 is None


def test_facts_of_a_thousand_variants_take_a_handful_of_statements(run: Run, engine) -> None:
    from sqlalchemy import event

    _, ids = make(run, variants=[variant(f"DL-{n:04}") for n in range(1100)])
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert len(run("sales", catalogue.facts, [*ids, *ids, uuid4()])) == 1100
    assert len(statements) < 25


def test_list_price_is_the_one_in_force_on_the_day(run: Run) -> None:
    _, (first, second) = make(run)
    price(run, first, 10_000, dt.date(2026, 1, 1))
    price(run, first, 12_000, dt.date(2026, 6, 1))
    price(run, first, 15_000, dt.date(2027, 1, 1))
    on = {day: run("sales", catalogue.price_on, first, day) for day in (dt.date(2025, 12, 31), dt.date(2026, 1, 1),
          dt.date(2026, 5, 31), dt.date(2026, 6, 1), None, dt.date(2027, 3, 1))}  # fmt: skip
    assert list(on.values()) == [None, 10_000, 10_000, 12_000, 12_000, 15_000]
    facts = run("sales", catalogue.facts, [first, second], dt.date(2026, 2, 1))
    assert (facts[first].list_fen, facts[second].list_fen) == (10_000, None)


def test_a_price_entered_later_for_the_same_day_wins(run: Run, clock) -> None:
    _, (first, _) = make(run)
    day = dt.date(2026, 3, 1)
    price(run, first, 10_000, day)
    clock.forward(minutes=1)
    price(run, first, 9_900, day)
    assert run("sales", catalogue.price_on, first, day) == 9_900


def test_the_administrator_of_the_workspace_sees_no_price(run: Run) -> None:
    from presales_desktop.models.permissions import Actor, Role

    _, (first, _) = make(run)
    price(run, first, 10_000, dt.date(2026, 1, 1))

    def as_admin(work):
        work.actor = Actor(uuid4(), "管理员", frozenset({Role.ADMIN}), "management")
        return catalogue.facts(work, [first])

    assert run("sales", as_admin)[first].list_fen is None


def test_look_up_finds_by_model_name_initials_number_and_technical_data(run: Run) -> None:
    make(run)
    make(
        run, "TR-2020", "追光轨道射灯", category="track", mounting="track", variants=[variant("TR-2020-B", finish="黑")]
    )

    def found(text: str) -> list[str]:
        return [f.sku for f in run("sales", catalogue.find_variants, text)]

    assert found("DL-8010") == ["DL-8010-30", "DL-8010-40"]
    assert found("嵌入式筒") == ["DL-8010-30", "DL-8010-40"]
    assert found("xcqr") == ["DL-8010-30", "DL-8010-40"]
    assert found("2020-b") == ["TR-2020-B"]
    assert found("dl-8010-40")[0] == "DL-8010-40"
    assert found("筒灯 4000K") == ["DL-8010-40"]
    assert sorted(found("10W 3000K")) == ["DL-8010-30", "TR-2020-B"]
    assert found("99W") == []
    assert found("轨道安装") == ["TR-2020-B"]
    assert found("%_") == []


def test_look_up_leaves_out_what_cannot_be_ordered(run: Run) -> None:
    product_id, _ = make(run, variants=[variant("A-1"), variant("A-2", active=False)])
    assert [f.sku for f in run("sales", catalogue.find_variants, "星辰")] == ["A-1"]
    run("technical", catalogue.KIND.do, product_id, "discontinue", {"reason": "换代"})
    assert run("sales", catalogue.find_variants, "星辰") == ()


def test_match_is_exact_but_for_case_width_and_spaces(run: Run) -> None:
    _, (first, second) = make(run)
    _, (only,) = make(run, "TR-2020", "追光轨道射灯", variants=[variant("TR-2020-B")])

    def match(text: str):
        found = run("sales", catalogue.match_variant, text)
        return found and found.variant_id

    assert match("dl-8010-30") == first
    assert match(" ＤＬ-8010 -40 ") == second
    assert match("TR-2020") == only
    assert match("DL-8010") is None
    assert match("DL-801") is None
    assert match("") is None
    several = run("sales", catalogue.match_variants, ["DL-8010", "nothing"])
    assert [f.variant_id for f in several["DL-8010"]] == [first, second]
    assert several["nothing"] == ()
