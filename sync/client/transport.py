"""How the loop speaks to the server: a protocol of four verbs, and that over HTTP with few bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any, Protocol, TypeVar

import niquests

from sync import wire
from sync.client.replica import Position
from sync.client.session import DeviceSession, SessionError
from sync.wire import PullAnswer, PushAnswer, PushRequest, Segment

T = TypeVar("T")
TIMEOUT_S = (10, 60)
LIVE_TIMEOUT_S = (10, 45)  # the server says something at least every 20 s
PAGE = 5_000
# What HTTP/1.1 takes for granted, and compression that our answers have inside: a hundred bytes on every request of every laptop.
_UNSAID: dict[str, Any] = {"Accept": None, "Accept-Encoding": "", "Connection": None}
# Refusals that a login may heal, or a word with the administrator: no request would fare better.
ENDED = ("device.revoked", "account.disabled", "account.must_change")


class Offline(Exception):
    """Nobody answered, or not in full: no error, only later. `code` for the status."""

    def __init__(self, code: str = "network.offline") -> None:
        super().__init__(code)
        self.code = code


class Unauthorised(Exception):
    """The login is over: the queue stays, somebody has to log in. `code`: device.revoked, token.expired …"""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ServerProblem(Exception):
    """The server answered no to the whole request: sync.server_went_back, sync.protocol, sync.device …"""

    def __init__(self, code: str, status: int = 0, params: dict[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.params = params or {}


class Transport(Protocol):
    """What the loop needs of a server. Each raises Offline, Unauthorised, ServerProblem."""

    sent: int
    received: int

    def push(self, request: PushRequest) -> PushAnswer: ...

    def pull(self, at: Position, limit: int = PAGE) -> PullAnswer | None:
        """None: there is nothing that the replica at AT does not have."""

    def segment(self, segment: Segment) -> bytes: ...

    def live(self, seq: int) -> Iterator[int]:
        """Head seqs as the server has news; ends when the connection does."""

    def close(self) -> None: ...


class HttpTransport:
    """Over HTTP with a kept connection. TLS is verified; http goes to this machine only (`DeviceSession` sees to it)."""

    def __init__(self, session: DeviceSession, http: niquests.Session | None = None) -> None:
        self.session = session
        self.http = http or session.http
        self.sent = 0
        self.received = 0
        self._live: Any = None
        self._lock = threading.Lock()

    def push(self, request: PushRequest) -> PushAnswer:
        """See Transport."""
        answer = self._decoded(self._call("POST", "/v1/push", wire.encode(request)), PushAnswer)
        for commit, result in zip(request.commits, answer.results, strict=False):
            result.id = result.id or commit.id  # not said again where the order says it
        return answer

    def pull(self, at: Position, limit: int = PAGE) -> PullAnswer | None:
        """See Transport."""
        path = f"/v1/pull?epoch={at.epoch.hex()}&cursor={at.cursor}"
        if at.place:
            path += f"&place={at.place.hex()}"
        if limit != PAGE:
            path += f"&limit={limit}"
        data = self._call("GET", path)
        return self._decoded(data, PullAnswer) if data else None

    def segment(self, segment: Segment) -> bytes:
        """A file of the first load, verified; cut downloads go on where they were cut."""
        import hashlib

        data = bytearray()
        tries = 0
        while True:
            try:
                headers = {"Range": f"bytes={len(data)}-"} if data else {}
                got = self._call("GET", f"/v1/segments/{segment.sha256.hex()}", headers=headers, into=data)
                if hashlib.sha256(data).digest() == segment.sha256:
                    return bytes(data)
                del got
                raise Offline("network.damaged")
            except Offline:
                tries += 1
                if tries > 5 or len(data) >= segment.size:
                    raise

    def live(self, seq: int) -> Iterator[int]:
        """See Transport. Raises Offline when it ends otherwise."""
        reply = self._once("GET", f"/v1/live?seq={seq}", None, {"Accept": "text/event-stream"}, stream=True)
        with self._lock:
            self._live = reply
        if reply.status_code != 200:
            raise self._no(reply)
        sock = _socket_of(reply)
        try:
            for line in reply.iter_lines(chunk_size=1):
                text = str(line, "utf-8", "replace") if isinstance(line, bytes) else str(line)
                if text.startswith("data:"):
                    digits = "".join(c for c in text if c.isdigit())
                    if digits:
                        yield int(digits)
        except (niquests.exceptions.RequestException, OSError, AttributeError):
            raise Offline from None
        finally:
            reply.close()
            if sock is not None:  # one that was shut down or broke is let go of by nobody else
                sock.close()

    def close(self) -> None:
        """Let go of the live connection."""
        with self._lock:
            live, self._live = self._live, None
        # Closing the answer would wait for whoever reads it; a connection that is shut down wakes him.
        sock = _socket_of(live)
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    # --- parts ----------------------------------------------------------------------------------------------------------------

    def _call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        into: bytearray | None = None,
    ) -> bytes:
        """The body of an answer 200. A token that the server does not take is renewed once."""
        for last in (False, True):
            reply = self._once(method, path, body, headers or {}, stream=into is not None)
            if reply.status_code == 401 and not last:
                reply.close()
                self.session.expired()
                continue
            if reply.status_code not in (200, 204, 206):
                raise self._no(reply)
            try:
                if into is None:
                    data = reply.content or b""
                    self.received += len(data)
                    return data
                if reply.status_code == 200:
                    into.clear()
                for piece in reply.iter_content(256 * 1024):
                    into += piece
                    self.received += len(piece)
                return b""
            except (niquests.exceptions.RequestException, OSError) as error:
                raise Offline from error
        raise Offline  # not reached

    def _once(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], *, stream: bool = False
    ) -> niquests.Response:
        try:
            given = {
                "Authorization": f"Bearer {self.session.access()}",
                "User-Agent": "p/1",
                **_UNSAID,
                **headers,
            }
            timeout = LIVE_TIMEOUT_S if path.startswith("/v1/live") else TIMEOUT_S
            reply = self.http.request(
                method,
                self.session.url + path,
                data=body,
                headers=given,
                timeout=timeout,
                allow_redirects=False,
                stream=stream,
            )
        except SessionError as error:
            raise (Offline(error.code) if error.offline else Unauthorised(error.code)) from None
        except niquests.exceptions.SSLError:
            raise Offline("network.tls") from None
        except (niquests.exceptions.RequestException, OSError):
            raise Offline from None
        self.sent += len(body or b"")
        return reply

    def _no(self, reply: niquests.Response) -> Exception:
        """What an answer that is no success means."""
        status = reply.status_code or 0
        try:
            said = reply.json()
            code = str(said.pop("code"))
        except (ValueError, KeyError, AttributeError, niquests.exceptions.RequestException, OSError):
            return Offline("server.unknown")  # a proxy, a hotel's login page
        finally:
            reply.close()
        if status == 401 or code in ENDED:
            return Unauthorised(code)
        if status in (429, 502, 503, 504):
            return Offline(code)
        return ServerProblem(code, status, said)

    def _decoded(self, data: bytes, of: type[T]) -> T:
        try:
            return wire.decode(data, of)
        except wire.WireError as error:
            raise Offline("network.damaged") from error


def _socket_of(reply: niquests.Response | None) -> socket.socket | None:
    """What an answer still comes through, if anything."""
    raw = getattr(reply, "raw", None)
    connection = getattr(raw, "connection", None) or getattr(raw, "_connection", None)
    return getattr(connection, "sock", None)
