"""The demo company is believable in time: nothing before its case, and no desk drowns in red, whatever day it was made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from presales_desktop.models.cases import Case
from presales_desktop.models.contracts import Contract
from presales_desktop.models.designs import Design
from presales_desktop.models.permissions import Actor
from presales_desktop.models.quotes import Quote
from presales_desktop.models.surveys import Survey
from presales_desktop.models.users import User
from presales_desktop.services import users, workbench
from presales_desktop.services.work import Runner, Work
from presales_desktop.store import workspace as store

MOST_LATE = 0.2


@pytest.fixture(scope="module")
def opened(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[store.Workspace]:
    folder = tmp_path_factory.mktemp("demo") / "workspace"
    shutil.copytree(company, folder, ignore=shutil.ignore_patterns("*.lock"))
    with store.open_workspace(folder) as made:
        yield made


def _actors(opened: store.Workspace) -> list[Actor]:
    def read(work: Work) -> list[Actor]:
        return [users.actor_of(work, user_id) for user_id in work.session.scalars(select(User.id))]

    return Runner(opened.engine, users.FOUNDER).run(read)[0]


def test_nothing_of_the_demo_is_older_than_its_case(opened: store.Workspace) -> None:
    def early(work: Work) -> tuple[int, list[str]]:
        cases = {row.id: row.created_at for row in work.session.execute(select(Case.id, Case.created_at))}
        rows = [
            (kind.KIND, row.number, row.created_at, cases[row.case_id])
            for kind in (Survey, Design, Quote, Contract)
            for row in work.session.scalars(select(kind))
            if row.case_id is not None
        ]
        return len(rows), [f"{kind} {number}" for kind, number, made, case in rows if made < case]

    (count, found), _ = Runner(opened.engine, users.FOUNDER).run(early)
    assert count > 70
    assert found == []


def test_at_most_a_fifth_of_what_is_due_at_a_desk_is_late_and_much_is_due_soon(opened: store.Workspace) -> None:
    late_somewhere = 0
    for actor in _actors(opened):
        desk, _ = Runner(opened.engine, actor).run(workbench.today)
        due = [t.due_on for t in (*desk.owed, *desk.waiting_for_others) if t.due_on is not None]
        late = [day for day in due if day < desk.today]
        late_somewhere += len(late)
        assert len(late) <= MOST_LATE * len(due), (actor.name, sorted(due))
        assert all((desk.today - day).days < 14 for day in late), actor.name
        if actor.name in ("王敏", "李强"):
            soon = [day for day in due if 0 <= (day - desk.today).days < 7]
            assert len(soon) >= 5
            assert len(due) >= 10
    assert late_somewhere >= 2  # an office where nothing is late is not believed either
