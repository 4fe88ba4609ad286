"""The protocol over HTTP: push, pull, segments, live."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sync import wire
from sync.server.caller import SyncError
from sync.server.core import DEFAULT_LIMIT, Core
from sync.server.web import Admitted, Deps, body_of, raw, whole
from sync.wire import CommitResult, PushAnswer

MEDIA = "application/x-msgpack"
_INLINE = 64 * 1024  # bodies up to this size are decoded where they arrive; larger ones in a thread


def routes(deps: Deps) -> list[Route]:
    """To be mounted at the root."""
    api = _Api(deps)
    return [
        Route("/v1/push", deps.endpoint("push", api.push), methods=["POST"]),
        Route("/v1/pull", deps.endpoint("pull", api.pull), methods=["GET"]),
        Route("/v1/segments/{sha}", deps.endpoint("segment", api.segment), methods=["GET"]),
        Route("/v1/live", deps.endpoint("live", api.live), methods=["GET"]),
    ]


class _Api:
    def __init__(self, deps: Deps) -> None:
        self.deps = deps
        self.hubs: dict[str, Hub] = {}
        self.mail = Mail()
        deps.on_forget(self._doubt)

    def _doubt(self, organisation: str) -> None:
        """Live channels look whether they are still admitted."""
        if organisation in self.hubs:
            self.hubs[organisation].wake()

    async def push(self, request: Request, who: Admitted) -> Response:
        body = await body_of(request, wire.MAX_BODY)
        if len(body) <= _INLINE:
            asked = wire.decode(body, wire.PushRequest)
        else:
            asked = await run_in_threadpool(wire.decode, body, wire.PushRequest)
        core = self.deps.core(who.organisation)
        if core.waiting > self.deps.max_waiting:
            raise SyncError("sync.busy", 503)
        answer = await self.mail.answer(core.submit(who.caller, asked))
        metrics = self.deps.metrics
        metrics.received.labels("push").inc(len(body))
        metrics.changes.labels(who.organisation).inc(sum(len(commit.changes) for commit in asked.commits))
        for result in answer.results:
            metrics.commits.labels(who.organisation, result.status).inc()
        metrics.head.labels(who.organisation).set(core.ring.head)
        # The order says which commit a result is of: sixteen bytes less for each.
        answer.results = [CommitResult(b"", one.status, one.seq, one.conflicts, one.refusals) for one in answer.results]
        return self._said("push", wire.encode(answer))

    async def pull(self, request: Request, who: Admitted) -> Response:
        core = self.deps.core(who.organisation)
        epoch, place = raw(request, "epoch"), raw(request, "place", 4096)
        cursor, limit = whole(request, "cursor", 0), whole(request, "limit", DEFAULT_LIMIT)
        if not place and core.nothing_new(who.caller, epoch, cursor):
            return Response(status_code=204)
        data = core.pull_now(who.caller, epoch, cursor, limit) if not place else None
        if data is None:
            data = await run_in_threadpool(core.pull_bytes, who.caller, epoch, cursor, limit, place)
        return self._said("pull", data)

    async def segment(self, request: Request, who: Admitted) -> Response:
        try:
            digest = bytes.fromhex(request.path_params["sha"])
        except ValueError:
            raise SyncError("sync.segment_unknown", 404) from None
        core = self.deps.core(who.organisation)
        data = await run_in_threadpool(core.segment, who.caller, digest)
        headers = {"Cache-Control": "private, max-age=31536000, immutable", "Accept-Ranges": "bytes"}
        begin = _range(request.headers.get("range"), len(data))
        if begin is None:
            return self._said("segment", data, headers)
        headers["Content-Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
        return self._said("segment", data[begin:], headers, 206)

    async def live(self, request: Request, who: Admitted) -> Response:
        core = self.deps.core(who.organisation)
        hub = self.hubs.get(who.organisation)
        if hub is None or hub.core is not core:
            hub = self.hubs[who.organisation] = Hub(core)
        gauge = self.deps.metrics.live.labels(who.organisation)
        headers = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}

        async def admitted() -> bool:
            try:
                await self.deps.admit(request)
            except Exception:  # noqa: BLE001 - whatever it is, the client asks again and hears it
                return False
            return True

        watch = _Watch(lambda: self.deps.ended(who.organisation), admitted)
        stream = _events(hub, whole(request, "seq", 0), self.deps, gauge, watch)
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    def _said(self, route: str, data: bytes, headers: dict[str, str] | None = None, status: int = 200) -> Response:
        self.deps.metrics.sent.labels(route).inc(len(data))
        return Response(data, status, headers, MEDIA)


def _range(header: str | None, size: int) -> int | None:
    """Where "bytes=N-" begins; None for the whole (anything else is answered with the whole, as HTTP allows)."""
    if header is None or not header.startswith("bytes=") or not header.endswith("-"):
        return None
    text = header[6:-1]
    if not text.isascii() or not text.isdigit() or len(text) > 12 or int(text) >= size:
        return None
    return int(text)


class Mail:
    """Brings results from the committing thread to the loop: one hop for all pushes of a group."""

    def __init__(self) -> None:
        self._ready: deque[tuple[asyncio.Future[PushAnswer], Future[PushAnswer]]] = deque()
        self._told = False

    async def answer(self, result: Future[PushAnswer]) -> PushAnswer:
        """RESULT, once it is there. Raises what it raises."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[PushAnswer] = loop.create_future()

        def done(finished: Future[PushAnswer]) -> None:
            self._ready.append((waiting, finished))
            if not self._told:
                self._told = True
                loop.call_soon_threadsafe(self._deliver)

        result.add_done_callback(done)
        return await waiting

    def _deliver(self) -> None:
        self._told = False
        while self._ready:
            waiting, finished = self._ready.popleft()
            if waiting.done():  # whoever asked has gone
                continue
            error = finished.exception()
            if error is not None:
                waiting.set_exception(error)
            else:
                waiting.set_result(finished.result())


class Hub:
    """Tells the live channels of one organisation in this process: one listener at the core, one wake-up a client."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.loop = asyncio.get_running_loop()
        self.waiters: set[asyncio.Event] = set()
        self._told = False
        self.stop: Callable[[], None] = core.listen(self._news)

    def _news(self, seq: int) -> None:
        """Called in the committing thread: one hop to the loop, however many clients there are."""
        if self.waiters and not self._told and not self.loop.is_closed():
            self._told = True
            self.loop.call_soon_threadsafe(self.wake)

    def wake(self) -> None:
        """Every channel looks up. On the loop."""
        self._told = False
        for event in self.waiters:
            event.set()


class _Watch:
    """Whether whoever holds a channel is still admitted: asked again only when somebody's admission has ended."""

    def __init__(self, ended: Callable[[], int], admitted: Callable[[], Awaitable[bool]]) -> None:
        self._ended, self._admitted = ended, admitted
        self._seen = ended()

    async def over(self) -> bool:
        """Whether the channel has to end."""
        now = self._ended()
        if now == self._seen:
            return False
        self._seen = now
        return not await self._admitted()


async def _events(hub: Hub, seen: int, deps: Deps, gauge: Any, watch: _Watch) -> AsyncIterator[bytes]:
    """Server-sent events: {"seq": N} when there is something new, at most one each `coalesce_s`; a comment as heartbeat."""
    event = asyncio.Event()
    hub.waiters.add(event)
    gauge.inc()
    end = time.monotonic() + deps.live_s
    try:
        yield b": live\n\n"
        while time.monotonic() < end and not deps.stopping and not await watch.over():
            head = hub.core.ring.head
            if head > seen:
                seen = head
                yield b'data: {"seq":%d}\n\n' % head
                await asyncio.sleep(deps.coalesce_s)
                continue
            event.clear()
            if hub.core.ring.head > seen:
                continue
            try:
                await asyncio.wait_for(event.wait(), deps.heartbeat_s)
            except TimeoutError:
                yield b": still here\n\n"
    finally:
        hub.waiters.discard(event)
        gauge.dec()
