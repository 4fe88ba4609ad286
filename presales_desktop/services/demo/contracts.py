"""Demo contracts: eight in every state, made from the demo's accepted quotes, reviewed by legal, sales and finance."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.approvals import Choice
from presales_desktop.models.contracts import ContractDraft
from presales_desktop.models.quotes import Quote
from presales_desktop.models.users import User
from presales_desktop.services import clauses, contract_plans, contract_steps, contracts, printing
from presales_desktop.services.demo.stage import Stage
from presales_desktop.services.work import Work

# How far each comes, for the accepted quotes from the newest to the oldest.
WAYS: Final = ("draft", "submitted", "half", "approved", "returned", "revised", "out", "signed", "signed", "signed")
# What is still under way was begun so many days ago (as far as the quote's validity allows): nobody's turn is long over.
_BEGUN: Final = {"draft": 1, "submitted": 1, "half": 2, "approved": 2, "returned": 3, "revised": 4, "out": 6}
_REPRESENTATIVES: Final = ("陈国强", "林晓东", "黄文斌", "许静", "郭志远", "何雅琴", "罗建平", "苏敏")
_BANKS: Final = ("中国建设银行", "中国农业银行", "招商银行", "中国银行")
REVIEWERS: Final = (("legal", "zhengkai"), ("sales", "zhaolei"), ("finance", "zhoufang"))
RETURN: Final = "第十八条约定诉讼在签订地，甲方要求改为仲裁，请与客户确认后替换争议解决条款；定金与预付款请分开写。"


@dataclass(frozen=True)
class _Basis:
    quote_id: UUID
    seller: str
    accepted_on: dt.date
    valid_until: dt.date


def fill(stage: Stage) -> None:
    """Draft each a day or two after the customer accepted, while the quote is still valid."""
    found = stage.run("zhaolei", _accepted)
    for n, (way, basis) in enumerate(zip(WAYS, found, strict=False)):
        _Walk(stage, basis, n, way).go(way)


def _accepted(work: Work) -> list[_Basis]:
    logins = {u.id: u.login for u in work.session.scalars(select(User))}
    rows = work.session.scalars(
        select(Quote)
        .where(Quote.state == "accepted", Quote.answered_on.is_not(None), Quote.valid_until.is_not(None))
        .order_by(Quote.answered_on.desc(), Quote.number)
    )
    return [
        _Basis(q.id, logins.get(q.owner_id or UUID(int=0), "wangmin"), q.answered_on, q.valid_until)
        for q in rows
        if q.answered_on is not None and q.valid_until is not None and q.valid_until >= q.answered_on
    ]


class _Walk:
    """One contract from its draft to where its way leads."""

    def __init__(self, stage: Stage, basis: _Basis, n: int, way: str) -> None:
        self.stage, self.basis, self.n = stage, basis, n
        begun = basis.accepted_on + dt.timedelta(days=1)
        if way in _BEGUN:
            begun = max(begun, stage.today - dt.timedelta(days=_BEGUN[way]))
        begun = min(begun, basis.valid_until, stage.today)
        self.ago = (stage.today - begun).days
        self.id = UUID(int=0)

    def day(self, later: int, hour: int) -> None:
        """The clock LATER days after the contract was begun, never after today."""
        self.stage.day(max(0, self.ago - later), hour, self.stage.rng.randrange(50))

    def go(self, way: str) -> None:
        """Draft, then the steps of WAY."""
        self.day(0, 10)
        draft: ContractDraft = self.stage.run(self.basis.seller, contracts.new_draft, {"quote_id": self.basis.quote_id})
        self._complete(draft)
        self.id = self.stage.run(self.basis.seller, contracts.save, draft)
        self.stage.note("contract", self.id)
        if way != "draft":
            self.day(0, 16)
            self.stage.run(self.basis.seller, contract_steps.submit, self.id)
            getattr(self, f"_{way}")()

    def _complete(self, draft: ContractDraft) -> None:
        """What the quote does not know: representatives, bank, deposit or prepayment with its clause."""
        n = self.n
        draft.buyer_legal_representative = _REPRESENTATIVES[n % len(_REPRESENTATIVES)]
        draft.buyer_bank = f"{_BANKS[n % len(_BANKS)]}{draft.buyer_address[:3] or '本地'}支行"
        draft.buyer_account = f"6217 00{self.stage.rng.randrange(10**4):04d} 8{self.stage.rng.randrange(10**7):07d}"
        draft.buyer_address = draft.buyer_address or "以营业执照登记的住所为准"
        keys = [c.key for c in draft.clauses]
        library = {c.key: c for c in self.stage.run(self.basis.seller, clauses.library)}
        share = draft.total_fen // 100
        if n % 2:
            draft.deposit_fen = share * 15 // 100 * 100
            draft.clauses.insert(keys.index("payment") + 1, library["deposit"].draft)
        else:
            draft.prepayment_fen = share * 30 // 100 * 100
            if "prepayment" not in keys:  # what the customer's grade asks for brings it along
                draft.clauses.insert(keys.index("payment") + 1, library["prepayment"].draft)
        draft.steps = self.stage.run(self.basis.seller, contract_plans.propose, draft)
        if n % 3 == 0:
            place = next(i for i, c in enumerate(draft.clauses) if c.key == "light_tolerance")
            draft.clauses.insert(place + 1, library["sealed_sample"].draft)

    def _approve(self, *steps: str) -> None:
        for hour, (step, login) in enumerate(REVIEWERS, start=9):
            if step in steps:
                self.day(1, hour)
                comment = self.stage.rng.choice(("", "同意。", "条款齐全，同意。", "与报价一致，同意。"))
                self.stage.run(login, contract_steps.decide, self.id, Choice.APPROVE, comment=comment)

    def _submitted(self) -> None:
        """Everybody's turn."""

    def _half(self) -> None:
        self._approve("finance")

    def _approved(self) -> None:
        self._approve("legal", "sales", "finance")

    def _returned(self) -> None:
        self._approve("finance")
        self.day(1, 15)
        self.stage.run("zhengkai", contract_steps.decide, self.id, Choice.RETURN, comment=RETURN)

    def _revised(self) -> None:
        self._returned()
        self.day(2, 10)
        self.id = self.stage.run(self.basis.seller, contract_steps.revise, self.id)
        self.stage.note("contract", self.id)
        draft = self.stage.run(self.basis.seller, contracts.load, self.id)
        library = {c.key: c for c in self.stage.run(self.basis.seller, clauses.library)}
        place = next(i for i, c in enumerate(draft.clauses) if c.key == "disputes_court")
        draft.clauses[place] = library["disputes_arbitration"].draft
        self.stage.run(self.basis.seller, contracts.save, draft)
        self.stage.run(self.basis.seller, contract_steps.submit, self.id)

    def _out(self) -> None:
        self._approved()
        self.day(2, 14)
        self.stage.run(self.basis.seller, _hand_over, self.id)

    def _signed(self) -> None:
        self._out()
        self.day(5, 16)
        by = self.stage.run(self.basis.seller, contracts.load, self.id).buyer_legal_representative
        self.stage.run(self.basis.seller, _sign, self.id, by)
        self.stage.day(0, 9)
        self.stage.run(self.basis.seller, _what_was_due_came, self.id)


def _hand_over(work: Work, contract_id: UUID) -> None:
    """Send it as people do, with the paper that the program's printer makes."""
    data = printing.pdf(work, "contract", contract_id)
    contract_steps.send(work, contract_id, "print", "法务部收", data)


def _what_was_due_came(work: Work, contract_id: UUID) -> None:
    """On the day it was due; what lies ahead is still open."""
    for step in contract_plans.calendar(work, contract_id).days:
        if step.due_on is not None and step.due_on <= work.today:
            contract_plans.settle(work, contract_id, step.n, step.due_on)


def _sign(work: Work, contract_id: UUID, by: str) -> None:
    contract_steps.sign(work, contract_id, on=work.today, by=by, note="一式四份，双方各执两份")
