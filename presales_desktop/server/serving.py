"""`presales-server serve`: the application put together, structured logs, upkeep beside it."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import threading
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request

from presales_desktop import __version__
from presales_desktop.models.errors import EnvironmentProblem
from presales_desktop.server.house import House
from presales_desktop.texts import tr
from sync.server.account_routes import AccountApi, insider
from sync.server.app import Admitted, Deps, create_app, serve, sparing_the_collector
from sync.server.blob_routes import BlobApi
from sync.server.caller import Caller

UPKEEP_S = 3600.0
# A replica that was away for longer begins again; what it had not sent goes to its inbox first.
KEEP_TOMBSTONES = dt.timedelta(days=400)
_LOG = logging.getLogger("presales.server")
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message, what was given as `extra`, and the trace of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        said: dict[str, Any] = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {k: v for k, v in vars(record).items() if k not in _PLAIN}
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


def log_to_stderr() -> None:
    """Everything of this server as JSON lines on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def application(house: House) -> Starlette:
    """The ASGI application of a house."""

    def authenticate(request: Request) -> Admitted:
        who = insider(house, request.headers.get("authorization", ""))
        known = who.known
        return Admitted(who.organisation, Caller(known.user_id, known.device_id, known.public_key))

    def ready() -> None:
        with house.database.root.connect() as connection:
            connection.execute(text("SELECT 1"))

    deps = Deps(authenticate, house.core, ready, house.standing)
    house.on_ended = deps.forget_soon
    more = [*AccountApi(house, house.may_administer).routes(), *BlobApi(house, house).routes()]
    return create_app(deps, more, cores=lambda: list(house.cores().values()))


class Upkeep:
    """What has to be done now and then, in a thread of its own: old tombstones, files that nobody names."""

    def __init__(self, house: House, every_s: float = UPKEEP_S) -> None:
        self.house = house
        self.every_s = every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        """Begin; the first round comes after one interval."""
        self._thread.start()

    def stop(self) -> None:
        """End within a round's step."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(self.every_s):
            for slug, _ in self.house.database.organisations():
                try:
                    self.round(slug)
                except Exception:  # noqa: BLE001  # one organisation's trouble is not the others'
                    _LOG.exception("upkeep failed", extra={"organisation": slug})

    def round(self, slug: str) -> None:
        """Once for one organisation."""
        self.house.core(slug).purge(self.house.moment() - KEEP_TOMBSTONES)
        self.house.give_receipts(slug)
        # Verified files stay: laptops may have let go of their copy, trusting the receipt.
        swept = self.house.blobs(slug).sweep(self.house.files_in_use(slug), verified=False)
        if swept:
            _LOG.info("files swept", extra={"organisation": slug, "count": swept})


def run(house: House, args: Namespace, ready: Callable[[Callable[[], None]], None] | None = None) -> int:
    """Serve until a signal, as `operation` has checked that it may. Raises EnvironmentProblem server.port."""
    log_to_stderr()
    known = [slug for slug, _ in house.database.organisations()]
    for slug in known:
        house.core(slug)
    if not known:
        print(tr("还没有公司。新建：presales-server org add NAME"), file=sys.stderr)
    scheme = "https" if args.tls_cert else "http"
    upkeep = Upkeep(house)

    def listening(stop: Callable[[], None]) -> None:
        _LOG.info(
            "listening",
            extra={"url": f"{scheme}://{args.host}:{args.port}", "version": __version__, "organisations": known},
        )
        print(tr("正在监听 {url}（按 Ctrl+C 停止）", url=f"{scheme}://{args.host}:{args.port}"), flush=True)
        upkeep.start()
        if ready is not None:
            ready(stop)

    try:
        with sparing_the_collector():
            serve(
                application(house),
                args.host,
                args.port,
                certificate=args.tls_cert,
                key=args.tls_key,
                without_tls=args.behind_proxy or args.plaintext_on_network,
                ready=listening,
            )
    except (OSError, RuntimeError) as error:
        raise EnvironmentProblem("server.port", port=args.port, reason=str(error)[:200]) from None
    finally:
        upkeep.stop()
    return 0
