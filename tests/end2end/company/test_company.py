"""Many laptops are one company: the product's main job with each step on another laptop, and who gets to see what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.mark.timeout(600)
def test_from_the_first_call_to_the_signed_contract_on_eight_laptops(laptops: Laptops, tmp_path: Path) -> None:
    walk = chain.Walk(laptops, tmp_path)  # type: ignore[arg-type]
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
