"""Who may come in: passwords (argon2id), throttling, devices with their keys, sessions of an organisation.

Every method is one transaction. Times are injected; nothing here waits or sleeps: a throttled login is refused with the time to wait.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update

from sync.ids import uuid7
from sync.server import audit, tokens
from sync.server.account_tables import account, device, refresh_token, throttle

US = 1_000_000
MIN_PASSWORD = 10
FREE_FAILURES = 5
MAX_WAIT_S = 15 * 60
FORGET_S = 24 * 3600
_COMMON = frozenset(
    {"password", "1234567890", "0123456789", "qwertyuiop", "password123", "administrator", "woaini1314"}
)

Transaction = Callable[[], AbstractContextManager[Connection]]


class AccessError(Exception):
    """Why somebody is not let in. `code` is stable, `status` the HTTP status, `params` values for the sentence."""

    def __init__(self, code: str, status: int = 401, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.params = params


@dataclass(frozen=True)
class DeviceOffer:
    """A device at login: its Ed25519 public key (32 bytes), what people call it, its wire schema; `id` when it was known before."""

    public_key: bytes
    name: str = ""
    schema: int = 1
    id: UUID | None = None


@dataclass(frozen=True)
class Session:
    """A login or refresh that went well."""

    access: str
    refresh: str
    expires_s: int
    user_id: UUID
    login: str
    device_id: UUID
    device_no: int
    must_change: bool


@dataclass(frozen=True)
class Known:
    """Who an access token is."""

    user_id: UUID
    device_id: UUID
    device_no: int
    public_key: bytes
    must_change: bool = False


class Accounts:
    """The accounts of one organisation. ACTIVE(connection, user id) asks the product whether the person still works there."""

    def __init__(
        self,
        organisation: str,
        transaction: Transaction,
        clock: Callable[[], float],
        active: Callable[[Connection, UUID], bool] = lambda connection, user: True,
        hasher: PasswordHasher | None = None,
        reading: Transaction | None = None,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        # Told after what may end somebody's admission has been committed.
        self.ended = ended
        self.organisation = organisation
        self.transaction = transaction
        # A look must not wait behind a writer (SQLite has one).
        self.reading = reading or transaction
        self.clock = clock
        self.active = active
        self.hasher = hasher or PasswordHasher()
        self._dummy = self.hasher.hash("nobody has this password")
        # argon2id takes 64 MB and a quarter of a second: one at a time leaves the other core to everybody else.
        self._hashing = threading.Semaphore(1)
        self._key: bytes | None = None

    def _now(self) -> int:
        return int(self.clock() * US)

    # --- administration --------------------------------------------------------------------------------------------------------
    def add(self, user_id: UUID, login: str, password: str, *, must_change: bool = False, by: str = "console") -> None:
        """A new account. Raises AccessError account.login_taken, account.password_weak."""
        self.check_password(login, password)
        hashed = self._hash(password)
        with self.transaction() as connection:
            if connection.scalar(select(account.c.user_id).where(account.c.login == login)) is not None:
                raise AccessError("account.login_taken", 409, login=login)
            connection.execute(
                insert(account).values(
                    user_id=user_id, login=login, password=hashed, disabled=False, must_change=must_change,
                    changed_at=self._now(),
                )
            )  # fmt: skip
            audit.append(connection, self._now(), "account.added", {"login": login}, actor=by)

    def set_password(
        self,
        login: str,
        password: str,
        *,
        must_change: bool = False,
        by: str = "console",
        keep_device: int | None = None,
    ) -> None:
        """A new password; every device of the account (but KEEP_DEVICE) must log in again. Raises AccessError account.unknown, account.password_weak."""
        self.check_password(login, password)
        hashed = self._hash(password)
        with self.transaction() as connection:
            row = self._account(connection, login)
            connection.execute(
                update(account)
                .where(account.c.user_id == row.user_id)
                .values(password=hashed, must_change=must_change, changed_at=self._now())
            )
            for found in self._devices(connection, row.user_id):
                if found.no != keep_device:
                    tokens.drop_refresh(connection, found.no)
            connection.execute(delete(throttle).where(throttle.c.key == _throttle_key("login", login)))
            audit.append(connection, self._now(), "account.password_set", {"login": login}, actor=by)
        self.ended()

    def change_password(self, known: Known, old: str, new: str) -> None:
        """By the person: the old one proves it. Raises AccessError account.password_wrong, account.password_same,
        account.password_weak."""
        with self.transaction() as connection:
            row = connection.execute(select(account).where(account.c.user_id == known.user_id)).first()
        if row is None or not self._verify(row.password, old):
            raise AccessError("account.password_wrong", 403)
        if old == new:
            raise AccessError("account.password_same", 422)
        self.set_password(row.login, new, by=row.login, keep_device=known.device_no)

    def disable(self, login: str, disabled: bool = True, by: str = "console") -> None:
        """No more logins and no more requests of this account (or again)."""
        with self.transaction() as connection:
            row = self._account(connection, login)
            connection.execute(update(account).where(account.c.user_id == row.user_id).values(disabled=disabled))
            if disabled:
                for found in self._devices(connection, row.user_id):
                    tokens.drop_refresh(connection, found.no)
            action = "account.disabled" if disabled else "account.enabled"
            audit.append(connection, self._now(), action, {"login": login}, actor=by)
        self.ended()

    def logins(self) -> dict[UUID, tuple[str, bool]]:
        """(login, disabled) of every account by user id."""
        with self.transaction() as connection:
            return {r.user_id: (r.login, r.disabled) for r in connection.execute(select(account))}

    def devices(self, user_id: UUID | None = None) -> list[dict[str, Any]]:
        """Devices, of one user or all: no, id, user_id, name, schema, created_at, seen_at, seen_seq, revoked_at (µs)."""
        columns = [c for c in device.c if c.name not in ("public_key", "escrow")]
        query = select(*columns).order_by(device.c.no)
        if user_id is not None:
            query = query.where(device.c.user_id == user_id)
        with self.transaction() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def revoke(self, device_no: int, by: str = "console") -> None:
        """The device's tokens and its key count no more. Raises AccessError device.unknown."""
        with self.transaction() as connection:
            done = connection.execute(
                update(device)
                .where(device.c.no == device_no, device.c.revoked_at.is_(None))
                .values(revoked_at=self._now())
            )
            known = connection.scalar(select(device.c.no).where(device.c.no == device_no))
            if known is None:
                raise AccessError("device.unknown", 404, device=device_no)
            tokens.drop_refresh(connection, device_no)
            if done.rowcount:
                audit.append(connection, self._now(), "device.revoked", {"device": device_no}, actor=by)
        self.ended()

    def standing(self) -> tuple[int, ...]:
        """What differs when a device was revoked or given back, an account disabled, a password set."""
        gone = select(func.count()).select_from(device).where(device.c.revoked_at.is_not(None)).scalar_subquery()
        shut = select(func.count()).select_from(account).where(account.c.disabled).scalar_subquery()
        last = select(func.coalesce(func.max(account.c.changed_at), 0)).scalar_subquery()
        with self.reading() as connection:
            return tuple(int(n) for n in connection.execute(select(gone, shut, last)).one())

    def keep_escrow(self, known: Known, sealed: bytes) -> None:
        """The device's database key, sealed to the organisation's recovery key."""
        with self.transaction() as connection:
            connection.execute(update(device).where(device.c.no == known.device_no).values(escrow=sealed))

    def escrow(self, device_no: int, by: str = "console") -> bytes:
        """The sealed key of a device; that it was taken out is in the audit log. Raises AccessError device.no_escrow."""
        with self.transaction() as connection:
            found = connection.scalar(select(device.c.escrow).where(device.c.no == device_no))
            if found is None:
                raise AccessError("device.no_escrow", 404, device=device_no)
            audit.append(connection, self._now(), "device.escrow_taken", {"device": device_no}, actor=by)
            return bytes(found)

    # --- coming in -------------------------------------------------------------------------------------------------------------
    def login(self, login: str, password: str, offer: DeviceOffer, remote: str = "") -> Session:
        """A session for a person on a device. Raises AccessError account.throttled, account.password_wrong, account.disabled,
        device.revoked, device.key."""
        keys = [_throttle_key("login", login), *([_throttle_key("remote", remote)] if remote else [])]
        with self.transaction() as connection:
            self._check_throttle(connection, keys)
            row = connection.execute(select(account).where(account.c.login == login)).first()
        # An unknown login costs as much as a wrong password.
        good = self._verify(row.password if row else self._dummy, password)
        if row is None or not good:
            self._failed(keys, login, remote)
            raise AccessError("account.password_wrong", 401)
        with self.transaction() as connection:
            self._require_open(connection, row)
            found = self._register(connection, row.user_id, offer)
            tokens.supersede(connection, found.no, self._now())
            connection.execute(delete(throttle).where(throttle.c.key.in_(keys)))
            if self.hasher.check_needs_rehash(row.password):
                fresh = self._hash(password)
                connection.execute(update(account).where(account.c.user_id == row.user_id).values(password=fresh))
            audit.append(
                connection, self._now(), "login", {"device": found.no, "name": offer.name[:80]}, actor=login,
                device=str(found.id),
            )  # fmt: skip
            return self._session(connection, row, found)

    def refresh(self, token: str, proof: bytes) -> Session:
        """The next session for a refresh token. PROOF: the device's signature over b"refresh" + the token.

        Raises AccessError token.*, device.revoked, device.key, account.disabled.
        """
        try:
            with self.transaction() as connection:
                number, following = tokens.rotate(connection, token, self._now())
                found = connection.execute(select(device).where(device.c.no == number)).one()
                if found.revoked_at is not None:
                    raise AccessError("device.revoked", 403)
                if not verify_signature(found.public_key, b"refresh" + token.encode(), proof):
                    raise AccessError("device.key", 403)
                row = connection.execute(select(account).where(account.c.user_id == found.user_id)).one()
                self._require_open(connection, row)
                connection.execute(update(device).where(device.c.no == number).values(seen_at=self._now()))
                return self._session(connection, row, found, following)
        except tokens.TokenError as error:
            if error.code == "token.reused":
                self._reused(token)
            raise AccessError(error.code, 401) from None

    def authenticate(self, token: str) -> Known:
        """Who TOKEN is. Raises AccessError token.invalid, token.expired, token.revoked, device.revoked, account.disabled."""
        if self._key is None:
            with self.transaction() as connection:
                self._signing_key(connection)
        with self.reading() as connection:
            try:
                named = tokens.check_access(self._signing_key(connection), token, self.clock)
            except tokens.TokenError as error:
                raise AccessError(error.code, 401) from None
            if named.organisation != self.organisation:
                raise AccessError("token.invalid", 401)
            found: Any = connection.execute(
                select(
                    *device.c,
                    account.c.disabled,
                    account.c.must_change,
                    # A session that was ended ends its access tokens, too.
                    exists().where(refresh_token.c.device_no == device.c.no).label("session"),
                )
                .join(account, account.c.user_id == device.c.user_id)
                .where(device.c.no == named.device_no)
            ).first()
            if found is None:
                raise AccessError("token.invalid", 401)
            if found.revoked_at is not None:
                raise AccessError("device.revoked", 403)
            if found.disabled or not self.active(connection, found.user_id):
                raise AccessError("account.disabled", 403)
            if not found.session:
                raise AccessError("token.revoked", 401)
            return Known(found.user_id, found.id, found.no, bytes(found.public_key), bool(found.must_change))

    def logout(self, known: Known) -> None:
        """The device's session ends; its key stays known."""
        with self.transaction() as connection:
            tokens.drop_refresh(connection, known.device_no)
        self.ended()

    # --- parts -----------------------------------------------------------------------------------------------------------------
    def _signing_key(self, connection: Connection) -> bytes:
        if self._key is None:
            self._key = tokens.signing_key(connection)
        return self._key

    def _session(self, connection: Connection, row: Row[Any], found: Row[Any], refresh: str | None = None) -> Session:
        access = tokens.issue_access(self._signing_key(connection), self.organisation, found.no, self.clock)
        given = refresh or tokens.issue_refresh(connection, found.no, self._now())
        return Session(
            access, given, tokens.ACCESS_S, row.user_id, row.login, found.id, found.no, bool(row.must_change)
        )

    def _register(self, connection: Connection, user_id: UUID, offer: DeviceOffer) -> Row[Any]:
        """The device of this user with this key; a new number for a new key (a cloned profile makes a key of its own)."""
        if len(offer.public_key) != 32:
            raise AccessError("device.key", 422)
        found = connection.execute(
            select(device).where(device.c.user_id == user_id, device.c.public_key == offer.public_key)
        ).first()
        if found is None:
            number = (connection.scalar(select(func.max(device.c.no))) or 0) + 1
            connection.execute(
                insert(device).values(
                    no=number, id=uuid7(), user_id=user_id, name=offer.name[:80], public_key=offer.public_key,
                    schema=offer.schema, created_at=self._now(), seen_at=self._now(), seen_seq=0,
                )
            )  # fmt: skip
            return connection.execute(select(device).where(device.c.no == number)).one()
        if found.revoked_at is not None:
            raise AccessError("device.revoked", 403)
        connection.execute(
            update(device).where(device.c.no == found.no).values(seen_at=self._now(), schema=offer.schema)
        )
        return found

    def _require_open(self, connection: Connection, row: Row[Any]) -> None:
        if row.disabled or not self.active(connection, row.user_id):
            raise AccessError("account.disabled", 403)

    def _account(self, connection: Connection, login: str) -> Row[Any]:
        row = connection.execute(select(account).where(account.c.login == login)).first()
        if row is None:
            raise AccessError("account.unknown", 404, login=login)
        return row

    def _devices(self, connection: Connection, user_id: UUID) -> list[Row[Any]]:
        return list(connection.execute(select(device).where(device.c.user_id == user_id)))

    def _check_throttle(self, connection: Connection, keys: list[str]) -> None:
        now = self._now()
        until = connection.scalar(select(func.max(throttle.c.until)).where(throttle.c.key.in_(keys))) or 0
        if until > now:
            raise AccessError("account.throttled", 429, wait_s=-(-(until - now) // US))

    def _failed(self, keys: list[str], login: str, remote: str) -> None:
        now = self._now()
        with self.transaction() as connection:
            for key in keys:
                row = connection.execute(select(throttle).where(throttle.c.key == key)).first()
                failures = 1 if row is None or now - row.last_at > FORGET_S * US else row.failures + 1
                wait_s = min(MAX_WAIT_S, 2 ** (failures - FREE_FAILURES)) if failures >= FREE_FAILURES else 0
                values = {"failures": failures, "until": now + wait_s * US, "last_at": now}
                if row is None:
                    connection.execute(insert(throttle).values(key=key, **values))
                else:
                    connection.execute(update(throttle).where(throttle.c.key == key).values(**values))
            audit.append(connection, now, "login.failed", {"login": login[:80], "remote": remote}, actor="")

    def _reused(self, token: str) -> None:
        """Somebody has a copy of a refresh token: neither of the two goes on."""
        with self.transaction() as connection:
            number = tokens.device_of(connection, token)
            if number is not None:
                tokens.drop_refresh(connection, number)
                audit.append(connection, self._now(), "token.reused", {"device": number})
        self.ended()

    def check_password(self, login: str, password: str) -> None:
        """Raises AccessError account.password_weak."""
        folded = password.casefold()
        if len(password) < MIN_PASSWORD or folded in _COMMON or folded == login.casefold() or len(set(folded)) < 4:
            raise AccessError("account.password_weak", 422, low=MIN_PASSWORD)

    def _hash(self, password: str) -> str:
        with self._hashing:
            return self.hasher.hash(password)

    def _verify(self, hashed: str, password: str) -> bool:
        with self._hashing:
            try:
                return self.hasher.verify(hashed, password)
            except (VerifyMismatchError, VerificationError, InvalidHashError):
                return False


def _throttle_key(what: str, value: str) -> str:
    return f"{what}:{hashlib.sha256(value.casefold().encode()).hexdigest()[:32]}"


def verify_signature(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether SIGNATURE (Ed25519, RFC 8032) over MESSAGE is by PUBLIC_KEY."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes(public_key)).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
