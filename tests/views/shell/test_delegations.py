"""The page where decisions are handed over and taken back."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton

from presales_desktop.services import delegations, users
from presales_desktop.services.listing import ListQuery
from presales_desktop.views.shell.delegations_page import DelegationsPage


@pytest.fixture
def open_as(qtbot: Any, make_ctx: Any, settle: Any) -> Callable[[str], tuple[DelegationsPage, Callable[[], None]]]:
    """open_as("finance") → the page, and what waits until it has done what was asked."""

    def opened(role: str) -> tuple[DelegationsPage, Callable[[], None]]:
        ctx = make_ctx(role)
        page = DelegationsPage(ctx)
        qtbot.addWidget(page)
        page.resize(1100, 640)
        page.show()
        settle(ctx)
        return page, lambda: settle(ctx)

    return opened


def test_handing_over_and_taking_back(open_as: Any, run: Any) -> None:
    page, settled = open_as("finance")
    assert page.form is not None
    assert page.draft is not None
    page.draft.set("delegate_id", run("finance", users.resolve, "wuting"))
    page.draft.set("reason", "出差广州光亚展")
    page.hand_over()
    settled()
    mine = ListQuery(filters=(("mine", "1"),))
    made = run("finance", delegations.list_rows, mine).rows
    assert [(r.delegate, r.rights, r.phase) for r in made] == [
        ("吴婷", ("quote.finance", "contract.finance"), "running")
    ]
    if os.environ.get("SEEN"):
        page.grab().save(f"{os.environ['SEEN']}/delegations.png")
    back = page.findChild(QPushButton, "delegations.revoke")
    assert back is not None
    back.click()
    settled()
    assert [r.phase for r in run("finance", delegations.list_rows, mine).rows] == ["revoked"]
    assert page.findChild(QPushButton, "delegations.revoke") is None


def test_who_cannot_stand_in_is_said_at_his_field(open_as: Any, run: Any) -> None:
    page, settled = open_as("finance")
    assert page.form is not None
    assert page.draft is not None
    page.draft.set("delegate_id", run("finance", users.resolve, "wangmin"))
    page.hand_over()
    settled()
    assert "王敏" in page.form.boxes["delegate_id"].problem
    assert run("finance", delegations.list_rows, ListQuery()).rows == ()
    if os.environ.get("SEEN"):
        page.grab().save(f"{os.environ['SEEN']}/delegations_no.png")


@pytest.mark.parametrize("role", ["sales", "design"])
def test_who_decides_nothing_is_told_so(open_as: Any, role: str) -> None:
    page, _ = open_as(role)
    assert page.form is None
    assert page.steps() == []
