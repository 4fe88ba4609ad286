"""What every endpoint shares: who calls, bodies with limits, errors as JSON."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from sync.server.caller import Caller, SyncError
from sync.server.constraints import unavailable
from sync.server.core import Core
from sync.server.metrics import Metrics
from sync.wire import WireError

_LOG = logging.getLogger("sync.server")
_TOKENS = 10_000

Endpoint = Callable[[Request], Awaitable[Response]]


class AuthError(Exception):
    """Nobody is let in. `code` is stable, `status` the HTTP status."""

    def __init__(self, code: str, status: int = 401, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.params = params


@dataclass(frozen=True)
class Admitted:
    """Who sent a request, and to which organisation."""

    organisation: str
    caller: Caller


@dataclass
class Deps:
    """What the endpoints work with.

    Attributes:
        authenticate: blocking; who sent the request, from its headers. Raises AuthError (or anything with code, status and params).
        core: the sync of an organisation.
        ready: blocking; raises when the database cannot be reached.
        standing: blocking; a mark of an organisation that differs when somebody's admission may have ended (a device revoked, an account
            disabled) in whatever process: it is asked again and again.
        trust_s: for so long at most an access token that was found good is not looked up again.
    """

    authenticate: Callable[[Request], Admitted]
    core: Callable[[str], Core]
    ready: Callable[[], None] = lambda: None
    standing: Callable[[str], object] = lambda organisation: None
    metrics: Metrics = field(default_factory=Metrics)
    trust_s: float = 10.0
    live_s: float = 600.0
    heartbeat_s: float = 20.0
    coalesce_s: float = 0.1
    max_waiting: int = 4_000
    _known: dict[str, tuple[float, Admitted]] = field(default_factory=dict)
    loop: asyncio.AbstractEventLoop | None = None  # set when the application starts
    stopping: bool = False
    _marks: dict[str, object] = field(default_factory=dict)
    _ended: dict[str, int] = field(default_factory=dict)
    _listeners: list[Callable[[str], None]] = field(default_factory=list)

    async def admit(self, request: Request) -> Admitted:
        """Who sent REQUEST. Raises AuthError."""
        token = request.headers.get("authorization", "")
        found = self._known.get(token)
        if found is not None and found[0] > time.monotonic():
            return found[1]
        self._known.pop(token, None)
        admitted = await run_in_threadpool(self.authenticate, request)
        organisation = admitted.organisation
        if organisation not in self._marks:
            # Before the first trust: what ends from now on is seen as a difference.
            self._marks[organisation] = await run_in_threadpool(self.standing, organisation)
            admitted = await run_in_threadpool(self.authenticate, request)
        if token:
            if len(self._known) >= _TOKENS:
                self._known.clear()
            self._known[token] = (time.monotonic() + self.trust_s, admitted)
        return admitted

    # --- admissions that end ----------------------------------------------------------------------------------------------------
    def ended(self, organisation: str) -> int:
        """How often somebody's admission to ORGANISATION may have ended so far: who keeps a channel open asks again when it grew."""
        return self._ended.get(organisation, 0)

    def on_forget(self, listener: Callable[[str], None]) -> None:
        """LISTENER(organisation) on the event loop whenever trust ends."""
        self._listeners.append(listener)

    def forget(self, organisation: str) -> None:
        """No token of ORGANISATION is trusted without a look. On the event loop."""
        self._ended[organisation] = self.ended(organisation) + 1
        self._known = {t: known for t, known in self._known.items() if known[1].organisation != organisation}
        for listener in self._listeners:
            listener(organisation)

    def end(self) -> None:
        """The server stops: open channels end instead of holding it up. On the event loop."""
        self.stopping = True
        for organisation in list(self._marks):
            for listener in self._listeners:
                listener(organisation)

    def forget_soon(self, organisation: str) -> None:
        """`forget` from whatever thread."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.forget, organisation)

    async def look_again(self) -> None:
        """Forget organisations whose `standing` has changed."""
        for organisation, before in list(self._marks.items()):
            now = await run_in_threadpool(self.standing, organisation)
            if now != before:
                self._marks[organisation] = now
                self.forget(organisation)

    def endpoint(self, route: str, call: Callable[[Request, Admitted], Awaitable[Response]]) -> Endpoint:
        """CALL for people who are let in, with its errors said and its figures counted."""

        async def answer(request: Request) -> Response:
            begun = time.perf_counter()
            response = await self._answered(request, call)
            self.metrics.seconds.labels(route).observe(time.perf_counter() - begun)
            self.metrics.requests.labels(route, str(response.status_code)).inc()
            return response

        return answer

    async def _answered(self, request: Request, call: Callable[[Request, Admitted], Awaitable[Response]]) -> Response:
        try:
            return await call(request, await self.admit(request))
        except WireError as error:
            return problem(error.code, 413 if error.code == "wire.too_large" else 422, detail=error.detail)
        except SyncError as error:
            return problem(error.code, error.status, **error.params)
        except DBAPIError as error:
            _LOG.exception("the database refused")
            said_so = unavailable(error)
            return problem(said_so.code, said_so.status)
        except ClientDisconnect:
            return problem("request.gone", 499)
        except Exception as error:  # noqa: BLE001 - an endpoint never takes the server down
            if isinstance(getattr(error, "status", None), int) and hasattr(error, "code"):
                said: Any = error
                return problem(said.code, said.status, **getattr(said, "params", {}))
            _LOG.exception("an endpoint failed")
            return problem("server.failed", 500)


def problem(code: str, status: int, **params: Any) -> Response:
    """An error as JSON; the sentence is made by the client."""
    headers = {"Cache-Control": "no-store"}
    if status == 503:
        headers["Retry-After"] = "2"
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    said: dict[str, Any] = {"code": code, "message": code}
    if params:
        said["params"] = params
    return JSONResponse(said, status, headers)


async def body_of(request: Request, limit: int) -> bytes:
    """The body, refused as soon as it is larger than LIMIT; checked against Content-SHA256 (hex) where the client gives it."""
    try:
        claimed = int(request.headers.get("content-length") or 0)
    except ValueError:
        raise SyncError("request.length", 400) from None
    if claimed > limit:
        raise SyncError("request.too_large", 413, limit=limit)
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            raise SyncError("request.too_large", 413, limit=limit)
    digest = request.headers.get("content-sha256")
    if digest is not None and hashlib.sha256(data).hexdigest() != digest.lower():
        raise SyncError("request.damaged", 422)
    return bytes(data)


def whole(request: Request, name: str, default: int, top: int = (1 << 62)) -> int:
    """A number of the query. Raises SyncError request.query."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > top:
        raise SyncError("request.query", 422, name=name)
    return int(text)


def raw(request: Request, name: str, longest: int = 16) -> bytes:
    """Bytes of the query, written as hex. Raises SyncError request.query."""
    text = request.query_params.get(name, "")
    try:
        found = bytes.fromhex(text)
    except ValueError:
        raise SyncError("request.query", 422, name=name) from None
    if len(found) > longest or len(found) * 2 != len(text):
        raise SyncError("request.query", 422, name=name)
    return found
