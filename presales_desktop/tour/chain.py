"""The chain as a new user walks it: customer → case → survey → layout → quote → approval → contract, through the widgets."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from presales_desktop.services.credit import StatementDraft
from presales_desktop.tour import drawing, papers
from presales_desktop.tour.plan import PlanPoints, write_plan
from presales_desktop.tour.robot import Robot

CUSTOMER = "中山市翠亨湾云栖度假酒店投资管理有限公司"
PHONE = "0760-88966001"
CASE = "云栖别墅样板房照明"
SPACES = (("起居室", "27.9", "2.8"), ("厨房", "11.1", "2.6"), ("卧室", "6.6", "2.7"))
ANSWERS = {"scene": "样板房接待与家庭聚会", "style": "现代简约", "functions": "会客、阅读、观影", "budget_fen": "86000"}

# What credit finds out about the customer, and his last year in fen.
ASSESSED = {
    "years": 9, "capital_fen": 2_000_000_000, "ownership": "private", "licence": "verified", "market": "steady",
    "premises": "owned", "staff": 260, "paid": "none", "court": "none", "tax_level": "A", "agency": "AA",
    "reputation": "good",
}  # fmt: skip
LAST_YEAR: dict[str, Any] = {
    "year": 2025, "revenue_fen": 18_600_000_000, "net_profit_fen": 1_300_000_000, "current_assets_fen": 8_000_000_000,
    "inventory_fen": 600_000_000, "receivables_fen": 1_900_000_000, "assets_fen": 21_000_000_000,
    "current_liabilities_fen": 4_100_000_000, "liabilities_fen": 7_900_000_000, "operating_cash_fen": 1_500_000_000,
}  # fmt: skip


@dataclass
class Journey:
    """What the walk has made so far, and what it was given."""

    ids: dict[str, UUID] = field(default_factory=dict)
    plan: PlanPoints | None = None


Stop = Callable[[Robot, Journey], Awaitable[None]]


async def look_around(robot: Robot, journey: Journey) -> None:
    """The workbench of the seller."""
    await robot.shot("01-workbench")


async def make_customer(robot: Robot, journey: Journey) -> None:
    """A customer with a 20-character name."""
    robot.window.new("customer")
    await robot.type("customer.name", CUSTOMER)
    await robot.type("customer.phone", PHONE)
    await robot.type("customer.region", "广东中山")
    await robot.save("customer", journey.ids)
    await robot.shot("02-customer")


async def make_case(robot: Robot, journey: Journey) -> None:
    """A case for that customer, by the customer's own next step."""
    await robot.step("new_case")
    await robot.type("case.title", CASE)
    await robot.type("case.expected_amount_fen", "90000")
    await robot.save("case", journey.ids)
    await robot.shot("03-case")


async def hold_survey(robot: Robot, journey: Journey) -> None:
    """Three rooms and five dimensions, the report, the customer's word."""
    robot.window.new("survey", case_id=journey.ids["case"])
    for name, answer in ANSWERS.items():
        await robot.type(f"survey.{name}", answer)
    await robot.type("survey.delivery_on", "+45", enter=True)
    for name, area, height in SPACES:
        await robot.click("survey.space.add")
        await robot.type("survey_space.name", name)
        await robot.type("survey_space.area_m2", area)
        await robot.type("survey_space.height_m", height)
    robot.page.draft.insert(
        "needs", 0, robot.part("survey", "needs", text="观影时要能调暗", dimension="functions", core=True)
    )
    await robot.save("survey", journey.ids)
    await robot.shot("04-survey")
    for action in ("start", "report"):
        if await robot.offers(action):
            await robot.step(action)
    await robot.until(lambda: robot.page.view.state == "report_draft", "report made")
    await robot.step("confirm")
    await robot.type("survey.confirm.by", "陆经理")
    await robot.confirm()
    await robot.until(lambda: robot.page.view.state == "confirmed", "survey confirmed")
    await robot.shot("05-survey-confirmed")
    await papers.save(robot, "survey", journey.ids["survey"])


async def lay_out(robot: Robot, journey: Journey) -> None:
    """The living room on the house's plan, lit to its target."""
    await robot.step("design")
    await drawing.draw_living_room(robot, journey.plan or _own_plan(), CASE)
    await robot.save("design", journey.ids)
    await robot.shot("07-design")
    await drawing.drag_and_undo(robot)
    await papers.save(robot, "design", journey.ids["design"])


def _own_plan() -> PlanPoints:
    return write_plan(Path(tempfile.mkdtemp(prefix="presales-plan-")) / "house.dxf")


async def review_design(robot: Robot, journey: Journey) -> None:
    """Handed in by the seller, passed by design."""
    await robot.step("submit")
    await robot.until(lambda: robot.page.view.state == "submitted", "design submitted")
    await robot.become("chenjing")
    await robot.go("design", journey.ids["design"])
    await robot.step("approve")
    await robot.until(lambda: robot.page.view.state in ("approved", "submitted"), "design decided")
    await robot.shot("08-design-review")


async def make_quote(robot: Robot, journey: Journey) -> None:
    """One click from the design, terms and validity, handed in."""
    await robot.become("wangmin")
    await robot.go("design", journey.ids["design"])
    await robot.step("quote")
    await robot.until(lambda: robot.page.kind == "quote" and robot.page.draft.value.lines, "lines from the design")
    await robot.click("quote.terms")
    await robot.type("quote.delivery_place", "广东省中山市南朗镇翠亨大道 88 号样板房")
    await robot.save("quote", journey.ids)
    await robot.click("quote.terms")
    await robot.shot("09-quote")
    await papers.save(robot, "quote", journey.ids["quote"], "未审核")
    await robot.step("submit")
    await robot.until(lambda: robot.page.shown.state == "submitted", "quote submitted")


async def approve_quote(robot: Robot, journey: Journey) -> None:
    """Finance with cost and margin, then the superior."""
    for login, picture in (("zhoufang", "10-quote-finance"), ("zhaolei", "11-quote-superior")):
        await robot.become(login)
        await robot.go("quote", journey.ids["quote"])
        await robot.shot(picture)
        await robot.type("quote.remark", "价格和毛利合理，同意。")
        await robot.click("quote.approve")
        await robot.until(robot.decided, f"decision of {login}")
    await robot.until(lambda: robot.page.shown.state == "approved", "quote approved")


async def send_quote(robot: Robot, journey: Journey) -> None:
    """Sent with its file recorded; the customer accepts."""
    await robot.become("wangmin")
    await robot.go("quote", journey.ids["quote"])
    await robot.step("send")
    await robot.type("quote.send.recipient", "陆经理")
    await robot.confirm()
    await robot.until(lambda: robot.page.shown.state == "sent", "quote sent")
    await robot.shot("12-quote-sent")
    await papers.save(robot, "quote", journey.ids["quote"])
    await robot.step("accept")
    await robot.confirm()
    await robot.until(lambda: robot.page.shown.state == "accepted", "quote accepted")


async def draft_contract(robot: Robot, journey: Journey) -> None:
    """The contract from the accepted quote, both parties filled in, handed in."""
    await robot.become("wangmin")
    await robot.go("quote", journey.ids["quote"])
    await robot.step("contract")
    await robot.until(lambda: robot.page.kind == "contract", "contract page")
    await papers.fill_parties(robot)
    await robot.save("contract", journey.ids)
    await robot.shot("13-contract")
    await robot.step("submit")
    await robot.until(lambda: robot.page.shown.state == "submitted", "contract submitted")


async def grade_customer(robot: Robot, journey: Journey) -> None:
    """Sales applies, credit assesses without statements and gives the grade: no contract without one."""
    robot.window.new("credit", customer_id=journey.ids["customer"])
    await robot.until(lambda: robot.page.kind == "credit", "credit page")
    await robot.type("credit.monthly_fen", "800000")
    await robot.save("credit", journey.ids)
    await robot.step("apply")
    await robot.until(lambda: robot.page.shown.state == "applied", "credit applied for")
    await robot.become("wuting")
    await robot.go("credit", journey.ids["credit"])
    for name, value in ASSESSED.items():
        robot.page.draft.set(name, value)
    robot.page.draft.append("statements", StatementDraft(**LAST_YEAR))
    await robot.step("take")
    await robot.until(lambda: robot.page.shown.state == "assessing", "assessment begun")
    await robot.shot("13-credit")
    await robot.step("grade")
    await robot.confirm()
    await robot.until(lambda: robot.page.shown.state == "graded", "customer graded")


async def review_contract(robot: Robot, journey: Journey) -> None:
    """Legal, sales and finance on the same hash; then signature."""
    for login in ("zhengkai", "zhaolei", "zhoufang"):
        await robot.become(login)
        await robot.go("contract", journey.ids["contract"])
        await robot.step("approve")
        if robot.sheet() is not None:
            await robot.confirm()
        await robot.quiet()
    await robot.until(lambda: robot.page.shown.state == "approved", "contract approved")
    await robot.shot("14-contract-approved")
    await papers.save(robot, "contract", journey.ids["contract"])
    await robot.become("wangmin")
    await robot.go("case", journey.ids["case"])
    await robot.shot("15-case")


STOPS: tuple[Stop, ...] = (
    look_around, make_customer, make_case, hold_survey, lay_out, review_design, make_quote, approve_quote, send_quote,
    grade_customer, draft_contract, review_contract,
)  # fmt: skip


async def walk(robot: Robot, steps: int | None = None, plan: PlanPoints | None = None) -> Journey:
    """All stops, or the first STEPS of them; PLAN: the house to lay out, one of our own when None."""
    journey = Journey(plan=plan)
    for stop in STOPS[:steps]:
        await stop(robot, journey)
    return journey
