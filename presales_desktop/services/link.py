"""The link of a connected workspace to its server: exchanges in a thread of its own, files in another, the state for whoever shows it.

Nothing here waits for the network but those threads. What came from elsewhere is told after it is committed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from presales_desktop.models.base import Record
from presales_desktop.models.errors import EnvironmentProblem, PresalesError, UserError
from presales_desktop.models.permissions import Actor
from presales_desktop.models.syncing import MODELS, REGISTRY
from presales_desktop.models.tables import SYNC_BLOB
from presales_desktop.models.values import utc_now
from presales_desktop.services import captured, syncing, transfers, users
from presales_desktop.services.joining import join, problem_of
from presales_desktop.services.syncing import SyncStatus
from presales_desktop.services.work import Runner
from presales_desktop.store import search, secrets
from presales_desktop.store.engine import translate_database_error
from presales_desktop.store.workspace import Workspace
from sync.client import loop
from sync.client.blob_transport import HttpBlobs
from sync.client.blobs import BlobLoop, Pace
from sync.client.replica import Replica
from sync.client.session import DeviceSession, SessionError
from sync.client.transport import HttpTransport, Offline, ServerProblem, Unauthorised
from sync.wire import WireError

_LOG = logging.getLogger("presales.sync")
Refs = frozenset[tuple[str, UUID]]
Step = Callable[[int, int, str], None]


def is_connected(workspace: Workspace) -> bool:
    """Whether the workspace belongs to a server."""
    return captured.capture_of(workspace.engine) is not None


def runner_of(workspace: Workspace, actor: Actor) -> Runner:
    """Who runs use cases there: in a connected workspace decisions are signed and numbers provisional."""
    if not is_connected(workspace):
        return Runner(workspace.engine, actor)
    facts = Replica(workspace.engine, REGISTRY).facts()
    session = DeviceSession(facts["server"], secrets.secrets_of(workspace))
    return Runner(workspace.engine, actor, signer=session.sign, device_number=int(facts.get("device_no", 0)))


def connect(
    folder: Any, url: str, user: str, password: str, passphrase: str | None, device_name: str, step: Step
) -> Workspace:
    """A connected workspace with everything its person may see. When the first load is cut it stays connected and goes on later."""
    workspace = join(folder, url, user, password, passphrase, device_name, step)
    captured.forget(workspace.engine)
    link = Link(workspace)
    try:
        link.exchange(step)
    except EnvironmentProblem:
        if not _knows_its_person(workspace):
            workspace.close()
            raise
    except BaseException:
        workspace.close()
        raise
    return workspace


def _knows_its_person(workspace: Workspace) -> bool:
    try:
        Runner(workspace.engine, users.FOUNDER).run(users.acting)
    except PresalesError:
        return False
    return True


class Link:
    """One connected workspace. ON_STATUS and ON_CHANGES are called on the link's threads."""

    def __init__(
        self,
        workspace: Workspace,
        on_status: Callable[[SyncStatus], None] = lambda status: None,
        on_changes: Callable[[Refs], None] = lambda refs: None,
    ) -> None:
        captured.forget(workspace.engine)
        self.workspace = workspace
        self.on_status = on_status
        self.on_changes = on_changes
        self.pushed = 0
        self.pulled = 0
        self.replica = Replica(
            workspace.engine, REGISTRY, capture=captured.capture_of(workspace.engine), on_applied=reindex
        )
        self._reader = Runner(workspace.engine, users.FOUNDER)
        self.status = self._from_tables()
        self._confirm = False
        self._busy = threading.Lock()
        self._loop: loop.Loop | None = None
        self._files: BlobLoop | None = None
        if self.status.state != "standalone":
            self.session = DeviceSession(self.status.url, secrets.secrets_of(workspace))
            self.signer = self.session.sign
            self.device_number = self.status.device_no
            self._transport = HttpTransport(self.session)
            pace = Pace()
            shelf = transfers.WorkspaceShelf(workspace.engine)
            self._files = BlobLoop(
                workspace.engine, SYNC_BLOB, shelf, HttpBlobs(self.session, pace), transfers.plan, pace=pace,
                arrived=lambda sha256: self._say(self._from_tables()),
            )  # fmt: skip

    # --- what window and command line call ---------------------------------------------------------------------------------------
    def require_connected(self) -> None:
        """Raises UserError sync.not_connected."""
        if self.status.state == "standalone":
            raise UserError("sync.not_connected")

    def start(self) -> None:
        """Begin; the first exchange at once."""
        self.require_connected()
        self._loop = loop.Loop(self._round, self._listen)
        captured.on_saved(self.workspace.engine, self.saved)
        self._loop.start()
        if self._files is not None:
            self._files.start()

    def stop(self) -> None:
        """End within about a second; what was cut goes on at the next start."""
        captured.on_saved(self.workspace.engine, None)
        if self._loop is not None:
            self._loop.stop()
        if self._files is not None:
            self._files.stop()
        if self.status.state != "standalone":
            self._transport.close()

    def saved(self) -> None:
        """Somebody saved something: don't wait for the timer."""
        if self._loop is not None:
            self._loop.wake()
        self._wake_files()

    sync_now = saved

    def confirm_deletes(self) -> None:
        """The person has seen what would be deleted and means it."""
        self._confirm = True
        self.saved()

    def login(self, password: str) -> None:
        """Log in again with the same name. Blocking. Raises UserError account.*, EnvironmentProblem network.*."""
        self.require_connected()
        try:
            connected = self.session.login(self.status.login, password, "", REGISTRY.schema_version)
        except SessionError as error:
            raise problem_of(error) from None
        if UUID(connected.device_id).bytes != self.replica.facts().get("device"):
            self.replica.new_device(UUID(connected.device_id))
        self.saved()

    def exchange(self, step: Step = lambda done, total, what: None, *, confirm: bool = False) -> None:
        """One exchange, blocking, files included while they go well. Raises PresalesError."""
        self.require_connected()
        self._exchange(step, confirm)
        if self._files is not None:
            self._files.wake()
            while self._files.turn() == 0.0:
                step(0, 0, "正在传输附件")
            # The receipts of what went up are rows, too.
            self._exchange(step, confirm)

    # --- the threads ---------------------------------------------------------------------------------------------------------------
    def _exchange(self, step: Step, confirm: bool) -> None:
        try:
            with self._busy:
                done = loop.exchange(
                    self.replica,
                    self._transport,
                    confirm=confirm,
                    step=lambda reached, head, pushed: step(reached, head, "正在同步"),
                    on_refs=self._changed,
                    ended=lambda: self._loop is not None and self._loop.ended,
                )
        except (Offline, Unauthorised, ServerProblem, WireError, loop.MassDelete) as error:
            raise _problem(error, self.status.url) from None
        except DatabaseError as error:
            raise translate_database_error(error) or error from None
        self.pushed += done.pushed
        self.pulled += done.pulled

    def _round(self) -> bool:
        """One exchange of the loop; whether it went well."""
        self._say(replace(self._from_tables(), state="syncing"))
        confirm, self._confirm = self._confirm, False

        def step(done: int, total: int, what: str) -> None:
            if total:
                self._say(replace(self.status, state="syncing", done=done, total=total))

        try:
            self._exchange(step, confirm)
        except PresalesError as error:
            self._say(_with_error(self._from_tables(), error))
            return False
        except Exception:  # noqa: BLE001  # the thread lives on; what it was is in the log
            _LOG.exception("an exchange failed")
            self._say(_with_error(self._from_tables(), EnvironmentProblem("internal.bug", file="")))
            return False
        self._wake_files()
        self._say(replace(self._from_tables(), error_code="", error_params={}))
        return True

    def _listen(self, ended: threading.Event, wake: Callable[[], None]) -> None:
        for seq in self._transport_live(ended):
            if seq > self.replica.position().cursor:
                wake()

    def _transport_live(self, ended: threading.Event) -> Iterable[int]:
        live = HttpTransport(self.session)
        try:
            yield from live.live(self.replica.position().cursor, ended)
        finally:
            live.close()

    def _wake_files(self) -> None:
        if self._files is not None:
            self._files.wake()

    def _changed(self, refs: Refs) -> None:
        self.on_changes(with_wholes(self.workspace, refs))

    def _from_tables(self) -> SyncStatus:
        return self._reader.run(syncing.status)[0]

    def _say(self, status: SyncStatus) -> None:
        self.status = status
        self.on_status(status)


def _problem(error: Exception, url: str) -> PresalesError:
    """What an exchange failed with, for people."""
    if isinstance(error, Offline):
        return EnvironmentProblem("network.offline", url=url)
    if isinstance(error, loop.MassDelete):
        count = sum(error.counts.values())
        return UserError("sync.mass_delete", count=count, kinds=list(error.counts))
    if isinstance(error, Unauthorised):
        return UserError(error.code, **error.params)
    if isinstance(error, ServerProblem):
        if error.code == "sync.server_went_back":
            return EnvironmentProblem(error.code)
        return EnvironmentProblem("server.problem", url=url, problem=error.code)
    return EnvironmentProblem("server.problem", url=url, problem=getattr(error, "code", "wire"))


def _with_error(status: SyncStatus, error: PresalesError) -> SyncStatus:
    if error.code == "network.offline":
        state = "offline"
    elif error.code.startswith(("token.", "device.", "account.")):
        state = "needs_login"
    else:
        state = "needs_you"
    return replace(status, state=state, error_code=error.code, error_params=dict(error.values))


def with_wholes(workspace: Workspace, refs: Refs) -> Refs:
    """REFS and the wholes that its parts belong to: a changed line is a changed quote."""
    found = set(refs)
    with Session(workspace.engine) as session:
        for kind, row_id in refs:
            model = MODELS.get(kind)
            record = session.get(model, row_id) if model is not None and issubclass(model, Record) else None
            owner = record.owner_ref() if record is not None else None
            if owner is not None:
                found.add(owner)
    return frozenset(found)


def reindex(connection: Connection, refs: Refs) -> None:
    """The search index follows what arrived, in the same transaction."""
    now = utc_now()
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        for kind, row_id in refs:
            model = MODELS.get(kind)
            if model is None or not issubclass(model, Record) or model.search_entry is Record.search_entry:
                continue
            record = session.get(model, row_id)
            search.index(connection, kind, row_id, record.search_entry() if record is not None else None, now)


__all__ = ["Link", "connect", "is_connected", "runner_of"]
