"""A workspace of one's own that joins the company: what is at its beginning comes along, what has a past stays, and is said before
anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models.errors import UserError
from presales_desktop.models.permissions import Role
from presales_desktop.services import cases, customers, joining, search, syncing, users
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Runner
from presales_desktop.store import workspace as store
from presales_desktop.texts.lookup import error_text
from tests.server import site as sites
from tests.server.site import PASSPHRASE, PASSWORD, PEOPLE, Site


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    sites.cheap(monkeypatch)
    with sites.site(tmp_path, [p for p in PEOPLE if p[0] in ("fengrui", "zhaolei", "wangmin")]) as made:
        yield made


def alone(folder: Path) -> tuple[store.Workspace, Any, UUID]:
    """A seller's own workspace with a customer and a case."""
    made = store.create(folder, passphrase=PASSPHRASE)
    Runner(made.engine, users.FOUNDER).run(users.found, "王敏", (Role.SALES, Role.SALES_HEAD), "")
    actor = Runner(made.engine, users.FOUNDER).run(users.acting)[0]

    def run(function: Any, *args: Any) -> Any:
        return Runner(made.engine, actor).run(function, *args)[0]

    customer = run(customers.save, customers.CustomerDraft(name="佛山顺德陈村花卉世界有限公司"))
    draft = run(cases.new_draft, {"customer_id": customer})
    draft.customer_id, draft.title = customer, "花卉世界照明"
    return made, run, run(cases.save, draft)


def test_own_work_at_its_beginning_becomes_the_companys(company: Site, tmp_path: Path) -> None:
    made, _, case = alone(tmp_path / "own")
    made.close()
    laptop = company.laptop("wangmin", name="own")
    assert [r.code for r in laptop.look(syncing.list_inbox, ListQuery()).rows] == []
    assert laptop.link.status.waiting == 0
    boss = company.laptop("zhaolei")
    assert boss.look(cases.show, case).title == "花卉世界照明"
    assert boss.look(search.titles, [("case", case)]) == {("case", case): "花卉世界照明"}
    assert [c.name for c in boss.look(customers.list_rows, ListQuery()).rows] == ["佛山顺德陈村花卉世界有限公司"]


def test_what_has_a_past_is_refused_before_anything_is_sent(company: Site, tmp_path: Path) -> None:
    made, run, case = alone(tmp_path / "own")
    run(cases.do, case, "lose", {"reason": "价格"})
    made.close()
    before = company.house.core("dengang").refresh(force=True)
    with pytest.raises(UserError) as refused:
        joining.join(tmp_path / "own", company.url, "wangmin", PASSWORD, PASSPHRASE)
    assert refused.value.code == "sync.history"
    assert "（项目）" in error_text(refused.value)
    assert company.house.core("dengang").refresh(force=True) == before
    assert company.house.accounts("dengang").devices() == []
    again = store.open_workspace(tmp_path / "own", passphrase=PASSPHRASE)
    assert not sites.is_connected(again)
    again.close()


def test_a_workspace_of_several_people_is_refused(company: Site, tmp_path: Path) -> None:
    made, _, _ = alone(tmp_path / "own")
    colleague = users.UserDraft(login="x", name="小李", department="sales", roles=["sales"])
    Runner(made.engine, users.FOUNDER).run(users.save, colleague)
    made.close()
    with pytest.raises(UserError, match=r"sync\.others_work"):
        company.laptop("wangmin", name="own")


def test_the_inbox_speaks_of_what_was_refused_with_its_journal(company: Site, tmp_path: Path) -> None:
    seller, boss = company.laptop("wangmin"), company.laptop("zhaolei")
    customer = seller.do(customers.save, customers.CustomerDraft(name="佛山顺德陈村花卉世界有限公司"))
    boss.link.exchange()
    seller.offline = True
    draft = seller.look(customers.load, customer)
    draft.phone = "0757-23456789"
    seller.do(customers.save, draft)
    boss.do(customers.do, customer, "assign", {"owner": "zhaolei"})
    seller.link.exchange()
    rows = seller.look(syncing.list_inbox, ListQuery()).rows
    assert rows
    assert all(row.title for row in rows)
