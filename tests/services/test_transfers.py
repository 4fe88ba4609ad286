"""What moves between this computer and the server follows from the rows; nothing is let go that the server has not confirmed."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import Engine, select

from presales_desktop.models.attachments import IN_DATABASE, IN_FILE, Blob, FileReceipt, receipt_id
from presales_desktop.models.errors import EnvironmentProblem, InputError, NotFound, PermissionDenied, UserError
from presales_desktop.models.tables import SYNC_BLOB
from presales_desktop.services import attachments, contents, doctor, transfers
from presales_desktop.services.transfers import Place, WorkspaceShelf
from presales_desktop.services.work import Work
from presales_desktop.store import files
from sync.client.blobs import CHUNK, BlobLoop, Offline
from tests.services.quote_data import make_world
from tests.sync.client.blob_kit import Line, Server

Run = Callable[..., Any]
LARGE = random.Random(1).randbytes(3 * 1024 * 1024 + 5)
BIG = random.Random(2).randbytes(CHUNK + 1_500_000)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Cabin:
    """A case with files, on a laptop with a line to a server."""

    def __init__(self, run: Run, engine: Engine, clock: Any, folder: Path) -> None:
        self.run = run
        self.engine = engine
        self.case: UUID = make_world(run).case
        self.clock = clock
        self.server = Server(folder, lambda: clock().timestamp())
        self.line = Line(self.server.store)
        self.loop = BlobLoop(
            engine, SYNC_BLOB, WorkspaceShelf(engine), self.line, transfers.plan, clock=lambda: clock().timestamp()
        )
        files.beside(engine).woken = self.loop.wake

    def attach(self, data: bytes, name: str = "施工图.dwg", role: str = "file") -> UUID:
        return UUID(str(self.run("sales", attachments.attach, "case", self.case, role, name, data)))

    def move(self) -> None:
        self.loop.wake()
        for _ in range(60):
            if self.loop.turn() > 0 and not self.loop.problem:
                return
        raise AssertionError(self.loop.problem)

    def receipts(self) -> None:
        """A pull brings what the server has confirmed."""

        def pull(work: Work) -> None:
            for raw in self.line.receipts:
                if work.session.get(FileReceipt, receipt_id(raw.hex(), "org")) is None:
                    row = FileReceipt(
                        id=receipt_id(raw.hex(), "org"),
                        scope="org",
                        sha256=raw.hex(),
                        size=self.server.store.status(raw).size,
                    )
                    work.add(row)

        self.run("sales", pull)
        self.move()

    def lose(self, *hashes: str) -> None:
        """Another laptop: the rows and receipts are here, the contents are not."""

        def forget(work: Work) -> None:
            for row in work.session.scalars(select(Blob).where(Blob.sha256.in_(hashes))):
                work.session.delete(row)

        self.run("sales", forget)
        for name in hashes:
            files.beside(self.engine).remove(name)

    def place(self, sha256: str) -> Place:
        found: Place = self.run("sales", transfers.places, [sha256])[sha256]
        return found

    def stored(self, sha256: str) -> str | None:
        found = self.run("sales", lambda work: work.session.scalar(select(Blob.stored).where(Blob.sha256 == sha256)))
        return None if found is None else str(found)

    def counts(self) -> tuple[int, int, int]:
        found: tuple[int, int, int] = self.run("sales", attachments.transfer_counts)
        return found


@pytest.fixture
def cabin(run: Run, engine: Engine, clock: Any, tmp_path: Path) -> Any:
    made = Cabin(run, engine, clock, tmp_path)
    yield made
    made.server.engine.dispose()


def test_small_contents_lie_in_the_database_and_large_ones_beside_it(cabin: Cabin) -> None:
    small, large = b"a" * contents.SMALL, b"b" * (contents.SMALL + 1)
    cabin.attach(small, "a.txt")
    cabin.attach(large, "b.txt")
    assert (cabin.stored(sha(small)), cabin.stored(sha(large))) == (IN_DATABASE, IN_FILE)
    for data in (small, large):
        assert cabin.run("sales", contents.blob, sha(data)) == data
        with cabin.run("sales", contents.open_stream, sha(data)) as stream:
            stream.seek(-3, io.SEEK_END)
            assert stream.read() == data[-3:]
    assert cabin.run("sales", contents.blobs, [sha(small), sha(large), sha(b"?")]) == {
        sha(small): small,
        sha(large): large,
    }
    assert cabin.run("sales", doctor.examine)[4].sound


def test_a_file_from_disk_is_streamed_and_what_is_cancelled_leaves_nothing(cabin: Cabin, tmp_path: Path) -> None:
    source = tmp_path / "现场录像.mp4"
    source.write_bytes(LARGE)
    store, steps = files.beside(cabin.engine), []
    staged = contents.stage(store, source, lambda done, total: steps.append((done, total)))
    assert staged.data is None
    assert steps[-1] == (len(LARGE), len(LARGE))
    assert len(steps) > 3
    made = cabin.run("sales", attachments.attach_staged, "case", cabin.case, "file", staged)
    assert cabin.run("sales", attachments.content, made) == LARGE
    (row,) = cabin.run("sales", attachments.list_of, "case", cabin.case)
    assert (row.name, row.size, row.sha256, row.media_type) == ("现场录像.mp4", len(LARGE), sha(LARGE), "video/mp4")
    with pytest.raises(PermissionDenied):
        cabin.run("sales2", attachments.attach_staged, "case", cabin.case, "file", staged)
    source.write_bytes(BIG)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        contents.stage(store, source, stop)
    assert list(store.names()) == [sha(LARGE)]
    source.write_bytes(b"")
    with pytest.raises(InputError, match=r"file\.empty"):
        contents.stage(store, source)
    with pytest.raises(InputError, match="unreadable"):
        contents.stage(store, tmp_path / "none")


def test_a_file_that_changes_while_it_is_read_is_not_taken(cabin: Cabin, tmp_path: Path) -> None:
    source = tmp_path / "a.bin"
    source.write_bytes(LARGE)

    def grow(done: int, total: int) -> None:
        with source.open("ab") as more:
            more.write(b"more")

    with pytest.raises(InputError, match=r"file\.changed"):
        contents.stage(files.beside(cabin.engine), source, grow)


def test_files_go_up_once_and_count_until_the_receipt_is_pulled(cabin: Cabin) -> None:
    cabin.attach(BIG)
    cabin.attach(b"note", "a.txt")
    woken = []
    files.beside(cabin.engine).woken = lambda: woken.append(1)
    cabin.attach(b"other", "b.txt")
    assert woken, "saving a file wakes the loop"
    cabin.loop.wake()
    cabin.loop.turn()
    assert cabin.counts()[:2] == (3, 0)
    assert cabin.place(sha(BIG)) == Place("up", 0)
    cabin.move()
    assert cabin.server.content(bytes.fromhex(sha(BIG))) == BIG
    assert cabin.place(sha(BIG)) == Place("here"), "sent, not confirmed yet"
    with pytest.raises(UserError, match="not_secured"):
        cabin.run("sales", transfers.let_go, sha(BIG))
    sent = len(cabin.line.sent)
    cabin.receipts()
    assert cabin.place(sha(BIG)) == Place("here", secured=True)
    assert cabin.counts() == (0, 0, 0)
    assert len(cabin.line.sent) == sent


def test_space_is_freed_only_of_what_the_server_has_and_comes_back_when_asked_for(cabin: Cabin) -> None:
    cabin.attach(BIG)
    cabin.attach(LARGE, "x.bin")
    cabin.move()
    cabin.receipts()
    cabin.attach(b"z" * 3_000_000, "z.bin")  # not confirmed
    store = files.beside(cabin.engine)
    assert cabin.run("sales", transfers.free_space, [sha(LARGE)]) == len(BIG)
    assert not store.has(sha(BIG))
    assert store.has(sha(LARGE))
    assert cabin.place(sha(BIG)) == Place("server", here=False, secured=True)
    with pytest.raises(UserError, match=r"file\.remote"):
        cabin.run("sales", contents.blob, sha(BIG))
    cabin.move()
    assert not store.has(sha(BIG)), "large ones come on demand only"
    assert cabin.run("sales", doctor.examine)[4].sound
    cabin.run("sales", transfers.fetch, sha(BIG))
    assert cabin.place(sha(BIG)).state == "down"
    cabin.loop.turn()
    assert 50 < cabin.place(sha(BIG)).percent < 100
    cabin.move()
    assert cabin.run("sales", contents.blob, sha(BIG)) == BIG
    assert cabin.place(sha(BIG)) == Place("here", secured=True)


def test_another_laptop_gets_thumbnails_and_small_files_by_itself(cabin: Cabin) -> None:
    picture = io.BytesIO()
    Image.frombytes("RGB", (1000, 1000), random.Random(4).randbytes(3_000_000)).save(picture, "PNG")
    photo = picture.getvalue()
    assert len(photo) > transfers.AUTOMATIC
    cabin.attach(photo, "大堂.png", "photo")
    cabin.attach(b"note", "a.txt")
    row = next(r for r in cabin.run("sales", attachments.list_of, "case", cabin.case) if r.role == "photo")
    assert row.thumbnail_sha256
    cabin.move()
    cabin.receipts()
    cabin.lose(sha(photo), sha(b"note"), row.thumbnail_sha256)
    cabin.line.fetched.clear()
    cabin.move()
    assert cabin.run("sales", contents.here, sha(b"note"))
    assert not cabin.run("sales", contents.here, sha(photo))
    small = cabin.run("sales", attachments.preview, sha(photo), 400)
    assert max(Image.open(io.BytesIO(small)).size) <= attachments.THUMBNAIL_PX
    assert cabin.run("sales", attachments.thumbnail, sha(photo), 72)
    assert cabin.place(sha(photo)).state == "server"


def test_a_content_that_nobody_has_sent_says_where_it_is(cabin: Cabin) -> None:
    cabin.attach(LARGE)
    cabin.lose(sha(LARGE))
    assert cabin.place(sha(LARGE)) == Place("elsewhere", here=False)
    with pytest.raises(UserError, match=r"file\.elsewhere"):
        cabin.run("sales", transfers.fetch, sha(LARGE))
    with pytest.raises(NotFound):
        cabin.run("sales", contents.blob, sha(b"never"))


def test_what_failed_is_shown_and_can_be_tried_again(cabin: Cabin) -> None:
    cabin.attach(LARGE)
    path = files.beside(cabin.engine).path(sha(LARGE))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    cabin.move()
    assert cabin.place(sha(LARGE)) == Place("failed", error="store.file_damaged")
    assert not cabin.run("sales", doctor.examine)[4].sound
    path.write_bytes(whole)
    assert cabin.run("sales", transfers.retry) == 1
    cabin.move()
    assert cabin.server.content(bytes.fromhex(sha(LARGE))) == LARGE


def test_what_no_row_names_any_more_is_not_sent_and_a_download_can_be_given_up(cabin: Cabin) -> None:
    made = cabin.attach(LARGE)
    cabin.run("sales", attachments.detach, made)
    cabin.move()
    assert cabin.line.sent == []
    cabin.attach(BIG)
    cabin.move()
    cabin.receipts()
    cabin.run("sales", transfers.free_space)
    cabin.run("sales", transfers.fetch, sha(BIG))
    cabin.loop.turn()
    part = files.beside(cabin.engine).path(sha(BIG)).with_suffix(".part")
    assert part.exists()
    cabin.run("sales", transfers.give_up, sha(BIG))
    assert not part.exists()
    assert cabin.counts() == (0, 0, 0)


def test_a_file_taken_off_by_mistake_is_put_back_without_its_bytes(cabin: Cabin) -> None:
    made = cabin.attach(LARGE)
    (row,) = cabin.run("sales", attachments.list_of, "case", cabin.case)
    cabin.run("sales", attachments.detach, made)
    with pytest.raises(PermissionDenied):
        cabin.run("sales2", attachments.put_back, row)
    again = cabin.run("sales", attachments.put_back, row)
    assert cabin.run("sales", attachments.content, again) == LARGE


def test_a_full_disk_keeps_all_waiting(cabin: Cabin, monkeypatch: pytest.MonkeyPatch) -> None:
    cabin.attach(BIG)
    cabin.move()
    cabin.receipts()
    cabin.run("sales", transfers.free_space)
    cabin.run("sales", transfers.fetch, sha(BIG))

    def full(store: object, size: int) -> None:
        raise EnvironmentProblem("store.disk_full")

    with monkeypatch.context() as patched:
        patched.setattr(files.FileStore, "room", full)
        assert cabin.loop.turn() > 0
        assert cabin.loop.problem == "store.disk_full"
    cabin.move()
    assert cabin.stored(sha(BIG)) == IN_FILE


def test_rows_that_name_a_content_are_found(cabin: Cabin) -> None:
    made = cabin.attach(LARGE)
    assert cabin.run("sales", lambda work: transfers.named_by(work.session, sha(LARGE))) == [made]
    assert cabin.run("sales", lambda work: transfers.named_by(work.session, sha(b"x"))) == []


def test_being_offline_is_no_failure(cabin: Cabin) -> None:
    def away(verb: str) -> bool:
        raise Offline

    cabin.line.fault = away
    cabin.attach(LARGE)
    cabin.loop.wake()
    assert cabin.loop.turn() > 0
    assert cabin.place(sha(LARGE)) == Place("up", 0)
