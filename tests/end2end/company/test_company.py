"""Many laptops are one company: the product's main job with each step on another laptop, and who gets to see what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from presales_desktop.cli.session import Options, open_session
from presales_desktop.services import company as company_service
from tests.end2end.cli import test_cli_chain as chain
from tests.end2end.company.fleet import Laptops, company


@pytest.fixture
def laptops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Laptops]:
    monkeypatch.setenv("PRESALES_NO_KEYRING", "1")
    monkeypatch.setenv("PRESALES_PASSPHRASE", "a passphrase of the laptops")
    monkeypatch.setattr("presales_desktop.store.keys.ARGON2_MEMORY_KIB", 64)
    monkeypatch.setattr("presales_desktop.store.keys.ARGON2_TIME", 1)
    with company(tmp_path) as server:
        yield Laptops(server, tmp_path)


def _letterhead(laptops: Laptops) -> None:
    """The management writes the company's address; the server knows its name from the beginning."""
    options = Options(laptops.open("fengrui").profile, "zh", True, False)
    with open_session(options) as session:
        known = session.run(company_service.letterhead)
        assert known.name == "中山市灯港照明科技有限公司"
        full = replace(
            known, address="中山市古镇镇灯都大道 8 号", legal_representative="冯锐", tax_no="91442000MA4UXXXX1A"
        )
        session.run(company_service.save_letterhead, full)
    laptops.steps += 1
    laptops.sync()


@pytest.mark.timeout(600)
def test_from_the_first_call_to_the_signed_contract_on_eight_laptops(laptops: Laptops, tmp_path: Path) -> None:
    walk = chain.Walk(laptops, tmp_path)  # type: ignore[arg-type]
    walk.not_mine = "record.not_found"
    _letterhead(laptops)
    chain.light_and_price(walk)
    customer, case = chain.customer_and_case(walk)
    assert customer.startswith("KH"), "the server gave the final number"
    done = chain.survey(walk, case)
    plan = chain.design(walk, case, done["number"])
    number = chain.quote(walk, plan.get("label") or plan["number"], case)
    chain.contract(walk, number)
    # Another seller has none of it.
    laptops.open("liqiang")
    laptops.sync()
    assert laptops.program("list", "customer")["rows"] == []
    assert laptops.program("list", "quote")["rows"] == []
    # No cost is on a seller's disk.
    laptops.open("wangmin")
    laptops.sync()
    assert "6137" not in laptops.run("--json", "show", "product", "ZZ-9001").everything
    assert laptops.program("doctor")["sound"] is True
