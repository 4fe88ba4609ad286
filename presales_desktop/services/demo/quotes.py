"""Demo quotes: some 45 revisions in every state, made, reviewed, returned, sent and answered by the people who would."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.cases import Case
from presales_desktop.models.catalogue import Price
from presales_desktop.models.customers import Contact, Customer
from presales_desktop.models.designs import Design
from presales_desktop.models.quotes import Quote
from presales_desktop.models.surveys import Survey
from presales_desktop.models.users import User
from presales_desktop.models.values import shanghai_day
from presales_desktop.services import quotes
from presales_desktop.services.catalogue_facts import facts
from presales_desktop.services.demo.stage import Stage
from presales_desktop.services.quote_drafts import QuoteDraft, QuoteLineDraft, line_of
from presales_desktop.services.quote_steps import send
from presales_desktop.services.work import Work

# (way to go, days ago it was begun): one family each
PLAN: tuple[tuple[str, int], ...] = (
    ("accepted", 96), ("accepted", 81), ("accepted", 66), ("accepted", 28), ("accepted", 27), ("accepted", 26),
    ("accepted", 25), ("accepted", 23), ("accepted", 21), ("accepted", 19),
    ("declined", 90), ("declined", 70), ("declined", 46), ("declined", 24),
    ("expired", 84), ("expired", 62), ("expired", 50),
    ("superseded_sent", 44), ("superseded_sent", 28), ("returned_accepted", 58), ("returned_accepted", 37),
    ("sent", 16), ("sent", 13), ("sent", 10), ("sent", 8), ("sent", 6),
    ("approved", 5), ("approved", 4), ("approved", 3),
    ("returned", 9), ("returned", 6), ("rejected", 30), ("withdrawn", 21), ("cancelled", 18),
    ("half_finance", 3), ("half_superior", 2), ("submitted", 2), ("submitted", 1), ("submitted", 1),
    ("draft", 4), ("draft", 2), ("draft", 1), ("draft", 0),
)  # fmt: skip

_YOUNG_DAYS = 10

ROOMS = (
    ("大堂", "前台", "电梯厅", "宴会厅"),
    ("客厅", "餐厅", "主卧", "次卧", "书房", "厨房"),
    ("开放办公区", "会议室", "总经理室", "茶水间", "走廊"),
    ("中岛陈列", "橱窗", "收银台", "试衣间"),
    ("教室", "走廊", "图书角", "教师办公室"),
)
RETURNS = (
    "吊灯折扣低于底线，请把折扣控制在 5% 以内再报。",
    "运费没有计入，外省项目请按实际里程核算。",
    "质保承诺 5 年超出标准条款，请改回 3 年或说明原因。",
    "付款方式缺质保金比例，请补充。",
)
APPROVALS = ("", "同意。", "毛利达标，同意。", "老客户，价格合理。", "同意，注意交期。")
REFUSALS = ("价格高于对手约 8%", "业主改用原装进口品牌", "项目预算削减，暂缓照明部分")
NOTES = (
    "含 DALI 驱动，配合智能控制系统", "开孔 75mm，现场确认", "颜色以封样为准", "吊杆长度按现场层高定制", "", "", "", "",
)  # fmt: skip


@dataclass(frozen=True)
class _Family:
    case_id: UUID
    seller: str
    design_id: UUID | None
    age_days: int


def fill(stage: Stage) -> None:
    """Some 45 revisions over the cases that exist. Sent ones hold the PDF only where a printer is at hand."""
    families = _families(stage)
    variants = stage.ids.get("variant") or stage.run("wangmin", _sellable)
    used: Counter[UUID] = Counter()
    for n, (way, ago) in enumerate(PLAN):
        # Nobody quotes before the inquiry came in; of the cases old enough the one with the fewest quotes is next.
        old_enough = [f for f in families if f.age_days > ago] or families
        family = min(old_enough, key=lambda f: used[f.case_id])
        used[family.case_id] += 1
        _Walk(stage, family, variants, ago, n).go(way)


def _families(stage: Stage) -> list[_Family]:
    def read(work: Work) -> list[_Family]:
        logins = {u.id: u.login for u in work.session.scalars(select(User))}
        designs = {
            d.case_id: d.id
            for d in work.session.scalars(select(Design).where(Design.state.in_(("approved", "approved_with_notes"))))
        }
        # Where a survey or a design is under way, nobody quotes yet.
        early = {
            *work.session.scalars(select(Survey.case_id).where(Survey.state != "confirmed")),
            *work.session.scalars(select(Design.case_id).where(Design.state.in_(("draft", "submitted")))),
        }
        cases = work.session.scalars(select(Case).where(Case.id.not_in(early)).order_by(Case.number))
        return [
            _Family(c.id, login, designs.get(c.id), (stage.today - shanghai_day(c.created_at)).days)
            for c in cases
            if (login := logins.get(c.owner_id or UUID(int=0), "wangmin")) in ("wangmin", "liqiang")
        ]

    found = stage.run("zhaolei", read)
    if not found:
        raise LookupError("demo quotes need cases of the sellers")
    # The youngest are still asked, surveyed and designed: a pipeline has something in every phase.
    return [family for family in found if family.age_days > _YOUNG_DAYS] or found


def _sellable(work: Work) -> list[UUID]:
    """Variants with a price, in a fixed order."""
    return list(work.session.scalars(select(Price.variant_id).distinct().order_by(Price.variant_id)))


class _Walk:
    """One family from its draft to where its way leads."""

    def __init__(self, stage: Stage, family: _Family, variants: list[UUID], ago: int, n: int) -> None:
        self.stage, self.family, self.variants, self.ago, self.n = stage, family, variants, ago, n
        self.id = UUID(int=0)

    def go(self, way: str) -> None:
        """Draft, then the steps of WAY."""
        self.day(0, 9)
        self.id = self.stage.run(self.family.seller, self._make)
        self.stage.note("quote", self.id)
        step: Callable[[], None] = getattr(self, f"_{way}")
        step()

    def day(self, later: int, hour: int = 10) -> None:
        """The clock LATER days after the family was begun, never after today."""
        self.stage.day(max(0, self.ago - later), hour, self.stage.rng.randrange(60))

    def do(self, login: str, action: str, **parameters: str) -> Any:
        return self.stage.run(login, quotes.do, self.id, action, parameters)

    def _make(self, work: Work) -> UUID:
        rng = self.stage.rng
        if self.family.design_id is not None and self.n % 3 == 0:
            draft = quotes.new_draft(work, {"design_id": self.family.design_id})
        else:
            draft = quotes.new_draft(work, {"case_id": self.family.case_id})
        draft.case_id = self.family.case_id
        if not any(line.type == "item" for line in draft.lines):
            draft.lines = self._lines(work)
        draft.title = draft.title or "灯具报价"
        draft.discount_percent = Decimal(rng.choice((0, 0, 2, 3, 5))).scaleb(-2)
        draft.freight_fen = rng.choice((0, 80_000, 120_000, 260_000))
        draft.installation_fen = rng.choice((0, 0, 480_000, 960_000))
        draft.delivery_place = rng.choice(("项目现场", "客户仓库，卸货由买方负责", "中山古镇自提"))
        draft.notes = "1. 报价不含配电箱、线缆及开孔。\n2. 货到现场 3 日内验收，逾期视为合格。"
        if self.n % 4 == 0:
            draft.internal_notes = "客户提过对手报价，谈判空间约 3%，请上级掌握。"
        return quotes.save(work, draft)

    def _lines(self, work: Work) -> list[QuoteLineDraft]:
        rng = self.stage.rng
        lines: list[QuoteLineDraft] = []
        rooms = {
            room: rng.sample(self.variants, min(len(self.variants), rng.randint(2, 5)))
            for room in rng.sample(ROOMS[self.n % len(ROOMS)], rng.randint(2, 4))
        }
        option = self.variants[:1] if self.n % 5 == 0 else []
        known = facts(work, [*itertools.chain(*rooms.values()), *option])
        for room, chosen in rooms.items():
            lines.append(QuoteLineDraft(type="section", name=room, quantity=Decimal(0), unit=""))
            for variant in (v for v in chosen if v in known):
                line = line_of(known[variant], Decimal(rng.choice((2, 4, 6, 8, 12, 18, 24, 36, 48, 60))))
                line.discount_percent = Decimal(rng.choice((0, 0, 0, 3, 5, 8))).scaleb(-2)
                line.note = rng.choice(NOTES)
                lines.append(line)
        for variant in (v for v in option if v in known):
            line = line_of(known[variant])
            line.type, line.note = "option", "可选，客户确认样品后加订"
            lines.append(line)
        if self.n % 6 == 0:
            lines.append(
                QuoteLineDraft(name="现场调光调试服务", model="", unit="项", unit_price_fen=380_000, spec="含两次上门")
            )
        return lines

    def _submit(self, later: int = 1) -> None:
        self.day(later, 14)
        self.do(self.family.seller, "submit")

    def _approve(self, later: int = 2) -> None:
        self._submit(later - 1)
        self.day(later, 10)
        self.do("zhoufang", "approve", comment=self.stage.rng.choice(APPROVALS))
        self.day(later, 15)
        self.do("zhaolei", "approve", comment=self.stage.rng.choice(APPROVALS))

    def _send(self, later: int = 3) -> None:
        self._approve(later - 1)
        self.day(later, 11)
        self.stage.run(self.family.seller, _hand_over, self.id, self.stage.rng.choice(("email", "wechat", "print")))

    def _draft(self) -> None:
        """As it is."""

    def _submitted(self) -> None:
        self._submit(0)

    def _half_finance(self) -> None:
        self._submit()
        self.day(2, 9)
        self.do("zhoufang", "approve", comment="成本已核，同意。")

    def _half_superior(self) -> None:
        self._submit()
        self.day(2, 9)
        self.do("zhaolei", "approve")

    def _approved(self) -> None:
        self._approve()

    def _sent(self) -> None:
        self._send()

    def _accepted(self) -> None:
        self._send()
        self.day(9, 16)
        self.do(self.family.seller, "accept", note="客户邮件确认")

    def _declined(self) -> None:
        self._send()
        self.day(12, 17)
        self.do(self.family.seller, "decline", reason=self.stage.rng.choice(REFUSALS))

    def _expired(self) -> None:
        self._send()
        self.day(36, 9)
        self.do(self.family.seller, "expire")

    def _returned(self) -> None:
        self._submit()
        self.day(2, 11)
        self.do("zhoufang", "return", comment=self.stage.rng.choice(RETURNS))

    def _rejected(self) -> None:
        self._submit()
        self.day(2, 16)
        self.do("zhaolei", "reject", comment="这个客户还有逾期货款，先收款再报价。")

    def _withdrawn(self) -> None:
        self._submit()
        self.day(2, 9)
        self.do(self.family.seller, "withdraw", reason="客户修改了房间数量")

    def _cancelled(self) -> None:
        self.day(1, 9)
        self.do(self.family.seller, "cancel")

    def _revise(self, later: int, discount: str) -> None:
        self.day(later, 10)
        self.id = self.do(self.family.seller, "revise")
        self.stage.note("quote", self.id)

        def change(work: Work) -> UUID:
            draft: QuoteDraft = quotes.load(work, self.id)
            draft.discount_percent = Decimal(discount)
            return quotes.save(work, draft)

        self.stage.run(self.family.seller, change)

    def _superseded_sent(self) -> None:
        self._send()
        self._revise(8, "0.06")
        self._send(12)

    def _returned_accepted(self) -> None:
        self._returned()
        self._revise(3, "0.02")
        self._send(7)
        self.day(14, 16)
        self.do(self.family.seller, "accept", on="")


def _hand_over(work: Work, quote_id: UUID, via: str) -> None:
    """Send it as people do; where nothing can print (a command line without reports) a small stand-in is not invented:
    the printer of services/printing must be installed."""
    quote = work.get(Quote, quote_id)
    contact = work.session.get(Contact, quote.contact_id) if quote.contact_id else None
    send(work, quote_id, via, contact.name if contact is not None else work.get(Customer, quote.customer_id).name)
