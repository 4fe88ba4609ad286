"""Every request and answer of the protocol, as typed structs in msgpack under zstd, with limits against hostile sizes."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec
import zstandard

PROTOCOL = 1
MAX_CHANGES = 2_000  # of several commits in one request; a larger one travels alone
MAX_COMMIT = 20_000
MAX_BODY = 16 * 1024 * 1024  # MAX_COMMIT records of a business take 2 MB; small pictures in rows more
MAX_PLAIN = 64 * 1024 * 1024

Op = Literal["create", "set", "delete"]
Status = Literal["applied", "conflicts", "rejected", "held"]
T = TypeVar("T")


class WireError(Exception):
    """Bytes that are not a message of this protocol. `code` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class _Struct(msgspec.Struct, array_like=True, omit_defaults=True):
    """Arrays on the wire; new fields go to the end with a default."""


class Change(_Struct):
    """What a commit does to one row. `fields`: wire values; `bases`: field → seq that the author had seen, for the fields of a set
    and for every field of a delete ({"*": seq}); `own`: earlier own commits (16 bytes each) that the author had on screen;
    `had`: whether the author knew the row as existing (a set on a row that is gone is a conflict, never a resurrection)."""

    kind: str
    id: bytes
    op: Op
    fields: dict[str, Any] = {}
    bases: dict[str, int] = {}
    own: list[bytes] = []
    had: bool = True


class Commit(_Struct):
    """One user action. `hlc` milliseconds·65536 + counter of the device; `epoch` number of the epoch that the bases belong to."""

    id: bytes
    hlc: int
    schema: int
    epoch: int
    changes: list[Change]
    signature: bytes = b""


class PushRequest(_Struct):
    """Commits of one device in the order they were made."""

    protocol: int
    device: bytes
    epoch: bytes
    commits: list[Commit]


class FieldConflict(_Struct):
    """A change (or some fields of it) that was not applied since somebody else was there first. `theirs`: the server's values;
    `author` (16 bytes or empty), `at` (µs) and `seq` of theirs; fields empty: the whole row (a delete, or the row is gone)."""

    kind: str
    id: bytes
    op: Op
    mine: dict[str, Any]
    theirs: dict[str, Any]
    base: dict[str, Any]
    author: bytes = b""
    at: int = 0
    seq: int = 0
    gone: bool = False


class Refusal(_Struct):
    """Why a commit was refused: a code with values, made into a sentence by the client."""

    code: str
    kind: str = ""
    id: bytes = b""
    field: str = ""
    params: dict[str, Any] = {}


class CommitResult(_Struct):
    """What became of one commit."""

    id: bytes
    status: Status
    seq: int = 0
    conflicts: list[FieldConflict] = []
    refusals: list[Refusal] = []


class PushAnswer(_Struct):
    """The results in the order of the request (over HTTP without their ids); `durable`: commits up to it are in a verified backup."""

    epoch: bytes
    results: list[CommitResult]
    durable: int = 0


class Row(_Struct):
    """One row as the server has it. `whole`: all fields; else only those changed since the cursor. `gone`: deleted."""

    kind: str
    id: bytes
    seq: int
    fields: dict[str, Any] = {}
    whole: bool = True
    gone: bool = False


class Page(_Struct):
    """Rows of one kind as columns (sync.columns); the small form of many `Row`s, all whole and alive."""

    kind: str
    columns: bytes


class Exit(_Struct):
    """Rows that left the user's scopes: one row, or (kind empty) every row of `scope`."""

    scope: str
    kind: str = ""
    id: bytes = b""


class Segment(_Struct):
    """An immutable file with every living row of a scope class up to `seq`: GET /v1/segments/<sha256 hex>."""

    sha256: bytes
    seq: int
    rows: int
    size: int


class PullAnswer(_Struct):
    """`cursor` to store with these rows in one transaction. `reset`: the replica begins again (new epoch, purged past): load the
    segments, then the rows; what is not named is gone. Order of applying: segments, exits, pages, rows. `scopes`: all that the user holds,
    sent when they changed. `place`: where the server stands between two answers (empty when not `more`); stored with the cursor, sent back
    with the next pull. A server whose counter went back in the same epoch answers sync.server_went_back: stop and ask."""

    epoch: bytes
    epoch_number: int
    epoch_start: int
    cursor: int
    head: int
    more: bool = False
    reset: bool = False
    rows: list[Row] = []
    pages: list[Page] = []
    exits: list[Exit] = []
    segments: list[Segment] = []
    durable: int = 0
    scopes: list[str] = []
    place: bytes = b""


_encoder = msgspec.msgpack.Encoder()
_compressor = zstandard.ZstdCompressor(level=3, write_content_size=True)
_SMALL = 64  # below, zstd's frame costs more than it saves


def encode(message: Any) -> bytes:
    """A struct as bytes: one mark byte (0 plain, 1 zstd), then msgpack."""
    plain = _encoder.encode(message)
    if len(plain) >= _SMALL:
        packed = _compressor.compress(plain)
        if len(packed) < len(plain):
            return b"\x01" + packed
    return b"\x00" + plain


def decode(data: bytes, of: type[T], max_plain: int = MAX_PLAIN) -> T:
    """The struct OF in DATA. Raises WireError wire.empty, wire.too_large, wire.damaged, wire.shape."""
    if not data:
        raise WireError("wire.empty")
    plain = data[1:]
    if data[0] == 1:
        plain = _decompress(data[1:], max_plain)
    elif data[0] != 0:
        raise WireError("wire.damaged", "mark")
    if len(plain) > max_plain:
        raise WireError("wire.too_large", str(len(plain)))
    try:
        return msgspec.msgpack.decode(plain, type=of)
    except (msgspec.DecodeError, ValueError, RecursionError, UnicodeDecodeError) as error:
        code = "wire.shape" if isinstance(error, msgspec.ValidationError) else "wire.damaged"
        raise WireError(code, str(error)[:200]) from None


def _decompress(data: bytes, max_plain: int) -> bytes:
    try:
        size = zstandard.frame_content_size(data)
        if size > max_plain:
            raise WireError("wire.too_large", str(size))
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=max_plain)
    except zstandard.ZstdError as error:
        raise WireError("wire.damaged", str(error)[:200]) from None
