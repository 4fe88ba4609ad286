"""The product's main job by command: customer → survey → layout → quote → approval → contract, each step by whom it belongs to."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from presales_desktop.lighting.write import write_ies
from presales_desktop.models.values import shanghai_day, utc_now
from tests.end2end.cli.program import Presales
from tests.lighting.samples import lambertian

PERSON = {
    "sales": "wangmin", "sales2": "liqiang", "head": "zhaolei", "design": "chenjing", "technical": "sunhao",
    "finance": "zhoufang", "legal": "zhengkai", "management": "fengrui",
}  # fmt: skip

TODAY = shanghai_day(utc_now())


def pages(path: Path) -> list[str]:
    """The text of each page."""
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def flat(path: Path) -> str:
    """All text without blanks, since lines break anywhere in Chinese."""
    return "".join("".join(pages(path)).split())


class Walk:
    """The chain with its people. `not_mine`: what somebody else's quote is to a seller (on his own laptop it isn't even there)."""

    not_mine = "permission.not_own"

    def __init__(self, presales: Presales, folder: Path) -> None:
        self.presales, self.folder = presales, folder

    def by(self, who: str, *arguments: object, code: int = 0) -> Any:
        """A command as that person."""
        self.presales("as", PERSON[who])
        return self.presales(*arguments, code=code)

    def refused(self, who: str, *arguments: object, code: int = 1) -> str:
        """The code of the refusal that this person gets."""
        found: str = self.by(who, *arguments, code=code)["code"]
        return found

    def json(self, name: str, content: object) -> Path:
        """CONTENT as a file."""
        path = self.folder / name
        path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        return path

    def pdf(self, kind: str, record: str) -> Path:
        """The report of a record."""
        path = self.folder / f"{kind}.pdf"
        self.presales("report", kind, record, "--out", path)
        return path


@pytest.fixture
def walk(presales: Presales, tmp_path: Path) -> Walk:
    return Walk(presales, tmp_path)


def light_and_price(walk: Walk) -> dict[str, Any]:
    """A new downlight: product by technical, light from a file, price and cost by finance."""
    product = walk.by("technical", "new", "product", "--from", walk.json("product.json", {
        "model_no": "ZZ-9001", "name": "测试防眩筒灯", "category": "downlight", "unit": "只", "mounting": "recessed",
        "variants": [{"sku": "ZZ-9001-40", "power_w": "18", "flux_lm": 1800, "cct_k": 4000, "ra": 90, "active": True}],
    }))  # fmt: skip
    light = walk.folder / "ZZ-9001.ies"
    light.write_bytes(write_ies(lambertian(1800 / 3.14159)))
    attached = walk.by("technical", "import", "photometry", light)
    assert attached["matched"] == 1
    prices = walk.folder / "prices.csv"
    prices.write_bytes("订货号,面价,成本价,生效日期\nZZ-9001-40,128.00,61.37,2026-01-01\n".encode("gb18030"))
    assert walk.refused("sales", "import", "prices", prices) == "permission.role"
    assert walk.by("finance", "import", "prices", prices)["written"] is True
    return product


def customer_and_case(walk: Walk) -> tuple[str, str]:
    """A hotel with a contact and a lobby to light."""
    customer = walk.by("sales", "new", "customer", "--from", walk.json("customer.json", {
        "name": "杭州云栖度假酒店管理有限公司", "phone": "0571-88812345", "importance": "key", "region": "浙江杭州",
        "contacts": [{"name": "林晓", "phone": "13800001234", "primary": True}],
        "sites": [{"kind": "office", "address": "杭州市西湖区云栖路 18 号"}],
    }), "industry=hotel")  # fmt: skip
    assert customer["owner"] == "王敏"
    assert customer["contacts"][0]["name"] == "林晓"
    case = walk.by("sales", "new", "case", f"customer={customer['number']}", "title=云栖酒店客厅照明",
                   "expected_amount=36000.50")  # fmt: skip
    assert case["expected_amount"] == {"fen": 3_600_050, "currency": "CNY"}
    return customer["number"], case["number"]


def survey(walk: Walk, case: str) -> dict[str, Any]:
    """Three rooms surveyed, reported and confirmed."""
    content = {
        "case": case, "reason": "important", "method": "interview", "people": "林晓、王敏", "scene": "度假酒店样板间",
        "style": "现代", "functions": "会客、用餐、休息", "budget": "36000", "delivery_on": str(TODAY + dt.timedelta(days=90)),
        "spaces": [
            {"name": "客厅", "area_m2": "24.0", "height_m": "2.8", "target_lux": 300, "cct_k": 3000, "ra": 90},
            {"name": "餐厅", "area_m2": 12, "height_m": 2.8, "target_lux": 150},
            {"name": "主卧", "area_m2": "18.5", "height_m": "2.8", "target_lux": 75},
        ],
        "needs": [
            {"text": "客厅会客时明亮不刺眼", "dimension": "功能要求", "space": "客厅", "weight": 5, "core": True},
            {"text": "预算不超过三万六", "dimension": "budget", "weight": 4, "concern": True},
        ],
    }  # fmt: skip
    made = walk.by("sales", "new", "survey", "--from", walk.json("survey.json", content))
    number = made["number"]
    assert [s["name"] for s in made["spaces"]] == ["客厅", "餐厅", "主卧"]
    assert made["spaces"][0]["area_m2"] in ("24", "24.0", "24.00")
    walk.by("sales", "do", "survey", number, "start", f"held_on={TODAY}")
    assert walk.refused("sales", "do", "survey", number, "confirm", "by=林晓") == "workflow.not_from_here"
    walk.by("sales", "do", "survey", number, "report")
    assert walk.refused("sales", "do", "survey", number, "confirm", code=2) == "workflow.parameter_missing"
    done: dict[str, Any] = walk.by("sales", "do", "survey", number, "confirm", "by=林晓", f"on={TODAY}")
    assert (done["state"], done["confirmed_by"], done["confirmed_on"]) == ("confirmed", "林晓", str(TODAY))
    text = flat(walk.pdf("survey", number))
    assert "客厅会客时明亮不刺眼" in text
    assert "杭州云栖度假酒店管理有限公司" in text
    return done


def design(walk: Walk, case: str, survey_number: str) -> dict[str, Any]:
    """The living room, 6 m by 4 m, with eight downlights; drawn by design, passed by technical."""
    content = {
        "case": case, "survey": survey_number, "title": "客厅布灯方案",
        "rooms": [{"name": "客厅", "room_type": "", "polygon": [[0, 0], [6, 0], [6, 4], [0, 4]], "height_m": 2.8,
                   "target_lux": 300}],
        "luminaires": [
            {"variant": "ZZ-9001-40", "x_m": 0.75 + 1.5 * i, "y_m": 1 + 2 * j, "z_m": 2.8} for i in range(4) for j in range(2)
        ],
    }  # fmt: skip
    made = walk.by("design", "new", "design", "--from", walk.json("design.json", content))
    number = made["number"]
    figures = walk.by("design", "do", "design", number, "calculate")
    lit = figures["answer"]["rooms"][0]["average_lux"]
    # 8 x 1800 lm on 24 m², maintained 0.8: 480 lx would reach the plane if nothing were lost.
    assert 250 < float(lit) < 480
    walk.by("design", "do", "design", number, "submit")
    assert walk.refused("design", "do", "design", number, "approve") == "approval.author"
    assert walk.refused("technical", "do", "design", number, "return", code=2) == "workflow.parameter_missing"
    done: dict[str, Any] = walk.by("technical", "do", "design", number, "approve", "comment=可行")
    assert done["state"] == "approved"
    return done


def quote(walk: Walk, design_number: str, case: str) -> str:
    """Made from the design, sent only after finance and the superior approved exactly this content."""
    made = walk.by("sales", "new", "quote", f"case={case}", f"design={design_number}", "title=云栖酒店客厅照明报价")
    number: str = made["label"] if "label" in made else made["number"]
    items = [r for r in made["lines"] if r["type"] == "item"]
    assert [(r["model"], r["quantity"], r["unit_price"]["fen"]) for r in items] == [("ZZ-9001-40", "8", 12_800)]
    assert any(r["room"] == "客厅" for r in items)
    walk.by("sales", "set", "quote", number, "freight=300", "discount_percent=0.05", f"valid_until={TODAY + dt.timedelta(days=30)}",
            "delivery=30 天", "delivery_place=杭州", "payment=预付 30%", "warranty=3 年")  # fmt: skip
    changed = walk.by("sales", "show", "quote", number)
    # 8 x 128.00 less 5 % plus freight
    assert changed["total"]["fen"] == 8 * 12_800 - Decimal("0.05") * 8 * 12_800 + 30_000
    assert "未审核" in flat(walk.pdf("quote", number))

    walk.by("sales", "do", "quote", number, "submit")
    assert walk.refused("sales", "set", "quote", number, "freight=1") == "quote.frozen"
    assert "未审核" in flat(walk.pdf("quote", number))
    assert walk.refused("sales", "do", "quote", number, "approve") == "permission.role"
    assert walk.refused("sales2", "do", "quote", number, "withdraw") == walk.not_mine
    assert walk.refused("sales", "do", "quote", number, "send", "via=email", "recipient=林晓") in (
        "workflow.not_from_here", "quote.not_approved",
    )  # fmt: skip
    assert walk.by("finance", "do", "quote", number, "approve", "comment=毛利达标")["state"] == "submitted"
    assert walk.refused("finance", "do", "quote", number, "approve") == "approval.decided"
    assert walk.by("head", "do", "quote", number, "approve")["state"] == "approved"
    first = walk.folder / "first.pdf"
    first.write_bytes(walk.pdf("quote", number).read_bytes())
    assert walk.by("sales", "verify", first)["verdict"] == "valid"

    revised = walk.by("sales", "do", "quote", number, "revise")
    assert (revised["revision"], revised["state"]) == (2, "draft")
    assert all(a["verdict"] in (None, "") for a in revised["approvals"])
    second = revised["label"] if "label" in revised else revised["number"]
    walk.by("sales", "set", "quote", second, "freight=200")
    walk.by("sales", "do", "quote", second, "submit")
    assert walk.refused("sales", "do", "quote", second, "send", "via=email", "recipient=林晓") in (
        "workflow.not_from_here", "quote.not_approved",
    )  # fmt: skip
    walk.by("head", "do", "quote", second, "approve")
    walk.by("finance", "do", "quote", second, "approve")
    paper = flat(walk.pdf("quote", second))
    assert "未审核" not in paper
    assert "测试防眩筒灯" in paper
    assert "壹仟壹佰柒拾贰元捌角" in paper
    secret = walk.folder / "quote.internal.pdf"
    assert walk.refused("sales", "report", "quote", second, "--out", secret) == "permission.role"
    assert not secret.exists()
    walk.by("finance", "report", "quote", second, "--out", secret)
    assert "61.37" in flat(secret)
    for words in (("show", "quote", second), ("list", "quote"), ("search", "测试防眩筒灯")):
        walk.presales("as", PERSON["sales"])
        # Ids and hashes are hexadecimal: their digits say nothing.
        assert not re.search(r"(?<![0-9a-f])6137(?![0-9a-f])", walk.presales.run("--json", *words).everything)
        assert "61.37" not in walk.presales.run(*words).everything
    assert "61.37" not in paper
    verified(walk, first, walk.pdf("quote", second))
    sent = walk.by("sales", "do", "quote", second, "send", "via=email", "recipient=林晓")
    assert sent["state"] == "sent"
    accepted = walk.by("sales", "do", "quote", second, "accept")
    assert accepted["state"] == "accepted"
    assert accepted["total"] == {"fen": 117_280, "currency": "CNY"}
    return second


def verified(walk: Walk, old: Path, new: Path) -> None:
    """The old revision is superseded, the new one valid, a changed copy altered, a stranger's file none of ours."""
    found = walk.by("sales", "verify", new)
    assert (found["verdict"], found["total"]) == ("valid", {"fen": 117_280, "currency": "CNY"})
    assert walk.refused("sales", "verify", old) == "proof.superseded"
    forged = walk.folder / "forged.pdf"
    forged.write_bytes(new.read_bytes().replace(b"/Author", b"/Autor_", 1))
    assert walk.refused("sales", "verify", forged) == "proof.altered"
    assert "不能作为公司的文件" in walk.presales.text("verify", forged, code=1)
    forged.write_bytes(b"%PDF-1.4 somebody else's")
    assert walk.refused("sales", "verify", forged, code=2) == "proof.none"
    assert walk.refused("sales", "verify", walk.folder / "missing.pdf", code=2) == "file.missing"
    assert walk.refused("sales", "verify", "--code", "hello", code=2) == "proof.code_unreadable"
    assert walk.refused("sales", "verify", code=2) == "usage.wrong"


def credit(walk: Walk, customer: str) -> None:
    """Applied for by sales, assessed by finance; a new customer is B at best and pays a tenth in advance."""
    number = walk.by("sales", "new", "credit", f"customer={customer}", "monthly=500000")["number"]
    walk.by("sales", "do", "credit", number, "apply")
    assert walk.refused("sales", "do", "credit", number, "grade") == "permission.role"
    walk.by("finance", "do", "credit", number, "take")
    assert walk.refused("finance", "do", "credit", number, "grade") == "credit.no_sheet"
    answers = {
        "years": 12, "capital": 20_000_000, "ownership": "state", "licence": "verified", "market": "leading",
        "premises": "owned", "staff": 300, "paid": "prompt", "court": "none", "tax_level": "A", "agency": "AAA",
        "reputation": "good",
    }  # fmt: skip
    walk.by("finance", "set", "credit", number, *(f"{k}={v}" for k, v in answers.items()))
    assert walk.by("finance", "do", "credit", number, "grade")["grade"] == "B"
    assert walk.by("sales", "show", "credit", number)["figures"] is None


def contract(walk: Walk, quote_number: str) -> None:
    """Drafted from the accepted quote, passed by three, signed."""
    made = walk.by("sales", "new", "contract", f"quote={quote_number}")
    number = made.get("label") or made["number"]
    assert made["total"]["fen"] == 117_280
    assert "未审核" in flat(walk.pdf("contract", number))
    parties = {"buyer_uscc": "91330106MA2AXXXX00", "buyer_legal_representative": "林晓", "sign_place": "中山"}
    parties.pop("buyer_uscc")
    walk.by("sales", "set", "contract", number, *(f"{k}={v}" for k, v in parties.items()))
    walk.by("sales", "do", "contract", number, "submit")
    assert walk.refused("sales", "set", "contract", number, "copies=4") == "contract.frozen"
    assert walk.refused("sales", "do", "contract", number, "approve") == "permission.role"
    walk.by("legal", "do", "contract", number, "approve", "comment=条款完整")
    assert walk.refused("finance", "do", "contract", number, "approve") == "credit.none"
    shown = walk.by("sales", "show", "contract", number)
    credit(walk, shown["customer_id"])
    assert walk.refused("finance", "do", "contract", number, "approve") == "credit.prepay_short"
    asked = walk.by(
        "sales", "new", "credit_exception", f"case={shown['case_id']}", "prepay_percent=0", "reason=首单样板",
        f"expires_on={TODAY}",
    )["number"]  # fmt: skip
    walk.by("sales", "do", "credit_exception", asked, "submit")
    walk.by("finance", "do", "credit_exception", asked, "approve")
    assert walk.by("management", "do", "credit_exception", asked, "approve")["state"] == "approved"
    walk.by("finance", "do", "contract", number, "approve")
    assert "未审核" in flat(walk.pdf("contract", number))
    assert walk.by("head", "do", "contract", number, "approve")["state"] == "approved"
    paper = flat(walk.pdf("contract", number))
    assert "未审核" not in paper
    for word in ("杭州云栖度假酒店管理有限公司", "中山市灯港照明科技有限公司", "测试防眩筒灯"):
        assert word in paper
    assert walk.by("sales", "verify", walk.folder / "contract.pdf")["verdict"] == "valid"
    walk.by("sales", "do", "contract", number, "send", "recipient=林晓", "via=纸质")
    signed = walk.by("sales", "do", "contract", number, "sign", f"on={TODAY}", "by=林晓")
    assert (signed["state"], signed["signed_on"]) == ("signed", str(TODAY))


def test_from_the_first_call_to_the_signed_contract(walk: Walk) -> None:
    light_and_price(walk)
    customer, case = customer_and_case(walk)
    done = survey(walk, case)
    plan = design(walk, case, done["number"])
    number = quote(walk, plan.get("label") or plan["number"], case)
    contract(walk, number)
    hits = walk.by("sales", "search", "云栖")["hits"]
    assert {"customer", "case", "quote", "contract"} <= {h["kind"] for h in hits}
    assert customer in walk.presales.text("list", "customer", "--search", "yqdj")
    found = walk.by("management", "doctor")
    assert found["sound"] is True
    backup = walk.folder / "all.backup"
    walk.presales("backup", backup, stdin="")
    other = Presales(walk.folder / "elsewhere")
    other("restore", backup)
    assert other("show", "quote", number)["state"] == "accepted"
    assert other("doctor")["sound"] is True
    assert dt.date.fromisoformat(other("list", "contract")["rows"][0]["signed_on"]) == TODAY
