"""Two customers that are one firm: everything moves, frozen papers stay valid, the other is left as a sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from presales_desktop.models.customers import MERGED_FIELDS
from presales_desktop.models.errors import (
    ConflictError,
    InputError,
    InvalidTransition,
    PermissionDenied,
    UserError,
    ValidationError,
)
from presales_desktop.services import (
    cases,
    contracts,
    customer_merge,
    customers,
    doctor,
    quote_steps,
    quotes,
    search,
    timeline,
)
from presales_desktop.services.customers import ContactDraft, CustomerDraft, SiteDraft
from presales_desktop.services.listing import ListQuery
from tests.services.quote_data import approved, make_world

Run = Callable[..., Any]


@pytest.fixture
def two(run: Run) -> Any:
    """The world's customer with an approved quote, and the same firm once more, kept by another seller."""
    world = make_world(run)
    quote = approved(run, world)
    draft = CustomerDraft(
        name="深圳市星河湾酒店管理有限公司",
        region="广东深圳",
        contacts=[ContactDraft(name="林晓峰", phone="13900002222"), ContactDraft(name="何总", phone="13911110000")],
        sites=[SiteDraft(kind="site", address="深圳市福田区 2 号")],
    )
    return world, quote, run("sales2", customers.save, draft)


def test_all_that_hangs_on_one_goes_to_the_other_and_its_papers_stay_valid(run: Run, two: Any) -> None:
    world, quote, kept = two
    before = run("sales_head", customers.show, world.customer)
    stays = run("sales_head", customer_merge.merge, world.customer, kept, ["uscc", "phone"])
    assert stays == kept
    whole = run("sales", customers.show, kept)
    assert {r.kind for r in whole.related} == {"case", "quote"}
    assert sorted(c.name for c in whole.contacts) == ["何总", "林晓峰", "林晓峰"]
    assert sum(c.primary for c in whole.contacts) == 1
    assert [s.name for s in whole.signs] == [before.name]
    assert whole.phone == before.phone
    # what was approved is still what was approved: it can go out and be accepted
    run("sales", quote_steps.send, quote, "email", "a@b.cn", b"%PDF-1.4 x")
    run("sales", quotes.do, quote, "accept", {})
    assert run("sales", quotes.show, quote).customer == whole.name
    contract = run("sales", contracts.save, run("sales", contracts.new_draft, {"quote_id": quote}))
    assert run("sales", contracts.show, contract).customer_id == kept
    assert all(found.sound for found in run("sales", doctor.examine) if found.check in ("references", "journal"))


def test_the_sign_is_found_shown_and_written_on_by_nobody(run: Run, two: Any) -> None:
    world, _, kept = two
    gone = run("sales_head", customers.show, world.customer)
    run("sales_head", customers.do, world.customer, "merge", {"into": str(kept)})
    sign = run("sales", customers.show, world.customer)
    assert (sign.state, sign.merged_into) == ("merged", kept)
    assert not sign.contacts
    assert not sign.related
    hit = next(h for h in run("sales", search.find, gone.name) if h.id == world.customer)
    assert "星河湾" in hit.subtitle
    assert [h.id for h in run("sales", search.living, gone.name, 30, "customer")] == [kept]
    draft = run("sales_head", customers.load, world.customer)
    draft.notes = "新"
    calls: tuple[Callable[[], Any], ...] = (
        lambda: run("sales_head", customers.save, draft),
        lambda: run("sales_head", customer_merge.merge, kept, world.customer),
        lambda: run("sales_head", customers.do_many, [world.customer], "restore"),
        lambda: run("sales_head", customers.assign_many, [world.customer], None),
    )
    for call in calls:
        with pytest.raises(UserError) as caught:
            call()
        assert caught.value.code == "customer.merged"
    with pytest.raises(InvalidTransition):
        run("sales_head", customers.do, world.customer, "restore", {})
    with pytest.raises(ValidationError) as refused:
        run("sales_head", cases.save, cases.CaseDraft(title="新项目", customer_id=world.customer))
    assert [p.code for p in refused.value.problems] == ["customer.merged"]
    rows = run("sales", customers.list_rows, ListQuery(filters=(("state", "merged"),))).rows
    assert [(r.id, r.state) for r in rows] == [(world.customer, "merged")]
    for state in ("active", "archived"):
        page = run("sales", customers.list_rows, ListQuery(filters=(("state", state),)))
        assert world.customer not in {r.id for r in page.rows}
        assert page.total == len(page.rows)


def test_both_say_it_and_the_history_is_read_as_one(run: Run, two: Any) -> None:
    world, quote, kept = two
    run("sales_head", customer_merge.merge, world.customer, kept)
    assert run("sales", timeline.of, "customer", world.customer)[0].action == "merged"
    events = run("sales", timeline.of, "customer", kept)
    assert events[0].action == "absorbed"
    assert events[0].detail["moved"]["quote"] == 1
    assert any(e.subject_id == quote and e.action == "submitted" for e in events)


def test_a_chain_of_merges_stays_flat(run: Run, two: Any) -> None:
    world, quote, kept = two
    third = run("sales", customers.save, CustomerDraft(name="星河湾集团"))
    run("sales_head", customer_merge.merge, world.customer, kept)
    run("sales_head", customer_merge.merge, kept, third)
    assert run("sales", customers.show, world.customer).merged_into == third
    assert {s.id for s in run("sales", customers.show, third).signs} == {world.customer, kept}
    run("sales", quote_steps.send, quote, "email", "a@b.cn", b"%PDF-1.4 x")


def test_the_same_person_and_place_are_left_once(run: Run) -> None:
    def firm(name: str, **person: Any) -> Any:
        draft = CustomerDraft(
            name=name, contacts=[ContactDraft(name="甲", phone="13900001111", **person)],
            sites=[SiteDraft(kind="site", address="一号")],
        )  # fmt: skip
        return run("sales", customers.save, draft)

    gone, kept = firm("甲公司", email="a@b.cn"), firm("乙公司", wechat="jia")
    run("sales_head", customer_merge.merge, gone, kept)
    whole = run("sales", customers.show, kept)
    assert [(c.email, c.wechat) for c in whole.contacts] == [("a@b.cn", "jia")]
    assert len(whole.sites) == 1


def test_who_may_and_what_is_refused(run: Run, two: Any) -> None:
    world, _, kept = two
    with pytest.raises(PermissionDenied):
        run("sales", customer_merge.merge, world.customer, kept)
    with pytest.raises(UserError) as same:
        run("sales_head", customer_merge.compare, kept, kept)
    assert same.value.code == "customer.merge_self"
    with pytest.raises(InputError):
        run("sales_head", customer_merge.merge, world.customer, kept, ["number"])
    with pytest.raises(PermissionDenied):
        run("marketing", customer_merge.merge, world.customer, kept, ["owner_id"])
    found = run("sales_head", customer_merge.compare, world.customer, kept)
    assert set(found.differing) <= set(MERGED_FIELDS)
    assert "name" in found.differing
    assert found.gone.hanging["quote"] == 1
    draft = run("sales2", customers.load, kept)
    draft.notes = "改过"
    run("sales2", customers.save, draft)
    with pytest.raises(ConflictError):
        run("sales_head", customer_merge.merge, world.customer, kept, (), (found.gone.version, found.kept.version))
    assert run("sales", customers.show, world.customer).state == "active"
