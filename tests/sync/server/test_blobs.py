"""Files arrive in chunks, in any order, again and again, and count only when the whole is what its name says."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from obstore.store import LocalStore
from sqlalchemy import Connection, create_engine

from sync.server.account_tables import ACCESS
from sync.server.blobs import CHUNK, BlobError, BlobStore


class Shelf:
    """A store on disk with a clock."""

    def __init__(self, folder: Path) -> None:
        self.engine = create_engine(f"sqlite:///{folder / 'org.db'}")
        ACCESS.create_all(self.engine)
        self.now = 1_800_000_000.0
        self.files = folder / "files"
        self.blobs = BlobStore("acme", LocalStore(self.files, mkdir=True), self.begin, lambda: self.now)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.engine.dispose()


DATA = os.urandom(CHUNK) + os.urandom(CHUNK) + b"the end"
NAME = hashlib.sha256(DATA).digest()


def part(number: int) -> tuple[bytes, bytes]:
    data = DATA[number * CHUNK : (number + 1) * CHUNK]
    return data, hashlib.sha256(data).digest()


def refused(call: object, *args: object) -> str:
    with pytest.raises(BlobError) as caught:
        call(*args)  # type: ignore[operator]
    return caught.value.code


def send(shelf: Shelf) -> None:
    shelf.blobs.begin(NAME, len(DATA))
    for number in range(3):
        shelf.blobs.put(NAME, number, *part(number))
    assert shelf.blobs.complete(NAME)


def test_a_file_goes_on_where_it_was_cut(shelf: Shelf) -> None:
    assert shelf.blobs.begin(NAME, len(DATA)).missing == (0, 1, 2)
    shelf.blobs.put(NAME, 2, *part(2))
    assert shelf.blobs.begin(NAME, len(DATA)).missing == (0, 1)
    assert refused(shelf.blobs.complete, NAME) == "blob.not_ready"
    assert refused(shelf.blobs.get, NAME, 2) == "blob.unknown", "nobody sees half a file"
    shelf.blobs.put(NAME, 0, *part(0))
    shelf.blobs.put(NAME, 1, *part(1))
    shelf.blobs.put(NAME, 1, *part(1))
    assert shelf.blobs.complete(NAME)
    assert not shelf.blobs.complete(NAME)
    assert b"".join(shelf.blobs.get(NAME, n) for n in range(3)) == DATA
    assert shelf.blobs.begin(NAME, len(DATA)).state == "verified"


@pytest.mark.parametrize(
    ("number", "data", "digest"),
    [
        (3, b"", hashlib.sha256(b"").digest()),
        (-1, b"x", hashlib.sha256(b"x").digest()),
        (0, b"short", hashlib.sha256(b"short").digest()),
        (2, b"the EN!", b"0" * 32),
    ],
)
def test_wrong_chunks_are_refused(shelf: Shelf, number: int, data: bytes, digest: bytes) -> None:
    shelf.blobs.begin(NAME, len(DATA))
    assert refused(shelf.blobs.put, NAME, number, data, digest) == "blob.chunk"


def test_a_file_that_is_not_what_its_name_says_is_dropped_and_wanted_again(shelf: Shelf) -> None:
    other = hashlib.sha256(b"something else").digest()
    shelf.blobs.begin(other, 7)
    shelf.blobs.put(other, 0, b"the end", hashlib.sha256(b"the end").digest())
    assert refused(shelf.blobs.complete, other) == "blob.damaged"
    assert shelf.blobs.begin(other, 7).missing == (0,)


def test_sizes_are_bounded_and_stay(shelf: Shelf) -> None:
    assert refused(shelf.blobs.begin, NAME, 0) == "blob.size"
    assert refused(shelf.blobs.begin, NAME, 2**40) == "blob.size"
    shelf.blobs.begin(NAME, len(DATA))
    assert refused(shelf.blobs.begin, NAME, len(DATA) + 1) == "blob.size"
    assert refused(shelf.blobs.put, b"1" * 32, 0, b"", b"") == "blob.unknown"


def test_what_nobody_refers_to_stays_a_month(shelf: Shelf) -> None:
    send(shelf)
    assert shelf.blobs.sweep([NAME]) == 0
    assert shelf.blobs.sweep([]) == 0, "the first time it is only marked"
    shelf.now += 29 * 86400
    assert shelf.blobs.sweep([]) == 0
    assert shelf.blobs.sweep([NAME]) == 0, "a new reference unmarks it"
    assert shelf.blobs.sweep([]) == 0
    shelf.now += 31 * 86400
    assert shelf.blobs.sweep([]) == 1
    assert refused(shelf.blobs.status, NAME) == "blob.unknown"
    assert not [p for p in shelf.files.rglob("*") if p.is_file()]


def test_check_names_files_that_rotted(shelf: Shelf) -> None:
    send(shelf)
    assert shelf.blobs.check() == []
    victim = next(p for p in shelf.files.rglob("1") if p.is_file())
    victim.write_bytes(b"x" * CHUNK)
    assert shelf.blobs.check() == [NAME.hex()]
