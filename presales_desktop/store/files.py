"""Large contents beside the database: files/<first two hex digits>/<sha256>.bin, encrypted, written whole or not at all.

A file is a header and blocks of 1 MiB, each sealed with AES-256-GCM under a key of the file's own, which HKDF makes from the
database's key and the file's random id. A block's number and whether it is the last are sealed with it, the content's SHA-256 and size
are sealed in the header: what is damaged, cut short, reordered or put under another name is refused, never read as something else.
Nonces are random, not counted: a block that arrives a second time over a bad line is written a second time, and the same nonce must
never seal two contents.

    magic 8 | file id 16 | nonce 12, sealed (sha256 32, size 8), tag 16 | for each block: nonce 12, sealed ≤ 1 MiB, tag 16
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from presales_desktop.models.errors import EnvironmentProblem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from sqlalchemy import Connection, Engine

FOLDER: Final = "files"
BLOCK: Final = 1024 * 1024
MIN_FREE_BYTES: Final = 20 * 1024 * 1024
_MAGIC: Final = b"PRESFIL1"
_ID, _NONCE, _TAG = 16, 12, 16
_SEALED: Final = _NONCE + 32 + 8 + _TAG
HEADER_BYTES: Final = len(_MAGIC) + _ID + _SEALED
_OVERHEAD: Final = _NONCE + _TAG
# What a crash left behind of a file that was being written goes after a day.
_STALE_S: Final = 86_400
_OPTION: Final = "presales_files"

Step = Callable[[int], None]


def beside(engine: Engine | Connection) -> FileStore:
    """The files beside the database of ENGINE. Raises KeyError for an engine that is no workspace's."""
    found: FileStore = engine.get_execution_options()[_OPTION]
    return found


def attach(engine: Engine, database: Path, key: bytes) -> None:
    """Let `beside` find the files of DATABASE; nothing is read or made yet."""
    engine.update_execution_options(**{_OPTION: FileStore(database.parent / FOLDER, key)})


def blocks_of(size: int) -> int:
    """How many blocks a content of SIZE bytes has."""
    return -(-size // BLOCK)


def stored_size(size: int) -> int:
    """Bytes on disk of a content of SIZE bytes."""
    return HEADER_BYTES + size + blocks_of(size) * _OVERHEAD


class FileStore:
    """The large contents of one workspace. `woken` is called by those who gave it something to send or to fetch."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder = folder
        self._key = key
        self.woken: Callable[[], None] = lambda: None

    def __repr__(self) -> str:
        return f"FileStore({self.folder})"

    # --- which there are ------------------------------------------------------------------------------------------------------
    def path(self, sha256: str) -> Path:
        """Where a content lies or would lie."""
        return self.folder / sha256[:2] / f"{sha256}.bin"

    def has(self, sha256: str) -> bool:
        """Whether the content is here, whole."""
        return self.path(sha256).is_file()

    def names(self) -> Iterator[str]:
        """SHA-256 of every content that is here."""
        for path in sorted(self.folder.glob("??/*.bin")):
            yield path.stem

    def old(self, sha256: str) -> bool:
        """Whether the content was written more than a day ago."""
        try:
            return time.time() - self.path(sha256).stat().st_mtime > _STALE_S
        except OSError:
            return False

    def room(self, size: int) -> None:
        """Raises EnvironmentProblem store.disk_full when a content of SIZE bytes and a reserve would not fit."""
        with _disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if shutil.disk_usage(self.folder).free < stored_size(size) + MIN_FREE_BYTES:
                raise EnvironmentProblem("store.disk_full", file=str(self.folder))

    # --- in and out -----------------------------------------------------------------------------------------------------------
    def put(self, source: BinaryIO, step: Step = lambda done: None) -> tuple[str, int]:
        """Keep what SOURCE holds from here to its end: (sha256, size). STEP hears how many bytes are done; whatever it raises, nothing
        stays behind. Raises EnvironmentProblem store.disk_full, store.not_writable.
        """
        with self._writing(self.folder / f".{secrets.token_hex(8)}.tmp") as (path, handle):
            file_id = secrets.token_bytes(_ID)
            cipher = self._cipher(file_id)
            handle.write(_MAGIC + file_id + bytes(_SEALED))
            whole, size = hashlib.sha256(), 0
            data = _full(source)
            while data:
                following = _full(source)
                whole.update(data)
                handle.write(_seal(cipher, file_id, size // BLOCK, not following, data))
                size += len(data)
                step(size)
                data = following
            self._finish(handle, path, cipher, file_id, whole.digest(), size)
        return whole.hexdigest(), size

    def open(self, sha256: str) -> BinaryIO:
        """The content as a seekable stream; a block at a time lies in memory.

        Raises EnvironmentProblem store.file_missing, store.file_damaged; the latter while reading, too.
        """
        try:
            handle = self.path(sha256).open("rb")
        except OSError:
            raise EnvironmentProblem("store.file_missing", file=sha256[:12]) from None
        try:
            return io.BufferedReader(_Reader(sha256, handle, *self._header(handle, sha256)), 128 * 1024)
        except BaseException:
            handle.close()
            raise

    def read(self, sha256: str) -> bytes:
        """The whole content; for those that are known to be small enough. Raises as `open`."""
        with self.open(sha256) as stream:
            return stream.read()

    def sound(self, sha256: str, step: Step = lambda done: None) -> bool:
        """Whether every byte is what its name says."""
        whole, done = hashlib.sha256(), 0
        try:
            with self.open(sha256) as stream:
                while data := stream.read(BLOCK):
                    whole.update(data)
                    done += len(data)
                    step(done)
        except EnvironmentProblem:
            return False
        return whole.hexdigest() == sha256

    def remove(self, sha256: str) -> None:
        """Let the content go, and what has arrived of it."""
        self.path(sha256).unlink(missing_ok=True)
        self._part(sha256).unlink(missing_ok=True)

    def size(self, sha256: str) -> int:
        """The content's size, from its sealed header. Raises as `open`."""
        with self.open(sha256) as stream:
            return stream.seek(0, os.SEEK_END)

    # --- a content that arrives in pieces ------------------------------------------------------------------------------------------
    def keep_piece(self, sha256: str, size: int, offset: int, data: bytes) -> None:
        """Keep a piece of a content of SIZE bytes, on disk when this returns; in any order, again and again.

        OFFSET is a multiple of BLOCK; DATA ends at one, too, or at the end. Raises ValueError, EnvironmentProblem store.disk_full.
        """
        end = offset + len(data)
        if offset % BLOCK or end > size or (end % BLOCK and end != size) or not data:
            raise ValueError(f"{offset}+{len(data)} is no piece of {size}")
        part = self._part(sha256)
        with _disk_errors(self.folder):
            part.parent.mkdir(parents=True, exist_ok=True)
            fresh = not part.is_file() or part.stat().st_size < HEADER_BYTES
            if fresh:
                self.room(size)
            with part.open("w+b" if fresh else "r+b") as handle:
                if fresh:
                    handle.write(_MAGIC + secrets.token_bytes(_ID) + bytes(_SEALED))
                file_id = self._file_id(handle, sha256)
                cipher = self._cipher(file_id)
                last = blocks_of(size) - 1
                first = offset // BLOCK
                handle.seek(HEADER_BYTES + first * (BLOCK + _OVERHEAD))
                for n in range(blocks_of(len(data))):
                    piece = data[n * BLOCK : (n + 1) * BLOCK]
                    handle.write(_seal(cipher, file_id, first + n, first + n == last, piece))
                handle.flush()
                os.fsync(handle.fileno())

    def finish_pieces(self, sha256: str, size: int) -> bool:
        """Hash what has arrived; true when it is the content, which then is here. Otherwise all of it is dropped."""
        part = self._part(sha256)
        try:
            with part.open("r+b") as handle:
                file_id = self._file_id(handle, sha256)
                cipher = self._cipher(file_id)
                whole = hashlib.sha256()
                handle.seek(HEADER_BYTES)
                for number in range(blocks_of(size)):
                    length = min(BLOCK, size - number * BLOCK)
                    last = number == blocks_of(size) - 1
                    whole.update(_unseal(cipher, file_id, number, last, handle.read(length + _OVERHEAD), sha256))
                if whole.hexdigest() == sha256 and not handle.read(1):
                    self._finish(handle, part, cipher, file_id, whole.digest(), size)
                    return True
        except (FileNotFoundError, EnvironmentProblem):
            pass
        part.unlink(missing_ok=True)
        return False

    def drop_pieces(self, sha256: str) -> None:
        """Forget what has arrived of a content."""
        self._part(sha256).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove what a crash left behind."""
        for path in [*self.folder.glob(".*.tmp"), *self.folder.glob("??/*.part")]:
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _STALE_S * (1 if path.suffix == ".tmp" else 30):
                    path.unlink()

    # --- parts ------------------------------------------------------------------------------------------------------------------
    @cached_property
    def _root(self) -> bytes:
        return _hkdf(self._key, b"", b"presales files 1")

    def _cipher(self, file_id: bytes) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(_hkdf(self._root, file_id, b"presales file"))

    def _part(self, sha256: str) -> Path:
        return self.path(sha256).with_suffix(".part")

    def _file_id(self, handle: BinaryIO, sha256: str) -> bytes:
        handle.seek(0)
        start = handle.read(len(_MAGIC) + _ID)
        if len(start) != len(_MAGIC) + _ID or not start.startswith(_MAGIC):
            raise _damaged(sha256)
        return start[len(_MAGIC) :]

    def _finish(self, handle: BinaryIO, path: Path, cipher: AESGCM, file_id: bytes, digest: bytes, size: int) -> None:
        nonce = secrets.token_bytes(_NONCE)
        sealed = cipher.encrypt(nonce, digest + size.to_bytes(8, "big"), file_id + b"header")
        handle.seek(len(_MAGIC) + _ID)
        handle.write(nonce + sealed)
        handle.flush()
        os.fsync(handle.fileno())
        handle.close()
        target = self.path(digest.hex())
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        _sync_folder(target.parent)

    def _header(self, handle: BinaryIO, sha256: str) -> tuple[AESGCM, bytes, int]:
        from cryptography.exceptions import InvalidTag

        file_id = self._file_id(handle, sha256)
        cipher = self._cipher(file_id)
        sealed = handle.read(_SEALED)
        try:
            told = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], file_id + b"header")
        except (InvalidTag, ValueError):
            raise _damaged(sha256) from None
        size = int.from_bytes(told[32:], "big")
        if told[:32].hex() != sha256 or os.fstat(handle.fileno()).st_size != stored_size(size):
            raise _damaged(sha256)
        return cipher, file_id, size

    @contextmanager
    def _writing(self, path: Path) -> Iterator[tuple[Path, BinaryIO]]:
        with _disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                with path.open("xb") as handle:
                    yield path, handle
            finally:
                path.unlink(missing_ok=True)


class _Reader(io.RawIOBase):
    """A sealed file as its content; keeps the block it stands in."""

    def __init__(self, sha256: str, handle: BinaryIO, cipher: AESGCM, file_id: bytes, size: int) -> None:
        super().__init__()
        self._sha256, self._handle = sha256, handle
        self._cipher, self._file_id, self._size = cipher, file_id, size
        self._at = 0
        self._number, self._block = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        number, within = divmod(self._at, BLOCK)
        if self._at >= self._size:
            return 0
        if number != self._number:
            self._block = self._load(number)
            self._number = number
        piece = self._block[within : within + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _load(self, number: int) -> bytes:
        self._handle.seek(HEADER_BYTES + number * (BLOCK + _OVERHEAD))
        length = min(BLOCK, self._size - number * BLOCK)
        sealed = self._handle.read(length + _OVERHEAD)
        last = number == blocks_of(self._size) - 1
        return _unseal(self._cipher, self._file_id, number, last, sealed, self._sha256)

    def close(self) -> None:
        if not self.closed:
            self._handle.close()
        super().close()


def _hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=salt or None, info=info).derive(key)


def _bound(file_id: bytes, number: int, last: bool) -> bytes:
    return file_id + number.to_bytes(8, "big") + bytes([last])


def _seal(cipher: AESGCM, file_id: bytes, number: int, last: bool, data: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + cipher.encrypt(nonce, data, _bound(file_id, number, last))


def _unseal(cipher: AESGCM, file_id: bytes, number: int, last: bool, sealed: bytes, sha256: str) -> bytes:
    from cryptography.exceptions import InvalidTag

    try:
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(file_id, number, last))
    except (InvalidTag, ValueError):
        raise _damaged(sha256) from None


def _damaged(sha256: str) -> EnvironmentProblem:
    return EnvironmentProblem("store.file_damaged", file=sha256[:12])


def _full(source: BinaryIO) -> bytes:
    """A whole block, or what is left; streams may give less than they are asked for."""
    data = source.read(BLOCK)
    while data and len(data) < BLOCK:
        more = source.read(BLOCK - len(data))
        if not more:
            break
        data += more
    return data


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    """The disk's errors as the program's own; those of the source that is read are its reader's."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise EnvironmentProblem("store.disk_full", file=str(folder)) from None
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise EnvironmentProblem("store.not_writable", file=str(folder)) from None
        raise


def _sync_folder(folder: Path) -> None:
    """The name, too, is on disk; Windows does that by itself and cannot open folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
