"""Paper on the way: PDFs as the program prints them, and the parties of the contract."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from presales_desktop.reports import registry
from presales_desktop.texts import language
from presales_desktop.tour.robot import Robot

PARTY = {
    "uscc": "91442000MA53F0QK77",
    "address": "广东省中山市南朗镇翠亨大道 88 号",
    "legal_representative": "陆云栖",
    "phone": "0760-88966001",
}


async def save(robot: Robot, kind: str, record_id: UUID, mark: str = "") -> None:
    """The record's PDF into the tour's folder."""
    found = registry.find(kind, f"{kind}.pdf")
    document: Any = await robot.run(found.load, record_id)
    data = await robot.window.ctx.pool.run(found.render, document, language())
    path = robot.folder / f"{kind}{'-' + mark if mark else ''}.pdf"
    path.write_bytes(data)
    robot.made.append(path)


async def fill_parties(robot: Robot) -> None:
    """What the contract wants to know of the customer and the catalogue does not hold."""
    for name, value in PARTY.items():
        if robot.there(f"contract.buyer_{name}"):
            await robot.type(f"contract.buyer_{name}", value)
