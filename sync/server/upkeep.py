"""What administrators do to an organisation's sync tables: a new epoch after a restore, the durable mark, purging, checking."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, Engine, func, select

from sync.kinds import Registry
from sync.server import storage


def _mark(connection: Connection) -> str:
    return "%s" if connection.dialect.name == "postgresql" else "?"


_FIRST_SECOND = 1_577_836_800  # 2020


def new_epoch(engine: Engine, reason: str, epoch: bytes, now_us: int) -> int:
    """The database was restored: what was numbered after it counts no more. The number of the new epoch."""
    with engine.begin() as connection:
        clock = storage.lock_clock(connection)
        # The backup does not know of epochs that began after it: counting on would give the number of a lost one to another. The time of
        # the restore tells them apart; whose number is not known here has seen nothing (merge.cap_of).
        number = max(clock.epoch_no + 1, now_us // 1_000_000 - _FIRST_SECOND)
        m = _mark(connection)
        connection.exec_driver_sql(
            f"INSERT INTO sync_epoch (epoch_no, epoch, start_seq, reason, at) VALUES ({m}, {m}, {m}, {m}, {m})",
            (number, epoch, clock.seq, reason, now_us),
        )
        connection.exec_driver_sql(
            f"UPDATE sync_clock SET epoch = {m}, epoch_no = {m}, epoch_start = {m} WHERE one = 1",
            (epoch, number, clock.seq),
        )
    return number


def set_durable(engine: Engine, seq: int) -> None:
    """Everything up to SEQ survives the loss of this machine."""
    with engine.begin() as connection:
        clock = storage.lock_clock(connection)
        durable = max(clock.durable, min(seq, clock.seq))
        connection.exec_driver_sql(f"UPDATE sync_clock SET durable_seq = {durable} WHERE one = 1")


def purge(engine: Engine, before_us: int) -> int:
    """Forget tombstones and exits of commits older than BEFORE_US, and the payloads kept with old commits; the new floor."""
    with engine.begin() as connection:
        m = _mark(connection)
        sql = f"SELECT max(seq) FROM sync_commit WHERE at < {m}"
        last = connection.exec_driver_sql(sql, (before_us,)).scalar() or 0
        connection.exec_driver_sql(f"UPDATE sync_commit SET payload = NULL WHERE at < {m}", (before_us,))
    return purge_to(engine, last)


def purge_to(engine: Engine, seq: int) -> int:
    """Forget tombstones and exits up to SEQ; the new floor."""
    with engine.begin() as connection:
        clock = storage.lock_clock(connection)
        floor = max(clock.floor, min(int(seq), clock.seq))
        connection.exec_driver_sql(f"DELETE FROM sync_entity WHERE deleted AND seq <= {floor}")
        connection.exec_driver_sql(f"DELETE FROM sync_exit WHERE seq <= {floor}")
        connection.exec_driver_sql(f"DELETE FROM sync_segment WHERE seq < {floor}")
        connection.exec_driver_sql(
            "DELETE FROM sync_segment_part WHERE sha256 NOT IN (SELECT sha256 FROM sync_segment)"
        )
        connection.exec_driver_sql(f"UPDATE sync_clock SET floor = {floor} WHERE one = 1")
    return floor


def check(connection: Connection, registry: Registry) -> list[str]:
    """What is wrong, one line each: numbers beyond the clock, gaps, rows that sync and typed tables do not share."""
    clock = storage.read_clock(connection)
    found: list[str] = []
    last = connection.exec_driver_sql("SELECT max(seq) FROM sync_commit").scalar() or 0
    count = connection.exec_driver_sql("SELECT count(*) FROM sync_commit WHERE seq IS NOT NULL").scalar_one()
    if last != clock.seq or count != clock.seq:
        found.append(f"clock {clock.seq}, newest commit {last}, commits {count}")
    beyond = connection.exec_driver_sql(f"SELECT count(*) FROM sync_entity WHERE seq > {clock.seq}").scalar_one()
    if beyond:
        found.append(f"{beyond} rows beyond the clock")
    rows = connection.exec_driver_sql("SELECT kind, id FROM sync_entity WHERE NOT deleted")
    images: dict[str, set[bytes]] = {}
    for kind, key in rows:
        images.setdefault(kind, set()).add(bytes(key))
    for kind in registry:
        column = kind.table.c["id"]
        typed = {UUID(str(value)).bytes for value in connection.scalars(select(column))}
        lost = images.get(kind.name, set()) ^ typed
        if lost:
            total = connection.scalar(select(func.count()).select_from(kind.table))
            found.append(f"{kind.name}: {len(lost)} of {total} rows are in one place only")
    return found
