"""The difference of two revisions: nothing where nothing changed, words that add up to both texts, clauses found by key."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models.contract_diff import changes, words_changed
from presales_desktop.models.contract_text import Goods
from presales_desktop.models.contracts import ClauseDraft, ContractDraft

CLAUSES = [ClauseDraft(heading=h, body=f"{h}的正文。", key=k) for h, k in (("标的", "a"), ("质量", "b"), ("付款", "c"))]
BASE = ContractDraft(title="大堂", copies=4, clauses=CLAUSES)
LAMP = Goods(1, "大堂", "筒灯", "DL-1", "10 W", "只", Decimal(10), 12_800, Decimal(0), 128_000, "")


def told(*args: object) -> list[tuple[str, str, str]]:
    return [(c.area, c.how, c.name) for c in changes(*args)]  # type: ignore[arg-type]


def test_nothing_changed() -> None:
    other = replace(BASE, revision=2, state="submitted", clauses=[replace(c) for c in CLAUSES])
    assert told(BASE, other, [LAMP], [LAMP]) == []


def test_fields_are_told_with_both_values() -> None:
    (change,) = changes(BASE, replace(BASE, deposit_fen=100_000))
    assert (change.name, change.before, change.after) == ("deposit_fen", 0, 100_000)


def test_goods_by_fact_and_whole() -> None:
    more = replace(LAMP, quantity=Decimal(12), amount_fen=153_600)
    found = changes(BASE, BASE, [LAMP], [more])
    assert [(c.fact, c.before, c.after) for c in found] == [("quantity", 10, 12), ("amount_fen", 128_000, 153_600)]
    other = replace(LAMP, model="DL-2")
    assert told(BASE, BASE, [LAMP], [other]) == [
        ("goods", "removed", "大堂 筒灯 DL-1"), ("goods", "added", "大堂 筒灯 DL-2"),
    ]  # fmt: skip


def test_clauses_added_removed_rewritten_and_moved() -> None:
    a, b, c = CLAUSES
    assert told(BASE, replace(BASE, clauses=[a, c])) == [("clause", "removed", "质量")]
    own = ClauseDraft(heading="保密", body="双方保密。")
    assert told(BASE, replace(BASE, clauses=[a, own, b, c])) == [("clause", "added", "保密")]
    assert told(BASE, replace(BASE, clauses=[b, c, a])) == [("clause", "moved", "标的")]
    (change,) = changes(BASE, replace(BASE, clauses=[a, b, replace(c, body="付款的新正文。")]))
    assert [(p.how, p.text) for p in change.pieces] == [("same", "付款的"), ("added", "新"), ("same", "正文。")]


@given(st.text("付款 30%天内 ab\n", max_size=40), st.text("付款 50%天外 ab\n", max_size=40))
def test_pieces_make_both_texts(old: str, new: str) -> None:
    pieces = words_changed(old, new)
    assert "".join(p.text for p in pieces if p.how != "added") == old
    assert "".join(p.text for p in pieces if p.how != "removed") == new
    assert all(p.text for p in pieces)
    if old == new:
        assert all(p.how == "same" for p in pieces)


@given(st.permutations(range(5)))
def test_order_alone_moves_clauses_and_nothing_else(order: list[int]) -> None:
    clauses = [ClauseDraft(heading=f"h{n}", body="x", key=f"k{n}") for n in range(5)]
    found = changes(replace(BASE, clauses=clauses), replace(BASE, clauses=[clauses[n] for n in order]))
    assert {c.how for c in found} <= {"moved"}
    assert (found == ()) == (list(order) == sorted(order))
    assert len(found) < 5
