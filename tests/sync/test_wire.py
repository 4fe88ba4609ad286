"""Whatever arrives is a message or a WireError, never anything else: fuzzed bytes, cut and flipped messages, bombs."""

from __future__ import annotations

import contextlib

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sync import wire
from sync.wire import Change, Commit, PullAnswer, PushAnswer, PushRequest, Row, WireError

REQUEST = PushRequest(
    wire.PROTOCOL, b"d" * 16, b"e" * 16,
    [Commit(bytes([n]) * 16, n << 16, 3, 1, [Change("plan", b"r" * 16, "set", {"name": f"n{n}" * 9}, {"name": n})]) for n in range(9)],
)  # fmt: skip
ANSWER = PullAnswer(
    b"e" * 16, 1, 0, 7, 9, True, rows=[Row("plan", b"r" * 16, 7, {"notes": "行" * n}) for n in range(30)]
)
MESSAGES = [REQUEST, ANSWER]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_comes_back_as_it_was(message: PushRequest | PullAnswer) -> None:
    assert wire.decode(wire.encode(message), type(message)) == message


@given(st.binary(max_size=300), st.sampled_from([PushRequest, PushAnswer, PullAnswer]))
def test_noise_is_refused(data: bytes, of: type[msgspec.Struct]) -> None:
    for mark in (b"", b"\x00", b"\x01"):
        with contextlib.suppress(WireError):
            assert isinstance(wire.decode(mark + data, of), of)


@given(st.sampled_from(MESSAGES), st.floats(0, 0.999))
def test_part_of_a_message_is_none(message: PushRequest | PullAnswer, part: float) -> None:
    data = wire.encode(message)
    with pytest.raises(WireError):
        wire.decode(data[: int(len(data) * part)], type(message))


@given(st.sampled_from(MESSAGES), st.integers(0, 4000), st.integers(1, 255))
def test_a_flipped_byte_is_a_message_of_the_same_shape_or_refused(
    message: PushRequest | PullAnswer, at: int, by: int
) -> None:
    data = bytearray(wire.encode(message))
    data[at % len(data)] ^= by
    with contextlib.suppress(WireError):
        assert isinstance(wire.decode(bytes(data), type(message)), type(message))


def test_what_would_unpack_to_more_than_is_allowed_is_not_unpacked() -> None:
    bomb = b"\x01" + zstandard.ZstdCompressor(write_content_size=True).compress(bytes(1 << 22))
    with pytest.raises(WireError, match="too_large"):
        wire.decode(bomb, PushRequest, 1 << 20)
    unsaid = b"\x01" + zstandard.ZstdCompressor(write_content_size=False).compress(bytes(1 << 22))
    with pytest.raises(WireError):
        wire.decode(unsaid, PushRequest, 1 << 20)


def test_a_thousand_boxes_in_one_another_are_refused() -> None:
    with pytest.raises(WireError):
        wire.decode(b"\x00" + b"\x91" * 100_000, PushRequest)


def test_one_message_is_not_taken_for_another() -> None:
    with pytest.raises(WireError, match="shape"):
        wire.decode(wire.encode(ANSWER), PushRequest)
