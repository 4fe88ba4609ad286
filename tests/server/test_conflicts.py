"""Two people write over one field: the second is asked, on his own laptop, and is not refused; nothing of it needs a network in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.server.premises import Laptops, Premises, cheap_secrets


@pytest.fixture
def laptops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Laptops]:
    with cheap_secrets(monkeypatch):
        site = Premises(tmp_path / "server")
        site.start()
        made = Laptops(tmp_path / "laptops")
        seller, head = made.join(site.url, "王敏"), made.join(site.url, "冯锐")
        seller.customer("两人都改的客户", short_name="起初")
        seller.sync()
        head.sync()
        yield made
        made.close()
        site.close()


def test_an_edit_of_one_field_that_came_second_is_a_conflict_and_no_refusal(laptops: Laptops) -> None:
    seller, head = laptops.made
    customer = UUID(seller.query("SELECT id FROM customer")[0])
    head.edit(customer, short_name="总监写的")
    seller.edit(customer, short_name="销售写的")
    head.sync()
    seller.sync()
    (entry,) = seller.link.replica.inbox()
    assert (entry.kind, entry.row_kind, entry.row_id) == ("conflict", "customer", customer.bytes)
    assert (entry.mine["short_name"], entry.theirs["short_name"]) == ("销售写的", "总监写的")
    assert seller.query("SELECT short_name FROM customer") == ["总监写的"], "theirs, until he decides"
    seller.link.replica.reapply([entry.id])
    seller.sync()
    head.sync()
    assert head.query("SELECT short_name FROM customer") == ["销售写的"]
    assert seller.link.replica.status().inbox == head.link.replica.status().inbox == 0
    # Both did something, and the journal says so on either laptop.
    for laptop in (seller, head):
        assert laptop.query("SELECT count(*) FROM audit_event WHERE action = 'changed'") == [2]
