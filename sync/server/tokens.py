"""Short access tokens and rotating refresh tokens of a device.

An access token names organisation and device and is signed with the organisation's secret (itsdangerous, HMAC-SHA256): about 60
characters, since it rides on every request. A refresh token is random, stored as its SHA-256, good for one use.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from itsdangerous import BadSignature, BadTimeSignature, SignatureExpired, TimestampSigner
from sqlalchemy import Connection, insert, select, update

from sync.server.account_tables import refresh_token, secret

ACCESS_S = 15 * 60
REFRESH_S = 60 * 24 * 3600
# A reply may get lost: for so long the token before may be used once more, unless its successor has been.
GRACE_S = 60
_SECRET = "access"
US = 1_000_000


class TokenError(Exception):
    """`code`: token.missing, token.invalid, token.expired, token.reused, token.revoked."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Named:
    """What an access token says: organisation (its slug) and the device's number there."""

    organisation: str
    device_no: int


class _Signer(TimestampSigner):
    """TimestampSigner with an injected clock (seconds since 1970)."""

    def __init__(self, key: bytes, clock: Callable[[], float]) -> None:
        super().__init__(key, salt="presales access", digest_method=hashlib.sha256, key_derivation="hmac")
        self._clock = clock

    def get_timestamp(self) -> int:
        return int(self._clock())


def signing_key(connection: Connection) -> bytes:
    """The organisation's secret, made at first use."""
    found = connection.scalar(select(secret.c.value).where(secret.c.name == _SECRET))
    if found is None:
        found = secrets.token_bytes(32)
        connection.execute(insert(secret).values(name=_SECRET, value=found))
    return bytes(found)


def issue_access(key: bytes, organisation: str, device_no: int, clock: Callable[[], float]) -> str:
    """A token good for ACCESS_S seconds."""
    return _Signer(key, clock).sign(f"{organisation}.{device_no}").decode()


def organisation_of(token: str) -> str:
    """The organisation that TOKEN claims to be of: chooses whose secret checks it. Raises TokenError token.invalid."""
    name, dot, _ = token.partition(".")
    if not dot or not name.isascii() or len(token) > 300:
        raise TokenError("token.invalid")
    return name


def check_access(key: bytes, token: str, clock: Callable[[], float]) -> Named:
    """What TOKEN says. Raises TokenError token.invalid or token.expired."""
    try:
        value = _Signer(key, clock).unsign(token, max_age=ACCESS_S).decode()
        organisation, _, number = value.partition(".")
        return Named(organisation, int(number))
    except SignatureExpired:
        raise TokenError("token.expired") from None
    except (BadTimeSignature, BadSignature, ValueError, UnicodeError):
        raise TokenError("token.invalid") from None


def issue_refresh(connection: Connection, device_no: int, now_us: int) -> str:
    """A new refresh token of a device; what is stored is its hash."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(refresh_token).values(
            hash=_hash(token), device_no=device_no, issued_at=now_us, expires_at=now_us + REFRESH_S * US
        )
    )
    return token


def rotate(connection: Connection, token: str, now_us: int) -> tuple[int, str]:
    """(device number, the next token) for a token that is used now.

    Raises TokenError token.invalid, token.expired; token.reused when somebody else has used it already: the caller revokes the device.
    """
    row = connection.execute(
        select(refresh_token).where(refresh_token.c.hash == _hash(token)).with_for_update()
    ).first()
    if row is None:
        raise TokenError("token.invalid")
    if row.expires_at <= now_us:
        raise TokenError("token.expired")
    if row.used_at is not None and not _lost_reply(connection, row.used_at, row.successor, now_us):
        raise TokenError("token.reused")
    following = issue_refresh(connection, row.device_no, now_us)
    if row.successor is not None:
        connection.execute(update(refresh_token).where(refresh_token.c.hash == row.successor).values(expires_at=now_us))
    connection.execute(
        update(refresh_token)
        .where(refresh_token.c.hash == row.hash)
        .values(used_at=row.used_at or now_us, successor=_hash(following))
    )
    return row.device_no, following


def _lost_reply(connection: Connection, used_at: int, successor: bytes | None, now_us: int) -> bool:
    """Whether the token was used just now and nobody ever used what came of it."""
    if now_us - used_at > GRACE_S * US or successor is None:
        return False
    return connection.scalar(select(refresh_token.c.used_at).where(refresh_token.c.hash == successor)) is None


def supersede(connection: Connection, device_no: int, now_us: int) -> None:
    """A new login of a device: whoever still uses a token of before uses a copy of it, and is found out by that."""
    connection.execute(
        update(refresh_token)
        .where(refresh_token.c.device_no == device_no, refresh_token.c.used_at.is_(None))
        .values(used_at=now_us, successor=None)
    )


def device_of(connection: Connection, token: str) -> int | None:
    """The number of the device that TOKEN was given to."""
    return connection.scalar(select(refresh_token.c.device_no).where(refresh_token.c.hash == _hash(token)))


def drop_refresh(connection: Connection, device_no: int) -> None:
    """No refresh token of this device is good any more."""
    connection.execute(refresh_token.delete().where(refresh_token.c.device_no == device_no))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
