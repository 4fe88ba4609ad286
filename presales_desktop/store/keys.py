"""The workspace's key: random and kept in the OS keyring, or derived from a passphrase where there is no keyring.

Light to import: the window finds the key while the database's libraries still load.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import UUID

from presales_desktop.models.errors import EnvironmentProblem, InputError

SERVICE = "presales-desktop"
WRAPPED = "wrapped"
DATABASE = "workspace.db"
HEADER = "workspace.json"
ARGON2_TIME = 3
ARGON2_MEMORY_KIB = 64 * 1024
ARGON2_LANES = 2
MIN_PASSPHRASE = 8
# Opens demo workspaces on machines without a keyring: nothing in them is secret, and a demo must open by itself.
DEMO_PASSPHRASE = "demo workspace"


@dataclass
class Header:
    """workspace.json: what must be known before the database can be read. Nothing secret.

    `key_source`: "keyring", "passphrase" (the key is derived from it) or "wrapped" (a key that was given back lies in `wrapped`, sealed
    under a passphrase). `check` lets a wrong passphrase be told from a damaged file: HMAC-SHA256 of a fixed word under the key.
    """

    id: str
    key_source: str
    format: int = 1
    demo: bool = False
    salt: str = ""
    time_cost: int = ARGON2_TIME
    memory_kib: int = ARGON2_MEMORY_KIB
    lanes: int = ARGON2_LANES
    check: str = ""
    wrapped: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write PATH whole or not at all."""
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(asdict(self), indent=1), "utf-8")
        temporary.replace(path)


def load_header(path: Path) -> Header:
    """Read workspace.json. Raises EnvironmentProblem store.header_damaged or store.newer_program."""
    try:
        raw = json.loads(path.read_text("utf-8"))
        UUID(raw["id"])
        header = Header(**{k: raw[k] for k in Header.__dataclass_fields__ if k in raw})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise EnvironmentProblem("store.header_damaged", file=str(path)) from None
    if header.format > 1:
        raise EnvironmentProblem("store.newer_program", file=str(path))
    return header


@dataclass(frozen=True)
class Unlocked:
    """What opening the database needs: the workspace's header and its key."""

    header: Header
    key: bytes = field(repr=False)


def unlock(folder: Path, passphrase: str | None) -> Unlocked:
    """Find the key of the workspace in FOLDER; its database is not touched.

    Raises InputError store.missing; EnvironmentProblem store.database_missing, store.header_damaged, store.newer_program and what
    find_key raises.
    """
    if not (folder / HEADER).is_file():
        raise InputError("store.missing", file=str(folder))
    if not (folder / DATABASE).is_file():
        raise EnvironmentProblem("store.database_missing", file=str(folder / DATABASE))
    header = load_header(folder / HEADER)
    return Unlocked(header, find_key(header, passphrase))


def _mark(key: bytes) -> str:
    return hmac.new(key, b"presales workspace", hashlib.sha256).hexdigest()


def derive(passphrase: str, header: Header) -> bytes:
    """The key that PASSPHRASE opens: argon2id (RFC 9106) with the header's salt and costs."""
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(
        passphrase.encode(),
        base64.b64decode(header.salt),
        time_cost=header.time_cost,
        memory_cost=header.memory_kib,
        parallelism=header.lanes,
        hash_len=32,
        type=Type.ID,
    )


def keyring_usable() -> bool:
    """Whether the OS offers a keyring that answers. PRESALES_NO_KEYRING=1 says no without asking (servers, tests)."""
    if os.environ.get("PRESALES_NO_KEYRING"):
        return False
    import keyring
    from keyring.errors import KeyringError

    try:
        if keyring.get_keyring().priority <= 0:
            return False
        keyring.get_password(SERVICE, "probe")
    except (KeyringError, RuntimeError, OSError):
        return False
    return True


def new_key(header: Header, passphrase: str | None) -> bytes:
    """Make the key of a new workspace: from PASSPHRASE if given, else random into the keyring. Fills HEADER.

    Raises InputError store.passphrase_short, EnvironmentProblem store.no_keyring.
    """
    header.wrapped = ""
    if passphrase is None and header.demo and not keyring_usable():
        passphrase = DEMO_PASSPHRASE
    if passphrase is not None:
        if len(passphrase) < MIN_PASSPHRASE:
            raise InputError("store.passphrase_short", low=MIN_PASSPHRASE)
        header.key_source = "passphrase"
        header.salt = base64.b64encode(secrets.token_bytes(16)).decode()
        key = derive(passphrase, header)
    else:
        if not keyring_usable():
            raise EnvironmentProblem("store.no_keyring")
        import keyring

        header.key_source = "keyring"
        key = secrets.token_bytes(32)
        keyring.set_password(SERVICE, header.id, key.hex())
    header.check = _mark(key)
    return key


def find_key(header: Header, passphrase: str | None) -> bytes:
    """The key of an existing workspace.

    Raises EnvironmentProblem store.passphrase_needed, store.passphrase_wrong, store.no_keyring or store.key_missing.
    """
    if header.key_source == WRAPPED:
        return _unwrapped(header, passphrase)
    if header.key_source == "passphrase":
        if passphrase is None and not header.demo:
            raise EnvironmentProblem("store.passphrase_needed")
        key = derive(DEMO_PASSPHRASE if passphrase is None else passphrase, header)
        if not hmac.compare_digest(_mark(key), header.check):
            raise EnvironmentProblem("store.passphrase_needed" if passphrase is None else "store.passphrase_wrong")
        return key
    if not keyring_usable():
        raise EnvironmentProblem("store.no_keyring")
    import keyring

    found = keyring.get_password(SERVICE, header.id)
    if not found:
        raise EnvironmentProblem("store.key_missing")
    key = bytes.fromhex(found)
    if not hmac.compare_digest(_mark(key), header.check):
        raise EnvironmentProblem("store.key_missing")
    return key


def recover(folder: Path, key: bytes, passphrase: str | None) -> None:
    """Lock the workspace in FOLDER anew with its own KEY, which the company's administrator has given back: the keyring was lost, or the
    passphrase forgotten. It lies in the keyring again or, with PASSPHRASE, sealed under that one in the header.

    Raises InputError store.missing, store.key_wrong, store.passphrase_short; EnvironmentProblem store.no_keyring, store.header_damaged,
    store.not_writable.
    """
    if not (folder / HEADER).is_file():
        raise InputError("store.missing", file=str(folder))
    header = load_header(folder / HEADER)
    if len(key) != 32 or not hmac.compare_digest(_mark(key), header.check):
        raise InputError("store.key_wrong", file=str(folder))
    if passphrase is None:
        if not keyring_usable():
            raise EnvironmentProblem("store.no_keyring")
        import keyring

        keyring.set_password(SERVICE, header.id, key.hex())
        header.key_source, header.wrapped = "keyring", ""
    else:
        _wrap(header, key, passphrase)
    try:
        header.save(folder / HEADER)
    except OSError:
        raise EnvironmentProblem("store.not_writable", file=str(folder)) from None


def _wrap(header: Header, key: bytes, passphrase: str) -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(passphrase) < MIN_PASSPHRASE:
        raise InputError("store.passphrase_short", low=MIN_PASSPHRASE)
    header.key_source = WRAPPED
    header.salt = base64.b64encode(secrets.token_bytes(16)).decode()
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(derive(passphrase, header)).encrypt(nonce, key, header.id.encode())
    header.wrapped = base64.b64encode(nonce + sealed).decode()


def _unwrapped(header: Header, passphrase: str | None) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if passphrase is None:
        raise EnvironmentProblem("store.passphrase_needed")
    try:
        sealed = base64.b64decode(header.wrapped, validate=True)
        return AESGCM(derive(passphrase, header)).decrypt(sealed[:12], sealed[12:], header.id.encode())
    except InvalidTag:
        raise EnvironmentProblem("store.passphrase_wrong") from None
    except ValueError:
        raise EnvironmentProblem("store.header_damaged", file=HEADER) from None
