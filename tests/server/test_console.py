"""`presales-server` at the console, on the embedded database and on PostgreSQL: organisations, people, devices, checks, backup."""

from __future__ import annotations

import base64
import io
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from presales_desktop.server import main
from presales_desktop.server.arguments import parse
from presales_desktop.server.house import House
from sync import escrow
from sync.server.accounts import DeviceOffer

PASSWORD = "a long enough password"
Console = Callable[..., dict[str, Any]]


@pytest.fixture(params=["embedded", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """--data and, for PostgreSQL, --database."""
    found = ["--data", str(tmp_path / "server")]
    if request.param == "postgresql":
        found += ["--database", request.getfixturevalue("empty_postgres_url")]
    return found


@pytest.fixture
def slug(tmp_path: Path) -> str:
    """A slug that no other test on the same PostgreSQL has."""
    return f"c{abs(hash(str(tmp_path))) % 10**9}_{os.getpid()}"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2id costs a quarter of a second on purpose; here its price is not the question."""
    monkeypatch.setattr("sync.server.accounts.PasswordHasher", lambda: PasswordHasher(1, 8, 1))


@pytest.fixture
def console(place: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Console:
    """console("user", "add", …, stdin="…") → the JSON answer with its exit code."""

    def run(*arguments: str, stdin: str = "") -> dict[str, Any]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = main([*arguments, *place, "--json"])
        return json.loads(capsys.readouterr().out) | {"exit": code}

    return run


@pytest.fixture
def company(console: Console, slug: str, tmp_path: Path) -> str:
    """An organisation with a head and a seller."""
    assert console("org", "add", "灯港照明", "--slug", slug, "--recovery-key", str(tmp_path / "key"))["ok"]
    for name, role, more in (("冯锐", "management", ()), ("王敏", "sales", ("--superior", "冯锐"))):
        department = "management" if role == "management" else "sales"
        arguments = ("user", "add", name, "--role", role, "--department", department, *more, "--org", slug)
        assert console(*arguments, stdin=PASSWORD + "\n")["ok"]
    return slug


def test_people_are_listed_with_superior_and_account(console: Console, company: str) -> None:
    rows = {row["name"]: row for row in console("user", "list", "--org", company)["result"]}
    assert rows["王敏"]["superior"] == "冯锐"
    assert rows["王敏"]["roles"] == ["sales"]
    assert rows["王敏"]["account"]
    assert not rows["王敏"]["disabled"]


def test_who_left_is_disabled_everywhere_and_may_come_back(console: Console, company: str) -> None:
    assert console("user", "disable", "王敏", "--org", company)["ok"]
    rows = {row["name"]: row for row in console("user", "list", "--org", company)["result"]}
    assert rows["王敏"]["disabled"]
    assert not rows["王敏"]["active"], "the person is greyed out on every laptop, too"
    assert console("user", "enable", "王敏", "--org", company)["ok"]
    rows = {row["name"]: row for row in console("user", "list", "--org", company)["result"]}
    assert rows["王敏"]["active"]


@pytest.mark.parametrize("place", ["embedded"], indirect=True)  # refused before any database is asked much
@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        (("user", "add", "王敏", "--role", "sales", "--department", "sales"), PASSWORD, "account.login_taken"),
        (("user", "add", "新人", "--role", "sales", "--department", "sales"), "short", "account.password_weak"),
        (("user", "add", "新人", "--role", "sales", "--department", "sales", "--superior", "无人"), PASSWORD, "record.not_found"),
        (("user", "password", "无人"), PASSWORD, "record.not_found"),
        (("device", "revoke", "99"), "", "device.unknown"),
    ],
)  # fmt: skip
def test_refusals_say_why_and_leave_nothing(
    console: Console, company: str, arguments: tuple[str, ...], stdin: str, code: str
) -> None:
    before = console("user", "list", "--org", company)["result"]
    answer = console(*arguments, "--org", company, stdin=stdin + "\n")
    assert (answer["ok"], answer["error"]["code"], answer["exit"]) == (False, code, 1)
    assert answer["error"]["message"]
    assert code not in answer["error"]["message"], "a sentence, not the code"
    assert console("user", "list", "--org", company)["result"] == before


def test_a_second_organisation_of_that_name_is_refused(console: Console, company: str) -> None:
    assert console("org", "add", "再一家", "--slug", company)["error"]["code"] == "server.organisation_exists"
    assert console("org", "add", "再一家", "--slug", "Not A Slug")["exit"] == 2


def test_everything_is_sound_after_work_and_a_backup_makes_it_durable(
    console: Console, company: str, tmp_path: Path, place: list[str]
) -> None:
    answer = console("check", "--org", company)
    assert answer["result"]["sound"]
    assert {row["check"] for row in answer["result"]["checks"]} == {"database", "sync", "audit", "files"}
    if "--database" in place:
        return  # pg_dump is not everywhere; its absence is a sentence: see below
    saved = tmp_path / "backup"
    assert console("backup", str(saved))["result"]["organisations"][company] == 3
    with closing(sqlite3.connect(saved / f"org_{company}.db")) as copy:
        assert copy.execute('SELECT count(*) FROM "user"').fetchone() == (2,)
    with House.open(parse(["check", *place])) as house:
        assert house.core(company).ring.clock.durable == 3
    assert console("backup", str(saved))["error"]["code"] == "file.exists", "a backup is never written over"


def test_a_backup_of_postgresql_needs_its_tool(
    console: Console, company: str, tmp_path: Path, place: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if "--database" not in place:
        pytest.skip("embedded")
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = console("backup", str(tmp_path / "backup"))
    assert (answer["error"]["code"], answer["exit"]) == ("server.pg_dump_missing", 3)


def test_after_a_restore_a_new_epoch_begins(console: Console, company: str) -> None:
    assert console("restore-finish", "--org", company)["result"]["epochs"][company] > 1
    assert console("check", "--org", company)["result"]["sound"]


def test_a_lost_keyring_is_opened_with_the_recovery_key(
    console: Console, company: str, tmp_path: Path, place: list[str]
) -> None:
    with House.open(parse(["check", *place])) as house:
        facts = house.facts(company)
        accounts = house.accounts(company)
        key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        session = accounts.login("王敏", PASSWORD, DeviceOffer(key, "笔记本"))
        accounts.keep_escrow(
            accounts.authenticate(session.access), escrow.seal(b"k" * 32, base64.b64decode(facts.recovery_key))
        )
    answer = console("escrow", "1", "--recovery-key", str(tmp_path / "key"), "--org", company)
    assert answer["result"]["key"] == (b"k" * 32).hex()
    (tmp_path / "wrong").write_text(b"x".hex() * 32)
    assert console("escrow", "1", "--recovery-key", str(tmp_path / "wrong"), "--org", company)["exit"] == 2
    devices = console("device", "list", "--org", company)["result"]
    assert [(d["no"], d["login"], d["name"]) for d in devices] == [(1, "王敏", "笔记本")]


def test_the_recovery_key_is_for_its_owner_only_and_never_written_over(
    console: Console, company: str, tmp_path: Path
) -> None:
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    answer = console("org", "add", "另一家", "--slug", company + "x", "--recovery-key", str(tmp_path / "key"))
    assert answer["error"]["code"] == "file.exists"
    assert company + "x" not in [row["slug"] for row in console("org", "list")["result"]]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("serve", "--host", "0.0.0.0"), "server.plaintext"),
        (("serve", "--tls-cert", __file__), "server.tls_pair"),
        (("serve", "--tls-cert", "x.pem", "--tls-key", "y.pem"), "file.missing"),
        (("serve", "--tls-cert", __file__, "--tls-key", __file__), "server.tls_files"),
        (("serve", "--port", "70000"), "server.port_range"),
        (("user", "add"), "usage.wrong"),
        ((), "usage.wrong"),
    ],
)
def test_wrong_usage_is_exit_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: tuple[str, ...], code: str
) -> None:
    assert main([*arguments, "--json", *(["--data", str(tmp_path)] if arguments else [])]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code
