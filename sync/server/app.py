"""The HTTP application and how it is served.

`create_app(deps, more)` puts together small modules of routes, each a function `routes(deps) -> list[Route]`; `serve` runs it on granian with
signals, graceful stop and TLS.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sync.hosts import is_loopback
from sync.server import metrics, sync_routes
from sync.server.core import Core
from sync.server.web import Admitted, AuthError, Deps, problem

__all__ = ["Admitted", "AuthError", "Deps", "ServeError", "check_listening", "create_app", "serve"]

_LOG = logging.getLogger("sync.server")
_POLL_S = 0.1
# For so long at most a token that another process has ended is good here.
_STANDING_S = 0.3


class ServeError(Exception):
    """The server cannot be started so. `code`: server.plaintext, server.tls_pair, server.tls_files; values for the sentence in `params`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def create_app(
    deps: Deps,
    more: Iterable[BaseRoute] = (),
    *,
    cores: Callable[[], Sequence[Core]] = list,
    shutdown: Callable[[], None] = lambda: None,
) -> Starlette:
    """The application. MORE: routes of accounts and files; CORES: the organisations that are open, asked again and again for what other
    processes committed; SHUTDOWN: called when the server has stopped."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        deps.loop = asyncio.get_running_loop()
        pollers = [asyncio.create_task(_poll(cores)), asyncio.create_task(_stand(deps))]
        try:
            yield
        finally:
            for poller in pollers:
                poller.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await poller
            await run_in_threadpool(shutdown)

    app = Starlette(
        routes=[*sync_routes.routes(deps), *_health_routes(deps), *more],
        lifespan=lifespan,
        exception_handlers={HTTPException: _http_error, 404: _http_error, 405: _http_error},
    )
    app.state.end = deps.end
    return app


async def _poll(cores: Callable[[], Sequence[Core]]) -> None:
    """Commits of other processes reach this process's live clients."""
    while True:
        await asyncio.sleep(_POLL_S)
        for core in cores():
            if core.due:
                with contextlib.suppress(Exception):  # the next pull says what is wrong
                    await run_in_threadpool(core.refresh)


async def _stand(deps: Deps) -> None:
    """Admissions that another process ended end here, too."""
    while True:
        await asyncio.sleep(_STANDING_S)
        with contextlib.suppress(Exception):  # `trust_s` bounds what is not seen here
            await deps.look_again()


async def _http_error(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    codes = {404: "request.unknown", 405: "request.method"}
    response = problem(codes.get(status, "request.refused"), status)
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


def _health_routes(deps: Deps) -> list[Route]:
    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        try:
            await run_in_threadpool(deps.ready)
        except Exception:  # noqa: BLE001 - whatever it is, traffic should go elsewhere
            _LOG.warning("not ready", exc_info=True)
            return JSONResponse({"status": "unavailable"}, 503)
        return JSONResponse({"status": "ready"})

    async def figures(_request: Request) -> Response:
        return Response(deps.metrics.render(), media_type=metrics.CONTENT_TYPE)

    return [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/metrics", figures, methods=["GET"]),
    ]


# --- serving ------------------------------------------------------------------------------------------------------------------


def serve(
    app: Starlette,
    host: str = "127.0.0.1",
    port: int = 8470,
    *,
    certificate: Path | None = None,
    key: Path | None = None,
    without_tls: bool = False,
    ready: Callable[[Callable[[], None]], None] = lambda stop: None,
) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way. Blocks. READY is called when requests are taken, with a
    function that stops the server from any thread.

    Raises ServeError: without TLS the server listens on loopback only, unless WITHOUT_TLS says otherwise.
    """
    check_listening(host, certificate, key, without_tls=without_tls)
    asyncio.run(_serve(app, host, port, certificate, key, ready))


def check_listening(host: str, certificate: Path | None, key: Path | None, *, without_tls: bool = False) -> None:
    """Whether the server may listen so. Raises ServeError server.tls_pair; server.tls_files for a pair that cannot be used;
    server.plaintext: without TLS it listens on loopback only, unless WITHOUT_TLS says otherwise."""
    if (certificate is None) != (key is None):
        raise ServeError("server.tls_pair")
    if certificate is not None:
        try:
            # A key with a passphrase would ask at the terminal and hold the start: it is refused instead.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=_no_passphrase)
        except (OSError, ValueError) as error:
            raise ServeError("server.tls_files", file=str(certificate), reason=str(error)[:200]) from None
    elif not without_tls and not is_loopback(host):
        raise ServeError("server.plaintext", host=host)


def _no_passphrase() -> bytes:
    raise ValueError("the key is protected by a passphrase")


@contextlib.contextmanager
def sparing_the_collector() -> Iterator[None]:
    """For a process that is nothing but a server. A group of commits is tens of thousands of small objects that hold no cycles:
    looking through them again and again costs more than judging them. Puts all back at the end."""
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 25, 50)
    # The committing thread comes back from the database some ten times a group: it should not wait 5 ms each time for the loop to pause.
    sys.setswitchinterval(0.001)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)
        gc.unfreeze()


async def _serve(
    app: Starlette,
    host: str,
    port: int,
    certificate: Path | None,
    key: Path | None,
    ready: Callable[[Callable[[], None]], None],
) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    server: Any = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        backlog=1024,
        log_enabled=False,
        ssl_cert=certificate,
        ssl_key=key,
    )
    loop = asyncio.get_running_loop()

    def finish() -> None:
        getattr(app.state, "end", lambda: None)()  # an application that is not `create_app`'s has no channels of ours
        server.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):  # Windows; not the main thread
            loop.add_signal_handler(number, finish)
    task = asyncio.create_task(server.serve())
    await _listening(host, port, task)
    if not task.done():

        def stop() -> None:
            with contextlib.suppress(RuntimeError):  # it has stopped already
                loop.call_soon_threadsafe(finish)

        ready(stop)
    await task


async def _listening(host: str, port: int, task: asyncio.Task[None]) -> None:
    """Until a connection is taken, or the server has given up."""
    target = "127.0.0.1" if host in ("0.0.0.0", "") else "::1" if host == "::" else host
    while not task.done():
        try:
            _, writer = await asyncio.open_connection(target, port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        return
