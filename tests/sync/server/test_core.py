"""Pushing and pulling one organisation, on SQLite and PostgreSQL."""

from __future__ import annotations

from sqlalchemy import select

from sync.server.core import Core
from tests.sync import shop
from tests.sync.shop import Shop, commit, edit, new_item, new_plan, person, remove, request


def test_a_created_row_is_in_the_typed_table_and_reaches_another(core: Core, domain: Shop) -> None:
    anna, ben = person(), person()
    domain.staff = {anna.user: shop.MANAGER, ben.user: shop.MANAGER}
    made = new_plan(name="厅", notes="a\nb", tags=["x"], due=739_000)
    thing = new_item(made.id, weight=1250, dimmed=True, picture=b"\0\1", origin="o")
    answer = core.push(anna, request(anna, commit(made, thing)))
    assert [(r.status, r.seq) for r in answer.results] == [("applied", 1)]
    with core.engine.connect() as connection:
        row = connection.execute(select(shop.plan)).one()
        assert (row.name, row.notes, row.tags, row.due.toordinal()) == ("厅", "a\nb", ["x"], 739_000)
        assert (row.version, row.created_by, row.created_at, row.sync_seq) == (1, anna.user, shop.NOW, 1)
        got = connection.execute(select(shop.item)).one()
        assert (got.weight, got.dimmed, bytes(got.picture), got.plan_id.bytes) == (shop.WEIGHT, True, b"\0\1", made.id)
    pulled = core.pull(ben, b"", 0)
    assert pulled.reset
    assert pulled.cursor == pulled.head == core.ring.head
    assert {(r.kind, r.id) for r in pulled.rows} == {("plan", made.id), ("item", thing.id)}
    first = core.pull(ben, pulled.epoch, pulled.cursor)
    assert not first.rows
    assert not first.reset
    second = core.push(anna, request(anna, commit(edit("plan", made.id, 1, name="Halle"))))
    third = core.pull(ben, pulled.epoch, pulled.cursor)
    assert third.cursor == second.results[0].seq
    (row_,) = third.rows
    assert not row_.whole
    assert row_.fields["name"] == "Halle"
    assert set(row_.fields) == {"name", "version", "updated_at", "updated_by"}
    core.push(anna, request(anna, commit(remove("item", thing.id, 9))))
    fourth = core.pull(ben, pulled.epoch, third.cursor)
    assert [(r.kind, r.gone) for r in fourth.rows] == [("item", True)]
    assert core.check() == []
