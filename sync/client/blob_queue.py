"""Which files go to the server and which come from it, on disk: what is under way survives any crash."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, RowMapping, Table, case, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from sync.client.blob_tables import DOWN, FAILED, PARTIAL, UP, VERIFIED, WAITING

CHUNK: Final = 4 * 1024 * 1024
US: Final = 1_000_000
# Somebody waits for it; a small picture of a large one; small; large.
ASKED, THUMBNAIL, SMALL, LARGE = 0, 1, 2, 3
# The server's word that it has a file comes with a pull; when it does not, the server is asked again.
_ASK_AGAIN_S: Final = 600


@dataclass(frozen=True)
class Wish:
    """A file that should be at the other end."""

    sha256: bytes
    size: int
    direction: str
    priority: int = LARGE


@dataclass(frozen=True)
class Plan:
    """What the product's rows say: files that should move, and (sha256, direction) of those where nothing is left to do."""

    wishes: Sequence[Wish] = ()
    settled: Sequence[tuple[bytes, str]] = ()


@dataclass(frozen=True)
class Entry:
    """A file under way. `received`: numbers of its chunks that are at the other end."""

    sha256: bytes
    direction: str
    size: int
    state: str
    priority: int = LARGE
    tries: int = 0
    at: int = 0
    error: str = ""
    received: frozenset[int] = field(default_factory=frozenset)

    @property
    def chunks(self) -> int:
        """How many there are."""
        return chunks_of(self.size)

    @property
    def done_bytes(self) -> int:
        """Bytes that are at the other end."""
        return sum(chunk_size(self.size, n) for n in self.received)


@dataclass(frozen=True)
class Counts:
    """Files and bytes that still have to move, and files that somebody has to look at."""

    up: int = 0
    down: int = 0
    bytes: int = 0
    failed: int = 0


def chunks_of(size: int) -> int:
    """How many chunks a file of SIZE bytes has."""
    return -(-size // CHUNK)


def chunk_size(size: int, number: int) -> int:
    """Bytes of one chunk of a file of SIZE bytes."""
    return max(0, min(CHUNK, size - number * CHUNK))


def pack_bits(numbers: Iterable[int]) -> bytes:
    """A set of numbers as bits, the lowest first."""
    bits = 0
    for number in numbers:
        bits |= 1 << number
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def unpack_bits(data: bytes) -> frozenset[int]:
    """The set of numbers in DATA."""
    return frozenset(8 * i + bit for i, byte in enumerate(data) for bit in range(8) if byte >> bit & 1)


class BlobQueue:
    """The table, on a connection that each call names; the caller owns the transaction."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def apply(self, connection: Connection, plan: Plan, now: int) -> None:
        """Take over what should move; what moves already goes on where it is."""
        t = self.table
        for sha256, direction in plan.settled:
            connection.execute(delete(t).where(t.c.sha256 == sha256, t.c.direction == direction))
        for wish in plan.wishes:
            self.want(connection, wish)
        stale = now - _ASK_AGAIN_S * US
        connection.execute(
            update(t)
            .where(t.c.direction == UP, t.c.state == VERIFIED, t.c.at < stale)
            .values(state=WAITING, received=b"", at=0)
        )

    def want(self, connection: Connection, wish: Wish, *, again: bool = False) -> None:
        """Put a file in the queue, or closer to its head. AGAIN: forget that it failed."""
        t = self.table
        made = insert(t).values(
            sha256=wish.sha256, direction=wish.direction, size=wish.size, state=WAITING, received=b"",
            priority=wish.priority, tries=0, at=0, error="",
        )  # fmt: skip
        first = func.min(t.c.priority, made.excluded.priority)
        values = {"priority": first}
        if again:
            values |= {"tries": 0, "at": 0, "error": "", "state": case((t.c.state == FAILED, WAITING), else_=t.c.state)}  # type: ignore[dict-item]
        connection.execute(made.on_conflict_do_update(index_elements=[t.c.sha256, t.c.direction], set_=values))

    def next(self, connection: Connection, now: int) -> Entry | None:
        """The file to go on with: what somebody waits for, then thumbnails, small and large ones."""
        t = self.table
        row = (
            connection.execute(
                select(t)
                .where(t.c.state.in_((WAITING, PARTIAL)), t.c.at <= now)
                .order_by(t.c.priority, t.c.state, t.c.size, t.c.sha256)
                .limit(1)
            )
            .mappings()
            .first()
        )
        return None if row is None else _entry(row)

    def due(self, connection: Connection) -> int | None:
        """The moment (µs) when the next file may be tried; None when nothing waits."""
        t = self.table
        return connection.execute(select(func.min(t.c.at)).where(t.c.state.in_((WAITING, PARTIAL)))).scalar()

    def entries(self, connection: Connection, names: Sequence[bytes] | None = None) -> list[Entry]:
        """All files in the queue, or those of NAMES."""
        t = self.table
        statement = select(t).order_by(t.c.priority, t.c.size)
        if names is not None:
            statement = statement.where(t.c.sha256.in_(names))
        return [_entry(row) for row in connection.execute(statement).mappings()]

    def counts(self, connection: Connection) -> Counts:
        """What is left to do."""
        up = down = size = failed = 0
        for entry in self.entries(connection):
            if entry.state == FAILED:
                failed += 1
            elif entry.state in (WAITING, PARTIAL):
                up += entry.direction == UP
                down += entry.direction == DOWN
                size += entry.size - entry.done_bytes
        return Counts(up, down, size, failed)

    def received(self, connection: Connection, entry: Entry, numbers: frozenset[int]) -> None:
        """These chunks are at the other end."""
        state = PARTIAL if numbers else WAITING
        self._set(connection, entry, received=pack_bits(numbers), state=state, error="")

    def verified(self, connection: Connection, entry: Entry, now: int) -> None:
        """The other end has the whole. An upload stays here until its receipt is pulled; a download is done."""
        if entry.direction == DOWN:
            self.remove(connection, entry)
        else:
            numbers = frozenset(range(entry.chunks))
            self._set(connection, entry, received=pack_bits(numbers), state=VERIFIED, tries=0, at=now, error="")

    def later(self, connection: Connection, entry: Entry, code: str, at: int, *, again: bool = False) -> None:
        """Try once more at AT; AGAIN: from the first chunk."""
        values = {"received": b"", "state": WAITING} if again else {}
        self._set(connection, entry, tries=entry.tries + 1, at=at, error=code, **values)

    def failed(self, connection: Connection, entry: Entry, code: str) -> None:
        """Somebody has to look."""
        self._set(connection, entry, state=FAILED, error=code)

    def remove(self, connection: Connection, entry: Entry) -> None:
        """Nothing is left to do."""
        t = self.table
        connection.execute(delete(t).where(t.c.sha256 == entry.sha256, t.c.direction == entry.direction))

    def _set(self, connection: Connection, entry: Entry, **values: object) -> None:
        t = self.table
        which = (t.c.sha256 == entry.sha256, t.c.direction == entry.direction)
        connection.execute(update(t).where(*which).values(**values))


def _entry(r: RowMapping) -> Entry:
    return Entry(
        bytes(r["sha256"]), r["direction"], r["size"], r["state"], r["priority"], r["tries"], r["at"], r["error"],
        unpack_bits(bytes(r["received"])),
    )  # fmt: skip
