"""The link of a connected workspace to its server: exchanges in a thread of its own, files in another, the state for whoever shows it.

Nothing here waits for the network but those threads. What came from elsewhere is told after it is committed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from presales_desktop.models.base import Record
from presales_desktop.models.errors import EnvironmentProblem, PresalesError, UserError
from presales_desktop.models.permissions import Actor
from presales_desktop.models.syncing import MODELS, REGISTRY
from presales_desktop.models.values import utc_now
from presales_desktop.services import captured, syncing, transfers, users
from presales_desktop.services.joining import authority_of, join, keep_escrow, log_in, problem_of, session_of
from presales_desktop.services.syncing import SyncStatus
from presales_desktop.services.work import Runner
from presales_desktop.store import search
from presales_desktop.store.engine import translate_database_error
from presales_desktop.store.workspace import Workspace
from sync.client.blobs import BlobLoop
from sync.client.loop import Report, SyncLoop
from sync.client.replica import Replica
from sync.client.session import Connected, SessionError
from sync.client.transport import HttpTransport

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
    session = session_of(workspace, facts)
    return Runner(workspace.engine, actor, signer=session.sign, device_number=int(facts.get("device_no", 0)))


def connect(
    folder: Any,
    url: str,
    user: str,
    password: str,
    passphrase: str | None,
    device_name: str,
    step: Step,
    *,
    new_password: str = "",
    authority: Path | None = None,
) -> Workspace:
    """A connected workspace with everything its person may see. When the first load is cut it stays connected and goes on later.
    AUTHORITY: a file with the certificates that vouch for the server. Raises as `joining.join` and `joining.authority_of`."""
    trusted = "" if authority is None else authority_of(authority)
    workspace = join(
        folder, url, user, password, passphrase, device_name, step, new_password=new_password, authority=trusted
    )
    captured.forget(workspace.engine)
    link = Link(workspace)
    try:
        with contextlib.closing(link):
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
        self._loop: SyncLoop | None = None
        self._files: BlobLoop | None = None
        if self.status.state != "standalone":
            self.session = session_of(workspace, self.replica.facts())
            self.signer = self.session.sign
            self.device_number = self.status.device_no
            self._transport = HttpTransport(self.session)
            self._files = transfers.make_loop(
                workspace.engine, self.session, arrived=lambda sha256: self._say(self._from_tables())
            )

    # --- what window and command line call ---------------------------------------------------------------------------------------
    def require_connected(self) -> None:
        """Raises UserError sync.not_connected."""
        if self.status.state == "standalone":
            raise UserError("sync.not_connected")

    def runner(self, actor: Actor) -> Runner:
        """As `runner_of`, with this link's login."""
        self.require_connected()
        return Runner(self.workspace.engine, actor, signer=self.signer, device_number=self.device_number)

    def start(self) -> None:
        """Begin; the first exchange at once."""
        self.require_connected()
        self._loop = SyncLoop(
            self.replica, self._transport, on_report=self._reported, on_changed=self._changed, explain=_local_code
        )
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
        self.close()

    def close(self) -> None:
        """Give the connections back (for who never started it)."""
        if self.status.state != "standalone":
            self._transport.close()
            self.session.http.close()

    def saved(self) -> None:
        """Somebody saved something: don't wait for the timer."""
        if self._loop is not None:
            self._loop.wake()
        self._wake_files()

    sync_now = saved

    def confirm_deletes(self) -> None:
        """The person has seen what would be deleted and means it."""
        if self._loop is not None:
            self._loop.confirm()

    def login(self, password: str, new_password: str = "") -> None:
        """Log in again with the same name. Blocking. Raises UserError account.* (account.must_change: a new password is due),
        EnvironmentProblem network.*."""
        self.require_connected()
        try:
            connected = log_in(self.session, self.status.login, password, "", new_password)
        except SessionError as error:
            raise problem_of(error) from None
        if UUID(connected.device_id).bytes != self.replica.facts().get("device"):
            self._become_device(connected)
        if self._loop is not None:
            self._loop.logged_in()

    def _become_device(self, connected: Connected) -> None:
        """A copied workspace, or one whose keyring was lost, goes on as a device of its own; what waits is pushed by that one."""
        self.replica.new_device(UUID(connected.device_id))
        with self.replica.transaction() as book:
            book.put(device_no=connected.device_no)
        self.device_number = connected.device_no
        keep_escrow(self.workspace, self.session, connected)

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
        """Steps of a loop without a thread, until there is nothing to do or something is wrong."""

        def report(said: Report) -> None:
            if said.state == "syncing" and said.total:
                step(said.done, said.total, "正在同步")

        def changed(refs: Refs) -> None:
            self.pulled += len(refs)
            self._changed(refs)

        before = self.replica.status().waiting
        once = SyncLoop(self.replica, self._transport, on_report=report, on_changed=changed, live=False)
        if confirm:
            once.confirm()
        try:
            while once.step():
                pass
        except DatabaseError as error:
            raise translate_database_error(error) or error from None
        finally:
            self.pushed += max(0, before - self.replica.status().waiting)
            self._say(self._from_tables())
        problem = _problem(once.report, once.facts.trouble, self.status.url)
        if problem is not None:
            raise problem

    def _reported(self, said: Report) -> None:
        """The loop's word, with what the tables know besides."""
        status = self._from_tables()
        trouble = self._loop.facts.trouble if self._loop is not None else ""
        problem = _problem(said, trouble, status.url)
        state = "needs_login" if trouble == "login" else "standalone" if said.state == "local" else said.state
        if state == "syncing":
            status = replace(status, done=said.done, total=said.total)
        if problem is not None:
            status = replace(status, error_code=problem.code, error_params=dict(problem.values))
        else:
            status = replace(status, error_code="", error_params={})
        if self._files is not None and said.state == "up_to_date":
            self._files.wake()
        self._say(replace(status, state=state))

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


def _problem(said: Report, trouble: str, url: str) -> PresalesError | None:
    """What is wrong, for people; None when nothing is."""
    if said.asks:
        return UserError("sync.mass_delete", count=sum(said.asks.values()), kinds=list(said.asks))
    if not trouble:
        return None
    if trouble == "login":
        return UserError(said.code)
    if trouble == "offline":
        # That nobody answers is no error; a server that is not the one is.
        told = said.code if said.code in ("network.tls", "server.unknown") else "network.offline"
        return EnvironmentProblem(told, url=url)
    if said.code == "sync.server_went_back" or said.code.startswith("store."):
        return EnvironmentProblem(said.code)
    if said.code == "sync.disk_full":
        return EnvironmentProblem(said.code, url=url)
    return EnvironmentProblem("server.problem", url=url, problem=said.code)


def _local_code(error: Exception) -> str:
    """What is wrong with this computer's own disk or file, if it is that."""
    problem = translate_database_error(error) if isinstance(error, DatabaseError) else None
    return problem.code if problem is not None else ""


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
    """What arrived, in the same transaction: the search index follows; a whole whose part changed has changed, so that a draft made
    from it before is told so when it is saved."""
    now = utc_now()
    wholes: set[tuple[str, UUID]] = set()
    entries: list[tuple[str, UUID, tuple[str, str, str] | None]] = []
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        for kind, row_id in refs:
            model = MODELS.get(kind)
            if model is None or not issubclass(model, Record):
                continue
            record = session.get(model, row_id)
            owner = record.owner_ref() if record is not None else None
            if owner is not None and owner not in refs:
                wholes.add(owner)
            if model.search_entry is not Record.search_entry:
                entries.append((kind, row_id, record.search_entry() if record is not None else None))
    # After the session: what is written while its savepoint is open goes with it.
    for kind, row_id, entry in entries:
        search.index(connection, kind, row_id, entry, now)
    for kind, row_id in wholes:
        if kind in MODELS:
            table = MODELS[kind].__table__
            connection.execute(update(table).where(table.c.id == row_id).values(version=table.c.version + 1))


__all__ = ["Link", "connect", "is_connected", "runner_of"]
