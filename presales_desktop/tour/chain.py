"""The chain as a new user walks it: customer → case → survey → layout → quote → approval → contract, through the widgets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from presales_desktop.tour.robot import Robot

CUSTOMER = "中山市翠亨湾云栖度假酒店投资管理有限公司"
PHONE = "0760-88966001"
CASE = "云栖别墅样板房照明"


@dataclass
class Journey:
    """What the walk has made so far, and what it was given."""

    ids: dict[str, UUID] = field(default_factory=dict)
    plan: Path | None = None


Stop = Callable[[Robot, Journey], Awaitable[None]]


async def look_around(robot: Robot, journey: Journey) -> None:
    """The workbench of the seller."""
    await robot.shot("01-workbench")


async def make_customer(robot: Robot, journey: Journey) -> None:
    """A customer with a 20-character name and a contact."""
    robot.window.new("customer")
    await robot.type("customer.name", CUSTOMER)
    await robot.type("customer.phone", PHONE)
    await robot.type("customer.region", "广东中山")
    await robot.save("customer", journey)
    await robot.shot("02-customer")


async def make_case(robot: Robot, journey: Journey) -> None:
    """A case for that customer, by the customer's own next step."""
    await robot.click("customer.new_case")
    await robot.type("case.title", CASE)
    await robot.save("case", journey)
    await robot.shot("03-case")


STOPS: tuple[Stop, ...] = (look_around, make_customer, make_case)


async def walk(robot: Robot, steps: int | None = None, plan: Path | None = None) -> Journey:
    """All stops, or the first STEPS of them; PLAN: a DXF to lay the room out on, one of our own when None."""
    journey = Journey(plan=plan)
    for stop in STOPS[:steps]:
        await stop(robot, journey)
    return journey
