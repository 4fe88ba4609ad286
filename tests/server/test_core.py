"""The judge inside the real server, embedded and on PostgreSQL: the way of a quote ends there as it does in the lab."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from presales_desktop.models.syncing import REGISTRY, STAMPS
from presales_desktop.server.domain import CONSOLE, TYPED_PART, ConsoleDomain
from presales_desktop.services import catalogue_prices, customer_merge, customers, quote_steps, quotes
from presales_desktop.services.demo.users import PEOPLE
from sync import codec
from sync.ids import uuid7
from sync.server.caller import Caller
from sync.server.core import Core
from sync.server.database import Database
from sync.server.domain import Verdict
from sync.server.tables import entity
from sync.wire import Change, Commit, CommitResult, PushRequest
from tests.helpers.accepted_quotes import PDF
from tests.server import lab as laboratory
from tests.server.conftest import Firm
from tests.server.lab import Lab
from tests.services.quote_data import DAY, make, make_world


class Both(Lab):
    """What the lab takes goes to a real core, too."""

    core: Core

    def push(self, commit: laboratory.Commit) -> Verdict:
        """To the lab, then to the core; both say the same."""
        made = [self._wire(c) for c in commit.changes]
        verdict = super().push(commit)
        result = self.send(commit.login, made)
        assert result.status == "applied", result
        return verdict

    def send(self, login: str, changes: list[Change]) -> CommitResult:
        """One commit to the core only."""
        key = self.keys[login].public_key().public_bytes_raw()
        return self._to_core(Caller(self.ids[login], UUID(int=7), key), changes)

    def _to_core(self, caller: Caller, changes: list[Change]) -> CommitResult:
        epoch = self.core.pull(Caller(CONSOLE, CONSOLE), b"", 0).epoch
        commit = Commit(uuid7().bytes, int(self.now.timestamp() * 1000) * 65536, 1, 1, changes)
        return self.core.push(caller, PushRequest(1, caller.device.bytes, epoch, [commit])).results[0]

    def _wire(self, change: laboratory.Change) -> Change:
        kind = REGISTRY[change.kind]
        values = {n: v for n, v in change.values.items() if change.op == "create" or n not in STAMPS}
        fields = codec.to_wire(kind, values)
        return Change(change.kind, change.id.bytes, change.op, fields, dict.fromkeys(fields, self.core.ring.head))  # type: ignore[arg-type]

    def found(self) -> None:
        """The people, as the console makes them."""
        rows = [(k, row) for k in ("user", "audit_event") for row in self.all(k)]
        changes = [
            self._wire(laboratory.Change(k, r["id"], "create", {n: r[n] for n in REGISTRY[k].columns})) for k, r in rows
        ]
        assert self._to_core(Caller(CONSOLE, CONSOLE), changes).status == "applied"


@pytest.fixture(params=["embedded", "postgresql"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Firm]:
    url = request.getfixturevalue("empty_postgres_url") if request.param == "postgresql" else None
    with_parts = Database.open(url, tmp_path / "server", (TYPED_PART,))
    organisation = with_parts.add(f"firm_{os.getpid()}", "灯港照明")
    lab = Both(PEOPLE, tmp_path)
    lab.core = Core(organisation.engine, ConsoleDomain(), clock=lambda: lab.now, name="lab")
    lab.found()
    firm = Firm(lab, None)  # type: ignore[arg-type]
    firm.world = make_world(firm.run)
    yield firm
    lab.core.close()
    with_parts.close()


def _core_row(firm: Firm, kind: str, row_id: UUID) -> dict[str, Any]:
    table = REGISTRY[kind].table
    assert isinstance(firm.lab, Both)
    with firm.lab.core.engine.connect() as connection:
        return dict(connection.execute(select(table).where(table.c.id == row_id)).mappings().one())


def _entities(firm: Firm) -> list[Any]:
    assert isinstance(firm.lab, Both)
    with firm.lab.core.engine.connect() as connection:
        return list(connection.execute(select(entity.c.kind, entity.c.scope).where(~entity.c.deleted)).all())


def test_a_quote_goes_its_way_through_the_core(both: Firm) -> None:
    quote = make(both.run, both.world)
    both.run("sales", quotes.do, quote, "submit", {})
    forged = [both.lab._wire(laboratory.Change("quote", quote, "set", {"state": "approved"}))]  # type: ignore[attr-defined]
    refused = both.lab.send("wangmin", forged)  # type: ignore[attr-defined]
    assert [r.code for r in refused.refusals] == ["judge.state_jump"]
    both.run("finance", quotes.do, quote, "approve", {})
    both.run("sales_head", quotes.do, quote, "approve", {})
    both.run("sales", quote_steps.send, quote, "email", "lin@example.com", PDF)
    entry = catalogue_prices.CostEntry(both.world.variants[0], 7_000, DAY)
    both.run("finance", catalogue_prices.set_costs, [entry])
    both.run("sales_head", customers.do, both.world.customer, "assign", {"owner": "liqiang"})
    twin = both.run(
        "sales2", customers.save, customers.CustomerDraft(name="星河湾酒店", owner_id=both.lab.ids["liqiang"])
    )
    both.run("sales_head", customer_merge.merge, both.world.customer, twin)
    for kind, row_id in (("quote", quote), ("customer", both.world.customer)):
        mine, theirs = both.lab.row(kind, row_id), _core_row(both, kind, row_id)
        for name in REGISTRY[kind].columns:
            if name not in STAMPS:
                assert theirs[name] == mine[name], name
    assert isinstance(both.lab, Both)
    seller = both.lab.core.pull(Caller(both.lab.ids["wangmin"], UUID(int=8)), b"", 0)
    kinds = {row.kind for row in seller.rows} | {page.kind for page in seller.pages}
    # all that hung on the one lies where the one that stays lies
    assert {r.scope for r in _entities(both) if r.scope.startswith("c:")} == {f"c:{twin}"}
    assert not kinds & {"variant_cost", "quote_line_cost", "quote_light", "price_floor"}
    assert both.lab.core.check() == []
