"""Logins, throttling, devices and rotating tokens on a real database with a clock that the test turns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, create_engine, select, text, update
from sqlalchemy.exc import DatabaseError

from sync import escrow
from sync.ids import uuid7
from sync.server import audit
from sync.server.account_tables import ACCESS, account, append_only_statements, audit_log
from sync.server.accounts import AccessError, Accounts, DeviceOffer, Session, verify_signature

PASSWORD = "灯港 lights 2026"


class House:
    """One organisation with one account, Anna."""

    def __init__(self, folder: Path) -> None:
        self.engine = create_engine(f"sqlite:///{folder / 'org.db'}")
        self.now = 1_800_000_000.0
        self.working = True
        with self.engine.begin() as connection:
            ACCESS.create_all(connection)
            for statement in append_only_statements("sqlite"):
                connection.execute(text(statement))
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.accounts = Accounts("acme", self.begin, lambda: self.now, lambda c, u: self.working, hasher)
        self.anna = uuid7()
        self.accounts.add(self.anna, "anna", PASSWORD)
        self.key = Ed25519PrivateKey.generate()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    def offer(self) -> DeviceOffer:
        return DeviceOffer(self.key.public_key().public_bytes_raw(), "Anna's laptop")

    def login(self, password: str = PASSWORD, login: str = "anna", remote: str = "") -> Session:
        return self.accounts.login(login, password, self.offer(), remote)

    def refresh(self, token: str) -> Session:
        return self.accounts.refresh(token, self.key.sign(b"refresh" + token.encode()))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.engine.dispose()


def code(call: object, *args: object) -> str:
    with pytest.raises(AccessError) as caught:
        call(*args)  # type: ignore[operator]
    return caught.value.code


def test_a_login_gives_a_session_that_names_person_and_device(house: House) -> None:
    session = house.login()
    known = house.accounts.authenticate(session.access)
    assert (known.user_id, known.device_no) == (house.anna, 1)
    assert known.public_key == house.offer().public_key
    assert house.login().device_no == 1, "the same key is the same device"


def test_the_password_is_nowhere_in_the_database(house: House) -> None:
    house.login()
    with house.begin() as connection:
        stored = connection.scalar(select(account.c.password)) or ""
        log = str(connection.execute(select(audit_log.c.detail)).all())
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored + log


@pytest.mark.parametrize("weak", ["short", "anna", "1234567890", "aaaaaaaaaaaaaa", ""])
def test_weak_passwords_are_refused(house: House, weak: str) -> None:
    assert code(house.accounts.add, uuid7(), "ben", weak) == "account.password_weak"


def test_wrong_password_and_unknown_login_read_the_same(house: House) -> None:
    assert code(house.login, "not her password") == "account.password_wrong"
    assert code(house.login, PASSWORD, "nobody") == "account.password_wrong"


def test_guessing_is_slowed_down_and_a_right_password_waits_too(house: House) -> None:
    for _ in range(5):
        assert code(house.login, "wrong wrong wrong") == "account.password_wrong"
    assert code(house.login) == "account.throttled"
    house.now += 2
    assert code(house.login, "wrong wrong wrong") == "account.password_wrong"
    house.now += 1
    assert code(house.login) == "account.throttled", "each failure doubles the wait"
    house.now += 2
    house.login()
    assert code(house.login, "wrong wrong wrong") == "account.password_wrong", "a good login forgets the failures"
    house.login()


def test_one_address_guessing_many_names_is_slowed_down(house: House) -> None:
    for n in range(5):
        assert code(house.login, PASSWORD, f"nobody{n}", "10.0.0.9") == "account.password_wrong"
    assert code(house.login, PASSWORD, "anna", "10.0.0.9") == "account.throttled"
    house.login(remote="10.0.0.10")


def test_access_ends_after_a_quarter_of_an_hour_and_the_refresh_token_goes_on(house: House) -> None:
    session = house.login()
    house.now += 15 * 60 + 1
    assert code(house.accounts.authenticate, session.access) == "token.expired"
    following = house.refresh(session.refresh)
    assert house.accounts.authenticate(following.access).user_id == house.anna


@pytest.mark.parametrize("damage", ["", "x", "acme.1", "acme.2.{rest}", "other.1.{rest}"])
def test_tokens_that_were_tampered_with_are_invalid(house: House, damage: str) -> None:
    token = house.login().access
    assert code(house.accounts.authenticate, damage.format(rest=token.split(".", 2)[2])) == "token.invalid"


def test_a_lost_reply_may_be_asked_for_again_but_a_stolen_token_ends_the_session(house: House) -> None:
    first = house.login()
    lost = house.refresh(first.refresh)
    again = house.refresh(first.refresh)
    assert code(house.refresh, lost.refresh) == "token.expired", "only one of the two answers counts"
    third = house.refresh(again.refresh)
    assert code(house.refresh, first.refresh) == "token.reused"
    assert code(house.refresh, third.refresh) == "token.invalid", "thief and owner both log in again"


def test_a_refresh_needs_the_key_of_the_device(house: House) -> None:
    session = house.login()
    foreign = Ed25519PrivateKey.generate().sign(b"refresh" + session.refresh.encode())
    assert code(house.accounts.refresh, session.refresh, foreign) == "device.key"
    house.refresh(session.refresh)


def test_a_revoked_device_is_out_at_once_and_its_key_stays_out(house: House) -> None:
    session = house.login()
    house.accounts.revoke(session.device_no)
    assert code(house.accounts.authenticate, session.access) == "device.revoked"
    assert code(house.refresh, session.refresh) == "token.invalid"
    assert code(house.login) == "device.revoked"
    house.key = Ed25519PrivateKey.generate()
    assert house.login().device_no == 2, "a device number is never given twice"


def test_a_disabled_account_and_one_who_left_are_out(house: House) -> None:
    session = house.login()
    house.working = False
    assert code(house.accounts.authenticate, session.access) == "account.disabled"
    assert code(house.login) == "account.disabled"
    house.working = True
    house.accounts.disable("anna")
    assert code(house.accounts.authenticate, session.access) == "account.disabled"
    house.accounts.disable("anna", False)
    house.login()


def test_a_new_password_ends_the_sessions_of_the_other_devices(house: House) -> None:
    here = house.login()
    known = house.accounts.authenticate(here.access)
    house.key, mine = Ed25519PrivateKey.generate(), house.key
    there = house.login()
    assert code(house.accounts.change_password, known, "wrong", "another good one") == "account.password_wrong"
    house.accounts.change_password(known, PASSWORD, "another good one")
    assert code(house.refresh, there.refresh) == "token.invalid"
    house.key = mine
    house.refresh(here.refresh)
    assert code(house.login) == "account.password_wrong"
    house.login("another good one")


def test_the_audit_chain_tells_where_somebody_altered_it(house: House) -> None:
    house.login()
    house.accounts.revoke(1)
    with house.begin() as connection:
        assert audit.verify(connection) is None
    with pytest.raises(DatabaseError), house.begin() as connection:
        connection.execute(update(audit_log).values(actor="somebody else"))
    with house.begin() as connection:
        connection.execute(text("DROP TRIGGER sync_audit_no_update"))
        connection.execute(update(audit_log).where(audit_log.c.n == 2).values(actor="somebody else"))
    with house.begin() as connection:
        assert audit.verify(connection) == audit.Broken(2, "hash")


def test_an_escrowed_key_opens_with_the_recovery_key_only(house: House) -> None:
    private, public = escrow.new_pair()
    known = house.accounts.authenticate(house.login().access)
    assert code(house.accounts.escrow, known.device_no) == "device.no_escrow"
    house.accounts.keep_escrow(known, escrow.seal(b"k" * 32, public))
    sealed = house.accounts.escrow(known.device_no)
    assert escrow.open_sealed(sealed, private) == b"k" * 32
    with pytest.raises(escrow.EscrowError):
        escrow.open_sealed(sealed, escrow.new_pair()[0])
    with pytest.raises(escrow.EscrowError):
        escrow.open_sealed(sealed[:-1], private)


def test_unknown_devices_and_accounts_are_said(house: House) -> None:
    assert code(house.accounts.revoke, 9) == "device.unknown"
    assert code(house.accounts.disable, "nobody") == "account.unknown"
    assert code(house.accounts.add, UUID(int=1), "anna", PASSWORD) == "account.login_taken"
    assert not verify_signature(b"short", b"x", b"y")
