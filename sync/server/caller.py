"""Who calls, and what a call can fail with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated person on a registered device; `public_key`: the device's Ed25519 key (32 bytes)."""

    user: UUID
    device: UUID
    public_key: bytes = b""


class SyncError(Exception):
    """A request that cannot be answered. `code` is stable, `status` the HTTP status it becomes.

    sync.protocol, sync.device, sync.too_many, sync.server_went_back, sync.segment_unknown, sync.busy, sync.unavailable
    """

    def __init__(self, code: str, status: int = 400, **params: Any) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code = code
        self.status = status
        self.params = params
