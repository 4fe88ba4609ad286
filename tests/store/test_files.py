"""Large contents beside the database: any bytes come back; what is damaged, cut, reordered or renamed is refused."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presales_desktop.models.errors import EnvironmentProblem
from presales_desktop.store import files
from presales_desktop.store.files import BLOCK, FileStore, stored_size

KEY = secrets.token_bytes(32)
SIZES = st.one_of(
    st.integers(0, 300),
    *(st.integers(n * BLOCK - 2, n * BLOCK + 2) for n in (1, 2, 3)),
)


@pytest.fixture(scope="module")
def store() -> Iterator[FileStore]:
    with tempfile.TemporaryDirectory() as folder:
        yield FileStore(Path(folder) / "files", KEY)


def content(size: int, seed: int) -> bytes:
    """Bytes that differ everywhere, cheap to make."""
    return (hashlib.sha512(seed.to_bytes(8, "big")).digest() * (size // 64 + 1))[:size]


def put(store: FileStore, data: bytes) -> str:
    sha256, size = store.put(io.BytesIO(data))
    assert (sha256, size) == (hashlib.sha256(data).hexdigest(), len(data))
    return sha256


def refused(store: FileStore, sha256: str) -> str:
    with pytest.raises(EnvironmentProblem) as caught:
        store.read(sha256)
    assert not store.sound(sha256)
    return caught.value.code


@settings(max_examples=40, deadline=None)
@given(size=SIZES, seed=st.integers(0, 2**32), data=st.data())
def test_any_content_comes_back_whole_and_in_any_part(
    store: FileStore, size: int, seed: int, data: st.DataObject
) -> None:
    given_bytes = content(size, seed)
    sha256 = put(store, given_bytes)
    assert store.read(sha256) == given_bytes
    assert store.sound(sha256)
    assert store.size(sha256) == size
    assert store.path(sha256).stat().st_size == stored_size(size)
    with store.open(sha256) as stream:
        for _ in range(4):
            start = data.draw(st.integers(0, size + 5))
            length = data.draw(st.integers(0, 2 * BLOCK))
            stream.seek(start)
            assert stream.read(length) == given_bytes[start : start + length]
    store.remove(sha256)
    assert not store.has(sha256)


def test_nothing_of_the_content_or_its_key_is_on_the_disk(store: FileStore) -> None:
    sha256 = put(store, b"very secret words" * 70_000)
    raw = store.path(sha256).read_bytes()
    assert b"secret" not in raw
    assert KEY not in raw
    assert FileStore(store.folder, secrets.token_bytes(32)).has(sha256)
    assert refused(FileStore(store.folder, secrets.token_bytes(32)), sha256) == "store.file_damaged"


@settings(max_examples=60, deadline=None)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_changed_bit_is_noticed(store: FileStore, where: float, bit: int) -> None:
    sha256 = put(store, content(BLOCK + 1000, 1))
    raw = bytearray(store.path(sha256).read_bytes())
    raw[int(where * len(raw))] ^= 1 << bit
    store.path(sha256).write_bytes(raw)
    assert refused(store, sha256) == "store.file_damaged"


@settings(max_examples=30, deadline=None)
@given(length=st.one_of(st.integers(0, 200), st.sampled_from([stored_size(BLOCK), stored_size(2 * BLOCK)])))
def test_a_file_cut_short_or_made_longer_is_noticed(store: FileStore, length: int) -> None:
    sha256 = put(store, content(2 * BLOCK + 7, 2))
    raw = store.path(sha256).read_bytes()
    store.path(sha256).write_bytes(raw[:length])
    assert refused(store, sha256) == "store.file_damaged"
    store.path(sha256).write_bytes(raw + raw[:length] + b"x")
    assert refused(store, sha256) == "store.file_damaged"


def test_swapped_blocks_and_swapped_files_are_noticed(store: FileStore) -> None:
    one, other = put(store, content(3 * BLOCK, 3)), put(store, content(3 * BLOCK, 4))
    raw = store.path(one).read_bytes()
    step, first = BLOCK + 28, files.HEADER_BYTES
    swapped = raw[:first] + raw[first + step : first + 2 * step] + raw[first : first + step] + raw[first + 2 * step :]
    store.path(one).write_bytes(swapped)
    assert refused(store, one) == "store.file_damaged"
    # A block of another content, in the same place.
    foreign = store.path(other).read_bytes()
    store.path(one).write_bytes(raw[:first] + foreign[first : first + step] + raw[first + step :])
    assert refused(store, one) == "store.file_damaged"
    # Another content as a whole.
    store.path(one).write_bytes(foreign)
    assert refused(store, one) == "store.file_damaged"
    store.path(one).unlink()
    assert refused(store, one) == "store.file_missing"


def test_a_cancelled_or_failed_write_leaves_nothing(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(store.folder.rglob("*"))

    def stop(done: int) -> None:
        raise InterruptedError(done)

    with pytest.raises(InterruptedError):
        store.put(io.BytesIO(content(2 * BLOCK, 5)), stop)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(EnvironmentProblem, match="disk_full"):
            store.put(io.BytesIO(content(2 * BLOCK, 6)))
    assert list(store.folder.rglob("*")) == before


@settings(max_examples=20, deadline=None)
@given(size=st.integers(2 * BLOCK + 1, 5 * BLOCK), seed=st.integers(0, 2**32), data=st.data())
def test_pieces_arrive_in_any_order_and_count_when_the_whole_is_right(
    store: FileStore, size: int, seed: int, data: st.DataObject
) -> None:
    whole = content(size, seed)
    sha256 = hashlib.sha256(whole).hexdigest()
    pieces = list(range(0, size, 2 * BLOCK))
    for offset in data.draw(st.permutations(pieces + pieces[:1])):
        assert not store.has(sha256)
        store.keep_piece(sha256, size, offset, whole[offset : offset + 2 * BLOCK])
    assert store.finish_pieces(sha256, size)
    assert store.read(sha256) == whole
    assert not list(store.folder.rglob("*.part"))
    store.remove(sha256)


def test_pieces_that_are_not_the_content_are_dropped(store: FileStore) -> None:
    whole = content(2 * BLOCK + 5, 7)
    sha256 = hashlib.sha256(whole).hexdigest()
    assert not store.finish_pieces(sha256, len(whole)), "nothing has arrived"
    store.keep_piece(sha256, len(whole), BLOCK, whole[BLOCK:])
    assert not store.finish_pieces(sha256, len(whole)), "the beginning is missing"
    store.keep_piece(sha256, len(whole), 0, whole[:BLOCK])
    store.keep_piece(sha256, len(whole), BLOCK, whole[BLOCK : 2 * BLOCK] + b"other")
    assert not store.finish_pieces(sha256, len(whole)), "the end is another"
    assert not store.has(sha256)
    assert not list(store.folder.rglob("*.part"))
    for offset, piece in ((1, whole[1:]), (0, whole[:9]), (0, whole + b"x"), (0, b"")):
        with pytest.raises(ValueError, match="no piece"):
            store.keep_piece(sha256, len(whole), offset, piece)


def test_what_a_crash_left_is_cleared_after_a_while(store: FileStore) -> None:
    store.keep_piece("ab" * 32, 3 * BLOCK, 0, content(BLOCK, 8))
    left = store.folder / ".dead.tmp"
    left.write_bytes(b"half")
    store.clear()
    assert left.exists(), "it may be being written now"
    for path in store.folder.rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))
    store.clear()
    assert not left.exists()
    assert not list(store.folder.rglob("*.part"))
