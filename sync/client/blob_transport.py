"""Files over HTTP. Whatever goes wrong is Offline (later) or Refused (the server's no, with its code)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import niquests

from sync.client.blobs import Begun, Offline, Refused
from sync.client.session import DeviceSession, SessionError

TIMEOUT_S = (10, 60)
_PIECE = 64 * 1024
_MAX_ANSWER = 8 * 1024 * 1024


class HttpBlobs:
    """The server's files for one device. PACE is called with the number of bytes that are about to move."""

    def __init__(
        self,
        session: DeviceSession,
        pace: Callable[[int], None] = lambda count: None,
        http: niquests.Session | None = None,
    ) -> None:
        self.session = session
        self.pace = pace
        self.http = http or session.http

    def begin(self, sha256: bytes, size: int) -> Begun:
        """See BlobTransport."""
        said = self._json(self._call("POST", f"/v1/blobs/{sha256.hex()}", lambda: {"json": {"size": size}}))
        try:
            return Begun(str(said["state"]), tuple(int(n) for n in said.get("missing") or ()))
        except (KeyError, TypeError, ValueError):
            raise Offline("server.unknown") from None

    def put(self, sha256: bytes, number: int, data: bytes) -> None:
        """See BlobTransport."""
        headers = {"Content-SHA256": hashlib.sha256(data).hexdigest(), "Content-Type": "application/octet-stream"}
        more = lambda: {"data": _Paced(data, self.pace), "headers": headers}  # noqa: E731
        self._call("PUT", f"/v1/blobs/{sha256.hex()}/{number}", more)

    def complete(self, sha256: bytes) -> None:
        """See BlobTransport."""
        self._call("POST", f"/v1/blobs/{sha256.hex()}/complete", dict)

    def get(self, sha256: bytes, number: int) -> bytes:
        """See BlobTransport."""
        reply = self._call("GET", f"/v1/blobs/{sha256.hex()}/{number}", lambda: {"stream": True})
        data = bytearray()
        try:
            for piece in reply.iter_content(_PIECE):
                self.pace(len(piece))
                data += piece
                if len(data) > _MAX_ANSWER:
                    raise Offline("server.unknown")
        except (niquests.exceptions.RequestException, OSError) as error:
            raise Offline(detail=str(error)[:200]) from None
        finally:
            reply.close()
        if hashlib.sha256(data).hexdigest() != str(reply.headers.get("content-sha256", "")):
            raise Offline("network.damaged")
        return bytes(data)

    # --- parts ------------------------------------------------------------------------------------------------------------------
    def _call(self, method: str, path: str, more: Callable[[], dict[str, Any]]) -> niquests.Response:
        """The server's answer. A token that it does not take is renewed once. MORE makes the request's body: it may be read twice."""
        reply = self._once(method, path, more())
        if reply.status_code == 401:
            reply.close()
            self.session.expired()
            reply = self._once(method, path, more())
        if reply.status_code in (200, 204):
            return reply
        raise self._no(reply)

    def _once(self, method: str, path: str, more: dict[str, Any]) -> niquests.Response:
        try:
            access = self.session.access()
            headers = {"Authorization": f"Bearer {access}", **more.pop("headers", {})}
            return self.http.request(
                method, self.session.url + path, headers=headers, timeout=TIMEOUT_S, allow_redirects=False, **more
            )
        except SessionError as error:
            raise (Offline(error.code) if error.offline else Refused(error.code, 401)) from None
        except (niquests.exceptions.RequestException, OSError) as error:
            raise Offline(detail=str(error)[:200]) from None

    def _no(self, reply: niquests.Response) -> Offline | Refused:
        status = reply.status_code or 0
        try:
            said = reply.json()
        except (ValueError, niquests.exceptions.RequestException, OSError):
            said = None
        finally:
            reply.close()
        code = said.get("code") if isinstance(said, dict) else None
        if not isinstance(code, str):
            # A proxy or a hotel's login page answers, not our server.
            return Offline("network.offline" if status >= 500 else "server.unknown")
        return Refused(code, status)

    def _json(self, reply: niquests.Response) -> dict[str, Any]:
        try:
            said = reply.json()
        except (ValueError, niquests.exceptions.RequestException, OSError):
            said = None
        if not isinstance(said, dict):
            raise Offline("server.unknown")
        return said


class _Paced(io.BytesIO):
    """A body that is read no faster than it may be sent."""

    def __init__(self, data: bytes, pace: Callable[[int], None]) -> None:
        super().__init__(data)
        self._pace = pace

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(_PIECE if size is None or size < 0 else min(size, _PIECE))
        if piece:
            self._pace(len(piece))
        return piece
