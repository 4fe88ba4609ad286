"""The server's composition root: databases, accounts, files, rules of the domain and the sync core of every organisation."""

from __future__ import annotations

import base64
import datetime as dt
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url
from sqlalchemy import Connection, Engine, func, insert, select, update
from sqlalchemy.orm import Session

from presales_desktop.models import numbers
from presales_desktop.models.company import DOCUMENT_KEY, LETTERHEAD, fact_id
from presales_desktop.models.errors import InputError, UserError, ValidationError
from presales_desktop.models.fields import validate
from presales_desktop.models.local import NumberCounter
from presales_desktop.models.permissions import Role
from presales_desktop.models.users import User
from presales_desktop.models.values import shanghai_day
from presales_desktop.server.domain import CONSOLE, TYPED_PART, ConsoleDomain
from presales_desktop.services import company
from presales_desktop.services.users import FIELDS, UserDraft
from sync import codec
from sync.ids import uuid7
from sync.server import audit, tables
from sync.server.account_routes import OrganisationFacts, Visitor
from sync.server.account_tables import secret
from sync.server.accounts import Accounts
from sync.server.blobs import BlobStore
from sync.server.caller import Caller
from sync.server.core import Core
from sync.server.database import Database, DatabaseError, Organisation, reading
from sync.wire import Change, Commit, CommitResult, PushRequest

US = 1_000_000
_RECOVERY = "recovery_public"
# After a restore: so many numbers a day and series are left out, over so many days at most.
SKIPPED = 500
LOST_DAYS = dt.timedelta(days=60)


class House:
    """Everything one server process holds; close() it."""

    def __init__(
        self, database: Database, data_dir: Path, attachments: str | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.database = database
        self.data_dir = data_dir
        self.clock = clock
        self.domain = ConsoleDomain()
        # Told, from any thread, that somebody's admission to an organisation may have ended.
        self.on_ended: Callable[[str], None] = lambda slug: None
        self._attachments = attachments
        self._store: ObjectStore | None = None
        self._cores: dict[str, Core] = {}
        self._accounts: dict[str, Accounts] = {}
        self._blobs: dict[str, BlobStore] = {}
        self._lock = threading.Lock()

    @classmethod
    @contextmanager
    def open(cls, args: Namespace) -> Iterator[House]:
        """The house that --data and --database name."""
        database = Database.open(args.database, args.data, (TYPED_PART,))
        house = cls(database, args.data, getattr(args, "attachments", None))
        try:
            yield house
        finally:
            house.close()

    def close(self) -> None:
        """Finish what waits and give the databases back."""
        for core in self._cores.values():
            core.close()
        self.database.close()

    def moment(self) -> dt.datetime:
        """Now, with zone."""
        return dt.datetime.fromtimestamp(self.clock(), dt.UTC)

    # --- organisations -----------------------------------------------------------------------------------------------------------
    def slug(self, wanted: str | None) -> str:
        """The organisation that is meant: WANTED, or the only one. Raises UserError server.organisation_none, _several, _unknown."""
        known = [slug for slug, _ in self.database.organisations()]
        if wanted is not None:
            if wanted not in known:
                raise UserError("server.organisation_unknown", slug=wanted)
            return wanted
        if len(known) != 1:
            code = "server.organisation_several" if known else "server.organisation_none"
            raise UserError(code, known="、".join(known))
        return known[0]

    def add_organisation(self, slug: str, name: str, recovery_public: bytes) -> Organisation:
        """A new organisation."""
        made = self.database.add(slug, name)
        with made.engine.begin() as connection:
            connection.execute(insert(secret).values(name=_RECOVERY, value=recovery_public))
            audit.append(connection, int(self.clock() * US), "organisation.added", {"name": name}, actor="console")
        self.administer(
            slug, [self._fact(LETTERHEAD, {"name": name}), self._fact(DOCUMENT_KEY, company.new_document_key())]
        )
        return made

    def _fact(self, key: str, value: Mapping[str, object]) -> Change:
        """What a company begins with: its name for its papers, and the key that binds them."""
        now = self.moment()
        values = {
            "key": key, "value": dict(value), "version": 1, "created_at": now, "updated_at": now,
            "created_by": None, "updated_by": None,
        }  # fmt: skip
        return Change(
            "company_fact",
            fact_id(key).bytes,
            "create",
            codec.to_wire(self.domain.registry["company_fact"], values),
        )

    def facts(self, slug: str) -> OrganisationFacts:
        """Its name and the key that laptops seal their database keys to. Raises KeyError."""
        organisation = self.organisation(slug)
        with organisation.engine.begin() as connection:
            found = connection.scalar(select(secret.c.value).where(secret.c.name == _RECOVERY))
        recovery = base64.b64encode(bytes(found)).decode() if found else ""
        return OrganisationFacts(str(organisation.id), slug, organisation.name, recovery)

    def organisation(self, slug: str) -> Organisation:
        """Raises KeyError for one that there is not."""
        try:
            return self.database.organisation(slug)
        except DatabaseError as error:
            if error.code == "server.organisation_unknown":
                raise KeyError(slug) from None
            raise

    def core(self, slug: str) -> Core:
        """Order, judgement and delivery of an organisation. Raises KeyError."""
        organisation = self.organisation(slug)
        with self._lock:
            if slug not in self._cores:
                self._cores[slug] = Core(
                    organisation.engine, self.domain, clock=self.moment, refused=self._refused, name=slug
                )
            return self._cores[slug]

    def cores(self) -> dict[str, Core]:
        """Those in use, for metrics."""
        return dict(self._cores)

    def accounts(self, slug: str) -> Accounts:
        """Who may come in. Raises KeyError."""
        organisation = self.organisation(slug)
        with self._lock:
            if slug not in self._accounts:
                begin = partial(_transaction, organisation.engine)
                look = partial(_transaction, reading(organisation.engine))
                self._accounts[slug] = Accounts(
                    slug, begin, self.clock, _works_here, reading=look, ended=lambda: self.on_ended(slug)
                )
            return self._accounts[slug]

    def standing(self, slug: str) -> object:
        """What differs when somebody's admission may have ended, in whatever process: accounts, devices, who works there."""
        table = User.__table__
        with reading(self.organisation(slug).engine).connect() as connection:
            left = connection.scalar(select(func.count()).select_from(table).where(table.c.active.is_(False)))
        return (*self.accounts(slug).standing(), left)

    def with_login(self, login: str) -> list[str]:
        """Organisations where somebody has this login."""
        found = []
        for slug, _ in self.database.organisations():
            if any(known == login for known, _ in self.accounts(slug).logins().values()):
                found.append(slug)
        return found

    def may_administer(self, slug: str, user_id: UUID) -> bool:
        """Whether a person is an administrator there."""
        with Session(self.organisation(slug).engine) as session:
            user = session.get(User, user_id)
            return user is not None and Role.ADMIN.value in user.roles

    def _refused(self, connection: Connection, caller: Caller, commit: Commit, result: CommitResult) -> None:
        """What was refused is in the audit log: codes and ids, no values."""
        first = result.refusals[0] if result.refusals else None
        detail: dict[str, Any] = {"commit": commit.id.hex(), "changes": len(commit.changes)}
        if first is not None:
            detail |= {"code": first.code, "kind": first.kind, "id": first.id.hex(), "field": first.field}
        now = int(self.clock() * US)
        audit.append(connection, now, "commit.refused", detail, actor=str(caller.user), device=str(caller.device))

    def begin_epoch(self, slug: str, reason: str) -> int:
        """After a backup was put back: a new epoch (its number), and numbers that go on far behind those which the lost days may have given
        to somebody: what is offered again gets another one, never one that stands on somebody else's paper."""
        today = shanghai_day(self.moment())
        with self.organisation(slug).engine.begin() as connection:
            last = connection.scalar(select(func.max(tables.commit.c.at))) or 0
            first = max(shanghai_day(dt.datetime.fromtimestamp(last / US, dt.UTC)), today - LOST_DAYS)
            days = [first + dt.timedelta(days=n) for n in range((today - first).days + 1)]
            counter: Any = NumberCounter.__table__
            for prefix in sorted(set(numbers.SERIES.values())):
                for series in (numbers.series(prefix, day) for day in days):
                    raised = update(counter).where(counter.c.series == series).values(last=counter.c.last + SKIPPED)
                    if not connection.execute(raised).rowcount:
                        connection.execute(insert(counter).values(series=series, last=SKIPPED))
        return self.core(slug).new_epoch(reason)

    # --- files ---------------------------------------------------------------------------------------------------------------------
    def blobs(self, slug: str) -> BlobStore:
        """The files of an organisation. Raises KeyError."""
        organisation = self.organisation(slug)
        with self._lock:
            if self._store is None:
                self._store = _object_store(self._attachments, self.data_dir / "files")
            if slug not in self._blobs:
                begin = partial(_transaction, organisation.engine)
                self._blobs[slug] = BlobStore(slug, self._store, begin, self.clock)
            return self._blobs[slug]

    def may_read(self, who: Visitor, sha256: bytes) -> bool:
        """Whether some row that the person may see names this file."""
        with Session(self.organisation(who.organisation).engine) as session:
            return self.domain.may_read_file(session, who.known.user_id, sha256.hex())

    def files_in_use(self, slug: str) -> list[bytes]:
        """SHA-256 of every file that a row names."""
        with Session(self.organisation(slug).engine) as session:
            return [bytes.fromhex(name) for name in self.domain.files(session)]

    def verified(self, who: Visitor, sha256: bytes, size: int) -> None:
        """Somebody brought a file, or sent it again: his rows are linked to it, and those who may see one of them are told; once."""
        with Session(self.organisation(who.organisation).engine) as session, session.begin():
            self.domain.link_own(session, who.known.user_id, sha256.hex())
        self.give_receipts(who.organisation, sha256)

    def give_receipts(self, slug: str, sha256: bytes | None = None) -> int:
        """The receipts that lack (of one file, or of all); how many. A row may have come to another scope, or been copied there."""
        with Session(self.organisation(slug).engine) as session:
            due = self.domain.receipts_due(session, sha256)
        if due:
            self.administer(slug, due)
        return len(due)

    # --- people ----------------------------------------------------------------------------------------------------------------------
    def administer(self, slug: str, changes: Sequence[Change]) -> CommitResult:
        """A commit by the console: in order with all others, judged by nobody."""
        core = self.core(slug)
        core.refresh(force=True)
        clock = core.ring.clock
        hlc = int(self.clock() * 1000) << 16
        commit = Commit(uuid7().bytes, hlc, self.domain.registry.schema_version, clock.epoch_no, list(changes))
        answer = core.push(Caller(CONSOLE, CONSOLE), PushRequest(1, CONSOLE.bytes, clock.epoch, [commit]))
        result = answer.results[0]
        if result.status == "rejected":
            first = result.refusals[0]
            raise UserError(first.code, field=first.field or None, kind=first.kind or "user", **first.params)
        return result

    def add_user(self, slug: str, *, superior: str | None, password: str, must_change: bool, **fields: Any) -> UUID:
        """A person with an account: the same checks as in the program. Raises ValidationError, UserError, AccessError."""
        accounts = self.accounts(slug)
        login = str(fields["login"])
        draft = UserDraft(
            login=login, name=fields["name"], department=fields["department"], roles=list(fields["roles"]),
            superior_id=self._user(slug, superior).id if superior else None,
            phone=fields["phone"], email=fields["email"],
        )  # fmt: skip
        problems = validate(FIELDS, draft)
        if problems:
            raise ValidationError(problems)
        if any(known == login for known, _ in accounts.logins().values()):
            raise UserError("account.login_taken", login=login)
        accounts.check_password(login, password)
        user_id = uuid7()
        now = self.moment()
        values = {name: getattr(draft, name) for name in (f.name for f in FIELDS)}
        values |= {"version": 1, "created_at": now, "updated_at": now, "created_by": None, "updated_by": None}
        kind = self.domain.registry["user"]
        self.administer(slug, [Change("user", user_id.bytes, "create", codec.to_wire(kind, values))])
        accounts.add(user_id, login, password, must_change=must_change)
        return user_id

    def people(self, slug: str) -> list[dict[str, Any]]:
        """Everybody, with login and whether the account is disabled."""
        logins = self.accounts(slug).logins()
        with Session(self.organisation(slug).engine) as session:
            users = list(session.scalars(select(User).order_by(User.login)))
            names = {user.id: user.name for user in users}
            return [
                {
                    "id": str(user.id), "login": user.login, "name": user.name, "roles": list(user.roles),
                    "department": user.department, "superior": names.get(user.superior_id) if user.superior_id else None,
                    "active": user.active, "account": user.id in logins,
                    "disabled": not user.active or logins.get(user.id, ("", False))[1],
                }
                for user in users
            ]  # fmt: skip

    def login_of(self, slug: str, name: str) -> str:
        """The login of a person named by login or name."""
        return self._user(slug, name).login

    def set_disabled(self, slug: str, login: str, disabled: bool) -> None:
        """Account and person: who left is greyed out on every laptop, too."""
        self.accounts(slug).disable(login, disabled)
        user = self._user(slug, login)
        if user.active == disabled:
            change = Change("user", user.id.bytes, "set", {"active": not disabled}, {"active": 2**53})
            self.administer(slug, [change])

    def _user(self, slug: str, name: str) -> User:
        with Session(self.organisation(slug).engine, expire_on_commit=False) as session:
            found = list(session.scalars(select(User).where((User.login == name) | (User.name == name))))
        exact = [user for user in found if user.login == name] or found
        if len(exact) != 1:
            raise UserError("record.not_found" if not exact else "record.ambiguous", kind="user", id=name)
        return exact[0]


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def _works_here(connection: Connection, user_id: UUID) -> bool:
    table = User.__table__
    found = connection.scalar(select(table.c.active).where(table.c.id == user_id))
    return bool(found)


def _object_store(url: str | None, folder: Path) -> ObjectStore:
    """Disk or bucket. Raises InputError server.attachments."""
    if url is None or "://" not in url:
        target = Path(url) if url else folder
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        return LocalStore(target, mkdir=True)
    try:
        return from_url(url)
    except (BaseError, ValueError, OSError) as error:
        raise InputError("server.attachments", url=url, reason=str(error)[:200]) from None
