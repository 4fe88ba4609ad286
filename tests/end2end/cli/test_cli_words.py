"""What `show` prints for people names every field in words, for every kind of the demo company, and every step's parameter has one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from presales_desktop.cli import shown
from presales_desktop.models.permissions import Actor, Role
from presales_desktop.models.users import User
from presales_desktop.services import plain, registry
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Runner, Work
from presales_desktop.store import workspace as store
from presales_desktop.texts import Language, set_language

RECORDS = 12


@pytest.fixture(scope="module")
def demo(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """Somebody who may see everything, costs too."""
    folder = tmp_path_factory.mktemp("words") / "workspace"
    shutil.copytree(company, folder, ignore=shutil.ignore_patterns("*.lock"))
    with store.open_workspace(folder) as opened:
        with Session(opened.engine) as session:
            user = session.scalars(select(User).where(User.login == "fengrui")).one()
            actor = Actor(user.id, user.name, frozenset(Role), user.department)
        yield Runner(opened.engine, actor)


# A label is a name of the program when it is written like one: small letters, perhaps with underscores.
RAW = re.compile(r"^ *[a-z][a-z0-9]*(_[a-z0-9]+)*( {2,}|$)")


def raw_labels(text: str) -> Iterator[str]:
    """Labels "word  value" and titles of columns that nobody translated."""
    lines = text.split("\n")
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if set(after) and set(after) <= {"─", " "}:
            yield from (title for title in re.split(r" {2,}", line.strip()) if RAW.match(title))
        elif RAW.match(line) and "─" not in line:
            yield line


@pytest.mark.parametrize("name", registry.names())
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_show_names_everything_in_words(demo: Runner, name: str, lang: Language) -> None:
    kind = registry.kind(name)

    def texts(work: Work) -> list[str]:
        rows = kind.list_rows(work, ListQuery(limit=RECORDS)).rows
        return [shown.whole(plain.whole(kind, kind.show(work, row.id)), name) for row in rows]

    set_language(lang)
    found = {raw for text in demo.run(texts)[0] for raw in raw_labels(text)}
    assert found == set()


@pytest.mark.parametrize("name", registry.names())
def test_every_parameter_of_a_step_has_a_word(name: str) -> None:
    for step in registry.kind(name).transitions:
        for parameter in step.parameters:
            assert shown.has_word(name, parameter.removesuffix("!")), f"{step.action} {parameter}"
