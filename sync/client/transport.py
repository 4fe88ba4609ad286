"""The way to the server: the protocol's verbs over HTTP, few bytes, every failure one of three: nobody answers, log in, the server's no.

`Transport` is what the exchange needs; the simulation hands in one of its own that loses, repeats and truncates.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import niquests

from sync import wire
from sync.client.replica import Position
from sync.client.session import DeviceSession, SessionError
from sync.wire import PullAnswer, PushAnswer, PushRequest, Segment, WireError

CONNECT_S, READ_S = 10, 60
LIVE_READ_S = 45  # the server's heartbeat comes every 20 s
_MAX_SEGMENT = 1 << 30


class Offline(Exception):
    """Nobody answers: not an error, the next round comes."""


class Unauthorised(Exception):
    """Somebody must log in again. `code`: token.*, device.*, account.*."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class ServerProblem(Exception):
    """The server's no to the request as a whole (never to a commit). `code` is its own; `status` the HTTP status."""

    def __init__(self, code: str, status: int = 500, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.params = params

    @property
    def passing(self) -> bool:
        """Whether the same request may go through later."""
        return self.status >= 500 or self.status == 429


class Transport(Protocol):
    """The verbs. Raise Offline, Unauthorised, ServerProblem; WireError for bytes that are no answer."""

    sent: int
    received: int

    def push(self, request: PushRequest) -> PushAnswer:
        """Hand over commits."""

    def pull(self, at: Position, limit: int) -> PullAnswer:
        """What is new after a position."""

    def segment(self, segment: Segment) -> bytes:
        """A file of the first load, verified."""


class HttpTransport:
    """The verbs over HTTP on one kept connection; `sent` and `received` count bodies."""

    def __init__(self, session: DeviceSession) -> None:
        self.session = session
        self.sent = 0
        self.received = 0
        self._http = niquests.Session()
        # Every byte of a header goes over a phone's line a thousand times a day.
        self._http.headers.clear()

    def push(self, request: PushRequest) -> PushAnswer:
        """POST /v1/push."""
        body = wire.encode(request)
        self.sent += len(body)
        return wire.decode(self._ask("POST", "/v1/push", body=body), PushAnswer)

    def pull(self, at: Position, limit: int) -> PullAnswer:
        """GET /v1/pull."""
        query = f"?epoch={at.epoch.hex()}&cursor={at.cursor}&limit={limit}"
        if at.place:
            query += f"&place={at.place.hex()}"
        return wire.decode(self._ask("GET", f"/v1/pull{query}"), PullAnswer)

    def segment(self, segment: Segment) -> bytes:
        """GET /v1/segments; a cut transfer goes on where it was cut."""
        import hashlib

        name = segment.sha256.hex()
        data = bytearray()
        for attempt in range(5):
            headers = {"Range": f"bytes={len(data)}-"} if data else {}
            try:
                data += self._ask("GET", f"/v1/segments/{name}", headers=headers)
            except Offline:
                if attempt == 4:
                    raise
                continue
            break
        if hashlib.sha256(data).digest() != segment.sha256:
            raise WireError("wire.damaged", "segment")
        return bytes(data)

    def live(self, seq: int, ended: threading.Event) -> Iterator[int]:
        """GET /v1/live: the server's head whenever it moves, until ENDED. Raises as the others."""
        reply = self._request("GET", f"/v1/live?seq={seq}", stream=True, read_s=LIVE_READ_S)
        try:
            for line in reply.iter_lines():
                if ended.is_set():
                    return
                if line.startswith(b"data:"):
                    yield int(json.loads(line[5:])["seq"])
        except (niquests.exceptions.RequestException, OSError, ValueError, KeyError) as error:
            raise Offline(str(error)) from None
        finally:
            reply.close()

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        reply = self._request(method, path, body, headers)
        data = reply.content or b""
        self.received += len(data)
        return data

    def _request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        *,
        stream: bool = False,
        read_s: int = READ_S,
    ) -> niquests.Response:
        reply = self._send(method, path, body, headers, stream, read_s)
        if reply.status_code == 401:
            self.session.expired()
            reply = self._send(method, path, body, headers, stream, read_s)
        if reply.status_code in (200, 206):
            return reply
        code, params = _said(reply)
        if reply.status_code in (401, 403) and code.startswith(("token.", "device.", "account.")):
            raise Unauthorised(code, **params)
        if (reply.status_code or 0) in (502, 504) or not code:
            raise Offline(str(reply.status_code))
        raise ServerProblem(code, reply.status_code or 500, **params)

    def _send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str] | None, stream: bool, read_s: int
    ) -> niquests.Response:
        try:
            access = self.session.access()
        except SessionError as error:
            if error.offline:
                raise Offline(str(error.params.get("detail", ""))) from None
            if error.code.startswith(("token.", "device.", "account.")):
                raise Unauthorised(error.code, **error.params) from None
            raise ServerProblem(error.code, 500, **error.params) from None
        try:
            return self._http.request(
                method,
                self.session.url + path,
                data=body,
                headers={"Authorization": f"Bearer {access}", **(headers or {})},
                timeout=(CONNECT_S, read_s),
                stream=stream,
                allow_redirects=False,
            )
        except (niquests.exceptions.RequestException, OSError) as error:
            raise Offline(str(error)) from None


def _said(reply: niquests.Response) -> tuple[str, dict[str, Any]]:
    """The server's code and values; "" when it is not our server that answers."""
    try:
        said = reply.json()
        return str(said["code"]), dict(said.get("params") or {})
    except (ValueError, KeyError, TypeError):
        return "", {}


Fetch = Callable[[Segment], bytes]
