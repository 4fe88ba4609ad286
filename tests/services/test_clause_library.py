"""The clause library's page: editions and what they changed, where a clause is used, what art. 470 asks, who may write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from presales_desktop.models.contracts import PARTS
from presales_desktop.models.errors import (
    ConflictError,
    InputError,
    InvalidTransition,
    NotFound,
    PermissionDenied,
    ValidationError,
)
from presales_desktop.services import clause_library, clauses, contracts
from presales_desktop.services.listing import ListQuery
from tests.helpers.accepted_quotes import accepted_quote

Run = Callable[..., Any]


def rows(run: Run, *filters: tuple[str, str], **query: Any) -> Any:
    return run("sales", clause_library.list_rows, ListQuery(filters=filters, **query)).rows


def breach(run: Run) -> Any:
    return run("sales", clause_library.resolve, "breach")


def test_every_clause_is_one_line_and_legals_edition_is_the_next(run: Run) -> None:
    before = rows(run, ("state", "in_use"))
    assert len(before) == len(run("sales", clauses.library))
    draft = run("legal", clause_library.load, breach(run))
    draft.body += "\n9. 逾期超过三十日的，对方可以解除合同。"
    assert run("legal", clause_library.save, draft) == breach(run)
    whole = run("sales", clause_library.show, breach(run))
    assert (whole.edition, [e.edition for e in whole.editions]) == (2, [2, 1])
    assert whole.editions[0].by == "郑凯"
    assert "".join(p.text for p in whole.editions[0].pieces if p.how == "added").strip() == draft.body.splitlines()[-1]
    assert [r.key for r in rows(run, ("changed", "1"))] == ["breach"]
    assert len(rows(run)) == len(before)
    with pytest.raises(ConflictError):
        run("legal", clause_library.save, draft)
    same = run("legal", clause_library.load, breach(run))
    run("legal", clause_library.save, same)
    assert run("sales", clause_library.show, breach(run)).edition == 2


def test_contracts_say_which_edition_they_hold_and_whether_it_was_changed_there(run: Run) -> None:
    quote = accepted_quote(run)
    draft = run("sales", contracts.new_draft, {"quote_id": quote})
    own = next(c for c in draft.clauses if c.key == "quality")
    own.body += " 另约。"
    contract = run("sales", contracts.save, draft)
    edited = run("legal", clause_library.load, breach(run))
    edited.body += "改"
    run("legal", clause_library.save, edited)
    use = run("sales", clause_library.show, breach(run)).uses
    assert [(u.contract_id, u.edition, u.altered) for u in use] == [(contract, 1, False)]
    quality = run("sales", clause_library.show, run("sales", clause_library.resolve, "quality")).uses
    assert [u.altered for u in quality] == [True]
    assert {r.key: r.contracts for r in rows(run)}["breach"] == 1
    run("sales", contracts.KIND.do, contract, "cancel", {"reason": "重做"})
    assert run("sales", clause_library.show, breach(run)).uses == ()


def test_what_is_retired_leaves_the_library_and_comes_back(run: Run) -> None:
    gone = rows(run, ("part", "breach"))
    for row in gone:
        run("legal", clause_library.do, row.id, "retire", {"reason": "重写中"})
    assert not {r.key for r in gone} & {c.key for c in run("sales", clauses.library)}
    assert {r.key for r in rows(run, ("state", "retired"))} == {r.key for r in gone}
    parts = {p.part: p for p in run("sales", clause_library.coverage)}
    assert tuple(parts) == PARTS
    assert parts["parties"].covered
    assert not parts["breach"].covered
    with pytest.raises(InvalidTransition):
        run("legal", clause_library.do, breach(run), "retire", {"reason": "再"})
    for row in gone:
        run("legal", clause_library.do, row.id, "restore", {})
    assert all(p.covered for p in run("sales", clause_library.coverage))


def test_a_new_clause_has_a_free_key_and_is_found(run: Run) -> None:
    draft = run("legal", clause_library.new_draft, {})
    draft.heading, draft.body, draft.part = "绿色照明", "产品应符合能效一级。", "quality"
    made = run("legal", clause_library.save, draft)
    again = run("legal", clause_library.new_draft, {})
    assert again.key != draft.key
    assert [r.id for r in rows(run, search="能效一级")] == [made]
    assert run("sales", clause_library.resolve, "绿色照明") == made
    assert rows(run, sort="-heading")[0].heading >= rows(run, sort="heading")[0].heading
    again.key = draft.key
    again.heading = again.body = "x"
    with pytest.raises(ValidationError):
        run("legal", clause_library.save, again)


def test_only_legal_writes_and_unknown_things_are_refused(run: Run) -> None:
    draft = run("sales", clause_library.load, breach(run))
    draft.body = "改"
    for call in (
        lambda: run("sales", clause_library.save, draft),
        lambda: run("sales", clause_library.new_draft, {}),
        lambda: run("sales", clause_library.do, breach(run), "retire", {"reason": "x"}),
    ):
        with pytest.raises(PermissionDenied):
            call()
    with pytest.raises(NotFound):
        run("sales", clause_library.resolve, "没有的条款")
    with pytest.raises(InputError):
        rows(run, ("colour", "red"))
