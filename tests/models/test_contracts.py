"""Rules of contracts: the eight contents, deposit, placeholders, the shipped clause library."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models.approvals import CONTRACT_STEPS
from presales_desktop.models.contract_text import (
    PLACEHOLDERS,
    Goods,
    Subject,
    fill,
    open_placeholders,
    placeholder_values,
)
from presales_desktop.models.contracts import (
    PARTS,
    STATES,
    TRANSITIONS,
    ClauseDraft,
    ContractDraft,
    check_parts,
    hints,
    money_problems,
    picked,
    shipped_library,
    submit_problems,
)

SUBJECT = Subject(
    quote_label="BJ20261123-001-R1", quote_hash="ab" * 32, customer_name="广州云栖酒店有限公司", title="大堂照明",
    goods=(Goods(1, "大堂", "筒灯", "DG-1", "18 W", "套", Decimal(10), 128_000, Decimal(0), 1_280_000, ""),),
    totals={"lines": 1_280_000, "discount": 0, "freight": 0, "installation": 0, "net": 1_132_743, "tax": 147_257, "gross": 1_280_000},
    tax_rate=Decimal("0.13"), tax_included=True, delivery="30 天内", delivery_place="广州", payment="签订后付 30%",
    warranty="3 年",
)  # fmt: skip


def complete() -> ContractDraft:
    return ContractDraft(
        title="大堂照明", buyer_name="广州云栖酒店有限公司", buyer_address="广州市天河区", seller_name="灯港照明",
        seller_address="中山市古镇镇", sign_place="广东省中山市", total_fen=1_280_000,
        clauses=picked(shipped_library(), {}),
    )  # fmt: skip


def codes(draft: ContractDraft) -> list[str]:
    return [p.code for p in submit_problems(draft, SUBJECT)]


def test_the_standard_clauses_make_a_complete_contract() -> None:
    assert codes(complete()) == []
    assert [c.part for c in check_parts(complete(), SUBJECT)] == list(PARTS)


@pytest.mark.parametrize("part", ["quality", "performance", "breach", "disputes"])
def test_each_content_that_only_clauses_carry_is_missed(part: str) -> None:
    draft = complete()
    draft.clauses = [c for c in draft.clauses if c.part != part]
    assert codes(draft) == [f"contract.part_{part}_missing"]
    draft.clauses.append(ClauseDraft(heading="手写", body="  ", part=part))
    assert f"contract.part_{part}_missing" in codes(draft), "blanks fulfil nothing"
    draft.clauses[-1].body = "双方另行约定。"
    assert codes(draft) == []


@pytest.mark.parametrize("field", ["buyer_address", "seller_address", "seller_name"])
def test_parties_need_names_and_addresses(field: str) -> None:
    draft = complete()
    setattr(draft, field, " ")
    assert "contract.part_parties_missing" in codes(draft)


def test_subject_quantity_and_price_come_from_the_quote() -> None:
    import dataclasses

    empty = dataclasses.replace(SUBJECT, goods=(), totals=dict.fromkeys(SUBJECT.totals, 0))
    found = [p.code for p in submit_problems(complete(), empty)]
    assert {"contract.part_subject_missing", "contract.part_quantity_missing", "contract.part_price_missing"} <= set(
        found
    )


@given(st.integers(1, 10**12), st.integers(0, 10**12))
def test_deposit_is_refused_exactly_above_a_fifth_of_the_price(total: int, deposit: int) -> None:
    draft = complete()
    draft.deposit_fen = deposit
    refused = any(p.code == "contract.deposit_over" for p in money_problems(draft, total))
    assert refused == (Decimal(deposit) / total > Decimal("0.2"))


def test_deposit_and_prepayment_are_told_apart_and_need_their_clauses() -> None:
    draft = complete()
    draft.deposit_fen, draft.prepayment_fen = 256_000, 384_000
    found = codes(draft)
    assert "contract.deposit_without_clause" in found
    assert "contract.deposit_over" not in found, "exactly 20 % is allowed"
    draft.clauses = picked(shipped_library(), {"deposit": True, "prepayment": True})
    assert codes(draft) == []
    text = fill("\n".join(c.body for c in draft.clauses), placeholder_values(draft, SUBJECT))
    assert "定金 ¥2,560.00（大写：人民币贰仟伍佰陆拾元整）" in text
    assert "预付款 ¥3,840.00" in text
    draft.prepayment_fen = 1_100_000
    assert "contract.prepayment_over" in codes(draft)


def test_blanks_left_are_named_with_their_clause() -> None:
    draft = complete()
    draft.clauses.append(ClauseDraft(heading="补充", body="保证金【金额】元，期限【】。"))
    problem = next(p for p in submit_problems(draft, SUBJECT) if p.code == "contract.blank_left")
    assert problem.field == f"clauses.{len(draft.clauses) - 1}.body"
    assert problem.values["names"] == "【金额】、【】"


def test_clauses_that_exclude_each_other_or_stand_twice() -> None:
    library = {c.key: c.draft for c in shipped_library()}
    draft = complete()
    draft.clauses += [library["disputes_arbitration"], library["retention"]]
    assert codes(draft).count("contract.clauses_exclude") == 2
    draft = complete()
    draft.clauses.append(library["breach"])
    assert codes(draft) == ["contract.clause_twice"]


def test_hints_never_block_and_speak_of_credit_and_of_the_wrong_word() -> None:
    draft = complete()
    draft.clauses[0].body += "甲方交付订金。"
    found = hints(draft, SUBJECT, "", new_customer=True)
    assert all(not p.blocking for p in found)
    assert {"contract.credit_new", "contract.wrong_deposit_word"} <= {p.code for p in found}
    assert "contract.credit_unknown" in {p.code for p in hints(draft, SUBJECT, "", new_customer=False)}
    assert not [p for p in hints(draft, SUBJECT, "A", new_customer=True) if "credit" in p.code]


def test_every_shipped_clause_is_whole_in_both_languages_and_uses_known_placeholders() -> None:
    library = shipped_library()
    assert len({c.key for c in library}) == len(library) >= 20
    values = dict.fromkeys(PLACEHOLDERS, "x")
    for clause in library:
        assert clause.part in ("", *PARTS)
        for text in (clause.heading, clause.body, clause.heading_en, clause.body_en, clause.use_when, clause.owner):
            assert text.strip()
        assert open_placeholders(clause.body, values) == ()
        zh, en = (set(open_placeholders(t, {})) for t in (clause.body, clause.body_en))
        assert zh == en, clause.key
    for part in ("quality", "performance", "breach", "disputes"):
        assert any(c.part == part and c.pick == "always" for c in library)


def test_placeholder_values_cover_exactly_the_declared_names() -> None:
    assert tuple(placeholder_values(complete(), SUBJECT)) == PLACEHOLDERS


@given(st.text(alphabet="甲方【】合计金额 \n", max_size=60))
def test_filling_never_fails_and_leaves_unknown_blanks_visible(text: str) -> None:
    values = placeholder_values(complete(), SUBJECT)
    filled = fill(text, values)
    for name in open_placeholders(text, values):
        assert f"【{name}】" in filled


def test_occasions_pick_their_clauses() -> None:
    keys = [c.key for c in picked(shipped_library(), {"installation": True, "design": True})]
    assert "installation" in keys
    assert "design_rights" in keys
    assert "deposit" not in keys
    assert "guarantee" not in keys


def test_nothing_leads_out_of_signed_and_signature_only_from_approved() -> None:
    assert all({*t.from_states, t.to} - {None} <= set(STATES) for t in TRANSITIONS)
    assert [t.action for t in TRANSITIONS if "signed" in t.from_states] == ["settle"]
    assert not [t for t in TRANSITIONS if "signed" in t.from_states and t.to is not None]
    assert [t.from_states for t in TRANSITIONS if t.to == "out_for_signature"] == [("approved",)]
    assert {t.right for t in TRANSITIONS if t.action == "approve"} == {
        CONTRACT_STEPS.right(s) for s in CONTRACT_STEPS.steps
    }
