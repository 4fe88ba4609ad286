"""What a connection brings along from one unit of work to the next."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from presales_desktop.store.engine import open_engine


def test_what_a_failed_commit_left_open_is_not_written_by_the_next_unit_of_work(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "w.db", bytes(32))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE plan (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql(
            "CREATE TABLE item (id INTEGER PRIMARY KEY, plan INTEGER REFERENCES plan (id) DEFERRABLE INITIALLY DEFERRED)"
        )
    seen = []
    event.listen(engine, "checkout", lambda connection, *_: seen.append((id(connection), connection.in_transaction)))

    with Session(engine) as session:
        session.connection().exec_driver_sql("INSERT INTO item VALUES (1, 99)")
        with pytest.raises(IntegrityError):  # the foreign key is looked at by COMMIT, which fails
            session.commit()
    with Session(engine) as session:
        session.connection().exec_driver_sql("INSERT INTO plan VALUES (99)")
        session.commit()

    assert seen[0][0] == seen[1][0], "both had the same connection"
    assert not seen[1][1]
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM item").scalar() == 0
    engine.dispose()
