"""A workspace joins a company's server: log in, make or take over the workspace, become the person that the server knows."""

from __future__ import annotations

import contextlib
import socket
import ssl
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, String, Table, Uuid, delete, func, not_, or_, select, update
from sqlalchemy.orm import Session

from presales_desktop.models.errors import EnvironmentProblem, InputError, PresalesError, UserError
from presales_desktop.models.journal import AuditEvent, mend_chain
from presales_desktop.models.local import Meta
from presales_desktop.models.syncing import MODELS, REGISTRY, STEPPED
from presales_desktop.models.users import User
from presales_desktop.services.users import ACTING
from presales_desktop.store import secrets
from presales_desktop.store import workspace as store
from presales_desktop.store.workspace import Workspace
from sync import escrow
from sync.client.replica import Replica
from sync.client.session import Connected, DeviceSession, SecretStore, SessionError

# Refusals of the server are the user's to mend; the rest is the environment's.
_OF_USER = ("account.", "url.", "device.", "token.")


class MemorySecrets:
    """Secrets before there is a workspace to keep them."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        """The secret, None when there is none."""
        return self.kept.get(name) or None

    def set(self, name: str, value: str) -> None:
        """Keep it; "" removes it."""
        self.kept[name] = value


def problem_of(error: SessionError) -> PresalesError:
    """What the window or the command line says of a SessionError."""
    values = {k: v for k, v in error.params.items() if k not in ("code", "field", "file", "line")}
    if error.code.startswith(_OF_USER):
        return UserError(error.code, **values)
    return EnvironmentProblem(error.code, **values)


def join(
    folder: Path,
    url: str,
    user: str,
    password: str,
    passphrase: str | None = None,
    device_name: str = "",
    step: Callable[[int, int, str], None] = lambda done, total, what: None,
    *,
    new_password: str = "",
    authority: str = "",
) -> Workspace:
    """The workspace in FOLDER, connected: made when there is none, taken over when it is a person's own, logged in again when it is
    connected to the same server as the same person. Nothing is made when the login fails. NEW_PASSWORD takes the place of a password
    that has to be changed. AUTHORITY: certificates (PEM) that vouch for the server instead of the system's.

    Raises UserError sync.others_work, sync.history (see `require_adoptable`), account.* (account.must_change: ask for a new password), device.*, url.*, sync.demo_workspace, sync.other_server, sync.other_user; EnvironmentProblem network.*,
    server.*, store.*.
    """
    step(0, 0, "正在登录")
    if store.exists(folder):
        return _join_existing(folder, url, user, password, passphrase, device_name, new_password, authority)
    memory = MemorySecrets()
    first = _session(url, memory, authority)
    with contextlib.closing(first.http):
        connected = _login(first, user, password, device_name, new_password)
    step(0, 0, "正在建立工作区")
    made = store.create(folder, passphrase=passphrase)
    try:
        kept = secrets.secrets_of(made)
        for name, value in memory.kept.items():
            kept.set(name, value)
        _enter(made, connected, authority)
    except BaseException:
        made.close()
        store.discard(folder)
        raise
    return made


def _join_existing(
    folder: Path,
    url: str,
    user: str,
    password: str,
    passphrase: str | None,
    device_name: str,
    new_password: str,
    authority: str,
) -> Workspace:
    opened = store.open_workspace(folder, passphrase=passphrase)
    try:
        if opened.demo:
            raise UserError("sync.demo_workspace")
        facts = Replica(opened.engine, REGISTRY).facts()
        if "device" not in facts:
            require_adoptable(opened.engine)
        authority = authority or str(facts.get("authority", ""))
        session = _session(url, secrets.secrets_of(opened), authority)
        if "device" in facts and facts.get("server") != session.url:
            raise UserError("sync.other_server", url=facts.get("server"), login=facts.get("login"))
        with contextlib.closing(session.http):
            connected = _login(session, user, password, device_name, new_password)
            if "device" in facts and facts.get("user") != UUID(connected.user_id).bytes:
                session.logout()
                raise UserError("sync.other_user", login=facts.get("login"))
        _enter(opened, connected, authority)
    except BaseException:
        opened.close()
        raise
    return opened


def authority_of(file: Path) -> str:
    """The certificates in FILE (PEM), to be trusted for a company's own server. Raises InputError file.missing, network.authority."""
    try:
        text = file.read_text("ascii")
        ssl.create_default_context(cadata=text)
    except OSError as error:
        code = "network.authority" if isinstance(error, ssl.SSLError) else "file.missing"
        raise InputError(code, file=str(file)) from None
    except ValueError:
        raise InputError("network.authority", file=str(file)) from None
    return text


def session_of(workspace: Workspace, facts: Mapping[str, Any]) -> DeviceSession:
    """The login of a connected workspace, by the FACTS of its replica."""
    return DeviceSession(str(facts["server"]), secrets.secrets_of(workspace), authority=str(facts.get("authority", "")))


def _session(url: str, store: SecretStore, authority: str) -> DeviceSession:
    try:
        return DeviceSession(url, store, authority=authority)
    except SessionError as error:
        raise problem_of(error) from None


def log_in(session: DeviceSession, user: str, password: str, device_name: str, new_password: str) -> Connected:
    """A login, with a new password where one is due. Raises UserError account.must_change when it was not given, and nobody is
    logged in then; account.*, EnvironmentProblem network.*."""
    connected = session.login(user, password, device_name, REGISTRY.schema_version)
    if not connected.must_change:
        return connected
    try:
        if not new_password:
            raise SessionError("account.must_change", login=connected.login)
        session.change_password(password, new_password)
    except SessionError:
        session.logout()
        raise
    return replace(connected, must_change=False)


def require_adoptable(engine: Engine) -> None:
    """A person's own workspace can be taken over as long as all in it is at its beginning: the server takes nobody's word for steps
    and decisions that it has not seen. Asked before anything is sent.

    Raises UserError sync.others_work (rows of several people), sync.history (what has been decided, sent, submitted, closed …).
    """
    with Session(engine) as session:
        people = session.scalar(select(func.count()).select_from(User)) or 0
        if people > 1:
            raise UserError("sync.others_work", count=people)
        found = {kind: _advanced(session, kind) for kind in (each.name for each in REGISTRY)}
    past = {kind: n for kind, n in found.items() if n}
    if past:
        raise UserError("sync.history", count=sum(past.values()), kinds=list(past))


def _advanced(session: Session, kind: str) -> int:
    """How many rows of KIND went a step already."""
    table: Any = MODELS[kind].__table__
    count = select(func.count()).select_from(table)
    if kind in ("decision", "ruling", "send_record"):
        return session.scalar(count) or 0
    moved = []
    for name in STEPPED.get(kind, ()):
        column = table.c[name]
        default = column.default
        first = default.arg if default is not None and default.is_scalar else None
        empty = [column.is_(None)] if first is None else [column == first, column.is_(None)]
        moved.append(not_(or_(*empty, *([column == ""] if isinstance(column.type, String) else []))))
    return (session.scalar(count.where(or_(*moved))) or 0) if moved else 0


def _login(session: DeviceSession, user: str, password: str, device_name: str, new_password: str) -> Connected:
    try:
        return log_in(session, user, password, device_name or socket.gethostname(), new_password)
    except SessionError as error:
        raise problem_of(error) from None


def _enter(workspace: Workspace, connected: Connected, authority: str) -> None:
    """The workspace is CONNECTED's from now on; own work that was in it waits to be sent."""
    replica = Replica(workspace.engine, REGISTRY)
    user = UUID(connected.user_id)
    known = "device" in replica.facts()
    if not known:
        with replica.transaction() as book:
            _become(book.connection, user)
    replica.connect(
        device=UUID(connected.device_id),
        user=user,
        server=connected.url,
        organisation=connected.organisation_id,
        organisation_name=connected.organisation_name,
        slug=connected.organisation,
        login=connected.login,
        authority=authority,
        device_no=connected.device_no,
        machine=uuid.getnode(),
    )
    if not known:
        # The journal of before stays here: the server keeps its own, and believes no entry about what it did not see. Letterhead,
        # keys and policies are the company's.
        replica.offer_existing(without=("audit_event", "company_fact"))
    session = session_of(workspace, replica.facts())
    with contextlib.closing(session.http):
        keep_escrow(workspace, session, connected)


def keep_escrow(workspace: Workspace, session: DeviceSession, connected: Connected) -> None:
    """Leave the workspace's key with the server, sealed so that only the company's recovery key opens it."""
    if connected.recovery_key:
        try:
            session.keep_escrow(escrow.seal(workspace.key, connected.recovery_key))
        except SessionError as error:
            if not error.offline:
                raise problem_of(error) from None


def _become(connection: Connection, user: UUID) -> None:
    """What the local user wrote is the server's user's: one person, one id."""
    table: Any = Meta.__table__
    acting = connection.execute(select(table.c.value).where(table.c.key == ACTING)).scalar()
    local = UUID(str(acting["user_id"])) if acting and acting.get("user_id") else None
    if local is not None and local != user:
        users: Any = User.__table__
        connection.execute(delete(users).where(users.c.id == local))
        for kind in REGISTRY:
            _rename(connection, kind.table, local, user)
        events: Any = AuditEvent.__table__
        connection.execute(update(events).values(previous="?"))
        mend_chain(connection)
    connection.execute(delete(table).where(table.c.key == ACTING))
    connection.execute(table.insert().values(key=ACTING, value={"user_id": str(user)}))


def _rename(connection: Connection, table: Table, old: UUID, new: UUID) -> None:
    for column in table.columns:
        if isinstance(column.type, Uuid) and column.name != "id":
            connection.execute(update(table).where(column == old).values({column.name: new}))


__all__ = ["MemorySecrets", "authority_of", "join", "log_in", "problem_of", "session_of"]
