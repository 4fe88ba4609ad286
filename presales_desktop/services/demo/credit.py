"""Demo credit: everybody with an accepted quote is graded before his contract; others wait, are weak, are due again, want an exception."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from presales_desktop.models.approvals import Choice
from presales_desktop.models.cases import Case
from presales_desktop.models.customers import Customer
from presales_desktop.models.quotes import Quote
from presales_desktop.models.users import User
from presales_desktop.services import credit, credit_exceptions, credit_steps
from presales_desktop.services.credit import StatementDraft
from presales_desktop.services.demo.stage import Stage
from presales_desktop.services.work import Work

SOUND: Final[dict[str, Any]] = {
    "years": 11, "capital_fen": 3_000_000_000, "ownership": "private", "licence": "verified",
    "basics_note": "公示系统核对无异常，股权结构稳定，法定代表人未变更。", "market": "steady", "premises": "owned",
    "staff": 180, "operations_note": "走访了总部与两个在建项目，采购与工程两个部门口径一致。",
    "finances_note": "取自 2025 年度审计报告，现金流与收入增长匹配。", "paid": "none", "court": "none", "tax_level": "A",
    "agency": "AA", "reputation": "good", "record_note": "向三家材料供应商了解，付款及时。",
}  # fmt: skip
FAIR: Final[dict[str, Any]] = {
    **SOUND, "years": 4, "capital_fen": 100_000_000, "premises": "leased", "staff": 18, "agency": "none", "tax_level": "B",
    "market": "starting", "reputation": "mixed", "basics_note": "成立时间不长，实缴资本偏少。", "finances_note": "",
    "operations_note": "以分包工程为主，客户集中。", "record_note": "一家供应商反映曾拖延两个月。",
}  # fmt: skip
WEAK: Final[dict[str, Any]] = {
    **FAIR, "years": 1, "capital_fen": 20_000_000, "ownership": "individual", "licence": "unverified", "market": "shrinking",
    "premises": "none", "staff": 3, "court": "past", "tax_level": "C", "paid": "late_90", "record_note": "有一起买卖合同纠纷已执行完毕。",
}  # fmt: skip
# How far those without an accepted quote come.
WAYS: Final = ("applied", "assessing", "fair", "weak", "due", "exception", "draft")


@dataclass(frozen=True)
class _Party:
    customer_id: UUID
    seller: str
    since: dt.date
    volume_fen: int
    case_id: UUID | None


def fill(stage: Stage) -> None:
    """Grades a week before the customer accepted; the others lately."""
    buyers = stage.run("zhaolei", _buyers)
    for party in buyers:
        ago = (stage.today - party.since).days + 7
        stage.note("credit", _grade(stage, party, SOUND, ago, statements=True))
    others = stage.run("zhaolei", _others, {b.customer_id for b in buyers}, len(WAYS))
    for way, party in zip(WAYS, others, strict=False):
        stage.note("credit", _walk(stage, way, party))


def _buyers(work: Work) -> list[_Party]:
    rows = work.session.execute(
        select(Quote.customer_id, func.min(Quote.answered_on), func.sum(Quote.total_fen))
        .where(Quote.state == "accepted", Quote.answered_on.is_not(None))
        .group_by(Quote.customer_id)
        .order_by(func.min(Quote.number))
    ).all()
    return [_Party(c, _seller(work, c), day, int(total), None) for c, day, total in rows if day is not None]


def _others(work: Work, without: set[UUID], count: int) -> list[_Party]:
    rows = work.session.execute(
        select(Customer.id, func.min(Case.number))
        .join(Case, Case.customer_id == Customer.id)
        .where(Customer.archived.is_(False), Customer.id.not_in(without), Case.status == "open")
        .group_by(Customer.id)
        .order_by(func.min(Case.number))
        .limit(count)
    ).all()
    cases = {c.number: c.id for c in work.session.scalars(select(Case))}
    return [_Party(c, _seller(work, c), work.today, 60_000_000, cases[number]) for c, number in rows]


def _seller(work: Work, customer_id: UUID) -> str:
    owner = work.get(Customer, customer_id).owner_id
    user = work.session.get(User, owner) if owner is not None else None
    return user.login if user is not None and user.login in ("wangmin", "liqiang") else "zhaolei"


def _apply(stage: Stage, party: _Party, ago: int, reason: str = "new_customer", *, hand_in: bool = True) -> UUID:
    stage.day(ago, 9, stage.rng.randrange(50))
    draft = stage.run(party.seller, credit.new_draft, {"customer_id": party.customer_id, "reason": reason})
    # Half as much again as what is under way, in whole ten thousands of yuan.
    draft.monthly_fen = max(10_000_000, party.volume_fen * 3 // 2 // 1_000_000 * 1_000_000)
    draft.notes = "营业执照、近两年审计报告和开户许可证已收齐，见附件目录。"
    credit_id: UUID = stage.run(party.seller, credit.save, draft)
    if hand_in:
        stage.run(party.seller, credit_steps.apply, credit_id)
    return credit_id


def _assess(stage: Stage, party: _Party, credit_id: UUID, answers: dict[str, Any], *, statements: bool) -> None:
    stage.run("wuting", credit_steps.take, credit_id)
    draft = stage.run("wuting", credit.load, credit_id)
    for name, value in answers.items():
        setattr(draft, name, value)
    if statements:
        year = stage.today.year - 1
        draft.statements = [_statement(stage, party, year, 112), _statement(stage, party, year - 1, 100)]
    stage.run("wuting", credit.save, draft)


def _statement(stage: Stage, party: _Party, year: int, percent: int) -> StatementDraft:
    """A firm some forty times as large as what it buys from us."""
    size = max(party.volume_fen, 100_000_000) * 40 * percent // 100
    part = stage.rng.randrange(95, 106)
    return StatementDraft(
        None, year, size, size * 9 // 100, size * 45 * part // 10_000, size * 8 // 100, size * 14 // 100, size * 80 // 100,
        size * 24 // 100, size * 34 // 100, size * 7 // 100,
    )  # fmt: skip


def _grade(
    stage: Stage, party: _Party, answers: dict[str, Any], ago: int, *, statements: bool, reason: str = "new_customer"
) -> UUID:
    credit_id = _apply(stage, party, ago, reason)
    stage.day(max(0, ago - 2), 14, stage.rng.randrange(50))
    _assess(stage, party, credit_id, answers, statements=statements)
    stage.run("wuting", credit_steps.grade, credit_id)
    return credit_id


def _walk(stage: Stage, way: str, party: _Party) -> UUID:
    if way == "draft":
        return _apply(stage, party, 0, hand_in=False)
    if way == "applied":
        return _apply(stage, party, 1)
    if way == "assessing":
        credit_id = _apply(stage, party, 3)
        stage.day(1, 15)
        _assess(stage, party, credit_id, {**FAIR, "court": "", "agency": ""}, statements=True)
        return credit_id
    if way == "fair":
        return _grade(stage, party, FAIR, 12, statements=True)
    if way == "due":
        return _grade(stage, party, SOUND, 352, statements=True)
    credit_id = _grade(stage, party, WEAK, 9, statements=False, reason="unclear")
    if way == "exception" and party.case_id is not None:
        stage.day(2, 16)
        draft = stage.run(party.seller, credit_exceptions.new_draft, {"case_id": party.case_id})
        draft.prepay_percent, draft.over_limit = 30, True
        draft.reason = "总包单位已出具三方付款承诺，工程款由总包直接支付，申请按三成预付、货到付清。"
        draft.expires_on = stage.today + dt.timedelta(days=60)
        exception_id = stage.run(party.seller, credit_exceptions.save, draft)
        stage.run(party.seller, credit_exceptions.submit, exception_id)
        stage.day(1, 10)
        stage.run("zhoufang", credit_exceptions.decide, exception_id, Choice.APPROVE, comment="付款承诺书原件已核对。")
        stage.note("credit_exception", exception_id)
    return credit_id
