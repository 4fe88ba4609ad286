"""Numbers: provisional on the laptop, final from the server, each given once, whatever comes in which order and whatever is refused or
deleted in between."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presales_desktop.models.permissions import Role
from presales_desktop.services import cases, customers
from presales_desktop.services.demo.users import PEOPLE
from tests.server.lab import Change, Commit, Lab, Refused

FINAL = re.compile(r"(?P<series>[A-Z]+\d{8})-(?P<n>\d{3,})")
STEPS = st.tuples(st.sampled_from(["wangmin", "liqiang"]), st.sampled_from(["good", "refused", "deleted"]))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lab, dict[str, UUID], dict[str, str]]:
    """One company for all examples: what was given in one is not given in another either. With it a customer of each seller, and the
    numbers that were seen."""
    made = Lab([*PEOPLE, ("linna", "林娜", "design", (Role.DESIGN,), "fengrui")], tmp_path_factory.mktemp("lab"))
    owned = {
        login: made.do(login, customers.save, customers.CustomerDraft(name=f"客户{login}", owner_id=made.ids[login]))
        for login in ("wangmin", "liqiang")
    }
    return made, owned, {}


def _case(work: Any, customer: UUID) -> UUID:
    draft = cases.new_draft(work, {"customer_id": customer})
    draft.customer_id, draft.title = customer, "大堂照明"
    return cases.save(work, draft)


@given(st.lists(STEPS, min_size=1, max_size=4), st.randoms(use_true_random=False))
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_no_number_is_given_twice(
    lab: tuple[Lab, dict[str, UUID], dict[str, str]], steps: list[tuple[str, str]], order: Any
) -> None:
    company, owned, seen = lab
    commits: list[tuple[Commit, str]] = []
    for login, fate in steps:
        made = company.hold(login, _case, owned[login])
        assert made.of("case").values["number"].startswith("临D7-")
        commits.append((made if fate != "refused" else made.with_values("case", status="won"), fate))
    order.shuffle(commits)
    for commit, fate in commits:
        case = str(commit.of("case").id)
        if fate == "refused":
            with pytest.raises(Refused):
                company.push(commit)
            continue
        company.push(commit)
        number = str(company.row("case", UUID(case))["number"])
        assert FINAL.fullmatch(number), number
        assert seen.setdefault(number, case) == case
        if fate == "deleted":  # nobody may, and a number that was given stays given
            with suppress(Refused):
                company.push(Commit(commit.login, [Change("case", UUID(case), "delete")]))
        # Nobody changes a number that was given, to another one or back.
        for other in (number[:-3] + "999", "临D7-0001", next(iter(seen))):
            if other != number:
                assert company.refusals(Commit(commit.login, [Change("case", UUID(case), "set", {"number": other})]))
    series = {FINAL.fullmatch(n)["series"] for n in seen}  # type: ignore[index]
    for each in series:
        found = sorted(int(FINAL.fullmatch(n)["n"]) for n in seen if n.startswith(each))  # type: ignore[index]
        assert found == list(range(1, len(found) + 1))
