"""Files of a company: they pass from laptop to laptop over bad lines, receipts can be relied on, and to know a hash is not to have a file."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models.attachments import Attachment
from presales_desktop.models.errors import EnvironmentProblem
from presales_desktop.server.serving import Upkeep
from presales_desktop.services import attachments, contents, transfers
from presales_desktop.services.work import Work
from sync.server.blobs import CHUNK, BlobError
from tests.server.bucket import Bucket
from tests.server.premises import Laptop, Laptops, Premises, Token, cheap_secrets
from tests.sync.client.blob_kit import name as sha256_of
from tests.sync.client.proxy import Proxy

SOAK = bool(os.environ.get("SOAK_STEPS"))
SIZE = (200 if SOAK else 24) * 1024 * 1024 + 12_345
CUTS = 20


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with cheap_secrets(monkeypatch):
        yield


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Premises]:
    made = Premises(tmp_path / "server")
    made.start()
    yield made
    made.close()


@pytest.fixture
def laptops(tmp_path: Path) -> Iterator[Laptops]:
    made = Laptops(tmp_path / "laptops")
    yield made
    made.close()


def attached(laptop: Laptop, customer: UUID, data: bytes, called: str = "平面图.bin") -> bytes:
    """DATA on a customer, not yet sent; its SHA-256."""
    laptop.run(attachments.attach, "customer", customer, "file", called, data)
    return sha256_of(data)


def named(laptop: Laptop, customer: UUID, sha256: bytes, size: int) -> None:
    """What a tampered client does: a row that names a file of which it knows only the hash."""

    def forge(work: Work) -> None:
        row = Attachment(
            subject_kind="customer", subject_id=customer, role="file", name="x.bin", size=size, sha256=sha256.hex(),
            media_type="application/octet-stream", sort=0,
        )  # fmt: skip
        work.add(row)

    laptop.run(forge)


def content(laptop: Laptop, sha256: bytes) -> bytes | None:
    """The bytes as this laptop has them."""

    def read(work: Work) -> bytes | None:
        return contents.blob(work, sha256.hex()) if contents.here(work, sha256.hex()) else None

    return laptop.run(read)


def exchanged(laptop: Laptop, done: Any) -> None:
    """Exchanges until DONE(); what the line breaks is tried again, as the threads do."""
    for _ in range(400):
        try:
            laptop.sync()
        except EnvironmentProblem as problem:
            if problem.code != "network.offline":
                raise
        if done():
            return
    raise AssertionError(laptop.query("SELECT state || error FROM sync_blob"))


def cuts(size: int) -> list[int]:
    """Twenty places, in the headers or in the middle of a chunk."""
    dice = random.Random(7)
    longest = int(size / CUTS * 1.4)
    return [dice.choice([dice.randrange(1, 2000), dice.randrange(1, longest)]) for _ in range(CUTS)]


@pytest.mark.timeout(1800 if SOAK else 400)
def test_soak_a_large_file_goes_from_laptop_to_laptop_over_lines_that_are_cut(site: Premises, laptops: Laptops) -> None:
    up, down = Proxy(site.port, []), Proxy(site.port, [])
    seller = laptops.join(f"http://127.0.0.1:{up.port}", "王敏")
    head = laptops.join(f"http://127.0.0.1:{down.port}", "冯锐")
    data = random.Random(1).randbytes(SIZE)
    sha256 = attached(seller, seller.customer("大厅"), data)
    up.cuts = cuts(SIZE)
    exchanged(seller, lambda: seller.query("SELECT count(*) FROM file_receipt") == [1])
    assert up.cut >= CUTS - 4, "the line was cut"
    assert content(seller, sha256) == data
    head.sync()
    assert content(head, sha256) is None, "a large one comes when somebody asks"
    head.run(transfers.fetch, sha256.hex())
    down.cuts = cuts(SIZE)
    exchanged(head, lambda: content(head, sha256) is not None)
    assert content(head, sha256) == data
    assert down.cut >= CUTS - 4
    for line in (up, down):
        line.close()


def test_receipts_can_be_relied_on_for_years(site: Premises, laptops: Laptops) -> None:
    """A laptop lets go of what it has a receipt for; the server never sweeps such a file, whether or not a row still names it."""
    seller, head = laptops.join(site.url, "王敏"), laptops.join(site.url, "冯锐")
    data = random.Random(2).randbytes(3 * 1024 * 1024)
    customer = seller.customer("大厅")
    sha256 = attached(seller, customer, data)
    with pytest.raises(Exception, match="not_secured"):
        seller.run(transfers.let_go, sha256.hex())
    seller.sync()
    assert seller.run(transfers.let_go, sha256.hex()) == len(data)
    assert content(seller, sha256) is None
    blobs = site.house.blobs(site.slug)
    half = sha256_of(b"half")
    blobs.begin(half, 2 * CHUNK)
    row = seller.run(attachments.list_of, "customer", customer)[0]
    seller.run(attachments.detach, row.id)
    seller.sync()
    for _ in range(2):
        Upkeep(site.house).round(site.slug)
        site.clock.by += 400 * 24 * 3600
    Upkeep(site.house).round(site.slug)
    with pytest.raises(BlobError):
        blobs.status(half)  # what never became whole goes after a week
    assert blobs.status(sha256).state == "verified"
    seller.run(attachments.put_back, row)
    for laptop in (seller, head):
        laptop.link.login("a long enough password")  # two years are more than a session lasts
        laptop.sync()
        laptop.run(transfers.fetch, sha256.hex())
        laptop.sync()
        assert content(laptop, sha256) == data


def test_to_know_a_hash_is_not_to_have_the_file(site: Premises, laptops: Laptops) -> None:
    owner, thief = laptops.join(site.url, "王敏"), laptops.join(site.url, "李强")
    data = random.Random(3).randbytes(CHUNK + 1000)
    sha256 = attached(owner, owner.customer("机密客户"), data)
    owner.sync()
    thief.sync()
    assert thief.query("SELECT count(*) FROM file_receipt") == [0], "that there is such a file is not told"
    mine = thief.customer("自己的客户")
    named(thief, mine, sha256, len(data))
    thief.sync()
    assert thief.query("SELECT count(*) FROM file_receipt") == [0]
    spy = site.login("李强")
    path = f"/v1/blobs/{sha256.hex()}"
    _gets_nothing(spy, path, data)
    garbage = bytes(CHUNK)
    for number, piece in enumerate((garbage, bytes(1000))):
        head = {"Content-SHA256": hashlib.sha256(piece).hexdigest()}
        assert spy.call("PUT", f"{path}/{number}", data=piece, headers=head).status_code == 204
    _gets_nothing(spy, path, data)
    assert site.house.blobs(site.slug).check() == [], "nor does he damage it"
    assert content(owner, sha256) == data


def _gets_nothing(spy: Token, path: str, data: bytes) -> None:
    assert spy.call("GET", path).status_code == 404
    assert spy.call("GET", f"{path}/0").status_code == 404
    said = spy.call("POST", path, json={"size": len(data)}).json()
    assert said["state"] == "arriving", "as for a file that nobody has"
    assert spy.call("POST", f"{path}/complete").json()["code"] == "blob.not_ready"
    assert spy.call("GET", f"{path}/0").status_code == 404


def test_garbage_that_was_there_first_proves_nothing(site: Premises, laptops: Laptops) -> None:
    """Somebody announces a file that he has not and fills it with anything, then the owner sends it."""
    data = random.Random(4).randbytes(CHUNK + 1000)
    sha256 = sha256_of(data)
    spy, path = site.login("李强"), f"/v1/blobs/{sha256.hex()}"
    assert spy.call("POST", path, json={"size": len(data)}).json()["missing"] == [0, 1]
    for number, piece in enumerate((bytes(CHUNK), bytes(1000))):
        head = {"Content-SHA256": hashlib.sha256(piece).hexdigest()}
        assert spy.call("PUT", f"{path}/{number}", data=piece, headers=head).status_code == 204
    owner = laptops.join(site.url, "王敏")
    attached(owner, owner.customer("机密客户"), data)
    for _ in range(3):
        owner.sync()
    assert site.house.blobs(site.slug).status(sha256).state == "verified"
    _gets_nothing(spy, path, data)


def test_who_has_the_same_file_himself_brings_it_and_has_it_everywhere(site: Premises, laptops: Laptops) -> None:
    """Two sellers get the same data sheet from its maker."""
    data = random.Random(5).randbytes(CHUNK + 1000)
    sha256 = sha256_of(data)
    people = [laptops.join(site.url, who) for who in ("王敏", "李强")]
    for laptop in people:
        attached(laptop, laptop.customer(f"客户 {laptop.runner.actor.name}"), data, "样本.bin")
        for _ in range(2):
            laptop.sync()
        assert laptop.query("SELECT count(*) FROM file_receipt") == [1]
    second = laptops.join(site.url, "李强")
    second.run(transfers.fetch, sha256.hex())
    second.sync()
    assert content(second, sha256) == data
    head = laptops.join(site.url, "冯锐")
    assert head.query("SELECT count(*) FROM file_receipt") == [2], "one for each customer"


def test_the_receipt_goes_with_the_customer(site: Premises, laptops: Laptops) -> None:
    owner, other, head = (laptops.join(site.url, who) for who in ("王敏", "李强", "冯锐"))
    data = random.Random(6).randbytes(1000)
    customer = owner.customer("交接的客户")
    sha256 = attached(owner, customer, data)
    owner.sync()
    head.sync()
    head.edit(customer, owner_id=other.runner.actor.id)
    for laptop in (head, other, owner):
        laptop.sync()
    assert content(other, sha256) == data
    assert owner.query("SELECT count(*) FROM file_receipt") == [0]


def test_files_lie_in_a_bucket(tmp_path: Path, laptops: Laptops, monkeypatch: pytest.MonkeyPatch) -> None:
    """obstore's S3 client against a stand-in: a file goes there, comes back, is checked, and a bucket that is away keeps nobody."""
    bucket = Bucket()
    for key, value in (
        ("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "y"), ("AWS_REGION", "cn-north-1"),
        ("AWS_ENDPOINT", bucket.endpoint), ("AWS_ALLOW_HTTP", "true"),
    ):  # fmt: skip
        monkeypatch.setenv(key, value)
    site = Premises(tmp_path / "server", attachments="s3://files/company")
    site.start()
    try:
        seller, head = laptops.join(site.url, "王敏"), laptops.join(site.url, "冯锐")
        data = random.Random(8).randbytes(CHUNK + 1000)
        sha256 = attached(seller, seller.customer("大厅"), data)
        bucket.full = True
        seller.sync()
        assert seller.query("SELECT count(*) FROM file_receipt") == [0]
        bucket.full = False
        for _ in range(2):
            seller.sync()
        assert sorted(len(o) for o in bucket.objects.values()) == [1000, CHUNK]
        assert all(key.startswith("company/dengang/") for key in bucket.objects)
        head.sync()
        head.run(transfers.fetch, sha256.hex())
        head.sync()
        assert content(head, sha256) == data
        blobs = site.house.blobs(site.slug)
        assert blobs.check() == []
        half = sha256_of(b"y")
        blobs.begin(half, 2 * CHUNK)
        blobs.put(half, 0, bytes(CHUNK), sha256_of(bytes(CHUNK)))
        for _ in range(2):
            blobs.sweep([sha256], verified=False)
            site.clock.by += 8 * 24 * 3600
        assert sorted(len(o) for o in bucket.objects.values()) == [1000, CHUNK], "what was half there is swept"
        key = next(k for k in bucket.objects if k.endswith("/1"))
        bucket.objects[key] = bytes(1000)
        assert blobs.check() == [sha256.hex()], "what rots in the bucket is found"
    finally:
        site.close()
        bucket.close()
