"""A server with the ten people of the demo company and one more designer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models.permissions import Role
from presales_desktop.services import company, customers, quotes
from presales_desktop.services.demo.users import LETTERHEAD, PEOPLE
from tests.server.lab import Lab
from tests.services import quote_data
from tests.services.quote_data import World, make_world

# The demo's head of sales sells, too: nobody here may see costs and sell.
LOGINS = {
    "sales": "wangmin", "sales2": "liqiang", "sales_head": "zhaolei", "design": "chenjing", "technical": "sunhao",
    "finance": "zhoufang", "legal": "zhengkai", "admin": "zhengkai", "management": "fengrui", "marketing": "hemei",
}  # fmt: skip


@pytest.fixture(scope="session")
def empty_company(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Made once, copied by every test."""
    made = Lab([*PEOPLE, ("linna", "林娜", "design", (Role.DESIGN,), "fengrui")], tmp_path_factory.mktemp("lab"))
    made.do("fengrui", company.save_letterhead, LETTERHEAD)
    return made


@pytest.fixture(scope="session")
def stocked_company(empty_company: Lab, tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """The same with a customer, a case and products, made once through the same services as people, every commit judged."""
    made = Firm(empty_company.copy(tmp_path_factory.mktemp("firm")), None)  # type: ignore[arg-type]
    made.world = make_world(made.run)
    return made


@pytest.fixture
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Lab:
    """An empty company; for a test that asks for `firm`, that one's."""
    if "firm" in request.fixturenames:
        stocked: Firm = request.getfixturevalue("stocked_company")
        return stocked.lab.copy(tmp_path)
    empty: Lab = request.getfixturevalue("empty_company")
    return empty.copy(tmp_path)


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm that a whole module asks and nobody changes, with a draft and a submitted quote, and a customer of the other seller."""
    made = Lab([*PEOPLE, ("linna", "林娜", "design", (Role.DESIGN,), "fengrui")], tmp_path_factory.mktemp("lab"))
    firm = Firm(made, None)  # type: ignore[arg-type]
    firm.world = make_world(firm.run)
    firm.ids["draft"] = quote_data.make(firm.run, firm.world)
    firm.ids["submitted"] = quote_data.make(firm.run, firm.world)
    firm.run("sales", quotes.do, firm.ids["submitted"], "submit", {})
    draft = customers.CustomerDraft(name="佛山顺德陈村花卉世界有限公司", owner_id=made.ids["liqiang"])
    firm.ids["theirs"] = firm.run("sales2", customers.save, draft)
    return firm


@dataclass
class Firm:
    """A lab with a seller's customer, a case and products with prices and costs."""

    lab: Lab
    world: World
    ids: dict[str, UUID] = field(default_factory=dict)

    def run(self, role: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """As tests/conftest's run, but through the judge."""
        return self.lab.do(LOGINS.get(role, role), function, *args, **kwargs)


@pytest.fixture
def firm(lab: Lab, stocked_company: Firm) -> Firm:
    """Its own copy of the stocked company."""
    return Firm(lab, stocked_company.world)


@pytest.fixture
def quote(firm: Firm) -> UUID:
    """A draft of wangmin's."""
    return quote_data.make(firm.run, firm.world)
