"""Ids that grow with time: UUID version 7 (RFC 9562 section 5.7)."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID, SafeUUID

_set = object.__setattr__
_UNKNOWN = SafeUUID.unknown
_lock = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """A fresh UUIDv7; strictly increasing within one process, so rows made together keep their order."""
    global _last
    with _lock:
        # 48 bits of milliseconds and 12 bits of sub-millisecond fraction form the monotonic part.
        stamp = (time.time_ns() << 12) // 1_000_000
        _last = stamp = max(stamp, _last + 1)
    tail = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=((stamp >> 12) & ((1 << 48) - 1)) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | tail)


def uuid_of(data: bytes) -> UUID:
    """The UUID of 16 bytes: UUID(bytes=…) without its questions, for loops over many rows."""
    if len(data) != 16:
        raise ValueError("an id has 16 bytes")
    made = object.__new__(UUID)
    _set(made, "int", int.from_bytes(data, "big"))
    _set(made, "is_safe", _UNKNOWN)
    return made
