"""What real services do on a laptop is taken by the server, for every area: a rule that is stricter here than there would trap work."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

from presales_desktop.models.permissions import Role
from presales_desktop.services import (
    attachments,
    cases,
    catalogue,
    clauses,
    contract_plans,
    contract_steps,
    contracts,
    customers,
    design_steps,
    designs,
    quote_policy,
    quote_steps,
    quotes,
    survey_photos,
    survey_steps,
    surveys,
    users,
)
from presales_desktop.services.catalogue_prices import CostEntry, FloorEntry, adjust
from presales_desktop.services.quote_costs import estimate
from presales_desktop.services.quote_drafts import QuoteLineDraft
from tests.helpers.accepted_quotes import PDF
from tests.helpers.design_data import lamp, room
from tests.helpers.graded import graded
from tests.server.conftest import Firm
from tests.services.quote_data import make
from tests.services.test_surveys import fill, picture


def test_customers_are_edited_archived_and_handed_over(firm: Firm) -> None:
    customer = firm.world.customer
    draft = firm.run("sales", customers.load, customer)
    draft.contacts.append(customers.ContactDraft(name="王工", phone="13900001111"))
    draft.sites.append(customers.SiteDraft(kind="site", address="深圳市前海大道 1 号"))
    draft.name = "深圳星河湾酒店有限公司"
    firm.run("sales", customers.save, draft)
    row = firm.lab.row("customer", customer)
    assert "王工 13900001111" in row["contact_words"]
    assert row["number"].startswith("KH20261124-")
    draft = firm.run("sales", customers.load, customer)
    del draft.contacts[0]
    draft.contacts[0].primary = True
    firm.run("sales", customers.save, draft)
    assert "林晓峰" not in firm.lab.row("customer", customer)["contact_words"]
    firm.run("sales", customers.do, customer, "archive", {})
    firm.run("sales", customers.do, customer, "restore", {})
    firm.run("sales_head", customers.do, customer, "assign", {"owner": "liqiang"})
    assert firm.lab.row("customer", customer)["owner_id"] == firm.lab.ids["liqiang"]


def test_cases_pause_end_and_come_back(firm: Firm) -> None:
    case = firm.world.case
    firm.run("sales", cases.do, case, "pause", {"reason": "等资金"})
    firm.run("sales", cases.do, case, "resume", {})
    firm.run("sales", cases.do, case, "lose", {"reason": "价格"})
    firm.run("sales", cases.do, case, "reopen", {"reason": "又来了"})
    firm.run("sales_head", cases.do, case, "assign", {"owner": "liqiang"})
    assert firm.lab.row("case", case)["status"] == "open"


def test_a_survey_is_reported_confirmed_and_reopened(firm: Firm) -> None:
    survey = firm.run("sales", fill, firm.world.case)
    assert isinstance(survey, UUID)
    firm.run("sales", survey_photos.add, survey, "现场.png", picture())
    firm.run("sales", survey_steps.do, survey, "start", {})
    draft = firm.run("sales", surveys.load, survey)
    draft.notes = "天花可开孔"
    draft.spaces.pop()
    draft.needs = []
    firm.run("sales", surveys.save, draft)
    firm.run("sales", survey_steps.do, survey, "report", {})
    firm.run("sales", survey_steps.confirm, survey, by="林晓峰", scan=("确认.pdf", PDF))
    assert firm.lab.row("survey", survey)["state"] == "confirmed"
    assert [r["effective"] for r in firm.lab.all("ruling")] == [True]
    firm.run("sales", survey_steps.do, survey, "reopen", {"reason": "改了面积"})
    firm.run("sales", survey_steps.do, survey, "report", {})
    assert firm.lab.row("survey", survey)["revision"] == 2


def test_the_catalogue_is_kept(firm: Firm) -> None:
    variant = firm.world.variants[0]
    product = firm.lab.row("variant", variant)["product_id"]
    draft = firm.run("technical", catalogue.load, product)
    draft.variants.append(catalogue.VariantDraft(sku="DG-0-40", power_w=Decimal(12)))
    draft.functions = ["accent"]
    firm.run("technical", catalogue.save, draft)
    assert "DG-0-40" in firm.lab.row("product", product)["keywords"]
    draft = firm.run("technical", catalogue.load, product)
    draft.variants = [v for v in draft.variants if v.sku != "DG-0-40"]
    firm.run("technical", catalogue.save, draft)
    firm.run("technical", catalogue.do, product, "discontinue", {"reason": "停产"})
    firm.run("technical", catalogue.do, product, "reactivate", {})
    floor = FloorEntry(variant, 9_000, dt.date(2026, 1, 1))
    firm.run("finance", adjust, (), [floor], [CostEntry(variant, 7_000, dt.date(2026, 2, 1))])
    firm.run("technical", attachments.attach, "product", product, "image", "a.png", picture())


def test_a_design_is_reviewed_and_revised(firm: Firm) -> None:
    draft = firm.run("design", designs.new_draft, {"case_id": firm.world.case, "title": "大堂"})
    draft.rooms = [room()]
    draft.luminaires = [lamp(firm.world.variants[0], 1.5, 2.0), lamp(firm.world.variants[1], 4.5, 2.0)]
    design = firm.run("design", designs.save, draft)
    assert isinstance(design, UUID)
    draft = firm.run("design", designs.load, design)
    draft.luminaires[0].x_m += 0.5
    firm.run("design", designs.save, draft)
    firm.run("design", design_steps.submit, design)
    firm.run("technical", design_steps.decide, design, "return", "换灯")
    assert firm.lab.row("design", design)["state"] == "returned"
    second = firm.run("design", design_steps.revise, design)
    firm.run("design", design_steps.submit, second)
    third = firm.run("design", design_steps.revise, second)
    assert firm.lab.row("design", second)["state"] == "superseded"
    firm.run("design", design_steps.submit, third)
    firm.run("technical", design_steps.decide, third, "approve_with_notes", "注意眩光")
    fourth = firm.run("design", design_steps.revise, third)
    firm.run("design", design_steps.submit, fourth)
    firm.run("technical", design_steps.decide, fourth, "approve")
    states = [firm.lab.row("design", d)["state"] for d in (third, fourth)]
    assert states == ["superseded", "approved"]
    assert len({firm.lab.row("design", d)["number"] for d in (design, second, third, fourth)}) == 1


def test_a_quote_is_edited_returned_revised_and_answered(firm: Firm) -> None:
    quote = make(firm.run, firm.world)
    draft = firm.run("sales", quotes.load, quote)
    draft.lines[1].quantity = Decimal(30)
    draft.lines.append(QuoteLineDraft(name="安装辅材", quantity=Decimal(1), unit_price_fen=50_000))
    firm.run("sales", quotes.save, draft)
    firm.run("sales", quotes.do, quote, "submit", {})
    line = next(r for r in firm.lab.all("quote_line", quote_id=quote) if r["name"] == "安装辅材")
    firm.run("finance", estimate, quote, line["id"], 30_000)
    firm.run("finance", quotes.do, quote, "return", {"comment": "毛利低"})
    assert firm.lab.row("quote", quote)["state"] == "returned"
    second = firm.run("sales", quotes.do, quote, "revise", {})
    assert firm.lab.row("quote", second)["number"] == firm.lab.row("quote", quote)["number"]
    firm.run("sales", quotes.do, second, "submit", {})
    firm.run("finance", quotes.do, second, "approve", {})
    firm.run("sales_head", quotes.do, second, "approve", {})
    firm.run("sales", quote_steps.send, second, "email", "lin@example.com", PDF)
    firm.run("sales", quote_steps.send, second, "wechat", "林晓峰", PDF)
    third = firm.run("sales", quotes.do, second, "revise", {})
    firm.run("sales", quotes.do, third, "submit", {})
    firm.run("finance", quotes.do, third, "approve", {})
    firm.run("sales_head", quotes.do, third, "approve", {})
    firm.run("sales", quote_steps.send, third, "email", "lin@example.com", PDF)
    assert firm.lab.row("quote", second)["state"] == "superseded"
    firm.run("sales", quotes.do, third, "decline", {"reason": "预算"})
    other = make(firm.run, firm.world)
    firm.run("sales", quotes.do, other, "cancel", {})
    another = make(firm.run, firm.world)
    firm.run("sales", quotes.do, another, "submit", {})
    firm.run("sales", quotes.do, another, "withdraw", {"reason": "改方案"})


def test_a_contract_is_made_approved_and_signed(firm: Firm) -> None:
    customer = firm.run("sales", customers.load, firm.world.customer)
    customer.sites.append(customers.SiteDraft(kind="office", address="广东省深圳市前海大道 1 号"))
    firm.run("sales", customers.save, customer)
    quote = make(firm.run, firm.world, delivery_place="深圳市前海大道 1 号")
    firm.run("sales", quotes.do, quote, "submit", {})
    firm.run("finance", quotes.do, quote, "approve", {})
    firm.run("sales_head", quotes.do, quote, "approve", {})
    firm.run("sales", quote_steps.send, quote, "email", "lin@example.com", PDF)
    firm.run("sales", quotes.do, quote, "accept", {})
    draft = firm.run("sales", contracts.new_draft, {"quote_id": quote})
    draft.prepayment_fen = draft.total_fen // 2
    library = {c.key: c for c in firm.run("sales", clauses.library)}
    draft.clauses.append(library["prepayment"].draft)
    draft.steps = firm.run("sales", contract_plans.propose, draft)
    contract = firm.run("sales", contracts.save, draft)
    assert isinstance(contract, UUID)
    assert firm.lab.row("contract", contract)["number"].startswith("HT20261124-")
    firm.run("sales", contract_steps.submit, contract)
    firm.run("legal", contract_steps.do, contract, "return", {"comment": "条款 3"})
    second = firm.run("sales", contract_steps.do, contract, "revise", {})
    firm.run("sales", contract_steps.submit, second)
    graded(firm.run, firm.world.customer, assessor="wuting")
    for who in ("legal", "sales_head", "finance"):
        firm.run(who, contract_steps.do, second, "approve", {})
    firm.run("sales", contract_steps.send, second, "print", "林晓", PDF)
    day = dt.date(2026, 11, 24)
    firm.run("sales", contract_steps.sign, second, on=day, by="林晓", scan=("合同.pdf", PDF))
    assert firm.lab.row("contract", second)["state"] == "signed"
    case = firm.lab.row("case", firm.lab.row("contract", second)["case_id"])
    assert case["status"] == "won"
    settled = firm.lab.hold("wangmin", contract_plans.settle, second, 1, day)
    assert firm.lab.refusals(settled) == []
    assert firm.lab.refusals(settled.by("liqiang"))
    assert "contract.settle_day" in firm.lab.refusals(settled.with_values("contract_step", done_on=dt.date(2027, 1, 1)))
    assert "contract.frozen" in firm.lab.refusals(settled.with_values("contract_step", done_on=day, amount_fen=1))
    firm.lab.push(settled)
    assert [r["done_on"] for r in firm.lab.all("contract_step", contract_id=second)].count(day) == 1


def test_people_policy_and_clauses_are_kept(firm: Firm) -> None:
    draft = users.UserDraft(login="xujie", name="徐杰", department="sales", roles=[Role.SALES.value])
    user = firm.run("admin", users.save, draft)
    draft = firm.run("admin", users.load, user)
    draft.roles = [Role.SALES.value, Role.SALES_HEAD.value]
    firm.run("admin", users.save, draft)
    policy = firm.run("management", quote_policy.policy)
    firm.run("management", quote_policy.save_policy, policy)
    library = firm.run("legal", clauses.library)
    clause = firm.run("legal", clauses.load, library[0].key)
    clause.body += "补充。"
    firm.run("legal", clauses.save, clause)
