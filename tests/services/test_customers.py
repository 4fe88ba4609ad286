"""Customers: saving with parts, rights, steps, lists, duplicates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from presales_desktop.models.errors import (
    ConflictError,
    InvalidTransition,
    NotFound,
    PermissionDenied,
    UserError,
    ValidationError,
)
from presales_desktop.models.identity import uscc_check_character
from presales_desktop.services import customers, search, timeline, users
from presales_desktop.services.customers import ContactDraft, CustomerDraft, SiteDraft
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Runner, Work

Run = Callable[..., Any]
USCC = "91350100M000100Y43"


def make(run: Run, name: str = "中山市星辉灯饰有限公司", who: str = "sales", **values: Any) -> Any:
    return run(who, customers.save, CustomerDraft(name=name, **({"owner_id": None} | values)))


def me(run: Run, who: str) -> Any:
    return run(who, lambda work: work.actor.id)


def test_a_customer_is_kept_with_contacts_and_sites(run: Run) -> None:
    draft = run("sales", customers.new_draft, {})
    draft.name, draft.uscc, draft.phone = " 云境设计 ", "91350100 M000100y43", "0755-8888 6666"
    draft.contacts = [
        ContactDraft(name="林小姐", phone="13900001111"),
        ContactDraft(),
        ContactDraft(name="赵工", title="设计总监"),
    ]
    draft.sites = [SiteDraft(kind="site", label="样板间", address="深圳市南山区")]
    whole = run("sales", customers.show, run("sales", customers.save, draft))
    assert (whole.name, whole.uscc, whole.owner, whole.state) == ("云境设计", USCC, "王敏", "active")
    assert whole.number.startswith("KH20261123-")
    assert [(c.name, c.primary) for c in whole.contacts] == [("林小姐", True), ("赵工", False)]
    assert [s.label for s in whole.sites] == ["样板间"]


def test_changed_parts_are_written_moved_and_removed(run: Run) -> None:
    one = make(run, contacts=[ContactDraft(name="甲"), ContactDraft(name="乙"), ContactDraft(name="丙")])
    draft = run("sales", customers.load, one)
    first = draft.contacts[0].id
    draft.contacts = [draft.contacts[2], draft.contacts[0]]
    draft.contacts[1].phone = "13900001111"
    draft.contacts[1].primary = False
    draft.contacts[0].primary = True
    run("sales", customers.save, draft)
    found = run("sales", customers.show, one).contacts
    assert [(c.name, c.phone, c.primary) for c in found] == [("丙", "", True), ("甲", "13900001111", False)]
    assert found[1].id == first


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"name": " "}, "field.required", "name"),
        ({"uscc": "91350100M000100Y44"}, "customer.uscc_check", "uscc"),
        ({"uscc": "123"}, "customer.uscc_length", "uscc"),
        ({"email": "a@b"}, "customer.email", "email"),
        ({"importance": "huge"}, "field.choice", "importance"),
        ({"contacts": [ContactDraft(phone="1")]}, "field.required", "contacts.0.name"),
        ({"contacts": [ContactDraft(name="甲", primary=True), ContactDraft(name="乙", primary=True)]}, "customer.one_primary", "contacts.1.primary"),
        ({"sites": [SiteDraft(label="仓库")]}, "field.required", "sites.0.address"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_field(run: Run, values: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        make(run, **values)
    assert [(p.code, p.field) for p in caught.value.problems] == [(code, field)]


def test_a_short_phone_is_a_hint_and_blocks_nothing(run: Run) -> None:
    assert make(run, phone="110")
    assert [p.blocking for p in customers.problems(CustomerDraft(name="甲公司", phone="110"))] == [False]


def test_unchanged_drafts_write_nothing_and_stale_ones_are_refused(run: Run) -> None:
    one = make(run)
    first, second = (run("sales_head", customers.load, one) for _ in range(2))
    run("sales_head", customers.save, first)
    assert run("sales", customers.show, one).version == 1
    first.notes = "常订吊灯"
    run("sales_head", customers.save, first)
    second.notes = "别的"
    with pytest.raises(ConflictError):
        run("sales_head", customers.save, second)
    assert run("sales", customers.show, one).notes == "常订吊灯"


def test_a_change_of_contacts_alone_counts_as_a_change(run: Run) -> None:
    one = make(run)
    first, second = (run("sales_head", customers.load, one) for _ in range(2))
    first.contacts.append(ContactDraft(name="新联系人"))
    run("sales_head", customers.save, first)
    second.contacts.append(ContactDraft(name="另一位"))
    with pytest.raises(ConflictError):
        run("sales_head", customers.save, second)
    assert [c.name for c in run("sales", customers.show, one).contacts] == ["新联系人"]


def test_only_the_owner_his_superior_and_service_change_a_customer(run: Run) -> None:
    one = make(run, owner_id=me(run, "sales"))
    for who in ("sales2", "finance", "design"):
        with pytest.raises(PermissionDenied):
            run(who, customers.save, _noted(run, one, who))
    for who in ("sales", "sales_head", "service"):
        run(who, customers.save, _noted(run, one, who))
    with pytest.raises(PermissionDenied):
        make(run, who="finance")


def _noted(run: Run, one: Any, notes: str) -> CustomerDraft:
    draft: CustomerDraft = run("sales", customers.load, one)
    draft.notes = notes
    return draft


def test_the_owner_changes_only_by_those_who_assign(run: Run) -> None:
    one = make(run, owner_id=me(run, "sales"))
    draft = run("sales", customers.load, one)
    draft.owner_id = me(run, "sales2")
    with pytest.raises(PermissionDenied):
        run("sales", customers.save, draft)
    with pytest.raises(PermissionDenied):
        run("sales", customers.do, one, "assign", {"owner": "liqiang"})
    run("sales_head", customers.do, one, "assign", {"owner": "liqiang"})
    assert run("sales", customers.show, one).owner == "李强"
    assert run("sales_head", customers.assign_many, [one], me(run, "sales")) == 1
    event = run("sales", timeline.of, "customer", one)[0]
    assert (event.action, event.detail["before"], event.detail["to"]) == ("assigned", "李强", "王敏")


def test_steps_are_refused_where_they_do_not_fit(run: Run) -> None:
    one = make(run, owner_id=me(run, "sales"))
    with pytest.raises(InvalidTransition):
        run("sales", customers.do, one, "restore", {})
    with pytest.raises(UserError, match=r"parameter_missing"):
        run("sales_head", customers.do, one, "assign", {})
    with pytest.raises(UserError, match=r"parameter_unknown"):
        run("sales", customers.do, one, "archive", {"why": "x"})
    run("sales", customers.do, one, "archive", {})
    assert run("sales", customers.show, one).state == "archived"
    assert run("sales", customers.do_many, [one], "archive") == 0
    assert run("sales", customers.do_many, [one], "restore") == 1
    assert [e.action for e in run("sales", timeline.of, "customer", one)] == ["restored", "archived", "created"]


def test_lists_filter_sort_page_and_search(run: Run) -> None:
    a = make(run, "云境设计", importance="key", owner_id=me(run, "sales"), region="广东深圳")
    b = make(run, "锦绣湾酒店", who="sales2", owner_id=me(run, "sales2"), industry="hotel", region="广东珠海")
    c = make(run, "望湖地产", contacts=[ContactDraft(name="欧阳锋", phone="13712345678")])
    run("sales_head", customers.do, c, "archive", {})

    def ids(**query: Any) -> list[Any]:
        filters = tuple((k, v) for k, v in query.pop("filters", {}).items())
        return [r.id for r in run("sales", customers.list_rows, ListQuery(filters=filters, **query)).rows]

    assert ids() == [c, b, a]
    assert ids(filters={"state": "active"}) == [b, a]
    assert ids(filters={"owner": "me"}) == [a]
    assert ids(filters={"owner": "liqiang", "state": "active"}) == [b]
    assert ids(filters={"importance": "key,important"}) == [a]
    assert ids(filters={"region": "广东"}, sort="name") == [a, b]
    assert ids(search="绣湾") == [b]
    assert ids(search="jxw") == [b]
    assert ids(search="欧阳锋") == [c]
    assert ids(search="1371234") == [c]
    assert ids(limit=1) == [c]
    assert ids(limit=1, after=c) == [b]
    assert run("sales", customers.list_rows, ListQuery(limit=1)).total == 3
    row = run("sales", customers.list_rows, ListQuery(search="云境")).rows[0]
    assert (row.owner, row.state, row.open_cases, row.region) == ("王敏", "active", 0, "广东深圳")


def test_a_removed_contact_is_no_longer_found(run: Run) -> None:
    one = make(run, contacts=[ContactDraft(name="欧阳锋")])
    draft = run("sales_head", customers.load, one)
    draft.contacts.clear()
    run("sales_head", customers.save, draft)
    assert run("sales", search.find, "欧阳锋") == ()


def test_customers_are_resolved_by_id_number_and_name(run: Run) -> None:
    one = make(run, "云境设计")
    number = run("sales", customers.show, one).number
    assert run("sales", customers.resolve, str(one)) == one
    assert run("sales", customers.resolve, number) == one
    assert run("sales", customers.resolve, "云境设计") == one
    make(run, "云境设计")
    with pytest.raises(NotFound, match=r"ambiguous"):
        run("sales", customers.resolve, "云境设计")
    with pytest.raises(NotFound, match=r"not_found"):
        run("sales", customers.resolve, "没有的公司")


def test_duplicates_by_code_phone_name_and_nearness(run: Run) -> None:
    code = make(run, "完全不同的名字", uscc=USCC)
    phone = make(run, "海棠湾开发", phone="0760-22386600")
    contact = make(run, "望海楼", contacts=[ContactDraft(name="黄先生", phone="138 0013 8000")])
    named = make(run, "中山市古镇星辉灯饰有限公司")
    near = make(run, "佛山市锦绣前程装饰工程有限公司")

    def hits(**values: Any) -> list[tuple[Any, str]]:
        return [(h.id, h.reason) for h in run("sales", customers.duplicates, CustomerDraft(**values))]

    assert hits(name="新公司", uscc="9135 0100M000100Y43") == [(code, "uscc")]
    assert hits(name="新公司", phone="+86 760 2238 6600") == []
    assert hits(name="新公司", phone="0760 2238 6600") == [(phone, "phone")]
    assert hits(name="新公司", contacts=[ContactDraft(name="x", phone="13800138000")]) == [(contact, "contact_phone")]
    assert hits(name="中山古镇星辉灯饰厂") == [(named, "name")]
    assert hits(name="锦绣前程装修") == [(near, "name")]
    assert hits(name="锦绣前景程装饰") == [] or hits(name="锦绣前景程装饰")[0][0] == near
    assert hits(name="锦绣前程城") == [(near, "similar_name")]
    assert hits(name="") == []
    assert hits(name="星") == []


def test_a_customer_is_no_duplicate_of_itself(run: Run) -> None:
    one = make(run, uscc=USCC)
    assert run("sales", customers.duplicates, run("sales", customers.load, one)) == ()


def test_persons_of_one_name_are_a_weak_hint_only(run: Run) -> None:
    make(run, "张伟", kind="person")
    hit = run("sales", customers.duplicates, CustomerDraft(name="张伟", kind="person"))[0]
    assert hit.score < 80
    assert run("sales", customers.duplicates, CustomerDraft(name="张伟明", kind="person")) == ()


def test_looking_for_duplicates_reads_indexes_only(as_user: Callable[[str], Runner]) -> None:
    """Whatever the number of customers: no step of the plans may scan the customers."""
    statements = [
        ("SELECT id FROM customer WHERE uscc = ?", "x"),
        ("SELECT id FROM customer WHERE name_key = ?", "x"),
        ("SELECT id FROM customer WHERE phone_key IN (?)", "x"),
        ("SELECT customer_id FROM contact WHERE phone_key IN (?)", "x"),
    ]

    def plans(work: Work) -> list[str]:
        found = []
        for sql, value in statements:
            rows = work.session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + sql, (value,)).all()
            found += [row[3] for row in rows]
        return found

    answer, _ = as_user("sales").run(plans)
    assert answer
    assert all("SEARCH" in step for step in answer), answer


def test_the_first_page_and_its_count_read_an_index(as_user: Callable[[str], Runner]) -> None:
    def plan(work: Work) -> list[str]:
        page = "SELECT id, name FROM customer WHERE archived IS 0 ORDER BY updated_at DESC, id DESC LIMIT 100"
        count = "SELECT count(*) FROM customer WHERE archived IS 0 AND owner_id = x'00'"
        rows = [
            *work.session.execute(text("EXPLAIN QUERY PLAN " + page)),
            *work.session.execute(text("EXPLAIN QUERY PLAN " + count)),
        ]
        return [row[3] for row in rows]

    answer, _ = as_user("sales").run(plan)
    assert "ix_customer_updated_at" in answer[0]
    assert "TEMP B-TREE" not in " ".join(answer)
    assert "COVERING INDEX ix_customer_owner" in answer[-1]


def test_generated_codes_of_the_demo_are_valid(run: Run) -> None:
    head = "91442000MA5WXYTR2"
    assert make(run, uscc=head + uscc_check_character(head))


def test_unknown_owner_is_refused(run: Run) -> None:
    with pytest.raises(ValidationError) as caught:
        make(run, owner_id=make(run))
    assert caught.value.code == "customer.owner_unknown"
    assert run("sales", users.resolve, "王敏") == me(run, "sales")
