"""A server with the ten people of the demo company and one more designer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from presales_desktop.models.permissions import Role
from presales_desktop.services import company
from presales_desktop.services.demo.users import LETTERHEAD, PEOPLE
from tests.server.lab import Lab
from tests.services.quote_data import World, make_world

# The demo's head of sales sells, too: nobody here may see costs and sell.
LOGINS = {
    "sales": "wangmin", "sales2": "liqiang", "sales_head": "zhaolei", "design": "chenjing", "technical": "sunhao",
    "finance": "zhoufang", "legal": "zhengkai", "admin": "zhengkai", "management": "fengrui", "marketing": "hemei",
}  # fmt: skip


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """An empty company."""
    made = Lab([*PEOPLE, ("linna", "林娜", "design", (Role.DESIGN,), "fengrui")], tmp_path)
    made.do("fengrui", company.save_letterhead, LETTERHEAD)
    return made


@dataclass
class Firm:
    """A lab with a seller's customer, a case and products with prices and costs."""

    lab: Lab
    world: World

    def run(self, role: str, function: object, *args: object, **kwargs: object) -> object:
        """As tests/conftest's run, but through the judge."""
        return self.lab.do(LOGINS.get(role, role), function, *args, **kwargs)  # type: ignore[arg-type]


@pytest.fixture
def firm(lab: Lab) -> Firm:
    """Made through the same services as people, every commit judged."""

    def run(role: str, function: object, *args: object, **kwargs: object) -> object:
        return lab.do(LOGINS.get(role, role), function, *args, **kwargs)  # type: ignore[arg-type]

    return Firm(lab, make_world(run))


@pytest.fixture
def quote(firm: Firm) -> UUID:
    """A draft of wangmin's."""
    from tests.services import quote_data

    return quote_data.make(firm.run, firm.world)
